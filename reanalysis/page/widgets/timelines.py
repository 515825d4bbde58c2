"""Where patients stand through time, and each made-up patient's own course."""

from collections.abc import Iterable
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
from reanalysis.page.widgets.still import STYLE, still_table
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
_COLOURS = ("#1f78b4", "#4a9494", "#c2601b", "#7d7d8a")  # where no style sheet is
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
        alt = f"Patients by state. At {at:g} months: " + "; ".join(
            f"{state} {share} %" for state, share in self._percent(at).items()
        )
        alt += "."
        table = still_table(pd.DataFrame(rows), "Patients by state, in percent of all")
        return f"{STYLE}{_stacked(self.shares, alt)}<p>{escape(alt)}</p>{table}"

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


def _stacked(shares: pd.DataFrame, alt: str) -> str:
    """Draw the shares on top of each other as SVG."""
    end = float(shares.index[-1])
    x = 40 + 270 * np.repeat(shares.index.to_numpy(dtype=float), 2)[1:] / end
    x = np.append(x, 310.0)
    below = np.zeros(len(x))
    areas, names = "", ""
    for i, state in enumerate(ORDER):
        above = below + np.repeat(shares[state].to_numpy(dtype=float), 2)
        there = [f"{a:.1f},{180 - 150 * b:.1f}" for a, b in zip(x, above, strict=True)]
        back = [f"{a:.1f},{180 - 150 * b:.1f}" for a, b in zip(x[::-1], below[::-1], strict=True)]
        areas += f'<polygon fill="{_COLOURS[i]}" points="{" ".join(_corners(there + back))}"/>'
        names += f'<text x="{40 + 72 * i}" y="222">{escape(state)}</text>'
        names += f'<circle fill="{_COLOURS[i]}" cx="{32 + 72 * i}" cy="218" r="4.5"/>'
        below = above
    ticks = "".join(
        f'<text x="{40 + 270 * m / end:.1f}" y="196" text-anchor="middle">{m}</text>'
        for m in range(0, int(end) + 1, 12)
    )
    ticks += "".join(
        f'<text x="34" y="{184 - 1.5 * p}" text-anchor="end">{p}</text>' for p in (0, 50, 100)
    )
    return (
        f'<svg viewBox="0 0 340 230" role="img" aria-label="{escape(alt)}" font-size="11" '
        f'fill="currentColor">{areas}{ticks}<text x="40" y="22">{_WORDS["occupancy"]}</text>'
        f'<text x="175" y="208" text-anchor="middle">{TIME_AXIS}</text>{names}</svg>'
    )


def _corners(points: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(points))
