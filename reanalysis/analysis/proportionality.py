"""Whether hazards are proportional: the test with scaled Schoenfeld residuals."""

from collections.abc import Sequence

import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import NO_FINITE_ESTIMATE, estimable, wald
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import Endpoint, Term

TOGETHER = "all together"


def proportional_hazards(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]
) -> pd.DataFrame:
    """Test whether the log hazard ratios of a Cox model change with time.

    The score test of Grambsch & Therneau (Biometrika 1994; 81: 515-526) as R's ``cox.zph`` has
    it since its version 3: exact, and on the scale of the Kaplan-Meier estimate. lifelines has
    the older approximation, which can miss what this one finds.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    terms
        The variables of the model.

    Returns
    -------
    pandas.DataFrame
        Index the column of each variable, and last ``all together``: ``chi2``, ``df``, ``p``.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``.
    """
    test = _test(cohort, endpoint, terms)
    index = pd.Index([*(term.column for term in terms), TOGETHER], name="covariate")
    df = [*(1 for _ in terms), len(terms)]
    return pd.DataFrame({"chi2": test.chi2, "df": df, "p": test.p}, index=index)


def schoenfeld_residuals(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]
) -> pd.DataFrame:
    """Give the scaled Schoenfeld residuals of a Cox model, one row per event.

    Parameters
    ----------
    cohort, endpoint, terms
        As for ``proportional_hazards``.

    Returns
    -------
    pandas.DataFrame
        Index ``months`` of the events, rising; one column per variable. The coefficient is
        added, so that a smooth curve through a column is an estimate of the log hazard ratio over
        time. Each row is that of one patient.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``.
    """
    test = _test(cohort, endpoint, terms)
    return pd.DataFrame(
        test.residuals,
        index=pd.Index(test.months, name="months"),
        columns=[term.column for term in terms],
    )


def _test(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]
) -> engine.Proportionality:
    data = estimable(cohort, endpoint, terms)
    try:
        test = engine.proportionality(data.months, data.event, data.matrix)
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    fit, columns = test.fit, [term.column for term in terms]
    # Refuses a ratio that only the end of the steps kept from infinity.
    wald(columns, data.matrix, fit.coef, fit.covariance, (data.n, data.events), fit)
    return test
