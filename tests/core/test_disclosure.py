"""What is hidden, and that it cannot be found again."""

from operator import mod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reanalysis.core.counts import Count, count, parts
from reanalysis.core.disclosure import (
    HIDDEN,
    MADE_UP,
    Policy,
    TooFew,
    hidden,
    hidden_in_table,
    hidden_parts,
    may_show,
    may_show_quantile,
    wide_steps,
)

SMALLEST = 5
HIDES = Policy(SMALLEST)


def test_a_policy_hides_below_its_smallest_number() -> None:
    assert HIDES.hides and not MADE_UP.hides
    assert [HIDES.may_show(n) for n in (0, 1, 4, 5)] == [True, False, False, True]
    assert [HIDES.may_show(n, 20) for n in (0, 4, 15, 16, 20)] == [True, False, True, False, True]
    assert all(MADE_UP.may_show(n, 3) for n in (0, 1, 2, 3))
    assert HIDES.note == (
        "Hidden: fewer than 5 patients, or a number from which such a one would follow."
    )
    assert may_show(3, None, 3) and not may_show(3, None, 4)


def test_single_patients_are_refused_where_anything_is_hidden() -> None:
    with pytest.raises(TooFew, match="fewer than 5 patients"):
        HIDES.refuse_single_patients()
    MADE_UP.refuse_single_patients()


def test_numbers_of_a_sentence() -> None:
    assert [str(count(n, HIDES)) for n in (0, 1, 4, 5)] == ["0", HIDDEN, HIDDEN, "5"]
    assert [f"{count(n, HIDES, of=20)}" for n in (0, 15, 16, 20)] == ["0", "15", HIDDEN, "20"]
    shares = [count(n, HIDES, of=20).percent() for n in (10, 18)]
    assert shares == ["50.0", HIDDEN]


def test_of_people_who_were_made_up_every_number_is_shown() -> None:
    assert [str(count(n, MADE_UP, of=3)) for n in (0, 1, 2)] == ["0", "1", "2"]
    assert count(1, MADE_UP, of=3).percent() == "33.3"
    assert may_show_quantile(pd.Series([1.0]), 1.0, MADE_UP.smallest)
    assert not may_show_quantile(pd.Series([1.0]), 1.0, SMALLEST)


def test_patients_are_counted_from_what_is_known_of_them() -> None:
    which = pd.Series([True] * 6 + [False] * 9 + [None])
    assert str(count(which, HIDES)) == "6" and count(which, HIDES).of == 15
    assert str(count(pd.Series([True] * 12 + [False] * 3), HIDES)) == HIDDEN  # three are left
    assert count(pd.DataFrame({"a": range(7)}), HIDES) == 7
    shown = parts(pd.Series({"a": 3, "b": 20, "c": 7}), HIDES)
    assert {part: str(n) for part, n in shown.items()} == {"a": HIDDEN, "b": "20", "c": HIDDEN}


def test_what_is_hidden_does_not_come_back_by_arithmetic_or_printing() -> None:
    few, many = Count(3, HIDES), Count(40, HIDES)
    for text in (f"{few:d}", f"{few}", f"{few!r}", mod("%s", few), str(many + few), str(100 - few)):
        assert text == HIDDEN
    assert str(many - 38) == HIDDEN and str(sum([many, many])) == "80"
    with pytest.raises(TypeError):
        int(few)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        mod("%d", few)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30).map(pd.Series), st.floats(0, 1))
def test_a_quantile_is_nobody_s_own(values: pd.Series, level: float) -> None:
    quantile = values.quantile(level)
    if may_show_quantile(values, quantile, SMALLEST):
        assert sorted(values)[SMALLEST - 1] <= quantile <= sorted(values)[-SMALLEST]


def test_a_single_small_cell_takes_its_neighbour_along() -> None:
    assert hidden_parts([3, 20, 7], SMALLEST) == [True, False, True]
    assert hidden_parts([3, 20], SMALLEST) == [True, True]
    assert hidden_parts([0, 20, 7], SMALLEST) == [False, False, False]


def test_two_small_cells_that_are_few_together_take_a_third() -> None:
    # 1 + 1 = 2 would follow from the total, and each is at least 1.
    assert hidden_parts([1, 1, 40, 9], SMALLEST) == [True, True, False, True]


def test_zeros_are_hidden_only_where_nothing_else_helps() -> None:
    assert hidden_parts([3, 0, 0], SMALLEST) == [True, True, True]
    assert hidden_parts([1, 4, 0], SMALLEST) == [True, True, True]
    assert hidden_parts([3, 0, 30], SMALLEST) == [True, False, True]


counts = st.integers(0, 40)
shapes = st.tuples(st.integers(1, 4), st.integers(1, 4)).filter(lambda shape: shape != (1, 1))
tables = shapes.flatmap(
    lambda shape: st.lists(counts, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells).reshape(shape)
    )
)


def largest(table: np.ndarray, mask: np.ndarray, cell: tuple[int, int], lower: int) -> int:
    """The largest value that a cell can have, given the other cells and all the totals."""
    free = list(map(tuple, np.argwhere(mask)))
    # A line of a single cell has no total beside it.
    axes = [axis for axis in (0, 1) if table.shape[1 - axis] > 1]
    lines = [[c for c in free if c[axis] == i] for axis in axes for i in range(table.shape[axis])]
    rows = [[float(c in line) for c in free] for line in lines if line]
    sums = [sum(table[c] for c in line) for line in lines if line]
    aim = [-float(c == cell) for c in free]
    found = milp(
        aim,
        constraints=LinearConstraint(np.array(rows), sums, sums),
        bounds=Bounds(lower, np.inf),
        integrality=np.ones(len(free)),
    )
    assert found.success
    return round(-found.fun)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_no_hidden_cell_follows_from_the_margins(table: np.ndarray) -> None:
    mask = hidden_in_table(table, SMALLEST)
    small = (table > 0) & (table < SMALLEST)
    assert (mask >= small).all()
    if not small.any():
        assert not mask.any()
    zeros_hidden = bool((mask & (table == 0)).any())
    for cell in map(tuple, np.argwhere(small)):
        # Nobody can tell that the cell is small, unless nothing is left that could be hidden.
        assert largest(table, mask, cell, 1 - zeros_hidden) >= SMALLEST or mask.all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_no_part_of_a_whole_can_be_counted_out(parts: list[int]) -> None:
    mask = hidden_parts(parts, SMALLEST)
    behind = [part for part, hide in zip(parts, mask, strict=True) if hide]
    if behind and len(behind) < len(parts):
        # The others at their least, one of them still need not be small.
        least = 0 if 0 in behind else 1
        assert len(behind) > 1
        assert sum(behind) - least * (len(behind) - 1) >= SMALLEST


def test_numbers_that_are_published_nowhere_do_not_follow_from_others() -> None:
    # 10 within 3 months and 12 within 6: two between.
    values = [10, 2, 18, 10, 12, 30]
    sums = [(3, [0]), (4, [0, 1]), (5, [0, 1, 2])]
    mask = hidden(values, sums, SMALLEST, public=[5], unpublished=[0, 1, 2])
    assert list(mask) in ([True] * 4 + [False] * 2, [True] * 3 + [False, True, False])


@given(st.lists(st.integers(0, 8), max_size=30).map(lambda s: list(np.cumsum(s, dtype=int))))
def test_steps_of_a_running_count_stand_for_enough_patients(running: list[int]) -> None:
    shown = wide_steps(running, SMALLEST)
    steps = np.diff([0, *shown])
    assert all(step == 0 or step >= SMALLEST for step in steps)
    assert all(s <= r for s, r in zip(shown, running, strict=True))
    if running and running[-1] >= SMALLEST:
        assert shown[-1] == running[-1]
    assert wide_steps(running, 0) == running
