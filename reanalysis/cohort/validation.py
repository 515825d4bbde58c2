"""A cohort: read from a file, checked against the data dictionary, completed with derived columns.

A cohort is a DataFrame with one row per patient and only the columns that were recorded.
Every problem of a file is reported together, with row, column, value and what was expected.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd
import pandera.pandas as pa

from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.hints import hint
from reanalysis.core.dictionary import Column, Dictionary, load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem

# Digits are 0 to 9: those of other scripts are digits for Python, but not for pandas.
# In one way only: a long row of digits is gone through once.
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
# Above this a float does not hold every whole number.
_EXACT = 2.0**53
_WHOLE = r"[+-]?[0-9]+(\.0*)?"


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
        problems.append(Problem(None, "patient_id", "", "at least one patient"))
    problems += _examples(table, dictionary)
    known = table[[name for name in dictionary.columns if name in table.columns]]
    recorded = known[[name for name in known.columns if _is_recorded(known[name], dictionary)]]

    columns = [dictionary.columns[name] for name in recorded.columns]
    problems += _failures(recorded, pa.DataFrameSchema({c.name: _as_text(c) for c in columns}))
    typed = pd.DataFrame({c.name: _typed(recorded[c.name], c) for c in columns}, index=table.index)
    problems += _failures(
        typed,
        pa.DataFrameSchema(
            {c.name: _as_value(c) for c in columns if c.is_numeric},
            checks=[check for c in columns for check in _across_columns(c, typed)],
        ),
        shown=recorded,
    )
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
            yield Problem(None, name, "", "a column of the data dictionary", advice)
    for column in dictionary.columns.values():
        if column.required and column.name not in table.columns:
            yield Problem(None, column.name, "", f"this column, with {column.allowed} in each row")


def _examples(table: pd.DataFrame, dictionary: Dictionary) -> Iterator[Problem]:
    """Yield the template's example row where somebody left it in: it is nobody's."""
    marker = dictionary.columns["patient_id"].example
    if "patient_id" in table.columns:
        for row in table.index[table["patient_id"] == marker]:
            expected = "a patient; this is the example row of the template, delete it"
            yield Problem(int(row) + FIRST_ROW, "patient_id", marker, expected)


def _is_recorded(values: pd.Series, dictionary: Dictionary) -> bool:
    """Whether a column says anything.

    An empty column was not recorded, except where blanks are what its condition asks for:
    with no failure in the cohort, the months to failure are known to be blank.
    """
    column = dictionary.columns[str(values.name)]
    return column.required or bool(column.only_when) or bool((values != "").any())


def _as_text(column: Column) -> pa.Column:
    """Check how a value is written: a level, a number, not blank where one is required."""
    checks = []
    if column.type == "level":
        checks.append(pa.Check.isin([*column.levels, ""], error=column.allowed))
    elif column.is_numeric:
        pattern = _NUMBER if column.type == "number" else _WHOLE
        checks.append(pa.Check.str_matches(f"^({pattern})?$", error=column.allowed))
    if column.required:
        checks.append(pa.Check(lambda text: text != "", error=f"{column.allowed}, not a blank"))
    if column.type == "id":
        checks.append(
            pa.Check(lambda text: ~text.duplicated(keep="first"), error="an id not used above")
        )
    return pa.Column(str, checks)


def _as_value(column: Column) -> pa.Column:
    """Check the range of a number."""
    checks = []
    if column.type == "event":
        checks.append(pa.Check.isin([0, 1], error=column.allowed))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error=column.allowed))
    # Without a maximum, 1e999 would pass: it is written as a number and read as infinity.
    maximum = sys.float_info.max if column.maximum is None else column.maximum
    checks.append(pa.Check.le(maximum, error=column.allowed))
    return pa.Column(None, checks, nullable=True)


def _across_columns(column: Column, typed: pd.DataFrame) -> Iterator[pa.Check]:
    """Check a column against others; each check is named after the column it is about."""
    if column.condition and column.condition[0] in typed:
        other, level = column.condition

        def holds(table: pd.DataFrame) -> pd.Series:
            # An event that is blank in somebody is a column of floats: 1.0 is the 1 meant.
            if pd.api.types.is_numeric_dtype(table[other]):
                return table[other] == float(level)
            return (table[other].astype("string") == level).fillna(False)

        def filled(table: pd.DataFrame) -> pd.Series:
            return ~holds(table) | table[column.name].notna()

        def blank(table: pd.DataFrame) -> pd.Series:
            return holds(table) | table[column.name].isna()

        what = f"{other} is {level}"
        yield pa.Check(filled, name=column.name, error=f"{column.allowed}, because {what}")
        yield pa.Check(blank, name=column.name, error=f"a blank, unless {what}")
    if column.within_follow_up and "follow_up_months" in typed:

        def in_time(table: pd.DataFrame) -> pd.Series:
            return ~(table[column.name] > table["follow_up_months"])

        expected = "a time within follow-up (follow_up_months)"
        yield pa.Check(in_time, name=column.name, error=expected)


def _typed(text: pd.Series, column: Column) -> pd.Series:
    """Give a column its type; what cannot be read becomes blank, having been reported."""
    if column.type == "level":
        return text.astype(pd.CategoricalDtype(list(column.levels)))
    if not column.is_numeric:
        return text
    # Not pandas' own conversion, which makes a blank of 1e999.
    numbers = text.where(text.str.fullmatch(_NUMBER)).map(float, na_action="ignore").astype(float)
    whole = column.type != "number" and (numbers.abs() < _EXACT).all() and (numbers % 1 == 0).all()
    return numbers.astype("int64") if whole else numbers


def _failures(
    table: pd.DataFrame, schema: pa.DataFrameSchema, shown: pd.DataFrame | None = None
) -> list[Problem]:
    """Every failure of a schema; ``shown`` holds the cells as the file has them."""
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as failure:
        return list(_as_problems(failure, table if shown is None else shown))
    return []


def _as_problems(failure: pa.errors.SchemaErrors, shown: pd.DataFrame) -> Iterator[Problem]:
    columns = load_dictionary().columns
    for error in failure.schema_errors:
        # A check over the whole table is named after the column that it is about.
        column = error.schema.name or error.check.name
        expected = re.sub(r"^Check[^:]*: ", "", str(error.check.error))
        for row in dict.fromkeys(error.failure_cases["index"]):
            value = str(shown.loc[row, column])
            advice = hint(value, columns[column]) if value else ""
            yield Problem(int(row) + FIRST_ROW, column, value, expected, advice)
