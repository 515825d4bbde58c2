"""The last digits: combinations of two moves, found by adding up their effects.

Annealing ends where no single move helps. The effect of a small move on each of the 132
numbers is measured once; effects nearly add up, so that every pair of some thousand moves can
be judged by addition, and only the most promising pairs are made and fitted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from reanalysis.synthetic.moves import (
    DAY,
    DAYS,
    allowed,
    apply,
    below,
    propose,
    revert,
    sort_failures,
)
from reanalysis.synthetic.search import (
    _LOOSE,
    _MOST_STEPS,
    _REJECTED,
    RESPONSE,
    ROWS,
    SPLITS,
    Fits,
    copy_cohort,
    evaluate,
    fit_all,
    number_loss,
    prepare,
    refresh,
    touch,
)
from reanalysis.synthetic.targets import Z95

NUMBERS = 4 * ROWS


@dataclass(frozen=True)
class Repair:
    """A stretch of pair repair, in a schedule beside ``search.Stage``.

    Attributes
    ----------
    proposals
        Rounds.
    drawn
        Moves measured in each round.
    reach
        How much worse a single one of them may make the loss.
    quadratic, fine, margin, linear
        As in ``search.Stage``.
    """

    proposals: int
    drawn: int = 4000
    reach: float = 12.0
    quadratic: float = 0.0
    fine: float = 1.0
    margin: float = 0.97
    linear: float = 0.0

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """The weights as compiled code takes them."""
        return np.array([self.quadratic, self.fine, self.margin, self.linear])


_KEPT = 48  # pairs that are made and fitted in each round


@njit(cache=True)
def _numbers(fits: Any, goal: Any, q: Any) -> None:
    """Give b, both limits and sign(b) b / se of every row."""
    for r in range(ROWS):
        b, se = fits.b[r], fits.se[r]
        q[4 * r] = b
        q[4 * r + 1] = b - Z95 * se
        q[4 * r + 2] = b + Z95 * se
        q[4 * r + 3] = goal.sign[r] * b / se


@njit(cache=True)
def measure(
    cohort: Any,
    work: Any,
    fits: Any,
    random: Any,
    goal: Any,
    weights: Any,
    reach: float,
    moves: Any,
    effects: Any,
) -> int:
    """Draw moves and measure their effects on every number.

    Parameters
    ----------
    cohort, work, fits
        A prepared and fitted cohort.
    random, goal, weights
        As in ``search.anneal``.
    reach
        The largest loss after a move that is still of interest.
    moves, effects
        Filled, one row per move.

    Returns
    -------
    int
        How many moves were found.
    """
    q, base = np.empty(NUMBERS), np.empty(NUMBERS)
    _numbers(fits, goal, base)
    new = Fits(fits.b.copy(), fits.se.copy(), fits.loss.copy())
    move = work.move
    found = 0
    for _ in range(40 * moves.shape[0]):
        if found == moves.shape[0]:
            break
        if not propose(random, cohort, work.failed, move):
            continue
        changed = apply(cohort, move)
        if allowed(cohort, move, work.order_os, work.order_try, work.days):
            if changed:
                refresh(cohort, work, move[1])
                refresh(cohort, work, move[2])
            touch(cohort, move, changed, work.touched)
            order = work.order_lc
            if move[0] in (DAY, DAYS):
                order = work.order_try
            new.b[:] = fits.b
            new.se[:] = fits.se
            loss = evaluate(
                cohort, work, order, goal, fits, new, weights, _LOOSE, _MOST_STEPS, reach
            )
            kept = loss < _REJECTED
            if work.touched[SPLITS]:
                kept = kept and new.loss[SPLITS] == 0.0
            if work.touched[RESPONSE]:
                kept = kept and new.loss[RESPONSE] <= fits.loss[RESPONSE]
            if kept:
                _numbers(new, goal, q)
                largest = 0.0
                for n in range(NUMBERS):
                    effects[found, n] = q[n] - base[n]
                    largest = max(largest, abs(effects[found, n]))
                if largest > 1e-7:
                    moves[found] = move
                    found += 1
            revert(cohort, move)
            if changed:
                refresh(cohort, work, move[1])
                refresh(cohort, work, move[2])
        else:
            revert(cohort, move)
    return found


@njit(cache=True)
def _overlap(one: Any, other: Any) -> bool:
    return one[1] in (other[1], other[2]) or one[2] in (other[1], other[2])


@njit(cache=True)
def choose_pairs(
    moves: Any,
    effects: Any,
    found: int,
    base: Any,
    goal: Any,
    weights: Any,
    pairs: Any,
    losses: Any,
) -> None:
    """Fill ``pairs`` with the best pairs by added effects, best first.

    The move at index ``found`` does nothing, so that single moves are among the pairs.
    """
    low, high, unit = np.empty(NUMBERS), np.empty(NUMBERS), np.empty(NUMBERS)
    spread = np.empty(NUMBERS)
    for n in range(NUMBERS):
        r, j = n // 4, n % 4
        low[n], high[n] = goal.low[r, j], goal.high[r, j]
        unit[n] = 1.0 if j == 3 else goal.scale[r]
        total = 0.0
        for m in range(found):
            total += abs(effects[m, n])
        spread[n] = -total / min(high[n] - low[n], 10.0)
    # The numbers that moves upset most come first: most pairs are dismissed after a few.
    turn = np.argsort(spread)
    ordered = np.empty((found + 1, NUMBERS))
    for m in range(found + 1):
        for place in range(NUMBERS):
            ordered[m, place] = effects[m, turn[place]] if m < found else 0.0
    losses[:] = 1e17
    pairs[:] = -1
    worst = 1e17
    for a in range(found):
        for c in range(a + 1, found + 1):
            total = 0.0
            for place in range(NUMBERS):
                n = turn[place]
                total += number_loss(
                    base[n] + ordered[a, place] + ordered[c, place],
                    low[n],
                    high[n],
                    unit[n],
                    weights,
                )
                if total >= worst:
                    break
            if total < worst and (c == found or not _overlap(moves[a], moves[c])):
                at = losses.shape[0] - 1
                while at > 0 and losses[at - 1] > total:
                    losses[at] = losses[at - 1]
                    pairs[at] = pairs[at - 1]
                    at -= 1
                losses[at] = total
                pairs[at, 0], pairs[at, 1] = a, c
                worst = losses[-1]


@njit(cache=True)
def _make(cohort: Any, work: Any, move: Any) -> bool:
    changed = apply(cohort, move)
    if not allowed(cohort, move, work.order_os, work.order_try, work.days):
        revert(cohort, move)
        return False
    if changed:
        refresh(cohort, work, move[1])
        refresh(cohort, work, move[2])
    return True


@njit(cache=True)
def _unmake(cohort: Any, work: Any, move: Any) -> None:
    revert(cohort, move)
    refresh(cohort, work, move[1])
    refresh(cohort, work, move[2])


@njit(cache=True)
def repair(
    cohort: Any,
    best: Any,
    best_loss: float,
    fits: Any,
    work: Any,
    random: Any,
    goal: Any,
    weights: Any,
    rounds: int,
    drawn: int,
    reach: float,
) -> tuple[float, float]:
    """Run rounds of pair repair; the cohort and the best one are changed in place.

    Parameters
    ----------
    cohort, best, best_loss, fits, work, random, goal, weights
        As in ``search.anneal``.
    rounds
        How many.
    drawn
        Moves measured in each.
    reach
        How much worse a single move may make the loss.

    Returns
    -------
    tuple
        The loss at the end and the least loss seen.
    """
    prepare(cohort, work)
    total = fit_all(cohort, work, goal, fits, weights)
    if total < best_loss:
        best_loss = total
        copy_cohort(cohort, best)
    moves = np.empty((drawn, 5), np.int64)
    effects = np.empty((drawn, NUMBERS))
    pairs = np.empty((_KEPT, 2), np.int64)
    losses = np.empty(_KEPT)
    base = np.empty(NUMBERS)
    trial = Fits(fits.b.copy(), fits.se.copy(), fits.loss.copy())
    for _ in range(rounds):
        if total <= 0.0:
            break
        found = measure(cohort, work, fits, random, goal, weights, total + reach, moves, effects)
        _numbers(fits, goal, base)
        choose_pairs(moves, effects, found, base, goal, weights, pairs, losses)
        chosen, chosen_loss = -1, 1e17
        second, second_loss = -1, 1e17
        for p in range(_KEPT):
            a, c = pairs[p, 0], pairs[p, 1]
            if a < 0 or not _make(cohort, work, moves[a]):
                continue
            if c == found or _make(cohort, work, moves[c]):
                sort_failures(cohort, work.order_lc, work.days)
                trial.b[:] = fits.b
                trial.se[:] = fits.se
                loss = fit_all(cohort, work, goal, trial, weights)
                if loss < chosen_loss:
                    second, second_loss = chosen, chosen_loss
                    chosen, chosen_loss = p, loss
                if c != found:
                    _unmake(cohort, work, moves[c])
            _unmake(cohort, work, moves[a])
        # Where nothing helps, now and then the best of the rest: a way out of the dead end.
        if chosen >= 0 and (chosen_loss < total or below(random, 3) == 0):
            if chosen_loss >= total and second >= 0 and below(random, 2) == 0:
                chosen, chosen_loss = second, second_loss
            a, c = pairs[chosen, 0], pairs[chosen, 1]
            _make(cohort, work, moves[a])
            if c != found:
                _make(cohort, work, moves[c])
        sort_failures(cohort, work.order_lc, work.days)
        total = fit_all(cohort, work, goal, fits, weights)
        if total < best_loss - 1e-9:
            best_loss = total
            copy_cohort(cohort, best)
    return total, best_loss
