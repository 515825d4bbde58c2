"""A question to commit to before a main result."""

from html import escape

import traitlets

from reanalysis.page.here import Here
from reanalysis.page.markdown import html
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.exercises import SHEET
from reanalysis.page.widgets.still import STYLE
from reanalysis.page.widgets.words import TIME_AXIS
from reanalysis.teach.master import chapters
from reanalysis.teach.questions import prediction


class Prediction(BookWidget):
    """A guess to commit to, and then the result over it.

    Parameters
    ----------
    name
        Its id in the master of exercises, such as ``'lc-first'``.
    here
        The published numbers as the cohort gives them.

    Attributes
    ----------
    guess
        What the reader expects.
    committed
        Whether the result is shown.

    Raises
    ------
    CannotShow
        If the cohort does not have the result, or it may not be shown.
    KeyError
        If there is no such prediction.
    """

    _esm = module("prediction.js")
    _css = BookWidget._css + SHEET
    SETTINGS = ("guess", "committed")

    guess = traitlets.Float().tag(sync=True)
    committed = traitlets.Bool(False).tag(sync=True)

    def __init__(self, name: str, here: Here) -> None:
        known = {p.id: p for chapter in chapters().values() for p in chapter.predictions}
        asked = known[name]
        made = prediction(asked, here)
        self._result = made
        texts = {key: html(made[key]) for key in ("prompt", "after")}
        super().__init__({**made, **texts, "time": TIME_AXIS}, name, guess=asked.start)

    def still(self) -> str:
        """Return the question with the folded answer, as HTML."""
        answer = f"<p>{escape(self._result['shown'])}</p>{html(self._result['after'])}"
        return (
            f"{STYLE}<p><strong>Before you read on</strong></p>{html(self._result['prompt'])}"
            f"<details><summary>The answer</summary>{answer}</details>"
        )

    def __repr__(self) -> str:
        return f"Prediction({self._name!r})"
