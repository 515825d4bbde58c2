"""A table is the same table, whichever program of whichever country saved it."""

import codecs
import datetime
import os
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.grid import letter
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.reading import MAX_FILE_BYTES, read_source, read_table
from reanalysis.cohort.validation import validate
from reanalysis.core import paths
from reanalysis.core.errors import InvalidCohort, UnreadableFile

HEADER = ("patient_id", "tumor_size_cm", "follow_up_months", "death")
PATIENTS = (("Ä1", "2.5", "12.25", "1"), ("P2", "3", "7.5", "0"), ("Ö3", "", "60", "0"))
TABLE = pd.DataFrame(PATIENTS, columns=list(HEADER))


def text(separator: str = ",", decimal: str = ".", end: str = "\r\n") -> str:
    rows = [[cell.replace(".", decimal) for cell in row] for row in PATIENTS]
    return "".join(separator.join(row) + end for row in [HEADER, *rows])


def written(folder: Path, content: bytes, name: str = "cohort.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, *rows: tuple, name: str = "cohort.xlsx", title: str = "Data") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "latin-1"),
    ],
)
def test_every_dialect_gives_the_same_table(tmp_path, separator, decimal, mark, encoding):
    cells = text(separator, decimal)
    if separator == decimal:
        cells = "".join(
            ",".join(f'"{c.replace(".", ",")}"' for c in row) + "\n" for row in [HEADER, *PATIENTS]
        )
    source = read_source(written(tmp_path, mark + cells.encode(encoding)))
    pd.testing.assert_frame_equal(source.table, TABLE)
    told = " ".join(source.notes)
    assert ("semicolons" in told, "tabs" in told) == (separator == ";", separator == "\t")
    assert ("Decimal commas" in told) == (decimal == ",")
    assert ("UTF-16" in told) == encoding.startswith("utf-16")
    assert ("Windows-1252" in told) == (encoding == "latin-1")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(tmp_path, end):
    table = read_table(written(tmp_path, text(end=end).encode()))
    pd.testing.assert_frame_equal(table, TABLE)


def test_the_line_that_tells_excel_the_separator_is_no_row(tmp_path):
    cells = "sep=;\r\n" + text(";", ",").replace("60", "sixty")
    with pytest.raises(InvalidCohort, match="row 4, follow_up_months is 'sixty'"):
        load_cohort(written(tmp_path, cells.encode()))


def test_a_workbook_gives_the_same_table(tmp_path):
    rows = [("Ä1", 2.5, 12.25, 1), ("P2", 3.0, 7.5, 0), ("Ö3", None, "60", 0)]
    table = read_table(workbook(tmp_path, HEADER, *rows))
    pd.testing.assert_frame_equal(table, TABLE)


def test_what_a_file_is_does_not_depend_on_its_name(tmp_path):
    path = workbook(tmp_path, HEADER, ("P1", 2.5, 12, 1)).rename(tmp_path / "cohort.csv")
    assert len(load_cohort(path)) == 1
    assert len(read_table(written(tmp_path, text().encode(), "cohort.xlsx"))) == 3


def test_a_sheet_formatted_to_its_last_row_is_read_to_its_last_value(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(("P1", 2, 12, 1))
    book.active.cell(9000, 30).number_format = "0.00"
    book.active.cell(9000, 30).value = " "
    book.save(tmp_path / "cohort.xlsx")
    assert read_table(tmp_path / "cohort.xlsx").shape == (1, 4)


def test_the_sheet_with_the_patients_is_found_and_named(tmp_path):
    path = workbook(tmp_path, ("Notes",), ("of 2024",), title="Read me")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Cohort").append(HEADER)
    book["Cohort"].append(("P1", 2, 12, 1))
    book.create_sheet("Lists").append(("male", "female"))
    book["Lists"].sheet_state = "hidden"
    book.save(path)
    source = read_source(path)
    assert list(source.table) == list(HEADER)
    assert source.notes == ("The sheet 'Cohort' was read, and no other of the 3 sheets.",)


def test_a_mapping_names_the_sheet(tmp_path):
    path = workbook(tmp_path, ("No", "OS", "Died"), ("1", 12, 1), title="2023")
    book = openpyxl.load_workbook(path)
    for row in (("No", "OS", "Died"), ("1", 24, 0), ("2", 25, 0)):
        (book["2024"] if "2024" in book.sheetnames else book.create_sheet("2024")).append(row)
    book.save(path)
    with pytest.raises(UnreadableFile, match=r"2 sheets with values \('2023', '2024'\)"):
        read_table(path)
    plan = tmp_path / "mapping.toml"
    plan.write_text(
        'sheet = "2024"\n[columns]\npatient_id.from = "No"\nfollow_up_months.from = "OS"\n'
        'death.from = "Died"\n',
        encoding="utf-8",
    )
    assert load_mapping(plan).sheet == "2024"
    assert len(load_cohort(path, plan)) == 2


def test_a_formula_counts_with_the_value_that_was_stored(tmp_path):
    # openpyxl writes formulas without their values, as some programs do.
    path = workbook(tmp_path, HEADER, ("P1", 2, 12, 1), ("P2", "=B2+1", "=1/0", 0))
    with pytest.raises(InvalidCohort) as caught:
        read_table(path)
    assert [(p.row, p.column, p.value) for p in caught.value.problems] == [
        (3, "tumor_size_cm", "=B2+1"),
        (3, "follow_up_months", "=1/0"),
    ]
    assert "formula without its result" in str(caught.value)


def test_a_date_in_a_workbook_is_told_as_one(tmp_path):
    date = datetime.datetime(2020, 5, 31)
    path = workbook(tmp_path, (*HEADER, "ecog_ps"), ("P1", 2, date, 1, datetime.date(2024, 2, 1)))
    with pytest.raises(InvalidCohort) as caught:
        load_cohort(path)
    told = {p.column: p for p in caught.value.problems}
    assert told["follow_up_months"].value == "2020-05-31"
    assert "months from the start of SBRT" in told["follow_up_months"].hint
    assert "format the column as text" in told["ecog_ps"].hint


def test_a_file_of_two_gigabytes_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "cohort.csv"
    with path.open("wb") as stream:
        stream.truncate(2 * 2**30)
    if os.name == "posix":
        assert path.stat().st_blocks < 100  # it takes no room
    start = time.perf_counter()
    with pytest.raises(UnreadableFile, match=r"has 2,048 MB; expected a cohort, at most 100 MB"):
        load_cohort(path)
    assert time.perf_counter() - start < 0.5
    assert MAX_FILE_BYTES < 2**30


def test_thousands_are_not_taken_for_decimals(tmp_path):
    cells = "patient_id;follow_up_months;death;afp_ng_ml\nP1;12;1;1,234\n"
    with pytest.raises(InvalidCohort, match=r"row 2, afp_ng_ml is '1,234'.*separator of thousands"):
        load_cohort(written(tmp_path, cells.encode()))
    cells = "patient_id;follow_up_months;death;afp_ng_ml\nP1;12,5;1;1,234\nP2;12.5;1;9\n"
    with pytest.raises(InvalidCohort, match=r"row 2, follow_up_months is '12,5'.*write 12\.5"):
        load_cohort(written(tmp_path, cells.encode()))


def test_a_value_of_several_lines_is_a_value(tmp_path):
    cells = 'patient_id,follow_up_months,death\n"P\n1",12,1\nP2,x,1\n'
    with pytest.raises(InvalidCohort, match="row 3, follow_up_months is 'x'"):
        load_cohort(written(tmp_path, cells.encode()))


def test_digits_of_another_script_are_not_taken_for_a_blank():
    table = TABLE.assign(tumor_size_cm="٢", death="1").astype(str)
    with pytest.raises(InvalidCohort, match="tumor_size_cm is '٢': expected a number"):
        validate(table)


def test_columns_are_named_as_a_spreadsheet_does():
    assert [letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_what_cannot_be_opened_is_told_in_words(tmp_path, monkeypatch, capsys):
    path = written(tmp_path, text().encode())

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableFile, match=r"cannot be read \(Permission denied\)"):
        read_table(path)
    assert main(["check", "x" * 5_000]) == 2
    assert main(["check", "x\0y"]) == 2
    assert "There is no file" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "cohort.csv")
    with pytest.raises(UnreadableFile, match="is a device or a pipe"):
        read_table(tmp_path / "cohort.csv")


@pytest.mark.skipif(os.name != "posix", reason="names of files are letters")
def test_a_name_that_is_no_text_is_shown_all_the_same(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m.csv"))
    try:
        path.write_bytes(text().encode())
    except OSError:
        pytest.skip("names of files are letters")  # on macOS
    run = subprocess.run(
        [sys.executable, "-m", "reanalysis", "check", path],
        cwd=paths.ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0 and run.stderr == ""
    assert "\x1b" not in run.stdout and r"\x1b[31m.csv fits" in run.stdout


def test_a_name_of_a_column_does_not_turn_the_text_around(tmp_path):
    cells = text().replace("tumor_size_cm", "a\u202eb" + "c" * 500)
    with pytest.raises(InvalidCohort) as refusal:
        load_cohort(written(tmp_path, cells.encode()))
    told = str(refusal.value)
    assert "\u202e" not in told and r"a\u202ebccc" in told and len(told) < 400


@pytest.mark.parametrize("numbers", [("0", "1", "2"), ("1", "2", "3"), ("4", "17", "200")])
def test_row_numbers_of_r_and_pandas_are_left_out_and_told(tmp_path, numbers):
    rows = [f"{n},p{n},1{n}" for n in numbers]
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join([",id,months", *rows]), encoding="utf-8")
    source = read_source(path, ids="id")
    assert list(source.table) == ["id", "months"]
    assert source.table["months"].iloc[0] == f"1{numbers[0]}"
    assert any("numbers the rows" in note for note in source.notes)


@pytest.mark.parametrize(
    "labels", [("a", "b", "c"), ("1", "1", "2"), ("3", "2", "1"), ("1", "", "3")]
)
def test_any_other_column_without_a_name_is_refused(tmp_path, labels):
    path = tmp_path / "theirs.csv"
    rows = [f"{n},p{i},1" for i, n in enumerate(labels)]
    path.write_text("\n".join([",id,months", *rows]), encoding="utf-8")
    with pytest.raises(InvalidCohort, match="name the column, or delete it"):
        read_source(path, ids="id")
