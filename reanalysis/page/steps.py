"""Step functions: how an estimate over time becomes the corners of a curve and of its band.

Pure geometry in the units of the estimate. Matplotlib draws the corners as they are; the still
versions of the widgets scale them into the path of an SVG.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """The corners of a right-continuous step function, and of its band.

    Attributes
    ----------
    x
        Months, shape (m,).
    y
        Values there, (m,), in the unit of the estimate.
    lower, upper
        Limits there, (m,); empty where the estimate has none.
    """

    x: Vector
    y: Vector
    lower: Vector
    upper: Vector

    def outline(self) -> tuple[Vector, Vector]:
        """Give the corners of the band: there along the upper limit, back along the lower.

        The band ends where the estimate has no limits: a survival curve that has reached 0.
        """
        known = np.isfinite(self.lower) & np.isfinite(self.upper)
        x, lower, upper = self.x[known], self.lower[known], self.upper[known]
        return np.concatenate([x, x[::-1]]), np.concatenate([upper, lower[::-1]])


def steps(estimate: pd.DataFrame, value: str, end: float | None = None) -> Steps:
    """Turn an estimate into steps: each value holds from its own month until the next one.

    Parameters
    ----------
    estimate
        Index: months, rising. Columns: the value, and ``lower`` and ``upper`` if it has limits.
    value
        Name of the column to draw.
    end
        Last month of the drawing: later steps are left out, and the last value is held until
        then. By default the curve ends with the estimate.

    Returns
    -------
    Steps
        From the first month of the estimate on, with a corner before and after each step.
    """
    shown = estimate if end is None else estimate[estimate.index <= end]
    months = shown.index.to_numpy(dtype=float)
    x = np.repeat(months, 2)[1:]
    if end is not None:
        x = np.append(x, end)

    def held(column: str) -> Vector:
        if column not in shown:
            return np.empty(0)
        return np.repeat(shown[column].to_numpy(dtype=float), 2)[: len(x)]

    return Steps(x, held(value), held("lower"), held("upper"))


def from_zero(estimate: pd.DataFrame, start: float = 1.0) -> pd.DataFrame:
    """Let an estimate that is given at the times of events alone begin at month 0.

    Parameters
    ----------
    estimate
        Index: months, all above 0 or the first of them 0.
    start
        What every column is until the first event.

    Returns
    -------
    pandas.DataFrame
        The same, with a row at 0.
    """
    if len(estimate) and estimate.index[0] == 0:
        return estimate
    first = pd.DataFrame(start, index=[0.0], columns=estimate.columns)
    return pd.concat([first, estimate])


def value_at(values: "pd.Series[float]", month: float) -> float:
    """Read a step function: its last value at or before a month."""
    return float(values[values.index <= month].iloc[-1])
