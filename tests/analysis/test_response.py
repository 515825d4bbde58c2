"""Radiologic response: by hand on a handful of patients, and against R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reanalysis.analysis.response import (
    by_last_tace,
    cumulative_response,
    isolated_failures,
    logistic_models,
    residual_burden_p,
    response_states,
    response_times,
)
from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.validation import validate
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.side_by_side import compare_logistic
from reanalysis.core.errors import CannotShow, NotEstimable, NotRecorded

# Made once by tests/data/reference.R; R is not needed here.
DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "reference_r.json").read_text(encoding="utf-8"))

SIX = """
follow_up_months death best_response complete_response_months last_tace_response tumor_size_cm
2                1     SD            -                        PD                 4.0
3                0     CR            1                        CR                 2.0
10               1     CR            3                        CR                 1.5
45               0     CR            3                        SD                 2.5
5                0     PR            -                        SD                 3.0
60               0     PD            -                        PR                 2.2
"""


@pytest.fixture(scope="module")
def sixty() -> pd.DataFrame:
    return load_cohort(DATA / "reference_cohort.csv")


@pytest.fixture
def six() -> pd.DataFrame:
    rows = [line.split() for line in SIX.strip().splitlines()]
    text = pd.DataFrame(rows[1:], columns=rows[0]).replace("-", "")
    text.insert(0, "patient_id", [f"P{i}" for i in range(len(text))])
    return derive(validate(text))


def test_the_cumulative_share_is_of_those_who_respond(six: pd.DataFrame) -> None:
    table = cumulative_response(six)
    assert table.index.to_list() == [0, 1, 3]
    assert table["patients"].to_list() == [0, 1, 3]
    np.testing.assert_allclose(table["percent"], [0, 100 / 3, 100])


def test_nobody_with_a_response_has_no_curve(six: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable):
        cumulative_response(six.assign(complete_response_months=np.nan))


def test_times_run_to_the_response_or_to_the_end_of_observation(six: pd.DataFrame) -> None:
    times = response_times(six)
    assert times["months"].to_list() == [2, 1, 3, 3, 5, 60]
    assert times["event"].to_list() == [0, 1, 1, 1, 0, 0]


def test_states_add_up_at_every_month(six: pd.DataFrame) -> None:
    table = response_states(six, [0, 2, 3, 12])
    assert table["CR"].to_list() == [0, 1, 3, 3]  # a CR at 3.0 months counts at 3
    assert table["died"].to_list() == [0, 1, 1, 1]
    assert table["lost"].to_list() == [0, 0, 0, 1]
    assert table["waiting"].to_list() == [6, 4, 2, 1]
    assert table["CR later"].to_list() == [3, 2, 0, 0]
    assert (table[["CR", "died", "lost", "waiting"]].sum(axis=1) == 6).all()


def test_states_need_the_response() -> None:
    cohort = pd.DataFrame({"follow_up_months": [3.0], "death": [0]})
    with pytest.raises(NotRecorded, match="best_response"):
        response_states(cohort, [3])


def test_best_response_by_the_last_tace(six: pd.DataFrame) -> None:
    table = by_last_tace(six)
    assert table["patients"].to_list() == [2, 1, 2, 1]
    assert table["CR"].to_list() == [2, 0, 1, 0]
    assert table["anyCR, %"].to_list() == [100, 0, 50, 0]


def test_a_row_without_patients_has_no_share(six: pd.DataFrame) -> None:
    table = by_last_tace(six[six["last_tace_response"] != "PD"])
    assert np.isnan(table.loc["PD", "anyCR, %"])


def test_burden_is_a_rank_correlation(six: pd.DataFrame) -> None:
    expected = stats.spearmanr([3, 0, 0, 2, 2, 1], [0, 1, 1, 1, 0, 0]).pvalue
    assert residual_burden_p(six) == pytest.approx(expected)
    with pytest.raises(NotEstimable):
        residual_burden_p(six[six["any_cr"] == "yes"])


def test_models_are_of_not_reaching_cr(sixty: pd.DataFrame) -> None:
    models = logistic_models(sixty)
    assert isinstance(models["age"], NotRecorded)
    size = models["tumor_size_cm"]
    assert not isinstance(size, CannotShow)
    row = size.table.loc["tumor_size_cm"]
    assert size.events == int((sixty["any_cr"] == "no").sum())
    assert row["coef"] == pytest.approx(R["logistic"]["coef"], rel=1e-7)


def test_the_p_value_of_the_sizes_is_a_pooled_t_test(sixty: pd.DataFrame) -> None:
    assert Recomputation(sixty).value("size.ttest.p") == pytest.approx(R["t_test_p"], rel=1e-9)


def test_the_supplementary_table_shows_a_dash_where_there_is_no_estimate(
    sixty: pd.DataFrame,
) -> None:
    table = compare_logistic(Recomputation(sixty)).set_index("Variable")
    assert table.loc["Tumour size, per cm", "OR, paper"] == "1.83 (1.19–2.83)"
    assert table.loc["Tumour size, per cm", "OR, this cohort"] == "1.5 (0.94–2.4)"
    assert (table.loc["Age, per year"] == "–").all()


def test_isolated_failures_have_no_other_recurrence() -> None:
    cohort = pd.DataFrame(
        {
            "local_failure": [1, 1, 1, 0],
            "intrahepatic_recurrence": [0, 1, 0, 0],
            "distant_metastasis": [0, 0, 1, 0],
        }
    )
    assert isolated_failures(cohort).index.to_list() == [0]
