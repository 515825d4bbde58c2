"""Published numbers, recomputed from a cohort.

Each row of the register carries a recipe, a short line such as ``percent sex male`` or
``cox local_control univariable tumor_size_cm ratio``. The first word names a function below,
the others are its arguments. Tables, sentences and the scorecard of the book take their
numbers from here, so that a number has one definition.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from reanalysis.analysis import regression, response
from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import (
    ENDPOINTS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    SurvivalCurve,
    event_times,
    kaplan_meier,
    logrank,
)
from reanalysis.cohort.validation import require
from reanalysis.compare.withheld import as_levels, withheld
from reanalysis.core.disclosure import TooFew, smallest_cell
from reanalysis.core.dose import bed_gy
from reanalysis.core.errors import CannotShow, NotEstimable, NotRecorded
from reanalysis.core.formatting import p_value
from reanalysis.paper.register import as_printed, fill, paper, placeholders, recipe

Value = float | str
ALPHA = 0.05

_QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9, "max": 1.0}


class Recomputation:
    """The published numbers as one cohort gives them.

    Parameters
    ----------
    cohort
        A cohort.
    smallest
        Smallest number of patients that is shown; by default that of ``reanalysis.core.disclosure``
        for the cohort that the book is about. It limits what is given as text, not ``value``.

    Examples
    --------
    ``here("km36.LC")`` is the text of one number, ``here.text("{km36.LC} %")`` a template
    filled with such texts, ``here.value("km36.LC")`` the number itself, not rounded.
    """

    def __init__(self, cohort: pd.DataFrame, smallest: int | None = None) -> None:
        self.cohort = cohort
        self.smallest = smallest_cell() if smallest is None else smallest
        self._values: dict[str, Value | CannotShow] = {}
        self._curves: dict[str, SurvivalCurve] = {}
        self._univariable: dict[str, dict[str, Regression | CannotShow]] = {}
        self._multivariable: dict[str, Regression | CannotShow] = {}

    def __call__(self, number: str) -> str:
        """Return a number as text, in the form in which the paper prints it.

        Raises
        ------
        KeyError
            If the register has no such id.
        CannotShow
            If this cohort cannot give the number; ``TooFew`` if it may not be shown.
        """
        value = self.value(number)
        if self.smallest and withheld(self.cohort, recipe(number), value, self.smallest):
            raise TooFew(self.smallest)
        if isinstance(value, str):
            return value
        is_p = recipe(number).endswith(" p")
        return p_value(value) if is_p else as_printed(value, like=paper(number))

    def text(self, template: str) -> str:
        """Fill a template with this cohort's numbers; see ``published.fill``."""
        return fill(template, self)

    def obstacles(self, templates: Sequence[str]) -> list[str]:
        """Say why numbers of templates cannot be given.

        Parameters
        ----------
        templates
            Texts with ids in braces.

        Returns
        -------
        list of str
            One sentence about the columns that are missing, and one for each other reason;
            empty where every number can be given.
        """
        absent: dict[str, None] = {}
        others: dict[str, None] = {}
        for number in dict.fromkeys(n for template in templates for n in placeholders(template)):
            try:
                self.value(number)
            except NotRecorded as reason:
                absent |= dict.fromkeys(reason.columns)
            except CannotShow as reason:
                others[str(reason)] = None
        sentences = [str(NotRecorded(absent))] if absent else []
        return [f"–: {sentence}." for sentence in (*sentences, *others)]

    def value(self, number: str) -> Value:
        """Return a number, not rounded; a statement is its text if it holds.

        Raises
        ------
        KeyError
            If the register has no such id.
        CannotShow
            If this cohort cannot give the number.
        """
        if number not in self._values:
            name, *arguments = recipe(number).split() or [""]
            if not name:
                raise NotEstimable("no cohort table can give this number")
            try:
                if name == "statement":
                    holds = _STATEMENTS[arguments[0]](self)
                    self._values[number] = paper(number) if holds else "does not hold"
                else:
                    self._values[number] = float(_RECIPES[name](self, *arguments))
            except CannotShow as reason:
                self._values[number] = reason
        value = self._values[number]
        if isinstance(value, CannotShow):
            raise value
        return value

    def coefficient(self, number: str) -> tuple[float, float] | None:
        """Return coefficient and standard error of the regression row of a number.

        Returns
        -------
        (float, float) or None
            On the log scale; None for a number of no regression model.

        Raises
        ------
        CannotShow
            If this cohort cannot give the number.
        """
        name, *arguments = recipe(number).split() or [""]
        if name not in ("cox", "odds"):
            return None
        what = _RECIPES[name]
        return what(self, *arguments[:-1], "coef"), what(self, *arguments[:-1], "se")

    def curve(self, endpoint: str) -> SurvivalCurve:
        """Return the Kaplan-Meier estimate of an endpoint."""
        if endpoint not in self._curves:
            self._curves[endpoint] = kaplan_meier(event_times(self.cohort, ENDPOINTS[endpoint]))
        return self._curves[endpoint]

    def univariable(self, endpoint: str) -> dict[str, Regression | CannotShow]:
        """Return the univariable Cox models of an endpoint, by column."""
        if endpoint not in self._univariable:
            models = regression.univariable(self.cohort, ENDPOINTS[endpoint])
            self._univariable[endpoint] = models
        return self._univariable[endpoint]

    def multivariable(self, endpoint: str) -> Regression:
        """Return the multivariable Cox model of an endpoint."""
        if endpoint not in self._multivariable:
            try:
                self._multivariable[endpoint] = regression.multivariable(
                    self.cohort, ENDPOINTS[endpoint], self.univariable(endpoint)
                )
            except CannotShow as reason:
                self._multivariable[endpoint] = reason
        model = self._multivariable[endpoint]
        if isinstance(model, CannotShow):
            raise model
        return model

    @cached_property
    def response_models(self) -> dict[str, Regression | CannotShow]:
        """The univariable logistic models of not reaching CR, by column."""
        return response.logistic_models(self.cohort)


def _known(here: Recomputation, column: str) -> pd.Series:
    """Return the values of a column that are not blank; at least one."""
    values = require(here.cohort, column)[column].dropna()
    if values.empty:
        raise NotEstimable(f"{column} is blank in every patient")
    return values


def _patients(here: Recomputation) -> float:
    return len(here.cohort)


def _count(here: Recomputation, column: str, level: str) -> float:
    return float((as_levels(_known(here, column)) == level).sum())


def _percent(here: Recomputation, column: str, level: str) -> float:
    return 100 * _count(here, column, level) / len(_known(here, column))


def _blank(here: Recomputation, column: str) -> float:
    return float(require(here.cohort, column)[column].isna().sum())


def _quantity(here: Recomputation, column: str, which: str) -> float:
    if column == "dose_per_fraction":
        doses = require(here.cohort, "total_dose_gy", "fractions").dropna()
        return float((doses["total_dose_gy"] / doses["fractions"]).quantile(_QUANTILES[which]))
    return float(_known(here, column).quantile(_QUANTILES[which]))


def _regimen_count(here: Recomputation, dose: str, fractions: str) -> float:
    doses = require(here.cohort, "total_dose_gy", "fractions")
    same = (doses["total_dose_gy"] == float(dose)) & (doses["fractions"] == int(fractions))
    return float(same.sum())


def _regimen_percent(here: Recomputation, dose: str, fractions: str) -> float:
    return 100 * _regimen_count(here, dose, fractions) / len(_known(here, "bed10_gy"))


def _bed(_: Recomputation, dose: str, fractions: str) -> float:
    return bed_gy(float(dose), float(fractions))


def _cr_within(here: Recomputation, months: str) -> float:
    times = _known(here, "complete_response_months")
    return float(100 * (times <= float(months)).mean())


def _mean_size(here: Recomputation, which: str) -> float:
    sizes = require(here.cohort, "tumor_size_cm", "any_cr").dropna()
    groups = [sizes.loc[sizes["any_cr"] == level, "tumor_size_cm"] for level in ("yes", "no")]
    if min(len(group) for group in groups) < (2 if which == "p" else 1):
        raise NotEstimable("too few patients with or without anyCR")
    if which == "p":
        p = float(stats.ttest_ind(*groups).pvalue)
        if not np.isfinite(p):
            raise NotEstimable("tumor size is the same in every patient")
        return p
    return float(groups[0].mean() if which == "yes" else groups[1].mean())


def _at_least(here: Recomputation, column: str, threshold: str, what: str) -> float:
    reached = _known(here, column) >= float(threshold)
    return float(reached.sum() if what == "count" else 100 * reached.mean())


def _hepatic_failure_death(here: Recomputation) -> float:
    table = require(here.cohort, "hepatic_failure", "death", "follow_up_months")
    died = table[(table["hepatic_failure"] == 1) & (table["death"] == 1)]
    if len(died) != 1:
        raise NotEstimable(f"{len(died)} patients died with hepatic failure, not one")
    return float(died["follow_up_months"].iloc[0])


def _rate(here: Recomputation, endpoint: str, month: str) -> float:
    return float(100 * here.curve(endpoint).at(float(month))["survival"])


def _cox(here: Recomputation, endpoint: str, model: str, column: str, what: str) -> float:
    if model == "univariable":
        fitted = here.univariable(endpoint)[column]
        if isinstance(fitted, CannotShow):
            raise fitted
    else:
        require(here.cohort, column)
        fitted = here.multivariable(endpoint)
        if column not in fitted.table.index:
            raise NotEstimable(f"{column} did not enter the multivariable model")
    return float(fitted.table[what][column])


def _odds(here: Recomputation, column: str, what: str) -> float:
    fitted = here.response_models[column]
    if isinstance(fitted, CannotShow):
        raise fitted
    return float(fitted.table[what][column])


def _isolated(here: Recomputation, which: str) -> float:
    isolated = response.isolated_failures(here.cohort)
    if which == "all":
        return len(isolated)
    treatment = require(isolated, "salvage_treatment")["salvage_treatment"]
    if which == "RT":
        return float(((treatment == "RT") & (isolated["death"] == 1)).sum())
    wanted = ["TACE", "resection"] if which == "salvaged" else [which]
    return float((treatment.isin(wanted) & (isolated["death"] == 0)).sum())


def _no_failure_in_child_pugh_b(here: Recomputation) -> bool:
    table = require(here.cohort, "child_pugh_class", "local_failure")
    return bool(table.loc[table["child_pugh_class"] == "B", "local_failure"].sum() == 0)


def _anycr_lower_after_pd(here: Recomputation) -> bool:
    shares = response.by_last_tace(here.cohort)["anyCR, %"]
    return bool(shares["PD"] < shares["CR"])


def _not_significant(endpoint: str, column: str) -> Callable[[Recomputation], bool]:
    def holds(here: Recomputation) -> bool:
        return _cox(here, endpoint, "univariable", column, "p") >= ALPHA

    return holds


def _early_and_late(here: Recomputation) -> bool:
    require(here.cohort, "cr_by_3_months", "any_cr")
    responders = here.cohort[here.cohort["any_cr"] == "yes"]
    times = event_times(responders, OVERALL_SURVIVAL)
    return logrank(times, responders["cr_by_3_months"].astype(str)) >= ALPHA


def _residual_burden(here: Recomputation) -> bool:
    return response.residual_burden_p(here.cohort) >= ALPHA


def _only_size(here: Recomputation) -> bool:
    significant = {
        column
        for column, model in here.response_models.items()
        if isinstance(model, Regression) and model.table["p"].iloc[0] < ALPHA
    }
    return significant == {"tumor_size_cm"}


_RECIPES: dict[str, Callable[..., float]] = {
    "at_least": _at_least,
    "bed": _bed,
    "blank": _blank,
    "count": _count,
    "cox": _cox,
    "cr_within": _cr_within,
    "hepatic_failure_death": _hepatic_failure_death,
    "isolated": _isolated,
    "mean_size": _mean_size,
    "odds": _odds,
    "patients": _patients,
    "percent": _percent,
    "quantity": _quantity,
    "rate": _rate,
    "regimen_count": _regimen_count,
    "regimen_percent": _regimen_percent,
}

_STATEMENTS: dict[str, Callable[[Recomputation], bool]] = {
    "anycr_lower_after_pd_than_after_cr": _anycr_lower_after_pd,
    "cr_by_3_months_and_lc_not_significant": _not_significant(LOCAL_CONTROL.key, "cr_by_3_months"),
    "cr_by_3_months_and_os_not_significant": _not_significant(
        OVERALL_SURVIVAL.key, "cr_by_3_months"
    ),
    "early_and_late_cr_os_not_significant": _early_and_late,
    "no_failure_in_child_pugh_b": _no_failure_in_child_pugh_b,
    "only_size_in_logistic": _only_size,
    "residual_burden_and_anycr_not_significant": _residual_burden,
}
