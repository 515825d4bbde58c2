"""Small numbers of patients, and the numbers that would give them away.

In a book about patients who were not made up, a number below the smallest cell of
``data/privacy.toml`` is not shown, zero apart: nobody stands behind a zero. Where such a number
would follow from a total, the next smallest number beside it is hidden as well. Everything that
shows numbers of patients asks here: tables, sentences, figures and widgets. For the synthetic
cohort nothing is hidden.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.core.errors import CannotShow

HIDDEN = "hidden"

_UNBOUNDED = 3  # status of scipy's linprog

# A total and its parts, by their positions in a list of numbers.
Sum = tuple[int, Sequence[int]]
Mask = npt.NDArray[np.bool_]


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
    """

    smallest: int

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        return self.smallest > 0

    @property
    def note(self) -> str:
        """What a hidden number is, in words."""
        return (
            f"{HIDDEN.capitalize()}: fewer than {self.smallest} patients, or a number from which "
            "such a one would follow."
        )

    def may_show(self, count: float, of: float | None = None) -> bool:
        """Whether a number of patients may be shown; see the function of this name."""
        return may_show(count, of, self.smallest)

    def refuse_single_patients(self) -> None:
        """Stop what would show single patients, as points do.

        Raises
        ------
        TooFew
            If small numbers are hidden.
        """
        if self.hides:
            raise TooFew(self.smallest)


# Of people who were made up everything may be shown.
MADE_UP = Policy(0)


def may_show(count: float, of: float | None, smallest: int) -> bool:
    """Whether a number of patients may be shown.

    Parameters
    ----------
    count
        The number.
    of
        The whole of which it is a part, if that is known to the reader too: then the others
        may not be too few either.
    smallest
        Smallest number that is shown.
    """
    parts = [count] if of is None else [count, of - count]
    return not any(0 < part < smallest for part in parts)


def may_show_quantile(values: pd.Series, value: float, smallest: int) -> bool:
    """Whether a quantile may be shown.

    It may if enough patients lie at it or below, and at it or above: the smallest value of a
    cohort is one patient's own, unless enough patients share it.

    Parameters
    ----------
    values
        The known values.
    value
        The quantile.
    smallest
        Smallest number of patients.
    """
    return min(int((values <= value).sum()), int((values >= value).sum())) >= smallest


def hidden(
    values: Sequence[int],
    sums: Sequence[Sum],
    smallest: int,
    *,
    public: Iterable[int] = (),
    unpublished: Iterable[int] = (),
) -> Mask:
    """Choose the numbers of a table that are not shown.

    Every small number is hidden, and then, one at a time, the smallest number beside it, until
    for each small number the numbers that are left allow a value that is not small: a reader
    can then tell neither the number nor that it is small. The reader is taken to know every
    total and that zeros are shown (so that what is hidden is at least 1). Where no choice of
    numbers achieves this, zeros are hidden as well.

    Parameters
    ----------
    values
        Numbers of patients, shape (n,), totals included.
    sums
        Which numbers add up to which.
    smallest
        Smallest number that is shown.
    public
        Positions that are known in any case, such as the size of the cohort.
    unpublished
        Positions that are shown nowhere, but must not follow from what is.

    Returns
    -------
    numpy.ndarray
        Shape (n,), True where a number is hidden; the unpublished ones are.
    """
    cells = np.asarray(values, dtype=int)
    public, unpublished = list(public), list(unpublished)
    known = np.zeros(len(cells), dtype=bool)
    known[public] = True
    small = (cells > 0) & (cells < smallest) & ~known
    mask: Mask = small.copy()
    mask[unpublished] = True
    if not small.any():
        return mask
    # What is hidden in a table is no zero; of what is in no table nobody knows that.
    least = np.ones(len(cells), dtype=int)
    least[unpublished] = 0
    while (exposed := _exposed(cells, sums, mask, small, smallest, least)) is not None:
        free = [i for i in map(int, np.flatnonzero((cells > 0) & ~known)) if not mask[i]]
        if not free:
            mask[(cells == 0) & ~known] = True
            break
        beside = {i for total, parts in sums if exposed in (total, *parts) for i in parts}
        beside |= {total for total, parts in sums if exposed in parts}
        near = [i for i in free if i in beside] or free
        mask[min(near, key=lambda i: (cells[i], i))] = True
    return mask


def hidden_in_table(
    counts: npt.NDArray[np.int_], smallest: int, *, rows: bool = True, columns: bool = True
) -> Mask:
    """Choose the cells of a table of counts that are not shown.

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
    high, wide = counts.shape
    cells = np.arange(high * wide).reshape(high, wide)
    values = [int(v) for v in counts.ravel()]
    sums: list[Sum] = []
    lines = chain(cells if rows else (), cells.T if columns else ())
    for line in lines:
        if len(line) == 1:
            continue  # the total of a single cell is that cell, and hidden with it
        sums.append((len(values), [int(i) for i in line]))
        values.append(int(counts.ravel()[line].sum()))
    mask = hidden(values, sums, smallest, public=range(high * wide, len(values)))
    return mask[: high * wide].reshape(high, wide)


def hidden_parts(parts: Sequence[int], smallest: int) -> list[bool]:
    """Choose the parts of a known whole that are not shown."""
    return [bool(h) for h in hidden_in_table(np.array([parts], dtype=int), smallest).ravel()]


def hidden_within(counts: Mapping[Hashable, int], smallest: int) -> dict[Hashable, bool]:
    """Choose which numbers of groups that lie within each other are not shown.

    Parameters
    ----------
    counts
        Patients by group, those first that are rather shown than the others.
    smallest
        Smallest number, and smallest difference of two numbers, that is shown.

    Returns
    -------
    dict
        By group, whether it is hidden.
    """
    shown = {0}
    hide = {}
    for group, number in counts.items():
        hide[group] = any(0 < abs(number - other) < smallest for other in shown)
        if not hide[group]:
            shown.add(number)
    return hide


def hidden_blanks(counts: Sequence[int], blank: int, of: int, smallest: int) -> list[bool]:
    """Choose which numbers of blanks in a column are not shown.

    Parameters
    ----------
    counts
        Patients whose value was set blank, by value.
    blank
        All patients without a value, those of ``counts`` included.
    of
        Patients of the cohort; the reader knows it.
    smallest
        Smallest number that is shown.

    Returns
    -------
    list of bool
        For each of ``counts`` and then for ``blank``, True where it is hidden.
    """
    n = len(counts)
    values = [*counts, blank - sum(counts), blank, of - blank, of]
    sums = [(n + 1, range(n + 1)), (n + 3, [n + 1, n + 2])]
    mask = hidden(values, sums, smallest, public=[n + 3], unpublished=[n, n + 2])
    return [*mask[:n].tolist(), bool(mask[n + 1])]


def wide_steps(counts: Sequence[int], smallest: int) -> list[int]:
    """Delay the steps of a running count until each stands for enough patients.

    Parameters
    ----------
    counts
        Patients so far; never falling.
    smallest
        Smallest step.

    Returns
    -------
    list of int
        The same length: the last value that may be shown. The last step takes in what would
        be left over, so that the total is reached where it may be shown at all.
    """
    total = counts[-1] if counts else 0
    shown, result = 0, []
    for count in counts:
        enough = count - shown >= max(smallest, 1)
        if enough and (count == total or total - count >= smallest):
            shown = count
        result.append(shown)
    return result


def _exposed(
    cells: npt.NDArray[np.int_],
    sums: Sequence[Sum],
    mask: Mask,
    small: Mask,
    smallest: int,
    least: npt.NDArray[np.int_],
) -> int | None:
    """Find a small number that the published ones allow to be nothing but small."""
    position = {int(cell): j for j, cell in enumerate(np.flatnonzero(mask))}
    rows, right = [], []
    for total, parts in sums:
        row, known = np.zeros(len(position)), 0
        for sign, cell in [(-1, total), *((1, part) for part in parts)]:
            if cell in position:
                row[position[cell]] += sign
            else:
                known += sign * int(cells[cell])
        if row.any():
            rows.append(row)
            right.append(-known)
    if not rows:
        return None
    from scipy.optimize import linprog  # here: it takes most of a second, and few need it

    bounds = [(int(least[cell]), None) for cell in position]
    for cell in map(int, np.flatnonzero(small)):
        aim = np.zeros(len(position))
        aim[position[cell]] = -1  # the largest value, as the smallest of its negative
        found = linprog(aim, A_eq=np.array(rows), b_eq=right, bounds=bounds)
        if found.status == _UNBOUNDED:
            continue
        assert found.status == 0, found.message  # the numbers themselves are a solution
        if -found.fun < smallest - 1e-6:
            return cell
    return None
