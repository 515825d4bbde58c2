"""A coarse grid: enough events to a step, few digits, and the same patient's prediction."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.analysis.coarse import coarse_model, grid, observed_until, on_grid
from reanalysis.analysis.prediction import ENDPOINTS, refit
from reanalysis.analysis.survival import event_times, kaplan_meier
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import SYNTHETIC_COHORT

MONTHS = st.floats(0.1, 70, allow_nan=False)


def table(rows: list[tuple[float, bool]]) -> pd.DataFrame:
    return pd.DataFrame({"months": [m for m, _ in rows], "event": [int(e) for _, e in rows]})


@given(st.lists(st.tuples(MONTHS, st.booleans()), min_size=1, max_size=60), st.integers(1, 8))
@settings(max_examples=200)
def test_every_step_stands_for_enough_events(rows: list[tuple[float, bool]], few: int) -> None:
    times = table(rows)
    at = times.loc[times["event"] == 1, "months"].to_numpy()
    months = grid(times, few)
    assert (months == np.round(months)).all() and (np.diff(months) > 0).all()
    so_far = [0, *((at <= month).sum() for month in months)]
    assert all(b - a >= few for a, b in pairwise(so_far))
    left = len(at) - so_far[-1]
    assert left == 0 or left >= few or len(months) == 0


def test_a_step_is_at_the_end_of_its_month() -> None:
    events = [(m, True) for m in (0.2, 0.9, 1.0, 1.1, 2.5, 2.6, 7.0, 7.5)]
    later = [(20.0, False)] * 5
    # At month 1 of three of its own, else at the end of a quarter; to stop at 3 would leave two.
    assert grid(table(events + later), 3).tolist() == [1.0, 9.0]
    assert grid(table(events + later), 5).tolist() == [9.0]
    assert grid(table(events + later), 9).size == 0
    # Nobody is told of who was observed longest.
    assert grid(table(events), 3).tolist() == []
    assert observed_until(table(events + later), 5) == 18.0
    assert observed_until(table(events), 3) == 0.0
    assert observed_until(table(events), 9) == 0.0


def test_a_curve_on_the_grid_is_the_estimate_there() -> None:
    times = event_times(load_cohort(SYNTHETIC_COHORT), ENDPOINTS["death"])
    curve = kaplan_meier(times)
    months = grid(times, 5)
    coarse = on_grid(curve.table, months)
    assert coarse.index.tolist() == [0.0, *months]
    for month, row in coarse.iterrows():
        assert row["survival"] == pytest.approx(curve.at(float(month))["survival"], abs=0.005)


@pytest.mark.parametrize("outcome", ENDPOINTS)
def test_a_coarse_model_predicts_nearly_the_same(outcome: str) -> None:
    cohort = load_cohort(SYNTHETIC_COHORT)
    exact = refit(cohort, outcome)
    coarse = coarse_model(exact, event_times(cohort, ENDPOINTS[outcome]), 5)
    for row in cohort.iloc[::40].to_dict("records"):
        there = float(coarse.months[-2])
        near, true = (model.survival_at(row, there) for model in (coarse, exact))
        assert near["survival"] == pytest.approx(true["survival"], abs=0.02)
        assert near["upper"] - near["lower"] == pytest.approx(
            true["upper"] - true["lower"], abs=0.06
        )
        ratios = zip(*(m.hazard_ratio(row, cohort.iloc[0]) for m in (coarse, exact)), strict=True)
        assert all(a == pytest.approx(b, rel=0.06) for a, b in ratios)


@pytest.mark.parametrize("outcome", ENDPOINTS)
def test_nobody_s_values_follow_from_the_steps_of_a_coarse_baseline(outcome: str) -> None:
    """The attack on the exact baseline: 1/dH is the risk at risk, its differences one patient's."""
    cohort = load_cohort(SYNTHETIC_COHORT)
    times = event_times(cohort, ENDPOINTS[outcome])
    exact = refit(cohort, outcome)
    matrix = np.array([exact.design(row) for row in cohort.to_dict("records")])
    months = times["months"].to_numpy()

    def recovered(model: object, risks: np.ndarray) -> int:
        hazard = np.diff(np.concatenate([[0.0], model.hazard]))  # type: ignore[attr-defined]
        total = 1 / hazard
        found = 0
        for k in range(len(total) - 1):
            gone = total[k] - total[k + 1]
            start, end = model.months[k], model.months[k + 1]  # type: ignore[attr-defined]
            left = (months >= start) & (months < end)
            found += bool(left.sum() == 1 and abs(risks[left][0] - gone) < 1e-3 * gone)
        return found

    risks = np.exp(matrix @ exact.coef)
    assert recovered(exact, risks) >= 3  # it works where nothing is done against it
    coarse = coarse_model(exact, times, 5)
    shifted = np.exp((matrix + exact.center - coarse.center) @ coarse.coef)
    assert recovered(coarse, shifted) == 0
    at = times.loc[times["event"] == 1, "months"]
    assert all(((at > a) & (at <= b)).sum() >= 5 for a, b in pairwise(coarse.months))
    digits = [f"{value:.12g}".replace(".", "").lstrip("-0") for value in coarse.hazard]
    assert all(len(text.rstrip("0").split("e")[0]) <= 3 for text in digits)
    for width in (coarse.variance, coarse.mean_hazard):
        assert all(float(f"{value:.1e}") == pytest.approx(value, rel=1e-9) for value in width.flat)
