"""What the publication pins down, by computation: a statistic over the ensemble.

A word follows from the values alone, by a stated rule and never by opinion:

- *the same in all*: every cohort gives the same text, at the decimals that are asked for; or,
  of a yes-or-no question, the same answer;
- *same in sign*: the values lie on one side of what would mean no difference, and not on it;
- *open*: anything else. Of a statistic without such a value nothing lies between the two.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from reanalysis.cohort.ensemble import over_ensemble
from reanalysis.cohort.loading import load_cohort
from reanalysis.core import paths
from reanalysis.core.errors import CannotShow
from reanalysis.core.formatting import rounded

SAME, SIGN, OPEN = "the same in all", "same in sign", "open"

Statistic = Callable[[pd.DataFrame], float]


@dataclass(frozen=True)
class Pinned:
    """A statistic on the synthetic cohort and over the ensemble.

    Attributes
    ----------
    value
        On the synthetic cohort.
    low, high
        The range over the ensemble and the synthetic cohort.
    word
        ``SAME``, ``SIGN`` or ``OPEN``.
    cohorts
        How many cohorts gave a value, the synthetic one among them.
    without
        How many gave none (the estimate does not exist there). Not ``SAME`` then, and not ``SIGN``.
    decimals
        With which the values are compared and written.
    """

    value: float
    low: float
    high: float
    word: str
    cohorts: int
    without: int
    decimals: int

    @property
    def spread(self) -> str:
        """The range as text, ``'1.23 to 1.45'``, or one value where both ends print alike."""
        low, high = (rounded(end, self.decimals) for end in (self.low, self.high))
        return low if low == high else f"{low} to {high}"

    @property
    def is_pinned(self) -> bool:
        """Whether a claim about it holds in all cohorts: the same, or the same in sign."""
        return self.word != OPEN


def pinned(
    statistic: Statistic,
    *,
    none: float | None = None,
    decimals: int = 1,
    cohort: pd.DataFrame | None = None,
    ensemble: Mapping[str, pd.DataFrame] | None = None,
) -> Pinned:
    """Say whether the publication pins a statistic down.

    Parameters
    ----------
    statistic
        A function of a cohort that gives a number, or True or False. Where it raises ``CannotShow``
        or gives no finite number, that cohort has no value.
    none
        The value that means no difference: 1 for a ratio, 0 for a difference, 0.05 for a p value,
        whose 'sign' is then its significance. Without one a statistic is the same or open.
    decimals
        With which values count as the same.
    cohort, ensemble
        The synthetic cohort and the ensemble by default.

    Returns
    -------
    Pinned
        Value, range and word.

    Raises
    ------
    ValueError
        If the statistic has no value on the synthetic cohort.
    """
    own = _value(statistic, _synthetic() if cohort is None else cohort)
    if math.isnan(own):
        raise ValueError("the statistic has no value on the synthetic cohort")
    found = over_ensemble(lambda member: _value(statistic, member), ensemble)
    values = np.array([own, *found.values()])
    known = values[~np.isnan(values)]
    without = int(np.isnan(values).sum())
    return Pinned(
        own,
        float(known.min()),
        float(known.max()),
        word_for(values, none, decimals),
        len(known),
        without,
        decimals,
    )


def word_for(values: np.ndarray, none: float | None, decimals: int) -> str:
    """Give the word that follows from the values of all cohorts, not a number where there is none.

    Parameters
    ----------
    values
        Shape (cohorts,).
    none, decimals
        As for ``pinned``.
    """
    if np.isnan(values).any():
        return OPEN
    if len({rounded(float(value), decimals) for value in values}) == 1:
        return SAME
    if none is not None and ((values > none).all() or (values < none).all()):
        return SIGN
    return OPEN


def _value(statistic: Statistic, cohort: pd.DataFrame) -> float:
    try:
        value = float(statistic(cohort))
    except CannotShow:
        return math.nan
    return value if math.isfinite(value) else math.nan


@cache
def _synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)
