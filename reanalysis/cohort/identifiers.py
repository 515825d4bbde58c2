"""Columns that say who a patient is, and labels that do not.

A file that names its patients is refused before anything in it is looked at: nothing of it can
then reach a message, a notebook or a page. The words and patterns are in ``data/privacy.toml``.
"""

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem

_WORD = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|\d+|[^\W\d_]+")
_YEAR = re.compile(r"(?:.*\D)?((?:18|19|20)\d\d)(?:\D.*)?")
_DATE = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](\d{1,2}|\w{3,9})[-/. ]\d{4}).*")
# Treatments of this kind came after 1990; most of a column of earlier dates are of birth.
_BORN_BEFORE = 1985
# Fewer filled cells than these say nothing about what stands in a column.
_FEWEST_CELLS = 3
_UNIQUE = 0.8


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier; the fields are those of ``data/privacy.toml``."""

    what: str
    whole: frozenset[str]
    anywhere: tuple[str, ...]
    any_cell: tuple[str, ...] = ()
    most: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


def refuse_identifiers(table: pd.DataFrame) -> None:
    """Refuse a table that says who its patients are.

    Parameters
    ----------
    table
        Every cell as ``str``, in the columns of its owner.

    Raises
    ------
    InvalidCohort
        Naming every such column and how it was recognised; never a value from it.
    """
    problems = []
    for position, name in enumerate(table.columns):
        if found := identifier(str(name), table.iloc[:, position].astype(str)):
            what, sign = found
            expected = (
                f"no {what} (recognised by {sign}). Delete this column from a copy of the file: "
                "the book needs none of it"
            )
            problems.append(Problem(None, str(name), "", expected))
    if problems:
        raise InvalidCohort(problems)


def identifier(header: str, cells: pd.Series) -> tuple[str, str] | None:
    """Say what kind of identifier a column holds.

    Parameters
    ----------
    header
        Its name.
    cells
        What stands in it, as ``str``.

    Returns
    -------
    tuple of str or None
        What it holds and by what it was recognised; None for any other column.
    """
    kinds = _identifiers()
    known = load_dictionary().columns.get(header)
    if known and known.type not in ("id", "text"):
        return None  # anything but a number or a level is refused there in any case
    if not known:
        words = _words(header)
        for kind in kinds:
            if words in kind.whole or any(_within(phrase, words) for phrase in kind.anywhere):
                return kind.what, "its name"
    filled = cells[cells != ""]
    for kind in kinds:
        if any(_share(filled, pattern) > 0 for pattern in kind.any_cell):
            return kind.what, "its values"
        if len(filled) < _FEWEST_CELLS:
            continue
        distinct = filled.nunique() >= _UNIQUE * len(filled)
        patterns = [*kind.most, *(kind.unique if distinct else ())]
        if any(_share(filled, pattern) >= 0.5 for pattern in patterns):
            return kind.what, "its values"
    if len(filled) >= _FEWEST_CELLS and _are_births(filled):
        return "dates of birth", "its values"
    return None


def without_ids(cohort: pd.DataFrame) -> pd.DataFrame:
    """Give the patients labels that lead back to nobody.

    The labels number the patients in an order that is drawn at random. The draw's seed is a
    hash of the whole cohort, so that a file gives the same labels each time, while a reader who
    does not have the file cannot undo it: with a fixed seed anybody could, and numbers in the
    order of rows would tell the order of a hospital's list, which is often that of treatment.

    Parameters
    ----------
    cohort
        A validated cohort.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``patient_id`` replaced.
    """
    digest = hashlib.sha256()
    for column in cohort.columns:
        digest.update("\0".join([str(column), *cohort[column].astype(str)]).encode())
    order = np.random.default_rng(int.from_bytes(digest.digest())).permutation(len(cohort))
    width = len(str(len(cohort)))
    labels = [f"P{number + 1:0{width}}" for number in order]
    return cohort.assign(patient_id=pd.Series(labels, index=cohort.index, dtype=object))


@cache
def _identifiers(path: Path = paths.PRIVACY) -> tuple[Identifier, ...]:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Identifier(
            entry["what"],
            frozenset(_words(text) for text in entry["whole"]),
            tuple(_words(text) for text in entry["anywhere"]),
            *(tuple(entry.get(key, ())) for key in ("any_cell", "most", "unique")),
        )
        for entry in raw["identifier"]
    )


def _words(text: str) -> str:
    """Return the words of a header, in small letters without accents, joined with blanks."""
    words = " ".join(_WORD.findall(unicodedata.normalize("NFC", text))).casefold()
    plain = (c for c in unicodedata.normalize("NFKD", words) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", "".join(plain))


def _within(phrase: str, words: str) -> bool:
    """Whether a phrase stands in a header; a script without blanks has no whole words."""
    if phrase.isascii():
        return f" {phrase} " in f" {words} "
    return phrase in words


def _share(cells: pd.Series, pattern: str) -> float:
    if cells.empty:
        return 0.0
    # Addresses and e-mail are written in either case; names are told by theirs.
    flags = 0 if "[A-Z]" in pattern or "[a-z" in pattern else re.IGNORECASE
    return float(cells.str.fullmatch(pattern, flags=flags).mean())


def _are_births(cells: pd.Series) -> bool:
    """Whether most cells are dates, and most of the dates too early for anything but births."""
    dates = cells[cells.str.fullmatch(_DATE)]
    if len(dates) < 0.5 * len(cells):
        return False
    years = pd.to_numeric(dates.str.extract(_YEAR, expand=False))
    return bool(years.median() < _BORN_BEFORE)
