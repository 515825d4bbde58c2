"""What may be shown of a cohort: no small number, no exact one, and no estimate to many digits.

In a book about patients who were not made up, a number of patients below the smallest cell of
``data/privacy.toml`` is not shown, zero apart: nobody stands behind a zero. Every other number of
patients is rounded to a multiple, percentages are those of rounded numbers, and estimates keep two
digits. So the difference of two numbers, of one page or of two, tells of nobody: each of them may
be off by as much. Where the parts of a whole are shown, at least two of them are hidden or none.
Everything that shows a cohort asks here: tables, sentences, figures and widgets. Of the synthetic
cohort everything is shown as it is.

Suppression with rounding to 5 is how official statistics on health are published, such as England's
Hospital Episode Statistics.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.core.errors import CannotShow
from reanalysis.core.formatting import SMALLEST_P, p_value, plain, rounded

HIDDEN = "hidden"
DIGITS = 2  # of an estimate of a private cohort

Mask = npt.NDArray[np.bool_]
_Numbers = TypeVar("_Numbers", bound=float | pd.Series | pd.DataFrame)


class TooFew(CannotShow):
    """A result that would tell about fewer patients than may be shown.

    Parameters
    ----------
    smallest
        Smallest number of patients that is shown.
    """

    def __init__(self, smallest: int) -> None:
        super().__init__(
            f"it rests on fewer than {smallest} patients, or such a number would follow from it"
        )


@dataclass(frozen=True)
class Policy:
    """What may be shown of a cohort.

    Attributes
    ----------
    smallest
        Smallest number of patients that is shown; 0 where every number is.
    multiple
        Numbers of patients are rounded to multiples of it, where any is hidden.
    """

    smallest: int
    multiple: int = 5

    @property
    def hides(self) -> bool:
        """Whether anything is hidden or rounded."""
        return self.smallest > 0

    @property
    def note(self) -> str:
        """What a hidden number is, in words."""
        return f"{HIDDEN.capitalize()}: {self.reason}."

    @property
    def reason(self) -> str:
        """Why a number is hidden."""
        return (
            f"fewer than {self.smallest} patients, or a number from which such a one would follow"
        )

    @property
    def how(self) -> str:
        """What was done to the numbers, for the banner of every page."""
        return (
            f"Numbers of patients are rounded to {self.multiple}, those below {self.smallest} are "
            f"hidden, and estimates have {DIGITS} digits."
        )

    def may_show(self, count: float, of: float | None = None) -> bool:
        """Whether a number of patients may be shown.

        Parameters
        ----------
        count
            The number.
        of
            The whole of which it is a part, if that is known to the reader too: then the others
            may not be too few either.
        """
        parts = [count] if of is None else [count, of - count]
        return not any(0 < part < self.smallest for part in parts)

    def may_show_quantile(self, values: pd.Series, value: float) -> bool:
        """Whether a quantile may be shown.

        It may if enough patients lie at it or below, and at it or above: the smallest value of a
        cohort is one patient's own, unless enough patients share it.

        Parameters
        ----------
        values
            The known values.
        value
            The quantile.
        """
        beyond = min(int((values <= value).sum()), int((values >= value).sum()))
        return beyond >= self.smallest

    def unit(self, values: pd.Series, value: float) -> float:
        """Find the unit to which a quantile, a value that may be one patient's own, is rounded.

        Parameters
        ----------
        values
            The known values.
        value
            The quantile.

        Returns
        -------
        float
            One of the second significant digit, or the smallest of 2, 5, 10, 20, ... of these with
            which enough patients have the same rounded value. NaN if there is none below twice the
            quantile.
        """
        size = abs(value) or float(np.abs(values).max()) or 1.0
        power = float(np.floor(np.log10(size))) - (DIGITS - 1)
        known = values.to_numpy(dtype=float)
        for unit in (step * 10.0 ** (power + k) for k in range(DIGITS + 1) for step in (1, 2, 5)):
            alike = np.isclose(
                to_unit(known, unit), to_unit(np.array([value]), unit), atol=unit / 9
            )
            if alike.sum() >= self.smallest:
                return unit if unit <= 2 * size else float("nan")
        return float("nan")

    def quantile(self, values: pd.Series, value: float) -> float:
        """Round a quantile until enough patients share it; NaN where none may be shown.

        Parameters
        ----------
        values
            The known values.
        value
            The quantile.
        """
        if not self.hides:
            return value
        if not self.may_show_quantile(values, value):
            return float("nan")
        unit = self.unit(values, value)
        return float(to_unit(np.array([value]), unit)[0])

    def refuse_single_patients(self) -> None:
        """Stop what would show single patients, as points do.

        Raises
        ------
        TooFew
            If small numbers are hidden.
        """
        if self.hides:
            raise TooFew(self.smallest)

    def patients(self, count: float) -> int:
        """Round a number of patients to the nearest multiple, half up.

        A number that is hidden counts as 0, so that a curve of numbers waits for enough.
        """
        if not self.hides:
            return int(count)
        if not self.may_show(count):
            return 0
        return self.multiple * int((count + self.multiple / 2) // self.multiple)

    def share(self, part: float, whole: float) -> float:
        """Give a part of a whole as a fraction, both rounded; NaN of nobody."""
        of = self.patients(whole)
        return min(self.patients(part), of) / of if of else float("nan")

    def fraction(self, value: _Numbers, patients: int) -> _Numbers:
        """Round fractions of 1 as if they were shares of patients.

        Parameters
        ----------
        value
            A survival probability or the like, or several.
        patients
            How many they are estimated from.

        Returns
        -------
        float, Series or DataFrame
            Multiples of one rounding step of the patients, such as 5 of 300.
        """
        if not self.hides:
            return value
        steps = max(self.patients(patients) / self.multiple, 1)
        return _each(value, lambda share: float(np.floor(share * steps + 0.5) / steps))

    def estimate(self, value: _Numbers) -> _Numbers:
        """Round an estimate, or several, to two digits; missing ones stay missing."""
        return _each(value, significant) if self.hides else value

    def number(self, value: float, decimals: int) -> str:
        """Print an estimate: with these digits after the point, or with two in all."""
        return plain(self.estimate(value)) if self.hides else rounded(value, decimals)

    def interval(self, value: float, lower: float, upper: float, decimals: int = 2) -> str:
        """Print an estimate with its limits, as in ``'1.82 (1.32–2.53)'``; ``'–'`` without one."""
        if not np.isfinite(value):
            return "–"
        first, low, high = (self.number(v, decimals) for v in (value, lower, upper))
        return f"{first} ({low}–{high})"

    def p(self, value: float) -> str:
        """Print a p value."""
        return p_value(self.estimate(value)) if value < SMALLEST_P else self.number(value, 3)


_A_NUMBER = re.compile(rf"(?<!a )(\**)\b{HIDDEN}\b\1 (of|in stage|still)(?= )")
_SO_MANY = re.compile(
    rf"(?<!a )(\**)\b{HIDDEN}\b\1 ((?:local )?(?:patients|deaths|events|failures|tumours|ones)\b)"
)
_AT_START = re.compile(rf"^\**a {HIDDEN} number")

# Of people who were made up everything may be shown.
MADE_UP = Policy(0)


def in_words(text: str) -> str:
    """Let a sentence in which a number is hidden read as one.

    Parameters
    ----------
    text
        Such as ``'hidden of 300 patients died'``.

    Returns
    -------
    str
        Such as ``'a hidden number of 300 patients died'``.
    """
    text = text.replace(f"({HIDDEN}\N{EN DASH}{HIDDEN})", f"({HIDDEN})")
    # Not in the middle of a word's own phrase, such as 'a hidden number'.
    text = _A_NUMBER.sub(lambda m: f"{m[1]}a {HIDDEN} number{m[1]} {m[2]}", text)
    text = _SO_MANY.sub(lambda m: f"{m[1]}a {HIDDEN} number{m[1]} of {m[2]}", text)
    return _AT_START.sub(lambda m: m[0].replace("a ", "A ", 1), text)


def significant(value: float) -> float:
    """Round a number to two significant digits, and one from 1 to 1.1 to two decimals.

    A ratio of 1.02 would be 1 otherwise, where its inverse, 0.98, has as fine a step.
    """
    return round(value, DIGITS) if 1 <= value < 1.1 else float(f"{value:.{DIGITS}g}")


def to_unit(values: npt.NDArray[np.float64], unit: float) -> npt.NDArray[np.float64]:
    """Round numbers to multiples of a unit, half up, without the digits that binary adds."""
    if not np.isfinite(unit):
        return np.full(len(values), np.nan)
    multiples = np.floor(values / unit + 0.5 + 1e-9) * unit
    decimals = max(0, 1 - int(np.floor(np.log10(unit))))
    rounded_: npt.NDArray[np.float64] = np.round(multiples, decimals)
    return rounded_


def _each(value: _Numbers, function: Callable[[float], float]) -> _Numbers:
    """Apply a function to a number, or to every number of a frame or a series."""
    result: Any
    if isinstance(value, pd.DataFrame):
        numbers = value.select_dtypes("number")
        result = value.assign(**{str(name): _each(c, function) for name, c in numbers.items()})
    elif isinstance(value, pd.Series):
        result = value.map(function, na_action="ignore")
    else:
        result = function(float(value))
    return result  # type: ignore[no-any-return]


def hidden_in_table(
    counts: npt.NDArray[np.int_], smallest: int, *, rows: bool = True, columns: bool = True
) -> Mask:
    """Choose the cells of a table of counts that are not shown.

    Small ones, and then the smallest beside one that is alone: of a row or a column of which the
    total may be known never exactly one cell is hidden.

    Parameters
    ----------
    counts
        Numbers of patients, shape (rows, columns), without totals.
    smallest
        Smallest number that is shown.
    rows, columns
        Whether the reader may know the totals of rows and of columns.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns), True where a cell is hidden.
    """
    mask: Mask = (counts > 0) & (counts < smallest)
    lines = [*(zip(counts, mask, strict=True) if rows and counts.shape[1] > 1 else ())]
    lines += [*(zip(counts.T, mask.T, strict=True) if columns and counts.shape[0] > 1 else ())]
    while exposed := [(line, hide) for line, hide in lines if _exposed(line, hide, smallest)]:
        line, hide = exposed[0]
        # Zeros are the last to be hidden. Of equal numbers all are: which of them was chosen would
        # tell the small one to who knows the rule and the total.
        least = min(line[~hide], key=lambda number: (number == 0, number))
        hide |= line == least
    return mask


def hidden_parts(parts: Sequence[int], smallest: int) -> list[bool]:
    """Choose the parts of a known whole that are not shown."""
    return [bool(h) for h in hidden_in_table(np.array([parts], dtype=int), smallest).ravel()]


def _exposed(line: npt.NDArray[np.int_], hide: Mask, smallest: int) -> bool:
    """Whether what is hidden of a row or column follows from its total: one cell, or too few."""
    few = hide.sum() == 1 or 0 < line[hide].sum() < smallest
    return bool(few and not hide.all())
