"""Small cohorts at the edges of what the book accepts, as the CSV files that a reader would bring.

Each of them passes ``check``. What a page makes of them is looked at in ``test_whole_book.py``.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.cohort.columns import is_level
from reanalysis.core.dictionary import Column, load_dictionary
from reanalysis.core.paths import NOTEBOOKS
from reanalysis.paper.study import REGIMENS

COLUMNS = load_dictionary().columns.values()
EVENTS = ("local_failure", "intrahepatic_recurrence", "distant_metastasis")


def ordinary(n: int, seed: int = 1) -> pd.DataFrame:
    """Draw patients with every column of the dictionary, every event and no blank but those due."""
    rng = np.random.default_rng(seed)
    cohort = pd.DataFrame({"patient_id": [f"K{i:03d}" for i in range(n)]})
    cohort["age"] = rng.integers(40, 85, n)
    for name in ("sex", "ecog_ps", "child_pugh_class", "etiology", "bclc_stage", "tace_agent"):
        cohort[name] = _levels(name, rng, n)
    for name in ("tumor_multiplicity", "prior_treatments", "last_tace_response", "best_response"):
        cohort[name] = _levels(name, rng, n)
    cohort["tumor_size_cm"] = rng.uniform(0.8, 6.5, n).round(1)
    cohort["afp_ng_ml"] = np.exp(rng.normal(3, 1.5, n)).round(1)
    cohort["prior_sessions"] = rng.integers(1, 9, n)
    regimens = [REGIMENS[i] for i in rng.integers(0, len(REGIMENS), n)]
    cohort["total_dose_gy"] = [regimen.total_dose_gy for regimen in regimens]
    cohort["fractions"] = [regimen.fractions for regimen in regimens]
    cohort["follow_up_months"] = rng.uniform(6, 70, n).round(1)
    cohort["death"] = rng.integers(0, 2, n)
    for event in EVENTS:
        cohort[event] = rng.integers(0, 2, n)
    shares = dict(zip((*EVENTS, "complete_response"), (0.5, 0.4, 0.7, 0.1), strict=True))
    for event, share in shares.items():
        months = (cohort["follow_up_months"] * share).round(1)
        happened = cohort.get(event, cohort["best_response"] == "CR").astype(bool)
        cohort[f"{event}_months"] = months.where(happened)
    cohort["transplant_months"] = cohort["follow_up_months"].where(cohort.index % 10 == 9)
    isolated = (cohort[list(EVENTS)] == [1, 0, 0]).all(axis=1)
    cohort["salvage_treatment"] = pd.Series(_levels("salvage_treatment", rng, n)).where(isolated)
    cohort["hepatic_toxicity_grade"] = rng.integers(0, 4, n)
    cohort["child_pugh_increase"] = rng.integers(0, 4, n)
    for event in ("biliary_stricture", "rib_fracture", "hepatic_failure", "gi_bleeding"):
        cohort[event] = rng.integers(0, 2, n)
    for column in COLUMNS:
        if column.name not in cohort:
            cohort[column.name] = _by_type(column, cohort, rng)
    return cohort[[column.name for column in COLUMNS]]


def minimal() -> pd.DataFrame:
    """The three columns that are required, and no other."""
    return ordinary(40)[["patient_id", "follow_up_months", "death"]]


def tiny() -> pd.DataFrame:
    """Five patients."""
    return ordinary(5, seed=3)


def alone() -> pd.DataFrame:
    """One patient."""
    return ordinary(1, seed=5)


def all_censored() -> pd.DataFrame:
    """Nobody died, recurred, responded or was harmed."""
    cohort = ordinary(40)
    events = [column.name for column in COLUMNS if column.type == "event"]
    cohort[[*events, "hepatic_toxicity_grade", "child_pugh_increase"]] = 0
    cohort["best_response"] = "SD"
    times = [column.name for column in COLUMNS if column.within_follow_up]
    cohort[[*times, "salvage_treatment"]] = np.nan
    return filled_where_due(cohort)


def one_level() -> pd.DataFrame:
    """Patients who differ in their times and events, and in nothing else."""
    cohort = ordinary(40)
    same = ordinary(1, seed=2)
    free = [column.name for column in COLUMNS if column.required or column.within_follow_up]
    free += [column.condition[0] for column in COLUMNS if column.name in _times_of_events()]
    for name in cohort.columns.difference(free):
        cohort[name] = same[name].iloc[0]
    cohort["best_response"] = "CR"
    cohort["complete_response_months"] = 2.0
    cohort["salvage_treatment"] = np.nan
    return filled_where_due(cohort)


def all_tied() -> pd.DataFrame:
    """Everything that happened to anybody happened at 12 months."""
    cohort = ordinary(40)
    for name in (n for n in cohort if n.endswith("_months")):
        cohort[name] = cohort[name].where(cohort[name].isna(), 12.0)
    return cohort


def all_events() -> pd.DataFrame:
    """Everything happened to everybody, at different times."""
    cohort = ordinary(40)
    cohort[[column.name for column in COLUMNS if column.type == "event"]] = 1
    cohort[[*_times_of_events(), "salvage_treatment"]] = np.nan
    return filled_where_due(cohort)


def mostly_blank() -> pd.DataFrame:
    """Every optional column is there, and known of the first three patients only."""
    cohort = ordinary(40)
    optional = [column.name for column in COLUMNS if not column.required]
    cohort[optional] = cohort[optional].where(cohort.index.to_series() < 3)
    return cohort


COHORTS: dict[str, Callable[[], pd.DataFrame]] = {
    make.__name__: make
    for make in (
        *(minimal, tiny, alone, all_censored),
        *(one_level, all_tied, all_events, mostly_blank),
    )
}


def write(name: str, folder: Path) -> Path:
    """Write one of the cohorts as a CSV file."""
    path = folder / f"{name}.csv"
    COHORTS[name]().to_csv(path, index=False)
    return path


def _times_of_events() -> list[str]:
    timed = [column for column in COLUMNS if column.within_follow_up and column.condition]
    return [column.name for column in timed if column.condition[1] == "1"]


def filled_where_due(cohort: pd.DataFrame) -> pd.DataFrame:
    """Fill what has to be filled where it is blank, and blank it elsewhere."""
    rng = np.random.default_rng(9)
    for column in COLUMNS:
        if column.condition:
            other, level = column.condition
            values = cohort[column.name].fillna(_by_type(column, cohort, rng))
            cohort[column.name] = values.where(is_level(cohort[other], level))
    return cohort


def _by_type(column: Column, cohort: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """Give values of a column that no line above is about; a time is half of the follow-up."""
    n = len(cohort)
    if column.choices:
        values = pd.Series([column.choices[i] for i in rng.integers(0, len(column.choices), n)])
        values = values.astype(int) if column.type == "event" else values
    elif column.within_follow_up:
        values = (cohort["follow_up_months"] / 2).round(1)
    elif column.is_numeric:
        low = np.ceil(column.minimum or 0)
        values = pd.Series(rng.integers(low, min(column.maximum or low + 9, low + 9), n))
    else:
        values = pd.Series("", range(n))
    if column.condition:
        other, level = column.condition
        values = values.where(is_level(cohort[other], level))
    return values


def _levels(name: str, rng: np.random.Generator, n: int) -> list[str]:
    levels = load_dictionary().columns[name].levels
    return [levels[i] for i in rng.integers(0, len(levels), n)]


def notebooks_about_the_cohort() -> list[Path]:
    """The notebooks whose outputs depend on the cohort of the book, as all do that load it."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path for path in paths if "load_cohort()" in path.read_text(encoding="utf-8")]
