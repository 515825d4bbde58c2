"""A random part of a large cohort."""

import pandas as pd

from reanalysis.analysis.random_part import random_part
from reanalysis.cohort.policy import MADE_UP, policy_of, with_policy

COHORT = with_policy(
    pd.DataFrame({"x": range(50)}, index=[f"P{49 - i}" for i in range(50)]), MADE_UP
)


def test_a_cohort_that_is_small_enough_stays_as_it_is():
    assert random_part(COHORT, 50) is COHORT


def test_patients_are_drawn_once_in_their_order_by_the_seed():
    part = random_part(COHORT, 20)
    assert len(part) == part["x"].nunique() == 20
    assert part["x"].is_monotonic_increasing
    assert part.equals(random_part(COHORT, 20))
    assert not part.equals(random_part(COHORT, 20, seed=2))
    assert policy_of(part) == MADE_UP
