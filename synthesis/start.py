"""A first cohort: every marginal as published, nothing fitted yet.

The patients are held in the order of their follow-up, shortest first: place ``k`` of every
array is the patient with the k-th shortest follow-up. Follow-up is fixed here once and for
all; the search moves covariates, deaths and failures between the places.
"""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reanalysis.core.constants import DAYS_PER_MONTH

IntArray = npt.NDArray[np.int64]

PATIENTS = 302
HORIZON_DAYS = 1095  # the last whole day within 36.0 months
HEPATIC_FAILURE_DAY = 301  # 9.9 months: the one death with hepatic failure

FAILURES = 25
# Places in the array of covariates.
AGE, ECOG, CHILD_PUGH, ETIOLOGY, BCLC, SIZE, AFP, SESSIONS, DOSE, LATE, NO_CR = range(11)
NAMES = ("age", "ps", "cp", "etio", "bclc", "size", "afp", "nsess", "bed", "cr3", "anycr")
AFP_MISSING = 2
# Regimens as (total dose, fractions, patients), and BED10 in Gy.
REGIMENS = ((36, 3, 16), (45, 3, 267), (48, 3, 2), (60, 4, 16), (60, 3, 1))
BED10 = (79.2, 112.5, 124.8, 150.0, 180.0)
# Patients by number of sessions, 1, 2, 3 and so on: median 3, quartiles 1 and 5.
SESSION_COUNTS = (84, 58, 41, 28, 24, 17, 12, 9, 7, 5, 4, 3, 2, 2, 2, 0, 1, 0, 1, 0, 0, 1, 0, 1)
# A search free to choose would pile its patients at the end of the range: at most so many had more
# sessions than that.
SESSIONS_BEYOND = ((8, 36), (12, 13), (16, 6), (20, 2))
SMALL = 165  # tumours of 2.0 cm or less at the start; the paper does not say how many
Splits = tuple[tuple[int, int], ...]
# Events by group, fewest and most, as the widths of the printed intervals imply: ECOG 1-2,
# Child-Pugh B, other than HBV, BCLC A, AFP > 20, no CR by 3 months, no CR. Of deaths it is the
# splits near the smallest possible standard error, for each number of deaths.
SPLITS_LC: Splits = ((1, 1), (0, 0), (4, 4), (19, 19), (10, 10), (16, 16), (5, 5))
SPLITS_OS: dict[int, Splits] = {
    88: ((8, 8), (16, 16), (20, 21), (60, 61), (29, 30), (63, 64), (5, 5)),
    90: ((8, 8), (15, 16), (20, 21), (62, 63), (28, 30), (65, 66), (5, 5)),
}
# Local failures are spread as they are seen at visits over years: (rank, first and last day).
FAILURE_SPREAD = (
    (0, 45, 300),
    (8, 120, 700),
    (16, 240, 1100),
    (24, 600, 1450),
)
# So many failures, at most, within so many days; of the few after the horizon fewer.
MOST_AT_ONCE, MOST_AT_ONCE_LATE, AT_ONCE_DAYS = 5, 2, 60
SIZE_SD = (7.0, 9.98)  # mm; the t test on size leaves little else
_SPLIT_COVARIATES = (ECOG, CHILD_PUGH, ETIOLOGY, BCLC, AFP, LATE, NO_CR)
# No complete response is seen before the first images, and none after a failure. A patient who
# reached one late was followed, and free of failure, for at least this long.
EARLIEST_FAILURE = {"early": 100, "late": 140, "never": 45}
SHORTEST_FOLLOW_UP = {"early": 80, "late": 130, "never": 45}


@dataclass
class State:
    """A cohort during the search.

    Attributes
    ----------
    follow_up
        Days to death or last follow-up, increasing.
    death
        1 for a death.
    failure
        Day of local failure, 0 for none.
    covariates
        Eleven rows in the order of ``NAMES``: age, ECOG 1-2, Child-Pugh B, other than HBV,
        BCLC A, size in mm, AFP > 20 (2: missing), sessions, index of the regimen, no CR by
        3 months, no CR at all.
    """

    follow_up: IntArray
    death: IntArray
    failure: IntArray
    covariates: IntArray

    def copy(self) -> "State":
        """Give a copy that shares nothing."""
        return State(**{f.name: getattr(self, f.name).copy() for f in fields(self)})


def survival_at(days: IntArray, event: IntArray, horizon: int = HORIZON_DAYS) -> float:
    """Give the Kaplan-Meier estimate at a day; the times are distinct."""
    order = np.argsort(days, kind="stable")
    estimate, at_risk = 1.0, len(days)
    for k in order:
        if days[k] > horizon:
            break
        if event[k]:
            estimate *= (at_risk - 1) / at_risk
        at_risk -= 1
    return estimate


def failure_times(state: State) -> IntArray:
    """Give the day until which each patient is at risk of local failure."""
    return np.where(state.failure > 0, state.failure, state.follow_up)


def draw_state(seed: int, deaths: int) -> State:
    """Draw a cohort with the published marginals.

    Parameters
    ----------
    seed
        Of the random numbers.
    deaths
        How many patients die, a key of ``SPLITS_OS``; the paper does not say.

    Returns
    -------
    State
        Possible patients throughout, with the published rates of survival and local control
        at 36 months. The regression models do not agree with the paper yet.
    """
    rng = np.random.default_rng(seed)
    follow_up = _follow_up(rng)
    death = _deaths(rng, follow_up, deaths)
    covariates = _covariates(rng, follow_up, death)
    failure = _failures(rng, follow_up, death, covariates)
    state = State(follow_up, death, failure, covariates)
    _split_events(rng, state, SPLITS_OS[deaths])
    return state


def is_possible(state: State, k: int) -> bool:
    """Whether the patient in place k can exist (the search has the same rule, compiled)."""
    x, end, failure = state.covariates[:, k], state.follow_up[k], state.failure[k]
    if x[BCLC] == 0 and (x[SIZE] > 20 or x[CHILD_PUGH] == 1 or x[ECOG] == 1):
        return False
    if x[NO_CR] == 1 and x[LATE] == 0:
        return False
    response = "never" if x[NO_CR] == 1 else "late" if x[LATE] == 1 else "early"
    if end < SHORTEST_FOLLOW_UP[response]:
        return False
    if failure == 0:
        return True
    if x[CHILD_PUGH] == 1 or end == HEPATIC_FAILURE_DAY:
        return False
    return bool(EARLIEST_FAILURE[response] <= failure <= end - 10)


def _split_events(rng: np.random.Generator, state: State, splits: Splits) -> None:
    """Exchange single covariates until the events split by group as the intervals imply."""
    failed, died = state.failure > 0, state.death == 1
    x = state.covariates

    def beyond() -> int:
        total = 0
        for f, c in enumerate(_SPLIT_COVARIATES):
            for group, (fewest, most) in ((failed, SPLITS_LC[f]), (died, splits[f])):
                count = int((x[c, group] == 1).sum())
                total += max(0, fewest - count, count - most)
        return total

    distance = beyond()
    for _ in range(60_000):
        if distance == 0:
            return
        c = _SPLIT_COVARIATES[int(rng.integers(len(_SPLIT_COVARIATES)))]
        rows = [c, LATE] if c == NO_CR else [c]
        i, j = rng.integers(PATIENTS, size=2)
        if x[c, i] == x[c, j]:
            continue
        x[np.ix_(rows, [i, j])] = x[np.ix_(rows, [j, i])]
        closer = beyond()
        if closer <= distance and is_possible(state, i) and is_possible(state, j):
            distance = closer
        else:
            x[np.ix_(rows, [i, j])] = x[np.ix_(rows, [j, i])]
    raise RuntimeError("no way found to split the events; try another seed")


def quantile_sample(
    rng: np.random.Generator, shares: list[float], values: list[float], n: int
) -> npt.NDArray[np.float64]:
    """Draw n values in increasing order, one from each n-th part of a distribution.

    Parameters
    ----------
    rng
        Source of random numbers.
    shares, values
        Points of the quantile function, joined by straight lines.
    n
        How many.
    """
    return np.interp((np.arange(n) + rng.random(n)) / n, shares, values)


def _follow_up(rng: np.random.Generator) -> IntArray:
    shares = [0, 0.015, 0.05, 0.12, 0.25, 0.38, 0.5, 0.63, 0.75, 0.87, 0.95, 0.985, 1]
    months = [1.8, 3.6, 7.5, 14.5, 23.6, 28.6, 32.9, 37.2, 41.7, 50.0, 59.0, 66.0, 73.5]
    days = (quantile_sample(rng, shares, months, PATIENTS) * DAYS_PER_MONTH).astype(np.int64)
    # The values next to each quartile decide how it prints: 23.6, 32.9, 41.7.
    pinned = {75: 718, 76: 720, 150: 1000, 151: 1003, 225: 1267, 226: 1270}
    days[int(np.argmin(np.abs(days - HEPATIC_FAILURE_DAY)))] = HEPATIC_FAILURE_DAY
    for place, day in pinned.items():
        days[place] = day
    edges = [-1, *sorted({*pinned, int(np.flatnonzero(days == HEPATIC_FAILURE_DAY)[0])}), PATIENTS]
    for before, after in pairwise(edges):
        # Between two pinned places: distinct days that stay clear of both ends.
        low = int(days[before]) + 1 if before >= 0 else 50
        high = int(days[after]) - 1 if after < PATIENTS else 2245
        between = np.arange(before + 1, after)
        if between.size:
            wanted = np.clip(np.sort(days[between]), low, high)
            for i in range(1, between.size):
                wanted[i] = max(wanted[i], wanted[i - 1] + 1)
            for i in range(between.size - 1, -1, -1):
                wanted[i] = min(wanted[i], high - (between.size - 1 - i))
            days[between] = wanted
    return days


def _deaths(rng: np.random.Generator, follow_up: IntArray, deaths: int) -> IntArray:
    """Place the deaths: 72.7 % alive at 36.0 months, the one with hepatic failure among them."""
    months = follow_up / DAYS_PER_MONTH
    weight = np.interp(months, [0, 6, 14, 24, 36, 50, 75], [0.4, 0.6, 0.75, 0.4, 0.16, 0.14, 0.05])
    fixed = int(np.flatnonzero(follow_up == HEPATIC_FAILURE_DAY)[0])
    free = np.delete(np.arange(PATIENTS), fixed)
    chosen = rng.choice(free, deaths - 1, replace=False, p=weight[free] / weight[free].sum())
    death = np.zeros(PATIENTS, np.int64)
    death[chosen] = death[fixed] = 1
    gap = abs(survival_at(follow_up, death) - 0.727)
    while gap > 0.0002:
        one = int(rng.choice(free[death[free] == 1]))
        other = int(rng.choice(free[death[free] == 0]))
        death[one], death[other] = 0, 1
        moved = abs(survival_at(follow_up, death) - 0.727)
        # Mostly small steps, so that the deaths keep their spread over follow-up.
        if moved < gap and (abs(one - other) < 60 or rng.random() < 0.2):
            gap = moved
        else:
            death[one], death[other] = 1, 0
    return death


def _covariates(rng: np.random.Generator, follow_up: IntArray, death: IntArray) -> IntArray:
    x = np.zeros((11, PATIENTS), np.int64)
    x[AGE] = rng.permutation(_ages(rng))
    x[SIZE] = rng.permutation(_sizes(rng))
    x[SESSIONS] = rng.permutation(np.repeat(np.arange(1, len(SESSION_COUNTS) + 1), SESSION_COUNTS))
    x[DOSE] = rng.permutation(np.repeat(np.arange(5), [patients for _, _, patients in REGIMENS]))
    x[ECOG] = rng.permutation(PATIENTS) < 21
    x[CHILD_PUGH] = rng.permutation(PATIENTS) < 26
    x[ETIOLOGY] = rng.permutation(PATIENTS) < 72
    afp = rng.permutation(PATIENTS)
    x[AFP] = np.where(afp < 98, 1, np.where(afp == 98, AFP_MISSING, 0))
    # BCLC 0 is a single tumour up to 2 cm in a patient with Child-Pugh A and ECOG 0.
    while True:
        may_be_0 = np.flatnonzero((x[SIZE] <= 20) & (x[CHILD_PUGH] == 0) & (x[ECOG] == 0))
        if may_be_0.size >= 137:
            break
        for row in (ECOG, CHILD_PUGH):
            x[row] = rng.permutation(x[row])
    x[BCLC] = 1
    x[BCLC, rng.choice(may_be_0, 137, replace=False)] = 0
    # Without CR: whoever was followed too briefly for one, half a dozen in all; the others stay
    # under observation. Five of the fourteen die.
    brief = np.flatnonzero(follow_up < SHORTEST_FOLLOW_UP["late"])
    must = np.flatnonzero(follow_up < SHORTEST_FOLLOW_UP["early"])
    never = np.append(must, rng.permutation(np.setdiff1d(brief, must)))[:6]
    rest = np.flatnonzero((follow_up > 250) & (follow_up < 1300))
    died = int(death[never].sum())
    for value, wanted in ((1, 5 - died), (0, 14 - 5 - (never.size - died))):
        never = np.append(never, rng.choice(rest[death[rest] == value], wanted, replace=False))
    x[NO_CR, never] = 1
    early_first = np.setdiff1d(brief, never)
    pool = np.setdiff1d(np.arange(PATIENTS), np.append(never, early_first))
    early = np.append(early_first, rng.choice(pool, 115 - early_first.size, replace=False))
    x[LATE] = 1
    x[LATE, early] = 0
    return x


def _ages(rng: np.random.Generator) -> IntArray:
    shares = [0, 0.01, 0.05, 0.16, 0.3, 0.5, 0.7, 0.84, 0.95, 0.99, 1]
    years = [38, 41, 46.5, 53, 57.8, 63.0, 68.4, 73.2, 79.5, 85.5, 89.5]
    ages = np.sort(quantile_sample(rng, shares, years, PATIENTS).round().astype(np.int64))
    ages[0], ages[150], ages[151], ages[-1] = 37, 63, 63, 90
    return np.sort(ages)


def _sizes(rng: np.random.Generator) -> IntArray:
    """Give sizes in mm: right-skewed, 165 up to 2.0 cm, median 2.0, range 0.7 to 6.9."""
    share_small = SMALL / PATIENTS
    shares = [0, 0.02, 0.1, 0.25, 0.4, share_small, 0.68, 0.8, 0.9, 0.96, 0.985, 0.997, 1]
    mm = [7.0, 10.2, 13.4, 16.1, 18.2, 20.5, 22.8, 25.8, 30.6, 37.5, 44.0, 53.0, 59.0]
    sizes = np.sort(quantile_sample(rng, shares, mm, PATIENTS).round().astype(np.int64))
    sizes[:SMALL] = np.minimum(sizes[:SMALL], 20)
    sizes[SMALL:] = np.maximum(sizes[SMALL:], 21)
    sizes[150] = sizes[151] = 20
    sizes[0], sizes[-1] = 7, 69
    return np.sort(sizes)


def _failures(
    rng: np.random.Generator, follow_up: IntArray, death: IntArray, x: IntArray
) -> IntArray:
    """Place 25 failures: none in Child-Pugh B, 5 without CR, 91.2 % local control at 36 months."""
    state = State(follow_up, death, np.zeros(PATIENTS, np.int64), x)
    weight = np.exp(0.06 * (x[SIZE] - 20)) * np.where(x[BCLC] == 1, 1.5, 1.0)
    for no_cr, failures in ((1, 5), (0, FAILURES - 5)):
        pool = np.flatnonzero((x[NO_CR] == no_cr) & (x[CHILD_PUGH] == 0) & (follow_up > 200))
        p = weight[pool] / weight[pool].sum()
        for k in rng.choice(pool, failures, replace=False, p=p):
            state.failure[k] = 1
    places = np.flatnonzero(state.failure)
    taken = set(follow_up.tolist())
    while True:
        for k in places:
            earliest = 70 if x[NO_CR, k] else 145
            latest = min(int(follow_up[k]) - 10, 330 if x[NO_CR, k] else 1450)
            state.failure[k] = int(earliest + (latest - earliest) * rng.random() ** 1.3)
        days = state.failure[places].tolist()
        distinct = len(set(days)) == FAILURES and not taken & set(days)
        ranked = sorted(days)
        distinct &= all(low <= ranked[rank] <= high for rank, low, high in FAILURE_SPREAD)
        for most, since in ((MOST_AT_ONCE, 0), (MOST_AT_ONCE_LATE, HORIZON_DAYS)):
            apart = np.subtract(ranked[most:], ranked[:-most])
            distinct &= all(apart[np.array(ranked[most:]) > since] >= AT_ONCE_DAYS)
        rate = survival_at(failure_times(state), (state.failure > 0).astype(np.int64))
        if distinct and abs(rate - 0.912) < 0.0004:
            return state.failure
