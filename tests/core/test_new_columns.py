"""A column is added in data/dictionary.toml and nowhere else, and everything has it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core import paths

# An event with its time, a measurement, a level, and a group that is derived from the measurement.
# Names that no column will have: a real one may be added with the same entry.
ADDED = """
[[column]]
name = "some_event"
label = "Some event"
type = "event"
example = "1"
meaning = "1 if it happened after SBRT."
needed_for = ["Toxicity"]

[[column]]
name = "some_event_months"
label = "Time to some event"
type = "number"
unit = "months"
minimum = 0.0
only_when = "some_event=1"
within_follow_up = true
example = "5.5"
meaning = "Months from the start of SBRT to it; blank where there was none."
needed_for = ["Toxicity"]

[[column]]
name = "some_number"
label = "Some number"
type = "number"
unit = "g/dL"
minimum = 0.5
maximum = 80
measured = true
usual_median = [2.5, 5]
example = "3.9"
meaning = "What was measured before SBRT."
needed_for = ["Patient characteristics"]

[[column]]
name = "some_level"
label = "Some level"
type = "level"
levels = ["left lobe", "right lobe"]
example = "left lobe"
meaning = "Where the tumour lies."
needed_for = ["Patient characteristics"]

[[derived]]
name = "some_group"
label = "Some number"
unit = "g/dL"
levels = ["<3.5", ">=3.5"]
sources = ["some_number"]
rule = { column = "some_number", below = 3.5 }
meaning = "Below 3.5 g/dL, or not."

"""
NEW = ["some_event", "some_event_months", "some_number", "some_level"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the project makes of a dictionary with more columns."""
    copy = tmp_path_factory.mktemp("project").resolve()
    for folder in ("reanalysis", "data"):
        left_out = shutil.ignore_patterns("__pycache__", "private")
        shutil.copytree(paths.ROOT / folder, copy / folder, ignore=left_out)
    (copy / "notebooks").mkdir()
    shutil.copy(paths.NOTEBOOKS / "data_dictionary.ipynb", copy / "notebooks")
    dictionary = copy / "data" / "dictionary.toml"
    before, first, after = dictionary.read_text(encoding="utf-8").partition("[[derived]]\nname")
    dictionary.write_text(before + ADDED + first + after, encoding="utf-8")
    script = Path(__file__).parents[1] / "new_columns.py"
    run = subprocess.run(
        [sys.executable, str(script)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def drawn(built: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(built["drawn"]).reset_index(drop=True)


def test_a_file_with_it_is_validated(built: dict[str, Any]) -> None:
    assert {name: built["validation"]["dtypes"][name] for name in NEW} == {
        "some_event": "int64",
        "some_event_months": "float64",
        "some_number": "float64",
        "some_level": "category",
    }
    assert built["validation"]["problems"] == [
        "row 2, some_event is 'yes': expected 0 or 1; write 1 for yes and 0 for no, or say so "
        "in a mapping file",
        "row 3, some_event_months: expected a number of at least 0, because some_event is 1",
        "row 4, some_event_months is '2': expected a blank, unless some_event is 1; if the others "
        "have their time of censoring there, a mapping file says so: times_of_censoring = true",
        "row 5, some_event_months is '9999': expected a time within follow-up (follow_up_months)",
        "row 6, some_level is 'middle': expected one of left lobe, right lobe",
    ]


def test_the_template_asks_for_it(built: dict[str, Any]) -> None:
    asked = built["template"]
    assert asked["some_event"]["rule"][:2] == ["list", '"0,1"']
    assert asked["some_level"]["rule"][:2] == ["list", '"left lobe,right lobe"']
    assert asked["some_number"]["rule"] == ["decimal", "0.5", "80"]
    assert asked["some_event_months"]["rule"][:2] == ["decimal", "0"]
    assert "Filled where some_event is 1" in asked["some_event_months"]["comment"]
    assert [asked[name]["example"] for name in NEW] == [1, 5.5, 3.9, "left lobe"]


def test_redcap_asks_for_it_and_its_export_comes_back(built: dict[str, Any]) -> None:
    rows = built["redcap"]["rows"]
    assert rows["some_event"]["Field Type"] == "yesno"
    logic = "Branching Logic (Show field only if...)"
    assert rows["some_event_months"][logic] == "[some_event] = '1'"
    assert rows["some_number"]["Text Validation Max"] == "80"
    choices = "Choices, Calculations, OR Slider Labels"
    assert rows["some_level"][choices] == "left_lobe, left lobe | right_lobe, right lobe"
    assert built["redcap"]["levels"]


def test_check_tells_of_it(built: dict[str, Any]) -> None:
    report = built["report"]
    sections = {line.partition(":")[0]: line for line in report["synthetic"]}
    assert sections["Toxicity"].endswith(
        "Some event (some_event), Time to some event (some_event_months)."
    )
    assert sections["Patient characteristics"].endswith(
        "Some number (some_number), Some level (some_level)."
    )
    assert report["shown"] == {"Toxicity": "all", "Patient characteristics": "all"}
    assert not set(NEW) & set(report["suspicious"])
    told = " | ".join(report["odd"])
    assert "some_event_months: some_event at month 0, the start of SBRT" in told
    assert "some_event: is 1 in every patient of 40" in told
    assert "some_number: holds only 39.5 in 40 patients, as a code does" in told


def test_a_draft_of_a_mapping_recognises_it(built: dict[str, Any]) -> None:
    assert built["draft"]["recognised"] == {
        "some_event": "Some event",
        "some_event_months": "time to some event (weeks)",
        "some_number": "SOME_NUMBER",
        "some_level": "Some level",
    }
    text = built["draft"]["text"]
    assert 'unit = "weeks"' in text and '"Left Lobe" = "left lobe", "VIII" = "?"' in text
    assert '"no" = "0", "yes" = "1"' in text


def test_an_event_is_drawn_with_its_time(drawn: pd.DataFrame) -> None:
    happened = drawn["some_event"] == 1
    assert 0.02 < happened.mean() < 0.3
    assert (drawn["some_event_months"].notna() == happened).all()
    times = drawn.loc[happened, ["some_event_months", "follow_up_months"]]
    assert (times["some_event_months"] > 0).all()
    assert (times["some_event_months"] <= times["follow_up_months"]).all()


def test_a_number_is_drawn_where_it_usually_lies(drawn: pd.DataFrame) -> None:
    values = drawn["some_number"]
    assert values.between(2.5, 5).all() and values.nunique() > 100
    assert 3.5 < values.median() < 4.0


def test_a_level_is_drawn_among_its_levels(drawn: pd.DataFrame) -> None:
    shares = drawn["some_level"].value_counts(normalize=True)
    assert set(shares.index) == {"left lobe", "right lobe"}
    assert (shares > 0.4).all()


def test_a_group_is_derived_from_it(drawn: pd.DataFrame) -> None:
    low = np.where(drawn["some_number"] < 3.5, "<3.5", ">=3.5")
    assert (drawn["some_group"] == low).all()


def test_everything_else_is_drawn_as_before(drawn: pd.DataFrame) -> None:
    before = draw_cohort(400, seed=11)
    assert set(drawn) == {*before, *NEW, "some_group"}
    for name in before:
        again = drawn[name].astype(before[name].dtype)
        pd.testing.assert_series_equal(again, before[name], rtol=1e-12)


def test_the_pages_show_it(built: dict[str, Any]) -> None:
    for text in (*NEW, "What was measured before SBRT.", "left lobe, right lobe", "&lt;3.5"):
        assert text in built["page"]
