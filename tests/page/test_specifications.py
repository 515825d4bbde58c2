"""A specification curve: every analysis has its point, its interval and its choices."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.errors import NotEstimable
from reanalysis.page.specifications import plot_specifications

CHOICES = {"ties": ("Efron", "Breslow"), "BED": ("exact", "as printed")}
TABLE = pd.DataFrame(
    {
        "ties": ["Efron", "Efron", "Breslow", "Breslow"],
        "BED": ["exact", "as printed", "exact", "as printed"],
        "size ratio": [2.0, 1.5, np.nan, 0.9],
        "size lower": [1.5, 0.9, np.nan, 0.5],
        "size upper": [2.8, 2.4, np.nan, 1.6],
    }
)
PAPER = pd.Series([False, True, False, False])


def test_points_rise_and_each_has_its_interval_and_its_choices() -> None:
    figure = plot_specifications(TABLE, "size", CHOICES, PAPER, MADE_UP, "HR")
    above, below = figure.axes
    lines = {line.get_label(): line for line in above.lines}
    assert lines["95 % interval without 1"].get_ydata()[::3].tolist() == [2.0]
    assert lines["with 1"].get_ydata()[::3].tolist() == [0.9, 1.5]
    assert lines["the paper's"].get_xdata().tolist() == [1]
    intervals = above.lines[0]
    assert intervals.get_xdata()[[0, 1, 3, 4, 6, 7]].tolist() == [0, 0, 1, 1, 2, 2]
    assert intervals.get_ydata()[[0, 1, 3, 4, 6, 7]].tolist() == [0.5, 1.6, 0.9, 2.4, 1.5, 2.8]
    assert np.isnan(intervals.get_ydata()[2::3]).all()
    runs = [np.delete(line.get_xdata(), slice(2, None, 3)).round().tolist() for line in below.lines]
    assert runs == [[1, 2], [0, 0], [2, 2], [0, 1]]
    assert [t.get_text() for t in below.get_yticklabels()] == [
        "ties: Efron",
        "ties: Breslow",
        "BED: exact",
        "BED: as printed",
    ]


def test_an_option_that_no_analysis_with_an_estimate_chose_has_an_empty_row() -> None:
    figure = plot_specifications(TABLE.iloc[:2], "size", CHOICES, PAPER.iloc[:2], MADE_UP, "HR")
    assert [line.get_ydata()[0] for line in figure.axes[1].lines] == [0, 2, 3]


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(NotEstimable):
        plot_specifications(TABLE.iloc[[2]], "size", CHOICES, PAPER, MADE_UP, "HR")
