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
POLICY = Policy(SMALLEST)


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
    # 2 and 1 are small and few together: the next smallest goes with them, 16 in two regimens.
    assert [text == HIDDEN for text in shown] == [True, False, True, True, True]


def test_salvage_is_counted_only_where_nothing_follows(here: Recomputation) -> None:
    ids = ("all", "salvaged", "TACE", "resection", "RT")
    recipes = register()["recipe"]
    shown = {
        which: here.text(f"{{{recipes.index[recipes == f'isolated {which}'][0]}}}") for which in ids
    }
    assert shown["resection"] == shown["RT"] == shown["salvaged"] == HIDDEN


def test_extremes_and_single_patients_are_not_shown(here: Recomputation) -> None:
    assert here.text("{age.min}") == here.text("{age.max}") == HIDDEN
    assert here.text("{age.median}").isdigit()
    assert here.text("{dose.min}") == "36"  # sixteen patients had it
    with pytest.raises(TooFew, match="fewer than 5 patients"):
        here("tox.hepfail.death.mo")


def test_numbers_are_rounded_and_estimates_have_two_digits(
    here: Recomputation, synthetic: pd.DataFrame
) -> None:
    exact = Recomputation(synthetic)
    assert (here("N"), exact("N")) == ("300", "302")
    assert here.text("{sex.M.n} ({sex.M.pct})") == "230 (77)"
    assert exact.text("{sex.M.n} ({sex.M.pct})") == "231 (76.5)"
    assert (here("km36.OS"), exact("km36.OS")) == ("73", "72.7")
    for number in ("LC.u.size.HR", "OS.m.bed.p", "size.mean.nonCR", "fu.median"):
        assert float(here(number)) == float(f"{exact.value(number):.2g}")


def test_a_ratio_is_hidden_where_a_group_has_few_events(here: Recomputation) -> None:
    cohort = here.cohort.assign(local_failure=0, local_failure_months=np.nan)
    without = cohort.index[cohort["any_cr"] == "no"]
    with_cr = cohort.index[cohort["any_cr"] == "yes"]

    def hides(few: int) -> bool:
        failed = [*without[:few], *with_cr[:9]]
        table = cohort.assign(local_failure=cohort.index.isin(failed).astype(int))
        return rules.few_events(table, here.policy, "local_control", "any_cr")

    assert [hides(n) for n in (0, 1, 4, 5)] == [False, True, True, False]
    few = cohort.assign(local_failure=cohort.index.isin(with_cr[:4]).astype(int))
    assert rules.few_events(few, here.policy, "local_control", "tumor_size_cm")


def test_a_published_number_is_compared_at_the_precision_that_is_shown(
    here: Recomputation, synthetic: pd.DataFrame
) -> None:
    assert (here.printed("sex.M.n"), here.printed("km36.OS")) == ("230", "73")
    assert (here.printed("LC.u.size.HR"), here.printed("OS.m.cp.p")) == ("1.8", "<0.001")
    assert Recomputation(synthetic).printed("km36.OS") == "72.7"


def small_cohort(parts: list[int], blanks: int) -> pd.DataFrame:
    levels = ["HBV", "HCV", "NBNC"]
    values = [level for level, n in zip(levels, parts, strict=True) for _ in range(n)]
    column = pd.Categorical([*values, *[None] * blanks], categories=levels)
    return pd.DataFrame({"etiology": column, "death": 0})


@settings(max_examples=60)
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
    assert Recomputation(cohort, Policy(SMALLEST, 1))("lf.n") == "6"


def at_least(here: Recomputation, column: str, values: list[int]) -> bool:
    cohort = here.cohort.head(len(values)).assign(**{column: values})
    return rules.at_least(cohort, POLICY, 0, column, "2", "count")


def test_few_below_a_threshold_hide_those_above_it(here: Recomputation) -> None:
    assert not at_least(here, "hepatic_toxicity_grade", [2] * 10 + [0] * 10)
    assert at_least(here, "hepatic_toxicity_grade", [2] * 4 + [0] * 10)
    assert at_least(here, "hepatic_toxicity_grade", [2] * 10 + [0] * 3)


def test_a_rate_needs_patients_and_events(here: Recomputation) -> None:
    def hides(months: list[float], events: list[int]) -> bool:
        table = here.cohort.head(len(months)).assign(follow_up_months=months, death=events)
        return rules.rate(table, POLICY, 0, "overall_survival", "36")

    assert hides([40.0] * 4, [0] * 4)
    assert not hides([40.0] * 5, [0] * 5)
    assert hides([10.0] * 4 + [40.0] * 9, [1] * 4 + [1] * 9)
    assert not hides([10.0] * 5 + [40.0] * 9, [1] * 5 + [0] * 9)


def test_few_blanks_and_few_known_are_alike() -> None:
    table = pd.DataFrame({"x": [1.0] * 20})
    assert [rules.blank(table, POLICY, n, "x") for n in (0, 4, 5, 15, 16, 20)] == [
        *(False, True, False, False, True, False)
    ]


@pytest.mark.parametrize(("without", "hides"), [(4, True), (5, False)])
def test_a_mean_is_of_enough_patients(here: Recomputation, without: int, hides: bool) -> None:
    response = pd.Categorical(["no"] * without + ["yes"] * (30 - without), ["yes", "no"])
    cohort = here.cohort.head(30).assign(any_cr=response)
    assert rules.mean_size(cohort, POLICY, 2.0, "no") == hides
    assert not rules.mean_size(cohort, POLICY, 2.0, "yes")
