"""The linear-quadratic calculator."""

from typing import Any

import pandas as pd
import traitlets

from reanalysis.core.dose import bed_gy, eqd2_gy
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.still import STYLE, bed_svg, still_table
from reanalysis.page.widgets.words import schedule
from reanalysis.paper.register import published
from reanalysis.paper.study import ALPHA_BETA, REGIMENS, Regimen

_RANGES: dict[str, tuple[float, float]] = {
    "total_dose_gy": (10.0, 90.0),
    "fractions": (1, 40),
    "alpha_beta": (2.0, 20.0),
}
_LATE = 3.0  # alpha/beta of late effects, in Gy
_NOTE = f"{ALPHA_BETA:g} Gy for tumour, {_LATE:g} Gy for late effects"
_TICKS = {"alpha_beta": [3, 5, 10, 15, 20], "bed": [0, 100, 200, 300, 400]}


class BedCalculator(BookWidget):
    """BED and EQD2 of any fractionation, beside the paper's regimens.

    Parameters
    ----------
    name
        Name of this calculator in links and file names; different for each on one page.
    **settings
        Initial values of the traits ``total_dose_gy``, ``fractions`` and ``alpha_beta``.
    """

    _esm = module("bed_calculator.js")
    SETTINGS = ("total_dose_gy", "fractions", "alpha_beta")

    total_dose_gy = traitlets.Float(45.0, min=0.1).tag(sync=True)
    fractions = traitlets.Int(3, min=1).tag(sync=True)
    alpha_beta = traitlets.Float(ALPHA_BETA, min=0.1).tag(sync=True)

    def __init__(self, *, name: str = "bed", **settings: Any) -> None:
        regimens = [[r.total_dose_gy, r.fractions, _printed(r)] for r in REGIMENS]
        data = {"regimens": regimens, "numbers": schedule(_RANGES, _NOTE), "ticks": _TICKS}
        super().__init__(data, name, **settings)

    @property
    def bed_gy(self) -> float:
        """BED in Gy."""
        return bed_gy(self.total_dose_gy, self.fractions, self.alpha_beta)

    @property
    def eqd2_gy(self) -> float:
        """Total dose in Gy of fractions of 2 Gy with the same BED."""
        return eqd2_gy(self.total_dose_gy, self.fractions, self.alpha_beta)

    def still(self) -> str:
        """Return BED against α/β and the table of the paper's regimens, as HTML."""
        rows = []
        for regimen in REGIMENS:
            row = {"Regimen": str(regimen)}
            row["A fraction"] = f"{regimen.total_dose_gy / regimen.fractions:g} Gy"
            for alpha_beta in (ALPHA_BETA, _LATE):
                schedule = (regimen.total_dose_gy, regimen.fractions, alpha_beta)
                row[f"BED, α/β {alpha_beta:g}"] = f"{bed_gy(*schedule):.1f} Gy"
                row[f"EQD2, α/β {alpha_beta:g}"] = f"{eqd2_gy(*schedule):.1f} Gy"
            row["BED as printed"] = f"{_printed(regimen)} Gy"
            rows.append(row)
        alt = (
            "BED of the paper's regimens (total dose in Gy / fractions) against α/β: the smaller "
            "α/β, the larger the BED, the more so the larger the fraction."
        )
        figure = bed_svg(_RANGES["alpha_beta"], _TICKS["bed"][-1], alt)
        table = still_table(pd.DataFrame(rows), "The paper's regimens")
        return f"{STYLE}{figure}<p>{alt}</p>{table}"

    def __repr__(self) -> str:
        return (
            f"BedCalculator(total_dose_gy={self.total_dose_gy:g}, fractions={self.fractions}, "
            f"alpha_beta={self.alpha_beta:g})"
        )


def _printed(regimen: Regimen) -> str:
    return published(regimen.bed_id)
