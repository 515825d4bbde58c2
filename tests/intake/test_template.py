"""The Excel template: what a clinician sees in it, and what ``check`` makes of it."""

from pathlib import Path

import openpyxl
import pytest
from cohorts import ordinary

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.template import DICTIONARY, PATIENTS

COLUMNS = list(load_dictionary().columns.values())


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.xlsx"
    assert main(["template", str(path)]) == 0
    return path


def test_each_column_is_explained_where_it_is_filled(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    sheet = book[PATIENTS]
    assert [cell.value for cell in sheet[1]] == [c.name for c in COLUMNS]
    assert all(c.meaning in cell.comment.text for c, cell in zip(COLUMNS, sheet[1], strict=True))
    assert sheet.freeze_panes == "B2" and sheet["A2"].number_format == "@"
    lists = {
        str(v.sqref).partition(":")[0]: v.formula1
        for v in sheet.data_validations.dataValidation
        if v.type == "list"
    }
    sex = next(cell for cell in sheet[1] if cell.value == "sex")
    assert lists[f"{sex.column_letter}2"] == '"male,female"'
    assert len(lists) == sum(bool(c.levels) or c.type == "event" for c in COLUMNS)
    assert book[DICTIONARY].max_row == len(COLUMNS) + 1


def test_the_example_is_refused_and_nothing_else_is_wrong_with_it(template: Path) -> None:
    with pytest.raises(InvalidCohort) as refusal:
        load_cohort(template)
    (problem,) = refusal.value.problems
    assert (problem.row, problem.value) == (2, "EXAMPLE") and "delete it" in problem.expected


def test_a_filled_template_loads(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    sheet = book[PATIENTS]
    sheet.delete_rows(2)
    for row, patient in enumerate(ordinary(6).itertuples(index=False), start=2):
        for number, value in enumerate(patient, start=1):
            sheet.cell(row, number, None if value != value else value)
    book.save(template)
    assert load_cohort(template)["follow_up_months"].tolist() == list(
        ordinary(6)["follow_up_months"]
    )


def test_nothing_is_written_over_a_file(template: Path, capsys: pytest.CaptureFixture) -> None:
    before = template.read_bytes()
    assert main(["template", str(template)]) == 2
    assert template.read_bytes() == before and "new file" in capsys.readouterr().err
