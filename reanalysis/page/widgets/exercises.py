"""The exercises of a chapter, answered and graded where they stand."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from reanalysis.page.here import Here
from reanalysis.page.markdown import html, inline_html
from reanalysis.page.widgets.base import BookWidget, module, style_sheet
from reanalysis.page.widgets.still import STYLE
from reanalysis.page.widgets.words import TIME_AXIS
from reanalysis.teach.master import LEVELS, chapters
from reanalysis.teach.questions import Question, offered, question

SHEET = style_sheet("exercises.css")


class Exercises(BookWidget):
    """The exercises of a chapter, from the master in ``data/exercises/``.

    Those about the cohort have its answers. One whose answer it does not have, or that may not be
    shown, says so.

    Parameters
    ----------
    chapter
        Name of the chapter's notebook, such as ``'08_local_control'``.
    here
        The published numbers as the cohort gives them.

    Raises
    ------
    KeyError
        If the chapter has no exercises.
    """

    _esm = module("exercises.js")
    _css = BookWidget._css + SHEET
    SETTINGS = ()

    def __init__(self, chapter: str, here: Here) -> None:
        self._chapter = chapters()[chapter]
        self._questions = [question(self._chapter, e, here) for e in self._chapter.exercises]
        data = {
            "title": f"Exercises: {self._chapter.title}",
            "levels": LEVELS,
            "time": TIME_AXIS,
            "questions": [as_html(asked) for asked in self._questions],
        }
        super().__init__(data, f"exercises-{self._chapter.number}")

    def still(self) -> str:
        """Return the exercises with folded solutions, as HTML."""
        return STYLE + "".join(map(_still, self._questions))

    def __repr__(self) -> str:
        return f"Exercises({self._chapter.name!r})"


def as_html(asked: Question) -> Question:
    """Write the texts of a question as HTML, for a page to show."""
    made = dict(asked)
    for key in ("prompt", "solution"):
        if key in made:
            made[key] = html(made[key])
    for key in ("hints", "items"):
        if key in made:
            made[key] = [inline_html(text) for text in made[key]]
    if "options" in made:
        made["options"] = [_texts(option, "text", "why") for option in made["options"]]
    if "mistakes" in made:
        made["mistakes"] = [_texts(mistake, "hint") for mistake in made["mistakes"]]
    made["objective"] = inline_html(made["objective"])
    return made


def _texts(part: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {**part, **{key: inline_html(part[key]) for key in keys}}


def _still(asked: Question) -> str:
    """Write one exercise as HTML, its choices as a list and its solution folded."""
    choices = "".join(f"<li>{inline_html(text)}</li>" for text in offered(asked))
    listed = f"<ol>{choices}</ol>" if choices else ""
    head = f"<p><strong>Exercise {asked['number']}</strong> ({LEVELS[asked['level']]})</p>"
    if "missing" in asked:
        end = f"<p>Not offered for this cohort: {escape(asked['missing'])}.</p>"
    else:
        code = f"<pre>{escape(asked['code'])}</pre>" if asked["code"] else ""
        solution = html(asked["solution"])
        within = f"<p>{escape(asked['within'])}</p>" if "within" in asked else ""
        end = f"{within}<details><summary>Solution</summary>{solution}{code}</details>"
    return f"{head}{html(asked['prompt'])}{listed}{end}"


def pool(here: Here) -> list[Question]:
    """Give the questions of all chapters that stand alone and have an answer.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    list of dict
        As for a page, each with the title of its chapter.
    """
    asked = [
        {**as_html(question(chapter, exercise, here)), "title": chapter.title}
        for chapter in chapters().values()
        for exercise in chapter.exercises
        if exercise.stands_alone
    ]
    return [one for one in asked if "missing" not in one]


def exercise_map() -> pd.DataFrame:
    """List every objective of every chapter with the exercises that test it.

    Returns
    -------
    pandas.DataFrame
        One row per objective, in the book's order; columns ``Chapter``, ``You can`` and
        ``Exercises``.
    """
    rows = []
    for chapter in chapters().values():
        for objective in chapter.objectives:
            testing = (e for e in chapter.exercises if e.objective == objective.id)
            numbers = ", ".join(f"{chapter.number_of(e)} ({e.id})" for e in testing)
            rows.append((chapter.title, objective.text, numbers))
    return pd.DataFrame(rows, columns=["Chapter", "You can", "Exercises"])


def answers(here: Here) -> pd.DataFrame:
    """List the answers of all exercises, for who teaches.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        One row per exercise; columns ``Exercise``, ``Name`` and ``Answer``, all text.
    """
    rows = []
    for chapter in chapters().values():
        for exercise in chapter.exercises:
            asked = question(chapter, exercise, here)
            # Of patients a number stands where its rule is: in the exercise.
            elsewhere = exercise.about == "cohort" and here.policy.hides
            answer = "in the exercise" if elsewhere else _in_words(asked)
            rows.append((asked["number"], asked["id"], answer))
    return pd.DataFrame(rows, columns=["Exercise", "Name", "Answer"])


def _in_words(asked: Question) -> str:
    """Give the answer of a question as text."""
    if "missing" in asked:
        return "not offered for this cohort"
    if "shown" in asked:
        return str(asked["shown"])
    if "items" in asked:
        return "; ".join(asked["items"])
    return " ".join(o["text"].replace("*", "") for o in asked["options"] if o["right"])
