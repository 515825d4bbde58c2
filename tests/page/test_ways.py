"""One ratio in several ways: what is hidden, and what stands beside it."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.cohort.policy import with_policy
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy
from reanalysis.core.errors import NotEstimable
from reanalysis.page.here import Here
from reanalysis.page.ways import Ways, plot_ways

TABLE = pd.DataFrame(
    {
        "ratio": [2.123, 3.456, np.nan],
        "lower": [1.5, 0.5, np.nan],
        "upper": [3.0, 9.0, np.nan],
        "p": [0.0123, 0.4, np.nan],
        "events": pd.array([30, 3, None], dtype="Int64"),
    },
    index=["one", "two", "three"],
)
COHORT = pd.DataFrame({"follow_up_months": [1.0] * 40, "death": [1, 0] * 20})


def ways(policy: Policy) -> Ways:
    return Ways(Here(with_policy(COHORT, policy)), TABLE, "A ratio", paper={"one": 2.1})


def test_everything_of_made_up_patients_is_shown():
    shown = ways(MADE_UP).table().frame
    assert shown["this cohort (95 % CI)"].tolist() == ["2.12 (1.50–3.00)", "3.46 (0.50–9.00)", "–"]
    assert shown["p"].tolist() == ["0.012", "0.400", "–"]
    assert shown["paper"].tolist() == ["2.1", "–", "–"]


def test_a_row_with_few_events_is_hidden_in_table_and_figure():
    private = ways(Policy(5))
    shown = private.table().frame
    assert shown["this cohort (95 % CI)"].tolist() == ["2.1 (1.5–3)", HIDDEN, "–"]
    assert shown["p"].tolist() == ["0.012", HIDDEN, "–"]
    assert "two" not in private.figure().alt


def test_the_drawing_has_a_point_for_each_way_and_a_dot_for_each_cohort():
    others = pd.DataFrame([[1.5, 2.0, 4.0], [1.2, np.nan, 3.0]], columns=TABLE.index)
    figure = plot_ways(TABLE, MADE_UP, others, {"two": 3.0})
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert np.isnan(lines["this cohort"].get_xdata()).tolist() == [False, False, True]
    assert lines["paper"].get_ydata().tolist() == pytest.approx([0.88])
    dots = max(figure.axes[0].lines, key=lambda line: len(line.get_xdata()))
    assert len(dots.get_xdata()) == others.size


def test_beside_the_cohort_stand_the_others(monkeypatch):
    said = pd.DataFrame({"range": ["1.0 to 2.0"], "verdict": ["open"]}, index=["one"])
    monkeypatch.setattr("reanalysis.page.ways.verdicts", lambda family: said)
    found = Ways(Here(with_policy(COHORT, MADE_UP)), TABLE.iloc[:1], "A ratio", "a family").table()
    assert found.frame["cohorts that agree"].tolist() == ["1.0 to 2.0: open"]


def test_nothing_to_draw_is_said():
    with pytest.raises(NotEstimable):
        plot_ways(TABLE.iloc[[2]], MADE_UP)
