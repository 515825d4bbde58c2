"""Cohorts as a hospital has them: drawn from the generative model, with ids like record numbers."""

from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.dictionary import load_dictionary

SIZES = (40, 105, 302)


def private_cohort(n: int, seed: int = 0) -> pd.DataFrame:
    """Draw patients, some of whose values are not known."""
    rng = np.random.default_rng([n, seed])
    cohort = draw_cohort(n, 1000 * n + seed)
    cohort = cohort[load_dictionary().among(cohort)].copy()
    times = [name for name in cohort if str(name).endswith("_months")]
    cohort[times] = cohort[times].astype(float).round(2)
    years, numbers = rng.integers(10, 24, n), rng.choice(10**6, n, replace=False)
    cohort["patient_id"] = [f"{y:02d}{x:06d}" for y, x in zip(years, numbers, strict=True)]
    for name, few in (("afp_ng_ml", 1 + n // 100), ("tumor_size_cm", 2), ("age", 3)):
        values = cohort[name].astype(float)
        values.iloc[rng.choice(n, few, replace=False)] = np.nan
        cohort[name] = values
    return cohort


def write_private(n: int, folder: Path, seed: int = 0) -> Path:
    """Write one of these cohorts as a CSV file."""
    path = folder / f"drawn_{n}.csv"
    private_cohort(n, seed).to_csv(path, index=False)
    return path
