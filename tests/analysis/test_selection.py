"""A repeated selection keeps what the models of the book, held against R, would keep."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.regression import backward_elimination, univariable
from reanalysis.analysis.selection import selection
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import CannotShow, NotEstimable, NotRecorded
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.paper.study import AGE, ANY_CR, BCLC, BED, ENTRY_P, LOCAL_CONTROL, SESSIONS, SIZE

TERMS = (AGE, BCLC, SIZE, SESSIONS, BED, ANY_CR)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


def by_hand(cohort: pd.DataFrame) -> "pd.Series[float]":
    models = univariable(cohort, LOCAL_CONTROL, TERMS)
    entered = [
        term
        for term in TERMS
        if not isinstance(found := models[term.column], CannotShow)
        and found.table["p"].iloc[0] < ENTRY_P
    ]
    last = backward_elimination(cohort, LOCAL_CONTROL, entered)[-1].table
    return last["ratio"][last["p"] < 0.1]


def test_the_choice_of_the_patients_themselves(cohort):
    assert list(selection(cohort, LOCAL_CONTROL, TERMS, 2, 1).chosen) == list(by_hand(cohort).index)


def test_who_enters_follows_from_the_p_of_entry(cohort, monkeypatch):
    monkeypatch.setattr("reanalysis.analysis.selection.ENTRY_P", 0.0)
    assert selection(cohort, LOCAL_CONTROL, TERMS, 2, 1).chosen == ()


def test_the_choice_of_each_sample(cohort):
    found = selection(cohort, LOCAL_CONTROL, TERMS, 6, seed=3)
    random = np.random.default_rng(3)
    for _, row in found.ratios.iterrows():
        draw = random.integers(0, len(cohort), len(cohort))
        sample = cohort.iloc[draw].reset_index(drop=True)
        pd.testing.assert_series_equal(row.dropna(), by_hand(sample), check_names=False, rtol=1e-6)
    assert found.kept.tolist() == found.ratios.notna().mean().tolist()
    assert found.models.sum() == pytest.approx(1)


def test_needs_an_event(cohort):
    with pytest.raises(NotEstimable, match="no local failure"):
        selection(cohort.assign(local_failure=0), LOCAL_CONTROL, TERMS, 2, 1)


def test_a_cohort_without_the_endpoint_is_told_that_first(cohort):
    other = cohort.drop(columns=LOCAL_CONTROL.event).assign(tumor_size_cm=2.0)
    with pytest.raises(NotRecorded, match=LOCAL_CONTROL.event):
        selection(other, LOCAL_CONTROL, TERMS, 2, 1)
