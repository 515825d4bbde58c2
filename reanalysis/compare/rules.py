"""When a recomputed number may not be shown: one rule for each kind of published number.

A rule sees the number with the others that it stands beside, so that none gives another away. It is
called with the cohort, what may be shown of it, the number itself, and the arguments of its recipe,
and says whether the number is hidden. What is not hidden is rounded all the same.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from reanalysis.analysis import response
from reanalysis.analysis.survival import event_times
from reanalysis.core.disclosure import Policy, hidden_parts
from reanalysis.paper.study import (
    ANY_CR,
    CR_MONTHS,
    ENDPOINTS,
    FRACTIONS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    SALVAGE,
    SIZE,
    TOTAL_DOSE,
)

Rule = Callable[..., bool]


def never(*_: object) -> bool:
    """Hide nothing: the number comes from no patient, or is the size of the cohort."""
    return False


def test(*_: object) -> bool:
    """Hide nothing: whether a p value is below a limit counts nobody."""
    return False


def hazard(
    cohort: pd.DataFrame, policy: Policy, _: float, endpoint: str, __: str, column: str, ___: str
) -> bool:
    """Whether a hazard ratio, its limits or its p value rests on too few events of a group."""
    return few_events(cohort, policy, endpoint, column)


def odds_ratio(cohort: pd.DataFrame, policy: Policy, _: float, column: str, __: str) -> bool:
    """Whether an odds ratio, its limits or its p value rests on too few patients of a group."""
    return odds(cohort, policy, column)


def few_events(cohort: pd.DataFrame, policy: Policy, endpoint: str, column: str) -> bool:
    """Whether a Cox model of an endpoint has too few events of a group of a variable."""
    known = cohort.reindex(columns=[column, ENDPOINTS[endpoint].event]).dropna()
    return few_in_a_group(known[column], known[ENDPOINTS[endpoint].event] == 1, policy)


def odds(cohort: pd.DataFrame, policy: Policy, column: str) -> bool:
    """Whether the model of not reaching CR has too few patients of a group with it or without."""
    known = cohort.reindex(columns=[column, ANY_CR.column]).dropna()
    no_cr = known[ANY_CR.column] == "no"
    return any(few_in_a_group(known[column], which, policy) for which in (no_cr, ~no_cr))


def few_in_a_group(values: pd.Series, event: pd.Series, policy: Policy) -> bool:
    """Whether a model of an event rests on too few of them, or on too few in a group.

    The standard error of a group's ratio tells how many events it had.

    Parameters
    ----------
    values
        The variable, one per patient; of one with two levels each is a group.
    event
        Whether the patient had the event, on the same index.
    policy
        What may be shown.
    """
    groups = values if values.nunique() == 2 else pd.Series("", index=values.index)
    counts = event.astype(bool).groupby(groups.astype(str)).sum()
    return not all(policy.may_show(int(count)) for count in counts)


def blank(cohort: pd.DataFrame, policy: Policy, value: float, _: str) -> bool:
    """Whether the patients without a value may not be counted; the reader knows all patients."""
    return not policy.may_show(value, len(cohort))


def none_in_level(
    cohort: pd.DataFrame, policy: Policy, _: object, column: str, level: str, event: str
) -> bool:
    """Whether it may not be said that nobody of a level had an event, or that somebody had."""
    had = cohort.loc[as_levels(cohort[column]) == level, event]
    return not policy.may_show(float((had == 1).sum()))


def shares_by_last_tace(cohort: pd.DataFrame, policy: Policy, _: object) -> bool:
    """Whether groups by the response to the last TACE are too small to be compared."""
    counts = response.by_last_tace(cohort)[["CR", "patients"]]
    return not all(policy.may_show(cr, of) for cr, of in counts.to_numpy())


def as_levels(values: pd.Series) -> pd.Series:
    """Spell the values of a column as the register does: an event is 1, not 1.0."""
    if pd.api.types.is_numeric_dtype(values):
        return values.map("{:g}".format)
    return values.astype(str)


def level(cohort: pd.DataFrame, policy: Policy, _: float, column: str, level: str) -> bool:
    """Whether the patients of a level may not be counted, all levels and their sum in view."""
    counts = as_levels(cohort[column].dropna()).value_counts()
    if level not in counts.index:
        counts.loc[level] = 0
    counts = counts.sort_index()
    mask = hidden_parts(list(counts), policy.smallest)
    return mask[list(counts.index).index(level)]


def regimen(cohort: pd.DataFrame, policy: Policy, _: float, dose: str, fractions: str) -> bool:
    """Whether the patients of a regimen may not be counted, all regimens in view."""
    known = cohort[[TOTAL_DOSE, FRACTIONS]].dropna()
    pairs = as_levels(known[TOTAL_DOSE]) + "/" + as_levels(known[FRACTIONS])
    return level(pairs.to_frame("regimen"), policy, 0, "regimen", f"{dose}/{fractions}")


def at_least(
    cohort: pd.DataFrame, policy: Policy, _: float, column: str, threshold: str, __: str
) -> bool:
    """Whether the patients who reach a threshold may not be counted, or those who do not."""
    known = cohort[column].dropna()
    return not policy.may_show(int((known >= float(threshold)).sum()), len(known))


def quantity(cohort: pd.DataFrame, policy: Policy, value: float, column: str, _: str) -> bool:
    """Whether a quantile rests on too few patients at it or beyond."""
    if column == "dose_per_fraction":
        values = cohort[TOTAL_DOSE] / cohort[FRACTIONS]
    else:
        values = cohort[column]
    return policy.hides and not np.isfinite(policy.quantile(values.dropna(), value))


def cr_within(cohort: pd.DataFrame, policy: Policy, _: float, months: str) -> bool:
    """Whether the complete responses seen by a month may not be counted, or those that were not."""
    times = cohort[CR_MONTHS].dropna()
    return not policy.may_show(int((times <= float(months)).sum()), len(times))


def mean_size(cohort: pd.DataFrame, policy: Policy, _: float, which: str) -> bool:
    """Whether a mean, or a test of two means, is of too few patients."""
    sizes = cohort[[SIZE.column, ANY_CR.column]].dropna()
    groups = sizes[ANY_CR.column].value_counts()
    wanted = groups if which == "p" else groups[[which]]
    return bool((wanted < policy.smallest).any())


def isolated(cohort: pd.DataFrame, policy: Policy, _: float, which: str) -> bool:
    """Whether the isolated local failures of a kind may not be counted.

    The table of the paper: isolated failures among all failures, those alive after salvage
    among them, by treatment.
    """
    isolated = response.isolated_failures(cohort)
    failures = int((cohort[LOCAL_CONTROL.event] == 1).sum())
    if which == "all":
        return not policy.may_show(len(isolated), failures)
    treatment, dead = isolated[SALVAGE].astype(str), isolated[OVERALL_SURVIVAL.event] == 1
    counts = {
        "TACE": int(((treatment == "TACE") & ~dead).sum()),
        "resection": int(((treatment == "resection") & ~dead).sum()),
        "RT": int(((treatment == "RT") & dead).sum()),
    }
    others = len(isolated) - sum(counts.values())
    hide = dict(
        zip(counts, hidden_parts([*counts.values(), others], policy.smallest), strict=False)
    )
    return hide["TACE"] or hide["resection"] if which == "salvaged" else hide[which]


def hepatic_failure_death(_: pd.DataFrame, policy: Policy, __: float) -> bool:
    """Hide the time: it is that of one patient."""
    return policy.smallest > 1


def rate(cohort: pd.DataFrame, policy: Policy, _: float, endpoint: str, month: str) -> bool:
    """Whether a rate is of too few patients, or has too few events in it."""
    times = event_times(cohort, ENDPOINTS[endpoint])
    events = int(times.loc[times["months"] <= float(month), "event"].sum())
    return len(times) < policy.smallest or not policy.may_show(events)
