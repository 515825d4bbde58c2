"""Times to an event: Kaplan-Meier, numbers at risk, log-rank, competing risks.

The conventions are R's: at risk at time t means still under observation just before t (T >= t),
intervals of a survival probability are log-log, and a median is the midpoint of two times where
the curve stands at exactly one half between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.cohort.columns import missing
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
    known, months, event = times_of(cohort, endpoint)
    table = {"months": months[known], "event": event[known].astype(np.int64)}
    return pd.DataFrame(table, index=cohort.index[known])


def times_of(
    cohort: pd.DataFrame, endpoint: Endpoint
) -> tuple[npt.NDArray[np.bool_], engine.Vector, engine.Flags]:
    """Do what ``event_times`` does, for all patients and without a table.

    Returns
    -------
    tuple of arrays
        Whether the event is known, months and event of every patient of the cohort; what is not
        known has no meaning in the other two.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column that the endpoint needs.
    """
    missing(cohort, endpoint.event, endpoint.months, FOLLOW_UP)
    event = _floats(cohort[endpoint.event])
    last = _floats(cohort[FOLLOW_UP])
    for column in endpoint.censored_by:
        if column in cohort:
            last = np.fmin(last, _floats(cohort[column]))
    known = ~np.isnan(event)
    happened = known & (event != 0)
    months = np.where(happened, _floats(cohort[endpoint.months]), last)
    return known, months, happened.astype(np.int32)


def _floats(values: pd.Series) -> engine.Vector:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier estimate.

    Attributes
    ----------
    times
        The data behind it: columns ``months`` and ``event``.
    table
        One row per distinct time, index ``months``, beginning at 0: ``survival``, ``lower``,
        ``upper`` (95 % pointwise, log-log; blank once the curve has reached 0, where the
        formula gives none).
    median, median_lower, median_upper
        Months; infinite where the curve or the limit never comes down to one half.
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

    def at(self, month: float) -> pd.Series:
        """Survival with its limits at a time in months.

        Returns
        -------
        pandas.Series
            ``survival``, ``lower``, ``upper`` as fractions of 1; the limits blank where the
            curve has reached 0.

        Raises
        ------
        NotEstimable
            If nobody was observed for so long and somebody without the event remained.
        """
        if month > self.last_month and self.table["survival"].iloc[-1] > 0:
            # Not for how long instead: that is one patient's own time.
            raise NotEstimable(f"nobody was observed for {month:g} months")
        return self.table[self.table.index <= month].iloc[-1]


def rate_in_words(survival: "pd.Series[float]", decimals: int = 1) -> str:
    """Print survival at a time as a sentence has it.

    Parameters
    ----------
    survival
        ``survival``, ``lower``, ``upper`` as fractions of 1, as ``SurvivalCurve.at`` gives them.
    decimals
        Digits after the point.

    Returns
    -------
    str
        In percent with its interval. Before the first event and once nobody is left without it,
        where the formula gives none, it says so.
    """
    value, lower, upper = (100 * survival[part] for part in ("survival", "lower", "upper"))
    if lower == upper == 100:
        return "**100 %** (nobody had the event by then, so the formula gives no interval)"
    if np.isnan(lower) and np.isnan(upper):
        return "**0.0 %** (everybody had the event by then, so the formula gives no interval)"
    limits = f"{rounded(lower, decimals)} to {rounded(upper, decimals)} %"
    return f"**{rounded(value, decimals)} %**, with a 95 % interval of {limits}"


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
        R's ``survfit(..., conf.type = "log-log")``. Until the first event the limits are 1,
        where R leaves them out.

    Raises
    ------
    NotEstimable
        If there is no patient.
    """
    if times.empty:
        raise NotEstimable("no patient is left to estimate a curve from")
    curve = engine.product_limit(*as_arrays(times))
    table = pd.DataFrame(
        {"survival": curve.survival, "lower": curve.lower, "upper": curve.upper},
        index=pd.Index(curve.months, name="months"),
    )
    if curve.months[0] > 0:
        table = pd.concat([pd.DataFrame(1.0, index=[0.0], columns=table.columns), table])
    table.loc[table["survival"] == 1, ["lower", "upper"]] = 1.0
    middle = [
        np.inf if np.isnan(month) else month
        for month in (curve.median, curve.median_lower, curve.median_upper)
    ]
    return SurvivalCurve(times, table.rename_axis("months"), *middle)


def as_arrays(times: pd.DataFrame) -> tuple[engine.Vector, engine.Flags]:
    """Give ``months`` and ``event`` of a table of times as the engine takes them."""
    return times["months"].to_numpy(float), times["event"].to_numpy(np.int32)


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


def logrank(times: pd.DataFrame, groups: pd.Series, strata: pd.Series | None = None) -> float:
    """Compare the curves of groups by the log-rank test.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    groups
        A group per patient on the same index; at least two groups.
    strata
        What the groups are compared within, such as centres, on the same index; patients without
        one are left out. R's ``survdiff(... + strata(...))``.

    Returns
    -------
    float
        p value; two-sided where there are two groups.

    Raises
    ------
    NotEstimable
        If there are no two groups, no event in any, nobody in one of them was still under
        observation when the first event happened, or everybody had the event at once.
    """
    known = pd.DataFrame({"group": groups.reindex(times.index)})
    if strata is not None:
        known["stratum"] = strata.reindex(times.index)
    known = known.dropna()
    times = times.loc[known.index]
    codes, levels = pd.factorize(known["group"])
    if len(levels) < 2:
        raise NotEstimable(f"a comparison needs two groups; this cohort has {len(levels)}")
    if not times["event"].any():
        raise NotEstimable("no event in any group, so there is nothing to compare")
    last = times["months"].groupby(codes).max()
    if last.min() < times.loc[times["event"] == 1, "months"].min():
        raise NotEstimable("one of the groups had left observation before the first event")
    within = None if strata is None else pd.factorize(known["stratum"])[0].astype(np.int32)
    try:
        statistic = engine.logrank_chi2(*as_arrays(times), codes.astype(np.int32), within)
    except engine.NoFit as reason:
        raise NotEstimable("everybody at risk had the event at once") from reason
    return engine.chi2_p(statistic, len(levels) - 1)


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
