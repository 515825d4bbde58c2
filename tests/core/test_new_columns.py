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
ADDED = """
[[column]]
name = "gastric_ulcer"
label = "Gastric ulcer"
type = "event"
example = "1"
meaning = "1 if an ulcer of the stomach appeared after SBRT."
needed_for = ["Toxicity"]

[[column]]
name = "gastric_ulcer_months"
label = "Time to gastric ulcer"
type = "number"
unit = "months"
minimum = 0.0
only_when = "gastric_ulcer=1"
within_follow_up = true
example = "5.5"
meaning = "Months from the start of SBRT to the ulcer; blank where there was none."
needed_for = ["Toxicity"]

[[column]]
name = "albumin_g_dl"
label = "Albumin"
type = "number"
unit = "g/dL"
minimum = 0.5
maximum = 80
measured = true
usual_median = [2.5, 5]
example = "3.9"
meaning = "Serum albumin before SBRT."
needed_for = ["Patient characteristics"]

[[column]]
name = "segment"
label = "Liver segment"
type = "level"
levels = ["left lobe", "right lobe"]
example = "left lobe"
meaning = "Where the tumour lies."
needed_for = ["Patient characteristics"]

[[derived]]
name = "albumin_group"
label = "Albumin"
unit = "g/dL"
levels = ["<3.5", ">=3.5"]
sources = ["albumin_g_dl"]
rule = { column = "albumin_g_dl", below = 3.5 }
meaning = "Albumin below 3.5 g/dL, or not."

"""
NEW = ["gastric_ulcer", "gastric_ulcer_months", "albumin_g_dl", "segment"]


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
        "gastric_ulcer": "int64",
        "gastric_ulcer_months": "float64",
        "albumin_g_dl": "float64",
        "segment": "category",
    }
    assert built["validation"]["problems"] == [
        "row 2, gastric_ulcer is 'yes': expected 0 or 1; write 1 for yes and 0 for no, or say so "
        "in a mapping file",
        "row 3, gastric_ulcer_months: expected a number of at least 0, because gastric_ulcer is 1",
        "row 4, gastric_ulcer_months is '2': expected a blank, unless gastric_ulcer is 1",
        "row 5, gastric_ulcer_months is '9999': expected a time within follow-up "
        "(follow_up_months)",
        "row 6, segment is 'middle': expected one of left lobe, right lobe",
    ]


def test_the_template_asks_for_it(built: dict[str, Any]) -> None:
    asked = built["template"]
    assert asked["gastric_ulcer"]["rule"][:2] == ["list", '"0,1"']
    assert asked["segment"]["rule"][:2] == ["list", '"left lobe,right lobe"']
    assert asked["albumin_g_dl"]["rule"] == ["decimal", "0.5", "80"]
    assert asked["gastric_ulcer_months"]["rule"][:2] == ["decimal", "0"]
    assert "Filled where gastric_ulcer is 1" in asked["gastric_ulcer_months"]["comment"]
    assert [asked[name]["example"] for name in NEW] == [1, 5.5, 3.9, "left lobe"]


def test_redcap_asks_for_it_and_its_export_comes_back(built: dict[str, Any]) -> None:
    rows = built["redcap"]["rows"]
    assert rows["gastric_ulcer"]["Field Type"] == "yesno"
    logic = "Branching Logic (Show field only if...)"
    assert rows["gastric_ulcer_months"][logic] == "[gastric_ulcer] = '1'"
    assert rows["albumin_g_dl"]["Text Validation Max"] == "80"
    choices = "Choices, Calculations, OR Slider Labels"
    assert rows["segment"][choices] == "left_lobe, left lobe | right_lobe, right lobe"
    assert built["redcap"]["segments"]


def test_check_tells_of_it(built: dict[str, Any]) -> None:
    report = built["report"]
    sections = {line.partition(":")[0]: line for line in report["synthetic"]}
    assert sections["Toxicity"] == (
        "Toxicity: all but what needs Gastric ulcer (gastric_ulcer), Time to gastric ulcer "
        "(gastric_ulcer_months)."
    )
    assert sections["Patient characteristics"].endswith(
        "all but what needs Albumin (albumin_g_dl), Liver segment (segment)."
    )
    assert "Toxicity: everything." in report["drawn"]
    assert "second look" not in report["drawn"]
    told = " | ".join(report["odd"])
    assert "gastric_ulcer_months: gastric_ulcer at month 0, the start of SBRT" in told
    assert "gastric_ulcer: is 1 in every patient of 40" in told
    assert "albumin_g_dl: holds only 39.5 in 40 patients, as a code does" in told


def test_a_draft_of_a_mapping_recognises_it(built: dict[str, Any]) -> None:
    assert built["draft"]["recognised"] == {
        "gastric_ulcer": "Gastric ulcer",
        "gastric_ulcer_months": "time to gastric ulcer (weeks)",
        "albumin_g_dl": "ALBUMIN_G_DL",
        "segment": "Liver segment",
    }
    text = built["draft"]["text"]
    assert 'unit = "weeks"' in text and '"Left Lobe" = "left lobe", "VIII" = "?"' in text
    assert '"no" = "0", "yes" = "1"' in text


def test_an_event_is_drawn_with_its_time(drawn: pd.DataFrame) -> None:
    ulcer = drawn["gastric_ulcer"] == 1
    assert 0.02 < ulcer.mean() < 0.3
    assert (drawn["gastric_ulcer_months"].notna() == ulcer).all()
    times = drawn.loc[ulcer, ["gastric_ulcer_months", "follow_up_months"]]
    assert (times["gastric_ulcer_months"] > 0).all()
    assert (times["gastric_ulcer_months"] <= times["follow_up_months"]).all()


def test_a_number_is_drawn_where_it_usually_lies(drawn: pd.DataFrame) -> None:
    albumin = drawn["albumin_g_dl"]
    assert albumin.between(2.5, 5).all() and albumin.nunique() > 100
    assert 3.5 < albumin.median() < 4.0


def test_a_level_is_drawn_among_its_levels(drawn: pd.DataFrame) -> None:
    shares = drawn["segment"].value_counts(normalize=True)
    assert set(shares.index) == {"left lobe", "right lobe"}
    assert (shares > 0.4).all()


def test_a_group_is_derived_from_it(drawn: pd.DataFrame) -> None:
    low = np.where(drawn["albumin_g_dl"] < 3.5, "<3.5", ">=3.5")
    assert (drawn["albumin_group"] == low).all()


def test_everything_else_is_drawn_as_before(drawn: pd.DataFrame) -> None:
    before = draw_cohort(400, seed=11)
    assert set(drawn) == {*before, *NEW, "albumin_group"}
    for name in before:
        again = drawn[name].astype(before[name].dtype)
        pd.testing.assert_series_equal(again, before[name], rtol=1e-12)


def test_the_pages_show_it(built: dict[str, Any]) -> None:
    for text in (*NEW, "Serum albumin before SBRT.", "left lobe, right lobe", "albumin_group"):
        assert text in built["page"]
