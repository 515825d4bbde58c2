"""The statistics that the critical chapters speak of, in families that are read together."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from reanalysis.analysis.competing_risks import against_kaplan_meier
from reanalysis.analysis.discrimination import optimism
from reanalysis.analysis.fine_gray import two_hazards
from reanalysis.analysis.firth import firth_cox
from reanalysis.analysis.known_later import response_in_four_ways
from reanalysis.analysis.selection import selection
from reanalysis.analysis.survival import event_times
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import (
    CHILD_PUGH,
    CR_3_MONTHS,
    LOCAL_CONTROL,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    SITES,
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


def _response(endpoint: Endpoint) -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        return response_in_four_ways(cohort, endpoint)["ratio"].to_dict()

    return Family(f"response.{endpoint.short}", ratios, none=1.0)


def _gap() -> Family:
    def points(cohort: pd.DataFrame) -> dict[str, float]:
        found = {}
        for endpoint in SITES.values():
            times, death = event_times(cohort, endpoint), cohort[OVERALL_SURVIVAL.event]
            both = against_kaplan_meier(times, death, RATE_MONTH)
            found[endpoint.label] = 100 * float(both["deaths censored"] - both["deaths compete"])
        return found

    return Family("competing.gap", points, none=0.0, decimals=1)


def _two_hazards() -> Family:
    def ratios(cohort: pd.DataFrame) -> dict[str, float]:
        terms = MULTIVARIABLE[LOCAL_CONTROL.key]
        return two_hazards(cohort, LOCAL_CONTROL, terms)["ratio"].to_dict()

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


def _families() -> Iterator[Family]:
    yield _response(LOCAL_CONTROL)
    yield _response(OVERALL_SURVIVAL)
    yield _gap()
    yield _two_hazards()
    yield _kept()
    yield _firth()
    yield _apparent_and_corrected()


FAMILIES = {family.name: family for family in _families()}
