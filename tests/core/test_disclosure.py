"""What is hidden, and that it cannot be found again."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reanalysis.analysis.survival import SurvivalCurve, kaplan_meier
from reanalysis.cohort.loading import COHORT_VARIABLE
from reanalysis.core import disclosure, paths
from reanalysis.core.disclosure import (
    HIDDEN,
    hidden,
    hidden_in_table,
    hidden_parts,
    may_show_quantile,
    patients,
    share,
    wide_steps,
)
from reanalysis.page.counts import events_of
from reanalysis.page.figures import Shown, at_risk, draw_rug, plot_survival
from reanalysis.page.table import Table

SMALLEST = 5


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(COHORT_VARIABLE, str(tmp_path / "ours.csv"))


def test_the_policy_is_that_of_the_cohort(monkeypatch: pytest.MonkeyPatch) -> None:
    assert disclosure.smallest_cell() == 0
    monkeypatch.setenv(COHORT_VARIABLE, str(paths.SYNTHETIC_COHORT))
    assert disclosure.smallest_cell() == 0
    monkeypatch.setenv(COHORT_VARIABLE, "ours.csv")
    assert disclosure.smallest_cell() == SMALLEST


@pytest.mark.usefixtures("private")
def test_numbers_of_a_sentence() -> None:
    assert [patients(n) for n in (0, 1, 4, 5)] == ["0", HIDDEN, HIDDEN, "5"]
    assert [patients(n, of=20) for n in (0, 15, 16, 20)] == ["0", "15", HIDDEN, "20"]
    assert (share(10, 20), share(18, 20)) == ("50.0", HIDDEN)


def test_the_synthetic_cohort_shows_every_number() -> None:
    assert [patients(n, of=3) for n in (0, 1, 2)] == ["0", "1", "2"]
    assert may_show_quantile(pd.Series([1.0]), 1.0)


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


@pytest.mark.usefixtures("private")
def test_a_table_hides_small_counts_and_the_rates_beside_them() -> None:
    frame = pd.DataFrame({"group": ["a", "b", "c"], "n": [3, 40, 12], "rate": [66.7, 50.0, 25.0]})
    table = Table(frame, "Made up", "A note.")
    assert list(table.frame["n"]) == [HIDDEN, 40, HIDDEN]
    assert list(table.frame["rate"]) == [HIDDEN, 50.0, HIDDEN]
    assert table.note.startswith("A note. Hidden: fewer than 5 patients")
    assert "66.7" not in repr(table) + table._repr_html_()
    assert list(Table(frame, "Made up", counts=[]).frame["n"]) == [3, 40, 12]


@pytest.mark.usefixtures("private")
def test_a_table_of_single_patients_is_not_shown() -> None:
    with pytest.raises(disclosure.TooFew):
        Table(pd.DataFrame({"patient_id": ["P1"], "months": [3.0]}), "Made up")


def test_tables_of_the_synthetic_cohort_are_as_they_are() -> None:
    frame = pd.DataFrame({"patient_id": ["P1"], "n": [3], "rate": [66.7]})
    table = Table(frame, "Made up", "A note.")
    assert table.frame.equals(frame) and table.note == "A note."


def curve_of(n: int) -> SurvivalCurve:
    return kaplan_meier(pd.DataFrame({"months": np.arange(n) + 1.0, "event": 1}))


def test_numbers_at_risk_below_a_curve() -> None:
    months = [0, 4, 8, 12]
    assert at_risk(curve_of(10), months) == ["10", "7", "3", "0"]
    assert at_risk(curve_of(10), months, SMALLEST) == ["10", "7", "<5", "0"]


@pytest.mark.usefixtures("private")
def test_no_curve_of_fewer_patients_than_may_be_shown() -> None:
    with pytest.raises(disclosure.TooFew):
        plot_survival({"all": curve_of(20), "few": curve_of(4)}, "Overall survival")


@pytest.mark.usefixtures("private")
def test_bars_of_small_numbers_are_all_alike() -> None:
    figure, axes = plt.subplots()
    bars = axes.bar(range(4), [1, 30, 4, 12])
    shown = Shown(figure, alt="Bars.", caption="Made up.")
    # 1 + 4 are few together, and allow each to be no more than 4.
    assert [bar.get_height() for bar in bars] == [5, 30, 5, 5]
    assert "Pale bars, all of one length: hidden: fewer than 5" in shown.caption


@pytest.mark.usefixtures("private")
def test_bars_of_shares_and_of_other_things_are_left_alone() -> None:
    figure, axes = plt.subplots()
    shares = axes.barh([0, 1], [1.5, 2.0])
    assert Shown(figure, alt="Bars.", caption="Made up.").caption == "Made up."
    assert [bar.get_width() for bar in shares] == [1.5, 2.0]
    figure, axes = plt.subplots()
    numbers = axes.barh([0, 1], [1, 20])
    _ = Shown(figure, alt="Bars.", caption="Made up.", counts_patients=False)
    assert [bar.get_width() for bar in numbers] == [1, 20]


@pytest.mark.usefixtures("private")
def test_a_tick_stands_for_enough_patients() -> None:
    figure, axes = plt.subplots()
    draw_rug(axes, pd.Series([2.1] * 3 + [1.9, 2.2, 5.3]), 0, "black")
    assert list(axes.lines[0].get_xdata()) == [2.0]
    plt.close(figure)
    with pytest.raises(disclosure.TooFew):
        disclosure.refuse_single_patients()


def test_figures_of_the_synthetic_cohort_are_as_they_are() -> None:
    figure, axes = plt.subplots()
    bars = axes.bar([0, 1], [1, 30])
    draw_rug(axes, pd.Series([2.1, 5.3]), 0, "black")
    assert Shown(figure, alt="Bars.", caption="Made up.").caption == "Made up."
    assert bars[0].get_height() == 1 and list(axes.lines[0].get_xdata()) == [2.1, 5.3]
    disclosure.refuse_single_patients()


def test_events_by_group_do_not_give_each_other_away() -> None:
    def groups(*sizes: tuple[int, int]) -> dict[str, SurvivalCurve]:
        return {
            str(i): kaplan_meier(
                pd.DataFrame({"months": np.arange(1.0, n + 1), "event": [1] * d + [0] * (n - d)})
            )
            for i, (d, n) in enumerate(sizes)
        }

    small = groups((20, 288), (3, 14))
    assert list(events_of(small, 0).values()) == ["20 of 288", "3 of 14"]
    # Of all events, 23, the 3 would follow.
    assert list(events_of(small, 5).values()) == ["hidden of 288", "hidden of 14"]
    nearly_all = events_of(groups((20, 288), (12, 14)), 5)
    assert list(nearly_all.values()) == ["hidden of 288", "hidden of 14"]
    assert list(events_of(groups((20, 288), (5, 14)), 5).values()) == ["20 of 288", "5 of 14"]
    assert events_of(groups((0, 3), (10, 40)), 5)["0"] == "hidden of hidden"
