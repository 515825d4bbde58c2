"""What goes beyond the paper's own analyses, by hand and at its limits.

That it gives R's digits is held in tests/compare/test_trust.py.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reanalysis.analysis.discrimination import (
    calibration,
    concordance,
    linear_predictor,
    optimism,
    predicted_risk,
)
from reanalysis.analysis.e_value import e_value
from reanalysis.analysis.fine_gray import fine_gray, grays_test
from reanalysis.analysis.firth import firth_cox, firth_logistic
from reanalysis.analysis.prediction import paper_model, refit
from reanalysis.analysis.proportionality import proportional_hazards, schoenfeld_residuals
from reanalysis.analysis.regression import cox, design_matrix
from reanalysis.analysis.restricted_mean import restricted_mean, restricted_mean_difference
from reanalysis.analysis.simulation import draw_cohort
from reanalysis.analysis.spline import basis, spline_cox
from reanalysis.analysis.survival import event_times, kaplan_meier, logrank
from reanalysis.analysis.time_varying import cox_with_change, split_at_change
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import (
    ANY_CR,
    CHILD_PUGH,
    CR_MONTHS,
    LOCAL_CONTROL,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    SESSIONS,
    SIZE,
)


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return draw_cohort(300, seed=3)


def times_of(months: list[float], event: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"months": months, "event": event})


# --- restricted mean --------------------------------------------------------------------------


def test_a_restricted_mean_is_the_area_under_the_curve() -> None:
    # 1 until 2, 3/4 until 5, 3/8 until 6: 2 + 9/4 + 3/8. Areas beyond the events: 21/8 and 3/8.
    mean = restricted_mean(times_of([2.0, 3, 5, 8], [1, 0, 1, 0]), 6)
    assert mean.months == pytest.approx(2 + 9 / 4 + 3 / 8)
    variance = (21 / 8) ** 2 / (4 * 3) + (3 / 8) ** 2 / (2 * 1)
    assert mean.se == pytest.approx(np.sqrt(variance))
    assert (mean.upper - mean.lower) / 2 == pytest.approx(1.959963984540054 * mean.se)


def test_without_censoring_it_is_the_mean_of_the_shorter_of_time_and_limit() -> None:
    months = np.array([1.0, 2, 4, 7, 7, 11])
    mean = restricted_mean(times_of(months.tolist(), [1] * 6), 9)
    capped = np.minimum(months, 9)
    assert mean.months == pytest.approx(capped.mean())
    assert mean.se == pytest.approx(capped.std() / np.sqrt(6))


def test_a_mean_until_the_very_event_does_not_see_it() -> None:
    times = times_of([2.0, 5.0, 8.0], [1, 1, 0])
    assert restricted_mean(times, 5).months == pytest.approx(2 + 3 * 2 / 3)
    assert restricted_mean(times_of([2.0, 2.0], [1, 1]), 9).se == 0


def test_nobody_observed_so_long_no_mean() -> None:
    with pytest.raises(NotEstimable, match="for 9 months"):
        restricted_mean(times_of([2.0, 8.0], [1, 0]), 9)
    with pytest.raises(ValueError, match="above 0"):
        restricted_mean(times_of([2.0, 8.0], [1, 0]), 0)


def test_a_difference_is_the_second_less_the_first() -> None:
    times = times_of([1.0, 2, 4, 7, 8, 11], [1, 1, 1, 1, 1, 1])
    groups = pd.Series(pd.Categorical(list("bbbaaa"), ["b", "a"]))
    mean = restricted_mean_difference(times, groups, 9)
    first, second = restricted_mean(times.iloc[:3], 9), restricted_mean(times.iloc[3:], 9)
    assert mean.months == pytest.approx(second.months - first.months) and mean.months > 0
    assert mean.se == pytest.approx(np.sqrt(first.se**2 + second.se**2))
    assert mean.p == pytest.approx(2 * stats.norm.sf(mean.months / mean.se))
    with pytest.raises(NotEstimable, match="has 1"):
        restricted_mean_difference(times, pd.Series(["b"] * 6), 9)
    # A level that nobody has is no group, and patients without one are in neither.
    spare = pd.Series(pd.Categorical([*"bbbaaa", None], ["b", "c", "a"]))
    longer = times_of([*times["months"], 20.0], [1] * 7)
    assert restricted_mean_difference(longer, spare, 9) == mean


# --- what changes during follow-up ------------------------------------------------------------


def test_observation_is_split_at_the_change() -> None:
    times = times_of([10.0, 8, 6, 5, 9], [1, 0, 1, 1, 1])
    changed = pd.Series([4.0, np.nan, 6.0, 0.0, 12.0])
    rows = split_at_change(times, changed)
    assert rows.index.tolist() == [0, 0, 1, 2, 3, 4]
    assert rows["start"].tolist() == [0, 4, 0, 0, 0, 0]
    assert rows["stop"].tolist() == [4, 10, 8, 6, 5, 9]
    assert rows["event"].tolist() == [0, 1, 0, 1, 1, 1]
    # At the very end, or later, it changes nothing; at the beginning it was there all the time.
    assert rows["changed"].tolist() == [0, 1, 0, 0, 1, 0]


def test_a_response_that_comes_later_has_no_credit_for_the_time_before_it() -> None:
    # Response is drawn without any effect, but who responds late had to live until then.
    random = np.random.default_rng(0)
    death, response = random.exponential(20, 800), random.exponential(20, 800)
    cohort = pd.DataFrame(
        {
            "follow_up_months": np.minimum(death, 60),
            "death": (death <= 60).astype(int),
            "any_cr": pd.Categorical(np.where(response < death, "yes", "no"), ["yes", "no"]),
        }
    )
    at = pd.Series(response).where(response < death)
    naive = cox(cohort, OVERALL_SURVIVAL, [ANY_CR]).table["ratio"].iloc[0]
    fair = cox_with_change(cohort, OVERALL_SURVIVAL, at).table.loc["changed"]
    assert naive > 2
    assert fair["lower"] < 1 < fair["upper"]


def test_a_change_that_nobody_had_before_an_event_has_no_ratio(drawn: pd.DataFrame) -> None:
    never = pd.Series(np.nan, index=drawn.index)
    with pytest.raises(NotEstimable, match="before the change, or none after"):
        cox_with_change(drawn, OVERALL_SURVIVAL, never)
    model = cox_with_change(drawn, OVERALL_SURVIVAL, drawn[CR_MONTHS], [SIZE])
    assert list(model.table.index) == ["tumor_size_cm", "changed"]
    assert (model.n, model.events) == (300, int(drawn["death"].sum()))
    with pytest.raises(NotEstimable, match="no death was observed"):
        cox_with_change(drawn.assign(death=0), OVERALL_SURVIVAL, drawn[CR_MONTHS])


def test_a_change_needs_more_events_than_variables() -> None:
    months = [2.0, 4, 6, 8, 9, 10]
    cohort = pd.DataFrame({"follow_up_months": months, "tumor_size_cm": [3.0, 1, 2, 4, 2, 1]})
    changed = pd.Series([1.0, np.nan, 3, np.nan, 2, np.nan])
    two = cohort.assign(death=[1, 1, 0, 0, 0, 0])
    with pytest.raises(NotEstimable, match=r"for a model of 2 variables$"):
        cox_with_change(two, OVERALL_SURVIVAL, changed, [SIZE])
    three = cohort.assign(death=[1, 1, 1, 0, 0, 0])
    assert cox_with_change(three, OVERALL_SURVIVAL, changed, [SIZE]).events == 3


# --- competing risks --------------------------------------------------------------------------


def test_without_deaths_grays_test_is_nearly_the_logrank(drawn: pd.DataFrame) -> None:
    # Without the competing event it compares the same numbers; the variance is another estimate.
    times = event_times(drawn, OVERALL_SURVIVAL)
    groups = drawn["child_pugh_class"].astype(str)
    nobody = pd.Series(0, index=times.index)
    _, p = grays_test(times, nobody, groups)
    assert np.log10(p) == pytest.approx(np.log10(logrank(times, groups)), rel=0.25)


def test_grays_test_takes_any_number_of_groups_in_any_order() -> None:
    random = np.random.default_rng(5)
    times = times_of(random.exponential(10, 90).tolist(), random.integers(0, 2, 90).tolist())
    death = pd.Series(random.integers(0, 2, 90))
    three = pd.Series(list("abc") * 30)
    other = three.map({"a": "z", "b": "x", "c": "y"})[::-1]
    assert grays_test(times, death, three) == pytest.approx(grays_test(times, death, other))
    with pytest.raises(NotEstimable, match="has 1"):
        grays_test(times, death, pd.Series(["a"] * 90))
    with pytest.raises(NotEstimable, match="no event in any group"):
        grays_test(times.assign(event=0), death, three)


def test_grays_test_with_ties_and_with_a_group_of_which_nobody_is_left_is_cmprsks() -> None:
    """The statistic and p of ``cuminc(months, state, group)$Tests["1", ]``, cmprsk."""
    months = [*(1, 1, 2, 2, 2, 3, 3, 4, 4, 5), *(1, 2, 2, 3, 3, 3, 5, 6, 6, 7)]
    months += [2, 2, 3, 4, 4, 4, 6, 7, 8, 8]
    state = [*(1, 2, 1, 1, 0, 2, 2, 1, 1, 1), *(2, 1, 1, 1, 2, 2, 0, 1, 1, 0)]
    state += [2, 2, 1, 0, 1, 1, 2, 2, 0, 0]
    what = pd.Series(state)
    times = pd.DataFrame({"months": np.array(months, float), "event": (what == 1).astype(int)})
    groups = pd.Series(np.repeat(["a", "b", "c"], 10))
    statistic, p = grays_test(times, (what == 2).astype(int), groups)
    assert statistic == pytest.approx(3.947483338149030, rel=1e-12)
    assert p == pytest.approx(0.138936029796608, rel=1e-12)


def test_fine_and_gray_without_deaths_is_cox(drawn: pd.DataFrame) -> None:
    # With nobody dying the weights are 1, and the estimate is Cox's.
    alive = drawn.assign(death=0)
    ours = fine_gray(alive, LOCAL_CONTROL, [SIZE]).table.loc["tumor_size_cm"]
    theirs = cox(alive, LOCAL_CONTROL, [SIZE]).table.loc["tumor_size_cm"]
    assert ours["coef"] == pytest.approx(theirs["coef"], rel=1e-10)
    assert ours["se"] == pytest.approx(theirs["se"], rel=0.5)


def test_a_level_without_failure_has_no_subdistribution_ratio(drawn: pd.DataFrame) -> None:
    none = drawn.copy()
    none.loc[none["child_pugh_class"] == "B", "local_failure"] = 0
    with pytest.raises(NotEstimable, match="no local failure among patients with Child-Pugh"):
        fine_gray(none, LOCAL_CONTROL, [CHILD_PUGH])


# --- prediction -------------------------------------------------------------------------------


def test_a_level_with_as_many_events_as_asked_for_stays(drawn: pd.DataFrame) -> None:
    four = drawn.copy()
    died = four.index[(four["child_pugh_class"] == "B") & (four["death"] == 1)]
    four.loc[died[4:], "death"] = 0
    assert CHILD_PUGH.label not in refit(four, "death", 4).left_out
    assert refit(four, "death", 5).left_out[CHILD_PUGH.label] == ("a level has fewer than 5 events")


def test_the_baseline_under_the_papers_coefficients_has_the_steps_of_the_anchor(
    drawn: pd.DataFrame,
) -> None:
    model = paper_model("death", drawn)
    matrix = design_matrix(drawn, model.terms).join(
        event_times(drawn, OVERALL_SURVIVAL), how="inner"
    )
    columns = [term.column for term in model.terms]
    risk = np.exp((matrix[columns].to_numpy(float) - model.center) @ model.coef)
    steps = np.diff(model.hazard, prepend=0.0)
    # Breslow's: so many deaths over the risk of all who are still observed.
    months, died = matrix["months"], matrix["event"] == 1
    deaths = np.array([(died & (months == month)).sum() for month in model.months])
    assert set(deaths) > {1}  # some at one time
    expected = deaths / [risk[months >= month].sum() for month in model.months]
    np.testing.assert_allclose(steps / steps[0], expected / expected[0], rtol=1e-9)
    survival = np.exp(-model.hazard[model.months <= 36][-1] * risk).mean()
    assert survival == pytest.approx(0.727, abs=1e-9)


def test_a_death_in_the_very_month_of_the_rate_is_enough_for_a_baseline(
    drawn: pd.DataFrame,
) -> None:
    late = drawn.assign(follow_up_months=36.0)
    assert paper_model("death", late).months.tolist() == [36.0]
    with pytest.raises(NotEstimable, match="in 36 months"):
        paper_model("death", late.assign(follow_up_months=36.1))


# --- proportional hazards ---------------------------------------------------------------------


def test_a_ratio_that_changes_with_time_is_found() -> None:
    random = np.random.default_rng(1)
    size = random.uniform(1, 6, 400)
    # Large tumours die early, small ones late: the ratio falls below 1.
    months = np.where(random.random(400) < size / 7, random.uniform(0, 10, 400), 0) + np.where(
        random.random(400) < 0.5, 0.01, 10 + size * 2
    )
    cohort = pd.DataFrame({"follow_up_months": months, "death": 1, "tumor_size_cm": size})
    assert proportional_hazards(cohort, OVERALL_SURVIVAL, [SIZE])["p"].iloc[-1] < 1e-4


def test_residuals_have_one_row_per_event_and_average_to_the_coefficient() -> None:
    cohort = draw_cohort(300, seed=8)
    terms = [SIZE, SESSIONS]
    table = schoenfeld_residuals(cohort, OVERALL_SURVIVAL, terms)
    coef = cox(cohort, OVERALL_SURVIVAL, terms).table["coef"]
    assert len(table) == cohort["death"].sum()
    assert table.index.is_monotonic_increasing
    np.testing.assert_allclose(table.mean(), coef, atol=1e-9)
    test = proportional_hazards(cohort, OVERALL_SURVIVAL, terms)
    assert list(test.index) == ["tumor_size_cm", "prior_sessions", "all together"]
    assert test["df"].tolist() == [1, 1, 2]


# --- Firth ------------------------------------------------------------------------------------


def test_a_table_of_four_with_a_zero_gets_half_a_patient_in_each_cell() -> None:
    # Of a saturated logistic model Firth's penalty is Haldane's half.
    levels = pd.Categorical(["A"] * 8 + ["B"] * 6, ["A", "B"])
    outcome = pd.Series([0.0] * 8 + [1.0] * 4 + [0.0] * 2)
    row = firth_logistic(
        pd.DataFrame({"child_pugh_class": levels}), outcome, [CHILD_PUGH]
    ).table.iloc[0]
    assert row["ratio"] == pytest.approx((4.5 / 2.5) / (0.5 / 8.5), rel=1e-10)
    assert row["lower"] > 1 and row["p"] < 0.05


def test_a_cox_model_of_two_patients_by_hand() -> None:
    # One event with the other at risk: b is at the top of b - log(1 + e^b) + log(p (1 - p)) / 2,
    # where 1 - p + (1 - 2 p) / 2 = 0, p = 3/4.
    cohort = pd.DataFrame(
        {"follow_up_months": [1.0, 2.0], "death": [1, 0], "tumor_size_cm": [1.0, 0.0]}
    )
    row = firth_cox(cohort, OVERALL_SURVIVAL, [SIZE]).table.iloc[0]
    assert row["coef"] == pytest.approx(np.log(3), rel=1e-9)
    assert row["se"] == pytest.approx(np.sqrt(16 / 3), rel=1e-9)
    nothing, best = np.log(0.25) / 2 + np.log(0.5), np.log(3 / 16) / 2 + np.log(0.75)
    assert row["p"] == pytest.approx(stats.chi2.sf(2 * (best - nothing), 1), rel=1e-9)
    assert row["lower"] < 1 < row["upper"]


def test_the_limits_are_where_the_profile_has_fallen() -> None:
    # A single variable: the profile is the penalized likelihood itself, p (1 - p) the information.
    cohort = pd.DataFrame(
        {"follow_up_months": [1.0, 2.0], "death": [1, 0], "tumor_size_cm": [1.0, 0.0]}
    )
    row = firth_cox(cohort, OVERALL_SURVIVAL, [SIZE]).table.iloc[0]

    def likelihood(ratio: float) -> float:
        p = ratio / (1 + ratio)
        return float(np.log(p) + np.log(p * (1 - p)) / 2)

    for limit in ("lower", "upper"):
        assert 2 * (likelihood(3.0) - likelihood(row[limit])) == pytest.approx(
            stats.chi2.isf(0.05, 1), rel=1e-8
        )


def test_where_the_likelihood_has_no_maximum_firths_has() -> None:
    cohort = draw_cohort(200, seed=4)
    cohort.loc[cohort["child_pugh_class"] == "B", "death"] = 0
    with pytest.raises(NotEstimable):
        cox(cohort, OVERALL_SURVIVAL, [CHILD_PUGH])
    row = firth_cox(cohort, OVERALL_SURVIVAL, [CHILD_PUGH]).table.iloc[0]
    assert 0 < row["lower"] < row["ratio"] < 1 < row["upper"] < 10


def test_with_many_events_firth_is_close_to_cox(drawn: pd.DataFrame) -> None:
    terms = [CHILD_PUGH, SIZE]
    ours = firth_cox(drawn, OVERALL_SURVIVAL, terms).table
    theirs = cox(drawn, OVERALL_SURVIVAL, terms).table
    np.testing.assert_allclose(ours["coef"], theirs["coef"], atol=0.05)
    np.testing.assert_allclose(np.log(ours["lower"]), np.log(theirs["lower"]), atol=0.15)


def test_what_says_nothing_has_no_penalized_estimate_either(drawn: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="no death was observed"):
        firth_cox(drawn.assign(death=0), OVERALL_SURVIVAL, [SIZE])
    doubled = drawn.assign(prior_sessions=2 * drawn["tumor_size_cm"])
    with pytest.raises(NotEstimable, match="told apart"):
        firth_cox(doubled, OVERALL_SURVIVAL, [SIZE, SESSIONS])
    with pytest.raises(NotEstimable, match="the outcome is the same"):
        firth_logistic(drawn, pd.Series(1.0, index=drawn.index), [SIZE])


# --- splines ----------------------------------------------------------------------------------


def test_the_basis_is_cubic_inside_and_straight_outside() -> None:
    knots = np.array([0.0, 1.0, 2.5, 4.0])
    x = np.linspace(-2, 6, 801)
    columns = basis(x, knots)
    assert columns.shape == (801, 3)
    second = np.diff(columns, 2, axis=0)
    outside = (x[1:-1] < -0.02) | (x[1:-1] > 4.02)
    assert np.abs(second[outside]).max() < 1e-12
    assert np.abs(second[~outside, 1:]).max() > 1e-5
    np.testing.assert_allclose(
        basis(knots, knots)[:, 1:], [[0, 0], [1, 0], [0, 1], [0, 0]], atol=1e-12
    )
    # Smooth to the second derivative: no jump of the slope at any knot.
    assert np.abs(np.diff(second, axis=0)).max() < 1e-3


def test_a_straight_effect_stays_straight_and_a_curved_one_does_not() -> None:
    random = np.random.default_rng(3)
    size = random.uniform(0.5, 7, 600)

    def cohort(log_hazard: np.ndarray) -> pd.DataFrame:
        months = random.exponential(20 * np.exp(-log_hazard))
        return pd.DataFrame({"follow_up_months": months, "death": 1, "tumor_size_cm": size})

    assert spline_cox(cohort(0.3 * size), OVERALL_SURVIVAL, SIZE).p > 0.01
    curved = spline_cox(cohort(np.abs(size - 3.5)), OVERALL_SURVIVAL, SIZE)
    assert curved.p < 1e-6 and curved.df == 2
    ratios = curved.ratios(np.array([1.0, 3.5, 6.0]), 3.5)
    assert ratios["ratio"].iloc[0] > 2 and ratios["ratio"].iloc[2] > 2
    assert ratios.loc[3.5].tolist() == [1, 1, 1]


def test_the_limits_of_a_spline_hold_its_ratio_and_are_walds(drawn: pd.DataFrame) -> None:
    model = spline_cox(drawn, OVERALL_SURVIVAL, SIZE, [CHILD_PUGH])
    row = model.ratios(np.array([4.0]), 2.0).iloc[0]
    assert row["lower"] < row["ratio"] < row["upper"]
    assert np.sqrt(row["lower"] * row["upper"]) == pytest.approx(row["ratio"])
    contrast = (basis(np.array([4.0]), model.knots) - basis(np.array([2.0]), model.knots))[0]
    variance = contrast @ model.covariance[:3, :3] @ contrast
    width = np.log(row["upper"] / row["lower"])
    assert width == pytest.approx(2 * 1.959963984540054 * np.sqrt(variance))


def test_a_spline_needs_different_values_and_a_number(drawn: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="a number"):
        spline_cox(drawn, OVERALL_SURVIVAL, CHILD_PUGH)
    with pytest.raises(ValueError, match="two degrees"):
        spline_cox(drawn, OVERALL_SURVIVAL, SIZE, df=1)
    with pytest.raises(NotEstimable, match="too few different values"):
        few = drawn.assign(tumor_size_cm=np.where(drawn["tumor_size_cm"] > 2, 3.0, 1.0))
        spline_cox(few, OVERALL_SURVIVAL, SIZE)
    with_others = spline_cox(drawn, OVERALL_SURVIVAL, SIZE, [CHILD_PUGH])
    assert len(with_others.coef) == 4


# --- discrimination and calibration -----------------------------------------------------------


def test_concordance_counts_the_pairs_that_can_be_compared() -> None:
    # Pairs with the earlier one an event: (0,1), (0,2), (0,3), (2,3). Concordant: (0,1), (0,3);
    # (0,2) has equal risks; (2,3) is discordant.
    times = times_of([1.0, 2, 3, 4], [1, 0, 1, 0])
    risk = pd.Series([2.0, 1.0, 2.0, 1.5])
    assert concordance(times, risk)[0] == pytest.approx((3 + 0.5) / 4)
    assert concordance(times, -risk)[0] == pytest.approx(1 - 3.5 / 4)
    with pytest.raises(NotEstimable):
        concordance(times.assign(event=0), risk)
    with pytest.raises(NotEstimable):
        concordance(times_of([1.0, 1.0], [1, 1]), risk)


def test_without_censoring_uno_is_harrell() -> None:
    random = np.random.default_rng(2)
    times = times_of(random.exponential(1, 60).tolist(), [1] * 60)
    risk = pd.Series(random.normal(size=60))
    assert concordance(times, risk, uno=True)[0] == pytest.approx(concordance(times, risk)[0])


def test_predicted_risks_are_those_of_the_refitted_model(drawn: pd.DataFrame) -> None:
    terms = MULTIVARIABLE[OVERALL_SURVIVAL.key]
    risk = predicted_risk(drawn, OVERALL_SURVIVAL, terms, 36)
    model = refit(drawn, OVERALL_SURVIVAL.event)
    for i in risk.index[:5]:
        survival = model.survival_at(drawn.loc[i].to_dict(), 36)["survival"]
        assert risk[i] == pytest.approx(1 - survival, abs=1e-12)
    assert predicted_risk(drawn, OVERALL_SURVIVAL, terms, 0.0).max() == 0
    predictor = linear_predictor(drawn, OVERALL_SURVIVAL, terms)
    assert predictor.mean() == pytest.approx(0, abs=1e-9)
    assert predictor.rank().equals(risk.rank())


def test_calibration_holds_predictions_against_kaplan_meier(drawn: pd.DataFrame) -> None:
    terms = MULTIVARIABLE[OVERALL_SURVIVAL.key]
    risk = predicted_risk(drawn, OVERALL_SURVIVAL, terms, 36)
    times = event_times(drawn, OVERALL_SURVIVAL)
    table = calibration(times, risk, 36)
    assert table["patients"].sum() == len(risk) and len(table) == 4
    assert table["predicted"].is_monotonic_increasing
    lowest = risk[risk <= risk.quantile(0.25)].index
    assert table["observed"].iloc[0] == pytest.approx(
        1 - kaplan_meier(times.loc[lowest]).at(36)["survival"]
    )
    assert (table["lower"] <= table["observed"]).all() and (
        table["observed"] <= table["upper"]
    ).all()
    with pytest.raises(NotEstimable, match="the same in nearly every"):
        calibration(times, risk * 0 + 0.3, 36)


def test_optimism_is_what_noise_gains() -> None:
    random = np.random.default_rng(0)
    cohort = draw_cohort(80, seed=2).assign(
        tumor_size_cm=random.normal(3, 1, 80), prior_sessions=random.normal(3, 1, 80)
    )
    found = optimism(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS], 60, seed=1)
    assert found.apparent >= 0.5 and found.samples == 60
    assert 0.005 < found.optimism < 0.15
    assert found.corrected == found.apparent - found.optimism
    again = optimism(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS], 60, seed=1)
    assert again == found
    assert optimism(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS], 60, seed=2) != found


# --- E-value ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "limit", "expected"),
    [
        (3.9, 1.8, (7.26, 3.0)),  # the example of VanderWeele & Ding, smoking and lung cancer
        (0.8, 0.9, (1.81, 1.46)),
        (1.5, 0.9, (2.37, 1.0)),
        (1.0, 1.0, (1.0, 1.0)),
    ],
)
def test_e_values(ratio, limit, expected) -> None:
    assert e_value(ratio, limit) == pytest.approx(expected, abs=0.006)


def test_a_hazard_ratio_of_a_common_event_is_first_made_a_risk_ratio() -> None:
    # h = 2: (1 - 0.5^1.4142) / (1 - 0.5^0.7071) = 0.62479 / 0.38745
    risk = (1 - 0.5 ** np.sqrt(2)) / (1 - 0.5 ** np.sqrt(0.5))
    first, second = e_value(2.0, common=True)
    assert first == pytest.approx(risk + np.sqrt(risk * (risk - 1)))
    assert np.isnan(second)
    assert e_value(0.5, common=True)[0] == pytest.approx(first)


def test_the_limit_of_a_common_event_is_made_a_risk_ratio_too() -> None:
    assert e_value(2.0, 1.5, common=True)[1] == pytest.approx(e_value(1.5, common=True)[0])
    assert e_value(2.0, 1.0) == (pytest.approx(2 + np.sqrt(2)), 1.0)
    assert e_value(2.0, 2.0)[1] == pytest.approx(2 + np.sqrt(2))


def test_an_e_value_needs_a_ratio_and_the_nearer_limit() -> None:
    with pytest.raises(ValueError, match="above 0"):
        e_value(0.0)
    with pytest.raises(ValueError, match="above 0"):
        e_value(2.0, 0.0)
    with pytest.raises(ValueError, match="nearer to 1"):
        e_value(2.0, 3.0)
    with pytest.raises(ValueError, match="nearer to 1"):
        e_value(0.5, 0.4)
