"""Which columns a cohort has, and what it says where one is missing."""

import pandas as pd

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import NotRecorded


def require(cohort: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the named columns.

    Parameters
    ----------
    cohort
        A cohort.
    *columns
        Names of stored or derived columns.

    Raises
    ------
    NotRecorded
        Naming the stored columns that would be needed.
    """
    missing(cohort, *columns)
    return cohort[list(columns)]


def missing(cohort: pd.DataFrame, *columns: str) -> None:
    """Refuse what a cohort does not record; see ``require``, which also gives the columns."""
    absent = [name for name in columns if name not in cohort.columns]
    if absent:
        derived = load_dictionary().derived
        sources = [
            s for name in absent for s in (derived[name].sources if name in derived else [name])
        ]
        raise NotRecorded(dict.fromkeys(s for s in sources if s not in cohort.columns))


def require_any(cohort: pd.DataFrame, *columns: str) -> list[str]:
    """Return those of the named columns that are recorded.

    Parameters
    ----------
    cohort
        A cohort.
    *columns
        Names of stored or derived columns.

    Raises
    ------
    NotRecorded
        If none is, naming what all of them would need.
    """
    recorded = [name for name in columns if name in cohort.columns]
    if not recorded:
        require(cohort, *columns)
    return recorded


def is_level(values: pd.Series, level: str) -> pd.Series:
    """Say of whom a level is recorded.

    Parameters
    ----------
    values
        A column of a cohort.
    level
        As a file has it; of an event, ``'0'`` or ``'1'``.

    Returns
    -------
    pandas.Series
        True or False on the same index, False where the value is blank.
    """
    # An event that is blank in somebody is a column of floats: 1.0 is the 1 meant.
    if pd.api.types.is_numeric_dtype(values):
        return values == float(level)
    return values == level
