"""A decision at a month: who has no complete response yet, and what became of them."""

from collections.abc import Sequence

import pandas as pd

from reanalysis.analysis.survival import event_times
from reanalysis.cohort.columns import require
from reanalysis.paper.study import BEST_RESPONSE, CR_MONTHS, LOCAL_CONTROL

CR_ONLY, CR_THEN_FAILURE, FAILURE_ONLY, NEITHER = PARTS = (
    "CR later",
    "CR later, then failure",
    "failure, no CR",
    "neither",
)
WAITING, FAILED_BEFORE = "no CR yet", "failed before"


def decisions(cohort: pd.DataFrame, months: Sequence[float]) -> pd.DataFrame:
    """Count what a decision at each month would have been about.

    Parameters
    ----------
    cohort
        A cohort.
    months
        Of the decisions, from the start of SBRT.

    Returns
    -------
    pandas.DataFrame
        Index ``month``, whole numbers of patients: ``no CR yet``, of those alive, under observation
        and free of local failure; the four parts of them by what came later, which add up to it
        (``PARTS``); and ``failed before``: with a local failure by then and no CR before it.

    Raises
    ------
    NotRecorded
        If the cohort lacks the response, its time or the local failure.
    """
    require(cohort, BEST_RESPONSE, CR_MONTHS, LOCAL_CONTROL.event, LOCAL_CONTROL.months)
    times = event_times(cohort, LOCAL_CONTROL)
    times = times[cohort.loc[times.index, BEST_RESPONSE].notna()]
    responded = cohort.loc[times.index, CR_MONTHS]
    fails = times["event"] == 1
    rows = []
    for month in months:
        waiting = (times["months"] > month) & ~(responded <= month)
        later = responded.notna()
        parts = (later & ~fails, later & fails, ~later & fails, ~later & ~fails)
        before = fails & (times["months"] <= month) & ~(responded <= month)
        counts = [int((waiting & part).sum()) for part in parts]
        rows.append([int(waiting.sum()), *counts, int(before.sum())])
    columns = [WAITING, *PARTS, FAILED_BEFORE]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(months, name="month"))


def balance(table: pd.DataFrame, prevents: float, harms: float) -> pd.DataFrame:
    """Weigh what re-treating everybody without a CR would have prevented against what it costs.

    Parameters
    ----------
    table
        As ``decisions`` gives it.
    prevents
        The probability that re-treatment at the decision prevents a local failure that would have
        come: an assumption, no result.
    harms
        The probability that it harms the patient seriously: another one.

    Returns
    -------
    pandas.DataFrame
        On the same index, expected numbers of patients: ``re-treated``, ``in vain`` (who would not
        have failed), ``failures prevented``, ``harmed``, and ``harmed per failure prevented``,
        blank where none is.
    """
    failures = table[CR_THEN_FAILURE] + table[FAILURE_ONLY]
    prevented, harmed = prevents * failures, harms * table[WAITING]
    return pd.DataFrame(
        {
            "re-treated": table[WAITING],
            "in vain": table[WAITING] - failures,
            "failures prevented": prevented,
            "harmed": harmed,
            "harmed per failure prevented": (harmed / prevented).where(prevented > 0),
        }
    )
