"""The pages of a class set: one for each resident, and one that pools what they hand in."""

from typing import Any

import pandas as pd
import traitlets

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.formatting import rounded
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.exercises import SHEET
from reanalysis.page.widgets.words import TIME_AXIS
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, RATE_MONTH, SIZE
from reanalysis.teach.class_set import estimates, truth

_RATIO = f"Hazard ratio of {LOCAL_CONTROL.event_in_words} per {SIZE.per}"
_RATES = tuple(
    f"{endpoint.label} at {RATE_MONTH} months, %" for endpoint in (LOCAL_CONTROL, OVERALL_SURVIVAL)
)
_TICKS = ([80, 85, 90, 95, 100], [60, 65, 70, 75, 80, 85])
FIELDS = (*_RATES, _RATIO, "its lower 95 % limit", "its upper 95 % limit")


class ClassSheet(BookWidget):
    """A resident's own cohort: curves to read, a model, and a code to hand in.

    Parameters
    ----------
    number
        The resident's, from 1.
    cohort
        Drawn for the class.
    """

    _esm = module("class_sheet.js")
    _css = BookWidget._css + SHEET
    SETTINGS = ()

    def __init__(self, number: int, cohort: pd.DataFrame) -> None:
        found = estimates(cohort)
        stored = cohort[load_dictionary().among(cohort)]
        shown = (found.ratio, found.lower, found.upper)
        row = [SIZE.contrast, *(rounded(value, 2) for value in shown)]
        row.append(str(int(cohort[LOCAL_CONTROL.event].sum())))
        data: dict[str, Any] = {
            "title": f"Cohort {number}",
            "number": number,
            "intro": (
                f"{len(cohort)} patients of your own centre, made up. Read both curves at "
                f"{RATE_MONTH} months, take the hazard ratio from the table, and make your code."
            ),
            "month": RATE_MONTH,
            "time": TIME_AXIS,
            "curves": [
                {
                    "title": endpoint.label,
                    "times": [round(float(t), 2) for t in curve.table.index],
                    "values": [round(100 * float(v), 2) for v in curve.table["survival"]],
                }
                for endpoint, curve in zip(
                    (LOCAL_CONTROL, OVERALL_SURVIVAL), found.curves, strict=True
                )
            ],
            "model": {
                "title": f"Cox model of {LOCAL_CONTROL.event_in_words}",
                "columns": ["Variable", "Hazard ratio", "Lower", "Upper", "Events"],
                "rows": [row],
            },
            "fields": list(FIELDS),
            "file": f"cohort_{number:02d}.csv",
            "csv": stored.to_csv(index=False, float_format="%.6g"),
        }
        super().__init__(data, "class-sheet")

    def still(self) -> str:
        """Say that the page needs JavaScript, as HTML."""
        return f"<p>{self._data['intro']} The curves need a browser with JavaScript.</p>"

    def __repr__(self) -> str:
        return f"ClassSheet({self._data['number']})"


class ClassPool(BookWidget):
    """What a class has handed in, in one figure for each estimate, and the truth last.

    Attributes
    ----------
    codes
        One on each line.
    truth
        Whether the truth is drawn.
    """

    _esm = module("class_pool.js")
    _css = BookWidget._css + SHEET
    SETTINGS = ("codes", "truth")

    codes = traitlets.Unicode("").tag(sync=True)
    truth = traitlets.Bool(False).tag(sync=True)

    def __init__(self) -> None:
        known = truth()
        rates = [
            {"title": title, "ticks": ticks, "truth": rate, "log": False, "place": place}
            for place, (title, ticks, rate) in enumerate(
                zip(_RATES, _TICKS, known.rates, strict=True), start=1
            )
        ]
        ratio = {
            "title": f"{_RATIO}, 95 % interval",
            "ticks": [0.5, 1, 1.5, 2, 3, 4],
            "truth": known.ratio,
            "log": True,
            "place": 3,
        }
        said = f"The true hazard ratio is {known.ratio:g}."
        super().__init__({"figures": [*rates, ratio], "said": said}, "class-pool")

    def still(self) -> str:
        """Say that the page needs JavaScript, as HTML."""
        return "<p>The figures are drawn from the codes in a browser with JavaScript.</p>"

    def __repr__(self) -> str:
        return "ClassPool()"
