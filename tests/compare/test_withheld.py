"""Recomputed numbers that a book about patients does not show."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.cohort.loading import load_cohort
from reanalysis.compare import rules
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core import paths
from reanalysis.core.disclosure import HIDDEN, Policy, TooFew
from reanalysis.core.errors import CannotShow
from reanalysis.paper.register import register

SMALLEST = 5


@pytest.fixture(scope="module")
def synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


@pytest.fixture(scope="module")
def here(synthetic: pd.DataFrame) -> Recomputation:
    return Recomputation(synthetic, Policy(SMALLEST))


def test_of_the_synthetic_cohort_nothing_is_hidden(synthetic: pd.DataFrame) -> None:
    texts = Recomputation(synthetic)
    for number in register().index:
        try:
            texts(str(number))
        except CannotShow as reason:
            assert not isinstance(reason, TooFew)


def test_a_cohort_without_a_policy_hides(synthetic: pd.DataFrame) -> None:
    unknown = pd.DataFrame(synthetic)
    unknown.attrs = {}
    assert Recomputation(unknown).text("{fx.60/3.n} ({fx.60/3.pct})") == HIDDEN


def test_no_small_count_is_shown_with_or_without_its_percentage(here: Recomputation) -> None:
    numbers = register()
    counts = numbers.index[numbers["recipe"].str.contains("^count |count$|^isolated")]
    small = [number for number in counts if 0 < here.value(number) < SMALLEST]
    assert len(small) >= 5
    for number in small:
        assert here.text(f"{{{number}}}") == HIDDEN
        if (share := number.removesuffix(".n") + ".pct") in numbers.index:
            assert here.text(f"{{{share}}}") == HIDDEN


def test_the_levels_of_a_column_do_not_give_one_away(here: Recomputation) -> None:
    shown = [here.text(f"{{fx.{r}.n}}") for r in ("36/3", "45/3", "48/3", "60/4", "60/3")]
    # 2 and 1 are small and few together: the next smallest goes with them.
    assert [text == HIDDEN for text in shown] == [True, False, True, False, True]


def test_salvage_is_counted_only_where_nothing_follows(here: Recomputation) -> None:
    ids = ("all", "salvaged", "TACE", "resection", "RT")
    recipes = register()["recipe"]
    shown = {
        which: here.text(f"{{{recipes.index[recipes == f'isolated {which}'][0]}}}") for which in ids
    }
    assert shown["resection"] == shown["RT"] == HIDDEN
    # salvaged = TACE + resection: at most one of the other two may be shown.
    assert HIDDEN in (shown["salvaged"], shown["TACE"])


def test_extremes_and_single_patients_are_not_shown(here: Recomputation) -> None:
    assert here.text("{age.min}") == here.text("{age.max}") == HIDDEN
    assert here.text("{age.median}").isdigit()
    assert here.text("{dose.min}") == "36"  # sixteen patients had it
    with pytest.raises(TooFew, match="fewer than 5 patients"):
        here("tox.hepfail.death.mo")


def test_estimates_are_shown(here: Recomputation, synthetic: pd.DataFrame) -> None:
    plain = Recomputation(synthetic)
    for number in ("km36.OS", "LC.u.size.HR", "OS.m.bed.p", "size.mean.nonCR"):
        assert here(number) == plain(number)


def small_cohort(parts: list[int], blanks: int) -> pd.DataFrame:
    levels = ["HBV", "HCV", "NBNC"]
    values = [level for level, n in zip(levels, parts, strict=True) for _ in range(n)]
    column = pd.Categorical([*values, *[None] * blanks], categories=levels)
    return pd.DataFrame({"etiology": column, "death": 0})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 15), min_size=3, max_size=3), st.integers(0, 6))
def test_levels_follow_neither_from_each_other_nor_from_percentages(
    parts: list[int], blanks: int
) -> None:
    if not sum(parts):
        return
    here = Recomputation(small_cohort(parts, blanks), Policy(SMALLEST))
    levels = ("HBV", "HCV", "NBNC")
    shown = [here.text(f"{{etio.{level}.n}}") for level in levels]
    shares = [here.text(f"{{etio.{level}.pct}}") for level in levels]
    assert [text == HIDDEN for text in shown] == [text == HIDDEN for text in shares]
    for part, text in zip(parts, shown, strict=True):
        assert text == (HIDDEN if 0 < part < SMALLEST else text)
    behind = [part for part, text in zip(parts, shown, strict=True) if text == HIDDEN]
    if any(0 < part < SMALLEST for part in parts) and sum(parts) >= 2 * SMALLEST:
        assert len(behind) >= 2
        assert sum(behind) >= SMALLEST


def test_an_event_with_blanks_is_counted() -> None:
    cohort = pd.DataFrame({"local_failure": [1.0] * 6 + [0.0] * 9 + [np.nan]})
    assert Recomputation(cohort, Policy(SMALLEST))("lf.n") == "6"


def at_least(here: Recomputation, column: str, values: list[int]) -> bool:
    cohort = here.cohort.head(len(values)).assign(**{column: values})
    return rules.at_least(cohort, SMALLEST, 0, column, "2", "count")


def test_few_below_a_threshold_hide_those_above_it(here: Recomputation) -> None:
    assert not at_least(here, "hepatic_toxicity_grade", [2] * 10 + [0] * 10)
    assert at_least(here, "hepatic_toxicity_grade", [2] * 4 + [0] * 10)
    assert at_least(here, "hepatic_toxicity_grade", [2] * 10 + [0] * 3)


def test_two_thresholds_that_few_lie_between_are_not_both_counted(
    here: Recomputation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_thresholds", lambda _: (2.0, 3.0))
    cohort = here.cohort.head(24).assign(child_pugh_increase=[3] * 10 + [2] * 2 + [0] * 12)
    hide = [
        rules.at_least(cohort, SMALLEST, 0, "child_pugh_increase", edge, "count")
        for edge in ("2", "3")
    ]
    assert hide == [False, True]


def test_a_rate_needs_patients_and_events(here: Recomputation) -> None:
    def hides(months: list[float], events: list[int]) -> bool:
        table = here.cohort.head(len(months)).assign(follow_up_months=months, death=events)
        return rules.rate(table, SMALLEST, 0, "overall_survival", "36")

    assert hides([40.0] * 4, [0] * 4)
    assert not hides([40.0] * 5, [0] * 5)
    assert hides([10.0] * 4 + [40.0] * 9, [1] * 4 + [1] * 9)
    assert not hides([10.0] * 5 + [40.0] * 9, [1] * 5 + [0] * 9)


def test_few_blanks_and_few_known_are_alike() -> None:
    table = pd.DataFrame({"x": [1.0] * 20})
    assert [rules.blank(table, SMALLEST, n, "x") for n in (0, 4, 5, 15, 16, 20)] == [
        *(False, True, False, False, True, False)
    ]


@pytest.mark.parametrize(("without", "hides"), [(4, True), (5, False)])
def test_a_mean_is_of_enough_patients(here: Recomputation, without: int, hides: bool) -> None:
    response = pd.Categorical(["no"] * without + ["yes"] * (30 - without), ["yes", "no"])
    cohort = here.cohort.head(30).assign(any_cr=response)
    assert rules.mean_size(cohort, SMALLEST, 2.0, "no") == hides
    assert not rules.mean_size(cohort, SMALLEST, 2.0, "yes")
