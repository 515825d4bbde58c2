"""Columns that follow from recorded ones, by the rules of the data dictionary."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import pandas as pd

from reanalysis.core.dictionary import Comparison, Derived, Formula, Rule, load_dictionary
from reanalysis.core.dose import bed_gy

# Called with the sources of the derived column, in their order.
_FORMULAS: Mapping[Formula, Callable[..., pd.Series]] = {"bed10": bed_gy}

_COMPARE: Mapping[Comparison, Callable[[Any, Any], pd.Series]] = {
    "is": operator.eq,
    "above": operator.gt,
    "at_least": operator.ge,
    "at_most": operator.le,
    "below": operator.lt,
}


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
        is blank where a source is, unless the source is filled for some patients only: then its
        blank is known to mean that there was nothing to record.
    """
    dictionary = load_dictionary()
    result = cohort.copy()
    for name, derived in dictionary.derived.items():
        if not set(derived.sources) <= set(cohort.columns):
            continue
        unconditional = [s for s in derived.sources if not dictionary.columns[s].condition]
        known = cohort[unconditional].notna().all(axis=1)
        values = _values(cohort, derived)
        values = values if known.all() else values.where(known)
        if derived.levels:
            values = values.astype(pd.CategoricalDtype(list(derived.levels)))
        result[name] = values
    return result


def holds(rule: Rule, cohort: pd.DataFrame) -> pd.Series:
    """Say of each patient whether a rule holds; it does not where a value is blank.

    Parameters
    ----------
    rule
        A rule of the data dictionary.
    cohort
        A validated cohort with every column that the rule compares.

    Returns
    -------
    pandas.Series
        True or False on the cohort's index.
    """
    if rule.any_of:
        return reduce(operator.or_, (holds(part, cohort) for part in rule.any_of))
    return _COMPARE[rule.comparison](cohort[rule.column], rule.value)


def _values(cohort: pd.DataFrame, derived: Derived) -> pd.Series:
    """Compute a derived column as if every source were known."""
    if derived.formula:
        return _FORMULAS[derived.formula](*(cohort[source] for source in derived.sources))
    assert derived.rule  # the dictionary has seen to it
    met = holds(derived.rule, cohort)
    if not derived.levels:
        return met.astype(int)
    where, elsewhere = derived.levels
    return met.map({True: where, False: elsewhere})
