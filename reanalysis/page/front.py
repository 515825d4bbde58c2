"""What the front page says of the book in numbers."""

from contextlib import suppress

import pandas as pd
from IPython.display import Markdown

from reanalysis.analysis.response import response_states
from reanalysis.compare.scorecard import MISSES, scorecard
from reanalysis.core.errors import CannotShow
from reanalysis.page.counts import counted_states
from reanalysis.page.here import Here
from reanalysis.page.notebook import say

_EARLY = 3  # months after which many decide


def three_numbers(cohort: pd.DataFrame) -> Markdown:
    """Say how many numbers agree, how many cannot be right, and how many responses came late.

    Parameters
    ----------
    cohort
        The loaded cohort.

    Returns
    -------
    IPython.display.Markdown
        A list; without the third number where the cohort does not record it.
    """
    here = Here(cohort)
    verdicts = scorecard(here)["verdict"]
    agreeing, checked = (verdicts == "agrees").sum(), verdicts.isin(["agrees", *MISSES]).sum()
    lines = [
        # Of a cohort of another centre, too: it rebuilds nothing, and agrees or does not.
        f"**{agreeing} of {checked}** numbers of the paper that can be checked come out as "
        "printed.",
        f"**{(verdicts == 'contradicts itself').sum()}** numbers that it prints cannot all be "
        "right.",
    ]
    with suppress(CannotShow):
        states = counted_states(response_states(cohort, [_EARLY]), here.policy).loc[_EARLY]
        lines.append(
            f"**{states['CR later']} of {states['waiting']}** tumours still without complete "
            f"response at {_EARLY} months reached it later."
        )
    return say("\n".join(f"- {line}" for line in lines))
