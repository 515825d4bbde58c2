"""The last digits: few changes at once, found by looking at all ways to take two or three.

Rounds bring the sum of all distances down, and leave many numbers a hair off. What prints is what
counts here: a number that is off at all counts nearly as one, however little it is off.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthesis.numbers import NUMBERS, Goal, numbers_of
from synthesis.rounds import Random, in_conflict, make, measure
from synthesis.state import Believable, FloatArray, IntArray, State, compiled, copy_of

_SLOPE = 30.0  # beyond the tolerance
_FORBIDDEN = 2.0  # of what must not be off at all
_MADE = 40  # of the best sums, how many are made to see what they really give


@dataclass(frozen=True)
class Finish:
    """Turn after turn of few changes at once, until a cycle of them brings hardly anything.

    Attributes
    ----------
    largest
        The largest effects of a change on any regression number, in standard errors, one a turn.
    changes
        How many changes to measure in each turn.
    widths
        How many of the best sums of one, two and three changes are kept.
    cycles
        How often to go through them at most.
    least
        What a cycle must bring, in numbers.
    hair
        A number off by so much (in standard errors) counts as a half, one by far more as one.
    intolerable
        What one that is off by more than is tolerated counts in addition.
    """

    largest: tuple[float, ...] = (0.03, 0.01, 0.05, 0.004, 0.02, 0.1)
    changes: int = 8_000
    widths: tuple[int, ...] = (800, 200, 60)
    cycles: int = 4
    least: float = 0.25
    hair: float = 5e-4
    intolerable: float = 1.0


@compiled
def _off(
    q: float, low: float, high: float, tolerance: float, hair: float, intolerable: float
) -> float:
    outside = max(low - q, q - high)
    if outside <= 0.0:
        return 0.0
    if tolerance <= 0.0:
        return _FORBIDDEN + _SLOPE * outside
    beyond = outside - tolerance
    return outside / (outside + hair) + (intolerable + _SLOPE * beyond if beyond > 0.0 else 0.0)


@compiled
def count_off(here: Any, goal: Any, hair: float, intolerable: float) -> float:
    """Count the numbers that are off; those by a hair count a little less than one."""
    total = 0.0
    for m in range(here.shape[0]):
        total += _off(here[m], goal.low[m], goal.high[m], goal.tolerance[m], hair, intolerable)
    return total


@compiled
def _add_one(
    sums: Any, members: Any, moves: Any, effects: Any, goal: Any, order: Any, counts: Any,
    parents: Any, added: Any, hair: float, intolerable: float,
) -> int:  # fmt: skip
    """Add each change to each sum; the best are filled in, and how many there are is given.

    ``order`` has the numbers in which to look whether a sum is any good, those that are off first.
    """
    keep, many, last = counts.shape[0], 0, 0
    taken = np.zeros(effects.shape[0], np.bool_)
    if members.shape[1] == 1:
        taken[members[:, 0]] = True
    for s in range(sums.shape[0]):
        for j in range(effects.shape[0]):
            limit = counts[last] if many == keep else np.inf
            total = 0.0
            for m in order:
                q = sums[s, m] + effects[j, m]
                total += _off(q, goal.low[m], goal.high[m], goal.tolerance[m], hair, intolerable)
                if total >= limit:
                    break
            # Two changes make one sum, whichever of them comes first.
            if total >= limit or (taken[j] and j <= members[s, 0]):
                continue
            if in_conflict(moves, j, -1, members[s], members.shape[1]):
                continue
            at = last if many == keep else many
            many = min(many + 1, keep)
            counts[at], parents[at], added[at] = total, s, j
            if many == keep:
                last = int(np.argmax(counts))
    return many


def best_sums(
    here: FloatArray, moves: IntArray, effects: FloatArray, goal: Goal, this: Finish
) -> list[tuple[float, tuple[int, ...]]]:
    """Find the sums of one, two or three changes that leave the fewest numbers off.

    All sums of two are looked at that have one of the best single changes, and all of three that
    have one of the best pairs.

    Parameters
    ----------
    here
        Where the cohort is.
    moves, effects
        One row per change, as ``measure`` fills them.
    goal
        What is wanted.
    this
        How many sums to keep, and how to count.

    Returns
    -------
    list of (float, tuple of int)
        The count that is left and the changes, best first.
    """
    order = np.argsort(-np.maximum(goal.low - here, here - goal.high), kind="stable")
    sums, members = here[None, :], np.zeros((1, 0), np.int64)
    found: list[tuple[float, tuple[int, ...]]] = []
    for keep in this.widths:
        counts = np.full(keep, np.inf)
        parents, added = np.zeros(keep, np.int64), np.zeros(keep, np.int64)
        many = _add_one(
            sums,
            members,
            moves,
            effects,
            goal,
            order,
            counts,
            parents,
            added,
            this.hair,
            this.intolerable,
        )
        best = np.argsort(counts[:many], kind="stable")
        parents, added = parents[best], added[best]
        sums = sums[parents] + effects[added]
        members = np.hstack([members[parents], added[:, None]])
        rows = members[:_MADE].tolist()
        found += [(float(counts[b]), tuple(row)) for b, row in zip(best, rows, strict=False)]
    return sorted(found)


def turn(
    state: State, rules: Believable, goal: Goal, this: Finish, largest: float, random: Random
) -> tuple[State, float]:
    """Make the few changes after which the fewest numbers are off, if fewer than now.

    Parameters
    ----------
    state, rules, goal
        Where to start, not changed, what every cohort obeys and what is wanted.
    this, largest
        How, and one of its largest effects.
    random
        State of the random numbers, changed.

    Returns
    -------
    State, float
        The cohort, and the count of numbers that are off in it.
    """
    here, fits = numbers_of(state, goal)
    moves, effects = np.zeros((this.changes, 5), np.int64), np.zeros((this.changes, NUMBERS))
    kept = measure(copy_of(state), rules, goal, fits, here, random, largest, 0, moves, effects)
    found, fewest = state, float(count_off(here, goal, this.hair, this.intolerable))
    sums = best_sums(here, moves[:kept], effects[:kept], goal, this)
    for expected, chosen in sums[:_MADE]:
        if expected >= fewest:
            break
        changed = copy_of(state)
        make(changed, rules, moves, np.array(chosen), len(chosen))
        there, _ = numbers_of(changed, goal)
        off = float(count_off(there, goal, this.hair, this.intolerable))
        if off < fewest:
            found, fewest = changed, off
    return found, fewest


def finish(state: State, rules: Believable, goal: Goal, this: Finish, random: Random) -> State:
    """Go on turn after turn, as ``this`` says."""
    here, _ = numbers_of(state, goal)
    before = float(count_off(here, goal, this.hair, this.intolerable))
    for _ in range(this.cycles):
        for largest in this.largest:
            state, off = turn(state, rules, goal, this, largest, random)
        if off == 0.0 or before - off < this.least:
            break
        before = off
    return state
