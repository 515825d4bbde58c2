"""A first cohort: believable, every marginal as published, nothing fitted yet.

Deaths come from a Weibull hazard through the published 72.7 % at 36 months, censoring from what
the published quartiles of follow-up leave beside them, local failures from a hazard through 91.2 %.
Who dies and who fails is drawn by the published hazard ratios, and then exchanged until the events
split by group as the printed intervals imply.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.paper.implied import feasible, floor_of_standard_error
from reanalysis.paper.targets import published_rows
from synthesis.state import (
    AFP,
    AFP_MISSING,
    AGE,
    BCLC,
    CHILD_PUGH,
    COVARIATES,
    DOSE,
    ECOG,
    ETIOLOGY,
    FAILURES,
    HALF_YEARS,
    HEPATIC_FAILURE_DAY,
    LATE,
    NO_CR,
    PATIENTS,
    REGIMENS,
    SESSIONS,
    SHORTEST_FOLLOW_UP,
    SIZE,
    SPLIT_BY,
    VALUE,
    Believable,
    FloatArray,
    IntArray,
    State,
    beyond_splits,
    deaths_are_smooth,
    failures_are_smooth,
    failures_die,
    local_days,
    possible,
    sizes_are_published,
    survival_at,
)

OS_RATE, LC_RATE, HORIZON_MONTHS = 0.727, 0.912, 36.0
_NEAR = 0.005  # how near these are to begin with: the search brings them to their last digit
# Patients by number of sessions, 1, 2, 3 and so on: median 3, quartiles 1 and 5.
SESSION_COUNTS = (82, 50, 42, 33, 27, 17, 12, 10, 8, 6, 4, 3, 2, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1)
# Local failures by group, as the widths of the printed intervals imply.
_FAILURES_BY_GROUP = (1, 0, 4, 19, 10, 16, 5)
# Published log hazard ratios that the first cohort is drawn by, near enough.
_OF_DEATH = {CHILD_PUGH: 1.14, SIZE: 0.23, AFP: 0.22, DOSE: -0.022, NO_CR: 0.8, SESSIONS: 0.02}
# Share of the deaths in each group, roughly, and how far above its floor its standard error lies.
# Table 3's joint model asks for a wide stage and a narrow AFP: it is reached only where stage has
# hardly any room above its floor and AFP has some.
_INFLATION = {
    "ps": (0.1, 1.004),
    "cp": (0.2, 1.016),
    "etio": (0.25, 1.002),
    "bclc": (0.67, 1.008),
    "afp": (0.38, 1.026),
    "cr3": (0.71, 1.018),
    "anycr": (0.06, 1.006),
}
_BRIEF_IN_A, _BRIEF_AT_36_GY = 0.25, 0.6  # log hazards of an early end of follow-up
_OF_FAILURE = {BCLC: 0.62, SIZE: 0.57, AFP: 0.3, DOSE: -0.03, NO_CR: 2.7}


@dataclass(frozen=True)
class Plan:
    """What a cohort is drawn by: what the paper leaves open is chosen here.

    Attributes
    ----------
    seed
        Of all random numbers.
    deaths
        How many patients die, 79 to 90; the paper does not say.
    shape
        Of the Weibull hazard of death: above 1 it rises.
    failure_shape
        The same of local failure.
    small
        Tumours of 2.0 cm or less, at least the 151 that the median asks for.
    tail
        How far the larger tumours spread, relative to the usual.
    """

    seed: int
    deaths: int = 86
    shape: float = 1.1
    failure_shape: float = 0.95
    small: int = 159
    tail: float = 0.9


def draw_state(plan: Plan) -> tuple[State, Believable]:
    """Draw a cohort with the published marginals, and the rules that it and its kin obey.

    Parameters
    ----------
    plan
        What to draw by.

    Returns
    -------
    state, rules
        Possible patients throughout, with the published rates of survival and local control at
        36 months. The regression models do not agree with the paper yet.

    Raises
    ------
    RuntimeError
        If no such cohort was found; another seed may do.
    """
    rng = np.random.default_rng(plan.seed)
    for _ in range(40):
        follow_up, death, expected = _follow_up(rng, plan)
        splits = np.array([_FAILURES_BY_GROUP, deaths_by_group(plan.deaths)])
        deaths = _range_of(expected, 1.0)
        x = _covariates(rng, plan, follow_up, death)
        state = State(follow_up, death, np.zeros(PATIENTS, np.int64), x)
        of_failures = _draw_failures(rng, plan, state)
        # Were the patient without AFP among the failures, those with a value would be too few for
        # the interval that is printed.
        if of_failures is None or state.failure[x[AFP] == AFP_MISSING].any():
            continue
        rules = Believable(deaths, _range_of(of_failures, 1.25), splits)
        if _split_events(rng, state, splits) and all(
            (deaths_are_smooth(state, rules), failures_are_smooth(state, rules))
        ):
            return state, rules
    raise RuntimeError(f"no first cohort found for {plan}; another seed may do")


def _by_half_year(per_step: FloatArray) -> FloatArray:
    """Add up events expected in the steps of ``_GRID``."""
    half_years = np.minimum((_GRID / 6).astype(int), HALF_YEARS - 1)
    return np.asarray(np.bincount(half_years, weights=per_step, minlength=HALF_YEARS), float)


def _range_of(expected: FloatArray, width: float) -> IntArray:
    """Give the fewest and most events in each half-year: about one standard deviation."""
    spread = np.maximum(1.0, width * np.sqrt(expected))
    ends = np.array([np.ceil(expected - spread - 0.25), np.floor(expected + spread + 0.25)]).T
    whole: IntArray = np.maximum(ends, 0).astype(np.int64)
    return whole


def quantile_sample(
    rng: np.random.Generator, shares: list[float], values: list[float], n: int
) -> FloatArray:
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


# --- when ---

# Follow-up in months: share of patients who were followed no longer.
_SHARES = (0.0, 0.012, 0.05, 0.115, 0.25, 0.5, 0.75, 0.875, 0.95, 0.985, 1.0)
_MONTHS = (1.6, 3.2, 7.2, 12.6, 23.6, 32.9, 41.7, 50.0, 59.5, 66.5, 73.5)
# Between the quartiles, 75 or 76 patients each, and the days next to each quartile, which decide
# how it prints.
_SEGMENTS = ((0, 75), (76, 150), (151, 225), (226, 302))
_NEXT_TO_QUARTILES = {75: 718, 76: 720, 150: 1000, 151: 1003, 225: 1267, 226: 1270}
_ANY = np.zeros((HALF_YEARS, 2), np.int64)
_GRID = np.arange(0.0, 75.0, 0.05)


def _follow_up(rng: np.random.Generator, plan: Plan) -> tuple[IntArray, IntArray, FloatArray]:
    """Draw follow-up and deaths; gives the deaths that are expected by half-year, too."""
    at_risk = PATIENTS * (1 - np.interp(_GRID, _MONTHS, _SHARES))
    level = -np.log(OS_RATE) / HORIZON_MONTHS**plan.shape
    hazard = np.diff(level * _GRID**plan.shape, append=np.nan)
    hazard[-1] = 0.0
    per_step = hazard * at_risk
    # After the horizon the paper says nothing: there the number of deaths is brought to the plan's.
    late = _GRID >= HORIZON_MONTHS
    per_step[late] *= (plan.deaths - per_step[~late].sum()) / per_step[late].sum()
    ends = -np.diff(at_risk, append=0.0)
    alive = np.maximum(ends - per_step, 0.08 * ends)
    expected = _by_half_year(per_step)
    rules = Believable(_range_of(expected, 1.0), _ANY, _ANY)

    def drawn(weight: FloatArray, low: float, high: float, n: int) -> FloatArray:
        inside = weight * ((low <= _GRID) & (high > _GRID))
        share = np.append(0.0, np.cumsum(inside)) / inside.sum()
        u = (np.arange(n) + rng.uniform(-0.6, 1.6, n)) / n  # spread rather evenly
        months = np.interp(np.abs(1 - np.abs(1 - u)), share, np.append(_GRID, 75.0))
        return np.asarray(months, float)

    quartiles = (1.5, 23.6, 32.9, 41.7, 74.0)
    for _ in range(20_000):
        months, dies = [], []
        left = plan.deaths
        for s, (low, high) in enumerate(pairwise(quartiles)):
            inside = (low * (s > 0) <= _GRID) & (high > _GRID)
            size = 76 if s >= 2 else 75
            n = round(per_step[inside].sum() + rng.uniform(-1, 1)) if s < 3 else left
            left -= n
            # Nobody is followed for less than a month and a half.
            months += [drawn(per_step, low, high, n), drawn(alive, low + (s == 0), high, size - n)]
            dies += [np.ones(n, np.int64), np.zeros(size - n, np.int64)]
        days = (np.concatenate(months) * DAYS_PER_MONTH).astype(np.int64)
        death: IntArray = np.concatenate(dies)
        order = np.argsort(days, kind="stable")
        days, death = _apart(days[order]), death[order]
        # The death with hepatic failure is the nearest one, brought to its day.
        died = np.flatnonzero(death)
        fixed = died[np.argmin(np.abs(days[died] - HEPATIC_FAILURE_DAY))]
        others = np.delete(days, fixed)
        if not others[fixed - 1] < HEPATIC_FAILURE_DAY < others[fixed]:
            continue
        days[fixed] = HEPATIC_FAILURE_DAY
        if abs(survival_at(days, death) - OS_RATE) > _NEAR:
            continue
        state = State(days, death, np.zeros(PATIENTS, np.int64), np.zeros((1, 1), np.int64))
        if deaths_are_smooth(state, rules):
            return days, death, expected
    raise RuntimeError(f"no follow-up found for {plan}")


def _apart(days: IntArray) -> IntArray:
    """Make sorted days distinct, with those next to the quartiles as published."""
    days = days.copy()
    for place, day in _NEXT_TO_QUARTILES.items():
        days[place] = day
    edges = (-1, 75, 76, 150, 151, 225, 226, PATIENTS)
    for before, after in pairwise(edges):
        low = int(days[before]) + 1 if before >= 0 else 48
        high = int(days[after]) - 1 if after < PATIENTS else 2245
        between = np.arange(before + 1, after)
        if between.size == 0:
            continue
        wanted = np.clip(days[between], low, high)
        for i in range(1, between.size):
            wanted[i] = max(wanted[i], wanted[i - 1] + 1)
        for i in range(between.size - 1, -1, -1):
            wanted[i] = min(wanted[i], high - (between.size - 1 - i))
        days[between] = wanted
    return days


# --- who ---


def deaths_by_group(deaths: int) -> tuple[int, ...]:
    """Give the deaths in each group of the two-level covariates, as the intervals imply.

    The standard error of a two-level variable lies a little above its floor, which depends on
    the events in the two groups alone.
    """
    rows = {row.key: row for row in published_rows()}
    found = []
    for name, (share, wanted) in _INFLATION.items():
        se = feasible(rows[f"OS.u.{name}"]).standard_error.middle
        off = [
            abs(se / floor_of_standard_error(n, deaths - n) - wanted)
            + (1.0 if abs(n - share * deaths) > 0.15 * deaths else 0.0)
            for n in range(1, deaths)
        ]
        found.append(1 + int(np.argmin(off)))
    return tuple(found)


def _covariates(
    rng: np.random.Generator, plan: Plan, follow_up: IntArray, death: IntArray
) -> IntArray:
    x = np.zeros((COVARIATES, PATIENTS), np.int64)
    x[AGE] = _ages(rng)
    x[SIZE] = _sizes(rng, plan)
    x[SESSIONS] = np.repeat(np.arange(1, len(SESSION_COUNTS) + 1), SESSION_COUNTS)
    for c in (AGE, SIZE, SESSIONS):
        x[c] = rng.permutation(x[c])
    x[CHILD_PUGH] = rng.permutation(PATIENTS) < 26
    x[ETIOLOGY] = rng.permutation(PATIENTS) < 72
    # BCLC 0 is a single tumour up to 2 cm in a patient with Child-Pugh A and ECOG 0.
    small = np.flatnonzero((x[SIZE] <= 20) & (x[CHILD_PUGH] == 0))
    while small.size < 139:
        x[CHILD_PUGH] = rng.permutation(x[CHILD_PUGH])
        small = np.flatnonzero((x[SIZE] <= 20) & (x[CHILD_PUGH] == 0))
    # The standard errors of Table 3 ask for as close a tie of size and stage as there can be.
    p = np.exp(-0.25 * x[SIZE, small])
    stage_0 = rng.choice(small, 137, replace=False, p=p / p.sum())
    x[BCLC] = 1
    x[BCLC, stage_0] = 0
    x[ECOG, rng.choice(np.flatnonzero(x[BCLC] == 1), 21, replace=False)] = 1
    # They tie AFP and dose to stage, too: less for the larger tumours, more for the smaller.
    x[DOSE] = 1
    free = np.arange(PATIENTS)
    for regimen, in_a in ((0, 4.0), (3, 0.5), (2, 1.0), (4, 1.0)):
        p = np.where(x[BCLC, free] == 1, in_a, 1.0)
        given = rng.choice(free, REGIMENS[regimen][2], replace=False, p=p / p.sum())
        x[DOSE, given] = regimen
        free = np.setdiff1d(free, given)
    p = np.where(x[BCLC] == 1, 3.0, 1.0)
    chosen = rng.choice(PATIENTS, 99, replace=False, p=p / p.sum())
    x[AFP, chosen], x[AFP, chosen[0]] = 1, AFP_MISSING
    # Patients take the places in follow-up by the published hazard ratios of death.
    risk = np.exp(sum(b * VALUE[c, x[c]] for c, b in _OF_DEATH.items() if c != NO_CR))
    # In local control stage A is at risk for a shorter time than its many deaths alone would have.
    brief = np.exp(_BRIEF_IN_A * x[BCLC] + _BRIEF_AT_36_GY * (x[DOSE] == 0))
    x = x[:, _in_order_of_death(rng, death, risk, brief)]
    return _responses(rng, x, follow_up, death)


def _in_order_of_death(
    rng: np.random.Generator, death: IntArray, risk: FloatArray, brief: FloatArray
) -> IntArray:
    """Choose a patient for each place, who dies or is censored there, by risk among those left."""
    left = np.ones(PATIENTS, bool)
    chosen = np.zeros(PATIENTS, np.int64)
    for k in range(PATIENTS):
        weight = left * (risk if death[k] else brief)
        chosen[k] = rng.choice(PATIENTS, p=weight / weight.sum())
        left[chosen[k]] = False
    return chosen


def _responses(
    rng: np.random.Generator, x: IntArray, follow_up: IntArray, death: IntArray
) -> IntArray:
    """Give no CR to 14, rather with larger tumours, 5 of whom die, and an early one to 115."""
    early, late, _ = SHORTEST_FOLLOW_UP
    must = np.flatnonzero(follow_up < early)
    weight = np.exp(0.6 * VALUE[SIZE, x[SIZE]]) * (follow_up > 120) * (x[CHILD_PUGH] == 0)
    never = must
    for value, wanted in ((1, 5), (0, 9)):
        p = weight * (death == value)
        p[must] = 0.0
        n = wanted - int((death[must] == value).sum())
        never = np.append(never, rng.choice(PATIENTS, n, replace=False, p=p / p.sum()))
    x[NO_CR], x[LATE] = 0, 1
    x[NO_CR, never] = 1
    brief = np.setdiff1d(np.flatnonzero(follow_up < late), never)
    pool = np.setdiff1d(np.arange(PATIENTS), np.append(never, brief))
    x[LATE, brief] = 0
    x[LATE, rng.choice(pool, 115 - brief.size, replace=False)] = 0
    return x


def _ages(rng: np.random.Generator) -> IntArray:
    shares = [0, 0.01, 0.05, 0.16, 0.3, 0.5, 0.7, 0.84, 0.95, 0.99, 1]
    years = [38, 41, 46.5, 53, 57.8, 63.0, 68.4, 73.2, 79.5, 85.5, 89.5]
    ages = np.sort(quantile_sample(rng, shares, years, PATIENTS).round().astype(np.int64))
    ages[0], ages[150], ages[151], ages[-1] = 37, 63, 63, 90
    return np.sort(ages)


_OF_SMALL = [0, 0.05, 0.2, 0.5, 0.75, 0.9, 1]
_SMALL_MM = [7.0, 8.7, 10.8, 13.8, 16.6, 18.8, 20.4]
_OF_LARGE = [0, 0.15, 0.35, 0.6, 0.8, 0.92, 0.97, 0.99, 1]


def _sizes(rng: np.random.Generator, plan: Plan) -> IntArray:
    """Give sizes in mm: right-skewed, median 2.0, range 0.7 to 6.9."""
    large = 21.0 + plan.tail * np.array([0.0, 1.8, 4.0, 7.5, 11.5, 17.0, 25.0, 34.0, 42.0])
    for _ in range(1000):
        drawn = np.append(
            quantile_sample(rng, _OF_SMALL, _SMALL_MM, plan.small),
            quantile_sample(rng, _OF_LARGE, large.tolist(), PATIENTS - plan.small),
        )
        sizes: IntArray = np.sort(drawn.round().astype(np.int64))
        sizes[: plan.small] = np.minimum(sizes[: plan.small], 20)
        sizes[plan.small :] = np.maximum(sizes[plan.small :], 21)
        sizes[150] = sizes[151] = 20
        sizes[0], sizes[-1] = 7, 69
        sizes = np.sort(np.clip(sizes, 7, 69))
        if sizes_are_published(sizes):
            return sizes
    raise RuntimeError(f"no sizes found for {plan}")


def _draw_failures(rng: np.random.Generator, plan: Plan, state: State) -> FloatArray | None:
    """Place 25 failures: none in Child-Pugh B, 5 without CR, 91.2 % local control at 36 months.

    Gives how many are expected by half-year, or None if no way was found.
    """
    x, follow_up = state.x, state.follow_up
    months = follow_up / DAYS_PER_MONTH
    at_risk = (months[:, None] > _GRID).sum(axis=0)
    level = -np.log(LC_RATE) / HORIZON_MONTHS**plan.failure_shape
    # The first images that can show a failure come after some months.
    since = np.maximum(_GRID - 1.5, 0.0)
    per_step = np.diff(level * since**plan.failure_shape, append=np.nan) * at_risk
    per_step[-1] = 0.0
    per_step *= FAILURES / per_step.sum()
    expected = _by_half_year(per_step)
    rules = Believable(_ANY, _range_of(expected, 1.25), _ANY)
    share = np.append(0.0, np.cumsum(per_step)) / per_step.sum()
    risk = np.exp(sum(b * VALUE[c, x[c]] for c, b in _OF_FAILURE.items()))
    taken = set(follow_up.tolist())
    for _ in range(4000):
        state.failure[:] = 0
        u = (np.arange(FAILURES) + rng.uniform(-0.8, 1.8, FAILURES)) / FAILURES
        u = np.sort(np.abs(1 - np.abs(1 - u)))
        days = (np.interp(u, share, np.append(_GRID, 75.0)) * DAYS_PER_MONTH).astype(np.int64)
        if len(set(days.tolist()) - taken) < FAILURES:
            continue
        for day in days:
            weight = np.where((follow_up > day + 20) & (state.failure == 0), risk, 0.0)
            weight[(x[CHILD_PUGH] == 1) | (follow_up == HEPATIC_FAILURE_DAY)] = 0.0
            # Of the 14 without CR five fail, nobody else before a CR was seen and lost again.
            without = (state.failure[x[NO_CR] == 1] > 0).sum()
            weight[(x[NO_CR] == 1) if without == 5 else (x[NO_CR] == 0) & (day < 165)] = 0.0
            if without == 5 and day < 165:
                weight[(x[NO_CR] == 0) & (x[LATE] == 0)] = risk[(x[NO_CR] == 0) & (x[LATE] == 0)]
                weight[(state.failure > 0) | (follow_up <= day + 20)] = 0.0
                weight[x[CHILD_PUGH] == 1] = 0.0
            if weight.sum() == 0:
                break
            state.failure[rng.choice(PATIENTS, p=weight / weight.sum())] = day
        if (state.failure > 0).sum() < FAILURES or not failures_are_smooth(state, rules):
            continue
        if not all(possible(state, int(k)) for k in np.flatnonzero(state.failure)):
            continue
        rate = survival_at(local_days(state), (state.failure > 0).astype(np.int64))
        if abs(rate - LC_RATE) < _NEAR and failures_die(state):
            return expected
    return None


def _split_events(rng: np.random.Generator, state: State, splits: IntArray) -> bool:
    """Exchange single covariates until the events split by group as the intervals imply."""
    x = state.x
    distance = beyond_splits(state, splits)
    for _ in range(40_000):
        if distance == 0:
            return True
        c = int(rng.choice(SPLIT_BY))
        rows = [c, LATE] if c == NO_CR else [c]
        i, j = (int(k) for k in rng.integers(PATIENTS, size=2))
        if x[c, i] == x[c, j] or AFP_MISSING in (x[AFP, i], x[AFP, j]):
            continue
        before = x[rows, i].copy(), x[rows, j].copy()
        x[rows, i], x[rows, j] = before[1], before[0]
        closer = beyond_splits(state, splits)
        if closer <= distance and possible(state, i) and possible(state, j):
            distance = closer
        else:
            x[rows, i], x[rows, j] = before
    return False
