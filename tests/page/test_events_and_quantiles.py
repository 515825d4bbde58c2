"""Events by group as a page prints them."""

import numpy as np
import pandas as pd

from reanalysis.analysis.survival import SurvivalCurve, kaplan_meier
from reanalysis.core.disclosure import MADE_UP, Policy
from reanalysis.page.counts import events_of

HIDES = Policy(5)


def groups(*sizes: tuple[int, int]) -> dict[str, SurvivalCurve]:
    """Give groups of so many events among so many patients."""
    return {
        str(i): kaplan_meier(
            pd.DataFrame({"months": np.arange(1.0, n + 1), "event": [1] * d + [0] * (n - d)})
        )
        for i, (d, n) in enumerate(sizes)
    }


def test_events_by_group_do_not_give_each_other_away() -> None:
    small = groups((20, 288), (3, 14))
    assert list(events_of(small, MADE_UP).values()) == ["20 of 288", "3 of 14"]
    # Of all events, 23, the 3 would follow.
    assert list(events_of(small, HIDES).values()) == ["hidden of 288", "hidden of 14"]
    nearly_all = events_of(groups((20, 288), (12, 14)), HIDES)
    assert list(nearly_all.values()) == ["hidden of 288", "hidden of 14"]
    enough = events_of(groups((20, 288), (5, 14)), HIDES)
    assert list(enough.values()) == ["20 of 288", "5 of 14"]
    assert events_of(groups((0, 3), (10, 40)), HIDES)["0"] == "hidden of hidden"
