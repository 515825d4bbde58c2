"""Many small changes at once, chosen by a linear program.

A round measures what some ten thousand changes do to every number, each alone; their effects very
nearly add up. A linear program picks, in fractions, those whose sum brings every number nearest to
its interval; a short annealing over that sum makes whole changes of the fractions; and what these
really do to the cohort is where the next round starts, even if it is worse: what a round leaves is
rounding, and what the next can reach is what counts. Rounds begin with large changes, which reach
far, and end with small ones, whose effects add up best and leave least to rounding. The more
changes there are to choose from, the nearer the program comes: with 3,000 it stalls where 20,000
leave nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, csr_matrix, hstack, identity, vstack

from synthesis.moves import allowed, apply, below, propose, revert
from synthesis.numbers import (
    EVERY_COVARIATE,
    FAILURE,
    NUMBERS,
    Goal,
    evaluate,
    numbers_of,
    refill,
    sort_by_failure,
)
from synthesis.state import PATIENTS, Believable, FloatArray, IntArray, State, compiled, copy_of

Random = npt.NDArray[np.uint64]

_FAR = 3.0  # weight of a distance beyond what is tolerated
_LEAST_EFFECT = 1e-4  # of a change worth measuring
# Of the linear program: how many changes it begins with and takes in at once, and what one must
# bring.
_COLUMNS, _HELPS = 2500, 1e-7
# Exponential deviates by table: a logarithm may differ between machines in the last bit.
_DEVIATES = np.round(-np.log1p(-(np.arange(4096) + 0.5) / 4096), 10)


# What a change costs, as a share of the largest but no more than if that were 0.01.
_COST, _DEAREST = 0.03, 0.01
# The annealing that rounds off: how many of the changes it chooses from, where it starts as a share
# of the distance and where it ends as one of the cost of a change.
_CANDIDATES, _HOT, _COLD = 1500, 0.003, 0.05


@dataclass(frozen=True)
class Round:
    """One round.

    Attributes
    ----------
    largest
        The largest effect of a change on any regression number, in standard errors.
    changes
        How many changes to measure.
    only
        What alone may be exchanged, one bit each, or 0 for any move.
    trials
        How many ways of rounding to try.
    steps
        Of the annealing that rounds off.
    dearer
        By what the cost of a change is multiplied: few changes add up better than many, and many
        reach further.
    polish
        Whether to stay where one is unless that comes nearer.
    floating
        Whether the numbers of covariates that are solved last may be off a little.
    presolve
        Whether the linear program is reduced before it is solved. Where it has several optima that
        decides which is found; without, it takes two fifths less time.
    """

    largest: float
    changes: int = 20_000
    only: int = 0
    trials: int = 2
    steps: int = 500_000
    dearer: float = 1.0
    polish: bool = False
    floating: bool = True
    presolve: bool = True

    @property
    def cost(self) -> float:
        """Of one change, in the units of a distance."""
        return self.dearer * _COST * min(self.largest, _DEAREST)


@compiled
def _penalty(q: float, low: float, high: float, tolerance: float) -> float:
    outside = max(0.0, low - q, q - high)
    return outside + _FAR * max(0.0, outside - tolerance)


@compiled
def distance(here: Any, goal: Any) -> float:
    """Add up how far all numbers are outside their intervals."""
    total = 0.0
    for m in range(here.shape[0]):
        total += _penalty(here[m], goal.low[m], goal.high[m], goal.tolerance[m])
    return total


@compiled
def _update(state: Any, fits: Any, move: Any, changed: int) -> None:
    if changed & EVERY_COVARIATE:
        refill(state, fits, move[1])
        refill(state, fits, move[2])
    if changed & FAILURE:
        sort_by_failure(state, fits)


@compiled
def _try_one(state: Any, rules: Any, fits: Any, random: Any, only: int, move: Any) -> int:
    """Make a change at random, if one is proposed and allowed; gives what changed, or -1."""
    if not propose(random, state, only, move):
        return -1
    changed = apply(state, move)
    if not allowed(state, rules, move, changed):
        revert(state, move)
        return -1
    _update(state, fits, move, changed)
    return int(changed)


@compiled
def anneal(
    state: Any, rules: Any, goal: Any, fits: Any, here: Any, random: Any, proposals: int,
    hot: float, factor: float,
) -> float:  # fmt: skip
    """Take single changes while the distance falls, or rises by chance; ``state`` is changed."""
    move = np.zeros(5, np.int64)
    there = np.empty(here.shape[0])
    b = fits.b.copy()
    now = distance(here, goal)
    temperature = hot
    for _ in range(proposals):
        temperature *= factor
        changed = _try_one(state, rules, fits, random, 0, move)
        if changed < 0:
            continue
        b[:] = fits.b
        if evaluate(state, fits, b, changed, 2, goal, here, 5.0, there):
            then = distance(there, goal)
            if then <= now + temperature * _DEVIATES[below(random, 4096)]:
                fits.b[:] = b
                here[:] = there
                now = then
                continue
        revert(state, move)
        _update(state, fits, move, changed)
    return now


@compiled
def measure(
    state: Any, rules: Any, goal: Any, fits: Any, here: Any, random: Any, largest: float,
    only: int, moves: Any, effects: Any,
) -> int:  # fmt: skip
    """Measure what changes do to every number, each alone.

    Parameters
    ----------
    state, rules, goal, fits, here
        The cohort, what it obeys and where it stands; left as they were.
    random
        State of the random numbers.
    largest, only
        Of a ``Round``.
    moves, effects
        Filled: the changes, and the effects of each.

    Returns
    -------
    int
        How many there are.
    """
    kept = 0
    move = np.zeros(5, np.int64)
    there = np.empty(here.shape[0])
    b = np.empty(fits.b.shape[0])
    for _ in range(12 * moves.shape[0]):
        if kept == moves.shape[0]:
            break
        changed = _try_one(state, rules, fits, random, only, move)
        if changed < 0:
            continue
        b[:] = fits.b
        if evaluate(state, fits, b, changed, 2, goal, here, largest, there):
            felt = False
            for m in range(here.shape[0]):
                effects[kept, m] = there[m] - here[m]
                felt = felt or abs(effects[kept, m]) > _LEAST_EFFECT
            if felt:
                moves[kept] = move
                kept += 1
        revert(state, move)
        _update(state, fits, move, changed)
    return kept


def pick(
    effects: FloatArray,
    moves: IntArray,
    here: FloatArray,
    goal: Goal,
    cost: float,
    presolve: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Choose fractions of changes whose sum leaves the least distance to all intervals.

    The linear program is solved by column generation: over few of the changes at first, then with
    those beside them that its prices say would help, until none would. That gives the optimum over
    all changes in a fifth of the time.

    Parameters
    ----------
    effects, moves
        One row per change. No patient takes part in more than one in all: effects of several on
        one patient would not add up.
    here, goal
        Where the cohort is, and where it should be.
    cost
        Of one change, in the units of a distance.
    presolve
        Of a ``Round``.

    Returns
    -------
    fractions, reduced : numpy.ndarray
        The fraction of each change, 0 to 1, few of them neither; and what it would cost to make
        a change that is not chosen.
    """
    changes, numbers = effects.shape
    each = np.arange(changes)
    two = moves[:, 1] != moves[:, 2]
    patients = csr_matrix(
        (
            np.ones(changes + two.sum()),
            (np.append(each, each[two]), np.append(moves[:, 1], moves[two, 2])),
        ),
        shape=(changes, PATIENTS),
    )
    slack = identity(numbers)
    chosen = each[:_COLUMNS]
    while True:
        columns = csc_matrix(effects[chosen].T)
        once = hstack([patients[chosen].T, csc_matrix((PATIENTS, 2 * numbers))])
        program = linprog(
            np.repeat([cost, 1.0, 1.0 + _FAR], [len(chosen), numbers, numbers]),
            A_ub=vstack(
                [hstack([columns, -slack, -slack]), hstack([-columns, -slack, -slack]), once]
            ),
            b_ub=np.concatenate([goal.high - here, here - goal.low, np.ones(PATIENTS)]),
            bounds=[(0, None)] * len(chosen)
            + [(0, tolerated) for tolerated in goal.tolerance]
            + [(0, None)] * numbers,
            method="highs-ds",
            options={"presolve": presolve},
        )
        up, down, busy = np.split(program.ineqlin.marginals, [numbers, 2 * numbers])
        reduced = cost - effects @ (up - down) - patients @ busy
        helpful = np.setdiff1d(np.flatnonzero(reduced < -_HELPS), chosen)
        if helpful.size == 0:
            break
        helpful = helpful[np.argsort(reduced[helpful], kind="stable")[:_COLUMNS]]
        chosen = np.append(chosen, helpful)
    fractions = np.zeros(changes)
    fractions[chosen] = program.x[: len(chosen)]
    return np.round(fractions, 6), np.round(reduced, 9)


@compiled
def in_conflict(moves: Any, one: int, left: int, chosen: Any, many: int) -> bool:
    """Whether a change concerns a patient of one of those chosen: their effects would not add up.

    ``left`` is a chosen one that does not count.
    """
    for m in range(many):
        other = chosen[m]
        if other == left:
            continue
        for a in range(1, 3):
            for b in range(1, 3):
                if moves[one, a] == moves[other, b]:
                    return True
    return False


@compiled
def _round_off(random: Any, fractions: Any, at_random: bool, moves: Any, chosen: Any) -> int:
    """Choose whole changes near the fractions, no two in conflict; gives how many."""
    many = 0
    for j in range(fractions.shape[0]):
        if fractions[j] <= 0.0 or many == chosen.shape[0]:
            break
        threshold = below(random, 1_000_000) / 1e6 if at_random else 0.5
        if fractions[j] > threshold and not in_conflict(moves, j, -1, chosen, many):
            chosen[many] = j
            many += 1
    return many


@compiled
def _round_choice(
    random: Any, effects: Any, here: Any, goal: Any, moves: Any, chosen: Any,
    many: int, steps: int, cost: float, temperature: float, factor: float,
) -> int:  # fmt: skip
    """Take changes in, leave others out, or exchange one for another, while sums get nearer.

    ``chosen`` holds the ``many`` changes to start from and afterwards the best; gives how many.
    """
    changes, numbers = effects.shape
    place = np.full(changes, -1)
    now, then = here.copy(), np.empty(numbers)
    for m in range(many):
        place[chosen[m]] = m
        now += effects[chosen[m]]
    current = distance(now, goal) + cost * many
    best, best_many, best_chosen = current, many, chosen.copy()
    for _ in range(steps):
        temperature *= factor
        # Of twenty steps two leave one out, five exchange, and the others take one in.
        kind = below(random, 20)
        taken = below(random, changes) if kind >= 2 else -1
        left = chosen[below(random, many)] if many > 0 and kind < 7 else -1
        if taken >= 0 and place[taken] >= 0:
            if left >= 0:
                continue
            taken, left = -1, taken
        if (taken < 0 and left < 0) or (taken >= 0 and left < 0 and many == chosen.shape[0]):
            continue
        limit = current + temperature * _DEVIATES[below(random, 4096)]
        total = cost * (many + (taken >= 0) - (left >= 0))
        for m in range(numbers):
            q = now[m]
            if taken >= 0:
                q += effects[taken, m]
            if left >= 0:
                q -= effects[left, m]
            then[m] = q
            total += _penalty(q, goal.low[m], goal.high[m], goal.tolerance[m])
            if total > limit:
                break
        if total > limit or (taken >= 0 and in_conflict(moves, taken, left, chosen, many)):
            continue
        current = total
        now[:] = then
        if left >= 0:
            many -= 1
            last = chosen[many]
            chosen[place[left]] = last
            place[last] = place[left]
            place[left] = -1
        if taken >= 0:
            chosen[many] = taken
            place[taken] = many
            many += 1
        if current < best - 1e-12:
            best, best_many = current, many
            best_chosen[:] = chosen
    chosen[:] = best_chosen
    return best_many


@compiled
def make(state: Any, rules: Any, moves: Any, chosen: Any, many: int) -> None:
    """Make changes one after the other; what is not allowed after the others is left out."""
    for m in range(many):
        move = moves[chosen[m]]
        changed = apply(state, move)
        if not allowed(state, rules, move, changed):
            revert(state, move)


def play(
    state: State, rules: Believable, goal: Goal, this: Round, random: Random
) -> tuple[State, float]:
    """Make one round.

    Parameters
    ----------
    state, rules
        Where to start, not changed, and what every cohort obeys.
    goal, this
        What is wanted, and how.
    random
        State of the random numbers, changed.

    Returns
    -------
    State, float
        The best cohort found, and its distance.
    """
    here, fits = numbers_of(state, goal)
    moves: IntArray = np.zeros((this.changes, 5), np.int64)
    effects = np.zeros((this.changes, NUMBERS))
    kept = measure(
        copy_of(state), rules, goal, fits, here, random, this.largest, this.only, moves, effects
    )
    if kept == 0:
        return state, distance(here, goal)
    found, nearest = state, distance(here, goal) if this.polish else np.inf
    for changed in _rounded(state, rules, goal, this, random, here, moves[:kept], effects[:kept]):
        try:
            there = distance(numbers_of(changed, goal)[0], goal)
        except ValueError:  # so far away that a model has no fit
            continue
        if there < nearest:
            found, nearest = changed, there
    return found, float(nearest)


def _rounded(
    state: State, rules: Believable, goal: Goal, this: Round, random: Random,
    here: FloatArray, moves: IntArray, effects: FloatArray,
) -> Iterator[State]:  # fmt: skip
    """Choose among measured changes and make them, in as many ways as there are trials."""
    cost = this.cost
    fractions, reduced = pick(effects, moves, here, goal, cost, this.presolve)
    # What the program chose and what comes next to it is what the rounding chooses from.
    best = np.lexsort((reduced, -fractions))[:_CANDIDATES]
    moves, effects, fractions = moves[best], effects[best], fractions[best]
    hot = max(cost, _HOT * distance(here + fractions @ effects, goal))
    # Rounded, because the last bit of a power differs between C libraries.
    factor = round((_COLD * cost / hot) ** (1 / this.steps), 12)
    for trial in range(this.trials):
        chosen = np.zeros(PATIENTS // 2, np.int64)
        many = _round_off(random, fractions, trial > 0, moves, chosen)
        many = _round_choice(
            random, effects, here, goal, moves, chosen, many, this.steps, cost,
            hot, factor,
        )  # fmt: skip
        changed = copy_of(state)
        make(changed, rules, moves, chosen, many)
        yield changed
