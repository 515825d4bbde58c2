"""The ensemble: many cohorts that the paper's numbers fit, made independently of each other.

One synthetic cohort shows one way in which the printed numbers could have come about. The ensemble
has many, each believable, and each drawn and searched for from its own seed: the paper leaves open
how many died and when, how stage, class and size go together, who responds when. What is the same
in all of them the publication pins down.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pandas as pd

from reanalysis.cohort.derived import derive
from reanalysis.cohort.policy import with_policy
from reanalysis.cohort.validation import validate
from reanalysis.core import paths
from reanalysis.core.disclosure import MADE_UP

ENSEMBLE = paths.DATA / "ensemble.zip"

Result = TypeVar("Result")


@cache
def load_ensemble(path: Path = ENSEMBLE) -> Mapping[str, pd.DataFrame]:
    """Load every cohort of the ensemble.

    Parameters
    ----------
    path
        A zip archive of CSV files, one to a cohort.

    Returns
    -------
    Mapping
        By the name of its file, a cohort of 302 rows in the columns of the data dictionary and the
        derived ones, validated; everything may be shown of it. Not to be changed: it is read once.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InvalidCohort
        If a cohort does not fit the dictionary.
    """
    members = {}
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            text = io.BytesIO(archive.read(name))
            table = pd.read_csv(text, dtype=str, keep_default_na=False)
            members[Path(name).stem] = with_policy(derive(validate(table)), MADE_UP)
    return MappingProxyType(members)


def over_ensemble(
    analysis: Callable[[pd.DataFrame], Result],
    ensemble: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, Result]:
    """Run an analysis on every cohort of the ensemble.

    Parameters
    ----------
    analysis
        A function of a cohort.
    ensemble
        Cohorts by name; the one that comes with the book by default.

    Returns
    -------
    dict
        What the analysis gives, by the name of the cohort.
    """
    members = load_ensemble() if ensemble is None else ensemble
    return {name: analysis(cohort) for name, cohort in members.items()}
