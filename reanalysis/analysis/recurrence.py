"""Recurrence: cumulative incidence with its limits, and where the disease came back."""

import pandas as pd

from reanalysis.cohort.columns import require

SITES = {
    "local": "local_failure",
    "intrahepatic": "intrahepatic_recurrence",
    "distant": "distant_metastasis",
}
NO_RECURRENCE = "none"
# From one site to all three; the order of the tables and figures.
PATTERNS = (
    NO_RECURRENCE,
    "local",
    "intrahepatic",
    "distant",
    "local + intrahepatic",
    "local + distant",
    "intrahepatic + distant",
    "local + intrahepatic + distant",
)


def sites_of_recurrence(cohort: pd.DataFrame) -> pd.DataFrame:
    """Say for each patient where the disease came back, over all and first.

    Parameters
    ----------
    cohort
        A cohort.

    Returns
    -------
    pandas.DataFrame
        The cohort's index, patients whose three events are known. ``pattern`` (one of
        ``PATTERNS``) joins every site of the whole follow-up; ``first`` the site or sites of
        the earliest month; ``months`` is that month, blank without recurrence.

    Raises
    ------
    NotRecorded
        If the cohort lacks one of the events or its months.
    """
    months_of = {site: f"{event}_months" for site, event in SITES.items()}
    known = require(cohort, *SITES.values(), *months_of.values())
    known = known[known[list(SITES.values())].notna().all(axis=1)]
    happened = pd.DataFrame({site: known[event] == 1 for site, event in SITES.items()})
    month = pd.DataFrame({site: known[column] for site, column in months_of.items()}).astype(float)
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
