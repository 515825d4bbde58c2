"""A count prints itself, and nothing makes it print a number that may not be shown."""

import pickle

import numpy as np
import pandas as pd
import pytest

from reanalysis.core.counts import Count, cells, count, parts
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, hidden_in_table

PRIVATE = Policy(5, multiple=1)
ROUNDED = Policy(5)
SPECS = ("", "d", ",", ">6", ".0f", "03d", "x", "n", "e")


def private(number: int, of: int | None = None) -> Count:
    return Count(number, PRIVATE, of)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("spec", SPECS)
def test_a_small_count_prints_as_hidden_whatever_the_format(number: int, spec: str) -> None:
    small = private(number)
    assert format(small, spec) == HIDDEN
    assert f"{small:{spec}}" == ("{:" + spec + "}").format(small) == HIDDEN
    assert f"{small!s} {small!r} {small!a}" == "hidden hidden hidden"
    assert "%s %r" % (small, small) == "hidden hidden"  # noqa: UP031
    assert f"{[small]} {(small,)} { ({'a': small}) }" == "[hidden] (hidden,) {'a': hidden}"


@pytest.mark.parametrize("number", [0, 5, 1234])
@pytest.mark.parametrize("spec", SPECS)
def test_any_other_count_prints_as_a_number_does(number: int, spec: str) -> None:
    assert format(private(number), spec) == format(number, spec)
    assert str(private(number)) == repr(private(number)) == str(number)


def test_of_made_up_patients_every_count_is_printed() -> None:
    assert [str(Count(number, MADE_UP, of=5)) for number in range(6)] == list("012345")


def test_print_and_tables_of_pandas_hide_it(capsys: pytest.CaptureFixture[str]) -> None:
    print("died:", private(3), "of", private(40))
    assert capsys.readouterr().out == "died: hidden of 40\n"
    series = pd.Series([private(3), private(40)], index=["yes", "no"])
    assert series.to_string().split() == ["yes", "hidden", "no", "40"]
    assert ", ".join(map(str, series)) == "hidden, 40"


@pytest.mark.parametrize(
    "way",
    [
        lambda c: "%d" % c,  # noqa: UP031
        lambda c: "%i" % c,  # noqa: UP031
        lambda c: "%.0f" % c,  # noqa: UP031
        lambda c: ", ".join([c]),
        lambda c: "died: " + c,
        int,
        float,
        round,
        range,
        lambda c: [0] * c,
        lambda c: 100 * c,
        lambda c: c / 40,
        lambda c: -c,
        lambda c: {c: "a count is no key"},
        lambda c: c + 1.5,
        lambda c: c < 2.5,
        lambda c: c - "1",
    ],
)
@pytest.mark.parametrize("number", [3, 30])
def test_what_would_take_it_for_a_number_or_a_text_is_refused(way: object, number: int) -> None:
    with pytest.raises(TypeError):
        way(private(number))  # type: ignore[operator]


def test_small_are_also_the_others_where_the_whole_is_known() -> None:
    assert [str(private(n, of=40)) for n in (0, 4, 5, 35, 36, 39, 40)] == [
        *("0", HIDDEN, "5", "35", HIDDEN, HIDDEN, "40")
    ]


def test_its_share_is_hidden_with_it() -> None:
    assert private(10, of=40).percent() == private(10, of=40).percent(0) == "25"
    assert private(3, of=40).percent() == private(38, of=40).percent() == HIDDEN
    assert Count(3, MADE_UP, of=40).percent() == "7.5"
    assert private(0, of=0).percent() == "–"
    with pytest.raises(AssertionError, match="whole"):
        private(10).percent()


def test_of_a_hidden_whole_there_is_no_share() -> None:
    known = private(38, of=40)
    part = private(19, of=known)
    # 50 % and 19 would give the 38, and that 2 are not known.
    assert (str(known), str(part), part.percent()) == (HIDDEN, "19", HIDDEN)


def test_sums_and_differences_hide_what_is_small() -> None:
    assert str(private(10) + private(20)) == "30"
    assert str(private(40) - private(30)) == "10"
    assert str(private(40) - private(38)) == HIDDEN
    assert str(50 - private(10)) == "40"
    assert str(sum([private(5), private(6), private(0)])) == "11"
    assert (private(10) + 5).exact == (5 + private(10)).exact == 15


def test_from_a_hidden_term_follows_nothing_that_is_shown() -> None:
    for result in (
        private(3) + private(37),
        private(40) - private(3),
        40 - private(3),
        private(3) + 0,
        sum([private(3), private(20)]),
        (private(3) + private(37)) - 3,
        private(38, of=40) + 100,
    ):
        assert str(result) == HIDDEN
        assert result.hidden


def test_comparisons_and_truth_are_those_of_the_number() -> None:
    small = private(3)
    assert small == 3 == private(3)
    assert small == np.int64(3)
    assert small != 4
    assert small != "3"
    assert 2 < small <= 3 < private(4)
    assert small >= np.int64(3)
    assert max(small, private(7)).exact == 7
    assert small and not private(0)
    assert small.exact == 3


def test_where_no_exact_number_may_be_shown_it_prints_rounded() -> None:
    numbers = [Count(n, ROUNDED) for n in (0, 3, 5, 12, 13, 302)]
    assert [str(n) for n in numbers] == ["0", HIDDEN, "5", "10", "15", "300"]
    assert [n.shown for n in numbers] == [0, 0, 5, 10, 15, 300]
    assert f"{numbers[-1]:>6} {numbers[-1]:,}" == "   300 300"
    assert [n.exact for n in numbers] == [0, 3, 5, 12, 13, 302]
    # A difference is that of the numbers, rounded; not of what is shown of them.
    assert str(Count(302, ROUNDED) - Count(288, ROUNDED)) == "15"
    assert str(Count(18, ROUNDED) - Count(13, ROUNDED)) == "5"
    assert Count(113, ROUNDED, of=302).percent(4) == "38"


def test_it_stays_hidden_when_it_is_stored() -> None:
    assert str(pickle.loads(pickle.dumps(private(3)))) == HIDDEN


def test_patients_are_counted_from_rows_answers_and_numbers() -> None:
    frame = pd.DataFrame({"death": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, None]})
    assert str(count(frame, PRIVATE)) == "13"
    died = count(frame["death"], PRIVATE)
    # A blank is neither: the whole are those for whom there is an answer.
    assert (died.exact, died.of, died.percent(0)) == (6, 12, "50")
    assert count(frame["death"] == 1, PRIVATE).of == 13
    assert count(frame["death"], PRIVATE, of=30).of == 30
    assert str(count(np.int64(4), PRIVATE)) == HIDDEN
    assert str(count(12, PRIVATE, of=Count(13, PRIVATE))) == HIDDEN
    answers = pd.array([True, None, False], dtype="boolean")
    assert count(pd.Series(answers), PRIVATE).of == 2


def test_a_count_is_hidden_with_one_that_it_stands_beside() -> None:
    others = [Count(30, PRIVATE), Count(2, PRIVATE)]
    assert str(count(8, PRIVATE, beside=others)) == HIDDEN
    assert str(count(8, PRIVATE, beside=others[:1])) == "8"


def test_no_part_follows_from_the_others() -> None:
    levels = pd.Series({"A": 30, "B": 8, "C": 2, "D": 0})
    shown = {level: str(part) for level, part in parts(levels, PRIVATE).items()}
    assert shown == {"A": "30", "B": HIDDEN, "C": HIDDEN, "D": "0"}
    assert {level: part.exact for level, part in parts(levels, PRIVATE).items()} == dict(levels)
    assert [str(part) for part in parts(levels, MADE_UP).values()] == ["30", "8", "2", "0"]


def test_no_cell_follows_from_the_totals() -> None:
    table = pd.DataFrame({"no": [2, 60, 9], "yes": [20, 7, 30]}, index=["A", "B", "C"])
    shown = cells(table, PRIVATE)
    mask = hidden_in_table(table.to_numpy(), 5)
    assert [[cell.hidden for cell in row] for row in shown.to_numpy()] == mask.tolist()
    assert shown.loc["A", "no"].hidden
    assert mask.sum() > 1
    assert shown.loc["A", "no"] == 2
    assert list(shown.index) == ["A", "B", "C"]
    assert cells(table, MADE_UP).astype(str).equals(table.astype(str))


def test_totals_are_shown_where_they_are_no_small_numbers() -> None:
    levels = pd.CategoricalIndex(["A", "B"], name="stage")
    table = pd.DataFrame({"no": [2, 18], "yes": [20, 12]}, index=levels)
    shown = cells(table.rename_axis(columns="ECOG"), PRIVATE, total="All")
    assert (shown.index.name, shown.columns.name) == ("stage", "ECOG")
    assert shown.astype(str).to_numpy().tolist() == [
        [HIDDEN, HIDDEN, "22"],
        [HIDDEN, HIDDEN, "30"],
        ["20", "32", "52"],
    ]
    small = cells(table.assign(no=[0, 18], yes=[2, 12]), PRIVATE, total="All")
    assert small["All"].astype(str).tolist() == [HIDDEN, HIDDEN, "32"]


def test_no_total_of_a_cross_table_follows_from_the_others() -> None:
    table = pd.DataFrame({"x": [2, 20, 30], "y": [2, 20, 30]}, index=list("abc"))
    totals = cells(table, Policy(5, 1), "All")["All"].astype(str).tolist()
    assert totals == [HIDDEN, HIDDEN, "60", "104"]
