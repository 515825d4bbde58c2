"""The steps of the search: how one cohort becomes another.

A move is five whole numbers: kind, places i and j, and two details that depend on the kind.
"""

from typing import Any

import numpy as np

from synthesis.numbers import DEATH, EVERY_COVARIATE, FAILURE
from synthesis.state import (
    AFP,
    BCLC,
    CHILD_PUGH,
    COVARIATES,
    DOSE,
    ECOG,
    FAILURES,
    HEPATIC_FAILURE_DAY,
    LARGEST,
    LATE,
    MOST_SESSIONS,
    NO_CR,
    PATIENTS,
    SESSIONS,
    SIZE,
    SMALLEST,
    SPLIT_BY,
    beyond_splits,
    compiled,
    deaths_are_smooth,
    failures_are_smooth,
    failures_die,
    possible,
    sessions_are_published,
    sizes_are_published,
)

# Kinds of move: exchange what i and j have (detail: which of it, one bit each), bring a failure to
# another day (details: days before and after), or make one or two tumours a few millimetres
# larger or smaller, or give one or two patients a few sessions more or fewer (by how much).
EXCHANGE, DAY, ALTER_SIZE, ALTER_SESSIONS = range(4)


def _bits(*covariates: int) -> int:
    return sum(1 << c for c in covariates)


# What is exchanged together, and how often. All covariates and no event: who is where, which
# decides who fails and dies. Covariates with events: when, and not who.
_MASKS = [
    (EVERY_COVARIATE, 18),
    (EVERY_COVARIATE | FAILURE | DEATH, 10),
    (EVERY_COVARIATE | FAILURE, 4),
    (FAILURE, 8),
    (DEATH, 3),
    *((_bits(c), 3) for c in range(COVARIATES) if c != NO_CR),
    (_bits(LATE, NO_CR), 3),
    (_bits(BCLC, SIZE), 3),
    (_bits(BCLC, AFP), 1),
    (_bits(BCLC, CHILD_PUGH), 1),
    (_bits(BCLC, ECOG), 1),
    (_bits(SIZE, AFP), 1),
    (_bits(SIZE, DOSE), 1),
    (_bits(CHILD_PUGH, AFP), 1),
    (_bits(CHILD_PUGH, SIZE), 1),
    (_bits(BCLC, SIZE, AFP), 1),
    (_bits(BCLC, SIZE, CHILD_PUGH), 1),
    (_bits(SIZE, LATE, NO_CR), 2),
    (_bits(BCLC, SIZE, CHILD_PUGH, AFP), 1),
]
_MASK = np.array([mask for mask, often in _MASKS for _ in range(often)])
_SPLIT = FAILURE | DEATH | _bits(*SPLIT_BY.tolist())
_OF_100 = (70, 80, 94)  # exchanges, then days of failure, sizes, and sessions
_LAST_FAILURE = 1750


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
def _near(random: Any, k: int) -> Any:
    """Choose another place, mostly a near one; may fall outside."""
    reach = below(random, 4)
    if reach == 3:
        return below(random, PATIENTS)
    width = 4 if reach == 0 else (12 if reach == 1 else 50)
    return k + below(random, 2 * width + 1) - width


@compiled
def _a_failure(random: Any, failure: Any) -> int:
    """Choose one of the patients who fail."""
    wanted = below(random, FAILURES)
    for k in range(PATIENTS):
        if failure[k] > 0:
            if wanted == 0:
                return k
            wanted -= 1
    return -1


@compiled
def _differ(state: Any, i: int, j: int, mask: int) -> bool:
    if mask & FAILURE != 0 and state.failure[i] != state.failure[j]:
        return True
    if mask & DEATH != 0 and state.death[i] != state.death[j]:
        return True
    for c in range(COVARIATES):  # noqa: SIM110 - compiled code has no generators
        if (mask >> c) & 1 == 1 and state.x[c, i] != state.x[c, j]:
            return True
    return False


@compiled
def propose(random: Any, state: Any, only: int, move: Any) -> Any:
    """Draw a move; False if the draw came to nothing.

    Parameters
    ----------
    random
        State of the random numbers.
    state
        The cohort.
    only
        What alone may be exchanged, one bit each, or 0 for any move.
    move
        Overwritten.
    """
    draw = below(random, 100)
    move[0] = EXCHANGE
    move[3] = move[4] = 0
    i = j = below(random, PATIENTS)
    if only != 0 or draw < _OF_100[0]:
        mask = only if only != 0 else _MASK[below(random, _MASK.shape[0])]
        if mask & FAILURE != 0 or below(random, 5) == 0:
            i = _a_failure(random, state.failure)
        for _ in range(12):
            j = _near(random, i)
            if mask & FAILURE != 0 and below(random, 2) == 0:
                j = below(random, PATIENTS)
            if 0 <= j < PATIENTS and j != i and _differ(state, i, j, mask):
                break
            j = -1
        move[1], move[2], move[3] = i, j, mask
        return j >= 0
    if draw < _OF_100[1]:
        i = _a_failure(random, state.failure)
        reach = 15 if below(random, 2) == 0 else 150
        day = state.failure[i] + below(random, 2 * reach + 1) - reach
        at = np.searchsorted(state.follow_up, day)
        move[0], move[1], move[2], move[3], move[4] = DAY, i, i, state.failure[i], day
        # No tie with the end of anybody's follow-up.
        return 0 < day <= _LAST_FAILURE and (at == PATIENTS or state.follow_up[at] != day)
    move[0] = ALTER_SIZE if draw < _OF_100[2] else ALTER_SESSIONS
    move[3] = (1 - 2 * below(random, 2)) * (1 + below(random, 3))
    if below(random, 3) > 0:
        j = _near(random, i)
        move[4] = -move[3]
    move[1], move[2] = i, j
    return 0 <= j < PATIENTS and (j != i or move[4] == 0)


@compiled
def _altered(kind: int) -> int:
    return 5 if kind == ALTER_SIZE else 7


@compiled
def apply(state: Any, move: Any) -> int:
    """Make a move; gives what it changes, one bit each."""
    kind, i, j = move[0], move[1], move[2]
    x = state.x
    if kind == DAY:
        state.failure[i] = move[4]
        return FAILURE
    if kind != EXCHANGE:
        x[_altered(kind), i] += move[3]
        x[_altered(kind), j] += move[4]
        return 1 << _altered(kind)
    changed = 0
    for c in range(COVARIATES):
        if (move[3] >> c) & 1 and x[c, i] != x[c, j]:
            changed |= 1 << c
            x[c, i], x[c, j] = x[c, j], x[c, i]
    if move[3] & FAILURE and state.failure[i] != state.failure[j]:
        changed |= FAILURE
        state.failure[i], state.failure[j] = state.failure[j], state.failure[i]
    if move[3] & DEATH and state.death[i] != state.death[j]:
        changed |= DEATH
        state.death[i], state.death[j] = state.death[j], state.death[i]
    return changed


@compiled
def revert(state: Any, move: Any) -> None:
    """Take a move back."""
    if move[0] == DAY:
        state.failure[move[1]] = move[3]
    elif move[0] == EXCHANGE:
        apply(state, move)  # an exchange is its own reverse
    else:
        state.x[_altered(move[0]), move[1]] -= move[3]
        state.x[_altered(move[0]), move[2]] -= move[4]


@compiled
def _in_range(state: Any, move: Any) -> bool:
    """Whether sizes or sessions stay within their range, whose ends stay where they are."""
    c = _altered(move[0])
    least, most = (SMALLEST, LARGEST) if c == SIZE else (0, MOST_SESSIONS)
    for which in range(2):
        k, by = move[1 + which], move[3 + which]
        now = state.x[c, k]
        if by != 0 and not (least < now < most and least < now - by < most):
            return False
    return True


@compiled
def allowed(state: Any, rules: Any, move: Any, changed: int) -> bool:
    """Whether a cohort is possible and believable after a move that changed it."""
    if changed == 0 or not (possible(state, move[1]) and possible(state, move[2])):
        return False
    if changed & DEATH:
        if HEPATIC_FAILURE_DAY in (state.follow_up[move[1]], state.follow_up[move[2]]):
            return False
        if not deaths_are_smooth(state, rules):
            return False
    if changed & FAILURE and not failures_are_smooth(state, rules):
        return False
    if changed & (FAILURE | DEATH) and not failures_die(state):
        return False
    if changed & _SPLIT and beyond_splits(state, rules.splits) > 0:
        return False
    if move[0] == ALTER_SIZE:
        return _in_range(state, move) and sizes_are_published(state.x[SIZE])
    if move[0] == ALTER_SESSIONS:
        return _in_range(state, move) and sessions_are_published(state.x[SESSIONS])
    return True
