"""What a move does to every Cox model, from sums that are kept for every risk set.

A move concerns two patients, so that it changes only the risk sets that hold one of them and
not the other. One Newton step from what changed tells whether a proposal is worth a fit; it
takes a tenth of the time that a pass through the cohort would. The sums belong to one cohort and
its coefficients, and are made again for whatever an accepted move touched: nothing adds up.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reanalysis.paper.targets import LC_JOINT, OS_JOINT
from synthesis.kernel import LEVELS, WIDTH, compiled, fill_weights, newton_step

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Places(NamedTuple):
    """Where an endpoint's events stand among its patients, in the order of decreasing time.

    Attributes
    ----------
    rank
        The place of each patient.
    events
        The places of the events, in increasing order, and after them whatever was there.
    following
        For each place how many events stand before it.
    many
        How many events there are, in an array of its own.
    """

    rank: IntArray
    events: IntArray
    following: IntArray
    many: IntArray


class Single(NamedTuple):
    """What is kept of the models of one covariate each; the first axis is the model.

    Attributes
    ----------
    weight
        The hazard ratio of each level.
    sums
        At each place the sums of weight and of weight times the value, its square and its cube.
    mean, variance
        Of the covariate in the risk set of each event, one after the other.
    b
        The coefficient that all this belongs to.
    score, information, third
        The first three derivatives of the log partial likelihood, the last two with their
        sign turned.
    """

    weight: FloatArray
    sums: FloatArray
    mean: FloatArray
    variance: FloatArray
    b: FloatArray
    score: FloatArray
    information: FloatArray
    third: FloatArray


class Joint(NamedTuple):
    """What is kept of a model of several covariates.

    Attributes
    ----------
    weight
        The hazard ratio of each level of each covariate.
    sums
        At each place the sums of weight, weight x covariate and weight x products.
    moments
        At the place of each event the means and, behind them, the covariances in its risk set.
    b
        The coefficients that all this belongs to.
    score, information
        First and negated second derivative of the log partial likelihood.
    scratch
        Room for a changed score, information, and what a Newton step needs.
    """

    weight: FloatArray
    sums: FloatArray
    moments: FloatArray
    b: FloatArray
    score: FloatArray
    information: FloatArray
    scratch: FloatArray


def new_places(n: int) -> Places:
    """Allocate for n patients."""
    return Places(*(np.zeros(m, np.int64) for m in (n, n, n + 1, 1)))


def new_single(models: int, n: int) -> Single:
    """Allocate for n patients."""
    return Single(
        np.zeros((models, LEVELS)),
        np.zeros((models, 4, n)),
        np.zeros((models, n)),
        np.zeros((models, n)),
        *(np.zeros(models) for _ in range(4)),
    )


def new_joint(covariates: int, n: int) -> Joint:
    """Allocate for n patients."""
    return Joint(
        np.zeros((covariates, LEVELS)),
        np.zeros((n, WIDTH)),
        np.zeros((n, WIDTH)),
        np.zeros(covariates),
        np.zeros(covariates),
        np.zeros((covariates, covariates)),
        np.zeros((4 * covariates, WIDTH)),
    )


@compiled
def keep_places(order: Any, event: Any, places: Any) -> None:
    """Note where patients and events stand."""
    events = 0
    for place in range(order.shape[0]):
        k = order[place]
        places.rank[k] = place
        places.following[place] = events
        if event[k] > 0:
            places.events[events] = place
            events += 1
    places.following[order.shape[0]] = events
    places.many[0] = events


@compiled
def keep_single(
    single: Any,
    r: int,
    order: Any,
    places: Any,
    code: Any,
    value: Any,
    lowest: int,
    highest: int,
    missing: int,
    b: float,
) -> None:
    """Fill what is kept of one model; ``missing`` is the code without a value, -1 for none."""
    weight, sums = single.weight[r], single.sums[r]
    fill_weights(weight, value, lowest, highest, b)
    if missing >= 0:
        weight[missing] = 0.0
    s0 = s1 = s2 = s3 = 0.0
    for place in range(order.shape[0]):
        level = code[order[place]]
        v = value[level]
        w = weight[level]
        s0 += w
        s1 += w * v
        s2 += w * v * v
        s3 += w * v * v * v
        sums[0, place], sums[1, place], sums[2, place], sums[3, place] = s0, s1, s2, s3
    score = information = third = 0.0
    for e in range(places.many[0]):
        place = places.events[e]
        level = code[order[place]]
        inverse = 1.0 / sums[0, place]
        mean = sums[1, place] * inverse
        square = sums[2, place] * inverse
        variance = square - mean * mean
        single.mean[r, e] = mean
        single.variance[r, e] = variance
        if level != missing:
            score += value[level] - mean
            information += variance
            cube = sums[3, place] * inverse
            third += cube - 3.0 * mean * square + 2.0 * mean * mean * mean
    single.score[r], single.information[r], single.third[r] = score, information, third
    single.b[r] = b


@compiled
def single_step(single: Any, r: int, score: float, information: float) -> tuple[float, float]:
    """Take a Newton step; gives the coefficient and its standard error there."""
    b = single.b[r]
    if information < 1e-6:
        return b, 1e3
    step = min(1.0, max(-1.0, score / information))
    there = information + step * single.third[r]
    return b + step, 1.0 / np.sqrt(max(there, 0.25 * information))


@compiled
def single_after_move(
    single: Any,
    r: int,
    places: Any,
    value: Any,
    i: int,
    j: int,
    before: Any,
    after: Any,
    ended: Any,
    event: Any,
    skipped: int,
) -> tuple[float, float]:
    """Give a model's coefficient and standard error after a move of two patients.

    Parameters
    ----------
    single, r, places
        What is kept, the model, and its endpoint's places.
    value
        The number of each code.
    i, j
        The two patients, or twice the same.
    before, after
        Codes of i and j before the move, and of all patients after it.
    ended, event
        Whether i and j had an event before the move, and who has one after it, positive.
    skipped
        The place of the patient in no risk set, -1 for none.
    """
    weight, sums = single.weight[r], single.sums[r]
    mean_kept, variance_kept = single.mean[r], single.variance[r]
    score, information = single.score[r], single.information[r]
    d0 = d1 = d2 = 0.0
    swapped = places.rank[i] > places.rank[j]
    last = 1 if i != j else 0
    start = stop = 0
    for turn in range(last + 1):
        # First whoever is at risk for longer, for whom the events before the other follow.
        which = last - turn if swapped else turn
        k = i if which == 0 else j
        place = places.rank[k]
        v, w = value[after[k]], weight[after[k]]
        u, z = value[before[which]], weight[before[which]]
        d0 += w - z
        d1 += w * v - z * u
        d2 += w * v * v - z * u * u
        start = places.following[place]
        if ended[which] > 0:
            score -= u - mean_kept[start]
            information -= variance_kept[start]
            start += 1
        if event[k] > 0:
            inverse = 1.0 / (sums[0, place] + d0)
            mean = (sums[1, place] + d1) * inverse
            score += v - mean
            information += (sums[2, place] + d2) * inverse - mean * mean
        # Of an exchange nothing is left once both are at risk, but for rounding.
        if abs(d0) + abs(d1) + abs(d2) < 1e-9:
            continue
        stop = places.many[0]
        if turn < last:
            stop = places.following[places.rank[i if swapped else j]]
        for e in range(start, stop):
            at = places.events[e]
            if at != skipped:
                inverse = 1.0 / (sums[0, at] + d0)
                mean = (sums[1, at] + d1) * inverse
                score -= mean - mean_kept[e]
                information += (sums[2, at] + d2) * inverse - mean * mean - variance_kept[e]
    return single_step(single, r, score, information)


def _joint(n: int) -> tuple[Callable[..., Any], ...]:
    """Make the same for a model of n covariates; n is frozen in, so that loops over it unroll."""
    products = n * (n + 1) // 2

    @compiled
    def moments(sums: Any, into: Any) -> None:
        """Turn sums into means and covariances."""
        scale = 1.0 / sums[0]
        at = 1 + n
        for a in range(n):
            into[1 + a] = sums[1 + a] * scale
            for c in range(a + 1):
                into[at] = sums[at] * scale - into[1 + a] * into[1 + c]
                at += 1

    @compiled
    def keep(
        joint: Any,
        order: Any,
        event: Any,
        x: Any,
        columns: Any,
        value: Any,
        bounds: Any,
        table: Any,
        b: Any,
    ) -> None:
        """Fill what is kept."""
        weight = joint.weight
        width = table.shape[1]
        total = np.zeros(width)
        for a in range(n):
            c = columns[a]
            fill_weights(weight[a], value[c], bounds[c, 0], bounds[c, 1], b[a])
            if c == 6:
                weight[a, 2] = 0.0
        joint.b[:] = b
        joint.score[:] = 0.0
        joint.information[:] = 0.0
        for place in range(order.shape[0]):
            k = order[place]
            w = weight[0, x[columns[0], k]]
            for a in range(1, n):
                w *= weight[a, x[columns[a], k]]
            for m in range(width):
                total[m] += w * table[k, m]
                joint.sums[place, m] = total[m]
            if event[k] > 0 and w > 0.0:
                moments(total, joint.moments[place])
                at = 1 + n
                for a in range(n):
                    joint.score[a] += table[k, 1 + a] - joint.moments[place, 1 + a]
                    for c in range(a + 1):
                        joint.information[a, c] += joint.moments[place, at]
                        at += 1

    @compiled
    def take_step(joint: Any, gained: Any, b: Any, se: Any) -> float:
        """Take a Newton step from the kept derivatives and what they gained.

        Gives its length in standard errors, the longest of all covariates; -1 where it leads
        nowhere.
        """
        information = joint.scratch[:n, :n]
        inverse = joint.scratch[n : 2 * n, :n]
        score, step = joint.scratch[2 * n, :n], joint.scratch[2 * n + 1, :n]
        at = 1 + n
        for a in range(n):
            score[a] = joint.score[a] + gained[1 + a]
            for c in range(a + 1):
                information[a, c] = joint.information[a, c] + gained[at]
                at += 1
        largest = newton_step(n, information, inverse, score, step, se)
        damp = 1.0 if largest < 2.0 else 2.0 / largest
        for a in range(n):
            b[a] = joint.b[a] + damp * step[a]
            if not (-9.0 < b[a] < 9.0):
                return -1.0
        return largest

    @compiled
    def step_on(joint: Any, b: Any, se: Any) -> float:
        """Take the step that is left where the sums were made."""
        gained = joint.scratch[2 * n + 2]
        for m in range(1 + n + products):
            gained[m] = 0.0
        return take_step(joint, gained, b, se)

    @compiled
    def gain(gained: Any, derivatives: Any, sign: float) -> None:
        """Add a risk set's means and covariances to score and information."""
        for m in range(1, 1 + n):
            gained[m] -= sign * derivatives[m]
        for m in range(1 + n, 1 + n + products):
            gained[m] += sign * derivatives[m]

    @compiled
    def after_move(
        joint: Any,
        places: Any,
        x: Any,
        columns: Any,
        table: Any,
        i: int,
        j: int,
        before: Any,
        rows: Any,
        ended: Any,
        event: Any,
        skipped: int,
        b: Any,
        se: Any,
    ) -> float:
        """Step to where the model goes after a move of two patients.

        As ``single_after_move``; ``before`` holds all codes of i and j before the move, ``rows``
        their rows of the table then; ``b`` and ``se`` are overwritten.
        """
        width = table.shape[1]
        gained = joint.scratch[2 * n + 2]
        change, now = joint.scratch[2 * n + 3], joint.scratch[2 * n + 4]
        found = joint.scratch[2 * n + 5]
        for m in range(width):
            gained[m] = change[m] = 0.0
        swapped = places.rank[i] > places.rank[j]
        last = 1 if i != j else 0
        for turn in range(last + 1):
            which = last - turn if swapped else turn
            k = i if which == 0 else j
            place = places.rank[k]
            new = old = 1.0
            for a in range(n):
                new *= joint.weight[a, x[columns[a], k]]
                old *= joint.weight[a, before[columns[a], which]]
            largest = 0.0
            for m in range(width):
                change[m] += new * table[k, m] - old * rows[which, m]
                largest = max(largest, abs(change[m]))
            start = places.following[place]
            if ended[which] > 0:
                start += 1
                gain(gained, joint.moments[place], -1.0)
                for m in range(1, n + 1):
                    gained[m] -= rows[which, m]
            if event[k] > 0:
                for m in range(width):
                    now[m] = joint.sums[place, m] + change[m]
                moments(now, found)
                gain(gained, found, 1.0)
                for m in range(1, n + 1):
                    gained[m] += table[k, m]
            if largest < 1e-9:
                continue
            stop = places.many[0]
            if turn < last:
                stop = places.following[places.rank[i if swapped else j]]
            for e in range(start, stop):
                at = places.events[e]
                if at != skipped:
                    for m in range(width):
                        now[m] = joint.sums[at, m] + change[m]
                    moments(now, found)
                    gain(gained, found, 1.0)
                    gain(gained, joint.moments[at], -1.0)
        return take_step(joint, gained, b, se)

    return keep, step_on, after_move


keep_lc_joint, step_lc_joint, lc_joint_after_move = _joint(len(LC_JOINT))
keep_os_joint, step_os_joint, os_joint_after_move = _joint(len(OS_JOINT))
