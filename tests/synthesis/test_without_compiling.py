"""The parts of the search that compile little or nothing; its every module is imported, too."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest

import synthesis

MODULES = sorted({module.name for module in iter_modules(synthesis.__path__)} - {"__main__"})


@pytest.mark.parametrize("name", MODULES)
def test_module_can_be_imported(name: str) -> None:
    import_module(f"synthesis.{name}")


def wanted(low: list[float], high: list[float], tolerance: list[float]) -> Any:
    from synthesis.numbers import Goal

    nothing = np.zeros(0)
    return Goal(np.array(low), np.array(high), np.array(tolerance), nothing, nothing)


def exchanges(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array([(0, i, j, 1, 0) for i, j in pairs])


def test_linear_program_picks_the_changes_that_are_needed() -> None:
    from synthesis.rounds import pick

    goal = wanted([1.0, -0.1], [1.1, 0.1], [0.0, 0.0])
    changes = np.array([[0.5, 0.4], [0.5, -0.4], [-1.0, 0.0], [0.2, 0.7]])
    apart = exchanges((0, 1), (2, 3), (4, 5), (6, 7))
    fractions, _ = pick(changes, apart, np.zeros(2), goal, cost=1e-3)
    assert fractions == pytest.approx([1, 1, 0, 0], abs=1e-6)
    # Of two that concern one patient there is one in all.
    together = exchanges((0, 1), (1, 3), (4, 5), (6, 7))
    fractions, _ = pick(changes, together, np.zeros(2), goal, cost=1e-3)
    assert fractions[:2].sum() <= 1 + 1e-6


def test_every_change_that_helps_comes_into_the_linear_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Begun with two of the changes, it ends where the whole program does."""
    from synthesis import rounds

    rng = np.random.default_rng(2)
    goal = wanted([1.0] * 4, [1.1] * 4, [0.1] * 4)
    changes = rng.normal(0.0, 0.3, (60, 4))
    apart = exchanges(*((k, 100 + k) for k in range(60)))
    left = []
    for columns in (60, 2):
        monkeypatch.setattr(rounds, "_COLUMNS", columns)
        fractions, reduced = rounds.pick(changes, apart, np.zeros(4), goal, cost=0.01)
        outside = np.maximum(0.0, np.abs(fractions @ changes - 1.05) - 0.05).sum()
        left.append(outside + 0.01 * fractions.sum())
        assert reduced[fractions == 0.0].min() > -1e-6
    assert left[0] == pytest.approx(left[1], abs=1e-5)


def test_what_is_not_tolerated_costs_more() -> None:
    from synthesis.rounds import distance

    goal = wanted([0.0, 0.0], [0.0, 0.0], [0.05, 0.0])
    assert distance(np.array([0.04, 0.0]), goal) == pytest.approx(0.04)
    assert distance(np.array([0.0, 0.04]), goal) == pytest.approx(4 * 0.04)


def test_numbers_that_are_off_are_counted() -> None:
    """However far they are off, as long as that is tolerated."""
    from synthesis.finish import count_off

    goal = wanted([0.0] * 3, [0.0] * 3, [0.05, 0.05, 0.0])
    assert count_off(np.zeros(3), goal, 5e-4, 1.0) == 0.0
    one, both = np.array([0.04, 0.0, 0.0]), np.array([0.02, 0.02, 0.0])
    assert 0.95 < count_off(one, goal, 5e-4, 1.0) < 1.0
    assert 1.9 < count_off(both, goal, 5e-4, 1.0) < 2.0
    assert count_off(np.array([0.06, 0.0, 0.0]), goal, 5e-4, 1.0) > 2.0
    assert count_off(np.array([0.0, 0.0, 1e-4]), goal, 5e-4, 1.0) > 2.0
    far = np.array([0.06, 0.0, 0.0])
    more = count_off(far, goal, 5e-4, 4.0) - count_off(far, goal, 5e-4, 1.0)
    assert more == pytest.approx(3.0)


def test_the_linear_program_has_one_best_value() -> None:
    from synthesis.rounds import pick

    rng = np.random.default_rng(3)
    goal = wanted([1.0] * 4, [1.1] * 4, [0.1] * 4)
    changes = rng.normal(0.0, 0.3, (60, 4))
    apart = exchanges(*((k, 100 + k) for k in range(60)))
    left = []
    for presolve in (True, False):
        fractions, _ = pick(changes, apart, np.zeros(4), goal, 0.01, presolve)
        outside = np.maximum(0.0, np.abs(fractions @ changes - 1.05) - 0.05).sum()
        left.append(outside + 0.01 * fractions.sum())
    assert left[0] == pytest.approx(left[1], abs=1e-5)


def test_a_search_that_is_too_far_off_is_given_up() -> None:
    from synthesis.numbers import published_goal
    from synthesis.search import GiveUp, Progress, advance

    steps = (GiveUp(1.5), GiveUp(0.5), GiveUp(0.1))
    progress = Progress.__new__(Progress)
    progress.done, progress.far = 0, 1.2
    advance(progress, steps, published_goal())
    assert progress.done == 1
    advance(progress, steps, published_goal())
    assert progress.done == len(steps)


@pytest.mark.parametrize("deaths", [79, 85, 90])
def test_deaths_are_split_as_the_intervals_imply(deaths: int) -> None:
    from reanalysis.paper.implied import event_splits
    from reanalysis.paper.targets import published_rows
    from synthesis.start import deaths_by_group

    rows = {row.key: row for row in published_rows()}
    names = ("ps", "cp", "etio", "bclc", "afp", "cr3", "anycr")
    for name, first in zip(names, deaths_by_group(deaths), strict=True):
        possible = [split for split, _ in event_splits(rows[f"OS.u.{name}"], deaths, 1.05)]
        assert first in possible, name


def test_members_of_the_ensemble_differ_in_what_the_paper_leaves_open() -> None:
    from synthesis.generate import SEEDS, plan_of

    plans = [plan_of(seed) for seed in SEEDS]
    assert plans == [plan_of(seed) for seed in SEEDS]
    assert len({plan.deaths for plan in plans}) > 3
    assert len({(plan.shape, plan.failure_shape, plan.tail) for plan in plans}) == len(SEEDS)
    many = [plan_of(seed).deaths for seed in range(1001, 1201)]
    assert (min(many), max(many)) == (79, 90)


def test_an_archive_is_the_same_each_time(tmp_path: Path) -> None:
    import zipfile

    from synthesis.generate import pack

    members = {2: "b\n", 1: "a\n"}
    first = pack(members)
    assert first == pack(dict(sorted(members.items())))
    (tmp_path / "x.zip").write_bytes(first)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["1.csv", "2.csv"]


def test_images_are_two_to_three_months_apart() -> None:
    from synthesis.images import image_days

    rng = np.random.default_rng(1)
    for _ in range(200):
        response = int(rng.integers(40, 300))
        failure = response + int(rng.integers(50, 700))
        days = image_days(rng, failure + 400, [response, failure])
        assert {response, failure} <= set(days)
        steps = np.diff(days)
        assert days[0] >= 38
        assert steps.min() >= 34
        assert steps.max() <= 110
