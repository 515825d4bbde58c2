"""What became of every value of a file, so that a person sees every mistake at a glance.

For each column of the cohort: each text of the file, the level that it became, and how many rows
have it; of numbers, their smallest, middle and largest. It is for the person who has the file, and
shows small numbers as they are.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.mapping import NUMBERS, Mapping
from reanalysis.core.dictionary import CENTRE, FOLLOW_UP, load_dictionary
from reanalysis.core.errors import printable

BLANK = "(blank)"
# So many different texts are levels; of more, the most frequent are shown.
_MOST = 12
_LONGEST = 40
_MOST_CENTRES = 50


@dataclass(frozen=True)
class Became:
    """A text of the file, what it became, and in how many rows."""

    raw: str
    level: str
    count: int

    def __str__(self) -> str:
        if self.raw == self.level:
            return f"{self.raw}: {self.count:,}"
        return f"{self.raw} -> {self.level}: {self.count:,}"


@dataclass(frozen=True)
class ColumnView:
    """What became of the values of one column.

    Attributes
    ----------
    name
        The column of the dictionary.
    made_from
        The columns of the file.
    became
        Each text and what it became, the most frequent first; of numbers, only texts that became
        none.
    more
        How many further texts there are.
    numbers
        The range of the numbers, in words; empty where there is none.
    """

    name: str
    made_from: str
    became: tuple[Became, ...] = ()
    more: int = 0
    numbers: str = ""

    def __str__(self) -> str:
        parts = [*([self.numbers] if self.numbers else []), *map(str, self.became)]
        if self.more:
            parts.append(f"and {self.more:,} more")
        source = "" if self.made_from == self.name else f" from {self.made_from}"
        return printable(f"{self.name}{source}: {'; '.join(parts) or 'nothing'}")


@dataclass(frozen=True)
class Overview:
    """What became of a file.

    Attributes
    ----------
    columns
        Column by column, in the order of the dictionary.
    totals
        What the whole says: deaths, person-time, median, span of times.
    ends
        The first and the last row as they were read; of single patients.
    centres
        The same totals of each centre, the largest first; empty where there are not several.
    """

    columns: tuple[ColumnView, ...] = ()
    totals: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    centres: tuple[str, ...] = ()


def overview(raw: pd.DataFrame, plan: Mapping | None, text: pd.DataFrame) -> Overview:
    """Say what became of every value.

    Parameters
    ----------
    raw
        Every cell as ``str``, in the columns of the file, without the rows that were left out.
    plan
        How they were mapped; None where they are those of the dictionary.
    text
        The same rows, every cell as ``str``, in the columns of the dictionary; values need not fit.
    """
    sources = {e.name: e for e in plan.columns} if plan else {}
    views = []
    for name in load_dictionary().columns:
        if name not in text.columns:
            continue
        entry = sources.get(name)
        made_from = entry.made_from if entry else name
        names = [s for s in (entry.uses if entry else (name,)) if s in raw.columns]
        before = raw[names[0]] if names else text[name]
        for other in names[1:]:
            before = before + " | " + raw[other]
        views.append(_view(name, made_from, before, text[name]))
    return Overview(tuple(views), tuple(_totals(text)), tuple(_ends(text)), tuple(_by_centre(text)))


def _view(name: str, made_from: str, before: pd.Series, after: pd.Series) -> ColumnView:
    column = load_dictionary().columns[name]
    if column.type in ("id", "text"):
        filled = after[after != ""]
        told = f"{filled.nunique():,} different in {len(after):,} rows"
        shown = "the rows, numbered" if made_from == NUMBERS else made_from
        return ColumnView(name, shown, numbers=told)
    values = pd.to_numeric(after.where(after != ""), errors="coerce")
    pairs = pd.DataFrame({"raw": before, "level": after})
    numbers = ""
    if not column.choices:
        known = values.dropna()
        if len(known):
            unit = f" {column.unit}" if column.unit else ""
            numbers = (
                f"{known.min():.6g} to {known.max():.6g}{unit}, median {known.median():.4g}, "
                f"in {len(known):,}"
            )
        pairs = pairs[values.isna()]
    counted = Counter(zip(pairs["raw"], pairs["level"], strict=True))
    became = [
        Became(_cut(raw) or BLANK, level or BLANK, count)
        for (raw, level), count in counted.most_common(_MOST)
    ]
    return ColumnView(name, made_from, tuple(became), max(len(counted) - _MOST, 0), numbers)


def _cut(text: str) -> str:
    text = text if text.strip(" |") else ""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _totals(text: pd.DataFrame) -> Iterator[str]:
    yield _counted(len(text), "patient")
    if CENTRE in text and (centres := text[CENTRE][text[CENTRE] != ""].nunique()) > 1:
        yield _counted(centres, "centre")
    if "death" in text:
        yield _counted(int((text["death"] == "1").sum()), "death")
    if FOLLOW_UP in text:
        months = pd.to_numeric(text[FOLLOW_UP].where(text[FOLLOW_UP] != ""), errors="coerce")
        months = months.dropna()
        if len(months):
            yield f"{months.sum() / 12:,.1f} person-years of follow-up"
            yield f"median follow-up {months.median():.1f} months"
            yield f"follow-up from {months.min():.2f} to {months.max():.2f} months"


def _by_centre(text: pd.DataFrame) -> Iterator[str]:
    """Give the totals of each centre."""
    if CENTRE not in text or text[CENTRE].nunique() < 2:
        return
    sizes = text[CENTRE].value_counts()
    for centre in sizes.index[:_MOST_CENTRES]:
        named = _cut(str(centre)) or "no centre named"
        yield printable(f"{named}: {', '.join(_totals(text[text[CENTRE] == centre]))}")
    if (more := len(sizes) - _MOST_CENTRES) > 0:
        yield f"and {more:,} more"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _ends(text: pd.DataFrame) -> Iterator[str]:
    """Show the first and the last row, so that a shifted table is seen."""
    for position in sorted({0, len(text) - 1}) if len(text) else ():
        row = text.iloc[position]
        cells = [f"{name} {cell}" for name, cell in row.items() if cell != ""]
        number = int(text.index[position]) + FIRST_ROW
        yield printable(f"row {number}: {', '.join(cells) or 'nothing'}")
