"""Times to an event: by hand on eight patients, and against R on a committed data set."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import multivariate_logrank_test
from scipy import stats

from reanalysis.analysis.competing_risks import cumulative_incidence
from reanalysis.analysis.survival import (
    event_times,
    kaplan_meier,
    logrank,
    number_at_risk,
    rate_in_words,
    rates_table,
    reverse_kaplan_meier,
)
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.paper.study import DISTANT_MFS, LOCAL_CONTROL, OVERALL_SURVIVAL

# Made once by tests/data/reference.R; R is not needed here.
DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "reference_r.json").read_text(encoding="utf-8"))

NO_DATA = pd.DataFrame({"months": pd.Series(dtype=float), "event": pd.Series(dtype=int)})


@pytest.fixture(scope="module")
def sixty() -> pd.DataFrame:
    return load_cohort(DATA / "reference_cohort.csv")


@pytest.fixture
def eight() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "months": [3.0, 6.0, 8.0, 12.0, 15.0, 20.0, 24.0, 30.0],
            "event": [1, 0, 1, 1, 0, 1, 0, 0],
        }
    )


# --- by hand ----------------------------------------------------------------------------------


def test_the_product_limit_is_the_product_of_the_steps(eight: pd.DataFrame) -> None:
    curve = kaplan_meier(eight)
    product = [7 / 8, 7 / 8 * 5 / 6, 7 / 8 * 5 / 6 * 4 / 5, 7 / 8 * 5 / 6 * 4 / 5 * 2 / 3]
    np.testing.assert_allclose(curve.table.loc[[3, 8, 12, 20], "survival"], product)
    assert (curve.n, curve.events, curve.last_month, curve.median) == (8, 4, 30.0, 20.0)


def test_survival_is_read_just_after_the_step_at_that_month(eight: pd.DataFrame) -> None:
    curve = kaplan_meier(eight)
    assert curve.at(2.99)["survival"] == 1
    assert curve.at(3)["survival"] == pytest.approx(7 / 8)
    assert curve.at(7.99)["survival"] == pytest.approx(7 / 8)


def test_limits_are_log_log(eight: pd.DataFrame) -> None:
    estimate = 7 / 8
    se = np.sqrt(1 / (8 * 7)) / abs(np.log(estimate))
    limits = estimate ** np.exp(np.array([1, -1]) * 1.959963984540054 * se)
    row = kaplan_meier(eight).at(3)
    np.testing.assert_allclose([row["lower"], row["upper"]], limits)


def test_before_the_first_event_the_limits_are_one(eight: pd.DataFrame) -> None:
    assert kaplan_meier(eight).at(1).tolist() == [1, 1, 1]


def test_at_risk_counts_whoever_leaves_at_that_very_month(eight: pd.DataFrame) -> None:
    assert number_at_risk(eight, [0, 12, 12.01, 30, 31]).to_list() == [8, 5, 4, 1, 0]


def test_a_curve_ends_with_the_last_patient(eight: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match=r"nobody was observed for 36 months"):
        kaplan_meier(eight).at(36)
    blank = rates_table(kaplan_meier(eight), [12, 36]).loc[36]
    assert blank["at risk"] == 0 and np.isnan(blank["survival"])


def test_a_curve_that_reached_zero_stays_there() -> None:
    times = pd.DataFrame({"months": [1.0, 2.0], "event": [1, 1]})
    assert kaplan_meier(times).at(36)["survival"] == 0


def test_where_the_curve_is_zero_there_is_no_interval() -> None:
    # R: survfit(Surv(1:2, c(1, 1)) ~ 1, conf.type = "log-log") prints NA for both limits.
    curve = kaplan_meier(pd.DataFrame({"months": [1.0, 2.0], "event": [1, 1]}))
    assert curve.at(2)[["lower", "upper"]].isna().all()
    assert rate_in_words(curve.at(2)) == (
        "**0.0 %** (everybody had the event by then, so the formula gives no interval)"
    )
    assert rate_in_words(curve.at(1)).startswith(
        "**50.0 %**, with a 95 % interval of 0.6 to 91.0 %"
    )
    assert rate_in_words(curve.at(0.5)) == (
        "**100 %** (nobody had the event by then, so the formula gives no interval)"
    )


def test_a_median_between_two_times_is_their_midpoint_and_its_limit_may_not_exist() -> None:
    # R: quantile(survfit(Surv(1:4, c(1, 1, 0, 1)) ~ 1, conf.type = "log-log"), 0.5)
    curve = kaplan_meier(pd.DataFrame({"months": [1.0, 2, 3, 4], "event": [1, 1, 0, 1]}))
    assert (curve.median, curve.median_lower, curve.median_upper) == (3.0, 1.0, np.inf)


def test_without_events_there_is_no_median() -> None:
    curve = kaplan_meier(pd.DataFrame({"months": [5.0, 9.0], "event": [0, 0]}))
    assert curve.median == np.inf
    assert curve.at(9).tolist() == [1, 1, 1]


def test_no_patient_no_curve() -> None:
    with pytest.raises(NotEstimable):
        kaplan_meier(NO_DATA)


def test_reverse_kaplan_meier_takes_the_end_of_observation_as_the_event(
    eight: pd.DataFrame,
) -> None:
    curve = reverse_kaplan_meier(eight)
    # Censored at 6 (7 at risk), 15 (4), 24 (2) and 30 (1).
    np.testing.assert_allclose(
        curve.table.loc[[6, 15, 24, 30], "survival"],
        [6 / 7, 6 / 7 * 3 / 4, 6 / 7 * 3 / 4 / 2, 0],
        atol=1e-15,
    )
    assert curve.median == 24


def test_logrank_by_hand(eight: pd.DataFrame) -> None:
    large = pd.Series([True, False, True, True, True, False, False, False])
    # Deaths at 3, 8, 12, 20; the group's share of those at risk: 4/8, 3/6, 2/5, 0/3.
    chi2 = (3 - (0.5 + 0.5 + 0.4)) ** 2 / (0.25 + 0.25 + 0.24)
    assert logrank(eight, large) == pytest.approx(stats.chi2.sf(chi2, 1))


def test_logrank_needs_two_groups_and_an_event(eight: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="has 1"):
        logrank(eight, pd.Series("all", index=eight.index))
    with pytest.raises(NotEstimable, match="no event"):
        logrank(eight.assign(event=0), pd.Series(list("AABBAABB")))


def test_logrank_of_three_groups_is_that_of_lifelines(sixty: pd.DataFrame) -> None:
    times = event_times(sixty, OVERALL_SURVIVAL)
    groups = pd.Series(np.resize(["a", "b", "c"], len(times)), index=times.index)
    theirs = multivariate_logrank_test(times["months"], groups, times["event"])
    assert logrank(times, groups) == pytest.approx(theirs.p_value, rel=1e-9)


def test_logrank_of_two_who_die_together_has_no_variance() -> None:
    times = pd.DataFrame({"months": [1.0, 1.0], "event": [1, 1]})
    with pytest.raises(NotEstimable, match="everybody at risk had the event at once"):
        logrank(times, pd.Series(["A", "B"]))


def test_cumulative_incidence_by_hand() -> None:
    # Five patients: a failure at 1; a death and a failure, tied, at 2; censored at 3; a death
    # at 4.
    times = pd.DataFrame({"months": [1.0, 2, 2, 3, 4], "event": [1, 0, 1, 0, 0]})
    table = cumulative_incidence(times, pd.Series([0, 1, 0, 0, 1]))
    assert table.index.to_list() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(table["event"], [0, 1 / 5, 2 / 5, 2 / 5, 2 / 5])
    np.testing.assert_allclose(table["death"], [0, 0, 1 / 5, 1 / 5, 3 / 5])


def test_without_deaths_incidence_is_one_minus_kaplan_meier(eight: pd.DataFrame) -> None:
    incidence = cumulative_incidence(eight, pd.Series(0, index=eight.index))["event"]
    survival = kaplan_meier(eight).table["survival"]
    np.testing.assert_allclose(1 - incidence, survival.loc[incidence.index])


# --- the endpoints ----------------------------------------------------------------------------


def test_transplantation_censors_local_control_only() -> None:
    cohort = pd.DataFrame(
        {
            "follow_up_months": [40.0, 40.0, 40.0],
            "death": [1, 0, 0],
            "local_failure": [0, 1, 0],
            "local_failure_months": [np.nan, 10.0, np.nan],
            "transplant_months": [7.0, 20.0, np.nan],
        }
    )
    assert event_times(cohort, LOCAL_CONTROL)["months"].to_list() == [7, 10, 40]
    assert event_times(cohort, OVERALL_SURVIVAL)["months"].to_list() == [40, 40, 40]


def test_an_endpoint_that_is_not_recorded_is_named(sixty: pd.DataFrame) -> None:
    with pytest.raises(NotRecorded, match="distant_metastasis"):
        event_times(sixty, DISTANT_MFS)


# --- against R --------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [OVERALL_SURVIVAL, LOCAL_CONTROL], ids=lambda e: e.key)
def test_rates_limits_and_numbers_at_risk_are_those_of_r(sixty: pd.DataFrame, endpoint) -> None:
    reference = R[endpoint.key]
    table = rates_table(kaplan_meier(event_times(sixty, endpoint)), reference["times"])
    assert table["at risk"].to_list() == reference["at_risk"]
    for column in ("survival", "lower", "upper"):
        np.testing.assert_allclose(table[column], reference[column], rtol=1e-12)


def test_medians_with_limits_are_those_of_r(sixty: pd.DataFrame) -> None:
    times = event_times(sixty, OVERALL_SURVIVAL)
    for curve, reference in (
        (kaplan_meier(times), R["median"]),
        (reverse_kaplan_meier(times), R["reverse_median"]),
    ):
        assert [curve.median, curve.median_lower, curve.median_upper] == reference


def test_logrank_is_that_of_r(sixty: pd.DataFrame) -> None:
    p = logrank(event_times(sixty, OVERALL_SURVIVAL), sixty["child_pugh_class"].astype(str))
    assert p == pytest.approx(R["logrank_p"], rel=1e-12)


def test_logrank_of_three_groups_and_within_strata_is_that_of_r(sixty: pd.DataFrame) -> None:
    times = event_times(sixty, OVERALL_SURVIVAL)
    centre = pd.Series(["A", "B", "C"] * 20).mask(sixty.index == 6)
    assert logrank(times, centre) == pytest.approx(R["logrank_three_p"], rel=1e-12)
    p = logrank(times, sixty["child_pugh_class"].astype(str), centre)
    assert p == pytest.approx(R["logrank_stratified_p"], rel=1e-12)


def test_cumulative_incidence_is_that_of_r(sixty: pd.DataFrame) -> None:
    times = event_times(sixty, LOCAL_CONTROL)
    died_under_observation = (sixty["death"] == 1) & (times["months"] == sixty["follow_up_months"])
    table = cumulative_incidence(times, died_under_observation.astype(int))
    reference = R["competing"]
    rows = [table[table.index <= month].iloc[-1] for month in reference["times"]]
    np.testing.assert_allclose([row["event"] for row in rows], reference["failure"], rtol=1e-12)
    np.testing.assert_allclose([row["death"] for row in rows], reference["death"], rtol=1e-12)
