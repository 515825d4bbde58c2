"""Where patients stand through time: waiting, in complete response, failed locally, or dead.

A multi-state model without assumptions about hazards. The estimator is that of Aalen & Johansen
(Scand J Stat 1978; 5: 141-150), as R's ``survfit`` of a multi-state ``Surv`` has it: at each time
the states' shares are multiplied by the transitions that were seen, so that they add up to 1.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis.coarse import grid, observed_until, on_grid
from reanalysis.analysis.response import response_times
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.columns import require
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import CR, LOCAL_CONTROL, OVERALL_SURVIVAL

Vector = npt.NDArray[np.float64]

WAITING, IN_CR, FAILED, DEAD = STATES = ("waiting", f"in {CR}", "failed locally", "dead")
CENSORED = -1


def transitions(cohort: pd.DataFrame) -> pd.DataFrame:
    """Cut each patient's time into what was spent in one state after the other.

    Who fails locally stays failed, whatever the images show later. Of two events at the same time
    the graver one counts. Observation ends at death, at the last follow-up or at a transplantation.

    Parameters
    ----------
    cohort
        A cohort, shape (n, columns).

    Returns
    -------
    pandas.DataFrame
        One row per stay: ``patient`` (label in the cohort's index), ``start``, ``stop`` (months),
        ``state`` and ``next`` (numbers in ``STATES``, or ``CENSORED``). Patients whose response or
        local failure is not known are left out.

    Raises
    ------
    NotRecorded
        If the cohort lacks the response, its time, or local failure.
    """
    response, local = response_times(cohort), event_times(cohort, LOCAL_CONTROL)
    who = response.index.intersection(local.index)
    deaths = require(cohort, OVERALL_SURVIVAL.event).loc[who]
    dead = deaths[OVERALL_SURVIVAL.event].to_numpy() == 1
    follow_up = cohort.loc[who, FOLLOW_UP].to_numpy(dtype=float)
    months, failed = (local.loc[who, name].to_numpy(dtype=float) for name in ("months", "event"))
    # Local control ends with a transplantation; after a failure only death or follow-up does.
    end = np.where(failed == 1, follow_up, months)
    dies = dead & (end == follow_up)
    fails = np.where((failed == 1) & ~(dies & (months >= end)), months, np.inf)
    reached = response.loc[who, "event"].to_numpy() == 1
    responds = np.where(reached, response.loc[who, "months"].to_numpy(dtype=float), np.inf)
    responds = np.where(responds < np.minimum(fails, end), responds, np.inf)
    rows = []
    for i, patient in enumerate(who):
        start, state = 0.0, STATES.index(WAITING)
        for month, following in ((responds[i], IN_CR), (fails[i], FAILED)):
            if np.isfinite(month):
                rows.append((patient, start, month, state, STATES.index(following)))
                start, state = month, STATES.index(following)
        last = STATES.index(DEAD) if dies[i] else CENSORED
        rows.append((patient, start, end[i], state, last))
    return pd.DataFrame(rows, columns=["patient", "start", "stop", "state", "next"])


def state_occupancy(stays: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of the patients in each state through time.

    Parameters
    ----------
    stays
        As ``transitions`` gives them.

    Returns
    -------
    pandas.DataFrame
        Index ``months``: 0 and each time at which anybody changed. Columns ``STATES``, fractions
        that add up to 1.

    Raises
    ------
    NotEstimable
        If there is no patient.
    """
    if stays.empty:
        raise NotEstimable("no patient's response and local failure are known")
    moved = stays[stays["next"] != CENSORED]
    months = np.unique(moved["stop"].to_numpy(dtype=float))
    at_risk = np.stack([_under_observation(stays[stays["state"] == i], months) for i in range(4)])
    size = len(STATES)
    moves = np.zeros((len(months), size, size))
    when = np.searchsorted(months, moved["stop"].to_numpy(dtype=float))
    np.add.at(moves, (when, moved["state"].to_numpy(), moved["next"].to_numpy()), 1.0)
    # Who moves at a month was at risk in the state just before.
    np.divide(moves, at_risk.T[:, :, np.newaxis], out=moves, where=moves > 0)
    steps = np.eye(size) + moves
    for following in range(size):
        steps[:, range(size), range(size)] -= moves[:, :, following]
    shares = np.zeros((len(months) + 1, size))
    shares[0, STATES.index(WAITING)] = 1.0
    for row, step in enumerate(steps):
        shares[row + 1] = shares[row] @ step
    index = pd.Index(np.concatenate([[0.0], months]), name="months")
    return pd.DataFrame(shares, index=index, columns=list(STATES))


def _under_observation(stays: pd.DataFrame, months: Vector) -> Vector:
    """Count who was in a state just before each month."""
    start, stop = (np.sort(stays[name].to_numpy(dtype=float)) for name in ("start", "stop"))
    entered = np.searchsorted(start, months, side="left")
    return (entered - np.searchsorted(stop, months, side="left")).astype(float)


def coarse_occupancy(stays: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Estimate the same where small numbers are hidden.

    Parameters
    ----------
    stays
        As ``transitions`` gives them.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        As ``state_occupancy``, at the ends of quarters of a year between which at least
        ``policy.smallest`` changes lie, while as many patients are under observation. The shares
        are rounded as those of so many patients are, and the largest is what the others leave.

    Raises
    ------
    TooFew
        If some patients entered a state and fewer than may be shown, or there is no such quarter.
    """
    moved = stays["next"] != CENSORED
    entered = stays.loc[moved, "next"].value_counts()
    times = pd.DataFrame({"months": stays["stop"], "event": moved.astype(int)})
    ends = stays.groupby("patient")["stop"].max().to_frame("months").assign(event=0)
    months = grid(times, policy.smallest)
    months = months[months <= observed_until(ends, policy.smallest)]
    if not len(months) or (entered < policy.smallest).any():
        raise TooFew(policy.smallest)
    shares = policy.fraction(on_grid(state_occupancy(stays), months), len(ends))
    largest = shares.to_numpy().argmax(axis=1)
    for row, column in enumerate(largest):
        shares.iloc[row, column] = 1 - shares.iloc[row].drop(shares.columns[column]).sum()
    return shares
