"""What the cohorts that agree with the paper say together: numbers in their unit, and words."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.compare import spread
from reanalysis.compare.open_questions import COUNT, MONTHS, PERCENT, YES_OR_NO, P, Question
from reanalysis.compare.pinned import judged
from reanalysis.core.errors import NotEstimable
from reanalysis.page import agreeing
from reanalysis.page.agreeing import in_words, over_cohorts, own_in_words


def question(unit: str, none: float | None = None, asked_for: bool = False) -> Question:
    return Question("It all", lambda cohort: 0.0, none, 0 if unit == COUNT else 1, unit, asked_for)


@pytest.mark.parametrize(
    ("unit", "values", "own", "said"),
    [
        (PERCENT, [91.24, 92.0], "91.2 %", "91.2 to 92.0 %"),
        (PERCENT, [91.24, 91.21], "91.2 %", "91.2 %"),
        (MONTHS, [3.0, 2.0], "3.0 months", "2.0 to 3.0 months"),
        (COUNT, [86.0, 79.0], "86", "79 to 86"),
        (P, [0.00004, 0.0213], "<0.001", "<0.001 to 0.021"),
        (P, [0.00004, 0.00002], "<0.001", "<0.001"),
        (YES_OR_NO, [1.0, 1.0], "yes", "yes"),
        (YES_OR_NO, [0.0, 0.0], "no", "no"),
        (YES_OR_NO, [0.0, 1.0], "no", "in some, not in others"),
    ],
)
def test_a_value_and_a_range_in_their_unit(unit, values, own, said):
    asked = question(unit)
    found = judged(np.array(values), asked.none, asked.decimals)
    assert own_in_words(asked, found) == own
    assert in_words(asked, found) == said


@pytest.fixture
def known(monkeypatch):
    """Two questions over three cohorts, of which one has no second answer."""
    asked = {
        "One rate": Question("One rate", lambda c: 0.0, None, 1, PERCENT),
        "A ratio": Question("A ratio", lambda c: 0.0, 1.0, 2, "ratio", asked_for=True),
    }
    answers = {"One rate": [72.74, 72.66, 72.7], "A ratio": [1.5, 1.25, np.nan]}
    table = pd.DataFrame({(spread.QUESTION, name): found for name, found in answers.items()})
    monkeypatch.setattr(spread, "BY_NAME", asked)
    monkeypatch.setattr(agreeing, "BY_NAME", asked)
    monkeypatch.setattr(spread, "read", lambda: table)


def test_a_sentence_has_range_word_and_number_of_cohorts(known):
    assert over_cohorts("One rate", "A ratio").data == (
        "**Over the 3 cohorts that agree with the paper:** one rate 72.7 % (the same in all); "
        "a ratio 1.25 to 1.50 (open, asked of each)."
    )


def test_without_the_ensemble_nothing_is_said(monkeypatch):
    def absent() -> pd.DataFrame:
        raise NotEstimable("none")

    monkeypatch.setattr(spread, "read", absent)
    assert over_cohorts("Deaths").data == ""
