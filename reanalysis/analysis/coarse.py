"""Estimates on a coarse grid: nobody's time, and nobody's values, follow from their steps.

A Kaplan-Meier curve or the baseline of a Cox model steps at each event. Whoever has the steps to
many digits has the times, and from the height of a step who was at risk; two neighbouring steps
differ by those who left between them. Here a step stands for several events at once, at the end of
a quarter of a year, and a curve ends while enough patients are under observation.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis.prediction import CoxModel

Vector = npt.NDArray[np.float64]

STEP_MONTHS = 3.0


def grid(times: pd.DataFrame, smallest: int, step: float = STEP_MONTHS) -> Vector:
    """Choose the months at which a curve may step.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    smallest
        Fewest events that a step stands for.
    step
        The months are whole multiples of it.

    Returns
    -------
    numpy.ndarray
        Rising, possibly empty. Between two of them, before the first and after the last there are
        at least ``smallest`` events, or after the last none. None lies beyond ``observed_until``.
        A whole month that is no multiple of ``step`` is among them if it has as many of its own.
    """
    at = np.sort(times.loc[times["event"] == 1, "months"].to_numpy(dtype=float))
    chosen: list[float] = []
    seen = 0
    end = observed_until(times, smallest, step)
    few = max(smallest, 1)
    for month in _candidates(at, few, step):
        so_far = int(np.searchsorted(at, month, side="right"))
        left = len(at) - so_far
        if month <= end and so_far - seen >= few and (left == 0 or left >= smallest):
            chosen.append(month)
            seen = so_far
    return np.array(chosen, dtype=float)


def _candidates(at: Vector, few: int, step: float) -> list[float]:
    """Give the multiples of a step that events end in, and the months with enough of their own."""
    months, events = np.unique(np.ceil(at), return_counts=True)
    return sorted({*(step * np.ceil(at / step)).tolist(), *months[events >= few].tolist()})


def observed_until(times: pd.DataFrame, smallest: int, step: float = STEP_MONTHS) -> float:
    """Find how long enough patients were observed: the longest time is one patient's own.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    smallest
        Fewest patients.
    step
        The month is a whole multiple of it.
    """
    months = np.sort(times["months"].to_numpy(dtype=float))
    few = max(smallest, 1)
    return float(step * np.floor(months[-few] / step)) if len(months) >= few else 0.0


def on_grid(estimate: pd.DataFrame, months: Vector) -> pd.DataFrame:
    """Give a step function at the months of a grid.

    Parameters
    ----------
    estimate
        Index ``months`` from 0, rising; fractions of 1.
    months
        As ``grid`` gives them.

    Returns
    -------
    pandas.DataFrame
        The same columns at 0 and at each month of the grid.
    """
    at = np.concatenate([[0.0], months])
    return estimate.reindex(at, method="ffill").rename_axis("months")


def coarse_model(model: CoxModel, times: pd.DataFrame, smallest: int) -> CoxModel:
    """Give a Cox model whose baseline steps on a coarse grid, with few digits everywhere.

    The baseline is moved to a patient of round values, so that no mean of the cohort is left in it.

    Parameters
    ----------
    model
        A fitted model.
    times
        Columns ``months`` and ``event`` of the patients that it was fitted to.
    smallest
        Fewest events that a step of the baseline stands for.

    Returns
    -------
    CoxModel
        Three digits of coefficients and baseline, two of what only the width of an interval
        depends on; it ends while enough patients are under observation.
    """
    center = np.array([float(f"{value:.1g}") for value in model.center])
    shift = center - model.center
    scale = np.exp(shift @ model.coef)
    months = grid(times, smallest)
    at = np.searchsorted(model.months, months, side="right") - 1
    hazard = model.hazard[at]
    mean_hazard = model.mean_hazard[at] - np.outer(hazard, shift)
    return replace(
        model,
        coef=_digits(model.coef, 3),
        cov=_digits(model.cov, 3),
        center=center,
        months=months,
        hazard=_digits(scale * hazard, 3),
        variance=_digits(scale**2 * model.variance[at], 2),
        mean_hazard=_digits(scale * mean_hazard, 2),
        last_month=observed_until(times, smallest),
    )


def _digits(values: Vector, digits: int) -> Vector:
    """Round to significant digits."""
    with np.errstate(divide="ignore"):
        magnitude = np.where(values == 0, 0, np.floor(np.log10(np.abs(values))))
    factor = 10.0 ** (digits - 1 - magnitude)
    rounded: Vector = np.round(values * factor) / factor
    return rounded
