"""How a table of the book prints its names and values: one way for all of them.

Code keeps its short names, `bed10_gy` or `std`; a reader meets the dictionary's labels and words.
"""

import re
from collections.abc import Iterable
from numbers import Integral

import pandas as pd

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.formatting import p_value, with_minus

# What estimators and pandas call a column.
_WORDS = {
    "count": "Patients",
    "covariate": "Variable",
    "lower": "Lower 95 % limit",
    "max": "Largest",
    "min": "Smallest",
    "size": "Patients",
    "std": "Standard deviation",  # SD is stable disease here
    "survival": "Rate, %",
    "upper": "Upper 95 % limit",
}
_BOUND = re.compile(r"(<=|>=|>|<)(\d+)")
_SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}
_SPAN = re.compile(r"(\d{1,2})-(\d{1,2})")
# What says that there is no number, in a column of numbers.
_NO_NUMBER = ("", "–", "none", "hidden", "✓", "≠", "last digit")
_NUMBER = re.compile(r"(?:about |up to |[<>≤≥+\N{MINUS SIGN}-] ?)?\d")
_PROSE = 24  # characters; longer text may wrap
_TIMES = ("month", "months", "landmark")


def heading(name: object) -> str:
    """Give the words above a column, or before a row.

    Parameters
    ----------
    name
        The column's name: of the dictionary, of an estimator's result, or words.

    Returns
    -------
    str
        The dictionary's label with its unit, or the words with a capital to begin with; a symbol
        stays as it is.
    """
    if isinstance(name, float):
        return with_minus(f"{name:g}")
    text = "" if name is None else str(name)
    dictionary = load_dictionary()
    if text in dictionary.columns or text in dictionary.derived:
        return dictionary.label(text)
    if text in _WORDS:
        return _WORDS[text]
    text = level(text)
    first = re.match(r"(?:an? )?[a-z-]{2,}(?=[ ,:]|$)", text)
    return text[0].upper() + text[1:] if first else text


def level(text: str) -> str:
    """Set the levels of a variable: ``'<=20'`` is ``'≤ 20'``, and ``'1-2'`` is ``'1–2'``."""
    if bound := _BOUND.fullmatch(text):
        return f"{_SIGNS[bound[1]]} {bound[2]}"
    span = _SPAN.fullmatch(text)
    return f"{span[1]}–{span[2]}" if span else text


def is_p(name: object) -> bool:
    """Tell whether a column has p values."""
    return re.match(r"p\b(?! ?\+)", str(name)) is not None


def is_time(name: object) -> bool:
    """Tell whether a column has times, of which whole ones need no decimals."""
    return str(name).lower() in _TIMES


def printed(values: pd.Series, name: object, decimals: int) -> list[str]:
    """Print the values of a column.

    Parameters
    ----------
    values
        The column.
    name
        Its name: a column of p values has three decimals, whole times have none, and an event of
        the dictionary is yes or no.
    decimals
        Of other numbers with a point.

    Returns
    -------
    list of str
        A dash for what is missing; a minus sign before what is negative.
    """
    floats = [value for value in values if isinstance(value, float) and value == value]
    if is_time(name) and all(value.is_integer() for value in floats):
        decimals = 0
    if _is_event(str(name)):
        values = values.replace({0: "no", 1: "yes"})
    return [_text(value, decimals, is_p(name)) for value in values]


def row_labels(values: Iterable[object]) -> list[str]:
    """Print what stands before the rows: numbers with as few digits as all of them need."""
    texts = list(values)
    floats = [f"{value:g}" for value in texts if isinstance(value, float)]
    decimals = max((len(text.partition(".")[2]) for text in floats), default=0)
    return [_text(value, decimals, p=False) for value in texts]


def _is_event(name: str) -> bool:
    """Tell whether a column of the dictionary says yes or no by 1 and 0."""
    dictionary = load_dictionary()
    if name in dictionary.columns:
        return dictionary.columns[name].type == "event"
    derived = dictionary.derived.get(name)
    return derived is not None and derived.rule is not None and not derived.levels


def _text(value: object, decimals: int, p: bool) -> str:
    if value is None or value is pd.NA or value != value:
        return "–"
    if isinstance(value, float):
        return p_value(value) if p else with_minus(f"{value:.{decimals}f}")
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return with_minus(text) if isinstance(value, Integral) else with_minus(level(text))


def alignment(texts: list[str]) -> str:
    """Tell how a column stands: ``''`` for numbers, ``'text'``, or ``'text prose'`` if it wraps."""
    if any(len(text) > _PROSE for text in texts):
        return "text prose"
    numbers = all(text in _NO_NUMBER or _NUMBER.match(text) for text in texts)
    return "" if numbers else "text"
