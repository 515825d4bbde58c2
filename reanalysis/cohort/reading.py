"""Read a table from a file that somebody else made, and harm nobody by it.

What a file is, is seen by its first bytes and not by its name. Whatever cannot be read is refused
with a sentence that says what it is and what to do, and anything too large before it is opened.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Decimals
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from reanalysis.cohort.delimited import read_delimited
from reanalysis.cohort.foreign import can_read, foreign_headers, kind_of, read_foreign
from reanalysis.cohort.grid import FIRST_ROW, as_table
from reanalysis.cohort.identifiers import refuse_identifiers
from reanalysis.cohort.made import numbers_of
from reanalysis.cohort.mapping import NUMBERS, TAKE, Mapping
from reanalysis.cohort.numerals import Doubt, settle
from reanalysis.cohort.package import INSTALL
from reanalysis.cohort.rows import LeftOut, leave_out, merged, odd_rows, one_row_each
from reanalysis.core.dictionary import PATIENT, load_dictionary
from reanalysis.core.errors import Problem, UnreadableFile

MAX_FILE_BYTES = 100 * 2**20

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "save the table as .xlsx or as 'CSV UTF-8'"

# How other files begin, and what they are.
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"Rar!", "a RAR archive"),
    (b"$FL2", "an SPSS file"),
    (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"RDX", "an R data file"),
    (b"X\n\x00\x00\x00", "an R data file"),
    *((bytes([v, order]), "a Stata file") for v in (113, 114, 115) for order in (1, 2)),
    (bytes(12) + b"\xc2\xea\x81\x60", "a SAS file"),
    (b"HEADER RECORD*******LIB", "a SAS transport file"),
    (b"SQLite format", "a database"),
    (b"\x00\x01\x00\x00Standard", "an Access database"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"\x80\x03", "a Python pickle, which is never loaded here"),
    (b"\x80\x04", "a Python pickle, which is never loaded here"),
    (b"\x80\x05", "a Python pickle, which is never loaded here"),
)


@dataclass(frozen=True)
class Source:
    """A file as it was read.

    Attributes
    ----------
    table
        Every cell as ``str``; an empty one is the empty string. Rows without any value are left
        out; index 0 is row 2 of the file.
    notes
        How the file was read, where there was a choice: one sentence each.
    problems
        What has to be said before it can be used, by ``read_planned``: numbers of two readings,
        rows that look like no patient.
    left_out
        Rows that a mapping leaves out.
    doubts
        Columns whose numbers can be read in two ways.
    hidden
        Rows with values that a spreadsheet does not show.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    hidden: tuple[int, ...] = ()


def read_source(
    path: Path | str,
    sheet: str = "",
    ids: str = PATIENT,
    decimals: Decimals[str, str] | None = None,
) -> Source:
    """Read a CSV file or a workbook as text, every cell as it stands.

    Parameters
    ----------
    path
        A CSV file (see ``cohort.delimited`` for which) or an .xlsx workbook, whatever its
        name ends in.
    sheet
        The sheet of a workbook, where it has more than one with values.
    ids
        The column from which ``patient_id`` is made: labels may look like anything.
    decimals
        The decimal mark of columns in which it is stated.

    Returns
    -------
    Source
        The table, and how it was read.

    Raises
    ------
    InvalidCohort
        If the file is not a table, with every problem of its header and its shape; or if it
        says who its patients are.
    FileNotFoundError
        If there is no such file.
    """
    path = Path(path)
    if path.is_dir():
        raise UnreadableFile(f"{path.name} is a folder; expected a CSV file or an .xlsx workbook.")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise UnreadableFile(
            f"The file {path.name} has {size / 2**20:,.0f} MB; expected a cohort, at most "
            f"{MAX_FILE_BYTES // 2**20} MB."
        )
    if not path.is_file():
        raise UnreadableFile(
            f"{path.name} is a device or a pipe; expected a CSV file or an .xlsx workbook."
        )
    if size == 0:
        raise UnreadableFile(
            f"The file {path.name} is empty; expected a header in row 1 and one row per patient "
            "below."
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"The file {path.name} cannot be read ({error.strerror}); make sure that you may open "
            "it, and that no other program has it open."
        ) from error
    kind = kind_of(path, raw)
    if kind == "spreadsheet" and _ENCRYPTED in raw:
        kind = ""  # which is refused with what it is
    if kind and can_read(kind):
        grid = read_foreign(path, kind, sheet)
    elif raw.startswith(_ZIP):
        from reanalysis.cohort.workbook import read_workbook  # here: most cohorts are no workbooks

        grid = read_workbook(path, sheet)
    else:
        _refuse_by_content(path, raw)
        grid = read_delimited(raw)
    settled = settle(as_table(grid), commas_likely=grid.commas_likely, stated=decimals)
    refuse_identifiers(settled.table, ids)
    notes = (*grid.notes, *settled.notes)
    if grid.has_row_numbers:
        notes = (*notes, "The first column has no name and numbers the rows: it was left out.")
    present = {index + FIRST_ROW for index in settled.table.index}
    hidden = tuple(row for row in grid.hidden if row in present)
    if hidden:
        notes = (*notes, _about_hidden(hidden, filtered=grid.filtered))
    return Source(settled.table, notes, doubts=settled.doubts, hidden=hidden)


def _about_hidden(rows: tuple[int, ...], *, filtered: bool) -> str:
    which = f"rows {', '.join(map(str, rows[:5]))}" if len(rows) > 1 else f"row {rows[0]}"
    more = f" and {len(rows) - 5:,} more" if len(rows) > 5 else ""
    why = "a filter hides them" if filtered else "the spreadsheet does not show them"
    count = "1 hidden row was" if len(rows) == 1 else f"{len(rows):,} hidden rows were"
    return (
        f"{count} read as well ({which}{more}; {why}). To leave them out, say in a mapping file: "
        'hidden_rows = "leave out".'
    )


def first_rows(path: Path) -> dict[str, list[str]]:
    """Give the first filled row of each table of a file; nothing for one that has one only."""
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        return {}  # which is refused when it is read
    raw = path.read_bytes()
    kind = kind_of(path, raw)
    if kind and can_read(kind) and _ENCRYPTED not in raw:
        return foreign_headers(path, kind)
    if kind or not raw.startswith(_ZIP):
        return {}
    from reanalysis.cohort.workbook import first_rows as sheet_rows  # here: as above

    return sheet_rows(path)


def read_table(path: Path | str, sheet: str = "") -> pd.DataFrame:
    """Read the table of a file; see ``read_source``."""
    return read_source(path, sheet).table


def read_planned(path: Path | str, plan: Mapping | None, sheet: str = "") -> Source:
    """Read a file for a mapping: the sheet that it names, and labels where it says they are.

    Parameters
    ----------
    path
        The file.
    plan
        What its columns become; None where they are those of the dictionary.
    sheet
        The sheet of a workbook, in place of the one that the mapping names.

    Returns
    -------
    Source
        Without the rows that the mapping leaves out, and with what has to be said before the table
        can be used.
    """
    if plan is None:
        source = read_source(path, sheet)
        ids = PATIENT
    else:
        made = {entry.name: entry.source for entry in plan.columns}
        ids = made.get(PATIENT, PATIENT)
        source = read_source(path, sheet or plan.sheet, ids, plan.decimals)
        source = _without_rows(source, plan, ids)
    problems = (*source.problems, *odd_rows(source.table, ids), *_doubtful(source.doubts, plan))
    return replace(source, problems=problems)


def _without_rows(source: Source, plan: Mapping, ids: str) -> Source:
    """Leave out the rows that a mapping names, and number the others where it says so."""
    hidden = source.hidden if plan.hidden_rows == "leave out" else ()
    table, left_out = leave_out(source.table, plan.leave_out, hidden)
    problems: tuple[Problem, ...] = ()
    if plan.one_row_per_patient == "merged" and ids in table:
        take = {s: "" if e.take == TAKE[0] else e.take for e in plan.columns for s in e.uses}
        table, further, problems = merged(table, ids, take)
        left_out += further
    elif plan.one_row_per_patient and ids in table:
        table, further = one_row_each(table, ids, plan.one_row_per_patient)
        left_out += further
    if ids == NUMBERS:
        table = table.assign(**{NUMBERS: numbers_of(table)})
    notes = source.notes
    if plan.hidden_rows and source.hidden:
        notes = tuple(note for note in notes if " hidden row" not in note)
        if not hidden:
            notes += (f"{len(source.hidden):,} hidden rows were read, as the mapping says.",)
    return replace(source, table=table, left_out=left_out, notes=notes, problems=problems)


def _doubtful(doubts: Sequence[Doubt], plan: Mapping | None) -> Iterator[Problem]:
    """Ask how the numbers of a column are meant, of those that are used as numbers."""
    columns = load_dictionary().columns
    if plan is None:
        used = {name for name, column in columns.items() if column.is_numeric}
    else:
        used = {s for e in plan.columns if columns[e.name].is_numeric for s in e.sources}
    for doubt in doubts:
        # What has a comma is no number, and is refused with its row.
        if doubt.column in used and "," not in doubt.example:
            expected = (
                f"to be told whether that is {doubt.as_decimal} or {doubt.as_thousands}: every "
                "mark of this column stands before three digits"
            )
            advice = (
                'say in a mapping file decimal = "," or decimal = "."; or write the numbers with a '
                "decimal point and without a separator of thousands"
            )
            yield Problem(None, doubt.column, doubt.example, expected, advice)


def _refuse_by_content(path: Path, raw: bytes) -> None:
    """Refuse a file that is neither text nor a workbook, or text that is no table."""
    if raw.startswith(_OLE):
        if _ENCRYPTED in raw:
            raise UnreadableFile(
                f"The workbook {path.name} is protected by a password; open it in the "
                "spreadsheet, remove the password and save it again."
            )
        raise UnreadableFile(
            f"The file {path.name} is a workbook of Excel 97-2003 (.xls), whatever its name; "
            f"open it in the spreadsheet and save it as .xlsx, {INSTALL}."
        )
    if raw.startswith(b"PK"):
        raise UnreadableFile(f"The file {path.name} is an empty or split ZIP archive; {_SAVE}.")
    for beginning, name in _OTHERS:
        if raw.startswith(beginning):
            also = f", {INSTALL}" if kind_of(path, raw) else ""
            raise UnreadableFile(f"The file {path.name} is {name}; {_SAVE}{also}.")
    # Without the zeros of UTF-16 and without a byte-order mark.
    start = raw[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise UnreadableFile(
            f"The file {path.name} is a web page, whatever its name; open it in the spreadsheet "
            "and save it as .xlsx."
        )
    if start.startswith(b"<?xml"):
        raise UnreadableFile(
            f"The file {path.name} is XML; open it in the spreadsheet and save it as .xlsx."
        )
    if start.startswith((b"{", b"[")):
        raise UnreadableFile(f"The file {path.name} is JSON; {_SAVE}.")
