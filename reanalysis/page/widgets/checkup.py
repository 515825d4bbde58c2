"""A check-up of fifteen questions over the whole book."""

import traitlets

from reanalysis.page.here import Here
from reanalysis.page.widgets.base import BookWidget, module
from reanalysis.page.widgets.exercises import SHEET, pool
from reanalysis.page.widgets.words import TIME_AXIS

QUESTIONS = 15
# The code and the solution stay with the chapters.
_LEFT_OUT = {"code", "solution", "objective", "level", "number", "mark"}


class CheckUp(BookWidget):
    """Fifteen questions, each from another chapter, graded together, with a result to print.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Attributes
    ----------
    draw
        Number of the draw: the same number, the same questions.
    """

    _esm = module("checkup.js")
    _css = BookWidget._css + SHEET
    SETTINGS = ("draw",)

    draw = traitlets.Int(1, min=1).tag(sync=True)

    def __init__(self, here: Here) -> None:
        questions = [
            {key: value for key, value in asked.items() if key not in _LEFT_OUT}
            for asked in pool(here)
        ]
        data = {"pool": questions, "count": QUESTIONS, "time": TIME_AXIS}
        super().__init__(data, "checkup")

    def still(self) -> str:
        """Say where the questions stand, as HTML."""
        return (
            "<p>The check-up draws its questions in a browser. They stand at the end of the "
            "chapters as well, with their solutions.</p>"
        )

    def __repr__(self) -> str:
        return f"CheckUp(draw={self.draw})"
