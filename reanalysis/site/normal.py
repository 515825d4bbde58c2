"""Texts without what can disguise them, and many short texts looked for in a long one at once."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
# What is not seen: soft hyphen, joiners, direction marks, variation selectors, tags, fillers.
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# Small letters of other alphabets that look like Latin ones.
_ALIKE = str.maketrans("авекмнорстухіјѕԁӏԛԝαβεηικνορτυχγ", "abekmhopctyxijsdlqwabenikvoptuxy")
# Zeros before a number; those after a decimal point are part of it. What stands before them is
# asked after the first: a pattern that begins with a letter is looked for twenty times faster.
_ZEROS = re.compile(r"0(?<![0-9]0)(?<![0-9][.,]0)0*(?=[0-9])")
_WINDOW = 8
_SHORTEST = 3
_BITS = 22
_CHUNK = 2_000_000


def folded(text: str) -> str:
    """Give a text in one spelling: small letters and digits of one kind, nothing invisible.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The text without letter case, width, accents, look-alikes and invisible characters.
    """
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(lambda match: _foreign(match[0]), text.lower())


@lru_cache(maxsize=100_000)
def _foreign(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    plain = unicodedata.normalize("NFKC", plain.casefold()).translate(_ALIKE)
    if not plain.isascii():
        digits = {c for c in set(plain) if not c.isascii() and c.isdigit()}
        plain = plain.translate({ord(c): str(unicodedata.digit(c)) for c in digits})
    return plain


def normal(text: str) -> str:
    """Give the letters and digits of a text alone."""
    return "".join(c for c in folded(text) if c.isalnum())


def stripped(text: str) -> str:
    """Give the letters and digits of a text, its numbers without leading zeros."""
    return "".join(c for c in _ZEROS.sub("", folded(text)) if c.isalnum())


@dataclass(frozen=True)
class Place:
    """Where a text was found.

    Attributes
    ----------
    what
        The text, as it was looked for.
    text
        The folded text in which it stands.
    at
        The place of each of its letters in it.
    """

    what: str
    text: str
    at: NDArray[np.int64]

    @property
    def start(self) -> int:
        """Where it begins, with the zeros before a number."""
        start = int(self.at[0])
        if self.what[0].isdigit():
            while start and self.text[start - 1] == "0":
                start -= 1
        return start

    @property
    def end(self) -> int:
        """Where it ends."""
        return int(self.at[-1]) + 1

    @property
    def before(self) -> str:
        """What stands before it."""
        return self.text[max(0, self.start - 40) : self.start]

    @property
    def after(self) -> str:
        """What stands behind it."""
        return self.text[self.end : self.end + 40]

    @property
    def surface(self) -> str:
        """How it is written there."""
        return self.text[self.start : self.end]

    @cached_property
    def gaps(self) -> list[str]:
        """What stands between one letter and the next; zeros of a padded number are left out."""
        last = self.at[:-1] + 1
        if int(self.at[-1]) - int(self.at[0]) == len(self.at) - 1:
            return [""] * len(last)
        ends = self.at[1:]
        return [
            self.text[a:b].rstrip("0") if b > a else "" for a, b in zip(last, ends, strict=True)
        ]

    @property
    def padded(self) -> bool:
        """Whether zeros within it were passed over."""
        span = self.text[int(self.at[0]) : self.end]
        return sum(c.isalnum() for c in span) > len(self.at)


class Finder:
    """Finds any of many normal texts in a long text, whatever stands between their letters.

    Parameters
    ----------
    wanted
        Normal texts; those of fewer than three characters are never found.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self.by_start: dict[str, list[str]] = defaultdict(list)
        codes: dict[int, list[NDArray[np.uint32]]] = defaultdict(list)
        for text in dict.fromkeys(wanted):
            if len(text) < _SHORTEST:
                continue
            start = text[:_WINDOW]
            if start not in self.by_start:
                codes[len(start)].append(_codes(start))
            self.by_start[start].append(text)
        self.marks: dict[int, NDArray[np.bool_]] = {}
        for size, starts in codes.items():
            self.marks[size] = np.zeros(1 << _BITS, bool)
            self.marks[size][_hashes(np.concatenate(starts), {size})[size][::size]] = True

    def find(self, text: str) -> Iterator[Place]:
        """Yield every place of every text.

        Parameters
        ----------
        text
            The text to look in.

        Yields
        ------
        Place
            In no particular order; a text may be yielded twice at one place.
        """
        if not self.marks:
            return
        plain = folded(text)
        step = _CHUNK - 10_000
        for start in range(0, max(len(plain), 1), step):
            yield from self._find(plain[start : start + _CHUNK])

    def _find(self, text: str) -> Iterator[Place]:
        codes = _codes(text)
        kept = _is_letter(codes)
        yield from self._search(text, codes, np.flatnonzero(kept))
        zeros = [m.span() for m in _ZEROS.finditer(text)]
        # Numbers that stand alone were found with what stands before them.
        zeros = [(a, b) for a, b in zeros if _is_within(text, a)]
        if zeros:
            # Only around the zeros: everything else was looked at.
            near = np.zeros(len(codes), bool)
            for a, b in zeros:
                near[max(0, a - 100) : b + 100] = True
            for a, b in zeros:
                kept[a:b] = False
            edges = np.flatnonzero(np.diff(near, prepend=False, append=False))
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                yield from self._search(text, codes, np.flatnonzero(kept[a:b]) + a)

    def _search(
        self, text: str, codes: NDArray[np.uint32], places: NDArray[np.int64]
    ) -> Iterator[Place]:
        if len(places) < _SHORTEST:
            return
        letters = codes[places]
        joined = letters.tobytes().decode("utf-32-le")
        for size, hashes in _hashes(letters, set(self.marks)).items():
            for at in np.flatnonzero(self.marks[size][hashes]).tolist():
                for what in self.by_start.get(joined[at : at + size], ()):
                    if joined.startswith(what, at):
                        yield Place(what, text, places[at : at + len(what)])


def _is_within(text: str, at: int) -> bool:
    """Whether zeros come after a letter, or after a digit and one sign; decimals do not."""
    before = text[max(0, at - 9) : at]
    return any(c.isalnum() for c in before)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", errors="replace"), dtype=np.uint32)


_ASCII = np.array([chr(code).isalnum() for code in range(128)])


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    ascii_only = codes < 128
    kept = np.zeros(len(codes), bool)
    kept[ascii_only] = _ASCII[codes[ascii_only]]
    others = codes[~ascii_only]
    if len(others):
        distinct, inverse = np.unique(others, return_inverse=True)
        kept[~ascii_only] = np.array([chr(code).isalnum() for code in distinct])[inverse]
    return kept


def _hashes(codes: NDArray[np.uint32], sizes: set[int]) -> dict[int, NDArray[np.uint32]]:
    """Return a hash of every stretch of so many codes, by their number."""
    found = {}
    value = np.zeros(len(codes), np.uint32)
    for size in range(1, max(sizes) + 1):
        if len(codes) < size:
            break
        # Each step takes one more code into every stretch.
        value = value[: len(codes) - size + 1] * np.uint32(0x01000193) + codes[size - 1 :]
        if size in sizes:
            mixed = value ^ (value >> np.uint32(15))
            found[size] = (mixed * np.uint32(0x9E3779B1)) >> np.uint32(32 - _BITS)
    return found
