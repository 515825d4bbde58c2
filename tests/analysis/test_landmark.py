"""Landmark, sites of recurrence, competing risks with limits, exact limits, curves by group."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.competing_risks import incidence_with_limits
from reanalysis.analysis.landmark import at_landmark, landmark_comparison
from reanalysis.analysis.proportions import exact_interval
from reanalysis.analysis.recurrence import sites_of_recurrence
from reanalysis.analysis.survival import event_times, kaplan_meier, kaplan_meier_by, logrank
from reanalysis.cohort.derived import derive
from reanalysis.cohort.validation import validate
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.paper.study import OVERALL_SURVIVAL

EIGHT = """
follow_up_months death best_response complete_response_months
2                1     SD            -
3                0     CR            1
10               1     CR            2
45               0     CR            3
30               1     CR            5
40               0     CR            9
50               1     SD            -
60               0     PD            -
"""


@pytest.fixture
def eight() -> pd.DataFrame:
    rows = [line.split() for line in EIGHT.strip().splitlines()]
    text = pd.DataFrame(rows[1:], columns=rows[0]).replace("-", "")
    text.insert(0, "patient_id", [f"P{i}" for i in range(len(text))])
    return derive(validate(text))


def test_landmark_keeps_who_is_at_risk_after_it_in_the_group_known_then(eight):
    left = at_landmark(eight, OVERALL_SURVIVAL, 3)
    # P0 died before it, P1 was last seen at it; P4 and P5 reach CR later.
    assert list(left["patient_id"]) == ["P2", "P3", "P4", "P5", "P6", "P7"]
    assert list(left["cr_at_landmark"]) == ["yes", "yes", "no", "no", "no", "no"]


def test_landmark_on_the_clock_of_sbrt_is_the_test_on_the_clock_of_the_landmark(eight):
    left = at_landmark(eight, OVERALL_SURVIVAL, 3)
    times = event_times(left, OVERALL_SURVIVAL)
    shifted = times.assign(months=times["months"] - 3)
    group = left["cr_at_landmark"]
    assert logrank(times, group) == pytest.approx(logrank(shifted, group), abs=1e-12)


def test_landmark_comparison_counts_and_leaves_blank_what_has_no_estimate(eight):
    table = landmark_comparison(eight, OVERALL_SURVIVAL, [3, 100])
    assert table.loc[3, ["CR", "no CR yet", "events, CR", "events, no CR yet"]].tolist() == [
        2,
        4,
        1,
        2,
    ]
    assert table.loc[3, "lower"] < table.loc[3, "ratio"] < table.loc[3, "upper"]
    why = table.loc[100, "no estimate because"]
    assert why == "nobody was observed for more than 100 months"
    assert table.loc[100].drop("no estimate because").isna().all()


def test_landmark_needs_the_response(eight):
    with pytest.raises(NotRecorded):
        at_landmark(eight.drop(columns="best_response"), OVERALL_SURVIVAL, 3)


@pytest.mark.parametrize(
    ("count", "total", "lower", "upper"),
    # R: binom.test(count, total)$conf.int
    [
        (8, 302, 0.01150441109, 0.05152678018),
        (0, 302, 0.0, 0.01214053438),
        (302, 302, 0.9878594656, 1.0),
        (60, 90, 0.5594506270, 0.7625675726),
    ],
)
def test_exact_interval_is_that_of_r(count, total, lower, upper):
    assert exact_interval(count, total) == pytest.approx((lower, upper), abs=1e-8)


def test_exact_interval_needs_a_patient():
    with pytest.raises(NotEstimable):
        exact_interval(0, 0)


def test_curves_by_group_keep_the_order_of_categories_and_leave_out_the_empty():
    times = pd.DataFrame({"months": [1.0, 2, 3, 4], "event": [1, 0, 1, 0]})
    groups = pd.Series(pd.Categorical(["b", "a", "b", None], categories=["b", "c", "a"]))
    curves = kaplan_meier_by(times, groups)
    assert {label: curve.n for label, curve in curves.items()} == {"b": 2, "a": 1}
    assert list(curves) == ["b", "a"]
    with pytest.raises(NotEstimable):
        kaplan_meier_by(times, pd.Series([None] * 4))


@pytest.fixture
def simulated() -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(3)
    kind = rng.choice([0, 1, 2], size=200, p=[0.3, 0.4, 0.3])
    months = rng.integers(1, 40, size=200).astype(float)
    times = pd.DataFrame({"months": months, "event": (kind == 1).astype(int)})
    return times, pd.Series((kind == 2).astype(int))


def test_without_deaths_the_incidence_is_one_minus_kaplan_meier_with_greenwoods_error(simulated):
    times, death = simulated
    table = incidence_with_limits(times, 0 * death)
    at = times["months"].sort_values().unique()
    at_risk = np.array([(times["months"] >= t).sum() for t in at])
    events = np.array([((times["months"] == t) & (times["event"] == 1)).sum() for t in at])
    survival = kaplan_meier(times).table["survival"].reindex(at).to_numpy()
    last = at_risk > events
    greenwood = survival**2 * np.cumsum(events / (at_risk * (at_risk - events).clip(min=1)))
    assert table["incidence"].reindex(at).to_numpy() == pytest.approx(1 - survival)
    assert table["se"].reindex(at).to_numpy()[last] ** 2 == pytest.approx(greenwood[last])


def test_error_of_the_incidence_is_that_of_the_bootstrap(simulated):
    times, death = simulated
    table = incidence_with_limits(times, death)
    rng = np.random.default_rng(4)
    drawn = []
    for _ in range(300):
        rows = rng.integers(0, len(times), len(times))
        sample = incidence_with_limits(
            times.iloc[rows].reset_index(drop=True), death.iloc[rows].reset_index(drop=True)
        )
        drawn.append(sample.loc[:20, "incidence"].iloc[-1])
    assert table.loc[:20, "se"].iloc[-1] == pytest.approx(np.std(drawn), rel=0.15)
    assert (table["lower"] <= table["incidence"]).all()
    assert (table["incidence"] <= table["upper"]).all()


def test_incidence_without_any_event_is_zero_with_limits_of_zero():
    times = pd.DataFrame({"months": [1.0, 2.0], "event": [0, 0]})
    table = incidence_with_limits(times, pd.Series([1, 0]))
    assert (table == 0).all().all()


def test_sites_join_the_whole_follow_up_and_the_first_month():
    cohort = pd.DataFrame(
        {
            "local_failure": [0, 1, 1, 1],
            "local_failure_months": [np.nan, 5, 7, 7],
            "intrahepatic_recurrence": [0, 0, 1, 1],
            "intrahepatic_recurrence_months": [np.nan, np.nan, 4, 7],
            "distant_metastasis": [0, 0, 0, 1],
            "distant_metastasis_months": [np.nan, np.nan, np.nan, 9],
        }
    )
    sites = sites_of_recurrence(cohort)
    assert list(sites["pattern"]) == [
        "none",
        "local",
        "local + intrahepatic",
        "local + intrahepatic + distant",
    ]
    assert list(sites["first"]) == ["none", "local", "intrahepatic", "local + intrahepatic"]
    assert sites["months"].tolist()[1:] == [5, 4, 7]
    with pytest.raises(NotRecorded):
        sites_of_recurrence(cohort.drop(columns="distant_metastasis"))
