"""What a chapter writes with: the published numbers as its cohort gives them, put on the page."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count, count, parts
from reanalysis.page.figures import Shown
from reanalysis.page.table import Table


class Here(Recomputation):
    """The published numbers on one cohort, and tables, figures and counts of it for the page.

    Everything that it makes follows the policy of the cohort.

    Examples
    --------
    ``here("km36.LC")`` is a published number as this cohort gives it, and
    ``f"{here.count(cohort['death'] == 1)} patients died"`` a sentence that hides a small number.
    """

    def table(self, frame: pd.DataFrame, caption: str, note: str = "", **options: Any) -> Table:
        """Put a frame on the page; the parameters are those of ``Table``."""
        return Table(frame, caption, note, policy=self.policy, **options)

    def figure(self, figure: Figure, alt: str, caption: str) -> Shown:
        """Put a figure on the page; the parameters are those of ``Shown``."""
        return Shown(figure, alt, caption, policy=self.policy)

    def count(self, which: pd.DataFrame | pd.Series | int, of: Count | int | None = None) -> Count:
        """Count patients for a sentence; see ``reanalysis.core.counts.count``."""
        return count(which, self.policy, of)

    def parts(self, counts: "pd.Series[int]") -> dict[Hashable, Count]:
        """Count the parts of a known whole: no part follows from the others.

        Parameters
        ----------
        counts
            Patients by part.

        Returns
        -------
        dict
            By part, in the same order.
        """
        return parts(counts, self.policy)
