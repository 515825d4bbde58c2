"""How well a model tells patients apart, how well its probabilities fit, and how much is luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.bootstrap import resample
from reanalysis.analysis.regression import cox, observed
from reanalysis.analysis.replicates import BATCH, run
from reanalysis.analysis.survival import as_arrays, kaplan_meier
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.paper.study import Endpoint, Term

Vector = npt.NDArray[np.float64]


def concordance(times: pd.DataFrame, risk: pd.Series, uno: bool = False) -> tuple[float, float]:
    """Give the share of pairs of patients of whom the one at the higher risk has the event first.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    risk
        A number per patient on the same index, larger where the event is expected earlier;
        patients without one are left out. Equal risks count one half.
    uno
        Whether each pair counts by the inverse square of the probability of still being under
        observation (Uno et al., Stat Med 2011; 30: 1105-1117), so that the result does not
        depend on how long the patients were followed; otherwise each pair counts the same
        (Harrell et al., JAMA 1982; 247: 2543-2546).

    Returns
    -------
    tuple of float
        The concordance, 0.5 for a coin, and its standard error; as R's ``concordance``.

    Raises
    ------
    NotEstimable
        If no pair can be compared.
    """
    known = risk.reindex(times.index).dropna()
    months, event = as_arrays(times.loc[known.index])
    # A pair can be compared if one has the event while the other is still observed.
    if not (event == 1).any() or not (months > months[event == 1].min()).any():
        raise NotEstimable("no two patients can be compared")
    return engine.concordance(months, event, known.to_numpy(float), "n/G2" if uno else "n")


def linear_predictor(cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term]) -> pd.Series:
    """Give each patient's log hazard by a Cox model of the same patients, against the average."""
    data = observed(cohort, endpoint, terms)
    matrix = data[[term.column for term in terms]]
    coef = cox(cohort, endpoint, terms).table["coef"]
    return _sum(matrix - matrix.mean(), coef.to_numpy(float))


def predicted_risk(
    cohort: pd.DataFrame, endpoint: Endpoint, terms: Sequence[Term], month: float
) -> pd.Series:
    """Give each patient's probability of the event by a month, by a Cox model of the same patients.

    Returns
    -------
    pandas.Series
        Fractions of 1, on the index of the patients with every variable.
    """
    data = observed(cohort, endpoint, terms)
    columns = [term.column for term in terms]
    coef = cox(cohort, endpoint, terms).table["coef"].to_numpy(float)
    centred = data[columns].to_numpy(float) - data[columns].mean().to_numpy(float)
    at, hazard, *_ = engine.baseline(*as_arrays(data), centred, coef)
    until = hazard[at <= month]
    height = until[-1] if len(until) else 0.0
    return pd.Series(1 - np.exp(-height * np.exp(centred @ coef)), index=data.index)


def calibration(
    times: pd.DataFrame, risk: pd.Series, month: float, groups: int = 4
) -> pd.DataFrame:
    """Hold predicted risks at a month against what happened, in groups of equal size.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    risk
        The predicted probability of the event by the month, on the same index.
    month
        In months.
    groups
        How many; of patients with the same prediction none are parted.

    Returns
    -------
    pandas.DataFrame
        One row per group, from the lowest risk: ``patients``, ``predicted`` (mean),
        ``observed`` (1 - Kaplan-Meier at the month) with ``lower`` and ``upper`` (95 %, log-log).

    Raises
    ------
    NotEstimable
        If the predictions do not part the patients, or a group was not observed for so long.
    """
    known = risk.reindex(times.index).dropna()
    parts = pd.qcut(known, groups, labels=False, duplicates="drop")
    if parts.nunique() < 2:
        raise NotEstimable("the predictions are the same in nearly every patient")
    rows = []
    for _, index in known.groupby(parts).groups.items():
        at = kaplan_meier(times.loc[index]).at(month)
        rows.append(
            {
                "patients": len(index),
                "predicted": float(known.loc[index].mean()),
                "observed": 1 - at["survival"],
                "lower": 1 - at["upper"],
                "upper": 1 - at["lower"],
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Optimism:
    """What of a concordance is luck.

    Attributes
    ----------
    apparent
        Harrell's concordance of the model in the patients that it was fitted to.
    optimism
        By how much models of samples are better in their own sample than in all patients.
    samples
        How many the mean is of.
    """

    apparent: float
    optimism: float
    samples: int

    @property
    def corrected(self) -> float:
        """What to expect in new patients of the same kind."""
        return self.apparent - self.optimism


def optimism(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    terms: Sequence[Term],
    replicates: int,
    seed: int,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Optimism:
    """Correct the concordance of a Cox model for its optimism, by the bootstrap.

    In each sample the model is fitted again; its concordance there, less that of the same
    coefficients in all patients, is what the fit flattered itself by (Harrell, Lee & Mark, Stat Med
    1996; 15: 361-387). Only the coefficients are fitted again: variables that were chosen with
    the data need the choice repeated, too.

    Parameters
    ----------
    cohort, endpoint, terms
        The model.
    replicates, seed, jobs, scheduler
        As for ``bootstrap``.

    Returns
    -------
    Optimism
        The mean over the samples in which the model has an estimate.

    Raises
    ------
    NotRecorded, NotEstimable
        As ``cox``; or if fewer than half of the samples have an estimate.
    """
    data = observed(cohort, endpoint, terms)
    complete = cohort.loc[data.index]
    coef = cox(complete, endpoint, terms).table["coef"].to_numpy(float)
    apparent = _in(data, terms, coef)
    seeds = np.random.SeedSequence(seed).spawn(replicates)
    batches = [seeds[i : i + BATCH] for i in range(0, replicates, BATCH)]
    calls = [(complete, endpoint, tuple(terms), batch) for batch in batches]
    parts = run(_flattery, calls, jobs=jobs, scheduler=scheduler)
    found = [value for part in parts for value in part]
    if 2 * len(found) < replicates:
        raise NotEstimable("the model exists in fewer than half of the samples")
    return Optimism(apparent, float(np.mean(found)), len(found))


def _flattery(
    complete: pd.DataFrame,
    endpoint: Endpoint,
    terms: tuple[Term, ...],
    seeds: Sequence[np.random.SeedSequence],
) -> list[float]:
    data = observed(complete, endpoint, terms)
    found = []
    for seed in seeds:
        sample = resample(complete, np.random.default_rng(seed))
        try:
            coef = cox(sample, endpoint, terms).table["coef"].to_numpy(float)
            own = _in(observed(sample, endpoint, terms), terms, coef)
        except CannotShow:
            continue
        found.append(own - _in(data, terms, coef))
    return found


def _in(data: pd.DataFrame, terms: Sequence[Term], coef: Vector) -> float:
    risk = _sum(data[[term.column for term in terms]], coef)
    return concordance(data[["months", "event"]], risk)[0]


def _sum(matrix: pd.DataFrame, coef: Vector) -> pd.Series:
    """Weigh each row in the same order: a product of matrices may part patients who are alike."""
    return pd.Series((matrix.to_numpy(float) * coef).sum(axis=1), index=matrix.index)
