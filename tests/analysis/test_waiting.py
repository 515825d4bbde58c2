"""A decision at a month: five patients by hand."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.waiting import PARTS, balance, decisions
from reanalysis.core.errors import NotRecorded

COHORT = pd.DataFrame(
    {
        "best_response": ["CR", "CR", "SD", "SD", "CR", "PD"],
        "complete_response_months": [2.0, 5.0, np.nan, np.nan, 4.0, np.nan],
        "local_failure": [0, 1, 1, 0, 0, 1],
        "local_failure_months": [np.nan, 20.0, 10.0, np.nan, np.nan, 2.5],
        "follow_up_months": [30.0, 30.0, 30.0, 5.0, 30.0, 9.0],
    }
)


def test_counts_by_hand():
    table = decisions(COHORT, [3, 6])
    # At 3 months the first has responded and the last has failed.
    assert table.loc[3].tolist() == [4, 1, 1, 1, 1, 1]
    # At 6 the fourth has left, and only the third is still without a response.
    assert table.loc[6].tolist() == [1, 0, 0, 1, 0, 1]
    assert (table[list(PARTS)].sum(axis=1) == table["no CR yet"]).all()


def test_a_patient_who_leaves_or_responds_at_the_month_is_not_waiting():
    # At 5 months the fourth leaves and the second responds; at 2.5 the last fails.
    assert decisions(COHORT, [5]).loc[5].tolist() == [1, 0, 0, 1, 0, 1]
    assert decisions(COHORT, [2.5]).loc[2.5].tolist() == [4, 1, 1, 1, 1, 1]


def test_balance_by_hand():
    weighed = balance(decisions(COHORT, [3, 6]), prevents=0.5, harms=0.1)
    assert weighed.loc[3].tolist() == pytest.approx([4, 2, 1.0, 0.4, 0.4])
    nothing = balance(decisions(COHORT, [3]), prevents=0.0, harms=0.1)
    assert nothing["harmed per failure prevented"].isna().all()


def test_needs_the_response():
    with pytest.raises(NotRecorded, match="best_response"):
        decisions(COHORT.drop(columns="best_response"), [3])
