"""The one door to the package that computes survival: plain arrays in, plain arrays out.

The package `survival` carries R's package of that name over. It is young, so nothing else of the
book imports it: what this module hands on is compared with stored values of R, and what is wrong
there can be put right here. Two things are done here because its plain fitters leave them to the
caller, where R's ``coxph`` does them by itself: times that differ by less than the last digits of
a float count as tied, and variables that cannot be told apart are refused.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from survival import core, data_prep, regression, surv_analysis

Vector = npt.NDArray[np.float64]
Flags = npt.NDArray[np.int32]

# Newton and Raphson's steps stop when the log-likelihood changes by no more than this part of it:
# the coefficients then have all digits that a float holds.
PRECISION = 1e-12
SINGULAR = 1e-14
MOST_STEPS = 100
NOT_ENDED = 1000  # the flag of R's that the steps did not end
ROUNDING = 1e-12
# Groups of what follows a time in ``incidence``: the event, and what competes with it.
STATES = ["event", "competing"]


class NoFit(Exception):
    """A model has no finite estimate, or its variables cannot be told apart."""


@dataclass(frozen=True)
class Curve:
    """A product-limit estimate at its k distinct times, in months.

    Attributes
    ----------
    months, survival, lower, upper
        Shape (k,). A limit is nan where R's formula gives none: once the curve has reached 0.
    at_risk, events
        Shape (k,): under observation just before each time, and with the event at it.
    median, median_lower, median_upper
        In months; nan where a curve or a limit never comes down to one half.
    """

    months: Vector
    survival: Vector
    lower: Vector
    upper: Vector
    at_risk: Vector
    events: Vector
    median: float
    median_lower: float
    median_upper: float


@dataclass(frozen=True)
class Fit:
    """A Cox model.

    Attributes
    ----------
    coef, covariance
        Log hazard ratios, shape (p,), and the inverse of the information, (p, p).
    log_likelihood
        At zero and at the estimate.
    """

    coef: Vector
    covariance: Vector
    log_likelihood: tuple[float, float]


def product_limit(months: Vector, event: Flags) -> Curve:
    """Estimate a survival function, as R's ``survfit(..., conf.type = "log-log")`` does.

    Parameters
    ----------
    months, event
        Shape (n,), n at least 1.

    Returns
    -------
    Curve
        Pointwise 95 % limits; the median is the midpoint of two times where the curve stands at
        exactly one half between them.
    """
    fit = surv_analysis.survfitkm(months, event, conf_type="log-log")
    half = surv_analysis.quantile_survfit(fit, [0.5])
    median, lower, upper = (
        float(np.ravel(part)[0]) for part in (half.quantile, half.lower, half.upper)
    )
    return Curve(
        np.asarray(fit.time),
        np.asarray(fit.surv),
        np.asarray(fit.lower),
        np.asarray(fit.upper),
        np.asarray(fit.n_risk),
        np.asarray(fit.n_event),
        median,
        lower,
        upper,
    )


def logrank_chi2(months: Vector, event: Flags, group: Flags, strata: Flags | None = None) -> float:
    """Give the log-rank statistic of groups, R's ``survdiff(...)$chisq``.

    Parameters
    ----------
    months, event, group
        Shape (n,).
    strata
        Shape (n,): groups are compared within each of these, R's ``strata()``.

    Raises
    ------
    NoFit
        If the groups' events have no variance.
    """
    try:
        return float(surv_analysis.survdiff(months, event, group, strata=strata).chisq)
    except RuntimeError as error:  # its only complaint about checked data: a singular variance
        raise NoFit(str(error)) from error


def incidence(months: Vector, state: Flags) -> tuple[Vector, Vector, Vector, Vector, Vector]:
    """Estimate cumulative incidences, as R's ``survfit`` of a factor (Aalen & Johansen 1978).

    Parameters
    ----------
    months
        Shape (n,).
    state
        Shape (n,): 0 for the end of observation, 1 for the event, 2 for what competes with it.

    Returns
    -------
    tuple of arrays
        Distinct months, (k,); both incidences, (k, 2); their standard errors from the
        infinitesimal jackknife, (k, 2); lower and upper 95 % limits on the log(-log) scale, (k, 2),
        0 before the first event and nan where the incidence has reached 1.
    """
    fit = surv_analysis.survfitaj(months, state, STATES, conf_type="log-log")
    here = [fit.states.index(name) for name in STATES]
    parts = [np.asarray(part)[:, here] for part in (fit.pstate, fit.std_err, fit.lower, fit.upper)]
    value, se, lower, upper = parts
    certain = value >= 1 - ROUNDING  # the package says 1 to 1, and R that the limits do not exist
    lower[certain] = upper[certain] = np.nan
    return np.asarray(fit.time), value, se, lower, upper


def cox(
    months: Vector,
    event: Flags,
    covariates: Vector,
    entry: Vector | None = None,
    strata: Flags | None = None,
    ties: Literal["efron", "breslow"] = "efron",
) -> Fit:
    """Fit Cox's model, as R's ``coxph`` does.

    Parameters
    ----------
    months, event
        Shape (n,).
    covariates
        Shape (n, p).
    entry
        Shape (n,): when each row comes under observation; from 0 on where it is not given.
    strata
        Shape (n,): each of these has a baseline hazard of its own, R's ``strata()``.
    ties
        What is done with events at the same time.

    Raises
    ------
    NoFit
        If the variables cannot be told apart or the steps do not end.
    """
    start, stop = tied(months, entry)
    fit = regression.coxph_fit_raw(
        stop,
        event,
        covariates,
        entry=start,
        strata=strata,
        method=ties,
        eps=PRECISION,
        toler_chol=SINGULAR,
        iter_max=MOST_STEPS,
        resid=False,
    )
    return _ended(fit)


def _ended(fit: Any) -> Fit:
    """Make sure that the steps of a fit have ended at an estimate."""
    coef, covariance = np.asarray(fit.coefficients), np.asarray(fit.var)
    if not (np.isfinite(coef).all() and np.isfinite(covariance).all()) or fit.flag == NOT_ENDED:
        raise NoFit("no finite estimate, or variables that cannot be told apart")
    first, last = fit.loglik
    return Fit(coef, covariance, (float(first), float(last)))


def baseline(
    months: Vector, event: Flags, covariates: Vector, coef: Vector
) -> tuple[Vector, Vector, Vector, Vector]:
    """Cumulative baseline hazard with its variance, as R's ``survfit(coxph(...))`` has it.

    With d events at one time, the k-th is taken out of a risk set in which k/d of the tied
    patients have left (ties by Efron).

    Parameters
    ----------
    months, event
        Shape (n,).
    covariates
        Centered covariates, shape (n, p).
    coef
        Log hazard ratios, shape (p,).

    Returns
    -------
    tuple of arrays
        Event times (k,); cumulative hazard (k,); its variance for known coefficients (k,);
        the sum of hazard increments times mean covariates (k, p).
    """
    stop = tied(months)[1]
    curve = surv_analysis.cox_survfit_baseline(
        np.column_stack([stop, event]),
        covariates,
        np.ones(len(stop)),
        np.exp(covariates @ coef),
        3,  # Efron's estimate of the hazard, as R numbers them
        3,  # and of its variance
    )
    happened = np.asarray(curve.n_event) > 0
    time, hazard, variance, means = (
        np.asarray(part)[happened] for part in (curve.time, curve.cumhaz, curve.varhaz, curve.xbar)
    )
    return time, hazard, variance.cumsum(), means.cumsum(axis=0)


def model(months: Vector, event: Flags, covariates: Vector, entry: Vector | None = None) -> Any:
    """Fit Cox's model and keep what residuals and tests need (the package's own object)."""
    start, stop = tied(months, entry)
    return regression.coxph_fit(
        stop,
        event,
        covariates,
        entry=start,
        eps=PRECISION,
        toler_chol=SINGULAR,
        iter_max=MOST_STEPS,
    )


def tied(months: Vector, entry: Vector | None = None) -> tuple[Vector | None, Vector]:
    """Make times equal that differ by rounding alone, as R's ``aeqSurv`` does."""
    if entry is None:
        return None, np.asarray(data_prep.aeq_surv(months).time)
    both = data_prep.aeq_surv(entry, months)
    return np.asarray(both.time), np.asarray(both.time2)


def chi2_p(statistic: float, freedom: int) -> float:
    """Give the p value of a chi-squared statistic, by its degrees of freedom."""
    if freedom == 1:
        return two_sided_p(float(np.sqrt(statistic)))
    from scipy.special import chdtrc  # here: few pages compare three groups

    return float(chdtrc(freedom, statistic))


def two_sided_p(z: float) -> float:
    """Give the two-sided p value of a standard normal deviate."""
    return math.erfc(abs(z) / math.sqrt(2))


@dataclass(frozen=True)
class Proportionality:
    """Test of proportional hazards, R's ``cox.zph`` on the scale of Kaplan-Meier.

    Attributes
    ----------
    chi2, p
        One entry per variable, and last that of all together.
    months
        Times of the events, (d,).
    residuals
        Scaled Schoenfeld residuals plus the coefficient, (d, p): their trend is that of the
        log hazard ratio.
    fit
        The model itself.
    """

    chi2: Vector
    p: Vector
    months: Vector
    residuals: Vector
    fit: Fit


def proportionality(months: Vector, event: Flags, covariates: Vector) -> Proportionality:
    """Test the hazards of a Cox model for proportionality (Grambsch & Therneau 1994).

    Parameters
    ----------
    months, event
        Shape (n,).
    covariates
        Shape (n, p).

    Raises
    ------
    NoFit
        As ``cox``.
    """
    fitted = model(months, event, covariates)
    fit = _ended(fitted)
    test = regression.cox_zph(fitted)
    rows = [*test.table, test.global_test]
    return Proportionality(
        np.array([row.chisq for row in rows]),
        np.array([row.p for row in rows]),
        np.asarray(test.time),
        np.asarray(test.y),
        fit,
    )


def concordance(months: Vector, event: Flags, risk: Vector, weight: str) -> tuple[float, float]:
    """Give the concordance of a risk with the order of the events, and its standard error.

    Parameters
    ----------
    months, event, risk
        Shape (n,); a larger risk is expected to have the event earlier.
    weight
        ``"n"`` for Harrell's, where each pair counts the same, ``"n/G2"`` for Uno's, where it
        counts by the inverse square of the probability of still being observed.

    Returns
    -------
    tuple of float
        As R's ``concordance(..., reverse = TRUE, timewt = weight)``; its error from the
        infinitesimal jackknife.
    """
    fit = core.concordancefit(
        core.SurvivalData(months.tolist(), event.tolist()),
        core.CovariateMatrix(risk.tolist(), len(risk), 1),
        timewt=weight,
        reverse=True,
    )
    return float(fit.concordance[0]), float(np.sqrt(fit.var[0][0]))
