"""One file, what its owner has said about it, and what follows: the mapping and the report.

Everything follows anew from the file and the answers, so that any of them can be taken back. The
file is held in memory. Readers want it on disk: for as long as they read, a copy lies in a folder
that nobody else may open.
"""

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reanalysis.cohort.reading import read_source
from reanalysis.core.errors import InvalidCohort, Problem
from reanalysis.intake.asking import (
    Plan,
    Question,
    answer,
    as_toml,
    ask_again,
    questions,
    take_from,
)
from reanalysis.intake.check import Report, check, grouped
from reanalysis.intake.drafting import Draft, draft_of
from reanalysis.intake.mending import mend, ways

Place = tuple[str, ...]


@dataclass(frozen=True)
class Mend:
    """A way on from a problem that was chosen; the fields are those of ``mending.mend``."""

    problem: Problem
    rows: tuple[int, ...]
    way: str
    why: str


@dataclass(frozen=True)
class Obstacle:
    """Problems of one kind, and the ways on from them."""

    problem: Problem
    values: tuple[str, ...]
    rows: tuple[int, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands.

    Attributes
    ----------
    plan
        The mapping so far, as parsed.
    answered
        The questions that were answered, with the answers.
    open
        Those that are left.
    """

    plan: Plan
    answered: tuple[tuple[Question, str], ...]
    open: tuple[Question, ...]


@dataclass
class Conversation:
    """A file and what was said about it.

    Attributes
    ----------
    name
        What the file is called.
    raw
        Its bytes.
    draft
        What was recognised.
    table
        Every cell as ``str``, in the columns of its owner.
    notes
        How the file was read, where there was a choice.
    sources
        Columns of the dictionary that are made from others than was drafted.
    reopened
        Columns of which nothing is taken as recognised.
    answers
        By their places in the mapping.
    mends
        Ways on from problems, in the order in which they were chosen.

    The last report is kept with the mapping that it was made by: most pages show it again.
    """

    name: str
    raw: bytes
    draft: Draft
    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)
    answers: dict[Place, str] = field(default_factory=dict)
    mends: list[Mend] = field(default_factory=list)
    _reported: tuple[str, Report] | None = field(default=None, init=False, repr=False)

    def standing(self) -> Standing:
        """Follow everything that was said, from the draft on."""
        plan = tomllib.loads(self.draft.text)
        for name, source in self.sources.items():
            take_from(plan, name, source, self.table, self.draft.doubtful)
        for name in self.reopened:
            ask_again(plan, name, self.table)
        answered: list[tuple[Question, str]] = []
        # An answer may close other questions, or open one.
        while question := self._next_answered(plan):
            given = self.answers[question.place]
            answer(plan, question, given, self.table, self.draft.doubtful)
            answered.append((question, given))
        still_open = tuple(questions(plan, self.table, self.draft))
        if not still_open:
            for chosen in self.mends:
                if chosen.way in ways(plan, chosen.problem, chosen.rows, self.table):
                    mend(plan, chosen.problem, chosen.rows, self.table, chosen.way, chosen.why)
        return Standing(plan, tuple(answered), still_open)

    def _next_answered(self, plan: Plan) -> Question | None:
        for question in questions(plan, self.table, self.draft):
            if self.answers.get(question.place) in question.options:
                return question
        return None

    def take_from(self, name: str, source: str) -> None:
        """Make a column of the dictionary from another one of the file."""
        self.sources[name] = source
        self.forget(name)

    def ask_again(self, name: str) -> None:
        """Take nothing of a column as recognised or answered."""
        self.forget(name)
        self.reopened.add(name)

    def forget(self, name: str) -> None:
        """Take back the answers about a column."""
        self.answers = {p: given for p, given in self.answers.items() if p[1:2] != (name,)}

    def obstacles(self, report: Report, plan: Plan) -> tuple[Obstacle, ...]:
        """Put the problems of a report together, with the ways on from each kind.

        Parameters
        ----------
        report
            What ``check`` found.
        plan
            The mapping that it was found with.
        """
        return tuple(
            Obstacle(first, tuple(values), tuple(rows), ways(plan, first, rows, self.table))
            for first, values, rows in grouped(report.problems)
        )

    def report(self, plan: Plan) -> Report:
        """Compare the file with the data dictionary by a mapping."""
        text = as_toml(plan)
        if self._reported is None or self._reported[0] != text:
            with laid_down(self.name, self.raw, text) as (path, mapping):
                self._reported = text, check(path, mapping)
        return self._reported[1]


def begin(name: str, raw: bytes, sheet: str = "") -> Conversation:
    """Begin a conversation about a file.

    Parameters
    ----------
    name
        What it is called, without a folder.
    raw
        Its bytes.
    sheet
        Which of its sheets, where it has several.

    Raises
    ------
    InvalidCohort
        If it cannot be read.
    """
    with laid_down(name, raw) as (path, _):
        draft = draft_of(path, sheet)
        source = read_source(path, draft.sheet)
    if source.table.empty:
        sentence = f"{name} holds a header and no row below it; expected one row for each patient."
        raise InvalidCohort([Problem(None, "", "", sentence)])
    return Conversation(name, raw, draft, source.table, source.notes)


@contextmanager
def laid_down(name: str, raw: bytes, mapping: str = "") -> Iterator[tuple[Path, Path]]:
    """Lay a file and a mapping down for those who read from disk, and take both away after.

    Parameters
    ----------
    name
        What the file is called, without a folder.
    raw
        Its bytes.
    mapping
        The mapping file.

    Yields
    ------
    path, mapping : pathlib.Path
        In a folder that only this user may open.
    """
    with tempfile.TemporaryDirectory(prefix="reanalysis-", ignore_cleanup_errors=True) as folder:
        path, plan = Path(folder) / "file" / name, Path(folder) / "mapping.toml"
        path.parent.mkdir()
        path.write_bytes(raw)
        plan.write_text(mapping, encoding="utf-8")
        yield path, plan
