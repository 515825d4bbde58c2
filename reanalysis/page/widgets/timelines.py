"""Where patients stand through time, and each made-up patient's own course."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd
import traitlets

from reanalysis.analysis.occupancy import (
    DEAD,
    FAILED,
    IN_CR,
    STATES,
    WAITING,
    coarse_occupancy,
    state_occupancy,
    transitions,
)
from reanalysis.cohort.policy import policy_of
from reanalysis.core.dictionary import PATIENT
from reanalysis.page.steps import value_at
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.still import STYLE, shares_svg, still_table
from reanalysis.page.widgets.words import LAST_MONTH, TIME_AXIS
from reanalysis.paper.study import (
    BED,
    BEST_RESPONSE,
    DISTANT_MFS,
    INTRAHEPATIC_RFS,
    RESPONSES,
    SIZE,
)

# From the bottom of the figure to its top.
ORDER = (IN_CR, WAITING, FAILED, DEAD)
_TABLE_MONTHS = (3, 6, 12, 24, 36)
_STEP = 0.5
_WORDS = {
    "title": "Patients through time",
    "occupancy": "Patients (%)",
    "swimmer": "One bar a patient",
    "patient": "Patient",
    "size": "Size, cm",
    "bed": "BED, Gy10",
    "response": "Best response",
    "reached": "CR, month",
    "failed": "Local failure, month",
    "elsewhere": "Other recurrence, month",
    "end": "Observed, months",
    "died": "Died",
    "elsewhere_key": "recurrence elsewhere",
    "died_key": "death; without it the last visit",
    "people": "made-up patients",
}
# What the bars are sorted by.
_ORDERS = (("end", "Time observed"), ("reached", "Month of CR"), ("size", "Size"), ("bed", "BED"))
# Of the table of patients; the order of a dictionary does not reach the browser.
_COLUMNS = (
    *("patient", "size", "bed", "response"),
    *("reached", "failed", "elsewhere", "end", "died"),
)
# Groups of the filters: a label, and from above which value up to which one.
SIZES = (("≤ 2 cm", 0, 2), ("> 2 to 3 cm", 2, 3), ("> 3 cm", 3, None))
BEDS = (("< 100 Gy10", 0, 99.99), ("100 to 120 Gy10", 99.99, 120), ("> 120 Gy10", 120, None))


class PatientTimelines(BookWidget):
    """The share of the patients in each state by month, and one bar for each of them.

    Parameters
    ----------
    cohort
        A cohort. Bars of single patients are drawn where single patients may be shown, so of
        made-up ones alone.
    month
        Where a line crosses both figures at the start.
    name
        Name of this widget in links and file names; different for each on one page.

    Attributes
    ----------
    month
        Where the line stands.

    Raises
    ------
    NotRecorded
        If the cohort lacks the response, its time, or local failure.
    NotEstimable
        If these are known of nobody.
    TooFew
        If some patients entered a state, and fewer than may be shown.
    """

    _esm = module("timelines.js")
    SETTINGS = ("month",)

    month = traitlets.Float(6.0, min=0.0).tag(sync=True)

    def __init__(self, cohort: pd.DataFrame, *, month: float = 6.0, name: str = "courses") -> None:
        policy = policy_of(cohort)
        stays = transitions(cohort)
        if policy.hides:
            self.shares = coarse_occupancy(stays, policy)
        else:
            self.shares = _by_half_months(state_occupancy(stays))
        self._decimals = 0 if policy.hides else 1
        data: dict[str, Any] = {
            "months": self.shares.index.tolist(),
            "states": list(ORDER),
            "shares": [[round(v, 4) for v in self.shares[state]] for state in ORDER],
            "decimals": self._decimals,
            "time": TIME_AXIS,
            "words": _WORDS,
            "patients": {} if policy.hides else _courses(cohort, stays),
            "columns": _COLUMNS,
            "orders": _ORDERS,
            "filters": {"size": SIZES, "bed": BEDS, "response": RESPONSES},
        }
        super().__init__(data, name, month=min(month, float(self.shares.index[-1])))

    def still(self) -> str:
        """Return the shares as a figure and as a table of months, as HTML."""
        months = [m for m in _TABLE_MONTHS if m <= self.shares.index[-1]]
        rows = [{"Month": f"{m}", **self._percent(m)} for m in months]
        at = min(6.0, float(self.shares.index[-1]))
        said = "; ".join(f"{state} {share} %" for state, share in self._percent(at).items())
        alt = f"Patients by state. At {at:g} months: {said}."
        figure = shares_svg(self.shares[list(ORDER)], _WORDS["occupancy"], alt)
        table = still_table(pd.DataFrame(rows), "Patients by state, in percent of all")
        return f"{STYLE}{figure}<p>{escape(alt)}</p>{table}"

    def _percent(self, month: float) -> dict[str, str]:
        digits = self._decimals
        return {s: f"{100 * value_at(self.shares[s], month):.{digits}f}" for s in ORDER}

    def __repr__(self) -> str:
        return f"PatientTimelines(month={self.month:g})"


def _by_half_months(shares: pd.DataFrame) -> pd.DataFrame:
    """Read the shares at each half of a month, until the axis of the book's curves ends."""
    end = min(LAST_MONTH, _STEP * np.ceil(shares.index[-1] / _STEP))
    return shares.reindex(np.arange(0, end + _STEP / 2, _STEP), method="ffill")


def _courses(cohort: pd.DataFrame, stays: pd.DataFrame) -> dict[str, list[Any]]:
    """Give what is drawn of the patients, by column: months, None for what did not happen."""
    ends = stays.groupby("patient")["stop"].max()
    known = cohort.loc[ends.index]
    other = known.reindex(columns=[e.months for e in (INTRAHEPATIC_RFS, DISTANT_MFS)])

    def entered(state: str) -> list[float | None]:
        entry = stays[stays["next"] == STATES.index(state)].set_index("patient")["stop"]
        return _values(entry.reindex(ends.index))

    return {
        "patient": [str(label) for label in known.get(PATIENT, known.index.to_series())],
        "size": _values(known.get(SIZE.column)),
        "bed": _values(known.get(BED.column)),
        "response": [str(level) for level in known[BEST_RESPONSE]],
        "reached": entered(IN_CR),
        "failed": entered(FAILED),
        "elsewhere": _values(other.astype(float).min(axis=1)),
        "end": _values(ends),
        "died": [month is not None for month in entered(DEAD)],
    }


def _values(column: pd.Series | None) -> list[float | None]:
    if column is None:
        return []
    return [None if pd.isna(value) else round(float(value), 2) for value in column]
