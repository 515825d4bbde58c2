"""What the widgets of a book about patients carry."""

import json

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.loading import COHORT_VARIABLE, load_cohort
from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.disclosure import TooFew
from reanalysis.page.widgets import CutpointExplorer, HazardExplorer, ResponseTimeline
from reanalysis.site.audit import search
from reanalysis.site.secrets import Secrets
from reanalysis.site.secrets import secrets as secrets_of

SMALLEST = 5


@pytest.fixture(scope="module")
def synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every widget take the cohort for one of patients."""
    monkeypatch.setenv(COHORT_VARIABLE, "ours.csv")


@pytest.fixture(scope="module")
def secret(synthetic: pd.DataFrame) -> Secrets:
    return secrets_of(read_table(paths.SYNTHETIC_COHORT), synthetic, None)


def some_failures(cohort: pd.DataFrame, events: int) -> pd.DataFrame:
    failed = cohort["local_failure"] == 1
    return pd.concat([cohort[failed].head(events), cohort[~failed].head(40 - events)])


def test_no_payload_has_a_row_of_a_patient(synthetic: pd.DataFrame, secret: Secrets) -> None:
    for make in (HazardExplorer, CutpointExplorer, ResponseTimeline):
        state = json.dumps(make(synthetic)._data).encode()
        assert list(search(state, secret)) == []


def test_the_explorer_carries_models_and_classes_only(synthetic: pd.DataFrame) -> None:
    data = HazardExplorer(synthetic)._data
    assert set(data["models"]["cohort"]["death"]) == {
        *("terms", "cov", "t", "H", "V", "Q", "ci", "end")
    }
    assert set(np.unique(data["density"]["level"])) <= {0, 1, 2, 3}
    few = synthetic[synthetic["bed10_gy"] < 150]
    assert "high" in HazardExplorer(few)._data  # nobody is no secret
    some = pd.concat([few, synthetic[synthetic["bed10_gy"] >= 150].head(3)])
    assert "high" not in HazardExplorer(some)._data


def test_neighbouring_cut_points_differ_by_enough_patients(synthetic: pd.DataFrame) -> None:
    cuts = CutpointExplorer(synthetic)._data["cuts"]
    above = [cut["n"][1] for cut in cuts]
    assert len(cuts) >= 3
    assert min(-np.diff(above)) >= SMALLEST
    for cut in cuts:
        assert min(*cut["n"], *cut["d"]) >= SMALLEST
        assert not {"1", "2", "3", "4"} & {text for side in cut["risk"] for text in side}
    with pytest.raises(TooFew):
        CutpointExplorer(some_failures(synthetic, 4))


def test_complete_responses_come_in_steps_of_enough_patients(synthetic: pd.DataFrame) -> None:
    timeline = ResponseTimeline(synthetic)
    for counts in (timeline._data["reached"], timeline._data["failed"]):
        steps = np.diff([0, *counts])
        assert set(steps[steps < SMALLEST]) <= {0}
    assert timeline._data["reached"][-1] == timeline._data["ever"]


def test_all_widgets_of_the_synthetic_cohort_are_as_they_are(
    synthetic: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(COHORT_VARIABLE)
    data = ResponseTimeline(synthetic)._data
    assert 1 in np.diff(data["reached"])
    cuts = CutpointExplorer(some_failures(synthetic, 4))._data["cuts"]
    assert min(-np.diff([cut["n"][1] for cut in cuts])) < SMALLEST
    assert "high" in HazardExplorer(synthetic)._data
