"""Numbers of patients and events as a page prints them."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.landmark import landmark_comparison
from reanalysis.analysis.response import response_states
from reanalysis.analysis.survival import SurvivalCurve, kaplan_meier, rates_table
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.counts import (
    counted_columns,
    counted_landmarks,
    counted_rates,
    counted_states,
    events_of,
    quantile,
)
from reanalysis.paper.study import OVERALL_SURVIVAL

HIDES = Policy(5)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


def groups(*sizes: tuple[int, int]) -> dict[str, SurvivalCurve]:
    """Give groups of so many events among so many patients."""
    return {
        str(i): kaplan_meier(
            pd.DataFrame({"months": np.arange(1.0, n + 1), "event": [1] * d + [0] * (n - d)})
        )
        for i, (d, n) in enumerate(sizes)
    }


def test_events_by_group_do_not_give_each_other_away() -> None:
    small = groups((20, 288), (3, 14))
    assert list(events_of(small, MADE_UP).values()) == ["20 of 288", "3 of 14"]
    # Of all events, 23, the 3 would follow.
    assert list(events_of(small, HIDES).values()) == ["hidden of 290", "hidden of 15"]
    nearly_all = events_of(groups((20, 288), (12, 14)), HIDES)
    assert list(nearly_all.values()) == ["hidden of 290", "hidden of 15"]
    enough = events_of(groups((20, 288), (5, 14)), HIDES)
    assert list(enough.values()) == ["20 of 290", "5 of 15"]
    assert events_of(groups((0, 3), (10, 40)), HIDES)["0"] == "hidden of hidden"


def test_rates_are_shares_of_rounded_numbers_and_hidden_with_their_events(
    cohort: pd.DataFrame,
) -> None:
    curve = groups((12, 98))["0"]
    rates = rates_table(curve)
    shown = counted_rates(rates, curve, HIDES)
    assert str(shown.loc[12, "events"]) == "10" and shown.loc[12, "survival"] == "90"
    exact = counted_rates(rates, curve, MADE_UP)
    assert exact.loc[12, "survival"] == 100 * rates.loc[12, "survival"]
    few = groups((3, 40), (9, 40))
    assert set(counted_rates(rates_table(few["0"]), few["0"], HIDES)["survival"]) == {HIDDEN}


@pytest.mark.parametrize("seed", range(4))
def test_no_state_of_a_month_follows_from_the_others(cohort: pd.DataFrame, seed: int) -> None:
    sample = cohort.sample(60, replace=True, random_state=seed).reset_index(drop=True)
    states = response_states(sample, [0, 1.5, 3, 6, 9, 12, 24])
    shown = counted_states(states, HIDES)
    for rows in (shown, counted_states(states, MADE_UP)):
        assert (rows.map(lambda count: count.exact) == states).all(axis=None)
    assert not {"1", "2", "3", "4"} & set(shown.astype(str).to_numpy().ravel())
    hidden = shown[["CR", "died", "lost", "waiting"]].map(lambda count: count.hidden).sum(axis=1)
    assert 1 not in set(hidden)


def test_a_number_that_stands_in_each_column_is_hidden_in_all_or_none() -> None:
    table = pd.DataFrame({"over all": [6, 3, 30], "first": [6, 0, 33]}, ["none", "a", "b"])
    shown = counted_columns(table, HIDES)
    assert [count.hidden for count in shown.loc["none"]] == [True, True]
    assert str(shown.loc["b", "first"]) == "35"


def test_at_a_landmark_those_who_had_left_do_not_follow(cohort: pd.DataFrame) -> None:
    table = landmark_comparison(cohort, OVERALL_SURVIVAL, [3, 6, 1000])
    shown = counted_landmarks(table, len(cohort), HIDES)
    assert pd.isna(shown.loc[1000, "CR"])
    for month in (3, 6):
        left = len(cohort) - int(table.loc[month, ["CR", "no CR yet"]].sum())
        names = [str(shown.loc[month, name]) for name in ("CR", "no CR yet")]
        assert (HIDDEN in names) == (0 < left < 5 or "CR" not in table)
    exact = counted_landmarks(table, len(cohort), MADE_UP)
    assert exact.loc[3, "CR"] == table.loc[3, "CR"]
    assert exact.loc[3, "ratio"] == table.loc[3, "ratio"]


def test_where_the_events_of_a_landmark_are_hidden_so_is_the_ratio(cohort: pd.DataFrame) -> None:
    few = cohort.assign(death=0)
    dead = few.index[(few["any_cr"] == "yes") & (few["follow_up_months"] > 20)][:3]
    others = few.index[(few["any_cr"] == "no") & (few["follow_up_months"] > 20)][:8]
    few.loc[[*dead, *others], "death"] = 1
    shown = counted_landmarks(
        landmark_comparison(few, OVERALL_SURVIVAL, [12]), len(few), HIDES
    ).iloc[0]
    assert {str(shown[name]) for name in ("ratio", "lower", "upper", "p")} == {HIDDEN}


def test_a_quantile_has_two_digits_and_is_nobody_s_own() -> None:
    values = pd.Series(np.arange(100.0, 140.0))
    assert quantile(values, 0.5, HIDES) == "120"
    assert quantile(values, 0.5, MADE_UP) == "119.5"
    assert quantile(values, 0.0, HIDES) == HIDDEN
    assert quantile(pd.Series([np.nan]), 0.5, HIDES) == "–"
