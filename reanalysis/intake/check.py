"""The report on a cohort file: what is wrong, what is odd, and what the book will show of it."""

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reanalysis.cohort import committable
from reanalysis.cohort.derived import derive
from reanalysis.cohort.mapping import Mapping, apply_mapping, load_mapping, unused
from reanalysis.cohort.reading import read_planned
from reanalysis.cohort.validation import examine
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import CannotShow, InvalidCohort, NotRecorded, Problem, printable
from reanalysis.intake.suspicious import Suspicion, in_words, suspicious
from reanalysis.paper.study import ENDPOINTS, MODELLED, RATE_MONTHS, TERMS

# A longer list of problems is read by nobody; --json has more of them, and all in any real file.
_MOST_LINES = 100
_MOST_PROBLEMS = 50_000
_WIDTH = 100


@dataclass(frozen=True)
class SectionReport:
    """What a section of the book will show.

    Attributes
    ----------
    name
        The section.
    shown
        ``all``, ``part`` or ``nothing``.
    missing
        Columns that are not recorded and would be used, as the data dictionary spells them.
    """

    name: str
    shown: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        labels = load_dictionary().columns
        names = ", ".join(f"{labels[name].label} ({name})" for name in self.missing)
        match self.shown:
            case "all":
                return f"{self.name}: everything."
            case "nothing":
                return f"{self.name}: nothing, because it needs {names}."
        return f"{self.name}: all but what needs {names}."


@dataclass(frozen=True)
class Report:
    """What ``check`` has to say about a file.

    Attributes
    ----------
    file
        Its name.
    patients
        Rows with a value; 0 where the file is no table.
    recorded
        Columns of the dictionary that hold values.
    notes
        How the file was read, where there was a choice.
    mapped
        What a mapping file did, column by column, and what it left out.
    problems
        What does not fit.
    suspicions
        What fits and looks like a mistake.
    sections
        What each section of the book will show; empty where the file is no table.
    limits
        What this cohort cannot give although it is recorded, and why; of a cohort that fits.
    committable
        That git would commit the file, and what to do; empty if it would not.
    """

    file: str
    patients: int = 0
    recorded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    sections: tuple[SectionReport, ...] = ()
    limits: tuple[str, ...] = ()
    committable: str = ""

    @property
    def fits(self) -> bool:
        """Whether the book can be built on the file."""
        return not self.problems

    def as_text(self) -> str:
        """Give the report as it is printed."""
        paragraphs = [
            _as_it_stands("git would commit this file", self.committable),
            _paragraph("How it was read", (*self.notes, *self.mapped)),
            _paragraph(_count(self.problems), _joined(self.problems)),
            _paragraph("Worth a second look; nothing is refused for it", map(str, self.suspicions)),
            _paragraph("What the book will show", map(str, self.sections)),
            _paragraph("What it cannot show of this cohort, and why", self.limits),
        ]
        name = printable(self.file)
        verdict = f"{name} does not fit."
        if self.fits:
            verdict = f"{name} fits: {self.patients:,} patients, {len(self.recorded)} columns."
        return "\n\n".join([*filter(None, paragraphs), verdict])

    def as_json(self) -> str:
        """Give the report for a program: one object, in UTF-8."""
        content: dict[str, Any] = {
            "file": self.file,
            "fits": self.fits,
            "patients": self.patients,
            "columns": list(self.recorded),
            "git_would_commit_it": self.committable,
            "read": list(self.notes),
            "mapping": list(self.mapped),
            "problems": [
                {
                    "row": problem.row,
                    "column": problem.column,
                    "value": problem.value,
                    "expected": problem.expected,
                    "hint": problem.hint,
                    "message": str(problem),
                }
                for problem in self.problems[:_MOST_PROBLEMS]
            ],
            "problems_left_out": max(len(self.problems) - _MOST_PROBLEMS, 0),
            "suspicions": [
                {"column": s.column, "rows": list(s.rows), "message": s.message}
                for s in self.suspicions
            ],
            "sections": [
                {"section": s.name, "shown": s.shown, "missing": list(s.missing)}
                for s in self.sections
            ],
            "limits": list(self.limits),
        }
        return json.dumps(content, indent=2, ensure_ascii=False)


def check(path: Path, mapping: Path | None = None) -> Report:
    """Compare a file with the data dictionary.

    Parameters
    ----------
    path
        The file of a cohort.
    mapping
        How its columns become those of the dictionary.

    Returns
    -------
    Report
        Everything there is to say; a file that does not fit is no exception here.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    notes: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()
    warning = committable.warning(path) or ""
    try:
        plan = load_mapping(mapping) if mapping else None
        source = read_planned(path, plan)
        table, notes = source.table, source.notes
        if plan:
            table, done = apply_mapping(table, plan)
            mapped = tuple(_mapping_lines(source.table, plan, done))
    except InvalidCohort as refusal:
        return Report(path.name, notes=notes, problems=refusal.problems, committable=warning)
    examined = examine(table)
    limits: tuple[str, ...] = ()
    if not examined.problems:
        limits = tuple(_limits(derive(examined.typed)))
    return Report(
        path.name,
        patients=len(table),
        recorded=tuple(examined.typed.columns),
        notes=notes,
        mapped=mapped,
        problems=examined.problems,
        suspicions=tuple(suspicious(examined.typed)),
        sections=tuple(_sections(examined.typed)),
        limits=limits,
        committable=warning,
    )


def _mapping_lines(table: pd.DataFrame, plan: Mapping, done: pd.DataFrame) -> Iterator[str]:
    """Say what a mapping did to a table."""
    for name, source, what, blank in done.itertuples(index=False):
        yield f"{name} from {source}: {what}. Blank in {blank}."
    left = unused(table, plan)
    for name, why in left[left["why"] != ""].itertuples(index=False):
        yield f"{name} not used: {why}."
    if others := list(left.loc[left["why"] == "", "column"]):
        yield f"Not used either: {', '.join(others)}."


def _sections(typed: pd.DataFrame) -> Iterator[SectionReport]:
    """Say what each section has to do without."""
    dictionary = load_dictionary()
    for section in dictionary.sections:
        used = [c.name for c in dictionary.columns.values() if section.name in c.needed_for]
        missing = tuple(name for name in used if name not in typed)
        # Without needs of its own, a section has something to show while one column is left.
        needs = [name for name in section.needs if name not in typed]
        if needs or (not section.needs and len(missing) == len(used)):
            yield SectionReport(section.name, "nothing", tuple(needs) or missing)
        else:
            yield SectionReport(section.name, "part" if missing else "all", missing)


def _limits(cohort: pd.DataFrame) -> Iterator[str]:
    """Say which results this cohort cannot give although it records what they need."""
    # Imported here: a file that does not fit is refused before lifelines has loaded.
    from reanalysis.analysis.regression import hindrance, reasons
    from reanalysis.analysis.survival import event_times

    for endpoint in ENDPOINTS.values():
        try:
            times = event_times(cohort, endpoint)
        except NotRecorded:
            continue
        events, longest = int(times["event"].sum()), times["months"].max()
        if events == 0:
            yield (
                f"{endpoint.label}: {endpoint.event_in_words} in none of {len(times):,} patients, "
                "so its curve stays at 100 % and nothing can be compared."
            )
        elif late := [str(m) for m in RATE_MONTHS if longest < m]:
            yield (
                f"{endpoint.label}: no rate at {' and '.join(late)} months, because nobody was "
                f"observed for longer than {longest:.1f}."
            )
        if endpoint in MODELLED and events:
            hindered = {t.column: hindrance(cohort, endpoint, [t]) for t in TERMS}
            # What is not recorded stands with the sections already.
            told: dict[str, CannotShow] = {
                column: reason
                for column, reason in hindered.items()
                if reason and not isinstance(reason, NotRecorded)
            }
            for sentence in reasons(told):
                yield f"{endpoint.label}, hazard ratios: {sentence}"


def _count(problems: tuple[Problem, ...]) -> str:
    return "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"


def _joined(problems: tuple[Problem, ...]) -> Iterator[str]:
    """Tell the same problem of many rows once."""
    alike: dict[Problem, list[int]] = {}
    for problem in problems:
        key = Problem(None, problem.column, problem.value, problem.expected, problem.hint)
        alike.setdefault(key, [])
        if problem.row is not None:
            alike[key].append(problem.row)
    for shown, (problem, rows) in enumerate(alike.items()):
        if shown == _MOST_LINES:
            which = "all of them" if len(problems) <= _MOST_PROBLEMS else f"{_MOST_PROBLEMS:,}"
            yield f"And {len(alike) - shown:,} more; --json lists {which}."
            return
        text = str(problem)
        yield text.replace("column ", f"{in_words(rows)}, ", 1) if rows else text


def _as_it_stands(heading: str, text: str) -> str:
    """Give a heading and lines that hold commands to copy; nothing where there is no line."""
    return "\n".join([f"{heading}:", textwrap.indent(text, "  ")]) if text else ""


def _paragraph(heading: str, lines: Iterable[str]) -> str:
    """Give a heading and its lines, wrapped and indented; nothing where there is no line."""
    wrapped = [
        textwrap.fill(
            line,
            width=_WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
    ]
    return "\n".join([f"{heading}:", *wrapped]) if wrapped else ""
