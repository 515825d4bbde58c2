"""A response known only later: R's coxph, on landmarks and after tmerge, for the same patients."""

import pandas as pd
import pytest

from reanalysis.analysis.known_later import LANDMARKS, response_in_four_ways
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import NotRecorded
from reanalysis.core.paths import ROOT
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL

R = {
    LOCAL_CONTROL: [1.71106, 0.876774, 2.082665, 1.806329, 0.6944331, 1.347001],
    OVERALL_SURVIVAL: [2.230421, 1.733802, 1.498542, 1.469333, 2.423177, 1.462344],
}
R_LIMITS = {LOCAL_CONTROL: (0.4281355, 4.237937), OVERALL_SURVIVAL: (0.6590994, 3.244503)}


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(ROOT / "tests" / "data" / "reference_cohort.csv")


@pytest.mark.parametrize("endpoint", R, ids=lambda endpoint: endpoint.short)
def test_the_same_ratios_as_in_r(cohort, endpoint):
    ways = response_in_four_ways(cohort, endpoint)
    assert ways["ratio"].tolist() == pytest.approx(R[endpoint], rel=1e-6)
    last = ways.iloc[-1]
    assert (last["lower"], last["upper"]) == pytest.approx(R_LIMITS[endpoint], rel=1e-6)


def test_events_are_those_of_the_groups_that_are_compared(cohort):
    ways = response_in_four_ways(cohort, OVERALL_SURVIVAL)
    counts = ways[["events, no CR", "events, CR"]]
    assert counts.sum(axis=1).iloc[[0, -1]].tolist() == [cohort["death"].sum()] * 2
    after = (cohort["follow_up_months"] > LANDMARKS[1]) & (cohort["death"] == 1)
    assert counts.iloc[2].sum() == after.sum()


def test_without_an_event_on_either_side_there_is_no_ratio(cohort):
    everybody = cohort.assign(death=0)
    ways = response_in_four_ways(everybody, OVERALL_SURVIVAL)
    assert ways["ratio"].isna().all()
    assert (ways["events, CR"] == 0).all()


def test_needs_the_response(cohort):
    with pytest.raises(NotRecorded, match="complete_response_months"):
        response_in_four_ways(cohort.drop(columns="complete_response_months"), OVERALL_SURVIVAL)
