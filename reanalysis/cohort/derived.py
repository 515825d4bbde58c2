"""Columns that follow from recorded ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.dose import bed_gy


def derive(cohort: pd.DataFrame) -> pd.DataFrame:
    """Add the derived columns whose sources are recorded.

    Parameters
    ----------
    cohort
        A validated cohort.

    Returns
    -------
    pandas.DataFrame
        The same rows with the derived columns of the dictionary at the end. A derived value
        is blank where a source is.
    """
    formulas: dict[str, Callable[[pd.DataFrame], Any]] = {
        "bed10_gy": lambda c: bed_gy(c.total_dose_gy, c.fractions),
        "ecog_group": lambda c: c.ecog_ps.astype(object).where(c.ecog_ps.isin(["0"]), "1-2"),
        "etiology_group": lambda c: c.etiology.astype(object).where(c.etiology == "HBV", "Others"),
        "afp_group": lambda c: np.where(c.afp_ng_ml > 20, ">20", "<=20"),
        "any_cr": lambda c: np.where(c.best_response == "CR", "yes", "no"),
        "cr_by_3_months": lambda c: np.where(c.complete_response_months <= 3.0, "yes", "no"),
        "rild": lambda c: ((c.hepatic_toxicity_grade >= 2) | (c.child_pugh_increase >= 2)).astype(
            int
        ),
    }
    # A blank time to response means that there was none, not that it is unknown.
    blank_is_known = {"complete_response_months"}
    result = cohort.copy()
    for name, derived in load_dictionary().derived.items():
        if not set(derived.sources) <= set(cohort.columns):
            continue
        sources = [source for source in derived.sources if source not in blank_is_known]
        known = cohort[sources].notna().all(axis=1)
        values = pd.Series(formulas[name](cohort), index=cohort.index)
        values = values if known.all() else values.where(known)
        if derived.levels:
            values = values.astype(pd.CategoricalDtype(list(derived.levels)))
        result[name] = values
    return result
