"""Every model of a cohort, refitted after a move: what it touches, cheapest first."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reanalysis.core.constants import Z_95
from reanalysis.paper.targets import LC_JOINT, OS_JOINT
from synthesis.kernel import (
    WIDTH,
    compiled,
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
from synthesis.loss import (
    COMPARED,
    INTERCEPT,
    JOINT_LC,
    JOINT_OS,
    JOINTS,
    LOGISTIC,
    RATE_LC,
    RATE_OS,
    RESPONSE,
    ROWS,
    SINGLE_OS,
    SPLITS,
    TERMS,
    VALUE,
    Goal,
    rate_loss,
    response_loss,
    response_sums,
    row_loss,
    split_loss,
)
from synthesis.moves import (
    DEATH,
    EVERY_COVARIATE,
    EXCHANGE,
    FAILURE,
    SESSION,
    SIZE,
    Cohort,
    revert,
    sort_failures,
    survival,
)
from synthesis.screen import (
    Joint,
    Places,
    Single,
    keep_lc_joint,
    keep_os_joint,
    keep_places,
    keep_single,
    lc_joint_after_move,
    new_joint,
    new_places,
    new_single,
    os_joint_after_move,
    single_after_move,
    single_step,
    step_lc_joint,
    step_os_joint,
)
from synthesis.start import AFP, AFP_MISSING, FAILURES, NO_CR, PATIENTS, State

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

REJECTED = 1e18
_TIGHT = 1e-8  # when a Newton step counts as none, in standard errors
_MOST_STEPS = 40
# How near its coefficient, in standard errors, the sums of a model are to be made: the one or two
# orders that a step from there leaves out are then too small to matter.
_NEAR_SINGLE, _NEAR_JOINT = 4e-3, 5e-4

# The models of one covariate: those of local control first, as the tables list them. Their row,
# their covariate, and the field of a two-level one (kernel.pack).
_SINGLES, _SINGLES_LC = 21, 10
SINGLE_ROW = np.array([*range(10), *range(15, 26)])
_SINGLE_COVARIATE = np.array([0, 1, 3, 4, 5, 6, 7, 8, 9, 10, *range(11)])
_FIELD_OF = np.array([-1, 0, 1, 2, 3, -1, 4, -1, -1, 5, 6])
# The two-level ones are fitted first: they cost least.
CHEAPEST_FIRST = np.array(
    sorted(range(_SINGLES), key=lambda index: _FIELD_OF[_SINGLE_COVARIATE[index]] < 0)
)
_LC_COLUMNS = np.array([4, 5, 7, 8, 10])
_OS_COLUMNS = np.array([2, 4, 5, 6, 8, 10])
_BOUNDS = np.array(
    [[37, 90], [0, 1], [0, 1], [0, 1], [0, 1], [7, 69], [0, 1], [1, 24], [0, 4], [0, 1], [0, 1]]
)


class Fits(NamedTuple):
    """Coefficients (the logistic intercept last), standard errors and losses."""

    b: FloatArray
    se: FloatArray
    loss: FloatArray


class Kept(NamedTuple):
    """Sums of the present cohort, from which ``screen`` tells what a move does.

    ``response`` are the sums of ``loss.response_sums``, ``incomplete`` holds the patient without
    AFP.
    """

    lc: Places
    os: Places
    single: Single
    lc_joint: Joint
    os_joint: Joint
    response: FloatArray
    incomplete: IntArray


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
    counted: IntArray
    failed: IntArray
    move: IntArray
    touched: npt.NDArray[np.bool_]
    before: IntArray
    ended: IntArray
    rows_lc: FloatArray
    rows_os: FloatArray
    kept: Kept


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
        packed=whole(n),
        table_lc=np.zeros((n, WIDTH)),
        table_os=np.zeros((n, WIDTH)),
        order_lc=whole(n),
        order_try=whole(n),
        order_os=np.arange(n - 1, -1, -1),
        days=whole(n),
        sets=whole(2, n),
        own=whole(2, n),
        size=whole(2, n),
        counted=whole(2),
        failed=whole(FAILURES),
        move=whole(5),
        touched=np.zeros(TERMS, np.bool_),
        before=whole(11, 2),
        ended=whole(2, 2),
        rows_lc=np.zeros((2, WIDTH)),
        rows_os=np.zeros((2, WIDTH)),
        kept=Kept(
            new_places(n),
            new_places(n),
            new_single(_SINGLES, n),
            new_joint(len(LC_JOINT), n),
            new_joint(len(OS_JOINT), n),
            np.zeros((COMPARED, 3)),
            whole(1),
        ),
    )


def agreeing(goal: Goal, fits: Fits) -> npt.NDArray[np.bool_]:
    """Say which of the 33 x 4 numbers print as published."""
    b, se = fits.b[:ROWS], fits.se
    found = np.stack([b, b - Z_95 * se, b + Z_95 * se, goal.sign * b / se], axis=1)
    inside: npt.NDArray[np.bool_] = (found >= goal.low) & (found < goal.high)
    return inside


def fit_state(goal: Goal, state: State) -> tuple[Fits, Work]:
    """Fit every model to a state, from scratch; gives the filled scratch arrays, too."""
    fits = first_fits(goal)
    work = new_work()
    cohort = cohort_of(state)
    prepare(cohort, work)
    fit_all(cohort, work, goal, fits, np.array([1.0, 0.0, 1.0]))
    return fits, work


def refit(goal: Goal, state: State) -> Fits:
    """Fit every model to a state, from scratch."""
    return fit_state(goal, state)[0]


@compiled
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
        touched[SINGLE_ROW[index]] = of_it or (all_lc if index < 10 else all_os)
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
    touched[RATE_LC], touched[RATE_OS] = all_lc, all_os
    touched[SPLITS] = kind == EXCHANGE and (
        all_lc
        or all_os
        or (cohort.failure[i] > 0) != (cohort.failure[j] > 0)
        or cohort.death[i] != cohort.death[j]
    )


@compiled
def fit_single(
    cohort: Any, work: Any, order_lc: Any, index: int, b: float, tolerance: float, steps: int
) -> tuple[float, float]:
    """Fit a model of one covariate, starting from a coefficient."""
    endpoint = 0 if index < _SINGLES_LC else 1
    c = _SINGLE_COVARIATE[index]
    order = order_lc if endpoint == 0 else work.order_os
    event = cohort.failure if endpoint == 0 else cohort.death
    field = _FIELD_OF[c]
    if field < 0:
        low, high = _BOUNDS[c, 0], _BOUNDS[c, 1]
        x = cohort.x[c]
        return cox_number(order, event, x, VALUE[c], low, high, b, 5.0 * tolerance, steps)
    sets, own, size = work.sets[endpoint], work.own[endpoint], work.size[endpoint]
    if work.counted[endpoint] < 0:
        work.counted[endpoint] = count_risk_sets(order, event, work.packed, sets, own, size)
    return cox_two_level(field, c == AFP, work.counted[endpoint], sets, own, size, b, steps)


@compiled
def fit_joint(
    cohort: Any,
    work: Any,
    order_lc: Any,
    endpoint: int,
    start: Any,
    new: Any,
    tolerance: float,
    steps: int,
) -> bool:
    """Fit a model of several covariates, from coefficients to coefficients."""
    if endpoint == 0:
        new.b[JOINT_LC:SINGLE_OS] = start.b[JOINT_LC:SINGLE_OS]
        return fit_lc_joint(
            order_lc, cohort.failure, cohort.x, _LC_COLUMNS, VALUE, _BOUNDS, work.table_lc,
            new.b[JOINT_LC:SINGLE_OS], new.se[JOINT_LC:SINGLE_OS], tolerance, steps,
        )  # fmt: skip
    new.b[JOINT_OS:LOGISTIC] = start.b[JOINT_OS:LOGISTIC]
    return fit_os_joint(
        work.order_os, cohort.death, cohort.x, _OS_COLUMNS, VALUE, _BOUNDS, work.table_os,
        new.b[JOINT_OS:LOGISTIC], new.se[JOINT_OS:LOGISTIC], tolerance, steps,
    )  # fmt: skip


@compiled
def fit_logistic(cohort: Any, start: Any, new: Any, tolerance: float) -> None:
    """Fit the logistic model of no CR on size, from coefficients to coefficients."""
    x = cohort.x
    new.b[INTERCEPT], new.b[LOGISTIC], new.se[LOGISTIC] = logistic_size(
        x[5], x[NO_CR], VALUE[5], start.b[INTERCEPT], start.b[LOGISTIC], tolerance
    )


@compiled
def _lose_row(row: int, goal: Any, new: Any, weights: Any) -> Any:
    new.loss[row] = row_loss(row, new.b[row], new.se[row], goal, weights)
    return new.loss[row]


@compiled
def _lose_joint(endpoint: int, goal: Any, new: Any, weights: Any) -> float:
    total = 0.0
    first, end = JOINTS[endpoint]
    for row in range(first, end):
        total += _lose_row(row, goal, new, weights)
    return total


@compiled
def _lose_others(
    cohort: Any,
    work: Any,
    order_lc: Any,
    goal: Any,
    old: Any,
    new: Any,
    weights: Any,
    tolerance: float,
) -> float:
    """Judge what is no Cox model and was touched; ``work.kept.response`` is up to date."""
    total = 0.0
    if work.touched[SPLITS]:
        new.loss[SPLITS] = split_loss(cohort, work.packed, goal.splits)
        total += new.loss[SPLITS]
    if work.touched[RATE_OS]:
        rate = survival(work.order_os, cohort.death, cohort.follow_up)
        new.loss[RATE_OS] = rate_loss(RATE_OS, rate)
        total += new.loss[RATE_OS]
    if work.touched[RATE_LC]:
        new.loss[RATE_LC] = rate_loss(RATE_LC, survival(order_lc, cohort.failure, work.days))
        total += new.loss[RATE_LC]
    if work.touched[RESPONSE]:
        new.loss[RESPONSE] = response_loss(work.kept.response, PATIENTS, weights)
        total += new.loss[RESPONSE]
    if work.touched[LOGISTIC]:
        fit_logistic(cohort, old, new, tolerance)
        total += _lose_row(LOGISTIC, goal, new, weights)
    return total


@compiled
def fit_touched(
    cohort: Any,
    work: Any,
    order_lc: Any,
    goal: Any,
    start: Any,
    new: Any,
    weights: Any,
    tolerance: float,
    threshold: float,
    total: float,
) -> float:
    """Fit the Cox models that a move touches, and give up once above the threshold.

    Parameters
    ----------
    cohort, work, order_lc
        The cohort after the move, its scratch arrays, the order for local control.
    goal, weights
        What is wanted.
    start, new
        Coefficients to start from; fits of touched terms, overwritten.
    tolerance
        When to stop a Newton iteration.
    threshold
        The largest loss of interest.
    total
        The loss of all else.
    """
    touched = work.touched
    work.counted[:] = -1
    for index in CHEAPEST_FIRST:
        row = SINGLE_ROW[index]
        if touched[row]:
            new.b[row], new.se[row] = fit_single(
                cohort, work, order_lc, index, start.b[row], tolerance, _MOST_STEPS
            )
            total += _lose_row(row, goal, new, weights)
            if total > threshold:
                return REJECTED
    for endpoint in range(2):
        if touched[JOINT_LC if endpoint == 0 else JOINT_OS]:
            if not fit_joint(cohort, work, order_lc, endpoint, start, new, tolerance, _MOST_STEPS):
                return REJECTED
            total += _lose_joint(endpoint, goal, new, weights)
            if total > threshold:
                return REJECTED
    return total


@compiled
def untouched_loss(touched: Any, fits: Any) -> float:
    """Add up the losses that a move leaves alone."""
    total = 0.0
    for term in range(TERMS):
        if not touched[term]:
            total += fits.loss[term]
    return total


@compiled
def change_response(cohort: Any, work: Any, sign: float) -> None:
    """Bring the sums over those with and without CR to after a move, or back."""
    x, before, sums = cohort.x, work.before, work.kept.response
    i, j = work.move[1], work.move[2]
    for which in range(1 if i == j else 2):
        k = i if which == 0 else j
        for c in range(COMPARED):
            v = VALUE[c, before[c, which]]
            sums[c, 1 - before[NO_CR, which]] -= sign * v
            sums[c, 2] -= sign * v * v
            v = VALUE[c, x[c, k]]
            sums[c, 1 - x[NO_CR, k]] += sign * v
            sums[c, 2] += sign * v * v


@compiled
def screen(
    cohort: Any,
    work: Any,
    order_lc: Any,
    goal: Any,
    old: Any,
    new: Any,
    weights: Any,
    changed: int,
    tolerance: float,
    threshold: float,
) -> float:
    """Tell nearly what loss a move leads to, from one Newton step of each touched model.

    Parameters
    ----------
    cohort, work, order_lc
        The cohort after the move, its scratch arrays, the order for local control.
    goal, weights
        What is wanted.
    old, new
        Fits before the move; those of touched terms after it, overwritten.
    changed
        What the move changed, one bit each.
    tolerance
        When to stop the iteration of the logistic model.
    threshold
        The largest loss of interest.

    Returns
    -------
    float
        ``REJECTED`` as soon as it must be above the threshold.
    """
    touched, kept, move = work.touched, work.kept, work.move
    total = untouched_loss(touched, old)
    if total > threshold:
        return REJECTED
    if touched[RESPONSE]:
        change_response(cohort, work, 1.0)
    total += _lose_others(cohort, work, order_lc, goal, old, new, weights, tolerance)
    if touched[RESPONSE]:
        change_response(cohort, work, -1.0)
    if total > threshold:
        return REJECTED

    work.counted[:] = -1
    i, j = move[1], move[2]
    without_afp = kept.incomplete[0]
    complete = i != without_afp and j != without_afp
    for index in CHEAPEST_FIRST:
        row, c = SINGLE_ROW[index], _SINGLE_COVARIATE[index]
        if not touched[row]:
            continue
        local = index < _SINGLES_LC
        places = kept.lc if local else kept.os
        if (c == AFP and not complete) or (local and changed & FAILURE):
            b, se = fit_single(cohort, work, order_lc, index, old.b[row], tolerance, 1)
        else:
            event = cohort.failure if local else cohort.death
            skipped = places.rank[without_afp] if c == AFP else -1
            b, se = single_after_move(
                kept.single, index, places, VALUE[c], i, j, work.before[c], cohort.x[c],
                work.ended[0 if local else 1], event, skipped,
            )  # fmt: skip
        new.b[row], new.se[row] = b, se
        total += _lose_row(row, goal, new, weights)
        if total > threshold:
            return REJECTED
    if touched[JOINT_LC]:
        if changed & FAILURE:
            good = fit_joint(cohort, work, order_lc, 0, old, new, tolerance, 1)
        else:
            good = lc_joint_after_move(
                kept.lc_joint, kept.lc, cohort.x, _LC_COLUMNS, work.table_lc, i, j, work.before,
                work.rows_lc, work.ended[0], cohort.failure, -1,
                new.b[JOINT_LC:SINGLE_OS], new.se[JOINT_LC:SINGLE_OS],
            ) >= 0.0  # fmt: skip
        if not good:
            return REJECTED
        total += _lose_joint(0, goal, new, weights)
        if total > threshold:
            return REJECTED
    if touched[JOINT_OS]:
        b, se = new.b[JOINT_OS:LOGISTIC], new.se[JOINT_OS:LOGISTIC]
        if not complete:
            good = fit_joint(cohort, work, order_lc, 1, old, new, tolerance, 1)
        else:
            good = os_joint_after_move(
                kept.os_joint, kept.os, cohort.x, _OS_COLUMNS, work.table_os, i, j, work.before,
                work.rows_os, work.ended[1], cohort.death, kept.os.rank[without_afp], b, se,
            ) >= 0.0  # fmt: skip
        if not good:
            return REJECTED
        total += _lose_joint(1, goal, new, weights)
        if total > threshold:
            return REJECTED
    return total


@compiled
def _settle_single(cohort: Any, work: Any, index: int, fits: Any) -> None:
    """Make the sums of a model of one covariate at its coefficient."""
    row, c = SINGLE_ROW[index], _SINGLE_COVARIATE[index]
    local = index < _SINGLES_LC
    order = work.order_lc if local else work.order_os
    places = work.kept.lc if local else work.kept.os
    missing = AFP_MISSING if c == AFP else -1
    single = work.kept.single
    for _ in range(_MOST_STEPS):
        before = fits.b[row]
        keep_single(
            single, index, order, places, cohort.x[c], VALUE[c], _BOUNDS[c, 0], _BOUNDS[c, 1],
            missing, before,
        )  # fmt: skip
        b, se = single_step(single, index, single.score[index], single.information[index])
        fits.b[row], fits.se[row] = b, se
        if abs(b - before) < _NEAR_SINGLE * se:
            return


@compiled
def _settle_joint(cohort: Any, work: Any, endpoint: int, fits: Any) -> bool:
    """Make the sums of a model of several covariates at its coefficients."""
    joint = work.kept.lc_joint if endpoint == 0 else work.kept.os_joint
    for _ in range(_MOST_STEPS):
        if endpoint == 0:
            b, se = fits.b[JOINT_LC:SINGLE_OS], fits.se[JOINT_LC:SINGLE_OS]
            keep_lc_joint(
                joint, work.order_lc, cohort.failure, cohort.x, _LC_COLUMNS, VALUE, _BOUNDS,
                work.table_lc, b,
            )  # fmt: skip
            length = step_lc_joint(joint, b, se)
        else:
            b, se = fits.b[JOINT_OS:LOGISTIC], fits.se[JOINT_OS:LOGISTIC]
            keep_os_joint(
                joint, work.order_os, cohort.death, cohort.x, _OS_COLUMNS, VALUE, _BOUNDS,
                work.table_os, b,
            )  # fmt: skip
            length = step_os_joint(joint, b, se)
        if length < 0.0:
            return False
        if length < _NEAR_JOINT:
            return True
    return False


@compiled
def settle(cohort: Any, work: Any, goal: Any, old: Any, new: Any, weights: Any) -> float:
    """Fit what a move touches, and make its sums there.

    Parameters
    ----------
    cohort, work
        The cohort, with ``work.order_lc`` up to date.
    goal, weights
        What is wanted.
    old
        Fits before the move.
    new
        Coefficients near those of the touched models, and the losses of what is no Cox model;
        the fits, afterwards.

    Returns
    -------
    float
        The loss.
    """
    touched, kept = work.touched, work.kept
    keep_places(work.order_lc, cohort.failure, kept.lc)
    keep_places(work.order_os, cohort.death, kept.os)
    total = untouched_loss(touched, old)
    for term in range(LOGISTIC, TERMS):
        if touched[term]:
            total += new.loss[term]
    if touched[RESPONSE]:
        response_sums(cohort.x, kept.response)
    for index in range(_SINGLES):
        row = SINGLE_ROW[index]
        if touched[row]:
            _settle_single(cohort, work, index, new)
            total += _lose_row(row, goal, new, weights)
    for endpoint in range(2):
        if touched[JOINT_LC if endpoint == 0 else JOINT_OS]:
            good = _settle_joint(cohort, work, endpoint, new)
            total += _lose_joint(endpoint, goal, new, weights) if good else REJECTED
    return total


@compiled
def take_over(work: Any, old: Any, new: Any) -> None:
    """Copy the fits of touched terms."""
    for term in range(TERMS):
        if work.touched[term]:
            old.loss[term] = new.loss[term]
            if term < ROWS:
                old.b[term], old.se[term] = new.b[term], new.se[term]
    if work.touched[LOGISTIC]:
        old.b[INTERCEPT] = new.b[INTERCEPT]


@compiled
def remember(cohort: Any, work: Any) -> None:
    """Note what the two patients of a move have before it is made."""
    for which in range(2):
        k = work.move[1 + which]
        for c in range(11):
            work.before[c, which] = cohort.x[c, k]
        work.ended[0, which], work.ended[1, which] = cohort.failure[k], cohort.death[k]
        work.rows_lc[which] = work.table_lc[k]
        work.rows_os[which] = work.table_os[k]


@compiled
def refresh(cohort: Any, work: Any, k: int) -> None:
    """Rebuild what depends on the covariates of one patient."""
    pack(cohort.x, work.packed, k)
    lc_features(cohort.x, _LC_COLUMNS, VALUE, work.table_lc, k)
    os_features(cohort.x, _OS_COLUMNS, VALUE, work.table_os, k)


@compiled
def follow(cohort: Any, work: Any, move: Any, changed: int) -> Any:
    """Bring up to date what depends on covariates; gives the order for local control."""
    if changed & EVERY_COVARIATE:
        refresh(cohort, work, move[1])
        refresh(cohort, work, move[2])
    return work.order_try if changed & FAILURE else work.order_lc


@compiled
def take_back(cohort: Any, work: Any, move: Any, changed: int) -> None:
    """Undo a move, and what ``follow`` made of it."""
    revert(cohort, move)
    follow(cohort, work, move, changed)


@compiled
def list_failures(cohort: Any, work: Any) -> None:
    """List the patients who fail, and order all for local control."""
    m = 0
    for k in range(cohort.follow_up.shape[0]):
        if cohort.failure[k] > 0:
            work.failed[m] = k
            m += 1
    sort_failures(cohort, work.order_lc, work.days)


@compiled
def prepare(cohort: Any, work: Any) -> None:
    """Fill the scratch arrays for a cohort."""
    for k in range(cohort.follow_up.shape[0]):
        refresh(cohort, work, k)
    list_failures(cohort, work)


@compiled
def fit_all(cohort: Any, work: Any, goal: Any, fits: Any, weights: Any) -> float:
    """Fit every model to the last digit; gives the loss."""
    work.touched[:] = True
    response_sums(cohort.x, work.kept.response)
    total = _lose_others(cohort, work, work.order_lc, goal, fits, fits, weights, _TIGHT)
    return fit_touched(cohort, work, work.order_lc, goal, fits, fits, weights, _TIGHT, 1e17, total)
