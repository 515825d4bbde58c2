"""What the privacy page says of what remains is what is measured."""

import re

import numpy as np
import pytest
from private_cohorts import SIZES
from what_remains import TABLES, events_from_intervals, narrowed, narrowed_by_the_rule, steps

from reanalysis.core.paths import ROOT

PAGE = " ".join((ROOT / "book" / "privacy.md").read_text(encoding="utf-8").split())


def listed(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def test_the_steps_of_curves_are_as_many_as_the_page_says() -> None:
    survival = [endpoints["OS"] for endpoints in steps().values()]
    died, shown = ([pair[i] for pair in survival] for i in (0, 1))
    assert f"Of {listed(list(SIZES))} patients {listed(died)} died;" in PAGE
    assert f"the book shows {listed(shown)} steps of overall survival" in PAGE


def test_who_knows_the_rule_learns_as_much_as_the_page_says() -> None:
    left = narrowed_by_the_rule()
    assert f"Of {left.total()} small numbers of a variable with three levels" in PAGE
    assert left[1] == 0 and "none was left with one value" in PAGE
    assert f"{left[2]} with two and {left[3] + left[4]} with three or four" in PAGE


@pytest.mark.slow
def test_an_integer_program_learns_as_much_as_the_page_says() -> None:
    said = re.search(
        r"In (\d+) random tables .* fewer than (\d+) values, .* median was (\d+)", PAGE
    )
    assert said is not None
    ways = [narrowed(known) for known in (False, True)]
    fewest, median = min(min(values) for values in ways), int(np.median(ways[0]))
    assert [int(number) for number in said.groups()] == [TABLES, fewest, median]


@pytest.mark.slow
def test_intervals_tell_as_much_as_the_page_says() -> None:
    pairs = events_from_intervals()
    right = sum(abs(told - true) <= 1 for true, told in pairs)
    assert f"of {len(pairs)} such groups {right} were right to within one death" in PAGE
