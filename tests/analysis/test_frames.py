"""What the estimates are called, which patients they are of, and what a refusal says."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.competing_risks import cumulative_incidence
from reanalysis.analysis.landmark import at_landmark, landmark_comparison
from reanalysis.analysis.regression import (
    cox,
    design_matrix,
    logistic,
    multivariable,
    observed,
    univariable,
    wald,
)
from reanalysis.analysis.simulation import draw_cohort
from reanalysis.analysis.survival import (
    event_times,
    kaplan_meier,
    kaplan_meier_by,
    logrank,
    number_at_risk,
    rates_table,
)
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.paper.study import CHILD_PUGH, LOCAL_CONTROL, OVERALL_SURVIVAL, SESSIONS, SIZE

NOTHING = pd.DataFrame({"months": pd.Series(dtype=float), "event": pd.Series(dtype=int)})
TIMES = pd.DataFrame({"months": [2.0, 4, 6, 8], "event": [1, 0, 1, 0]})


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    cohort = draw_cohort(200, seed=9)
    return cohort.set_index(pd.Index([f"row {i}" for i in range(200)]))


def test_tables_have_the_names_that_pages_print() -> None:
    curve = kaplan_meier(TIMES)
    assert curve.table.index.name == "months"
    assert list(curve.table) == ["survival", "lower", "upper"]
    assert number_at_risk(TIMES, [4]).name == "at risk"
    rates = rates_table(curve, [4, 9])
    assert list(rates) == ["at risk", "events", "survival", "lower", "upper"]
    assert rates.loc[9, ["survival", "lower", "upper"]].isna().all()
    incidence = cumulative_incidence(TIMES, pd.Series([0, 1, 0, 0]))
    assert incidence.index.name == "months" and list(incidence) == ["event", "death"]


def test_a_model_names_its_rows_and_its_covariance(drawn: pd.DataFrame) -> None:
    model = cox(drawn, OVERALL_SURVIVAL, [CHILD_PUGH, SIZE])
    assert list(model.table) == ["ratio", "lower", "upper", "p", "coef", "se"]
    assert model.table.index.name == "covariate"
    names = ["child_pugh_class", "tumor_size_cm"]
    assert list(model.covariance.index) == list(model.covariance.columns) == names
    np.testing.assert_allclose(np.sqrt(np.diag(model.covariance)), model.table["se"])
    np.testing.assert_allclose(model.fit.covariance, model.covariance)


def test_patients_keep_their_index(drawn: pd.DataFrame) -> None:
    cohort = drawn.copy()
    cohort.loc["row 3", "tumor_size_cm"] = np.nan
    cohort["death"] = cohort["death"].astype(float)
    cohort.loc["row 5", "death"] = np.nan
    matrix = design_matrix(cohort, [SIZE])
    assert matrix.index.equals(cohort.index.drop("row 3"))
    data = observed(cohort, OVERALL_SURVIVAL, [SIZE])
    assert data.index.equals(cohort.index.drop(["row 3", "row 5"]))
    assert cox(cohort, OVERALL_SURVIVAL, [SIZE]).n == 198
    assert data.loc["row 9", "months"] == cohort.loc["row 9", "follow_up_months"]
    assert event_times(cohort, OVERALL_SURVIVAL).index.equals(cohort.index.drop("row 5"))


def test_an_outcome_of_other_patients_is_not_asked_for(drawn: pd.DataFrame) -> None:
    outcome = (drawn["any_cr"] == "no").astype(float)
    outcome = pd.concat([outcome, pd.Series([1.0], index=["somebody else"])])
    assert logistic(drawn, outcome, [SIZE]).n == 200
    groups = pd.concat([drawn["child_pugh_class"].astype(str), pd.Series(["B"], index=["x"])])
    times = event_times(drawn, OVERALL_SURVIVAL)
    assert logrank(times, groups) == logrank(times, groups.iloc[:-1])
    assert kaplan_meier_by(times, groups)["B"].n == (drawn["child_pugh_class"] == "B").sum()


def test_the_range_of_a_variable_decides_what_runs_away() -> None:
    wide, far = np.array([[100.0]]), np.array([[0.0], [2.0]])
    with pytest.raises(NotEstimable, match="no finite estimate"):
        wald(["size"], far, np.array([6.05]), wide, (2, 2), None)
    assert wald(["size"], far, np.array([5.95]), wide, (2, 2), None).n == 2


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: kaplan_meier(NOTHING), "no patient is left to estimate a curve from"),
        (
            lambda: kaplan_meier_by(TIMES, pd.Series([None] * 4)),
            "no patient is left to estimate a curve from",
        ),
        (
            lambda: logrank(TIMES.assign(event=0), pd.Series(list("ABAB"))),
            "no event in any group, so there is nothing to compare",
        ),
        (
            lambda: logrank(TIMES.assign(months=[1.0, 4, 6, 8]), pd.Series([None, "A", "A", "B"])),
            None,
        ),
        (
            lambda: logrank(TIMES.assign(event=[0, 0, 1, 1]), pd.Series(list("ABBB"))),
            "one of the groups had left observation before the first event",
        ),
    ],
)
def test_a_refusal_says_exactly_why(call, reason) -> None:
    if reason is None:
        assert 0 < call() < 1
        return
    with pytest.raises(NotEstimable) as refused:
        call()
    assert str(refused.value) == reason


def test_the_full_model_fits_what_it_needs_itself(drawn: pd.DataFrame) -> None:
    models = univariable(drawn, OVERALL_SURVIVAL)
    given, own = (multivariable(drawn, OVERALL_SURVIVAL, m) for m in (models, None))
    pd.testing.assert_frame_equal(given.table, own.table)
    nobody = drawn.assign(death=0)
    with pytest.raises(NotEstimable, match=r"^no death was observed$"):
        multivariable(nobody, OVERALL_SURVIVAL)
    bare = drawn[["patient_id", "follow_up_months", "death"]]
    with pytest.raises(NotRecorded):
        multivariable(bare, OVERALL_SURVIVAL)
    for column in (LOCAL_CONTROL.event, LOCAL_CONTROL.months):
        with pytest.raises(NotRecorded):
            multivariable(drawn.drop(columns=column), LOCAL_CONTROL)
        with pytest.raises(NotRecorded):
            event_times(drawn.drop(columns=column), LOCAL_CONTROL)
    with pytest.raises(NotRecorded):
        event_times(drawn.drop(columns="follow_up_months"), LOCAL_CONTROL)


def test_a_landmark_table_has_all_its_columns_even_without_an_estimate(
    drawn: pd.DataFrame,
) -> None:
    names = ["CR", "no CR yet", "events, CR", "events, no CR yet", "ratio", "lower", "upper", "p"]
    table = landmark_comparison(drawn, OVERALL_SURVIVAL, [500.0])
    assert list(table) == [*names, "no estimate because"]
    assert table["CR"].dtype == "Int64"
    for column in ("best_response", "complete_response_months", "death"):
        with pytest.raises(NotRecorded):
            landmark_comparison(drawn.drop(columns=column), OVERALL_SURVIVAL, [3.0])
    left = at_landmark(drawn, OVERALL_SURVIVAL, 0.0)
    assert list(left["cr_at_landmark"].cat.categories) == ["yes", "no"]


def test_nullable_columns_are_read_as_numbers(drawn: pd.DataFrame) -> None:
    cohort = drawn.assign(
        death=drawn["death"].astype("Int64"), prior_sessions=drawn["prior_sessions"].astype("Int64")
    )
    cohort.loc["row 2", ["death"]] = pd.NA
    cohort.loc["row 4", ["prior_sessions"]] = pd.NA
    assert cox(cohort, OVERALL_SURVIVAL, [SESSIONS]).n == 198
