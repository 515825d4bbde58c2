"""The regression models: by hand on eight patients, and against R on a committed data set."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from reanalysis.analysis import regression
from reanalysis.analysis.regression import (
    backward_elimination,
    cox,
    design_matrix,
    logistic,
    multivariable,
    univariable,
)
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import CannotShow, NotEstimable, NotRecorded
from reanalysis.paper.study import AGE, CHILD_PUGH, LOCAL_CONTROL, OVERALL_SURVIVAL, SIZE

# Made once by tests/data/reference.R; R is not needed here.
DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "reference_r.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sixty() -> pd.DataFrame:
    return load_cohort(DATA / "reference_cohort.csv")


@pytest.fixture
def eight() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "follow_up_months": [3.0, 6.0, 8.0, 12.0, 15.0, 20.0, 24.0, 30.0],
            "death": [1, 0, 1, 1, 0, 1, 0, 0],
            "tumor_size_cm": [3.5, 1.5, 2.3, 4.0, 2.5, 1.8, 1.9, 1.2],
            "child_pugh_class": pd.Categorical(list("BABABAAA"), ["A", "B"]),
        }
    )


# --- by hand ----------------------------------------------------------------------------------


def test_the_hazard_ratio_is_at_the_top_of_the_partial_likelihood(eight: pd.DataFrame) -> None:
    def minus_log_likelihood(beta: float) -> float:
        total = 0.0
        for _, patient in eight[eight["death"] == 1].iterrows():
            at_risk = eight["follow_up_months"] >= patient["follow_up_months"]
            weights = np.exp(beta * eight.loc[at_risk, "tumor_size_cm"])
            total += beta * patient["tumor_size_cm"] - np.log(weights.sum())
        return -total

    best = minimize_scalar(minus_log_likelihood, bounds=(-3, 5), options={"xatol": 1e-10}).x
    row = cox(eight, OVERALL_SURVIVAL, [SIZE]).table.loc["tumor_size_cm"]
    assert row["coef"] == pytest.approx(best, abs=1e-6)
    assert row["ratio"] == pytest.approx(np.exp(best), abs=1e-5)


def test_an_odds_ratio_of_two_levels_is_that_of_the_table_of_four() -> None:
    levels = pd.Categorical(["A"] * 10 + ["B"] * 10, ["A", "B"])
    cohort = pd.DataFrame({"child_pugh_class": levels})
    outcome = pd.Series([1.0] * 2 + [0.0] * 8 + [1.0] * 5 + [0.0] * 5)
    model = logistic(cohort, outcome, [CHILD_PUGH])
    row = model.table.loc["child_pugh_class"]
    assert row["ratio"] == pytest.approx((5 * 8) / (5 * 2))
    assert row["se"] == pytest.approx(np.sqrt(1 / 2 + 1 / 8 + 1 / 5 + 1 / 5))
    assert (model.n, model.events) == (20, 7)


def test_wald_limits_are_symmetric_on_the_log_scale(sixty: pd.DataFrame) -> None:
    row = cox(sixty, OVERALL_SURVIVAL, [SIZE]).table.loc["tumor_size_cm"]
    assert np.sqrt(row["lower"] * row["upper"]) == pytest.approx(row["ratio"])
    assert np.log(row["upper"] / row["lower"]) == pytest.approx(2 * 1.959963984540054 * row["se"])


def test_the_reference_level_is_zero_and_incomplete_patients_are_left_out(
    eight: pd.DataFrame,
) -> None:
    eight.loc[7, "tumor_size_cm"] = np.nan
    matrix = design_matrix(eight, [CHILD_PUGH, SIZE])
    assert matrix.index.to_list() == [0, 1, 2, 3, 4, 5, 6]
    assert matrix["child_pugh_class"].to_list() == [1, 0, 1, 0, 1, 0, 0]


# --- what has no estimate ---------------------------------------------------------------------


def test_a_level_without_events_is_named(eight: pd.DataFrame) -> None:
    eight["death"] = [1, 0, 1, 0, 0, 0, 0, 0]  # both in class B
    with pytest.raises(NotEstimable, match="no death among patients with Child-Pugh class A"):
        cox(eight, OVERALL_SURVIVAL, [CHILD_PUGH])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"death": 0}, "no death was observed"),
        ({"death": [1, 0, 0, 0, 0, 0, 0, 0]}, "too few"),
        ({"tumor_size_cm": 2.0}, "the same in every patient"),
    ],
)
def test_a_cox_model_that_cannot_be_fitted_says_why(
    eight: pd.DataFrame, change: dict, message: str
) -> None:
    with pytest.raises(NotEstimable, match=message):
        cox(eight.assign(**change), OVERALL_SURVIVAL, [SIZE])


def test_a_variable_in_which_nobody_at_risk_differs_says_nothing(eight: pd.DataFrame) -> None:
    # Only who leaves before the first event is another: R gives 0 with an infinite interval.
    eight["death"] = [0, 1, 1, 1, 0, 1, 0, 0]
    eight["tumor_size_cm"] = [3.5] + [2.0] * 7
    with pytest.raises(NotEstimable, match="do not differ in a variable"):
        cox(eight, OVERALL_SURVIVAL, [SIZE])


def test_perfect_separation_has_no_odds_ratio(eight: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="no finite estimate"):
        logistic(eight, (eight["tumor_size_cm"] > 2).astype(float), [SIZE])
    with pytest.raises(NotEstimable, match="only one outcome"):
        logistic(eight, (eight["child_pugh_class"] == "B").astype(float), [CHILD_PUGH])
    with pytest.raises(NotEstimable, match="the outcome is the same"):
        logistic(eight, pd.Series(1.0, index=eight.index), [SIZE])


def test_a_stratified_model_is_that_of_r(sixty: pd.DataFrame) -> None:
    centre = pd.Series(["A", "B", "C"] * 20).mask(sixty.index == 6)
    model = cox(sixty, OVERALL_SURVIVAL, [CHILD_PUGH, SIZE], centre)
    reference = R["cox_stratified"]
    for name in ("coef", "se", "p"):
        np.testing.assert_allclose(model.table[name], reference[name], rtol=1e-11)
    assert (model.n, model.events) == (reference["n"], reference["events"])


def test_a_variable_that_only_centres_differ_in_has_no_stratified_estimate(sixty) -> None:
    with pytest.raises(NotEstimable, match="the same in all patients of each group"):
        cox(sixty, OVERALL_SURVIVAL, [CHILD_PUGH], sixty["child_pugh_class"].astype(str))


def test_one_missing_column_does_not_stop_the_others(sixty: pd.DataFrame) -> None:
    models = univariable(sixty, OVERALL_SURVIVAL, [AGE, SIZE])
    assert isinstance(models["age"], NotRecorded)
    assert not isinstance(models["tumor_size_cm"], CannotShow)


# --- choosing variables -----------------------------------------------------------------------


def test_the_full_model_takes_what_is_below_0_2(sixty: pd.DataFrame) -> None:
    models = univariable(sixty, OVERALL_SURVIVAL)
    below = {
        column
        for column, model in models.items()
        if not isinstance(model, CannotShow) and model.table["p"].iloc[0] < 0.2
    }
    assert set(multivariable(sixty, OVERALL_SURVIVAL, models).table.index) == below


def test_no_candidate_no_full_model(sixty: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match=r"below 0\.2"):
        multivariable(sixty, LOCAL_CONTROL, {})


def test_backward_elimination_drops_the_weakest_and_keeps_the_patients(
    sixty: pd.DataFrame,
) -> None:
    steps = backward_elimination(sixty, OVERALL_SURVIVAL, [CHILD_PUGH, SIZE])
    assert [list(step.table.index) for step in steps] == [
        ["child_pugh_class", "tumor_size_cm"],
        ["tumor_size_cm"],
    ]
    assert {step.n for step in steps} == {len(sixty)}
    one = backward_elimination(sixty, OVERALL_SURVIVAL, [CHILD_PUGH, SIZE], removal_p=0.2)
    assert len(one) == 1


# --- against R --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "endpoint", "terms"),
    [
        ("cox_size", OVERALL_SURVIVAL, [SIZE]),
        ("cox_both", OVERALL_SURVIVAL, [CHILD_PUGH, SIZE]),
        ("cox_local", LOCAL_CONTROL, [SIZE]),
    ],
)
def test_cox_models_with_ties_are_those_of_r(
    sixty: pd.DataFrame, name: str, endpoint, terms: list[regression.Term]
) -> None:
    model = cox(sixty, endpoint, terms)
    assert (model.n, model.events) == (R[name]["n"], R[name]["events"])
    for column in ("coef", "se", "p"):
        np.testing.assert_allclose(model.table[column], R[name][column], rtol=1e-11)


def test_the_logistic_model_is_that_of_r(sixty: pd.DataFrame) -> None:
    outcome = (sixty["any_cr"] == "no").astype(float)
    row = logistic(sixty, outcome, [SIZE]).table.loc["tumor_size_cm"]
    for column in ("coef", "se", "p"):
        assert row[column] == pytest.approx(R["logistic"][column], rel=1e-11)
