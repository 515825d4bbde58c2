"""Every recipe has a rule of disclosure, and one without a rule shows nothing."""

import pandas as pd
import pytest

from reanalysis.analysis.power import power_of_cox
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import policy_of, with_policy
from reanalysis.compare import recipes, rules
from reanalysis.compare.recipes import RECIPES, STATEMENTS, Recipe, find
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotEstimable
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.paper.register import register

ALL = {**RECIPES, **{f"statement {name}": entry for name, entry in STATEMENTS.items()}}


@pytest.fixture(scope="module")
def private() -> Recomputation:
    return Recomputation(with_policy(load_cohort(SYNTHETIC_COHORT), Policy(5)))


@pytest.mark.parametrize("name", ALL)
def test_a_recipe_has_a_rule(name: str) -> None:
    assert ALL[name].hidden is not None


def test_each_recipe_of_the_register_has_an_entry_and_each_entry_is_used() -> None:
    lines = [line for line in register()["recipe"] if line]
    used = [
        line.split()[:2] if line.startswith("statement") else line.split()[:1] for line in lines
    ]
    assert {" ".join(words) for words in used} == set(ALL)
    for line in lines:
        assert isinstance(find(line)[0], Recipe)


def test_a_number_without_a_rule_is_hidden(
    private: Recomputation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert private("km36.LC") == "92"
    monkeypatch.setitem(recipes.RECIPES, "rate", Recipe(RECIPES["rate"].formula))
    with pytest.raises(TooFew):
        private("km36.LC")


def test_only_what_counts_nobody_is_always_shown() -> None:
    shown = {name for name, entry in ALL.items() if entry.hidden in (rules.never, rules.test)}
    assert shown == {
        *("bed", "patients"),
        "statement cr_by_3_months_and_lc_not_significant",
        "statement cr_by_3_months_and_os_not_significant",
        "statement early_and_late_cr_os_not_significant",
        "statement only_size_in_logistic",
        "statement residual_burden_and_anycr_not_significant",
    }


def test_few_blanks_are_not_counted(private: Recomputation) -> None:
    with pytest.raises(TooFew):
        private("afp.missing")


@pytest.mark.parametrize(("failures", "said"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_statement_about_nobody_is_hidden_where_somebody_few_contradict_it(
    private: Recomputation, failures: int, said: bool
) -> None:
    cohort = private.cohort.assign(local_failure=0, local_failure_months=float("nan"))
    in_b = cohort.index[cohort["child_pugh_class"] == "B"][:failures]
    cohort.loc[in_b, "local_failure"] = 1
    here = Recomputation(cohort)
    (number,) = register().index[register()["recipe"] == "statement no_failure_in_child_pugh_b"]
    if said:
        assert (here(number) == "does not hold") == (failures > 0)
    else:
        with pytest.raises(TooFew):
            here(number)


def test_responses_of_small_groups_are_not_compared(private: Recomputation) -> None:
    entry = STATEMENTS["anycr_lower_after_pd_than_after_cr"]
    assert entry.hides(private.cohort, Policy(5), True)
    assert not entry.hides(private.cohort, Policy(0), True)


def test_an_empty_recipe_is_not_estimable() -> None:
    with pytest.raises(NotEstimable):
        find("")


def test_the_policy_is_that_of_the_cohort() -> None:
    synthetic = load_cohort(SYNTHETIC_COHORT)
    assert Recomputation(synthetic).policy == policy_of(synthetic) == Policy(0)
    assert Recomputation(pd.DataFrame(synthetic.to_dict())).policy.hides


def test_a_recipe_that_there_is_not_says_which_there_are() -> None:
    for line in ("nosuch sex male", "statement", "statement nosuch"):
        with pytest.raises(KeyError, match=r"no recipe .* has at_least"):
            find(line)
    assert find('count some_level "left lobe"')[1] == ("some_level", "left lobe")


def test_the_power_of_a_statement_is_that_of_its_events_and_groups() -> None:
    here = Recomputation(load_cohort(SYNTHETIC_COHORT))
    early = here.cohort["cr_by_3_months"] == "yes"
    share, events = early.mean(), here.cohort["local_failure"].sum()
    power = STATEMENTS["cr_by_3_months_and_lc_not_significant"].power
    assert power is not None
    assert power(here) == pytest.approx(power_of_cox(events, share * (1 - share)))
    responders = here.cohort[here.cohort["any_cr"] == "yes"]
    share = (responders["cr_by_3_months"] == "yes").mean()
    power = STATEMENTS["early_and_late_cr_os_not_significant"].power
    assert power is not None
    assert power(here) == pytest.approx(
        power_of_cox(responders["death"].sum(), share * (1 - share))
    )
