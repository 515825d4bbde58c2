"""The explorer at a glance, for a page that is about something else."""

from typing import Any

import numpy as np
import pandas as pd
import traitlets

from reanalysis.analysis.prediction import ENDPOINTS
from reanalysis.cohort.policy import policy_of
from reanalysis.core.constants import Z_95
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.payload import SIZE_RANGE, rug
from reanalysis.page.widgets.still import STYLE, ratio_svg, still_table
from reanalysis.page.widgets.words import number, outcome_words
from reanalysis.paper.implied import published_coefficients
from reanalysis.paper.register import published
from reanalysis.paper.study import SIZE

_REFERENCE = float(published("size.median"))
_TABLE = (1.0, 3.0, 4.0, 5.0, 6.0)


class SizeGlance(BookWidget):
    """What tumour size alone does to the hazards, by the paper's models.

    Parameters
    ----------
    cohort
        A cohort; the bars below the curve show where its patients are.
    page
        Address of the explorer's page, to which a link leads.
    name
        Name of this widget; different for each on one page.
    **settings
        Initial value of the trait ``tumor_size_cm``.

    Attributes
    ----------
    tumor_size_cm
        Size of the tumour, which is compared with the paper's median.
    """

    _esm = module("size_glance.js")
    SETTINGS = ("tumor_size_cm",)

    tumor_size_cm = traitlets.Float(4.0).tag(sync=True)

    def __init__(
        self, cohort: pd.DataFrame, page: str, *, name: str = "glance", **settings: Any
    ) -> None:
        data: dict[str, Any] = {
            "title": "Tumour size and hazard",
            "keys": {"size": SIZE.column, "bed": ""},
            "numbers": {SIZE.column: number(SIZE_RANGE, 0.1, SIZE.column, unit="cm", digits=1)},
            "size": SIZE_RANGE,
            "reference": {SIZE.column: _REFERENCE},
            "order": list(ENDPOINTS),
            "models": {outcome: self._model(outcome) for outcome in ENDPOINTS},
            "rug": rug(cohort, SIZE_RANGE, None, policy_of(cohort)),
            "words": "Hazards by the paper's Tables 2 and 3, all else equal, against a tumour of",
            "more": "Dose and everything else: the explorer",
            "page": page,
        }
        words = outcome_words([])
        data["outcomes"] = {
            outcome: {
                "title": words[outcome]["event"].capitalize(),
                "event": words[outcome]["event"],
            }
            for outcome in ENDPOINTS
        }
        super().__init__(data, name, **settings)

    @staticmethod
    def _model(outcome: str) -> dict[str, Any]:
        """Give the paper's coefficient of size as a model of one term."""
        row = published_coefficients(ENDPOINTS[outcome]).loc[SIZE.column]
        return {
            "terms": [[SIZE.column, None, float(row["coef"]), 0.0]],
            "cov": [[float(row["se"]) ** 2]],
        }

    def hazard_ratio(self, outcome: str, size: float | None = None) -> tuple[float, float, float]:
        """Hazard ratio of a size, this one by default, with its 95 % limits."""
        row = published_coefficients(ENDPOINTS[outcome]).loc[SIZE.column]
        apart = (self.tumor_size_cm if size is None else size) - _REFERENCE
        log, half = row["coef"] * apart, Z_95 * row["se"] * abs(apart)
        low, middle, high = np.exp([log - half, log, log + half]).tolist()
        return middle, low, high

    def still(self) -> str:
        """Return the curve of the first outcome and a table of sizes, as HTML."""
        first, *_ = ENDPOINTS
        sizes = np.linspace(*SIZE_RANGE, 13).tolist()
        event = ENDPOINTS[first].event_in_words
        middle, low, high = self.hazard_ratio(first)
        alt = (
            f"Hazard ratio of {event} against tumour size, rising; {middle:.2f} at "
            f"{self.tumor_size_cm:g} cm, {low:.2f} to {high:.2f}, against {_REFERENCE:g} cm."
        )
        curve = {size: self.hazard_ratio(first, size) for size in sizes}
        figure = ratio_svg(curve, f"Hazard ratio of {event}", f"{SIZE.label}, cm", alt)
        rows = []
        for size in _TABLE:
            row = {"Size": f"{size:g} cm"}
            for outcome, endpoint in ENDPOINTS.items():
                middle, low, high = self.hazard_ratio(outcome, size)
                row[f"Hazard ratio of {endpoint.event_in_words}"] = (
                    f"{middle:.2f} ({low:.2f}–{high:.2f})"
                )
            rows.append(row)
        caption = f"Against {_REFERENCE:g} cm, by the paper's Tables 2 and 3"
        return f"{STYLE}{figure}<p>{alt}</p>{still_table(pd.DataFrame(rows), caption)}"

    def __repr__(self) -> str:
        return f"SizeGlance(tumor_size_cm={self.tumor_size_cm:g})"
