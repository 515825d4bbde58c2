"""Read a mapping file, within bounds, and say everything that is wrong with it.

What it may hold stands at the head of ``cohort.mapping``.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reanalysis.cohort.dates import ORDERS
from reanalysis.cohort.grid import FIRST_ROW, MAX_ROWS
from reanalysis.cohort.mapping import HIDDEN_ROWS, NUMBERS, TAKE, ColumnMapping, Mapping, factors
from reanalysis.cohort.numerals import MARKS
from reanalysis.cohort.rows import ONE_ROW, LeaveOut
from reanalysis.core.dictionary import PATIENT, Column, load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem, UnreadableFile

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
_LEAVE_OUT = ("why", "rows", "column", "is", "blank", "below", "above")
# Quotation marks of word processors, where TOML has its own: written by their numbers.
_CURLY = re.compile("(^|[=\\[{,.])\\s*[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a]")


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
