"""How each published number is recomputed, and when the result may not be shown.

Each row of the register carries a recipe, a short line such as ``percent sex male`` or
``cox local_control univariable tumor_size_cm ratio``. Its first word names an entry of ``RECIPES``
(or, after ``statement``, of ``STATEMENTS``), the others are arguments. An entry holds both the
formula and the rule of disclosure: a number without a rule is not shown of a private cohort.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from reanalysis.analysis import response
from reanalysis.analysis.power import power_of_correlation, power_of_cox, power_of_logistic
from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import event_times, logrank
from reanalysis.cohort.columns import require
from reanalysis.compare import rules
from reanalysis.compare.fits import Fits
from reanalysis.compare.kinds import Patients, Quantile, Rate, Share
from reanalysis.compare.rules import Rule, as_levels
from reanalysis.core.disclosure import Policy
from reanalysis.core.dose import bed_gy
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import (
    ALPHA,
    ANY_CR,
    BED,
    CHILD_PUGH,
    CR_3_MONTHS,
    CR_MONTHS,
    FRACTIONS,
    LAST_TACE_RESPONSE,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    RESPONSE_TERMS,
    SALVAGE,
    SIZE,
    TOTAL_DOSE,
    Endpoint,
    Term,
)

_QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9, "max": 1.0}


@dataclass(frozen=True)
class Recipe:
    """How a kind of published number is recomputed.

    Attributes
    ----------
    formula
        Called with the fits of a cohort and the arguments of the recipe; gives the number, or
        whether a statement holds. What kind of number it is says how it is rounded where no exact
        one may be shown (see ``compare.kinds``): a bare one counts as an estimate.
    hidden
        Whether the result must not be shown of a private cohort (see ``compare.rules``); a recipe
        without a rule hides its result.
    arguments
        What the rule is called with in place of the recipe's own arguments.
    power
        Of a statement that nothing was found: how likely the cohort would show it otherwise.
    """

    formula: Callable[..., float]
    hidden: Rule | None = None
    arguments: tuple[str, ...] | None = None
    power: Callable[[Fits], float] | None = None

    def hides(self, cohort: pd.DataFrame, policy: Policy, value: object, *arguments: str) -> bool:
        """Whether a result may not be shown."""
        if not policy.hides:
            return False
        if self.hidden is None:
            return True
        own = arguments if self.arguments is None else self.arguments
        return self.hidden(cohort, policy, value, *own)


def find(line: str) -> tuple[Recipe, tuple[str, ...]]:
    """Give the entry that a recipe of the register names, and the arguments.

    Raises
    ------
    NotEstimable
        If the recipe is empty: no cohort table can give the number.
    KeyError
        If it names no entry.
    """
    name, *arguments = _words(line)
    if not name:
        raise NotEstimable("no cohort table can give this number")
    try:
        if name == "statement":
            return STATEMENTS[arguments[0]], ()
        return RECIPES[name], tuple(arguments)
    except (KeyError, IndexError):
        known = ", ".join([*RECIPES, *(f"statement {entry}" for entry in STATEMENTS)])
        raise KeyError(f"no recipe {line!r}; compare/recipes.py has {known}") from None


@cache
def _words(line: str) -> tuple[str, ...]:
    return tuple(shlex.split(line)) or ("",)


def _patients(fits: Fits) -> Patients:
    return Patients(len(fits.cohort))


def _count(fits: Fits, column: str, level: str) -> Patients:
    return Patients((as_levels(fits.known(column)) == level).sum())


def _percent(fits: Fits, column: str, level: str) -> Share:
    return Share(_count(fits, column, level), len(fits.known(column)))


def _blank(fits: Fits, column: str) -> Patients:
    return Patients(require(fits.cohort, column)[column].isna().sum())


def _quantity(fits: Fits, column: str, which: str) -> Quantile:
    if column == "dose_per_fraction":
        doses = require(fits.cohort, TOTAL_DOSE, FRACTIONS).dropna()
        return Quantile(doses[TOTAL_DOSE] / doses[FRACTIONS], _QUANTILES[which])
    return Quantile(fits.known(column), _QUANTILES[which])


def _regimen_count(fits: Fits, dose: str, fractions: str) -> Patients:
    doses = require(fits.cohort, TOTAL_DOSE, FRACTIONS)
    same = (doses[TOTAL_DOSE] == float(dose)) & (doses[FRACTIONS] == int(fractions))
    return Patients(same.sum())


def _regimen_percent(fits: Fits, dose: str, fractions: str) -> Share:
    return Share(_regimen_count(fits, dose, fractions), len(fits.known(BED.column)))


def _bed(_: Fits, dose: str, fractions: str) -> float:
    return bed_gy(float(dose), float(fractions))


def _cr_within(fits: Fits, months: str) -> Share:
    times = fits.known(CR_MONTHS)
    return Share((times <= float(months)).sum(), len(times))


def _mean_size(fits: Fits, which: str) -> float:
    sizes = require(fits.cohort, SIZE.column, ANY_CR.column).dropna()
    groups = [sizes.loc[sizes[ANY_CR.column] == level, SIZE.column] for level in ("yes", "no")]
    if min(len(group) for group in groups) < (2 if which == "p" else 1):
        raise NotEstimable("too few patients with or without anyCR")
    if which == "p":
        from scipy.stats import ttest_ind  # here: it takes half a second

        p = float(ttest_ind(*groups).pvalue)
        if not np.isfinite(p):
            raise NotEstimable("tumour size is the same in every patient")
        return p
    return float(groups[0].mean() if which == "yes" else groups[1].mean())


def _at_least(fits: Fits, column: str, threshold: str, what: str) -> Patients | Share:
    reached = fits.known(column) >= float(threshold)
    return Patients(reached.sum()) if what == "count" else Share(reached.sum(), len(reached))


def _hepatic_failure_death(fits: Fits) -> float:
    table = require(fits.cohort, "hepatic_failure", OVERALL_SURVIVAL.event, OVERALL_SURVIVAL.months)
    died = table[(table["hepatic_failure"] == 1) & (table[OVERALL_SURVIVAL.event] == 1)]
    if len(died) != 1:
        raise NotEstimable("not exactly one patient died with hepatic failure")
    return float(died[OVERALL_SURVIVAL.months].iloc[0])


def _rate(fits: Fits, endpoint: str, month: str) -> Rate:
    curve = fits.curve(endpoint)
    return Rate(curve.at(float(month))["survival"], curve.n)


def _cox(fits: Fits, endpoint: str, model: str, column: str, what: str) -> float:
    if model == "univariable":
        fitted = fits.univariable(endpoint)[column]
        if isinstance(fitted, CannotShow):
            raise fitted
    else:
        require(fits.cohort, column)
        fitted = fits.multivariable(endpoint)
        if column not in fitted.table.index:
            raise NotEstimable(f"{column} did not enter the multivariable model")
    return float(fitted.table[what][column])


def _odds(fits: Fits, column: str, what: str) -> float:
    fitted = fits.response_models[column]
    if isinstance(fitted, CannotShow):
        raise fitted
    return float(fitted.table[what][column])


def _isolated(fits: Fits, which: str) -> Patients:
    isolated = response.isolated_failures(fits.cohort)
    if which == "all":
        return Patients(len(isolated))
    treatment = require(isolated, SALVAGE)[SALVAGE]
    if which == "RT":
        return Patients(((treatment == "RT") & (isolated[OVERALL_SURVIVAL.event] == 1)).sum())
    wanted = ["TACE", "resection"] if which == "salvaged" else [which]
    return Patients((treatment.isin(wanted) & (isolated[OVERALL_SURVIVAL.event] == 0)).sum())


def _no_failure_in_child_pugh_b(fits: Fits) -> bool:
    table = require(fits.cohort, CHILD_PUGH.column, LOCAL_CONTROL.event)
    return bool(table.loc[table[CHILD_PUGH.column] == "B", LOCAL_CONTROL.event].sum() == 0)


def _anycr_lower_after_pd(fits: Fits) -> bool:
    shares = response.by_last_tace(fits.cohort)["anyCR, %"]
    return bool(shares["PD"] < shares["CR"])


def _not_significant(endpoint: str, column: str) -> Callable[[Fits], bool]:
    def holds(fits: Fits) -> bool:
        return _cox(fits, endpoint, "univariable", column, "p") >= ALPHA

    return holds


def _power(endpoint: Endpoint, term: Term) -> Callable[[Fits], float]:
    return lambda fits: _power_of(fits.cohort, endpoint, term)


def _power_of(cohort: pd.DataFrame, endpoint: Endpoint, term: Term) -> float:
    known = require(cohort, term.column, endpoint.event)[[term.column, endpoint.event]].dropna()
    return power_of_cox(int(known[endpoint.event].sum()), _variance(known[term.column], term))


def _variance(values: pd.Series, term: Term) -> float:
    """Give the variance of a level; a number counts in standard deviations."""
    if not term.levels:
        return 1.0
    share = float((values.astype(str) == term.recorded_levels[-1]).mean())
    return share * (1 - share)


def _responders(fits: Fits) -> pd.DataFrame:
    require(fits.cohort, CR_3_MONTHS.column, ANY_CR.column)
    return fits.cohort[fits.cohort[ANY_CR.column] == "yes"]


def _early_and_late(fits: Fits) -> bool:
    responders = _responders(fits)
    times = event_times(responders, OVERALL_SURVIVAL)
    return logrank(times, responders[CR_3_MONTHS.column].astype(str)) >= ALPHA


def _residual_burden(fits: Fits) -> bool:
    return response.residual_burden_p(fits.cohort) >= ALPHA


def _power_of_burden(fits: Fits) -> float:
    known = require(fits.cohort, LAST_TACE_RESPONSE, ANY_CR.column)
    return power_of_correlation(len(known[[LAST_TACE_RESPONSE, ANY_CR.column]].dropna()))


def _power_of_the_others(fits: Fits) -> float:
    """Give the power for the variable in which an effect is most easily missed."""
    powers = []
    for term in (term for term in RESPONSE_TERMS if term != SIZE):
        known = require(fits.cohort, ANY_CR.column, term.column)
        known = known[[ANY_CR.column, term.column]].dropna()
        responded = (known[ANY_CR.column] == "yes").astype(int)
        powers.append(power_of_logistic(responded, _variance(known[term.column], term)))
    return min(powers)


def _only_size(fits: Fits) -> bool:
    significant = {
        column
        for column, model in fits.response_models.items()
        if isinstance(model, Regression) and model.table["p"].iloc[0] < ALPHA
    }
    return significant == {SIZE.column}


RECIPES: dict[str, Recipe] = {
    "at_least": Recipe(_at_least, rules.at_least),
    "bed": Recipe(_bed, rules.never),
    "blank": Recipe(_blank, rules.blank),
    "count": Recipe(_count, rules.level),
    "cox": Recipe(_cox, rules.hazard),
    "cr_within": Recipe(_cr_within, rules.cr_within),
    "hepatic_failure_death": Recipe(_hepatic_failure_death, rules.hepatic_failure_death),
    "isolated": Recipe(_isolated, rules.isolated),
    "mean_size": Recipe(_mean_size, rules.mean_size),
    "odds": Recipe(_odds, rules.odds_ratio),
    "patients": Recipe(_patients, rules.never),
    "percent": Recipe(_percent, rules.level),
    "quantity": Recipe(_quantity, rules.quantity),
    "rate": Recipe(_rate, rules.rate),
    "regimen_count": Recipe(_regimen_count, rules.regimen),
    "regimen_percent": Recipe(_regimen_percent, rules.regimen),
}

STATEMENTS: dict[str, Recipe] = {
    "anycr_lower_after_pd_than_after_cr": Recipe(_anycr_lower_after_pd, rules.shares_by_last_tace),
    "cr_by_3_months_and_lc_not_significant": Recipe(
        _not_significant(LOCAL_CONTROL.key, CR_3_MONTHS.column),
        rules.test,
        power=_power(LOCAL_CONTROL, CR_3_MONTHS),
    ),
    "cr_by_3_months_and_os_not_significant": Recipe(
        _not_significant(OVERALL_SURVIVAL.key, CR_3_MONTHS.column),
        rules.test,
        power=_power(OVERALL_SURVIVAL, CR_3_MONTHS),
    ),
    "early_and_late_cr_os_not_significant": Recipe(
        _early_and_late,
        rules.test,
        power=lambda fits: _power_of(_responders(fits), OVERALL_SURVIVAL, CR_3_MONTHS),
    ),
    "no_failure_in_child_pugh_b": Recipe(
        _no_failure_in_child_pugh_b,
        rules.none_in_level,
        (CHILD_PUGH.column, "B", LOCAL_CONTROL.event),
    ),
    "only_size_in_logistic": Recipe(_only_size, rules.test, power=_power_of_the_others),
    "residual_burden_and_anycr_not_significant": Recipe(
        _residual_burden, rules.test, power=_power_of_burden
    ),
}
