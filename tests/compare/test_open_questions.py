"""The questions whose answers the ensemble gives: each has a value, and means what it says."""

import pandas as pd
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.compare import open_questions
from reanalysis.compare.open_questions import QUESTIONS
from reanalysis.compare.pinned import SAME, pinned
from reanalysis.core import paths
from reanalysis.paper.register import published


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


def value(name: str, cohort: pd.DataFrame) -> float:
    return float(open_questions.BY_NAME[name].statistic(cohort))


def test_names_are_unique_and_there_are_enough() -> None:
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS) >= 30


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_has_a_value(
    question: open_questions.Question, cohort: pd.DataFrame
) -> None:
    found = pinned(
        question.statistic,
        none=question.none,
        decimals=question.decimals,
        cohort=cohort,
        ensemble={"itself": cohort},
    )
    assert found.word == SAME
    assert found.cohorts == 2


def test_what_the_paper_prints_is_found(cohort: pd.DataFrame) -> None:
    assert f"{value('Local control at 36 months', cohort):.1f}" == published("km36.LC")
    assert f"{value('Overall survival at 36 months', cohort):.1f}" == published("km36.OS")
    assert value("CR seen by 6 months, of those who reach it", cohort) == pytest.approx(
        100 * 240 / 288
    )


def test_counts_and_differences_by_hand(cohort: pd.DataFrame) -> None:
    died = cohort["death"] == 1
    assert value("Deaths", cohort) == died.sum()
    within = (died & (cohort["follow_up_months"] <= 12)).sum()
    assert value("Deaths within 12 months", cohort) == within
    size = cohort.groupby("child_pugh_class", observed=True)["tumor_size_cm"].mean()
    assert value("Mean size in Child-Pugh class B less that in A", cohort) == pytest.approx(
        size["B"] - size["A"]
    )
