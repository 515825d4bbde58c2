"""What stands in the parts of a workbook: its sheets, its texts, its formats of dates, its cells.

Each class takes one kind of part from ``reanalysis.cohort.package`` element by element and keeps of
it what a table needs. Formulas are never evaluated: what counts is the value that the spreadsheet
stored when the file was saved. Whatever no spreadsheet writes is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH, from_excel

from reanalysis.cohort.grid import (
    CONTROL,
    MAX_CELL,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_TOLD,
    clean,
    letter,
)
from reanalysis.cohort.package import Damaged, Reader, attribute
from reanalysis.core.errors import UnreadableFile

# A spreadsheet has so many rows and columns and no more.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_LONGEST_NUMBER = 64
_DIGITS = 7  # of the numbers of rows, texts and styles
_LONGEST_FORMAT = 255
_MOST_STYLES = 100_000  # Excel has 65,490
_KEPT = 100_000  # texts of cells of which one copy is kept
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_AREA = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00(:00(\.0*)?)?Z?)?")
# How a workbook writes what XML cannot, of what may stand in a cell.
_ESCAPED = re.compile("_x(000[9AaDd]|005[Ff])_")


@dataclass(frozen=True)
class Sheet:
    """A sheet as the workbook lists it."""

    name: str
    relation: str
    visible: bool


class Contents(Reader):
    """The list of sheets, from ``xl/workbook.xml``."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.since_1904 = False

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element."""
        if name == "sheet" and depth == 3:
            visible = attributes.get("state", "visible") == "visible"
            title, relation = attributes.get("name", ""), attribute(attributes, "id")
            self.sheets.append(Sheet(title, relation, visible))
        elif name == "workbookPr" and depth == 2:
            self.since_1904 = attributes.get("date1904", "") in ("1", "true")


class Relations(Reader):
    """Which part a relation leads to, and what it is; those that lead out of the file are left."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element."""
        if name == "Relationship" and depth == 2 and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.parts[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    def one(self, kind: str) -> str:
        """Give what the only relation of a kind leads to; empty where there is none."""
        return next((target for of, target in self.parts.values() if of == kind), "")


class Texts(Reader):
    """The texts that cells share, from ``xl/sharedStrings.xml``."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] | None = None
        self._open = self._phonetic = False
        self._length = 0

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element."""
        if depth == 2 and name == "si":
            self._pieces, self._length = [], 0
        elif name == "rPh":
            self._phonetic = True  # how a name is spoken, in Japanese
        elif name == "t":
            self._open = self._pieces is not None and not self._phonetic

    def end(self, name: str, depth: int) -> None:
        """Take the end of an element."""
        if depth == 2 and self._pieces is not None:
            self.texts.append(cell_text("".join(self._pieces)))
            self._pieces = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "t":
            self._open = False

    def text(self, text: str) -> None:
        """Take text."""
        if self._open and self._pieces is not None:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > MAX_CELL:
                raise too_long(f"A text (number {len(self.texts) + 1:,} of those that cells share)")


class Styles(Reader):
    """Which styles of cells show a number as a date, from ``xl/styles.xml``."""

    def __init__(self) -> None:
        self.dates: list[str] = []
        self._formats: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._cells = False

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element."""
        if name == "numFmt" and depth == 3:
            code = attributes.get("formatCode", "")
            self._formats[attributes.get("numFmtId", "")] = code[: _LONGEST_FORMAT + 1]
        elif depth == 2:
            self._cells = name == "cellXfs"
        elif name == "xf" and depth == 3 and self._cells:
            if len(self.dates) == _MOST_STYLES:
                raise Damaged(f"it has more than {_MOST_STYLES:,} styles of cells")
            number = attributes.get("numFmtId", "0")
            if number not in self._kinds:
                self._kinds[number] = self._kind(number)
            self.dates.append(self._kinds[number])

    def _kind(self, number: str) -> str:
        """Say whether a format is one of dates, one of durations, or another."""
        code = self._formats.get(number, "")
        if not code and len(number) < 4 and number.isascii() and number.isdigit():
            code = BUILTIN_FORMATS.get(int(number), "")
        if len(code) > _LONGEST_FORMAT or not is_date_format(code):
            return ""
        return "duration" if is_timedelta_format(code) else "date"


@dataclass
class Cells(Reader):
    """The cells of a sheet.

    Parameters
    ----------
    sheet
        Its name, for messages.
    texts
        The texts that cells share.
    dates
        Of each style, whether it shows a number as a date.
    since_1904
        Whether dates are counted from 1904.
    most_characters
        How many characters its cells may have together.
    """

    sheet: str
    texts: Sequence[str] = ()
    dates: Sequence[str] = ()
    since_1904: bool = False
    most_characters: int = 10_000_000
    rows: list[list[str]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    # Row, column and formula of cells that hold a formula without its result, and how many more.
    not_computed: list[tuple[int, int, str]] = field(default_factory=list)
    not_computed_more: int = 0
    # Numbers of filled rows that a spreadsheet does not show, and whether a filter is set.
    hidden: list[int] = field(default_factory=list)
    filtered: bool = False

    def __post_init__(self) -> None:
        self._row = self._column = 0
        self._cells: list[str] = []
        self._empty: list[str] = []
        self._filled = self._size = self._characters = 0
        self._in_rows = self._in_merged = self._in_filter = self._hidden = False
        self._kind = self._style = ""
        self._pieces: list[str] | None = None
        self._value: str | None = None
        self._formula: str | None = None
        self._length = 0
        self._phonetic = False
        self._kept: dict[tuple[str, str, str], str] = {}

    # --- as the parser calls them -----------------------------------------------------------

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element."""
        if depth == 1:
            if name != "worksheet":
                raise Damaged(f"the sheet {shown(self.sheet)} is no table")
        elif depth == 2:
            self._in_rows, self._in_merged = name == "sheetData", name == "mergeCells"
            self._in_filter = name == "autoFilter"
        elif self._in_merged:
            area = attributes.get("ref", "")
            if name == "mergeCell" and _AREA.fullmatch(area) and len(self.merged) < MOST_TOLD:
                self.merged.append(area)
        elif self._in_filter:
            self.filtered = self.filtered or name == "filterColumn"
        elif not self._in_rows:
            return
        elif depth == 3:
            if name == "row":
                self._start_row(attributes.get("r"))
                self._hidden = attributes.get("hidden", "") in ("1", "true")
        elif depth == 4:
            if name == "c":
                self._start_cell(attributes)
        elif depth == 5 and name in ("v", "f"):
            self._pieces, self._length = [], 0
        elif depth == 5 and name == "is":
            self._value, self._length = "", 0
        elif depth > 5 and name == "rPh":
            self._phonetic = True
        elif depth > 5 and name == "t" and not self._phonetic:
            self._pieces = []

    def end(self, name: str, depth: int) -> None:
        """Take the end of an element."""
        if not self._in_rows or depth < 3:
            return
        if depth == 3:
            self._end_row()
        elif depth == 4:
            if name == "c":
                self._end_cell()
        elif name == "rPh":
            self._phonetic = False
        elif self._pieces is not None:
            text = "".join(self._pieces)
            self._pieces = None
            if depth == 5 and name == "f":
                self._formula = text
            elif depth == 5:
                self._value = text
            else:
                self._value = (self._value or "") + text

    def text(self, text: str) -> None:
        """Take text."""
        if self._pieces is not None:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > MAX_CELL:
                raise too_long(f"{self._where()} of the sheet {shown(self.sheet)}")

    # --- what they mean ---------------------------------------------------------------------

    def _start_row(self, number: str | None) -> None:
        row = self._row + 1
        if number is not None:
            if not _is_whole(number) or not number.strip("0"):
                raise Damaged(f"in the sheet {shown(self.sheet)} a row has number {shown(number)}")
            if len(number) > _DIGITS:
                raise self._beyond(f"a row {shown(number)}")
            row = int(number)
        if row <= self._row:
            raise Damaged(
                f"in the sheet {shown(self.sheet)} row {row:,} stands after row {self._row:,}"
            )
        if row > LAST_ROW:
            raise self._beyond(f"a row {row:,}")
        self._row, self._column, self._cells = row, 0, []

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        column = self._column + 1
        if reference is not None:
            column, row = self._position(reference)
            if row != self._row or column <= self._column:
                raise Damaged(
                    f"in the sheet {shown(self.sheet)} the cell {reference} stands in row "
                    f"{self._row:,} as number {self._column + 1:,} or later"
                )
        if column > LAST_COLUMN:
            raise self._beyond(f"a column {column:,}")
        self._column = column
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value = self._formula = self._pieces = None
        self._phonetic = False

    def _position(self, reference: str) -> tuple[int, int]:
        found = _REFERENCE.fullmatch(reference)
        if not found:
            raise self._beyond(f"a cell {shown(reference)}")
        column = 0
        for sign in found[1].upper():
            column = 26 * column + ord(sign) - ord("A") + 1
        return column, int(found[2])

    def _end_cell(self) -> None:
        raw, formula = self._value, self._formula
        if formula is not None and not raw and self._kind != "str":
            if len(self.not_computed) < MOST_TOLD:
                self.not_computed.append((self._row, self._column - 1, f"={formula}"))
            else:
                self.not_computed_more += 1
        if not raw:
            return
        key = (self._kind, self._style, raw)
        text = self._kept.get(key)
        if text is None:
            text = self._read(raw)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = text
        if not text:
            return
        if self._column > MAX_COLUMNS:
            raise UnreadableFile(
                f"The sheet has values beyond column {letter(MAX_COLUMNS - 1)}; expected the "
                "columns of the data dictionary: delete what stands there."
            )
        self._characters += len(text)
        if self._characters > self.most_characters:
            raise UnreadableFile(
                f"The sheet {shown(self.sheet)} holds more than {self.most_characters:,} "
                "characters, far more than a file of this size has; "
                "expected one row per patient: delete the columns of long texts."
            )
        cells = self._cells
        if missing := self._column - 1 - len(cells):
            cells += [""] * missing
        cells.append(text)

    def _end_row(self) -> None:
        if not self._cells:
            return  # a sheet may be formatted down to its last row
        self._filled += 1
        if self._filled > MAX_ROWS:
            raise UnreadableFile(
                f"The sheet has more than {MAX_ROWS:,} filled rows; expected one row per patient."
            )
        self._size += len(self._cells)
        if self._size > MAX_CELLS:
            raise UnreadableFile(
                f"The sheet spans more than {MAX_CELLS:,} cells; expected one row per patient in "
                "the columns of the data dictionary: delete the other columns."
            )
        self.rows += [self._empty] * (self._row - 1 - len(self.rows))
        self.rows.append(self._cells)
        if self._hidden:
            self.hidden.append(self._row)

    def _read(self, raw: str) -> str:
        """Give the value of a cell as text: a number as it is stored, a date as 2020-05-31."""
        match self._kind:
            case "s":
                raw = raw.strip()
                if not _is_whole(raw) or len(raw) > _DIGITS or int(raw) >= len(self.texts):
                    raise Damaged(
                        f"{self._where()} of the sheet {shown(self.sheet)} shows the text number "
                        f"{shown(raw)} of {len(self.texts):,}"
                    )
                return self.texts[int(raw)]
            case "n":
                return self._number(raw.strip())
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(raw.strip(), cell_text(raw))
            case "d":
                found = _ISO_DATE.fullmatch(raw.strip())
                return found[1] if found else cell_text(raw.replace("T", " "))
        return cell_text(raw)

    def _number(self, raw: str) -> str:
        if len(raw) > _LONGEST_NUMBER or not _NUMBER.fullmatch(raw):
            raise Damaged(
                f"{self._where()} of the sheet {shown(self.sheet)} is stored as a number and holds "
                f"{shown(raw)}"
            )
        value = float(raw) if set(raw) & set(".eE") else int(raw)
        style = self._style
        kind = ""
        if _is_whole(style) and len(style) <= _DIGITS and int(style) < len(self.dates):
            kind = self.dates[int(style)]
        if kind:
            return self._date(value, duration=kind == "duration")
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return str(value)

    def _date(self, value: float, *, duration: bool) -> str:
        epoch = CALENDAR_MAC_1904 if self.since_1904 else WINDOWS_EPOCH
        try:
            date = from_excel(value, epoch, timedelta=duration)
        except (OverflowError, ValueError):
            return "#VALUE!"  # what a spreadsheet shows in its place
        return str(date).removesuffix(" 00:00:00")

    # --- what is refused --------------------------------------------------------------------

    def _beyond(self, what: str) -> UnreadableFile:
        return UnreadableFile(
            f"The sheet {shown(self.sheet)} says that it has {what}; expected at most "
            f"{LAST_ROW:,} rows and {LAST_COLUMN:,} columns, as a spreadsheet has: copy the "
            "patients' rows into a new workbook."
        )

    def _where(self) -> str:
        return f"The cell {letter(self._column - 1)}{self._row}"


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()


def cell_text(raw: str) -> str:
    """Give the text of a cell as it is shown, without blanks around it."""
    if len(raw) > MAX_CELL:
        raise too_long("A cell")
    if "_x" in raw:
        raw = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), raw)
    if found := CONTROL.search(raw):
        raise UnreadableFile(
            f"A cell of the workbook holds the control character U+{ord(found[0]):04X} in "
            f"{shown(raw)}, which no text holds; type the cell again."
        )
    return clean(raw)


def too_long(what: str) -> UnreadableFile:
    """Say that a text is longer than a cell."""
    return UnreadableFile(
        f"{what} has more than {MAX_CELL:,} characters, the most that a spreadsheet takes; "
        "expected one value in each cell: delete or shorten it."
    )


def shown(text: str) -> str:
    """Show a text from the file, cut to what fits a line."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
