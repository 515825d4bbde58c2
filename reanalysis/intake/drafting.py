"""Draft a mapping file from the header and the values of somebody's own table.

A draft is made to be read and edited. What names and spellings tell is proposed; a unit that the
header does not state and a code that could mean anything are left as ``"?"``, and a mapping file
with one is refused.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from reanalysis.cohort.hints import UNKNOWN
from reanalysis.cohort.mapping import factors, toml_string
from reanalysis.core import paths
from reanalysis.core.dictionary import Column, load_dictionary

ASK = "?"
# More different values than this are no levels.
_MOST_LEVELS = 30
_SHOWN = 5


@dataclass(frozen=True)
class Draft:
    """A drafted mapping file.

    Attributes
    ----------
    text
        The TOML.
    recognised
        Columns of the dictionary that it makes, with the columns of the file.
    asked
        How many units and codes are left to be stated.
    """

    text: str
    recognised: dict[str, str]
    asked: int


def draft_mapping(table: pd.DataFrame, about: str) -> Draft:
    """Draft a mapping file.

    Parameters
    ----------
    table
        Every cell as ``str``, in the columns of its owner.
    about
        What the file is called.

    Returns
    -------
    Draft
        A mapping of the columns and levels that were recognised.
    """
    found = _recognise([str(name) for name in table.columns])
    missing = sorted(
        {
            cell
            for name in found.values()
            for cell in table[name].unique()
            if cell and cell.casefold() in UNKNOWN
        }
    )
    lines = [
        "# A draft: read every line, and state what is marked with a question mark.",
        f"about = {toml_string(about)}",
        f"missing = [{', '.join(map(toml_string, missing))}]",
    ]
    for column in load_dictionary().columns.values():
        if column.name in found:
            lines += ["", *_entry(column, found[column.name], table, set(missing))]
    if left := [name for name in table.columns if name not in found.values()]:
        lines += ["", "[not_used]"]
        lines += [
            f'{toml_string(str(name))} = "no column of the dictionary was recognised"'
            for name in left
        ]
    text = "\n".join([*lines, ""])
    return Draft(text, found, text.count(f"= {toml_string(ASK)}"))


def _recognise(headers: list[str]) -> dict[str, str]:
    """Find the column of the file that each column of the dictionary is made from."""
    dictionary, found = load_dictionary().columns, dict[str, str]()
    # A name of the dictionary before a synonym, so that no synonym takes its place.
    for name in headers:
        if (exact := name.casefold()) in dictionary:
            found.setdefault(exact, name)
    for name in headers:
        if name in found.values():
            continue
        words, unit = _split(name)
        for column in dictionary.values():
            possible = unit in factors(column.unit) or not unit
            if column.name not in found and possible and words in _names(column):
                found[column.name] = name
                break
    return {name: found[name] for name in dictionary if name in found}


def _entry(column: Column, source: str, table: pd.DataFrame, missing: set[str]) -> Iterator[str]:
    """Yield the lines of one ``[columns.*]`` table."""
    cells = table[source][~table[source].isin({"", *missing})]
    yield f"[columns.{column.name}]"
    yield f"from = {toml_string(source)}"
    if factors(column.unit) and source.casefold() != column.name:
        _, unit = _split(source)
        yield f"unit = {toml_string(unit or ASK)}" + ("" if unit else f"  # {_among(column)}")
    if column.choices:
        values = [value for value in cells.unique() if value not in column.choices]
        if values and len(values) <= _MOST_LEVELS:
            yield f"# allowed: {', '.join(column.choices)}"
            pairs = [
                f"{toml_string(value)} = {toml_string(_level(column, value))}"
                for value in sorted(values)
            ]
            yield "levels = { " + ", ".join(pairs) + " }"
    elif column.is_numeric:
        odd = cells[pd.to_numeric(cells, errors="coerce").isna()].unique()
        if len(odd):
            shown = ", ".join(f'{toml_string(value)} = "why"' for value in sorted(odd)[:_SHOWN])
            yield f"# no numbers; to leave them blank: set_blank = {{ {shown} }}"


def _among(column: Column) -> str:
    return "one of " + ", ".join(factors(column.unit))


def _level(column: Column, value: str) -> str:
    """Give the level that a spelling means, or a question mark."""
    words = _words(value)
    for level in column.levels:
        if words == _words(level):
            return level
    synonyms = _synonyms()["levels"].get("event" if column.type == "event" else column.name, {})
    return next((level for level, others in synonyms.items() if words in others), ASK)


def _split(header: str) -> tuple[str, str]:
    """Split a header into its words and the unit that it states."""
    words = _words(header)
    for unit in sorted(_units(), key=len, reverse=True):
        written = _words(unit)
        if words.endswith(f" {written}"):
            return words.removesuffix(f" {written}").removesuffix(" in"), _units()[unit]
    return words, ""


@cache
def _units() -> dict[str, str]:
    """Give each way to write a unit with the unit that it is."""
    known = {u: u for c in load_dictionary().columns.values() for u in factors(c.unit)}
    singular = {unit.removesuffix("s"): unit for unit in known if unit.endswith("s")}
    return known | singular | {"mo": "months", "mos": "months", "wks": "weeks", "yrs": "years"}


def _names(column: Column) -> set[str]:
    """Give everything that a column may be called, without its unit."""
    names = [column.name, column.label, *_synonyms()["columns"].get(column.name, ())]
    return {_split(name)[0] for name in names}


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


@cache
def _synonyms() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(paths.SYNONYMS.read_text(encoding="utf-8"))
