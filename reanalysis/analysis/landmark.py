"""Response as known at a landmark: a comparison in which nobody's group is decided later.

Only patients still under observation and free of the event at the landmark enter, and each is
put into the group that was known then (Anderson, Cain & Gelber, J Clin Oncol 1983; 1: 710-719).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import ESTIMATE, cox
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.columns import require
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import BEST_RESPONSE, CR_MONTHS, Endpoint, Term

CR_AT_LANDMARK = Term("cr_at_landmark", "CR at the landmark", "", ("Yes", "No"))


def at_landmark(cohort: pd.DataFrame, endpoint: Endpoint, month: float) -> pd.DataFrame:
    """Take the patients at risk after a landmark, grouped by what was known at it.

    Parameters
    ----------
    cohort
        A cohort, shape (n, columns).
    endpoint
        The endpoint.
    month
        The landmark, in months from the start of SBRT.

    Returns
    -------
    pandas.DataFrame
        The rows of the cohort whose time under observation exceeds ``month``, with a column
        ``cr_at_landmark``: ``yes`` where CR had been seen by then, otherwise ``no``. Times
        stay counted from the start of SBRT: since nobody enters who left before, a
        Kaplan-Meier curve is 1 until the landmark.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column that the endpoint or the response needs.
    NotEstimable
        If nobody was observed beyond the landmark.
    """
    require(cohort, BEST_RESPONSE, CR_MONTHS)
    times = event_times(cohort, endpoint)
    left = cohort.loc[times.index[times["months"] > month]]
    left = left[left[BEST_RESPONSE].notna()]
    if left.empty:
        raise NotEstimable(f"nobody was observed for more than {month:g} months")
    seen = np.where(left[CR_MONTHS] <= month, "yes", "no")
    return left.assign(cr_at_landmark=pd.Categorical(seen, categories=["yes", "no"]))


def landmark_comparison(
    cohort: pd.DataFrame, endpoint: Endpoint, months: Sequence[float]
) -> pd.DataFrame:
    """Compare the patients without CR with those with CR at several landmarks.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    months
        The landmarks, in months from the start of SBRT.

    Returns
    -------
    pandas.DataFrame
        Index ``landmark``: ``CR``, ``no CR yet`` (patients), ``events, CR``,
        ``events, no CR yet``, and of a Cox model the ``ratio`` (hazard without CR over hazard
        with CR), ``lower``, ``upper``, ``p``; blank where no estimate exists, and then
        ``no estimate because`` says why.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column that the endpoint or the response needs.
    """
    require(cohort, BEST_RESPONSE, CR_MONTHS, endpoint.event, endpoint.months)
    rows = []
    for month in months:
        row: dict[str, float | str] = {"landmark": month}
        try:
            left = at_landmark(cohort, endpoint, month)
            event = event_times(left, endpoint)["event"]
            for level, label in (("yes", "CR"), ("no", "no CR yet")):
                group = event[left["cr_at_landmark"] == level]
                row[label], row[f"events, {label}"] = len(group), int(group.sum())
            row |= cox(left, endpoint, [CR_AT_LANDMARK]).estimate(CR_AT_LANDMARK.column)
        except NotEstimable as reason:
            row["no estimate because"] = str(reason)
        rows.append(row)
    columns = ["CR", "no CR yet", "events, CR", "events, no CR yet", *ESTIMATE]
    columns += ["no estimate because"]
    table = pd.DataFrame(rows).set_index("landmark").reindex(columns=columns)
    return table.astype(dict.fromkeys(columns[:4], "Int64"))
