"""A ratio in two periods: R's coxph after survSplit, on the reference cohort."""

import pandas as pd
import pytest

from reanalysis.analysis.effect_over_time import effect_by_period
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import ROOT
from reanalysis.paper.study import CHILD_PUGH, OVERALL_SURVIVAL, SIZE

R = {
    CHILD_PUGH: [
        (2.3091172, 1.0146605, 5.2549817, 0.046080712),
        (0.9073426, 0.24847933, 3.3132357, 0.88301693),
    ],
    SIZE: [
        (1.3966727, 1.0221422, 1.9084376, 0.035953094),
        (2.4941947, 1.3065201, 4.7615091, 0.0055986649),
    ],
}


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(ROOT / "tests" / "data" / "reference_cohort.csv")


@pytest.mark.parametrize("term", R, ids=lambda term: term.column)
def test_as_r_has_it(cohort, term):
    table = effect_by_period(cohort, OVERALL_SURVIVAL, term, 18)
    for (_, row), known in zip(table.iterrows(), R[term], strict=True):
        assert row[["ratio", "lower", "upper", "p"]].tolist() == pytest.approx(known, rel=1e-6)
    assert table["events"].sum() == cohort["death"].sum()


def test_a_period_without_an_event_in_a_level_has_no_ratio(cohort):
    late = cohort["follow_up_months"] > 18
    only_a = cohort.assign(
        death=cohort["death"].where(~late | (cohort[CHILD_PUGH.column] == "A"), 0)
    )
    table = effect_by_period(only_a, OVERALL_SURVIVAL, CHILD_PUGH, 18)
    assert table["ratio"].isna().tolist() == [False, True]
