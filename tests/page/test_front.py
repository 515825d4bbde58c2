"""What the front page says of the book in numbers."""

import re

import pandas as pd
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy, with_policy
from reanalysis.compare.scorecard import scorecard, tally
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.front import three_numbers
from reanalysis.page.here import Here


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


def bold(cohort: pd.DataFrame) -> list[str]:
    return re.findall(r"\*\*(.*?)\*\*", str(three_numbers(cohort).data))


def test_the_numbers_are_those_of_the_scorecard_and_of_the_paper(cohort: pd.DataFrame) -> None:
    counts = tally(scorecard(Here(cohort)))
    checked = counts[["agrees", "last digit", "differs"]].sum()
    rebuilt, contradicting, late = bold(cohort)
    assert rebuilt == f"{counts['agrees']} of {checked}"
    assert contradicting == str(counts["contradicts itself"])
    # The paper: 288 reached CR, 115 of them by 3 months.
    assert late.startswith(f"{288 - 115} of ")


def test_a_cohort_without_responses_has_two_of_them(cohort: pd.DataFrame) -> None:
    assert len(bold(cohort.drop(columns=["complete_response_months"]))) == 2


def test_patients_are_counted_as_the_policy_says(cohort: pd.DataFrame) -> None:
    late = bold(with_policy(cohort, private_policy()))[-1]
    assert all(int(number) % 5 == 0 for number in re.findall(r"\d+", late))
