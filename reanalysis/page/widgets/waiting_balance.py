"""A decision at a month, weighed under two assumptions that a reader sets."""

from typing import Any

import pandas as pd
import traitlets

from reanalysis.analysis.waiting import CR_THEN_FAILURE, FAILURE_ONLY, WAITING, balance, decisions
from reanalysis.cohort.policy import policy_of
from reanalysis.core.disclosure import TooFew
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.still import STYLE, bars_svg, still_table
from reanalysis.paper.study import CR, LOCAL_CONTROL

_MONTHS = range(1, 13)
_STILL_MONTHS = (3, 6, 9, 12)
_WORDS = {
    "title": "Weigh a decision",
    "response": CR,
    "failure": LOCAL_CONTROL.event_in_words,
    "failures": f"{LOCAL_CONTROL.event_in_words}s",
}


class WaitingBalance(BookWidget):
    """What re-treating everybody without a CR at a month would prevent, and what it would cost.

    Parameters
    ----------
    cohort
        A cohort.
    name
        Name of this widget in links and file names; different for each on one page.
    **settings
        Initial values of the traits ``month``, ``prevents`` and ``harms``, both in percent.

    Raises
    ------
    NotRecorded
        If the cohort lacks the response, its time or the local failure.
    TooFew
        If at no month the numbers may be shown.
    """

    _esm = module("waiting_balance.js")
    SETTINGS = ("month", "prevents", "harms")

    month = traitlets.Int(3, min=1, max=12).tag(sync=True)
    prevents = traitlets.Int(70, min=0, max=100).tag(sync=True)
    harms = traitlets.Int(5, min=0, max=50).tag(sync=True)

    def __init__(self, cohort: pd.DataFrame, *, name: str = "waiting", **settings: Any) -> None:
        policy = policy_of(cohort)
        counts = decisions(cohort, _MONTHS)
        fail = counts[CR_THEN_FAILURE] + counts[FAILURE_ONLY]
        pairs = list(zip(counts[WAITING], fail, strict=True))
        # A month with nobody left to decide about has no balance.
        shown = [
            whole > 0 and policy.may_show(part, whole) and policy.may_show(whole)
            for whole, part in pairs
        ]
        if not any(shown):
            raise TooFew(policy.smallest)
        self._counts = counts.map(policy.patients)[shown]
        self._decimals = 0 if policy.hides else 1
        settings.setdefault("month", int(self._counts.index[min(2, len(self._counts) - 1)]))
        rounded = [policy.patients(int(number)) for number in fail[shown]]
        data = {
            "months": [int(month) for month in self._counts.index],
            "waiting": [int(number) for number in self._counts[WAITING]],
            "failures": rounded,
            "decimals": self._decimals,
            "words": _WORDS,
        }
        super().__init__(data, name, **settings)

    def still(self) -> str:
        """Return the balance at a few months under the first assumptions, as HTML."""
        months = [month for month in _STILL_MONTHS if month in self._counts.index]
        counts = self._counts.loc[months or self._counts.index[:1]]
        weighed = balance(counts, self.prevents / 100, self.harms / 100)
        rows = [
            {
                "Decision at": f"{month} months",
                "Re-treated": f"{row['re-treated']:.0f}",
                f"Would not have had a {_WORDS['failure']}": f"{row['in vain']:.0f}",
                "Prevented": f"{row['failures prevented']:.{self._decimals}f}",
                "Harmed": f"{row['harmed']:.{self._decimals}f}",
            }
            for month, row in weighed.iterrows()
        ]
        caption = (
            f"Re-treating everybody without {CR}, if that prevents {self.prevents} % of the "
            f"{_WORDS['failures']} to come and seriously harms {self.harms} % of the patients"
        )
        first = weighed.iloc[0]
        bars = {
            "Re-treated": first["re-treated"],
            "In vain": first["in vain"],
            "Failures prevented": first["failures prevented"],
            "Harmed": first["harmed"],
        }
        alt = f"A decision at {weighed.index[0]} months: " + "; ".join(
            f"{name.lower()} {value:.{self._decimals}f}" for name, value in bars.items()
        )
        figure = bars_svg(bars, self._decimals, f"{alt}.")
        return f"{STYLE}{figure}<p>{alt}.</p>{still_table(pd.DataFrame(rows), caption)}"

    def __repr__(self) -> str:
        return f"WaitingBalance(month={self.month}, prevents={self.prevents}, harms={self.harms})"
