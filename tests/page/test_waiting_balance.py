"""The balance of a decision: what the widget carries and says, and what of it nobody may see."""

import re

import pandas as pd
import pytest

from reanalysis.analysis.waiting import balance, decisions
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import with_policy
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotRecorded
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.widgets.waiting_balance import WaitingBalance


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


def test_it_carries_the_counts_of_each_month(cohort: pd.DataFrame) -> None:
    data = WaitingBalance(cohort)._data
    counts = decisions(cohort, data["months"])
    assert data["months"] == list(range(1, 13))
    assert data["waiting"] == counts["no CR yet"].tolist()
    failures = counts["CR later, then failure"] + counts["failure, no CR"]
    assert data["failures"] == failures.tolist()


def test_the_still_version_says_the_first_balance(cohort: pd.DataFrame) -> None:
    still = WaitingBalance(cohort, prevents=50, harms=10).still()
    weighed = balance(decisions(cohort, [3.0]), 0.5, 0.1).iloc[0]
    assert f"re-treated {weighed['re-treated']:.1f}" in still
    assert f"failures prevented {weighed['failures prevented']:.1f}" in still
    bars = [float(width) for width in re.findall(r"h([\d.]+)v22", still)]
    assert bars[0] == 180
    assert bars[3] == pytest.approx(180 * weighed["harmed"] / weighed["re-treated"], abs=0.06)


def test_small_numbers_of_a_private_cohort_are_not_carried(cohort: pd.DataFrame) -> None:
    data = WaitingBalance(with_policy(cohort, Policy(5)))._data
    assert data["decimals"] == 0
    assert len(data["months"]) < 12
    assert all(number % 5 == 0 or number >= 5 for number in data["failures"])
    with pytest.raises(TooFew):
        WaitingBalance(with_policy(cohort.head(4), Policy(5)))


def test_a_month_with_nobody_to_decide_about_is_left_out(cohort: pd.DataFrame) -> None:
    few = cohort.head(8)
    data = WaitingBalance(few)._data
    assert data["months"] == [m for m in range(1, 13) if decisions(few, [m])["no CR yet"].iloc[0]]


def test_what_is_not_recorded_is_named(cohort: pd.DataFrame) -> None:
    with pytest.raises(NotRecorded):
        WaitingBalance(cohort.drop(columns="complete_response_months"))
