"""Text files: which encoding, which separator.

A spreadsheet saves "CSV" in the way of its country: Excel in Germany or France writes semicolons
and decimal commas, in Windows-1252. Encoding and separator are found out here, and told in a note.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from reanalysis.cohort.grid import (
    CONTROL,
    MAX_CELL,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Grid,
    clean,
)
from reanalysis.core.errors import UnreadableFile

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}

_SAMPLE = 65_536  # characters looked at to find the separator
_SHOWN = 30  # characters of an example
_SAVE_AS = "save the file in the spreadsheet as 'CSV UTF-8'"

_BYTE_ORDER_MARKS = (
    # That of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF8, "utf-8-sig", ""),
)
# What beyond ASCII a Western European table may hold. A table in another eight-bit encoding,
# such as Korean, is full of other signs when it is read as Windows-1252.
_WESTERN = re.compile(
    "[\x00-\x7f\xa0\u2013-\u201e\u2026À-ÖØ-öø-ÿŠšŽžŒœŸ°ªºµ±²³€£§·«»¡¿½¼¾®©™†]*"  # dashes, quotes, …
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
# Of the signs that Excel takes there, those that cannot be part of a name or a number.
_EXCEL_SEPARATOR = re.compile(r'"?sep=([,;\t|:^~!#$%&*/\\])"?(\r\n|\r|\n)')


def read_delimited(raw: bytes) -> Grid:
    """Read a file of separated values.

    Parameters
    ----------
    raw
        The whole file. UTF-8 with or without a byte-order mark, UTF-16, or Windows-1252 (of
        which Latin-1 is a part); values separated by commas, semicolons or tabs; decimal points
        or decimal commas.

    Returns
    -------
    Grid
        Its cells as they stand; which of their marks is the decimal one, ``cohort.numerals`` finds
        out column by column.

    Raises
    ------
    UnreadableFile
        If it is not such a file.
    """
    text, encoding = decode(raw)
    notes = [f"The file was read as {encoding}."] if encoding else []
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        sign = f"U+{ord(found[0]):04X}"
        raise UnreadableFile(
            f"Line {line} of the file holds the control character {sign}, which no text holds; "
            "expected a CSV file: the file is damaged, or not a CSV file at all."
        )
    text, comments = _without_comments(text)
    if comments:
        notes.append(f"{comments} lines above the header that begin with # were left out.")
    separator = ""
    if named := _EXCEL_SEPARATOR.match(text):
        # Excel takes the separator from such a line and does not show it as a row.
        separator, text = named[1], text[named.end() :]
    separator = separator or find_separator(text)
    if separator != ",":
        notes.append(f"Values are separated by {SEPARATORS.get(separator, repr(separator))}.")
    _refuse_by_count(text, separator)
    rows = list(_rows(text, separator))
    return Grid(rows, tuple(notes), padded=True, commas_likely=separator != ",")


def _without_comments(text: str) -> tuple[str, int]:
    """Empty the lines above a header that begin with #, as cBioPortal writes them.

    Returns
    -------
    text : str
        With the same number of lines, so that rows are counted as in the file.
    comments : int
        How many there were.
    """
    lines = text[:_SAMPLE].splitlines(keepends=True)
    comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    # One such line may be the header itself.
    if comments < 2 or not lines[comments].strip():
        return text, 0
    size = sum(map(len, lines[:comments]))
    return "\n" * comments + text[size:], comments


def decode(raw: bytes) -> tuple[str, str]:
    """Decode a text file.

    Returns
    -------
    text : str
        Without a byte-order mark.
    encoding : str
        Its name for the reader; empty for UTF-8.

    Raises
    ------
    UnreadableFile
        If no encoding that is understood here fits.
    """
    for mark, codec, name in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(codec), name
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"The file begins as {name or 'UTF-8'} and is damaged at byte {error.start}; "
                    f"{_SAVE_AS}."
                ) from error
    if codec := _utf_16_without_mark(raw[:4096]):
        try:
            return raw.decode(codec), "UTF-16"
        except UnicodeDecodeError:
            pass
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        damaged = raw[error.start]
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or not _WESTERN.fullmatch(text):
        raise UnreadableFile(
            f"The file is neither UTF-8 (byte 0x{damaged:02X} does not belong there) nor Western "
            f"European (Windows-1252); expected a CSV file in UTF-8: {_SAVE_AS}."
        )
    example = _cut(_word_beyond_ascii(text))
    return text, f"Windows-1252 (Western European), because it is not UTF-8: {example}"


def _word_beyond_ascii(text: str) -> str:
    """Give the first word that is not ASCII; of a very long one the part around that sign."""
    found = _BEYOND_ASCII.search(text)
    at = found.start() if found else 0
    before = text[max(at - _SHOWN, 0) : at].split(" ")[-1].split()
    after = text[at : at + _SHOWN].split()
    return (before[-1] if before else "") + after[0]


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _utf_16_without_mark(head: bytes) -> str:
    """Name the UTF-16 in which every other byte would be zero, as it is for plain English."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even == 0:
        return "utf-16-le"
    if even > 0.4 * half and odd == 0:
        return "utf-16-be"
    return ""


def find_separator(text: str) -> str:
    """Find what separates the values: what gives the header the most columns.

    Parameters
    ----------
    text
        A file of separated values.

    Returns
    -------
    str
        A comma, a semicolon or a tab; a comma where there is only one column.

    Raises
    ------
    UnreadableFile
        If the values are separated by something else.
    """
    sample = text[:_SAMPLE]
    widths = {}
    for separator in SEPARATORS:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            widths[separator] = len(next((row for row in rows if any(row)), []))
        except csv.Error:
            widths[separator] = 0
    best = max(widths, key=lambda separator: widths[separator])
    if widths[best] > 1:
        return best
    header = next((line for line in sample.splitlines() if line.strip()), "")
    for other, name in (("|", "'|'"), (":", "':'"), ("  ", "blanks")):
        if header.strip().count(other) > 1:
            raise UnreadableFile(
                f"The values seem to be separated by {name}; expected commas, semicolons or tabs: "
                "save the file as CSV."
            )
    return ","


class _Cells(dict[str, str]):
    """The cells as they stand, each with what it is without blanks around it.

    The same value thousands of times is looked at once, and takes its place once.

    Attributes
    ----------
    odd
        Values that a row may be refused for: of several lines, or too long.
    """

    def __init__(self) -> None:
        self._shared: dict[str, str] = {}
        self.odd: set[str] = set()

    def __missing__(self, as_it_stands: str) -> str:
        cell = clean(as_it_stands)
        if "\n" in cell or "\r" in cell or len(cell) > MAX_CELL:
            self.odd.add(cell)
        self[as_it_stands] = self._shared.setdefault(cell, cell)
        return self[as_it_stands]


def _refuse_by_count(text: str, separator: str) -> None:
    """Refuse a file that would have too many values, before they are told apart."""
    if text.count(separator) > 2 * MAX_CELLS:
        raise UnreadableFile(
            f"The file holds more than {2 * MAX_CELLS:,} separators; expected one row per patient "
            "in the columns of the data dictionary: delete the other columns and rows."
        )


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the cells of each row; one that is empty has none."""
    known = _Cells()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number, width, size = 0, 0, 0
    try:
        for number, row in enumerate(reader, 1):
            if number > MAX_ROWS:
                raise UnreadableFile(
                    f"The file has more than {MAX_ROWS:,} rows; expected one row per patient."
                )
            cells = [known[cell] for cell in row]
            if len(cells) > MAX_COLUMNS:
                _refuse_far_values(cells, number)
                cells = cells[:MAX_COLUMNS]
            size += len(cells)
            if size > MAX_CELLS:
                raise UnreadableFile(
                    f"The file holds more than {MAX_CELLS:,} values; expected one row per patient "
                    "in the columns of the data dictionary: delete the other columns."
                )
            width = width or len(cells)
            if not known.odd.isdisjoint(cells):
                _refuse_swallowed_rows(cells, number, separator, width)
                _refuse_long_values(cells, number)
            yield cells
    except csv.Error as error:
        what = "a quotation mark stands inside a value that is in quotation marks"
        if "unexpected end" in str(error):
            what = "a quotation mark is opened and never closed"
        elif "field larger" in str(error):
            what = (
                f"a value has more than {csv.field_size_limit():,} characters, or a quotation mark "
                "is opened and never closed"
            )
        raise UnreadableFile(
            f"In row {number + 1} {what}; expected them in pairs around a value: delete it, or "
            'write "" for one that belongs to the value.'
        ) from error


def _refuse_far_values(cells: list[str], number: int) -> None:
    """Refuse more values than columns can be; separators alone at the end of a row do no harm."""
    if any(cells[MAX_COLUMNS:]):
        raise UnreadableFile(
            f"Row {number} of the file has {len(cells):,} values; expected the columns of the data "
            f"dictionary, and at most {MAX_COLUMNS:,}."
        )


def _refuse_long_values(cells: list[str], number: int) -> None:
    for cell in cells:
        if len(cell) > MAX_CELL:
            raise UnreadableFile(
                f"In row {number} of the file a value has {len(cell):,} characters; expected one "
                f"value in each cell, and at most {MAX_CELL:,} characters: shorten it, or look "
                "for a quotation mark or a line break that is missing."
            )


def _refuse_swallowed_rows(cells: list[str], number: int, separator: str, width: int) -> None:
    """Refuse a cell that holds whole rows: the work of two quotation marks rows apart."""
    for cell in cells:
        if "\n" not in cell and "\r" not in cell:
            continue
        if any(line.count(separator) >= max(width - 2, 1) for line in cell.splitlines()):
            raise UnreadableFile(
                f"In row {number} one value runs over several rows of the file; expected quotation "
                "marks in pairs around a value: look for one too many there."
            )
