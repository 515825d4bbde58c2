"""A response that is known only later: four ways of entering it into a Cox model, side by side."""

from collections.abc import Sequence

import pandas as pd

from reanalysis.analysis.landmark import landmark_comparison
from reanalysis.analysis.regression import ESTIMATE, cox
from reanalysis.analysis.survival import event_times
from reanalysis.analysis.time_varying import CHANGED, cox_with_change, split_at_change
from reanalysis.cohort.columns import require
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import ANY_CR, CR_MONTHS, Endpoint

AT_ONCE = "known from the start"
AS_IT_HAPPENS = "counted from its day"
LANDMARKS = (3.0, 6.0, 9.0, 12.0)
NONE, SOME = "events, no CR", "events, CR"


def response_in_four_ways(
    cohort: pd.DataFrame, endpoint: Endpoint, landmarks: Sequence[float] = LANDMARKS
) -> pd.DataFrame:
    """Compare patients without a complete response with those with one, in several ways.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    landmarks
        Months from the start of SBRT.

    Returns
    -------
    pandas.DataFrame
        Index ``method``: ``ratio`` (hazard without CR over hazard with CR), ``lower``, ``upper``
        (95 %, Wald), ``p``, and the events of either group, ``events, no CR`` and ``events, CR``.
        Known from the start is the paper's way, by the best response of the whole follow-up; a
        landmark takes whoever is still at risk then by what was known then; counted from its day a
        patient is without CR until it is seen, and with it from then on. Blank where no estimate
        exists.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column that the endpoint or the response needs.
    """
    require(cohort, ANY_CR.column, CR_MONTHS, endpoint.event, endpoint.months)
    rows = {AT_ONCE: _at_once(cohort, endpoint)}
    compared = landmark_comparison(cohort, endpoint, landmarks)
    for month, row in compared.iterrows():
        events = {NONE: row["events, no CR yet"], SOME: row["events, CR"]}
        rows[f"landmark at {month:g} months"] = {
            **{name: row[name] for name in ESTIMATE},
            **events,
        }
    rows[AS_IT_HAPPENS] = _as_it_happens(cohort, endpoint)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    counts = [NONE, SOME]
    table = table.reindex(columns=[*ESTIMATE, *counts])
    return table.astype(dict.fromkeys(ESTIMATE, float) | dict.fromkeys(counts, "Int64"))


def _at_once(cohort: pd.DataFrame, endpoint: Endpoint) -> dict[str, float]:
    event = event_times(cohort, endpoint)["event"]
    counts = event.groupby(cohort[ANY_CR.column].astype(str)).sum()
    row = {NONE: counts.get("no", 0), SOME: counts.get("yes", 0)}
    try:
        return row | cox(cohort, endpoint, [ANY_CR]).estimate(ANY_CR.column)
    except NotEstimable:
        return row


def _as_it_happens(cohort: pd.DataFrame, endpoint: Endpoint) -> dict[str, float]:
    rows = split_at_change(event_times(cohort, endpoint), cohort[CR_MONTHS])
    counts = rows.groupby(CHANGED)["event"].sum()
    row = {NONE: counts.get(0.0, 0), SOME: counts.get(1.0, 0)}
    try:
        after = cox_with_change(cohort, endpoint, cohort[CR_MONTHS]).table.loc[CHANGED]
    except NotEstimable:
        return row
    turned = {"ratio": "ratio", "lower": "upper", "upper": "lower"}  # hazard before over after
    return row | {name: 1 / after[other] for name, other in turned.items()} | {"p": after["p"]}
