"""Derived columns: the rules of the dictionary, at their limits, and where something is blank."""

import pandas as pd
import pytest

from reanalysis.cohort.derived import derive, holds
from reanalysis.cohort.validation import validate
from reanalysis.core.dictionary import Rule, load_dictionary


def derived(column: str, **cells: str) -> object:
    """Derive a column for one patient with these cells, None where it is blank."""
    row = {"patient_id": "P1", "follow_up_months": "40", "death": "0"} | cells
    # A second patient with every value, so that a blank of the first is not a missing column.
    full = {name: c.example for name, c in load_dictionary().columns.items() if name in cells}
    other = row | full | {"patient_id": "P2"}
    value = derive(validate(pd.DataFrame([row, other])))[column].iloc[0]
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    ("column", "cells", "value"),
    [
        ("afp_group", {"afp_ng_ml": "20"}, "<=20"),
        ("afp_group", {"afp_ng_ml": "20.0000001"}, ">20"),
        ("afp_group", {"afp_ng_ml": ""}, None),
        ("ecog_group", {"ecog_ps": "0"}, "0"),
        ("ecog_group", {"ecog_ps": "1"}, "1-2"),
        ("ecog_group", {"ecog_ps": "2"}, "1-2"),
        ("ecog_group", {"ecog_ps": "1-2"}, "1-2"),
        ("ecog_group", {"ecog_ps": ""}, None),
        ("etiology_group", {"etiology": "HBV"}, "HBV"),
        ("etiology_group", {"etiology": "HCV"}, "Others"),
        ("etiology_group", {"etiology": "NBNC"}, "Others"),
        ("etiology_group", {"etiology": ""}, None),
        ("any_cr", {"best_response": "CR"}, "yes"),
        ("any_cr", {"best_response": "PD"}, "no"),
        ("any_cr", {"best_response": ""}, None),
        ("cr_by_3_months", {"best_response": "CR", "complete_response_months": "3.0"}, "yes"),
        ("cr_by_3_months", {"best_response": "CR", "complete_response_months": "3.0000001"}, "no"),
        # Blank by its condition: there was no response, which is known.
        ("cr_by_3_months", {"best_response": "SD", "complete_response_months": ""}, "no"),
        ("cr_by_3_months", {"best_response": "", "complete_response_months": ""}, None),
        ("rild", {"hepatic_toxicity_grade": "1", "child_pugh_increase": "1"}, 0),
        ("rild", {"hepatic_toxicity_grade": "2", "child_pugh_increase": "0"}, 1),
        ("rild", {"hepatic_toxicity_grade": "0", "child_pugh_increase": "2"}, 1),
        ("rild", {"hepatic_toxicity_grade": "5", "child_pugh_increase": ""}, None),
        ("bed10_gy", {"total_dose_gy": "45", "fractions": "3"}, 112.5),
        ("bed10_gy", {"total_dose_gy": "", "fractions": "3"}, None),
    ],
)
def test_at_its_limits_and_where_a_source_is_blank(column, cells, value):
    assert derived(column, **cells) == value


def test_whole_numbers_stay_whole_where_everything_is_known():
    row = {"patient_id": "P1", "follow_up_months": "4", "death": "0"}
    row |= {"hepatic_toxicity_grade": "3", "child_pugh_increase": "0"}
    assert derive(validate(pd.DataFrame([row])))["rild"].dtype == "int64"


def test_levels_are_categories_with_the_reference_first():
    row = {"patient_id": "P1", "follow_up_months": "4", "death": "0", "afp_ng_ml": "300"}
    group = derive(validate(pd.DataFrame([row])))["afp_group"]
    assert list(group.cat.categories) == ["<=20", ">20"]


@pytest.mark.parametrize(
    ("comparison", "met"),
    [
        ("is", [False, True, False, False]),
        ("above", [False, False, True, False]),
        ("at_least", [False, True, True, False]),
        ("at_most", [True, True, False, False]),
        ("below", [True, False, False, False]),
    ],
)
def test_a_comparison_never_holds_of_a_blank(comparison, met):
    cohort = pd.DataFrame({"x": [1.0, 2.0, 3.0, None]})
    assert list(holds(Rule("x", comparison, 2), cohort)) == met


def test_any_of_several_rules_is_enough():
    cohort = pd.DataFrame({"x": [0, 2, 0, 2], "y": [0, 0, 1, 1]})
    either = Rule(any_of=(Rule("x", "is", 2), Rule("y", "at_least", 1)))
    assert list(holds(either, cohort)) == [False, True, True, True]
