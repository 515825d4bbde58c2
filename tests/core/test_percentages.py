import pytest

from reanalysis.core.formatting import counts_behind, printable_percentages


@pytest.mark.parametrize(
    ("printed", "whole", "counts"),
    [
        ("24.8", 302, [75]),
        ("84.4", 302, [255]),
        ("3.5", 302, []),
        ("39.9", 302, []),
        ("39.9", 288, [115]),
        ("67.4", 301, [203]),
        ("33", 302, [99, 100, 101]),
        ("100.0", 1, [1]),
        ("0.05", 2000, [1]),
    ],
)
def test_counts_behind(printed, whole, counts):
    assert counts_behind(printed, whole) == counts


def test_counts_behind_needs_patients_and_a_number():
    with pytest.raises(ValueError, match="at least one patient"):
        counts_behind("50.0", 0)
    with pytest.raises(ValueError):
        counts_behind("half", 302)


def test_printable_percentages():
    assert printable_percentages(302) == 303
    assert printable_percentages(2000) == 1001
    assert printable_percentages(4, decimals=0) == 5
