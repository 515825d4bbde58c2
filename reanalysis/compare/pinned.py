"""What the publication pins down, by computation: a statistic over the ensemble.

A word follows from the values alone, by a stated rule and never by opinion:

- *the same in all*: every cohort gives the same text, at the decimals that are asked for; or,
  of a yes-or-no question, the same answer;
- *same in sign*: the values lie on one side of what would mean no difference, and not on it;
- *likely*: those of nine cohorts in ten do;
- *open*: anything else. Of a statistic without such a value nothing lies between the same and open.

What is the same, or the same in sign, is what the book calls pinned.
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

SAME, SIGN, LIKELY, OPEN = "the same in all", "same in sign", "likely", "open"
MOST = 0.9  # of the cohorts on one side make a claim likely

Statistic = Callable[[pd.DataFrame], float]


@dataclass(frozen=True)
class Pinned:
    """A statistic on the synthetic cohort and over the ensemble.

    Attributes
    ----------
    value
        On the synthetic cohort, not a number if it has none.
    low, high
        The range over the ensemble and the synthetic cohort.
    word
        ``SAME``, ``SIGN``, ``LIKELY`` or ``OPEN``.
    one_side
        How many cohorts lie on the side of most of what would mean no difference; None where
        nothing would.
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
    one_side: int | None
    cohorts: int
    without: int
    decimals: int

    @property
    def spread(self) -> str:
        """The range as text, ``'1.23 to 1.45'``, or one value where both ends print alike."""
        return between(*(rounded(end, self.decimals) for end in (self.low, self.high)))

    @property
    def is_pinned(self) -> bool:
        """Whether a claim about it holds in all cohorts: the same, or the same in sign."""
        return self.word in (SAME, SIGN)


def between(low: str, high: str) -> str:
    """Print a range, or one value where both ends print alike."""
    return low if low == high else f"{low} to {high}"


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
    own = value_or_nan(statistic, _synthetic() if cohort is None else cohort)
    if math.isnan(own):
        raise ValueError("the statistic has no value on the synthetic cohort")
    found = over_ensemble(lambda member: value_or_nan(statistic, member), ensemble)
    return judged(np.array([own, *found.values()]), none, decimals)


def judged(values: np.ndarray, none: float | None, decimals: int) -> Pinned:
    """Judge a statistic by the values that are known of it.

    Parameters
    ----------
    values
        Shape (cohorts,), the synthetic one first; not a number where a cohort has none.
    none, decimals
        As for ``pinned``.
    """
    known = values[~np.isnan(values)]
    return Pinned(
        float(values[0]),
        float(known.min()) if known.size else math.nan,
        float(known.max()) if known.size else math.nan,
        word_for(values, none, decimals),
        None if none is None else on_one_side(values, none),
        len(known),
        len(values) - len(known),
        decimals,
    )


def on_one_side(values: np.ndarray, none: float) -> int:
    """Count the values on that side of no difference on which most are."""
    return int(max((values < none).sum(), (values > none).sum()))


def word_for(values: np.ndarray, none: float | None, decimals: int) -> str:
    """Give the word that follows from the values of all cohorts, not a number where there is none.

    Parameters
    ----------
    values
        Shape (cohorts,).
    none, decimals
        As for ``pinned``.
    """
    known = not np.isnan(values).any()
    if known and len({rounded(float(value), decimals) for value in values}) == 1:
        return SAME
    if none is None:
        return OPEN
    agree = on_one_side(values, none)
    if agree == len(values):
        return SIGN
    return LIKELY if agree >= MOST * len(values) else OPEN


def value_or_nan(statistic: Statistic, cohort: pd.DataFrame) -> float:
    """Compute a statistic; not a number where the cohort has none."""
    try:
        value = float(statistic(cohort))
    except CannotShow:
        return math.nan
    return value if math.isfinite(value) else math.nan


@cache
def _synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)
