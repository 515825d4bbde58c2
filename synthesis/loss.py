"""How far a cohort's numbers are from those printed, as one number to make small."""

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reanalysis.core.constants import Z_95
from reanalysis.paper.implied import feasible
from reanalysis.paper.targets import NUMBERS, linear_boxes, published_rows, tolerated_interval
from reanalysis.paper.targets import ROWS as ROW_KEYS
from synthesis.kernel import LEVELS, compiled
from synthesis.start import BED10, NO_CR, SPLITS_LC, SPLITS_OS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ROWS = 33
LOGISTIC = 32
INTERCEPT = 33  # of the logistic model, kept with the coefficients
SINGLE_LC, JOINT_LC, SINGLE_OS, JOINT_OS = 0, 10, 15, 26  # where each kind of row starts
JOINTS = ((JOINT_LC, SINGLE_OS), (JOINT_OS, LOGISTIC))  # first row and end of the joint models
RESPONSE = 33  # one more term: mean sizes, their t-test, no other variable related to anyCR
SPLITS = 34  # and one: events by group, which the widths of the intervals imply
RATE_LC, RATE_OS = 35, 36  # and two: local control and survival at 36 months
TERMS = 37
COMPARED = 9  # covariates before the response: those that are compared by it

# Mean sizes that print as 2.8 and 2.1 cm (the first has to do so however it is rounded), and the t
# for which their difference prints p = 0.003, with 300 degrees of freedom.
WITHOUT_CR_CM, WITH_CR_CM = (2.75, 2.845), (2.05, 2.15)
SIZE_T = (2.943, 3.048)
# The t of any other covariate between those with and without CR, at most: wanted, and needed.
UNRELATED, SIGNIFICANT = 1.8, 1.95
_SPLIT_WEIGHT = 1e6  # the first cohort has these splits, and none is left
LC_RATE, OS_RATE = 0.912, 0.727
# An event that crosses the 36 months moves a rate by 0.004 to 0.006, and is let through while it is
# hot, so that others can follow; in the cold a rate stays on the edge of its margin.
RATE_MARGIN, _RATE_WEIGHT = 0.0004, 4000.0
HALF_OF_ONE_END = 0.05  # of the interval of '<0.001', which has one end only


def _values() -> FloatArray:
    """Give the number that each code of each covariate stands for, near 0 for the typical one."""
    codes = np.arange(LEVELS)
    value = np.tile(codes.astype(float), (11, 1))
    value[0] = codes - 63.0
    value[5] = (codes - 20) / 10
    value[6, 2] = 0.0
    value[7] = codes - 3.0
    value[8, :5] = np.array(BED10) - 112.5
    return value


VALUE = _values()


class Goal(NamedTuple):
    """The published numbers as compiled code takes them.

    ``low`` and ``high`` are the boxes of ``targets.linear_boxes``, ``least`` and ``most`` wider
    ones for the numbers that are conceded; ``sign`` is that of each coefficient, ``scale`` the
    standard error and ``middle`` the coefficient that fit best; ``splits`` the ranges of events
    by group.
    """

    low: FloatArray
    high: FloatArray
    least: FloatArray
    most: FloatArray
    sign: FloatArray
    scale: FloatArray
    middle: FloatArray
    splits: IntArray


@cache
def published_goal(deaths: int) -> Goal:
    """Read the register of published numbers.

    Parameters
    ----------
    deaths
        How many patients die, a key of ``start.SPLITS_OS``.
    """
    rows = published_rows()
    low, high = linear_boxes(rows)
    boxes = [feasible(row) for row in rows]
    return Goal(
        low,
        high,
        *_concede(low, high),
        np.array([float(row.sign) for row in rows]),
        np.array([box.standard_error.middle for box in boxes]).round(9),
        np.array([box.coefficient.middle for box in boxes]).round(9),
        np.array([SPLITS_LC, SPLITS_OS[deaths]], np.int64),
    )


def _concede(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Widen the boxes of ``CONCEDED`` to most of what is tolerated."""
    least, most = low.copy(), high.copy()
    widest = linear_boxes(published_rows(), tolerated_interval)
    for number in CONCEDED:
        row, _, which = number.rpartition(".")
        at = ROW_KEYS.index(row), NUMBERS.index(which)
        least[at] = widest[0][at] * 0.9 + 0.1 * low[at]
        most[at] = widest[1][at] * 0.9 + 0.1 * high[at]
    return least, most


# What the entries of ``Stage.weights`` weigh.
QUADRATIC, LADDER, MARGIN = range(3)
_RUNGS, _LOWEST_RUNG, _STEP = 5, 0.0003, 3.0


@compiled
def _ladder(s: float) -> float:
    """Rise by one at each of five scales, from 0.0003 to 0.024: nearly the logarithm.

    Better three numbers right and one wrong than four nearly right; yet what is wrong is drawn
    nearer from however far. No logarithm, which may differ between machines in the last bit.
    """
    total = 0.0
    rung = _LOWEST_RUNG
    for _ in range(_RUNGS):
        total += s / (s + rung)
        rung *= _STEP
    return total


@compiled
def number_loss(
    q: float, low: float, high: float, least: float, most: float, unit: float, weights: Any
) -> Any:
    """Penalise a number outside its printed interval.

    Parameters
    ----------
    q
        The number.
    low, high
        The interval.
    least, most
        The same, or a wider one for a number that may be off.
    unit
        Its standard error.
    weights
        Of a ``Stage``.
    """
    loss = 0.0
    beyond = max(least - q, q - most)
    if beyond > 0.0:
        s = beyond / unit
        loss += weights[QUADRATIC] * s * s
    if weights[LADDER] > 0.0:
        inset = (1.0 - weights[MARGIN]) * min(0.5 * (high - low), HALF_OF_ONE_END)
        excess = max(low + inset - q, q - high + inset)
        if excess > 0.0:
            loss += weights[LADDER] * _ladder(excess / unit)
    return loss


@compiled
def row_loss(row: int, b: float, se: float, goal: Any, weights: Any) -> Any:
    """Penalise the four numbers of a row: log ratio, both limits, and the ratio of b to se."""
    unit = goal.scale[row]
    half_width = Z_95 * se
    loss = 0.0
    for number in range(4):
        if number == 0:
            q = b
        elif number == 1:
            q = b - half_width
        elif number == 2:
            q = b + half_width
        else:
            q, unit = goal.sign[row] * b / se, 1.0
        loss += number_loss(
            q, goal.low[row, number], goal.high[row, number], goal.least[row, number],
            goal.most[row, number], unit, weights,
        )  # fmt: skip
    return loss


@compiled
def response_sums(x: Any, sums: Any) -> None:
    """Add up each covariate over those without CR, over the others, and its squares over all."""
    for c in range(COMPARED):
        without = reached = square = 0.0
        for k in range(x.shape[1]):
            v = VALUE[c, x[c, k]]
            if x[NO_CR, k] == 1:
                without += v
            else:
                reached += v
            square += v * v
        sums[c, 0], sums[c, 1], sums[c, 2] = without, reached, square


@compiled
def compare_response(sums: Any, c: int, n: int) -> tuple[float, float, float]:
    """Give a covariate's means without CR and with, and the t between them."""
    cases = 14.0
    controls = n - cases
    mean1, mean0 = sums[c, 0] / cases, sums[c, 1] / controls
    within = sums[c, 2] - cases * mean1 * mean1 - controls * mean0 * mean0
    t = (mean1 - mean0) / math.sqrt(within / (n - 2.0) * (1.0 / cases + 1.0 / controls))
    return mean1, mean0, t


@compiled
def response_loss(sums: Any, n: int, weights: Any) -> float:
    """Mean sizes 2.1 and 2.8 with p = 0.003, and nothing else related to anyCR."""
    loss = 0.0
    for c in range(COMPARED):
        mean1, mean0, t = compare_response(sums, c, n)
        if c == 5:
            for q, (low, high), unit in (
                (mean1 + 2.0, WITHOUT_CR_CM, 0.01),
                (mean0 + 2.0, WITH_CR_CM, 0.04),
                (t, SIZE_T, 1.0),
            ):
                loss += number_loss(q, low, high, low, high, unit, weights)
        else:
            e = abs(t) - UNRELATED
            if e > 0:
                loss += 20.0 * e * e + 2.0 * e
    return loss


@compiled
def split_loss(cohort: Any, packed: Any, splits: Any) -> float:
    """Penalise events by group outside the ranges in ``splits``."""
    failed = 0
    died = 0
    for k in range(packed.shape[0]):
        if cohort.failure[k] > 0:
            failed += packed[k]
        if cohort.death[k] > 0:
            died += packed[k]
    beyond = 0
    for f in range(7):
        count = (failed >> (9 * f)) & 511
        beyond += max(0, splits[0, f, 0] - count, count - splits[0, f, 1])
        count = (died >> (9 * f)) & 511
        beyond += max(0, splits[1, f, 0] - count, count - splits[1, f, 1])
    return _SPLIT_WEIGHT * beyond


@compiled
def rate_loss(term: int, rate: float) -> float:
    """Penalise a rate at 36 months that does not print as published."""
    published_rate = LC_RATE if term == RATE_LC else OS_RATE
    return _RATE_WEIGHT * max(0.0, abs(rate - published_rate) - RATE_MARGIN)


# The intervals of Table 3 tie stage to the other variables nearly as tightly as possible patients
# can be. While it anneals, the search lets the numbers that ask for most of it be off by a unit at
# no great cost, so that the others need not be; the repair then asks for all.
CONCEDED = (
    *("OS.m.bclc.lo", "OS.m.bclc.hi", "OS.m.cp.lo", "OS.m.cp.hi"),
    *("OS.m.afp.hi", "OS.m.size.hi", "OS.u.bclc.hi", "OS.u.bclc.p"),
    *("OS.u.cp.hi", "OS.u.anycr.hi"),
)
