"""Recurrence: cumulative incidence with its limits, and where the disease came back."""

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import Z_95
from reanalysis.analysis.survival import cumulative_incidence
from reanalysis.cohort.validation import require

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


def incidence_with_limits(times: pd.DataFrame, death: pd.Series) -> pd.DataFrame:
    """Estimate a cumulative incidence with death as competing risk, and its 95 % limits.

    The variance is the delta-method one of Marubini & Valsecchi (Analysing Survival Data from
    Clinical Trials and Observational Studies, 1995), which without deaths is Greenwood's; the
    limits are pointwise on the log(-log) scale.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` of the event, death counted as censoring.
    death
        1 where observation ended with death, on the same index.

    Returns
    -------
    pandas.DataFrame
        Index ``months`` from 0: ``incidence``, ``lower``, ``upper`` (fractions of 1), ``se``.
        Until the first event all are 0.
    """
    curves = cumulative_incidence(times, death)
    month = curves.index.to_numpy(dtype=float)
    entered = times["months"].to_numpy(dtype=float)
    event = times["event"].to_numpy() == 1
    died = (death.reindex(times.index).fillna(0).to_numpy() == 1) & ~event
    at_risk = (entered[None, :] >= month[:, None]).sum(axis=1).astype(float)
    events = ((entered[None, :] == month[:, None]) & event).sum(axis=1)
    both = ((entered[None, :] == month[:, None]) & (event | died)).sum(axis=1)

    incidence = curves["event"].to_numpy()
    free = 1 - curves.sum(axis=1).to_numpy()
    before = np.concatenate([[1.0], free[:-1]])
    left = at_risk - both
    # A time at which everybody left has probability zero of anything after it.
    spread = np.divide(both, at_risk * left, out=np.zeros_like(at_risk), where=left > 0)
    ahead = np.tril(incidence[:, None] - incidence[None, :])
    own = before**2 * (at_risk - events) * events / at_risk**3
    cross = before * events / at_risk**2
    variance = ahead**2 @ spread + np.cumsum(own) - 2 * ahead @ cross
    se = np.sqrt(np.clip(variance, 0, None))

    lower, upper = np.zeros_like(se), np.zeros_like(se)
    inside = (incidence > 0) & (incidence < 1)
    value = incidence[inside]
    width = Z_95 * se[inside] / np.abs(value * np.log(value))
    lower[inside], upper[inside] = value ** np.exp(width), value ** np.exp(-width)
    lower[incidence >= 1] = upper[incidence >= 1] = 1.0
    return pd.DataFrame(
        {"incidence": incidence, "lower": lower, "upper": upper, "se": se}, index=curves.index
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
