"""Many small changes at once: what annealing leaves, linear programming takes away.

Annealing changes two patients at a time and ends where no such change is for the better. Dozens
of them together may be: their effects on the published numbers very nearly add up. A round
measures those of many thousand changes; a linear program picks, in fractions, the few dozen whose
sum brings every number nearest to its interval; a short annealing over that sum makes whole
changes of the fractions; and what these really do to the cohort is where the next round starts.
Rounds begin with larger changes, which reach further, and end with small ones, whose effects add
up best and leave least to rounding.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from synthesis.effects import ALL, Boxes, boxes, measure, where
from synthesis.kernel import compiled
from synthesis.loss import Goal
from synthesis.models import cohort_of
from synthesis.moves import allowed, apply, below, exponential_deviate, revert
from synthesis.start import State

FloatArray = npt.NDArray[np.float64]

_FAR = 3.0  # weight of a distance beyond what is tolerated
# What a change costs, as a share of the largest but no more than if that were 0.01: effects add up
# the better, the fewer there are. The rounding starts at that temperature, and ends at a twentieth.
_COST, _DEAREST, _COOLING = 0.03, 0.01, 20.0


@dataclass(frozen=True)
class Repair:
    """Rounds of linear programming.

    Attributes
    ----------
    cycles
        How many times to go through ``largest``.
    largest
        The largest effect of a change on any regression number, in standard errors, by round.
    proposals
        How many changes to measure in a round; most are larger, or impossible.
    most
        How many changes to make in a round, at most.
    trials
        How many ways of rounding to try.
    steps
        Steps of annealing in each.
    gather
        With 0, what is left is the sum of all distances. Otherwise a distance counts as at most
        this, in standard errors, as long as it is tolerated: better few numbers off than many.
    """

    cycles: int
    largest: tuple[float, ...]
    proposals: int
    most: int
    trials: int
    steps: int
    gather: float = 0.0

    unit = "rounds"

    @property
    def length(self) -> int:
        """How many ``unit`` there are."""
        return self.cycles * len(self.largest)


@compiled
def _penalty(q: float, low: float, high: float, tolerance: float, gather: float) -> float:
    """Judge one number by how far it is outside its interval."""
    outside = max(0.0, low - q, q - high)
    if outside == 0.0:
        return 0.0
    if gather == 0.0 or tolerance == 0.0:
        penalty = outside
    else:
        penalty = gather * outside / (outside + gather)
    return penalty + _FAR * max(0.0, outside - tolerance)


@compiled
def distance(point: Any, wanted: Any, gather: float) -> float:
    """Add up how far all numbers are outside their intervals, or how many are."""
    total = 0.0
    for m in range(point.shape[0]):
        total += _penalty(point[m], wanted.low[m], wanted.high[m], wanted.tolerance[m], gather)
    return total


def pick(
    effects: FloatArray,
    here: FloatArray,
    wanted: Boxes,
    most: int,
    cost: float,
    gather: float = 0.0,
) -> FloatArray:
    """Choose fractions of changes whose sum leaves the least distance to all intervals.

    Parameters
    ----------
    effects
        One row per change.
    here, wanted
        Where the cohort is, and where it should be.
    most
        How many changes, at most, fractions added up.
    cost
        Of one change, in the units of a distance.
    gather
        Of a ``Repair``. A linear program knows no limit to a distance: it takes the slope where
        the cohort is.

    Returns
    -------
    numpy.ndarray
        The fraction of each change, 0 to 1; few are neither.
    """
    changes, numbers = effects.shape
    outside = np.maximum(0.0, np.maximum(wanted.low - here, here - wanted.high))
    slope = np.ones(numbers)
    if gather > 0.0:
        gathered = wanted.tolerance > 0.0
        slope[gathered] = (gather / (gather + outside[gathered])) ** 2
    columns, slack = csr_matrix(effects.T), identity(numbers)
    limit = hstack([csr_matrix(np.ones((1, changes))), csr_matrix((1, 2 * numbers))])
    result = linprog(
        np.concatenate([np.full(changes, cost), slope, slope + _FAR]),
        A_ub=vstack([hstack([columns, -slack, -slack]), hstack([-columns, -slack, -slack]), limit]),
        b_ub=np.concatenate([wanted.high - here, here - wanted.low, [most]]),
        bounds=[(0, 1)] * changes
        + [(0, tolerated) for tolerated in wanted.tolerance]
        + [(0, None)] * numbers,
        method="highs-ds",
    )
    fractions: FloatArray = result.x[:changes]
    return fractions


@compiled
def _in_conflict(moves: Any, one: int, left: int, chosen: Any, many: int) -> bool:
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
def _round_off(
    random: Any, fractions: Any, order: Any, at_random: bool, moves: Any, chosen: Any
) -> int:
    """Choose whole changes near the fractions, no two in conflict; gives how many."""
    many = 0
    for j in order:
        if fractions[j] <= 0.0:
            break
        threshold = below(random, 1_000_000) / 1e6 if at_random else 0.5
        if fractions[j] <= threshold:
            continue
        if not _in_conflict(moves, j, -1, chosen, many):
            chosen[many] = j
            many += 1
    return many


@compiled
def _anneal_choice(
    random: Any,
    effects: Any,
    here: Any,
    wanted: Any,
    gather: float,
    moves: Any,
    chosen: Any,
    many: int,
    steps: int,
    cost: float,
    factor: float,
) -> int:
    """Take changes in, leave others out, or exchange one for another, while sums get nearer.

    ``chosen`` holds the ``many`` changes to start from and afterwards the best; gives how many.
    """
    changes, numbers = effects.shape
    place = np.full(changes, -1)
    now, then = here.copy(), np.empty(numbers)
    for m in range(many):
        place[chosen[m]] = m
        now += effects[chosen[m]]
    current = distance(now, wanted, gather) + cost * many
    best, best_many, best_chosen = current, many, chosen.copy()
    temperature = cost
    for _ in range(steps):
        temperature *= factor
        taken, left = -1, -1
        # Of twenty steps two leave one out, five exchange, and the others take one in.
        kind = below(random, 20)
        if kind >= 2:
            taken = below(random, changes)
        if many > 0 and kind < 7:
            left = chosen[below(random, many)]
        if taken >= 0 and place[taken] >= 0:
            if left >= 0:
                continue
            taken, left = -1, taken
        if (taken < 0 and left < 0) or (taken >= 0 and left < 0 and many == chosen.shape[0]):
            continue
        limit = current + temperature * exponential_deviate(random)
        total = cost * (many + (taken >= 0) - (left >= 0))
        for m in range(numbers):
            q = now[m]
            if taken >= 0:
                q += effects[taken, m]
            if left >= 0:
                q -= effects[left, m]
            then[m] = q
            total += _penalty(q, wanted.low[m], wanted.high[m], wanted.tolerance[m], gather)
            if total > limit:
                break
        if total > limit or (taken >= 0 and _in_conflict(moves, taken, left, chosen, many)):
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
def _make(cohort: Any, work: Any, moves: Any, chosen: Any, many: int) -> None:
    """Make changes one after the other; what is not allowed after the others is left out."""
    for m in range(many):
        move = moves[chosen[m]]
        changed = apply(cohort, move)
        if not allowed(cohort, move, changed, work.order_try, work.days):
            revert(cohort, move)


def repair_round(
    state: State, goal: Goal, repair: Repair, number: int, random: npt.NDArray[np.uint64]
) -> tuple[State, float]:
    """Make one round.

    Parameters
    ----------
    state
        Where to start; not changed.
    goal
        What is wanted.
    repair, number
        The rounds, and which of them.
    random
        State of the random numbers, changed.

    Returns
    -------
    State, float
        The best cohort found, other than the one to start from, and how far it is from all that
        is published, in standard errors.
    """
    wanted = boxes(goal)
    here, fits, work = where(state, goal)
    moves = np.zeros((repair.proposals, 5), np.int64)
    effects = np.zeros((repair.proposals, ALL))
    largest = repair.largest[number % len(repair.largest)]
    kept = measure(
        cohort_of(state), work, goal, fits, random, repair.proposals, largest, here, moves, effects,
    )  # fmt: skip
    moves, effects = moves[:kept], effects[:kept].copy()
    cost = _COST * min(largest, _DEAREST)
    # Rounded, because the last bit of a power differs between C libraries.
    factor = round(_COOLING ** (-1 / repair.steps), 12)
    fractions = pick(effects, here, wanted, repair.most, cost, repair.gather)
    order = np.argsort(-fractions, kind="stable")
    found, nearest = state, np.inf
    for trial in range(repair.trials):
        chosen = np.zeros(2 * repair.most, np.int64)
        many = _round_off(random, fractions, order, trial > 0, moves, chosen)
        many = _anneal_choice(
            random, effects, here, wanted, repair.gather, moves, chosen, many, repair.steps, cost,
            factor,
        )  # fmt: skip
        changed = state.copy()
        _make(cohort_of(changed), work, moves, chosen, many)
        there = distance(where(changed, goal)[0], wanted, repair.gather)
        if there < nearest:
            found, nearest = changed, there
    return found, float(nearest)
