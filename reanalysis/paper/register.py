"""The register of published numbers: every number that the paper prints, as printed."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from reanalysis.core import paths
from reanalysis.core.disclosure import HIDDEN, TooFew
from reanalysis.core.errors import CannotShow
from reanalysis.core.formatting import rounded

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@cache
def places(path: Path = paths.PUBLISHED_NUMBERS) -> pd.DataFrame:
    """Read each place of the paper that prints a number of the register.

    Parameters
    ----------
    path
        The CSV file, a row per place; the project's own by default. The places of a number
        follow each other, the one that it is quoted from first, and only that row says what the
        number means.

    Returns
    -------
    pandas.DataFrame
        One row per place; columns ``id``, ``printed`` (as that place prints it), ``where`` (the
        section, table or note) and ``quote``: the paper's words there, with the number in
        guillemets.
    """
    return _rows(path)[["id", "printed", "where", "quote"]]


@cache
def register(path: Path = paths.PUBLISHED_NUMBERS) -> pd.DataFrame:
    """Read the register.

    Parameters
    ----------
    path
        The CSV file; the project's own by default.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; all columns are text:

        - ``printed``: as the paper prints it, in the first of its places,
        - ``where``: its places, each section, table or note once,
        - ``meaning``: what it is the number of,
        - ``recipe``: how it is recomputed (see ``reanalysis.compare.recomputation``), or empty,
        - ``status``: ``reproducible``; ``contradiction`` where the paper itself excludes it, by
          other numbers or in so many words; ``context`` where it describes the study or another
          one, so that no cohort table can give it,
        - ``remark``.
    """
    rows = _rows(path)
    where = rows.groupby("id", sort=False)["where"].agg(lambda w: "; ".join(dict.fromkeys(w)))
    first = rows.drop_duplicates("id").set_index("id")
    return first.assign(where=where).drop(columns="quote")


def _rows(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def published(number: str) -> str:
    """Return a published number as printed.

    Parameters
    ----------
    number
        Its id in the register.

    Raises
    ------
    KeyError
        If the register has no such id.
    """
    return str(register().loc[number, "printed"])


def recipe(number: str) -> str:
    """Return how a published number is recomputed, empty if from no cohort.

    Raises
    ------
    KeyError
        If the register has no such id.
    """
    return str(register().loc[number, "recipe"])


def placeholders(template: str) -> list[str]:
    """List the ids of published numbers that stand in braces in a template."""
    return _PLACEHOLDER.findall(template)


def fill(template: str, source: Callable[[str], str]) -> str:
    """Fill the ids of a template with numbers.

    Parameters
    ----------
    template
        Text with ids in braces, as in ``'{sex.M.n} ({sex.M.pct})'``.
    source
        Gives the text of an id: ``published``, or the same numbers from a cohort.

    Returns
    -------
    str
        The text. Of a template without words, such as the one above, ``'–'`` where every number
        is missing, and ``'hidden'`` where none may be shown.
    """
    numbers = placeholders(template)
    texts = {}
    for number in numbers:
        try:
            texts[number] = source(number)
        except TooFew:
            texts[number] = HIDDEN
        except CannotShow:
            texts[number] = "–"
    words = any(map(str.isalpha, _PLACEHOLDER.sub("", template)))
    if not words and len(same := set(texts.values())) == 1 and same <= {"–", HIDDEN}:
        return same.pop()
    return _PLACEHOLDER.sub(lambda match: texts[match[1]], template)


def as_printed(value: float, like: str) -> str:
    """Print a number with as many decimals as a published one, rounded half up."""
    _, _, decimals = like.partition(".")
    return rounded(value, len(decimals))


def agreement(printed: str, recomputed: str) -> str:
    """Compare a published number with a recomputed one.

    Parameters
    ----------
    printed, recomputed
        The two texts.

    Returns
    -------
    str
        ``'agrees'`` if they are the same, ``'last digit'`` if they are one unit of the last
        printed digit apart, ``'differs'`` otherwise.
    """
    if printed == recomputed:
        return "agrees"
    try:
        apart = abs(float(printed) - float(recomputed))
    except ValueError:
        return "differs"
    _, _, decimals = printed.partition(".")
    return "last digit" if apart < 1.5 * 10 ** -len(decimals) else "differs"
