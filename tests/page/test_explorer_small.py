"""The smaller widgets: BED calculator, month of decision, cut-point."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from reanalysis.analysis.cutpoint import corrected_p, group_ratio
from reanalysis.analysis.regression import FIT_OPTIONS
from reanalysis.analysis.survival import event_times, logrank
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import CannotShow
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.widgets.bed_calculator import BedCalculator
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


@pytest.fixture(scope="module")
def cutpoint(cohort: pd.DataFrame) -> CutpointExplorer:
    return CutpointExplorer(cohort, step=0.2)


def test_bed_and_eqd2() -> None:
    calculator = BedCalculator()
    assert (calculator.bed_gy, calculator.eqd2_gy) == (112.5, 93.75)
    calculator.alpha_beta = 3.0
    assert calculator.bed_gy == pytest.approx(270.0)
    assert "113 Gy" in calculator.still()


def test_a_decision_at_three_months_misses_what_the_paper_implies(cohort: pd.DataFrame) -> None:
    timeline = ResponseTimeline(cohort)
    assert timeline.missed == 288 - 115
    timeline.month = 6.0
    assert timeline.missed == 288 - 240
    assert timeline._data["reached"][-1] == 288
    assert "173 (60.1 %)" in timeline.still()
    # 187 were without CR at 3 months, of whom two were no longer there.
    at_3 = timeline._data["months"].index(3.0)
    assert timeline._data["gone"][at_3] == 2


def test_months_to_response_are_needed(cohort: pd.DataFrame) -> None:
    with pytest.raises(CannotShow):
        ResponseTimeline(cohort.drop(columns=["complete_response_months"]))


def test_local_failures_are_told_only_where_they_are_recorded(cohort: pd.DataFrame) -> None:
    assert ResponseTimeline(cohort)._data["failures"] == 25
    partial = cohort.drop(columns=["local_failure"])
    assert "failures" not in ResponseTimeline(partial)._data


def test_cutpoints_split_as_they_say(cohort: pd.DataFrame, cutpoint: CutpointExplorer) -> None:
    times = event_times(cohort, LOCAL_CONTROL)
    for cut, row in cutpoint.table.iterrows():
        above = cohort["tumor_size_cm"] > cut + 1e-9
        assert row["n_high"] == above.sum()
        assert row["events_high"] == times.loc[above, "event"].sum()
        assert row["p"] == pytest.approx(logrank(times, above))
        assert min(row["n_low"], row["n_high"]) >= 0.1 * len(cohort)


def test_the_cut_point_starts_near_the_median(cutpoint: CutpointExplorer) -> None:
    assert cutpoint.cut == 2.0
    assert "corrected for the search" in cutpoint._data["warning"]


def test_no_patient_goes_to_the_browser(cohort: pd.DataFrame, cutpoint: CutpointExplorer) -> None:
    events = event_times(cohort, LOCAL_CONTROL).query("event == 1")["months"]
    assert cutpoint._data["t"] == sorted(events.unique())
    assert {len(curve) for c in cutpoint._data["cuts"] for curve in c["S"]} == {len(events)}


def test_another_endpoint_and_variable(cohort: pd.DataFrame) -> None:
    explorer = CutpointExplorer(cohort, column="age", endpoint=OVERALL_SURVIVAL, step=5.0, cut=65.0)
    assert explorer.cut == 65.0
    assert explorer._data["unit"] == "years"


@pytest.mark.parametrize("smallest", [0.0001, 0.001, 0.01, 0.05])
def test_correction_is_that_of_altman(smallest: float) -> None:
    # Altman et al., J Natl Cancer Inst 1994; 86: 829-835, for 10 % on either side.
    altman = -1.63 * smallest * (1 + 2.35 * np.log(smallest))
    assert corrected_p(smallest) == pytest.approx(altman, rel=0.05)


def test_correction_never_exceeds_one() -> None:
    assert corrected_p(0.5) == 1.0
    assert corrected_p(0.2) <= 1.0


def test_the_ratio_of_two_groups_is_that_of_lifelines(
    cohort: pd.DataFrame, cutpoint: CutpointExplorer
) -> None:
    times = event_times(cohort, LOCAL_CONTROL)
    for cut in (1.6, 2.0, 3.0):
        above = (cohort["tumor_size_cm"] > cut).astype(float).rename("above")
        data = times.join(above)
        fit = CoxPHFitter().fit(data, "months", "event", fit_options=FIT_OPTIONS)
        expected = np.exp([fit.params_["above"], *fit.confidence_intervals_.loc["above"]])
        row = cutpoint.table.loc[cut]
        assert list(row[["hr", "hr_lower", "hr_upper"]]) == pytest.approx(list(expected), rel=1e-6)


def test_without_an_event_on_one_side_there_is_no_ratio() -> None:
    times = pd.DataFrame({"months": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 0, 0]})
    above = pd.Series([False, False, True, True])
    assert np.isnan(group_ratio(times, above)).all()


def test_curves_of_a_cut_point_lie_in_their_bands(cutpoint: CutpointExplorer) -> None:
    for cut in cutpoint._data["cuts"]:
        for curve, lower, upper in zip(cut["S"], cut["L"], cut["U"], strict=True):
            assert (np.array(lower) <= np.array(curve) + 1e-3).all()
            assert (np.array(curve) <= np.array(upper) + 1e-3).all()
