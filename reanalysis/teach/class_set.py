"""A class set: a cohort for each resident, drawn from one model whose truth is known.

Each cohort is a centre that treats the same disease in the same way: what differs is chance. In
the model tumour size alone goes with local failure, by the paper's hazard ratio, and nothing with
death, so that censoring says nothing and the estimators hit the truth on average.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import cox
from reanalysis.analysis.simulation import draw_cohort
from reanalysis.analysis.survival import SurvivalCurve, event_times, kaplan_meier
from reanalysis.paper.register import published
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, RATE_MONTH, SIZE

SEED = 2018  # of the first class; a cohort's own number is added


@dataclass(frozen=True)
class Truth:
    """What the model of a class set says.

    Attributes
    ----------
    ratio
        Hazard ratio of local failure per cm.
    rates
        Local control and overall survival at ``RATE_MONTH`` months, in percent.
    """

    ratio: float
    rates: tuple[float, float]


def truth() -> Truth:
    """Give the truth of every class set: numbers of the paper."""
    rates = [float(published(e.rate_id)) for e in (LOCAL_CONTROL, OVERALL_SURVIVAL)]
    row = LOCAL_CONTROL.row_id("multivariable", SIZE)
    return Truth(float(published(f"{row}.HR")), (rates[0], rates[1]))


def class_cohort(number: int, seed: int = SEED) -> pd.DataFrame:
    """Draw the cohort of a resident.

    Parameters
    ----------
    number
        The resident's, from 1.
    seed
        Of the class: another one, another class.

    Returns
    -------
    pandas.DataFrame
        As many patients as the paper has; everything may be shown of them.
    """
    patients = int(published("N"))
    effect = {SIZE.column: float(np.log(truth().ratio))}
    return draw_cohort(patients, 1000 * seed + number, local_failure=effect, death={})


@dataclass(frozen=True)
class Estimates:
    """What a resident estimates.

    Attributes
    ----------
    curves
        Local control and overall survival.
    rates
        Of both at ``RATE_MONTH`` months, in percent.
    ratio, lower, upper
        Hazard ratio of local failure per cm, with its 95 % Wald limits.
    """

    curves: tuple[SurvivalCurve, SurvivalCurve]
    rates: tuple[float, float]
    ratio: float
    lower: float
    upper: float


def estimates(cohort: pd.DataFrame) -> Estimates:
    """Estimate from a cohort what its resident is to hand in."""
    control = kaplan_meier(event_times(cohort, LOCAL_CONTROL))
    survival = kaplan_meier(event_times(cohort, OVERALL_SURVIVAL))
    rates = [float(100 * curve.at(RATE_MONTH)["survival"]) for curve in (control, survival)]
    row = cox(cohort, LOCAL_CONTROL, [SIZE]).table.loc[SIZE.column]
    ratio, lower, upper = (float(row[name]) for name in ("ratio", "lower", "upper"))
    return Estimates((control, survival), (rates[0], rates[1]), ratio, lower, upper)
