"""Draft a mapping file from the header and the values of somebody's own table.

A draft is made to be read and edited. What names and spellings tell is proposed; a unit that the
header does not state and a code that could mean anything are left as ``"?"``, and a mapping file
with one is refused. As soon as one value of a column is not what the dictionary says, no code of it
is taken to mean what it would mean there.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from reanalysis.cohort.dates import ORDERS, looks_like_dates, order_of
from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.hints import UNKNOWN
from reanalysis.cohort.mapping import HIDDEN_ROWS, factors, is_code, toml_string
from reanalysis.cohort.numerals import Doubt
from reanalysis.cohort.reading import first_rows, read_source
from reanalysis.cohort.rows import ONE_ROW, note_rows, summary_rows
from reanalysis.core import paths
from reanalysis.core.dictionary import FOLLOW_UP, PATIENT, Column, load_dictionary
from reanalysis.intake.suspicious import likely_units

ASK = "?"
# More different values than this are no levels.
MOST_LEVELS = 30
# An event has fewer different values, a time more.
_MOST_OF_AN_EVENT = 8
_SHOWN = 5
_LONGEST_HEADER = 200
# Shorter names of a column stand within many words.
_LETTERS = 4
# That most cells of a column are numbers is said of so many of them.
_MOST = 0.5
# A time beside nearly every patient, whether the event happened or not.
_NEARLY_ALL = 0.9
# What a program puts before a level: 1:DECEASED, 0 = alive, (2) female.
_PREFIX = re.compile(r"\(?[0-9]{1,2}\)? ?[:=.)_-]+ ?(?=\D)")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
_START = "start"
_REDCAP = frozenset({"redcapeventname", "redcaprepeatinstrument", "eventname", "repeatinstrument"})


@dataclass(frozen=True)
class Draft:
    """A drafted mapping file.

    Attributes
    ----------
    text
        The TOML.
    recognised
        Columns of the dictionary that it makes, with the columns of the file.
    asked
        How many units, codes and other choices are left to be stated.
    candidates
        Columns of the file among which one of the dictionary is to be chosen.
    sheet
        The sheet of a workbook that it is for, where there are several.
    doubtful
        Columns of the file whose numbers can be read in two ways.
    """

    text: str
    recognised: dict[str, str]
    asked: int
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str = ""
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """Where a column of the dictionary may come from."""

    column: Column
    candidates: tuple[str, ...]
    since: str = ""
    others: tuple[str, ...] = ()
    filled: bool = False

    @property
    def source(self) -> str:
        return self.candidates[0]

    @property
    def open(self) -> bool:
        """Whether its owner has to say which of several columns it is."""
        return len(self.candidates) > 1


def draft_mapping(
    table: pd.DataFrame,
    about: str,
    *,
    sheet: str = "",
    doubts: Iterable[Doubt] = (),
    hidden: Sequence[int] = (),
) -> Draft:
    """Draft a mapping file.

    Parameters
    ----------
    table
        Every cell as ``str``, in the columns of its owner.
    about
        What the file is called.
    sheet
        The sheet of a workbook that it was read from, where there are several.
    doubts
        Columns whose numbers can be read in two ways.
    hidden
        Rows with values that a spreadsheet does not show.

    Returns
    -------
    Draft
        A mapping of the columns and levels that were recognised.
    """
    odd = {**summary_rows(table), **note_rows(table)}
    patients = table.drop(index=list(odd))
    found, also = _recognise(patients)
    used = {s for f in found.values() for s in (f.source, *f.others)}
    missing = _missing(patients, used)
    lines = [
        "# A draft: read every line, and state what is marked with a question mark.",
        f"about = {toml_string(about)}",
        *([f"sheet = {toml_string(sheet)}"] if sheet else []),
        f"missing = [{', '.join(map(toml_string, missing))}]",
        *_about_rows(patients, found, hidden),
    ]
    if odd:
        rows = sorted(index + FIRST_ROW for index in odd)
        named = ", ".join(repr(odd[row - FIRST_ROW][:40]) for row in rows[:_SHOWN])
        lines += ["", "[[leave_out]]", f"rows = {rows}"]
        lines += [f"why = {toml_string(f'no patients: {named}')}"]
    if PATIENT not in found:
        lines += ["", f"[columns.{PATIENT}]", "# no column of labels was recognised"]
        lines += ["numbered = true"]
    marks = {doubt.column: doubt for doubt in doubts}
    for name in load_dictionary().columns:
        if name in found:
            lines += ["", *_entry(found[name], patients, set(missing), also.get(name, ()), marks)]
    wanted = dict(_wanted(patients, found))
    for name, headers in wanted.items():
        listed = " or ".join(map(toml_string, headers[:_SHOWN]))
        lines += ["", f"[columns.{name}]"]
        lines += [f"from = {toml_string(ASK)}" + (f"  # perhaps {listed}" if listed else "")]
    taken = {s for f in found.values() for s in (*f.candidates, *f.others, f.since)}
    if left := [str(name) for name in table.columns if name not in taken]:
        named_too = {other: name for name, others in also.items() for other in others}
        lines += ["", "[not_used]"]
        for name in left:
            why = "no column of the dictionary was recognised"
            if name in named_too:
                target = named_too[name]
                why = f"{target} is made from {found[target].source}, and could be from this"
            lines.append(f"{toml_string(name)} = {toml_string(why)}")
    text = "\n".join([*lines, ""])
    recognised = {name: found[name].source for name in load_dictionary().among(found)}
    candidates = {name: f.candidates for name, f in found.items() if f.open} | wanted
    return Draft(
        text, recognised, text.count(f"= {toml_string(ASK)}"), candidates, sheet, tuple(marks)
    )


def draft_of(path: Path, sheet: str = "") -> Draft:
    """Draft a mapping file for a file.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet of a workbook; without one, the one with the most columns that are recognised.

    Returns
    -------
    Draft
        As ``draft_mapping``.

    Raises
    ------
    InvalidCohort
        If the file cannot be read.
    FileNotFoundError
        If there is no such file.
    """
    headers = first_rows(path)
    if not sheet and len(headers) > 1:
        sheet = likely_sheet(headers)
    source = read_source(path, sheet)
    return draft_mapping(
        source.table, path.name, sheet=sheet, doubts=source.doubts, hidden=source.hidden
    )


def likely_sheet(headers: Mapping[str, Sequence[str]]) -> str:
    """Say which sheet of a workbook holds the patients, by how many columns are recognised.

    Parameters
    ----------
    headers
        The first filled row of each sheet with values.

    Returns
    -------
    str
        The sheet; the first of those that are equally likely.
    """

    def recognised(name: str) -> int:
        words = [_split(header)[0] for header in headers[name]]
        return sum(
            any(squeezed(word) in _names(column) for word in words)
            for column in load_dictionary().columns.values()
        )

    return max(headers, key=recognised)


def _about_rows(
    table: pd.DataFrame, found: dict[str, _Found], hidden: Sequence[int]
) -> Iterator[str]:
    """Yield what is to be said of rows: hidden ones, several of a patient, times of censoring."""
    if hidden:
        rows = ", ".join(map(str, hidden[:_SHOWN])) + (", ..." if len(hidden) > _SHOWN else "")
        choice = " or ".join(map(toml_string, HIDDEN_ROWS))
        yield f"hidden_rows = {toml_string(ASK)}  # {choice}: rows {rows}"
    if PATIENT in found:
        labels = table[found[PATIENT].source]
        times = labels[labels != ""].value_counts()
        if (times > 1).sum() > 1:
            choice = " or ".join(map(toml_string, ONE_ROW))
            # REDCap writes one row for each event and each repeated form of a patient.
            redcap = any(squeezed(_words(str(name))) in _REDCAP for name in table.columns)
            yield (
                'one_row_per_patient = "merged"  # each row of REDCap holds a part of a patient'
                if redcap
                else f"one_row_per_patient = {toml_string(ASK)}  # {choice}: "
                f"{(times > 1).sum():,} labels stand in several rows"
            )
    for name, entry in found.items():
        condition = entry.column.condition
        if not condition or condition[0] not in found or entry.since:
            continue
        event = found[condition[0]]
        levels = levels_of(event.column, _values(table[event.source], set()))
        without = table[event.source].map(levels).fillna(table[event.source]) != condition[1]
        times_there = table[entry.source][without & (table[event.source] != "")] != ""
        if len(times_there) and times_there.mean() >= _NEARLY_ALL:
            yield f"# {name} is filled beside {condition[0]} of 0, too"
            yield "times_of_censoring = true"
            return


def _missing(table: pd.DataFrame, used: Collection[str]) -> list[str]:
    """Give the texts that mean 'not known'; never one that is a level somewhere."""
    levels = {level.casefold() for c in load_dictionary().columns.values() for level in c.levels}
    cells = {cell for name in used for cell in table[name].unique() if cell}
    return sorted(cell for cell in cells if cell.casefold() in UNKNOWN - levels)


# --- which column is which ------------------------------------------------------------------------


def _recognise(table: pd.DataFrame) -> tuple[dict[str, _Found], dict[str, tuple[str, ...]]]:
    """Find the columns of the file that each column of the dictionary is made from.

    Returns
    -------
    found, also
        Where each comes from; and what else says the same under another name.
    """
    dictionary = load_dictionary().columns
    taken: set[str] = set()
    found: dict[str, _Found] = {}
    also: dict[str, tuple[str, ...]] = {}
    # A name of the dictionary before a synonym, so that no synonym takes its place.
    for name in map(str, table.columns):
        if (exact := name.casefold()) not in dictionary:
            continue
        # 'death' and 'Death' that tell patients apart in two ways: which is meant?
        earlier = found[exact].candidates if exact in found else ()
        if not earlier or not _say_the_same(table[earlier[0]], table[name]):
            found[exact] = _Found(dictionary[exact], (*earlier, name))
        taken.add(name)
    candidates: dict[str, list[str]] = {}
    for name in map(str, table.columns):
        if name not in taken and (target := _target(name, table[name])):
            candidates.setdefault(target, []).append(name)
    for target, names in candidates.items():
        if target in found:
            also[target] = tuple(names)
            continue
        # Columns that say the same are one; of others, only their owner knows which is meant.
        first = table[names[0]]
        alike = [name for name in names[1:] if _say_the_same(first, table[name])]
        different = [name for name in names[1:] if name not in alike]
        found[target] = _Found(dictionary[target], (names[0], *different))
        if alike:
            also[target] = tuple(alike)
    used = {s for f in found.values() for s in f.candidates}
    _add_time_of_death(table, found, used)
    _add_dates(table, found, used)
    return {name: found[name] for name in dictionary if name in found}, also


def _target(header: str, cells: pd.Series) -> str:
    """Give the column of the dictionary that a header and its values mean; empty for none."""
    words, unit = _split(header)
    key = squeezed(words)
    columns = load_dictionary().columns
    if looks_like_dates(cells):
        return ""
    named = [c for c in columns.values() if key in _names(c) and (not unit or _has(c, unit))]
    for column in named:
        if _is_possible(column, cells):
            return column.name
    # OS beside OS.time: where the values are those of an event, the name of a time means it.
    for column in named:
        event = _event_of(column)
        if event and not unit and _is_possible(columns[event], cells):
            return event
    return ""


def _has(column: Column, unit: str) -> bool:
    return unit in factors(column.unit)


def _event_of(column: Column) -> str:
    """Give the event whose time a column is."""
    if column.name == FOLLOW_UP:
        return "death" if "death" in load_dictionary().columns else ""
    condition = column.condition
    return condition[0] if condition and condition[1] == "1" else ""


def _is_possible(column: Column, cells: pd.Series) -> bool:
    """Whether values can be those of a column: no time is 0 or 1, no event 12.5."""
    values = _values(cells, set())
    known = [value for value in values if value.casefold() not in UNKNOWN]
    if not known:
        return True
    numbers = pd.to_numeric(pd.Series(known), errors="coerce")
    share = float(numbers.notna().mean())
    if column.type == "event":
        return (
            len(known) <= _MOST_OF_AN_EVENT
            and not (numbers % 1 != 0).where(numbers.notna(), other=False).any()
        )
    if column.type == "level":
        return len(known) <= MOST_LEVELS
    if column.unit == "months" and set(known) <= {"0", "1"} and column.name == FOLLOW_UP:
        return False
    if column.unit == "months" and set(known) == {"0", "1"}:
        return False
    if column.is_numeric:
        with_commas = pd.Series(known).str.replace(",", ".", regex=False)
        return (
            share >= _MOST
            or float(pd.to_numeric(with_commas, errors="coerce").notna().mean()) >= _MOST
        )
    return True


def _add_time_of_death(table: pd.DataFrame, found: dict[str, _Found], used: set[str]) -> None:
    """Find a time to death beside one to the last follow-up: each is blank where the other is."""
    follow_up = found.get(FOLLOW_UP)
    event = _event_of(load_dictionary().columns[FOLLOW_UP])
    if not event or not follow_up or follow_up.open:
        return
    unit = _split(follow_up.source)[1]
    for name in map(str, table.columns):
        words, own = _split(name)
        is_time = squeezed(words) in _names(load_dictionary().columns[event]) and own
        if name not in used and is_time and own == unit:
            if _is_possible(follow_up.column, table[name]):
                found[FOLLOW_UP] = replace(
                    follow_up, candidates=(name,), others=(follow_up.source,)
                )
                used.add(name)
            return


def _say_the_same(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns tell the same patients apart, whatever they call it."""
    if (one == other).all():
        return True
    if max(one.nunique(), other.nunique()) > min(_MOST_OF_AN_EVENT, len(one) / 2):
        return False
    pairs = len(set(zip(one, other, strict=True)))
    return pairs == one.nunique() == other.nunique()


def _add_dates(table: pd.DataFrame, found: dict[str, _Found], used: set[str]) -> None:
    """Find times that stand in the file as dates, and events of which only the date does."""
    columns = load_dictionary().columns
    dates: dict[str, list[str]] = {}
    for name in map(str, table.columns):
        if name in used or not looks_like_dates(table[name]):
            continue
        for meaning, called in _date_names().items():
            if squeezed(_words(name)) in called:
                dates.setdefault(meaning, []).append(name)
                break
    if _START not in dates:
        return
    since = dates.pop(_START)[0]
    ends = [name for kind in ("death", FOLLOW_UP) for name in dates.get(kind, ())]
    if FOLLOW_UP not in found and ends:
        found[FOLLOW_UP] = _Found(columns[FOLLOW_UP], (ends[0],), since, tuple(ends[1:]))
    for event, names in dates.items():
        if event in columns and columns[event].type == "event" and event not in found:
            found[event] = _Found(columns[event], (names[0],), filled=True)
        months = next((c for c in columns.values() if c.condition == (event, "1")), None)
        months = months or columns.get(event) if event != FOLLOW_UP else None
        if months and months.unit == "months" and months.name not in found:
            found[months.name] = _Found(months, (names[0],), since)


def _wanted(
    table: pd.DataFrame, found: Mapping[str, _Found]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the required columns that were not found, with those of the file that may be them."""
    used = {s for f in found.values() for s in f.candidates}
    for column in load_dictionary().columns.values():
        if not column.required or column.name in found or column.name == PATIENT:
            continue
        possible = [
            str(name)
            for name in table.columns
            if name not in used and _is_possible(column, table[name])
        ]
        # Those whose header holds a name of it come first.
        named = [name for name in possible if _holds_a_name(name, column)]
        yield column.name, (*named, *(name for name in possible if name not in named))


def _holds_a_name(header: str, column: Column) -> bool:
    key = squeezed(_words(header))
    return any(name in key for name in _names(column) if len(name) >= _LETTERS)


# --- what is written of one -----------------------------------------------------------------------


def _entry(
    found: _Found,
    table: pd.DataFrame,
    missing: set[str],
    also: Sequence[str],
    marks: dict[str, Doubt],
) -> Iterator[str]:
    """Yield the lines of one ``[columns.*]`` table."""
    column, source = found.column, found.source
    cells = table[source][~table[source].isin({"", *missing})]
    yield f"[columns.{column.name}]"
    if found.open:
        named = " or ".join(map(toml_string, found.candidates))
        yield f"from = {toml_string(ASK)}  # {named}: they differ"
        cells = pd.concat([table[name] for name in found.candidates])
        cells = cells[~cells.isin({"", *missing})]
    elif found.others:
        names = ", ".join(map(toml_string, (source, *found.others)))
        yield f"from = [{names}]"
        yield 'take = "last"'
    else:
        yield f"from = {toml_string(source)}"
    if also:
        yield f"# {' and '.join(map(toml_string, also))} could be meant, too"
    if found.since:
        yield f"since = {toml_string(found.since)}"
        written = pd.concat([table[name] for name in (source, *found.others, found.since)])
        if not order_of(written.unique()):
            choice = " or ".join(map(toml_string, ORDERS))
            example = next(cell for cell in written if cell)
            yield f"dates = {toml_string(ASK)}  # {choice}, of such as {example}"
        return
    if found.filled:
        yield 'filled = "1"'
        yield 'blank = "0"'
        return
    if column.is_numeric and source in marks:
        doubt = marks[source]
        mark, other = (",", ".") if "," in doubt.example else (".", ",")
        yield (
            f'decimal = {toml_string(ASK)}  # "{mark}" if {doubt.example} is {doubt.as_decimal}, '
            f'"{other}" if it is {doubt.as_thousands}'
        )
    if factors(column.unit) and source.casefold() != column.name:
        units = {_split(name)[1] for name in found.candidates}
        unit = units.pop() if len(units) == 1 else ""
        if not unit and column.unit == "years":
            # Ages are in years wherever they can be.
            likely = likely_units(column, pd.to_numeric(cells, errors="coerce").dropna())
            unit = column.unit if f"in {column.unit} " in likely else ""
        yield f"unit = {toml_string(unit or ASK)}" + (
            "" if unit else f"  # {_among(column, cells)}"
        )
    if column.choices:
        values = _values(cells, missing)
        if len(values) <= MOST_LEVELS:
            levels = levels_of(column, values, source)
            if any(level != value for value, level in levels.items()):
                yield f"# allowed: {', '.join(column.choices)}"
                pairs = [
                    f"{toml_string(value)} = {toml_string(levels[value])}"
                    for value in sorted(levels)
                    if levels[value] != value or ASK in levels.values()
                ]
                yield "levels = { " + ", ".join(pairs) + " }"
    elif column.is_numeric and source not in marks:
        odd = cells[pd.to_numeric(cells, errors="coerce").isna()].unique()
        if len(odd):
            shown = ", ".join(f'{toml_string(value)} = "why"' for value in sorted(odd)[:_SHOWN])
            yield f"# no numbers; to leave them blank: set_blank = {{ {shown} }}"


def _values(cells: pd.Series, missing: set[str]) -> list[str]:
    return [str(value) for value in cells.unique() if value and value not in missing]


def levels_of(column: Column, values: Sequence[str], header: str = "") -> dict[str, str]:
    """Give the level of each value; where one is not known, no code is taken for granted.

    Parameters
    ----------
    column
        A column of the dictionary that has levels.
    values
        What stands in the file.
    header
        What the file calls the column. One that does not say what it is that happened, such as
        'status' or a name that is not known, says nothing of what 1 and 'yes' are.
    """
    levels = {value: _level(column, value) for value in values}
    if header and column.type == "event" and not _says_what_happened(header, column):
        answers = {squeezed(_words(word)) for word in _synonyms()["undirected"]["answers"]}
        levels = {
            value: ASK if is_code(value) or squeezed(_words(value)) in answers else level
            for value, level in levels.items()
        }
    if ASK in levels.values():
        levels = {value: ASK if is_code(value) else level for value, level in levels.items()}
    return levels


def _says_what_happened(header: str, column: Column) -> bool:
    """Whether a header says of which event a 1 is."""
    key = squeezed(_split(header)[0])
    open_ones = {squeezed(_words(n)) for n in _synonyms()["undirected"].get(column.name, ())}
    return key in _names(column) - open_ones


def _among(column: Column, cells: pd.Series) -> str:
    likely = likely_units(column, pd.to_numeric(cells, errors="coerce").dropna())
    told = f"; {likely}" if likely else ""
    return "one of " + ", ".join(factors(column.unit)) + told


def _level(column: Column, value: str) -> str:
    """Give the level that a spelling means, or a question mark."""
    spelled = {squeezed(_words(value)), squeezed(_words(_PREFIX.sub("", value, count=1)))}
    if value in column.choices:
        return value
    for level in column.levels:
        if squeezed(_words(level)) in spelled:
            return level
    synonyms = _synonyms()["levels"].get("event" if column.type == "event" else column.name, {})
    return next(
        (
            level
            for level, others in synonyms.items()
            if spelled & {squeezed(_words(other)) for other in others}
        ),
        ASK,
    )


def _split(header: str) -> tuple[str, str]:
    """Split a header into its words and the unit that it states."""
    words = _words(header[:_LONGEST_HEADER])
    for unit, written in _written_units():
        if words.startswith(f"{written} to "):
            return words.removeprefix(f"{written} to "), _units()[unit]
        if words.endswith(f" {written}"):
            return words.removesuffix(f" {written}").removesuffix(" in"), _units()[unit]
        if not written.isascii() and words.endswith(written) and words != written:
            return words.removesuffix(written).strip(), _units()[unit]
    return words, ""


@cache
def _units() -> dict[str, str]:
    """Give each way to write a unit with the unit that it is."""
    known = {u: u for c in load_dictionary().columns.values() for u in factors(c.unit)}
    singular = {unit.removesuffix("s"): unit for unit in known if unit.endswith("s")}
    others = {
        other: unit for unit, names in _synonyms().get("units", {}).items() for other in names
    }
    return known | singular | others


@cache
def _written_units() -> tuple[tuple[str, str], ...]:
    """Give the ways to write a unit and their words, longest first."""
    return tuple((unit, _words(unit)) for unit in sorted(_units(), key=len, reverse=True))


@cache
def _all_names() -> dict[str, frozenset[str]]:
    return {
        column.name: frozenset(
            squeezed(_split(name)[0])
            for name in (
                column.name,
                column.label,
                *_synonyms()["columns"].get(column.name, ()),
            )
        )
        for column in load_dictionary().columns.values()
    }


def _names(column: Column) -> frozenset[str]:
    """Give everything that a column may be called, without its unit and without blanks."""
    return _all_names()[column.name]


@cache
def _date_names() -> dict[str, frozenset[str]]:
    return {
        meaning: frozenset(squeezed(_words(name)) for name in names)
        for meaning, names in _synonyms()["dates"].items()
    }


def names_patients(header: str) -> bool:
    """Whether a header is one of a column of patients' labels."""
    return squeezed(_split(header)[0]) in _names(load_dictionary().columns[PATIENT])


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", _CAMEL.sub(" ", text).casefold()))


def squeezed(words: str) -> str:
    """Leave out what separates words: follow up, follow-up and FollowUp are one."""
    return words.replace(" ", "")


@cache
def _synonyms() -> dict[str, Any]:
    return tomllib.loads(paths.SYNONYMS.read_text(encoding="utf-8"))
