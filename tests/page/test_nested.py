"""Numbers of patients that are counted month by month."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.landmark import landmark_comparison
from reanalysis.analysis.response import response_states
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import MADE_UP, Policy
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.nested import (
    counted_columns,
    counted_landmarks,
    counted_states,
    nested,
    percent_of,
    with_percent,
)
from reanalysis.paper.study import OVERALL_SURVIVAL

PRIVATE = Policy(5)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


def texts(counts: dict[object, Count]) -> list[str]:
    return [str(count) for count in counts.values()]


def test_no_two_numbers_that_are_shown_differ_by_few() -> None:
    counts = {3: 15, 6: 17, 12: 24, "all": 26}
    assert texts(nested(counts, MADE_UP)) == ["15", "17", "24", "26"]
    assert texts(nested(counts, PRIVATE)) == ["15", "hidden", "hidden", "26"]
    assert texts(nested(counts, PRIVATE, [6])) == ["hidden", "17", "hidden", "26"]


def test_nobody_and_the_same_number_again_are_shown() -> None:
    assert texts(nested({1: 0, 2: 9, 3: 9, "all": 9}, PRIVATE)) == ["0", "9", "9", "9"]
    assert texts(nested({1: 0, 2: 3, "all": 3}, PRIVATE)) == ["0", "hidden", "hidden"]


def test_a_share_is_hidden_with_its_part_or_its_whole() -> None:
    many, few = Count(48, PRIVATE), Count(3, PRIVATE)
    assert (percent_of(many, Count(62, PRIVATE)), percent_of(few, many)) == ("77.4", "hidden")
    assert with_percent(many, Count(62, PRIVATE), 0) == "48 (77 %)"
    assert with_percent(Count(3, PRIVATE), few) == "hidden"


@pytest.mark.parametrize("seed", range(8))
def test_from_the_states_that_are_shown_no_few_follow(cohort: pd.DataFrame, seed: int) -> None:
    sample = cohort.sample(60, replace=True, random_state=seed).reset_index(drop=True)
    states = response_states(sample, [0, 1.5, 3, 6, 9, 12, 24])
    shown = counted_states(states, PRIVATE, [3, 6])
    for rows in (shown, counted_states(states, MADE_UP)):
        assert (rows.map(lambda count: count.exact) == states).all(axis=None)
    for _, row in shown.iterrows():
        numbers = [None if count.hidden else count.exact for count in row]
        reached, died, lost, waiting, later = numbers
        assert not any(number in (1, 2, 3, 4) for number in numbers)
        # The three that add up to everybody, with one of them hidden, would give it away.
        assert [reached, died, lost, waiting].count(None) != 1
        if waiting is not None and later is not None:
            assert waiting - later not in (1, 2, 3, 4)
        if waiting is not None and reached is not None:
            assert len(sample) - reached - waiting not in (1, 2, 3, 4)
    seen = [count.exact for count in shown["CR"] if not count.hidden]
    assert not set(np.diff(seen)) & {1, 2, 3, 4}


def test_a_number_that_stands_in_each_column_is_hidden_in_all_or_none() -> None:
    table = pd.DataFrame({"over all": [6, 3, 30], "first": [6, 0, 33]}, ["none", "a", "b"])
    shown = counted_columns(table, PRIVATE)
    assert [count.hidden for count in shown.loc["none"]] == [True, True]
    assert str(shown.loc["b", "first"]) == "33"


def test_at_a_landmark_those_who_had_left_do_not_follow(cohort: pd.DataFrame) -> None:
    table = landmark_comparison(cohort, OVERALL_SURVIVAL, [3, 6, 1000])
    shown = counted_landmarks(table, len(cohort), PRIVATE)
    assert (str(shown.loc[3, "CR"]), str(shown.loc[3, "no CR yet"])) == ("hidden", "185")
    assert str(shown.loc[6, "CR"]) == "233"
    assert pd.isna(shown.loc[1000, "CR"])
    assert str(counted_landmarks(table, len(cohort), MADE_UP).loc[3, "CR"]) == "114"
