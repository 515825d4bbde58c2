"""Patients of several centres: who was treated where, and whether estimates of centres differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.cohort.columns import missing
from reanalysis.core.dictionary import CENTRE
from reanalysis.core.errors import CannotShow, NotEstimable


def centre_of(cohort: pd.DataFrame) -> "pd.Series[str]":
    """Say where each patient was treated.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.Series
        The centre's name as it is recorded, missing where it is blank, on the cohort's index.

    Raises
    ------
    NotRecorded
        If the cohort does not record centres.
    NotEstimable
        If all of its patients are of one.
    """
    missing(cohort, CENTRE)
    centre = cohort[CENTRE].mask(cohort[CENTRE] == "")
    if len(centre.dropna().unique()) < 2:
        raise NotEstimable("this cohort is of one centre")
    return centre


def has_several_centres(cohort: pd.DataFrame) -> bool:
    """Whether a cohort tells several centres apart."""
    try:
        centre_of(cohort)
    except CannotShow:
        return False
    return True


def heterogeneity_p(coef: Sequence[float], se: Sequence[float]) -> float:
    """Test whether estimates of separate groups are of one value.

    Cochran's Q, the squared distances of the estimates from their mean, each weighted by the
    inverse of its variance (Cochran, Biometrics 1954; 10: 101-129).

    Parameters
    ----------
    coef, se
        Estimates of k groups and their standard errors, on the log scale for ratios.

    Returns
    -------
    float
        p value of chi-squared with k - 1 degrees of freedom.

    Raises
    ------
    NotEstimable
        If fewer than two groups have an estimate.
    """
    if len(coef) < 2:
        raise NotEstimable("fewer than two centres have an estimate")
    values, weights = np.asarray(coef, dtype=float), np.asarray(se, dtype=float) ** -2
    mean = np.average(values, weights=weights)
    return engine.chi2_p(float((weights * (values - mean) ** 2).sum()), len(values) - 1)
