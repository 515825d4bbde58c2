"""The search for the synthetic cohort and its repair, compiled and run for a few seconds.

No reader runs the search, and to compile it takes minutes: `make test-search` runs these tests.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rules import failures_come_apart, half_up

from reanalysis.paper.register import published
from synthesis.start import failure_times, survival_at

pytestmark = pytest.mark.search

DEATHS = 88
STORED_LATER = "ad0bcca250dfe5af"  # the fingerprint of the stored state, a stretch later


def test_search_is_deterministic() -> None:
    from synthesis.generate import SHORT, fingerprint, run_short

    assert fingerprint(run_short()) == SHORT


@pytest.fixture
def searched() -> Iterator[Any]:
    """A first cohort with its fits, and a way to make random moves that are allowed."""
    from synthesis import loss, models, moves, search, start

    class Searched:
        def __init__(self) -> None:
            self.state = start.draw_state(seed=5, deaths=DEATHS)
            self.cohort, self.work = models.cohort_of(self.state), models.new_work()
            self.goal = loss.published_goal(DEATHS)
            self.weights = search.Stage(1, 1.0, 1.0, quadratic=1.0).weights
            self.random = np.array([1], np.uint64)
            models.prepare(self.cohort, self.work)

        def make_move(self) -> int:
            """Make one; gives what it changed."""
            cohort, work = self.cohort, self.work
            while True:
                if moves.propose(self.random, cohort, work.failed, work.packed, work.move):
                    models.remember(cohort, work)
                    changed = moves.apply(cohort, work.move)
                    if moves.allowed(cohort, work.move, changed, work.order_try, work.days):
                        return changed
                    moves.revert(cohort, work.move)

    yield Searched()


def test_moves_keep_what_is_published(searched: Any) -> None:
    """Thousands of random moves, each kind among them, and the cohort is as possible as before."""
    from synthesis import models, moves, start

    state, before = searched.state, searched.state.copy()
    made = dict.fromkeys(range(4), 0)
    what = 0
    while min(made.values()) < 100:
        changed = searched.make_move()
        models.follow(searched.cohort, searched.work, searched.work.move, changed)
        models.list_failures(searched.cohort, searched.work)
        made[int(searched.work.move[0])] += 1
        what |= changed
    assert what == moves.EVERY_COVARIATE | moves.FAILURE | moves.DEATH

    assert all(start.is_possible(state, k) for k in range(start.PATIENTS))
    assert state.death.sum() == before.death.sum()
    assert (state.failure > 0).sum() == start.FAILURES
    assert set(searched.work.failed) == set(np.flatnonzero(state.failure))
    assert ((state.failure > 0) & (state.death == 0)).sum() >= 7
    for row in set(range(11)) - {start.SIZE, start.SESSIONS}:
        assert np.array_equal(np.sort(state.covariates[row]), np.sort(before.covariates[row]))
    assert np.median(state.covariates[start.SIZE]) == 20
    sessions = state.covariates[start.SESSIONS]
    assert [float(np.percentile(sessions, q)) for q in (25, 50, 75)] == [1, 3, 5]
    assert all((sessions > least).sum() <= most for least, most in start.SESSIONS_BEYOND)
    failed = np.sort(state.failure[state.failure > 0])
    assert failures_come_apart(failed)


def test_screening_tells_what_a_move_does(searched: Any) -> None:
    """One step from the kept sums against a fit from scratch, for every kind of move."""
    from synthesis import loss, models, moves

    cohort, work, goal, weights = (
        searched.cohort,
        searched.work,
        searched.goal,
        searched.weights,
    )
    fits = models.first_fits(goal)
    models.fit_all(cohort, work, goal, fits, weights)
    settled = models.Fits(*(part.copy() for part in fits))
    total = models.settle(cohort, work, goal, fits, settled, weights)
    assert total == pytest.approx(fits.loss.sum(), rel=1e-3)
    screened = models.Fits(*(part.copy() for part in fits))
    rows, what = [], 0
    for _ in range(600):
        changed = searched.make_move()
        what |= changed
        order = models.follow(cohort, work, work.move, changed)
        models.touch(cohort, work.move, changed, work.touched)
        touched = work.touched[: loss.ROWS].copy()
        args = (cohort, work, order, goal, fits, screened, weights, changed, 1e-8, 1e12)
        if models.screen(*args) < models.REJECTED and touched.any():
            exact = models.refit(goal, searched.state)
            b, se = exact.b[:-1][touched], exact.se[touched]
            step = np.abs((fits.b[:-1][touched] - b) / se).max()
            off = np.abs((screened.b[:-1][touched] - b) / se).max()
            wide = np.abs(screened.se[touched] / se - 1).max()
            rows.append((step, off, wide))
        models.take_back(cohort, work, work.move, changed)
    assert what == moves.EVERY_COVARIATE | moves.FAILURE | moves.DEATH
    step, off, wide = np.array(rows).T
    assert 0.01 < np.median(step) < 1
    # A Newton step leaves out what goes with the square of its length, and of the standard errors
    # of a multivariable model what goes with the length itself.
    assert (off <= 1e-4 + step**2).all()
    assert (wide <= 1e-4 + step / 2).all()


def test_search_goes_on_from_a_stored_state() -> None:
    """The committed cohort's own chain, a stretch of its last stage of annealing."""
    from synthesis.generate import WINNER, Progress, advance, fingerprint

    progress = Progress.load(Path(__file__).parents[1] / "data" / "synthetic_search.npz")
    before = fingerprint(progress.state)
    assert advance(WINNER, progress, 20_000) == 20_000
    state = progress.state
    assert fingerprint(state) == STORED_LATER != before
    # In the cold no event is left on the wrong side of 36 months.
    event = (state.failure > 0).astype(np.int64)
    assert half_up(100 * survival_at(failure_times(state), event), 1) == published("km36.LC")
    assert half_up(100 * survival_at(state.follow_up, state.death), 1) == published("km36.OS")


def test_search_survives_an_interrupt(tmp_path: Path) -> None:
    from synthesis.generate import SHORT_CHAIN, Progress, advance, begin, fingerprint

    through, resumed = begin(SHORT_CHAIN), begin(SHORT_CHAIN)
    for _ in range(3):
        advance(SHORT_CHAIN, through, 500)
        advance(SHORT_CHAIN, resumed, 500)
        resumed.save(tmp_path / "chain.npz")
        resumed = Progress.load(tmp_path / "chain.npz")
    assert through.done == resumed.done == 1500
    assert fingerprint(through.state) == fingerprint(resumed.state)
    assert fingerprint(through.best) == fingerprint(resumed.best)


def test_repair_survives_an_interrupt(tmp_path: Path) -> None:
    """Every stage and round of a chain from a checkpoint, and the end is the same."""
    from synthesis.generate import (
        SHORT,
        SHORT_CHAIN,
        Progress,
        advance,
        begin,
        fingerprint,
    )

    progress, advances = begin(SHORT_CHAIN), 0
    while progress.stage < len(SHORT_CHAIN.stages):
        advance(SHORT_CHAIN, progress)
        progress.save(tmp_path / "chain.npz")
        progress = Progress.load(tmp_path / "chain.npz")
        advances += 1
    assert advances == 4  # two stages of annealing, and two rounds of repair
    assert fingerprint(progress.best) == SHORT


# Its repair


def test_effects_of_changes_are_measured(searched: Any) -> None:
    """What is measured of a change is what a fit from scratch finds after it."""
    from synthesis import effects, models, moves
    from synthesis.generate import fingerprint

    state, goal = searched.state, searched.goal
    before = fingerprint(state)
    here, fits, work = effects.where(state, goal)
    made, found = np.zeros((60, 5), np.int64), np.zeros((60, effects.ALL))
    many = effects.measure(
        searched.cohort, work, goal, fits, searched.random, 100_000, 0.5, here, made, found
    )
    assert many == 60
    assert fingerprint(state) == before
    for move, effect in zip(made, found, strict=True):
        changed = state.copy()
        moves.apply(models.cohort_of(changed), move)
        there = effects.where(changed, goal)[0]
        assert there - here == pytest.approx(effect, abs=2e-5)
        assert np.abs(effect).max() > 1e-4
        assert np.abs(effect[:132]).max() <= 0.5


def test_repair_brings_a_cohort_nearer() -> None:
    """A round from a stored state: a nearer cohort, as possible as before, the same each time."""
    from dataclasses import replace

    from synthesis import effects, generate, loss, repair, start

    progress = generate.Progress.load(Path(__file__).parents[1] / "data" / "synthetic_repair.npz")
    goal = loss.published_goal(generate.WINNER.deaths)
    stage = generate.WINNER.stages[progress.stage]
    short = replace(stage, largest=(0.01,), proposals=20_000, trials=2, steps=200_000)
    before = progress.state.copy()
    found, far = repair.repair_round(progress.state, goal, short, 0, progress.random.copy())
    again, _ = repair.repair_round(progress.state, goal, short, 0, progress.random.copy())
    assert generate.fingerprint(progress.state) == generate.fingerprint(before)
    assert generate.fingerprint(found) == generate.fingerprint(again)
    assert generate.fingerprint(found) != generate.fingerprint(before)
    wanted = effects.boxes(goal)
    assert far == repair.distance(effects.where(found, goal)[0], wanted, short.gather)
    assert far < repair.distance(effects.where(before, goal)[0], wanted, short.gather)
    assert all(start.is_possible(found, k) for k in range(start.PATIENTS))
    assert found.death.sum() == before.death.sum()
    assert (found.failure > 0).sum() == start.FAILURES
