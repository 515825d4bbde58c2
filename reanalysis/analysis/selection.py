"""How stable a choice of variables is: the whole choice, done again in bootstrap samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import LARGEST_LOG_RATIO, design_matrix
from reanalysis.analysis.survival import as_arrays, event_times
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import ENTRY_P, REMOVAL_P, Endpoint, Term


@dataclass(frozen=True)
class Selection:
    """Which variables a choice keeps, in the patients themselves and in samples of them.

    Attributes
    ----------
    chosen
        Columns that are kept in the patients themselves, in the order of the candidates.
    kept
        Share of the samples that keep each candidate, index its column.
    ratios
        One row per sample, one column per candidate: its hazard ratio in the final model, blank
        where it was not kept.
    """

    chosen: tuple[str, ...]
    kept: "pd.Series[float]"
    ratios: pd.DataFrame

    @property
    def models(self) -> "pd.Series[float]":
        """Share of the samples that end in each set of variables, the most frequent first."""
        names = self.ratios.notna().apply(lambda row: tuple(row.index[row]), axis=1)
        return names.value_counts(normalize=True)


def selection(
    cohort: pd.DataFrame,
    endpoint: Endpoint,
    candidates: Sequence[Term],
    replicates: int,
    seed: int,
) -> Selection:
    """Repeat the paper's way of choosing variables in bootstrap samples (Sauerbrei, Stat Med 1992).

    In each sample every candidate with a univariable p below 0.2 enters, and the one with the
    largest p leaves until all are below 0.1.

    Parameters
    ----------
    cohort
        A cohort; patients without one of the candidates are left out, so that the samples are of
        the same patients.
    endpoint
        The endpoint.
    candidates
        The variables to choose from.
    replicates
        How many samples.
    seed
        The same seed gives the same samples.

    Returns
    -------
    Selection
        With the shares over all samples: one in which a model has no finite estimate keeps none of
        the variables that have none.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If there is no event, or a variable is the same in every patient.
    """
    times = event_times(cohort, endpoint)
    matrix = design_matrix(cohort, candidates)
    data = matrix.join(times, how="inner")
    if not data["event"].any():
        raise NotEstimable(f"no {endpoint.event_in_words} was observed")
    columns = list(matrix.columns)
    x, (months, event) = data[columns].to_numpy(float), as_arrays(data)
    levels = np.array([bool(term.levels) for term in candidates])
    random = np.random.default_rng(seed)
    ratios = np.full((replicates, len(columns)), np.nan)
    for row in ratios:
        draw = random.integers(0, len(x), len(x))
        kept, coef = _choose(x[draw], months[draw], event[draw], levels)
        row[kept] = np.exp(coef)
    chosen = tuple(columns[i] for i in _choose(x, months, event, levels)[0])
    table = pd.DataFrame(ratios, columns=columns)
    return Selection(chosen, table.notna().mean(), table)


def _choose(
    x: engine.Vector, months: engine.Vector, event: engine.Flags, levels: np.ndarray
) -> tuple[list[int], engine.Vector]:
    """Screen the variables one by one, then eliminate; give which stay, and their coefficients."""
    able = [i for i in range(x.shape[1]) if _has_estimate(x[:, i], event, levels[i])]
    kept = [i for i in able if _fit(x[:, [i]], months, event)[1][0] < ENTRY_P]
    while kept:
        coef, p = _fit(x[:, kept], months, event)
        weakest = int(np.argmax(p))
        if p[weakest] < REMOVAL_P:
            return kept, coef
        kept = kept[:weakest] + kept[weakest + 1 :]
    return [], np.empty(0)


def _has_estimate(values: engine.Vector, event: engine.Flags, two_levels: bool) -> bool:
    had = values[event == 1]
    return values.min() < values.max() and len(had) > 1 and (not two_levels or np.ptp(had) > 0)


def _fit(
    x: engine.Vector, months: engine.Vector, event: engine.Flags
) -> tuple[engine.Vector, engine.Vector]:
    """Give coefficients and p values; p is 1 where there is no finite estimate."""
    try:
        fit = engine.cox(months, event, x)
    except engine.NoFit:
        return np.zeros(x.shape[1]), np.ones(x.shape[1])
    z = fit.coef / np.sqrt(np.diag(fit.covariance))
    p = np.array([engine.two_sided_p(value) for value in z])
    far = np.abs(fit.coef) * np.ptp(x, axis=0) > LARGEST_LOG_RATIO
    return fit.coef, np.where(far, 1.0, p)
