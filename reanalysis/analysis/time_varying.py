"""A Cox model with something that changes during follow-up: nobody is grouped by the future."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import (
    NO_FINITE_ESTIMATE,
    Regression,
    design_matrix,
    wald,
)
from reanalysis.analysis.survival import event_times
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import Endpoint, Term

CHANGED = "changed"


def split_at_change(times: pd.DataFrame, changed_at: pd.Series) -> pd.DataFrame:
    """Split each patient's observation where something changes, as R's ``tmerge`` does.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    changed_at
        Months to the change on the same index, blank where there is none. A change at the very
        end of observation or later changes nothing: an interval is open at its beginning, so that
        an event is compared with what was known before it.

    Returns
    -------
    pandas.DataFrame
        One row for each patient and state: ``start`` and ``stop`` in months, ``event``,
        ``changed`` (0 or 1); the index repeats where a patient has two rows.
    """
    at = changed_at.reindex(times.index).astype(float)
    within = at < times["months"]
    before = pd.DataFrame(
        {
            "start": 0.0,
            "stop": times["months"].where(~within, at),
            "event": times["event"].where(~within, 0),
            CHANGED: 0.0,
        }
    )
    after = pd.DataFrame(
        {"start": at, "stop": times["months"], "event": times["event"], CHANGED: 1.0}
    )[within]
    rows = pd.concat([before, after])
    # A change at the beginning leaves no time before it.
    rows = rows[rows["stop"] > rows["start"]]
    return rows.sort_index(kind="stable")


def cox_with_change(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    changed_at: pd.Series,
    terms: Sequence[Term] = (),
) -> Regression:
    """Fit a Cox model with a variable that is 0 until a change and 1 after it.

    The hazard of those in whom the change has happened by a time, over that of those in whom it
    has not (Cox 1972; Andersen & Gill, Ann Stat 1982; 10: 1100-1120). Complete response entered in
    this way gives nobody the time that they had to survive in order to respond.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    changed_at
        Months to the change on the cohort's index, blank where there is none.
    terms
        Further variables, constant in time; a patient without one of them is left out.

    Returns
    -------
    Regression
        The change is the row ``changed``, the last; ``n`` counts patients.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If no finite estimate exists: no event before, or none after the change, among others.
    """
    times = event_times(cohort, endpoint)
    if terms:
        matrix = design_matrix(cohort, terms)
        times = times.loc[times.index.isin(matrix.index)]
    rows = split_at_change(times, changed_at)
    name = endpoint.event_in_words
    if not times["event"].any():
        raise NotEstimable(f"no {name} was observed")
    if rows.loc[rows["event"] == 1, CHANGED].nunique() < 2:
        raise NotEstimable(f"no {name} before the change, or none after it")
    columns = [term.column for term in terms]
    full = rows.join(matrix[columns]) if terms else rows
    if times["event"].sum() <= len(terms) + 1:
        number = len(terms) + 1
        raise NotEstimable(f"too few patients with {name} for a model of {number} variables")
    covariates = full[[*columns, CHANGED]]
    try:
        fit = engine.cox(
            full["stop"].to_numpy(float),
            full["event"].to_numpy(np.int32),
            covariates.to_numpy(float),
            entry=full["start"].to_numpy(float),
        )
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    events = int(times["event"].sum())
    size = len(times), events
    return wald([*columns, CHANGED], covariates.to_numpy(), fit.coef, fit.covariance, size, fit)
