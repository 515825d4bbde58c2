"""The search for the synthetic cohort and its rounds, compiled and run for a few seconds.

No reader runs the search, and to compile it takes a minute: `make test-search` runs these tests.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.search

DATA = Path(__file__).parents[1] / "data"
# Fingerprints: of a search so short that it takes seconds, and of stored states some steps later.
SHORT = "038618a5743faeb4"
STORED_LATER = "8ae8d4b983453cf2"


def fingerprint(state: Any) -> str:
    digest = hashlib.sha256()
    for values in state:
        digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())
    return digest.hexdigest()[:16]


def short_steps() -> Any:
    from synthesis.finish import Finish
    from synthesis.rounds import Round
    from synthesis.search import Anneal, Blocks, Kick

    return (
        Anneal(5_000, 2.0, 0.5),
        Round(0.3, 400, trials=1, steps=50_000),
        Kick(0.1, 5),
        Round(0.1, 400, trials=1, steps=50_000, dearer=0.5, polish=True, floating=False),
        Blocks((0.3, 0.1), changes=200, steps=20_000),
        Finish((0.05,), changes=300, widths=(20, 10), cycles=1),
    )


def test_a_search_gives_the_same_cohort_each_time(tmp_path: Path) -> None:
    """From its seed, and through an interrupt after every step."""
    from synthesis import search, start

    plan, steps = start.Plan(3, 84), short_steps()
    through = search.search(plan, steps)
    assert fingerprint(through.state) == SHORT
    checkpoint = tmp_path / "seed.npz"
    for done in range(1, len(steps) + 1):
        resumed = search.search(plan, steps[:done], checkpoint)
        assert resumed.done == done
    assert fingerprint(resumed.state) == SHORT


@pytest.fixture
def drawn() -> Iterator[Any]:
    """A first cohort, and a way to make random moves that are allowed."""
    from synthesis import moves, numbers, start, state

    class Drawn:
        def __init__(self) -> None:
            self.state, self.rules = start.draw_state(start.Plan(5, 86))
            self.goal = numbers.published_goal()
            self.random = np.array([1], np.uint64)
            self.move = np.zeros(5, np.int64)

        def make_move(self) -> int:
            """Make one; gives what it changed."""
            while True:
                if moves.propose(self.random, self.state, 0, self.move):
                    changed = moves.apply(self.state, self.move)
                    if moves.allowed(self.state, self.rules, self.move, changed):
                        return int(changed)
                    moves.revert(self.state, self.move)

    assert state.PATIENTS == 302
    yield Drawn()


def test_a_first_cohort_is_believable(drawn: Any) -> None:
    from synthesis import state

    _holds(drawn.state, drawn.rules)
    assert (drawn.state.death == 1).sum() == 86
    rate = state.survival_at(drawn.state.follow_up, drawn.state.death)
    assert rate == pytest.approx(0.727, abs=0.006)


def test_moves_keep_what_is_published_and_believable(drawn: Any) -> None:
    """Thousands of random moves, each kind among them."""
    from synthesis import numbers, state

    before = state.copy_of(drawn.state)
    made = dict.fromkeys(range(4), 0)
    what = 0
    while min(made.values()) < 100:
        what |= drawn.make_move()
        made[int(drawn.move[0])] += 1
    assert what == numbers.EVERYTHING
    _holds(drawn.state, drawn.rules)
    assert drawn.state.death.sum() == before.death.sum()
    for row in set(range(11)) - {state.SIZE, state.SESSIONS}:
        assert np.array_equal(np.sort(drawn.state.x[row]), np.sort(before.x[row]))


def _holds(cohort: Any, rules: Any) -> None:
    from synthesis import state

    assert all(state.possible(cohort, k) for k in range(state.PATIENTS))
    assert state.deaths_are_smooth(cohort, rules)
    assert state.failures_are_smooth(cohort, rules)
    assert state.failures_die(cohort)
    assert state.beyond_splits(cohort, rules.splits) == 0
    assert np.median(cohort.x[state.SIZE]) == 20
    sessions = cohort.x[state.SESSIONS]
    assert [float(np.percentile(sessions, q)) for q in (25, 50, 75)] == [1, 3, 5]
    assert all((sessions > least).sum() <= most for least, most in state.SESSIONS_BEYOND)
    failed = np.sort(cohort.failure[cohort.failure > 0])
    assert len(failed) == state.FAILURES
    assert (np.diff(failed) > 0).all()
    assert (failed[4:] - failed[:-4] >= 60).all()


def test_effects_of_changes_are_measured(drawn: Any) -> None:
    """What two Newton steps say of a change is what a fit from scratch finds after it."""
    from synthesis import moves, numbers, rounds, state

    before = fingerprint(drawn.state)
    here, fits = numbers.numbers_of(drawn.state, drawn.goal)
    made, found = np.zeros((60, 5), np.int64), np.zeros((60, numbers.NUMBERS))
    many = rounds.measure(
        drawn.state, drawn.rules, drawn.goal, fits, here, drawn.random, 0.1, 0, made, found
    )
    assert many == 60
    assert fingerprint(drawn.state) == before
    for move, effect in zip(made, found, strict=True):
        changed = state.copy_of(drawn.state)
        moves.apply(changed, move)
        there, _ = numbers.numbers_of(changed, drawn.goal)
        # What the second step leaves out goes with the square of the first.
        assert (there - here)[: numbers.MODELS] == pytest.approx(effect[: numbers.MODELS], abs=2e-3)
        assert np.abs(effect).max() > 1e-4
        assert np.abs(effect[: numbers.MODELS]).max() <= 0.1


def test_numbers_are_those_of_the_books_libraries(drawn: Any) -> None:
    """Models, tests of proportional hazards and rates, against the package on the same cohort."""
    import io

    import pandas as pd
    from scipy.stats import norm

    from reanalysis.analysis.believable import _model, proportional_p
    from reanalysis.analysis.survival import event_times
    from reanalysis.compare.judge import load, regression_numbers
    from reanalysis.paper.study import ENDPOINTS
    from reanalysis.paper.targets import ROWS
    from synthesis import numbers
    from synthesis.assemble import assemble, to_csv

    here, fits = numbers.numbers_of(drawn.state, drawn.goal)
    text = to_csv(assemble(drawn.state, 1))
    cohort = load(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False))
    table = regression_numbers(cohort).loc[list(ROWS)]
    assert np.log(table["HR"]).to_numpy() == pytest.approx(fits.b[: numbers.ROWS], abs=2e-5)
    for endpoint, first, n in (("local_control", 0, 5), ("overall_survival", 5, 6)):
        times = event_times(cohort, ENDPOINTS[endpoint])
        p = proportional_p(cohort, times, _model(cohort, endpoint))
        z = here[len(here) - 14 + first : len(here) - 14 + first + n]
        assert 2 * norm.sf(np.abs(z)) == pytest.approx(p.iloc[:n].to_numpy(), abs=0.01)


def test_a_round_from_a_stored_state() -> None:
    """From the stored state of a search, the same each time."""
    from synthesis import numbers, rounds, search, state

    progress = search.Progress.load(DATA / "synthetic_search.npz")
    goal = search.floating(numbers.published_goal())
    before = fingerprint(progress.state)
    this = rounds.Round(0.05, changes=1500, trials=2)
    found, far = rounds.play(progress.state, progress.rules, goal, this, progress.random.copy())
    again, _ = rounds.play(progress.state, progress.rules, goal, this, progress.random.copy())
    assert fingerprint(progress.state) == before != fingerprint(found)
    assert fingerprint(found) == fingerprint(again) == STORED_LATER
    here, _ = numbers.numbers_of(progress.state, goal)
    # Every round is accepted, even one that goes back a little.
    assert far < 2 * rounds.distance(here, goal)
    _holds(found, progress.rules)
    assert state.copy_of(found).death.sum() == progress.state.death.sum()


def test_the_best_sum_of_two_changes_is_found() -> None:
    from synthesis.finish import Finish, best_sums
    from synthesis.numbers import Goal

    nothing = np.zeros(0)
    goal = Goal(np.full(2, 0.99), np.full(2, 1.01), np.full(2, 0.5), nothing, nothing)
    effects = np.array([[1.0, 0.3], [0.0, 0.7], [0.4, 1.0], [1.0, 0.3]])
    moves = np.array([(0, i, j, 1, 0) for i, j in ((0, 1), (2, 3), (4, 5), (2, 9))])
    left, chosen = best_sums(np.zeros(2), moves, effects, goal, Finish(widths=(4, 4)))[0]
    # The last change would do as well, but it concerns a patient of the second.
    assert (left, set(chosen)) == (0.0, {0, 1})


def test_the_last_digits_are_never_lost() -> None:
    """Few changes at once: what is allowed, and fewer numbers off than before."""
    from synthesis import finish, numbers, search

    progress = search.Progress.load(DATA / "synthetic_search.npz")
    goal = numbers.published_goal()
    before = finish.count_off(numbers.numbers_of(progress.state, goal)[0], goal, 5e-4, 1.0)
    this = finish.Finish(changes=400, widths=(40, 20))
    found, left = finish.turn(
        progress.state, progress.rules, goal, this, 0.03, progress.random.copy()
    )
    assert left < before
    assert finish.count_off(numbers.numbers_of(found, goal)[0], goal, 5e-4, 1.0) == left
    _holds(found, progress.rules)


def test_a_kick_leaves_events_alone() -> None:
    from synthesis import numbers, search

    progress = search.Progress.load(DATA / "synthetic_search.npz")
    from_there = progress.best if progress.agree else progress.state
    steps = (search.Kick(0.1, 10),) * (progress.done + 1)
    search.advance(progress, steps, numbers.published_goal())
    assert np.array_equal(progress.state.failure, from_there.failure)
    assert np.array_equal(progress.state.death, from_there.death)
    assert not np.array_equal(progress.state.x, from_there.x)
    _holds(progress.state, progress.rules)


def test_a_covariate_is_solved_by_exchanging_it_alone() -> None:
    from synthesis import numbers, rounds, search, state

    progress = search.Progress.load(DATA / "synthetic_search.npz")
    goal = numbers.published_goal()
    here, _ = numbers.numbers_of(progress.state, goal)
    solved = search.solve_blocks(progress, goal, search.Blocks((0.1, 0.03, 0.01), changes=800))
    there, _ = numbers.numbers_of(solved, goal)
    assert rounds.distance(there, goal) <= rounds.distance(here, goal)
    alone = [state.AGE, state.ECOG, state.ETIOLOGY, state.LATE]
    others = [row for row in range(11) if row not in alone]
    assert np.array_equal(solved.x[others], progress.state.x[others])
    assert np.array_equal(solved.failure, progress.state.failure)
