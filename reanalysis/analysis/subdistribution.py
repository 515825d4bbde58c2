"""The fit of Fine and Gray's model, in time that grows with the number of patients.

R's ``finegray`` writes whoever died as a row for each later change of the weight, so that the rows
grow with the square of the patients. Here the weight is taken apart: at a time t it is G(t) / G(T)
for who died at T, and the sums over risk sets are running sums of what belongs to the patients,
times what belongs to t (Kawaguchi, Shen, Suchard & Li, J Comput Graph Stat 2021; 30: 799-811).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reanalysis.analysis.engine import MOST_STEPS, PRECISION, SINGULAR, Flags, NoFit, Vector, tied

Places = npt.NDArray[np.int_]
EVENT, COMPETING = 1, 2


@dataclass(frozen=True)
class _Order:
    """Patients in the order of their time, and the places of what happens among them.

    Each event is a slot of its own. Of d at one time, the k-th is taken out of a risk set from
    which k/d of the tied patients have left (ties by Efron).
    """

    x: Vector  # (n, p), centred
    months: Vector
    events: Places  # rows with the event, (m,)
    dead: Places  # rows with the competing event
    first: Places  # for each slot, the first of its time
    end: Places  # and the first of a later one
    left: Vector  # for each slot, k/d
    free: Vector  # G just before each row's time

    def over_risk_sets(self, values: Vector) -> Vector:
        """Sum values of the patients, (n, q), over the risk set of each slot, (m, q)."""
        at = self.months[self.events]
        here = np.cumsum(values[::-1], axis=0)[::-1][np.searchsorted(self.months, at)]
        gone = _running(values[self.dead] / self.free[self.dead, None])
        before = np.searchsorted(self.months[self.dead], at)
        own = self.of_same_time(values[self.events])
        weighted = self.free[self.events, None] * gone[before]
        return np.asarray(here + weighted - self.left[:, None] * own)

    def of_same_time(self, values: Vector) -> Vector:
        """Sum values of the slots, (m, q), over those of the same time."""
        running = _running(values)
        return np.asarray(running[self.end] - running[self.first])


def _running(values: Vector) -> Vector:
    """Sum up to each place, from 0 before the first."""
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])


def subdistribution(months: Vector, state: Flags, covariates: Vector) -> tuple[Vector, Vector]:
    """Fit the model of Fine and Gray, as R's ``finegray`` and a weighted ``coxph`` do.

    Parameters
    ----------
    months
        Shape (n,).
    state
        Shape (n,): 0 for the end of observation, 1 for the event, 2 for what competes with it.
    covariates
        Shape (n, p).

    Returns
    -------
    tuple of arrays
        Log subdistribution hazard ratios (p,), and their robust covariance (p, p) from the
        patients' own contributions.

    Raises
    ------
    NoFit
        If the variables cannot be told apart or the steps do not end.
    """
    order = _ordered(tied(months)[1], state, covariates)
    coef: Vector = np.zeros(covariates.shape[1])
    best, step = -np.inf, np.zeros_like(coef)
    for _ in range(MOST_STEPS):
        value, slope, information = _derivatives(order, coef)
        if not np.isfinite(value) or value < best - PRECISION * abs(best):  # a step too long
            step *= 0.5
            coef = coef - step
            continue
        if np.linalg.cond(information) > 1 / SINGULAR:
            break
        step = np.asarray(np.linalg.solve(information, slope), np.float64)
        if abs(value - best) <= PRECISION * abs(value):
            of_patients = _residuals(order, coef) @ np.linalg.inv(information)
            return coef, of_patients.T @ of_patients
        best, coef = value, coef + step
    raise NoFit("no finite estimate, or variables that cannot be told apart")


def _ordered(months: Vector, state: Flags, covariates: Vector) -> _Order:
    order = np.argsort(months, kind="stable")
    months, state = months[order], state[order]
    events = np.flatnonzero(state == EVENT)
    at = months[events]
    first, end = (np.searchsorted(at, at, side=side) for side in ("left", "right"))
    return _Order(
        covariates[order] - covariates.mean(axis=0),
        months,
        events,
        np.flatnonzero(state == COMPETING),
        first,
        end,
        (np.arange(len(at)) - first) / (end - first),
        _observed(months, state),
    )


def _observed(months: Vector, state: Flags) -> Vector:
    """Estimate the probability of still being under observation just before each row's time.

    At one time, whoever had an event had it before others were censored.
    """
    _, back = np.unique(months, return_inverse=True)
    ended = np.bincount(back, weights=state == 0)
    happened = np.bincount(back, weights=state != 0)
    at_risk = len(months) - np.concatenate([[0], np.cumsum(ended + happened)[:-1]]) - happened
    after = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    return np.asarray(np.concatenate([[1.0], after[:-1]])[back])


def _derivatives(order: _Order, coef: Vector) -> tuple[float, Vector, Vector]:
    """Give the log partial likelihood, its slope (p,) and its information (p, p)."""
    x, p = order.x, order.x.shape[1]
    risk = np.exp(x @ coef)[:, None]
    upper = np.triu_indices(p)
    squares = x[:, upper[0]] * x[:, upper[1]]
    sums = order.over_risk_sets(np.hstack([risk, risk * x, risk * squares]))
    total, mean = sums[:, 0], sums[:, 1 : p + 1] / sums[:, :1]
    second = np.zeros((p, p))
    second[upper] = (sums[:, p + 1 :] / total[:, None]).sum(axis=0)
    second += np.triu(second, 1).T
    value = float((x[order.events] @ coef - np.log(total)).sum())
    return value, (x[order.events] - mean).sum(axis=0), second - mean.T @ mean


def _residuals(order: _Order, coef: Vector) -> Vector:
    """Give each patient's contribution to the slope, (n, p), as R's score residuals."""
    x, at = order.x, order.months[order.events]
    risk = np.exp(x @ coef)[:, None]
    sums = order.over_risk_sets(np.hstack([risk, risk * x]))
    mean = sums[:, 1:] / sums[:, :1]
    # The hazard of each slot, and the hazard times the mean.
    hazard = np.hstack([1 / sums[:, :1], mean / sums[:, :1]])

    def at_risk(dose: Vector, rows: Places | slice) -> Vector:
        return np.asarray(risk[rows] * (x[rows] * dose[:, :1] - dose[:, 1:]))

    until = np.searchsorted(at, order.months, side="right")
    found = -at_risk(_running(hazard)[until], slice(None))
    own, tied_left = order.events, order.left[:, None] * hazard
    d = (order.end - order.first)[:, None]
    found[own] += x[own] - order.of_same_time(mean) / d
    found[own] += at_risk(order.of_same_time(tied_left), own)
    dead, later = order.dead, _running(order.free[own, None] * hazard)
    left = (later[-1] - later[until[dead]]) / order.free[dead, None]
    found[dead] -= at_risk(left, dead)
    return np.asarray(found)
