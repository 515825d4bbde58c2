"""A plan against the dose limits of the paper for organs at risk."""

import numpy as np
import pandas as pd

from reanalysis.paper.study import ORGAN_LIMITS


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
