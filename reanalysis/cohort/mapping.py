"""A mapping file: how the columns of somebody's own table become those of the data dictionary.

The file is TOML. Nothing about a column is guessed: what is not written there is not used::

    sheet = "Data"                        # of a workbook with more than one
    missing = ["NA"]                      # texts that mean 'not known', in every column

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
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import load_dictionary
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
    "years": {"years": 1.0, "months": 1 / 12},
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
_TOP = ("about", "sheet", "missing", "columns", "not_used")
_KEYS = {
    "from": "column",
    "unit": "unit",
    "levels": 'code = "level"',
    "set_blank": 'value = "why"',
    "note": "text",
}


@dataclass(frozen=True)
class ColumnMapping:
    """How one column of the dictionary is made; the fields are those of the file."""

    name: str
    source: str
    unit: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    set_blank: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Mapping:
    """A mapping file."""

    columns: tuple[ColumnMapping, ...]
    missing: tuple[str, ...] = ()
    not_used: dict[str, str] = field(default_factory=dict)
    about: str = ""
    sheet: str = ""


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
            texts = {
                key: {str(code): str(level) for code, level in entry.get(key, {}).items()}
                for key in ("levels", "set_blank")
            }
            columns.append(
                ColumnMapping(
                    name, entry["from"], entry.get("unit", ""), note=entry.get("note", ""), **texts
                )
            )
    if problems:
        raise InvalidCohort(problems)
    return Mapping(
        tuple(columns),
        missing=tuple(raw.get("missing", ())),
        not_used=raw.get("not_used", {}),
        about=raw.get("about", ""),
        sheet=raw.get("sheet", ""),
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
        text = path.read_text(encoding="utf-8")
        if any(line.count(".") > _MAX_DOTS for line in text.splitlines()):
            raise ValueError(f"more than {_MAX_DOTS} dots in a line")
        raw = tomllib.loads(text)
    # A number of many digits is a ValueError, as what is no TOML or no UTF-8 is.
    except (ValueError, RecursionError) as error:
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
        Problem(None, entry.source, "", f"this column in the file; {entry.name} is made from it")
        for entry in mapping.columns
        if entry.source not in table.columns
    ]
    if problems:
        raise InvalidCohort(problems)

    mapped, rows = {}, []
    for entry in mapping.columns:
        known = table[entry.source].where(~table[entry.source].isin(mapping.missing), "")
        text = known.where(~known.isin(list(entry.set_blank)), "").replace(entry.levels)
        if factor := _factor(entry):
            text, bad = _scaled(text, factor)
            problems += [Problem(row, entry.source, cell, "a number") for row, cell in bad]
        mapped[entry.name] = text
        by_value = {value: int((known == value).sum()) for value in entry.set_blank}
        counts, blank = shown_blanks(by_value, int((text == "").sum()), len(table), policy)
        done = "; ".join(_done(entry, counts, factor)) or "as it is"
        rows.append((entry.name, entry.source, done, blank))
    if problems:
        raise InvalidCohort(problems)
    report = pd.DataFrame(rows, columns=["column", "made from", "what was done", "left blank"])
    return pd.DataFrame(mapped, index=table.index), report


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
    used = {entry.source for entry in mapping.columns}
    left = [name for name in table.columns if name not in used]
    rows = [(name, mapping.not_used.get(name, "")) for name in left]
    return pd.DataFrame(sorted(rows, key=lambda row: not row[1]), columns=["column", "why"])


def _top_problems(raw: dict[str, Any], file: str) -> Iterator[Problem]:
    """Yield what is wrong with the keys of a mapping file outside of ``[columns.*]``."""
    for key, value in raw.items():
        where = f"{key} of {file}"
        if key not in _TOP:
            yield Problem(None, f"of {file}", key, "one of " + ", ".join(_TOP))
        elif key in ("about", "sheet") and not isinstance(value, str):
            yield Problem(None, where, str(value), "a text in quotation marks")
        elif key == "missing" and not _is_texts(value):
            yield Problem(None, where, str(value), 'a list of texts, such as ["NA"]')
        elif key == "columns" and not isinstance(value, dict):
            yield Problem(None, where, str(value), "a table [columns.*] for each column")
        elif key == "not_used" and not (isinstance(value, dict) and _is_texts([*value.values()])):
            yield Problem(None, where, str(value), 'a table of reasons: column = "why"')


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
    if not isinstance(entry.get("from"), str):
        yield Problem(None, f"{where}.from", "", "the column of the file")
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


def _done(
    entry: ColumnMapping, counts: dict[str, int | str], factor: float | None
) -> Iterator[str]:
    """Say what was done to a column; ``counts`` is how often a value was set blank."""
    if recoded := [f"{code} is {level}" for code, level in entry.levels.items() if code != level]:
        yield ", ".join(recoded)
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
