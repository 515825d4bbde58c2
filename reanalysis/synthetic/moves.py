"""The steps of the search: which patients may exist, and how one cohort becomes another.

A move is five whole numbers: kind, places i and j, and two details that depend on the kind.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from reanalysis.synthetic.start import (
    FAILURE_SPREAD,
    FAILURES,
    HEPATIC_FAILURE_DAY,
    HORIZON_DAYS,
    SIZE_SD,
)

# Kinds of move: exchange covariates of i and j (detail: which), move a death from one to the
# other, bring a failure to another day (details: days before and after), exchange the days of
# two failures, make one tumour a millimetre larger and another smaller (detail: which way).
EXCHANGE, DEATH, DAY, DAYS, SIZE = range(5)
EVERYTHING = 2047

OS_RATE, LC_RATE, RATE_MARGIN = 0.727, 0.912, 0.0004

_SPREAD = np.array(FAILURE_SPREAD, np.int64)
_LEAST_VARIANCE, _MOST_VARIANCE = SIZE_SD[0] ** 2, SIZE_SD[1] ** 2

IntArray = npt.NDArray[np.int64]


class Cohort(NamedTuple):
    """The arrays of a ``State``, as compiled code takes them."""

    follow_up: IntArray
    death: IntArray
    failure: IntArray
    x: IntArray


# Exponential deviates by table: a logarithm may differ between machines in the last bit.
_DEVIATES = np.round(-np.log1p(-(np.arange(4096) + 0.5) / 4096), 10)


@njit(cache=True, inline="always")
def _next(random: Any) -> Any:
    """Splitmix64: the next 64 random bits."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def below(random: Any, n: int) -> Any:
    """Draw a whole number from 0 to n - 1."""
    return np.int64(((_next(random) >> np.uint64(33)) * np.uint64(n)) >> np.uint64(31))


@njit(cache=True)
def exponential_deviate(random: Any) -> Any:
    """Draw from the exponential distribution with mean 1."""
    return _DEVIATES[np.int64(_next(random) >> np.uint64(52))]


@njit(cache=True)
def possible(cohort: Any, k: int) -> bool:
    """Whether the patient in place k can exist."""
    x = cohort.x
    end = cohort.follow_up[k]
    failure = cohort.failure[k]
    # BCLC 0: a single tumour up to 2 cm, Child-Pugh A, ECOG 0.
    if x[4, k] == 0 and (x[5, k] > 20 or x[2, k] == 1 or x[1, k] == 1):
        return False
    if x[10, k] == 1:
        if x[9, k] == 0:
            return False
        first_end, first_failure = 45, 45
    elif x[9, k] == 0:
        first_end, first_failure = 80, 100
    else:
        # A response after 3 months was seen before any failure, and within follow-up.
        first_end, first_failure = 130, 140
    if end < first_end:
        return False
    if failure > 0:
        if x[2, k] == 1 or end == HEPATIC_FAILURE_DAY:
            return False
        if failure < first_failure or failure > end - 10:
            return False
    return True


@njit(cache=True)
def _near(random: Any, k: int, n: int) -> Any:
    """Choose another place, mostly a near one; may fall outside."""
    reach = below(random, 4)
    if reach == 0:
        j = k + 1 + below(random, 4) - 5 * below(random, 2)
    elif reach == 1:
        j = k + below(random, 25) - 12
    elif reach == 2:
        j = k + below(random, 101) - 50
    else:
        j = below(random, n)
    return j


@njit(cache=True)
def propose(random: Any, cohort: Any, failed: Any, move: Any) -> bool:
    """Draw a move; False if the draw came to nothing."""
    follow_up, death, failure, x = cohort
    n = follow_up.shape[0]
    draw = below(random, 100)
    i = below(random, n)
    j = i
    move[0] = EXCHANGE
    move[3] = move[4] = 0
    if draw < 22:
        # Two patients exchange places, taking their covariates along.
        j = _near(random, i, n)
        if j < 0 or j >= n or j == i:
            return False
        move[3] = EVERYTHING
    elif draw < 28:
        # A failure changes places with another patient: who fails.
        i = failed[below(random, FAILURES)]
        j = below(random, n)
        if j == i:
            return False
        move[3] = EVERYTHING
    elif draw < 60:
        # Two patients exchange one covariate; no CR at all takes no early CR along.
        c = below(random, 11)
        move[3] = 1536 if c == 10 else 1 << c
        if below(random, 6) == 0:
            i = failed[below(random, FAILURES)]
        found = False
        for _ in range(12):
            j = _near(random, i, n)
            if j < 0 or j >= n or j == i:
                continue
            if x[c, i] != x[c, j] and not (c == 9 and x[10, i] != x[10, j]):
                found = True
                break
        if not found:
            return False
    elif draw < 70:
        move[0] = DEATH
        found = False
        for _ in range(12):
            j = _near(random, i, n)
            if j < 0 or j >= n or j == i:
                continue
            if death[i] != death[j]:
                found = True
                break
        if not found:
            return False
        if follow_up[i] == HEPATIC_FAILURE_DAY or follow_up[j] == HEPATIC_FAILURE_DAY:
            return False
    elif draw < 88:
        i = failed[below(random, FAILURES)]
        j = i
        way = below(random, 4)
        if way == 3:
            j = failed[below(random, FAILURES)]
            if j == i:
                return False
            move[0] = DAYS
        else:
            move[0] = DAY
            if way == 0:
                day = 45 + below(random, follow_up[i] - 45)
            elif way == 1:
                day = failure[i] + below(random, 181) - 90
            else:
                day = failure[i] + below(random, 31) - 15
            if day < 45 or day > 1700:
                return False
            # No tie with another failure or with the end of anybody's follow-up.
            for k in range(FAILURES):
                if failure[failed[k]] == day:
                    return False
            at = np.searchsorted(follow_up, day)
            if at < n and follow_up[at] == day:
                return False
            move[3], move[4] = failure[i], day
    else:
        move[0] = SIZE
        j = _near(random, i, n)
        if j < 0 or j >= n or j == i:
            return False
        delta = 1 - 2 * below(random, 2)
        larger, smaller = x[5, i] + delta, x[5, j] - delta
        # Both ends of the range and the share up to 2.0 cm stay as they are.
        if x[5, i] == 7 or x[5, j] == 7 or x[5, i] == 69 or x[5, j] == 69:
            return False
        if min(larger, smaller) < 8 or max(larger, smaller) > 62:
            return False
        if (larger <= 20) + (smaller <= 20) != (x[5, i] <= 20) + (x[5, j] <= 20):
            return False
        move[3] = delta
    move[1], move[2] = i, j
    return True


@njit(cache=True)
def apply(cohort: Any, move: Any) -> int:
    """Make a move; gives the covariates that it changes, one bit each."""
    _, death, failure, x = cohort
    kind, i, j = move[0], move[1], move[2]
    changed = 0
    if kind == EXCHANGE:
        for c in range(11):
            if (move[3] >> c) & 1 and x[c, i] != x[c, j]:
                changed |= 1 << c
                x[c, i], x[c, j] = x[c, j], x[c, i]
    elif kind == DEATH:
        death[i], death[j] = death[j], death[i]
    elif kind == DAY:
        failure[i] = move[4]
    elif kind == DAYS:
        failure[i], failure[j] = failure[j], failure[i]
    else:
        x[5, i] += move[3]
        x[5, j] -= move[3]
        changed = 32
    return changed


@njit(cache=True)
def revert(cohort: Any, move: Any) -> None:
    """Take a move back."""
    if move[0] == DAY:
        cohort.failure[move[1]] = move[3]
    elif move[0] == SIZE:
        cohort.x[5, move[1]] -= move[3]
        cohort.x[5, move[2]] += move[3]
    else:
        apply(cohort, move)  # an exchange is its own reverse


@njit(cache=True)
def survival(order: Any, event: Any, days: Any) -> float:
    """Give the Kaplan-Meier rate at 36 months; ``order`` is by decreasing days."""
    estimate = 1.0
    for place in range(order.shape[0] - 1, -1, -1):
        k = order[place]
        if days[k] > HORIZON_DAYS:
            break
        if event[k] > 0:
            estimate *= place / (place + 1.0)
    return estimate


@njit(cache=True)
def sort_failures(cohort: Any, order: Any, days: Any) -> None:
    """Order the patients by decreasing time to local failure or end of follow-up."""
    follow_up, _, failure, _ = cohort
    n = follow_up.shape[0]
    places = np.empty(FAILURES, np.int64)
    m = 0
    for k in range(n):
        if failure[k] > 0:
            days[k] = failure[k]
            at = m
            while at > 0 and failure[places[at - 1]] < failure[k]:
                places[at] = places[at - 1]
                at -= 1
            places[at] = k
            m += 1
        else:
            days[k] = follow_up[k]
    out = 0
    following = 0
    for k in range(n - 1, -1, -1):
        if failure[k] > 0:
            continue
        while following < m and failure[places[following]] > follow_up[k]:
            order[out] = places[following]
            out += 1
            following += 1
        order[out] = k
        out += 1
    while following < m:
        order[out] = places[following]
        out += 1
        following += 1


@njit(cache=True)
def allowed(cohort: Any, move: Any, order_os: Any, order_try: Any, days: Any) -> Any:
    """Whether a cohort is possible after a move; fills ``order_try`` if failures moved."""
    follow_up, death, failure, _ = cohort
    if not (possible(cohort, move[1]) and possible(cohort, move[2])):
        return False
    if move[0] == DEATH:
        # Seven of the isolated failures were alive at the end, and one had died.
        if failure[move[1]] > 0 or failure[move[2]] > 0:
            alive = 0
            for k in range(follow_up.shape[0]):
                if failure[k] > 0:
                    alive += 1 - death[k]
            if not 7 <= alive <= FAILURES - 2:
                return False
        return abs(survival(order_os, death, follow_up) - OS_RATE) < RATE_MARGIN
    if move[0] in (DAY, DAYS):
        sort_failures(cohort, order_try, days)
        rank = 0
        for place in range(order_try.shape[0] - 1, -1, -1):
            k = order_try[place]
            if failure[k] > 0:
                for s in range(_SPREAD.shape[0]):
                    if rank == _SPREAD[s, 0] and not (_SPREAD[s, 1] <= failure[k] <= _SPREAD[s, 2]):
                        return False
                rank += 1
        return abs(survival(order_try, failure, days) - LC_RATE) < RATE_MARGIN
    if move[0] == SIZE:
        # There are more wide distributions than narrow ones: sizes would drift apart.
        n = follow_up.shape[0]
        total = 0
        square = 0
        for k in range(n):
            total += cohort.x[5, k]
            square += cohort.x[5, k] ** 2
        variance = square / n - (total / n) ** 2
        return _LEAST_VARIANCE <= variance <= _MOST_VARIANCE
    return True
