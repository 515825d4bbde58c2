"""What the engine leaves to its caller, and what is put right behind it."""

import numpy as np
import pytest
from survival import regression, surv_analysis

from reanalysis.analysis import engine

MONTHS = np.array([4.0, 8, 8, 12, 15, 15, 20, 24, 30, 31])
EVENT = np.array([1, 1, 1, 0, 1, 1, 1, 0, 1, 0], dtype=np.int32)
SIZE = np.array([3.5, 1.5, 2.3, 4.0, 2.5, 1.8, 1.9, 1.2, 2.0, 3.0])
CLASS = np.array([1.0, 0, 1, 0, 1, 0, 0, 0, 1, 0])
BOTH = np.column_stack([SIZE, CLASS])


def test_times_that_differ_by_rounding_alone_are_tied_as_in_r() -> None:
    noise = 1e-12 * np.array([0, 1, -1, 0, 1, 0, 0, 0, 0, 0])
    exact, near = engine.cox(MONTHS, EVENT, BOTH), engine.cox(MONTHS + noise, EVENT, BOTH)
    np.testing.assert_allclose(near.coef, exact.coef, rtol=1e-12)
    # The plain fitter takes them for different times; when it no longer does, this can go.
    plain = regression.coxph_fit_raw(MONTHS + noise, EVENT, BOTH)
    assert abs(plain.coefficients[0] - exact.coef[0]) > 1e-3


def test_variables_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(engine.NoFit, match="told apart"):
        engine.cox(MONTHS, EVENT, np.column_stack([SIZE, 2 * SIZE]))
    # R prints NA for the second coefficient, and so does the plain fitter.
    plain = regression.coxph_fit_raw(MONTHS, EVENT, np.column_stack([SIZE, 2 * SIZE]))
    assert np.isnan(plain.coefficients[1])


def test_steps_that_have_not_ended_are_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_STEPS", 2)
    with pytest.raises(engine.NoFit):
        engine.cox(MONTHS, EVENT, BOTH)
    with pytest.raises(engine.NoFit):
        engine.proportionality(MONTHS, EVENT, BOTH)


def test_the_log_likelihood_is_that_of_no_effect_and_of_the_estimate() -> None:
    # Efron: two of nine at risk die at 8, two of six at 15; the others alone.
    nothing = -np.log([10, 9, 8, 6, 5, 4, 2]).sum()
    fit = engine.cox(MONTHS, EVENT, BOTH)
    assert fit.log_likelihood[0] == pytest.approx(nothing, rel=1e-14)
    assert fit.log_likelihood[1] > nothing


def test_a_baseline_steps_where_something_happened_and_nowhere_else() -> None:
    time, hazard, variance, means = engine.baseline(MONTHS, EVENT, BOTH, np.zeros(2))
    assert time.tolist() == [4, 8, 15, 20, 30]
    assert hazard[0] == pytest.approx(1 / 10) and hazard[-1] > hazard[-2]
    assert (len(hazard), len(variance), means.shape) == (5, 5, (5, 2))


def test_limits_at_one_half_and_at_the_ends() -> None:
    curve = engine.product_limit(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 1], dtype=np.int32))
    # The package gives 1 and 1 before the first event, where R 4.2's survival has NA.
    assert (curve.lower[0], curve.upper[0]) == (1.0, 1.0)
    assert np.isnan([curve.lower[-1], curve.upper[-1], curve.median_upper]).all()
    assert curve.median == 2.5


def test_incidence_is_ordered_by_state_even_where_one_never_occurs() -> None:
    states = np.array([2, 0, 2], dtype=np.int32)
    months, value, se, lower, upper = engine.incidence(np.array([1.0, 2.0, 3.0]), states)
    assert value[:, 0].tolist() == [0, 0, 0] and se[:, 0].tolist() == [0, 0, 0]
    np.testing.assert_allclose(value[:, 1], [1 / 3, 1 / 3, 1.0])
    assert (lower[:, 0].tolist(), upper[:, 0].tolist()) == ([0, 0, 0], [0, 0, 0])
    assert months.tolist() == [1, 2, 3]


def test_every_group_leaving_at_once_has_no_logrank() -> None:
    group = np.array([0, 1], dtype=np.int32)
    one = np.ones(2, dtype=np.int32)
    with pytest.raises(engine.NoFit):
        engine.logrank_chi2(np.ones(2), one, group)
    with pytest.raises(RuntimeError, match="singular"):
        surv_analysis.survdiff(np.ones(2), one, group)


def test_late_entry_counts_nobody_before_it() -> None:
    late = np.zeros(10)
    late[9] = 25.0  # the last patient comes under observation after all events but one
    x = SIZE[:, None]
    whole = engine.cox(MONTHS, EVENT, x, entry=np.zeros(10))
    assert whole.coef == pytest.approx(engine.cox(MONTHS, EVENT, x).coef, rel=1e-12)
    assert abs(engine.cox(MONTHS, EVENT, x, entry=late).coef[0] - whole.coef[0]) > 1e-3
