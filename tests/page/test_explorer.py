"""The explorer's models against R and lifelines, and its widget without a browser."""

import json

import numpy as np
import pandas as pd
import pytest
import traitlets
from lifelines import CoxPHFitter

from reanalysis.analysis import prediction as models
from reanalysis.analysis.regression import FIT_OPTIONS, design_matrix
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy
from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.errors import CannotShow
from reanalysis.core.formatting import rounded
from reanalysis.core.paths import ROOT
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.payload import bars
from reanalysis.page.widgets.size_glance import SizeGlance
from reanalysis.page.widgets.tour import steps_of_a_tour
from reanalysis.paper.register import published
from reanalysis.paper.study import MULTIVARIABLE

DATA = ROOT / "tests" / "data"
PATIENTS = pd.read_csv(DATA / "explorer_patients.csv", dtype={"bclc_stage": str}).to_dict("records")


@pytest.fixture(scope="module")
def tied_cohort() -> pd.DataFrame:
    """160 made-up patients with times in whole months, so that most events are tied."""
    return load_cohort(DATA / "explorer_cohort.csv")


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(ROOT / "data" / "synthetic_cohort.csv")


@pytest.fixture(scope="module")
def untied_cohort(cohort: pd.DataFrame) -> pd.DataFrame:
    """The synthetic cohort, each patient's times a little later than those of the one above."""
    months = ["follow_up_months", "local_failure_months", "transplant_months"]
    return cohort.assign(**cohort[months].add(np.arange(len(cohort)) * 1e-5, axis=0))


@pytest.mark.parametrize("outcome", models.ENDPOINTS)
def test_refitted_model_agrees_with_r(tied_cohort: pd.DataFrame, outcome: str) -> None:
    expected = pd.read_csv(DATA / "explorer_r_survfit.csv").query("outcome == @outcome")
    model = models.refit(tied_cohort, outcome)
    for row in expected.itertuples():
        patient = PATIENTS[row.patient - 1]
        if np.isnan(row.month):
            got = model.hazard_ratio(patient, PATIENTS[0])
        else:
            got = tuple(model.survival_at(patient, row.month))
        assert got == pytest.approx((row.survival, row.lower, row.upper), rel=1e-7)


@pytest.mark.parametrize("outcome", models.ENDPOINTS)
def test_refitted_survival_is_that_of_lifelines_where_no_event_is_tied(
    untied_cohort: pd.DataFrame, outcome: str
) -> None:
    cohort = untied_cohort
    endpoint = models.ENDPOINTS[outcome]
    matrix = design_matrix(cohort, MULTIVARIABLE[endpoint.key])
    data = matrix.join(event_times(cohort, endpoint), how="inner")
    fitter = CoxPHFitter().fit(data, "months", "event", fit_options=FIT_OPTIONS)
    months = [12.0, 24.0, 36.0]
    # Given times, lifelines would draw straight lines between its steps.
    curves = fitter.predict_survival_function(data.head(20))
    expected = np.array([curves[curves.index <= month].iloc[-1] for month in months])
    model = models.refit(cohort, outcome)
    rows = cohort.loc[data.index[:20]].to_dict("records")
    got = [[model.survival_at(row, month)["survival"] for row in rows] for month in months]
    # How near lifelines comes depends on the data; R, with which the engine agrees, is elsewhere.
    assert np.array(got) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("outcome", models.ENDPOINTS)
def test_paper_model_has_the_printed_ratios_and_passes_the_printed_rate(
    cohort: pd.DataFrame, outcome: str
) -> None:
    short = models.ENDPOINTS[outcome].short
    model = models.paper_model(outcome, cohort)
    for term in model.terms:
        step = {"tumor_size_cm": 3.0, "bed10_gy": 113.5, "prior_sessions": 4}
        other = term.recorded_levels[1] if term.levels else step[term.column]
        got = model.hazard_ratio({**PATIENTS[0], term.column: other}, PATIENTS[0])
        printed = [published(f"{short}.m.{term.published}.{part}") for part in ("HR", "lo", "hi")]
        distance = model.design({**PATIENTS[0], term.column: other}) - model.design(PATIENTS[0])
        assert np.abs(distance).sum() == pytest.approx(1)
        assert [rounded(value, 2) for value in got] == printed
    patients = design_matrix(cohort, model.terms).index
    rates = [
        model.survival_at(row, 36.0)["survival"] for row in cohort.loc[patients].to_dict("records")
    ]
    assert np.mean(rates) == pytest.approx(float(published(f"km36.{short}")) / 100, abs=1e-9)


def test_a_covariate_that_is_not_recorded_is_left_out_with_the_reason(cohort: pd.DataFrame) -> None:
    model = models.refit(cohort.drop(columns=["bed10_gy", "total_dose_gy"]), "death")
    assert "bed10_gy" not in {term.column for term in model.terms}
    assert "total_dose_gy" in model.left_out["BED"]


def test_a_level_without_an_event_is_left_out(cohort: pd.DataFrame) -> None:
    cohort = cohort.copy()
    cohort.loc[cohort["any_cr"] == "no", "death"] = 0
    assert "no event" in models.refit(cohort, "death").left_out["anyCR"]


def test_an_outcome_that_is_not_recorded_is_not_offered(cohort: pd.DataFrame) -> None:
    partial = cohort.drop(columns=["local_failure", "local_failure_months"])
    with pytest.raises(CannotShow):
        models.refit(partial, "local_failure")
    explorer = HazardExplorer(partial, source="cohort")
    assert set(explorer._data["models"]["cohort"]) == {"death"}
    assert "local_failure" in explorer._data["gaps"]["cohort"]["local_failure"]
    assert "local failure" not in explorer.still().lower()


def test_a_cohort_without_any_covariate_leaves_the_paper(cohort: pd.DataFrame) -> None:
    bare = cohort[["patient_id", "follow_up_months", "death"]]
    explorer = HazardExplorer(bare)
    assert explorer._data["density"] is None
    with pytest.raises(traitlets.TraitError, match="does not record"):
        explorer.source = "cohort"


def test_no_patient_is_in_the_payload(cohort: pd.DataFrame) -> None:
    data = HazardExplorer(cohort)._data
    assert set(np.unique(data["density"]["level"])) <= {0, 1, 2, 3}
    assert not set(cohort["patient_id"]) & set(json.dumps(data).split('"'))


def test_the_density_covers_the_cohort(cohort: pd.DataFrame) -> None:
    wide = cohort.assign(tumor_size_cm=cohort["tumor_size_cm"] * 2, bed10_gy=cohort["bed10_gy"] / 2)
    data = HazardExplorer(wide)._data
    assert data["size"][1] >= wide["tumor_size_cm"].max()
    assert data["bed"][0] <= wide["bed10_gy"].min()
    counts = np.histogram2d(
        wide["tumor_size_cm"], wide["bed10_gy"], [data["density"]["size"], data["density"]["bed"]]
    )[0]
    assert counts.sum() == len(wide)
    assert ((counts > 0) == (np.array(data["density"]["level"]) > 0)).all()


def test_traits_move_the_answers(cohort: pd.DataFrame) -> None:
    explorer = HazardExplorer(cohort, tumor_size_cm=2.0)
    assert explorer.hazard_ratio("death") == (1.0, 1.0, 1.0)
    explorer.tumor_size_cm = 3.0
    assert rounded(explorer.hazard_ratio("death")[0], 2) == "1.26"
    explorer.regimen = "60/4"
    assert (explorer.bed10_gy, explorer.regimen) == (150.0, "60/4")
    explorer.bed10_gy = 112.5
    explorer.fractions = 3
    explorer.pin()
    assert explorer.reference["tumor_size_cm"] == 3.0
    explorer.reference = {"bed10_gy": 150.0}
    assert explorer.reference["tumor_size_cm"] == 3.0
    explorer.reset()
    assert (explorer.tumor_size_cm, explorer.regimen) == (2.0, "45/3")
    assert explorer.reference["tumor_size_cm"] == 2.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("tumor_size_cm", 9.0), ("bclc_stage", "C"), ("month", 18), ("reference", {"size": 2})],
)
def test_settings_that_make_no_sense_are_refused(
    cohort: pd.DataFrame, name: str, value: object
) -> None:
    with pytest.raises(traitlets.TraitError):
        setattr(HazardExplorer(cohort), name, value)


def test_a_dose_comes_back_from_its_bed(cohort: pd.DataFrame) -> None:
    explorer = HazardExplorer(cohort, bed10_gy=100.0)
    assert explorer.bed10_gy == pytest.approx(100.0, abs=1e-8)
    explorer = HazardExplorer(cohort, regimen="36/3", bed10_gy=112.5)
    assert explorer.total_dose_gy == 45.0


def test_the_cell_shows_widget_and_still_version(
    cohort: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer = HazardExplorer(cohort)
    still = explorer.still()
    assert still.count("<tr>") == 1 + 4 * 3
    assert "<caption>" in still
    assert 'scope="row"' in still
    assert repr(explorer) == repr(HazardExplorer(cohort))


@pytest.mark.parametrize("source", ["paper", "cohort"])
def test_a_difference_is_the_reference_to_the_power_of_the_ratio(
    cohort: pd.DataFrame, source: str
) -> None:
    model = HazardExplorer(cohort).models[source]["death"]
    patient, reference = PATIENTS[1], PATIENTS[0]
    value, lower, upper = model.difference_at(patient, reference, 36.0)
    ours, theirs = (model.survival_at(p, 36.0)["survival"] for p in (patient, reference))
    assert value == pytest.approx(ours - theirs, abs=1e-12)
    _, least, most = model.hazard_ratio(patient, reference)
    assert lower == pytest.approx(theirs**most - theirs)
    assert upper == pytest.approx(theirs**least - theirs)
    assert model.difference_at(reference, reference, 36.0) == (0.0, 0.0, 0.0)
    assert np.isnan(model.difference_at(patient, reference, 1e3)).all()


def test_bars_count_patients_and_an_edge_belongs_to_the_bar_above() -> None:
    values = pd.Series([0.5, 0.99, 1.0, 1.2, 1.4999999999, np.nan, 2.0])
    assert bars(values, [0.5, 1.0, 1.5, 2.0], MADE_UP) == [1.0, 1.0, 1.0]
    assert bars(values, [0.5, 1.0, 1.5, 2.0, 2.5], MADE_UP) == [1.0, 1.0, 0.5, 0.5]
    assert bars(pd.Series([np.nan]), [0.0, 1.0], MADE_UP) == [0.0]


def test_bars_of_patients_tell_classes_alone() -> None:
    policy = private_policy()
    values = pd.Series(np.repeat([0.5, 1.5, 2.5, 3.5], [4, 5, 20, 300]))
    assert bars(values, [0, 1, 2, 3, 4], policy) == [0.0, 0.6667, 1.0, 1.0]
    # Which of two numbers of a class it is changes nothing.
    other = pd.Series(np.repeat([0.5, 1.5, 2.5, 3.5], [0, 19, 25, 30]))
    assert bars(other, [0, 1, 2, 3, 4], policy) == bars(values, [0, 1, 2, 3, 4], policy)


def test_the_bars_cover_the_axes_and_hold_every_patient(cohort: pd.DataFrame) -> None:
    data = HazardExplorer(cohort)._data
    for key, column in (("size", "tumor_size_cm"), ("bed", "bed10_gy")):
        edges, share = data["rug"][column]["edges"], data["rug"][column]["share"]
        assert len(edges) == len(share) + 1
        assert edges[0] <= data[key][0] and edges[-1] >= data[key][1]
        counts, _ = np.histogram(cohort[column].round(6), edges)
        assert counts.sum() == len(cohort)
        assert share == pytest.approx(counts / counts.max(), abs=1e-4)


def test_the_tour_has_five_steps_of_settings_that_the_explorer_takes(cohort: pd.DataFrame) -> None:
    steps = HazardExplorer(cohort)._data["tour"]
    assert len(steps) == 5
    for step in steps:
        assert step["title"] and step["look"]
        HazardExplorer(cohort, **step["settings"])
    assert len(steps_of_a_tour(refitted=False)) == 4


def test_what_is_known_only_later_is_set_apart(cohort: pd.DataFrame) -> None:
    levels = HazardExplorer(cohort)._data["levels"]
    assert [name for name, level in levels.items() if level["later"]] == ["any_cr"]
    assert "immortal time" in levels["any_cr"]["later"]["why"]


def test_at_a_glance_the_ratios_are_those_of_the_explorer(cohort: pd.DataFrame) -> None:
    glance = SizeGlance(cohort, page="explorer.html", tumor_size_cm=4.5)
    explorer = HazardExplorer(cohort, tumor_size_cm=4.5)
    for outcome in models.ENDPOINTS:
        assert glance.hazard_ratio(outcome) == pytest.approx(explorer.hazard_ratio(outcome))
        (term,) = glance._data["models"][outcome]["terms"]
        middle = np.exp(term[2] * (4.5 - 2.0))
        assert middle == pytest.approx(explorer.hazard_ratio(outcome)[0])
    assert "4.5 cm" in glance.still()
