"""The mean time free of the event, up to a month: a difference in months, not a ratio."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from reanalysis.analysis import engine
from reanalysis.analysis.survival import as_arrays, kaplan_meier
from reanalysis.core.constants import Z_95
from reanalysis.core.errors import NotEstimable


@dataclass(frozen=True)
class Mean:
    """A restricted mean, or a difference of two, with its 95 % interval.

    Attributes
    ----------
    months, se, lower, upper
        In months; the interval is symmetric.
    p
        Two-sided, that it is 0.
    """

    months: float
    se: float

    @property
    def lower(self) -> float:
        """Lower 95 % limit, in months."""
        return self.months - Z_95 * self.se

    @property
    def upper(self) -> float:
        """Upper 95 % limit, in months."""
        return self.months + Z_95 * self.se

    @property
    def p(self) -> float:
        """Two-sided p value of its being 0."""
        return float(2 * ndtr(-abs(self.months) / self.se)) if self.se > 0 else np.nan


def restricted_mean(times: pd.DataFrame, until: float) -> Mean:
    """Estimate the mean time free of the event, up to a month.

    The area under the Kaplan-Meier curve until then, and its variance, the sum over the events of
    the squared area after each times Greenwood's term (Royston & Parmar, BMC Med Res Methodol
    2013; 13: 152); as R's ``summary(survfit(...), rmean = until)``.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    until
        The month, at most the longest time under observation unless the curve has reached 0.

    Returns
    -------
    Mean
        In months.

    Raises
    ------
    NotEstimable
        If there is no patient, or nobody was observed for so long while some were free of the
        event.
    ValueError
        If the month is not above 0.
    """
    if until <= 0:
        raise ValueError(f"a mean up to a month needs one above 0, not {until:g}")
    kaplan_meier(times).at(until)  # raises if nobody was observed for so long
    curve = engine.product_limit(*as_arrays(times))
    before = curve.months < until
    month = np.concatenate([curve.months[before], [until]])
    area = curve.survival[before] * np.diff(month)
    after = np.cumsum(area[::-1])[::-1]  # beyond each step
    at_risk, events = curve.at_risk[before], curve.events[before]
    left = at_risk - events
    # Once everybody at risk had the event, there is no area beyond.
    terms = np.divide(events, at_risk * left, out=np.zeros(len(left)), where=left > 0)
    whole = month[0] + area.sum()  # nobody has had the event before the first time
    return Mean(float(whole), float(np.sqrt((after**2 * terms).sum())))


def restricted_mean_difference(times: pd.DataFrame, groups: pd.Series, until: float) -> Mean:
    """Compare the mean time free of the event of two groups, up to a month.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    groups
        A group per patient on the same index, two groups; patients without one are left out.
        Categories keep their order, others are sorted.
    until
        The month.

    Returns
    -------
    Mean
        That of the second group less that of the first.

    Raises
    ------
    NotEstimable
        If there are not two groups, or as ``restricted_mean``.
    """
    known = groups.reindex(times.index).dropna()
    parts = [part for _, part in times.loc[known.index].groupby(known, observed=True)]
    if len(parts) != 2:
        raise NotEstimable(f"a comparison needs two groups; this cohort has {len(parts)}")
    first, second = (restricted_mean(part, until) for part in parts)
    return Mean(second.months - first.months, float(np.hypot(first.se, second.se)))
