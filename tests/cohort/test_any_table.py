"""Any file gives a cohort or a report, never a traceback; a cohort is read back as it was written.

Hypothesis makes the files. It draws the same ones on every run.
"""

import csv
import io
import json
import string
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from reanalysis.cohort.derived import derive
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.reading import read_table
from reanalysis.cohort.validation import validate
from reanalysis.core.dictionary import Column, load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.check import Report, check

COLUMNS = load_dictionary().columns
SETTINGS = settings(
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
)
# Few examples where each one writes a workbook.
FEW = settings(SETTINGS, max_examples=12)


# --- what people and programs may put into a file -------------------------------------------------

ODD = st.sampled_from(
    [
        "",
        "NA",
        "None",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "-0",
        "+5",
        "0x10",
        "1_000",
        "1.5",
        "<400",
        "12 mm",
        "2020-01-31",
        "31.1.2020",
        "43831",
        "yes",
        "TRUE",
        "=1+1",
        "½",
        "٣",
        "1",
        "2",
        "A",
        "male",
        "CR",
        "[",
        "{",
        "a;b",
    ]
) | st.sampled_from(["1,5", "1.234,5", "\u200b", "a\nb", 'a"b', "a,b", "x" * 300])
CELLS = ODD | st.text(max_size=12) | st.floats().map(str) | st.integers().map(str)
HEADERS = (
    st.sampled_from(sorted(COLUMNS)) | st.sampled_from(["Age", "OS", "", "1", "e-mail"]) | st.text()
)
NEEDED = st.just(["patient_id", "follow_up_months", "death"])
TABLES = st.tuples(
    NEEDED | st.just([]),
    st.lists(HEADERS, max_size=5),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
)


def reported(path: Path, mapping: Path | None = None) -> Report:
    """Check a file, and look at everything that its report can be asked for."""
    report = check(path, mapping)
    assert report.as_text().strip()
    assert json.loads(report.as_json())["fits"] == report.fits
    assert report.fits == (not report.problems)
    if report.fits:
        assert report.patients > 0
    return report


@SETTINGS
@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_report(tmp_path, content):
    path = tmp_path / "cohort"
    path.write_bytes(content)
    reported(path)


@SETTINGS
@given(
    start=st.sampled_from(
        [b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xd0\xcf\x11\xe0"]
    ),
    content=st.binary(max_size=200),
)
def test_any_bytes_behind_a_known_beginning_give_a_report(tmp_path, start, content):
    path = tmp_path / "cohort"
    path.write_bytes(start + content)
    reported(path)


@SETTINGS
@given(text=st.text(max_size=300), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_gives_a_report(tmp_path, text, encoding):
    path = tmp_path / "cohort"
    path.write_bytes(text.encode(encoding, errors="ignore"))
    reported(path)


@SETTINGS
@given(table=TABLES, separator=st.sampled_from(",;\t"))
def test_any_table_gives_a_cohort_or_a_report(tmp_path, table, separator):
    needed, others, rows = table
    path = tmp_path / "cohort.csv"
    with path.open("w", encoding="utf-8", newline="", errors="ignore") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(needed + others)
        writer.writerows(rows)
    report = reported(path)
    try:
        cohort = derive(validate(read_table(path)))
    except InvalidCohort:
        assert not report.fits
    else:
        assert report.fits
        assert len(cohort) == report.patients


@FEW
@given(table=TABLES)
def test_any_workbook_gives_a_report(tmp_path, table):
    needed, others, rows = table
    book = openpyxl.Workbook()
    for number, row in enumerate([needed + others, *rows], 1):
        for position, value in enumerate(row, 1):
            cell = book.active.cell(number, position)
            try:
                cell.value = value
            except IllegalCharacterError:  # characters that no workbook holds
                cell.value = "x"
    book.save(tmp_path / "cohort.xlsx")
    reported(tmp_path / "cohort.xlsx")


@SETTINGS
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1)
)
def test_a_damaged_workbook_gives_a_report(tmp_path, changes):
    content = bytearray(workbook([["patient_id", "follow_up_months", "death"], ["P1", 12, 1]]))
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path = tmp_path / "cohort.xlsx"
    path.write_bytes(content)
    reported(path)


TOML = st.recursive(
    st.text(string.ascii_letters, max_size=8) | st.integers(0, 9) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "unit", "levels", "set_blank", "note", "death", "sex", "1"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def as_toml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f'"{k}" = {as_toml(v)}' for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value)


@SETTINGS
@given(
    content=st.dictionaries(
        st.sampled_from(["about", "sheet", "missing", "columns", "not_used", "other"]), TOML
    )
)
def test_any_mapping_is_understood_or_refused(tmp_path, content):
    plan = tmp_path / "mapping.toml"
    plan.write_text("\n".join(f"{k} = {as_toml(v)}" for k, v in content.items()), encoding="utf-8")
    try:
        load_mapping(plan)
    except InvalidCohort as refusal:
        assert refusal.problems
    path = tmp_path / "cohort.csv"
    path.write_text("death,sex\n1,2\n", encoding="utf-8")
    reported(path, plan)


# --- cohorts that fit -----------------------------------------------------------------------------


def values(column: Column) -> st.SearchStrategy[str]:
    """Give the values that a column may have, blank left out."""
    if column.type == "level":
        return st.sampled_from(column.levels)
    if column.type == "event":
        return st.sampled_from(["0", "1"])
    low = column.minimum or 0.0
    high = min(column.maximum or 500.0, 500.0)
    if column.type == "integer":
        return st.integers(int(low), int(high)).map(str)
    return st.floats(low, high).map(repr)


@st.composite
def cohorts(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a table of text cells that fits the dictionary."""
    chosen = set(draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True)))
    for name in list(chosen):
        if COLUMNS[name].condition:
            chosen.add(COLUMNS[name].condition[0])
    patients = []
    for number in range(draw(st.integers(1, 5))):
        patient = {"patient_id": f"Ä{number}"}
        for column in COLUMNS.values():
            if column.required and column.name != "patient_id":
                patient[column.name] = draw(values(column))
        for name in sorted(chosen - set(patient)):
            column = COLUMNS[name]
            if not column.condition:
                patient[name] = draw(st.just("") | values(column))
        for name in sorted(chosen - set(patient)):
            other, level = COLUMNS[name].condition
            patient[name] = draw(values(COLUMNS[name])) if patient[other] == level else ""
        for name in patient:
            late = COLUMNS[name].within_follow_up and patient[name]
            if late and float(late) > float(patient["follow_up_months"]):
                patient[name] = patient["follow_up_months"]
        patients.append(patient)
    order = draw(st.permutations(list(patients[0])))
    return pd.DataFrame(patients, dtype=object)[order]


def workbook(rows: list[list]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@SETTINGS
@given(
    cells=cohorts(),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_a_cohort_is_read_back_as_it_was_written(tmp_path, cells, separator, encoding):
    cohort = validate(cells)
    path = tmp_path / "cohort.csv"
    cohort.to_csv(path, index=False, sep=separator, encoding=encoding)
    again = validate(read_table(path))
    same(again, cohort)
    assert reported(path).fits


@pytest.mark.parametrize("separator", [";", "\t"])
@SETTINGS
@given(cells=cohorts())
def test_a_cohort_with_decimal_commas_is_read_back(tmp_path, separator, cells):
    cohort = validate(cells)
    path = tmp_path / "cohort.csv"
    cohort.to_csv(path, index=False, sep=separator, decimal=",")
    try:
        again = validate(read_table(path))
    except InvalidCohort as refusal:
        # 1,234 may be a thousand and some: that is asked, and not guessed.
        assert any("," in problem.value for problem in refusal.problems)
    else:
        same(again, cohort)


@FEW
@given(cells=cohorts())
def test_a_cohort_is_read_back_from_a_workbook(tmp_path, cells):
    cohort = validate(cells)
    typed = cohort.astype(object).where(cohort.notna(), None)
    path = tmp_path / "cohort.xlsx"
    path.write_bytes(workbook([list(typed), *map(list, typed.itertuples(index=False))]))
    # A workbook keeps 16 digits of a number.
    pd.testing.assert_frame_equal(validate(read_table(path)), cohort, rtol=1e-14, atol=0)
