"""An Excel template for a cohort, made from the data dictionary.

The sheet of patients has one column per variable, with its meaning as a comment and its allowed
levels as a drop-down, and one example row, which ``check`` refuses as data. A second sheet is the
dictionary.
"""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from reanalysis.core.dictionary import Column, load_dictionary

PATIENTS, DICTIONARY = "patients", "dictionary"
LAST_ROW = 2001  # the drop-downs and formats reach so far; more patients need a copied row
_TEXT = "@"  # Excel's format for text: no id loses its zeros, and 1-2 becomes no date
_REQUIRED = PatternFill("solid", start_color="FFE0B2")
_OPTIONAL = PatternFill("solid", start_color="DCE6F1")
_GREY = Font(italic=True, color="767676")


def write_template(path: Path) -> None:
    """Write the template.

    Parameters
    ----------
    path
        The .xlsx file; it is overwritten.
    """
    book = Workbook()
    columns = list(load_dictionary().columns.values())
    patients = book.active
    assert isinstance(patients, Worksheet)
    patients.title = PATIENTS
    for number, column in enumerate(columns, start=1):
        _add_column(patients, number, column)
    patients.freeze_panes = "B2"
    _add_dictionary(book.create_sheet(DICTIONARY), columns)
    book.save(path)


def _add_column(sheet: Worksheet, number: int, column: Column) -> None:
    letter = get_column_letter(number)
    header = sheet.cell(1, number, column.name)
    header.font = Font(bold=True)
    header.fill = _REQUIRED if column.required else _OPTIONAL
    comment = Comment(_explain(column), "reanalysis", height=150, width=300)
    header.comment = comment
    sheet.column_dimensions[letter].width = max(12, len(column.name) + 3)
    for row in range(2, LAST_ROW + 1):
        if not column.is_numeric:
            sheet.cell(row, number).number_format = _TEXT
    if column.example:
        value = float(column.example) if column.is_numeric else column.example
        example = sheet.cell(2, number)
        example.value = int(value) if isinstance(value, float) and value % 1 == 0 else value
        example.font = _GREY
    if validation := _validation(column):
        validation.errorTitle, validation.error = column.label, f"Expected {column.allowed}."
        validation.promptTitle, validation.prompt = column.label[:32], column.meaning[:255]
        validation.showErrorMessage = validation.showInputMessage = True
        sheet.add_data_validation(validation)
        validation.add(f"{letter}2:{letter}{LAST_ROW}")


def _validation(column: Column) -> DataValidation | None:
    """Give what Excel lets into the cells of a column; None where anything may stand there."""
    if column.choices:
        return DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    if not column.is_numeric:
        return None
    kind = "decimal" if column.type == "number" else "whole"
    low, high = column.minimum or 0, column.maximum
    if high is None:
        return DataValidation(
            kind, operator="greaterThanOrEqual", formula1=f"{low:.12g}", allow_blank=True
        )
    return DataValidation(
        kind, operator="between", formula1=f"{low:.12g}", formula2=f"{high:.12g}", allow_blank=True
    )


def _explain(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    lines = [f"{column.label}{unit}", column.meaning, f"Expected: {column.allowed}."]
    if column.condition:
        other, level = column.condition
        lines.append(f"Filled where {other} is {level}, blank elsewhere.")
    lines.append("Required." if column.required else "May be left out.")
    return "\n".join(lines)


def _add_dictionary(sheet: Worksheet, columns: list[Column]) -> None:
    heads = ("column", "label", "unit", "what may stand there", "meaning", "required", "rule")
    for number, (head, width) in enumerate(
        zip(heads, (30, 30, 16, 40, 70, 10, 40), strict=True), 1
    ):
        cell = sheet.cell(1, number, head)
        cell.font, cell.fill = Font(bold=True), _OPTIONAL
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row, c in enumerate(columns, start=2):
        rule = f"only where {' is '.join(c.condition)}" if c.condition else ""
        required = "yes" if c.required else ""
        values = (c.name, c.label, c.unit, c.allowed, c.meaning, required, rule)
        for number, value in enumerate(values, start=1):
            cell = sheet.cell(row, number, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
