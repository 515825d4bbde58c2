"""The master of the exercises: one file per chapter in ``data/exercises/``.

From it come the exercises on the site, those for JupyterLab, the solutions of both, the map of
exercises and objectives, and the check-up. What an entry may hold:

``[[objective]]`` has an ``id`` and a ``text`` that goes on from 'After this chapter you can'.

``[[exercise]]`` has an ``id``, its ``objective``, a ``kind`` and a ``level`` (see ``KINDS`` and
``LEVELS``), what it is ``about`` (see ``ABOUT``), a ``prompt``, a ``solution`` and ``hints``, all
Markdown. Its ``code`` is Python that a reader could run: it makes ``answer`` and whatever else the
solution quotes in braces. A number has ``unit``, ``decimals`` and ``tolerance``; its ``mistakes``
recognise typical errors, each an expression of the code's names with a hint. A choice has
``options``, of which each says why it is right or wrong; an order has ``items``, in the right one.

``[[prediction]]`` is a question to commit to before a result is shown: ``id``, ``prompt``,
``range``, ``step``, ``start``, ``unit``, ``decimals``, ``code`` and the words ``after`` it.

An id of a published number in braces is filled with the number as the paper prints it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from reanalysis.core.paths import EXERCISES

KINDS = ("number", "choice", "several", "order", "point")
# How an exercise is solved; all but the last need no Python.
LEVELS = {
    "read": "read it off",
    "page": "read it off the page",
    "pencil": "paper and pencil",
    "widget": "with the widget",
    "python": "in JupyterLab",
}
# What its answer is computed from. Code about the paper or an example cannot see the cohort.
ABOUT = ("paper", "cohort", "example")

_Entry = TypeVar("_Entry", "Objective", "Option", "Mistake", "Exercise", "Prediction")


class MasterError(Exception):
    """A master that cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class Objective:
    """What a reader can do after a chapter."""

    id: str
    text: str


@dataclass(frozen=True)
class Option:
    """One answer of a choice, with the reason why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Mistake:
    """A typical error: an expression for the number that it gives, and what to say of it."""

    value: str
    hint: str


@dataclass(frozen=True)
class Exercise:
    """An exercise as the master has it; see the head of this module."""

    id: str
    objective: str
    kind: str
    level: str
    about: str
    prompt: str
    solution: str
    code: str = ""
    unit: str = ""
    decimals: int = 0
    tolerance: float = 0.0
    hints: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[Option, ...] = ()
    items: tuple[str, ...] = ()
    axis: str = ""

    @property
    def on_the_site(self) -> bool:
        """Whether it can be solved without Python."""
        return self.level != "python"

    @property
    def stands_alone(self) -> bool:
        """Whether it can be asked away from its chapter."""
        return self.on_the_site and self.level not in ("widget", "page")


@dataclass(frozen=True)
class Prediction:
    """A question to commit to before a result; see the head of this module."""

    id: str
    prompt: str
    range: tuple[float, float]
    step: float
    start: float
    code: str
    after: str
    unit: str = ""
    decimals: int = 0
    axis: str = ""


@dataclass(frozen=True)
class Chapter:
    """The master of one chapter.

    Attributes
    ----------
    name
        Of its notebook, such as ``'08_local_control'``.
    title
        Of its section in the paper.
    """

    name: str
    title: str
    objectives: tuple[Objective, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    predictions: tuple[Prediction, ...] = field(default=())

    @property
    def number(self) -> int:
        """Of the chapter, as its exercises are numbered: 8.1, 8.2, ..."""
        return int(self.name.partition("_")[0])

    @property
    def ids(self) -> list[str]:
        """Of all that it holds."""
        ids = [objective.id for objective in self.objectives]
        ids += [exercise.id for exercise in self.exercises]
        return ids + [prediction.id for prediction in self.predictions]

    def number_of(self, exercise: Exercise) -> str:
        """Give the number of one of its exercises, such as ``'8.2'``."""
        return f"{self.number}.{1 + self.exercises.index(exercise)}"

    def objective(self, name: str) -> Objective:
        """Find an objective by its id."""
        return next(o for o in self.objectives if o.id == name)


@cache
def chapters(folder: Path = EXERCISES) -> dict[str, Chapter]:
    """Read the masters of all chapters.

    Parameters
    ----------
    folder
        Where they are; the project's own by default.

    Returns
    -------
    dict
        By the name of the chapter's notebook, in the book's order.

    Raises
    ------
    MasterError
        If an entry lacks what it needs, has what nobody reads, or two have the same id.
    """
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
    ids = [name for chapter in found.values() for name in chapter.ids]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise MasterError(f"used twice as an id: {', '.join(twice)}")
    return found


def find(name: str) -> tuple[Chapter, Exercise]:
    """Find an exercise by its id.

    Raises
    ------
    KeyError
        If there is none; the message names those that there are.
    """
    every = {e.id: (chapter, e) for chapter in chapters().values() for e in chapter.exercises}
    if name not in every:
        raise KeyError(f"there is no exercise {name!r}; there are {', '.join(every)}")
    return every[name]


def _read(path: Path) -> Chapter:
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MasterError(f"{path.name}: {error}") from error
    where = path.name
    objectives = tuple(_made(Objective, o, where) for o in plain.pop("objective", []))
    exercises = tuple(_exercise(e, where) for e in plain.pop("exercise", []))
    predictions = tuple(_prediction(p, where) for p in plain.pop("prediction", []))
    title = plain.pop("title", "")
    if plain or not title:
        raise MasterError(f"{where}: needs a title, and nobody reads {', '.join(plain) or 'more'}")
    known = {objective.id for objective in objectives}
    for exercise in exercises:
        if exercise.objective not in known:
            raise MasterError(f"{where}, {exercise.id}: no objective {exercise.objective!r}")
    return Chapter(path.stem, title, objectives, exercises, predictions)


def _exercise(plain: Mapping[str, Any], where: str) -> Exercise:
    parts = dict(plain)
    place = f"{where}, {parts.get('id', 'an exercise without id')}"
    parts["hints"] = tuple(parts.get("hints", ()))
    parts["items"] = tuple(parts.get("items", ()))
    parts["options"] = tuple(_made(Option, o, place) for o in parts.get("options", ()))
    parts["mistakes"] = tuple(_made(Mistake, m, place) for m in parts.get("mistakes", ()))
    exercise = _made(Exercise, parts, place)
    if exercise.kind not in KINDS or exercise.level not in LEVELS or exercise.about not in ABOUT:
        raise MasterError(f"{place}: an unknown kind, level or about")
    rights = sum(option.right for option in exercise.options)
    needs = {
        "number": bool(exercise.code and exercise.tolerance > 0 and exercise.hints),
        "point": bool(exercise.code and exercise.tolerance > 0 and exercise.hints),
        "choice": rights == 1 and len(exercise.options) > 2,
        "several": rights > 1 and rights < len(exercise.options),
        "order": len(exercise.items) > 2 and bool(exercise.hints),
    }
    if not needs[exercise.kind]:
        raise MasterError(f"{place}: lacks what a question of its kind needs")
    return exercise


def _prediction(plain: Mapping[str, Any], where: str) -> Prediction:
    low, high = plain.get("range", (0, 0))
    return _made(Prediction, {**plain, "range": (float(low), float(high))}, where)


def _made(kind: type[_Entry], plain: Mapping[str, Any], where: str) -> _Entry:
    """Make an entry of what the file says, and refuse what it does not know."""
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(plain) - known):
        raise MasterError(f"{where}: nobody reads {', '.join(unknown)}")
    trimmed: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else value for key, value in plain.items()
    }
    try:
        return kind(**trimmed)
    except TypeError as error:
        raise MasterError(f"{where}: {error}") from error
