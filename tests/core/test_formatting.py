"""Numbers are printed as the paper prints them, rounded half up."""

import math

import pytest

from reanalysis.core.formatting import p_value, percent, rounded, with_interval


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (112.5, 0, "113"),
        (113.5, 0, "114"),  # half up, not half to even
        (0.125, 2, "0.13"),
        (0.285, 2, "0.29"),  # stored as 0.28499999999999998
        (1.005, 2, "1.01"),
        (2.675, 2, "2.68"),
        (99.95, 1, "100.0"),
        (0.04999, 1, "0.0"),
        (-1.5, 0, "-2"),
        (1e7, 0, "10000000"),
        (math.inf, 2, "–"),
        (math.nan, 2, "–"),
    ],
)
def test_rounded(value, decimals, text):
    assert rounded(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00099, "<0.001"), (0.001, "0.001"), (0.0135, "0.014"), (0.7765, "0.777"), (1.0, "1.000")],
)
def test_p_value(value, text):
    assert p_value(value) == text


def test_percent():
    assert percent(11, 302) == "3.6"
    assert percent(98, 301) == "32.6"
    assert percent(98, 302) == "32.5"
    assert percent(0, 0) == "–"


def test_with_interval():
    assert with_interval(1.82, 1.324, 2.525) == "1.82 (1.32–2.53)"
