"""When a patient is imaged, and what is seen there.

A complete response, a recurrence and a local failure are dated by the image that shows them. After
SBRT comes a first image at one to three months, and then one every two to three months, with real
scatter: no patient comes to the day.
"""

import numpy as np
import numpy.typing as npt

from reanalysis.core.constants import DAYS_PER_MONTH
from synthesis.start import quantile_sample
from synthesis.state import LATE, NO_CR, PATIENTS, FloatArray, IntArray, State, survival_at

BoolArray = npt.NDArray[np.bool_]

_FIRST, _LONGEST = 38, 95  # days: the earliest first image, and the longest time between two
_USUAL, _SCATTER = 80, 8
# After SBRT and after an image, until a recurrence counts as one; before the end of follow-up.
_LAST_BEFORE_END = 12


def complete_responses(rng: np.random.Generator, state: State) -> IntArray:
    """Draw the days of CR of the 288, 0 for the others.

    Quartiles 1.9, 3.4 and 4.7 months, 115 by 3.0, 240 by 6.0 and 90 % at 7.2: most are seen at the
    first image, at about two months, and at the second, at about four.

    Raises
    ------
    RuntimeError
        If somebody could not be given a day before the failure or the end of follow-up.
    """
    early = quantile_sample(rng, [0, 0.1, 0.35, 0.626, 0.85, 1], [37, 44, 51, 58, 69, 91], 115)
    second = quantile_sample(rng, [0, 0.23, 0.5, 0.81, 1], [92, 103.5, 121, 143, 182], 125)
    shares = [0, 0.375, 0.4, 0.68, 0.72, 0.88, 0.9, 1]
    late = quantile_sample(rng, shares, [184, 218, 255, 296, 335, 382, 425, 500], 48)
    days = np.concatenate([early.round(), second.round(), late.round()]).astype(np.int64)
    days[[71, 72]], days[[143, 144]] = 58, [103, 104]
    days[[215, 216]], days[[258, 259]] = 143, 219
    days = np.sort(days)
    days[:115] = np.clip(days[:115], 37, 91)
    days[115:240] = np.clip(days[115:240], 92, 182)

    # A response comes before a failure by at least one image, and within follow-up.
    latest = np.where(state.failure > 0, state.failure - 50, state.follow_up - 3)
    result = np.zeros(PATIENTS, np.int64)
    after, never = state.x[LATE] == 1, state.x[NO_CR] == 1
    for group, times in ((~after, days[:115]), (after & ~never, days[115:])):
        waiting = group.copy()
        # Latest response first: whoever can take it can take every earlier one too.
        for day in times[::-1]:
            able = np.flatnonzero(waiting & (latest >= day))
            if able.size == 0:
                raise RuntimeError(f"nobody left who can reach CR on day {day}")
            chosen = rng.choice(able)
            result[chosen], waiting[chosen] = day, False
    return result


def image_days(rng: np.random.Generator, end: int, fixed: list[int]) -> list[int]:
    """Draw the days on which a patient is imaged.

    Parameters
    ----------
    rng
        Source of random numbers.
    end
        Day of the end of follow-up.
    fixed
        Days that are among them, those of CR and of local failure.
    """
    days: list[int] = []
    for target in sorted(fixed):
        start = days[-1] if days else 0
        pieces = int(np.ceil((target - start) / _LONGEST))
        if not days and pieces > 1 and target / pieces < _FIRST:
            pieces -= 1
        steps = start + (target - start) * np.arange(1, pieces) / pieces
        days += [int(step) for step in steps + rng.uniform(-6, 6, pieces - 1)]
        days.append(target)
    if not days:
        days.append(int(np.clip(rng.normal(58, 12), _FIRST, _LONGEST)))
    while days[-1] < end:
        days.append(days[-1] + int(np.clip(rng.normal(_USUAL, _SCATTER), 58, _LONGEST)))
    return [day for day in days if _FIRST <= day <= end - _LAST_BEFORE_END]


def recurrences(
    rng: np.random.Generator,
    state: State,
    images: list[list[int]],
    rate: float,
    weight: FloatArray,
    never: BoolArray,
    always: BoolArray,
    scale: float,
) -> IntArray:
    """Draw days of recurrence so that the Kaplan-Meier rate at 36.0 months is as published.

    Parameters
    ----------
    rng
        Source of random numbers.
    state
        Follow-up and failures.
    images
        Of each patient, the days on which a recurrence can be seen; days are changed by a few
        where two patients would share one.
    rate
        Wanted at 36.0 months.
    weight
        Relative hazard of each patient.
    never, always
        Patients who stay free of it, and patients who do not.
    scale
        Months over which the hazard falls by a factor e.

    Returns
    -------
    numpy.ndarray
        The day of recurrence, 0 for none.

    Raises
    ------
    RuntimeError
        If the rate was not reached.
    """
    end = state.follow_up
    deviate = -np.log1p(-rng.random(PATIENTS))
    otherwise = [int(rng.integers(0, 1 << 30)) for _ in range(PATIENTS)]

    def rate_of(days: IntArray) -> float:
        return survival_at(np.where(days > 0, days, end), (days > 0).astype(np.int64))

    def seen(k: int, level: float) -> int:
        # The cumulative hazard is level * weight * (1 - exp(-t / scale)).
        reached = min(deviate[k] / (level * weight[k]), 1 - 1e-12)
        at = -scale * np.log1p(-reached) * DAYS_PER_MONTH
        for day in images[k]:
            if day >= at:
                return day
        if always[k]:
            # Together with the local failure, or at any image.
            return images[k][otherwise[k] % len(images[k])]
        return 0

    def drawn(level: float) -> IntArray:
        return np.array([0 if never[k] else seen(k, level) for k in range(PATIENTS)])

    low, high = 0.01, 60.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if rate_of(drawn(middle)) > rate else (low, middle)
    days = drawn(middle)
    _make_distinct(rng, days, state)

    # The last step to the rate: single recurrences are seen an image or two earlier or later.
    gap = abs(rate_of(days) - rate)
    events = np.flatnonzero((days > 0) & (days != state.failure))
    taken = set(days.tolist()) | set(end.tolist())
    for _ in range(20_000):
        if gap < 0.0003:
            return days
        k = int(rng.choice(events))
        before = int(days[k])
        day = int(rng.choice(images[k])) + int(rng.integers(-5, 6))
        if day in taken or not _FIRST <= day <= end[k] - _LAST_BEFORE_END or day in state.failure:
            continue
        if abs(day - before) > 200:
            continue
        days[k] = day
        moved = abs(rate_of(days) - rate)
        if moved < gap:
            gap = moved
            taken = taken - {before} | {day}
        else:
            days[k] = before
    raise RuntimeError("the rate of recurrence was not reached")


def _make_distinct(rng: np.random.Generator, days: IntArray, state: State) -> None:
    """Move days that two patients share, so that no tie is left within the endpoint."""
    with_failure = (days > 0) & (days == state.failure)
    taken = set(state.follow_up.tolist()) | set(days[with_failure].tolist())
    for k in np.flatnonzero((days > 0) & ~with_failure):
        day = int(days[k])
        step = 0
        while day in taken or day > state.follow_up[k] - 3:
            step += 1
            day = int(days[k]) + int(rng.integers(-3 - step // 4, 3 + step // 4))
        days[k] = day
        taken.add(day)
