"""What is hidden, and that it cannot be found again."""

from operator import mod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reanalysis.core.counts import Count, cells, count, parts
from reanalysis.core.disclosure import (
    HIDDEN,
    MADE_UP,
    Policy,
    TooFew,
    hidden_in_table,
    hidden_parts,
    in_words,
    significant,
    to_unit,
)

SMALLEST = 5
HIDES = Policy(SMALLEST, 5)


def test_a_policy_hides_below_its_smallest_number() -> None:
    assert HIDES.hides and not MADE_UP.hides
    assert [HIDES.may_show(n) for n in (0, 1, 4, 5)] == [True, False, False, True]
    assert [HIDES.may_show(n, 20) for n in (0, 4, 15, 16, 20)] == [True, False, True, False, True]
    assert all(MADE_UP.may_show(n, 3) for n in (0, 1, 2, 3))
    assert HIDES.note == (
        "Hidden: fewer than 5 patients, or a number from which such a one would follow."
    )
    assert Policy(3).may_show(3) and not Policy(4).may_show(3)


def test_numbers_are_rounded_to_a_multiple() -> None:
    numbers = (0, 4, 5, 7, 8, 12, 13, 302)
    assert [HIDES.patients(n) for n in numbers] == [0, 0, 5, 5, 10, 10, 15, 300]
    assert [MADE_UP.patients(n) for n in numbers] == list(numbers)
    assert [Policy(10, 10).patients(n) for n in (9, 10, 14, 15)] == [0, 10, 10, 20]
    assert HIDES.share(113, 302) == 115 / 300
    assert MADE_UP.share(113, 302) == 113 / 302
    assert np.isnan(HIDES.share(0, 3))


@given(st.floats(0, 1), st.integers(5, 2000))
def test_a_fraction_is_a_share_of_rounded_numbers(fraction: float, patients: int) -> None:
    shown = HIDES.fraction(fraction, patients)
    of = HIDES.patients(patients)
    assert (shown * of / 5) == pytest.approx(round(shown * of / 5))
    assert abs(shown - fraction) <= 2.5 / of + 1e-12
    assert MADE_UP.fraction(fraction, patients) == fraction


def test_an_estimate_has_two_digits() -> None:
    numbers = pd.Series([1.816, 0.01234, 123.4, np.nan, -0.5678])
    shown = [1.8, 0.012, 120.0, np.nan, -0.57]
    np.testing.assert_equal(HIDES.estimate(numbers).to_numpy(), shown)
    table = pd.DataFrame({"ratio": numbers, "why": list("abcde")})
    assert HIDES.estimate(table)["ratio"].equals(HIDES.estimate(numbers))
    assert list(HIDES.estimate(table)["why"]) == list("abcde")
    assert MADE_UP.estimate(table) is table
    assert [significant(v) for v in (0.0, 99.6, 0.0995)] == [0.0, 100.0, 0.1]
    # As fine on both sides of 1: a ratio for one year of age has an interval that can be read.
    assert [significant(v) for v in (0.984, 0.996, 1.0, 1.0163)] == [0.98, 1.0, 1.0, 1.02]
    assert [significant(v) for v in (1.096, 1.104, 1.16, 10.24)] == [1.1, 1.1, 1.2, 10.0]
    assert HIDES.interval(1.0175, 0.9986, 1.0368) == "1.02 (1–1.04)"
    assert (HIDES.number(38.0, 1), MADE_UP.number(38.0, 1)) == ("38", "38.0")
    assert HIDES.interval(1.816, 1.317, 2.525) == "1.8 (1.3–2.5)"
    assert MADE_UP.interval(1.816, 1.317, 2.525) == "1.82 (1.32–2.53)"
    assert HIDES.interval(np.nan, 1, 2) == "–"
    assert [HIDES.p(p) for p in (0.0004, 0.0123, 0.456)] == ["<0.001", "0.012", "0.46"]
    assert [MADE_UP.p(p) for p in (0.0004, 0.0123, 0.456)] == ["<0.001", "0.012", "0.456"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("hidden of 300 patients broke one.", "A hidden number of 300 patients broke one."),
        ("**hidden** of 300 died", "**A hidden number** of 300 died"),
        ("Here hidden patients died.", "Here a hidden number of patients died."),
        ("anyCR: hidden of 290 failed", "anyCR: a hidden number of 290 failed"),
        ("and hidden in stage A", "and a hidden number in stage A"),
        ("63 (hidden–hidden)", "63 (hidden)"),
        ("local hidden; distant 15", "local hidden; distant 15"),
        ("Hidden: fewer than 5 patients.", "Hidden: fewer than 5 patients."),
    ],
)
def test_a_sentence_with_a_hidden_number_reads_as_one(text: str, read: str) -> None:
    assert in_words(text) == read
    assert in_words(read) == read


@given(st.lists(st.floats(0.1, 99), min_size=1, max_size=40).map(pd.Series), st.floats(0, 1))
def test_a_quantile_is_rounded_until_enough_patients_share_it(
    values: pd.Series, level: float
) -> None:
    exact = float(values.quantile(level))
    shown = HIDES.quantile(values, exact)
    if np.isfinite(shown):
        unit = HIDES.unit(values, exact)
        assert shown == pytest.approx(unit * round(shown / unit))
        assert abs(shown - exact) <= 0.5001 * unit + 1e-9
        assert np.isclose(to_unit(values.to_numpy(), unit), shown).sum() >= SMALLEST
    assert MADE_UP.quantile(values, exact) == exact


def test_a_quantile_has_two_digits_where_many_share_it() -> None:
    many = pd.Series([1.0, 1.1, 2.3, 2.31, 2.32, 2.33, 2.34, 4.0, 5.0])
    assert (HIDES.quantile(many, 2.32), HIDES.unit(many, 2.32)) == (2.3, 0.1)
    few = pd.Series([1.0, 1.1, 1.9, 2.0, 2.1, 2.2, 2.3, 4.0, 5.0])
    assert (HIDES.quantile(few, 2.1), HIDES.unit(few, 2.1)) == (2.0, 1.0)
    assert np.isnan(HIDES.quantile(pd.Series([1.0, 2.0]), 1.5))
    assert HIDES.quantile(pd.Series([0.0] * 6), 0.0) == 0.0


def test_single_patients_are_refused_where_anything_is_hidden() -> None:
    with pytest.raises(TooFew, match="fewer than 5 patients"):
        HIDES.refuse_single_patients()
    MADE_UP.refuse_single_patients()


def test_numbers_of_a_sentence() -> None:
    assert [str(count(n, HIDES)) for n in (0, 1, 4, 5, 13)] == ["0", HIDDEN, HIDDEN, "5", "15"]
    assert [f"{count(n, HIDES, of=20)}" for n in (0, 15, 16, 20)] == ["0", "15", HIDDEN, "20"]
    shares = [count(n, HIDES, of=22).percent() for n in (11, 19)]
    assert shares == ["50", HIDDEN]
    assert count(113, HIDES, of=302).with_percent() == "115 (38 %)"
    assert count(113, MADE_UP, of=302).with_percent() == "113 (37.4 %)"
    assert count(12, HIDES).percent(of=count(3, HIDES)) == HIDDEN


def test_of_people_who_were_made_up_every_number_is_shown() -> None:
    assert [str(count(n, MADE_UP, of=3)) for n in (0, 1, 2)] == ["0", "1", "2"]
    assert count(1, MADE_UP, of=3).percent() == "33.3"
    assert MADE_UP.may_show_quantile(pd.Series([1.0]), 1.0)
    assert not HIDES.may_show_quantile(pd.Series([1.0]), 1.0)


def test_patients_are_counted_from_what_is_known_of_them() -> None:
    which = pd.Series([True] * 6 + [False] * 9 + [None])
    assert str(count(which, HIDES)) == "5" and count(which, HIDES).of == 15
    assert str(count(pd.Series([True] * 12 + [False] * 3), HIDES)) == HIDDEN  # three are left
    assert count(pd.DataFrame({"a": range(7)}), HIDES) == 7
    shown = parts(pd.Series({"a": 3, "b": 21, "c": 7}), HIDES)
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
    if HIDES.may_show_quantile(values, quantile):
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
    assert hidden_parts([1, 2, 0], SMALLEST) == [True, True, True]
    assert hidden_parts([1, 4, 0], SMALLEST) == [True, True, False]
    assert hidden_parts([3, 0, 30], SMALLEST) == [True, False, True]


def test_no_line_of_a_table_has_a_single_hidden_cell() -> None:
    table = np.array([[3, 30, 8], [20, 2, 30]])
    mask = hidden_in_table(table, SMALLEST)
    assert all(line.sum() != 1 for line in (*mask, *mask.T))
    assert hidden_in_table(table, SMALLEST, columns=False).tolist() == [
        [True, False, True],
        [True, True, False],
    ]
    assert hidden_in_table(np.array([[3]]), SMALLEST).all()


counts = st.integers(0, 40)
shapes = st.tuples(st.integers(1, 4), st.integers(1, 4)).filter(lambda shape: shape != (1, 1))
tables = shapes.flatmap(
    lambda shape: st.lists(counts, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells).reshape(shape)
    )
)


def bounds_of(shown: list[list[str]], cell: tuple[int, int], known: int | None) -> tuple[int, int]:
    """What a reader can conclude about a cell of a table with its totals.

    The adversary solves an integer program: every number that is shown lies within two of it, a
    hidden one is at least 1 (or 0, where a zero may be hidden), and the totals are sums.

    Parameters
    ----------
    shown
        The table as printed, with a last row and a last column of totals.
    cell
        The cell.
    known
        All patients, if the reader knows them from elsewhere.
    """
    high, wide = len(shown), len(shown[0])
    low = np.zeros((high, wide))
    top = np.full((high, wide), np.inf)
    for i, j in np.ndindex(high, wide):
        if shown[i][j] != HIDDEN:
            number = int(shown[i][j])
            low[i, j], top[i, j] = (max(number - 2, SMALLEST), number + 2) if number else (0, 0)
    if known is not None:
        low[-1, -1] = top[-1, -1] = known
    rows = []
    for i in range(high):
        rows.append(np.zeros((high, wide)))
        rows[-1][i, :-1], rows[-1][i, -1] = 1, -1
    for j in range(wide):
        rows.append(np.zeros((high, wide)))
        rows[-1][:-1, j], rows[-1][-1, j] = 1, -1
    sums = LinearConstraint(np.array([row.ravel() for row in rows]), 0, 0)

    def extreme(sign: int) -> int:
        aim = np.zeros((high, wide))
        aim[cell] = sign
        found = milp(
            aim.ravel(),
            constraints=sums,
            bounds=Bounds(low.ravel(), np.minimum(top, 10_000).ravel()),
            integrality=np.ones(high * wide),
        )
        assert found.success
        return round(sign * found.fun)

    return extreme(1), extreme(-1)


@settings(max_examples=120)
@given(tables.filter(lambda table: table.sum() >= 20), st.booleans())
def test_no_hidden_cell_follows_from_what_is_shown(table: np.ndarray, total_is_known: bool) -> None:
    shown = cells(pd.DataFrame(table), HIDES, "All").astype(str).to_numpy().tolist()
    for i, j in np.argwhere((table > 0) & (table < SMALLEST)):
        assert shown[i][j] == HIDDEN
        low, high = bounds_of(shown, (i, j), int(table.sum()) if total_is_known else None)
        assert low <= table[i, j] <= high
        # Not even that it is small, which 'hidden' does not say.
        assert high >= SMALLEST


@settings(max_examples=100)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_no_part_of_a_whole_can_be_counted_out(parts: list[int]) -> None:
    mask = hidden_parts(parts, SMALLEST)
    behind = [part for part, hide in zip(parts, mask, strict=True) if hide]
    if behind and len(behind) < len(parts):
        assert len(behind) > 1
        assert sum(behind) >= SMALLEST
