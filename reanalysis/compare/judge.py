"""Count the published numbers that a cohort gives back, with the book's own libraries."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis.regression import ESTIMATE, cox, logistic
from reanalysis.cohort.derived import derive
from reanalysis.cohort.validation import validate
from reanalysis.core.formatting import p_value, rounded
from reanalysis.paper.study import (
    ANY_CR,
    MODELLED,
    MULTIVARIABLE,
    PRINTED_RESPONSE_TERM,
    UNIVARIABLE,
)
from reanalysis.paper.targets import NUMBERS, PublishedRow, published_rows

FloatArray = npt.NDArray[np.float64]


def load(text_table: pd.DataFrame) -> pd.DataFrame:
    """Validate a cohort that was read as text, and derive its columns."""
    return derive(validate(text_table))


def regression_numbers(cohort: pd.DataFrame) -> pd.DataFrame:
    """Fit every model of Tables 2 and 3 and the logistic one.

    Parameters
    ----------
    cohort
        A validated cohort with its derived columns.

    Returns
    -------
    pandas.DataFrame
        Indexed by row key, columns ``HR``, ``lo``, ``hi``, ``p``, unrounded.
    """
    found: dict[str, FloatArray] = {}
    for endpoint in MODELLED:
        for term in UNIVARIABLE[endpoint.key]:
            fit = cox(cohort, endpoint, [term]).table
            found[endpoint.row_id("univariable", term)] = fit[ESTIMATE].to_numpy(float)[0]
        terms = MULTIVARIABLE[endpoint.key]
        fit = cox(cohort, endpoint, terms).table
        for term, values in zip(terms, fit[ESTIMATE].to_numpy(float), strict=True):
            found[endpoint.row_id("multivariable", term)] = values
    no_cr = (cohort[ANY_CR.column] == "no").astype(int)
    fit = logistic(cohort, no_cr, [PRINTED_RESPONSE_TERM]).table
    found[PRINTED_RESPONSE_TERM.logistic_row_id] = fit[ESTIMATE].to_numpy(float)[0]
    return pd.DataFrame.from_dict(found, orient="index", columns=list(NUMBERS))


def judge(cohort: pd.DataFrame, rows: tuple[PublishedRow, ...] | None = None) -> pd.DataFrame:
    """Set each of the 132 regression numbers beside the published one.

    Parameters
    ----------
    cohort
        A validated cohort with its derived columns.
    rows
        The published rows; those of the register by default.

    Returns
    -------
    pandas.DataFrame
        One row per number: ``row``, ``number``, ``published``, ``found`` (as printed),
        ``value`` (unrounded), ``agrees``, ``off`` (units in the last printed digit).
    """
    found = regression_numbers(cohort)
    lines = []
    for row in published_rows() if rows is None else rows:
        values = found.loc[row.key].to_numpy(float)
        for number, printed, value in zip(NUMBERS, row.strings, values, strict=True):
            decimals = len(printed.partition(".")[2])
            shown = p_value(value) if number == "p" else rounded(value, decimals)
            off = 0.0
            if shown != printed:
                off = round(abs(_as_number(shown) - _as_number(printed)) * 10**decimals)
            lines.append((row.key, number, printed, shown, value, shown == printed, off))
    columns = ["row", "number", "published", "found", "value", "agrees", "off"]
    return pd.DataFrame(lines, columns=columns)


def _as_number(printed: str) -> float:
    return 0.0 if printed.startswith("<") else float(np.float64(printed))
