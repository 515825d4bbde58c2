"""The cells of a file as text, and the table that they make.

CSV and Excel files both become a grid. From there on it makes no difference which one it was.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

import pandas as pd

from reanalysis.core.errors import InvalidCohort, Problem, UnreadableFile

# Far above any cohort, and low enough that a hostile file ends early.
MAX_ROWS = 500_000
MAX_COLUMNS = 1_000
MAX_CELLS = 10_000_000
MAX_CELL = 32_767  # characters; as many as Excel lets into a cell
MAX_NAME = 1_000  # characters of a column's name
# Of so many rows or cells each problem is told; beyond that they are counted.
MOST_TOLD = 1_000

# What no text holds: a damaged file, or one that would talk to a terminal.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# A spreadsheet counts its rows from 1, and the header is the first of them.
FIRST_ROW = 2

_DIGITS = re.compile("[0-9]+")
_MOST_DIGITS = 10  # of the number of a row

# Invisible characters that copying from a web page leaves around a value.
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"


@dataclass(frozen=True)
class Grid:
    """What a file holds, row by row.

    Attributes
    ----------
    rows
        The cells of row 1, 2, ... of the file; a row without a value may be empty.
    notes
        How the file was read, where there was a choice: one sentence each.
    padded
        Whether every row of the file says how many cells it has, as one of a CSV file does.
    merged
        Ranges of merged cells, as ``"A5:A6"``.
    problems
        What the reader of the file found wrong with single cells.
    commas_likely
        Whether the file comes from where decimal commas are usual.
    hidden
        Rows of the file with values that a spreadsheet does not show.
    filtered
        Whether a filter is what hides them.
    """

    rows: list[list[str]]
    notes: tuple[str, ...] = ()
    padded: bool = False
    merged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    commas_likely: bool = False
    hidden: tuple[int, ...] = ()
    filtered: bool = False

    @cached_property
    def has_row_numbers(self) -> bool:
        """Whether the first column has no name and numbers the rows, as R and pandas write them."""
        filled = [row for row in self.rows if any(row)]
        if len(filled) < 2 or filled[0][0] or not any(filled[0]):
            return False
        cells = [row[0] if row else "" for row in filled[1:]]
        if not all(c.isascii() and c.isdigit() and len(c) < _MOST_DIGITS for c in cells):
            return False
        return all(one < other for one, other in pairwise(map(int, cells)))


def clean(cell: str) -> str:
    """Strip a cell of blanks and of characters that cannot be seen."""
    cell = cell.strip()
    return cell if cell.isascii() else cell.strip(_INVISIBLE).strip()


def letter(position: int) -> str:
    """Name a column as a spreadsheet does: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def as_table(grid: Grid) -> pd.DataFrame:
    """Make the table of a grid: its first filled row is the header.

    Parameters
    ----------
    grid
        The cells.

    Returns
    -------
    pandas.DataFrame
        Every cell as ``str``; an empty one is the empty string. Rows without any value are left
        out; the index still counts them, so that index 0 is row 2 of the file.

    Raises
    ------
    InvalidCohort
        If the header or the shape is not that of a table; with every such problem.
    """
    top = next((i for i, row in enumerate(grid.rows) if any(row)), None)
    if top is None:
        raise UnreadableFile(
            "The file holds no value; expected a header in row 1 and one row per patient below."
        )
    body = {i: row for i, row in enumerate(grid.rows[top + 1 :], top + 1) if any(row)}
    header = [" ".join(cell.split()) for cell in grid.rows[top]]
    if not grid.padded:
        # The rows of a workbook have no ends; what stands beside the header has no name.
        width = max(len(_trimmed(row)) for row in [header, *body.values()])
        header = (header + [""] * width)[:width]
    _refuse_a_title(header, top, list(body.values()))
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"The header has {len(header)} columns; expected the columns of the data dictionary, "
            f"and at most {MAX_COLUMNS}."
        )
    if len(header) * len(body) > MAX_CELLS:
        raise UnreadableFile(
            f"The table spans {len(header):,} columns and {len(body):,} rows, more than "
            f"{MAX_CELLS:,} cells; expected one row per patient in the columns of the data "
            "dictionary: delete the other columns."
        )
    problems = [
        *_merged_problems(grid.merged, top, body),
        *grid.problems,
        *_header_problems(header, top, body, numbered=grid.has_row_numbers),
        *_ragged_problems(header, body, padded=grid.padded),
    ]
    if problems:
        raise InvalidCohort(problems)
    index = pd.Index([i + 1 - FIRST_ROW for i in body], dtype="int64")
    rows = list(body.values())
    shortest = min(map(len, rows), default=0)
    # Column by column: the cells of a row that is shorter than the header are never made.
    return pd.DataFrame(
        {
            name: pd.Series(
                _column(rows, position, in_all=position < shortest), index=index, dtype=object
            )
            for position, name in enumerate(header)
            if name
        },
        index=index,
    )


def _column(rows: list[list[str]], position: int, *, in_all: bool) -> list[str]:
    """Give the cells at a position, which may lie behind the end of some rows."""
    if in_all:
        return list(map(itemgetter(position), rows))
    return [row[position] if position < len(row) else "" for row in rows]


def _trimmed(row: list[str]) -> list[str]:
    """Cut the empty cells at the end of a row."""
    width = max((i + 1 for i, cell in enumerate(row) if cell), default=0)
    return row[:width]


def _refuse_a_title(header: list[str], top: int, rows: list[list[str]]) -> None:
    """Refuse a first row that is a title or a patient."""
    number = top + 1
    names = [cell for cell in header if cell]
    widths = [sum(map(bool, row)) for row in rows[:20]]
    if len(names) == 1 and widths and min(widths) > 1:
        raise UnreadableFile(
            f"Row {number} holds nothing but {_quoted(names[0])}, as a title does; expected the "
            "names of the columns there: delete the rows above them."
        )
    if not any(any(c.isalpha() for c in name) for name in names):
        raise UnreadableFile(
            f"Row {number} begins with {_quoted(names[0])} and holds no name of a column; expected "
            "the header there: write the names of the columns above the first patient."
        )


def _header_problems(
    header: list[str], top: int, body: dict[int, list[str]], *, numbered: bool
) -> Iterator[Problem]:
    unnamed = {position for position, name in enumerate(header) if not name}
    if numbered:
        unnamed.discard(0)
    for position, (i, cell) in sorted(_first_filled(unnamed, body).items()):
        yield Problem(
            None,
            letter(position),
            "",
            f"a name in row {top + 1}, because row {i + 1} holds {_quoted(cell)}",
            "name the column, or delete it",
        )
    for position, name in enumerate(header):
        if len(name) > MAX_NAME:
            yield Problem(
                None,
                letter(position),
                "",
                f"a name of at most {MAX_NAME:,} characters in row {top + 1}, not of {len(name):,}",
                "shorten it, or look for a line break that is missing",
            )
    for name, times in Counter(filter(None, header)).items():
        if times > 1:
            where = [letter(i) for i, other in enumerate(header) if other == name]
            yield Problem(
                None,
                name[:MAX_NAME],
                "",
                f"one column of this name, not {times} ({', '.join(where)})",
                "keep one of them",
            )


def _first_filled(positions: set[int], body: dict[int, list[str]]) -> dict[int, tuple[int, str]]:
    """Find the first filled cell of columns, looking at each cell once."""
    found: dict[int, tuple[int, str]] = {}
    if positions:
        for i, row in body.items():
            for position, cell in enumerate(row):
                if cell and position in positions:
                    found.setdefault(position, (i, cell))
    return found


def _ragged_problems(
    header: list[str], body: dict[int, list[str]], *, padded: bool
) -> Iterator[Problem]:
    """Find rows of a CSV file that are longer or shorter than the header."""
    if not padded:
        return
    # Empty cells at the end of the header, or of a row, are left out by some programs.
    width, named = len(header), len(_trimmed(header))
    told = 0
    for i, row in body.items():
        filled = len(row) if len(row) <= width else len(_trimmed(row))
        if named <= len(row) and filled <= width:
            continue
        told += 1
        if told > MOST_TOLD:
            continue
        if filled > width:
            yield Problem(
                i + 1,
                letter(width),
                row[filled - 1],
                f"as many values as the header has names, {width} and not {filled}",
                "look for a separator or a decimal comma inside a value; "
                "such a value stands in quotation marks",
            )
        else:
            yield Problem(
                i + 1,
                letter(len(row)),
                "",
                f"as many values as the header has names, {named} and not {len(row)}",
                "a value or a separator is missing; a value that is not known is an empty one",
            )
    if (more := told - MOST_TOLD) > 0:
        yield Problem(
            None,
            "",
            "",
            f"{more:,} more rows: expected as many values as the header has names; see the first "
            f"{MOST_TOLD:,}",
        )


def _merged_problems(
    merged: tuple[str, ...], top: int, body: dict[int, list[str]]
) -> list[Problem]:
    """Find merged cells in the rows of the table; below and above it they do no harm."""
    last = max(body, default=top) + 1
    problems = []
    for area in merged:
        digits = [int(digits) for digits in _DIGITS.findall(area)]
        if digits[0] <= last and digits[-1] >= top + 1:
            problems.append(
                Problem(
                    digits[0],
                    area,
                    "",
                    "one value in each cell, but these cells are merged",
                    "unmerge them and write the value into each row that it belongs to",
                )
            )
    return problems


def _quoted(text: str) -> str:
    """Show a cell, cut to what fits a line."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
