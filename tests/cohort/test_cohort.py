"""Every rule of the data: each problem named with row, column and value, all in one report."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.columns import require
from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import load_cohort, provenance
from reanalysis.cohort.reading import read_table
from reanalysis.cohort.validation import validate
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort, NotRecorded, Problem

PATIENT = {
    "patient_id": "P1",
    "age": "63",
    "sex": "male",
    "ecog_ps": "0",
    "child_pugh_class": "A",
    "etiology": "HBV",
    "bclc_stage": "0",
    "tumor_size_cm": "2.0",
    "afp_ng_ml": "9.2",
    "prior_sessions": "3",
    "total_dose_gy": "45",
    "fractions": "3",
    "best_response": "CR",
    "complete_response_months": "3.4",
    "follow_up_months": "32.9",
    "death": "0",
    "local_failure": "1",
    "local_failure_months": "20",
    "transplant_months": "",
    "hepatic_toxicity_grade": "1",
    "child_pugh_increase": "2",
}


def table(*changes: dict[str, str]) -> pd.DataFrame:
    """Give one patient per argument, the usual one but for the changes, in rows 2, 3, ..."""
    rows = [PATIENT | {"patient_id": f"P{i}"} | change for i, change in enumerate(changes, 1)]
    return pd.DataFrame(rows, dtype=str)


def problems(cells: pd.DataFrame) -> list[Problem]:
    """Give the problems of a table without their hints, which tests/test_hints.py looks at."""
    with pytest.raises(InvalidCohort) as caught:
        validate(cells)
    for problem in caught.value.problems:
        assert str(problem) in str(caught.value)
    return [replace(problem, hint="") for problem in caught.value.problems]


def test_a_cohort_that_fits():
    cohort = validate(table({}, {}))
    assert list(cohort) == [name for name in load_dictionary().columns if name in cohort]
    assert cohort["death"].dtype == "int64"
    assert list(cohort["sex"].cat.categories) == ["male", "female"]
    assert cohort.loc[0, "follow_up_months"] == 32.9
    assert "transplant_months" not in cohort  # blank in every patient: not recorded


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"sex": "M"}, "sex", "one of male, female"),
        ({"child_pugh_class": "C"}, "child_pugh_class", "one of A, B"),
        ({"death": "2"}, "death", "0 or 1"),
        ({"death": "yes"}, "death", "0 or 1"),
        ({"death": "0.5"}, "death", "0 or 1"),
        ({"age": "sixty"}, "age", "a number from 18 to 110"),
        ({"age": "17"}, "age", "a number from 18 to 110"),
        ({"age": "63,5"}, "age", "a number from 18 to 110"),
        ({"afp_ng_ml": "<400"}, "afp_ng_ml", "a number from 0 to 10000000"),
        ({"afp_ng_ml": "NA"}, "afp_ng_ml", "a number from 0 to 10000000"),
        ({"prior_sessions": "2.5"}, "prior_sessions", "a whole number from 0 to 100"),
        ({"fractions": "0"}, "fractions", "a whole number from 1 to 40"),
        ({"tumor_size_cm": "200"}, "tumor_size_cm", "a number from 0.1 to 30"),
        ({"hepatic_toxicity_grade": "6"}, "hepatic_toxicity_grade", "a whole number from 0 to 5"),
        ({"follow_up_months": ""}, "follow_up_months", "a number of at least 0, not a blank"),
        (
            {"local_failure_months": "33"},
            "local_failure_months",
            "a time within follow-up (follow_up_months)",
        ),
        (
            {"transplant_months": "33"},
            "transplant_months",
            "a time within follow-up (follow_up_months)",
        ),
        (
            {"local_failure_months": "-1"},
            "local_failure_months",
            "a number of at least 0",
        ),
        (
            {"local_failure": "0"},
            "local_failure_months",
            "a blank, unless local_failure is 1",
        ),
        (
            {"local_failure_months": ""},
            "local_failure_months",
            "a number of at least 0, because local_failure is 1",
        ),
        (
            {"complete_response_months": ""},
            "complete_response_months",
            "a number of at least 0, because best_response is CR",
        ),
        (
            {"best_response": "SD"},
            "complete_response_months",
            "a blank, unless best_response is CR",
        ),
    ],
)
def test_a_value_is_named_with_row_column_and_what_was_expected(change, column, expected):
    found = problems(table({}, change, {}))
    wrong = change.get(column, PATIENT.get(column))
    assert found == [Problem(3, column, wrong, expected)]


def test_a_negative_follow_up_is_named():
    found = problems(table({}, {"follow_up_months": "-4"}))
    assert Problem(3, "follow_up_months", "-4", "a number of at least 0") in found


def test_an_id_used_twice_is_named_where_it_is_used_again():
    found = problems(table({}, {}, {"patient_id": "P1"}))
    assert found == [Problem(4, "patient_id", "P1", "an id not used above")]


def test_a_wrong_column_is_named_with_the_one_that_was_meant():
    with pytest.raises(InvalidCohort) as caught:
        validate(table({}).rename(columns={"age": "Age", "sex": "smoker"}))
    found = caught.value.problems
    assert {(p.row, p.column) for p in found} == {(None, "Age"), (None, "smoker")}
    assert "did you mean age?" in str(found[0]) + str(found[1])


def test_a_required_column_is_missed():
    found = problems(table({}).drop(columns=["death", "follow_up_months"]))
    assert {(p.row, p.column) for p in found} == {(None, "death"), (None, "follow_up_months")}


def test_a_file_without_a_patient_is_refused():
    assert Problem(None, "patient_id", "", "at least one patient") in problems(table({}).iloc[:0])


def test_everything_is_in_one_report():
    found = problems(
        table(
            {"sex": "m", "age": "7"},
            {"death": "3"},
            {"local_failure_months": "99"},
            {"best_response": "CR", "complete_response_months": ""},
            {"patient_id": "P1", "follow_up_months": "-1"},
        ).assign(smoker="no")
    )
    where = {(p.row, p.column) for p in found}
    assert where >= {
        (None, "smoker"),
        (2, "sex"),
        (2, "age"),
        (3, "death"),
        (4, "local_failure_months"),
        (5, "complete_response_months"),
        (6, "patient_id"),
        (6, "follow_up_months"),
    }
    assert [p.row or 0 for p in found] == sorted(p.row or 0 for p in found)


def test_blank_months_are_known_where_nothing_happened():
    cohort = validate(table({"local_failure": "0", "local_failure_months": ""}))
    assert cohort["local_failure_months"].isna().all()


def test_blank_months_say_nothing_where_it_is_not_recorded_whether_anything_happened():
    blank = table({}).assign(local_failure="", local_failure_months="")
    assert not {"local_failure", "local_failure_months"} & set(validate(blank))
    assert "local_failure_months" not in validate(blank.drop(columns="local_failure"))


def test_derived_columns():
    cohort = derive(
        validate(
            table(
                {},
                {"best_response": "SD", "complete_response_months": "", "afp_ng_ml": ""},
                {"complete_response_months": "3.0", "afp_ng_ml": "20", "ecog_ps": "1-2"},
                {"afp_ng_ml": "20.1", "etiology": "", "child_pugh_increase": "0"},
            )
        )
    )
    assert list(cohort["bed10_gy"]) == [112.5] * 4
    assert list(cohort["any_cr"]) == ["yes", "no", "yes", "yes"]
    assert list(cohort["cr_by_3_months"]) == ["no", "no", "yes", "no"]
    assert list(cohort["ecog_group"]) == ["0", "0", "1-2", "0"]
    assert list(cohort["afp_group"].astype(object).fillna("?")) == ["<=20", "?", "<=20", ">20"]
    assert list(cohort["etiology_group"].astype(object).fillna("?")) == ["HBV"] * 3 + ["?"]
    assert list(cohort["rild"]) == [1, 1, 1, 0]


def test_what_is_not_recorded_is_named_by_its_stored_columns():
    cohort = derive(validate(table({})[["patient_id", "follow_up_months", "death", "fractions"]]))
    with pytest.raises(NotRecorded) as caught:
        require(cohort, "death", "bed10_gy", "local_failure")
    assert caught.value.columns == ("total_dose_gy", "local_failure")


# --- files --------------------------------------------------------------------------------------


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "cohort.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_file_with_byte_order_mark_and_crlf(tmp_path):
    text = "patient_id,follow_up_months,death\r\n P1 ,12.5,1\r\n"
    cohort = load_cohort(written(tmp_path, text, "utf-8-sig"))
    assert cohort.to_dict("records") == [{"patient_id": "P1", "follow_up_months": 12.5, "death": 1}]


def test_empty_rows_and_columns_of_a_spreadsheet_are_left_out_and_rows_keep_their_number(tmp_path):
    text = "patient_id,follow_up_months,death,,\nP1,12,1,,\n\n,,,,\nP2,12,x,,\n,,,,\n"
    cells = read_table(written(tmp_path, text))
    assert list(cells) == ["patient_id", "follow_up_months", "death"]
    assert problems(cells) == [Problem(5, "death", "x", "0 or 1")]
    assert list(validate(cells.assign(death="1")).index) == [0, 1]


def test_the_environment_names_the_cohort(tmp_path, monkeypatch):
    path = written(tmp_path, "patient_id,follow_up_months,death\nP1,12,1\n")
    monkeypatch.setenv("REANALYSIS_COHORT", str(path))
    assert len(load_cohort()) == 1
    assert list(provenance()["what was done"]) == ["as it is"] * 3


def test_the_synthetic_cohort_fits(monkeypatch):
    monkeypatch.delenv("REANALYSIS_COHORT", raising=False)
    cohort = load_cohort()
    assert len(cohort) == 302
    assert set(load_dictionary().derived) <= set(cohort.columns)
