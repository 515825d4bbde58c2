"""Recurrence: cumulative incidence with its limits, and where the disease came back."""

import pandas as pd

from reanalysis.cohort.columns import require
from reanalysis.paper.study import NO_RECURRENCE, PATTERNS, SITES


def sites_of_recurrence(cohort: pd.DataFrame) -> pd.DataFrame:
    """Say for each patient where the disease came back, over all and first.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        The cohort's index, patients whose three events are known. ``pattern``, one of the study's
        ``PATTERNS``, joins every site of the whole follow-up; ``first`` the site or sites of
        the earliest month; ``months`` is that month, blank without recurrence.

    Raises
    ------
    NotRecorded
        If the cohort lacks one of the events or its months.
    """
    events = [endpoint.event for endpoint in SITES.values()]
    known = require(cohort, *events, *(endpoint.months for endpoint in SITES.values()))
    known = known[known[events].notna().all(axis=1)]
    happened = pd.DataFrame({site: known[e.event] == 1 for site, e in SITES.items()})
    month = pd.DataFrame({site: known[e.months] for site, e in SITES.items()}).astype(float)
    month = month.where(happened)
    first = month.min(axis=1)
    at_first = month.eq(first, axis=0) & happened
    return pd.DataFrame(
        {"pattern": _joined(happened), "first": _joined(at_first), "months": first},
        index=known.index,
    )


def _joined(happened: pd.DataFrame) -> pd.Categorical:
    names = [
        " + ".join(site for site, seen in zip(SITES, row, strict=True) if seen) or NO_RECURRENCE
        for row in happened[list(SITES)].to_numpy(dtype=bool)
    ]
    return pd.Categorical(names, categories=list(PATTERNS))
