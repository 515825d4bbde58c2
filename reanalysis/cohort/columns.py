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
    absent = [name for name in columns if name not in cohort.columns]
    if absent:
        derived = load_dictionary().derived
        sources = [
            s for name in absent for s in (derived[name].sources if name in derived else [name])
        ]
        raise NotRecorded(dict.fromkeys(s for s in sources if s not in cohort.columns))
    return cohort[list(columns)]


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
