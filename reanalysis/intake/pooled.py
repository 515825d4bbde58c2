"""The files of several centres as one cohort, with the centre of each patient.

Each file is read by a mapping of its own, so that codes and units that differ between centres meet
in the dictionary's.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from reanalysis.cohort.identifiers import without_ids
from reanalysis.cohort.loading import load_cohort, provenance
from reanalysis.core.dictionary import CENTRE, PATIENT, load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem, UnreadableFile


def mapping_beside(path: Path) -> Path | None:
    """Give the mapping file of a cohort where `check` writes one: beside it, under its name."""
    beside = path.with_suffix(".toml")
    return beside if beside.is_file() else None


def write_pooled(files: Sequence[Path], target: Path, *, round_months: float = 0.0) -> Path:
    """Write one cohort of several files, and beside it what was done to each.

    Parameters
    ----------
    files
        The files, one for each centre; the mapping of each, if it needs one, beside it under the
        same name. The centre is the file's name where the file does not say it itself.
    target
        The .csv file to write; it is overwritten, and so is the .txt file of the same name.
    round_months
        Round every time to multiples of so many months; 0 for not at all.

    Returns
    -------
    pathlib.Path
        The .txt file that says what was done.

    Raises
    ------
    InvalidCohort
        If a file does not fit, with the problems of all of them; or if two are called the same.
    """
    stems = [path.stem for path in files]
    if len(set(stems)) < len(stems):
        twice = sorted({stem for stem in stems if stems.count(stem) > 1})
        raise UnreadableFile(
            f"Two files are called {', '.join(twice)}; expected a name of its own for each, which "
            "is the name of its centre."
        )
    parts, notes, problems = [], [], []
    for path in files:
        plan = mapping_beside(path)
        try:
            part = load_cohort(path, plan, round_months=round_months)
        except InvalidCohort as refusal:
            problems += [_of(path, problem) for problem in refusal.problems]
            continue
        part = part[load_dictionary().among(part)]
        if CENTRE not in part:
            part = part.assign(**{CENTRE: path.stem})
        parts.append(part.assign(**{CENTRE: part[CENTRE].where(part[CENTRE] != "", path.stem)}))
        by = f" by {plan.name}" if plan else ""
        notes += ["", f"{len(part):,} patients of {path.name}{by}:"]
        done = provenance(path, plan)
        notes += [
            f"- {column}, from {source}: {what}"
            for column, source, what, _ in done.itertuples(index=False)
            if column != PATIENT
        ]
    if problems:
        raise InvalidCohort(problems)
    pooled = _together(parts)
    pooled.to_csv(target, index=False, encoding="utf-8")
    absent = _recorded_by_some(parts, stems)
    note = target.with_suffix(".txt")
    head = [
        f"A cohort of {len(pooled):,} patients from {len(files)} files, in the columns of the data "
        "dictionary.",
        "Labels are new, and lead back to nobody. A patient who stands in two files counts twice.",
        *([f"Times are rounded to multiples of {round_months:g} months."] if round_months else []),
        *absent,
    ]
    note.write_text("\n".join([*head, *notes, ""]), encoding="utf-8")
    return note


def _of(path: Path, problem: Problem) -> Problem:
    """Say of which file a problem is."""
    if not problem.column:
        return problem
    column = f"{problem.column} of {path.name}"
    return Problem(problem.row, column, problem.value, problem.expected, problem.hint)


def _together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put cohorts one below the other under new labels, in an order that says nothing."""
    recorded = {name for part in parts for name in part}
    columns = load_dictionary().among(recorded)
    # As text, as in a file: what is blank in one is no number in another.
    texts = [part.astype(object).where(part.notna(), "") for part in parts]
    whole = pd.concat(texts, ignore_index=True).reindex(columns=columns)
    return without_ids(whole.where(whole.notna(), "")).sort_values(PATIENT)


def _recorded_by_some(parts: Sequence[pd.DataFrame], stems: Sequence[str]) -> list[str]:
    """Name the columns that not every file has: what is blank there is not known, and not a no."""
    lines = []
    for name in load_dictionary().columns:
        having = [stem for part, stem in zip(parts, stems, strict=True) if name in part]
        if having and len(having) < len(parts):
            without = [stem for stem in stems if stem not in having]
            lines.append(f"{name} is blank in all patients of {', '.join(without)}.")
    return lines
