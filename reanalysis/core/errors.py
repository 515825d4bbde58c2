"""What can stand between a cohort and a result, said in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.core.dictionary import load_dictionary


class CannotShow(Exception):
    """A result that this cohort cannot give; the message is shown to the reader as a note."""


class NotRecorded(CannotShow):
    """The cohort lacks columns that a result needs.

    Parameters
    ----------
    columns
        Names of the missing columns, as the data dictionary spells them.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        labels = load_dictionary().columns
        names = ", ".join(f"{labels[name].label} ({name})" for name in self.columns)
        super().__init__(f"this cohort does not record {names}")


class NotEstimable(CannotShow):
    """The cohort records what is needed, but the estimate does not exist."""


def why(reasons: Iterable[tuple[str, CannotShow]]) -> list[str]:
    """Say each reason once, with everything that it stands in the way of.

    Parameters
    ----------
    reasons
        What cannot be shown, and why; an empty text where the reason says enough.

    Returns
    -------
    list of str
        Sentences without their full stop, missing columns first and together.
    """
    absent: dict[str, None] = {}
    others: dict[str, list[str]] = {}
    for about, reason in reasons:
        if isinstance(reason, NotRecorded):
            absent |= dict.fromkeys(reason.columns)
        else:
            named = others.setdefault(str(reason), [])
            if about:
                named.append(about)
    sentences = [str(NotRecorded(absent))] if absent else []
    for text, about_all in others.items():
        # A reason that is about one thing names it already.
        told = not about_all or (len(about_all) == 1 and about_all[0] in text)
        sentences.append(text if told else f"{', '.join(about_all)}: {text}")
    return sentences


# What a message shows of a cell: a sentence, not a page.
_SHOWN = 60
_SHOWN_NAME = 120
# What it shows of a file's problems.
_MOST_LINES = 1_000


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a cohort file.

    Attributes
    ----------
    row
        Row of the file as a spreadsheet counts it (the header is row 1), or None for a column.
    column
        Name of the column; empty where the file as a whole is meant.
    value
        What stands there.
    expected
        What should stand there; a whole sentence where the file as a whole is meant.
    hint
        What to do about it, where that can be said.
    """

    row: int | None
    column: str
    value: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        if not self.column:
            return self.expected
        name = printable(_cut(self.column, _SHOWN_NAME))
        where = f"column {name}" if self.row is None else f"row {self.row}, {name}"
        found = f" is {_cut(self.value, _SHOWN)!r}" if self.value else ""
        advice = f"; {self.hint}" if self.hint else ""
        return f"{where}{found}: expected {self.expected}{advice}"


def printable(name: str) -> str:
    """Give a name from a file without what would move or colour the text around it."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


class InvalidCohort(ValueError):
    """A cohort file that does not fit the data dictionary.

    Parameters
    ----------
    problems
        Every problem found, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems[:_MOST_LINES])
        if (more := len(self.problems) - _MOST_LINES) > 0:
            lines += f"\n  and {more:,} more; python -m reanalysis check tells them together"
        super().__init__(f"{len(self.problems)} {noun} in the cohort:\n{lines}")


class UnreadableFile(InvalidCohort):
    """A file that is no table, so that there is nothing to compare with the dictionary.

    Parameters
    ----------
    sentence
        What it is instead, what was expected and what to do.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__([Problem(None, "", "", sentence)])

    def __str__(self) -> str:
        return self.problems[0].expected
