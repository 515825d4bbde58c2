"""The regression models of the paper: Cox for Tables 2 and 3, logistic for anyCR."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from reanalysis.analysis import engine
from reanalysis.analysis.survival import as_arrays, event_times
from reanalysis.cohort.columns import require
from reanalysis.core.constants import Z_95
from reanalysis.core.errors import CannotShow, NotEstimable, why
from reanalysis.paper.study import (
    ENTRY_P,
    REMOVAL_P,
    TERM_BY_COLUMN,
    TERMS,
    Endpoint,
    Term,
)

# For lifelines, with which chapters teach: its default precision agrees with R to four digits only,
# and with its default step the models with anyCR (hazard ratio about 22) do not converge.
FIT_OPTIONS = {"precision": 1e-12, "step_size": 0.3, "max_steps": 1000}

LARGEST_LOG_RATIO = 12.0  # a ratio of 160,000 between the two ends of a variable
# and one of 10^21, which no number of patients can support, however narrow its interval seems.
IMPOSSIBLE_LOG_RATIO = 50.0
NO_FINITE_ESTIMATE = (
    "the model has no finite estimate: the events are in such an order that any larger ratio "
    "would fit them better still"
)


@dataclass(frozen=True)
class Regression:
    """A fitted model.

    Attributes
    ----------
    table
        One row per term, index the column's name: ``ratio`` (hazard or odds ratio),
        ``lower``, ``upper`` (95 %, Wald), ``p`` (Wald), ``coef``, ``se``.
    n
        Patients with every variable.
    events
        Events among them.
    covariance
        Of the coefficients, terms by terms.
    fit
        What the model was fitted by: the engine's ``Fit``, or the object of statsmodels.
    """

    table: pd.DataFrame
    n: int
    events: int
    covariance: pd.DataFrame
    fit: Any


def design_matrix(cohort: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Code the terms as numbers: 0 for the reference level and 1 for the other.

    Parameters
    ----------
    cohort
        A cohort.
    terms
        The terms.

    Returns
    -------
    pandas.DataFrame
        Floats, one column per term, patients with every variable only.

    Raises
    ------
    NotRecorded
        If the cohort lacks a variable.
    NotEstimable
        If a variable is the same in every patient.
    """
    raw = require(cohort, *(term.column for term in terms)).dropna()
    matrix = pd.DataFrame(index=raw.index)
    for term in terms:
        values = raw[term.column]
        coded = values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values
        matrix[term.column] = coded.astype(float)
        if matrix[term.column].nunique() < 2:
            raise NotEstimable(f"{term.label} is the same in every patient")
    return matrix


def cox(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> Regression:
    """Fit a Cox proportional hazards model (Cox 1972; ties by Efron).

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    terms
        The variables; a patient without one of them is left out.

    Returns
    -------
    Regression
        With hazard ratios.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If no finite estimate exists: no event, a level without one, as many variables as
        events, or variables that cannot be told apart.
    """
    data = observed(cohort, endpoint, terms)
    matrix = data[[term.column for term in terms]]
    try:
        fit = engine.cox(*as_arrays(data), matrix.to_numpy(float))
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    return wald(matrix, fit.coef, fit.covariance, len(data), int(data["event"].sum()), fit)


def hindrance(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> CannotShow | None:
    """Say what stands in the way of a Cox model, as far as that is known without fitting it.

    Parameters
    ----------
    cohort, endpoint, terms
        As for ``cox``.

    Returns
    -------
    CannotShow or None
        What ``cox`` would raise; None where it would fit the model, which can fail to converge.
    """
    try:
        observed(cohort, endpoint, terms)
    except CannotShow as reason:
        return reason
    return None


def observed(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> pd.DataFrame:
    """Return what a Cox model is fitted to, having made sure that an estimate can exist.

    Parameters
    ----------
    cohort, endpoint, terms
        As for ``cox``.

    Returns
    -------
    pandas.DataFrame
        One column per term, coded as numbers, ``months`` and ``event``.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``, but for what only the fit shows.
    """
    data = design_matrix(cohort, terms).join(event_times(cohort, endpoint), how="inner")
    events = int(data["event"].sum())
    name = endpoint.event_in_words
    if events == 0:
        raise NotEstimable(f"no {name} was observed")
    if events <= len(terms):
        variables = "1 variable" if len(terms) == 1 else f"{len(terms)} variables"
        # Not how many: of patients who were not made up so small a number is not shown.
        raise NotEstimable(f"too few patients with {name} for a model of {variables}")
    for term in terms:
        if term.levels:
            with_event = data.loc[data["event"] == 1, term.column].unique()
            for code, level in enumerate(term.levels):
                if code not in with_event:
                    raise NotEstimable(f"no {name} among patients with {term.label} {level}")
    return data


def logistic(cohort: pd.DataFrame, outcome: pd.Series, terms: Sequence[Term]) -> Regression:
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    cohort
        A cohort.
    outcome
        1 where the outcome happened, 0 where not, on the cohort's index.
    terms
        The variables; a patient without one of them is left out.

    Returns
    -------
    Regression
        With odds ratios.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If no finite estimate exists.
    """
    import statsmodels.api as sm  # takes longer to load than everything else of the book

    matrix = design_matrix(cohort, terms)
    happened = outcome.reindex(matrix.index).astype(float)
    if happened.nunique() < 2:
        raise NotEstimable("the outcome is the same in every patient")
    for term in terms:
        if term.levels and pd.crosstab(matrix[term.column], happened).to_numpy().min() == 0:
            raise NotEstimable(f"one level of {term.label} has only one outcome")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = sm.Logit(happened, sm.add_constant(matrix)).fit(
                disp=False, tol=1e-12, maxiter=200
            )
    except (Warning, np.linalg.LinAlgError, sm.tools.sm_exceptions.PerfectSeparationError) as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    columns = list(matrix.columns)
    _refuse_runaway(matrix, fit.params[columns], fit.bse[columns])
    return Regression(
        _wald_table(fit.params[columns], fit.bse[columns], fit.pvalues[columns]),
        n=len(matrix),
        events=int(happened.sum()),
        covariance=fit.cov_params().loc[columns, columns],
        fit=fit,
    )


def univariable(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term] = TERMS
) -> dict[str, Regression | CannotShow]:
    """Fit one Cox model per term.

    Returns
    -------
    dict
        By column: the model, or what stands in its way.
    """
    return {term.column: _attempt(cohort, endpoint, [term]) for term in terms}


def multivariable(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    models: dict[str, Regression | CannotShow] | None = None,
) -> Regression:
    """Fit the full model of every variable with a univariable p below 0.2.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    models
        The univariable models, if they have been fitted already.

    Raises
    ------
    NotRecorded
        If the cohort does not record the endpoint.
    NotEstimable
        If no variable qualifies, or the model has no finite estimate.
    """
    models = univariable(cohort, endpoint) if models is None else models
    chosen = [
        TERM_BY_COLUMN[column]
        for column, model in models.items()
        if isinstance(model, Regression) and model.table["p"].iloc[0] < ENTRY_P
    ]
    if not chosen:
        # With no event recorded, say that, rather than speak of p values that nobody has.
        require(cohort, endpoint.event, endpoint.months)
        failures = [model for model in models.values() if isinstance(model, CannotShow)]
        if failures and len(failures) == len(models):
            why = next((f for f in failures if isinstance(f, NotEstimable)), failures[0])
            raise why
        raise NotEstimable(f"no variable has a univariable p value below {ENTRY_P}")
    return cox(cohort, endpoint, chosen)


def backward_elimination(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    terms: Sequence[Term],
    removal_p: float = REMOVAL_P,
) -> list[Regression]:
    """Drop the variable with the largest p value until all are below ``removal_p``.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    terms
        The variables of the full model.
    removal_p
        A variable stays if its Wald p value is below this.

    Returns
    -------
    list of Regression
        The full model first, then one model per step. Patients without a variable of the
        full model are left out of every step, so that the steps compare.
    """
    terms = list(terms)
    complete = cohort.loc[design_matrix(cohort, terms).index]
    steps = [cox(complete, endpoint, terms)]
    while len(terms) > 1 and steps[-1].table["p"].max() >= removal_p:
        weakest = steps[-1].table["p"].idxmax()
        terms = [term for term in terms if term.column != weakest]
        steps.append(cox(complete, endpoint, terms))
    return steps


def _attempt(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]
) -> Regression | CannotShow:
    try:
        return cox(cohort, endpoint, terms)
    except CannotShow as reason:
        return reason


def wald(
    matrix: pd.DataFrame,
    coef: engine.Vector,
    covariance: engine.Vector,
    n: int,
    events: int,
    fit: Any,
) -> Regression:
    """Make a fitted model of coefficients and their covariance.

    Parameters
    ----------
    matrix
        What the model was fitted to, one column per coefficient.
    coef, covariance
        Shape (p,) and (p, p).
    n, events
        Patients, and events among them.
    fit
        What the model was fitted by.

    Raises
    ------
    NotEstimable
        If the estimate is one that only the end of the iterations kept from infinity.
    """
    columns = pd.Index(matrix.columns, name="covariate")
    estimate = pd.Series(coef, index=columns)
    se = pd.Series(np.sqrt(np.diag(covariance)), index=columns)
    _refuse_runaway(matrix, estimate, se)
    p = pd.Series(2 * ndtr(-(estimate / se).abs()), index=columns)
    spread = pd.DataFrame(covariance, index=columns, columns=columns)
    return Regression(_wald_table(estimate, se, p), n, events, spread, fit)


def _refuse_runaway(matrix: pd.DataFrame, coef: pd.Series, se: pd.Series) -> None:
    """Refuse an estimate that only the end of the iterations kept from infinity.

    Where the events are in perfect order of a variable, the likelihood rises for ever. The
    fit then stops somewhere far out, with a standard error that is larger still.

    Raises
    ------
    NotEstimable
        If a ratio over the range of a variable passes any that data can support.
    """
    spread = matrix.max() - matrix.min()
    log_ratio = coef.abs() * spread
    far = (log_ratio > LARGEST_LOG_RATIO) & (coef.abs() < Z_95 * se)
    far |= log_ratio > IMPOSSIBLE_LOG_RATIO
    if far.any() or not np.isfinite(se).all():
        raise NotEstimable(NO_FINITE_ESTIMATE)


def _wald_table(coef: pd.Series, se: pd.Series, p: pd.Series) -> pd.DataFrame:
    half_width = Z_95 * se
    return pd.DataFrame(
        {
            "ratio": np.exp(coef),
            "lower": np.exp(coef - half_width),
            "upper": np.exp(coef + half_width),
            "p": p,
            "coef": coef,
            "se": se,
        }
    )


def reasons(models: Mapping[str, Regression | CannotShow]) -> list[str]:
    """Say why variables have no univariable estimate.

    Parameters
    ----------
    models
        By column: the model, or what stands in its way.

    Returns
    -------
    list of str
        One sentence per reason, with the variables that share it; empty where every model was
        fitted.
    """
    sentences = why(
        (TERM_BY_COLUMN[column].label, model)
        for column, model in models.items()
        if isinstance(model, CannotShow)
    )
    return [f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences]
