"""The data dictionary: what each column of a cohort holds."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from reanalysis.core import paths

# The two columns that the package itself cannot do without: whose row it is, and until when.
PATIENT = "patient_id"
FOLLOW_UP = "follow_up_months"

ColumnType = Literal["id", "text", "number", "integer", "level", "event"]


@dataclass(frozen=True)
class Column:
    """One stored column of the cohort table; the fields are those of ``data/dictionary.toml``."""

    name: str
    label: str
    type: ColumnType
    meaning: str
    needed_for: tuple[str, ...]
    unit: str = ""
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    only_when: str = ""
    within_follow_up: bool = False
    example: str = ""
    measured: bool = False
    usual_median: tuple[float, float] | None = None
    usual_largest: tuple[float, float] | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether values are numbers."""
        return self.type in ("number", "integer", "event")

    @property
    def condition(self) -> tuple[str, str] | None:
        """The column and the level that ``only_when`` names, if any."""
        if not self.only_when:
            return None
        column, level = self.only_when.split("=")
        return column, level

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        match self.type:
            case "id":
                return "a unique label"
            case "text":
                return "text"
            case "level":
                return "one of " + ", ".join(self.levels)
            case "event":
                return "0 or 1"
        noun = "a whole number" if self.type == "integer" else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {self.minimum:.12g} to {self.maximum:.12g}"
        if self.minimum is not None:
            return f"{noun} of at least {self.minimum:.12g}"
        return noun


@dataclass(frozen=True)
class Derived:
    """One column that is computed from stored ones when a cohort is loaded."""

    name: str
    label: str
    sources: tuple[str, ...]
    meaning: str
    unit: str = ""
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A section of the book, and the columns without each of which it shows nothing."""

    name: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """All columns, by name, and the sections that use them, in the order of the file."""

    columns: dict[str, Column]
    derived: dict[str, Derived]
    sections: tuple[Section, ...]

    def label(self, name: str) -> str:
        """Label of a stored or derived column, with its unit where it has one."""
        entry = self.columns.get(name) or self.derived[name]
        return f"{entry.label} ({entry.unit})" if entry.unit else entry.label


def _with_tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


@cache
def load_dictionary(path: Path = paths.DICTIONARY) -> Dictionary:
    """Read the data dictionary.

    Parameters
    ----------
    path
        The TOML file; the project's own by default.

    Returns
    -------
    Dictionary
        Stored and derived columns.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    columns = [Column(**_with_tuples(entry)) for entry in raw["column"]]
    derived = [Derived(**_with_tuples(entry)) for entry in raw["derived"]]
    return Dictionary(
        columns={column.name: column for column in columns},
        derived={column.name: column for column in derived},
        sections=tuple(Section(**_with_tuples(entry)) for entry in raw["section"]),
    )
