"""Rows that are no patient, rows of one patient, and rows that are left out on purpose.

People keep totals and notes below a table, write one row for each lesion or visit, and hide rows
instead of deleting them. What looks like that is told, and never decided here: a mapping file says
which rows are left out and why, and the report counts them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.core.errors import InvalidCohort, Problem

# What stands before a number that sums up a column, in the languages of the synonyms.
_SUMMARY = re.compile(
    r"(grand |sub|gesamt)?(totals?|sums?|summe|gesamt|insgesamt|somme|suma|totale|soma)"
    r"|(mean|average|avg|median|mittelwert|mittel|durchschnitt|moyenne|m[ée]diane|media|mediana"
    r"|promedio|m[ée]dia|moda|mode)( ?[(±+/].*)?"
    r"|s\.?[de]\.?|std\.?( ?dev\.?)?|standard ?(deviation|error|abweichung)|[ée]cart[- ]type"
    r"|desviaci[óo]n (est[áa]ndar|t[íi]pica)|deviazione standard|desvio padr[ãa]o"
    r"|n|n ?=.*|count|anzahl|effectif|min(imum)?|max(imum)?|range|spannweite|iqr|q1|q3"
    r"|quartil.*|[0-9]+(th|%) ?percentile|percent|%|p[- ]?values?|variance|varianz|95 ?% ?c\.?i\.?"
    r"|합계|총계|소계|평균|중앙값|표준편차|최소값?|최대값?|총|合计|总计|小计|平均(值|数|値)?"
    r"|中位(数|值)|中央値|标准差|標準偏差|合計|小計|総計|最小(值|値)?|最大(值|値)?|人数|例数",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[*†‡§#¹²³]|(notes?|source|legend|abbreviations?|anmerkung|quelle|nota)\b", re.I
)
# Fewer rows say nothing about whether a column holds labels.
_FEWEST = 4
_MOSTLY_DIFFERENT = 0.8
# A label is no longer.
_LONGEST = 40
# A sentence has so many words.
_WORDS = 4
ONE_ROW = ("first", "last", "merged")


@dataclass(frozen=True)
class LeaveOut:
    """Rows that a mapping file leaves out; the fields are those of the file.

    Attributes
    ----------
    why
        The reason, shown with the report.
    rows
        Rows as a spreadsheet counts them; empty where values decide.
    column
        The column of the file that decides.
    values
        Texts there by which a row is left out.
    blank
        Whether a row without a value there is.
    below, above
        Whether one with a number below or above these is.
    """

    why: str
    rows: tuple[int, ...] = ()
    column: str = ""
    values: tuple[str, ...] = ()
    blank: bool = False
    below: float | None = None
    above: float | None = None

    def holds(self, table: pd.DataFrame) -> pd.Series:
        """Say of each row of a table whether it is left out."""
        if not self.column:
            return pd.Series(table.index.isin([row - FIRST_ROW for row in self.rows]), table.index)
        cells = table[self.column]
        out = cells.isin(list(self.values))
        if self.blank:
            out |= cells == ""
        numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
        if self.below is not None:
            out |= numbers < self.below
        if self.above is not None:
            out |= numbers > self.above
        return out

    def __str__(self) -> str:
        if not self.column:
            return self.why
        conditions = [
            *(f"is {value}" for value in self.values),
            *(["is blank"] if self.blank else []),
            *([f"is below {self.below:g}"] if self.below is not None else []),
            *([f"is above {self.above:g}"] if self.above is not None else []),
        ]
        return f"{self.why} ({self.column} {' or '.join(conditions)})"


@dataclass(frozen=True)
class LeftOut:
    """Rows that were left out, and why."""

    count: int
    why: str


def leave_out(
    table: pd.DataFrame, plan: tuple[LeaveOut, ...], hidden: tuple[int, ...] = ()
) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Leave rows out.

    Parameters
    ----------
    table
        Every cell as ``str``; the index is that of the file.
    plan
        Which rows, and why. A row is counted with the first reason that holds for it.
    hidden
        Rows of the file that are left out because a spreadsheet does not show them.

    Returns
    -------
    table : pandas.DataFrame
        The rows that are left.
    left_out : tuple of LeftOut
        How many were left out for which reason, those for which there was none among them.

    Raises
    ------
    InvalidCohort
        If a column that decides is not there, a row that is named is none, or no row is left.
    """
    problems = []
    reasons = [LeaveOut("hidden in the spreadsheet", rows=hidden)] if hidden else []
    told = []
    left = table
    for entry in [*reasons, *plan]:
        if entry.column and entry.column not in table.columns:
            expected = "this column in the file; rows are left out by it"
            problems.append(Problem(None, entry.column, "", expected))
            continue
        present = set(table.index)
        absent = [row for row in entry.rows if row - FIRST_ROW not in present]
        if absent and entry in plan:
            named = ", ".join(map(str, absent[:5]))
            expected = f"rows of the file with a patient; there is none in row {named}"
            problems.append(Problem(None, "leave_out.rows", "", expected))
            continue
        out = entry.holds(left).astype(bool)
        told.append(LeftOut(int(out.sum()), str(entry)))
        left = left[~out]
    if not problems and left.empty and not table.empty:
        expected = "at least one row that is not left out"
        problems.append(Problem(None, "leave_out", "", expected))
    if problems:
        raise InvalidCohort(problems)
    return left, tuple(told)


def one_row_each(
    table: pd.DataFrame, ids: str, which: str
) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Keep the first or the last row of each patient, as a mapping file says."""
    out = (table[ids] != "") & table[ids].duplicated(keep="first" if which == "first" else "last")
    why = f"further rows of a patient, of whom the {which} is kept"
    return table[~out], (LeftOut(int(out.sum()), why),)


def merged(
    table: pd.DataFrame, ids: str, used: Mapping[str, str]
) -> tuple[pd.DataFrame, tuple[LeftOut, ...], tuple[Problem, ...]]:
    """Make one row of all rows of a patient, as REDCap's events and repeated forms need it.

    Parameters
    ----------
    table
        Every cell as ``str``.
    ids
        The column of the patients' labels.
    used
        Columns that are used, and which of several values of a patient is meant: ``last``,
        ``earliest`` (the smallest), or nothing, which allows for only one.

    Returns
    -------
    table : pandas.DataFrame
        The first row of each patient, its columns filled from the others.
    left_out : tuple of LeftOut
        How many rows were put together with another.
    problems : tuple of Problem
        Columns of which patients have several values.
    """
    filled = table[table[ids] != ""]
    labels = filled[ids]
    first_rows = ~labels.duplicated()
    result = filled[first_rows].copy()
    problems = []
    for name in map(str, table.columns):
        cells = filled[name]
        known = cells[cells != ""]
        by = known.groupby(labels[known.index], sort=False)
        which = used.get(name, "")
        if which == "earliest":
            chosen = by.agg(lambda values: min(values, key=_in_order))
        else:
            chosen = by.last() if which == "last" else by.first()
            several = by.first() != by.max()
            if name in used and not which and several.any():
                example = chosen[several].iloc[0]
                expected = (
                    f"one value for each patient; {int(several.sum()):,} have several in the rows "
                    "that are put together"
                )
                advice = 'say which in the mapping file: take = "last" or take = "earliest"'
                problems.append(Problem(None, name, str(example), expected, advice))
        result[name] = labels[first_rows].map(chosen).fillna("")
    count = len(filled) - len(result)
    why = "rows put together with another one of the same patient"
    return result, (LeftOut(count, why),), tuple(problems)


def _in_order(value: str) -> tuple[bool, float, str]:
    """Order numbers by their size, and dates as they are written in ISO's way."""
    try:
        return False, float(value), value
    except ValueError:
        return True, 0.0, value


def summary_rows(table: pd.DataFrame, ids: str = "") -> dict[int, str]:
    """Find rows that sum up the rows above them.

    Parameters
    ----------
    table
        Every cell as ``str``.
    ids
        The column of the patients' labels, where it is known.

    Returns
    -------
    dict
        What such a row is called, by its index.
    """
    found: dict[int, str] = {}
    columns = [ids] if ids in table.columns else [str(name) for name in table.columns[:3]]
    for name in columns:
        cells = table[name]
        filled = cells[cells != ""]
        # In a column of levels SD is stable disease: only one that names its rows is looked at.
        different = filled.nunique() >= _MOSTLY_DIFFERENT * len(filled)
        if name != ids and (len(filled) < _FEWEST or not different):
            continue
        often = Counter(filled)
        for index, cell in zip(filled.index, filled, strict=True):
            if len(cell) > _LONGEST or often[cell] > 1:
                continue
            if _SUMMARY.fullmatch(cell.strip(" :=.") or cell):
                found.setdefault(int(index), cell)
    # One such label among the first rows may be somebody's way to name patients.
    return {index: cell for index, cell in found.items() if index > table.index[0]}


def note_rows(table: pd.DataFrame) -> dict[int, str]:
    """Find rows that hold nothing but a remark."""
    if len(table.columns) < 3 or table.empty:
        return {}
    filled = (table != "").to_numpy()
    alone = filled.sum(axis=1) == 1
    found = {}
    for position in alone.nonzero()[0]:
        cell = str(table.iloc[int(position), int(filled[position].argmax())])
        if _NOTE.match(cell) or len(cell.split()) >= _WORDS or len(cell) > _LONGEST:
            found[int(table.index[position])] = cell
    return found


def odd_rows(table: pd.DataFrame, ids: str) -> Iterator[Problem]:
    """Yield what is wrong with the rows of a table: summaries, notes, patients with several rows.

    Parameters
    ----------
    table
        Every cell as ``str``, without the rows that are left out.
    ids
        The column of the patients' labels.
    """
    advice = (
        "delete it from a copy of the file, or leave it out in a mapping file: "
        '[[leave_out]] rows = [{row}], why = "..."'
    )
    summaries = summary_rows(table, ids)
    for index, cell in summaries.items():
        row = index + FIRST_ROW
        expected = "a patient in each row; this one looks like a summary of those above"
        name = ids if ids in table.columns else str(table.columns[0])
        yield Problem(row, name, cell, expected, advice.format(row=row))
    notes = note_rows(table.drop(index=list(summaries)) if summaries else table)
    for index, cell in notes.items():
        row = index + FIRST_ROW
        expected = "a patient in each row; this one looks like a note"
        name = next(str(name) for name in table.columns if table.loc[index, name] == cell)
        yield Problem(row, name, cell, expected, advice.format(row=row))
    if ids in table.columns:
        yield from _several_rows(table[ids].drop(index=[*summaries, *notes]), ids)


def _several_rows(labels: pd.Series, ids: str) -> Iterator[Problem]:
    """Tell of patients who have several rows, as a table of lesions or visits has."""
    times = labels[labels != ""].value_counts()
    several = times[times > 1]
    # One label twice is a slip of the pen, which is told with its row.
    if len(several) < 2:
        return
    expected = (
        f"one row per patient; {len(several):,} labels stand in several rows, {several.sum():,} in "
        "all, as in a table of lesions or visits: each of these patients would be counted more "
        "than once"
    )
    advice = (
        "make one row of each, or say in a mapping file which one is kept: "
        'one_row_per_patient = "first" (or "last", or "merged" where they complete each other)'
    )
    yield Problem(None, ids, "", expected, advice)
