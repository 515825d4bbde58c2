"""What a chapter writes with: the published numbers as its cohort gives them, put on the page."""

from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

import pandas as pd
from matplotlib.figure import Figure

from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count, cells, count, parts
from reanalysis.core.disclosure import TooFew
from reanalysis.page.counts import quantile
from reanalysis.page.figures import Shown, shown_steps
from reanalysis.page.nested import model_size
from reanalysis.page.table import Table

_Rows = TypeVar("_Rows", pd.DataFrame, pd.Series)
_Curves = TypeVar("_Curves", bound=dict[str, SurvivalCurve])


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

    def count(
        self,
        which: pd.DataFrame | pd.Series | int,
        of: Count | int | None = None,
        beside: Iterable[object] = (),
    ) -> Count:
        """Count patients for a sentence; see ``reanalysis.core.counts.count``."""
        return count(which, self.policy, of, beside)

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

    def cells(self, counts: pd.DataFrame, total: str = "") -> pd.DataFrame:
        """Count the cells of a cross table; see ``reanalysis.core.counts.cells``."""
        return cells(counts, self.policy, total)

    def quantile(self, values: pd.Series, share: float, decimals: int = 1) -> str:
        """Print a quantile of a variable; see ``reanalysis.page.counts.quantile``."""
        return quantile(values, share, self.policy, decimals)

    def steps(self, estimate: pd.DataFrame, times: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
        """Give a step curve as it may be drawn; see ``reanalysis.page.figures.shown_steps``."""
        return shown_steps(estimate, times, self.policy, decimals)

    def rate(self, curve: SurvivalCurve, month: float) -> str:
        """Print survival at a time in months; see ``SurvivalCurve.rate``.

        Raises
        ------
        TooFew
            If there are fewer events by then than may be shown.
        NotEstimable
            If nobody was observed for so long.
        """
        self.survival(curve, month)
        return curve.rate(month)

    def events_per_variable(self, endpoint: str) -> str:
        """Say how many patients, events and variables this cohort's multivariable model has.

        Returns
        -------
        str
            A sentence; without the events per variable where the events may not be shown, from
            which they follow.

        Raises
        ------
        CannotShow
            If there is no model.
        """
        model = self.multivariable(endpoint)
        size, events = model_size(model, self.curve(endpoint), self.policy)
        variables = "one variable" if len(model.table) == 1 else f"{len(model.table)} variables"
        said = f"This cohort's model: {size} patients, {events} events, {variables}"
        if events.hidden:
            return f"{said}."
        return f"{said}; {model.events / len(model.table):.0f} events per variable."

    def survival(self, curve: SurvivalCurve, month: float) -> "pd.Series[float]":
        """Give survival at a time in months, to compute with; see ``SurvivalCurve.at``.

        Raises
        ------
        TooFew
            If there are fewer events by then than may be shown.
        NotEstimable
            If nobody was observed for so long.
        """
        if not self.policy.may_show(curve.events_by(month)):
            raise TooFew(self.policy.smallest)
        return curve.at(month)

    def enough(self, rows: _Rows) -> _Rows:
        """Give what is known, if it is of enough patients for a mean, a sum or a curve of it.

        Parameters
        ----------
        rows
            One per patient; where anything in it is blank it is left out.

        Raises
        ------
        TooFew
            If some patients are left, and fewer than may be shown.
        """
        known = rows.dropna()
        if 0 < len(known) < self.policy.smallest:
            raise TooFew(self.policy.smallest)
        return known

    def enough_in_each(self, curves: _Curves) -> _Curves:
        """Give the same curves, if each of them is of enough patients.

        Raises
        ------
        TooFew
            If one is of fewer than may be shown.
        """
        if any(curve.n < self.policy.smallest for curve in curves.values()):
            raise TooFew(self.policy.smallest)
        return curves
