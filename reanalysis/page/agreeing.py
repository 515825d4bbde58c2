"""What the cohorts that agree with the paper say together, as a table and as a sentence."""

from IPython.display import Markdown

from reanalysis.compare.open_questions import BY_NAME, MONTHS, PERCENT, YES_OR_NO, P, Question
from reanalysis.compare.pinned import Pinned, between
from reanalysis.compare.spread import answer, verdicts
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import p_value, rounded
from reanalysis.page.here import Here
from reanalysis.page.notebook import say
from reanalysis.page.table import Table

HEADS = {
    "range": "cohorts that agree",
    "one side": "on one side",
    "verdict": "word",
}
RULE = (
    "The same in all: every cohort that agrees with the paper prints this value; same in sign: all "
    "lie on one side of no difference; likely: nine in ten do; open: anything else, also where one "
    "has no estimate."
)
_UNITS = {PERCENT: " %", MONTHS: " months"}


def verdict_table(here: Here, family: str, caption: str, note: str = "") -> Table:
    """Say of every statistic of a family what the published numbers pin down."""
    heads = {**HEADS, "statistic": ""}
    return here.table(
        verdicts(family).rename(heads, axis="columns"), caption, f"{note} {RULE}".strip()
    )


def over_cohorts(*names: str) -> Markdown:
    """Say what the cohorts that agree with the paper give for some of the open questions.

    Parameters
    ----------
    names
        Of ``reanalysis.compare.open_questions.QUESTIONS``.

    Returns
    -------
    IPython.display.Markdown
        One sentence, with the range and the word of each; empty if this copy of the book comes
        without the ensemble.
    """
    try:
        answers = {name: answer(name) for name in names}
    except NotEstimable:
        return say("")
    cohorts = max(found.cohorts + found.without for found in answers.values())
    said = "; ".join(_said(name, found) for name, found in answers.items())
    return say(f"**Over the {cohorts} cohorts that agree with the paper:** {said}.")


def _said(name: str, found: Pinned) -> str:
    question = BY_NAME[name]
    asked = ", asked of each" if question.asked_for else ""
    return f"{name[0].lower()}{name[1:]} {in_words(question, found)} ({found.word}{asked})"


def in_words(question: Question, found: Pinned) -> str:
    """Print the range of an answer with its unit."""
    low, high = (_one(question, end) for end in (found.low, found.high))
    if question.unit == YES_OR_NO and low != high:
        return "in some, not in others"
    return f"{between(low, high)}{_UNITS.get(question.unit, '')}"


def own_in_words(question: Question, found: Pinned) -> str:
    """Print the value on the synthetic cohort with its unit."""
    return f"{_one(question, found.value)}{_UNITS.get(question.unit, '')}"


def _one(question: Question, value: float) -> str:
    if question.unit == YES_OR_NO:
        return "yes" if value else "no"
    if question.unit == P:
        return p_value(value)
    return rounded(value, question.decimals)
