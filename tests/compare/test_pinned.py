"""What the publication pins down: the word follows from the values by its rule."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.compare.pinned import LIKELY, OPEN, SAME, SIGN, judged, pinned, word_for
from reanalysis.core.errors import NotEstimable

COHORT = pd.DataFrame({"x": [1.0, 3.0]})
OTHERS = {"a": pd.DataFrame({"x": [2.0, 2.04]}), "b": pd.DataFrame({"x": [1.5, 2.5]})}


@pytest.mark.parametrize(
    ("values", "none", "word"),
    [
        ([1.01, 1.04], None, SAME),
        ([1.01, 1.14], None, OPEN),
        ([1.2, 1.9], 1.0, SIGN),
        ([0.9, 1.9], 1.0, OPEN),
        ([1.0, 1.9], 1.0, OPEN),
        ([True, True], None, SAME),
        ([True, False], None, OPEN),
        ([1.0, np.nan], None, OPEN),
        ([1.2] * 9 + [0.8], 1.0, LIKELY),
        ([1.2] * 8 + [0.8] * 2, 1.0, OPEN),
        ([1.2] * 9 + [np.nan], 1.0, LIKELY),
        ([0.8] * 9 + [1.0], 1.0, LIKELY),
        ([1.2] * 9 + [0.8], None, OPEN),
    ],
)
def test_word(values, none, word):
    assert word_for(np.array(values, float), none, 1) == word


def test_how_many_lie_on_one_side():
    found = judged(np.array([1.2, 0.8, 0.9, np.nan]), 1, 1)
    assert (found.one_side, found.cohorts, found.without, found.word) == (2, 3, 1, OPEN)
    assert (found.value, found.low, found.high, found.spread) == (1.2, 0.8, 1.2, "0.8 to 1.2")
    assert judged(np.array([1.2]), None, 1).one_side is None
    assert not judged(np.array([1.2] * 9 + [0.8]), 1, 1).is_pinned
    assert judged(np.array([np.nan, np.nan]), 1, 1).spread == "–"


def test_a_statistic_over_the_ensemble():
    found = pinned(lambda cohort: cohort["x"].mean(), cohort=COHORT, ensemble=OTHERS)
    assert (found.value, found.low, found.high) == (2.0, 2.0, pytest.approx(2.02))
    assert found.word == SAME
    assert found.spread == "2.0"
    spread = pinned(lambda cohort: cohort["x"].max(), none=1, cohort=COHORT, ensemble=OTHERS)
    assert (spread.word, spread.spread, spread.cohorts) == (SIGN, "2.0 to 3.0", 3)
    assert spread.is_pinned


def test_what_has_no_value_somewhere_is_open():
    def statistic(cohort: pd.DataFrame) -> float:
        if cohort["x"].iloc[0] == 1.5:
            raise NotEstimable("not here")
        return 1.0

    found = pinned(statistic, cohort=COHORT, ensemble=OTHERS)
    assert (found.word, found.cohorts, found.without) == (OPEN, 2, 1)
    with pytest.raises(ValueError, match="no value on the synthetic cohort"):
        pinned(lambda _: float("nan"), cohort=COHORT, ensemble=OTHERS)
