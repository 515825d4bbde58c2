"""Replicates of any kind, the same numbers wherever they are computed.

Samples of a bootstrap, drawn cohorts and the cohorts of an ensemble are all computed here: in this
process, in several of this machine (joblib), or on a Dask cluster.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pandas as pd

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.cluster import scheduler_address

Result = TypeVar("Result")
# Replicates that one task computes: a task has a price of its own.
BATCH = 50


def run(
    function: Callable[..., Result],
    arguments: Sequence[tuple[Any, ...]],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> list[Result]:
    """Call a function with each of several sets of arguments, and keep their order.

    Parameters
    ----------
    function
        Of a module, so that it can be sent to another process.
    arguments
        One tuple per call.
    jobs
        Processes on this machine; -1 for one per core.
    scheduler
        Address of a Dask scheduler to compute on instead; by default the one that
        ``DASK_SCHEDULER_ADDRESS`` names, if any. The arguments are sent there.
    """
    address = scheduler_address() if scheduler is None else scheduler
    if not address and jobs == 1:
        return [function(*each) for each in arguments]
    from joblib import Parallel, delayed

    calls = [delayed(function)(*each) for each in arguments]
    with _backend(address):
        found: list[Result] = Parallel(n_jobs=-1 if address else jobs)(calls)
    return found


@contextmanager
def _backend(address: str) -> Iterator[None]:
    """Compute on a cluster while this lasts, if there is one."""
    if not address:
        yield
        return
    from joblib import parallel_config

    try:
        from distributed import Client
    except ImportError as error:
        raise RuntimeError(
            "to compute on a Dask cluster, install the package distributed"
        ) from error

    with Client(address, set_as_default=False) as client, parallel_config("dask", client=client):
        yield


def of_drawn(
    statistic: Callable[[pd.DataFrame], Result],
    patients: int,
    seeds: Sequence[int],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    **truth: Mapping[str, float],
) -> list[Result]:
    """Compute a statistic of each of several drawn cohorts.

    Parameters
    ----------
    statistic
        Called with a cohort.
    patients
        How many each cohort has.
    seeds
        One per cohort: the same seeds give the same cohorts.
    jobs, scheduler
        As for ``run``.
    **truth
        The hazards to draw from, as ``draw_cohort`` takes them.

    Returns
    -------
    list
        What the statistic is in each cohort, in the order of the seeds.
    """
    seeds = list(seeds)
    batches = [seeds[i : i + BATCH] for i in range(0, len(seeds), BATCH)]
    calls = [(statistic, patients, batch, truth) for batch in batches]
    parts = run(_drawn, calls, jobs=jobs, scheduler=scheduler)
    return [value for part in parts for value in part]


def _drawn(
    statistic: Callable[[pd.DataFrame], Result],
    patients: int,
    seeds: Sequence[int],
    truth: Mapping[str, Mapping[str, float]],
) -> list[Result]:
    return [statistic(draw_cohort(patients, seed, **truth)) for seed in seeds]
