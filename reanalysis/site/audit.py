"""Does a built site give away a patient? Every file of it is read and compared with the cohort.

Three things are looked for:

- an id of the file;
- a free text: a cell with letters that is neither a number nor a level, that stands in fewer
  rows than may be shown and is at least six characters long;
- a row's combination: three or more exact values of one patient in one piece of the site (see
  ``site.contents``), each standing alone in its cell, its place in the array or its place
  in the line. A value is exact if it comes from a column of numbers, has two or more significant
  digits and is that of fewer than one patient in ten; with decimals it is also found rounded to
  one or more of them. Evenly spaced values are a scale, and are passed over.

What the book says in any case, in its sources, its register of published numbers and the mapping
file, is nobody's secret: ids and texts that stand there are not counted. A short plain number
says nothing as an id, and is not looked for alone.
"""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.mapping import Mapping, load_mapping
from reanalysis.cohort.reading import read_source
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.site.contents import Piece, line_piece, pieces

MARK = "NOT-FIT-TO-PUBLISH.txt"
_TOKEN = re.compile(r"[^\s<>\"'`=,;:()\[\]{}|&*#!?]+")
_FIRST_ROW = 2
_FEWEST_VALUES = 3
_LONGEST_PIECE = 64
_COMMON = 0.1
_RARE_TEXT = 5
_SHORT_TEXT = 6
_SHORT_NUMBER = 6
_SHOWN_FINDINGS = 20


@dataclass(frozen=True, order=True)
class Finding:
    """Something in a site that gives a patient away.

    Attributes
    ----------
    file
        Where it stands, relative to the site.
    row
        Row of the cohort file, as a spreadsheet counts it.
    what
        What it is; never the value itself.
    """

    file: str
    row: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what} of row {self.row}"


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    findings
        Everything that gives a patient away, by file.
    files
        How many files were read.
    notes
        What could not be looked for, and why.
    """

    findings: tuple[Finding, ...]
    files: int
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        lines = [f"Read {self.files} files of the site."]
        lines += self.notes
        if self.passed:
            lines.append("No id, no free text and no row's combination of values was found.")
        else:
            lines.append(f"The site gives patients away in {len(self.findings)} places:")
            lines += [f"  {finding}" for finding in self.findings[:_SHOWN_FINDINGS]]
            if (more := len(self.findings) - _SHOWN_FINDINGS) > 0:
                lines.append(f"  and {more} more")
        return "\n".join(lines)


@dataclass(frozen=True)
class Secrets:
    """What must not stand in a site.

    Attributes
    ----------
    ids, texts
        By what is looked for, in small letters: the row.
    numbers
        By a value as it may be printed: the rows that have it, and the column.
    notes
        What cannot be looked for, and why.
    said
        Pieces that the book has in any case.
    """

    ids: dict[str, int]
    texts: dict[str, int]
    numbers: dict[str, list[tuple[int, str]]]
    notes: tuple[str, ...] = ()
    said: frozenset[Piece] = frozenset()


def audit(
    site: Path, cohort: Path, mapping: Path | None = None, *, round_months: float = 0.0
) -> Audit:
    """Read every file of a site and compare it with the cohort that it was built from.

    Parameters
    ----------
    site
        Folder of the built site.
    cohort, mapping
        Files of the cohort.
    round_months
        To how many months the times were rounded for the site; 0 for not at all.

    Returns
    -------
    Audit
        What was found.

    Raises
    ------
    InvalidCohort
        If the cohort does not fit the data dictionary.
    FileNotFoundError
        If there is no such site or file.
    """
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.name != MARK)
    if not files:
        raise FileNotFoundError(f"there is no site in {site}")
    plan = load_mapping(mapping) if mapping else None
    raw = read_source(cohort, plan.sheet if plan else "").table
    typed = load_cohort(cohort, mapping, round_months=round_months)
    hidden = secrets(raw, typed, plan, Known.of(mapping))
    findings: set[Finding] = set()
    for path in files:
        name = path.relative_to(site).as_posix()
        findings |= {Finding(name, row, what) for row, what in search(pieces(path), hidden)}
        findings |= {Finding(name, row, what) for row, what in search([(name,)], hidden)}
    return Audit(tuple(sorted(findings)), len(files), hidden.notes)


def secrets(
    raw: pd.DataFrame, typed: pd.DataFrame, mapping: Mapping | None, known: "Known | None" = None
) -> Secrets:
    """List what must not stand in a site.

    Parameters
    ----------
    raw
        The cells of the file, as ``str``; the index counts its rows from 0.
    typed
        The cohort as loaded, in the same order of rows.
    mapping
        How the columns were mapped, if they were.
    known
        What the book says in any case; nothing by default.

    Returns
    -------
    Secrets
        What to look for, and notes on what cannot be looked for.
    """
    known = known or Known()
    rows = [int(i) + _FIRST_ROW for i in raw.index]
    sources = {entry.name: entry.source for entry in mapping.columns} if mapping else {}
    id_column = sources.get("patient_id", "patient_id")
    ids = dict(zip(raw[id_column].str.lower(), rows, strict=True))
    searched = {
        text: row
        for text, row in ids.items()
        if len(text) > 1
        and not (text.isdigit() and len(text) < _SHORT_NUMBER)
        and text not in known.words
    }
    notes = []
    if left := len(ids) - len(searched):
        notes.append(
            f"{left} of {len(ids)} ids are short plain numbers or words of the book itself; they "
            "were not looked for alone."
        )
    texts = _free_texts(raw, rows, known.text)
    return Secrets(searched, texts, _values(typed, rows), tuple(notes), known.lines)


def search(found: Iterable[Piece], hidden: Secrets) -> Iterator[tuple[int, str]]:
    """Look for secrets in the pieces of a file.

    Parameters
    ----------
    found
        The pieces.
    hidden
        What must not stand in them.

    Yields
    ------
    tuple of int and str
        The row that is given away, and by what.
    """
    openings = defaultdict(list)
    for text in hidden.texts:
        openings[_tokens(text)[0]].append(text)
    spaced = [text for text in hidden.ids if _tokens(text) != [text]]
    for text in spaced:
        openings[(_tokens(text) or [text])[0]].append(text)
    for piece in found:
        joined = " ".join(" ".join(piece).lower().split())
        for token in set(_tokens(joined)):
            for part in _parts(token):
                if part in hidden.ids:
                    yield hidden.ids[part], "the id"
            for text in openings.get(token, ()):
                if text in joined:
                    is_id = text in hidden.ids
                    row = hidden.ids[text] if is_id else hidden.texts[text]
                    yield row, "the id" if is_id else "a free text"
        lowered = tuple(value.lower() for value in piece)
        if not _FEWEST_VALUES <= len(piece) <= _LONGEST_PIECE:
            continue
        if lowered not in hidden.said and not _is_scale(piece):
            yield from _combinations(piece, hidden)


def mark(site: Path, result: Audit) -> None:
    """Mark a site as not fit to publish, on every page and in a file; nothing is deleted.

    Parameters
    ----------
    site
        Folder of the built site.
    result
        The audit that failed.
    """
    (site / MARK).write_text(
        "This site is not fit to publish: it gives patients away.\n\n" + str(result) + "\n",
        encoding="utf-8",
    )
    banner = (
        '<div role="alert" style="position:sticky;top:0;z-index:9999;padding:.75rem 1rem;'
        'background:#8b0000;color:#fff;font-weight:bold;text-align:center">'
        f"Not fit to publish: this site gives patients away. See {html.escape(MARK)}.</div>"
    )
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        marked = re.sub(r"(<body[^>]*>)", lambda m: m[1] + banner, text, count=1)
        page.write_text(marked if marked != text else banner + text, encoding="utf-8")


@dataclass(frozen=True)
class Known:
    """What the book says whatever the cohort: its text, in small letters, and its words."""

    text: str = ""
    words: frozenset[str] = frozenset()
    lines: frozenset[Piece] = frozenset()

    @classmethod
    def of(cls, mapping: Path | None) -> "Known":
        """Read the sources of the book, and the mapping file."""
        text = _sources()
        if mapping:
            text += "\n" + mapping.read_text(encoding="utf-8").lower()
        words = {part for token in set(_tokens(text)) for part in _parts(token)}
        return cls(text, frozenset(words), frozenset(map(line_piece, text.splitlines())))


@cache
def _sources() -> str:
    files = [
        *paths.ROOT.glob("book/**/*.md"),
        *paths.DATA.glob("*.toml"),
        *paths.DATA.glob("mappings/*.toml"),
        paths.PUBLISHED_NUMBERS,
        *paths.ROOT.glob("reanalysis/**/*.py"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    for path in paths.NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells]
    return "\n".join(texts).lower()


def _parts(token: str) -> set[str]:
    """Return what a word of a text may be made of."""
    return {
        token,
        token.strip(".-_/"),
        *re.split(r"[./\\]", token),
        *re.split(r"[./@\\-]", token),
    }


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _free_texts(raw: pd.DataFrame, rows: Sequence[int], known: str) -> dict[str, int]:
    """Return the rare texts of a table, by what is looked for."""
    levels = {level.lower() for c in load_dictionary().columns.values() for level in c.levels}
    texts: dict[str, int] = {}
    for position in range(raw.shape[1]):
        cells = raw.iloc[:, position].str.lower().str.split().str.join(" ")
        often = cells.value_counts()
        for cell, row in zip(cells, rows, strict=True):
            if len(cell) < _SHORT_TEXT or cell in levels or often[cell] >= _RARE_TEXT:
                continue
            if re.search(r"[^\W\d_]", cell) and _tokens(cell) and cell not in known:
                texts.setdefault(cell, row)
    return texts


def _values(typed: pd.DataFrame, rows: Sequence[int]) -> dict[str, list[tuple[int, str]]]:
    """Return the exact values of a cohort, by how they may be printed."""
    values: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, column in load_dictionary().columns.items():
        if name not in typed or column.type not in ("number", "integer"):
            continue
        known = typed[name].astype(float)
        often = known.value_counts()
        for row, value in zip(rows, known, strict=True):
            if pd.notna(value) and (often[value] == 1 or often[value] < _COMMON * len(typed)):
                for text in _spellings(value):
                    values[text].append((row, name))
    return values


def _spellings(value: float) -> set[str]:
    """Return how a value may be printed: in full, or rounded to one decimal or more."""
    full = repr(value).removesuffix(".0")
    found = {full} if len(full.replace(".", "").lstrip("0")) > 1 else set()
    if not value.is_integer():
        found |= {f"{value:.{n}f}" for n in range(1, min(8, len(full.partition(".")[2]) + 1))}
    elif found:
        found.add(f"{value:.1f}")
    return found


def _is_scale(piece: Piece) -> bool:
    """Whether the values are evenly spaced, as the ticks of an axis are, whoever the patients."""
    try:
        steps = np.diff([float(value) for value in piece])
    except ValueError:
        return False
    return len(piece) > _FEWEST_VALUES and bool(np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def _combinations(piece: Piece, hidden: Secrets) -> Iterator[tuple[int, str]]:
    columns: dict[int, dict[str, str]] = defaultdict(dict)
    for value in dict.fromkeys(piece):
        for row, column in hidden.numbers.get(value.strip(), ()):
            columns[row].setdefault(column, value)
    for row, matched in columns.items():
        # One printed number stands for one value, and whole numbers alone may be counts.
        if len(set(matched.values())) >= _FEWEST_VALUES and any("." in v for v in matched.values()):
            yield row, f"the combination of {', '.join(sorted(matched))}"
