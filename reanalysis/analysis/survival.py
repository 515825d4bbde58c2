"""Times to an event: Kaplan-Meier, numbers at risk, log-rank, competing risks.

Estimates come from lifelines. Two conventions are R's: at risk at time t means still under
observation just before t (T >= t), and intervals of a survival probability are log-log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reanalysis.cohort.columns import require
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import rounded
from reanalysis.paper.study import RATE_MONTHS, Endpoint


def event_times(cohort: pd.DataFrame, endpoint: Endpoint) -> pd.DataFrame:
    """Time under observation and whether the event ended it.

    Parameters
    ----------
    cohort
        A cohort, shape (n, columns).
    endpoint
        The endpoint.

    Returns
    -------
    pandas.DataFrame
        Columns ``months`` (float) and ``event`` (int, 0 or 1), the cohort's index; patients
        whose event is not known are left out.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column that the endpoint needs.
    """
    require(cohort, endpoint.event, endpoint.months, FOLLOW_UP)
    known = cohort[cohort[endpoint.event].notna()]
    event = known[endpoint.event].astype(int)
    last = known[FOLLOW_UP].astype(float)
    for column in endpoint.censored_by:
        if column in known:
            last = last.where(known[column].isna(), known[[column]].join(last).min(axis=1))
    months = last.where(event == 0, known[endpoint.months])
    return pd.DataFrame({"months": months.astype(float), "event": event})


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier estimate.

    Attributes
    ----------
    times
        The data behind it: columns ``months`` and ``event``.
    table
        One row per distinct time, index ``months``, beginning at 0: ``survival``, ``lower``,
        ``upper`` (95 % pointwise, log-log).
    median, median_lower, median_upper
        Months; infinite where the curve or the limit stays above one half.
    """

    times: pd.DataFrame
    table: pd.DataFrame
    median: float
    median_lower: float
    median_upper: float

    @property
    def n(self) -> int:
        """Patients."""
        return len(self.times)

    @property
    def events(self) -> int:
        """Patients with the event."""
        return int(self.times["event"].sum())

    def events_by(self, month: float) -> int:
        """Patients with the event up to a time in months."""
        return int(self.times.loc[self.times["months"] <= month, "event"].sum())

    @property
    def last_month(self) -> float:
        """Longest time under observation, in months."""
        return float(self.times["months"].max())

    def rate(self, month: float) -> str:
        """Survival at a time in months as a sentence has it.

        Returns
        -------
        str
            In percent with its interval. Before the first event, where the formula gives
            none, it says so.

        Raises
        ------
        NotEstimable
            As ``at``.
        """
        share = 100 * self.at(month)
        if share["survival"] == 100:
            return "**100 %** (nobody had the event by then, so the formula gives no interval)"
        limits = f"{rounded(share['lower'], 1)} to {rounded(share['upper'], 1)} %"
        return f"**{rounded(share['survival'], 1)} %**, with a 95 % interval of {limits}"

    def at(self, month: float) -> pd.Series:
        """Survival with its limits at a time in months.

        Returns
        -------
        pandas.Series
            ``survival``, ``lower``, ``upper`` as fractions of 1.

        Raises
        ------
        NotEstimable
            If nobody was observed for so long and somebody without the event remained.
        """
        if month > self.last_month and self.table["survival"].iloc[-1] > 0:
            # Not for how long instead: that is one patient's own time.
            raise NotEstimable(f"nobody was observed for {month:g} months")
        return self.table[self.table.index <= month].iloc[-1]


def kaplan_meier(times: pd.DataFrame) -> SurvivalCurve:
    """Estimate the survival function by the product limit (Kaplan & Meier 1958).

    Parameters
    ----------
    times
        Columns ``months`` and ``event``, as ``event_times`` gives them.

    Returns
    -------
    SurvivalCurve
        With pointwise 95 % limits on the log(-log) scale and Greenwood's variance, which is
        R's ``survfit(..., conf.type = "log-log")``.

    Raises
    ------
    NotEstimable
        If there is no patient.
    """
    if times.empty:
        raise NotEstimable("no patient is left to estimate a curve from")
    # Imported here: it takes more than a second, and most chapters and commands draw no curve.
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    fit = KaplanMeierFitter().fit(times["months"], times["event"])
    limits = fit.confidence_interval_survival_function_
    table = pd.DataFrame(
        {
            "survival": fit.survival_function_.iloc[:, 0],
            "lower": limits.iloc[:, 0],
            "upper": limits.iloc[:, 1],
        }
    ).rename_axis("months")
    # Until the first event the estimate is 1 and its log-log limits do not exist; R prints 1.
    before = table["survival"] == 1
    table.loc[before, ["lower", "upper"]] = 1.0
    lower, upper = median_survival_times(limits).iloc[0]
    return SurvivalCurve(times, table, float(fit.median_survival_time_), float(lower), float(upper))


def kaplan_meier_by(times: pd.DataFrame, groups: pd.Series) -> dict[str, SurvivalCurve]:
    """Estimate the survival function of each group.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    groups
        A group per patient on the same index; patients without one are left out.

    Returns
    -------
    dict
        By group: its estimate. Categories keep their order, others are sorted; a group
        without a patient has none.

    Raises
    ------
    NotEstimable
        If no patient belongs to a group.
    """
    known = groups.reindex(times.index).dropna()
    if known.empty:
        raise NotEstimable("no patient is left to estimate a curve from")
    parts = times.loc[known.index].groupby(known, observed=True)
    return {str(group): kaplan_meier(part) for group, part in parts}


def reverse_kaplan_meier(times: pd.DataFrame) -> SurvivalCurve:
    """Estimate the distribution of follow-up: the event counts as censoring, and the reverse.

    Its median is the follow-up that the patients would have had if nobody had had the event
    (Schemper & Smith, Control Clin Trials 1996; 17: 343-346).

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    """
    return kaplan_meier(times.assign(event=1 - times["event"]))


def number_at_risk(times: pd.DataFrame, months: Sequence[float]) -> pd.Series:
    """Count the patients under observation just before each time (T >= t), as R prints it.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    months
        Times in months.

    Returns
    -------
    pandas.Series
        Counts with the times as index.
    """
    return pd.Series({t: int((times["months"] >= t).sum()) for t in months}, name="at risk")


def logrank(times: pd.DataFrame, groups: pd.Series) -> float:
    """Compare the curves of two groups by the log-rank test.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    groups
        A group per patient on the same index; two groups.

    Returns
    -------
    float
        Two-sided p value.

    Raises
    ------
    NotEstimable
        If there are not two groups, no event in either, or nobody in one of them was still
        under observation when the first event happened.
    """
    groups = groups.reindex(times.index)
    levels = groups.dropna().unique()
    if len(levels) != 2:
        raise NotEstimable(f"a comparison needs two groups; this cohort has {len(levels)}")
    first, second = (times[groups == level] for level in levels)
    if first["event"].sum() + second["event"].sum() == 0:
        raise NotEstimable("no event in either group, so there is nothing to compare")
    events = times.loc[groups.notna() & (times["event"] == 1), "months"]
    if min(first["months"].max(), second["months"].max()) < events.min():
        raise NotEstimable("one of the two groups had left observation before the first event")
    from lifelines.statistics import logrank_test

    test = logrank_test(first["months"], second["months"], first["event"], second["event"])
    return float(test.p_value)


def rates_table(curve: SurvivalCurve, months: Sequence[float] = RATE_MONTHS) -> pd.DataFrame:
    """Tabulate survival at given months, as R's ``summary(survfit(...), times)`` does.

    Parameters
    ----------
    curve
        A Kaplan-Meier estimate.
    months
        Times in months; those after the end of observation are left blank.

    Returns
    -------
    pandas.DataFrame
        Index ``months``: ``at risk``, cumulative ``events``, ``survival``, ``lower``,
        ``upper`` (fractions of 1).
    """
    rows = []
    for month in months:
        events = int(curve.times.loc[curve.times["months"] <= month, "event"].sum())
        try:
            estimate = curve.at(month)
        except NotEstimable:
            estimate = pd.Series({"survival": np.nan, "lower": np.nan, "upper": np.nan})
        at_risk = number_at_risk(curve.times, [month]).iloc[0]
        rows.append({"months": month, "at risk": at_risk, "events": events, **estimate})
    return pd.DataFrame(rows).set_index("months")
