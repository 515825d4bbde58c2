"""The statistics that the critical chapters speak of, in families that are read together."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reanalysis.analysis.known_later import response_in_four_ways
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, Endpoint


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


def _families() -> Iterator[Family]:
    yield _response(LOCAL_CONTROL)
    yield _response(OVERALL_SURVIVAL)


FAMILIES = {family.name: family for family in _families()}
