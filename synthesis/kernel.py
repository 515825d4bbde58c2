"""Cox and logistic models in compiled code, warm-started: what the search evaluates.

Patients come in an order of decreasing time, so that one pass gives every risk set. Nothing
here may depend on the machine: no fast mathematics, which would let the compiler reorder sums,
and an exponential of our own, because the system's differs in the last bit between processors.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from reanalysis.paper.targets import LC_JOINT, OS_JOINT

# A division by zero gives infinity, as in NumPy: the check for it would cost a fifth of the time.
compiled = njit(cache=True, error_model="numpy")

_LOG2E = 1.4426950408889634
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
_INVERSE_FACTORIALS = np.array([1.0 / math.factorial(i) for i in range(14)])
_POWERS = np.array([2.0**k for k in range(-60, 61)])
_FIELD = 9  # bits per count: 302 fits

# Levels of a covariate are its whole-number codes in the state; a table gives each its value.
LEVELS = 96


@compiled
def exponential(x: float) -> Any:
    """Give e to the x, the same on every machine, for x between -40 and 40."""
    k = math.floor(x * _LOG2E + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = _INVERSE_FACTORIALS[13]
    for i in range(12, -1, -1):
        total = total * r + _INVERSE_FACTORIALS[i]
    return total * _POWERS[int(k) + 60]


@compiled
def pack(x: Any, packed: Any, k: int) -> None:
    """Put the seven two-level covariates of patient k into one integer that adds like counts."""
    total = x[1, k]
    total += x[2, k] << _FIELD
    total += x[3, k] << (2 * _FIELD)
    total += x[4, k] << (3 * _FIELD)
    if x[6, k] == 1:
        total += 1 << (4 * _FIELD)
    elif x[6, k] == 2:
        total += -9223372036854775808  # the sign bit counts the one patient without AFP
    total += x[9, k] << (5 * _FIELD)
    total += x[10, k] << (6 * _FIELD)
    packed[k] = total


@compiled
def count_risk_sets(order: Any, event: Any, packed: Any, sets: Any, own: Any, size: Any) -> int:
    """Count the two-level covariates at risk at each event; gives the number of events."""
    total = 0
    events = 0
    for place in range(order.shape[0]):
        k = order[place]
        total += packed[k]
        if event[k] > 0:
            sets[events] = total
            own[events] = packed[k]
            size[events] = place + 1
            events += 1
    return events


@compiled
def cox_two_level(
    field: int, has_missing: bool, events: int, sets: Any, own: Any, size: Any, b: float, steps: int
) -> tuple[float, float]:
    """Fit a Cox model of one two-level covariate; gives coefficient and standard error."""
    shift = field * _FIELD
    information = 1.0
    for _ in range(steps):
        ratio = exponential(b)
        score = 0.0
        information = 0.0
        for e in range(events):
            exposed = (sets[e] >> shift) & 511
            at_risk = size[e]
            if has_missing:
                if own[e] < 0:
                    continue
                if sets[e] < 0:
                    at_risk -= 1
            weighted = exposed * ratio
            p = weighted / (weighted + (at_risk - exposed))
            score += ((own[e] >> shift) & 511) - p
            information += p * (1.0 - p)
        if information < 1e-6:
            return b, 1e3
        step = score / information
        if step > 1.0:
            step = 1.0
        elif step < -1.0:
            step = -1.0
        b += step
        if b > 8.0 or b < -8.0:
            return b, 1e3
        if step * step * information < 1e-10:
            break
    return b, 1.0 / math.sqrt(information)


@compiled
def fill_weights(weight: Any, value: Any, lowest: int, highest: int, b: float) -> None:
    """Fill ``weight`` with exp(b v) for each level; but for the doses, levels are equally far."""
    weight[lowest] = exponential(b * value[lowest])
    if highest - lowest > 4:
        ratio = exponential(b * (value[lowest + 1] - value[lowest]))
        for level in range(lowest + 1, highest + 1):
            weight[level] = weight[level - 1] * ratio
    else:
        for level in range(lowest + 1, highest + 1):
            weight[level] = exponential(b * value[level])


@compiled
def cox_number(
    order: Any,
    event: Any,
    code: Any,
    value: Any,
    lowest: int,
    highest: int,
    b: float,
    tolerance: float,
    steps: int,
) -> tuple[float, float]:
    """Fit a Cox model of one number; ``value`` gives the number of each code."""
    weight = np.empty(LEVELS)
    information = 1.0
    for _ in range(steps):
        fill_weights(weight, value, lowest, highest, b)
        s0 = 0.0
        s1 = 0.0
        s2 = 0.0
        score = 0.0
        information = 0.0
        for place in range(order.shape[0]):
            k = order[place]
            level = code[k]
            v = value[level]
            w = weight[level]
            wv = w * v
            s0 += w
            s1 += wv
            s2 += wv * v
            if event[k] > 0:
                inverse = 1.0 / s0
                mean = s1 * inverse
                score += v - mean
                information += s2 * inverse - mean * mean
        step = score / information
        b += step
        if not (-5.0 < b < 5.0):
            return 0.0, 1e3
        if step * step * information < tolerance * tolerance:
            break
    return b, 1.0 / math.sqrt(information)


@compiled
def newton_step(n: int, hessian: Any, inverse: Any, score: Any, step: Any, se: Any) -> float:
    """Solve for a Newton step and the standard errors of n coefficients.

    Parameters
    ----------
    n
        How many.
    hessian
        The negated second derivative, its lower triangle filled; overwritten.
    inverse
        Room for the inverse of its Cholesky factor.
    score
        The first derivative.
    step, se
        Overwritten.

    Returns
    -------
    float
        The largest step in standard errors; -1 if the hessian is singular.
    """
    for a in range(n):
        for c in range(a + 1):
            total = hessian[a, c]
            for d in range(c):
                total -= hessian[a, d] * hessian[c, d]
            if a == c:
                if total < 1e-9:
                    return -1.0
                hessian[a, a] = math.sqrt(total)
            else:
                hessian[a, c] = total / hessian[c, c]
    for a in range(n):
        for c in range(n):
            inverse[a, c] = 0.0
        inverse[a, a] = 1.0 / hessian[a, a]
        for c in range(a):
            total = 0.0
            for d in range(c, a):
                total -= hessian[a, d] * inverse[d, c]
            inverse[a, c] = total / hessian[a, a]
    for a in range(n):
        variance = 0.0
        for d in range(a, n):
            variance += inverse[d, a] * inverse[d, a]
        se[a] = math.sqrt(variance)
    largest = 0.0
    for a in range(n):
        step[a] = 0.0
        for d in range(a, n):
            partial = 0.0
            for c in range(d + 1):
                partial += inverse[d, c] * score[c]
            step[a] += inverse[d, a] * partial
        largest = max(largest, abs(step[a]) / se[a])
    return largest


def _joint(n: int) -> tuple[Callable[..., None], Callable[..., bool]]:
    """Make a Cox model of n covariates; n is frozen in, so that loops over it unroll."""

    @compiled
    def features(x: Any, columns: Any, value: Any, table: Any, k: int) -> None:
        """Fill the row of patient k: 1, the covariates, their products."""
        table[k, 0] = 1.0
        for a in range(n):
            table[k, 1 + a] = value[columns[a], x[columns[a], k]]
        place = 1 + n
        for a in range(n):
            for c in range(a + 1):
                table[k, place] = table[k, 1 + a] * table[k, 1 + c]
                place += 1

    @compiled
    def fit(
        order: Any,
        event: Any,
        x: Any,
        columns: Any,
        value: Any,
        bounds: Any,
        table: Any,
        b: Any,
        se: Any,
        tolerance: float,
        steps: int,
    ) -> bool:
        """Fit by Newton steps from ``b``; both ``b`` and ``se`` are overwritten."""
        weight = np.empty((n, LEVELS))
        width = table.shape[1]  # not frozen in: the compiler then works on several sums at once
        sums = np.empty(width)
        hessian = np.empty((n, n))
        score = np.empty(n)
        step = np.empty(n)
        inverse = np.empty((n, n))
        for turn in range(steps):
            for a in range(n):
                c = columns[a]
                fill_weights(weight[a], value[c], bounds[c, 0], bounds[c, 1], b[a])
                if c == 6:
                    weight[a, 2] = 0.0  # without AFP: in no risk set
            for j in range(width):
                sums[j] = 0.0
            for a in range(n):
                score[a] = 0.0
                for c in range(n):
                    hessian[a, c] = 0.0
            for place in range(order.shape[0]):
                k = order[place]
                w = weight[0, x[columns[0], k]]
                for a in range(1, n):
                    w *= weight[a, x[columns[a], k]]
                for j in range(width):
                    sums[j] += w * table[k, j]
                if event[k] > 0 and w > 0.0:
                    scale = 1.0 / sums[0]
                    place2 = 1 + n
                    for a in range(n):
                        mean = sums[1 + a] * scale
                        score[a] += table[k, 1 + a] - mean
                        for c in range(a + 1):
                            hessian[a, c] += sums[place2] * scale - mean * (sums[1 + c] * scale)
                            place2 += 1
            largest = newton_step(n, hessian, inverse, score, step, se)
            if largest < 0.0:
                return False
            damp = 1.0 if largest < 2.0 else 2.0 / largest
            for a in range(n):
                b[a] += damp * step[a]
                if not (-9.0 < b[a] < 9.0):
                    return False
            if largest < tolerance or (turn == 0 and steps == 1):
                return True
        return False

    return features, fit


WIDTH = 32  # 1, the covariates and their products, 28 at most, and zeros
lc_features, fit_lc_joint = _joint(len(LC_JOINT))
os_features, fit_os_joint = _joint(len(OS_JOINT))


@compiled
def logistic_size(
    code: Any, no_cr: Any, value: Any, a: float, b: float, tolerance: float
) -> tuple[float, float, float]:
    """Fit a logistic model of no CR on size; gives intercept, coefficient, standard error."""
    total = np.zeros(LEVELS)
    cases = np.zeros(LEVELS)
    for k in range(code.shape[0]):
        total[code[k]] += 1.0
        cases[code[k]] += no_cr[k]
    se = 1e3
    for _ in range(30):
        u0 = u1 = h00 = h01 = h11 = 0.0
        for level in range(7, 70):
            if total[level] > 0:
                v = value[level]
                p = 1.0 / (1.0 + exponential(-(a + b * v)))
                residual = cases[level] - total[level] * p
                w = total[level] * p * (1.0 - p)
                u0 += residual
                u1 += residual * v
                h00 += w
                h01 += w * v
                h11 += w * v * v
        determinant = h00 * h11 - h01 * h01
        if determinant < 1e-12:
            return -3.0, 0.0, 1e3
        step0 = (h11 * u0 - h01 * u1) / determinant
        step1 = (h00 * u1 - h01 * u0) / determinant
        se = math.sqrt(h00 / determinant)
        a += step0
        b += step1
        if not (-20.0 < a < 20.0 and -6.0 < b < 6.0):
            return -3.0, 0.0, 1e3
        if abs(step1) < tolerance * se and abs(step0) < 1e-3:
            break
    return a, b, se
