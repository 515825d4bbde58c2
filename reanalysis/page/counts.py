"""Numbers of patients and events as a page prints them."""

from collections.abc import Mapping

import numpy as np

from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.core.disclosure import HIDDEN, Policy, hidden_in_table, hidden_parts


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
