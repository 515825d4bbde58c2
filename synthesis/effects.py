"""What changes of a cohort do to everything published, each measured alone.

Everything stands in one array: the four numbers of every regression row and what else is
published of the variables that the search moves, in units that make distances comparable.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reanalysis.core.constants import Z_95
from reanalysis.paper.targets import linear_boxes, published_rows, tolerated_interval
from synthesis import loss
from synthesis.kernel import compiled
from synthesis.models import (
    CHEAPEST_FIRST,
    SINGLE_ROW,
    Fits,
    Work,
    change_response,
    cohort_of,
    fit_joint,
    fit_logistic,
    fit_single,
    fit_state,
    follow,
    remember,
    take_back,
    touch,
)
from synthesis.moves import allowed, apply, propose, revert, survival
from synthesis.start import PATIENTS, SIZE, State

FloatArray = npt.NDArray[np.float64]

_NUMBERS = 4 * loss.ROWS
# Behind the numbers of the rows: the mean size without CR and with, its t, the t of the other
# covariates between those two groups, and the rates at 36 months.
_MEANS, _SIZE_T, _OTHER_T, _RATES = _NUMBERS, _NUMBERS + 2, _NUMBERS + 3, _NUMBERS + 11
ALL = _NUMBERS + 13
# Regression numbers are in standard errors, and p values as the ratio that they come from. Of the
# others these are the units: means in cm and t, rates.
_UNIT, _RATE_UNIT = 0.1, 0.001
_INSET = 0.03  # share of the half of each interval to stay clear of its ends
_TOLERATED = 0.95  # share of what is tolerated to stay within
_LEAST_EFFECT = 1e-4  # of a change worth measuring, in standard errors
_TIGHT, _MOST_STEPS = 1e-8, 40  # of Newton


@compiled
def _keep_row(row: int, b: float, se: float, goal: Any, into: Any) -> None:
    """Give a row's four numbers in standard errors, the last as it is."""
    unit = goal.scale[row]
    into[4 * row] = b / unit
    into[4 * row + 1] = (b - Z_95 * se) / unit
    into[4 * row + 2] = (b + Z_95 * se) / unit
    into[4 * row + 3] = goal.sign[row] * b / se


@compiled
def _keep_response(sums: Any, into: Any) -> None:
    place = _OTHER_T
    for c in range(loss.COMPARED):
        mean1, mean0, t = loss.compare_response(sums, c, PATIENTS)
        if c == SIZE:
            into[_MEANS], into[_MEANS + 1] = (mean1 + 2.0) / _UNIT, (mean0 + 2.0) / _UNIT
            into[_SIZE_T] = t / _UNIT
        else:
            into[place] = t / _UNIT
            place += 1


class Boxes(NamedTuple):
    """The least and the most of everything, and how far outside is tolerated.

    In the units of ``where``.
    """

    low: FloatArray
    high: FloatArray
    tolerance: FloatArray


def boxes(goal: loss.Goal) -> Boxes:
    """Give what is wanted; beside the regression numbers nothing may be off."""
    unit = np.repeat(goal.scale[:, None], 4, axis=1)
    unit[:, 3] = 1.0
    low, high = goal.low / unit, goal.high / unit
    inset = _INSET * np.minimum(0.5 * (high - low), loss.HALF_OF_ONE_END)
    low, high = low + inset, high - inset
    least, most = linear_boxes(published_rows(), tolerated_interval)
    tolerance = _TOLERATED * np.minimum(low - least / unit, most / unit - high)
    sizes = (loss.WITHOUT_CR_CM, loss.WITH_CR_CM, loss.SIZE_T)
    others = [(-loss.SIGNIFICANT, loss.SIGNIFICANT)] * (loss.COMPARED - 1)
    rates = [(r - loss.RATE_MARGIN, r + loss.RATE_MARGIN) for r in (loss.LC_RATE, loss.OS_RATE)]
    rest = np.vstack([np.array([*sizes, *others]) / _UNIT, np.array(rates) / _RATE_UNIT])
    return Boxes(
        np.append(low, rest[:, 0]),
        np.append(high, rest[:, 1]),
        np.append(tolerance, np.zeros(len(rest))),
    )


@compiled
def _where(cohort: Any, work: Any, goal: Any, fits: Any, into: Any) -> None:
    for row in range(loss.ROWS):
        _keep_row(row, fits.b[row], fits.se[row], goal, into)
    _keep_response(work.kept.response, into)
    into[_RATES] = survival(work.order_lc, cohort.failure, work.days) / _RATE_UNIT
    into[_RATES + 1] = survival(work.order_os, cohort.death, cohort.follow_up) / _RATE_UNIT


def where(state: State, goal: loss.Goal) -> tuple[FloatArray, Fits, Work]:
    """Fit every model, and give all that is published of a cohort in comparable units."""
    fits, work = fit_state(goal, state)
    here = np.zeros(ALL)
    _where(cohort_of(state), work, goal, fits, here)
    return here, fits, work


@compiled
def _far(here: Any, there: Any, first: int, end: int, largest: float) -> bool:
    for m in range(first, end):  # noqa: SIM110 - compiled code has no generators
        if abs(there[m] - here[m]) > largest:
            return True
    return False


@compiled
def _effect(
    cohort: Any,
    work: Any,
    order_lc: Any,
    goal: Any,
    fits: Any,
    new: Any,
    changed: int,
    largest: float,
    here: Any,
    there: Any,
) -> bool:
    """Fill in where a change leads; False if it is too far."""
    touched = work.touched
    there[:] = here
    if touched[loss.SPLITS] and loss.split_loss(cohort, work.packed, goal.splits) > 0.0:
        return False
    if touched[loss.RESPONSE]:
        change_response(cohort, work, 1.0)
        _keep_response(work.kept.response, there)
        change_response(cohort, work, -1.0)
    if touched[loss.RATE_LC]:
        there[_RATES] = survival(order_lc, cohort.failure, work.days) / _RATE_UNIT
    if touched[loss.RATE_OS]:
        there[_RATES + 1] = survival(work.order_os, cohort.death, cohort.follow_up) / _RATE_UNIT
    work.counted[:] = -1
    for index in CHEAPEST_FIRST:
        row = SINGLE_ROW[index]
        if touched[row]:
            b, se = fit_single(cohort, work, order_lc, index, fits.b[row], _TIGHT, _MOST_STEPS)
            _keep_row(row, b, se, goal, there)
            if _far(here, there, 4 * row, 4 * row + 4, largest):
                return False
    if touched[loss.LOGISTIC]:
        fit_logistic(cohort, fits, new, _TIGHT)
        row = loss.LOGISTIC
        _keep_row(row, new.b[row], new.se[row], goal, there)
        if _far(here, there, 4 * row, 4 * row + 4, largest):
            return False
    for endpoint in range(2):
        first, end = loss.JOINTS[endpoint]
        if touched[first]:
            if not fit_joint(cohort, work, order_lc, endpoint, fits, new, _TIGHT, _MOST_STEPS):
                return False
            for row in range(first, end):
                _keep_row(row, new.b[row], new.se[row], goal, there)
            if _far(here, there, 4 * first, 4 * end, largest):
                return False
    return _far(here, there, 0, ALL, _LEAST_EFFECT)


@compiled
def measure(
    cohort: Any,
    work: Any,
    goal: Any,
    fits: Any,
    random: Any,
    proposals: int,
    largest: float,
    here: Any,
    moves: Any,
    effects: Any,
) -> int:
    """Measure what changes do to everything published, each alone.

    Parameters
    ----------
    cohort, work, goal, fits, here
        Where the cohort stands; left as they were.
    random
        State of the random numbers.
    proposals, largest
        Of a ``Repair`` and its round.
    moves, effects
        Filled: the changes, and the effects of each in the units of ``here``.

    Returns
    -------
    int
        How many there are.
    """
    move = work.move
    kept = 0
    there = np.empty(ALL)
    new = Fits(fits.b.copy(), fits.se.copy(), fits.loss.copy())
    for _ in range(proposals):
        if kept == moves.shape[0]:
            break
        if not propose(random, cohort, work.failed, work.packed, move):
            continue
        remember(cohort, work)
        changed = apply(cohort, move)
        if changed == 0 or not allowed(cohort, move, changed, work.order_try, work.days):
            revert(cohort, move)
            continue
        order = follow(cohort, work, move, changed)
        touch(cohort, move, changed, work.touched)
        if _effect(cohort, work, order, goal, fits, new, changed, largest, here, there):
            moves[kept] = move
            for m in range(ALL):
                effects[kept, m] = there[m] - here[m]
            kept += 1
        take_back(cohort, work, move, changed)
    return kept
