"""The parts of the search that need nothing compiled; its every module is imported, too."""

from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest

import synthesis

MODULES = sorted({module.name for module in iter_modules(synthesis.__path__)} - {"__main__"})


@pytest.mark.parametrize("name", MODULES)
def test_module_can_be_imported(name: str) -> None:
    import_module(f"synthesis.{name}")


def test_linear_program_picks_the_changes_that_are_needed() -> None:
    from synthesis import effects, repair

    wanted = effects.Boxes(np.array([1.0, -0.1]), np.array([1.1, 0.1]), np.zeros(2))
    changes = np.array([[0.5, 0.4], [0.5, -0.4], [-1.0, 0.0], [0.2, 0.7]])
    fractions = repair.pick(changes, np.zeros(2), wanted, most=4, cost=1e-3)
    assert fractions == pytest.approx([1, 1, 0, 0], abs=1e-9)
    # With one change only, half of each.
    assert repair.pick(changes, np.zeros(2), wanted, most=1, cost=1e-3).sum() == pytest.approx(1)


def test_gathered_distances_are_few() -> None:
    from synthesis import effects, repair

    wanted = effects.Boxes(np.zeros(3), np.zeros(3), np.array([0.05, 0.05, 0.0]))
    one, both = np.array([0.04, 0.0, 0.0]), np.array([0.02, 0.02, 0.0])
    assert repair.distance(one, wanted, 0.0) == pytest.approx(0.04)
    assert repair.distance(both, wanted, 0.0) == pytest.approx(0.04)
    assert repair.distance(one, wanted, 0.004) < repair.distance(both, wanted, 0.004) < 0.008
    # What is not tolerated costs the more.
    assert repair.distance(np.array([0.06, 0.0, 0.0]), wanted, 0.004) > 0.03
    assert repair.distance(np.array([0.0, 0.0, 0.01]), wanted, 0.004) == pytest.approx(0.04)
