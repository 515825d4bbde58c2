"""The steps of the search: which patients may exist, and how one cohort becomes another.

A move is five whole numbers: kind, places i and j, and two details that depend on the kind.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from synthesis.kernel import compiled
from synthesis.start import (
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
    MOST_AT_ONCE_LATE,
    NO_CR,
    PATIENTS,
    SESSIONS,
    SESSIONS_BEYOND,
    SIZE_SD,
)
from synthesis.start import SIZE as SIZE_MM

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
FIRST_FAILURE, LAST_FAILURE = 45, FAILURE_SPREAD[-1][2]  # days
# Places of the quartiles among the sorted patients, and the sessions that stand there.
_QUARTILES = np.array([[75, 76, 1], [150, 151, 3], [225, 226, 5]])

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


@compiled
def _next(random: Any) -> Any:
    """Splitmix64: the next 64 random bits."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def below(random: Any, n: int) -> Any:
    """Draw a whole number from 0 to n - 1."""
    return np.int64(((_next(random) >> np.uint64(33)) * np.uint64(n)) >> np.uint64(31))


@compiled
def exponential_deviate(random: Any) -> Any:
    """Draw from the exponential distribution with mean 1."""
    return _DEVIATES[np.int64(_next(random) >> np.uint64(52))]


@compiled
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


@compiled
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


@compiled
def _changed_by(kind: int) -> int:
    """Give the covariate that a move of size or sessions changes."""
    return SIZE_MM if kind == SIZE else SESSIONS


@compiled
def _may_become(kind: int, now: int, then: int) -> bool:
    """Whether a tumour's size or a number of sessions may change; the ends of the range stay."""
    if kind == SIZE:
        return now not in (SMALLEST, LARGEST) and SMALLEST < then < LARGEST
    return now != MOST_SESSIONS and 1 <= then < MOST_SESSIONS


@compiled
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


@compiled
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


@compiled
def _another_near(random: Any, cohort: Any, i: int, differing: int) -> Any:
    """Choose a place near i that differs in any of the named things; -1 if none is found."""
    _, death, failure, x = cohort
    n = death.shape[0]
    for _ in range(12):
        j = _near(random, i, n)
        if j < 0 or j >= n or j == i:
            continue
        # No CR at all takes no early CR along.
        if (differing >> LATE) & 3 == 1 and x[NO_CR, i] != x[NO_CR, j]:
            continue
        differs = (differing & FAILURE != 0 and failure[i] != failure[j]) or (
            differing & DEATH != 0 and death[i] != death[j]
        )
        for c in range(11):
            differs = differs or ((differing >> c) & 1 == 1 and x[c, i] != x[c, j])
        if differs:
            return j
    return -1


@compiled
def _exchange_places(random: Any, cohort: Any, move: Any) -> Any:
    """Let two patients change places, taking their covariates along: who fails, and who dies."""
    i = move[1]
    n = cohort.death.shape[0]
    j = _near(random, i, n)
    move[2], move[3] = j, EVERY_COVARIATE
    return 0 <= j < n and j != i


@compiled
def _exchange_times(random: Any, cohort: Any, failed: Any, move: Any) -> Any:
    """Let two patients change places with their deaths or failures: when, and not who."""
    i = move[1]
    follow_up = cohort.follow_up
    if below(random, 4) == 0:
        if below(random, 2) == 0:
            i = failed[below(random, FAILURES)]
        move[3] = EVERY_COVARIATE | FAILURE
        j = _another_near(random, cohort, i, FAILURE)
    else:
        move[3] = EVERY_COVARIATE | FAILURE | DEATH
        j = _another_near(random, cohort, i, DEATH)
        if j >= 0 and HEPATIC_FAILURE_DAY in (follow_up[i], follow_up[j]):
            return False
    move[1], move[2] = i, j
    return j >= 0


@compiled
def _exchange_failing(random: Any, cohort: Any, failed: Any, move: Any) -> Any:
    """Let a patient who fails change places with anybody."""
    i = failed[below(random, FAILURES)]
    j = below(random, cohort.death.shape[0])
    move[1], move[2], move[3] = i, j, EVERY_COVARIATE
    return i != j


@compiled
def _pass_failure(random: Any, cohort: Any, failed: Any, packed: Any, move: Any) -> Any:
    """Pass a failure to a patient who may have it, rather one in the same groups.

    Survival does not notice at all.
    """
    follow_up, _, failure, _ = cohort
    i = failed[below(random, FAILURES)]
    alike = below(random, 4) > 0
    for _ in range(24):
        j = below(random, follow_up.shape[0])
        able = failure[j] == 0 and follow_up[j] >= failure[i] + LEAST_AFTER_FAILURE
        if able and (not alike or packed[i] == packed[j]):
            move[1], move[2], move[3] = i, j, FAILURE
            return True
    return False


@compiled
def _covariate(random: Any) -> int:
    """Choose what goes together as one covariate: to have no CR is to have none by 3 months."""
    c = below(random, 11)
    return (1 << NO_CR) | (1 << LATE) if c == NO_CR else 1 << c


@compiled
def _exchange_covariates(random: Any, cohort: Any, failed: Any, move: Any) -> Any:
    """Let two patients exchange one covariate or several."""
    which = _covariate(random)
    several = below(random, 3)
    if several == 0:
        which = _TOGETHER[below(random, _TOGETHER.shape[0])]
    elif several == 1 and below(random, 2) == 0:
        which |= _covariate(random)
    if below(random, 6) == 0:
        move[1] = failed[below(random, FAILURES)]
    move[3] = which
    move[2] = _another_near(random, cohort, move[1], which)
    return move[2] >= 0


@compiled
def _exchange_deaths(random: Any, cohort: Any, move: Any) -> Any:
    """Pass a death to another patient: who dies, and when."""
    follow_up = cohort.follow_up
    i = move[1]
    j = _another_near(random, cohort, i, DEATH)
    move[2], move[3] = j, DEATH
    return j >= 0 and HEPATIC_FAILURE_DAY not in (follow_up[i], follow_up[j])


@compiled
def _exchange_days(random: Any, cohort: Any, failed: Any, move: Any) -> Any:
    """Bring a failure to another day, or let two failures exchange theirs."""
    follow_up, _, failure, _ = cohort
    i = failed[below(random, FAILURES)]
    move[1] = move[2] = i
    way = below(random, 4)
    if way == 3:
        move[2], move[3] = failed[below(random, FAILURES)], FAILURE
        return i != move[2]
    if way == 0:
        day = FIRST_FAILURE + below(random, follow_up[i] - FIRST_FAILURE)
    elif way == 1:
        day = failure[i] + below(random, 181) - 90
    else:
        day = failure[i] + below(random, 31) - 15
    if day < FIRST_FAILURE or day > LAST_FAILURE:
        return False
    # No tie with another failure or with the end of anybody's follow-up.
    for k in range(FAILURES):
        if failure[failed[k]] == day:
            return False
    at = np.searchsorted(follow_up, day)
    if at < follow_up.shape[0] and follow_up[at] == day:
        return False
    move[0], move[3], move[4] = DAY, failure[i], day
    return True


@compiled
def _alter(random: Any, cohort: Any, kind: int, move: Any) -> Any:
    """Change a tumour or a number of sessions, and mostly another by as much the other way."""
    i = j = move[1]
    c = _changed_by(kind)
    x = cohort.x[c]
    move[0] = kind
    move[3] = (1 - 2 * below(random, 2)) * (1 + below(random, 3))
    if not _may_become(kind, x[i], x[i] + move[3]):
        return False
    if below(random, 3) > 0:
        j = _near(random, i, x.shape[0])
        if j < 0 or j >= x.shape[0] or j == i:
            return False
        move[4] = -move[3]
        if not _may_become(kind, x[j], x[j] + move[4]):
            return False
    move[2] = j
    return True


@compiled
def propose(random: Any, cohort: Any, failed: Any, packed: Any, move: Any) -> Any:
    """Draw a move; False if the draw came to nothing."""
    draw = below(random, 100)
    move[0] = EXCHANGE
    move[1] = below(random, cohort.death.shape[0])
    move[3] = move[4] = 0
    if draw < 16:
        return _exchange_places(random, cohort, move)
    if draw < 28:
        return _exchange_times(random, cohort, failed, move)
    if draw < 33:
        return _exchange_failing(random, cohort, failed, move)
    if draw < 40:
        return _pass_failure(random, cohort, failed, packed, move)
    if draw < 76:
        return _exchange_covariates(random, cohort, failed, move)
    if draw < 78:
        return _exchange_deaths(random, cohort, move)
    if draw < 89:
        return _exchange_days(random, cohort, failed, move)
    return _alter(random, cohort, SIZE if draw < 98 else SESSION, move)


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
def _failures_spread(order: Any, failure: Any) -> bool:
    """Whether failures come over years, and never many at once."""
    ranked = np.empty(FAILURES, np.int64)
    rank = 0
    for place in range(order.shape[0] - 1, -1, -1):
        day = failure[order[place]]
        if day > 0:
            ranked[rank] = day
            most = MOST_AT_ONCE if day <= HORIZON_DAYS else MOST_AT_ONCE_LATE
            if rank >= most and day - ranked[rank - most] < AT_ONCE_DAYS:
                return False
            rank += 1
    for s in range(_SPREAD.shape[0]):
        if not _SPREAD[s, 1] <= ranked[_SPREAD[s, 0]] <= _SPREAD[s, 2]:
            return False
    return True


@compiled
def allowed(cohort: Any, move: Any, changed: int, order_try: Any, days: Any) -> Any:
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
    if changed & FAILURE:
        sort_failures(cohort, order_try, days)
        return _failures_spread(order_try, failure)
    if move[0] == SIZE:
        return _sizes_as_published(cohort.x[SIZE_MM])
    if move[0] == SESSION:
        return _sessions_as_published(cohort.x[SESSIONS])
    return True
