"""Hashes of ids: a reader who guesses the ids finds out by them who is in a cohort."""

import hashlib
import re
from collections.abc import Iterator, Mapping

import numpy as np

from reanalysis.site.normal import Place, folded

_ALGORITHMS = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
_SHORTEST = 32  # hexadecimal digits, of MD5
_STRETCH = re.compile(f"[0-9a-f]{{{_SHORTEST},}}")
# So many digits of a hash are kept: of 100,000 ids there are a million hashes.
_KEPT = 16


class Digests:
    """Finds the hashes of ids in a text.

    Parameters
    ----------
    ids
        The ids as the file writes them, with the row of each.
    """

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = tuple(ids.items())
        starts, owners = [], []
        for owner, (written, _) in enumerate(self._ids):
            for digest in _of(written):
                starts.append(int(digest[:_KEPT], 16))
                owners.append(owner)
        unordered = np.array(starts, dtype=np.uint64)
        order = np.argsort(unordered, kind="stable")
        self._starts = unordered[order]
        self._owners = np.array(owners, dtype=np.int64)[order]

    def find(self, text: str) -> Iterator[tuple[int, Place]]:
        """Yield the row of every hash in a text, in whichever case it stands there, and its place.

        Parameters
        ----------
        text
            The text to look in.
        """
        plain = folded(text)
        for stretch in _STRETCH.finditer(plain):
            digits = stretch[0]
            begins = [int(digits[i : i + _KEPT], 16) for i in range(len(digits) - _SHORTEST + 1)]
            wanted = np.array(begins, dtype=np.uint64)
            first = np.searchsorted(self._starts, wanted, side="left")
            last = np.searchsorted(self._starts, wanted, side="right")
            for at in np.flatnonzero(last > first).tolist():
                for owner in self._owners[first[at] : last[at]]:
                    written, row = self._ids[owner]
                    for digest in _of(written):
                        if digits.startswith(digest, at):
                            start = stretch.start() + at
                            yield row, Place(digest, plain, np.arange(start, start + len(digest)))


def _of(written: str) -> list[str]:
    """Give the hashes of an id, as it is written and in either case."""
    return [
        algorithm(spelled.encode(), usedforsecurity=False).hexdigest()
        for spelled in dict.fromkeys((written, written.lower(), written.upper()))
        for algorithm in _ALGORITHMS
    ]
