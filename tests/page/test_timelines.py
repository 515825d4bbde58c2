"""Patients through time: what the widget carries, and what of it nobody may see."""

import re

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.occupancy import STATES, state_occupancy, transitions
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import with_policy
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotRecorded
from reanalysis.page.widgets.timelines import ORDER, PatientTimelines


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort()


@pytest.fixture(scope="module")
def made_up(cohort: pd.DataFrame) -> PatientTimelines:
    return PatientTimelines(cohort)


def test_the_shares_are_those_of_the_estimate_and_add_up(
    cohort: pd.DataFrame, made_up: PatientTimelines
) -> None:
    data = made_up._data
    assert sorted(data["states"]) == sorted(STATES) and data["states"] == list(ORDER)
    shares = np.array(data["shares"])
    assert shares.sum(axis=0) == pytest.approx(1, abs=3e-4)
    exact = state_occupancy(transitions(cohort)).reindex(data["months"], method="ffill")
    np.testing.assert_allclose(shares.T, exact[list(ORDER)], atol=5e-5)


def test_a_bar_is_its_patient(cohort: pd.DataFrame, made_up: PatientTimelines) -> None:
    courses = pd.DataFrame(made_up._data["patients"]).set_index("patient")
    rows = cohort.set_index("patient_id").loc[courses.index]
    assert len(courses) == len(cohort)
    assert (courses["size"] == rows["tumor_size_cm"]).all()
    assert (courses["response"] == rows["best_response"].astype(str)).all()
    failed = rows["local_failure"] == 1
    assert courses.loc[failed, "failed"].tolist() == pytest.approx(
        rows.loc[failed, "local_failure_months"].tolist(), abs=0.01
    )
    assert courses.loc[~failed, "failed"].isna().all()
    elsewhere = rows[["intrahepatic_recurrence_months", "distant_metastasis_months"]].min(axis=1)
    assert courses["elsewhere"].isna().tolist() == elsewhere.isna().tolist()
    assert (courses["died"] <= (rows["death"] == 1)).all()


def test_no_bar_of_a_private_cohort(cohort: pd.DataFrame) -> None:
    widget = PatientTimelines(with_policy(cohort, Policy(5)))
    data = widget._data
    assert data["patients"] == {} and data["decimals"] == 0
    assert all(float(month).is_integer() for month in data["months"])
    assert not re.search(r"\d\.\d+ %", widget.still())
    few = with_policy(cohort.head(8), Policy(5))
    with pytest.raises(TooFew):
        PatientTimelines(few)


def test_what_is_not_recorded_is_named(cohort: pd.DataFrame) -> None:
    with pytest.raises(NotRecorded):
        PatientTimelines(cohort.drop(columns="local_failure"))
    some = PatientTimelines(cohort.drop(columns=["tumor_size_cm", "distant_metastasis_months"]))
    assert some._data["patients"]["size"] == []


def test_the_still_version_says_the_shares(made_up: PatientTimelines) -> None:
    still = made_up.still()
    at_6 = made_up.shares.loc[6.0]
    for state in ORDER:
        assert f"{state} {100 * at_6[state]:.1f} %" in still
    assert still.count("<polygon") == 4 and "<caption>Patients by state" in still
