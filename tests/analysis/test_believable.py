"""The sixteen questions: against R, and against cohorts made to fail them."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.believable import (
    believable,
    cox_fit,
    events_by_half_year,
    hazard_after,
    longest_quiet,
    smooth_p,
    straight_p,
)
from reanalysis.analysis.simulation import draw_cohort


def times(months: np.ndarray, event: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"months": months, "event": event.astype(int)})


def test_ten_drawn_cohorts_are_believable():
    """By chance alone a cohort fails one test in twenty: no question may be failed by many."""
    asked = [believable(draw_cohort(302, seed))["ok"] for seed in range(10)]
    answers = pd.concat(asked, axis=1)
    assert len(answers) == 16
    assert (answers.sum(axis=1) >= 5).all(), answers.sum(axis=1)
    assert answers.to_numpy().mean() > 0.85
    always = ["whole days", "first complete response", "death after local failure"]
    assert answers.loc[always].to_numpy().all()


def test_smooth_hazard_is_told_from_a_cliff():
    random = np.random.default_rng(1)
    smooth = random.exponential(40, 300)
    stop = np.minimum(smooth, 60)
    assert smooth_p(times(stop, smooth <= 60)) > 0.05
    cliff = np.where(random.random(300) < 0.3, random.uniform(24, 30, 300), 80)
    stop = np.minimum(cliff, 60)
    assert smooth_p(times(stop, cliff <= 60)) < 0.001


def test_half_years_count_all_events():
    stop = np.array([1.0, 6.0, 6.01, 30.0, 59.0, 70.0])
    table = events_by_half_year(times(stop, np.ones(6)))
    assert table["events"].tolist() == [2, 1, 0, 0, 1, 0, 0, 0, 0, 1]
    assert table["months"].iloc[0] == pytest.approx(1 + 5 * 6)


def test_quiet_months():
    stop = np.append(np.arange(1.0, 160.0), np.full(200, 170.0))
    event = np.append(np.arange(1, 160) % 7 == 0, np.zeros(200)).astype(bool)
    quiet, late = longest_quiet(times(stop, event))
    assert (quiet, late) == (7.0, 0.0)


def test_curve_is_told_from_a_line():
    random = np.random.default_rng(2)
    x = random.normal(size=2000)
    line = random.exponential(np.exp(-0.5 * x))
    curve = random.exponential(np.exp(-0.3 * x**2))
    assert straight_p(x, times(line, np.ones(2000))) > 0.05
    assert straight_p(x, times(curve, np.ones(2000))) < 0.001
    assert straight_p(np.round(x), times(curve, np.ones(2000))) < 0.001


def test_a_curve_without_a_maximum_has_a_test_all_the_same():
    """Nobody dies at the high doses: the likelihood only becomes flat. The p is R's."""
    dose = np.repeat([-3.0, 0.0, 3.0, 5.0], [4, 20, 8, 2])
    row = np.arange(34)
    died = (dose <= 0) & (row % 2 == 0)
    p = straight_p(dose, times(13.0 * row % 34 + 1, died))
    assert p == pytest.approx(0.094781906, rel=1e-6)


def test_cox_fit_finds_the_coefficient_that_was_drawn():
    random = np.random.default_rng(3)
    x = random.normal(size=(4000, 2))
    stop = random.exponential(np.exp(-x @ [0.5, -0.2]))
    b, information, _ = cox_fit(x, stop, np.ones(4000, bool))
    assert b == pytest.approx([0.5, -0.2], abs=0.06)
    assert np.sqrt(np.diag(np.linalg.inv(information))) == pytest.approx(0.0165, abs=0.002)


def test_a_recurrence_counts_from_its_day():
    """Nobody can die before the own recurrence: time before it must not count as time after."""
    random = np.random.default_rng(4)
    n = 4000
    seen, death = random.exponential(20, n), random.exponential(40, n)
    after = random.exponential(13.3, n)  # three times the hazard
    dies = np.where(seen < death, seen + after, death)
    cohort = pd.DataFrame(
        {
            "follow_up_months": np.minimum(dies, 60),
            "death": (dies <= 60).astype(int),
            "local_failure": (seen < np.minimum(dies, 60)).astype(int),
            "local_failure_months": np.where(seen < np.minimum(dies, 60), seen, np.nan),
        }
    )
    assert hazard_after(cohort, "local_control") == pytest.approx(3, abs=0.3)
