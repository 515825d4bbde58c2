"""Which mark is the decimal one, column by column.

``1,234`` is a thousand and some, or one and a bit. What decides is what else stands in the same
column: ``12,5`` says that its commas are decimal, ``1,234.5`` that they are not. Other columns say
nothing: a list such as ``5,8`` is no number at all. Where a column leaves both readings open, its
values stay as they are and somebody who knows is asked.

=========================================  ========================  ===========================
beside it in the column                    ``1,234`` is              ``1.234`` is
=========================================  ========================  ===========================
``12,5``, ``0,125``, ``1.234.567``         1.234                     1234
``12.5``, ``0.125``, ``1,234,567``         refused                   1.234
both                                       refused                   1.234
nothing of these, file with commas         refused                   1.234
nothing of these, semicolons or tabs       refused                   asked
=========================================  ========================  ===========================

What is refused, as no number, is read once a mapping file states the decimal mark of the column.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

MARKS = (".", ",")

_COMMA = re.compile(r"[+-]?([0-9]+),([0-9]+)")
_POINT = re.compile(r"[+-]?([0-9]*)\.([0-9]+)")
# Several groups of three, or one and a decimal mark: only one reading.
_GROUPS_OF_COMMAS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}(,[0-9]{3})+|(,[0-9]{3})+\.[0-9]+)")
_GROUPS_OF_POINTS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3}(\.[0-9]{3})+|(\.[0-9]{3})+,[0-9]+)")


@dataclass(frozen=True)
class Doubt:
    """A column whose numbers can be read in two ways.

    Attributes
    ----------
    column
        Its name in the file.
    example
        One of its values.
    as_decimal, as_thousands
        That value, read in both ways.
    """

    column: str
    example: str
    as_decimal: str
    as_thousands: str


@dataclass(frozen=True)
class Settled:
    """A table whose numbers have decimal points.

    Attributes
    ----------
    table
        The same rows and columns.
    notes
        What was read as what: one sentence for each kind.
    doubts
        Columns in which nothing was changed because there are two readings.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def settle(
    table: pd.DataFrame, *, commas_likely: bool, stated: Mapping[str, str] | None = None
) -> Settled:
    """Give the numbers of a table decimal points and no separators of thousands.

    Parameters
    ----------
    table
        Every cell as ``str``.
    commas_likely
        Whether the file comes from where decimal commas are usual, as one of semicolons does.
    stated
        The decimal mark of columns, where their owner states it.

    Returns
    -------
    Settled
        The table, what was done and what has to be asked.
    """
    stated = stated or {}
    changed: dict[str, pd.Series] = {}
    decimals: dict[str, str] = {}
    thousands: dict[str, str] = {}
    doubts = []
    for name in table.columns:
        cells = [cell for cell in table[name].unique() if "," in cell or "." in cell]
        if not cells:
            continue
        mark = stated.get(name) or _mark(cells)
        if mark == "." and name not in stated:
            continue  # 1,234 is refused as no number, with what to do: it was never asked for
        if mark == "?":
            if doubt := _doubt(str(name), cells, commas_likely=commas_likely):
                doubts.append(doubt)
            continue
        made = {cell: new for cell in cells if (new := _with_point(cell, mark)) != cell}
        for cell, new in made.items():
            kind = thousands if len(new) < len(cell) else decimals
            kind.setdefault(cell, new)
        if made:
            changed[str(name)] = table[name].map({cell: cell for cell in table[name]} | made)
    notes = []
    for told, what in (
        (decimals, "Decimal commas were read as decimal points"),
        (thousands, "Marks between thousands were left out"),
    ):
        if told:
            example, number = next(iter(told.items()))
            notes.append(f"{what}: {example} is {number}.")
    return Settled(table.assign(**changed) if changed else table, tuple(notes), tuple(doubts))


def _mark(cells: list[str]) -> str:
    """Give the decimal mark of a column; '?' where it is open, '' where values contradict."""
    # Most columns of numbers have one point in each cell, which none of this fits.
    marked = [cell for cell in cells if "," in cell or cell.count(".") > 1]
    comma = any(_is_decimal(cell, _COMMA) or _GROUPS_OF_POINTS.fullmatch(cell) for cell in marked)
    point = any(_is_decimal(cell, _POINT) or _GROUPS_OF_COMMAS.fullmatch(cell) for cell in cells)
    if comma and point:
        return ""
    return "," if comma else "." if point else "?"


def _is_decimal(cell: str, pattern: re.Pattern[str]) -> bool:
    """Whether the mark in a number cannot separate thousands."""
    found = pattern.fullmatch(cell)
    if not found:
        return False
    before, after = found[1], found[2]
    return len(after) != 3 or not 0 < len(before) < 4 or before.startswith("0")


def _with_point(cell: str, mark: str) -> str:
    """Write a number with a decimal point; what is no number stays."""
    if mark == "," and (_COMMA.fullmatch(cell) or _GROUPS_OF_POINTS.fullmatch(cell)):
        return cell.replace(".", "").replace(",", ".")
    if mark == "," and _POINT.fullmatch(cell) and not _is_decimal(cell, _POINT):
        return cell.replace(".", "")
    grouped = _GROUPS_OF_COMMAS.fullmatch(cell)
    if mark == "." and (grouped or (_COMMA.fullmatch(cell) and not _is_decimal(cell, _COMMA))):
        return cell.replace(",", "")
    return cell


def _doubt(column: str, cells: list[str], *, commas_likely: bool) -> Doubt | None:
    """Say what is open about a column in which every mark stands before three digits."""
    commas = [cell for cell in cells if _COMMA.fullmatch(cell)]
    points = [cell for cell in cells if _POINT.fullmatch(cell)]
    if not commas and not (points and commas_likely):
        return None
    example = (commas or points)[0]
    bare = example.replace(",", "").replace(".", "")
    return Doubt(column, example, example.replace(",", "."), bare)
