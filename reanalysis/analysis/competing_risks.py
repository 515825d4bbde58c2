"""An event with death as competing risk: cumulative incidence, with and without limits."""

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.survival import kaplan_meier


def cumulative_incidence(times: pd.DataFrame, death: pd.Series) -> pd.DataFrame:
    """Estimate the cumulative incidence of an event with death as competing risk.

    The estimator of Aalen and Johansen (Scand J Stat 1978; 5: 141-150), as R's ``survfit`` of a
    factor gives it: at each time the hazard of the event times the probability of being free of
    both just before it.

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
    months, value, *_ = engine.incidence(*states(times, death))
    return _from_zero(pd.DataFrame(value, index=months, columns=["event", "death"]))


def incidence_with_limits(times: pd.DataFrame, death: pd.Series) -> pd.DataFrame:
    """Estimate a cumulative incidence with death as competing risk, and its 95 % limits.

    The standard error is that of R's ``survfit``, the infinitesimal jackknife, which without
    deaths is Greenwood's; the limits are pointwise on the log(-log) scale.

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
        Until the first event all are 0, where R leaves the limits out. The limits are blank once
        the incidence has reached 1.
    """
    months, value, se, lower, upper = engine.incidence(*states(times, death))
    columns = {"incidence": value, "lower": lower, "upper": upper, "se": se}
    table = pd.DataFrame({name: part[:, 0] for name, part in columns.items()}, index=months)
    return _from_zero(table)


def against_kaplan_meier(times: pd.DataFrame, death: pd.Series, month: float) -> pd.Series:
    """Hold one minus Kaplan-Meier at a month against the cumulative incidence.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` of the event, death counted as censoring.
    death
        1 where observation ended with death, on the same index.
    month
        In months.

    Returns
    -------
    pandas.Series
        Fractions of 1: ``deaths censored``, ``deaths compete``, and ``died first``: of those who
        died without the event.

    Raises
    ------
    NotEstimable
        If nobody was observed for so long.
    """
    complement = 1 - kaplan_meier(times).at(month)["survival"]
    both = cumulative_incidence(times, death)
    event, died = both[both.index <= month].iloc[-1]
    return pd.Series({"deaths censored": complement, "deaths compete": event, "died first": died})


def states(times: pd.DataFrame, death: pd.Series) -> tuple[engine.Vector, engine.Flags]:
    """Say what ended each patient's observation.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` of the event, death counted as censoring.
    death
        1 where observation ended with death, on the same index.

    Returns
    -------
    tuple of arrays
        The months, and 1 where the event ended them, 2 where death did without it, otherwise 0.
    """
    event = times["event"].to_numpy() == 1
    died = death.reindex(times.index).fillna(0).to_numpy() == 1
    state = np.where(event, 1, np.where(died, 2, 0)).astype(np.int32)
    return times["months"].to_numpy(float), state


def _from_zero(table: pd.DataFrame) -> pd.DataFrame:
    if table.index[0] > 0:
        table = pd.concat([pd.DataFrame(0.0, index=[0.0], columns=table.columns), table])
    return table.rename_axis("months")
