"""The made-up cohorts on which every estimator is compared with R, written once.

    python tests/data/trust/cohorts.py        (from the root of the repository)

writes tests/data/trust/cohorts.csv: 20 cohorts from the book's generative model, and awkward ones.
It is committed, so that a later change of the model changes no reference.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.analysis.simulation import draw_cohort

COLUMNS = [
    *("child_pugh_class", "tumor_size_cm", "prior_sessions", "best_response"),
    *("complete_response_months", "follow_up_months", "death"),
    *("local_failure", "local_failure_months"),
]


def drawn(n: int, seed: int) -> pd.DataFrame:
    cohort = draw_cohort(n, seed)[COLUMNS].copy()
    months = ["complete_response_months", "follow_up_months", "local_failure_months"]
    return in_order(cohort.assign(**cohort[months].round(2)))


def in_order(cohort: pd.DataFrame) -> pd.DataFrame:
    """Keep each time within the follow-up after it was rounded."""
    for column in ("complete_response_months", "local_failure_months"):
        cohort[column] = cohort[column].clip(upper=cohort["follow_up_months"])
    return cohort


def frequent(n: int, seed: int) -> pd.DataFrame:
    """Draw patients with many events, so that few of them are enough."""
    random = np.random.default_rng(seed)
    cohort = drawn(n, seed)
    size = cohort["tumor_size_cm"].to_numpy()
    follow_up = np.maximum(random.exponential(30 * np.exp(-0.3 * (size - 2))).round(2), 0.01)
    failure = np.maximum(random.exponential(40 * np.exp(-0.4 * (size - 2))).round(2), 0.01)
    cohort["follow_up_months"] = follow_up
    cohort["death"] = (random.random(n) < 0.5).astype(int)
    cohort["local_failure"] = (failure < follow_up).astype(int)
    cohort["local_failure_months"] = pd.Series(failure).where(failure < follow_up)
    early = (0.3 * follow_up * random.random(n)).round(2)
    responds = random.random(n) < 0.6
    cohort["best_response"] = np.where(responds, "CR", "SD")
    cohort["complete_response_months"] = pd.Series(early).where(responds)
    cohort["child_pugh_class"] = np.where(random.random(n) < 0.3, "B", "A")
    return in_order(cohort)


def awkward() -> dict[str, pd.DataFrame]:
    months = ["complete_response_months", "follow_up_months", "local_failure_months"]
    ties = frequent(150, 31)
    ties = in_order(ties.assign(**np.ceil(ties[months])))
    rounding = frequent(60, 32)
    rounding[months] = np.ceil(rounding[months]) + 0.0
    noise = np.random.default_rng(1).choice([0.0, 1e-11, -1e-11], len(rounding))
    rounding = in_order(rounding)
    for column in months:
        rounding[column] = rounding[column] + noise
    empty = frequent(80, 33)
    empty.loc[empty["child_pugh_class"] == "B", ["death", "local_failure"]] = 0
    empty["local_failure_months"] = empty["local_failure_months"].where(empty["local_failure"] == 1)
    separated = frequent(40, 34)
    large = separated["tumor_size_cm"] > separated["tumor_size_cm"].median()
    separated["best_response"] = np.where(large, "SD", "CR")
    separated["complete_response_months"] = (0.1 * separated["follow_up_months"]).where(~large)
    blanks = frequent(120, 35)
    random = np.random.default_rng(2)
    for column in ("tumor_size_cm", "child_pugh_class", "prior_sessions"):
        blanks[column] = blanks[column].astype(object).where(random.random(len(blanks)) > 0.1)
    five = frequent(5, 36).assign(death=[1, 1, 0, 1, 1])
    everybody = frequent(50, 37).assign(death=1)
    half = frequent(4, 38).assign(follow_up_months=[1.0, 2.0, 3.0, 4.0], death=[1, 1, 0, 1])
    half = half.assign(local_failure=0, local_failure_months=np.nan)
    return {
        "whole months, many ties": ties,
        "times apart by rounding": rounding,
        "a level without events": empty,
        "response separated by size": separated,
        "values missing": blanks,
        "five patients": five,
        "everybody dies": everybody,
        "a curve at one half": in_order(half),
    }


if __name__ == "__main__":
    cohorts = {f"drawn {seed:02d}": drawn(302, seed) for seed in range(1, 21)} | awkward()
    table = pd.concat(cohorts, names=["cohort"]).reset_index(level=0).reset_index(drop=True)
    path = Path(__file__).with_name("cohorts.csv")
    table.to_csv(path, index=False, float_format="%.15g")
