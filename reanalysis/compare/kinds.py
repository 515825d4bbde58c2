"""Kinds of recomputed numbers: what each is of decides how it is rounded where it has to be."""

import numpy as np
import pandas as pd

from reanalysis.core.disclosure import Policy, to_unit
from reanalysis.core.formatting import p_value, plain, rounded
from reanalysis.paper.register import as_printed


class Patients(int):
    """A number of patients."""


class Share(float):
    """A part of a number of patients, in percent.

    Parameters
    ----------
    part, whole
        Numbers of patients; the whole is at least 1.
    """

    part: int
    whole: int

    def __new__(cls, part: int, whole: int) -> "Share":
        """Compute the percentage."""
        share = super().__new__(cls, 100 * int(part) / whole)
        share.part, share.whole = int(part), int(whole)
        return share


class Rate(float):
    """A survival probability, in percent.

    Parameters
    ----------
    fraction
        Of 1.
    patients
        How many it was estimated from.
    """

    fraction: float
    patients: int

    def __new__(cls, fraction: float, patients: int) -> "Rate":
        """Compute the percentage."""
        rate = super().__new__(cls, 100 * fraction)
        rate.fraction, rate.patients = float(fraction), patients
        return rate


class Quantile(float):
    """A quantile of a variable, which may be one patient's own value.

    Parameters
    ----------
    values
        The known values.
    share
        0.5 for the median.
    """

    values: pd.Series

    def __new__(cls, values: pd.Series, share: float) -> "Quantile":
        """Compute the quantile."""
        quantile = super().__new__(cls, values.astype(float).quantile(share))
        quantile.values = values
        return quantile


def as_shown(value: float, policy: Policy, like: str, is_p: bool = False) -> str:
    """Print a recomputed number: as the paper does, or rounded as the policy asks.

    Parameters
    ----------
    value
        The number.
    policy
        What may be shown.
    like
        The published number, which gives the decimals.
    is_p
        Whether it is a p value.
    """
    if not policy.hides:
        return p_value(value) if is_p else as_printed(value, like)
    if isinstance(value, Patients):
        return str(policy.patients(value))
    if isinstance(value, Share):
        return rounded(100 * policy.share(value.part, value.whole))
    if isinstance(value, Quantile):
        return plain(policy.quantile(value.values, value))
    if isinstance(value, Rate):
        return rounded(100 * policy.fraction(value.fraction, value.patients))
    return policy.p(value) if is_p else plain(policy.estimate(value))


def published_as(value: float, text: str, policy: Policy) -> str:
    """Round a published number as a recomputed one is rounded, so that the two can be compared.

    Parameters
    ----------
    value
        The recomputed number.
    text
        The published one as printed; a limit such as ``'<0.001'`` stays as it is.
    policy
        What may be shown; it hides small numbers.
    """
    if text.startswith("<"):
        return text
    theirs = float(text)
    if isinstance(value, Patients):
        return str(policy.patients(theirs))
    if isinstance(value, Quantile):
        unit = policy.unit(value.values, value)
        return plain(float(to_unit(np.array([theirs]), unit)[0]))
    return rounded(theirs) if isinstance(value, Share | Rate) else plain(policy.estimate(theirs))
