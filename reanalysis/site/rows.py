"""Whether a piece of a site holds the values of one patient.

Three exact values of one patient in one piece are a row, and so are an exact value and four
levels. They have to be unlikely by chance: with ``n`` patients and ``k`` numbers in the piece, of
which ``m`` fit a patient, each of them a share ``p`` of all, ``n * C(k, m) * p1 * ... * pm``
patients are expected to fit if the numbers have nothing to do with anybody. A site has thousands
of pieces, and most that fit by chance have many numbers of which few fit, so ``C(k, m)`` counts
twice; then this may be 0.01 at most, 0.05 with levels, and 0.001 among the words of a sentence. A
value with a label fits its own column only. Of three without labels one has more digits than a
private book prints. Among many patients fewer than 0.2 may be expected whom they fit in any of
their columns, with a unit in any of that unit: of 100,000 somebody has any three numbers of two
digits.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from reanalysis.core.disclosure import DIGITS
from reanalysis.paper.register import places
from reanalysis.site.contents import Cell, Piece, Words
from reanalysis.site.normal import folded
from reanalysis.site.secrets import Match, Rows, Secrets, dates

_FEWEST_VALUES = 3
_FEWEST_LEVELS = 4
_EXPECTED = 0.01
_EXPECTED_IN_WORDS = 0.001
_EXPECTED_LEVELS = 0.05
_EXPECTED_ANYWHERE = 0.2
_MOST_DECIMALS = 4
_CURVE = 8
# An exact value beside levels has to be that of hardly anybody else.
_UNIQUE = 1 / 30
_ANSWERS = frozenset(("yes", "no", "true", "false"))
_DIGIT = re.compile(r"\d")
_DECIMAL = re.compile(r"\d+\.\d+")
_NUMBER = re.compile(
    r"""[=~≈(\["']?\s*"""
    r"""([+\-\u2212]?(?:\d(?:[\d.,'\u2019 ]*\d)?|[.,]\d+)(?:[eE][+-]?\d+)?)"""
    r"""\s*([^\W\d][\w/^·]{0,9}\.?)?[)\]"';:.,]?"""
)


@dataclass(frozen=True)
class _Value:
    """A number in a piece, and whom it fits."""

    cell: Cell
    texts: tuple[str, ...]
    matches: tuple[Match, ...]
    labelled: bool


def rows(piece: Piece, hidden: Secrets) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the patients whose values stand in a piece.

    Parameters
    ----------
    piece
        The values.
    hidden
        The cohort.

    Yields
    ------
    row : int
        The row of the patient, from 0.
    columns : tuple of str
        The columns whose values stand there.
    """
    values, count = _values(piece, hidden)
    values.sort(key=lambda v: (not v.labelled, sum(m.chance for m in v.matches)))
    loose = isinstance(piece, Words)
    if not values:
        return
    expected = math.log(len(hidden.rows))
    known: set[int] = set()
    if len(values) >= _FEWEST_VALUES and not _is_curve(piece):
        for row in _candidates(values, count, len(hidden.rows), loose=loose):
            if columns := _combination(row, values, count, expected, hidden, loose=loose):
                known.add(row)
                yield row, columns
    if len(values) < len(piece) and len(piece) > _FEWEST_LEVELS:
        yield from _with_levels(piece, values, hidden, known)


def _values(piece: Piece, hidden: Secrets) -> tuple[list[_Value], int]:
    """Return the numbers in a piece that fit somebody, and how many there are to choose from.

    A whole number that fits nobody is none of them, and one may be the number of the row.
    """
    found, count, whole = [], 0, 0
    for cell in dict.fromkeys(piece):
        texts = _printed(cell.value)
        if not texts:
            count += cell.value.endswith("%")  # a number all the same
            continue
        own = hidden.columns(cell.label) if cell.label else frozenset()
        if not own and (unit := _unit(cell.value)):
            own = hidden.columns(unit)
        matches = tuple(
            match.named if own else match
            for text in dict.fromkeys(texts)
            for match in hidden.numbers.get(text, ())
            if (match.column in own if own else match.alone)
        )
        if _has_decimals(texts):
            count += 1
        elif matches:
            whole += 1
        if matches:
            found.append(_Value(cell, texts, matches, bool(own)))
    return found, count + max(whole - 1, 0)


def _has_decimals(texts: tuple[str, ...]) -> bool:
    return "." in texts[0] and bool(texts[0].partition(".")[2].strip("0"))


def _stand_out(texts: Sequence[str]) -> bool:
    """Whether numbers without labels can be told from those that a book prints anyway.

    Whole ones may be numbers of patients. A private book's own numbers have two digits, or are
    multiples of five: three of those fit somebody in nearly every book, four do not.
    """
    if len(texts) > _FEWEST_VALUES:
        return any("." in text for text in texts)
    return any(map(_is_precise, texts))


def _is_precise(text: str) -> bool:
    """Whether a number has decimals and more digits than a private book prints of its cohort."""
    digits = text.removeprefix("1.0") if len(text) <= len("1.02") else text  # a ratio near 1
    long = _has_decimals((text,)) and len(digits.replace(".", "").strip("0")) > DIGITS
    return long and text not in _published()


@cache
def _published() -> frozenset[str]:
    """Give the paper's numbers, which stand beside those of every cohort."""
    return frozenset(_DECIMAL.findall(" ".join(places()["printed"])))


def _unit(text: str) -> str:
    """Return the unit that stands behind a number, if one does."""
    if not text[-1:].isalpha():
        return ""
    match = _NUMBER.fullmatch(text.strip())
    return (match[2] or "") if match else ""


@lru_cache(maxsize=200_000)
def _printed(text: str) -> tuple[str, ...]:
    return tuple(printed(text))


def printed(text: str) -> Iterator[str]:
    """Yield what a printed number may be among the spellings of values.

    Parameters
    ----------
    text
        A cell: a number with its sign and unit, a decimal comma or point, or a date.
    """
    if len(text) > 60 or not _DIGIT.search(text):
        return
    text = text.strip()
    yield from dates(text)
    match = _NUMBER.fullmatch(text if text.isascii() else folded(text))
    if not match:
        return
    number = match[1].replace("\u2212", "-").removeprefix("+").strip(" '\u2019")
    for plain in _decimal(number):
        if "e" in plain or "E" in plain:
            plain = f"{float(plain):.10f}".rstrip("0").rstrip(".") if len(plain) < 25 else ""
        whole, _, places = plain.partition(".")
        whole = whole.lstrip("0") or "0"
        plain = f"{whole}.{places}" if places else whole
        yield plain
        if places:
            yield plain.rstrip("0").rstrip(".") or "0"
        if len(places) > _MOST_DECIMALS and len(plain) < 40:
            yield f"{float(plain):.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")


def _decimal(number: str) -> Iterator[str]:
    """Yield a number with a decimal point, and without marks between its thousands."""
    number = re.sub(r"[ '\u2019](?=\d{3}(?!\d))", "", number)
    if " " in number or "'" in number or "\u2019" in number:
        return
    points, commas = number.count("."), number.count(",")
    if commas == 0 and points <= 1:
        yield number
    elif points == 0 and commas == 1:
        yield number.replace(",", ".")
        if re.fullmatch(r"-?\d{1,3},\d{3}", number):
            yield number.replace(",", "")
    elif points <= 1 < commas + points and number.rfind(",") < number.rfind("."):
        yield number.replace(",", "")
    elif commas == 1 and number.rfind(".") < number.rfind(","):
        yield number.replace(".", "").replace(",", ".")


def _candidates(values: Sequence[_Value], count: int, patients: int, *, loose: bool) -> list[int]:
    """Return the patients whom so many numbers fit that it is hardly by chance."""
    places = [_fitted(value, patients) for value in values]
    where = np.concatenate(places)
    # Counted and not sorted: a piece may have numbers that fit thousands each.
    hits = np.bincount(where, minlength=patients)
    found = np.flatnonzero(hits >= _FEWEST_VALUES)
    if not len(found):
        return []
    hits = hits[found]
    sizes = [len(rows) for rows in places]
    expected = math.log(patients)

    def total(chances: list[float]) -> NDArray[np.float64]:
        weights = np.repeat(np.log(chances), sizes)
        return np.bincount(where, weights, patients)[found].astype(np.float64)

    least = total([min(match.chance for match in value.matches) for value in values])
    ways = np.array([_ways(count, m) for m in range(hits.max() + 1)])
    most = math.log(_EXPECTED)
    enough = least + ways[hits] + expected <= most
    # Where numbers are left over, one without a label may be anybody's in any of its columns. That
    # is counted in the end, of no fewer numbers than make a row: what is too much here is there.
    any_column = total([_in_any_column(value) for value in values])
    enough &= total([_anywhere(value) for value in values]) + expected <= math.log(
        _EXPECTED_ANYWHERE
    )
    fewest = np.minimum(ways[hits], ways[_FEWEST_VALUES])
    enough &= ~(loose | (count > hits)) | (any_column + fewest + expected <= most)
    return [int(row) for row in found[enough]]


def _fitted(value: _Value, patients: int) -> Rows:
    """Give the rows that a number fits, each once, rising."""
    if len(value.matches) == 1:
        return value.matches[0].rows
    fits = np.zeros(patients, dtype=bool)
    for match in value.matches:
        fits[match.rows] = True
    return np.flatnonzero(fits)


def _in_any_column(value: _Value) -> float:
    """Give the chance that a number fits a patient in any column; with a label, in the rarest."""
    return min(match.chance for match in value.matches) if value.labelled else _anywhere(value)


def _anywhere(value: _Value) -> float:
    """Give the chance that a number fits a patient in any column, of its unit if it has one."""
    return min(1.0, sum(match.chance for match in value.matches))


def _ways(count: int, fitting: int) -> float:
    """Return the logarithm of what many numbers of which few fit make more likely."""
    return 2 * math.log(math.comb(max(count, fitting), fitting))


def _fitting(row: int, values: Sequence[_Value]) -> dict[str, tuple[_Value, float]]:
    """Return by column the numbers that fit a patient, each once, and how easily by chance.

    The numbers come in the order in which they are tried: with a label first, then the rarest.
    """
    columns: dict[str, tuple[_Value, float]] = {}
    used: set[str] = set()
    for value in values:
        if value.texts[0] in used:
            continue
        for match in value.matches:
            if match.column not in columns and _holds(match.rows, row):
                columns[match.column] = (value, min(1.0, match.chance))
                used.add(value.texts[0])
                break
    return columns


def _holds(rows: Rows, row: int) -> bool:
    at = rows.searchsorted(row)
    return bool(at < len(rows) and rows[at] == row)


def _combination(
    row: int,
    values: Sequence[_Value],
    count: int,
    expected: float,
    hidden: Secrets,
    *,
    loose: bool,
) -> tuple[str, ...]:
    """Return the columns of a patient that stand together, if they are enough to be a row."""
    columns = _fitting(row, values)
    if len(columns) < _FEWEST_VALUES:
        return ()
    fits = [value for value, _ in columns.values()]
    count = max(count, len(fits))
    # Without a label a number might have been anybody's, in any of the columns.
    anywhere = sum(math.log(_in_any_column(value)) for value in fits)
    here = sum(math.log(each) for _, each in columns.values())
    chance = anywhere if loose or count > len(fits) else here
    in_words = loose and not all(value.labelled for value in fits)
    most = _EXPECTED_IN_WORDS if in_words else _EXPECTED
    if chance + _ways(count, len(fits)) + expected > math.log(most):
        return ()
    if sum(math.log(_anywhere(value)) for value in fits) + expected > math.log(_EXPECTED_ANYWHERE):
        return ()
    texts = [value.texts[0] for value in fits]
    if sum(value.labelled for value in fits) < _FEWEST_VALUES and not _stand_out(texts):
        return ()
    if hidden.said.has_together(texts):
        return ()
    return tuple(sorted(columns))


def _with_levels(
    piece: Piece, values: Sequence[_Value], hidden: Secrets, known: set[int]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the patients of whom a piece has an exact value and their levels."""
    said = []
    for cell in dict.fromkeys(piece):
        text = folded(cell.value.strip())
        if not (possible := hidden.columns_of_level.get(text)):
            continue
        own = hidden.columns(cell.label) & possible if cell.label else frozenset()
        # Without a label a level is told by its word, not by a letter, a code, a yes or a no.
        if own or (len(text) > 1 and text[0].isalpha() and text not in _ANSWERS):
            said.append((text, own or possible))
    # In a sentence words are words.
    filled = sum(bool(cell.value.strip()) for cell in piece)
    if len(said) < 2 or 2 * (len(said) + len(values)) < filled:
        return
    exact = [v for v in values if any("." in t for t in v.texts[:1])]
    exact = [v for v in exact if min(m.chance for m in v.matches) <= _UNIQUE]
    for row in _possible(values, exact, said, hidden):
        if row in known:
            continue
        columns: set[str] = set()
        for text, possible in said:
            fits = [c for c in possible if text in hidden.levels[c][row] and c not in columns]
            columns.update(fits[:1])
        numbers = {c: v for c, v in _fitting(row, values).items() if c not in columns}
        if not any(value in exact for value, _ in numbers.values()):
            continue
        enough = len(columns) >= _FEWEST_LEVELS or (len(numbers) > 1 and len(columns) > 1)
        if enough and _expected(row, columns, numbers, hidden) <= _EXPECTED_LEVELS:
            texts = [value.texts[0] for value, _ in numbers.values()]
            if not hidden.said.has_together(texts):
                yield row, tuple(sorted({*columns, *numbers}))


def _possible(
    values: Sequence[_Value],
    exact: Sequence[_Value],
    said: Sequence[tuple[str, frozenset[str]]],
    hidden: Secrets,
) -> list[int]:
    """Return who may say all of the levels and has an exact value; with few levels, two values."""
    if not exact:
        return []
    patients = len(hidden.rows)
    found = np.unique(np.concatenate([_fitted(value, patients) for value in exact]))
    if len(said) < _FEWEST_LEVELS:
        fitted = np.concatenate([_fitted(value, patients) for value in values])
        fitting, hits = np.unique(fitted, return_counts=True)
        found = found[np.isin(found, fitting[hits > 1], assume_unique=True)]
    for text, possible in said:
        may = np.zeros(len(found), dtype=bool)
        for column in possible:
            may |= hidden.levels[column].may_say(text, found)
        found = found[may]
    return [int(row) for row in found]


def _expected(
    row: int, columns: set[str], numbers: dict[str, tuple[_Value, float]], hidden: Secrets
) -> float:
    """Return how many patients are expected to fit numbers and levels by chance."""
    result = float(len(hidden.rows))
    for _, chance in numbers.values():
        result *= chance
    for column in columns:
        result *= hidden.levels[column].share(row)
    return result


def _is_curve(piece: Piece) -> bool:
    """Whether the values are a scale or a curve: evenly spaced, or many in rising order."""
    if any(cell.label != piece[0].label for cell in piece):
        return False
    try:
        numbers = [float(cell.value) for cell in piece]
    except ValueError:
        return False
    steps = np.diff(numbers)
    if len(piece) > _FEWEST_VALUES and np.allclose(steps, steps[0], rtol=1e-6, atol=0):
        return True
    return len(piece) > _CURVE and bool((steps >= 0).all() or (steps <= 0).all())
