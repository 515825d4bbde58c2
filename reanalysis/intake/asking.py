"""The questions that a drafted mapping leaves open, one by one, and the mapping with the answers.

It knows no terminal and no page: either asks with it.
"""

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reanalysis.cohort.dates import ORDERS, looks_like_dates, order_of
from reanalysis.cohort.mapping import HIDDEN_ROWS, factors, toml_string
from reanalysis.cohort.numerals import MARKS
from reanalysis.cohort.rows import ONE_ROW
from reanalysis.core.dictionary import Column, load_dictionary
from reanalysis.intake.drafting import ASK, MOST_LEVELS, Draft, levels_of
from reanalysis.intake.suspicious import likely_units

Plan = dict[str, Any]
BLANK, LEAVE = "leave it blank", "leave the column out"
NUMBERED = "no column: number the rows"
_GIVEN_UP = "given up when the mapping was made"


@dataclass(frozen=True)
class Question:
    """Something that only the owner of a file knows.

    Attributes
    ----------
    place
        Where the answer goes, as keys of the mapping.
    about
        What it is about: a column of the book and where it comes from; empty for the whole file.
    what
        What is asked, in plain words.
    options
        What can be answered.
    """

    place: tuple[str, ...]
    about: str
    what: str
    options: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole question."""
        return f"{self.about}: {self.what}" if self.about else self.what


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
        yield Question(("hidden_rows",), "", text, HIDDEN_ROWS)
    if plan.get("one_row_per_patient") == ASK:
        text = (
            "Some labels of patients stand in several rows. Which row of each patient is meant? "
            "('merged' fills the blanks of one from the others.)"
        )
        yield Question(("one_row_per_patient",), "", text, ONE_ROW)
    for name, entry in plan.get("columns", {}).items():
        yield from _about(load_dictionary().columns[name], entry, table, draft)


def _about(column: Column, entry: Plan, table: pd.DataFrame, draft: Draft) -> Iterator[Question]:
    place = ("columns", column.name)
    called = f"{column.label} ({column.meaning.rstrip('.')})"
    leave = () if column.required else (LEAVE,)
    if entry.get("from") == ASK:
        candidates = draft.candidates.get(column.name) or tuple(map(str, table.columns))
        # A column of that name cannot be named, as the mark stands for what is open.
        candidates = tuple(name for name in candidates if name != ASK)
        what = "which column of the file is it?"
        if options := (*candidates, *leave):
            yield Question((*place, "from"), called, what, options)
        return
    source = entry.get("from", "")
    source = source[0] if isinstance(source, list) else source
    about = f"{called}, from {source!r}"
    if entry.get("since") == ASK:
        text = "it is a date; which column is the first day of treatment?"
        yield Question((*place, "since"), about, text, (*_dates_beside(source, table), *leave))
    cells = table[source] if source in table else pd.Series(dtype=object)
    if entry.get("decimal") == ASK:
        example = next((cell for cell in cells if "." in cell or "," in cell), "")
        bare = example.replace(".", "").replace(",", "")
        text = (
            f"{example!r} can be {bare} (a mark between thousands) or "
            f"{example.replace(',', '.')} (a decimal mark). Which sign is the decimal mark?"
        )
        yield Question((*place, "decimal"), about, text, MARKS)
    if entry.get("dates") == ASK:
        example = next((cell for cell in cells if cell), "")
        text = f"what comes first in a date such as {example!r}?"
        yield Question((*place, "dates"), about, text, ORDERS)
    if entry.get("unit") == ASK:
        known = pd.to_numeric(cells.where(cells != ""), errors="coerce").dropna()
        told = likely_units(column, known)
        text = f"in which unit?{f' ({told})' if told else ''}"
        yield Question((*place, "unit"), about, text, (*factors(column.unit), *leave))
    for code, level in entry.get("levels", {}).items():
        if level == ASK:
            count = int((cells == code).sum())
            rows = "1 row" if count == 1 else f"{count:,} rows"
            text = f"what does {code!r} mean, which is in {rows}?"
            blank = () if column.required else (BLANK,)
            yield Question((*place, "levels", code), about, text, (*column.choices, *blank, *leave))


def answer(
    plan: Plan,
    question: Question,
    given: str,
    table: pd.DataFrame,
    doubtful: Collection[str] = (),
) -> None:
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
    doubtful
        Its columns whose numbers can be read in two ways.

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
        _ask_about(plan, question.place[1], table, doubtful)
    elif last == "since":
        written = pd.concat([table[at["from"]], table[given]])
        if not order_of(written.unique()):
            at["dates"] = ASK


def take_from(
    plan: Plan,
    name: str,
    given: str,
    table: pd.DataFrame,
    doubtful: Collection[str] = (),
) -> None:
    """Make a column of the dictionary from another column of the file than was drafted.

    Parameters
    ----------
    plan
        The mapping, as parsed; it is changed.
    name
        The column of the dictionary.
    given
        The column of the file; ``LEAVE`` for none, ``NUMBERED`` for labels that are numbers.
    table, doubtful
        As for ``answer``.
    """
    columns = plan.setdefault("columns", {})
    columns.pop(name, None)
    if given == LEAVE:
        return
    if given == NUMBERED:
        columns[name] = {"numbered": True}
        return
    columns[name] = {"from": given}
    plan.get("not_used", {}).pop(given, None)
    _ask_about(plan, name, table, doubtful)


def ask_again(plan: Plan, name: str, table: pd.DataFrame) -> None:
    """Open what was recognised of a column's values: each level, the unit, the order of dates.

    Parameters
    ----------
    plan
        The mapping, as parsed; it is changed.
    name
        The column of the dictionary.
    table
        Every cell as ``str``, in the columns of its owner.
    """
    entry, column = plan["columns"].get(name, {}), load_dictionary().columns[name]
    source = entry.get("from", "")
    if "since" in entry:
        entry["dates"] = ASK
    elif factors(column.unit):
        entry["unit"] = ASK
    elif column.choices and source in table:
        entry.pop("set_blank", None)
        values = _values_of(plan, table[source])
        if len(values) <= MOST_LEVELS:
            entry["levels"] = dict.fromkeys(values, ASK)


def _ask_about(plan: Plan, name: str, table: pd.DataFrame, doubtful: Collection[str]) -> None:
    """Open what has to be known of the column of a file that somebody has just named."""
    entry, column = plan["columns"][name], load_dictionary().columns[name]
    source = entry["from"]
    if source not in table:
        return
    dates = looks_like_dates(table[source])
    if dates and column.unit == "months" and _dates_beside(source, table):
        entry.setdefault("since", ASK)
        return
    if dates and column.type == "event":
        entry |= {"filled": "1", "blank": "0"}
        return
    if factors(column.unit):
        entry.setdefault("unit", ASK)
    if column.is_numeric and source in doubtful:
        entry.setdefault("decimal", ASK)
    if column.choices and "levels" not in entry:
        values = _values_of(plan, table[source])
        levels = levels_of(column, values, source)
        if any(value != level for value, level in levels.items()) and len(values) <= MOST_LEVELS:
            entry["levels"] = levels


def _dates_beside(source: str, table: pd.DataFrame) -> list[str]:
    """Give the other columns of dates, from which one can be counted."""
    return [str(name) for name in table if name != source and looks_like_dates(table[name])]


def _values_of(plan: Plan, cells: pd.Series) -> list[str]:
    missing = plan.get("missing", [])
    return [str(value) for value in cells.unique() if value and value not in missing]


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
        answer(plan, question, ask(question), table, draft.doubtful)
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
