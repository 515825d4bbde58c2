"""Every statistic that pages speak of, over every cohort that agrees with the paper.

The questions of ``open_questions`` and the families of ``claims`` are computed once for the
synthetic cohort and each of the ensemble (``python -m reanalysis spread``) and kept in
``data/spread.csv``: a page has seconds, and they take minutes. Words follow from the values by the
rule of ``pinned``, and from nothing else.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from reanalysis.cohort.ensemble import load_ensemble
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.claims import FAMILIES
from reanalysis.compare.open_questions import BY_NAME, QUESTIONS
from reanalysis.compare.pinned import Pinned, judged, value_or_nan
from reanalysis.core import paths
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import rounded

SPREAD = paths.DATA / "spread.csv"
SYNTHETIC = "synthetic cohort"
QUESTION = "question"  # the family of all that ``open_questions`` asks
DIGITS = 9  # of the stored values: what differs beyond is the machine's


def compute(
    cohorts: Mapping[str, pd.DataFrame], done: Callable[[str], None] = lambda name: None
) -> pd.DataFrame:
    """Compute every statistic on cohorts.

    Parameters
    ----------
    cohorts
        By name.
    done
        Called with the name of each cohort after it.

    Returns
    -------
    pandas.DataFrame
        One row per cohort; columns of two levels, the family and the statistic. Blank where a
        cohort has no value.
    """
    rows = {}
    for name, cohort in cohorts.items():
        rows[name] = _values(cohort)
        done(name)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.columns = pd.MultiIndex.from_tuples(
        [*next(iter(rows.values()))], names=["family", "statistic"]
    )
    return table.rename_axis("cohort")


def _values(cohort: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Give every statistic of a cohort, by family and name."""
    asked = {(QUESTION, q.name): value_or_nan(q.statistic, cohort) for q in QUESTIONS}
    claimed = {
        (family.name, statistic): value
        for family in FAMILIES.values()
        for statistic, value in family.compute(cohort).items()
    }
    return asked | claimed


def compute_all(done: Callable[[str], None] = lambda name: None) -> pd.DataFrame:
    """Compute them on the synthetic cohort and on the ensemble.

    Raises
    ------
    FileNotFoundError
        If there is no ensemble.
    """
    return compute({SYNTHETIC: load_cohort(paths.SYNTHETIC_COHORT), **load_ensemble()}, done)


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
    """Give the statistics of a family, as numbers.

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
    rows = {
        name: _row(judged(column.to_numpy(float), known.none, known.decimals), len(table))
        for name, column in table.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("statistic")


def _row(found: Pinned, cohorts: int) -> dict[str, str]:
    return {
        SYNTHETIC: rounded(found.value, found.decimals),
        "range": found.spread,
        "one side": "–" if found.one_side is None else f"{found.one_side} of {cohorts}",
        "verdict": found.word,
    }


def answer(name: str) -> Pinned:
    """Answer one of ``open_questions`` over the ensemble that comes with the book.

    Parameters
    ----------
    name
        Of one of ``QUESTIONS``.

    Returns
    -------
    Pinned
        Value on the synthetic cohort, range and word.

    Raises
    ------
    NotEstimable
        If this copy of the book comes without the ensemble.
    """
    question = BY_NAME[name]
    values = read()[QUESTION, name].to_numpy(float)
    return judged(values, question.none, question.decimals)
