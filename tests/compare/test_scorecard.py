"""The scorecard has one row per published number, and a verdict for each on any cohort."""

import pandas as pd
import pytest

from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.validation import validate
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.scorecard import MISSES, VERDICTS, by_section, scorecard, section, tally
from reanalysis.core import paths
from reanalysis.core.disclosure import MADE_UP
from reanalysis.paper.register import register


@pytest.fixture(scope="module")
def card():
    return scorecard(Recomputation(load_cohort(paths.SYNTHETIC_COHORT)))


@pytest.fixture(scope="module")
def least():
    rows = {"patient_id": ["a", "b"], "follow_up_months": ["12", "40"], "death": ["1", "0"]}
    table = derive(validate(pd.DataFrame(rows, dtype=str)))
    return scorecard(Recomputation(table, MADE_UP))


def test_one_row_per_published_number(card):
    assert list(card.index) == list(register().index)
    assert set(card["verdict"]) <= set(VERDICTS)
    assert tally(card).sum() == len(card)


def test_text_decides(card):
    compared = card[card["verdict"].isin(["agrees", "last digit", "differs"])]
    same = compared["printed"] == compared["this cohort"]
    assert (same == (compared["verdict"] == "agrees")).all()


def test_counts_of_the_synthetic_cohort_agree(card):
    for number in ("N", "sex.M.n", "etio.HBV.pct", "size.median", "fx.45/3.n", "lf.n", "km36.LC"):
        assert card.loc[number, "verdict"] == "agrees", number


def test_contradictions_are_never_counted_as_agreement(card):
    contradictions = register().index[register()["status"] == "contradiction"]
    assert set(card.loc[contradictions, "verdict"]) == {"contradicts itself"}


def test_a_contradiction_keeps_its_reason_where_nothing_is_recorded(least):
    assert least.loc["tox.rib.pct", "verdict"] == "contradicts itself"
    assert least.loc["tox.rib.pct", "remark"] == "11 of 302 are 3.6 %"


def test_models_of_an_endpoint_that_is_not_recorded_say_so(least):
    multivariable = least.loc["LC.m.size.HR"]
    assert multivariable["verdict"] == "not recorded"
    assert multivariable["remark"].startswith("this cohort does not record")


def test_a_miss_in_a_regression_row_says_what_is_off(card):
    missed = card[card["verdict"].isin(MISSES)]
    rows = missed[missed.index.str.match(r"(LC|OS)\.[um]\.")]
    assert rows["remark"].str.contains("log ratio|standard error").all()
    assert not card.loc[card["verdict"] == "agrees", "remark"].str.contains("log ratio").any()


def test_what_the_least_cohort_cannot_give_says_why(least):
    assert least.loc["age.median", "verdict"] == "not recorded"
    assert least.loc["age.median", "remark"] == "this cohort does not record Age (age)"
    assert least.loc["N", "verdict"] == "differs"
    assert least.loc["km36.OS", "this cohort"] == "50.0"
    assert (least.loc[least["verdict"] == "no estimate", "remark"] != "").all()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Table 1", "Table 1"),
        ("Table 2, note a", "Table 2"),
        ("Abstract; Results; Table 1", "Table 1"),
        ("Abstract; Results: Local control", "Results: Local control"),
        ("Results: Local control; Suppl. Fig. 2", "Results: Local control"),
        ("Methods: Radiotherapy", "Methods"),
        ("Abstract", "Abstract"),
    ],
)
def test_section(where, expected):
    assert section(where) == expected


def test_sections_add_up(card):
    counts = by_section(card)
    assert counts.to_numpy().sum() == len(card)
    assert list(counts.columns) == [v for v in VERDICTS if v in set(card["verdict"])]


def test_nothing_found_says_nothing_where_it_could_hardly_be_found(card, least):
    nothing = card.index[card["verdict"] == "says nothing"]
    assert set(nothing) == {"qual.cr3_lc_ns", "qual.only_size_logistic"}
    assert card.loc["qual.cr3_os_ns", "verdict"] == "agrees"  # of 86 deaths it says something
    few = load_cohort(paths.SYNTHETIC_COHORT).iloc[::6]
    small = scorecard(Recomputation(few, MADE_UP))
    statements = [number for number in card.index if number.endswith("_ns")]
    assert len(statements) == 4
    assert not small.loc[statements, "verdict"].eq("agrees").any()


def test_what_is_searched_written_in_and_computed_is_told_apart(card):
    compared = card[card["verdict"].isin(["agrees", "says nothing", *MISSES])]
    assert compared["kind"].value_counts().to_dict() == {
        "regression": 132,
        "description": 128,
        "arithmetic": 4,
    }
    assert (compared["kind"] == "arithmetic").eq(compared.index.str.startswith("bed.")).all()
    assert (card.loc[card["verdict"] == "not from a cohort", "kind"] == "").all()
