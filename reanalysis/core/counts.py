"""Numbers of patients that know what they are, and print themselves accordingly.

A count prints as a number, rounded where no exact one may be shown, or as 'hidden' where so few
patients may not. It converts to no number by itself, so that no way of writing text (an f-string,
``%d``, ``print``, ``join``) can get round that. What computes a result for the page takes
``shown``; what shows nothing of it may take ``exact``.
"""

from collections.abc import Hashable, Iterable, Mapping
from functools import total_ordering
from typing import Union, cast

import numpy as np
import pandas as pd

from reanalysis.core.disclosure import HIDDEN, Policy, hidden_in_table, hidden_parts
from reanalysis.core.formatting import rounded


@total_ordering
class Count:
    """A number of patients.

    Parameters
    ----------
    exact
        The number.
    policy
        What may be shown.
    of
        The whole of which it is a part, where the reader knows that too. Of a whole that is itself
        hidden no share is shown: the whole would follow from it and the part.
    hidden
        Hide it in any case, because a hidden number would follow from it.

    Attributes
    ----------
    exact
        The number itself, for what computes with it and shows none of it.
    hidden
        Whether it is.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        exact: int,
        policy: Policy,
        of: Union["Count", int, None] = None,
        *,
        hidden: bool = False,
    ) -> None:
        self.exact = int(exact)
        self.of = None if of is None else _exact(of)
        self._policy = policy
        self.hidden = hidden or not policy.may_show(self.exact, self.of)
        self._share_hidden = self.hidden or (isinstance(of, Count) and of.hidden)

    @property
    def shown(self) -> int:
        """The number as it is shown, to compute with; 0 where it is hidden."""
        return 0 if self.hidden else self._policy.patients(self.exact)

    def percent(self, decimals: int = 1, of: "Count | None" = None, sign: str = "") -> str:
        """Print its share of a whole in percent, or that it is hidden.

        Parameters
        ----------
        decimals
            Digits after the point; none where numbers are rounded.
        of
            The whole; by default the one that the count is a part of.
        sign
            What stands behind a number that is shown; a table has it in the head of the column.
        """
        whole = self.of if of is None else of.exact
        assert whole is not None, "a share needs the whole that the count is a part of"
        if self.hidden or (self._share_hidden if of is None else of.hidden):
            return HIDDEN
        share = 100 * self._policy.share(self.exact, whole)
        return rounded(share, 0 if self._policy.hides else decimals) + sign

    def with_percent(self, of: "Count | None" = None, decimals: int = 1) -> str:
        """Print the number and its share, as in ``'48 (77 %)'``, or that one of them is hidden."""
        share = self.percent(decimals, of, " %")
        return HIDDEN if share == HIDDEN else f"{self} ({share})"

    def __str__(self) -> str:
        return HIDDEN if self.hidden else str(self.shown)

    def __repr__(self) -> str:
        return str(self)

    def __format__(self, spec: str) -> str:
        return HIDDEN if self.hidden else format(self.shown, spec)

    def __bool__(self) -> bool:
        return self.exact != 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Count | int | np.integer) and self.exact == _exact(other)

    def __lt__(self, other: Union["Count", int]) -> bool:
        return self.exact < _exact(other)

    def __add__(self, other: Union["Count", int]) -> "Count":
        return self._with(self.exact + _exact(other), other)

    __radd__ = __add__

    def __sub__(self, other: Union["Count", int]) -> "Count":
        return self._with(self.exact - _exact(other), other)

    def __rsub__(self, other: int) -> "Count":
        return self._with(other - self.exact, other)

    def _with(self, exact: int, other: Union["Count", int]) -> "Count":
        """Make a sum or a difference; one of its terms would follow from it and the other."""
        hidden = self.hidden or (isinstance(other, Count) and other.hidden)
        return Count(exact, self._policy, hidden=hidden)


def count(
    which: pd.DataFrame | pd.Series | int,
    policy: Policy,
    of: "Count | int | None" = None,
    beside: Iterable[object] = (),
) -> Count:
    """Count patients.

    Parameters
    ----------
    which
        True for each patient to be counted (a blank counts as False), one row for each of them,
        or their number.
    policy
        What may be shown.
    of
        The whole of which they are a part; by default all those for whom ``which`` says
        something.
    beside
        Other counts that the reader sees: if one of them is hidden, so is this, lest the one follow
        from the other.

    Returns
    -------
    Count
        The number of patients.
    """
    if isinstance(which, pd.DataFrame):
        which = len(which)
    elif isinstance(which, pd.Series):
        known = which.dropna()
        which, of = int(known.astype(bool).sum()), len(known) if of is None else of
    hidden = any(other.hidden for other in beside if isinstance(other, Count))
    return Count(which, policy, of, hidden=hidden)


def parts(counts: "pd.Series[int]", policy: Policy) -> dict[Hashable, Count]:
    """Count the parts of a whole that the reader knows: none follows from the others.

    Parameters
    ----------
    counts
        Patients by part.
    policy
        What may be shown.

    Returns
    -------
    dict
        By part, in the same order.
    """
    numbers = [int(number) for number in counts]
    mask = hidden_parts(numbers, policy.smallest)
    return {
        part: Count(number, policy, hidden=hide)
        for part, number, hide in zip(counts.index, numbers, mask, strict=True)
    }


def cells(counts: pd.DataFrame, policy: Policy, total: str = "") -> pd.DataFrame:
    """Count the cells of a cross table: none follows from the totals, which the reader knows.

    Parameters
    ----------
    counts
        Patients by the levels of two variables, without totals.
    policy
        What may be shown.
    total
        Name of a row and a column to add, with the totals.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell.
    """
    numbers = counts.to_numpy(dtype=int)
    mask = hidden_in_table(numbers, policy.smallest)
    rows = [
        [Count(number, policy, hidden=bool(hide)) for number, hide in zip(*row, strict=True)]
        for row in zip(numbers, mask, strict=True)
    ]
    index, columns = counts.index, counts.columns
    if total:
        sums = parts(counts.sum(axis=1), policy).values()
        rows = [[*row, whole] for row, whole in zip(rows, sums, strict=True)]
        rows.append([*parts(counts.sum(), policy).values(), Count(numbers.sum(), policy)])
        # Labels of categories take no other beside them.
        index = pd.Index([*index.astype(str), total], name=index.name)
        columns = pd.Index([*columns.astype(str), total], name=columns.name)
    return pd.DataFrame(rows, index=index, columns=columns, dtype=object)


def events_within(
    groups: Mapping[str, tuple[int, int]], policy: Policy, whole: int | None = None
) -> tuple[dict[str, Count], dict[str, Count]]:
    """Count the events and the patients of groups.

    Parameters
    ----------
    groups
        Events and patients by label. The reader knows how many there are in all.
    policy
        What may be shown.
    whole
        All patients, where some of them are in no group.

    Returns
    -------
    events, patients : dict of str to Count
        By label: none follows from the others.
    """
    numbers = np.array(list(groups.values()), dtype=int).reshape(-1, 2)
    events, sizes = numbers[:, 0], numbers[:, 1]
    # Beside the size of its group, the events and the others are one number.
    died = hidden_in_table(np.column_stack([events, sizes - events]), policy.smallest).any(axis=1)
    others = [] if whole is None else [whole - int(sizes.sum())]
    few = hidden_parts([*sizes.tolist(), *others], policy.smallest)

    def counted(values: list[int], hide: list[bool]) -> dict[str, Count]:
        pairs = zip(values, hide, strict=False)
        return dict(zip(groups, (Count(v, policy, hidden=h) for v, h in pairs), strict=True))

    return counted(events.tolist(), cast(list[bool], died.tolist())), counted(sizes.tolist(), few)


def _exact(value: object) -> int:
    if isinstance(value, Count):
        return value.exact
    if isinstance(value, int | np.integer):
        return int(value)
    raise TypeError(f"a number of patients cannot be compared or added with {value!r}")
