"""The steps of the search: which patients may exist, and how one cohort becomes another.

A move is five whole numbers: kind, places i and j, and two details that depend on the kind.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from reanalysis.synthetic.start import (
    AFP,
    AT_ONCE_DAYS,
    BCLC,
    CHILD_PUGH,
    DOSE,
    ECOG,
    FAILURE_SPREAD,
    FAILURES,
    HEPATIC_FAILURE_DAY,
    HORIZON_DAYS,
    LATE,
    MOST_AT_ONCE,
    NO_CR,
    PATIENTS,
    SESSIONS,
    SESSIONS_BEYOND,
    SIZE_SD,
)
from reanalysis.synthetic.start import SIZE as SIZE_MM

# Kinds of move: exchange what i and j have (detail: which of it, one bit each), bring a failure to
# another day (details: days before and after), make one or two tumours a few millimetres larger
# or smaller, or give one or two patients a few sessions more or fewer (details: by how much).
EXCHANGE, DAY, SIZE, SESSION = range(4)
# What can be exchanged: each covariate by its number, the day of failure or none, and the death.
FAILURE, DEATH = 1 << 11, 1 << 12
EVERY_COVARIATE = FAILURE - 1
MEDIAN_SIZE, SMALLEST, LARGEST = 20, 7, 69  # mm
MOST_SESSIONS = 24
LEAST_AFTER_FAILURE = 10  # days of follow-up
# Places of the quartiles among the sorted patients, and the sessions that stand there.
_QUARTILES = np.array([[75, 76, 1], [150, 151, 3], [225, 226, 5]])

OS_RATE, LC_RATE, RATE_MARGIN = 0.727, 0.912, 0.0004

_TAIL = np.array(SESSIONS_BEYOND, np.int64)
_SPREAD = np.array(FAILURE_SPREAD, np.int64)
_LEAST_VARIANCE, _MOST_VARIANCE = SIZE_SD[0] ** 2, SIZE_SD[1] ** 2

# Covariates that the multivariable models hold together, one bit each: exchanged alone, one of
# them would upset what the others have reached.
_TOGETHER = np.array(
    [
        sum(1 << c for c in group)
        for group in (
            (BCLC, SIZE_MM),
            (BCLC, AFP),
            (BCLC, CHILD_PUGH),
            (BCLC, ECOG),
            (SIZE_MM, AFP),
            (SIZE_MM, DOSE),
            (CHILD_PUGH, AFP),
            (CHILD_PUGH, SIZE_MM),
            (BCLC, SIZE_MM, AFP),
            (BCLC, SIZE_MM, CHILD_PUGH),
            (SIZE_MM, LATE, NO_CR),
            (BCLC, LATE, NO_CR),
            (BCLC, SIZE_MM, ECOG, CHILD_PUGH),
            (BCLC, SIZE_MM, CHILD_PUGH, AFP),
        )
    ],
    np.int64,
)

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
        if failure < first_failure or failure > end - LEAST_AFTER_FAILURE:
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
def _changed_by(kind: int) -> int:
    """Give the covariate that a move of size or sessions changes."""
    return SIZE_MM if kind == SIZE else SESSIONS


@njit(cache=True)
def _may_become(kind: int, now: int, then: int) -> bool:
    """Whether a tumour's size or a number of sessions may change; the ends of the range stay."""
    if kind == SIZE:
        return now not in (SMALLEST, LARGEST) and SMALLEST < then < LARGEST
    return now != MOST_SESSIONS and 1 <= then < MOST_SESSIONS


@njit(cache=True)
def _sizes_as_published(size: Any) -> bool:
    """Whether the median is 2.0 cm, and the spread what the t test on size leaves."""
    total = square = below_median = up_to_median = 0
    for k in range(PATIENTS):
        total += size[k]
        square += size[k] * size[k]
        below_median += size[k] < MEDIAN_SIZE
        up_to_median += size[k] <= MEDIAN_SIZE
    # The two patients in the middle have the median itself.
    if below_median >= PATIENTS // 2 or up_to_median <= PATIENTS // 2:
        return False
    # There are more wide distributions than narrow ones: sizes would drift apart.
    variance = square / PATIENTS - (total / PATIENTS) ** 2
    return _LEAST_VARIANCE <= variance <= _MOST_VARIANCE


@njit(cache=True)
def _sessions_as_published(sessions: Any) -> bool:
    """Whether the quartiles of the number of sessions are 1, 3 and 5, and its tail thins out."""
    for q in range(_QUARTILES.shape[0]):
        first, last, value = _QUARTILES[q]
        below_it = up_to_it = 0
        for k in range(PATIENTS):
            below_it += sessions[k] < value
            up_to_it += sessions[k] <= value
        if below_it > first or up_to_it <= last:
            return False
    for t in range(_TAIL.shape[0]):
        beyond = 0
        for k in range(PATIENTS):
            beyond += sessions[k] > _TAIL[t, 0]
        if beyond > _TAIL[t, 1]:
            return False
    return True


@njit(cache=True)
def propose(random: Any, cohort: Any, failed: Any, packed: Any, move: Any) -> bool:
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
        move[3] = EVERY_COVARIATE
    elif draw < 25:
        # The same, and a failure goes along: local control hardly notices.
        if below(random, 2) == 0:
            i = failed[below(random, FAILURES)]
        j = _near(random, i, n)
        if j < 0 or j >= n or failure[i] == failure[j]:
            return False
        move[3] = EVERY_COVARIATE | FAILURE
    elif draw < 31:
        # A failure changes places with another patient: who fails.
        i = failed[below(random, FAILURES)]
        j = below(random, n)
        if j == i:
            return False
        move[3] = EVERY_COVARIATE
    elif draw < 38:
        # A failure passes to another patient, rather one in the same groups: survival does not
        # notice at all.
        i = failed[below(random, FAILURES)]
        alike = below(random, 4) > 0
        found = False
        for _ in range(24):
            j = below(random, n)
            if failure[j] == 0 and follow_up[j] >= failure[i] + LEAST_AFTER_FAILURE:
                found = not alike or packed[i] == packed[j]
                if found:
                    break
        if not found:
            return False
        move[3] = FAILURE
    elif draw < 68:
        # Two patients exchange one covariate or several; no CR at all takes no early CR along.
        c = below(random, 11)
        which = 1536 if c == NO_CR else 1 << c
        several = below(random, 3)
        if several == 0:
            which = _TOGETHER[below(random, _TOGETHER.shape[0])]
        elif several == 1 and below(random, 2) == 0:
            c = below(random, 11)
            which |= 1536 if c == NO_CR else 1 << c
        if below(random, 6) == 0:
            i = failed[below(random, FAILURES)]
        found = False
        for _ in range(12):
            j = _near(random, i, n)
            if j < 0 or j >= n or j == i:
                continue
            if (which >> LATE) & 3 == 1 and x[NO_CR, i] != x[NO_CR, j]:
                continue
            for c in range(11):
                found = found or ((which >> c) & 1 == 1 and x[c, i] != x[c, j])
            if found:
                break
        if not found:
            return False
        move[3] = which
    elif draw < 76:
        move[3] = DEATH
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
    elif draw < 89:
        i = failed[below(random, FAILURES)]
        j = i
        way = below(random, 4)
        if way == 3:
            j = failed[below(random, FAILURES)]
            if j == i:
                return False
            move[3] = FAILURE
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
        move[0] = SIZE if draw < 97 else SESSION
        c = _changed_by(move[0])
        move[3] = (1 - 2 * below(random, 2)) * (1 + below(random, 3))
        if not _may_become(move[0], x[c, i], x[c, i] + move[3]):
            return False
        if below(random, 3) > 0:
            j = _near(random, i, n)
            if j < 0 or j >= n or j == i:
                return False
            move[4] = -move[3]
            if not _may_become(move[0], x[c, j], x[c, j] + move[4]):
                return False
    move[1], move[2] = i, j
    return True


@njit(cache=True)
def apply(cohort: Any, move: Any) -> int:
    """Make a move; gives what it changes, one bit each."""
    _, death, failure, x = cohort
    kind, i, j = move[0], move[1], move[2]
    changed = 0
    if kind == EXCHANGE:
        for c in range(11):
            if (move[3] >> c) & 1 and x[c, i] != x[c, j]:
                changed |= 1 << c
                x[c, i], x[c, j] = x[c, j], x[c, i]
        if move[3] & FAILURE and failure[i] != failure[j]:
            changed |= FAILURE
            failure[i], failure[j] = failure[j], failure[i]
        if move[3] & DEATH and death[i] != death[j]:
            changed |= DEATH
            death[i], death[j] = death[j], death[i]
    elif kind == DAY:
        failure[i] = move[4]
        changed = FAILURE
    else:
        c = _changed_by(kind)
        x[c, i] += move[3]
        x[c, j] += move[4]
        changed = 1 << c
    return changed


@njit(cache=True)
def revert(cohort: Any, move: Any) -> None:
    """Take a move back."""
    if move[0] == DAY:
        cohort.failure[move[1]] = move[3]
    elif move[0] in (SIZE, SESSION):
        c = _changed_by(move[0])
        cohort.x[c, move[1]] -= move[3]
        cohort.x[c, move[2]] -= move[4]
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
def _failures_spread(order: Any, failure: Any) -> bool:
    """Whether failures come over years, and never many at once."""
    ranked = np.empty(FAILURES, np.int64)
    rank = 0
    for place in range(order.shape[0] - 1, -1, -1):
        day = failure[order[place]]
        if day > 0:
            ranked[rank] = day
            if rank >= MOST_AT_ONCE and day - ranked[rank - MOST_AT_ONCE] < AT_ONCE_DAYS:
                return False
            rank += 1
    for s in range(_SPREAD.shape[0]):
        if not _SPREAD[s, 1] <= ranked[_SPREAD[s, 0]] <= _SPREAD[s, 2]:
            return False
    return True


@njit(cache=True)
def allowed(cohort: Any, move: Any, changed: int, order_os: Any, order_try: Any, days: Any) -> Any:
    """Whether a cohort is possible after a move; fills ``order_try`` if failures moved."""
    follow_up, death, failure, _ = cohort
    if not (possible(cohort, move[1]) and possible(cohort, move[2])):
        return False
    if changed & (FAILURE | DEATH):
        # Seven of the isolated failures were alive at the end, and one had died.
        alive = 0
        for k in range(follow_up.shape[0]):
            if failure[k] > 0:
                alive += 1 - death[k]
        if not 7 <= alive <= FAILURES - 2:
            return False
    if changed & DEATH and abs(survival(order_os, death, follow_up) - OS_RATE) >= RATE_MARGIN:
        return False
    if changed & FAILURE:
        sort_failures(cohort, order_try, days)
        if not _failures_spread(order_try, failure):
            return False
        return abs(survival(order_try, failure, days) - LC_RATE) < RATE_MARGIN
    if move[0] == SIZE:
        return _sizes_as_published(cohort.x[SIZE_MM])
    if move[0] == SESSION:
        return _sessions_as_published(cohort.x[SESSIONS])
    return True
