"""A hazard ratio in each of two periods: whether an effect is the same early and late."""

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import ESTIMATE, NO_FINITE_ESTIMATE, observed, wald
from reanalysis.analysis.survival import as_arrays
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import Endpoint, Term


def effect_by_period(
    cohort: pd.DataFrame, endpoint: Endpoint, term: Term, month: float
) -> pd.DataFrame:
    """Estimate the hazard ratio of a variable up to a month, and after it.

    The model of R's ``coxph`` after ``survSplit`` with the variable by period: patients who are
    still at risk at the month enter the second period.

    Parameters
    ----------
    cohort, endpoint, term
        As for ``cox``, of one variable.
    month
        Where the periods meet, in months.

    Returns
    -------
    pandas.DataFrame
        Index such as ``'to 12 months'`` and ``'after 12 months'``: ``ratio``, ``lower``, ``upper``,
        ``p``, and ``events`` in the period; blank where a period has no estimate.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``.
    """
    data = observed(cohort, endpoint, [term])
    early = (data["months"] <= month) & (data["event"] == 1)
    periods = {
        f"to {month:g} months": data.assign(event=early.astype(int)),
        f"after {month:g} months": data[data["months"] > month],
    }
    rows = {}
    for name, period in periods.items():
        row: dict[str, float] = {"events": period["event"].sum()}
        try:
            row |= _ratio(period, term)
        except NotEstimable:
            row |= dict.fromkeys(ESTIMATE, np.nan)
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").astype({"events": int})
    return table[[*ESTIMATE, "events"]].rename_axis("period")


def _ratio(period: pd.DataFrame, term: Term) -> dict[str, float]:
    with_event = period.loc[period["event"] == 1, term.column]
    if len(with_event) < 2 or (term.levels and with_event.nunique() < 2):
        raise NotEstimable(NO_FINITE_ESTIMATE)
    x = period[[term.column]].to_numpy(float)
    try:
        fit = engine.cox(*as_arrays(period), x)
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    size = len(period), len(with_event)
    model = wald([term.column], x, fit.coef, fit.covariance, size, fit)
    return model.estimate(term.column)
