"""Numbers of patients and events, and what rests on them, as a page prints them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.core.disclosure import (
    HIDDEN,
    Policy,
    hidden_in_table,
    hidden_parts,
    may_show_quantile,
)
from reanalysis.core.formatting import rounded


def events_of(groups: Mapping[str, SurvivalCurve], policy: Policy) -> dict[str, str]:
    """Print how many patients of each group had the event, such as ``'20 of 288'``.

    Parameters
    ----------
    groups
        Estimates by label. The reader knows how many patients and events there are in all.
    policy
        What may be shown.

    Returns
    -------
    dict of str to str
        By label.
    """
    smallest = policy.smallest
    counts = np.array([(g.events, g.n - g.events) for g in groups.values()], dtype=int).reshape(
        -1, 2
    )
    # Beside the size of its group, the events and the others are one number.
    events = [bool(row.any()) for row in hidden_in_table(counts, smallest)]
    sizes = hidden_parts([g.n for g in groups.values()], smallest)
    return {
        label: f"{HIDDEN if hide else g.events} of {HIDDEN if hide_size else g.n}"
        for (label, g), hide, hide_size in zip(groups.items(), events, sizes, strict=True)
    }


def quantile(values: pd.Series, share: float, policy: Policy, decimals: int = 1) -> str:
    """Print a quantile of a variable, or that it is hidden.

    Parameters
    ----------
    values
        One per patient; blanks are left out.
    share
        0 for the smallest value, which is one patient's own, 0.5 for the median, 1 for the largest.
    policy
        What may be shown.
    decimals
        How many are printed.

    Returns
    -------
    str
        The value, rounded half up; ``'hidden'`` if it rests on too few patients, and ``'–'`` if
        no value is known.
    """
    known = values.dropna()
    if known.empty:
        return "–"
    value = float(known.quantile(share))
    if not may_show_quantile(known, value, policy.smallest):
        return HIDDEN
    return rounded(value, decimals)
