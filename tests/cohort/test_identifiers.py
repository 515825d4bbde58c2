"""A file that names its patients is refused, and their labels lead back to nobody."""

from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.identifiers import identifier, without_ids
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort

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


def test_no_column_of_the_dictionary_is_mistaken() -> None:
    synthetic = read_table(paths.SYNTHETIC_COHORT)
    assert set(load_dictionary().columns) >= set(synthetic.columns)


def test_the_refusal_names_every_column_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(
        "patient_id,follow_up_months,death,Name,contact\n"
        "A,12,0,Jane Doe,jane@example.org\nB,10,1,Richard Roe,\n"
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
