"""The report on a cohort file: what is wrong, what is odd, and what the book will show of it."""

import json
import shlex
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from reanalysis.analysis.centres import has_several_centres
from reanalysis.cohort import committable
from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import left_out_lines
from reanalysis.cohort.made import apply_mapping, unused
from reanalysis.cohort.mapping import NUMBERS, Mapping
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.reading import Source, read_planned
from reanalysis.cohort.validation import A_COLUMN, USED_ABOVE, examine
from reanalysis.core.dictionary import PATIENT, load_dictionary
from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.errors import CannotShow, InvalidCohort, NotRecorded, Problem, printable
from reanalysis.intake.drafting import draft_mapping, names_patients
from reanalysis.intake.overview import Overview, overview
from reanalysis.intake.suspicious import Suspicion, in_words, suspicious
from reanalysis.paper.study import ENDPOINTS, MODELLED, RATE_MONTHS, TERMS

# A longer list of problems is read by nobody; --json has more of them, and all in any real file.
_MOST_LINES = 100
_MOST_PROBLEMS = 50_000
_WIDTH = 100
_MOST_VALUES = 4
_LONGEST_VALUE = 40
_MOST_NAMED = 10
# In a larger table nothing is looked for that its owner has not asked for.
_MOST_CELLS = 1_000_000
# So many rows may be single ones to go on without.
_FEW_ROWS = 10


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
    overview
        What became of every value; empty where the file is no table.
    recognised
        Of a file in other columns than the dictionary's: which of them can be made, and from what.
    next_steps
        What to do now, the command to type first.
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
    overview: Overview = field(default_factory=Overview)
    recognised: dict[str, str] = field(default_factory=dict)
    next_steps: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the book can be built on the file."""
        return not self.problems

    def as_text(self) -> str:
        """Give the report as it is printed."""
        paragraphs = [
            _as_it_stands("git would commit this file", self.committable),
            self.verdict,
            _paragraph("How it was read", (*self.notes, *self.mapped)),
            _paragraph(_count(self.problems), joined(self.problems)),
            _paragraph("What each column became", map(str, self.overview.columns)),
            _paragraph("Altogether", filter(None, [", ".join(self.totals_in_words)])),
            _paragraph("Centre by centre", self.overview.centres),
            _paragraph("The first and the last row, as they were read", self.overview.ends),
            _paragraph("Worth a second look; nothing is refused for it", map(str, self.suspicions)),
            _paragraph(self.sections_heading, map(str, self.sections)),
            _paragraph("What it cannot show of this cohort, and why", self.limits),
        ]
        steps = _as_it_stands("What to do next", "\n".join(self.next_steps))
        return "\n\n".join(filter(None, [*paragraphs, steps]))

    @property
    def sections_heading(self) -> str:
        """What the list of sections is: of a file of others' columns, of what can be made of it."""
        once = ", once its columns are mapped" if self.recognised else ""
        return f"What the book will show{once}"

    @property
    def totals_in_words(self) -> tuple[str, ...]:
        """What the whole says; nothing of a file that holds no patient."""
        return self.overview.totals if self.patients else ()

    @property
    def verdict(self) -> str:
        """Whether and how the file can be used, in one sentence."""
        name = printable(self.file)
        if self.fits:
            patients = "patient" if self.patients == 1 else "patients"
            whole = sum(section.shown != "nothing" for section in self.sections)
            return (
                f"{name} fits: {self.patients:,} {patients}, {len(self.recorded)} columns. The "
                f"book can be built, with something to show in {whole} of {len(self.sections)} "
                "sections."
            )
        if not self.patients:
            return f"{name} does not fit: it cannot be used as it is."
        if self.recognised:
            pairs = ", ".join(
                f"{target} from {printable(s)}" for target, s in self.recognised.items()
            )
            return (
                f"{name} does not fit yet: it is a table of {self.patients:,} rows whose columns "
                f"have other names than those of the data dictionary. {len(self.recognised)} can "
                f"be made of it ({pairs}), by a mapping file."
            )
        kinds = len(list(grouped(self.problems)))
        what = "one thing stands" if kinds == 1 else f"{kinds:,} things stand"
        return (
            f"{name} does not fit yet: {what} in the way, in {_count(self.problems)} among "
            f"{self.patients:,} rows."
        )

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
            "table": [
                {
                    "column": view.name,
                    "made_from": view.made_from,
                    "numbers": view.numbers,
                    "values": [
                        {"raw": became.raw, "level": became.level, "n": became.count}
                        for became in view.became
                    ],
                    "more": view.more,
                }
                for view in self.overview.columns
            ],
            "totals": list(self.overview.totals),
            "centres": list(self.overview.centres),
            "next": list(self.next_steps),
        }
        return json.dumps(content, indent=2)  # ASCII, whatever a pipe's encoding is


def check(path: Path, mapping: Path | None = None, sheet: str = "") -> Report:
    """Compare a file with the data dictionary.

    Parameters
    ----------
    path
        The file of a cohort.
    mapping
        How its columns become those of the dictionary.
    sheet
        The sheet of a workbook, in place of the one that the mapping names.

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
        source = read_planned(path, plan, sheet)
        table, notes = source.table, source.notes
        if plan:
            table, done = apply_mapping(table, plan)
            mapped = tuple(_mapping_lines(source, plan, done))
    except InvalidCohort as refusal:
        return Report(
            path.name,
            notes=notes,
            problems=refusal.problems,
            committable=warning,
            next_steps=tuple(_next_steps(path, mapping, sheet, refusal.problems)),
        )
    examined = examine(table)
    recognised: dict[str, str] = {}
    required = [c.name for c in load_dictionary().columns.values() if c.required]
    is_theirs = plan is None and not set(required) <= set(table.columns)
    if is_theirs and table.size <= _MOST_CELLS:
        recognised = draft_mapping(table, path.name).recognised
    problems = (*source.problems, *_not_told_yet(source.problems, examined.problems))
    limits: tuple[str, ...] = ()
    if not problems:
        limits = tuple(_limits(derive(examined.typed)))
    return Report(
        path.name,
        patients=len(table),
        recorded=tuple(examined.typed.columns),
        notes=notes,
        mapped=mapped,
        problems=problems,
        suspicions=(*_patients_beside(source.table, plan), *suspicious(examined.typed)),
        sections=tuple(_sections(examined.typed, recognised)),
        limits=limits,
        committable=warning,
        overview=overview(source.table, plan, table),
        recognised=recognised,
        next_steps=tuple(_next_steps(path, mapping, sheet, problems)),
    )


def _not_told_yet(told: Sequence[Problem], found: Sequence[Problem]) -> Iterator[Problem]:
    """Leave out what follows from a row that is no patient, or from patients with several rows."""
    rows = {problem.row for problem in told if problem.row is not None}
    several = any(problem.row is None and "several rows" in problem.expected for problem in told)
    for problem in found:
        again = several and problem.expected == USED_ABOVE
        if problem.row not in rows and not again:
            yield problem


def _patients_beside(table: pd.DataFrame, plan: Mapping | None) -> Iterator[Suspicion]:
    """Find a column of patients that is not used as one, and names some of them twice."""
    used = {source for entry in plan.columns for source in entry.uses} if plan else {PATIENT}
    for name in map(str, table.columns):
        if name in used or not names_patients(name):
            continue
        times = table[name][table[name] != ""].value_counts()
        several = times[times > 1]
        # A running number of visits is small and starts again in each patient.
        if len(several) and len(times) > len(table) / 3:
            yield Suspicion(
                PATIENT,
                f"{name!r} holds {len(several):,} labels in several rows, {several.sum():,} in "
                "all: make sure that each row is a patient, and not a lesion or a visit",
            )


def _next_steps(
    path: Path, mapping: Path | None, sheet: str, problems: Sequence[Problem]
) -> Iterator[str]:
    """Say what to do now, the command to type first."""
    file, on = _quoted(path), f" --sheet {shlex.quote(sheet)}" if sheet else ""
    check_it = f"python -m reanalysis check {file}"
    with_plan = f" --mapping {_quoted(mapping)}" if mapping else ""
    if not problems:
        if sheet and not mapping:
            yield f"{check_it}{on} --draft-mapping {_quoted(path.with_suffix('.toml'))}"
            yield "(the mapping file keeps which sheet is meant)"
        else:
            plan = f" --mapping {_quoted(mapping)}" if mapping else ""
            yield f"python -m reanalysis book --cohort {file}{plan}"
        return
    if mapping is None:
        which_sheet = any("name it: --sheet" in problem.expected for problem in problems)
        if all(not problem.column for problem in problems) and not which_sheet:
            yield "Do what is said above, and then again:"
            yield f"{check_it}{on}"
            return
        yield f"{check_it}{on} --draft-mapping {_quoted(path.with_suffix('.toml'))}"
        yield "(with --interactive in place of that, it asks what it cannot know, one by one)"
        yield "Or correct a copy of the file, and check that."
    else:
        yield f"Change {printable(str(mapping))} or a copy of the file, and then again:"
        yield f"{check_it}{with_plan}"
    rows = sorted({problem.row for problem in problems if problem.row is not None})
    if 0 < len(rows) <= _FEW_ROWS:
        yield "To go on without single rows, say so in the mapping file, with the reason:"
        yield f'  [[leave_out]]\n  rows = {rows}\n  why = "..."'


def _quoted(path: Path) -> str:
    return printable(shlex.quote(str(path)))


def _mapping_lines(source: Source, plan: Mapping, done: pd.DataFrame) -> Iterator[str]:
    """Say what a mapping did to a table."""
    table = source.table
    yield from left_out_lines(source.left_out, MADE_UP)
    for name, source, what, blank in done.itertuples(index=False):
        yield f"{name} from {source}: {what}. Blank in {blank}."
    left = unused(table.drop(columns=NUMBERS, errors="ignore"), plan)
    for name, why in left[left["why"] != ""].itertuples(index=False):
        yield f"{name} not used: {why}."
    if others := list(left.loc[left["why"] == "", "column"]):
        yield f"Not used either: {', '.join(others)}."


def _sections(typed: pd.DataFrame, recognised: Collection[str]) -> Iterator[SectionReport]:
    """Say what each section has to do without, where what was recognised is mapped."""
    dictionary = load_dictionary()
    there = {*typed, *recognised}
    for section in dictionary.sections:
        used = [c.name for c in dictionary.columns.values() if section.name in c.needed_for]
        missing = tuple(name for name in used if name not in there)
        # Without needs of its own, a section has something to show while one column is left.
        needs = [name for name in section.needs if name not in there]
        if needs or (not section.needs and len(missing) == len(used)):
            yield SectionReport(section.name, "nothing", tuple(needs) or missing)
        else:
            yield SectionReport(section.name, "part" if missing else "all", missing)
    # No section of the others: without several centres there is no such page.
    if has_several_centres(typed):
        yield SectionReport("Centre by centre", "all", ())


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


def grouped(problems: Sequence[Problem]) -> Iterator[tuple[Problem, list[str], list[int]]]:
    """Put together what is the same mistake: the same expectation of the same column.

    Parameters
    ----------
    problems
        In the order of the file.

    Yields
    ------
    problem, values, rows
        The first of a kind, the different values that it was found with, and the rows.
    """
    alike: dict[tuple[str, str], tuple[Problem, dict[str, None], list[int]]] = {}
    others = [problem for problem in problems if _is_no_column(problem)]
    if len(others) > 1:
        # A table in its owner's columns: one thing, and not one for each of them.
        named = ", ".join(printable(p.column[:_LONGEST_VALUE]) for p in others[:_MOST_NAMED])
        more = len(others) - _MOST_NAMED
        named += f" and {more:,} more" if more > 0 else ""
        sentence = f"columns {named}: expected columns of the data dictionary; or leave them out"
        yield Problem(None, "", "", sentence), [""], []
        problems = [problem for problem in problems if not _is_no_column(problem)]
    for problem in problems:
        kind = (problem.column, problem.expected)
        first, values, rows = alike.setdefault(kind, (problem, {}, []))
        values.setdefault(problem.value)
        if problem.row is not None:
            rows.append(problem.row)
    for first, values, rows in alike.values():
        yield first, list(values), rows


def _is_no_column(problem: Problem) -> bool:
    return problem.row is None and problem.expected == A_COLUMN and not problem.value


def joined(problems: Sequence[Problem]) -> Iterator[str]:
    """Tell the same problem of many rows and values once.

    Parameters
    ----------
    problems
        In the order of the file.

    Yields
    ------
    str
        One line for each kind.
    """
    for shown, (problem, values, rows) in enumerate(grouped(problems)):
        if shown == _MOST_LINES:
            yield "And more; --json lists them."
            return
        text = str(replace(problem, row=None))
        if len(values) > 1:
            first = str(replace(problem, row=None, hint="")).partition(": expected")[0]
            listed = ", ".join(repr(value[:_LONGEST_VALUE]) for value in values[1:_MOST_VALUES])
            more = len(values) - _MOST_VALUES
            listed += f" and {more:,} other{'s' * (more > 1)}" if more > 0 else ""
            text = text.replace(first, f"{first}, {listed}", 1)
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
