"""The paper's tables beside a cohort's: its own model whole, and what is not known of it."""

import numpy as np
import pandas as pd
import pytest
from cohorts import minimal

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.side_by_side import compare_regression, side_by_side
from reanalysis.core.disclosure import MADE_UP, Policy
from reanalysis.core.formatting import p_value, with_interval
from reanalysis.paper.layout import TABLE_1
from reanalysis.paper.study import AGE, LOCAL_CONTROL, OVERALL_SURVIVAL, TERM_BY_COLUMN


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return draw_cohort(200, seed=11)


def test_the_cohorts_own_model_is_shown_whole(drawn: pd.DataFrame) -> None:
    # Old patients die earlier here, so that age, which the paper's model has not, enters.
    cohort = drawn.assign(age=(drawn["age"] - 0.5 * drawn["follow_up_months"]).clip(20, 90))
    here = Recomputation(cohort, MADE_UP)
    own = here.multivariable(OVERALL_SURVIVAL.key).table
    assert AGE.column in own.index
    table = compare_regression(here, OVERALL_SURVIVAL, "multivariable").set_index("Variable")
    for column, row in own.iterrows():
        shown = table.loc[TERM_BY_COLUMN[str(column)].contrast]
        assert shown["HR, this cohort"] == with_interval(row["ratio"], row["lower"], row["upper"])
        assert shown["p, this cohort"] == p_value(row["p"])
    assert table.loc["Age, per year", "HR, paper"] == "–"
    assert table.attrs["missing"] == []


def test_a_cohort_without_a_model_says_why() -> None:
    here = Recomputation(minimal(), MADE_UP)
    table = compare_regression(here, OVERALL_SURVIVAL, "multivariable")
    assert set(table["HR, this cohort"]) == {"–"} and len(table) == 6
    assert table.attrs["missing"][0].startswith("–: this cohort does not record")
    local = compare_regression(here, LOCAL_CONTROL, "multivariable")
    assert "Local failure (local_failure)" in local.attrs["missing"][0]


def test_a_row_counts_the_patients_whose_value_is_not_known(drawn: pd.DataFrame) -> None:
    cohort = drawn.copy()
    cohort.loc[cohort.index[:33], "child_pugh_class"] = np.nan
    cohort.loc[cohort.index[:12], ["afp_ng_ml", "afp_group"]] = np.nan
    cohort.loc[cohort.index[:7], "age"] = np.nan
    table = side_by_side(TABLE_1, Recomputation(cohort, MADE_UP), unknown=True)
    labels = table["Variable"].tolist()
    assert labels[1] == "  Not known" and table.loc[1, "This cohort"] == "7"
    after_b = labels.index("  B") + 1
    assert table.loc[after_b].tolist()[:3] == ["  Not known", "–", "33"]
    after_afp = labels.index("  > 20 ng/mL (b)") + 1
    assert table.loc[after_afp].tolist()[:3] == ["  Not known", "1", "12"]
    assert labels.count("  Not known") == 3
    known = side_by_side(TABLE_1, Recomputation(cohort, MADE_UP))
    assert "  Not known" not in known["Variable"].tolist()


def test_a_small_number_of_unknown_is_hidden(drawn: pd.DataFrame) -> None:
    cohort = drawn.copy()
    cohort.loc[cohort.index[:7], "age"] = np.nan
    table = side_by_side(TABLE_1, Recomputation(cohort, Policy(10)), unknown=True)
    assert table.loc[1, ["Variable", "This cohort"]].tolist() == ["  Not known", "hidden"]


def test_a_column_that_is_not_recorded_has_no_row_of_unknown() -> None:
    table = side_by_side(TABLE_1, Recomputation(minimal(), MADE_UP), unknown=True)
    assert "  Not known" not in table["Variable"].tolist()
