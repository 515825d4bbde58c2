"""How likely a test is to find an effect that is there, so that 'not significant' says something.

A test that finds nothing in few patients says nothing: in a small cohort every statement of the
form 'no significant difference' holds by itself (Altman and Bland, BMJ 1995;311:485).
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import ALPHA

ENOUGH = 0.8
RATIO = 2.0
CORRELATION = 0.3


def power(effect_over_error: float) -> float:
    """Give the power of a two-sided test at the paper's level.

    Parameters
    ----------
    effect_over_error
        The effect that is there, in standard errors of its estimate.
    """
    return float(ndtr(abs(effect_over_error) - ndtri(1 - ALPHA / 2)))


def power_of_cox(events: int, variance: float, ratio: float = RATIO) -> float:
    """Give the power to find a hazard ratio with so many events.

    Parameters
    ----------
    events
        Events in all.
    variance
        Variance of the covariate; ``p (1 - p)`` of a level that a share ``p`` of patients has.
    ratio
        The hazard ratio for one unit.

    Notes
    -----
    The coefficient has a variance of about ``1 / (events * variance)`` (Schoenfeld, Biometrics
    1983;39:499).
    """
    return power(np.log(ratio) * np.sqrt(events * variance))


def power_of_logistic(outcome: pd.Series, variance: float, ratio: float = RATIO) -> float:
    """Give the power to find an odds ratio.

    Parameters
    ----------
    outcome
        0 or 1 of each patient.
    variance
        Variance of the covariate, as for ``power_of_cox``.
    ratio
        The odds ratio for one unit.

    Notes
    -----
    Hsieh, Bloch and Larsen, Statistics in Medicine 1998;17:1623.
    """
    share = float(outcome.mean())
    return power(np.log(ratio) * np.sqrt(len(outcome) * share * (1 - share) * variance))


def power_of_correlation(n: int, correlation: float = CORRELATION) -> float:
    """Give the power to find a correlation among ``n`` patients, by Fisher's z.

    Raises
    ------
    NotEstimable
        With fewer than four patients.
    """
    if n < 4:
        raise NotEstimable("a correlation needs four patients")
    return power(np.arctanh(correlation) * np.sqrt(n - 3))
