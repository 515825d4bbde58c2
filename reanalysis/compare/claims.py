"""The statistics that the critical chapters speak of, in families that are read together."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reanalysis.analysis.competing_risks import against_kaplan_meier
from reanalysis.analysis.fine_gray import two_hazards
from reanalysis.analysis.known_later import response_in_four_ways
from reanalysis.analysis.survival import event_times
from reanalysis.paper.study import (
    LOCAL_CONTROL,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    SITES,
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


def _families() -> Iterator[Family]:
    yield _response(LOCAL_CONTROL)
    yield _response(OVERALL_SURVIVAL)
    yield _gap()
    yield _two_hazards()


FAMILIES = {family.name: family for family in _families()}
