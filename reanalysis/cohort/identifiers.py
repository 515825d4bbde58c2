"""Columns that say who a patient is, and labels that do not.

A file that names its patients is refused before anything in it is looked at: nothing of it can
then reach a message, a notebook or a page. The words and patterns are in ``data/privacy.toml``.

What a column is called and what stands in it are weighed against each other:

=================================  ===========================================  ==================
its header                         what stands in it                            the column is
=================================  ===========================================  ==================
any                                one e-mail address, one number of a kind     refused: its values
                                   that holds a date of birth
means it: *surname*, *patient      anything but a code of yes and no            refused: its name
name*, *MRN*, *DOB*
means it if alone: *name*, *tel*   anything but yes and no, measurements, or a  refused: its name
                                   few values that are repeated
may mean it: *last*, *cell*,       mostly what the header may mean, and not a   refused: its name
*birth ...*, *... name*            few values that are repeated                 and its values
is about something else: *drug     anything else                                taken
name*, *centre*, *phone call*
numbers its rows: *patient_id*,    names or dates of birth, hardly one twice    refused: its values
*code*, *case no*                  anything else, such as ``01-001-00123``      taken
says nothing                       mostly names, telephone numbers, addresses   refused: its values
                                   or identity numbers, hardly one twice; dates
                                   of birth
says nothing                       anything else                                taken
=================================  ===========================================  ==================
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from reanalysis.cohort.people import is_name, is_part_of_name, plain
from reanalysis.core import paths
from reanalysis.core.dictionary import PATIENT, load_dictionary
from reanalysis.core.errors import InvalidCohort, Problem

_YEAR = re.compile(r"(?:^|\D)((?:18|19|20)\d\d)(?!\d)")
_DATE = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](\d{1,2}|\w{3,9})[-/. ]\d{4})")
_MEASURED = re.compile(r"[+-]?\d*[.,]\d+")
_YES_NO = frozenset(
    {"0", "1", "yes", "no", "y", "n", "true", "false", "x", "ja", "nein", "j", "oui", "non", "si"}
    | {"sim", "nao", "nee", "tak", "nie", "да", "нет", "예", "아니오", "유", "무", "有", "无", "無"}
)
# Treatments of this kind came after 1990; most of a column of earlier dates are of birth.
_BORN_BEFORE = 1985
# Fewer filled cells than these say nothing about what stands in a column.
_FEWEST_CELLS = 3
# So many of the cells are different in a column of names; in one of levels they are few.
_UNIQUE = 0.8
_MOST_LEVELS = 15
_TIMES_REPEATED = 2
# That most cells look like something is said of so many of them.
_MOST = 0.5
_MOST_NAMES = 0.6
# Nothing is learnt of a column from more of its values, nor of a cell from more of its characters.
_SAMPLE = 1_000
_LOOKED_AT = 120
_LONGEST_HEADER = 200
_LONGEST_PHRASE = 6  # words


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier; the fields are those of ``data/privacy.toml``."""

    what: str
    anywhere: frozenset[str]
    whole: frozenset[str]
    numbered: frozenset[str]
    part: frozenset[str]
    fits: tuple[re.Pattern[str], ...]
    find: tuple[re.Pattern[str], ...]
    most: tuple[re.Pattern[str], ...]
    sure: tuple[re.Pattern[str], ...]
    people: bool = False
    births: bool = False


@dataclass(frozen=True)
class _Words:
    """Words of ``data/privacy.toml`` that are no identifier's."""

    kinds: tuple[Identifier, ...]
    persons: frozenset[str]
    things: frozenset[str]
    asides: frozenset[str]
    numbers: frozenset[str]
    not_names: frozenset[str]


def refuse_identifiers(table: pd.DataFrame, ids: str = PATIENT) -> None:
    """Refuse a table that says who its patients are.

    Parameters
    ----------
    table
        Every cell as ``str``, in the columns of its owner.
    ids
        The column from which ``patient_id`` is made.

    Raises
    ------
    InvalidCohort
        Naming every such column and how it was recognised; never a value from it.
    """
    problems = []
    for position, name in enumerate(table.columns):
        cells = table.iloc[:, position]
        if found := identifier(str(name), cells, numbers_rows=str(name) == ids):
            what, sign = found
            expected = (
                f"no {what} (recognised by {sign}). Delete this column from a copy of the file: "
                "the book needs none of it"
            )
            problems.append(Problem(None, str(name), "", expected))
    if problems:
        raise InvalidCohort(problems)


def identifier(
    header: str, cells: pd.Series, *, numbers_rows: bool = False
) -> tuple[str, str] | None:
    """Say what kind of identifier a column holds.

    Parameters
    ----------
    header
        Its name.
    cells
        What stands in it, as ``str``.
    numbers_rows
        Whether it is the column of the patients' labels.

    Returns
    -------
    tuple of str or None
        What it holds and by what it was recognised; None for any other column.
    """
    known = load_dictionary().columns.get(header)
    if known and known.type not in ("id", "text"):
        return None  # anything but a number or a level is refused there in any case
    words = _words()
    content = _Content(cells)
    name = _Header("" if known else header)
    for kind in words.kinds:
        if content.holds(kind.find):
            return kind.what, "its values"
        match name.about(kind):
            case "means it":
                if not content.is_yes_no:
                    return kind.what, "its name"
            case "alone":
                if not (content.is_levels(kind) or content.contradicts(kind)):
                    return kind.what, "its name"
            case "perhaps":
                if content.agrees(kind) and not content.is_levels(kind):
                    return kind.what, "its name and its values"
    if name.is_about_something_else:
        return None
    labels = numbers_rows or bool(known and known.type == "id")
    for kind in words.kinds:
        numbered = bool(kind.most or kind.sure) and (labels or name.numbers_rows)
        patterns = (() if labels else kind.sure) if numbered else (*kind.most, *kind.sure)
        if content.looks_like(kind, patterns):
            return kind.what, "its values"
    return None


class _Header:
    """The words of a header, and what they are about."""

    def __init__(self, header: str) -> None:
        words = _words()
        self._name = _Phrase([t for t in _tokens(header[:_LONGEST_HEADER]) if not t.isdigit()])
        self._persons = self._name.find(words.persons)
        self.is_about_something_else = bool(self._name.find(words.things)) and not self._persons
        self.numbers_rows = bool(self._name.find(words.numbers))

    def about(self, kind: Identifier) -> str:
        """Say whether the header means a kind of identifier."""
        words = _words()
        for rest in self._name.find(kind.anywhere):
            if rest.find(words.persons) or not rest.find(words.things | words.asides):
                return "means it"
        for rest in self._persons:
            if rest.joined and rest.joined in kind.whole | kind.part:
                return "means it"
        if self._name.joined in kind.whole or any(
            rest.find(words.numbers) and not rest.find(words.things | words.asides)
            for rest in self._name.find(kind.numbered)
        ):
            return "alone"
        if self._name.find(kind.part) and not self.is_about_something_else:
            return "perhaps"
        return ""


class _Phrase:
    """Words, in which phrases are found whatever separates their words."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.joined = "".join(token for token in tokens if token not in _FILLERS)
        self._whole = "".join(tokens)
        self._runs = {
            "".join(tokens[start:end]): (start, end)
            for start in range(len(tokens))
            for end in range(start + 1, min(start + _LONGEST_PHRASE, len(tokens)) + 1)
        }
        # Plurals of most of the languages end in s.
        self._runs |= {
            run[:-1]: place for run, place in self._runs.items() if run[-1:] == "s" and len(run) > 5
        }

    def find(self, phrases: frozenset[str]) -> list["_Phrase"]:
        """Give what is left beside each of the phrases that is found."""
        found = [
            _Phrase(self.tokens[:start] + self.tokens[end:])
            for start, end in (self._runs[run] for run in self._runs.keys() & phrases)
        ]
        if not self._whole.isascii():
            found += [
                _Phrase([rest for rest in self._whole.split(phrase) if rest])
                for phrase in _within(phrases)
                if phrase in self._whole
            ]
        return found


class _Content:
    """What stands in a column; a sample of it where there is much."""

    def __init__(self, cells: pd.Series) -> None:
        self._filled = cells[cells != ""]
        distinct = self._filled.unique()
        self._distinct = len(distinct)
        step = max(len(distinct) // _SAMPLE, 1)
        self._all = distinct
        self.sample = [str(cell)[:_LOOKED_AT] for cell in distinct[::step]]

    @property
    def says_something(self) -> bool:
        """Whether there are enough cells."""
        return len(self._filled) >= _FEWEST_CELLS

    @cached_property
    def is_yes_no(self) -> bool:
        """Whether it is a code of yes and no."""
        return self.says_something and all(plain(cell) in _YES_NO for cell in self.sample)

    @cached_property
    def is_measured(self) -> bool:
        """Whether most cells are numbers with decimals."""
        return self.says_something and self._share(_MEASURED.fullmatch) >= _MOST

    def is_levels(self, kind: Identifier) -> bool:
        """Whether it is a few values, repeated; where somebody lives may be one of a few places."""
        if kind.births or not (kind.people or kind.most or kind.sure):
            return False
        repeated = len(self._filled) >= _TIMES_REPEATED * self._distinct
        return self.says_something and repeated and self._distinct <= _MOST_LEVELS

    def contradicts(self, kind: Identifier) -> bool:
        """Whether it is what no header makes an identifier: measurements, or names of digits."""
        if self.is_yes_no or self.is_measured or not (kind.people and self.says_something):
            return self.is_yes_no or self.is_measured
        return self._share(lambda cell: any(c.isdigit() for c in cell)) >= _UNIQUE

    def holds(self, patterns: tuple[re.Pattern[str], ...]) -> bool:
        """Whether a pattern is found in any cell."""
        return bool(patterns) and any(pattern.search(self._text) for pattern in patterns)

    def agrees(self, kind: Identifier) -> bool:
        """Whether most cells are what a header may mean."""
        if not self.says_something:
            return False
        if kind.people:
            return (
                self._share(lambda cell: is_part_of_name(cell, _words().not_names)) >= _MOST_NAMES
            )
        patterns = (*kind.fits, *kind.most, *kind.sure)
        if not kind.births and self._share(_DATE.fullmatch) >= _MOST:
            return False
        return self._fit(patterns) >= _MOST

    def looks_like(self, kind: Identifier, patterns: tuple[re.Pattern[str], ...]) -> bool:
        """Whether most cells are what no header needs to tell."""
        if not self.says_something:
            return False
        if kind.births and self._are_births():
            return True
        if self._distinct < _UNIQUE * len(self._filled):
            return False
        if kind.people:
            return self._share(lambda cell: is_name(cell, _words().not_names)) >= _MOST_NAMES
        return bool(patterns) and self._fit(patterns) >= _MOST

    @cached_property
    def _text(self) -> str:
        return "\n".join(map(str, self._all))

    def _fit(self, patterns: tuple[re.Pattern[str], ...]) -> float:
        return self._share(lambda cell: any(pattern.fullmatch(cell) for pattern in patterns))

    def _share(self, looks: Callable[[str], object]) -> float:
        return sum(1 for cell in self.sample if looks(cell)) / len(self.sample)

    def _are_births(self) -> bool:
        """Whether most cells are dates, and most of the dates too early for anything but births."""
        dates = [cell for cell in self.sample if _DATE.match(cell)]
        if len(dates) < _MOST * len(self.sample):
            return False
        years = [int(found[1]) for cell in dates if (found := _YEAR.search(cell))]
        return bool(years) and float(np.median(years)) < _BORN_BEFORE


def without_ids(cohort: pd.DataFrame) -> pd.DataFrame:
    """Give the patients labels that lead back to nobody.

    The labels number the patients in an order that is drawn at random. The draw's seed is a
    hash of the whole cohort, so that a file gives the same labels each time, while a reader who
    does not have the file cannot undo it: with a fixed seed anybody could, and numbers in the
    order of rows would tell the order of a hospital's list, which is often that of treatment.

    Parameters
    ----------
    cohort
        A validated cohort.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``patient_id`` replaced.
    """
    digest = hashlib.sha256()
    for column in cohort.columns:
        values = cohort[column]
        digest.update(f"\0{column}\0".encode())
        if is_numeric_dtype(values):
            digest.update(values.to_numpy(np.float64).astype("<f8").tobytes())
        else:
            digest.update("\0".join(values.astype(str)).encode())
    order = np.random.default_rng(int.from_bytes(digest.digest())).permutation(len(cohort))
    width = len(str(len(cohort)))
    labels = [f"P{number + 1:0{width}}" for number in order]
    return cohort.assign(patient_id=pd.Series(labels, index=cohort.index, dtype=object))


@cache
def _words(path: Path = paths.PRIVACY) -> _Words:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))

    def phrases(entry: dict[str, list[str]], key: str) -> frozenset[str]:
        return frozenset("".join(_tokens(phrase)) for phrase in entry.get(key, ()))

    def patterns(entry: dict[str, list[str]], key: str) -> tuple[re.Pattern[str], ...]:
        # Addresses are written in either case; numbers and names are told by theirs.
        return tuple(
            re.compile(text, 0 if "[A-Z" in text else re.IGNORECASE) for text in entry.get(key, ())
        )

    kinds = tuple(
        Identifier(
            entry["what"],
            anywhere=phrases(entry, "anywhere"),
            whole=phrases(entry, "whole"),
            numbered=phrases(entry, "numbered"),
            part=phrases(entry, "part"),
            fits=patterns(entry, "fits"),
            find=patterns(entry, "find"),
            most=patterns(entry, "most"),
            sure=patterns(entry, "sure"),
            people=entry.get("people", False),
            births=entry.get("births", False),
        )
        for entry in raw["identifier"]
    )
    return _Words(
        kinds,
        phrases(raw, "persons"),
        phrases(raw, "things"),
        phrases(raw, "asides"),
        phrases(raw, "numbers"),
        frozenset(raw["not_names"]),
    )


# Between the words of a header, in the languages of the words.
_FILLERS = frozenset(
    {"of", "the", "s", "de", "du", "del", "della", "di", "da", "do", "des", "der", "die", "das"}
    | {"la", "le", "el", "e", "y", "et", "and", "und", "van", "d"}
)


def _tokens(text: str) -> list[str]:
    """Return the words of a header, in small letters without accents.

    Words end where a small letter is followed by a capital, as in ``PatientName`` and ``PTName``.
    """
    words: list[str] = []
    word = ""
    text = unicodedata.normalize("NFC", text)
    for i, sign in enumerate(text):
        if sign == "#":
            words, word = [*words, word, "no"], ""
            continue
        if not sign.isalnum():
            if unicodedata.category(sign)[0] == "M" and word:
                word += sign
                continue
            words, word = [*words, word], ""
            continue
        if word:
            before = word[-1]
            following = text[i + 1 : i + 2]
            camel = sign.isupper() and (
                before.islower() or (before.isupper() and following.islower())
            )
            if camel or before.isdigit() != sign.isdigit():
                words, word = [*words, word], ""
        word += sign
    return [part for word in [*words, word] if word for part in _apart(plain(word))]


def _apart(word: str) -> list[str]:
    """Split what German and its neighbours write as one word: what is named or numbered."""
    for end in _ENDS:
        if word.endswith(end) and len(word) > len(end) + 1:
            return [word.removesuffix(end), end]
    return [word]


_ENDS = ("nummer", "nr", "name", "namn", "navn", "naam")


@cache
def _within(phrases: frozenset[str]) -> tuple[str, ...]:
    """Give the phrases of scripts that inflect words or do not separate them, longest first."""
    return tuple(
        sorted(
            (p for p in phrases if ord(max(p)) >= 0x0400 and (len(p) > 1 or ord(p) >= 0x3000)),
            key=len,
            reverse=True,
        )
    )
