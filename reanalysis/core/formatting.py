"""Numbers as the paper prints them: rounded half up, p values to three decimals."""

import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

SMALLEST_P = 0.001  # a smaller p value is printed as smaller than this

# A hyphen before a number and after nothing that it could join to it.
_NEGATIVE = re.compile(r"(?<![\w.)\]–-])-(?=\.?\d)")


def rounded(value: float, decimals: int = 0) -> str:
    """Print a number, rounded half up.

    Parameters
    ----------
    value
        The number.
    decimals
        Digits after the point.

    Returns
    -------
    str
        For example ``rounded(112.5)`` is ``'113'`` and ``rounded(0.125, 2)`` is ``'0.13'``.
        ``'–'`` if the number is not finite.
    """
    if not np.isfinite(value):
        return "–"
    # Twelve significant digits: 0.285 must not be rounded down for being stored as 0.28499999.
    exact = Decimal(f"{value:.12g}")
    # Adding zero makes of -0.0, which a difference of equal numbers may round to, 0.0.
    return str(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + 0)


def plain(value: float) -> str:
    """Print a number with the digits that it has, such as ``'38'`` or ``'0.0012'``."""
    return np.format_float_positional(value, trim="-") if np.isfinite(value) else "–"


def with_minus(text: str) -> str:
    """Set a minus sign, not a hyphen, before the negative numbers of a text."""
    return _NEGATIVE.sub("\N{MINUS SIGN}", text)


def p_value(value: float) -> str:
    """Print a p value to three decimals, or as ``'<0.001'``."""
    return f"<{SMALLEST_P:g}" if value < SMALLEST_P else rounded(value, 3)


def percent(part: float, whole: float, decimals: int = 1) -> str:
    """Print a share of a whole in percent, without the sign."""
    return rounded(100 * part / whole, decimals) if whole else "–"


def with_interval(value: float, lower: float, upper: float, decimals: int = 2) -> str:
    """Print an estimate with its interval, as in ``'1.82 (1.32–2.53)'``; ``'–'`` without one."""
    if not np.isfinite(value):
        return "–"
    return f"{rounded(value, decimals)} ({rounded(lower, decimals)}–{rounded(upper, decimals)})"


def counts_behind(printed: str, whole: int) -> list[int]:
    """Find the counts that print as a given percentage.

    Parameters
    ----------
    printed
        The percentage as printed, without its sign; its decimals are the precision.
    whole
        Number of patients that it is a percentage of.

    Returns
    -------
    list of int
        Every count from 0 to ``whole`` whose percentage, rounded half up, reads ``printed``.
        Empty where no count does: then the percentage is of another whole, or misprinted.

    Raises
    ------
    ValueError
        If ``whole`` is not positive or ``printed`` not a number.
    """
    if whole < 1:
        raise ValueError(f"a percentage needs at least one patient, not {whole}")
    float(printed)
    decimals = len(printed.partition(".")[2])
    return [n for n in range(whole + 1) if percent(n, whole, decimals) == printed]


def printable_percentages(whole: int, decimals: int = 1) -> int:
    """Count the different percentages that a whole can print at all.

    Parameters
    ----------
    whole
        Number of patients.
    decimals
        Digits after the point.

    Returns
    -------
    int
        At most ``whole + 1``, out of ``100 * 10**decimals + 1`` that can be written.
    """
    return len({percent(n, whole, decimals) for n in range(whole + 1)})
