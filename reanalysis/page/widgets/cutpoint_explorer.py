"""Kaplan-Meier curves on either side of a cut-point, and the price of searching for one."""

from typing import Any

import numpy as np
import pandas as pd
import traitlets

from reanalysis.analysis.coarse import STEP_MONTHS, observed_until
from reanalysis.analysis.cutpoint import TAIL, corrected_p, group_ratio
from reanalysis.analysis.survival import SurvivalCurve, event_times, kaplan_meier, logrank
from reanalysis.cohort.columns import require
from reanalysis.cohort.policy import policy_of
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotEstimable
from reanalysis.page.figures import shown_steps
from reanalysis.page.risk_table import at_risk
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.still import STYLE, steps_svg, still_table
from reanalysis.page.widgets.words import LAST_MONTH, TIME_AXIS
from reanalysis.paper.study import LOCAL_CONTROL, RATE_MONTH, RATE_MONTHS, Endpoint


class CutpointExplorer(BookWidget):
    """Where to cut a continuous variable, and why not to search for it.

    Every curve and p value is computed here for every cut-point; no patient's row goes to the
    browser. In a book about patients a cut-point is offered only if neither group has too few
    patients or too few events to be shown, and if enough patients lie between it and the one
    before; numbers are rounded.

    Parameters
    ----------
    cohort
        A cohort.
    column
        The variable to cut.
    endpoint
        The endpoint.
    step
        Distance between the cut-points, in the unit of the variable.
    cut
        The cut-point at the start; by default the one nearest to the median.
    name
        Name of this widget in links and file names; different for each on one page.

    Attributes
    ----------
    cut
        The cut-point.

    Raises
    ------
    NotRecorded
        If the cohort lacks the variable or the endpoint.
    NotEstimable
        If no cut-point leaves two groups, or there is no event.
    """

    _esm = module("cutpoint_explorer.js")
    SETTINGS = ("cut",)

    cut = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        cohort: pd.DataFrame,
        *,
        column: str = "tumor_size_cm",
        endpoint: Endpoint = LOCAL_CONTROL,
        step: float = 0.1,
        cut: float | None = None,
        name: str = "cutpoint",
    ) -> None:
        values = require(cohort, column)[column].dropna()
        times = event_times(cohort, endpoint)
        values = values[values.index.isin(times.index)]
        times = times.loc[values.index]
        policy = policy_of(cohort)
        self._policy = policy
        self.table, curves = _search(values, times, step, policy)
        entry = load_dictionary().columns.get(column) or load_dictionary().derived[column]
        self._label, self._title = entry.label, endpoint.label
        at = np.sort(times.loc[times["event"] == 1, "months"].unique())
        end = float(min(LAST_MONTH, times["months"].max()))
        if policy.hides:
            end = min(end, observed_until(times, policy.smallest))
            at = np.arange(STEP_MONTHS, end + STEP_MONTHS / 2, STEP_MONTHS)
        unit = entry.unit
        data = {
            "label": entry.label,
            "unit": unit,
            "title": endpoint.label,
            "event": endpoint.event_in_words,
            "step": step,
            "t": at.tolist(),
            "end": end,
            "risk": list(RATE_MONTHS),
            "month": RATE_MONTH,
            "time": TIME_AXIS,
            "warning": _warning(self.table, unit, policy),
            "cuts": [
                _group_data(row, pair, at, policy)
                for row, pair in zip(self.table.itertuples(), curves, strict=True)
            ],
        }
        median = float(values.median())
        nearest = min(self.table.index, key=lambda c: abs(c - (median if cut is None else cut)))
        self._unit, self._curves = unit, dict(zip(self.table.index, curves, strict=True))
        super().__init__(data, name, cut=float(nearest))

    def still(self) -> str:
        """Return the curves at this cut-point and a table of cut-points, as HTML."""
        nearest = min(self.table.index, key=lambda c: abs(c - self.cut))
        upper_first = self._curves[nearest][::-1]
        curves = [
            shown_steps(curve.table, curve.times, self._policy)[["survival"]]
            for curve in upper_first
        ]
        above, below = (_rate_text(curve, self._policy) for curve in upper_first)
        alt = (
            f"{self._title}, above {nearest:g} {self._unit} solid, up to it dashed; "
            f"at {RATE_MONTH} months {above} and {below}."
        )
        figure = steps_svg({f"{self._title}, %": curves}, self._data["end"], alt)
        shown = self.table.iloc[:: max(1, len(self.table) // 6)]
        rows = [
            {
                "Cut-point": f"{cut:g} {self._unit}",
                "Patients up to and above": f"{row['n_low']:.0f} and {row['n_high']:.0f}",
                "Events": f"{row['events_low']:.0f} and {row['events_high']:.0f}",
                "Hazard ratio, above against up to": self._policy.interval(
                    row["hr"], row["hr_lower"], row["hr_upper"]
                ),
                "Log-rank p": self._policy.p(row["p"]),
            }
            for cut, row in shown.iterrows()
        ]
        table = still_table(pd.DataFrame(rows), f"Cut-points of {self._label.lower()}")
        return f"{STYLE}{figure}<p>{alt} {self._data['warning']}</p>{table}"

    def __repr__(self) -> str:
        return f"CutpointExplorer(cut={self.cut:g})"


def _search(
    values: pd.Series, times: pd.DataFrame, step: float, policy: Policy
) -> tuple[pd.DataFrame, list[tuple[SurvivalCurve, SurvivalCurve]]]:
    """Compare the two groups at every cut-point."""
    low, high = values.quantile(TAIL), values.quantile(1 - TAIL)
    grid = np.round(np.arange(np.ceil(low / step), np.floor(high / step) + 0.5) * step, 6)
    rows, curves = [], []
    smallest = policy.smallest
    seen = len(values) + max(smallest, 1)
    for cut in grid:
        above = values > cut + 1e-9
        # A cut-point that moves nobody is the one before it.
        if seen - above.sum() < max(smallest, 1):
            continue
        if min(above.sum(), (~above).sum()) < max(TAIL * len(values), smallest):
            continue
        events = times["event"].groupby(above).sum()
        if not all(policy.may_show(count, int(events.sum())) for count in events):
            continue
        seen = int(above.sum())
        pair = (kaplan_meier(times[~above]), kaplan_meier(times[above]))
        row = {"cut": float(cut), "p": policy.estimate(logrank(times, above))}
        names = ("hr", "hr_lower", "hr_upper")
        row |= dict(zip(names, map(policy.estimate, group_ratio(times, above)), strict=True))
        for side, curve in zip(("low", "high"), pair, strict=True):
            row |= {
                f"n_{side}": policy.patients(curve.n),
                f"events_{side}": policy.patients(curve.events),
            }
        rows.append(row)
        curves.append(pair)
    if not rows:
        if smallest:
            raise TooFew(smallest)
        raise NotEstimable(f"no cut-point leaves {TAIL:.0%} of the patients on either side")
    return pd.DataFrame(rows).set_index("cut"), curves


def _group_data(
    row: Any,
    pair: tuple[SurvivalCurve, SurvivalCurve],
    at: np.ndarray[Any, np.dtype[np.float64]],
    policy: Policy,
) -> dict[str, Any]:
    return {
        "cut": row.Index,
        "p": float(f"{row.p:.4g}"),
        "n": [row.n_low, row.n_high],
        "d": [row.events_low, row.events_high],
        "hr": [_missing(value) for value in (row.hr, row.hr_lower, row.hr_upper)],
        **_bands(pair, at, policy),
        "end": [
            observed_until(curve.times, policy.smallest) if policy.hides else curve.last_month
            for curve in pair
        ],
        "rate": [_rate(curve, policy) for curve in pair],
        "risk": [at_risk(curve, RATE_MONTHS, policy) for curve in pair],
    }


def _missing(value: float) -> float | None:
    """Give a number as JSON has it, which knows none that is missing."""
    return float(f"{value:.5g}") if np.isfinite(value) else None


def _bands(
    pair: tuple[SurvivalCurve, SurvivalCurve],
    at: np.ndarray[Any, np.dtype[np.float64]],
    policy: Policy,
) -> dict[str, list[list[float]]]:
    """Give both curves at the months, ``S``, with their limits ``L`` and ``U``."""
    shown = [
        shown_steps(curve.table, curve.times, policy).reindex(at, method="ffill") for curve in pair
    ]
    # The limits are blank where the curve has come down to 0, which is where the band ends.
    return {
        key: [steps[column].fillna(0.0).round(3).tolist() for steps in shown]
        for key, column in (("S", "survival"), ("L", "lower"), ("U", "upper"))
    }


def _rate(curve: SurvivalCurve, policy: Policy) -> list[float | None]:
    try:
        curve.at(RATE_MONTH)  # refuses a month at which nobody was observed
        shown = shown_steps(curve.table, curve.times, policy)
        return [round(float(value), 4) for value in shown[shown.index <= RATE_MONTH].iloc[-1]]
    except NotEstimable:
        return [None, None, None]


def _rate_text(curve: SurvivalCurve, policy: Policy) -> str:
    rate = _rate(curve, policy)[0]
    return "not observed" if rate is None else f"{100 * rate:.{0 if policy.hides else 1}f} %"


def _warning(table: pd.DataFrame, unit: str, policy: Policy) -> str:
    smallest, where = float(table["p"].min()), float(table["p"].idxmin())
    found, corrected = (
        policy.p(p).replace("<", "<\N{NO-BREAK SPACE}") for p in (smallest, corrected_p(smallest))
    )
    return (
        f"Searching for the best cut-point is testing many times. Of {len(table)} cut-points "
        f"the smallest p is {found}, at {where:g} {unit}; corrected for the search it is "
        f"{corrected}. The groups that such a search finds look further apart than they will in "
        "other patients."
    )
