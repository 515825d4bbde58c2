"""A cohort: read from a file, checked against the data dictionary, completed with derived columns.

A cohort is a DataFrame with one row per patient and only the columns that were recorded.
Every problem of a file is reported together, with row, column, value and what was expected.
"""

import math
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import pandas as pd

from reanalysis.cohort.columns import is_level
from reanalysis.cohort.distinct import for_each_value
from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.hints import hint
from reanalysis.core.dictionary import FOLLOW_UP, PATIENT, Column, Dictionary, load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem

# Digits are 0 to 9: those of other scripts are digits for Python, but not for pandas.
# In one way only: a long row of digits is gone through once.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Above this a float does not hold every whole number.
_EXACT = 2.0**53
_MOST_CODES = 10
_A_BLANK = "a blank"
# What is expected of a header.
A_COLUMN = "a column of the data dictionary"
# What is expected of a label that stands there a second time.
USED_ABOVE = "an id not used above"
_WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")


class Expectation(NamedTuple):
    """What is expected of a column, in words, and of which rows it holds."""

    column: Column
    holds: pd.Series
    expected: str


@dataclass(frozen=True)
class Examination:
    """A table compared with the data dictionary.

    Attributes
    ----------
    typed
        The recorded columns of the dictionary, each of its type; what could not be read is
        blank. The index is that of the file: 0 is row 2.
    problems
        Everything that does not fit, in the order of rows.
    """

    typed: pd.DataFrame
    problems: tuple[Problem, ...]


def examine(table: pd.DataFrame) -> Examination:
    """Compare a table of text cells with the data dictionary.

    Parameters
    ----------
    table
        Every cell as ``str``, as ``read_table`` gives it.

    Returns
    -------
    Examination
        Its columns with their types, and every problem.
    """
    dictionary = load_dictionary()
    problems = list(_column_problems(table, dictionary))
    if table.empty:
        problems.append(Problem(None, PATIENT, "", "at least one patient"))
    problems += _examples(table, dictionary)
    known = table[[name for name in dictionary.columns if name in table.columns]]
    columns = list(_recorded(known, dictionary))
    recorded = known[[column.name for column in columns]]
    typed = pd.DataFrame({c.name: _typed(recorded[c.name], c) for c in columns}, index=table.index)
    expectations = [
        *(e for c in columns for e in _as_text(recorded[c.name], typed[c.name], c)),
        *(e for c in columns for e in _as_value(typed[c.name], c)),
        *(e for c in columns for e in _across_columns(typed, c)),
    ]
    problems += _problems(expectations, recorded)
    in_order = sorted(dict.fromkeys(problems), key=lambda p: (p.row or 0, p.column))
    return Examination(typed, tuple(in_order))


def validate(table: pd.DataFrame) -> pd.DataFrame:
    """Check a table of text cells against the data dictionary and give each column its type.

    Parameters
    ----------
    table
        Every cell as ``str``, as ``read_table`` gives it.

    Returns
    -------
    pandas.DataFrame
        The recorded columns, in the dictionary's order: levels as categories, numbers as
        floats, whole numbers and events as integers where none is blank.

    Raises
    ------
    InvalidCohort
        With every problem found, in the order of rows.
    """
    examined = examine(table)
    if examined.problems:
        raise InvalidCohort(examined.problems)
    return examined.typed.reset_index(drop=True)


def _column_problems(table: pd.DataFrame, dictionary: Dictionary) -> Iterator[Problem]:
    for name in table.columns:
        if name not in dictionary.columns:
            close = get_close_matches(name.lower(), dictionary.columns, n=1, cutoff=0.75)
            advice = f"did you mean {close[0]}?" if close else "or leave it out"
            yield Problem(None, name, "", A_COLUMN, advice)
    for column in dictionary.columns.values():
        if column.required and column.name not in table.columns:
            yield Problem(None, column.name, "", f"this column, with {column.allowed} in each row")


def _examples(table: pd.DataFrame, dictionary: Dictionary) -> Iterator[Problem]:
    """Yield the template's example row where somebody left it in: it is nobody's."""
    marker = dictionary.columns[PATIENT].example
    if PATIENT in table.columns:
        for row in table.index[table[PATIENT] == marker]:
            expected = "a patient; this is the example row of the template, delete it"
            yield Problem(int(row) + FIRST_ROW, PATIENT, marker, expected)


def _recorded(table: pd.DataFrame, dictionary: Dictionary) -> Iterator[Column]:
    """Yield the columns of a table that say anything.

    An empty column was not recorded, except where blanks are what its condition asks for: with
    failures recorded and no failure in the cohort, the months to failure are known to be blank.
    """
    recorded = set()
    for name in table.columns:
        column = dictionary.columns[name]
        asked = column.condition and column.condition[0] in recorded
        if column.required or asked or (table[name] != "").any():
            recorded.add(name)
            yield column


def _as_text(text: pd.Series, typed: pd.Series, column: Column) -> Iterator[Expectation]:
    """Expect a value that is written as one of its column, and none blank that is required."""
    if column.type == "level":
        yield Expectation(column, text.isin([*column.levels, ""]), column.allowed)
    elif column.is_numeric:
        if column.type == "number":
            fits = typed.notna()
        else:
            fits = for_each_value(text, lambda cell: bool(_WHOLE.fullmatch(cell)), np.bool_)
        yield Expectation(column, fits | (text == ""), column.allowed)
    if column.required:
        yield Expectation(column, text != "", f"{column.allowed}, not a blank")
    if column.type == "id":
        yield Expectation(column, ~text.duplicated(keep="first"), USED_ABOVE)


def _as_value(values: pd.Series, column: Column) -> Iterator[Expectation]:
    """Expect a number within the limits of its column, or a blank."""
    if not column.is_numeric:
        return
    blank = values.isna()
    if column.type == "event":
        yield Expectation(column, blank | values.isin([0, 1]), column.allowed)
    if column.minimum is not None:
        yield Expectation(column, blank | (values >= column.minimum), column.allowed)
    # Without a maximum, 1e999 would pass: it is written as a number and read as infinity.
    maximum = sys.float_info.max if column.maximum is None else column.maximum
    yield Expectation(column, blank | (values <= maximum), column.allowed)


def _across_columns(table: pd.DataFrame, column: Column) -> Iterator[Expectation]:
    """Expect of a column what others ask for."""
    filled = table[column.name].notna()
    if column.condition and column.condition[0] in table:
        other, level = column.condition
        asked = is_level(table[other], level)
        what = f"{other} is {level}"
        yield Expectation(column, ~asked | filled, f"{column.allowed}, because {what}")
        yield Expectation(column, asked | ~filled, f"{_A_BLANK}, unless {what}")
    if column.within_follow_up and FOLLOW_UP in table:
        in_time = ~(table[column.name] > table[FOLLOW_UP])
        yield Expectation(column, in_time, f"a time within follow-up ({FOLLOW_UP})")


def _problems(expectations: Iterable[Expectation], shown: pd.DataFrame) -> Iterator[Problem]:
    """Yield every cell that is not as expected; ``shown`` holds them as the file has them."""
    for column, holds, expected in expectations:
        wrong = shown.loc[~holds.astype(bool), column.name]
        # The same mistake in every row of a file is thought about once.
        advice = {value: hint(value, column) if value else "" for value in wrong.unique()}
        if column.unit == "months" and expected.startswith(_A_BLANK):
            censoring = (
                "if the others have their time of censoring there, a mapping file says so: "
                "times_of_censoring = true"
            )
            advice = {value: text or censoring for value, text in advice.items()}
        if column.type == "event" and wrong.str.fullmatch("[0-9]+").any():
            # 0 and 1 beside a 2 need not be what they are without it.
            codes = sorted(set(shown[column.name]) - {""}, key=lambda code: (len(code), code))
            listed = ", ".join(codes[:_MOST_CODES])
            means = f"its values are {listed}: a mapping file says what each of them means"
            advice = {value: text or means for value, text in advice.items()}
        for row, value in wrong.items():
            yield Problem(int(str(row)) + FIRST_ROW, column.name, value, expected, advice[value])


def _typed(text: pd.Series, column: Column) -> pd.Series:
    """Give a column its type; what cannot be read becomes blank, having been reported."""
    if column.type == "level":
        return text.astype(pd.CategoricalDtype(list(column.levels)))
    if not column.is_numeric:
        return text
    numbers = for_each_value(text, _number, np.float64)
    whole = column.type != "number" and (numbers.abs() < _EXACT).all() and (numbers % 1 == 0).all()
    return numbers.astype("int64") if whole else numbers


def _number(cell: str) -> float:
    """Read a number, or nothing; not in pandas' own way, which makes a blank of 1e999."""
    return float(cell) if _NUMBER.fullmatch(cell) else math.nan
