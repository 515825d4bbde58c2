"""Claims over the ensemble: the words follow from the values, the stored ones are up to date."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.ensemble import ENSEMBLE, load_ensemble
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare import spread as module
from reanalysis.compare.claims import FAMILIES, Family
from reanalysis.compare.open_questions import Question
from reanalysis.compare.pinned import OPEN, SIGN
from reanalysis.compare.spread import (
    SPREAD,
    SYNTHETIC,
    answer,
    curves_that_agree,
    verdicts,
)
from reanalysis.core.errors import NotEstimable
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.paper.study import OVERALL_SURVIVAL


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Two cohorts and one family, written and read again."""
    family = Family("double", lambda cohort: {"mean": 2 * cohort["x"].mean(), "none": np.nan}, 0, 1)
    asked = Question("half", lambda cohort: cohort["x"].mean() / 2, None, 1, "")
    monkeypatch.setattr(module, "FAMILIES", {"double": family})
    monkeypatch.setattr(module, "QUESTIONS", (asked,))
    monkeypatch.setattr(module, "BY_NAME", {"half": asked})
    table = module.compute({SYNTHETIC: pd.DataFrame({"x": [1.0]}), "a": pd.DataFrame({"x": [3.0]})})
    module.write(table, tmp_path / "spread.csv")
    read = module.read.__wrapped__
    monkeypatch.setattr(module, "read", lambda: read(tmp_path / "spread.csv"))
    return table


def test_what_is_written_is_read(stored):
    pd.testing.assert_frame_equal(module.spread("double"), stored["double"])
    said = verdicts("double")
    assert said.loc["mean"].tolist() == ["2.0", "2.0 to 6.0", "2 of 2", SIGN]
    assert said.loc["none"].tolist() == ["–", "–", "0 of 2", OPEN]


def test_an_answer_is_over_the_ensemble(stored):
    found = answer("half")
    assert (found.value, found.low, found.high, found.word) == (0.5, 0.5, 1.5, OPEN)


def test_each_cohort_is_told_of(stored):
    told = []
    module.compute({"a": pd.DataFrame({"x": [1.0]})}, told.append)
    assert told == ["a"]


def test_the_area_of_a_curve_is_the_range_of_each_month(monkeypatch):
    columns = pd.MultiIndex.from_product([["curve.OS"], ["1", "2"]], names=["family", "statistic"])
    monkeypatch.setattr(
        module, "read", lambda: pd.DataFrame([[99.0, 97.0], [98.0, 97.5]], columns=columns)
    )
    area = curves_that_agree(OVERALL_SURVIVAL)
    assert area is not None
    assert area.index.tolist() == [0, 1, 2]
    assert area.to_numpy().tolist() == [[100, 100], [98, 99], [97, 97.5]]


def test_without_the_file_there_is_no_area(monkeypatch, tmp_path):
    read = module.read.__wrapped__
    monkeypatch.setattr(module, "read", lambda: read(tmp_path / "nothing.csv"))
    assert curves_that_agree(OVERALL_SURVIVAL) is None


def test_without_the_file_a_page_says_so(tmp_path):
    with pytest.raises(NotEstimable, match="no ensemble"):
        module.read(tmp_path / "nothing.csv")


@pytest.mark.skipif(not (SPREAD.exists() and ENSEMBLE.exists()), reason="no ensemble was made")
def test_the_stored_values_are_those_of_the_ensemble():
    stored = module.read()
    ensemble = load_ensemble()
    assert list(stored.index) == [SYNTHETIC, *ensemble], "run `make spread`"
    last = list(ensemble)[-1]
    some = {SYNTHETIC: load_cohort(SYNTHETIC_COHORT), last: ensemble[last]}
    pd.testing.assert_frame_equal(stored.loc[list(some)], module.compute(some), rtol=1e-6)


def test_each_family_gives_the_same_names_for_a_cohort_without_events():
    cohort = load_cohort(SYNTHETIC_COHORT)
    nothing = cohort.assign(death=0, local_failure=0)
    for family in FAMILIES.values():
        assert list(family.compute(cohort)) == list(family.compute(nothing)), family.name
