"""What a chapter writes with: the published numbers as its cohort gives them, put on the page."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reanalysis.analysis.coarse import STEP_MONTHS
from reanalysis.analysis.survival import SurvivalCurve, logrank, rate_in_words
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.rules import few_events
from reanalysis.compare.side_by_side import side_by_side
from reanalysis.compare.spread import curves_that_agree
from reanalysis.core.counts import Count, cells, count, parts
from reanalysis.core.disclosure import HIDDEN, TooFew
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import rounded
from reanalysis.page import counts as page_counts
from reanalysis.page.counts import model_size, quantile
from reanalysis.page.figures import Shown, describe, plot_survival, shown_steps
from reanalysis.page.table import Table
from reanalysis.paper.chapters import CURVES, LAYOUTS
from reanalysis.paper.register import published
from reanalysis.paper.study import OVERALL_SURVIVAL, RATE_MONTH, TERM_BY_COLUMN, Endpoint

_THE_BAND = ": month by month, the grey area is where the cohorts lie that agree with its numbers"

_Numbers = TypeVar("_Numbers", bound=float | pd.Series | pd.DataFrame)
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

    def beside(self, layout: str) -> Table:
        """Put numbers of this cohort beside the paper's.

        Parameters
        ----------
        layout
            A table of ``reanalysis.paper.chapters.LAYOUTS``, which has its caption and its rows.
        """
        known = LAYOUTS[layout]
        return self.table(side_by_side(known.rows, self), known.caption, known.note)

    def curve_figure(self, curve: SurvivalCurve, endpoint: Endpoint) -> Shown:
        """Draw the curve of an endpoint as the paper does, with the paper's rate in it.

        Parameters
        ----------
        curve
            The estimate, of all patients.
        endpoint
            What it is of: it knows its figure, its name and what is censored.

        Raises
        ------
        TooFew
            If it has fewer events than may be shown.
        """
        exhibit, label = CURVES[endpoint.key]
        share = label if label == endpoint.label else f"Share {label.lower()}"
        rate = (RATE_MONTH, float(published(endpoint.rate_id)))
        others = curves_that_agree(endpoint)
        figure = plot_survival(
            {"All patients": curve}, label, self.policy, paper_rate=rate, others=others
        )
        deaths, ticks = _censored(endpoint)
        return self.figure(
            figure,
            describe(curve, share, self.policy),
            f"{exhibit}. Kaplan-Meier estimate of {endpoint.label.lower()} with its pointwise "
            f"95 % band (log-log){deaths}. Ticks are {ticks}; {self.below}. "
            f"The cross is the paper's rate at {RATE_MONTH // 12} years, the only point of the "
            f"curve that it prints{_THE_BAND if others is not None else ''}.",
        )

    def curves_figure(
        self,
        curves: Mapping[str, SurvivalCurve],
        endpoint: Endpoint,
        by: str,
        remark: str = "",
        exhibit: str = "",
    ) -> Shown:
        """Draw the curves of groups with their log-rank test, and the events of each as text.

        Parameters
        ----------
        curves
            Estimates by group.
        endpoint
            What they are of.
        by
            What makes the groups, as in ``'by Child-Pugh class'``.
        remark
            A sentence for the end of the caption.
        exhibit
            The paper's figure, if it has one.

        Raises
        ------
        TooFew
            If a group has fewer patients or events than may be shown.
        """
        test = self._test_between(curves)
        figure = plot_survival(curves, CURVES[endpoint.key][1], self.policy, test=test)
        what = f"{endpoint.label} {by}"
        events = "; ".join(
            f"{count} ({label})"
            for label, count in page_counts.events_of(curves, self.policy).items()
        )
        deaths, ticks = _censored(endpoint)
        return self.figure(
            figure,
            f"{what}. Patients with {endpoint.event_in_words}: {events}. {test}".strip(". ") + ".",
            f"{exhibit}{'. ' if exhibit else ''}{what}. Kaplan-Meier estimates with 95 % "
            f"bands{deaths}; ticks are {ticks}; {self.below}. The paper prints a rate at "
            f"{RATE_MONTH // 12} years of all patients alone."
            + "".join(f" {said}." for said in (test, remark.rstrip(".")) if said),
        )

    @property
    def below(self) -> str:
        """What the numbers below a curve are, for its caption."""
        more = "" if self.policy.hides else ", censored and with the event before that month"
        return f"the numbers below are those at risk{more}"

    def _test_between(self, curves: Mapping[str, SurvivalCurve]) -> str:
        """Say what the log-rank test does, if there is one."""
        times = pd.concat([curve.times for curve in curves.values()], keys=curves, names=["group"])
        groups = times.index.get_level_values("group").to_series(index=times.index)
        try:
            p = self.p(logrank(times, groups))
        except NotEstimable:
            return ""
        return f"Log-rank p {p}" if p.startswith("<") else f"Log-rank p = {p}"

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

    def counts(
        self, numbers: Mapping[Hashable, int], of: int | None = None
    ) -> dict[Hashable, Count]:
        """Count groups of patients that lie within each other, or within a whole.

        Parameters
        ----------
        numbers
            Patients by group.
        of
            The whole, where the reader knows it.

        Returns
        -------
        dict
            By group, in the same order.
        """
        return {group: Count(number, self.policy, of) for group, number in numbers.items()}

    def steps(self, estimate: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
        """Give a step curve as it may be drawn; see ``reanalysis.page.figures.shown_steps``."""
        return shown_steps(estimate, times, self.policy)

    def rate(self, curve: SurvivalCurve, month: float) -> str:
        """Print survival at a time in months, as ``rate_in_words`` does.

        Raises
        ------
        TooFew
            If there are fewer events by then than may be shown.
        NotEstimable
            If nobody was observed for so long.
        """
        return rate_in_words(self.survival(curve, month), 0 if self.policy.hides else 1)

    def estimate(self, value: _Numbers) -> _Numbers:
        """Give an estimate, or several, with the digits that may be shown."""
        return self.policy.estimate(value)

    def number(self, value: float, decimals: int = 1) -> str:
        """Print an estimate with the digits that may be shown."""
        return self.policy.number(value, decimals)

    def interval(self, value: float, lower: float, upper: float, decimals: int = 2) -> str:
        """Print an estimate with its limits, as in ``'1.82 (1.32–2.53)'``."""
        return self.policy.interval(value, lower, upper, decimals)

    def months(self, value: float) -> str:
        """Print a quantile of times, or ``'not reached'`` where the curve stays above it.

        It is the time of one patient: where none may be shown it is that of the next step.
        """
        if not np.isfinite(value):
            return "not reached"
        if self.policy.hides:
            value = STEP_MONTHS * np.ceil(value / STEP_MONTHS)
        return f"{self.number(value)} months"

    def fraction(self, value: _Numbers, patients: int) -> _Numbers:
        """Give fractions of 1 that some patients give, as they may be shown."""
        return self.policy.fraction(value, patients)

    def percentage(self, fraction: float, patients: int) -> str:
        """Print a fraction of 1 that some patients give in percent, without the sign."""
        value = 100 * self.policy.fraction(fraction, patients)
        return rounded(value, 0 if self.policy.hides else 1)

    def p_of_terms(self, table: pd.DataFrame, endpoint: Endpoint) -> pd.DataFrame:
        """Print the p values of variables, hidden where a level has too few events.

        Parameters
        ----------
        table
            p values; the index names the columns of the cohort.
        endpoint
            The endpoint that they are about.

        Returns
        -------
        pandas.DataFrame
            Text; the index has the variables' labels.
        """
        few = self.few(endpoint, table.index)
        shown = table.map(self.p, na_action="ignore")
        shown = shown.mask(np.tile(np.array(few)[:, None], table.shape[1]), HIDDEN)
        return shown.rename(index=lambda column: TERM_BY_COLUMN[column].label).rename_axis(
            "Variable"
        )

    def few(self, endpoint: Endpoint, columns: Iterable[Hashable]) -> list[bool]:
        """Say of each variable of a Cox model whether a group of it has too few events."""
        return [few_events(self.cohort, self.policy, endpoint.key, str(c)) for c in columns]

    def ratios(self, table: pd.DataFrame, name: str, hide: Sequence[bool] = ()) -> pd.DataFrame:
        """Print ratios with their intervals and p values, for a table.

        Parameters
        ----------
        table
            ``ratio``, ``lower``, ``upper`` and, if it is to be shown, ``p``, one row each.
        name
            Of the ratios.
        hide
            Which rows rest on too few events; none by default.

        Returns
        -------
        pandas.DataFrame
            The same index, columns ``name`` and perhaps ``p``, as text: hidden where said so, and
            a dash where there is no estimate.
        """
        limits = table[["ratio", "lower", "upper"]].itertuples(index=False)
        shown = {name: [self.interval(float(r), float(a), float(b)) for r, a, b in limits]}
        if "p" in table:
            shown["p"] = ["–" if np.isnan(p) else self.p(p) for p in table["p"].astype(float)]
        return self.hidden_rows(pd.DataFrame(shown, index=table.index), hide)

    def hidden_rows(self, shown: _Rows, hide: Sequence[bool] = ()) -> _Rows:
        """Hide rows of text, whatever is in them but a dash.

        Parameters
        ----------
        shown
            Text, one row each.
        hide
            Which rows; none by default.
        """
        few = np.array(hide, dtype=bool) if len(hide) else np.zeros(len(shown), dtype=bool)
        rows = few if isinstance(shown, pd.Series) else few[:, None]
        return shown.mask(rows & (shown != "–"), HIDDEN)

    def p(self, value: float) -> str:
        """Print a p value."""
        return self.policy.p(value)

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
        per_variable = self.number(events.shown / len(model.table), 0)
        return f"{said}; {per_variable} events per variable."

    def survival(self, curve: SurvivalCurve, month: float) -> "pd.Series[float]":
        """Give survival at a time in months as it may be shown; see ``SurvivalCurve.at``.

        Raises
        ------
        TooFew
            If there are fewer events by then than may be shown.
        NotEstimable
            If nobody was observed for so long.
        """
        if not self.policy.may_show(curve.events_by(month)):
            raise TooFew(self.policy.smallest)
        return self.policy.fraction(curve.at(month), curve.n)

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


def _censored(endpoint: Endpoint) -> tuple[str, str]:
    """Say of a curve what became of deaths, and what its ticks are."""
    if endpoint is OVERALL_SURVIVAL:
        return "", "patients alive at last follow-up"
    return ", deaths censored", "censored patients"
