"""``check``: an answer graded in JupyterLab as the site grades it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from IPython.display import Markdown

from reanalysis.cohort.loading import load_cohort
from reanalysis.page.here import Here
from reanalysis.teach.grading import grade
from reanalysis.teach.master import find
from reanalysis.teach.questions import offered, question, scrambled


def check(exercise: str, answer: Any, hint: int = 1, here: Here | None = None) -> Markdown:
    """Grade an answer.

    Parameters
    ----------
    exercise
        Its id, such as ``'lc-2'``.
    answer
        A number; that of an option, from 1; a list of such numbers; for an order the numbers of
        the items as they are offered, in your order.
    hint
        Which hint to give where the answer is wrong, from 1.
    here
        Whose answers are right; by default those of the cohort that the book is about.

    Returns
    -------
    IPython.display.Markdown
        Whether it is right, and a reason or a hint where it is not.

    Raises
    ------
    KeyError
        If there is no such exercise.
    """
    chapter, found = find(exercise)
    asked = question(chapter, found, here or _book())
    if "missing" in asked:
        return _say(f"Not offered for this cohort: {asked['missing']}.")
    if found.kind == "choice":
        answer = answer - 1 if isinstance(answer, int) else None
    elif found.kind in ("several", "order"):
        numbers = [answer] if isinstance(answer, int) else list(answer or ())
        places: Sequence[int] = range(len(offered(asked)))
        if found.kind == "order":
            places = scrambled(asked["items"])
        answer = [places[int(n) - 1] if n in range(1, len(places) + 1) else -1 for n in numbers]
    graded = grade(asked, answer, hint - 1)
    return _say(f"{'✓' if graded.right else '✗'} {graded.said}")


def _say(text: str) -> Markdown:
    return Markdown(text)  # type: ignore[no-untyped-call]


@cache
def _book() -> Here:
    return Here(load_cohort())
