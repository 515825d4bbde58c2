"""Bootstrap of any statistic of patients, the same numbers wherever they are computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis.replicates import BATCH, run
from reanalysis.core.errors import CannotShow, NotEstimable

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bootstrap:
    """A statistic with what it is in samples drawn from the same patients.

    Attributes
    ----------
    estimate
        Of all patients, shape (q,).
    replicates
        Shape (r, q), in the order of the draws; without those that could not be computed.
    failed
        How many could not.
    """

    estimate: Vector
    replicates: Vector
    failed: int

    @property
    def se(self) -> Vector:
        """Standard errors, shape (q,)."""
        return np.asarray(self.replicates.std(axis=0, ddof=1))

    def interval(self, level: float = 0.95) -> tuple[Vector, Vector]:
        """Percentile limits, each of shape (q,)."""
        tail = (1 - level) / 2
        lower, upper = np.quantile(self.replicates, [tail, 1 - tail], axis=0)
        return lower, upper


def bootstrap(
    cohort: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float | Sequence[float] | Vector],
    replicates: int,
    seed: int,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Bootstrap:
    """Compute a statistic on samples of patients, drawn with replacement (Efron 1979).

    Parameters
    ----------
    cohort
        One row per patient.
    statistic
        Called with a cohort; gives a number or several. On a cluster, and with several jobs, it
        has to be a function of a module.
    replicates
        How many samples.
    seed
        The same seed gives the same samples, with any number of jobs and on any cluster.
    jobs
        Processes on this machine; -1 for one per core.
    scheduler
        Address of a Dask scheduler to compute on instead; by default the one that
        ``DASK_SCHEDULER_ADDRESS`` names, if any. The rows of the cohort are sent there.

    Returns
    -------
    Bootstrap
        Samples in which the statistic does not exist (``CannotShow``) are counted.

    Raises
    ------
    CannotShow
        If the statistic does not exist for the cohort itself.
    NotEstimable
        If it exists in fewer than half of the samples.
    ValueError
        If ``replicates`` is below 2.
    """
    if replicates < 2:
        raise ValueError(f"a spread needs at least two samples, not {replicates}")
    estimate = np.atleast_1d(np.asarray(statistic(cohort), dtype=float))
    seeds = np.random.SeedSequence(seed).spawn(replicates)
    batches = [seeds[i : i + BATCH] for i in range(0, replicates, BATCH)]
    parts = run(
        _batch, [(cohort, statistic, batch) for batch in batches], jobs=jobs, scheduler=scheduler
    )
    values = [value for part in parts for value in part]
    found = [value for value in values if value is not None]
    if 2 * len(found) < replicates:
        raise NotEstimable("the statistic exists in fewer than half of the samples")
    return Bootstrap(estimate, np.array(found), replicates - len(found))


def _batch(
    cohort: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float | Sequence[float] | Vector],
    seeds: Sequence[np.random.SeedSequence],
) -> list[Vector | None]:
    values: list[Vector | None] = []
    for seed in seeds:
        sample = resample(cohort, np.random.default_rng(seed))
        try:
            values.append(np.atleast_1d(np.asarray(statistic(sample), dtype=float)))
        except CannotShow:
            values.append(None)
    return values


def resample(cohort: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Draw as many patients as there are, with replacement, and number them anew."""
    rows = random.integers(0, len(cohort), len(cohort))
    return cohort.iloc[rows].reset_index(drop=True)
