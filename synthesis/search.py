"""Simulated annealing over possible cohorts, until the regression numbers agree with the paper.

It counts proposals, never seconds, and draws its random numbers from a generator of its own,
so that a schedule gives the same cohort on every machine.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synthesis.kernel import compiled
from synthesis.models import (
    REJECTED,
    Fits,
    fit_all,
    follow,
    list_failures,
    prepare,
    remember,
    screen,
    settle,
    take_back,
    take_over,
    touch,
)
from synthesis.moves import FAILURE, allowed, apply, exponential_deviate, propose, revert

FloatArray = npt.NDArray[np.float64]

_LOOSE = 2e-4  # when a Newton step counts as none, in standard errors
# How far above the threshold a screened loss may be to be settled: the more so the hotter it is,
# for moves are then larger and their screening less exact.
_SLACK, _SLACK_HOT = 0.02, 0.25


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
        Weight of the squared distances in standard errors. It spreads what cannot be reached
        over all numbers.
    ladder
        Weight of the steps by which nearly right is told from right. It gathers what cannot be
        reached in few numbers.
    margin
        Share of each printed interval to stay within, 1 for all of it, with a ladder only.
    """

    proposals: int
    hot: float
    cool: float
    quadratic: float
    ladder: float = 0.0
    margin: float = 1.0

    unit = "proposals"

    @property
    def length(self) -> int:
        """How many ``unit`` there are."""
        return self.proposals

    @property
    def weights(self) -> FloatArray:
        """The weights as compiled code takes them."""
        return np.array([self.quadratic, self.ladder, self.margin])


@compiled
def copy_cohort(source: Any, target: Any) -> None:
    """Copy all that moves can change."""
    target.death[:] = source.death
    target.failure[:] = source.failure
    target.x[:] = source.x


@compiled
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
    fit_all(cohort, work, goal, fits, weights)
    new = Fits(fits.b.copy(), fits.se.copy(), fits.loss.copy())
    total = settle(cohort, work, goal, fits, new, weights)
    take_over(work, fits, new)
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
        remember(cohort, work)
        changed = apply(cohort, move)
        if not allowed(cohort, move, changed, work.order_try, work.days):
            revert(cohort, move)
            continue
        order = follow(cohort, work, move, changed)
        touch(cohort, move, changed, work.touched)
        threshold = total + temperature * exponential_deviate(random)
        # One Newton step tells nearly always that a proposal is too bad; only what may pass is
        # fitted to the end.
        loss = screen(
            cohort, work, order, goal, fits, new, weights, changed, _LOOSE,
            threshold + _SLACK + _SLACK_HOT * temperature,
        )  # fmt: skip
        if loss >= REJECTED:
            take_back(cohort, work, move, changed)
            continue
        if changed & FAILURE:
            list_failures(cohort, work)
        loss = settle(cohort, work, goal, fits, new, weights)
        if loss <= threshold:
            accepted += 1
            total = loss
            take_over(work, fits, new)
            if total < best_loss - 1e-9:
                best_loss = total
                copy_cohort(cohort, best)
        else:
            take_back(cohort, work, move, changed)
            if changed & FAILURE:
                list_failures(cohort, work)
            take_over(work, new, fits)
            settle(cohort, work, goal, fits, new, weights)
    return total, best_loss, accepted
