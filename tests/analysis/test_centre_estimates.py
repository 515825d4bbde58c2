"""Which centre a patient is of, and whether estimates of centres differ."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reanalysis.analysis.centres import centre_of, has_several_centres, heterogeneity_p
from reanalysis.core.errors import NotEstimable, NotRecorded


def test_a_blank_is_no_centre() -> None:
    centre = centre_of(pd.DataFrame({"centre": ["A", "", "B", None]}))
    assert centre.isna().tolist() == [False, True, False, True]
    assert centre.dropna().tolist() == ["A", "B"]


@pytest.mark.parametrize("names", [["A", "A", ""], ["", "", ""]])
def test_one_centre_is_not_several(names: list[str]) -> None:
    cohort = pd.DataFrame({"centre": names})
    assert not has_several_centres(cohort)
    with pytest.raises(NotEstimable, match="one centre"):
        centre_of(cohort)


def test_a_cohort_without_the_column_says_so() -> None:
    assert not has_several_centres(pd.DataFrame({"death": [0, 1]}))
    with pytest.raises(NotRecorded, match="Centre"):
        centre_of(pd.DataFrame({"death": [0, 1]}))


def test_cochrans_q_by_hand() -> None:
    # Weights 4, 1, 1; mean (0 + 1 + 3) / 6 = 2/3; Q = 4 (2/3)^2 + (1/3)^2 + (7/3)^2.
    q = 4 * (2 / 3) ** 2 + (1 / 3) ** 2 + (7 / 3) ** 2
    p = heterogeneity_p([0.0, 1.0, 3.0], [0.5, 1.0, 1.0])
    assert p == pytest.approx(stats.chi2.sf(q, 2), rel=1e-12)


def test_two_estimates_differ_as_their_difference_does() -> None:
    z = (0.3 - 1.1) / np.hypot(0.2, 0.4)
    assert heterogeneity_p([0.3, 1.1], [0.2, 0.4]) == pytest.approx(2 * stats.norm.sf(abs(z)))
    with pytest.raises(NotEstimable, match="fewer than two"):
        heterogeneity_p([0.3], [0.2])
