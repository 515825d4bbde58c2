"""A random part of a large cohort, for what would take minutes on all of it."""

import numpy as np
import pandas as pd


def random_part(cohort: pd.DataFrame, patients: int, seed: int = 1) -> pd.DataFrame:
    """Draw patients without replacement, where there are more of them.

    Parameters
    ----------
    cohort
        One row per patient.
    patients
        The most that are kept.
    seed
        The same seed keeps the same patients.

    Returns
    -------
    pandas.DataFrame
        The cohort itself where it is no larger, else the patients drawn, in the cohort's order.
    """
    if len(cohort) <= patients:
        return cohort
    drawn = np.random.default_rng(seed).choice(len(cohort), patients, replace=False)
    return cohort.iloc[np.sort(drawn)]
