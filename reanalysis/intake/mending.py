"""Ways on from what is wrong with a file: what to do about it, as its owner can choose.

Each is a change of the mapping with a reason; the file itself stays as it is.
"""

from collections.abc import Sequence

import pandas as pd

from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.core.dictionary import PATIENT, load_dictionary
from reanalysis.core.errors import Problem
from reanalysis.intake.asking import LEAVE, Plan

LEAVE_ROWS = "leave these rows out"
BLANK_THERE = "leave the value blank in these rows"
CENSORED = "they are times until which patients without the event were observed"


def ways(plan: Plan, problem: Problem, rows: Sequence[int], table: pd.DataFrame) -> tuple[str, ...]:
    """Say what can be done about a problem within the mapping.

    Parameters
    ----------
    plan
        The mapping, as parsed.
    problem
        The first of its kind.
    rows
        The rows that it is in, as a spreadsheet counts them.
    table
        Every cell as ``str``, in the columns of its owner.

    Returns
    -------
    tuple of str
        What to choose among; empty where the file or an answer has to be changed.
    """
    name = _target(plan, problem.column)
    found = [LEAVE_ROWS] if rows and len(rows) < len(table) else []
    if not name:
        return tuple(found)
    column = load_dictionary().columns[name]
    if rows and column.condition and problem.value and "unless" in problem.expected:
        found.insert(0, CENSORED)
    if not column.required:
        if _raw_values(plan, name, rows, table):
            found.append(BLANK_THERE)
        found.append(LEAVE)
    return tuple(found)


def mend(
    plan: Plan, problem: Problem, rows: Sequence[int], table: pd.DataFrame, way: str, why: str
) -> None:
    """Do what was chosen.

    Parameters
    ----------
    plan
        The mapping, as parsed; it is changed.
    problem, rows, table
        As for ``ways``.
    way
        One of them.
    why
        The reason, shown with the report.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if way not in ways(plan, problem, rows, table):
        raise ValueError(f"{way!r} is no way on from {problem}")
    if way == LEAVE_ROWS:
        out = [index + FIRST_ROW for index in _of_these_patients(plan, rows, table)]
        plan.setdefault("leave_out", []).append({"rows": out, "why": why})
        return
    name = _target(plan, problem.column)
    entry = plan["columns"][name]
    if way == CENSORED:
        entry["times_of_censoring"] = True
    elif way == BLANK_THERE:
        for value in _raw_values(plan, name, rows, table):
            entry.setdefault("set_blank", {})[value] = why
            entry.get("levels", {}).pop(value, None)
    else:
        plan.setdefault("not_used", {})[str(entry["from"])] = why
        del plan["columns"][name]


def _target(plan: Plan, column: str) -> str:
    """Give the column of the dictionary that a problem is about, which may name the file's."""
    columns = plan.get("columns", {})
    if column in columns:
        return column
    return next((name for name, entry in columns.items() if entry.get("from") == column), "")


def _raw_values(plan: Plan, name: str, rows: Sequence[int], table: pd.DataFrame) -> list[str]:
    """Give the texts to set blank; none where that would blank other patients' values, too."""
    source = plan["columns"][name].get("from")
    if not isinstance(source, str) or source not in table or "since" in plan["columns"][name]:
        return []
    here = [row - FIRST_ROW for row in rows if row - FIRST_ROW in table.index]
    values = [str(value) for value in table.loc[here, source].unique() if value]
    elsewhere = table.drop(index=_of_these_patients(plan, rows, table))[source]
    return [] if elsewhere.isin(values).any() else values


def _of_these_patients(plan: Plan, rows: Sequence[int], table: pd.DataFrame) -> list[int]:
    """Give the index of rows, and of all others of the same patients, where one of each is kept.

    The next row of a patient would take the place of one that is left out.
    """
    here = [row - FIRST_ROW for row in sorted(set(rows)) if row - FIRST_ROW in table.index]
    ids = plan.get("columns", {}).get(PATIENT, {}).get("from")
    if not plan.get("one_row_per_patient") or ids not in table:
        return here
    labels = table[ids]
    same = labels.isin(labels[here]) & (labels != "")
    return sorted({*here, *map(int, table.index[same])})
