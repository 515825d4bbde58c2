"""Read a table from a file that somebody else made, and harm nobody by it.

What a file is, is seen by its first bytes and not by its name. Whatever cannot be read is refused
with a sentence that says what it is and what to do, and anything too large before it is opened.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reanalysis.cohort.delimited import read_delimited
from reanalysis.cohort.grid import as_table
from reanalysis.cohort.identifiers import refuse_identifiers
from reanalysis.cohort.mapping import Mapping
from reanalysis.core.dictionary import PATIENT
from reanalysis.core.errors import UnreadableFile

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
    """

    table: pd.DataFrame
    notes: tuple[str, ...]


def read_source(path: Path | str, sheet: str = "", ids: str = PATIENT) -> Source:
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
    if raw.startswith(_ZIP):
        from reanalysis.cohort.workbook import read_workbook  # here: most cohorts are no workbooks

        grid = read_workbook(path, sheet)
    else:
        _refuse_by_content(path, raw)
        grid = read_delimited(raw)
    table = as_table(grid)
    refuse_identifiers(table, ids)
    return Source(table, grid.notes)


def read_table(path: Path | str, sheet: str = "") -> pd.DataFrame:
    """Read the table of a file; see ``read_source``."""
    return read_source(path, sheet).table


def read_planned(path: Path | str, plan: Mapping | None) -> Source:
    """Read a file for a mapping: the sheet that it names, and labels where it says they are.

    Parameters
    ----------
    path
        The file.
    plan
        What its columns become; None where they are those of the dictionary.
    """
    if plan is None:
        return read_source(path)
    made = {entry.name: entry.source for entry in plan.columns}
    return read_source(path, plan.sheet, made.get(PATIENT, PATIENT))


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
            "open it in the spreadsheet and save it as .xlsx."
        )
    if raw.startswith(b"PK"):
        raise UnreadableFile(f"The file {path.name} is an empty or split ZIP archive; {_SAVE}.")
    for beginning, name in _OTHERS:
        if raw.startswith(beginning):
            raise UnreadableFile(f"The file {path.name} is {name}; {_SAVE}.")
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
