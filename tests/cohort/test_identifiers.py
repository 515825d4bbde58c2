"""A file that names its patients is refused, and their labels lead back to nobody."""

import csv
import time
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.identifiers import identifier, without_ids
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.check import check

NAMES = "names of patients"
NUMBERS = "record or identity numbers"
BIRTHS = "dates of birth"
ADDRESSES = "addresses"
MAIL = "e-mail addresses"
PHONES = "telephone numbers"


def column(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype=object)


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("Name", NAMES),
        ("PatientName", NAMES),
        ("last_name", NAMES),
        ("Prénom", NAMES),
        ("Nachname", NAMES),
        ("환자명", NAMES),
        ("患者姓名", NAMES),
        ("MRN", NUMBERS),
        ("mrn_2", NUMBERS),
        ("Hospital No.", NUMBERS),
        ("Nº Historia Clínica", NUMBERS),
        ("등록번호", NUMBERS),
        ("DOB", BIRTHS),
        ("birthDate", BIRTHS),
        ("Date of birth", BIRTHS),
        ("Geb.datum", BIRTHS),
        ("생년월일", BIRTHS),
        ("Home address", ADDRESSES),
        ("Straße", ADDRESSES),
        ("ZIP", ADDRESSES),
        ("E-Mail", MAIL),
        ("email_1", MAIL),
        ("Tel.", PHONES),
        ("MobilePhone", PHONES),
        ("연락처", PHONES),
    ],
)
def test_recognised_by_the_header(header: str, what: str) -> None:
    assert identifier(header, column("x")) == (what, "its name")


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        (["Doe, Jane", "Roe, Richard", "Miller, Anna-Maria"], NAMES),
        (["Jane Doe", "Richard Roe", "John Q. Public"], NAMES),
        (["DOE JANE", "ROE RICHARD", "MILLER ANNA"], NAMES),
        (["김민수", "이영희", "박철수"], NAMES),
        (["", "none", "801231-1234567"], NUMBERS),
        (["078-05-1120", "219-09-9999", "457-55-5462"], NUMBERS),
        (["1951-03-04", "1948-11-30", "1960-01-01"], BIRTHS),
        (["04.03.1951", "30.11.1948", ""], None),
        (["04.03.1951", "30.11.1948", "1.1.60", "01.01.1960"], BIRTHS),
        (["3 Mar 1951", "30 Nov 1948", "1 Jan 1960"], BIRTHS),
        (["12 High Street", "1 Abbey Road, London", "221b Baker Street"], ADDRESSES),
        (["Hauptstraße 5", "Am Weg 12", "Lange Str. 7a"], ADDRESSES),
        (["see notes", "write to a.b@example.org"], MAIL),
        (["010-1234-5678", "010-2345-6789", "02 345 67890"], PHONES),
        (["+49 30 1234567", "+82 (0)2 3010 3114", "+1 555 0100 200"], PHONES),
    ],
)
def test_recognised_by_the_values(cells: list[str], what: str | None) -> None:
    assert identifier("column", column(*cells)) == (what and (what, "its values"))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("patient_id", ["HCC_001", "HCC_002", "HCC_003"]),
        ("Drug name", ["Cisplatin", "Adriamycin", "Cisplatin"]),
        ("Personal history of cancer", ["0", "1", "1"]),
        ("Pathology", ["Moderately differentiated", "Well differentiated", "NA"]),
        ("stage", ["Stage A", "Stage B", "Stage A", "Stage A", "Stage A", "Stage A"]),
        ("last_response", ["CR", "PR", "SD"]),
        ("date of SBRT", ["2014-03-04", "2015-11-30", "2016-01-01"]),
        ("AFP", ["1520", "0.5", "10000000"]),
        ("follow_up_months", ["12.4435318275", "36.1", "0.0123456789"]),
        ("cell type", ["NOS", "NOS", "NOS"]),
        ("remote", ["1-2", "0", "1"]),
    ],
)
def test_other_columns_are_left_alone(header: str, cells: list[str]) -> None:
    assert identifier(header, column(*cells)) is None


def labelled() -> list[list[str]]:
    """Columns of 12 cells in more than 14 languages; everybody in them is made up, or of a book."""
    path = Path(__file__).parents[1] / "data" / "identifier_columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_no_identifier_of_the_labelled_columns_is_missed_and_none_is_mistaken() -> None:
    """Each line: language, what the column holds (empty for an innocent one), header, cells."""
    wrong = []
    for language, what, header, *cells in labelled():
        found = identifier(header, column(*cells))
        if (found[0] if found else "") != what:
            wrong.append((language, header, what, found, cells[:2]))
    assert not wrong
    kinds = [what for _, what, *_ in labelled()]
    assert len(kinds) > 700 and kinds.count("") > 150
    assert len({language for language, *_ in labelled()}) >= 14


def test_labels_of_patients_are_no_telephone_or_record_numbers(tmp_path: Path) -> None:
    """Also where a mapping file makes them from a column under another name."""
    for cells in (
        ["010-1234-5678", "010-2345-6789", "02-3456-7890"],
        ["078-05-1120", "219-09-9999", "457-55-5462"],
        ["01-001-00123", "2019-0042", "12-3456"],
    ):
        assert identifier("patient_id", column(*cells)) is None
        assert identifier("Kürzel", column(*cells), numbers_rows=True) is None
    path = tmp_path / "ours.csv"
    path.write_text(
        "Kürzel,OS,Died\n010-1234-5678,12,0\n010-2345-6789,10,1\n02-3456-7890,7,1\n",
        encoding="utf-8",
    )
    plan = tmp_path / "ours.toml"
    plan.write_text(
        '[columns]\npatient_id.from = "Kürzel"\nfollow_up_months.from = "OS"\n'
        'death.from = "Died"\n',
        encoding="utf-8",
    )
    assert len(load_cohort(path, plan)) == 3
    assert check(path, plan).fits
    with pytest.raises(InvalidCohort, match="telephone numbers"):
        load_cohort(path)


def test_a_label_that_names_the_patient_is_refused_all_the_same() -> None:
    assert identifier("patient_id", column("Doe, Jane", "Roe, Richard", "Miller, Anna")) is not None
    assert identifier("patient_id", column("a@example.org", "P2", "P3")) is not None


def test_no_name_that_a_column_may_have_is_mistaken() -> None:
    """The synonyms by which a mapping is drafted, with what stands in such a column."""
    table = read_table(paths.SYNTHETIC_COHORT)
    synonyms = tomllib.loads(paths.SYNONYMS.read_text(encoding="utf-8"))["columns"]
    for name, label in ((c.name, c.label) for c in load_dictionary().columns.values()):
        for header in {label, *synonyms.get(name, ())} & {*synonyms.get(name, ()), label}:
            cells = table[name] if name in table else column()
            assert identifier(header, cells) is None, header


def test_a_column_that_names_a_place_is_a_level() -> None:
    wards = column(*["Gotham General", "Hope Memorial", "Mercy West"] * 40)
    for header in (
        "centre",
        "Center",
        "hospital",
        "site",
        "institution",
        "physician group",
        "place",
    ):
        assert identifier(header, wards) is None


def test_the_time_does_not_grow_with_what_is_in_a_cell() -> None:
    """Each pattern is given what it would have to try longest."""
    start = time.process_time()
    for cell in (
        *("a" * 30_000, "a." * 15_000, "@" * 30_000, "a@" * 15_000, "a@b." * 8_000, "0 " * 15_000),
        *("1900" * 8_000, "1.1." * 8_000, "Aa " * 10_000, "A-" * 15_000, "st " * 10_000),
        *(
            "rue " * 8_000,
            "1 st" * 8_000,
            "(0" * 15_000,
            "+1 " * 10_000,
            "김" * 30_000,
            "시1" * 15_000,
        ),
        *("1" * 30_000, "123456-" * 4_000, "ABCDEF01" * 4_000, "\u0301" * 30_000, "ﷺ" * 30_000),
    ):
        for header in ("x", "last", "tel", "zip", "born", cell):
            identifier(header, column(*(f"{i}{cell}{i}" for i in range(10))))
    assert time.process_time() - start < 15


def test_no_column_of_the_dictionary_is_mistaken() -> None:
    synthetic = read_table(paths.SYNTHETIC_COHORT)
    assert set(load_dictionary().columns) >= set(synthetic.columns)


def test_the_refusal_names_every_column_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(
        "patient_id,follow_up_months,death,Name,contact\n"
        "A,12,0,Jane Doe,jane@example.org\nB,10,1,Richard Roe,\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidCohort) as refusal:
        load_cohort(path)
    message = str(refusal.value)
    assert "column Name: expected no names of patients (recognised by its name)" in message
    assert "column contact: expected no e-mail addresses (recognised by its values)" in message
    assert "Delete this column from a copy of the file" in message
    assert "Jane" not in message and "example.org" not in message


def cohort(n: int = 200) -> pd.DataFrame:
    ids = [f"SECRET-{i}" for i in range(n)]
    months = [round(1 + 0.37 * i, 2) for i in range(n)]
    return pd.DataFrame({"patient_id": ids, "follow_up_months": months, "death": 0})


def test_new_labels_are_the_same_on_each_run_and_follow_no_order() -> None:
    before = cohort()
    labels = without_ids(before)["patient_id"]
    assert labels.equals(without_ids(cohort())["patient_id"])
    assert sorted(labels) == [f"P{i:03}" for i in range(1, 201)]
    assert abs(labels.str[1:].astype(int).corr(pd.Series(range(200)), method="spearman")) < 0.2
    assert list(before["patient_id"]) == list(cohort()["patient_id"])


def test_new_labels_depend_on_what_only_the_owner_of_the_file_has() -> None:
    other = cohort()
    other.loc[3, "follow_up_months"] += 0.01
    assert not without_ids(other)["patient_id"].equals(without_ids(cohort())["patient_id"])
    assert without_ids(other).drop(columns="patient_id").equals(other.drop(columns="patient_id"))


def test_ids_of_a_file_do_not_enter_the_analysis(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    cohort(20).to_csv(path, index=False)
    loaded = load_cohort(path)
    assert not loaded["patient_id"].str.contains("SECRET").any()
    assert list(loaded["follow_up_months"]) == list(cohort(20)["follow_up_months"])


def test_the_synthetic_cohort_keeps_its_ids() -> None:
    ids = read_table(paths.SYNTHETIC_COHORT)["patient_id"]
    assert list(load_cohort(paths.SYNTHETIC_COHORT)["patient_id"]) == list(ids)
