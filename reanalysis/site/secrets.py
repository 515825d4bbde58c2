"""What must not stand in the site of a cohort: its ids, its free texts and its rows."""

import codecs
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reanalysis.cohort.mapping import Mapping as ColumnsMapping
from reanalysis.cohort.mapping import factors
from reanalysis.core.dictionary import Column, load_dictionary
from reanalysis.site.digests import Digests
from reanalysis.site.normal import Finder, folded, normal, stripped
from reanalysis.site.recognition import is_id, is_text, needed, points

_FIRST_ROW = 2
_COMMON = 0.1
_RARE_TEXT = 5
_SHORT_TEXT = 6
_LONG_ID = 16
_WINDOW_WORDS = 4
_WINDOW_LETTERS = 20
_MOST_DECIMALS = 4
_UNITS_TRIED = 4
# A value that is the only one of few patients need not be rarer than this.
_RARE = 1 / 30
_DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"
)

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Form:
    """A text that is looked for: of which row, as the file writes it, and what it is."""

    row: int
    own: str
    kind: str  # 'id' or 'text'
    column: str


@dataclass(frozen=True)
class Match:
    """The rows that have a printed value in one column.

    Attributes
    ----------
    column, rows
        The column, and the rows from 0.
    chance
        The share of patients whom such a number fits by chance.
    ways
        In how many units it was tried.
    alone
        Whether it says enough without a label: one digit, or a whole number of many, does not.
    """

    column: str
    rows: Rows
    chance: float
    ways: int = 1
    alone: bool = True

    @cached_property
    def named(self) -> "Match":
        """The same for a value whose label says what it is: no other unit was tried."""
        return Match(self.column, self.rows, self.chance / self.ways)


@dataclass(frozen=True)
class Levels:
    """What each patient may say in one column of levels, codes or events.

    Attributes
    ----------
    codes
        The place in ``kinds`` of each row, (n,).
    kinds
        What a row may say, folded; each set once.
    """

    codes: Rows
    kinds: tuple[frozenset[str], ...]

    def __getitem__(self, row: int) -> frozenset[str]:
        return self.kinds[int(self.codes[row])]

    def may_say(self, text: str, rows: Rows) -> NDArray[np.bool_]:
        """Tell of some rows whether they may say a text."""
        said = np.array([text in kind for kind in self.kinds], dtype=bool)
        return said[self.codes[rows]]

    def share(self, row: int) -> float:
        """Give the share of the patients who may say the same as one does."""
        return float(self._counts[self.codes[row]]) / len(self.codes)

    @cached_property
    def _counts(self) -> Rows:
        return np.bincount(self.codes)


@dataclass(frozen=True)
class Secrets:
    """What must not stand in a site.

    Attributes
    ----------
    rows
        The number of each row, as a spreadsheet counts it.
    forms
        Ids and free texts, by their normal text.
    numbers
        By a value as it may be printed: where it is from.
    digests
        Hashes of the ids.
    levels
        By a column of levels, codes or events: what each row may say.
    names
        By the normal name of a column: the columns that it may mean.
    shown
        By a column: how the file names it.
    ids
        All ids as they are written, folded: under the name of their column even short ones count.
    notes
        What cannot be looked for, and why.
    said
        What the book says in any case.
    spellings
        Spellings of ids that stand in its sources.
    passed
        Pieces that were looked at, and hold nobody's row.
    """

    rows: tuple[int, ...]
    forms: Mapping[str, tuple[Form, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    digests: Digests = field(default_factory=lambda: Digests({}))
    levels: Mapping[str, Levels] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    said: "Said" = field(default_factory=lambda: Said(""))
    spellings: frozenset[str] = frozenset()
    passed: set[object] = field(default_factory=set)

    @cached_property
    def finder(self) -> Finder:
        """Finds every form at once."""
        return Finder(self.forms)

    @cached_property
    def columns_of_level(self) -> dict[str, frozenset[str]]:
        """By what a row may say: the columns in which it may say so."""
        found: dict[str, set[str]] = defaultdict(set)
        for column, levels in self.levels.items():
            for texts in levels.kinds:
                for text in texts:
                    found[text].add(column)
        return {text: frozenset(columns) for text, columns in found.items()}

    def columns(self, label: str) -> frozenset[str]:
        """Tell which columns a label names; none if it names no column."""
        return self._named(label) if len(label) < 80 else frozenset()

    def is_name(self, label: str) -> bool:
        """Whether a label names a column."""
        return bool(self.columns(label))

    def _named(self, label: str) -> frozenset[str]:
        if label not in self._cache:
            self._cache[label] = self._look_up(label)
        return self._cache[label]

    @cached_property
    def _cache(self) -> dict[str, frozenset[str]]:
        return {}

    def _look_up(self, label: str) -> frozenset[str]:
        if not any(c.isalpha() for c in label):
            return frozenset()
        if found := self.names.get(normal(label)):
            return found
        # 'Age, years' and 'Tumour size (cm), median' begin with the name of a column.
        words = re.findall(r"[^\W_]+", folded(label))
        for count in range(len(words) - 1, 0, -1):
            if found := self.names.get("".join(words[:count])):
                rest = words[count:]
                whole = count > 1 or re.search(r"[(\[,]", label) is not None or rest[0] in _UNITS
                return found if whole else frozenset()
        return frozenset()


_UNITS = frozenset(
    ("years", "months", "weeks", "days", "yr", "yrs", "mo", "cm", "mm", "gy", "ng", "ml")
)


class Said:
    """What the book says whatever the cohort: nobody's secret.

    Parameters
    ----------
    text
        Its sources.
    more
        What else stands on any page; only free texts are compared with it.
    rows
        Lines of numbers that stand together in any book.
    templates
        What the packages put onto pages; only short ids are compared with it.
    """

    def __init__(self, text: str, more: str = "", rows: str = "", templates: str = "") -> None:
        self.text = text
        self.more = more
        self.rows = rows
        self.templates = templates

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the sources, folded."""
        return frozenset(re.findall(r"[^\W_]+", folded(self.text)))

    @cached_property
    def lines(self) -> dict[str, set[int]]:
        """The lines in which each number stands."""
        found: dict[str, set[int]] = defaultdict(set)
        for number, line in enumerate([*self.text.splitlines(), *self.rows.splitlines()]):
            for value in re.findall(r"\d+(?:\.\d+)?", line):
                found[_bare(value)].add(number)
        return found

    def has_together(self, values: Iterable[str]) -> bool:
        """Whether all of these values stand in one line of the sources."""
        sets = [self.lines.get(_bare(value), set()) for value in values]
        return bool(sets and set.intersection(*sets))


def _bare(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def secrets(
    raw: pd.DataFrame,
    typed: pd.DataFrame | Sequence[pd.DataFrame],
    mapping: ColumnsMapping | None,
    said: Said | None = None,
) -> Secrets:
    """List what must not stand in a site.

    Parameters
    ----------
    raw
        The cells of the file, as ``str``; the index counts its rows from 0.
    typed
        The cohort as loaded, in the same order of rows; or several, such as one with exact and
        one with rounded times.
    mapping
        How the columns were mapped, if they were.
    said
        What the book says in any case; nothing by default.

    Returns
    -------
    Secrets
        What to look for, and notes on what cannot be looked for.
    """
    said = said or Said("")
    frames = [typed] if isinstance(typed, pd.DataFrame) else list(typed)
    rows = tuple(int(i) + _FIRST_ROW for i in raw.index)
    sources = {entry.name: entry.source for entry in mapping.columns} if mapping else {}
    id_column = sources.get("patient_id", "patient_id")
    shown = {name: sources.get(name, name) for name in load_dictionary().columns}
    shown |= {f"{_OTHER}{name}": str(name) for name in raw.columns}
    forms, digests, ids, notes, spellings = _ids(raw[id_column], rows, id_column, said)
    texts = _free_texts(raw, rows)
    known = _known(texts, said)
    for text, found in texts.items():
        if text not in known:
            forms.setdefault(text, []).extend(found)
    used = set(sources.values()) or set(load_dictionary().columns)
    return Secrets(
        rows,
        {text: tuple(found) for text, found in forms.items()},
        _numbers(frames, raw, used),
        digests,
        _levels(frames[0], raw, sources),
        _names(raw, sources, id_column),
        shown,
        ids,
        tuple(notes),
        said,
        spellings,
    )


# A column of the file, as it stands there.
_OTHER = "file:"


# --- ids -----------------------------------------------------------------------------------------


def _ids(
    cells: pd.Series, rows: Sequence[int], column: str, said: Said
) -> tuple[dict[str, list[Form]], Digests, dict[str, int], list[str], frozenset[str]]:
    """Return the forms of the ids, their hashes, all as they stand, notes, and spellings."""
    forms: dict[str, list[Form]] = {}
    hashed: dict[str, int] = {}
    exact: dict[str, int] = {}
    labels = _labels(len(cells))
    short, own_labels = 0, 0
    for cell, row in zip(cells.astype(str), rows, strict=True):
        own = folded(cell.strip())
        kept, bare = normal(own), stripped(own)
        if not kept:
            continue
        exact[own] = row
        wanted = {text for text in (kept, bare) if points(text) >= needed(text)} - labels
        if kept in labels:
            own_labels += 1
            continue
        if not wanted:
            short += 1
        elif len(kept) >= _SHORT_TEXT and not kept.isdigit():
            wanted |= {kept[::-1], codecs.encode(kept, "rot13")}
        for text in wanted:
            forms.setdefault(text, []).append(Form(row, own, "id", column))
        if len(kept) > 3:
            hashed[cell.strip()] = row
    notes = []
    if short:
        notes.append(
            f"{short} of {len(cells)} ids are too short to tell from other words and numbers; they "
            f"were looked for only under the name of their column."
        )
    if own_labels:
        notes.append(
            f"{own_labels} of {len(cells)} ids look like the labels that the book gives itself "
            "(P and a number); they were not looked for."
        )
    hidden, spellings = _said_ids(forms, said, len(cells))
    if hidden:
        notes.append(
            f"{hidden} of {len(cells)} ids stand in the book's own sources; there and in the "
            "same spelling they were not counted."
        )
    return forms, Digests(hashed), exact, notes, spellings


def _labels(n: int) -> frozenset[str]:
    """Return the labels that a book gives its patients, in normal text."""
    width = len(str(n))
    return frozenset(text for i in range(1, n + 1) for text in (f"p{i:0{width}}", f"p{i}"))


def _said_ids(forms: dict[str, list[Form]], said: Said, among: int) -> tuple[int, frozenset[str]]:
    """Return how many ids stand in the sources, and in which spellings."""
    found: dict[int, set[str]] = defaultdict(set)
    finder = Finder(forms)
    for text in (said.text, said.templates):
        for place in finder.find(text):
            if text is said.templates and points(place.what) >= _LONG_ID:
                continue
            for form in forms[place.what]:
                if form.kind == "id" and is_id(
                    place, form.own, noise=False, words=said.words, among=among
                ):
                    found[form.row].add(place.surface)
    return len(found), frozenset(text for texts in found.values() for text in texts)


# --- free texts ----------------------------------------------------------------------------------


def _free_texts(raw: pd.DataFrame, rows: Sequence[int]) -> dict[str, list[Form]]:
    """Return the rare texts of a table, and stretches of long ones, by their normal text."""
    levels = {normal(lv) for c in load_dictionary().columns.values() for lv in c.levels}
    texts: dict[str, list[Form]] = {}
    for position, name in enumerate(raw.columns):
        codes, distinct = pd.factorize(raw.iloc[:, position].astype(str))
        spelled = [normal(written) for written in distinct]
        often: Counter[str] = Counter()
        for cell, count in zip(spelled, np.bincount(codes), strict=True):
            often[cell] += int(count)
        tells = np.array(
            [
                often[cell] < _RARE_TEXT and cell not in levels and _is_free(cell)
                for cell in spelled
            ],
            dtype=bool,
        )
        for i in np.flatnonzero(tells[codes]).tolist():
            written = str(distinct[codes[i]])
            form = Form(rows[i], folded(written), "text", str(name))
            for text in _windows(written):
                texts.setdefault(text, []).append(form)
    return texts


def _is_free(cell: str) -> bool:
    """Whether a normal text is long enough to say something, and no number."""
    if len(cell) < _SHORT_TEXT:
        return False
    letters = sum(c.isalpha() for c in cell)
    return letters >= _SHORT_TEXT or (letters > 2 and letters > len(cell) / 2)


def _windows(text: str) -> Iterator[str]:
    """Yield a text, and every few words of a long one: it may be printed in part."""
    whole = normal(text)
    yield whole
    words = [word for part in folded(text).split() if (word := normal(part))]
    if len(whole) > 2 * _WINDOW_LETTERS:
        for i in range(min(len(words) - _WINDOW_WORDS + 1, 200)):
            part = "".join(words[i : i + _WINDOW_WORDS])
            if len(part) >= _WINDOW_LETTERS:
                yield part


def _known(texts: dict[str, list[Form]], said: Said) -> set[str]:
    """Return which texts stand in the book in any case."""
    finder = Finder(texts)
    found = set()
    for text in (said.text, said.more):
        found |= {place.what for place in finder.find(text) if is_text(place, '[]{}="')}
    return found


# --- rows ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entry:
    """What is known of a printed text in a column while the values are collected."""

    rows: list[Rows] = field(default_factory=list)
    each: float = 0.0  # by chance, for each of the rows
    ways: int = 1
    alone: bool = True

    def match(self, column: str) -> Match:
        rows = self.rows[0] if len(self.rows) == 1 else np.unique(np.concatenate(self.rows))
        return Match(column, rows, self.each * len(rows), self.ways, self.alone)


_Found = dict[str, dict[str, _Entry]]


def _numbers(
    frames: Sequence[pd.DataFrame], raw: pd.DataFrame, used: set[str]
) -> dict[str, tuple[Match, ...]]:
    """Return the exact values of a cohort, by how they may be printed."""
    found: _Found = defaultdict(dict)
    for frame in frames:
        for name, column in load_dictionary().columns.items():
            if name in frame and column.type in ("number", "integer"):
                _add(found, name, frame[name].astype(float), column.unit)
    for name in raw.columns:
        cells = raw[name].astype(str)
        if name not in used and not isinstance(cells, pd.DataFrame):
            values = pd.to_numeric(cells.str.strip(), errors="coerce").astype(float)
            # Beyond the dictionary only what hardly comes about by chance.
            precise = values.isin([value for value in values.unique() if _is_precise(value)])
            if precise.any():
                _add(found, f"{_OTHER}{name}", values.where(precise), "")
        _add_dates(found, f"{_OTHER}{name}", cells)
    return {
        text: tuple(entry.match(column) for column, entry in by.items())
        for text, by in found.items()
    }


def _is_precise(value: float) -> bool:
    if not math.isfinite(value) or value.is_integer():
        return False
    return len(f"{value:.15g}".partition("e")[0].replace(".", "").strip("-0")) >= 3


def _add(found: _Found, name: str, values: pd.Series, unit: str) -> None:
    known = values.dropna()
    n = len(values)
    spread = float(known.max() - known.min()) if len(known) else 0.0
    others = [factor for other, factor in factors(unit).items() if other != unit and factor != 1.0]
    for value, rows in _by_value(values):
        common = value.is_integer() and len(rows) > 1 and len(rows) >= _COMMON * n
        size = max(spread, abs(value)) or 1.0
        for text, step, ways in _spellings(value, others):
            alone = not common and len(text.replace(".", "").lstrip("0")) > 1
            if (entry := found[text].get(name)) is None:
                entry = found[text][name] = _Entry()
            entry.rows.append(rows)
            entry.each = ways * min(1 / n, max(step / size, _RARE))
            entry.ways = max(ways, entry.ways)
            entry.alone = entry.alone and alone


def _by_value(values: pd.Series) -> Iterator[tuple[float, Rows]]:
    """Yield each finite value with its rows, rising, in the order of the last of them."""
    codes, distinct = pd.factorize(values.to_numpy(np.float64))
    order = np.argsort(codes, kind="stable")
    each = np.arange(len(distinct))
    starts = np.searchsorted(codes[order], each, side="left")
    ends = np.searchsorted(codes[order], each, side="right")
    for code in np.argsort(order[ends - 1]):
        if math.isfinite(distinct[code]):
            yield float(distinct[code]), order[starts[code] : ends[code]]


def _spellings(value: float, others: Sequence[float]) -> Iterator[tuple[str, float, int]]:
    """Yield how a value may be printed, the step of its rounding, and in how many ways.

    In its own unit, and in others: so many of its own are one of each of them.
    """
    full = repr(value).removesuffix(".0")
    places = len(full.partition(".")[2])
    yield full, 10.0**-places, 1
    if value.is_integer() and len(full) > 1:
        yield f"{value:.1f}", 1.0, 1
    for d in range(1, min(_MOST_DECIMALS, places) + 1):
        text = f"{value:.{d}f}"
        if not value.is_integer() and len(text.replace(".", "").lstrip("0")) > 1:
            yield text, 10.0**-d, 1
    for factor in others if value else ():
        there = value / factor
        for d in range(0, 4):
            text = f"{there:.{d}f}"
            exact = math.isclose(float(text), there, rel_tol=1e-9)
            fine = d > 0 and len(text.replace(".", "").lstrip("0")) > 2
            if fine or (d == 0 and (len(text) > 2 or (exact and len(text) > 1))):
                yield text, 10.0**-d * factor, _UNITS_TRIED
            if exact:
                break


def _add_dates(found: _Found, name: str, cells: pd.Series) -> None:
    for row, cell in enumerate(cells):
        if len(cell) < 8 or not cell[0].isdigit():
            continue
        for text in dates(cell):
            entry = found[text].setdefault(name, _Entry())
            entry.rows.append(np.array([row]))
            entry.each = min(1 / len(cells), _RARE)


def dates(text: str) -> Iterator[str]:
    """Yield the days that a text may mean, each in one spelling."""
    if match := _DATE.fullmatch(text.strip()):
        if match[1]:
            yield f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
        else:
            yield f"{match[6]}-{int(match[5]):02}-{int(match[4]):02}"
            yield f"{match[6]}-{int(match[4]):02}-{int(match[5]):02}"


_SAID_OF_EVENTS = {"1": {"yes", "true", "y", "1.0"}, "0": {"no", "false", "n", "0.0"}}


def _levels(typed: pd.DataFrame, raw: pd.DataFrame, sources: dict[str, str]) -> dict[str, Levels]:
    """Return what each row may say of its levels, codes and events."""
    levels = {}
    for name, column in load_dictionary().columns.items():
        if name not in typed or column.type in ("id", "text"):
            continue
        source = sources.get(name, name)
        if column.type == "number" and typed[name].nunique() > 12:
            continue
        as_is = raw[source].astype(str) if source in raw else [""] * len(typed)
        values = ["" if pd.isna(value) else value for value in typed[name]]
        pairs = list(zip(values, as_is, strict=True))
        kinds: dict[frozenset[str], int] = {}
        code_of = {
            pair: kinds.setdefault(_said_of(*pair, column), len(kinds))
            for pair in dict.fromkeys(pairs)
        }
        codes = np.fromiter((code_of[pair] for pair in pairs), dtype=np.int64, count=len(pairs))
        levels[name] = Levels(codes, tuple(kinds))
    return levels


def _said_of(value: object, cell: str, column: Column) -> frozenset[str]:
    """Return what may be said of a value, the empty text where it is blank, and of its cell."""
    texts = {folded(cell.strip())}
    if value != "":
        plain = str(value).removesuffix(".0")
        texts |= {folded(plain)}
        if column.type == "event":
            texts |= _SAID_OF_EVENTS.get(plain, set())
        elif column.type in ("integer", "number"):
            texts |= {f"{float(plain):.1f}"}
    return frozenset(texts - {""})


def _names(raw: pd.DataFrame, sources: dict[str, str], id_column: str) -> dict[str, frozenset[str]]:
    """Return what the columns are called, in the book and in the file."""
    found: dict[str, set[str]] = defaultdict(set)
    by_source = {source: name for name, source in sources.items()}
    for name, column in load_dictionary().columns.items():
        called = {name, column.label, *_shorter(name)}
        if column.unit:
            called |= {f"{column.label} {column.unit}", f"{name} {column.unit}"}
        if column.type == "number":
            # A number with its unit says as much as one with a label.
            called |= {column.unit, *factors(column.unit)}
        if source := sources.get(name):
            called.add(source)
        for text in called:
            found[normal(text)].add(name)
    for name in map(str, raw.columns):
        if len(normal(name)) > 1 and any(c.isalpha() for c in name):
            found[normal(name)] |= {by_source.get(name, ""), f"{_OTHER}{name}"} - {""}
    for text in (id_column, "patient_id", "id", "patient", "mrn", "pid"):
        found[normal(text)].add("patient_id")
    found.pop("", None)
    return {text: frozenset(columns) for text, columns in found.items()}


def _shorter(name: str) -> Iterator[str]:
    """Yield a column's name without its unit, and without what it is of."""
    parts = name.split("_")
    if parts[-1] in ("months", "cm", "gy"):
        yield "_".join(parts[:-1])
        if parts[0] == "tumor":
            yield "size"
    if "ng" in parts:
        yield "afp"
    if name == "age":
        yield "aged"
