"""TODO."""

import numpy as np
import pandas as pd

from reanalysis.core.constants import Z_95


def cumulative_incidence(times: pd.DataFrame, death: pd.Series) -> pd.DataFrame:
    """Estimate the cumulative incidence of an event with death as competing risk.

    The estimator of Aalen and Johansen, written out: at each time the hazard of the event
    times the probability of being free of both just before it. lifelines breaks ties at
    random; this keeps them.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` of the event, death counted as censoring.
    death
        1 where observation ended with death, on the same index.

    Returns
    -------
    pandas.DataFrame
        Index ``months`` from 0: ``event`` and ``death``, cumulative incidences as fractions.
    """
    died = (death.reindex(times.index).fillna(0).astype(int) == 1) & (times["event"] == 0)
    counts = (
        pd.DataFrame(
            {"months": times["months"], "event": times["event"], "death": died.astype(int)}
        )
        .groupby("months")
        .agg(event=("event", "sum"), death=("death", "sum"), leaving=("event", "size"))
    )
    at_risk = counts["leaving"][::-1].cumsum()[::-1]
    free = (1 - (counts["event"] + counts["death"]) / at_risk).cumprod()
    before = free.shift(fill_value=1.0)
    incidence = counts[["event", "death"]].mul(before / at_risk, axis=0).cumsum()
    if 0.0 not in incidence.index:
        incidence.loc[0.0] = 0.0
    return incidence.sort_index()


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
