"""The data dictionary: what each column of a cohort holds, and how others are derived from it."""

import re
import tomllib
from collections.abc import Container, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from reanalysis.core import paths

# The two columns that the package itself cannot do without: whose row it is, and until when.
PATIENT = "patient_id"
FOLLOW_UP = "follow_up_months"
# In a cohort of several, where a patient was treated.
CENTRE = "centre"
EVERY_SECTION = "every section"

ColumnType = Literal["id", "text", "number", "integer", "level", "event"]
Comparison = Literal["is", "above", "at_least", "at_most", "below"]
Formula = Literal["bed10"]

# Levels of an event, as a file has them.
EVENT_LEVELS = ("0", "1")


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
    def choices(self) -> tuple[str, ...]:
        """The few texts that may stand there, the levels of an event included."""
        return EVENT_LEVELS if self.type == "event" else self.levels

    @property
    def condition(self) -> tuple[str, str] | None:
        """The column and the level that ``only_when`` names, if any."""
        if not self.only_when:
            return None
        column, _, level = self.only_when.partition("=")
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
class Rule:
    """What holds of some patients: one comparison, or any of several rules.

    Attributes
    ----------
    column, comparison, value
        The comparison of a stored column with a level or a number, such as ``afp_ng_ml``,
        ``at_most``, ``20``; empty where ``any_of`` is given.
    any_of
        Rules of which one is enough.
    """

    column: str = ""
    comparison: Comparison = "is"
    value: str | float = ""
    any_of: tuple["Rule", ...] = ()

    def comparisons(self) -> Iterator["Rule"]:
        """Yield every comparison in it."""
        if not self.any_of:
            yield self
        for rule in self.any_of:
            yield from rule.comparisons()


@dataclass(frozen=True)
class Derived:
    """One column that is computed from stored ones when a cohort is loaded.

    The fields are those of ``data/dictionary.toml``. It has either a ``rule`` or a ``formula``.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    meaning: str
    unit: str = ""
    levels: tuple[str, ...] = ()
    rule: Rule | None = None
    formula: Formula | None = None


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

    def entry(self, name: str) -> Column | Derived:
        """Return a stored or derived column.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        return self.columns.get(name) or self.derived[name]

    def among(self, names: Container[Any]) -> list[str]:
        """Give the stored columns that a table has, in the dictionary's order.

        Parameters
        ----------
        names
            Its columns: the table itself, or names.
        """
        return [name for name in self.columns if name in names]

    def label(self, name: str) -> str:
        """Label of a stored or derived column, with its unit where it does not say it itself."""
        entry = self.entry(name)
        said = not entry.unit or entry.label.endswith(entry.unit)
        return entry.label if said else f"{entry.label} ({entry.unit})"


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

    Raises
    ------
    ValueError
        If an entry is not as the head of the file says; one line for each that is wrong.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    faults: list[str] = []
    columns = _entries(raw, "column", Column, faults)
    derived = _entries(raw, "derived", Derived, faults)
    sections = _entries(raw, "section", Section, faults)
    dictionary = Dictionary(
        columns={column.name: column for column in columns},
        derived={column.name: column for column in derived},
        sections=tuple(sections),
    )
    if not faults:  # what is incomplete cannot be compared
        names = [c.name for c in columns] + [d.name for d in derived]
        faults += [
            f"{n}: there are two of this name" for n in dict.fromkeys(names) if names.count(n) > 1
        ]
        faults += _faults(dictionary)
    if faults:
        raise ValueError("\n".join([f"The data dictionary {path.name} cannot be used.", *faults]))
    return dictionary


# --- reading -------------------------------------------------------------------------------------

_LISTS = {"needed_for", "levels", "sources", "needs", "usual_median", "usual_largest"}

Entry = TypeVar("Entry", Column, Derived, Section)


def _entries(raw: dict[str, Any], kind: str, make: type[Entry], faults: list[str]) -> list[Entry]:
    """Make the entries of a kind; what is wrong with one is added to ``faults``."""
    known: dict[str, Field[Any]] = {field.name: field for field in fields(make)}
    needed = {key for key, field in known.items() if field.default is MISSING}
    entries = []
    for number, entry in enumerate(raw.get(kind, ()), 1):
        name = entry.get("name", f"{kind} {number}")
        found = [f"{name}: it has no {key}" for key in sorted(needed - entry.keys())]
        for key, value in entry.items():
            if key not in known:
                found.append(f"{name}: {key} is no key of a [[{kind}]]")
            elif key in _LISTS and not isinstance(value, list):
                found.append(f"{name}: {key} is a list")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        if "rule" in entry:
            try:
                values["rule"] = _rule(entry["rule"])
            except ValueError as error:
                found.append(f"{name}: {error}")
        if found:
            faults += found
        else:
            entries.append(make(**values))
    return entries


def _rule(raw: Any) -> Rule:
    """Make a rule of its TOML table.

    Raises
    ------
    ValueError
        If it is no comparison of a column and no list of rules.
    """
    match raw:
        case {"any": [_, *_] as rules, **others} if not others:
            return Rule(any_of=tuple(_rule(rule) for rule in rules))
        case {"column": str(column), **others} if len(others) == 1:
            ((comparison, value),) = others.items()
            if comparison in get_args(Comparison) and isinstance(value, str | int | float):
                return Rule(column, comparison, value)  # type: ignore[arg-type]
    compared = " or ".join(f"{comparison} = ..." for comparison in get_args(Comparison))
    raise ValueError(
        f"a rule is {{ column = ..., {compared} }} or {{ any = [rule, ...] }}, not {raw}"
    )


# --- what has to hold ----------------------------------------------------------------------------


def _faults(dictionary: Dictionary) -> Iterator[str]:
    """Yield what entries say that cannot be, each with the name of its entry."""
    sections = {section.name for section in dictionary.sections}
    for section in dictionary.sections:
        for name in section.needs:
            if name not in dictionary.columns:
                yield f"{section.name}: it needs {name}, which is no column"
    earlier: dict[str, Column] = {}
    for column in dictionary.columns.values():
        for fault in _column_faults(column, earlier):
            yield f"{column.name}: {fault}"
        for name in column.needed_for:
            if name not in sections | {EVERY_SECTION}:
                yield f"{column.name}: it is needed for {name}, which is no section"
        earlier[column.name] = column
    for derived in dictionary.derived.values():
        for fault in _derived_faults(derived, dictionary.columns):
            yield f"{derived.name}: {fault}"


def _column_faults(column: Column, earlier: dict[str, Column]) -> Iterator[str]:
    """Yield what is wrong with a column; ``earlier`` are those above it."""
    if not re.fullmatch("[a-z][a-z0-9_]*", column.name):
        yield "a name is made of small letters, digits and underscores"
    if column.type not in get_args(ColumnType):
        yield f"its type is {column.type}, not one of {', '.join(get_args(ColumnType))}"
    if bool(column.levels) != (column.type == "level"):
        yield "levels belong to the type level, and to no other"
    if column.unit and column.type not in ("number", "integer"):
        yield "a unit belongs to a number"
    if column.within_follow_up and column.unit != "months":
        yield "within_follow_up belongs to a time in months"
    # A text is kept and told of, and no section is made of it.
    if not column.needed_for and column.type != "text":
        yield "needed_for names no section"
    if column.condition:
        other, level = column.condition
        if other not in earlier:
            yield f"only_when names {other}, which is no column above it"
        elif level not in earlier[other].choices:
            yield f"only_when asks for {level!r}, which {other} cannot be"


def _derived_faults(derived: Derived, columns: dict[str, Column]) -> Iterator[str]:
    """Yield what is wrong with a derived column."""
    for source in derived.sources:
        if source not in columns:
            yield f"its source {source} is no stored column"
        elif (asked := columns[source].condition) and asked[0] not in derived.sources:
            yield f"{source} is filled by {asked[0]} only, which has to be a source, too"
    if (derived.rule is None) == (derived.formula is None):
        yield "it has either a rule or a formula"
    if derived.formula is not None and derived.formula not in get_args(Formula):
        yield f"its formula is {derived.formula}, not one of {', '.join(get_args(Formula))}"
    if derived.rule is None:
        return
    if len(derived.levels) not in (0, 2):
        yield "a rule has two levels, where it holds and elsewhere, or none, for 1 and 0"
    for rule in derived.rule.comparisons():
        if rule.column not in derived.sources:
            yield f"its rule compares {rule.column}, which is none of its sources"
        elif rule.column in columns:
            choices = columns[rule.column].levels
            if choices and (rule.comparison != "is" or rule.value not in choices):
                yield f"its rule can compare {rule.column} by is = {' or '.join(choices)}"
            elif not choices and isinstance(rule.value, str):
                yield f"its rule compares {rule.column} with {rule.value!r}, which is no number"
