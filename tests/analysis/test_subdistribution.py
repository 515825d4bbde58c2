"""Fine and Gray's model against the same model with every weight written out as a row.

That both give R's digits is held in tests/compare/test_trust.py.
"""

import time

import numpy as np
import pytest
from survival import regression

from reanalysis.analysis import subdistribution as module
from reanalysis.analysis.engine import PRECISION, NoFit
from reanalysis.analysis.subdistribution import subdistribution

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]


def drawn(n: int, decimals: int | None, seed: int = 0) -> Drawn:
    """Give months, states and covariates of patients; times tie where they are rounded."""
    random = np.random.default_rng(seed)
    x = np.column_stack([random.normal(size=n), random.integers(0, 2, n)])
    months = random.exponential(20, n) / np.exp(0.5 * x[:, 0])
    if decimals is not None:
        months = np.round(months, decimals) + 10.0**-decimals
    return months, random.integers(0, 3, n).astype(np.int32), x


def written_out(months: np.ndarray, state: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Fit the weighted Cox model of all rows, as R does."""
    rows = regression.finegray_expand(months, state, 1)
    patient = np.asarray(rows.row) - 1
    fit = regression.coxph_fit(
        np.asarray(rows.end),
        (state[patient] == 1).astype(np.int32),
        x[patient],
        entry=np.asarray(rows.start),
        weights=np.asarray(rows.wt),
        eps=PRECISION,
        cluster=patient.astype(np.int32),
        robust=True,
    )
    return np.asarray(fit.coefficients), np.asarray(fit.var)


@pytest.mark.parametrize("decimals", [None, 1, 0, -1])
@pytest.mark.parametrize("n", [40, 300])
def test_it_is_the_weighted_model_of_all_rows(n: int, decimals: int | None) -> None:
    data = drawn(n, decimals)
    for own, other in zip(subdistribution(*data), written_out(*data), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-10)


def test_nobody_censored_who_died_stays_at_risk_for_good() -> None:
    # Whoever died then counts as observed beyond the last event.
    months, state, x = drawn(200, 1)
    state = np.where(state == 0, 2, state).astype(np.int32)
    forever = np.where(state == 2, months.max() + 1, months)
    alive = np.where(state == 2, 0, state).astype(np.int32)
    coef, _ = subdistribution(months, state, x)
    np.testing.assert_allclose(coef, subdistribution(forever, alive, x)[0], rtol=1e-12)


def test_a_hundred_thousand_patients_take_seconds() -> None:
    start = time.process_time()
    coef, robust = subdistribution(*drawn(100_000, None))
    assert time.process_time() - start < 10
    assert coef[0] > 0 and abs(coef[1]) < 4 * np.sqrt(robust[1, 1])


def test_what_has_no_estimate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    months, state, x = drawn(100, 0)
    with pytest.raises(NoFit, match="told apart"):
        subdistribution(months, state, np.column_stack([x, 2 * x[:, 0]]))
    monkeypatch.setattr(module, "MOST_STEPS", 2)
    with pytest.raises(NoFit, match="told apart"):
        subdistribution(months, state, x)


def test_a_step_too_long_is_halved() -> None:
    # From 0 the first step of this skewed variable leads far beyond the maximum.
    random = np.random.default_rng(0)
    x = random.exponential(1, 60) ** 4
    months = random.exponential(20, 60) * np.exp(-0.3 * x) + 0.01
    state = random.choice([0, 1, 2], 60).astype(np.int32)
    data = months, state, x[:, None]
    for own, other in zip(subdistribution(*data), written_out(*data), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-8)
