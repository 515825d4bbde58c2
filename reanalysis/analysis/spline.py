"""A curved effect: a natural cubic spline in a Cox model, and the test of a straight line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.interpolate import CubicSpline
from scipy.special import chdtrc

from reanalysis.analysis import engine
from reanalysis.analysis.regression import NO_FINITE_ESTIMATE, observed
from reanalysis.analysis.survival import as_arrays
from reanalysis.core.constants import Z_95
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import Endpoint, Term

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curved:
    """A Cox model in which one variable acts along a natural cubic spline.

    Attributes
    ----------
    knots
        Of the spline, rising, in the variable's unit: the first and the last are its smallest and
        largest value, beyond which the log hazard ratio is a straight line.
    coef, covariance
        Of the spline's basis and then of the other variables.
    chi2, df, p
        Likelihood ratio test of the curve against a straight line.
    n, events
        Patients and events.
    """

    knots: Vector
    coef: Vector
    covariance: Vector
    chi2: float
    df: int
    p: float
    n: int
    events: int

    def ratios(self, values: Vector, reference: float) -> pd.DataFrame:
        """Give the hazard ratio at values of the variable against a reference value.

        Returns
        -------
        pandas.DataFrame
            Index the values: ``ratio``, ``lower``, ``upper`` (95 %, Wald).
        """
        values = np.asarray(values, dtype=float)
        contrast = basis(values, self.knots) - basis(np.array([reference]), self.knots)
        k = contrast.shape[1]
        log = contrast @ self.coef[:k]
        se = np.sqrt(np.einsum("ij,jk,ik->i", contrast, self.covariance[:k, :k], contrast))
        return pd.DataFrame(
            {
                "ratio": np.exp(log),
                "lower": np.exp(log - Z_95 * se),
                "upper": np.exp(log + Z_95 * se),
            },
            index=values,
        )


def basis(values: Vector, knots: Vector) -> Vector:
    """Evaluate a basis of the natural cubic splines with given knots, without the constant.

    Parameters
    ----------
    values
        Shape (n,).
    knots
        Shape (k,), rising; the outer two bound what is curved.

    Returns
    -------
    numpy.ndarray
        Shape (n, k - 1): the value itself, and for each inner knot the natural spline that is 1
        there and 0 at the other knots. R's ``ns`` with the same knots spans the same curves.
    """
    inside = np.clip(values, knots[0], knots[-1])
    columns = [values]
    for i in range(1, len(knots) - 1):
        cardinal = CubicSpline(knots, np.eye(len(knots))[i], bc_type="natural")
        slope = np.where(values < knots[0], cardinal(knots[0], 1), cardinal(knots[-1], 1))
        columns.append(cardinal(inside) + slope * (values - inside))
    return np.column_stack(columns)


def spline_cox(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    term: Term,
    others: Sequence[Term] = (),
    df: int = 3,
) -> Curved:
    """Fit a Cox model with a natural cubic spline of one variable.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    term
        The variable, a number.
    others
        Further variables, which act along straight lines.
    df
        Degrees of freedom of the spline, at least 2: its ``df - 1`` inner knots are quantiles
        at equal distances, as R's ``ns(x, df)`` has them (Hastie, Tibshirani & Friedman, The
        Elements of Statistical Learning, 2009, section 5.2.1).

    Returns
    -------
    Curved
        With the likelihood ratio test of linearity.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If the variable has too few different values for the knots, or as ``cox``.
    ValueError
        If the variable has levels, or ``df`` is below 2.
    """
    if term.levels or df < 2:
        raise ValueError("a spline is of a number, with two degrees of freedom or more")
    data = observed(cohort, endpoint, [term, *others])
    values = data[term.column].to_numpy(float)
    knots = np.quantile(values, np.linspace(0, 1, df + 1))
    if len(np.unique(knots)) <= df:
        raise NotEstimable(f"{term.label} has too few different values for a curve")
    straight = data[[o.column for o in others]].to_numpy(float)
    months, event = as_arrays(data)
    if event.sum() <= df + len(others):
        raise NotEstimable(f"too few patients with {endpoint.event_in_words} for a curve")
    center = values.mean()  # of the straight part, so that no column is nearly constant
    curve = basis(values, knots)
    curve[:, 0] -= center
    try:
        curved = engine.cox(months, event, np.column_stack([curve, straight]))
        line = engine.cox(months, event, np.column_stack([values - center, straight]))
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    statistic = max(2 * (curved.log_likelihood[1] - line.log_likelihood[1]), 0.0)
    return Curved(
        knots,
        curved.coef,
        curved.covariance,
        statistic,
        df - 1,
        float(chdtrc(df - 1, statistic)),
        len(data),
        int(event.sum()),
    )
