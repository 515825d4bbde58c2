"""Dose: the linear-quadratic model, the regimens of the paper and its limits for organs."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

Dose = TypeVar("Dose", float, pd.Series)


@dataclass(frozen=True)
class Regimen:
    """A total dose in Gy, given in a number of equal fractions."""

    total_dose_gy: float
    fractions: int

    def __str__(self) -> str:
        return f"{self.total_dose_gy:g} Gy/{self.fractions}fx"


# Table 1 of the paper, in its order.
REGIMENS = (Regimen(36, 3), Regimen(45, 3), Regimen(48, 3), Regimen(60, 4), Regimen(60, 3))


@dataclass(frozen=True)
class OrganLimit:
    """One limit of the section Radiotherapy, for three fractions.

    Attributes
    ----------
    organ
        The organ at risk.
    metric
        ``mean`` for the mean dose, otherwise the volume that may receive the limit.
    limit_gy
        The dose in Gy.
    strict
        Whether the limit itself is already too much (the paper prints ``<``).
    """

    organ: str
    metric: str
    limit_gy: float
    strict: bool

    def holds(self, dose_gy: float) -> bool:
        """Whether a dose in Gy respects the limit."""
        return dose_gy < self.limit_gy if self.strict else dose_gy <= self.limit_gy


ORGAN_LIMITS = (
    OrganLimit("normal liver", "highest dose of 700 mL", 15.0, strict=False),
    OrganLimit("normal liver", "mean", 13.0, strict=False),
    OrganLimit("esophagus", "2 cc", 21.0, strict=True),
    OrganLimit("large bowel", "2 cc", 21.0, strict=True),
    OrganLimit("stomach", "2 cc", 18.0, strict=True),
    OrganLimit("duodenum", "2 cc", 18.0, strict=True),
    OrganLimit("spinal cord", "2 cc", 18.0, strict=False),
)


def bed_gy(total_dose_gy: Dose, fractions: Dose, alpha_beta_gy: float = 10.0) -> Dose:
    """Biologically effective dose of the linear-quadratic model.

    ``BED = D (1 + d / (alpha/beta))`` with ``d = D / fractions`` (Fowler, Br J Radiol 1989;
    62: 679-694), without a term for proliferation.

    Parameters
    ----------
    total_dose_gy
        Total dose D in Gy.
    fractions
        Number of equal fractions.
    alpha_beta_gy
        alpha/beta in Gy; 10 for tumour, as the paper has it.

    Returns
    -------
    float or pandas.Series
        BED in Gy with that alpha/beta, not rounded.

    Raises
    ------
    ValueError
        If a dose, a number of fractions or alpha/beta is not positive.
    """
    if np.any(np.less_equal(total_dose_gy, 0)) or np.any(np.less_equal(fractions, 0)):
        raise ValueError("a total dose in Gy and a number of fractions must be above 0")
    if alpha_beta_gy <= 0:
        raise ValueError(f"alpha/beta in Gy must be above 0, not {alpha_beta_gy}")
    return total_dose_gy * (1 + total_dose_gy / fractions / alpha_beta_gy)


def eqd2_gy(total_dose_gy: Dose, fractions: Dose, alpha_beta_gy: float = 10.0) -> Dose:
    """Total dose in fractions of 2 Gy that has the same BED.

    Parameters
    ----------
    total_dose_gy
        Total dose in Gy.
    fractions
        Number of equal fractions.
    alpha_beta_gy
        alpha/beta in Gy.

    Returns
    -------
    float or pandas.Series
        ``BED / (1 + 2 / (alpha/beta))`` in Gy.

    Raises
    ------
    ValueError
        As ``bed_gy``.
    """
    return bed_gy(total_dose_gy, fractions, alpha_beta_gy) / (1 + 2 / alpha_beta_gy)


def bed_lql_gy(
    total_dose_gy: float, fractions: float, transition_gy: float, alpha_beta_gy: float = 10.0
) -> float:
    """BED of the linear-quadratic-linear model.

    Up to a transition dose per fraction it is the linear-quadratic model. Beyond it the
    logarithm of the surviving fraction goes on along its tangent, so that the part of a
    fraction above the transition counts ``1 + 2 * transition / (alpha/beta)`` per Gy.

    Parameters
    ----------
    total_dose_gy
        Total dose in Gy.
    fractions
        Number of equal fractions.
    transition_gy
        Dose per fraction in Gy from which the curve is straight. No value is agreed on.
    alpha_beta_gy
        alpha/beta in Gy.

    Returns
    -------
    float
        BED in Gy; never above that of ``bed_gy``.

    Raises
    ------
    ValueError
        If the transition dose is not positive, and as ``bed_gy``.
    """
    if transition_gy <= 0:
        raise ValueError(f"the transition dose in Gy must be above 0, not {transition_gy}")
    full = bed_gy(total_dose_gy, fractions, alpha_beta_gy)
    beyond = max(total_dose_gy / fractions - transition_gy, 0.0)
    return full - fractions * beyond**2 / alpha_beta_gy


def organ_limits() -> pd.DataFrame:
    """Return the organ limits of the paper as a table: organ, metric, limit in Gy."""
    return pd.DataFrame(
        {
            "organ": [limit.organ for limit in ORGAN_LIMITS],
            "metric": [limit.metric for limit in ORGAN_LIMITS],
            "limit": [
                f"{'<' if limit.strict else '≤'} {limit.limit_gy:g} Gy" for limit in ORGAN_LIMITS
            ],
        }
    )


def check_plan(doses_gy: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Compare the doses of a plan with the organ limits of the paper.

    Parameters
    ----------
    doses_gy
        Dose in Gy by (organ, metric), the pairs that ``organ_limits`` lists. Limits that are
        left out are reported as not given.

    Returns
    -------
    pandas.DataFrame
        The organ limits with two more columns: the plan's dose and the verdict.

    Raises
    ------
    ValueError
        If a pair is not among the limits or a dose is not a number of at least 0.
    """
    known = {(limit.organ, limit.metric) for limit in ORGAN_LIMITS}
    unknown = [f"{organ} ({metric})" for organ, metric in doses_gy if (organ, metric) not in known]
    if unknown:
        raise ValueError(f"no limit for {', '.join(unknown)}; organ_limits() lists those there are")
    impossible = [organ for (organ, _), dose in doses_gy.items() if not 0 <= dose < np.inf]
    if impossible:
        raise ValueError(f"a dose in Gy must be a number of at least 0: {', '.join(impossible)}")
    table = organ_limits()
    doses = [doses_gy.get((limit.organ, limit.metric)) for limit in ORGAN_LIMITS]
    table["plan"] = ["not given" if dose is None else f"{dose:g} Gy" for dose in doses]
    table["verdict"] = [
        "not given" if dose is None else ("within" if limit.holds(dose) else "exceeded")
        for limit, dose in zip(ORGAN_LIMITS, doses, strict=True)
    ]
    return table
