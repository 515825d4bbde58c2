"""The published regression numbers, as intervals that an unrounded value must fall into."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from reanalysis.paper.register import register
from reanalysis.paper.study import (
    MODELLED,
    MULTIVARIABLE,
    PRINTED_RESPONSE_TERM,
    TERMS,
    UNIVARIABLE,
)

FLOOR = "<0.001"

# The variables of Tables 2 and 3, as the register names them.
LC_SINGLE, OS_SINGLE = (tuple(t.published for t in UNIVARIABLE[e.key]) for e in MODELLED)
LC_JOINT, OS_JOINT = (tuple(t.published for t in MULTIVARIABLE[e.key]) for e in MODELLED)
# Every row of them and the logistic row, in the order in which the search holds them.
ROWS = (
    *(
        endpoint.row_id(model, term)
        for endpoint in MODELLED
        for model, terms in (("univariable", UNIVARIABLE), ("multivariable", MULTIVARIABLE))
        for term in terms[endpoint.key]
    ),
    PRINTED_RESPONSE_TERM.logistic_row_id,
)
NUMBERS = ("HR", "lo", "hi", "p")


@dataclass(frozen=True)
class Interval:
    """The values that print as one published number: ``low <= value < high``."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The value halfway between the ends."""
        return (self.low + self.high) / 2

    def __contains__(self, value: float) -> bool:
        return self.low <= value < self.high


@dataclass(frozen=True)
class PublishedRow:
    """A row of a regression table: ratio, both limits and p value, as printed."""

    key: str
    ratio: str
    lower: str
    upper: str
    p: str

    @property
    def strings(self) -> tuple[str, str, str, str]:
        """The four numbers in the order of ``NUMBERS``."""
        return self.ratio, self.lower, self.upper, self.p

    @property
    def variable(self) -> str:
        """What it is about, such as ``'Child-Pugh class: B against A'``."""
        name = self.key.rpartition(".")[2]
        return next(term.contrast for term in TERMS if term.published == name)

    @property
    def sign(self) -> int:
        """The sign of the coefficient."""
        return 1 if float(self.ratio) >= 1 else -1


def printed_interval(printed: str) -> Interval:
    """Give the values that round half up to a printed number.

    Parameters
    ----------
    printed
        For example ``'1.82'``, or ``'<0.001'``.

    Returns
    -------
    Interval
        ``'<0.001'`` is read as below 0.0005, which prints so under either convention.
    """
    if printed.replace(" ", "") == FLOOR:
        return Interval(0.0, 0.0005)
    decimals = len(printed.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    return Interval(float(printed) - half, float(printed) + half)


def tolerated_interval(printed: str) -> Interval:
    """Give the values that print within one unit of the last digit, or lie within 0.5 %."""
    box = printed_interval(printed)
    unit = 10.0 ** -len(printed.partition(".")[2])
    if box.low == 0.0:
        return Interval(0.0, box.high + unit)
    value = float(printed)
    return Interval(min(box.low - unit, 0.995 * value), max(box.high + unit, 1.005 * value))


@cache
def published_rows() -> tuple[PublishedRow, ...]:
    """Give the 33 regression rows in the order of ``ROWS``."""
    printed = register()["printed"].str.replace(" ", "")
    return tuple(
        PublishedRow(key, *(printed[f"{key}.{number}"] for number in NUMBERS)) for key in ROWS
    )


def linear_boxes(
    rows: tuple[PublishedRow, ...],
    interval: Callable[[str], Interval] = printed_interval,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Turn the printed numbers into intervals that need no exponential to check.

    On the log scale the ratio and both limits are linear in the coefficient b and its standard
    error s, and a p value is an interval of ``|b| / s``.

    Parameters
    ----------
    rows
        Published rows.
    interval
        The values that will do for a printed number.

    Returns
    -------
    low, high : numpy.ndarray
        One row per published row; columns b, b - 1.96 s, b + 1.96 s, sign(b) b / s. Rounded to
        12 decimals, so that a last-bit difference between machines cannot reach the search.
    """
    low, high = np.empty((len(rows), 4)), np.empty((len(rows), 4))
    for i, row in enumerate(rows):
        for j, printed in enumerate((row.ratio, row.lower, row.upper)):
            box = interval(printed)
            low[i, j], high[i, j] = np.log(box.low), np.log(box.high)
        p = interval(row.p)
        low[i, 3] = -NormalDist().inv_cdf(p.high / 2)
        high[i, 3] = -NormalDist().inv_cdf(p.low / 2) if p.low > 0 else 99.0
    return low.round(12), high.round(12)
