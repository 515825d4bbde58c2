"""Work shared with copies of this process, which have all that it has without being sent it."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")
_function: Callable[[Any], Any]


def in_copies(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Apply a function to parts of some work at the same time.

    Parameters
    ----------
    function
        Of one part. It may hold data that would take long to send to another process: a copy of
        this one shares its memory. What it gives is sent back.
    parts
        One for each process: the first is for this one. Where a process cannot be copied safely
        (Windows, macOS), this one does all of them.

    Returns
    -------
    list
        The results, in the order of the parts.
    """
    first, *others = parts
    if not others or sys.platform != "linux":
        return [function(part) for part in parts]
    with ProcessPoolExecutor(
        len(others), get_context("fork"), initializer=_keep, initargs=(function,)
    ) as pool:
        running = [pool.submit(_apply, part) for part in others]
        own = function(first)
        return [own, *(future.result() for future in running)]


def _keep(function: Callable[[Any], Any]) -> None:
    global _function
    _function = function


def _apply(part: Any) -> Any:
    return _function(part)
