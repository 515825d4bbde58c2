"""Grading: whether an answer is right, and what to say of a wrong one.

``page/widgets/js/grading.js`` does the same for the site, and a test runs both over the same
answers. Both are given the question as JSON (see ``reanalysis.teach.questions``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
_SLACK = 1e-9  # what binary adds to a difference of decimals
NEAR = 3  # within so many tolerances an answer is called close
ROUNDED = "Rounded too far. Decimals that are asked for: {}."
NO_NUMBER = "That is no number. Write digits, such as 12.5."


@dataclass(frozen=True)
class Grade:
    """Whether an answer is right, and what is said of it."""

    right: bool
    said: str


def grade(question: Mapping[str, Any], answer: Any, tries: int = 0) -> Grade:
    """Grade an answer.

    Parameters
    ----------
    question
        As JSON, with the ``kind``, the ``answer`` and the words for wrong ones.
    answer
        By kind: a number or its text; the place of an option, from 0; the places of several; the
        items' places in the right order, as the reader has put them; the place on the axis.
    tries
        Wrong answers before this one: hints come one after the other.

    Returns
    -------
    Grade
        With a reason or a hint where it is wrong.

    Raises
    ------
    ValueError
        If there is no such kind of question.
    """
    kind = question["kind"]
    if kind in ("number", "point"):
        return _number(question, answer, tries)
    if kind == "choice":
        return _choice(question, answer)
    if kind == "several":
        return _several(question, answer)
    if kind == "order":
        return _order(question, answer, tries)
    raise ValueError(f"no kind of question: {kind}")


def parse(text: Any, unit: str = "") -> float | None:
    """Read a number as people write it: with a unit, a decimal comma or a typographic minus.

    Returns
    -------
    float or None
        None if it is no number.
    """
    plain = str(text).replace("\N{MINUS SIGN}", "-").replace(",", ".").strip()
    if unit:
        plain = plain.removesuffix(unit).strip()
    return float(plain) if _NUMBER.fullmatch(plain) else None


def _number(question: Mapping[str, Any], answer: Any, tries: int) -> Grade:
    value = parse(answer, question["unit"])
    if value is None:
        return Grade(False, NO_NUMBER)
    right, tolerance = question["answer"], question["tolerance"]
    if _near(value, right, tolerance):
        return Grade(True, f"Right: {question['shown']}.")
    if question["unit"] == "%" and _near(100 * value, right, tolerance):
        return Grade(False, "Right as a fraction of 1, but the question asks for percent.")
    for mistake in question["mistakes"]:
        if _near(value, mistake["value"], tolerance):
            return Grade(False, mistake["hint"])
    if question["unit"] == "%" and question["decimals"] and value == int(value):
        meant = {"value": right, "hint": ROUNDED.format(question["decimals"])}
        nearest = min([meant, *question["mistakes"]], key=lambda one: abs(value - one["value"]))
        if abs(value - nearest["value"]) < 1:  # rounded, or cut off
            return Grade(False, nearest["hint"])
    if _near(value, right, NEAR * tolerance):
        return Grade(False, "Close. Look once more, or look at the rounding.")
    side = "Too high." if value > right else "Too low."
    return Grade(False, f"{side} {_hint(question, tries)}".strip())


def _near(value: float, right: float, tolerance: float) -> bool:
    return abs(value - right) <= tolerance + _SLACK * max(1.0, abs(right))


def _hint(question: Mapping[str, Any], tries: int) -> str:
    hints: Sequence[str] = question["hints"]
    return hints[min(tries, len(hints) - 1)] if hints else ""


def _choice(question: Mapping[str, Any], answer: Any) -> Grade:
    options = question["options"]
    if answer is None or not 0 <= int(answer) < len(options):
        return Grade(False, "Choose one of the answers.")
    option = options[int(answer)]
    return Grade(option["right"], f"{'Right' if option['right'] else 'No'}. {option['why']}")


def _several(question: Mapping[str, Any], answer: Sequence[int]) -> Grade:
    options, chosen = question["options"], set(answer)
    if not chosen:
        return Grade(False, "Choose all that hold.")
    for place, option in enumerate(options):
        if place in chosen and not option["right"]:
            return Grade(False, f"Not this one: {option['text']} {option['why']}")
    missing = sum(option["right"] for place, option in enumerate(options) if place not in chosen)
    if missing:
        more = "one more holds" if missing == 1 else f"{missing} more hold"
        return Grade(False, f"What you chose holds, and {more}.")
    return Grade(True, "Right: " + " ".join(o["why"] for o in options if o["right"]))


def _order(question: Mapping[str, Any], answer: Sequence[int], tries: int) -> Grade:
    wanted = list(range(len(question["items"])))
    given = [int(place) for place in answer]
    if sorted(given) != wanted:
        return Grade(False, "Put every item in its place once.")
    placed = next((k for k in wanted if given[k] != k), len(wanted))
    if placed == len(wanted):
        return Grade(True, "Right: this is the order.")
    first = f"The first {placed} {'is' if placed == 1 else 'are'} right." if placed else ""
    return Grade(
        False, f"{first or 'The first is not right yet.'} {_hint(question, tries)}".strip()
    )
