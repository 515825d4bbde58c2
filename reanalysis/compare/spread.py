"""What the critical chapters claim, over every cohort that agrees with the paper.

The statistics of ``claims`` are computed once for the synthetic cohort and each of the ensemble
(``python -m reanalysis spread``) and kept in ``data/spread.csv``: a page has seconds, and they take
minutes. Words follow from the values by a rule, and from nothing else.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.cohort.ensemble import load_ensemble
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.claims import FAMILIES, Family
from reanalysis.compare.pinned import OPEN, word_for
from reanalysis.core import paths
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import rounded

SPREAD = paths.DATA / "spread.csv"
SYNTHETIC = "synthetic cohort"
PINNED, LIKELY = "pinned", "likely"
MOST = 0.9  # of the cohorts on one side make a claim likely
DIGITS = 9  # of the stored values: what differs beyond is the machine's


def compute(cohorts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compute every statistic of every family on cohorts.

    Parameters
    ----------
    cohorts
        By name.

    Returns
    -------
    pandas.DataFrame
        One row per cohort; columns of two levels, the family and the statistic. Blank where a
        cohort has no value.
    """
    rows = {
        name: {
            (family.name, statistic): value
            for family in FAMILIES.values()
            for statistic, value in family.compute(cohort).items()
        }
        for name, cohort in cohorts.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.columns = pd.MultiIndex.from_tuples(
        [*next(iter(rows.values()))], names=["family", "statistic"]
    )
    return table.rename_axis("cohort")


def compute_all() -> pd.DataFrame:
    """Compute them on the synthetic cohort and on the ensemble.

    Raises
    ------
    FileNotFoundError
        If there is no ensemble.
    """
    return compute({SYNTHETIC: load_cohort(paths.SYNTHETIC_COHORT), **load_ensemble()})


def write(table: pd.DataFrame, path: Path = SPREAD) -> None:
    """Write what ``compute_all`` gives."""
    table.to_csv(path, float_format=f"%.{DIGITS}g", lineterminator="\n")


@cache
def read(path: Path = SPREAD) -> pd.DataFrame:
    """Read it again.

    Raises
    ------
    NotEstimable
        If this copy of the book comes without it.
    """
    if not path.exists():
        raise NotEstimable("this copy of the book has no ensemble of cohorts to compute it over")
    return pd.read_csv(path, header=[0, 1], index_col=0).astype(float).rename_axis("cohort")


def spread(family: str) -> pd.DataFrame:
    """Give the statistics of a family.

    Returns
    -------
    pandas.DataFrame
        One row per cohort, the synthetic one first; one column per statistic, as the family has
        them in order.

    Raises
    ------
    NotEstimable
        If this copy of the book comes without the ensemble.
    """
    table = read()
    return table.loc[:, [FAMILIES[family].name]].droplevel("family", axis=1)


def verdict(values: np.ndarray, none: float | None, decimals: int) -> str:
    """Say what the cohorts agree on.

    Parameters
    ----------
    values
        Of all cohorts, not a number where there is none.
    none
        The value that means no difference, if there is one.
    decimals
        With which values count as the same.

    Returns
    -------
    str
        ``PINNED`` where all cohorts print the same value or lie on the same side of no difference;
        ``LIKELY`` where nine of ten do; otherwise ``OPEN``.
    """
    if word_for(values, none, decimals) != OPEN:
        return PINNED
    if none is not None and max(_sides(values, none)) >= MOST * len(values):
        return LIKELY
    return OPEN


def verdicts(family: str) -> pd.DataFrame:
    """Say of each statistic of a family what the published numbers pin down.

    Returns
    -------
    pandas.DataFrame
        Index ``statistic``: ``synthetic cohort`` and ``range``, both as text, ``one side`` (how
        many cohorts lie on the side of most, of all), and the ``verdict``.

    Raises
    ------
    NotEstimable
        If this copy of the book comes without the ensemble.
    """
    known, table = FAMILIES[family], spread(family)
    rows = {name: _row(known, column.to_numpy(float)) for name, column in table.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("statistic")


def _row(family: Family, values: np.ndarray) -> dict[str, str]:
    finite = values[np.isfinite(values)] if np.isfinite(values).any() else values
    ends = [rounded(end, family.decimals) for end in (finite.min(), finite.max())]
    side = "–"
    if family.none is not None:
        side = f"{max(_sides(values, family.none))} of {len(values)}"
    return {
        SYNTHETIC: rounded(values[0], family.decimals),
        "range": ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}",
        "one side": side,
        "verdict": verdict(values, family.none, family.decimals),
    }


def _sides(values: np.ndarray, none: float) -> tuple[int, int]:
    return int((values < none).sum()), int((values > none).sum())
