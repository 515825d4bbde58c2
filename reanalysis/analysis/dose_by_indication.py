"""What a dose stands for: its ratio in parts of the patients, and where it does nothing."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pandas as pd

from reanalysis.analysis import engine
from reanalysis.analysis.regression import ESTIMATE, cox
from reanalysis.cohort.columns import require
from reanalysis.core.dose import bed_gy
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import ALPHA, BED, REGIMENS, Endpoint, Regimen, Term

ALL, WITHOUT_LOWEST, WITHOUT_HIGHER = "all patients", "without the lowest", "without the higher"
# Of the paper's regimens, by rising dose: the reduced one, the usual one, and the intensified one.
_REDUCED, _USUAL, _MORE = REGIMENS[0], REGIMENS[1], REGIMENS[3]
_FOLLOWED = (12.0, 60.0)  # months, evenly


def dose_in_parts(
    cohort: pd.DataFrame, endpoint: Endpoint, others: Sequence[Term] = ()
) -> pd.DataFrame:
    """Estimate the ratio per Gy10 in all patients, and without those of each end.

    Parameters
    ----------
    cohort, endpoint
        As for ``cox``.
    others
        Further variables of the model.

    Returns
    -------
    pandas.DataFrame
        Index ``all patients``, ``without the lowest`` and ``without the higher``: than the most
        frequent BED. ``ratio`` per Gy10, ``lower``, ``upper``, ``p``, blank where there is no
        estimate; ``events``, and those of them in patients with another BED than that.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    """
    dose = require(cohort, BED.column, endpoint.event)[BED.column]
    usual = dose.mode().min()
    parts = {ALL: dose.notna(), WITHOUT_LOWEST: dose >= usual, WITHOUT_HIGHER: dose <= usual}
    rows = {}
    for name, which in parts.items():
        group = cohort[which]
        happened = group[endpoint.event] == 1
        row = dict.fromkeys(ESTIMATE, np.nan)
        with suppress(NotEstimable):
            row |= cox(group, endpoint, [BED, *others]).estimate(BED.column)
        off = happened & (group[BED.column] != usual)
        rows[name] = row | {"events": happened.sum(), "events, not the usual BED": off.sum()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("patients")


def dose_that_does_nothing(
    n: int,
    seed: int,
    reserve: float,
    share: float = 0.053,
) -> tuple[float, float]:
    """Draw patients whose dose follows their liver, and estimate the ratio of the dose.

    The dose has no effect on death at all. Each patient has a liver reserve, normal with variance
    1. A better one means a lower hazard of death. Whoever plans the dose judges it with an error of
    the same size, and those judged to have the least get the reduced dose.

    Parameters
    ----------
    n
        Patients.
    seed
        The same seed gives the same patients.
    reserve
        The true hazard ratio of death between two patients whose reserve is one standard deviation
        apart, 1 or more.
    share
        Of the patients, with the reduced dose; as many get the intensified one, by chance.

    Returns
    -------
    tuple of float
        The hazard ratio per Gy10, and its p value.

    Raises
    ------
    engine.NoFit
        If the draw has no estimate.
    """
    random = np.random.default_rng(seed)
    liver = random.normal(size=n)
    judged = liver + random.normal(size=n)
    dose = np.full(n, _bed(_USUAL))
    dose[random.random(n) < share] = _bed(_MORE)
    dose[judged <= np.quantile(judged, share)] = _bed(_REDUCED)
    dies = random.exponential(100 * np.exp(np.log(reserve) * liver))
    last = random.uniform(*_FOLLOWED, n)
    fit = engine.cox(np.minimum(dies, last), (dies <= last).astype(np.int32), dose[:, None])
    z = fit.coef[0] / np.sqrt(fit.covariance[0, 0])
    return float(np.exp(fit.coef[0])), engine.two_sided_p(float(z))


def ratios_of_nothing(n: int, strengths: Sequence[float], draws: int, seed: int) -> pd.DataFrame:
    """Repeat ``dose_that_does_nothing`` for several strengths of the liver reserve.

    Returns
    -------
    pandas.DataFrame
        Index ``reserve``, the true ratio: of the ratio per Gy10 the ``median``, ``low`` and
        ``high`` (the middle 90 %) over the draws, and ``significant``, the share with p < 0.05.
    """
    rows = {}
    for strength in strengths:
        found = np.array([dose_that_does_nothing(n, seed + i, strength) for i in range(draws)])
        low, median, high = np.quantile(found[:, 0], [0.05, 0.5, 0.95])
        significant = float((found[:, 1] < ALPHA).mean())
        rows[strength] = {"median": median, "low": low, "high": high, "significant": significant}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("reserve")


def _bed(regimen: Regimen) -> float:
    return float(bed_gy(regimen.total_dose_gy, regimen.fractions))
