import pandas as pd
import pytest

from reanalysis.analysis.eligibility import (
    eligibility,
    eligibility_counts,
    fails_a_criterion,
    incomplete_tace,
    recurrence_site,
)
from reanalysis.paper.criteria import CRITERIA
from reanalysis.paper.register import published

PATIENTS = pd.DataFrame(
    {
        "patient_id": ["a", "b", "c", "d"],
        "child_pugh_class": ["A", "C", "B", None],
        "ecog_ps": ["0", "1-2", "3", "2"],
        "tumor_size_cm": [7.0, 2.0, 1.0, 7.1],
    }
)


def verdicts(column: str, patients: pd.DataFrame = PATIENTS) -> list[str]:
    judged = eligibility(patients)
    label = next(c.label for c in CRITERIA if c.column == column)
    return judged.loc[judged["criterion"] == label, "verdict"].tolist()


def test_one_row_per_patient_and_criterion():
    judged = eligibility(PATIENTS)
    assert len(judged) == len(PATIENTS) * len(CRITERIA)
    assert not judged.duplicated(["patient_id", "criterion"]).any()


def test_verdicts():
    assert verdicts("child_pugh_class") == ["met", "not met", "met", "not recorded"]
    assert verdicts("ecog_ps") == ["met", "met", "not met", "met"]
    assert verdicts("tumor_size_cm") == ["met", "met", "met", "not met"]


def test_levels_may_be_categories():
    typed = PATIENTS.astype({"child_pugh_class": "category", "ecog_ps": "category"})
    assert eligibility(typed)["verdict"].tolist() == eligibility(PATIENTS)["verdict"].tolist()


def test_a_missing_column_is_not_recorded():
    assert verdicts("ecog_ps", PATIENTS.drop(columns="ecog_ps")) == ["not recorded"] * 4


def test_counts_are_in_the_order_of_the_paper_and_complete():
    counts = eligibility_counts(eligibility(PATIENTS))
    assert counts.index.tolist() == [c.label for c in CRITERIA]
    assert (counts.sum(axis=1) == len(PATIENTS)).all()
    assert counts.loc["Longest diameter at most 7 cm"].tolist() == [3, 1, 0]
    assert counts.loc["No extrahepatic metastasis"].tolist() == [0, 0, 4]


def test_fails_a_criterion_counts_only_what_is_recorded():
    fails = fails_a_criterion(eligibility(PATIENTS))
    assert fails.to_dict() == {"a": False, "b": True, "c": True, "d": True}


def test_limits_are_those_of_the_register():
    size = next(c for c in CRITERIA if c.column == "tumor_size_cm")
    assert size.at_most == float(published("eligible.size"))
    assert any(published("eligible.liver") in c.label for c in CRITERIA)
    assert published("eligible.ecog") == "0–2"


@pytest.mark.parametrize(
    ("answers", "criteria"),
    [
        ((False, True, True), ()),
        ((True, True, True), (1,)),
        ((False, False, True), (2,)),
        ((False, True, False), (3,)),
        ((True, False, False), (1, 2, 3)),
        ((None, None, None), ()),
        ((None, None, False), (3,)),
    ],
)
def test_incomplete_tace(answers, criteria):
    assert incomplete_tace(*answers) == criteria


@pytest.mark.parametrize(
    ("in_ptv", "in_liver", "site"),
    [
        (True, True, "local failure"),
        (True, False, "local failure"),
        (False, True, "out-of-field intrahepatic recurrence"),
        (False, False, "distant metastasis"),
    ],
)
def test_recurrence_site(in_ptv, in_liver, site):
    assert recurrence_site(in_ptv, in_liver) == site
