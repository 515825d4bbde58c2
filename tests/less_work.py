"""Chapters with fewer repetitions, for tests that run them on many cohorts.

What a chapter says of them, and in which of the book's ways, is the same.
"""

from collections.abc import Callable
from typing import Any

import pytest

import reanalysis

# A hundred drawn cohorts, which are the same whatever the cohort of the book.
DRAWN = ("range(100, 200)", "range(100, 103)")
REPLICATES = 4


def fewer_drawn(source: str) -> str:
    """Let the code of a cell draw fewer cohorts."""
    return source.replace(*DRAWN)


def fewer_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let chapters and their exercises draw fewer bootstrap samples."""
    for name in ("selection", "optimism"):
        monkeypatch.setattr(reanalysis, name, _few(getattr(reanalysis, name)), raising=False)


def _few(function: Callable[..., Any]) -> Callable[..., Any]:
    def repeated(*args: Any, replicates: int, **options: Any) -> Any:
        return function(*args, replicates=min(replicates, REPLICATES), **options)

    return repeated
