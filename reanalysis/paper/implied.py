"""What the published numbers imply about the numbers that the paper does not print.

A 95 % interval gives the standard error back, up to rounding. For a two-level variable in a
Cox model the standard error has a floor, SE^2 >= 1/d1 + 1/d0 with d1 and d0 the events in each
group, so that a printed interval excludes most ways of splitting the events.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from reanalysis.core.constants import Z_95
from reanalysis.paper.study import MULTIVARIABLE, Endpoint
from reanalysis.paper.targets import Interval, PublishedRow, linear_boxes, published_rows

# An efficient Cox estimate stays close to the floor unless the groups' shares of the patients
# at risk change over time; this allows for that.
MOST_ABOVE_FLOOR = 1.25


@dataclass(frozen=True)
class Feasible:
    """The coefficients and standard errors that print as one row of a table.

    Attributes
    ----------
    coefficient, standard_error
        The range of each over the whole feasible region.
    agrees
        Whether any pair prints as all four numbers at once.
    centre
        The centre of gravity of the region, as coefficient and standard error; nan where no pair
        agrees. The region is convex, so that its centre prints as the row, which the middles of
        the two ranges need not.
    """

    coefficient: Interval
    standard_error: Interval
    agrees: bool
    centre: tuple[float, float]


@cache
def feasible(row: PublishedRow, grid: int = 1201) -> Feasible:
    """Find the pairs of coefficient and standard error that print as all four numbers.

    Parameters
    ----------
    row
        A published row.
    grid
        Points per axis.

    Returns
    -------
    Feasible
        The bounding box of the region and its centre, found on a grid.
    """
    low, high = (box[0] for box in linear_boxes((row,)))
    s_low = max((low[2] - high[0]) / Z_95, (low[0] - high[1]) / Z_95, 1e-9)
    s_high = min((high[2] - low[0]) / Z_95, (high[0] - low[1]) / Z_95)
    b = np.linspace(low[0], high[0], grid)[:, None]
    s = np.linspace(s_low, s_high, grid)[None, :]
    inside = (b - Z_95 * s >= low[1]) & (b - Z_95 * s < high[1])
    inside &= (b + Z_95 * s >= low[2]) & (b + Z_95 * s < high[2])
    wald = row.sign * b / s
    inside &= (wald > low[3]) & (wald <= high[3])
    if not inside.any():
        nothing = Interval(np.nan, np.nan)
        return Feasible(nothing, nothing, False, (np.nan, np.nan))
    rows, columns = np.where(inside)
    return Feasible(
        Interval(float(b[rows.min(), 0]), float(b[rows.max(), 0])),
        Interval(float(s[0, columns.min()]), float(s[0, columns.max()])),
        True,
        (float(b[rows, 0].mean()), float(s[0, columns].mean())),
    )


def floor_of_standard_error(events_1: int, events_0: int) -> float:
    """Give the smallest standard error of a two-level log hazard ratio."""
    return float(np.sqrt(1 / events_1 + 1 / events_0))


def event_splits(
    row: PublishedRow, events: int, most_above_floor: float = MOST_ABOVE_FLOOR
) -> list[tuple[int, int]]:
    """List the ways to split events over two groups that a printed interval allows.

    Parameters
    ----------
    row
        The published row of a two-level variable.
    events
        Events of both groups together.
    most_above_floor
        How far above its floor a standard error may lie, as a ratio.

    Returns
    -------
    list of (int, int)
        Events in the printed group and in the reference group.
    """
    box = feasible(row).standard_error
    splits = []
    for first in range(1, events):
        floor = floor_of_standard_error(first, events - first)
        if floor <= box.high and floor * most_above_floor >= box.low:
            splits.append((first, events - first))
    return splits


def fewest_events(row: PublishedRow, most: int = 302) -> int:
    """Give the smallest total of events for which some split can give the printed interval."""
    high = feasible(row).standard_error.high
    for events in range(2, most + 1):
        half = events // 2
        if floor_of_standard_error(half, events - half) <= high:
            return events
    return most


def inflation(single: PublishedRow, joint: PublishedRow) -> Interval:
    """Give how much wider a variable's standard error is beside others than alone.

    Parameters
    ----------
    single, joint
        The published rows of one variable, univariable and multivariable.

    Returns
    -------
    Interval
        The ratios of standard errors that the printed numbers allow. Where the other variables
        leave the variable's own information as it was, this is the square root of its variance
        inflation factor.
    """
    alone, beside = feasible(single).standard_error, feasible(joint).standard_error
    return Interval(beside.low / alone.high, beside.high / alone.low)


def published_coefficients(endpoint: Endpoint) -> pd.DataFrame:
    """Return the log hazard ratios of the paper's multivariable model.

    Parameters
    ----------
    endpoint
        Local control (Table 2) or overall survival (Table 3).

    Returns
    -------
    pandas.DataFrame
        Index the column of each variable: ``coef`` and ``se`` (standard error), the centre of all
        that print as the paper's row. The logarithm of the printed ratio and a quarter of the
        width of the interval would print another p value, or another limit.
    """
    rows = {row.key: row for row in published_rows()}
    centres = {
        term.column: feasible(rows[endpoint.row_id("multivariable", term)]).centre
        for term in MULTIVARIABLE[endpoint.key]
    }
    return pd.DataFrame.from_dict(centres, orient="index", columns=["coef", "se"])
