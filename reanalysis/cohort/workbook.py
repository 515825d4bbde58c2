"""Excel workbooks (.xlsx), from a stranger.

A workbook is a ZIP file of XML. Its sizes are checked before anything is unpacked, its XML is
parsed without entities, and its formulas are never evaluated: what counts is the value that the
spreadsheet stored when the file was saved.
"""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from reanalysis.cohort.grid import MAX_COLUMNS, MAX_ROWS, Grid, clean, letter
from reanalysis.core.errors import Problem, UnreadableFile

MAX_UNPACKED_BYTES = 400 * 2**20
# XML of a table packs to about a tenth; a bomb to a thousandth.
MAX_RATIO = 200
_SMALL = 10 * 2**20  # below this an entry may pack as well as it likes
MAX_ENTRIES = 5_000

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=[\"']([A-Z0-9:]+)[\"']")
_CHUNK = 2**20


def read_workbook(path: Path, sheet: str = "") -> Grid:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet. Without one, the only sheet that holds values, or the only one whose header
        names ``patient_id``.

    Returns
    -------
    Grid
        Its cells as text: a number as it is stored, a date as ``2020-05-31``.

    Raises
    ------
    UnreadableFile
        If it is not a workbook, is too large when unpacked, or leaves open which sheet is meant.
    """
    _refuse_by_directory(path)
    with warnings.catch_warnings():
        # openpyxl tells of parts that it does not know; none of them holds a cell's value.
        warnings.simplefilter("ignore")
        try:
            return _read(path, sheet)
        except UnreadableFile:
            raise
        # A hostile or damaged workbook can fail anywhere inside of openpyxl.
        except Exception as error:
            kind = type(error.__cause__ or error).__name__
            raise UnreadableFile(
                f"The workbook {path.name} is damaged or not a workbook "
                f"({kind}); open it in the spreadsheet and save it as .xlsx again, or as 'CSV "
                "UTF-8'."
            ) from error


def _refuse_by_directory(path: Path) -> None:
    """Refuse by what the directory of the ZIP file says; nothing is unpacked for it."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(
            f"The file {path.name} begins like a workbook and is cut short or damaged; save it "
            "in the spreadsheet again."
        ) from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(_other_archive(names, path))
    # Python unpacks no more of an entry than the directory says.
    unpacked = sum(entry.file_size for entry in entries)
    bombs = [e for e in entries if e.file_size > max(_SMALL, MAX_RATIO * e.compress_size)]
    if unpacked > MAX_UNPACKED_BYTES or bombs or len(entries) > MAX_ENTRIES:
        raise UnreadableFile(
            f"The workbook {path.name} would unpack to {unpacked / 2**20:,.0f} MB in "
            f"{len(entries):,} parts; expected a cohort, at most {MAX_UNPACKED_BYTES // 2**20} MB: "
            "copy the patients' rows into a new workbook."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(_encrypted(path))


def _other_archive(names: set[str], path: Path) -> str:
    """Say which ZIP file it is that is no .xlsx."""
    save = "open it in the spreadsheet and save it as .xlsx"
    if "xl/workbook.bin" in names:
        return f"The file {path.name} is a binary workbook (.xlsb); {save}."
    if "content.xml" in names and "mimetype" in names:
        return f"The file {path.name} is an OpenDocument file (.ods); {save}."
    if "word/document.xml" in names:
        return f"The file {path.name} is a Word document; copy its table into a spreadsheet."
    return f"The file {path.name} is a ZIP archive; unpack it and give the table inside."


def _encrypted(path: Path) -> str:
    return (
        f"The workbook {path.name} is protected by a password; open it in the spreadsheet, remove "
        "the password and save it again."
    )


def _read(path: Path, sheet: str) -> Grid:
    book = _open(path, data_only=True)
    try:
        name, notes = _choose(book, sheet, path)
        worksheet = book[name]
        worksheet.reset_dimensions()  # what a file says of its own size may be wrong
        rows = list(_rows(worksheet))
        part = worksheet._worksheet_path
    finally:
        book.close()
    has_formulas, merged = _look_into(path, part)
    problems = tuple(_not_computed(path, name, rows)) if has_formulas else ()
    return Grid(rows, notes, merged=merged, problems=problems)


def _open(path: Path, *, data_only: bool) -> Any:
    # A stream, because openpyxl judges a path by what it ends in.
    return openpyxl.load_workbook(
        io.BytesIO(path.read_bytes()), read_only=True, data_only=data_only, keep_links=False
    )


def _choose(book: Any, wanted: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Choose the sheet, and say so where there was a choice."""
    sheets = {s.title: s for s in book.worksheets if hasattr(s, "iter_rows")}
    if wanted:
        if wanted not in sheets:
            raise UnreadableFile(
                f"The workbook {path.name} has no sheet {wanted!r}; expected one of "
                f"{', '.join(map(repr, sheets))}."
            )
        return wanted, (f"The sheet {wanted!r} was read.",)
    firsts = {
        name: first
        for name, s in sheets.items()
        if s.sheet_state == "visible" and (first := _first_row(s))
    }
    named = [name for name, first in firsts.items() if "patient_id" in first]
    candidates = named if len(named) == 1 else list(firsts)
    if not candidates:
        raise UnreadableFile(
            f"No visible sheet of {path.name} holds a value; expected a header in row 1 and one "
            "row per patient below."
        )
    if len(candidates) > 1:
        raise UnreadableFile(
            f"The workbook {path.name} has {len(candidates)} sheets with values "
            f"({', '.join(map(repr, candidates))}) and leaves open which one holds the patients; "
            "keep only that one, or name it in a mapping file: sheet = "
            f'"{candidates[0]}".'
        )
    note = f"The sheet {candidates[0]!r} was read, and no other of the {len(sheets)} sheets."
    return candidates[0], (note,) if len(sheets) > 1 else ()


def _first_row(sheet: Any) -> list[str]:
    """Give the values of the first filled row; a sheet is not searched for it to the end."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=100, values_only=True):
        if found := [text for text in map(_text, row) if text]:
            return found
    return []


def _rows(sheet: Any) -> Iterator[list[str]]:
    shared: dict[str, str] = {}
    empty: list[str] = []
    filled = 0
    for row in sheet.iter_rows(values_only=True):
        cells = [shared.setdefault(text, text) for text in map(_text, row)]
        if not any(cells):
            yield empty  # a sheet may be formatted down to its last row
            continue
        filled += 1
        if filled > MAX_ROWS:
            raise UnreadableFile(
                f"The sheet has more than {MAX_ROWS:,} filled rows; expected one row per patient."
            )
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise UnreadableFile(
                f"The sheet has values beyond column {letter(MAX_COLUMNS - 1)}; expected the "
                "columns of the data dictionary: delete what stands there."
            )
        yield cells[:MAX_COLUMNS]


def _text(value: object) -> str:
    """Give the value of a cell as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return clean(str(value))


def _look_into(path: Path, part: str) -> tuple[bool, tuple[str, ...]]:
    """Look through the XML of a sheet for formulas and merged cells, piece by piece."""
    has_formulas, merged, rest = False, [], b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            has_formulas = has_formulas or bool(_FORMULA.search(text))
            merged += [area.decode() for area in _MERGED.findall(text)]
            rest = text[-200:]  # an element may be cut in two
    return has_formulas, tuple(dict.fromkeys(merged))


def _not_computed(path: Path, sheet: str, rows: list[list[str]]) -> Iterator[Problem]:
    """Find formulas whose result the file does not hold."""
    book = _open(path, data_only=False)
    try:
        worksheet = book[sheet]
        worksheet.reset_dimensions()
        header = next((row for row in rows if any(row)), [])
        for number, row in enumerate(worksheet.iter_rows(), 1):
            for position, cell in enumerate(row):
                if cell.data_type != "f":
                    continue
                values = rows[number - 1] if number <= len(rows) else []
                if position >= len(values) or not values[position]:
                    name = header[position] if position < len(header) else ""
                    yield Problem(
                        number,
                        name or letter(position),
                        str(cell.value),
                        "a value; the file holds a formula without its result",
                        "open the file in the spreadsheet and save it, or paste the values",
                    )
    finally:
        book.close()
