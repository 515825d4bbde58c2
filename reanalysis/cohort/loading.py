"""The cohort that the book is about: from its file, or from the file that the environment names."""

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from reanalysis.cohort.derived import derive
from reanalysis.cohort.identifiers import without_ids
from reanalysis.cohort.made import apply_mapping, shown_blanks
from reanalysis.cohort.mapping import Mapping
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.policy import is_private, policy_for, with_policy
from reanalysis.cohort.reading import Source, read_planned
from reanalysis.cohort.rows import LeftOut
from reanalysis.cohort.validation import validate
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.disclosure import HIDDEN, Policy
from reanalysis.core.errors import InvalidCohort

COHORT_VARIABLE = "REANALYSIS_COHORT"
MAPPING_VARIABLE = "REANALYSIS_MAPPING"
ROUND_VARIABLE = "REANALYSIS_ROUND_MONTHS"
# Names a file of ``keep_loaded``: every kernel of a book needs the same cohort, and a large one
# takes seconds to read and to check.
LOADED_VARIABLE = "REANALYSIS_LOADED"


def load_cohort(
    path: Path | str | None = None,
    mapping: Path | str | None = None,
    *,
    round_months: float | None = None,
) -> pd.DataFrame:
    """Load the cohort that the book is about.

    Parameters
    ----------
    path
        A CSV file or an .xlsx workbook. Without one, the file that the environment variable
        ``REANALYSIS_COHORT`` names, and without that the synthetic cohort.
    mapping
        A TOML file that says how the columns of ``path`` become those of the dictionary
        (see ``reanalysis.cohort.mapping``); ``REANALYSIS_MAPPING`` where ``path`` is not given.
    round_months
        Round every time to whole multiples of so many months, for a book that is easier to
        publish; 0 for not at all. By default what ``REANALYSIS_ROUND_MONTHS`` says where
        ``path`` is not given.

    Returns
    -------
    pandas.DataFrame
        One row per patient, with a new label unless the cohort is the synthetic one: the
        recorded columns in the dictionary's order, then the derived ones. Columns that hold no
        value at all are left out. Times are in months, sizes in cm, doses in Gy. It carries what
        may be shown of it (see ``reanalysis.cohort.policy``).

    Raises
    ------
    InvalidCohort
        If anything in the file does not fit the dictionary; it lists every problem.
    FileNotFoundError
        If there is no such file.
    """
    loaded = os.environ.get(LOADED_VARIABLE)
    if loaded and path is None and mapping is None and round_months is None:
        kept: pd.DataFrame = pd.read_pickle(loaded)
        return kept
    if round_months is None:
        round_months = 0.0 if path else float(os.environ.get(ROUND_VARIABLE) or 0)
    file, source, plan = _source(path, mapping)
    table = source.table
    if plan:
        table, _ = apply_mapping(table, plan)
    cohort = validate(table)
    if round_months:
        cohort = with_rounded_times(cohort, round_months)
    cohort = derive(without_ids(cohort) if is_private(file) else cohort)
    return with_policy(cohort, policy_for(file))


def keep_loaded(cohort: pd.DataFrame, file: Path) -> dict[str, str]:
    """Keep a loaded cohort for the kernels of a book, in a file for their time only.

    Parameters
    ----------
    cohort
        As ``load_cohort`` gave it, with what may be shown of it.
    file
        Where; to be read by nobody else, and deleted afterwards.

    Returns
    -------
    dict of str to str
        What their environment says of it: there ``load_cohort()`` gives this cohort.
    """
    cohort.to_pickle(file)
    return {LOADED_VARIABLE: str(file)}


def with_rounded_times(cohort: pd.DataFrame, step: float) -> pd.DataFrame:
    """Round the times of a cohort, so that they no longer say on which day something was.

    Parameters
    ----------
    cohort
        A validated cohort, without derived columns: these follow from the rounded times.
    step
        Months; each time becomes the nearest multiple of it, halves up. A time above 0 stays
        above 0, and no event comes to lie after the end of follow-up.

    Returns
    -------
    pandas.DataFrame
        The same rows.

    Raises
    ------
    ValueError
        If ``step`` is not above 0.
    """
    if not step > 0:
        raise ValueError(f"times are rounded to a step above 0 months, not {step:g}")
    columns = load_dictionary().columns
    times = [name for name in cohort if name in columns and columns[name].unit == "months"]
    result = cohort.copy()
    for name in times:
        exact = cohort[name].astype(float)
        rounded = exact.map(lambda month: round(math.floor(month / step + 0.5) * step, 6), "ignore")
        result[name] = rounded.mask((exact > 0) & (rounded == 0), step)
    return result


def provenance(path: Path | str | None = None, mapping: Path | str | None = None) -> pd.DataFrame:
    """Say how each column of the cohort came from its file.

    Parameters
    ----------
    path, mapping
        As for ``load_cohort``.

    Returns
    -------
    pandas.DataFrame
        One row per recorded column, in the order of the file or of the mapping: ``column``,
        ``made from``, ``what was done`` and the number of patients ``left blank``. Small
        numbers of patients who were not made up are hidden (see ``reanalysis.core.disclosure``).

    Raises
    ------
    InvalidCohort, FileNotFoundError
        As ``load_cohort``.
    """
    file, source, plan = _source(path, mapping)
    table, policy = source.table, policy_for(file)
    if plan:
        report = apply_mapping(table, plan, policy)[1]
        if not source.left_out:
            return report
        told = "; ".join(left_out_lines(source.left_out, policy))
        first = pd.DataFrame([("(rows)", "the file", told, 0)], columns=report.columns)
        return pd.concat([first, report], ignore_index=True)
    blank = (table == "").sum()
    rows = [
        (name, name, "as it is", shown_blanks({}, int(blank[name]), len(table), policy)[1])
        for name in table.columns
    ]
    return pd.DataFrame(rows, columns=["column", "made from", "what was done", "left blank"])


def _source(
    path: Path | str | None, mapping: Path | str | None
) -> tuple[Path, Source, Mapping | None]:
    """Read the file of a cohort and its mapping, where they are given or in the environment.

    Returns
    -------
    tuple
        Which file it is, what it holds, and how its columns become those of the dictionary.

    Raises
    ------
    InvalidCohort
        If something has to be said before the file can be used.
    """
    if path is None:
        path = os.environ.get(COHORT_VARIABLE) or paths.SYNTHETIC_COHORT
        mapping = mapping or os.environ.get(MAPPING_VARIABLE)
    plan = load_mapping(Path(mapping)) if mapping else None
    source = read_planned(path, plan)
    if source.problems:
        raise InvalidCohort(source.problems)
    return Path(path), source, plan


def left_out_lines(left_out: Iterable[LeftOut], policy: Policy) -> Iterator[str]:
    """Say how many rows were left out for which reason.

    Parameters
    ----------
    left_out
        The reasons.
    policy
        What may be shown.
    """
    for entry in left_out:
        count = policy.patients(entry.count) if policy.may_show(entry.count) else HIDDEN
        yield f"left out: {count or 'none'} ({entry.why})"
