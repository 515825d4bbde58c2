"""Radiologic response: how many reached CR, when, and what went with it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import Regression, logistic
from reanalysis.cohort.columns import require
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import (
    ANY_CR,
    BEST_RESPONSE,
    CR_MONTHS,
    LAST_TACE_RESPONSE,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    RESPONSE_TERMS,
    RESPONSES,
    SITES,
)


def cumulative_response(cohort: pd.DataFrame) -> pd.DataFrame:
    """Share of the patients with anyCR whose CR had been seen by each time (Fig. 2).

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        Index ``months`` (from 0, each distinct time to CR): ``patients`` so far and
        ``percent`` of those with anyCR and a known time.

    Raises
    ------
    NotRecorded
        If the cohort lacks the times.
    NotEstimable
        If nobody reached CR.
    """
    times = require(cohort, CR_MONTHS)[CR_MONTHS].dropna()
    if times.empty:
        raise NotEstimable("no patient reached CR at a known time")
    reached = times.value_counts().sort_index().cumsum()
    reached = reached.reindex(reached.index.union([0.0]), fill_value=0)
    table = pd.DataFrame({"patients": reached}).rename_axis("months")
    table["percent"] = 100 * table["patients"] / len(times)
    return table


def response_times(cohort: pd.DataFrame) -> pd.DataFrame:
    """Time to CR of every patient, not only of those who reached it.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        Columns ``months`` (to CR, or to the end of observation) and ``event`` (1 for CR) on
        the cohort's index; patients whose best response is not known are left out.

    Raises
    ------
    NotRecorded
        If the cohort lacks the best response or the time to CR.
    """
    known = require(cohort, ANY_CR.column, CR_MONTHS, FOLLOW_UP)
    known = known[known[ANY_CR.column].notna()]
    event = (known[ANY_CR.column] == "yes").astype(int)
    months = known[FOLLOW_UP].where(event == 0, known[CR_MONTHS])
    return pd.DataFrame({"months": months.astype(float), "event": event})


def response_states(cohort: pd.DataFrame, months: Sequence[float]) -> pd.DataFrame:
    """Count where the patients stand at given times: in CR, waiting for it, or gone.

    Parameters
    ----------
    cohort
        A cohort.
    months
        Times in months.

    Returns
    -------
    pandas.DataFrame
        Index ``months``; patients by state. ``CR``: seen by that time. ``died``, ``lost``:
        observation had ended without CR. ``waiting``: still observed, without CR. ``CR
        later``: those of the waiting who did reach it.

    Raises
    ------
    NotRecorded
        If the cohort lacks the best response or the time to CR.
    """
    times = response_times(cohort)
    dead = cohort.loc[times.index, OVERALL_SURVIVAL.event] == 1
    rows = []
    for month in months:
        reached = (times["event"] == 1) & (times["months"] <= month)
        gone = (times["event"] == 0) & (times["months"] <= month)
        waiting = times["months"] > month
        rows.append(
            {
                "months": month,
                "CR": int(reached.sum()),
                "died": int((gone & dead).sum()),
                "lost": int((gone & ~dead).sum()),
                "waiting": int(waiting.sum()),
                "CR later": int((waiting & (times["event"] == 1)).sum()),
            }
        )
    return pd.DataFrame(rows).set_index("months")


def logistic_models(cohort: pd.DataFrame) -> dict[str, Regression | CannotShow]:
    """Fit one logistic model per variable for NOT reaching CR (Suppl. Table 1).

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    dict
        By column: the model, or what stands in its way.
    """
    models: dict[str, Regression | CannotShow] = {}
    for term in RESPONSE_TERMS:
        try:
            any_cr = require(cohort, ANY_CR.column)[ANY_CR.column]
            no_cr = (any_cr == "no").astype(float).where(any_cr.notna()).dropna()
            models[term.column] = logistic(cohort.loc[no_cr.index], no_cr, [term])
        except CannotShow as reason:
            models[term.column] = reason
    return models


def by_last_tace(cohort: pd.DataFrame) -> pd.DataFrame:
    """Best response to SBRT by the response to the last TACE.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        Index: response to the last TACE (CR, PR, SD, PD). Columns: patients by best
        response, ``patients`` in all, and ``anyCR, %``.

    Raises
    ------
    NotRecorded
        If the cohort lacks one of the two responses.
    """
    known = require(cohort, LAST_TACE_RESPONSE, BEST_RESPONSE).dropna()
    counts = pd.crosstab(known[LAST_TACE_RESPONSE], known[BEST_RESPONSE])
    counts = counts.reindex(index=list(RESPONSES), columns=list(RESPONSES), fill_value=0)
    counts.columns.name = None
    counts["patients"] = counts.sum(axis=1)
    counts["anyCR, %"] = 100 * counts["CR"] / counts["patients"].replace(0, np.nan)
    return counts


def residual_burden_p(cohort: pd.DataFrame) -> float:
    """Test whether anyCR goes with the residual burden after the last TACE.

    The order CR < PR < SD < PD is the order of burden; the test is Spearman's rank
    correlation with anyCR.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    float
        Two-sided p value.

    Raises
    ------
    NotEstimable
        If all patients are alike in one of the two.
    """
    known = require(cohort, LAST_TACE_RESPONSE, ANY_CR.column).dropna()
    burden = known[LAST_TACE_RESPONSE].map({r: i for i, r in enumerate(RESPONSES)}).astype(int)
    any_cr = (known[ANY_CR.column] == "yes").astype(int)
    if burden.nunique() < 2 or any_cr.nunique() < 2:
        raise NotEstimable("all patients are alike in response to the last TACE or in anyCR")
    from scipy.stats import spearmanr  # here: it takes half a second, which few pages need

    return float(spearmanr(burden, any_cr).pvalue)


def isolated_failures(cohort: pd.DataFrame) -> pd.DataFrame:
    """Return the patients whose only recurrence was local.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        Their rows: local failure without intrahepatic recurrence or distant metastasis. Whoever
        is not known to have been free of both is not among them.

    Raises
    ------
    NotRecorded
        If the cohort lacks one of the three events.
    """
    events = require(cohort, *(endpoint.event for endpoint in SITES.values()))
    elsewhere = events.drop(columns=LOCAL_CONTROL.event)
    return cohort[(events[LOCAL_CONTROL.event] == 1) & (elsewhere == 0).all(axis=1)]
