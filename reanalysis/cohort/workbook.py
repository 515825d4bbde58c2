"""Excel workbooks (.xlsx), from a stranger.

A workbook is a ZIP file of XML. openpyxl, which writes the template, does as a file says: it makes
as many rows as one is numbered. So the parts that a table needs are read here, and nothing else of
the file is: ``cohort.package`` unpacks and bounds them, ``cohort.sheets`` understands them, and
this module chooses the sheet.
"""

import posixpath
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from reanalysis.cohort.grid import Grid, letter
from reanalysis.cohort.package import Damaged, Package, damaged
from reanalysis.cohort.sheets import Cells, Contents, Relations, Sheet, Styles, Texts, shown
from reanalysis.core.dictionary import PATIENT
from reanalysis.core.errors import Problem, UnreadableFile

_CONTENTS, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_MAX_SHEETS = 255
# The first filled row of a sheet is looked for in so many.
_TOP = 100
# How many sheets are named in a message.
_NAMED = 5


def read_workbook(path: Path, sheet: str = "") -> Grid:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet, by its name or its number. Without one, the only sheet that holds values, or the
        only one whose header names ``patient_id``.

    Returns
    -------
    Grid
        Its cells as text: a number as it is stored, a date as ``2020-05-31``.

    Raises
    ------
    UnreadableFile
        If it is not a workbook, is too large when unpacked, or leaves open which sheet is meant.
    """
    with Package(path) as package:
        try:
            book = _Workbook(package)
            name, notes = _choose(book, sheet, path)
            cells = book.cells(name)
        except Damaged as error:
            raise UnreadableFile(damaged(path.name, str(error))) from error
    problems = tuple(_not_computed(cells))
    return Grid(
        cells.rows,
        notes,
        merged=tuple(dict.fromkeys(cells.merged)),
        problems=problems,
        hidden=tuple(cells.hidden),
        filtered=cells.filtered,
    )


def first_rows(path: Path) -> dict[str, list[str]]:
    """Give the first filled row of each visible sheet of a workbook that holds values.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    UnreadableFile
        If it is not a workbook, or is too large when unpacked.
    """
    with Package(path) as package:
        try:
            return _firsts(_Workbook(package))
        except Damaged as error:
            raise UnreadableFile(damaged(path.name, str(error))) from error


class _Workbook:
    """The sheets of a workbook, and what their cells refer to."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._contents, self._relations = Contents(), Relations()
        package.read(_CONTENTS, self._contents)
        package.read(_RELATIONS, self._relations)
        self._texts, self._styles = Texts(), Styles()
        for kind, reader in (("sharedStrings", self._texts), ("styles", self._styles)):
            part = _part(self._relations.one(kind))
            if part in package:
                package.read(part, reader)
        self.sheets = self._tables()

    def _tables(self) -> dict[str, Sheet]:
        """Give the sheets that are tables by their names; others are charts or macros."""
        listed = self._contents.sheets
        if len(listed) > _MAX_SHEETS:
            raise UnreadableFile(
                f"The workbook {self._package.name} has {len(listed):,} sheets; expected one that "
                f"holds the patients, and at most {_MAX_SHEETS}: copy it into a new workbook."
            )
        sheets: dict[str, Sheet] = {}
        for sheet in listed:
            if sheet.relation not in self._relations.parts:
                raise Damaged(f"the sheet {shown(sheet.name)} is missing")
            if sheet.name in sheets:
                raise Damaged(f"two sheets are named {shown(sheet.name)}")
            kind, target = self._relations.parts[sheet.relation]
            if kind != "worksheet":
                continue
            if _part(target) not in self._package:
                raise Damaged(f"the sheet {shown(sheet.name)} is missing")
            sheets[sheet.name] = sheet
        return sheets

    def cells(self, name: str) -> Cells:
        """Read a sheet."""
        reader = self._reader(name)
        self._package.read(self._part(name), reader)
        return reader

    def first_row(self, name: str) -> list[str]:
        """Give the values of the first filled row; a sheet is not searched for it to the end."""
        reader = self._reader(name)
        for _ in self._package.parse(self._part(name), reader):
            for row in reader.rows[:_TOP]:
                if found := [text for text in row if text]:
                    return found
            if len(reader.rows) > _TOP:
                break
        return []

    def _part(self, name: str) -> str:
        return _part(self._relations.parts[self.sheets[name].relation][1])

    def _reader(self, name: str) -> Cells:
        return Cells(
            name,
            self._texts.texts,
            self._styles.dates,
            self._contents.since_1904,
            self._package.characters,
        )


def _part(target: str) -> str:
    """Give the part that a relation of the workbook leads to."""
    return posixpath.normpath(posixpath.join("/xl", target))[1:]


def _choose(book: _Workbook, wanted: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Choose the sheet, and say so where there was a choice."""
    if wanted:
        tables = list(book.sheets)
        if wanted not in tables and wanted.isascii() and wanted.isdigit() and len(wanted) < 4:
            # By its number, as a spreadsheet shows them from left to right.
            wanted = tables[int(wanted) - 1] if 0 < int(wanted) <= len(tables) else wanted
        if wanted not in book.sheets:
            raise UnreadableFile(
                f"The workbook {path.name} has no sheet {shown(wanted)}; expected one of "
                f"{_listed(list(book.sheets))}."
            )
        return wanted, (f"The sheet {wanted!r} was read.",)
    firsts = _firsts(book)
    named = [name for name, first in firsts.items() if PATIENT in first]
    candidates = named if len(named) == 1 else list(firsts)
    if not candidates:
        raise UnreadableFile(
            f"No visible sheet of {path.name} holds a value; expected a header in row 1 and one "
            "row per patient below."
        )
    if len(candidates) > 1:
        raise UnreadableFile(
            f"The workbook {path.name} has {len(candidates)} sheets with values "
            f"({_listed(candidates)}) and leaves open which one holds the patients; keep only that "
            f"one, or name it: --sheet {shlex.quote(candidates[0])} on the command line, or in a "
            f'mapping file sheet = "{candidates[0]}".'
        )
    note = f"The sheet {candidates[0]!r} was read, and no other of the {len(book.sheets)} sheets."
    return candidates[0], (note,) if len(book.sheets) > 1 else ()


def _firsts(book: _Workbook) -> dict[str, list[str]]:
    return {
        name: first
        for name, sheet in book.sheets.items()
        if sheet.visible and (first := book.first_row(name))
    }


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(shown, names[:_NAMED])) + more


def _not_computed(cells: Cells) -> Iterator[Problem]:
    """Tell of formulas whose result the file does not hold."""
    expected = "a value; the file holds a formula without its result"
    advice = "open the file in the spreadsheet and save it, or paste the values"
    header = next((row for row in cells.rows if row), [])
    for row, column, formula in cells.not_computed:
        name = header[column] if column < len(header) else ""
        yield Problem(row, name or letter(column), formula, expected, advice)
    if more := cells.not_computed_more:
        yield Problem(None, "", "", f"{more:,} more cells: expected {expected}; {advice}")
