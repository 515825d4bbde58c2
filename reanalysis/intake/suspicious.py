"""What is possible in a cohort file and yet looks like a mistake. Nothing is refused for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reanalysis.cohort.grid import FIRST_ROW
from reanalysis.cohort.hints import UNKNOWN
from reanalysis.cohort.mapping import factors
from reanalysis.core.dictionary import CENTRE, FOLLOW_UP, PATIENT, Column, load_dictionary
from reanalysis.paper.study import (
    DEADLY_GRADE,
    FRACTIONS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    SALVAGE,
    TOTAL_DOSE,
    TOXICITY_GRADE,
    Endpoint,
)

# Fewer patients than this have no typical value.
_FEW = 10
# Days since 1900 by which a spreadsheet stores the dates from 1954 to 2064, and years as such.
_SERIAL_DATES = (20_000, 60_000)
_YEARS = (1900, 2100)
# Decadic logarithms of what is measured here stay below this.
_LOGARITHMS = 8
# What people type where they know nothing, if it stands there several times.
_SENTINELS = (9.0, 99.0, 999.0, 9999.0, 88.0, 888.0, 8888.0)
# A follow-up that is so short for everybody may be one in years.
_YEARS_OF_FOLLOW_UP = 10
# Columns that are the same in all rows of one patient.
_OF_A_PATIENT = ("age", "sex", "etiology", "afp_ng_ml", "follow_up_months", "death")
# More centres than one for so many patients are something else: a place, or a person.
_PATIENTS_OF_A_CENTRE = 3
# Single doses outside of these are unheard of in SBRT.
_GY_PER_FRACTION = (2.0, 35.0)


@dataclass(frozen=True)
class Suspicion:
    """Something to look at again.

    Attributes
    ----------
    column
        The column that it is about.
    message
        One sentence: what is there, what would be usual, what to do.
    rows
        Rows of the file as a spreadsheet counts them, where single patients are meant.
    """

    column: str
    message: str
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f" ({in_words(self.rows)})" if self.rows else ""
        return f"{self.column}: {self.message}{where}"


def in_words(rows: Sequence[int], most: int = 5) -> str:
    """Name rows: ``row 5``, ``rows 5 and 7``, ``rows 2, 3, 4, 5, 6 and 10 more``."""
    names = [str(row) for row in rows[:most]]
    if len(rows) > most:
        names.append(f"{len(rows) - most:,} more")
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{'row' if len(rows) == 1 else 'rows'} {listed}"


def suspicious(typed: pd.DataFrame) -> list[Suspicion]:
    """Look for what is possible and yet unlikely.

    Parameters
    ----------
    typed
        The recorded columns with their types and the index of the file, as ``cohort.examine``
        gives them; they need not fit.

    Returns
    -------
    list of Suspicion
        In the order of the dictionary.
    """
    order = list(load_dictionary().columns)
    found = [
        suspicion
        for column in load_dictionary().columns.values()
        if column.name in typed
        for suspicion in _about(column, typed)
    ]
    found += _across(typed)
    return sorted(found, key=lambda s: order.index(s.column))


def _about(column: Column, typed: pd.DataFrame) -> Iterator[Suspicion]:
    values = typed[column.name].dropna()
    if column.type in ("id", "level"):
        yield from _spelled_as_unknown(column, values)
    if column.name == CENTRE:
        yield from _centres(values)
    if column.type == "event":
        yield from _all_alike(column, values)
    if not column.is_numeric or column.type == "event" or values.empty:
        return
    numbers = values.astype(float)
    if column.unit == "months" and len(numbers) > 2 and set(numbers) == {0.0, 1.0}:
        yield Suspicion(
            column.name,
            f"holds only 0 and 1 in {len(numbers):,} patients, as an event does; expected months: "
            "the time stands in another column",
        )
        return
    dates = list(_dates(column, numbers))
    yield from dates
    if len(numbers) < _FEW or dates:
        return
    if column.measured and numbers.nunique() <= 2:
        held = " and ".join(f"{v:g}" for v in sorted(numbers.unique()))
        yield Suspicion(
            column.name,
            f"holds only {held} in {len(numbers):,} patients, as a code does; expected "
            f"measurements in {column.unit}",
        )
    else:
        yield from _other_unit(column, numbers)
    yield from _sentinels(column, numbers)
    if column.name == FOLLOW_UP:
        yield from _ties(column, numbers)


def _spelled_as_unknown(column: Column, values: pd.Series) -> Iterator[Suspicion]:
    """Find values that other programs read as a blank, or that were meant as one."""
    for value in values.astype(str).unique():
        if value.casefold() in UNKNOWN:
            rows = _rows(values.index[values.astype(str) == value])
            yield Suspicion(
                column.name,
                f"{value!r} is read as a value here; leave the cell empty where it stands for "
                "'not known'",
                rows,
            )


def _all_alike(column: Column, values: pd.Series) -> Iterator[Suspicion]:
    """Find endpoints that nobody has, or everybody; complications that nobody had are usual."""
    has_months = any(
        other.within_follow_up and other.condition == (column.name, "1")
        for other in load_dictionary().columns.values()
    )
    if len(values) < _FEW or not (has_months or column.required):
        return
    for value, who, means in ((0, "no patient", "nobody has"), (1, "every patient", "all have")):
        if (values == value).all():
            yield Suspicion(
                column.name,
                f"is {value} in {who} of {len(values):,}; make sure that {means} the event, and "
                "that 0 and 1 are not exchanged",
            )


def _dates(column: Column, numbers: pd.Series) -> Iterator[Suspicion]:
    if column.unit != "months":
        return
    for (low, high), what in (
        (_SERIAL_DATES, "dates as spreadsheets store them"),
        (_YEARS, "years"),
    ):
        seen = numbers[numbers.between(low, high) & (numbers % 1 == 0)]
        if len(seen) > len(numbers) / 2:
            yield Suspicion(
                column.name,
                f"{len(seen):,} values look like {what}, such as {seen.iloc[0]:g}; expected months "
                "from the start of SBRT",
                _rows(seen.index),
            )
            return


def _other_unit(column: Column, numbers: pd.Series) -> Iterator[Suspicion]:
    """Find a median or a largest value that no cohort has in this unit."""
    bounds = (
        ("median", float(numbers.median()), column.usual_median),
        ("largest value", float(numbers.max()), column.usual_largest),
    )
    if column.name == FOLLOW_UP and numbers.max() <= _YEARS_OF_FOLLOW_UP:
        low, high = column.usual_median or (0.0, np.inf)
        middle = float(numbers.median())
        if (column.usual_largest or (0.0,))[0] <= numbers.max() and low <= middle * 12 <= high:
            yield Suspicion(
                column.name,
                f"nobody was observed for longer than {numbers.max():g} {column.unit}; make sure "
                f"of the unit: in years the median would be {middle * 12:.3g} {column.unit}",
            )
            return
    for name, value, usual in bounds:
        if usual is None or usual[0] <= value <= usual[1]:
            continue
        others = {
            factor: f"in {unit} it would be {value * factor:.3g} {column.unit}"
            for unit, factor in factors(column.unit).items()
            if factor != 1 and usual[0] <= value * factor <= usual[1]
        }
        advice = "make sure of the unit"
        if others:
            advice = f"{', '.join(others.values())}: if so, name the unit in a mapping file"
        if column.measured and value < usual[0] and numbers.max() < _LOGARITHMS:
            advice = f"it may be a logarithm; {advice}"
        rows: tuple[int, ...] = ()
        if name == "largest value" and value > usual[1]:
            rows = _rows(numbers.index[numbers > usual[1]])
        yield Suspicion(
            column.name,
            f"the {name} is {value:,.6g} {column.unit}, usual are {usual[0]:,.6g} to "
            f"{usual[1]:,.6g}; {advice}",
            rows,
        )
        return


def _sentinels(column: Column, numbers: pd.Series) -> Iterator[Suspicion]:
    """Find numbers that are typed where nothing is known, such as 999."""
    often = numbers.value_counts()
    for value in _SENTINELS:
        count = int(often.get(value, 0))
        if count < 2:
            continue
        others = numbers[numbers != value]
        below = others[others < value]
        # Far beyond all others; or as large as any, and more often than chance would have it.
        is_far = value == numbers.max() and (below.empty or below.max() < value / 1.5)
        is_many = value > 9 and count > 3 * (often.drop(value).max() if len(others) else 0)
        if is_far or is_many or (value >= 99 and value == numbers.max()):
            yield Suspicion(
                column.name,
                f"{value:g} stands there {count:,} times; if it means 'not known', say so in a "
                f'mapping file: set_blank = {{ "{value:g}" = "not known" }}',
                _rows(numbers.index[numbers == value]),
            )


def likely_units(column: Column, numbers: pd.Series) -> str:
    """Say which units would make the numbers of a column usual ones.

    Parameters
    ----------
    column
        A column of the dictionary.
    numbers
        What stands in the file, in an unknown unit.

    Returns
    -------
    str
        Such as ``the median is 1,012: in days it would be 33.2 months``; empty where nothing can
        be said.
    """
    if numbers.empty or column.usual_median is None:
        return ""
    middle = float(numbers.median())
    low, high = column.usual_median
    likely = [
        f"in {unit} it would be {middle * factor:.3g} {column.unit}"
        for unit, factor in factors(column.unit).items()
        if low <= middle * factor <= high
    ]
    return f"the median is {middle:,.4g}: {', '.join(likely)}" if likely else ""


def _ties(column: Column, numbers: pd.Series) -> Iterator[Suspicion]:
    different = numbers.nunique()
    if len(numbers) >= 20 and different <= min(len(numbers) / 4, 36):
        yield Suspicion(
            column.name,
            f"{len(numbers):,} patients have only {different} different times; expected months "
            "with decimals, counted from dates: with so many ties medians and curves are coarse",
        )


def _centres(values: pd.Series) -> Iterator[Suspicion]:
    """Find centres that are one under two spellings, and texts that are no centres."""
    named = values[values != ""]
    different = named.unique()
    if len(named) >= _FEW and len(different) > len(named) / _PATIENTS_OF_A_CENTRE:
        yield Suspicion(
            CENTRE,
            f"holds {len(different):,} different texts in {len(named):,} patients; expected one "
            "for all patients of a centre",
        )
    spelled: dict[str, list[str]] = {}
    for text in different:
        key = "".join(c for c in str(text).casefold() if c.isalnum())
        spelled.setdefault(key, []).append(str(text))
    for texts in spelled.values():
        if len(texts) > 1:
            listed = ", ".join(map(repr, texts[:4]))
            yield Suspicion(
                CENTRE, f"{listed} count as {len(texts)} centres; expected one spelling of each"
            )


def _across(typed: pd.DataFrame) -> Iterator[Suspicion]:
    """Find what is unlikely only beside another column."""
    pairs = {
        column.name: column.condition[0]
        for column in load_dictionary().columns.values()
        if column.condition
    }
    pairs[OVERALL_SURVIVAL.months] = OVERALL_SURVIVAL.event
    for months, event in pairs.items():
        if not {months, event} <= set(typed) or load_dictionary().columns[event].type != "event":
            continue
        at_zero = typed.index[(typed[event] == 1) & (typed[months] == 0)]
        if len(at_zero):
            yield Suspicion(
                months,
                f"{event} at month 0, the start of SBRT, before which no patient is observed",
                _rows(at_zero),
            )
    yield from _twins(typed)
    if {TOTAL_DOSE, FRACTIONS} <= set(typed):
        single = typed[TOTAL_DOSE] / typed[FRACTIONS].replace(0, np.nan)
        low, high = _GY_PER_FRACTION
        odd = typed.index[(single < low) | (single > high)]
        if len(odd):
            yield Suspicion(
                TOTAL_DOSE,
                f"the dose per fraction is not between {low:g} and {high:g} Gy; expected the total "
                "dose of all fractions",
                _rows(odd),
            )
    yield from _though_not(
        typed,
        TOXICITY_GRADE,
        lambda grade: grade == DEADLY_GRADE,
        OVERALL_SURVIVAL,
        f"grade {DEADLY_GRADE} is death, but {OVERALL_SURVIVAL.event} is 0",
    )
    yield from _though_not(
        typed,
        SALVAGE,
        lambda treatment: treatment.notna(),
        LOCAL_CONTROL,
        f"is filled although {LOCAL_CONTROL.event} is 0; expected a blank for every patient "
        f"without an isolated {LOCAL_CONTROL.event_in_words}",
    )


def _twins(typed: pd.DataFrame) -> Iterator[Suspicion]:
    """Find rows that agree in everything that belongs to a patient and not to a lesion."""
    columns = [name for name in _OF_A_PATIENT if name in typed]
    if len(columns) < 4 or FOLLOW_UP not in columns:
        return
    whole = typed[columns].dropna()
    again = whole[whole.duplicated(keep=False)]
    # With few digits, two patients may be alike by chance; many pairs are not.
    chance = "afp_ng_ml" not in columns and len(again) < max(4, len(typed) / 20)
    if len(again) and not chance:
        yield Suspicion(
            PATIENT,
            f"{len(again):,} rows agree with another one in {', '.join(columns)}: make sure that "
            "no patient stands in several rows, as in a table of lesions or visits",
            _rows(again.index),
        )


def _though_not(
    typed: pd.DataFrame,
    column: str,
    says: Callable[[pd.Series], pd.Series],
    endpoint: Endpoint,
    message: str,
) -> Iterator[Suspicion]:
    """Find patients of whom a column says that an event happened which they did not have."""
    if {column, endpoint.event} <= set(typed):
        odd = typed.index[says(typed[column]) & (typed[endpoint.event] == 0)]
        if len(odd):
            yield Suspicion(column, message, _rows(odd))


def _rows(index: pd.Index) -> tuple[int, ...]:
    return tuple(int(i) + FIRST_ROW for i in index)
