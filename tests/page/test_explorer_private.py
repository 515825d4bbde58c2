"""What the widgets of a book about patients carry."""

import json

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy, with_policy
from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.disclosure import TooFew
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.page.widgets.size_glance import SizeGlance
from reanalysis.page.widgets.timelines import PatientTimelines
from reanalysis.site.audit import search
from reanalysis.site.secrets import Secrets
from reanalysis.site.secrets import secrets as secrets_of

SMALLEST = 5


@pytest.fixture(scope="module")
def synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


@pytest.fixture(scope="module")
def private(synthetic: pd.DataFrame) -> pd.DataFrame:
    """The same cohort, as if of patients who were not made up."""
    return with_policy(synthetic, private_policy())


@pytest.fixture(scope="module")
def secret(synthetic: pd.DataFrame) -> Secrets:
    return secrets_of(read_table(paths.SYNTHETIC_COHORT), synthetic, None)


def some_failures(cohort: pd.DataFrame, events: int) -> pd.DataFrame:
    failed = cohort["local_failure"] == 1
    return pd.concat([cohort[failed].head(events), cohort[~failed].head(40 - events)])


def test_no_payload_has_a_row_of_a_patient(private: pd.DataFrame, secret: Secrets) -> None:
    for make in (HazardExplorer, CutpointExplorer, ResponseTimeline, PatientTimelines):
        state = json.dumps(make(private)._data).encode()
        assert list(search(state, secret)) == []


def test_the_explorer_carries_models_and_classes_only(private: pd.DataFrame) -> None:
    data = HazardExplorer(private)._data
    assert set(data["models"]["cohort"]["death"]) == {
        *("terms", "cov", "t", "H", "V", "Q", "ci", "end")
    }
    assert set(np.unique(data["density"]["level"])) <= {0, 1, 2, 3}
    few = private[private["bed10_gy"] < 150]
    assert "high" in HazardExplorer(few)._data  # nobody is no secret
    some = pd.concat([few, private[private["bed10_gy"] >= 150].head(3)])
    assert "high" not in HazardExplorer(some)._data


def test_a_group_with_few_events_is_in_no_model(private: pd.DataFrame) -> None:
    died = private.index[private["death"] == 1]
    in_b = private.loc[died].query("child_pugh_class == 'B'").index
    few = private.copy(deep=False)
    few["death"] = private["death"].where(~private.index.isin(in_b[3:]), 0)
    terms = [term[0] for term in HazardExplorer(few)._data["models"]["cohort"]["death"]["terms"]]
    all_terms = HazardExplorer(private)._data["models"]["cohort"]["death"]["terms"]
    assert "child_pugh_class" in {term[0] for term in all_terms} - set(terms)
    assert "a level has fewer than 5 events" in HazardExplorer(few)._data["sources"][1]["basis"]


def test_bars_of_patients_are_as_coarse_as_the_map(private: pd.DataFrame) -> None:
    for make in (HazardExplorer, lambda cohort: SizeGlance(cohort, page="explorer.html")):
        rug = make(private)._data["rug"]
        bars = [bar for key in rug.keys() - {"note"} for bar in rug[key]["share"]]
        assert set(bars) <= {0.0, 0.6667, 1.0}
        assert min(np.diff(rug["tumor_size_cm"]["edges"])) >= 0.5
        assert "by class of their number" in rug["note"]


def test_nobody_is_told_to_have_died_or_left_before_a_decision(private: pd.DataFrame) -> None:
    assert ResponseTimeline(private)._data["gone"] is None


def test_neighbouring_cut_points_differ_by_enough_patients(private: pd.DataFrame) -> None:
    cuts = CutpointExplorer(private)._data["cuts"]
    size = private["tumor_size_cm"]
    above = [int((size > cut["cut"] + 1e-9).sum()) for cut in cuts]
    assert len(cuts) >= 3
    assert min(-np.diff(above)) >= SMALLEST
    for cut in cuts:
        assert {number % SMALLEST for number in (*cut["n"], *cut["d"])} == {0}
        assert min(*cut["n"], *cut["d"]) >= SMALLEST
        assert not {"1", "2", "3", "4"} & {text for side in cut["risk"] for text in side}
    with pytest.raises(TooFew):
        CutpointExplorer(some_failures(private, 4))


def test_complete_responses_are_counted_in_multiples(private: pd.DataFrame) -> None:
    timeline = ResponseTimeline(private)
    assert timeline._data["months"] == list(range(len(timeline._data["months"])))
    for counts in (timeline._data["reached"], timeline._data["failed"]):
        assert {count % SMALLEST for count in counts} == {0}
    assert timeline._data["reached"][-1] == timeline._data["ever"]


def test_all_widgets_of_the_synthetic_cohort_are_as_they_are(synthetic: pd.DataFrame) -> None:
    data = ResponseTimeline(synthetic)._data
    assert 1 in np.diff(data["reached"])
    cuts = CutpointExplorer(some_failures(synthetic, 4))._data["cuts"]
    assert min(-np.diff([cut["n"][1] for cut in cuts])) < SMALLEST
    assert "high" in HazardExplorer(synthetic)._data
