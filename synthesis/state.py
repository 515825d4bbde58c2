"""A cohort as the search holds it: what the regression models see of 302 patients.

The patients are held in the order of their follow-up, shortest first: place ``k`` of every
array is the patient with the k-th shortest follow-up, whole days, no two alike. Follow-up is
drawn once and for all; the search moves covariates, deaths and failures between the places.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

# A division by zero gives infinity, as in NumPy. No fast mathematics: sums in another order would
# differ between machines.
compiled = njit(cache=True, error_model="numpy")

PATIENTS, FAILURES = 302, 25
HORIZON_DAYS = 1095  # the last whole day within 36.0 months
HEPATIC_FAILURE_DAY = 301  # 9.9 months: the one death with hepatic failure
# Rows of the array of covariates: two-level ones are 0 or 1.
AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, DOSE, LATE, NO_CR = range(11)
COVARIATES = 11
AFP_MISSING = 2
# Regimens as (total dose, fractions, patients), and BED10 in Gy.
REGIMENS = ((36, 3, 16), (45, 3, 267), (48, 3, 2), (60, 4, 16), (60, 3, 1))
BED10 = (79.2, 112.5, 124.8, 150.0, 180.0)
# The covariates are whole-number codes; this is what each code stands for, near 0 for the typical
# one. Size is in cm.
LEVELS = 96
VALUE = np.tile(np.arange(float(LEVELS)), (COVARIATES, 1))
VALUE[AGE] -= 63.0
VALUE[SIZE] = (np.arange(LEVELS) - 20) / 10
VALUE[AFP, AFP_MISSING] = 0.0
VALUE[SESSIONS] -= 3.0
VALUE[DOSE, : len(BED10)] = np.array(BED10) - 112.5


class State(NamedTuple):
    """A cohort during the search.

    Attributes
    ----------
    follow_up
        Days to death or last follow-up, increasing.
    death
        1 for a death.
    failure
        Day of local failure, 0 for none.
    x
        Eleven rows of codes: age, ECOG 1-2, Child-Pugh B, other than HBV, BCLC A, size in mm,
        AFP > 20 (2: missing), sessions, index of the regimen, no CR by 3 months, no CR at all.
    """

    follow_up: IntArray
    death: IntArray
    failure: IntArray
    x: IntArray


def copy_of(state: State) -> State:
    """Give a copy that shares nothing."""
    return State(*(part.copy() for part in state))


def survival_at(days: IntArray, event: IntArray, horizon: int = HORIZON_DAYS) -> float:
    """Give the Kaplan-Meier estimate at a day; the times are distinct."""
    order = np.argsort(days, kind="stable")
    at_risk = len(days) - np.arange(len(days))
    dies = (event[order] > 0) & (days[order] <= horizon)
    return float(np.prod(1.0 - dies / at_risk))


def local_days(state: State) -> IntArray:
    """Give the day until which each patient is at risk of local failure."""
    return np.where(state.failure > 0, state.failure, state.follow_up)


# --- who may exist ---

# Days of the first image that shows a CR, of an early one (within 3 months) or a late one; and how
# long after it a failure can be seen at the next: images are two to three months apart.
FIRST_IMAGE, BETWEEN_IMAGES = 37, 50
EARLIEST_FAILURE = np.array([FIRST_IMAGE + 20 + BETWEEN_IMAGES, 160, 60])  # early CR, late, none
SHORTEST_FOLLOW_UP = np.array([80, 130, 45])
AFTER_FAILURE = 20  # days of follow-up, at least


@compiled
def response_of(x: Any, k: int) -> int:
    """Tell whether CR came early (0), late (1) or never (2)."""
    return 2 if x[10, k] == 1 else x[9, k]


@compiled
def possible(state: Any, k: int) -> bool:
    """Whether the patient in place k can exist."""
    x, end, failure = state.x, state.follow_up[k], state.failure[k]
    # BCLC 0: a single tumour up to 2 cm, Child-Pugh A, ECOG 0.
    if x[4, k] == 0 and (x[5, k] > 20 or x[2, k] == 1 or x[1, k] == 1):
        return False
    if x[10, k] == 1 and x[9, k] == 0:
        return False
    response = response_of(x, k)
    if end < SHORTEST_FOLLOW_UP[response]:
        return False
    if failure == 0:
        return True
    # The intervals leave no failure to Child-Pugh B.
    if x[2, k] == 1 or end == HEPATIC_FAILURE_DAY:
        return False
    return bool(EARLIEST_FAILURE[response] <= failure <= end - AFTER_FAILURE)


# --- what makes a cohort believable ---


class Believable(NamedTuple):
    """Hard rules that hold from the start; no move may break one.

    Attributes
    ----------
    deaths, failures
        Fewest and most events in each half-year to 60 months, and after.
    splits
        Failures and deaths in each of ``SPLIT_BY``, which the widths of the printed intervals
        imply.
    """

    deaths: IntArray
    failures: IntArray
    splits: IntArray


SPLIT_BY = np.array([ECOG, CHILD_PUGH, ETIOLOGY, BCLC, AFP, LATE, NO_CR])


HALF_YEARS = 11
_DAYS_OF_HALF_YEAR = 182.625
# Days without a death, at most: while more than 150 are at risk, and while 30 to 150 are.
_QUIET, _QUIET_LATE = 88, 150
# Those who failed locally die at least so much more often than others at the same time.
_DEATHS_AFTER_FAILURE = 1.4
# And so many of them live: seven were salvaged and lived, one was and died.
_FEWEST_ALIVE, _MOST_ALIVE = 7, 23
# Failures come apart: no more than so many within two months.
_AT_ONCE, _AT_ONCE_DAYS = 4, 60


@compiled
def half_year(day: int) -> int:
    """Give the number of a half-year, from 0; the last one is all that is after 60 months."""
    return min(int((day - 0.5) / _DAYS_OF_HALF_YEAR), HALF_YEARS - 1)


@compiled
def deaths_are_smooth(state: Any, rules: Any) -> bool:
    """Whether deaths come as from a smooth hazard."""
    n = state.death.shape[0]
    count = np.zeros(HALF_YEARS, np.int64)
    last = 0
    for k in range(n):
        if state.death[k] == 0:
            continue
        day = state.follow_up[k]
        count[half_year(day)] += 1
        quiet = day - last
        if (n - k > 140 and quiet > _QUIET) or (n - k > 25 and quiet > _QUIET_LATE):
            return False
        last = day
    for h in range(HALF_YEARS):
        if count[h] < rules.deaths[h, 0] or count[h] > rules.deaths[h, 1]:
            return False
    return True


@compiled
def failures_are_smooth(state: Any, rules: Any) -> bool:
    """Whether failures come as from a smooth hazard, and never many at once."""
    count = np.zeros(HALF_YEARS, np.int64)
    days = np.empty(FAILURES, np.int64)
    m = 0
    for k in range(state.failure.shape[0]):
        if state.failure[k] > 0:
            days[m] = state.failure[k]
            count[half_year(days[m])] += 1
            m += 1
    for h in range(HALF_YEARS):
        if count[h] < rules.failures[h, 0] or count[h] > rules.failures[h, 1]:
            return False
    days.sort()
    for r in range(1, FAILURES):
        if days[r] == days[r - 1]:
            return False
        if r >= _AT_ONCE and days[r] - days[r - _AT_ONCE] < _AT_ONCE_DAYS:
            return False
    return True


@compiled
def failures_die(state: Any) -> bool:
    """Whether those who failed die rather more than others at the same time, and enough live."""
    n = state.death.shape[0]
    hazard = np.zeros(n + 1)
    for k in range(n):
        hazard[k + 1] = hazard[k] + state.death[k] / (n - k)
    died = expected = 0.0
    for k in range(n):
        if state.failure[k] > 0:
            died += state.death[k]
            at = np.searchsorted(state.follow_up, state.failure[k])
            expected += hazard[k + 1] - hazard[at]
    if not _FEWEST_ALIVE <= FAILURES - died <= _MOST_ALIVE:
        return False
    return died >= _DEATHS_AFTER_FAILURE * expected


@compiled
def beyond_splits(state: Any, splits: Any) -> int:
    """Count how many failures and deaths are in another group than the intervals imply."""
    x = state.x
    beyond = 0
    for s in range(SPLIT_BY.shape[0]):
        c = SPLIT_BY[s]
        failed = died = 0
        for k in range(x.shape[1]):
            if x[c, k] == 1:
                failed += state.failure[k] > 0
                died += state.death[k]
        beyond += abs(failed - splits[0, s]) + abs(died - splits[1, s])
    return beyond


# What is published of sizes and sessions beside the models: medians, quartiles. What is not: how
# far sizes spread (the t test leaves little) and how the number of sessions thins out.
_SIZE_SD = (7.0, 9.98)  # mm
SESSIONS_BEYOND = np.array([[8, 36], [12, 13], [16, 6], [20, 2]])  # so many above so many, at most
_SESSION_QUARTILES = np.array([[75, 76, 1], [150, 151, 3], [225, 226, 5]])
MEDIAN_SIZE, SMALLEST, LARGEST, MOST_SESSIONS = 20, 7, 69, 24


@compiled
def sizes_are_published(size: Any) -> bool:
    """Whether the median is 2.0 cm, no step from 1.0 to 3.0 cm is empty, and the spread usual."""
    total = square = below = up_to = 0
    count = np.zeros(LEVELS, np.int64)
    for k in range(PATIENTS):
        total += size[k]
        square += size[k] * size[k]
        below += size[k] < MEDIAN_SIZE
        up_to += size[k] <= MEDIAN_SIZE
        count[size[k]] += 1
    if below >= PATIENTS // 2 or up_to <= PATIENTS // 2:
        return False
    for mm in range(10, 31):
        if count[mm] < 2 or count[mm] > 30:
            return False
    variance = square / PATIENTS - (total / PATIENTS) ** 2
    return _SIZE_SD[0] ** 2 <= variance <= _SIZE_SD[1] ** 2


@compiled
def sessions_are_published(sessions: Any) -> bool:
    """Whether the quartiles are 1, 3 and 5, and the tail thins out."""
    for q in range(3):
        first, last, value = _SESSION_QUARTILES[q]
        below = up_to = 0
        for k in range(PATIENTS):
            below += sessions[k] < value
            up_to += sessions[k] <= value
        if below > first or up_to <= last:
            return False
    for t in range(SESSIONS_BEYOND.shape[0]):
        beyond = 0
        for k in range(PATIENTS):
            beyond += sessions[k] > SESSIONS_BEYOND[t, 0]
        if beyond > SESSIONS_BEYOND[t, 1]:
            return False
    return True
