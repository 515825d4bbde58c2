"""The limits at which an estimate is refused, or a patient counts on this side or the other."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reanalysis.analysis.competing_risks import cumulative_incidence, incidence_with_limits
from reanalysis.analysis.cutpoint import corrected_p
from reanalysis.analysis.recurrence import sites_of_recurrence
from reanalysis.analysis.regression import (
    IMPOSSIBLE_LOG_RATIO,
    Regression,
    backward_elimination,
    cox,
    hindrance,
    logistic,
    multivariable,
    wald,
)
from reanalysis.analysis.response import isolated_failures, residual_burden_p
from reanalysis.analysis.survival import (
    event_times,
    kaplan_meier,
    kaplan_meier_by,
    logrank,
    number_at_risk,
    rates_table,
)
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import (
    CHILD_PUGH,
    ENTRY_P,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    PATTERNS,
    REMOVAL_P,
    SESSIONS,
    SIZE,
)


def sized(size: list[float], months: list[float], death: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"tumor_size_cm": size, "follow_up_months": months, "death": death})


# --- a ratio that would be infinite -----------------------------------------------------------


def test_a_hazard_ratio_that_runs_away_is_refused() -> None:
    # All events among the large tumours: the likelihood rises for ever. R ends at a coefficient
    # of 20 to 30 with a standard error of thousands.
    cohort = sized([1.0] * 6 + [2.0] * 6, [9.0] * 6 + [1.0, 2, 3, 4, 5, 6], [0] * 6 + [1] * 6)
    with pytest.raises(NotEstimable, match="no finite estimate"):
        cox(cohort, OVERALL_SURVIVAL, [SIZE])
    assert hindrance(cohort, OVERALL_SURVIVAL, [SIZE]) is None


def test_events_in_perfect_order_are_refused() -> None:
    size = np.linspace(1, 6, 12)
    cohort = sized(size.tolist(), (13 - 2 * size).tolist(), [1] * 12)
    with pytest.raises(NotEstimable, match="no finite estimate"):
        cox(cohort, OVERALL_SURVIVAL, [SIZE])


def test_a_large_but_well_known_ratio_is_kept() -> None:
    # Over the range of sizes the ratio passes e^12, and its interval is far from 1.
    random = np.random.default_rng(2)
    size = np.round(random.uniform(0.5, 7, 120), 1)
    months = random.exponential(np.exp(-2.6 * (size - 3.5)))
    row = cox(sized(size.tolist(), months.tolist(), [1] * 120), OVERALL_SURVIVAL, [SIZE]).table.loc[
        "tumor_size_cm"
    ]
    assert row["coef"] * np.ptp(size) > 12
    assert row["lower"] > 5


def test_a_ratio_that_no_data_can_support_is_refused_however_narrow_its_interval() -> None:
    matrix = np.array([[0.0], [1.0]])
    narrow = np.array([[1.0]])
    with pytest.raises(NotEstimable, match="no finite estimate"):
        wald(["size"], matrix, np.array([50.1]), narrow, (2, 2), None)
    assert (
        wald(["size"], matrix, np.array([49.9]), narrow, (2, 2), None).table["coef"].iloc[0] == 49.9
    )
    # An interval that holds 1 is refused beyond a log ratio of 12.
    wide = np.array([[100.0]])
    with pytest.raises(NotEstimable, match="no finite estimate"):
        wald(["size"], matrix, np.array([12.1]), wide, (2, 2), None)
    assert (
        wald(["size"], matrix, np.array([-11.9]), wide, (2, 2), None).table["coef"].iloc[0] == -11.9
    )


def test_a_wide_interval_over_a_small_range_is_kept() -> None:
    # Nearly nothing is known of this ratio, but it is finite.
    cohort = sized([1.0, 2.0, 1.5, 1.2, 1.9], [1.0, 2, 3, 4, 5], [1, 0, 1, 1, 0])
    row = cox(cohort, OVERALL_SURVIVAL, [SIZE]).table.loc["tumor_size_cm"]
    assert row["lower"] < 0.2 and row["upper"] > 5


def test_an_odds_ratio_of_nearly_separated_sizes_is_refused_or_kept_by_its_error() -> None:
    size = np.round(np.linspace(1, 6, 40), 2)
    outcome = pd.Series((size > 3.5).astype(float))
    cohort = pd.DataFrame({"tumor_size_cm": size})
    with pytest.raises(NotEstimable, match="no finite estimate"):
        logistic(cohort, outcome, [SIZE])
    swapped = outcome.copy()
    swapped.iloc[[12, 28]] = [1.0, 0.0]
    assert logistic(cohort, swapped, [SIZE]).table["lower"].iloc[0] > 1


def test_as_many_events_as_variables_are_too_few() -> None:
    cohort = sized([1.0, 2.0, 3.0, 2.5], [1.0, 2, 3, 4], [1, 1, 0, 0])
    cohort["prior_sessions"] = [1, 3, 2, 2]
    with pytest.raises(NotEstimable, match="for a model of 2 variables"):
        cox(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS])
    cohort["death"] = [1, 1, 1, 0]
    assert cox(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS]).events == 3
    with pytest.raises(NotEstimable, match=r"for a model of 1 variable$"):
        cox(cohort.assign(death=[1, 0, 0, 0]), OVERALL_SURVIVAL, [SIZE])


def test_variables_that_say_the_same_are_refused() -> None:
    cohort = sized([1.0, 2, 3, 2.5, 1.5, 4], [1.0, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    cohort["prior_sessions"] = 2 * cohort["tumor_size_cm"]
    with pytest.raises(NotEstimable, match="no finite estimate"):
        cox(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS])


def test_an_interval_without_information_is_refused_in_any_unit() -> None:
    for unit in (1.0, 1000.0):
        matrix, error = unit * np.array([[0.0], [0.4], [1.0]]), IMPOSSIBLE_LOG_RATIO / unit
        with pytest.raises(NotEstimable):
            wald(["x"], matrix, np.zeros(1), np.array([[error**2]]), (3, 2), None)
        wald(["x"], matrix, np.zeros(1), np.array([[(error / 2) ** 2]]), (3, 2), None)


# --- the paper's thresholds -------------------------------------------------------------------


def test_the_thresholds_are_those_of_the_paper() -> None:
    assert (ENTRY_P, REMOVAL_P) == (0.2, 0.1)


def of_p(p: float) -> Regression:
    table = pd.DataFrame({"p": [p]})
    return Regression(table, 1, 1, pd.DataFrame(), None)


def test_a_variable_enters_below_0_2_and_not_at_it() -> None:
    random = np.random.default_rng(4)
    cohort = sized(
        random.uniform(1, 6, 30).tolist(), random.uniform(1, 60, 30).tolist(), [1, 0] * 15
    )
    cohort["prior_sessions"] = random.integers(1, 9, 30)
    models = {"tumor_size_cm": of_p(0.1999), "prior_sessions": of_p(0.2)}
    assert list(multivariable(cohort, OVERALL_SURVIVAL, models).table.index) == ["tumor_size_cm"]
    with pytest.raises(NotEstimable, match=r"below 0\.2"):
        multivariable(cohort, OVERALL_SURVIVAL, {"tumor_size_cm": of_p(0.2)})


def test_a_variable_stays_below_the_removal_p_and_not_at_it() -> None:
    random = np.random.default_rng(4)
    cohort = sized(
        random.uniform(1, 6, 30).tolist(), random.uniform(1, 60, 30).tolist(), [1, 0] * 15
    )
    cohort["prior_sessions"] = random.integers(1, 9, 30)
    terms = [SIZE, SESSIONS]
    weakest = float(cox(cohort, OVERALL_SURVIVAL, terms).table["p"].max())
    at_it = backward_elimination(cohort, OVERALL_SURVIVAL, terms, removal_p=weakest)
    above = backward_elimination(
        cohort, OVERALL_SURVIVAL, terms, removal_p=np.nextafter(weakest, 1)
    )
    assert (len(at_it), len(above)) == (2, 1)


def test_the_last_variable_stays_whatever_its_p() -> None:
    random = np.random.default_rng(4)
    cohort = sized(
        random.uniform(1, 6, 30).tolist(), random.uniform(1, 60, 30).tolist(), [1, 0] * 15
    )
    cohort["prior_sessions"] = random.integers(1, 9, 30)
    steps = backward_elimination(cohort, OVERALL_SURVIVAL, [SIZE, SESSIONS], removal_p=0.0)
    assert [len(step.table) for step in steps] == [2, 1]


# --- an event at the very month ---------------------------------------------------------------


@pytest.mark.parametrize("month", [12, 24, 36])
def test_an_event_at_the_very_month_counts_and_its_patient_was_at_risk(month: int) -> None:
    times = pd.DataFrame({"months": [float(month), month + 1.0, 40.0], "event": [1, 1, 0]})
    curve = kaplan_meier(times)
    row = rates_table(curve).loc[month]
    assert (row["at risk"], row["events"]) == (3, 1)
    assert row["survival"] == pytest.approx(2 / 3)
    assert (curve.events_by(month), curve.events_by(month - 0.01)) == (1, 0)
    assert curve.at(month - 0.01).tolist() == [1, 1, 1]
    assert number_at_risk(times, [month, month + 0.01]).tolist() == [3, 2]


def test_the_last_month_itself_was_observed() -> None:
    curve = kaplan_meier(pd.DataFrame({"months": [5.0, 9.0], "event": [1, 0]}))
    assert curve.at(9)["survival"] == 0.5
    with pytest.raises(NotEstimable, match=r"for 9\.5 months"):
        curve.at(9.5)


def test_somebody_who_leaves_when_the_first_event_happens_was_compared() -> None:
    # B is censored at the very month of the first event: at risk, so that there is a test.
    times = pd.DataFrame({"months": [5.0, 5.0, 8.0], "event": [1, 0, 1]})
    groups = pd.Series(["A", "B", "A"])
    # At 5 two of three at risk are A, at 8 all: (1 - 2/3)^2 over (2/3)(1/3).
    assert logrank(times, groups) == pytest.approx(stats.chi2.sf(0.5, 1), rel=1e-12)
    with pytest.raises(NotEstimable, match="left observation before the first event"):
        logrank(times.assign(months=[5.0, 4.99, 8.0]), groups)


def test_patients_without_a_group_are_in_no_test_and_no_curve() -> None:
    times = pd.DataFrame({"months": [1.0, 2, 3, 4, 5], "event": [1, 1, 1, 0, 1]})
    groups = pd.Series(["A", "B", "A", "B", None])
    assert logrank(times, groups) == logrank(times.iloc[:4], groups.iloc[:4])
    assert {g: c.n for g, c in kaplan_meier_by(times, groups).items()} == {"A": 2, "B": 2}
    # The first event of anybody is that of a patient without a group, which is none here.
    first = pd.Series([None, "B", "A", "B", "A"])
    early = times.assign(months=[1.0, 2.0, 3.0, 1.5, 5.0])
    assert 0 < logrank(early, first) < 1


def test_three_groups_are_compared_with_two_degrees_of_freedom() -> None:
    times = pd.DataFrame({"months": [1.0, 2, 3], "event": [1, 1, 1]})
    groups = pd.Series(["A", "B", "C"])
    # At 1 a third of those at risk is A, at 2 half of them B: observed less expected are (2/3, 1/6)
    # in A and B, with the hypergeometric variances and their covariance.
    score = np.array([2 / 3, 1 / 6])
    variance = np.array([[2 / 9, -1 / 9], [-1 / 9, 2 / 9 + 1 / 4]])
    statistic = score @ np.linalg.solve(variance, score)
    assert logrank(times, groups) == pytest.approx(stats.chi2.sf(statistic, 2), rel=1e-12)


# --- how long a patient was observed ----------------------------------------------------------


def test_a_transplantation_after_the_last_visit_does_not_lengthen_observation() -> None:
    cohort = pd.DataFrame(
        {
            "follow_up_months": [10.0, 10.0],
            "local_failure": [0, 0],
            "local_failure_months": [np.nan, np.nan],
            "transplant_months": [12.0, 4.0],
        }
    )
    assert event_times(cohort, LOCAL_CONTROL)["months"].tolist() == [10.0, 4.0]


def test_patients_whose_event_is_not_known_are_left_out() -> None:
    cohort = sized([1.0, 2.0, 3.0], [5.0, 6.0, 7.0], [1, 0, 0]).astype({"death": float})
    cohort.loc[1, "death"] = np.nan
    times = event_times(cohort, OVERALL_SURVIVAL)
    assert times.index.tolist() == [0, 2] and times["event"].tolist() == [1, 0]


# --- competing risks --------------------------------------------------------------------------


def test_once_everybody_had_the_event_the_incidence_has_no_limits() -> None:
    # As a survival curve that has reached 0 has none.
    times = pd.DataFrame({"months": [1.0, 2.0], "event": [1, 1]})
    table = incidence_with_limits(times, pd.Series([0, 0]))
    assert table.loc[2.0, "incidence"] == 1
    assert table.loc[2.0, ["lower", "upper"]].isna().all()
    assert 0 < table.loc[1.0, "lower"] < 0.5 < table.loc[1.0, "upper"] < 1
    assert table.loc[0.0].tolist() == [0, 0, 0, 0]


def test_an_event_and_death_in_one_month_is_the_event() -> None:
    times = pd.DataFrame({"months": [3.0, 4.0], "event": [1, 0]})
    table = cumulative_incidence(times, pd.Series([1, 1]))
    assert table.loc[3.0].tolist() == [0.5, 0.0]
    assert table.loc[4.0].tolist() == [0.5, 0.5]
    assert cumulative_incidence(times, pd.Series([1, np.nan])).loc[4.0, "death"] == 0


def test_an_event_at_month_zero_is_in_the_first_row() -> None:
    times = pd.DataFrame({"months": [0.0, 4.0], "event": [1, 0]})
    assert cumulative_incidence(times, pd.Series([0, 0])).index.tolist() == [0.0, 4.0]
    table = kaplan_meier(times).table
    assert table.index.tolist() == [0.0, 4.0] and table.loc[0.0, "survival"] == 0.5


# --- recurrence -------------------------------------------------------------------------------


def test_a_failure_is_isolated_only_if_the_rest_is_known_to_be_free() -> None:
    cohort = pd.DataFrame(
        {
            "local_failure": [1, 1, 1, 1, 1, 0, np.nan],
            "intrahepatic_recurrence": [0, 0, np.nan, np.nan, 1, 0, 0],
            "distant_metastasis": [0, np.nan, 0, np.nan, np.nan, 0, 0],
        }
    )
    assert isolated_failures(cohort).index.tolist() == [0]


def test_two_responses_are_enough_for_the_residual_burden_and_one_is_not() -> None:
    cohort = pd.DataFrame(
        {
            "last_tace_response": pd.Categorical(
                ["CR", "CR", "PR", "PR"], ["CR", "PR", "SD", "PD"]
            ),
            "any_cr": pd.Categorical(["yes", "yes", "yes", "no"], ["yes", "no"]),
        }
    )
    expected = stats.spearmanr([0, 0, 1, 1], [1, 1, 1, 0]).pvalue
    assert residual_burden_p(cohort) == pytest.approx(expected)
    with pytest.raises(NotEstimable, match="alike in response to the last TACE or in anyCR"):
        residual_burden_p(cohort.iloc[:2])


def test_patterns_of_recurrence_are_levels_on_the_cohorts_own_index() -> None:
    cohort = pd.DataFrame(
        {
            "local_failure": [1, 0],
            "local_failure_months": [3.0, np.nan],
            "intrahepatic_recurrence": [0, 0],
            "intrahepatic_recurrence_months": [np.nan, np.nan],
            "distant_metastasis": [0, 0],
            "distant_metastasis_months": [np.nan, np.nan],
        },
        index=["p", "q"],
    )
    sites = sites_of_recurrence(cohort)
    assert sites.index.tolist() == ["p", "q"]
    assert list(sites["pattern"].cat.categories) == list(PATTERNS)


# --- cut-points -------------------------------------------------------------------------------


def test_the_corrected_p_is_that_of_the_formula_and_one_below_z_of_one() -> None:
    # By hand, z = 3: 4 phi / z + phi (z - 1/z) 2 log(0.9 / 0.1)
    z = 3.0
    phi = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    expected = 4 * phi / z + phi * (z - 1 / z) * 2 * np.log(9)
    assert corrected_p(2 * stats.norm.sf(z)) == pytest.approx(expected, rel=1e-9)
    # A search with nothing to choose from has nothing to correct but the approximation's own term.
    assert corrected_p(2 * stats.norm.sf(z), tail=0.5) == pytest.approx(4 * phi / z, rel=1e-9)
    # Below z = 1 the second term would be negative, and with a wide tail the sum below 1.
    for weak in (1.0, 0.9, 0.5):
        assert corrected_p(2 * stats.norm.sf(weak), tail=0.001) == 1.0
    assert corrected_p(2 * stats.norm.sf(1.01), tail=0.5) == pytest.approx(
        4 * stats.norm.pdf(1.01) / 1.01, rel=1e-9
    )
    assert stats.norm.isf(stats.norm.sf(1.0)) == 1.0  # so that the first of them is at the limit
    assert corrected_p(2 * stats.norm.sf(1.2), tail=0.01) == 1.0


def test_levels_are_tested_before_the_fit() -> None:
    cohort = sized([1.0, 2, 3, 2.5, 1.5, 4], [1.0, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0])
    cohort["child_pugh_class"] = pd.Categorical(list("AAAABB"), ["A", "B"])
    with pytest.raises(NotEstimable, match="no death among patients with Child-Pugh class B"):
        cox(cohort, OVERALL_SURVIVAL, [CHILD_PUGH])
