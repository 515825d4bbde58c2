"""The process that reads another program's file: ``python -m reanalysis.cohort.foreign_reader``.

It imports a reader that is not part of the book, gives it a stranger's file, and writes the table
to its standard output as JSON. ``cohort.foreign`` starts it, within bounds of time and memory.
"""

import datetime
import json
import math
import sys
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reanalysis.cohort.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS

Table = dict[str, Any]
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CANNOT_TELL = (
    "Whether rows are hidden, by a filter for instance, cannot be told from such a file: look, or "
    "save it as .xlsx."
)
_DAY_0 = datetime.date(1970, 1, 1)  # from which R counts


class Refused(Exception):
    """What its user has to be told."""


def main(kind: str, path: str, sheet: str, memory: str, what: str = "table") -> None:
    """Read a file and write its table.

    Parameters
    ----------
    kind
        What it is; one of ``cohort.foreign.KINDS``.
    path
        The file.
    sheet
        Which of its tables; empty for the only one.
    memory
        Bytes of memory that this process may use.
    what
        ``table``, or ``headers`` for the first filled row of each of its tables.
    """
    _limit(int(memory))
    warnings.simplefilter("ignore")
    table: Table
    try:
        if what == "headers":
            table = {"headers": _HEADERS[kind](Path(path))}
        else:
            table = _READERS[kind](Path(path), sheet)
    except Refused as refusal:
        table = {"refused": str(refusal)}
    except MemoryError:
        table = {"refused": "would need more memory than a cohort does"}
    except Exception as error:  # whatever a reader says of a stranger's file
        table = {"refused": f"is damaged or no such file ({type(error).__name__})"}
    sys.stdout.write(json.dumps(table))


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; that of time holds there, too
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except ValueError:
        # macOS, whose every process reserves more addresses than that.
        return


def _bounded(rows: int, columns: int) -> None:
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise Refused(
            f"holds {rows:,} rows and {columns:,} columns; expected one row per patient in the "
            "columns of the data dictionary"
        )


def as_text(value: Any) -> str:
    """Give a value as a table of text has it: a date as 2020-05-31, a whole number without point.

    Parameters
    ----------
    value
        Whatever a reader makes of a cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return str(value).removesuffix(" 00:00:00") if value == value else ""
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta | str | bytes):
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value).strip()
    if isinstance(value, int):
        return str(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        text = str(value).strip()
        return "" if text in ("nan", "NaT", "<NA>") else text
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _labelled(values: Iterable[Any], labels: Mapping[Any, Any]) -> list[str]:
    """Give values by their labels; with their codes where two labels are the same."""
    named = {as_text(code): str(label).strip() for code, label in labels.items()}
    if len(set(named.values())) < len(named):
        named = {code: f"{code}: {label}" for code, label in named.items()}
    texts = map(as_text, values)
    return [named.get(text, text) for text in texts]


def _table(columns: Mapping[str, list[str]], notes: Iterable[str] = ()) -> Table:
    header = [str(name) for name in columns]
    body = [list(row) for row in zip(*columns.values(), strict=True)]
    return {"rows": [header, *body], "notes": list(notes)}


# --- SPSS, Stata, SAS -----------------------------------------------------------------------------


def _statistics(kind: str) -> Any:
    def read(path: Path, sheet: str) -> Table:
        import pyreadstat

        reader: Any = {
            "SPSS": pyreadstat.read_sav,
            "Stata": pyreadstat.read_dta,
            "SAS": pyreadstat.read_sas7bdat,
            "SAS transport": pyreadstat.read_xport,
        }[kind]
        _, about = reader(str(path), metadataonly=True)
        _bounded(about.number_rows or 0, about.number_columns or 0)
        frame, about = reader(str(path))
        _bounded(*frame.shape)
        labels = about.variable_value_labels
        columns = {
            str(name): _labelled(frame[name].tolist(), labels.get(name, {})) for name in frame
        }
        notes = []
        if named := [name for name in columns if labels.get(name)]:
            notes.append(f"Values were read by their labels in {_listed(named)}.")
        return _table(columns, notes)

    return read


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


# --- R --------------------------------------------------------------------------------------------


def _frames(path: Path) -> dict[str, Any]:
    """Give the data frames of a file of R by their names."""
    import pandas as pd
    import rdata

    # Arrays and not Series, which a data frame would align by its own row names.
    def dates(values: Any, attributes: Mapping[str, Any]) -> Any:
        days = ((None if _is_nothing(v) else int(v)) for v in values)
        return _array(
            "" if day is None else str(_DAY_0 + datetime.timedelta(days=day)) for day in days
        )

    def moments(values: Any, attributes: Mapping[str, Any]) -> Any:
        start = datetime.datetime(1970, 1, 1)
        seconds = ((None if _is_nothing(v) else float(v)) for v in values)
        return _array(
            "" if s is None else as_text(start + datetime.timedelta(seconds=s)) for s in seconds
        )

    def labelled(values: Any, attributes: Mapping[str, Any]) -> Any:
        labels = attributes.get("labels")
        if labels is None or not hasattr(labels, "to_series"):
            return values  # labels without names say nothing
        named = labels.to_series()
        return _array(_labelled(values, dict(zip(named, named.index, strict=True))))

    made = {**rdata.conversion.DEFAULT_CLASS_MAP, "Date": dates, "POSIXct": moments}
    made |= {"haven_labelled": labelled, "labelled": labelled}
    content = rdata.conversion.convert(rdata.parser.parse_file(path), constructor_dict=made)
    tables = content if isinstance(content, dict) else {"": content}
    return {str(n): t for n, t in tables.items() if isinstance(t, pd.DataFrame)}


def _r(path: Path, sheet: str) -> Table:
    frames = _frames(path)
    if sheet and sheet not in frames:
        raise Refused(f"has no table {sheet!r}; expected one of {_listed(list(frames))}")
    if not frames:
        raise Refused("holds no data frame")
    if len(frames) > 1 and not sheet:
        raise Refused(
            f"holds several data frames ({_listed(list(frames))}); name one: --sheet on the "
            "command line, or sheet in a mapping file"
        )
    frame = frames[sheet or next(iter(frames))]
    _bounded(*frame.shape)
    return _table({str(name): [as_text(v) for v in frame[name].tolist()] for name in frame})


def _array(texts: Iterable[str]) -> Any:
    import numpy as np

    return np.array(list(texts), dtype=object)


def _is_nothing(value: Any) -> bool:
    return value is None or value != value or int(value) == -(2**31)


# --- other spreadsheets ---------------------------------------------------------------------------


def _book(path: Path) -> tuple[Any, list[str]]:
    """Open a workbook, and name its visible sheets."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    visible = [
        about.name
        for about in book.sheets_metadata
        if about.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    return book, visible


def _sheet_headers(path: Path) -> dict[str, list[str]]:
    """Give the first filled row of each visible sheet that holds values."""
    book, visible = _book(path)
    headers = {}
    for name in visible:
        found = book.get_sheet_by_name(name)
        _bounded(found.total_height, found.total_width)
        rows = ([as_text(v) for v in row] for row in found.to_python(skip_empty_area=False))
        if first := next(filter(any, rows), None):
            headers[name] = first
    return headers


def _spreadsheet(path: Path, sheet: str) -> Table:
    book, visible = _book(path)
    if sheet and sheet not in book.sheet_names and sheet.isdigit():
        sheet = (["", *book.sheet_names] + [""] * int(sheet))[int(sheet)] if len(sheet) < 4 else ""
    if sheet and sheet not in book.sheet_names:
        raise Refused(f"has no sheet {sheet!r}; expected one of {_listed(book.sheet_names)}")
    filled = []
    for name in [sheet] if sheet else visible:
        found = book.get_sheet_by_name(name)
        _bounded(found.total_height, found.total_width)
        if found.total_height:
            filled.append(found)
    if not filled:
        raise Refused("holds no value in a visible sheet")
    cells = [
        [[as_text(v) for v in row] for row in f.to_python(skip_empty_area=False)] for f in filled
    ]
    names = [found.name for found in filled]
    named = [i for i, rows in enumerate(cells) if any("patient_id" in row for row in rows[:100])]
    chosen = named if len(named) == 1 else list(range(len(cells)))
    if len(chosen) > 1:
        raise Refused(
            f"has {len(chosen)} sheets with values ({_listed(names)}) and leaves open which one "
            f"holds the patients; name one: --sheet on the command line, or sheet = {names[0]!r} "
            "in a mapping file"
        )
    name, rows = names[chosen[0]], cells[chosen[0]]
    notes = [f"The sheet {name!r} was read."] if len(book.sheet_names) > 1 else []
    if not _is_opendocument(path):
        notes.append(_CANNOT_TELL)
        return {"rows": rows, "notes": notes}
    hidden, filtered = hidden_rows(path, name, len(rows))
    return {"rows": rows, "notes": notes, "hidden": hidden, "filtered": filtered}


def _is_opendocument(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "content.xml" in archive.namelist()


def hidden_rows(path: Path, sheet: str, last: int) -> tuple[list[int], bool]:
    """Find the rows of an OpenDocument sheet that are not shown, which its reader does not tell.

    Parameters
    ----------
    path
        The file.
    sheet
        Name of the sheet.
    last
        Its last row with a value; below it nothing is looked for.

    Returns
    -------
    rows : list of int
        As a spreadsheet counts them.
    filtered : bool
        Whether a filter hides one of them.
    """
    from defusedxml.ElementTree import iterparse

    hidden: list[int] = []
    filtered, row, inside = False, 0, False
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        for event, element in iterparse(content, events=("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "end":
                element.clear()
                inside = inside and name != "table"
            elif name == "table":
                inside = element.get(f"{_TABLE}name") == sheet
            elif name == "table-row" and inside:
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                how = element.get(f"{_TABLE}visibility", "visible")
                if how != "visible":
                    filtered = filtered or how == "filter"
                    hidden += range(row + 1, min(row + times, last) + 1)
                row += times
                if row >= last:
                    break
    return hidden, filtered


_READERS = {
    "SPSS": _statistics("SPSS"),
    "Stata": _statistics("Stata"),
    "SAS": _statistics("SAS"),
    "SAS transport": _statistics("SAS transport"),
    "R": _r,
    "spreadsheet": _spreadsheet,
}

_HEADERS = {
    "R": lambda path: {name: list(map(str, frame)) for name, frame in _frames(path).items()},
    "spreadsheet": _sheet_headers,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
