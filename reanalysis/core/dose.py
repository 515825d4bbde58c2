"""Dose: the linear-quadratic model, the regimens of the paper and its limits for organs."""

from typing import TypeVar

import numpy as np
import pandas as pd

Dose = TypeVar("Dose", float, pd.Series)


def bed_gy(total_dose_gy: Dose, fractions: Dose, alpha_beta_gy: float = 10.0) -> Dose:
    """Biologically effective dose of the linear-quadratic model.

    ``BED = D (1 + d / (alpha/beta))`` with ``d = D / fractions`` (Fowler, Br J Radiol 1989;
    62: 679-694), without a term for proliferation.

    Parameters
    ----------
    total_dose_gy
        Total dose D in Gy.
    fractions
        Number of equal fractions.
    alpha_beta_gy
        alpha/beta in Gy; 10 for tumour, as the paper has it.

    Returns
    -------
    float or pandas.Series
        BED in Gy with that alpha/beta, not rounded.

    Raises
    ------
    ValueError
        If a dose, a number of fractions or alpha/beta is not positive.
    """
    if np.any(np.less_equal(total_dose_gy, 0)) or np.any(np.less_equal(fractions, 0)):
        raise ValueError("a total dose in Gy and a number of fractions must be above 0")
    if alpha_beta_gy <= 0:
        raise ValueError(f"alpha/beta in Gy must be above 0, not {alpha_beta_gy}")
    return total_dose_gy * (1 + total_dose_gy / fractions / alpha_beta_gy)


def eqd2_gy(total_dose_gy: Dose, fractions: Dose, alpha_beta_gy: float = 10.0) -> Dose:
    """Total dose in fractions of 2 Gy that has the same BED.

    Parameters
    ----------
    total_dose_gy
        Total dose in Gy.
    fractions
        Number of equal fractions.
    alpha_beta_gy
        alpha/beta in Gy.

    Returns
    -------
    float or pandas.Series
        ``BED / (1 + 2 / (alpha/beta))`` in Gy.

    Raises
    ------
    ValueError
        As ``bed_gy``.
    """
    return bed_gy(total_dose_gy, fractions, alpha_beta_gy) / (1 + 2 / alpha_beta_gy)


def bed_lql_gy(
    total_dose_gy: float, fractions: float, transition_gy: float, alpha_beta_gy: float = 10.0
) -> float:
    """BED of the linear-quadratic-linear model.

    Up to a transition dose per fraction it is the linear-quadratic model. Beyond it the
    logarithm of the surviving fraction goes on along its tangent, so that the part of a
    fraction above the transition counts ``1 + 2 * transition / (alpha/beta)`` per Gy.

    Parameters
    ----------
    total_dose_gy
        Total dose in Gy.
    fractions
        Number of equal fractions.
    transition_gy
        Dose per fraction in Gy from which the curve is straight. No value is agreed on.
    alpha_beta_gy
        alpha/beta in Gy.

    Returns
    -------
    float
        BED in Gy; never above that of ``bed_gy``.

    Raises
    ------
    ValueError
        If the transition dose is not positive, and as ``bed_gy``.
    """
    if transition_gy <= 0:
        raise ValueError(f"the transition dose in Gy must be above 0, not {transition_gy}")
    full = bed_gy(total_dose_gy, fractions, alpha_beta_gy)
    beyond = max(total_dose_gy / fractions - transition_gy, 0.0)
    return full - fractions * beyond**2 / alpha_beta_gy
