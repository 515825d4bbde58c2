"""Cumulative incidence compared: Fine and Gray's model, and Gray's test."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtrc

from reanalysis.analysis import engine
from reanalysis.analysis.competing_risks import states
from reanalysis.analysis.regression import (
    ESTIMATE,
    NO_FINITE_ESTIMATE,
    Regression,
    cox,
    observed,
    wald,
)
from reanalysis.analysis.subdistribution import subdistribution
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import OVERALL_SURVIVAL, Endpoint, Term


def fine_gray(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> Regression:
    """Fit the proportional subdistribution hazards model, death competing.

    Whoever died stays at risk with the weight of the probability that observation would have gone
    on (Fine & Gray, JASA 1999; 94: 496-509), so that a ratio above 1 means a higher cumulative
    incidence. The standard errors are robust, from each patient's own contribution; those of
    the R package ``cmprsk`` add the uncertainty of the weights and differ by about a hundredth.

    Parameters
    ----------
    cohort
        A cohort with death.
    endpoint
        An endpoint other than death.
    terms
        The variables; a patient without one of them is left out.

    Returns
    -------
    Regression
        With subdistribution hazard ratios.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``.
    """
    data = observed(cohort, endpoint, terms)
    columns = [term.column for term in terms]
    matrix = data[columns]
    months, state = states(data, cohort[OVERALL_SURVIVAL.event])
    try:
        coef, robust = subdistribution(months, state, matrix.to_numpy(float))
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    size = len(data), int(data["event"].sum())
    return wald(columns, matrix.to_numpy(), coef, robust, size, None)


def two_hazards(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> pd.DataFrame:
    """Put the two hazards of an event beside each other: of one model, and of the other.

    Parameters
    ----------
    cohort, endpoint, terms
        As for ``fine_gray``.

    Returns
    -------
    pandas.DataFrame
        Two rows per term, index such as ``'size: cause-specific'`` (Cox, death censored) and
        ``'size: subdistribution'``: ``ratio``, ``lower``, ``upper``, ``p``; blank where a
        model has no estimate.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    """
    models = {"cause-specific": cox, "subdistribution": fine_gray}
    rows: dict[str, list[float]] = {}
    for kind, model in models.items():
        table = pd.DataFrame(np.nan, [term.column for term in terms], ESTIMATE)
        with suppress(NotEstimable):
            table = model(cohort, endpoint, terms).table[ESTIMATE]
        rows |= {
            f"{term.short or term.label}: {kind}": table.loc[[term.column]]
            .to_numpy(float)[0]
            .tolist()
            for term in terms
        }
    order = [f"{term.short or term.label}: {kind}" for term in terms for kind in models]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=ESTIMATE)
    return table.loc[order].rename_axis("hazard")


def grays_test(times: pd.DataFrame, death: pd.Series, groups: pd.Series) -> tuple[float, float]:
    """Compare the cumulative incidences of groups (Gray, Ann Stat 1988; 16: 1141-1154).

    The log-rank test of subdistribution hazards: whoever had the competing event stays in the
    risk set with the weight of the censoring distribution of the own group.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` of the event, death counted as censoring.
    death
        1 where observation ended with death, on the same index.
    groups
        A group per patient on the same index; patients without one are left out.

    Returns
    -------
    tuple of float
        Chi-square with one degree of freedom fewer than groups, and its p value; as ``cuminc`` of
        the R package ``cmprsk``.

    Raises
    ------
    NotEstimable
        If there are not two groups, or no event in any.
    """
    known = groups.reindex(times.index).dropna()
    labels = known.unique()
    if len(labels) < 2:
        raise NotEstimable(f"a comparison needs two groups; this cohort has {len(labels)}")
    times = times.loc[known.index]
    if not times["event"].any():
        raise NotEstimable("no event in any group, so there is nothing to compare")
    months, state = states(times, death)
    code = pd.Categorical(known, categories=labels).codes
    score, variance = _score(months, state, np.asarray(code, dtype=int), len(labels))
    if np.linalg.matrix_rank(variance) < len(labels) - 1:
        raise NotEstimable("the groups have no common time under observation")
    statistic = float(score @ np.linalg.solve(variance, score))
    return statistic, float(chdtrc(len(labels) - 1, statistic))


def _score(
    months: engine.Vector, state: engine.Flags, group: npt.NDArray[np.int_], k: int
) -> tuple[engine.Vector, engine.Vector]:
    """Sum events less expected ones over time, and their variance, of all groups but the last.

    Gray's formulas (1988, sections 2 and 3) with rho = 0 and with his corrections for ties. Arrays
    are groups by times of either event.
    """
    at = np.unique(months[state > 0])
    at_risk, events, others = (np.zeros((k, len(at))) for _ in range(3))
    for g in range(k):
        own, what = np.sort(months[group == g]), state[group == g]
        at_risk[g] = len(own) - np.searchsorted(own, at)
        for counts, number in ((events, 1), (others, 2)):
            when = months[group == g][what == number]
            counts[g] = np.bincount(np.searchsorted(at, when), minlength=len(at))
    some = at_risk > 0
    n = np.where(some, at_risk, 1.0)
    # Free of both events, just after and just before.
    free: engine.Vector = np.cumprod(1 - (events + others) / n, axis=1).astype(np.float64)
    before = _shifted(free, 1.0)
    rising: engine.Vector = np.cumsum(before * events / n, axis=1).astype(np.float64)
    incidence = _shifted(rising, 0.0)  # just before
    alive = np.where(before > 0, before, 1.0)
    h = np.where(some, at_risk / alive, 0.0)
    risk = h * (1 - incidence)
    total, all_events = h.sum(axis=0), events.sum(axis=0)
    score = np.where(some, events - all_events * risk / risk.sum(axis=0), 0.0).sum(axis=1)

    pooled = np.cumsum(all_events / total)
    # What an event in group r does to the score of group g at once, and through the incidence of
    # its group to all that comes later.
    now = h * (np.eye(k)[:, :, None] - (h / total)[:, None, :])
    step = now * all_events / (total * (1 - _shifted(pooled[None], 0.0)[0]))
    later = step.sum(axis=2, keepdims=True) - np.cumsum(step, axis=2)
    after = np.where(free > 0, free, 1.0)
    share = np.where(free > 0, (1 - pooled) / after, 0.0)
    tied = 1 - np.where(all_events > 1, (all_events - 1) / _nonzero(total * before - 1), 0.0)
    own = np.where(some, tied * before * all_events / (total * n), 0.0)
    effect = now + np.where(free > 0, 1 - share, 1.0) * later
    variance = np.einsum("irt,jrt,rt->ij", effect, effect, own)
    tied = 1 - np.where(others > 1, (others - 1) / np.maximum(at_risk - 1, 1), 0.0)
    competing = np.where(free > 0, tied * before**2 * others / n**2, 0.0)
    variance += np.einsum("irt,jrt,rt->ij", share * later, share * later, competing)
    return score[:-1], variance[:-1, :-1]


def _nonzero(values: engine.Vector) -> engine.Vector:
    return np.where(values == 0, 1.0, values)


def _shifted(values: engine.Vector, first: float) -> engine.Vector:
    """Give each time the value of the time before it."""
    return np.concatenate([np.full((len(values), 1), first), values[:, :-1]], axis=1)
