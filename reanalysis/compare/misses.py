"""Why a regression number is not the printed one: the coefficient, or its standard error.

A row of a regression table prints four numbers (ratio, both limits, p value) that come from two,
the coefficient and its standard error. Which of the two is off says more than the four misses.
"""

from functools import cache

from reanalysis.paper.implied import Feasible, feasible
from reanalysis.paper.targets import Interval, published_rows


def why_it_differs(number: str, coefficient: float, standard_error: float) -> str:
    """Say which part of a regression row is not as printed.

    Parameters
    ----------
    number
        The id of a published number, ``row.HR``, ``row.lo``, ``row.hi`` or ``row.p``.
    coefficient, standard_error
        Of the same row in the cohort; log ratio per unit, and on the same scale.

    Returns
    -------
    str
        How far each of the two lies from the nearest value with which the row can print as
        published: the coefficient in standard errors, the standard error in percent of itself.

    Raises
    ------
    KeyError
        If the number stands in no row of Table 2, Table 3 or the logistic model.
    """
    box = _printable(number.rpartition(".")[0])
    off = _beyond(coefficient, box.coefficient) / standard_error
    width = 100 * _beyond(standard_error, box.standard_error) / standard_error
    parts = []
    if off:
        way = "higher" if off > 0 else "lower"
        parts.append(f"the log ratio is {_two_digits(off)} standard errors {way}")
    if width:
        way = "larger" if width > 0 else "smaller"
        parts.append(f"the standard error is {_two_digits(width)} % {way}")
    return "; ".join(parts) or "log ratio and standard error would each do, but not together"


@cache
def _printable(key: str) -> Feasible:
    return feasible({row.key: row for row in published_rows()}[key])


def _beyond(value: float, box: Interval) -> float:
    """Give the signed distance from an interval, 0 within it."""
    return max(value - box.high, 0.0) - max(box.low - value, 0.0)


def _two_digits(distance: float) -> str:
    size = abs(distance)
    if size < 0.001:
        return "less than 0.001"
    return f"{size:.2g}" if size < 10 else f"{size:.0f}"
