"""Power against tables and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, pearsonr

from reanalysis.analysis.power import (
    ENOUGH,
    power,
    power_of_correlation,
    power_of_cox,
    power_of_logistic,
)
from reanalysis.core.errors import NotEstimable


def test_no_effect_is_found_as_often_as_the_level_says_on_each_side():
    assert power(0) == pytest.approx(0.025)


def test_events_that_a_trial_needs():
    """Schoenfeld: (1.96 + 0.84)^2 / (0.25 log(2)^2) = 65.3 events for a ratio of 2."""
    assert ENOUGH == 0.8
    assert power_of_cox(65, 0.25) < ENOUGH < power_of_cox(66, 0.25)
    assert power_of_cox(100, 0.25, 0.5) == power_of_cox(100, 0.25, 2)
    assert power_of_cox(30, 0.25) > power_of_cox(30, 0.1)


def test_power_of_a_logistic_model_is_that_of_simulated_ones():
    random = np.random.default_rng(1)
    found = []
    for _ in range(400):
        x = random.normal(size=150)
        y = random.random(150) < 1 / (1 + np.exp(1.0 - np.log(2) * x))
        # The score test of one covariate.
        found.append(abs(pearsonr(x, y)[0]) * np.sqrt(150) > norm.isf(0.025))
    outcome = pd.Series(random.permutation([1] * 45 + [0] * 105))
    assert power_of_logistic(outcome, 1.0) == pytest.approx(np.mean(found), abs=0.06)


def test_patients_that_a_correlation_needs():
    """Cohen: 85 patients for a correlation of 0.3."""
    assert power_of_correlation(84) < ENOUGH < power_of_correlation(85)
    assert 0 < power_of_correlation(4) < 0.1
    with pytest.raises(NotEstimable):
        power_of_correlation(3)
