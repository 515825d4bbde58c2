"""The Cox models that the explorer draws: the paper's, and the same refitted on a cohort."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import cox, design_matrix
from reanalysis.analysis.survival import as_arrays, event_times
from reanalysis.core.constants import Z_95
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.implied import published_coefficients
from reanalysis.paper.register import published
from reanalysis.paper.study import MODELLED, MULTIVARIABLE, RATE_MONTH, Endpoint, Term

Vector = npt.NDArray[np.float64]
Patient = Mapping[str, float | str]

# By the event whose hazard is modelled.
ENDPOINTS: dict[str, Endpoint] = {e.event: e for e in MODELLED}


@dataclass(frozen=True)
class CoxModel:
    """A Cox model with what it takes to predict for a new patient.

    Attributes
    ----------
    outcome
        The event: ``local_failure`` or ``death``.
    source
        ``paper`` or ``cohort``.
    terms
        The covariates, p of them. A covariate with levels is 1 away from its reference.
    coef, cov
        Log hazard ratios, shape (p,), and their covariance, (p, p).
    center
        Covariate values, (p,), of the patient that ``hazard`` is for.
    months, hazard
        Event times in months, (k,), and the cumulative baseline hazard at them.
    variance, mean_hazard
        Sums over the event times up to each, (k,) and (k, p): of the variance of the hazard
        increments, and of the increments times the mean covariates of those at risk, measured
        from ``center``. Zero where the baseline counts as known.
    interval
        Scale of the survival intervals: ``log`` (R's default for ``survfit``) or ``log-log``.
    last_month
        Longest time under observation, in months.
    n, events
        Patients and events that the coefficients come from; the paper prints no number of deaths.
    left_out
        By label, why a covariate of the paper's model is missing.
    """

    outcome: str
    source: str
    terms: tuple[Term, ...]
    coef: Vector
    cov: Vector
    center: Vector
    months: Vector
    hazard: Vector
    variance: Vector
    mean_hazard: Vector
    interval: str
    last_month: float
    n: int
    events: int | None
    left_out: Mapping[str, str]

    def design(self, patient: Patient) -> Vector:
        """Code a patient as distances from ``center``, shape (p,)."""
        coded = [
            float(patient[term.column] == term.recorded_levels[1])
            if term.levels
            else float(patient[term.column])
            for term in self.terms
        ]
        return np.asarray(coded) - self.center

    def hazard_ratio(self, patient: Patient, reference: Patient) -> tuple[float, float, float]:
        """Hazard of one patient against another's.

        Returns
        -------
        tuple of float
            Hazard ratio, lower and upper 95 % limit (Wald, from the covariance).
        """
        contrast = self.design(patient) - self.design(reference)
        log = contrast @ self.coef
        half_width = Z_95 * np.sqrt(contrast @ self.cov @ contrast)
        return float(np.exp(log)), float(np.exp(log - half_width)), float(np.exp(log + half_width))

    def survival(self, patient: Patient) -> pd.DataFrame:
        """Predicted survival of a patient, as R's ``survfit(coxph(...), newdata)`` gives it.

        The variance of the cumulative hazard is that of the baseline plus that which the
        coefficients bring (Therneau & Grambsch 2000, section 10.2).

        Returns
        -------
        pandas.DataFrame
            Index ``months`` (event times): ``survival``, ``lower``, ``upper`` (pointwise 95 %).
        """
        x = self.design(patient)
        risk = np.exp(x @ self.coef)
        q = np.outer(self.hazard, x) - self.mean_hazard
        hazard = risk * self.hazard
        se = risk * np.sqrt(self.variance + np.einsum("ki,ij,kj->k", q, self.cov, q))
        if self.interval == "log":
            lower, upper = np.exp(-hazard - Z_95 * se), np.exp(-hazard + Z_95 * se)
        else:
            lower = np.exp(-hazard * np.exp(Z_95 * se / hazard))
            upper = np.exp(-hazard * np.exp(-Z_95 * se / hazard))
        return pd.DataFrame(
            {"survival": np.exp(-hazard), "lower": lower, "upper": np.minimum(upper, 1.0)},
            index=pd.Index(self.months, name="months"),
        )

    def difference_at(
        self, patient: Patient, reference: Patient, month: float
    ) -> tuple[float, float, float]:
        """Predicted survival of a patient less that of another, at a time in months.

        Its limits are those of the hazard ratio, put to the survival of the reference, which is
        taken as it is predicted (Altman & Andersen, BMJ 1999;319:1492): the difference is none
        where the ratio is 1. What is uncertain about the reference itself is in its band.

        Returns
        -------
        tuple of float
            Difference, lower and upper 95 % limit; not a number after the end of observation.
        """
        known = float(self.survival_at(reference, month)["survival"])
        ratio, lower, upper = self.hazard_ratio(patient, reference)
        return known**ratio - known, known**upper - known, known**lower - known

    def survival_at(self, patient: Patient, month: float) -> pd.Series:
        """Predicted survival at a time in months, blank after the end of observation."""
        curve = self.survival(patient)
        before = curve[curve.index <= month]
        if month > self.last_month:
            return pd.Series(np.nan, index=curve.columns)
        return before.iloc[-1] if len(before) else pd.Series(1.0, index=curve.columns)


def refit(cohort: pd.DataFrame, outcome: str, smallest: int = 0) -> CoxModel:
    """Fit the paper's multivariable model on a cohort, with what of it the cohort records.

    Parameters
    ----------
    cohort
        A cohort.
    outcome
        ``local_failure`` or ``death``.
    smallest
        Fewest events at each level of a covariate: the standard error of its coefficient tells
        how many there were.

    Returns
    -------
    CoxModel
        Coefficients, covariance and baseline as R's ``coxph`` and ``survfit`` give them
        (ties by Efron in both).

    Raises
    ------
    NotRecorded, NotEstimable
        If the outcome is not recorded, or no model can be estimated.
    """
    endpoint = ENDPOINTS[outcome]
    times = event_times(cohort, endpoint)
    left_out: dict[str, str] = {}
    terms = []
    for term in MULTIVARIABLE[endpoint.key]:
        reason = _obstacle(cohort, times, term)
        if reason:
            left_out[term.label] = reason
        else:
            terms.append(term)
    if not terms:
        raise NotEstimable(
            "none of the model's covariates can be used: "
            + "; ".join(f"{label}: {reason}" for label, reason in left_out.items())
        )
    used = design_matrix(cohort, terms).dropna().index.intersection(times.index)
    for term in [t for t in terms if _few(cohort.loc[used], times, t, smallest)]:
        left_out[term.label] = f"a level has fewer than {smallest} events"
        terms.remove(term)
    if not terms:
        raise NotEstimable(
            f"each of the model's covariates has a level with fewer than {smallest} events"
        )
    fitted = cox(cohort, endpoint, terms)
    coef = fitted.table["coef"].to_numpy(float)
    matrix = design_matrix(cohort, terms).join(times, how="inner")
    covariates = matrix[[term.column for term in terms]].to_numpy(float)
    months, event = as_arrays(matrix)
    center = covariates.mean(axis=0)
    at, hazard, variance, mean_hazard = engine.baseline(months, event, covariates - center, coef)
    return CoxModel(
        outcome,
        "cohort",
        tuple(terms),
        coef,
        fitted.covariance.to_numpy(float),
        center,
        at,
        hazard,
        variance,
        mean_hazard,
        interval="log",
        last_month=float(months.max()),
        n=fitted.n,
        events=fitted.events,
        left_out=left_out,
    )


def paper_model(outcome: str, anchor: pd.DataFrame) -> CoxModel:
    """Complete the paper's coefficients with a baseline that the paper does not print.

    The shape of the baseline is that of the anchor cohort (Breslow, the paper's coefficients
    taken as known); its height is such that the mean of the predicted survival of the anchor's
    patients at 36 months is the paper's rate. Coefficients and standard errors are the centre of
    all that print as the paper's rows; no correlation is printed, so that the coefficients count
    as uncorrelated, and the baseline counts as known.

    Parameters
    ----------
    outcome
        ``local_failure`` or ``death``.
    anchor
        A cohort with every covariate of the model, which stands for the paper's patients.

    Returns
    -------
    CoxModel
        With survival intervals on the log(-log) scale, which are those of the linear predictor.

    Raises
    ------
    NotRecorded
        If the anchor lacks a covariate or the outcome.
    NotEstimable
        If the anchor has no event in 36 months.
    """
    endpoint = ENDPOINTS[outcome]
    terms = MULTIVARIABLE[endpoint.key]
    matrix = design_matrix(anchor, terms).join(event_times(anchor, endpoint), how="inner")
    columns = [term.column for term in terms]
    covariates = matrix[columns].to_numpy(float)
    printed = published_coefficients(ENDPOINTS[outcome]).loc[columns]
    coef, se = printed["coef"].to_numpy(float), printed["se"].to_numpy(float)
    rate = float(published(endpoint.rate_id)) / 100
    center = covariates.mean(axis=0)
    risk = np.exp((covariates - center) @ coef)
    months, event = matrix["months"].to_numpy(float), matrix["event"].to_numpy(int)
    at = np.unique(months[event == 1])
    if not (at <= RATE_MONTH).any():
        raise NotEstimable(f"no {endpoint.event_in_words} in {RATE_MONTH} months")
    shape = np.cumsum([event[months == t].sum() / risk[months >= t].sum() for t in at])
    there = shape[at <= RATE_MONTH][-1]
    from scipy.optimize import brentq  # here: it takes most of a second

    # Log of the factor: the mean survival falls with it from 1 to 0, so one root exists.
    height = brentq(lambda x: np.exp(-np.exp(x) * there * risk).mean() - rate, -20, 20, xtol=1e-14)
    return CoxModel(
        outcome,
        "paper",
        terms,
        coef,
        np.diag(se**2),
        center,
        at,
        np.exp(height) * shape,
        np.zeros(len(at)),
        np.zeros((len(at), len(terms))),
        interval="log-log",
        last_month=float(months.max()),
        n=int(published("N")),
        events=None,
        left_out={},
    )


def _few(cohort: pd.DataFrame, times: pd.DataFrame, term: Term, smallest: int) -> bool:
    """Whether a level of a covariate has some events, and fewer than are asked for."""
    if not term.levels:
        return False
    coded = design_matrix(cohort, [term])[term.column].dropna()
    events = times["event"].reindex(coded.index).groupby(coded).sum()
    return bool(((events > 0) & (events < smallest)).any())


def _obstacle(cohort: pd.DataFrame, times: pd.DataFrame, term: Term) -> str:
    """Why a covariate cannot be in the model of a cohort, or the empty string."""
    try:
        coded = design_matrix(cohort, [term])[term.column]
    except CannotShow as reason:
        return str(reason)
    if term.levels:
        with_event = coded[times["event"].reindex(coded.index) == 1]
        for code, level in enumerate(term.levels):
            if code not in with_event.to_numpy():
                return f"has no event at the level {level}"
    return ""
