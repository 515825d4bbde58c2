"""What can stand between a cohort and a result, said in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.dictionary import load_dictionary


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


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a cohort file.

    Attributes
    ----------
    row
        Line of the file as a spreadsheet counts it (the header is row 1), or None for a column.
    column
        Name of the column.
    value
        What stands there.
    expected
        What should stand there.
    """

    row: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        where = f"column {self.column}" if self.row is None else f"row {self.row}, {self.column}"
        found = f" is {self.value!r}" if self.value else ""
        return f"{where}{found}: expected {self.expected}"


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
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} {noun} in the cohort:\n{lines}")
