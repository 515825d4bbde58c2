"""The questions that a drafted mapping leaves open, one by one, and the mapping with the answers.

It knows no terminal and no page: either asks with it.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reanalysis.cohort.dates import ORDERS
from reanalysis.cohort.mapping import HIDDEN_ROWS, factors, toml_string
from reanalysis.cohort.numerals import MARKS
from reanalysis.cohort.rows import ONE_ROW
from reanalysis.core.dictionary import Column, load_dictionary
from reanalysis.intake.drafting import ASK, Draft, levels_of
from reanalysis.intake.suspicious import likely_units

Plan = dict[str, Any]
BLANK, LEAVE = "leave it blank", "leave the column out"
_GIVEN_UP = "given up when the mapping was made"


@dataclass(frozen=True)
class Question:
    """Something that only the owner of a file knows.

    Attributes
    ----------
    place
        Where the answer goes, as keys of the mapping.
    text
        The question, in plain words.
    options
        What can be answered.
    """

    place: tuple[str, ...]
    text: str
    options: tuple[str, ...]


def questions(plan: Plan, table: pd.DataFrame, draft: Draft) -> Iterator[Question]:
    """Yield what a mapping leaves open, the file as a whole first.

    Parameters
    ----------
    plan
        The mapping, as parsed.
    table
        Every cell as ``str``, in the columns of its owner.
    draft
        The draft that the mapping comes from.
    """
    if plan.get("hidden_rows") == ASK:
        text = "Some rows are hidden in the spreadsheet. Are they patients of this cohort?"
        yield Question(("hidden_rows",), text, HIDDEN_ROWS)
    if plan.get("one_row_per_patient") == ASK:
        text = (
            "Some labels of patients stand in several rows. Which row of each patient is meant? "
            "('merged' fills the blanks of one from the others.)"
        )
        yield Question(("one_row_per_patient",), text, ONE_ROW)
    for name, entry in plan.get("columns", {}).items():
        yield from _about(load_dictionary().columns[name], entry, table, draft)


def _about(column: Column, entry: Plan, table: pd.DataFrame, draft: Draft) -> Iterator[Question]:
    place = ("columns", column.name)
    called = f"{column.label} ({column.meaning.rstrip('.')})"
    leave = () if column.required else (LEAVE,)
    if entry.get("from") == ASK:
        candidates = draft.candidates.get(column.name) or tuple(map(str, table.columns))
        yield Question(
            (*place, "from"), f"{called}: which column of the file is it?", (*candidates, *leave)
        )
        return
    source = entry.get("from", "")
    source = source[0] if isinstance(source, list) else source
    cells = table[source] if source in table else pd.Series(dtype=object)
    if entry.get("decimal") == ASK:
        example = next((cell for cell in cells if "." in cell or "," in cell), "")
        bare = example.replace(".", "").replace(",", "")
        text = (
            f"{called}, from {source!r}: {example!r} can be {bare} (a mark between thousands) or "
            f"{example.replace(',', '.')} (a decimal mark). Which sign is the decimal mark?"
        )
        yield Question((*place, "decimal"), text, MARKS)
    if entry.get("dates") == ASK:
        example = next((cell for cell in cells if cell), "")
        text = f"{called}, from {source!r}: what comes first in a date such as {example!r}?"
        yield Question((*place, "dates"), text, ORDERS)
    if entry.get("unit") == ASK:
        known = pd.to_numeric(cells.where(cells != ""), errors="coerce").dropna()
        told = likely_units(column, known)
        text = f"{called}, from {source!r}: in which unit?{f' ({told})' if told else ''}"
        yield Question((*place, "unit"), text, (*factors(column.unit), *leave))
    for code, level in entry.get("levels", {}).items():
        if level == ASK:
            count = int((cells == code).sum())
            rows = "1 row" if count == 1 else f"{count:,} rows"
            text = f"{called}, from {source!r}: what does {code!r} mean, which is in {rows}?"
            blank = () if column.required else (BLANK,)
            yield Question((*place, "levels", code), text, (*column.choices, *blank, *leave))


def answer(plan: Plan, question: Question, given: str, table: pd.DataFrame) -> None:
    """Put an answer into a mapping.

    Parameters
    ----------
    plan
        The mapping, as parsed; it is changed.
    question
        What was asked.
    given
        One of its options.
    table
        Every cell as ``str``, in the columns of its owner.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if given not in question.options:
        raise ValueError(f"expected one of {', '.join(question.options)}, not {given!r}")
    *path, last = question.place
    if given == LEAVE:
        del plan["columns"][question.place[1]]
        return
    at = plan
    for key in path:
        at = at[key]
    if given == BLANK:
        del at[last]
        plan["columns"][question.place[1]].setdefault("set_blank", {})[last] = _GIVEN_UP
        return
    at[last] = given
    if last == "from":
        column = load_dictionary().columns[question.place[1]]
        if factors(column.unit) and "unit" not in at:
            at["unit"] = ASK
        if column.choices and given in table and "levels" not in at:
            missing = plan.get("missing", [])
            values = [v for v in table[given].unique() if v and v not in missing]
            levels = levels_of(column, values)
            if any(value != level for value, level in levels.items()):
                at["levels"] = levels


def ask_all(draft: Draft, table: pd.DataFrame, ask: Callable[[Question], str]) -> str:
    """Ask everything that a draft leaves open.

    Parameters
    ----------
    draft
        The draft.
    table
        Every cell as ``str``, in the columns of its owner.
    ask
        Is given a question, and gives one of its options.

    Returns
    -------
    str
        The mapping file.
    """
    plan = tomllib.loads(draft.text)
    # An answer may close other questions, or open one.
    while question := next(questions(plan, table, draft), None):
        answer(plan, question, ask(question), table)
    return as_toml(plan)


def as_toml(plan: Mapping[str, Any]) -> str:
    """Write a mapping as TOML."""
    lines = [f"{key} = {_value(v)}" for key, v in plan.items() if not _is_table(key, v)]
    for entry in plan.get("leave_out", ()):
        lines += ["", "[[leave_out]]", *(f"{key} = {_value(v)}" for key, v in entry.items())]
    for name, entry in plan.get("columns", {}).items():
        lines += ["", f"[columns.{name}]"]
        lines += [f"{key} = {_value(v)}" for key, v in entry.items() if v != {}]
    if plan.get("not_used"):
        lines += ["", "[not_used]"]
        lines += [f"{toml_string(key)} = {_value(v)}" for key, v in plan["not_used"].items()]
    return "\n".join([*lines, ""])


def _is_table(key: str, value: object) -> bool:
    return isinstance(value, dict) or key == "leave_out"


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            pairs = ", ".join(f"{toml_string(str(k))} = {_value(v)}" for k, v in value.items())
            return f"{{ {pairs} }}"
    return toml_string(str(value))
