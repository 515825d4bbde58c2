"""The worked example of a reader's own cohort, on the real file, against R.

The file, the clinical table of HCC-TACE-Seg, is not part of this project. The tests look for it
where the environment variable REANALYSIS_REAL_COHORT says, or in ../shared/real beside the
repository, and are skipped where it is not.

The references were computed with R 4.2.2, survival 3.5-3; months = weeks * 7 / 30.4375.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.regression import cox
from reanalysis.analysis.survival import event_times, kaplan_meier
from reanalysis.cohort.loading import load_cohort, provenance
from reanalysis.cohort.made import apply_mapping, unused
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.reading import read_table
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.scorecard import scorecard
from reanalysis.core import paths
from reanalysis.core.errors import CannotShow
from reanalysis.paper.study import CHILD_PUGH, OVERALL_SURVIVAL, SIZE, Term

FILE = Path(
    os.environ.get("REANALYSIS_REAL_COHORT", paths.ROOT / "../shared/real/hcc_tace_seg.csv")
).resolve()
MAPPING = paths.DATA / "mappings" / "hcc_tace_seg.toml"

pytestmark = pytest.mark.skipif(
    not FILE.is_file(),
    reason=f"the clinical table of HCC-TACE-Seg is not at {FILE}; set REANALYSIS_REAL_COHORT",
)


@pytest.fixture(scope="module")
def cohort():
    return load_cohort(FILE, MAPPING)


@pytest.fixture(scope="module")
def raw():
    return read_table(FILE)


def test_the_quirks_of_the_file_are_read(raw):
    assert raw.shape == (105, 57)
    assert raw.columns[0] == "TCIA_ID"  # no byte-order mark
    assert "NA" in set(raw["chemotherapy"])


def test_no_patient_is_dropped_and_every_blank_is_told(cohort, raw):
    assert cohort["patient_id"].nunique() == len(raw)
    assert not set(cohort["patient_id"]) & set(raw["TCIA_ID"])
    report = apply_mapping(raw, load_mapping(MAPPING))[1].set_index("column")
    assert "C in 1 (class C" in report.loc["child_pugh_class", "what was done"]
    assert "HCV and HBV in 16 " in report.loc["etiology", "what was done"]
    assert "Stage-D in 3 " in report.loc["bclc_stage", "what was done"]
    for name in report.index:
        assert report.loc[name, "left blank"] == cohort[name].isna().sum()


def test_the_page_tells_no_small_number_of_blanks():
    report = provenance(FILE, MAPPING).set_index("column")
    assert "C in a hidden number (class C" in report.loc["child_pugh_class", "what was done"]
    assert report.loc["child_pugh_class", "left blank"] == "hidden"
    assert "HCV and HBV in 15 " in report.loc["etiology", "what was done"]


def test_every_column_of_the_file_is_used_or_listed(raw):
    mapping = load_mapping(MAPPING)
    left = unused(raw, mapping)
    assert {c.source for c in mapping.columns} | set(left["column"]) == set(raw.columns)
    assert set(mapping.not_used) <= set(left["column"])


def test_overall_survival_is_that_of_r(cohort):
    curve = kaplan_meier(event_times(cohort, OVERALL_SURVIVAL))
    assert (curve.n, curve.events) == (105, 93)
    rates = [round(curve.at(month)["survival"], 4) for month in (12, 24, 36)]
    assert rates == [0.7796, 0.5101, 0.2506]
    assert round(curve.median, 2) == 24.90


def test_the_cox_model_is_that_of_r(cohort, raw):
    # R's model keeps the patient of class C, together with B.
    above_a = raw["CPS"].ne("A").map({True: "B", False: "A"})
    data = cohort.assign(
        child_pugh_class=above_a.astype(pd.CategoricalDtype(["A", "B"])),
        log10_afp=np.log10(cohort["afp_ng_ml"]),
    )
    model = cox(data, OVERALL_SURVIVAL, [SIZE, CHILD_PUGH, Term("log10_afp", "log10 AFP", "")])
    assert model.n == 96
    ratios = model.table["ratio"].round(3).to_dict()
    assert ratios == {"tumor_size_cm": 1.014, "child_pugh_class": 1.505, "log10_afp": 1.008}
    assert (model.table["p"] > 0.05).all()


def test_the_scorecard_says_what_is_not_recorded(cohort):
    card = scorecard(Recomputation(cohort))
    assert card.loc["km36.OS", "this cohort"] == "24"
    assert card.loc["km36.LC", "verdict"] == "not recorded"
    assert card.loc["OS.m.bed.HR", "verdict"] == "not recorded"
    assert card.loc["bed.45/3", "verdict"] == "agrees"
    assert not (card["remark"].str.contains("Traceback|Error")).any()


def test_a_stage_that_all_share_is_no_variable(cohort):
    model = Recomputation(cohort).univariable("overall_survival")["bclc_stage"]
    assert isinstance(model, CannotShow)
    assert str(model) == "BCLC stage is the same in every patient"
