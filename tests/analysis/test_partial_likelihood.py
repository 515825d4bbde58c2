"""The sums over all patients at once are those of the loop that lifelines makes."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from reanalysis.analysis.partial_likelihood import EfronFitter, efron
from reanalysis.analysis.regression import FIT_OPTIONS


def drawn(n: int, decimals: int, seed: int = 1) -> pd.DataFrame:
    """Draw patients; the fewer decimals their times have, the more of them are tied."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 3))
    death = random.exponential(20 * np.exp(-x @ [0.5, -0.3, 0]))
    last = random.uniform(1, 40, n)
    return pd.DataFrame(
        {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2].round(), "event": (death <= last).astype(int)}
    ).assign(months=np.minimum(death, last).round(decimals))


@pytest.mark.parametrize("decimals", [6, 1, 0, -1, -2])
@pytest.mark.parametrize("n", [12, 200])
def test_the_fit_is_that_of_lifelines(n, decimals):
    data = drawn(n, decimals)
    options = {"duration_col": "months", "event_col": "event", "fit_options": FIT_OPTIONS}
    ours, theirs = EfronFitter().fit(data, **options), CoxPHFitter().fit(data, **options)
    pd.testing.assert_frame_equal(ours.summary, theirs.summary, rtol=1e-8, atol=1e-10)
    pd.testing.assert_frame_equal(ours.variance_matrix_, theirs.variance_matrix_, rtol=1e-8)
    assert ours.log_likelihood_ == pytest.approx(theirs.log_likelihood_, rel=1e-12)
    pd.testing.assert_frame_equal(ours.baseline_survival_, theirs.baseline_survival_, rtol=1e-8)


def test_the_derivatives_are_those_of_the_likelihood():
    data = drawn(40, 0).sort_values("months")
    x, t = data[["a", "b", "c"]].to_numpy(), data["months"].to_numpy()
    e, beta, h = data["event"].to_numpy(bool), np.array([0.2, -0.1, 0.4]), 1e-5
    hessian, gradient, _ = efron(x, t, e, beta)
    for i, step in enumerate(h * np.eye(3)):
        _, above, likelier = efron(x, t, e, beta + step)
        _, below, less = efron(x, t, e, beta - step)
        assert (likelier - less) / (2 * h) == pytest.approx(gradient[i], abs=1e-6)
        assert (above - below) / (2 * h) == pytest.approx(hessian[i], abs=1e-6)


def test_three_patients_by_hand():
    # Two die together, one lives: log(e^b e^(2b) / ((e^b + e^2b + 1)((e^b + e^2b) / 2 + 1))).
    x, t, e = np.array([[1.0], [2.0], [0.0]]), np.array([1.0, 1.0, 2.0]), np.array([1, 1, 0], bool)
    b = 0.7
    both = np.exp(b) + np.exp(2 * b)
    expected = 3 * b - np.log(both + 1) - np.log(both / 2 + 1)
    assert efron(x, t, e, np.array([b]))[2] == pytest.approx(expected, rel=1e-14)


def test_without_an_event_there_is_nothing_to_weigh():
    hessian, gradient, likelihood = efron(
        np.ones((2, 1)), np.array([1.0, 2]), np.zeros(2, bool), np.zeros(1)
    )
    assert (hessian == 0).all()
    assert (gradient == 0).all()
    assert likelihood == 0
