"""The statistics that the critical chapters speak of, in families that are read together."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from reanalysis.analysis.competing_risks import against_kaplan_meier
from reanalysis.analysis.discrimination import optimism
from reanalysis.analysis.dose_by_indication import dose_in_parts
from reanalysis.analysis.effect_over_time import effect_by_period
from reanalysis.analysis.fine_gray import two_hazards
from reanalysis.analysis.firth import firth_cox
from reanalysis.analysis.known_later import response_in_four_ways
from reanalysis.analysis.multiverse import SUMMARY, multiverse, summary
from reanalysis.analysis.proportionality import TOGETHER, proportional_hazards
from reanalysis.analysis.restricted_mean import restricted_mean_difference
from reanalysis.analysis.selection import selection
from reanalysis.analysis.spline import spline_cox
from reanalysis.analysis.survival import event_times
from reanalysis.analysis.waiting import (
    CR_ONLY,
    CR_THEN_FAILURE,
    FAILED_BEFORE,
    FAILURE_ONLY,
    WAITING,
    decisions,
)
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import (
    ALPHA,
    BCLC,
    BED,
    CHILD_PUGH,
    CR_3_MONTHS,
    LOCAL_CONTROL,
    MODELLED,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    SITES,
    SIZE,
    UNIVARIABLE,
    Endpoint,
)


@dataclass(frozen=True)
class Family:
    """Statistics of one kind.

    Attributes
    ----------
    name
        Of the family.
    compute
        Gives a number, or nan where the cohort has none, by the name of each statistic; the same
        names in the same order for every cohort.
    none
        The value that means no difference: 1 for a ratio, 0 for a difference. None if there is
        none.
    decimals
        With which values are compared and written.
    """

    name: str
    compute: Callable[[pd.DataFrame], Mapping[str, float]]
    none: float | None = None
    decimals: int = 2


def _by_name(values: "pd.Series[float]") -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items()}


def _response(endpoint: Endpoint) -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        return _by_name(response_in_four_ways(cohort, endpoint)["ratio"])

    return Family(f"response.{endpoint.short}", ratios, none=1.0)


def _gap() -> Family:
    def points(cohort: pd.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for endpoint in SITES.values():
            times, death = event_times(cohort, endpoint), cohort[OVERALL_SURVIVAL.event]
            both = against_kaplan_meier(times, death, RATE_MONTH)
            found[endpoint.label] = 100 * float(both["deaths censored"] - both["deaths compete"])
        return found

    return Family("competing.gap", points, none=0.0, decimals=1)


def _two_hazards() -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        terms = MULTIVARIABLE[LOCAL_CONTROL.key]
        return _by_name(two_hazards(cohort, LOCAL_CONTROL, terms)["ratio"])

    return Family("competing.hazards", ratios, none=1.0)


SAMPLES = 100  # bootstrap samples of each cohort: enough for shares to a tenth


def _kept() -> Family:
    terms = [term for term in UNIVARIABLE[LOCAL_CONTROL.key] if term is not CR_3_MONTHS]

    def percent(cohort: pd.DataFrame) -> dict[str, float]:
        try:
            found = 100 * selection(cohort, LOCAL_CONTROL, terms, SAMPLES, seed=1).kept
        except NotEstimable:
            return {term.label: math.nan for term in terms}
        return {term.label: float(found[term.column]) for term in terms}

    return Family("model.kept", percent, none=50.0, decimals=0)


def _apparent_and_corrected() -> Family:
    def values(cohort: pd.DataFrame) -> dict[str, float]:
        found = dict.fromkeys(("concordance, apparent", "concordance, corrected"), math.nan)
        with suppress(CannotShow):
            terms = MULTIVARIABLE[LOCAL_CONTROL.key]
            luck = optimism(cohort, LOCAL_CONTROL, terms, SAMPLES, seed=1)
            found = dict(zip(found, (luck.apparent, luck.corrected), strict=True))
        return found

    return Family("model.concordance", values, none=0.5)


def _firth() -> Family:
    def ratio(cohort: pd.DataFrame) -> dict[str, float]:
        found = {"Child-Pugh class B against A": math.nan}
        with suppress(CannotShow):
            table = firth_cox(cohort, LOCAL_CONTROL, [CHILD_PUGH]).table
            found = dict.fromkeys(found, float(table["ratio"].iloc[0]))
        return found

    return Family("model.firth", ratio, none=1.0)


WAITED = (3.0, 6.0)  # months of the decisions
PERIOD = 18.0  # months, about the middle of the deaths
IN_PERIODS = (CHILD_PUGH, SIZE, BED)
IN_MONTHS = ((OVERALL_SURVIVAL, CHILD_PUGH), (OVERALL_SURVIVAL, BCLC), (LOCAL_CONTROL, BCLC))


def _proportionality() -> Family:
    def p_values(cohort: pd.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for endpoint in MODELLED:
            terms = MULTIVARIABLE[endpoint.key]
            names = [f"{endpoint.short}: {name}" for name in (*(t.short for t in terms), TOGETHER)]
            found |= dict.fromkeys(names, math.nan)
            with suppress(CannotShow):
                test = proportional_hazards(cohort, endpoint, terms)["p"]
                found |= dict(zip(names, test, strict=True))
        return found

    return Family("ph.p", p_values, none=ALPHA, decimals=3)


def _periods() -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for term in IN_PERIODS:
            names = [f"{term.short}, {when} {PERIOD:g} months" for when in ("to", "after")]
            found |= dict.fromkeys(names, math.nan)
            with suppress(CannotShow):
                table = effect_by_period(cohort, OVERALL_SURVIVAL, term, PERIOD)
                found |= dict(zip(names, table["ratio"], strict=True))
        return found

    return Family("ph.periods", ratios, none=1.0)


def _restricted_means() -> Family:
    def months(cohort: pd.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for endpoint, term in IN_MONTHS:
            name = f"{endpoint.label}, {term.label}"
            found[name] = math.nan
            with suppress(CannotShow):
                times = event_times(cohort, endpoint)
                found[name] = restricted_mean_difference(
                    times, cohort[term.column], RATE_MONTH
                ).months
        return found

    return Family("ph.means", months, none=0.0, decimals=1)


def _dose(endpoint: Endpoint) -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        return _by_name(dose_in_parts(cohort, endpoint)["ratio"])

    return Family(f"dose.{endpoint.short}", ratios, none=1.0, decimals=3)


def _curves() -> Family:
    def p_values(cohort: pd.DataFrame) -> dict[str, float]:
        found = {endpoint.label: math.nan for endpoint in MODELLED}
        for endpoint in MODELLED:
            with suppress(CannotShow):
                found[endpoint.label] = spline_cox(cohort, endpoint, SIZE).p
        return found

    return Family("size.curved", p_values, none=ALPHA, decimals=3)


def _multiverse() -> Iterator[Family]:
    """Two families, of the ratios and of the shares, which have different scales."""

    def of(endpoint: Endpoint, percent: bool) -> Callable[[pd.DataFrame], dict[str, float]]:
        def values(cohort: pd.DataFrame) -> dict[str, float]:
            known = {variable: dict.fromkeys(SUMMARY, math.nan) for variable in ("size", "BED")}
            with suppress(CannotShow):
                fits = multiverse(cohort, endpoint)
                known = {variable: summary(fits, variable) for variable in known}
            return {
                f"{variable}: {name}": value
                for variable, values in known.items()
                for name, value in values.items()
                if ("%" in name) == percent
            }

        return values

    for endpoint in MODELLED:
        yield Family(f"multiverse.{endpoint.short}", of(endpoint, False), none=1.0)
        yield Family(f"multiverse.{endpoint.short}.shares", of(endpoint, True), 50.0, 0)


def _by_month(table: pd.DataFrame) -> dict[str, float]:
    return {
        f"{month:g} months: {name}": float(value)
        for name, column in table.items()
        for month, value in zip(WAITED, column, strict=True)
    }


def _waiting() -> Iterator[Family]:
    def table(cohort: pd.DataFrame) -> pd.DataFrame:
        found = decisions(cohort, WAITED)
        found["failure later"] = found[[CR_THEN_FAILURE, FAILURE_ONLY]].sum(axis=1)
        found["CR later"] = found[[CR_ONLY, CR_THEN_FAILURE]].sum(axis=1)
        return found

    def counts(cohort: pd.DataFrame) -> dict[str, float]:
        return _by_month(table(cohort)[[WAITING, "CR later", "failure later", FAILED_BEFORE]])

    def shares(cohort: pd.DataFrame) -> dict[str, float]:
        found = table(cohort)
        waiting = found[WAITING].where(found[WAITING] > 0)
        return _by_month(100 * found[["CR later", "failure later"]].div(waiting, axis=0))

    yield Family("waiting.counts", counts, decimals=0)
    yield Family("waiting.share", shares, none=50.0, decimals=0)


def _families() -> Iterator[Family]:
    yield _response(LOCAL_CONTROL)
    yield _response(OVERALL_SURVIVAL)
    yield _gap()
    yield _two_hazards()
    yield _kept()
    yield _firth()
    yield _apparent_and_corrected()
    yield _proportionality()
    yield _periods()
    yield _restricted_means()
    yield _curves()
    yield from map(_dose, MODELLED)
    yield from _multiverse()
    yield from _waiting()


FAMILIES = {family.name: family for family in _families()}
