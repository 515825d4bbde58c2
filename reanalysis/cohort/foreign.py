"""Files of other programs: SPSS, Stata, SAS, R, OpenDocument and Excel 97-2003.

What reads them is not part of the book: it is installed when wanted (``make formats``). Each reader
runs in a process of its own, within bounds of time and memory, so that a file that was made to harm
it, or breaks it, ends there and in a sentence.
"""

import bz2
import json
import lzma
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reanalysis.cohort.grid import CONTROL, MAX_CELL, Grid, clean
from reanalysis.cohort.package import MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED_BYTES
from reanalysis.core.errors import UnreadableFile, printable

SECONDS = 60
MEMORY = 3 * 2**30  # of addresses, most of which the readers' libraries only reserve
_MAX_OUTPUT = 400 * 2**20
_SMALL = 10 * 2**20

# What reads a kind of file, by the name that is imported.
KINDS = {
    "SPSS": "pyreadstat",
    "Stata": "pyreadstat",
    "SAS": "pyreadstat",
    "SAS transport": "pyreadstat",
    "R": "rdata",
    "spreadsheet": "python_calamine",
}
_SAS = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_BEGINNINGS = (
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
    (b"<stata_dta>", "Stata"),
    *((bytes([version, order]), "Stata") for version in (113, 114, 115) for order in (1, 2)),
    (_SAS, "SAS"),
    (b"HEADER RECORD*******LIB", "SAS transport"),
    (b"RDX2\n", "R"),
    (b"RDX3\n", "R"),
    (b"X\n\x00\x00\x00", "R"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),
)
_PACKED: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", lambda raw: zlib.decompressobj(31).decompress(raw, 64)),
    (b"BZh", lambda raw: bz2.BZ2Decompressor().decompress(raw, 64)),
    (b"\xfd7zXZ", lambda raw: lzma.LZMADecompressor().decompress(raw, 64)),
)


def kind_of(path: Path, raw: bytes) -> str:
    """Say which other program's file it is.

    Parameters
    ----------
    path
        The file.
    raw
        Its bytes.

    Returns
    -------
    str
        One of ``KINDS``; empty for any other file.
    """
    start = raw[:64]
    for beginning, unpack in _PACKED:
        if raw.startswith(beginning):
            try:
                start = unpack(raw[: 2**20])
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
                return ""
            # Only R packs its own files so.
            return "R" if start.startswith((b"RDX", b"X\n\x00\x00\x00", b"RDA", b"A\n")) else ""
    if raw.startswith(b"PK\x03\x04"):
        return "spreadsheet" if _is_other_spreadsheet(path) else ""
    return next((kind for begins, kind in _BEGINNINGS if start.startswith(begins)), "")


def can_read(kind: str) -> bool:
    """Whether what reads a kind of file is installed."""
    return find_spec(KINDS[kind]) is not None


def read_foreign(path: Path, kind: str, sheet: str = "") -> Grid:
    """Read another program's file.

    Parameters
    ----------
    path
        The file.
    kind
        What it is.
    sheet
        Which of its tables, where it has several: a sheet, or a data frame.

    Returns
    -------
    Grid
        Its cells, with the labels of values where it has some.

    Raises
    ------
    UnreadableFile
        If it cannot be read.
    """
    content = _read(path, kind, sheet, "table")
    rows = [[clean(cell) for cell in row] for row in content["rows"]]
    for number, row in enumerate(rows, 1):
        for cell in row:
            if len(cell) > MAX_CELL or CONTROL.search(cell):
                raise UnreadableFile(
                    f"In row {number} of the file {printable(path.name)} a value has more than "
                    f"{MAX_CELL:,} characters, or one that no text holds; expected one value in "
                    "each cell."
                )
    return Grid(
        rows,
        tuple(content["notes"]),
        padded=True,
        hidden=tuple(content.get("hidden", ())),
        filtered=content.get("filtered", False),
    )


def foreign_headers(path: Path, kind: str) -> dict[str, list[str]]:
    """Give the first filled row of each table of another program's file.

    Parameters
    ----------
    path
        The file.
    kind
        What it is.

    Returns
    -------
    dict
        By the names of its sheets or data frames; empty of a kind that has one table only.

    Raises
    ------
    UnreadableFile
        If it cannot be read.
    """
    if kind not in ("R", "spreadsheet"):
        return {}
    headers = _read(path, kind, "", "headers")["headers"]
    return {str(name): list(map(clean, cells)) for name, cells in headers.items()}


def _read(path: Path, kind: str, sheet: str, what: str) -> dict[str, Any]:
    """Run the reader, and give what it wrote."""
    command = [sys.executable, "-m", "reanalysis.cohort.foreign_reader"]
    name = printable(path.name)
    try:
        done = subprocess.run(
            [*command, kind, str(path.resolve()), sheet, str(MEMORY), what],
            capture_output=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(
            f"The file {name} took more than {SECONDS} seconds to read; expected a cohort: save "
            "the table as 'CSV UTF-8'."
        ) from error
    if done.returncode or len(done.stdout) > _MAX_OUTPUT:
        raise UnreadableFile(
            f"The file {name} could not be read: it is damaged, or much larger than a cohort; "
            "save the table as 'CSV UTF-8' in the program that it comes from."
        )
    content: dict[str, Any] = json.loads(done.stdout)
    if refused := content.get("refused"):
        raise UnreadableFile(
            f"The file {name} is {_described(path, kind)} and {refused}; if you can open it where "
            "it comes from, save the table as .xlsx or as 'CSV UTF-8'."
        )
    return content


def _described(path: Path, kind: str) -> str:
    if kind == "spreadsheet":
        if not zipfile.is_zipfile(path):
            return "a workbook of Excel 97-2003 (.xls)"
        return "an OpenDocument file (.ods) or binary workbook (.xlsb)"
    return f"an {kind} file" if kind[0] in "RS" and kind != "Stata" else f"a {kind} file"


def _is_other_spreadsheet(path: Path) -> bool:
    """Whether a ZIP file is an OpenDocument or a binary workbook, of a size that is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return False
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" in names or not names & {"content.xml", "xl/workbook.bin"}:
        return False
    bombs = [e for e in entries if e.file_size > max(_SMALL, MAX_RATIO * e.compress_size)]
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or bombs or len(entries) > MAX_ENTRIES:
        raise UnreadableFile(
            f"The file {printable(path.name)} would unpack to {unpacked / 2**20:,.0f} MB; expected "
            "a cohort: copy the patients' rows into a new file."
        )
    return "content.xml" not in names or "mimetype" in names
