"""The two groups that a cut-point makes, and the p value of a search for it."""

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.survival import as_arrays
from reanalysis.core.constants import Z_95

# Cut-points that leave at least this share of the patients on either side.
TAIL = 0.1


def group_ratio(times: pd.DataFrame, above: pd.Series) -> tuple[float, float, float]:
    """Give the hazard ratio of the patients above a cut-point against the others.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    above
        Whether a patient is above it, on the same index.

    Returns
    -------
    tuple of float
        Hazard ratio, lower and upper 95 % limit (Cox's model, Efron's ties, Wald); not a number
        where a group has no event, for which the model has no finite estimate.
    """
    if times["event"].groupby(above).sum().min() == 0:
        return np.nan, np.nan, np.nan
    months, event = as_arrays(times)
    try:
        fit = engine.cox(months, event, above.to_numpy(float)[:, None])
    except engine.NoFit:
        return np.nan, np.nan, np.nan
    log, half = float(fit.coef[0]), Z_95 * float(fit.covariance[0, 0]) ** 0.5
    return float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half))


def corrected_p(smallest: float, tail: float = TAIL) -> float:
    """Correct the smallest p of a search over cut-points.

    The approximation of Miller & Siegmund (Biometrics 1982; 38: 1011-1016) for a maximally
    selected chi-square, as Lausen & Schumacher (Biometrics 1992; 48: 73-85) use it for the
    log-rank test.

    Parameters
    ----------
    smallest
        Smallest p value of the search.
    tail
        Share of the patients that every cut-point leaves on either side.

    Returns
    -------
    float
        The probability, without any association, of a p value as small somewhere in the
        search; it is meant for values up to about 0.1 and never above 1.
    """
    from scipy.stats import norm  # here: it takes half a second, which few pages need

    z = norm.isf(smallest / 2)
    if z <= 1:
        return 1.0
    corrected = 4 * norm.pdf(z) / z
    corrected += norm.pdf(z) * (z - 1 / z) * 2 * np.log((1 - tail) / tail)
    return float(min(1.0, corrected))
