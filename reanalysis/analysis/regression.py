"""The regression models of the paper: Cox for Tables 2 and 3, logistic for anyCR."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.survival import times_of
from reanalysis.cohort.columns import missing, require
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
ESTIMATE = ["ratio", "lower", "upper", "p"]  # of a variable, as a table has its columns
_COLUMNS = [*ESTIMATE, "coef", "se"]
NO_FINITE_ESTIMATE = (
    "the model has no finite estimate: the events are in such an order that any larger ratio "
    "would fit them better still"
)
NO_INFORMATION = (
    "the patients at risk when events happened do not differ in a variable, or not in that alone, "
    "so that nothing can be said of it"
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

    def estimate(self, column: str) -> dict[str, float]:
        """Give what ``ESTIMATE`` names of a variable."""
        (values,) = self.table.loc[[column], ESTIMATE].to_numpy(float)
        return dict(zip(ESTIMATE, values.tolist(), strict=True))


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
    rows, matrix = _coded(cohort, terms)
    columns = [term.column for term in terms]
    return pd.DataFrame(matrix, index=cohort.index[rows], columns=columns)


def _coded(
    cohort: pd.DataFrame, terms: Sequence[Term]
) -> tuple[npt.NDArray[np.bool_], engine.Vector]:
    """Code the terms; give which patients have all of them, and their values, (n, terms)."""
    missing(cohort, *(term.column for term in terms))
    coded = np.empty((len(cohort), len(terms)))
    for i, term in enumerate(terms):
        values = cohort[term.column]
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes = values.cat.codes.to_numpy()
            coded[:, i] = np.where(codes < 0, np.nan, codes)
        else:
            coded[:, i] = values.to_numpy(dtype=float, na_value=np.nan)
    rows: npt.NDArray[np.bool_] = np.asarray(~np.isnan(coded).any(axis=1))
    matrix = coded[rows]
    for i, term in enumerate(terms):
        if not len(matrix) or matrix[:, i].min() == matrix[:, i].max():
            raise NotEstimable(f"{term.label} is the same in every patient")
    return rows, matrix


def cox(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    terms: Sequence[Term],
    strata: pd.Series | None = None,
) -> Regression:
    """Fit a Cox proportional hazards model (Cox 1972; ties by Efron).

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        The endpoint.
    terms
        The variables; a patient without one of them is left out.
    strata
        Groups with a baseline hazard each, such as centres, on the cohort's index: patients are
        compared within them only. One without a group is left out. R's ``strata()``.

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
    codes = None
    if strata is not None:
        known = strata.reindex(cohort.index).dropna()
        cohort = cohort.loc[known.index]
        codes = pd.factorize(known)[0].astype(np.int32)
    data = estimable(cohort, endpoint, terms)
    if codes is not None:
        codes = codes[data.rows]
        _vary_within(data.matrix, codes, terms)
    try:
        fit = engine.cox(data.months, data.event, data.matrix, strata=codes)
    except engine.NoFit as error:
        raise NotEstimable(NO_FINITE_ESTIMATE) from error
    columns = [term.column for term in terms]
    return wald(columns, data.matrix, fit.coef, fit.covariance, (data.n, data.events), fit)


@dataclass(frozen=True)
class CoxData:
    """What a Cox model is fitted to, of the n patients who have all of it.

    Attributes
    ----------
    rows
        Which patients of the cohort these are.
    matrix
        The variables, coded as numbers, shape (n, terms).
    months, event
        Shape (n,).
    """

    rows: npt.NDArray[np.bool_]
    matrix: engine.Vector
    months: engine.Vector
    event: engine.Flags

    @property
    def n(self) -> int:
        """How many patients."""
        return len(self.months)

    @property
    def events(self) -> int:
        """How many events among them."""
        return int(self.event.sum())


def _vary_within(matrix: engine.Vector, codes: engine.Flags, terms: Sequence[Term]) -> None:
    """Make sure that each variable differs between patients of some stratum."""
    for i, term in enumerate(terms):
        values = pd.Series(matrix[:, i]).groupby(codes)
        if (values.max() == values.min()).all():
            raise NotEstimable(f"{term.label} is the same in all patients of each group")


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
    data = estimable(cohort, endpoint, terms)
    columns = [term.column for term in terms]
    table = pd.DataFrame(data.matrix, index=cohort.index[data.rows], columns=columns)
    return table.assign(months=data.months, event=data.event)


def recorded(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> CoxData:
    """Return variables, months and events of the patients who have all of them.

    Parameters
    ----------
    cohort, endpoint, terms
        As for ``cox``.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If there is no event, or a variable is the same in every patient.
    """
    rows, matrix = _coded(cohort, terms)
    known, months, happened = times_of(cohort, endpoint)
    both = rows & known
    data = CoxData(both, matrix[both[rows]], months[both], happened[both])
    if data.events == 0:
        raise NotEstimable(f"no {endpoint.event_in_words} was observed")
    return data


def estimable(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> CoxData:
    """Do what ``observed`` does, without a table: tables take most of the time of a model."""
    data = recorded(cohort, endpoint, terms)
    events, name = data.events, endpoint.event_in_words
    if events <= len(terms):
        variables = "1 variable" if len(terms) == 1 else f"{len(terms)} variables"
        # Not how many: of patients who were not made up so small a number is not shown.
        raise NotEstimable(f"too few patients with {name} for a model of {variables}")
    with_event = data.matrix[data.event == 1]
    for i, term in enumerate(terms):
        for code, level in enumerate(term.levels):
            if not (with_event[:, i] == code).any():
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
    import statsmodels.api as sm  # loads slowly

    matrix = design_matrix(cohort, terms)
    happened = outcome.reindex(matrix.index).astype(float)
    if happened.nunique() < 2:
        raise NotEstimable("the outcome is the same in every patient")
    for term in terms:
        both = matrix[term.column].astype(int) + 2 * happened
        if term.levels and both.nunique() < 4:
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
    return wald(
        columns,
        matrix.to_numpy(),
        fit.params[columns].to_numpy(),
        fit.cov_params().loc[columns, columns].to_numpy(),
        (len(matrix), int(happened.sum())),
        fit,
    )


def univariable(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    terms: Sequence[Term] = TERMS,
    strata: pd.Series | None = None,
) -> dict[str, Regression | CannotShow]:
    """Fit one Cox model per term; the parameters are those of ``cox``.

    Returns
    -------
    dict
        By column: the model, or what stands in its way.
    """
    return {term.column: _attempt(cohort, endpoint, [term], strata) for term in terms}


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
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term], strata: pd.Series | None
) -> Regression | CannotShow:
    try:
        return cox(cohort, endpoint, terms, strata)
    except CannotShow as reason:
        return reason


def wald(
    columns: Sequence[str],
    matrix: engine.Vector,
    coef: engine.Vector,
    covariance: engine.Vector,
    size: tuple[int, int],
    fit: Any,
) -> Regression:
    """Make a fitted model of coefficients and their covariance.

    Parameters
    ----------
    columns
        Names of the p variables.
    matrix
        What the model was fitted to, shape (n, p).
    coef, covariance
        Shape (p,) and (p, p).
    size
        Patients, and events among them.
    fit
        What the model was fitted by.

    Raises
    ------
    NotEstimable
        If the estimate is one that only the end of the iterations kept from infinity: where the
        events are in perfect order of a variable, the likelihood rises for ever, and the fit stops
        somewhere far out, with a standard error that is larger still. Or if an interval is one that
        only rounding kept from infinity.
    """
    se = np.sqrt(np.diag(covariance))
    spread = np.ptp(matrix, axis=0)
    log_ratio = np.abs(coef) * spread
    far = (log_ratio > LARGEST_LOG_RATIO) & (np.abs(coef) < Z_95 * se)
    if (far | (log_ratio > IMPOSSIBLE_LOG_RATIO)).any() or not np.isfinite(se).all():
        raise NotEstimable(NO_FINITE_ESTIMATE)
    if (Z_95 * se * spread > IMPOSSIBLE_LOG_RATIO).any():
        raise NotEstimable(NO_INFORMATION)
    index = pd.Index(columns, name="covariate")
    estimate = [np.exp(coef), np.exp(coef - Z_95 * se), np.exp(coef + Z_95 * se)]
    p = [engine.two_sided_p(z) for z in coef / se]
    numbers = np.column_stack([*estimate, p, coef, se])
    table = pd.DataFrame(numbers, index=index, columns=_COLUMNS)
    between = pd.DataFrame(covariance, index=index, columns=index)
    return Regression(table, *size, between, fit)


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
