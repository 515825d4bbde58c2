"""Which columns a cohort has, and what it says where one is missing."""

import re

import pandas as pd

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import CannotShow, NotRecorded


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


def obstacle(error: Exception, cohort: pd.DataFrame | None) -> CannotShow | None:
    """Tell what of a cohort stands behind an error in code that uses it.

    Parameters
    ----------
    error
        What the code raised.
    cohort
        The cohort that it used, if any.

    Returns
    -------
    CannotShow or None
        None if the error has another cause.
    """
    if isinstance(error, CannotShow):
        return error
    # A result that was stored with its reason, and then used as if it were there.
    if isinstance(error, AttributeError) and isinstance(error.obj, CannotShow):
        return error.obj
    # pandas names the column that a frame does not have in the text of its error only.
    if isinstance(error, KeyError | AttributeError) and cohort is not None:
        dictionary, recorded = load_dictionary(), set(cohort.columns)
        words = re.findall(r"'(\w+)'", str(error))
        absent = [w for w in words if w in dictionary.columns and w not in recorded]
        for word in words:
            if word in dictionary.derived and word not in recorded:
                absent += [s for s in dictionary.derived[word].sources if s not in recorded]
        if absent:
            return NotRecorded(dict.fromkeys(absent))
    return None


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
