"""A month of decision on the figure of cumulative complete response."""

from typing import Any

import numpy as np
import pandas as pd
import traitlets

from reanalysis.analysis.coarse import grid
from reanalysis.analysis.response import response_states, response_times
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.policy import policy_of
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.page.steps import value_at
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.still import STYLE, steps_svg, still_table
from reanalysis.page.widgets.words import TIME_AXIS
from reanalysis.paper.study import CR, LOCAL_CONTROL

_STEP = 0.1
_COARSE_STEP = 1.0
_WORDS = {
    "title": "Month of decision on Fig. 2",
    "response": CR,
    "responses": "complete responses",
    "failures": f"{LOCAL_CONTROL.event_in_words}s",
}
_TABLE_MONTHS = (2.0, 3.0, 4.0, 6.0, 9.0, 12.0)


class ResponseTimeline(BookWidget):
    """How many tumours a decision at some month would have re-treated before they responded.

    Parameters
    ----------
    cohort
        A cohort.
    month
        Month of the decision at the start.
    name
        Name of this widget in links and file names; different for each on one page.

    Attributes
    ----------
    month
        Month of the decision.

    Raises
    ------
    NotRecorded
        If the cohort lacks the best response or the time to CR.
    NotEstimable
        If nobody reached CR.
    """

    _esm = module("response_timeline.js")
    SETTINGS = ("month",)

    month = traitlets.Float(3.0, min=0.0).tag(sync=True)

    def __init__(self, cohort: pd.DataFrame, *, month: float = 3.0, name: str = "response") -> None:
        policy = policy_of(cohort)
        self._decimals = 0 if policy.hides else 1
        self._states = _states(cohort)
        data: dict[str, Any] = {
            "n": policy.patients(self._states.attrs["patients"]),
            "ever": int(self._states["CR"].iloc[-1]),
            "months": [round(float(m), 1) for m in self._states.index],
            "reached": self._states["CR"].tolist(),
            # Who is neither: how many of them had died or left follows from no rounded number.
            "gone": None if policy.hides else self._states[["died", "lost"]].sum(axis=1).tolist(),
            "time": TIME_AXIS,
            "words": _WORDS,
        }
        try:
            failures = event_times(cohort, LOCAL_CONTROL).query("event == 1")
        except CannotShow:
            failures = None
        if failures is not None and policy.may_show(len(failures)):
            if policy.hides:
                data["failed"] = _coarse_counts(failures, self._states.index, policy)
            else:
                # Compared as the file has them: 0.1 steps are not exact in binary.
                by = [int((failures["months"] <= m + 1e-9).sum()) for m in self._states.index]
                data["failed"] = by
            data["failures"] = policy.patients(len(failures))
        super().__init__(data, name, month=month)

    @property
    def missed(self) -> int:
        """Patients who reached CR after the month of decision."""
        reached = self._states["CR"]
        return int(reached.iloc[-1] - reached[reached.index <= self.month + 1e-9].iloc[-1])

    def still(self) -> str:
        """Return the curve and a table of months, as HTML."""
        reached = self._states["CR"]
        ever, digits = int(reached.iloc[-1]), self._decimals
        share = reached / ever
        end = float(reached.index[-1])
        rows = []
        for month in _TABLE_MONTHS:
            by = int(value_at(reached, month + 1e-9))
            rows.append(
                {
                    "Decision at": f"{month:g} months",
                    "CR by then": f"{by} ({100 * by / ever:.{digits}f} %)",
                    "CR later: re-treated too early": (
                        f"{ever - by} ({100 * (ever - by) / ever:.{digits}f} %)"
                    ),
                }
            )
        early, late = (100 * value_at(share, m + 1e-9) for m in (3.0, 6.0))
        alt = (
            f"Share of the {ever} complete responses seen by each month after SBRT: "
            f"{early:.{digits}f} % by 3 months, {late:.{digits}f} % by 6."
        )
        figure = steps_svg(
            {"CR seen, % of those who ever reached it": [share.to_frame()]}, end, alt
        )
        caption = (
            f"What a decision at some month would not have waited for, of {ever} complete responses"
        )
        return f"{STYLE}{figure}<p>{alt}</p>{still_table(pd.DataFrame(rows), caption)}"

    def __repr__(self) -> str:
        return f"ResponseTimeline(month={self.month:g})"


def _states(cohort: pd.DataFrame) -> pd.DataFrame:
    """Count the responses seen by each tenth of a month, until the last one.

    Where small numbers are hidden it is each month until there are too few to come, the counts are
    rounded and rise on a coarse grid, and the last one is that of all responses.
    """
    last = float(response_states(cohort, [np.inf])["CR"].iloc[0])
    if last == 0:
        raise NotEstimable("no patient reached CR at a known time")
    policy = policy_of(cohort)
    patients = int(cohort["any_cr"].notna().sum())
    if not policy.may_show(last, patients):
        raise TooFew(policy.smallest)
    reached = response_times(cohort).query("event == 1")
    step, end = _STEP, float(np.ceil(reached["months"].max()))
    if policy.hides:
        at = grid(reached, policy.smallest)
        if not len(at):
            raise TooFew(policy.smallest)
        step, end = _COARSE_STEP, float(at[-1])
    months = np.round(np.arange(0, end + step / 2, step), 1)
    states = response_states(cohort, list(months))
    if policy.hides:
        states["CR"] = _coarse_counts(reached, states.index, policy)
        states.loc[states.index[-1], "CR"] = policy.patients(last)
    states.attrs["patients"] = patients
    return states


def _coarse_counts(events: pd.DataFrame, months: pd.Index, policy: Policy) -> list[int]:
    """Count events by each month, rounded, and rising at the months of their grid only."""
    at = np.concatenate([[0.0], grid(events, policy.smallest)])
    known = at[np.searchsorted(at, months.to_numpy(dtype=float), side="right") - 1]
    # Compared as the file has them: 0.1 steps are not exact in binary.
    return [policy.patients(int((events["months"] <= month + 1e-9).sum())) for month in known]
