"""Models that stay finite where events are few: Firth's penalty, with profile likelihood limits.

Where all events lie on one side of a variable, the likelihood rises for ever and there is no ratio.
Firth (Biometrika 1993; 80: 27-38) adds half the log determinant of the information, which removes
the first-order bias and keeps the estimate finite (Heinze & Schemper, Biometrics 2001; 57: 114-119
for Cox, Stat Med 2002; 21: 2409-2419 for logistic regression).

Written out here, since what can be had does Cox models with Breslow's ties only; these are Efron's,
like those of every other model of the book.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from reanalysis.analysis.regression import Regression, design_matrix, recorded
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import Endpoint, Term

Vector = npt.NDArray[np.float64]
WITHIN = float(chdtri(1, 0.05))  # how far twice the log-likelihood falls within a 95 % interval
MOST_STEPS = 100
CLOSE = 1e-11  # a step is small against the standard errors
SLOW = 0.3  # steps that shrink by less than that need the curvature of the penalty, too
MOST_ERRORS = 5.0  # of which no step is longer: far out the likelihood is no parabola


@dataclass(frozen=True)
class Penalized:
    """A penalized likelihood at some coefficients.

    Attributes
    ----------
    value
        Log-likelihood plus half the log determinant of the information.
    score
        Its derivatives, (p,).
    information
        Of the likelihood without the penalty, (p, p).
    """

    value: float
    score: Vector
    information: Vector


Likelihood = Callable[[Vector], Penalized]


def firth_cox(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> Regression:
    """Fit a Cox model with Firth's penalty (ties by Efron).

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
        Limits and p values are those of the profile of the penalized likelihood; ``se`` is
        from the information at the estimate.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If there is no event, or variables cannot be told apart.
    """
    data = recorded(cohort, endpoint, terms)
    x = data.matrix
    order = np.argsort(data.months, kind="stable")
    scale = _scale(x)
    z = (x - x.mean(axis=0)) / scale
    likelihood = _of_cox(z[order], data.months[order], data.event[order] == 1)
    return _model(likelihood, [term.column for term in terms], scale, 0, data.n, data.events)


def firth_logistic(cohort: pd.DataFrame, outcome: pd.Series, terms: Sequence[Term]) -> Regression:
    """Fit a logistic regression with Firth's penalty.

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
        As ``firth_cox``, with odds ratios.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If the outcome is the same in every patient, or variables cannot be told apart.
    """
    matrix = design_matrix(cohort, terms)
    happened = outcome.reindex(matrix.index).astype(float)
    if happened.nunique() < 2:
        raise NotEstimable("the outcome is the same in every patient")
    x = matrix.to_numpy(float)
    scale = _scale(x)
    z = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / scale])
    likelihood = _of_logistic(z, np.asarray(happened, dtype=np.float64))
    columns = list(matrix.columns)
    return _model(likelihood, columns, scale, 1, len(matrix), int(happened.sum()))


def _scale(x: Vector) -> Vector:
    spread: Vector = x.std(axis=0)
    return spread


def _of_logistic(x: Vector, y: Vector) -> Likelihood:
    def at(beta: Vector) -> Penalized:
        linear = x @ beta
        p = 1 / (1 + np.exp(-linear))
        weight = p * (1 - p)
        information = x.T @ (weight[:, None] * x)
        leverage = weight * np.einsum("ij,ji->i", x, _solve(information, x.T))
        score = x.T @ (y - p + leverage * (0.5 - p))
        value = y @ linear - np.logaddexp(0, linear).sum() + _half_log_det(information)
        return Penalized(float(value), score, information)

    return at


def _of_cox(x: Vector, months: Vector, event: npt.NDArray[np.bool_]) -> Likelihood:
    """Cox's partial likelihood with Efron's ties; the patients are in the order of their months."""
    dying = np.flatnonzero(event)
    distinct, group, deaths = np.unique(months[dying], return_inverse=True, return_counts=True)
    starts = np.cumsum(deaths) - deaths
    first = np.searchsorted(months, distinct, side="left")
    share = (np.arange(len(dying)) - starts[group]) / deaths[group]
    second = np.einsum("ni,nj->nij", x, x)
    powers = (np.ones(len(x)), x, second, np.einsum("nij,nk->nijk", second, x))
    sums = x[dying].sum(axis=0)

    def moment(weights: Vector, power: Vector) -> Vector:
        """Sum over those at risk at each death, less the share of those who die then."""
        each = weights.reshape(-1, *([1] * (power.ndim - 1))) * power
        at_risk = np.cumsum(each[::-1], axis=0)[::-1][first][group]
        tied = np.add.reduceat(each[dying], starts)[group]
        return at_risk - share.reshape(-1, *([1] * (power.ndim - 1))) * tied

    def at(beta: Vector) -> Penalized:
        linear = x @ beta
        top = linear.max()  # so that nothing overflows
        weights = np.exp(linear - top)
        zero, one, two, three = (moment(weights, power) for power in powers)
        mean, square = one / zero[:, None], two / zero[:, None, None]
        cube = three / zero[:, None, None, None]
        spread = square - np.einsum("di,dj->dij", mean, mean)
        mixed = np.einsum("dij,dk->dijk", square, mean)
        skew = cube - mixed - mixed.transpose(0, 1, 3, 2) - mixed.transpose(0, 3, 2, 1)
        skew += 2 * np.einsum("di,dj,dk->dijk", mean, mean, mean)
        information = spread.sum(axis=0)
        inverse = _solve(information, np.eye(len(information)))
        penalty = 0.5 * np.einsum("ij,jik->k", inverse, skew.sum(axis=0))
        value = sums @ beta - np.log(zero).sum() - top * len(dying)
        score = sums - mean.sum(axis=0) + penalty
        return Penalized(float(value + _half_log_det(information)), score, information)

    return at


def _model(
    likelihood: Likelihood, columns: list[str], scale: Vector, skip: int, n: int, events: int
) -> Regression:
    """Maximize, and look for the limits of each coefficient; the first ``skip`` are not shown."""
    size = len(columns) + skip
    beta, best = _maximize(likelihood, np.zeros(size), np.ones(size, dtype=bool))
    covariance = _solve(best.information, np.eye(size))
    rows = []
    for i in range(skip, size):
        se = float(np.sqrt(covariance[i, i]))
        lower, upper = (_limit(likelihood, beta, best.value, i, side * se) for side in (-1, 1))
        nothing = _profile(likelihood, beta, i, 0.0)
        p = float(chdtrc(1, max(2 * (best.value - nothing), 0.0)))
        rows.append((beta[i], se, lower, upper, p))
    coef, errors, lower_, upper_, ps = (np.array(part) for part in zip(*rows, strict=True))
    table = pd.DataFrame(
        {
            "ratio": np.exp(coef / scale),
            "lower": np.exp(lower_ / scale),
            "upper": np.exp(upper_ / scale),
            "p": ps,
            "coef": coef / scale,
            "se": errors / scale,
        },
        index=pd.Index(columns, name="covariate"),
    )
    own = covariance[skip:, skip:] / np.outer(scale, scale)
    return Regression(table, n, events, pd.DataFrame(own, index=columns, columns=columns), None)


def _maximize(
    likelihood: Likelihood, start: Vector, free: npt.NDArray[np.bool_]
) -> tuple[Vector, Penalized]:
    """Climb by Newton's steps, each halved until the likelihood does not fall."""
    beta, here = start.copy(), likelihood(start)
    if not free.any():
        return beta, here
    block, previous = np.ix_(free, free), np.inf
    for _ in range(MOST_STEPS):
        step = _solve(here.information[block], here.score[free])
        errors = np.abs(step) * np.sqrt(np.diag(here.information)[free])
        if CLOSE <= errors.max() > SLOW * previous:
            step = _solve(_curvature(likelihood, beta, here, free), here.score[free])
            errors = np.abs(step) * np.sqrt(np.diag(here.information)[free])
        previous = errors.max()
        if errors.max() < CLOSE:
            return beta, here
        step = step * min(1.0, MOST_ERRORS / errors.max())
        for _ in range(40):
            there = beta.copy()
            there[free] += step
            try:
                reached = likelihood(there)
            except NotEstimable:
                reached = None
            if reached is not None and reached.value >= here.value - 1e-10 * abs(here.value):
                break
            step = step / 2
        else:
            break
        beta, here = there, reached
    raise NotEstimable("the penalized likelihood has no maximum that the steps find")


def _curvature(
    likelihood: Likelihood, beta: Vector, here: Penalized, free: npt.NDArray[np.bool_]
) -> Vector:
    """Give minus the second derivatives of the penalized likelihood, by differences of the score.

    The information leaves the penalty's own curvature out: with a handful of patients steps by it
    overshoot for ever. It stands in where the differences are not those of a maximum.
    """
    information = here.information[np.ix_(free, free)]
    columns = []
    for i in np.flatnonzero(free):
        near = np.zeros(len(beta))
        near[i] = 1e-5
        ahead, behind = likelihood(beta + near), likelihood(beta - near)
        columns.append((behind.score - ahead.score)[free] / 2e-5)
    found = np.array(columns)
    found = (found + found.T) / 2
    rises = np.linalg.eigvalsh(found)
    return found if rises.min() > 1e-8 * max(rises.max(), 1e-300) else information


def _profile(likelihood: Likelihood, beta: Vector, i: int, value: float) -> float:
    """Give the largest penalized likelihood with one coefficient held."""
    start, free = beta.copy(), np.ones(len(beta), dtype=bool)
    start[i], free[i] = value, False
    return _maximize(likelihood, start, free)[1].value


def _limit(likelihood: Likelihood, beta: Vector, best: float, i: int, step: float) -> float:
    """Find where twice the profile has fallen by what a 95 % interval allows."""

    def beyond(value: float) -> float:
        return 2 * (best - _profile(likelihood, beta, i, value)) - WITHIN

    far = 2.0
    while beyond(beta[i] + far * step) < 0:
        far *= 1.5
        if far > 1e3:
            return float(np.sign(step) * np.inf)
    return float(brentq(beyond, beta[i], beta[i] + far * step, xtol=1e-13, rtol=1e-14))


def _half_log_det(information: Vector) -> float:
    sign, log = np.linalg.slogdet(information)
    if sign <= 0 or not np.isfinite(log):
        raise NotEstimable("variables cannot be told apart")
    return float(log / 2)


def _solve(matrix: Vector, right: Vector) -> Vector:
    try:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise NotEstimable("variables cannot be told apart") from error
