"""A copy of a cohort that names nobody: the dictionary's columns, new labels, a new order.

It is to be kept, or to be sent to a statistician under whatever agreement there is: rows of
patients stay rows of patients, and what a rare age and a time tell together, no renumbering takes
away.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from reanalysis.cohort.loading import load_cohort, provenance
from reanalysis.core.dictionary import CENTRE, PATIENT, load_dictionary


def write_copy(
    path: Path, target: Path, mapping: Path | None = None, *, round_months: float = 0.0
) -> Path:
    """Write the copy, and beside it what was changed.

    Parameters
    ----------
    path
        The file of a cohort.
    target
        The .csv file of the copy; it is overwritten, and so is the .txt file of the same name.
    mapping
        How its columns become those of the dictionary.
    round_months
        Round every time to multiples of so many months; 0 for not at all.

    Returns
    -------
    pathlib.Path
        The .txt file that says what was changed.

    Raises
    ------
    InvalidCohort
        If the file does not fit.
    """
    cohort = load_cohort(path, mapping, round_months=round_months)
    stored = cohort[load_dictionary().among(cohort)]
    # By the new labels, which are drawn: the order of the rows says nothing of the file's.
    copy = with_lettered_centres(stored.sort_values(PATIENT))
    copy.to_csv(target, index=False, encoding="utf-8")
    note = target.with_suffix(".txt")
    lines = _changes(copy, provenance(path, mapping), round_months)
    note.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return note


def with_lettered_centres(copy: pd.DataFrame) -> pd.DataFrame:
    """Call centres A, B and so on, in the order of the rows, which is drawn; blanks stay blank."""
    if CENTRE not in copy:
        return copy
    names = [name for name in copy[CENTRE].unique() if name]
    letters = {name: _letters(number) for number, name in enumerate(names)}
    return copy.assign(**{CENTRE: copy[CENTRE].map(letters).fillna("")})


def _letters(number: int) -> str:
    """Count as a spreadsheet does: A to Z, AA, AB."""
    first = "" if number < 26 else _letters(number // 26 - 1)
    return first + chr(ord("A") + number % 26)


def _changes(copy: pd.DataFrame, done: pd.DataFrame, round_months: float) -> Iterator[str]:
    yield f"A copy of {len(copy):,} patients, in the columns of the data dictionary."
    yield ""
    yield "Labels are new, and lead back to nobody; rows stand in their order, which is drawn."
    if CENTRE in copy:
        yield "Centres are letters; which is which stands in the file alone."
    yield "Dates are gone: times are in months from the start of treatment."
    if round_months:
        yield f"Times are rounded to multiples of {round_months:g} months."
    yield "Columns that the dictionary does not have are left out. Of the others:"
    for column, source, what, _ in done.itertuples(index=False):
        if column != PATIENT:
            yield f"- {column}, from {source}: {what}"
    yield ""
    yield "Ages, times and rare values are as they were: together they may still tell somebody who"
    yield "knows a patient which row is theirs."
