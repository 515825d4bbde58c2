"""Simulated annealing over possible cohorts, until the regression numbers agree with the paper.

It counts proposals, never seconds, and draws its random numbers from a generator of its own,
so that a schedule gives the same cohort on every machine.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from reanalysis.synthetic.implied import feasible
from reanalysis.synthetic.kernel import (
    LEVELS,
    WIDTH,
    count_risk_sets,
    cox_number,
    cox_two_level,
    fit_lc_joint,
    fit_os_joint,
    lc_features,
    logistic_size,
    os_features,
    pack,
)
from reanalysis.synthetic.moves import (
    DEATH,
    EVERY_COVARIATE,
    EXCHANGE,
    FAILURE,
    SESSION,
    SIZE,
    Cohort,
    allowed,
    apply,
    exponential_deviate,
    propose,
    revert,
    sort_failures,
)
from reanalysis.synthetic.start import BED10, FAILURES, PATIENTS, SPLITS_LC, SPLITS_OS, State
from reanalysis.synthetic.targets import Z95, linear_boxes, published_rows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ROWS = 33
LOGISTIC = 32
INTERCEPT = 33  # of the logistic model, kept with the coefficients
SINGLE_LC, JOINT_LC, SINGLE_OS, JOINT_OS = 0, 10, 15, 26  # where each kind of row starts
RESPONSE = 33  # one more term: mean sizes, their t-test, no other variable related to anyCR
SPLITS = 34  # and one: events by group, which the widths of the intervals imply
TERMS = 35

# The covariate of each single-variable row, and the field of a two-level one (kernel.pack).
_SINGLE_ROW = np.array([*range(10), *range(15, 26)])
_SINGLE_COVARIATE = np.array([0, 1, 3, 4, 5, 6, 7, 8, 9, 10, *range(11)])
_FIELD_OF = np.array([-1, 0, 1, 2, 3, -1, 4, -1, -1, 5, 6])
_LC_COLUMNS = np.array([4, 5, 7, 8, 10])
_OS_COLUMNS = np.array([2, 4, 5, 6, 8, 10])
_BOUNDS = np.array(
    [[37, 90], [0, 1], [0, 1], [0, 1], [0, 1], [7, 69], [0, 1], [1, 24], [0, 4], [0, 1], [0, 1]]
)

# The t for which the difference in size prints p = 0.003, with 300 degrees of freedom.
_T_LOW, _T_HIGH = 2.943, 3.048
_UNRELATED = 1.8  # t of any other covariate between those with and without CR, at most
_SPLIT_WEIGHT = 1e6  # the first cohort has these splits, and none is left
_REJECTED = 1e18
_LOOSE, _TIGHT = 2e-4, 1e-8  # when a Newton step counts as none, in standard errors
_MOST_STEPS = 40
_ELBOW = 0.004  # standard errors below which the linear part of the loss is squared


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


_VALUE = _values()


@dataclass(frozen=True)
class Stage:
    """A stretch of annealing.

    Attributes
    ----------
    proposals
        How many.
    hot, cool
        Temperature at its start and end, falling geometrically.
    quadratic
        Weight of the squared distances in standard errors: the coarse part of the loss. It
        spreads what cannot be reached over all numbers.
    fine
        Weight of the distances in half units of the last printed digit.
    margin
        Share of each printed interval to stay within, 1 for all of it.
    linear
        Weight of the distances in standard errors themselves, squared only very near: it
        gathers what cannot be reached in few numbers.
    """

    proposals: int
    hot: float
    cool: float
    quadratic: float
    fine: float = 1.0
    margin: float = 0.85
    linear: float = 0.0

    @property
    def weights(self) -> FloatArray:
        """The weights as compiled code takes them."""
        return np.array([self.quadratic, self.fine, self.margin, self.linear])


class Goal(NamedTuple):
    """The published numbers as compiled code takes them.

    ``low`` and ``high`` are the boxes of ``targets.linear_boxes``; ``sign`` is that of each
    coefficient, ``scale`` the standard error and ``middle`` the coefficient that fit best;
    ``splits`` the ranges of events by group.
    """

    low: FloatArray
    high: FloatArray
    sign: FloatArray
    scale: FloatArray
    middle: FloatArray
    splits: IntArray


class Fits(NamedTuple):
    """Coefficients (the logistic intercept last), standard errors and losses."""

    b: FloatArray
    se: FloatArray
    loss: FloatArray


class Work(NamedTuple):
    """Arrays that are rebuilt or refilled, never part of a state."""

    packed: IntArray
    table_lc: FloatArray
    table_os: FloatArray
    order_lc: IntArray
    order_try: IntArray
    order_os: IntArray
    days: IntArray
    sets: IntArray
    own: IntArray
    size: IntArray
    failed: IntArray
    move: IntArray
    touched: npt.NDArray[np.bool_]


def published_goal() -> Goal:
    """Read the register of published numbers."""
    rows = published_rows()
    low, high = linear_boxes(rows)
    boxes = [feasible(row) for row in rows]
    return Goal(
        low,
        high,
        np.array([float(row.sign) for row in rows]),
        np.array([box.standard_error.middle for box in boxes]).round(9),
        np.array([box.coefficient.middle for box in boxes]).round(9),
        np.array([SPLITS_LC, SPLITS_OS], np.int64),
    )


def first_fits(goal: Goal) -> Fits:
    """Give starting values for the models of a state that was never fitted."""
    return Fits(np.append(0.5 * goal.middle, -3.0), goal.scale.copy(), np.zeros(TERMS))


def cohort_of(state: State) -> Cohort:
    """Hand a state's own arrays to compiled code."""
    return Cohort(state.follow_up, state.death, state.failure, state.covariates)


def new_work() -> Work:
    """Allocate."""

    def whole(*shape: int) -> IntArray:
        return np.zeros(shape, np.int64)

    n = PATIENTS
    return Work(
        whole(n),
        np.zeros((n, WIDTH)),
        np.zeros((n, WIDTH)),
        whole(n),
        whole(n),
        np.arange(n - 1, -1, -1),
        whole(n),
        whole(n),
        whole(n),
        whole(n),
        whole(FAILURES),
        whole(5),
        np.zeros(TERMS, np.bool_),
    )


def agreeing(goal: Goal, fits: Fits) -> npt.NDArray[np.bool_]:
    """Say which of the 33 x 4 numbers print as published."""
    b, se = fits.b[:ROWS], fits.se
    found = np.stack([b, b - Z95 * se, b + Z95 * se, goal.sign * b / se], axis=1)
    inside: npt.NDArray[np.bool_] = (found >= goal.low) & (found < goal.high)
    return inside


def refit(goal: Goal, state: State) -> Fits:
    """Fit every model to a state, from scratch."""
    fits = first_fits(goal)
    work = new_work()
    cohort = cohort_of(state)
    prepare(cohort, work)
    fit_all(cohort, work, goal, fits, np.array([0.0, 1.0, 1.0, 0.0]))
    return fits


@njit(cache=True)
def number_loss(q: float, low: float, high: float, unit: float, weights: Any) -> Any:
    """Penalise a number outside its printed interval.

    Parameters
    ----------
    q
        The number.
    low, high
        The interval.
    unit
        Its standard error.
    weights
        Quadratic, fine, margin and linear of a ``Stage``.
    """
    half = 0.5 * (high - low)
    if half > 10.0:
        half = 0.05  # '<0.001' has one end only
    inset = (1.0 - weights[2]) * half
    excess = max(low + inset - q, q - high + inset)
    if excess <= 0.0:
        return 0.0
    e = excess / half
    s = excess / unit
    # Rises steeply at first: better three numbers right and one wrong than four nearly right.
    # Beyond that slowly, so that what is wrong stays near.
    near = e / (e + 0.15) + 0.1 * e / (1.0 + 0.1 * e)
    return weights[1] * near + weights[0] * s * s + weights[3] * s * s / (s + _ELBOW)


@njit(cache=True)
def _row_loss(row: int, b: float, se: float, goal: Any, weights: Any) -> Any:
    low, high, unit = goal.low[row], goal.high[row], goal.scale[row]
    half_width = Z95 * se
    return (
        number_loss(b, low[0], high[0], unit, weights)
        + number_loss(b - half_width, low[1], high[1], unit, weights)
        + number_loss(b + half_width, low[2], high[2], unit, weights)
        + number_loss(goal.sign[row] * b / se, low[3], high[3], 1.0, weights)
    )


@njit(cache=True)
def _response_loss(x: Any, weights: Any) -> float:
    """Mean sizes 2.1 and 2.8 with p = 0.003, and nothing else related to anyCR."""
    n = x.shape[1]
    cases = 14.0
    controls = n - cases
    loss = 0.0
    for c in range(9):
        total1 = total0 = square = 0.0
        for k in range(n):
            v = _VALUE[c, x[c, k]]
            if x[10, k] == 1:
                total1 += v
            else:
                total0 += v
            square += v * v
        mean1, mean0 = total1 / cases, total0 / controls
        within = square - cases * mean1 * mean1 - controls * mean0 * mean0
        t = (mean1 - mean0) / math.sqrt(within / (n - 2.0) * (1.0 / cases + 1.0 / controls))
        if c == 5:
            loss += number_loss(mean1 + 2.0, 2.75, 2.845, 0.01, weights)
            loss += number_loss(mean0 + 2.0, 2.05, 2.15, 0.04, weights)
            loss += number_loss(t, _T_LOW, _T_HIGH, 1.0, weights)
        else:
            e = abs(t) - _UNRELATED
            if e > 0:
                loss += 20.0 * e * e + 2.0 * e
    return loss


@njit(cache=True)
def _split_loss(cohort: Any, packed: Any, splits: Any) -> float:
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


@njit(cache=True)
def touch(cohort: Any, move: Any, changed: int, touched: Any) -> None:
    """Mark the terms that a move can change."""
    kind, i, j = move[0], move[1], move[2]
    all_lc = (changed & FAILURE) != 0
    all_os = (changed & DEATH) != 0
    joint_lc, joint_os = all_lc, all_os
    for a in range(5):
        joint_lc = joint_lc or ((changed >> _LC_COLUMNS[a]) & 1) == 1
    for a in range(6):
        joint_os = joint_os or ((changed >> _OS_COLUMNS[a]) & 1) == 1
    for index in range(21):
        of_it = ((changed >> _SINGLE_COVARIATE[index]) & 1) == 1
        touched[_SINGLE_ROW[index]] = of_it or (all_lc if index < 10 else all_os)
    for r in range(JOINT_LC, SINGLE_OS):
        touched[r] = joint_lc
    for r in range(JOINT_OS, LOGISTIC):
        touched[r] = joint_os
    # Patients who change places keep their own response and size; a tumour that changes its size,
    # or a patient's number of sessions, changes the mean of its group.
    together = (move[3] & EVERY_COVARIATE) in (0, EVERY_COVARIATE)
    response = kind == EXCHANGE and not together
    response = response and (cohort.x[10, i] != cohort.x[10, j] or (changed >> 10) & 1 == 1)
    response = response or kind in (SIZE, SESSION)
    touched[RESPONSE] = response
    touched[LOGISTIC] = response and ((changed >> 5) & 1 == 1 or (changed >> 10) & 1 == 1)
    touched[SPLITS] = kind == EXCHANGE and (
        all_lc
        or all_os
        or (cohort.failure[i] > 0) != (cohort.failure[j] > 0)
        or cohort.death[i] != cohort.death[j]
    )


@njit(cache=True)
def evaluate(
    cohort: Any,
    work: Any,
    order_lc: Any,
    goal: Any,
    old: Any,
    new: Any,
    weights: Any,
    tolerance: float,
    steps: int,
    threshold: float,
) -> float:
    """Refit what a move touches, cheapest first, and give up once above the threshold.

    Parameters
    ----------
    cohort, work, order_lc
        The cohort after the move, its scratch arrays, the order for local control.
    goal, weights
        What is wanted.
    old, new
        Fits before the move; those of touched terms after it, overwritten.
    tolerance, steps
        When to stop a Newton iteration.
    threshold
        The largest loss of interest.
    """
    x = cohort.x
    touched = work.touched
    total = 0.0
    for r in range(TERMS):
        if not touched[r]:
            total += old.loss[r]
    if total > threshold:
        return _REJECTED
    if touched[SPLITS]:
        new.loss[SPLITS] = _split_loss(cohort, work.packed, goal.splits)
        total += new.loss[SPLITS]
        if total > threshold:
            return _REJECTED
    if touched[RESPONSE]:
        new.loss[RESPONSE] = _response_loss(x, weights)
        total += new.loss[RESPONSE]
        if total > threshold:
            return _REJECTED
    if touched[LOGISTIC]:
        a, b, se = logistic_size(
            x[5], x[10], _VALUE[5], old.b[INTERCEPT], old.b[LOGISTIC], tolerance
        )
        new.b[INTERCEPT] = a
        new.b[LOGISTIC], new.se[LOGISTIC] = b, se
        new.loss[LOGISTIC] = _row_loss(LOGISTIC, b, se, goal, weights)
        total += new.loss[LOGISTIC]
        if total > threshold:
            return _REJECTED

    for endpoint in range(2):
        first, last = (0, 10) if endpoint == 0 else (10, 21)
        order = order_lc if endpoint == 0 else work.order_os
        event = cohort.failure if endpoint == 0 else cohort.death
        events = -1
        for index in range(first, last):
            r = _SINGLE_ROW[index]
            c = _SINGLE_COVARIATE[index]
            if touched[r] and _FIELD_OF[c] >= 0:
                if events < 0:
                    events = count_risk_sets(
                        order, event, work.packed, work.sets, work.own, work.size
                    )
                b, se = cox_two_level(
                    _FIELD_OF[c], c == 6, events, work.sets, work.own, work.size, old.b[r], steps
                )
                new.b[r], new.se[r] = b, se
                new.loss[r] = _row_loss(r, b, se, goal, weights)
                total += new.loss[r]
                if total > threshold:
                    return _REJECTED
    for index in range(21):
        r = _SINGLE_ROW[index]
        c = _SINGLE_COVARIATE[index]
        if touched[r] and _FIELD_OF[c] < 0:
            order = order_lc if index < 10 else work.order_os
            event = cohort.failure if index < 10 else cohort.death
            b, se = cox_number(
                order, event, x[c], _VALUE[c], _BOUNDS[c, 0], _BOUNDS[c, 1], old.b[r],
                5.0 * tolerance, steps,
            )  # fmt: skip
            new.b[r], new.se[r] = b, se
            new.loss[r] = _row_loss(r, b, se, goal, weights)
            total += new.loss[r]
            if total > threshold:
                return _REJECTED
    if touched[JOINT_LC]:
        new.b[10:15] = old.b[10:15]
        if not fit_lc_joint(
            order_lc, cohort.failure, x, _LC_COLUMNS, _VALUE, _BOUNDS, work.table_lc,
            new.b[10:15], new.se[10:15], tolerance, steps,
        ):  # fmt: skip
            return _REJECTED
        for r in range(JOINT_LC, SINGLE_OS):
            new.loss[r] = _row_loss(r, new.b[r], new.se[r], goal, weights)
            total += new.loss[r]
        if total > threshold:
            return _REJECTED
    if touched[JOINT_OS]:
        new.b[26:32] = old.b[26:32]
        if not fit_os_joint(
            work.order_os, cohort.death, x, _OS_COLUMNS, _VALUE, _BOUNDS, work.table_os,
            new.b[26:32], new.se[26:32], tolerance, steps,
        ):  # fmt: skip
            return _REJECTED
        for r in range(JOINT_OS, LOGISTIC):
            new.loss[r] = _row_loss(r, new.b[r], new.se[r], goal, weights)
            total += new.loss[r]
        if total > threshold:
            return _REJECTED
    return total


@njit(cache=True)
def refresh(cohort: Any, work: Any, k: int) -> None:
    """Rebuild what depends on the covariates of one patient."""
    pack(cohort.x, work.packed, k)
    lc_features(cohort.x, _LC_COLUMNS, _VALUE, work.table_lc, k)
    os_features(cohort.x, _OS_COLUMNS, _VALUE, work.table_os, k)


@njit(cache=True)
def follow(cohort: Any, work: Any, move: Any, changed: int) -> Any:
    """Bring up to date what depends on covariates; gives the order for local control."""
    if changed & EVERY_COVARIATE:
        refresh(cohort, work, move[1])
        refresh(cohort, work, move[2])
    return work.order_try if changed & FAILURE else work.order_lc


@njit(cache=True)
def take_back(cohort: Any, work: Any, move: Any, changed: int) -> None:
    """Undo a move, and what ``follow`` made of it."""
    revert(cohort, move)
    follow(cohort, work, move, changed)


@njit(cache=True)
def list_failures(cohort: Any, work: Any) -> None:
    """List the patients who fail, and order all for local control."""
    m = 0
    for k in range(cohort.follow_up.shape[0]):
        if cohort.failure[k] > 0:
            work.failed[m] = k
            m += 1
    sort_failures(cohort, work.order_lc, work.days)


@njit(cache=True)
def prepare(cohort: Any, work: Any) -> None:
    """Fill the scratch arrays for a cohort."""
    for k in range(cohort.follow_up.shape[0]):
        refresh(cohort, work, k)
    list_failures(cohort, work)


@njit(cache=True)
def fit_all(cohort: Any, work: Any, goal: Any, fits: Any, weights: Any) -> float:
    """Fit every model to the last digit; gives the loss."""
    work.touched[:] = True
    return evaluate(
        cohort, work, work.order_lc, goal, fits, fits, weights, _TIGHT, _MOST_STEPS, 1e17
    )


@njit(cache=True)
def copy_cohort(source: Any, target: Any) -> None:
    """Copy all that moves can change."""
    target.death[:] = source.death
    target.failure[:] = source.failure
    target.x[:] = source.x


@njit(cache=True)
def accept(cohort: Any, work: Any, changed: int, old: Any, new: Any) -> float:
    """Take over the fits of touched terms; gives the loss."""
    total = 0.0
    for r in range(TERMS):
        if work.touched[r]:
            old.loss[r] = new.loss[r]
            if r < ROWS:
                old.b[r], old.se[r] = new.b[r], new.se[r]
        total += old.loss[r]
    if work.touched[LOGISTIC]:
        old.b[INTERCEPT] = new.b[INTERCEPT]
    if changed & FAILURE:
        list_failures(cohort, work)
    return total


@njit(cache=True)
def anneal(
    cohort: Any,
    best: Any,
    best_loss: float,
    fits: Any,
    work: Any,
    random: Any,
    goal: Any,
    weights: Any,
    proposals: int,
    hot: float,
    factor: float,
) -> tuple[float, float, int]:
    """Run a stretch; the cohort, the best one so far and the fits are changed in place.

    Parameters
    ----------
    cohort, best, best_loss
        Where the chain stands, the best that it has seen, and that one's loss.
    fits
        Coefficients to start from; refitted first, since the weights may have changed.
    work, random
        Scratch arrays and the state of the random numbers.
    goal, weights
        What is wanted.
    proposals, hot, factor
        How many, the temperature at the start, and what each proposal multiplies it by.

    Returns
    -------
    tuple
        The loss at the end, the least loss seen, and how many proposals were accepted.
    """
    prepare(cohort, work)
    total = fit_all(cohort, work, goal, fits, weights)
    new = Fits(fits.b.copy(), fits.se.copy(), fits.loss.copy())
    if total < best_loss:
        best_loss = total
        copy_cohort(cohort, best)
    move = work.move
    accepted = 0
    temperature = hot
    for _ in range(proposals):
        temperature *= factor
        if not propose(random, cohort, work.failed, work.packed, move):
            continue
        changed = apply(cohort, move)
        if not allowed(cohort, move, changed, work.order_os, work.order_try, work.days):
            revert(cohort, move)
            continue
        order = follow(cohort, work, move, changed)
        touch(cohort, move, changed, work.touched)
        threshold = total + temperature * exponential_deviate(random)
        # One Newton step tells nearly always that a proposal is too bad; only what may pass is
        # fitted to the end.
        loss = evaluate(
            cohort, work, order, goal, fits, new, weights, _LOOSE, 1,
            threshold + 0.5 + 2.0 * temperature,
        )  # fmt: skip
        if loss < _REJECTED:
            loss = evaluate(
                cohort, work, order, goal, fits, new, weights, _LOOSE, _MOST_STEPS, threshold
            )
        if loss < _REJECTED:
            accepted += 1
            total = accept(cohort, work, changed, fits, new)
            if total < best_loss - 1e-9:
                best_loss = total
                copy_cohort(cohort, best)
        else:
            take_back(cohort, work, move, changed)
    return total, best_loss, accepted
