"""Exercises and predictions on a cohort: their code run, their texts filled.

What may be shown of a cohort is kept here as everywhere: in a book about patients an answer that
is computed from the cohort counts only if it was printed in one of ``here``'s own ways, which hide
and round (a text or a ``Count``). A plain number has no rule, and the exercise is not offered.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from reanalysis.analysis.coarse import STEP_MONTHS
from reanalysis.cohort.columns import obstacle
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import DIGITS, HIDDEN, Policy, TooFew, significant
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.core.formatting import rounded
from reanalysis.paper.register import placeholders, published
from reanalysis.teach.grading import parse
from reanalysis.teach.master import Chapter, Exercise, Prediction

WHOLE = 0.5  # tolerance of a number that is counted

Names = dict[str, Any]
Question = dict[str, Any]


class Printing(Protocol):
    """What prints a cohort's numbers for the code of a solution: the chapters' own ``here``."""

    @property
    def cohort(self) -> pd.DataFrame:
        """The cohort."""

    @property
    def policy(self) -> Policy:
        """What may be shown of it."""


def question(chapter: Chapter, exercise: Exercise, here: Printing) -> Question:
    """Make a question of an exercise.

    Parameters
    ----------
    chapter, exercise
        From the master.
    here
        The published numbers as the cohort gives them, with what its solutions print with.

    Returns
    -------
    dict
        What JSON can hold: ``id``, ``number``, ``kind``, ``level``, ``objective``, ``prompt``,
        ``solution`` and ``code``; ``mark``, which changes with the right answer; and what its kind
        is graded by. Without an answer it has ``missing``, the reason, in place of the last.
    """
    made: Question = {
        "id": exercise.id,
        "number": chapter.number_of(exercise),
        "chapter": chapter.name,
        "kind": exercise.kind,
        "level": exercise.level,
        "objective": chapter.objective(exercise.objective).text,
        "prompt": filled(exercise.prompt, {}, 0),
        "code": exercise.code,
    }
    try:
        names = run(exercise, here)
        graded = _graded(exercise, names, here)
    except CannotShow as reason:
        return {**made, "missing": str(reason)}
    solution = filled(exercise.solution, _shown(exercise, names, here), exercise.decimals)
    mark = hashlib.sha256(json.dumps(graded, sort_keys=True).encode()).hexdigest()[:8]
    return {**made, **graded, "solution": solution, "mark": mark}


def prediction(asked: Prediction, here: Printing) -> Question:
    """Make what a widget needs of a prediction.

    Parameters
    ----------
    asked
        From the master.
    here
        As for ``question``.

    Returns
    -------
    dict
        What JSON can hold: the words, the slider's range, and the result with its curve.

    Raises
    ------
    CannotShow
        If the cohort cannot give the result, or it may not be shown.
    """
    names = run(asked, here)
    answer, shown = _answer(asked, names, here)
    made: Question = {
        "prompt": filled(asked.prompt, {}, 0),
        "after": filled(asked.after, {**_shown(asked, names, here), "answer": shown}, 0),
        "range": list(asked.range),
        "step": asked.step,
        "unit": asked.unit,
        "decimals": asked.decimals,
        "axis": asked.axis,
        "answer": answer,
        "shown": shown,
    }
    if "curve" in names:
        made["curve"] = _curve(names["curve"])
        made["at"] = float(names["at"])
    return made


def run(entry: Exercise | Prediction, here: Printing) -> Names:
    """Run the code of an exercise or a prediction.

    Parameters
    ----------
    entry
        From the master.
    here
        As for ``question``; the code sees it, and the cohort, unless it is about the paper alone.

    Returns
    -------
    dict
        The names that the code has made.

    Raises
    ------
    CannotShow
        If the cohort cannot give what it needs.
    """
    given: Names = {}
    if not isinstance(entry, Exercise) or entry.about == "cohort":
        given = {"here": here, "cohort": here.cohort}
    names = dict(given)
    try:
        # The project's own file, tested as its other code is.
        exec(compile(entry.code, f"<{entry.id}>", "exec"), names)
    except Exception as error:
        if (reason := obstacle(error, given.get("cohort"))) is not None:
            raise reason from error
        raise
    del names["__builtins__"]
    return {name: value for name, value in names.items() if name not in given}


def filled(template: str, names: Mapping[str, Any], decimals: int) -> str:
    """Fill names of the code and ids of published numbers in a text.

    Parameters
    ----------
    template
        Markdown with both in braces.
    names
        What the code has made.
    decimals
        Of numbers among them.
    """
    for name in placeholders(template):
        text = _text(names[name], decimals) if name in names else published(name)
        template = template.replace(f"{{{name}}}", text)
    return template


def scrambled(items: Sequence[str]) -> list[int]:
    """Put items out of order, the same for everybody: those in odd places first.

    ``page/widgets/js/question.js`` does the same.
    """
    places = range(len(items))
    return [*(place for place in places if place % 2), *(p for p in places if p % 2 == 0)]


def offered(asked: Mapping[str, Any]) -> list[str]:
    """Give the options of a question, or its items out of order, as they are numbered from 1."""
    if "items" in asked:
        return [asked["items"][place] for place in scrambled(asked["items"])]
    return [option["text"] for option in asked.get("options", ())]


def _text(value: Any, decimals: int) -> str:
    return rounded(value, decimals) if isinstance(value, float) else str(value)


def _graded(exercise: Exercise, names: Names, here: Printing) -> Question:
    """Give what a question of its kind is graded by."""
    hints = [filled(hint, {}, 0) for hint in exercise.hints]
    if exercise.kind == "order":
        return {"items": list(exercise.items), "hints": hints}
    if exercise.kind in ("choice", "several"):
        options = [
            {"text": filled(o.text, {}, 0), "right": o.right, "why": filled(o.why, {}, 0)}
            for o in exercise.options
        ]
        return {"options": options}
    answer, shown = _answer(exercise, names, here)
    tolerance = _tolerance(exercise, names["answer"], answer, here)
    mistakes = _mistakes(exercise, answer, _public(exercise, names, here))
    made = {
        "answer": answer,
        "shown": shown,
        "unit": exercise.unit,
        "decimals": exercise.decimals,
        "tolerance": tolerance,
        "within": _within(exercise, tolerance),
        "hints": hints,
        "mistakes": [m for m in mistakes if abs(m["value"] - answer) > tolerance],
    }
    if exercise.kind == "point":
        made |= {"curve": _curve(names["curve"]), "axis": exercise.axis}
    return made


def _answer(entry: Exercise | Prediction, names: Names, here: Printing) -> tuple[float, str]:
    """Give the answer as a number and as a text with its unit, if it may be shown."""
    value = names["answer"]
    if "answer" not in _public(entry, names, here):
        raise TooFew(here.policy.smallest)
    if isinstance(value, Count):
        if value.hidden:
            raise TooFew(here.policy.smallest)
        value = value.shown
    text = value if isinstance(value, str) else rounded(float(value), entry.decimals)
    number = parse(text.lstrip("<"))
    if number is None or not np.isfinite(number):
        if HIDDEN in text:
            raise TooFew(here.policy.smallest)
        raise NotEstimable(f"it has no such number here ({text})")
    exact = number if isinstance(value, str) else float(value)
    return exact, f"{text} {entry.unit}".strip()


def _public(entry: Exercise | Prediction, names: Names, here: Printing) -> Names:
    """Give the names whose values may be shown: all, or those that ``here`` has printed."""
    about_the_cohort = not isinstance(entry, Exercise) or entry.about == "cohort"
    if not (about_the_cohort and here.policy.hides):
        return names
    return {name: v for name, v in names.items() if isinstance(v, str | Count)}


def _shown(entry: Exercise | Prediction, names: Names, here: Printing) -> Names:
    """Give the names for a text: what may not be shown reads as hidden."""
    public = _public(entry, names, here)
    return {name: public.get(name, HIDDEN) for name in names}


def _tolerance(exercise: Exercise, value: Any, answer: float, here: Printing) -> float:
    """Say how far an answer may be off: of patients the right one is rounded, and theirs is not."""
    if exercise.about != "cohort" or not here.policy.hides:
        return exercise.tolerance
    step = here.policy.multiple / 2
    if isinstance(value, Count):
        coarse = step
    elif exercise.unit == "%":  # in steps of so many patients, and then without decimals
        coarse = 100 * step / len(here.cohort) + 0.5
    elif exercise.kind == "point":
        coarse = STEP_MONTHS
    else:
        coarse = 0.5 * 10.0 ** (1 - DIGITS) * abs(answer)
    return max(exercise.tolerance, coarse)


def _within(exercise: Exercise, tolerance: float) -> str:
    """Say how near an answer has to come."""
    if tolerance == WHOLE and not exercise.decimals:
        return "A whole number."
    return f"Right within {significant(tolerance):g} {exercise.unit}".rstrip() + "."


def _mistakes(exercise: Exercise, answer: float, names: Names) -> Iterable[Question]:
    """Evaluate the typical errors."""
    known = {n: v for n, v in names.items() if not (isinstance(v, Count) and v.hidden)}
    numbers = {name: _as_number(value) for name, value in known.items()} | {"answer": answer}
    for mistake in exercise.mistakes:
        try:
            # As the code: the project's own file.
            value = eval(mistake.value, {"np": np, "published": published}, numbers)
        except NameError:  # rests on a number that may not be shown
            continue
        if isinstance(value, str):  # it is not reached
            continue
        if np.isfinite(value):
            yield {"value": round(float(value), 6), "hint": filled(mistake.hint, {}, 0)}


def _as_number(value: Any) -> Any:
    if isinstance(value, Count):
        return value.shown
    number = parse(value.lstrip("<")) if isinstance(value, str) else None
    return value if number is None else number


def _curve(curve: pd.Series) -> Question:
    """Give a step curve as JSON: months and percent."""
    return {
        "times": [round(float(t), 3) for t in curve.index],
        "values": [round(float(v), 4) for v in curve],
    }
