"""A mapping file: how the columns of somebody's own table become those of the data dictionary.

The file is TOML. Nothing about a column is guessed: what is not written there is not used::

    sheet = "Data"                        # of a workbook with more than one
    missing = ["NA"]                      # texts that mean 'not known', in every column; never a
                                          # level of it, such as the salvage treatment 'none'

    [columns.follow_up_months]
    from = "OS"                           # the column of the file
    unit = "weeks"                        # what it is in; converted to the dictionary's unit

    [columns.sex]
    from = "Sex"
    levels = { 1 = "male", 2 = "female" } # its codes, spelled out

    [columns.child_pugh_class]
    from = "CPS"
    levels = { A = "A", B = "B" }
    set_blank = { C = "class C is outside the dictionary" }   # a value given up, and why

    [columns.death]
    from = "Died"
    note = "the day of death is the end of follow-up"         # shown with the report

    [not_used]                            # why a column of the file is left out
    Progression = "any progression, not local failure"

What else a column may need::

    [columns.patient_id]
    numbered = true                       # no column of labels: the rows are numbered

    [columns.follow_up_months]
    from = ["Death date", "Last FU"]      # the first of them that is filled;
    take = "last"                         # or the later, or the 'earliest', of them
    since = "RT start"                    # dates: the months between the two
    dates = "day first"                   # where 3/4/2015 could be both, or "month first"

    [columns.death]
    from = "Death date"
    filled = "1"                          # what a filled cell means, and an empty one
    blank = "0"

    [columns.afp_ng_ml]
    from = "AFP"
    decimal = ","                         # where 1.234 could be both

And what is said of the whole file::

    times_of_censoring = true             # a time beside an event of 0 is when observation ended
    hidden_rows = "leave out"             # or "read"
    one_row_per_patient = "first"         # or "last", of a table of lesions or visits; "merged"
                                          # where they complete each other, as REDCap's do

    [[leave_out]]                         # rows that are no patients of this cohort, and why
    rows = [303, 304]
    why = "totals"

    [[leave_out]]
    column = "Age"                        # of the file: is = ["..."], blank = true, below, above
    below = 18
    why = "children"
"""

import codecs
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reanalysis.cohort.dates import ORDERS, as_date, order_of
from reanalysis.cohort.grid import FIRST_ROW, MAX_ROWS
from reanalysis.cohort.hints import DATE
from reanalysis.cohort.numerals import MARKS
from reanalysis.cohort.rows import ONE_ROW, LeaveOut
from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import PATIENT, Column, load_dictionary
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, hidden_parts
from reanalysis.core.errors import InvalidCohort, Problem, UnreadableFile

# Factors from a unit to the one of the dictionary.
_UNITS = {
    "months": {
        "months": 1.0,
        "weeks": 7 / DAYS_PER_MONTH,
        "days": 1 / DAYS_PER_MONTH,
        "years": 12.0,
    },
    "cm": {"cm": 1.0, "mm": 0.1},
    "Gy": {"Gy": 1.0, "cGy": 0.01},
    "years": {"years": 1.0, "months": 1 / 12, "days": 1 / (12 * DAYS_PER_MONTH)},
    "ng/mL": {
        "ng/mL": 1.0,
        "ug/L": 1.0,
        "IU/mL": 1.21,  # the international standard of AFP, WHO 72/225
        "kIU/L": 1.21,
        "ng/L": 0.001,
        "mg/L": 1000.0,
    },
}

# A mapping of a thousand columns has less than this.
_MAX_BYTES = 256 * 1024
_MAX_DOTS = 500
_MOST_ENTRIES = 1_000
_DEEPEST = 8
_MOST_SOURCES = 20
_TOP = (
    *("about", "sheet", "missing", "columns", "not_used"),
    *("times_of_censoring", "hidden_rows", "one_row_per_patient", "leave_out"),
)
_KEYS = {
    "from": "column",
    "unit": "unit",
    "levels": 'code = "level"',
    "set_blank": 'value = "why"',
    "note": "text",
    "numbered": "true",
    "take": "which",
    "since": "column",
    "dates": "order",
    "filled": "level",
    "blank": "level",
    "decimal": "mark",
    "times_of_censoring": "true",
}
TAKE = ("first filled", "last", "earliest")
HIDDEN_ROWS = ("read", "leave out")
_LEAVE_OUT = ("why", "rows", "column", "is", "blank", "below", "above")
# The column that numbered labels stand in, which no file has.
NUMBERS = "(rows, numbered)"
# A code says nothing by itself: a number or one letter.
_CODE = re.compile(r"[+-]?[0-9]+(\.0*)?|[^\W\d_]")
# Quotation marks of word processors, where TOML has its own: written by their numbers.
_CURLY = re.compile("(^|[=\\[{,.])\\s*[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a]")


@dataclass(frozen=True)
class ColumnMapping:
    """How one column of the dictionary is made; the fields are those of the file."""

    name: str
    source: str
    unit: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    set_blank: dict[str, str] = field(default_factory=dict)
    note: str = ""
    others: tuple[str, ...] = ()
    take: str = TAKE[0]
    since: str = ""
    dates: str = ""
    filled: str = ""
    blank: str = ""
    decimal: str = ""
    times_of_censoring: bool | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file that hold its values."""
        return (self.source, *self.others)

    @property
    def uses(self) -> tuple[str, ...]:
        """Every column of the file that it needs."""
        return (*self.sources, self.since) if self.since else self.sources

    @property
    def made_from(self) -> str:
        """What it is made from, in words."""
        since = f" since {self.since}" if self.since else ""
        if not self.others:
            return f"{self.source}{since}"
        names = ", ".join(self.sources)
        return f"{self.take} of {names}{since}"


@dataclass(frozen=True)
class Mapping:
    """A mapping file."""

    columns: tuple[ColumnMapping, ...]
    missing: tuple[str, ...] = ()
    not_used: dict[str, str] = field(default_factory=dict)
    about: str = ""
    sheet: str = ""
    times_of_censoring: bool = False
    hidden_rows: str = ""
    one_row_per_patient: str = ""
    leave_out: tuple[LeaveOut, ...] = ()

    @property
    def decimals(self) -> dict[str, str]:
        """The decimal marks that it states, by column of the file."""
        return {name: e.decimal for e in self.columns if e.decimal for name in e.sources}


def factors(unit: str) -> dict[str, float]:
    """Give the units from which a column in ``unit`` can be converted, with their factors."""
    return dict(_UNITS.get(unit, {}))


def toml_string(text: str) -> str:
    """Write a text as a TOML string, for a mapping file."""
    # JSON's string is one, but for the sign that deletes.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Parameters
    ----------
    path
        The TOML file.

    Returns
    -------
    Mapping
        What it says.

    Raises
    ------
    InvalidCohort
        If it is not TOML, or names a column, a key or a unit that does not exist; with all
        such problems.
    FileNotFoundError
        If there is no such file.
    """
    raw = _parsed(path)
    problems = list(_top_problems(raw, path.name))
    entries = raw.get("columns", {})
    columns: list[ColumnMapping] = []
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        found = list(_entry_problems(name, entry))
        problems += found
        if not found:
            columns.append(_column_mapping(name, entry))
    if problems:
        raise InvalidCohort(problems)
    return Mapping(
        tuple(columns),
        missing=tuple(raw.get("missing", ())),
        not_used=raw.get("not_used", {}),
        about=raw.get("about", ""),
        sheet=str(raw.get("sheet", "")),
        times_of_censoring=raw.get("times_of_censoring", False),
        hidden_rows=raw.get("hidden_rows", ""),
        one_row_per_patient=raw.get("one_row_per_patient", ""),
        leave_out=tuple(map(_leave_out, raw.get("leave_out", ()))),
    )


def _column_mapping(name: str, entry: dict[str, Any]) -> ColumnMapping:
    source = NUMBERS if entry.get("numbered") else entry["from"]
    first, *others = source if isinstance(source, list) else [source]

    def text(key: str, default: str = "") -> str:
        return str(entry.get(key, default))

    def texts(key: str) -> dict[str, str]:
        return {str(code): str(level) for code, level in entry.get(key, {}).items()}

    return ColumnMapping(
        name,
        first,
        text("unit"),
        texts("levels"),
        texts("set_blank"),
        text("note"),
        others=tuple(others),
        take=text("take", TAKE[0]),
        since=text("since"),
        dates=text("dates"),
        filled=text("filled"),
        blank=text("blank"),
        decimal=text("decimal"),
        times_of_censoring=entry.get("times_of_censoring"),
    )


def _leave_out(entry: dict[str, Any]) -> LeaveOut:
    return LeaveOut(
        entry["why"],
        rows=tuple(entry.get("rows", ())),
        column=entry.get("column", ""),
        values=tuple(map(str, entry.get("is", ()))),
        blank=entry.get("blank", False),
        below=entry.get("below"),
        above=entry.get("above"),
    )


def _parsed(path: Path) -> dict[str, Any]:
    """Parse a mapping file, which may be a stranger's, too: within bounds."""
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise UnreadableFile(
            f"The mapping file {path.name} has {size / 1024:,.0f} kB; expected one entry for each "
            f"column, and at most {_MAX_BYTES // 1024} kB."
        )
    try:
        text = _decoded(path.read_bytes(), path.name)
        if any(line.count(".") > _MAX_DOTS for line in text.splitlines()):
            raise ValueError(f"more than {_MAX_DOTS} dots in a line")
        raw = tomllib.loads(text)
    # A number of many digits is a ValueError, as what is no TOML or no UTF-8 is.
    except UnreadableFile:
        raise
    except (ValueError, RecursionError) as error:
        _refuse_curly(text, path.name)
        why = "brackets in brackets" if isinstance(error, RecursionError) else str(error)
        raise InvalidCohort([Problem(None, f"of {path.name}", "", f"TOML ({why})")]) from error
    level: list[Any] = [raw]
    for _ in range(_DEEPEST):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
    if level:
        expected = f"no table deeper than {_DEEPEST} in others"
        raise InvalidCohort([Problem(None, f"of {path.name}", "", expected)])
    return raw


def _decoded(raw: bytes, name: str) -> str:
    """Decode a mapping file, which Notepad may have saved in its own way."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return raw.decode(codec)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"Line {line} of the mapping file {name} is not UTF-8; expected that encoding: in the "
            "editor, save the file again and choose 'UTF-8'."
        ) from error


def _refuse_curly(text: str, name: str) -> None:
    """Name the lines with quotation marks as a word processor writes them."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if _CURLY.search(line)]
    if lines:
        where = (
            f"Line {lines[0]}" if len(lines) == 1 else f"Lines {', '.join(map(str, lines[:10]))}"
        )
        more = f" and {len(lines) - 10} more" if len(lines) > 10 else ""
        raise UnreadableFile(
            f"{where}{more} of the mapping file {name} "
            f"{'holds' if len(lines) == 1 else 'hold'} curly quotation marks, as a word processor "
            'writes them; expected straight ones ("): type them again in a plain editor.'
        )


def apply_mapping(
    table: pd.DataFrame, mapping: Mapping, policy: Policy = MADE_UP
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the columns of the dictionary from those of a table.

    Parameters
    ----------
    table
        Every cell as ``str``, one row per patient, in the columns of its owner.
    mapping
        What becomes what.
    policy
        What the report may show of the patients.

    Returns
    -------
    mapped : pandas.DataFrame
        The same rows, every cell as ``str``, in the columns of the dictionary.
    report : pandas.DataFrame
        One row per column made: ``column``, ``made from``, ``what was done`` and the number
        of patients ``left blank``.

    Raises
    ------
    InvalidCohort
        If the table lacks a column, or a cell is not a number where a unit is converted;
        with every such problem.
    """
    problems = [
        Problem(None, source, "", f"this column in the file; {entry.name} is made from it")
        for entry in mapping.columns
        for source in entry.uses
        if source not in table.columns and source != NUMBERS
    ]
    if problems:
        raise InvalidCohort(problems)

    made = {entry.name: _Made(entry, table, mapping.missing) for entry in mapping.columns}
    problems = [problem for column in made.values() for problem in column.problems]
    if problems:
        raise InvalidCohort(problems)
    for entry in mapping.columns:
        censoring = entry.times_of_censoring
        if mapping.times_of_censoring if censoring is None else censoring:
            made[entry.name].leave_out_censoring(made)
    rows = [column.report(len(table), policy) for column in made.values()]
    report = pd.DataFrame(rows, columns=["column", "made from", "what was done", "left blank"])
    mapped = {name: column.text for name, column in made.items()}
    # Texts, also where there is no row and so nothing to tell it by.
    return pd.DataFrame(mapped, index=table.index).astype(object), report


class _Made:
    """One column of the dictionary, made from those of a table.

    Parameters
    ----------
    entry
        How.
    table
        Every cell as ``str``, in the columns of its owner.
    missing
        Texts that mean 'not known'.
    """

    def __init__(self, entry: ColumnMapping, table: pd.DataFrame, missing: Sequence[str]) -> None:
        self._entry = entry
        self.problems: list[Problem] = []
        self._censored = 0
        if entry.source == NUMBERS and NUMBERS not in table:
            table = table.assign(**{NUMBERS: numbers_of(table)})
        self._blanked: dict[str, int] = {}
        self._unknown: dict[str, int] = {}
        parts = [self._known(table[source], missing) for source in entry.sources]
        if entry.since:
            self.text = self._since(table, parts, missing)
        else:
            self.text = parts[0] if len(parts) == 1 else self._composed(parts)
            self._ask_for_every_code()
            filled = self.text != ""
            self.text = self.text.replace(entry.levels)
            if entry.filled:
                self.text = self.text.where(~filled, entry.filled)
            if entry.blank:
                self.text = self.text.where(filled, entry.blank)
        self._factor = _factor(entry)
        if self._factor:
            self.text, bad = _scaled(self.text, self._factor)
            self.problems += [
                Problem(row, entry.source, cell, "a number", *_about_a_date(cell))
                for row, cell in bad
            ]

    def _known(self, cells: pd.Series, missing: Sequence[str]) -> pd.Series:
        """Leave out what means 'not known' and what is given up, and count both."""
        # A level is one, whatever is missing elsewhere; set_blank gives it up by its column.
        levels = load_dictionary().columns[self._entry.name].choices
        unknown = cells.isin([text for text in missing if text and text not in levels])
        for text, count in cells[unknown].value_counts(sort=False).items():
            self._unknown[str(text)] = self._unknown.get(str(text), 0) + int(count)
        known = cells.where(~unknown, "")
        for value in self._entry.set_blank:
            count = int((known == value).sum())
            self._blanked[value] = self._blanked.get(value, 0) + count
        return known.where(~known.isin(list(self._entry.set_blank)), "")

    def _composed(self, parts: list[pd.Series]) -> pd.Series:
        """Make one column of several: the first that is filled, or the largest or smallest."""
        first = parts[0]
        for part in parts[1:]:
            first = first.where(first != "", part)
        if self._entry.take == TAKE[0]:
            return first
        columns = zip(self._entry.sources, parts, strict=True)
        numbers = pd.DataFrame({i: self._numbers(name, p) for i, (name, p) in enumerate(columns)})
        chosen = numbers.max(axis=1) if self._entry.take == "last" else numbers.min(axis=1)
        return chosen.map(_plain).where(chosen.notna(), "")

    def _numbers(self, source: str, cells: pd.Series) -> pd.Series:
        numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
        for index in cells.index[numbers.isna() & (cells != "")]:
            row = int(index) + FIRST_ROW
            self.problems.append(Problem(row, source, cells[index], "a number"))
        return numbers

    def _since(
        self, table: pd.DataFrame, parts: list[pd.Series], missing: Sequence[str]
    ) -> pd.Series:
        """Give the months from one date to another."""
        entry = self._entry
        start = table[entry.since].where(~table[entry.since].isin(missing), "")
        every = dict(zip((*entry.sources, entry.since), (*parts, start), strict=True))
        days = {name: self._days(name, cells) for name, cells in every.items()}
        begin = days.pop(entry.since)
        ends = pd.DataFrame({name: days[name] for name in entry.sources})
        if entry.take == TAKE[0]:
            end = ends.bfill(axis=1).iloc[:, 0]
        else:
            end = ends.max(axis=1) if entry.take == "last" else ends.min(axis=1)
        months = (end - begin) / DAYS_PER_MONTH
        for index in months.index[end.notna() & begin.isna()]:
            row = int(index) + FIRST_ROW
            expected = f"a date; {entry.name} is counted from it"
            if start[index] == "":
                self.problems.append(Problem(row, entry.since, "", expected))
        for index in months.index[months < 0]:
            row = int(index) + FIRST_ROW
            shown = next(p[index] for p in parts if p[index] != "")
            expected = f"a date not before {entry.since}, which is {start[index]}"
            self.problems.append(Problem(row, ", ".join(entry.sources), shown, expected))
        return months.map(repr).where(months.notna(), "")

    def _days(self, source: str, cells: pd.Series) -> pd.Series:
        """Give the day of each date, counted from a fixed one; what is none is a problem."""
        order = self._entry.dates or order_of(cells.unique())
        if not order:
            expected = (
                "dates of one reading; the first number can be the day and the month: say which "
                'in a mapping file, dates = "day first" or dates = "month first"'
            )
            example = next(cell for cell in cells.unique() if cell)
            self.problems.append(Problem(None, source, example, expected))
            order = ORDERS[0]
        read = {cell: as_date(cell, order) for cell in cells.unique() if cell}
        for index, cell in cells.items():
            if cell and read[cell] is None:
                row = int(str(index)) + FIRST_ROW
                expected = "a date, such as 2015-03-02, or a blank"
                advice = "leave it blank with set_blank, or name it in missing"
                self.problems.append(Problem(row, source, cell, expected, advice))
        days = {cell: float(date.toordinal()) for cell, date in read.items() if date}
        return cells.map(days).astype(float)

    def _ask_for_every_code(self) -> None:
        """Refuse codes of which one is explained, and another that means the same is not."""
        entry, column = self._entry, load_dictionary().columns[self._entry.name]
        explained = {level for code, level in entry.levels.items() if is_code(code)}
        for value in self.text.unique():
            if value in column.choices and value in explained and value not in entry.levels:
                codes = [c for c, level in entry.levels.items() if level == value and is_code(c)]
                expected = (
                    f"its meaning in levels, as {' and '.join(codes)} is said to be {value} too: "
                    "where one code is explained, every one is"
                )
                self.problems.append(Problem(None, entry.source, value, expected))

    def leave_out_censoring(self, made: dict[str, "_Made"]) -> None:
        """Blank the times of those who did not have the event."""
        condition = load_dictionary().columns[self._entry.name].condition
        if condition and condition[0] in made:
            event, level = condition
            without = made[event].text != level
            self._censored = int((without & (self.text != "")).sum())
            self.text = self.text.where(~without, "")

    def report(self, patients: int, policy: Policy) -> tuple[str, str, str, int | str]:
        """Give its row of the report."""
        entry = self._entry
        by_value = {(value, "set"): count for value, count in self._blanked.items()}
        by_value |= {(text, "unknown"): count for text, count in self._unknown.items()}
        blank = int((self.text == "").sum())
        # A text in one of several columns may leave no blank behind.
        if self._censored or entry.blank or len(entry.sources) > 1:
            told = {key: _alone(count, patients, policy) for key, count in by_value.items()}
            _, shown = shown_blanks({}, blank, patients, policy)
        else:
            keys = {str(i): count for i, count in enumerate(by_value.values())}
            masked, shown = shown_blanks(keys, blank, patients, policy)
            told = dict(zip(by_value, masked.values(), strict=True))
        counts = {value: told[value, "set"] for value in self._blanked}
        unknown = {text: told[text, "unknown"] for text in self._unknown}
        done = [*_done(entry, counts, self._factor)]
        if self._censored:
            done.append("without the times of those who were censored")
        if unknown:
            named = ", ".join(f"{text} in {count}" for text, count in unknown.items())
            done.insert(len(done) - bool(entry.note), f"taken as unknown: {named}")
        return entry.name, entry.made_from, "; ".join(done) or "as it is", shown


def _alone(count: int, of: int, policy: Policy) -> int | str:
    return policy.patients(count) if policy.may_show(count, of) else HIDDEN


def _about_a_date(cell: str) -> tuple[str, ...]:
    if DATE.fullmatch(cell) is None:
        return ()
    return ('it is a date: say since = "..." in the mapping file, the column of the first day',)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def is_code(value: str) -> bool:
    """Whether a value says nothing by itself, as a number or a single letter does."""
    return bool(_CODE.fullmatch(value))


def numbers_of(table: pd.DataFrame) -> pd.Series:
    """Give labels to a table that has no column of them: its rows, numbered."""
    width = len(str(len(table)))
    labels = [f"row{number:0{width}}" for number in range(1, len(table) + 1)]
    return pd.Series(labels, index=table.index, dtype=object)


def shown_blanks(
    by_value: dict[str, int], blank: int, of: int, policy: Policy
) -> tuple[dict[str, int | str], int | str]:
    """Give the numbers of blanks in a column as they may be shown.

    Parameters
    ----------
    by_value
        Patients whose value was set blank, by value.
    blank, of
        Patients without a value, and all patients.
    policy
        What may be shown.

    Returns
    -------
    by_value, blank
        The same, rounded, with a word in the place of a number that is hidden.
    """
    others = blank - sum(by_value.values())
    mask = hidden_parts([*by_value.values(), others, of - blank], policy.smallest)
    counts = {
        value: HIDDEN if hide else policy.patients(count)
        for (value, count), hide in zip(by_value.items(), mask, strict=False)
    }
    return counts, policy.patients(blank) if policy.may_show(blank, of) else HIDDEN


def unused(table: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """List the columns of a table from which a mapping makes nothing.

    Parameters
    ----------
    table
        One row per patient, in the columns of its owner.
    mapping
        What becomes what.

    Returns
    -------
    pandas.DataFrame
        ``column``, and ``why`` it is left out as the mapping says, empty where it does not;
        those with a reason first.
    """
    used = {source for entry in mapping.columns for source in entry.uses}
    left = [name for name in table.columns if name not in used]
    rows = [(name, mapping.not_used.get(name, "")) for name in left]
    return pd.DataFrame(sorted(rows, key=lambda row: not row[1]), columns=["column", "why"])


def _top_problems(raw: dict[str, Any], file: str) -> Iterator[Problem]:
    """Yield what is wrong with the keys of a mapping file outside of ``[columns.*]``."""
    for key, value in raw.items():
        where = f"{key} of {file}"
        if key not in _TOP:
            yield Problem(None, f"of {file}", key, "one of " + ", ".join(_TOP))
        elif key == "about" and not isinstance(value, str):
            yield Problem(None, where, str(value), "a text in quotation marks")
        elif key == "sheet" and not isinstance(value, str) and type(value) is not int:
            expected = "the name of a sheet in quotation marks, or its number"
            yield Problem(None, where, str(value), expected)
        elif key == "times_of_censoring" and not isinstance(value, bool):
            yield Problem(None, where, str(value), "true or false")
        elif key == "hidden_rows" and value not in HIDDEN_ROWS:
            yield Problem(None, where, str(value), _one_of(HIDDEN_ROWS))
        elif key == "one_row_per_patient" and value not in ONE_ROW:
            yield Problem(None, where, str(value), _one_of(ONE_ROW))
        elif key == "leave_out":
            yield from _leave_out_problems(value)
        elif key == "missing" and not _is_texts(value):
            yield Problem(None, where, str(value), 'a list of texts, such as ["NA"]')
        elif key == "columns" and not isinstance(value, dict):
            yield Problem(None, where, str(value), "a table [columns.*] for each column")
        elif key == "not_used" and not (isinstance(value, dict) and _is_texts([*value.values()])):
            yield Problem(None, where, str(value), 'a table of reasons: column = "why"')


def _one_of(texts: Sequence[str]) -> str:
    return " or ".join(f'"{text}"' for text in texts)


def _leave_out_problems(value: object) -> Iterator[Problem]:
    """Yield what is wrong with the ``[[leave_out]]`` tables of a mapping file."""
    where = "leave_out"
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        yield Problem(None, where, str(value), "a table [[leave_out]] for each reason")
        return
    if len(value) > _MOST_ENTRIES:
        expected = f"at most {_MOST_ENTRIES:,} reasons, not {len(value):,}"
        yield Problem(None, where, "", expected)
        return
    for entry in value:
        for key in sorted(entry.keys() - set(_LEAVE_OUT)):
            yield Problem(None, f"{where}.{key}", "", "one of " + ", ".join(_LEAVE_OUT))
        why = entry.get("why")
        if not isinstance(why, str) or not why.strip() or why == "?":
            yield Problem(
                None, f"{where}.why", str(why or ""), 'the reason, as a text: why = "..."'
            )
        rows = entry.get("rows", [])
        if not isinstance(rows, list) or not all(type(r) is int and r >= FIRST_ROW for r in rows):
            expected = "a list of rows as a spreadsheet counts them, such as [303, 304]"
            yield Problem(None, f"{where}.rows", str(rows), expected)
        elif len(rows) > MAX_ROWS or bool(rows) == ("column" in entry):
            yield Problem(None, where, "", 'either rows = [...] or column = "...", and not both')
        decide = [key for key in ("is", "blank", "below", "above") if key in entry]
        if "column" in entry and not isinstance(entry["column"], str):
            yield Problem(None, f"{where}.column", str(entry["column"]), "a column of the file")
        elif "column" in entry and not decide:
            yield Problem(
                None, where, entry["column"], 'is = ["..."], blank = true, below or above'
            )
        values = entry.get("is", [])
        if not isinstance(values, list) or not all(isinstance(v, str | int) for v in values):
            yield Problem(None, f"{where}.is", str(values), 'a list of texts, such as ["17"]')
        if not isinstance(entry.get("blank", True), bool):
            yield Problem(None, f"{where}.blank", str(entry["blank"]), "true or false")
        for key in ("below", "above"):
            if key in entry and type(entry[key]) not in (int, float):
                yield Problem(None, f"{where}.{key}", str(entry[key]), "a number")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _entry_problems(name: str, entry: object) -> Iterator[Problem]:
    """Yield what is wrong with one ``[columns.*]`` table of a mapping file."""
    where = f"columns.{name}"
    column = load_dictionary().columns.get(name)
    if column is None:
        yield Problem(None, where, "", "a column of the data dictionary")
        return
    if not isinstance(entry, dict):
        yield Problem(None, where, str(entry), 'a table such as { from = "its name in the file" }')
        return
    yield from _source_problems(where, entry, column)
    for key in sorted(entry.keys() - _KEYS.keys()):
        yield Problem(None, f"{where}.{key}", "", "one of " + ", ".join(_KEYS))
    for key in ("levels", "set_blank"):
        if not isinstance(entry.get(key, {}), dict):
            yield Problem(None, f"{where}.{key}", str(entry[key]), f"{{ {_KEYS[key]} }}")
        elif len(entry.get(key, {})) > _MOST_ENTRIES:
            expected = f"at most {_MOST_ENTRIES:,} values, not {len(entry[key]):,}"
            yield Problem(None, f"{where}.{key}", "", expected)
        elif key == "levels" and column.choices:
            for code, level in entry.get(key, {}).items():
                if str(level) not in column.choices:
                    yield Problem(None, f"{where}.levels.{code}", str(level), column.allowed)
    if not isinstance(entry.get("note", ""), str):
        yield Problem(None, f"{where}.note", str(entry["note"]), "a text in quotation marks")
    unit, known = entry.get("unit", ""), factors(column.unit)
    if unit != "" and str(unit) not in known:
        units = "one of " + ", ".join(known)
        nothing = "no unit: this column is not converted"
        yield Problem(None, f"{where}.unit", str(unit), units if known else nothing)


def _so_many(count: int | str) -> str:
    return f"a {HIDDEN} number" if count == HIDDEN else str(count or "none")


def _source_problems(where: str, entry: dict[str, Any], column: Column) -> Iterator[Problem]:
    """Yield what is wrong with the keys that say where the values of a column come from."""
    source = entry.get("from")
    many = isinstance(source, list) and bool(source) and _is_texts(source)
    if "numbered" in entry:
        if column.type != "id" or entry["numbered"] is not True or "from" in entry:
            expected = f"true, for {PATIENT} alone and without from"
            yield Problem(None, f"{where}.numbered", str(entry["numbered"]), expected)
    elif not isinstance(source, str) and not many:
        yield Problem(None, f"{where}.from", "", "the column of the file")
    elif source == "?":
        yield Problem(None, f"{where}.from", "?", "the column of the file")
    elif many and len(source or ()) > _MOST_SOURCES:
        yield Problem(None, f"{where}.from", "", f"at most {_MOST_SOURCES} columns")
    if "since" in entry and (not isinstance(entry["since"], str) or column.unit != "months"):
        expected = "the column of the first day; of a time in months only"
        yield Problem(None, f"{where}.since", str(entry["since"]), expected)
    for key, allowed in (("take", TAKE), ("dates", ORDERS), ("decimal", MARKS)):
        if key in entry and entry[key] not in allowed:
            yield Problem(None, f"{where}.{key}", str(entry[key]), _one_of(allowed))
    for key in ("filled", "blank"):
        level = str(entry.get(key, ""))
        if key in entry and (isinstance(entry[key], dict | list) or not column.choices):
            yield Problem(None, f"{where}.{key}", level, "a level, of a column that has some")
        elif key in entry and level not in column.choices:
            yield Problem(None, f"{where}.{key}", level, column.allowed)
    censoring = entry.get("times_of_censoring", False)
    if not isinstance(censoring, bool) or (censoring and not column.condition):
        expected = "true or false, of the time of an event"
        yield Problem(None, f"{where}.times_of_censoring", str(censoring), expected)


def _done(
    entry: ColumnMapping, counts: dict[str, int | str], factor: float | None
) -> Iterator[str]:
    """Say what was done to a column; ``counts`` is how often a value was set blank."""
    if recoded := [f"{code} is {level}" for code, level in entry.levels.items() if code != level]:
        yield ", ".join(recoded)
    if entry.filled:
        yield f"a filled cell is {entry.filled}"
    if entry.blank:
        yield f"an empty cell is {entry.blank}"
    if entry.since:
        order = f", {entry.dates}" if entry.dates else ""
        yield f"days between the dates / {DAYS_PER_MONTH}{order}"
    if factor:
        yield f"{entry.unit} times {factor:.6g}"
    for why in dict.fromkeys(entry.set_blank.values()):
        values = [value for value, reason in entry.set_blank.items() if reason == why]
        told = [f"{value} in {_so_many(counts[value])}" for value in values]
        yield f"left blank: {', '.join(told)} ({why})"
    if entry.note:
        yield entry.note


def _factor(entry: ColumnMapping) -> float | None:
    """Return the factor of a conversion, or None where nothing is converted."""
    unit = load_dictionary().columns[entry.name].unit
    return _UNITS[unit][entry.unit] if entry.unit and entry.unit != unit else None


def _scaled(text: pd.Series, factor: float) -> tuple[pd.Series, list[tuple[int, str]]]:
    """Multiply the numbers of a text column; return what is not a number with its row."""
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce")
    bad = [(int(i) + 2, text[i]) for i in text.index[numbers.isna() & (text != "")]]
    return (numbers * factor).map(repr).where(numbers.notna(), ""), bad
