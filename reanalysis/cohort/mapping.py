"""A mapping file: how the columns of somebody's own table become those of the data dictionary.

The file is TOML. Nothing about a column is guessed: what is not written there is not used::

    sheet = "Data"                        # of a workbook with more than one
    missing = ["NA"]                      # texts that mean 'not known', in every column; never a
                                          # level of it, such as the salvage treatment 'none'

    [columns.follow_up_months]
    from = "OS"                           # the column of the file
    unit = "weeks"                        # what it is in; converted to the dictionary's unit

    [columns.sex]
    from = "Sex"
    levels = { 1 = "male", 2 = "female" } # its codes, spelled out

    [columns.child_pugh_class]
    from = "CPS"
    levels = { A = "A", B = "B" }
    set_blank = { C = "class C is outside the dictionary" }   # a value given up, and why

    [columns.death]
    from = "Died"
    note = "the day of death is the end of follow-up"         # shown with the report

    [not_used]                            # why a column of the file is left out
    Progression = "any progression, not local failure"

What else a column may need::

    [columns.patient_id]
    numbered = true                       # no column of labels: the rows are numbered

    [columns.follow_up_months]
    from = ["Death date", "Last FU"]      # the first of them that is filled;
    take = "last"                         # or the later, or the 'earliest', of them
    since = "RT start"                    # dates: the months between the two
    dates = "day first"                   # where 3/4/2015 could be both, or "month first"

    [columns.death]
    from = "Death date"
    filled = "1"                          # what a filled cell means, and an empty one
    blank = "0"

    [columns.afp_ng_ml]
    from = "AFP"
    decimal = ","                         # where 1.234 could be both

And what is said of the whole file::

    times_of_censoring = true             # a time beside an event of 0 is when observation ended
    hidden_rows = "leave out"             # or "read"
    one_row_per_patient = "first"         # or "last", of a table of lesions or visits; "merged"
                                          # where they complete each other, as REDCap's do

    [[leave_out]]                         # rows that are no patients of this cohort, and why
    rows = [303, 304]
    why = "totals"

    [[leave_out]]
    column = "Age"                        # of the file: is = ["..."], blank = true, below, above
    below = 18
    why = "children"
"""

import json
import re
from dataclasses import dataclass, field

from reanalysis.cohort.rows import LeaveOut
from reanalysis.core.constants import DAYS_PER_MONTH

# Factors from a unit to the one of the dictionary.
_UNITS = {
    "months": {
        "months": 1.0,
        "weeks": 7 / DAYS_PER_MONTH,
        "days": 1 / DAYS_PER_MONTH,
        "years": 12.0,
    },
    "cm": {"cm": 1.0, "mm": 0.1},
    "Gy": {"Gy": 1.0, "cGy": 0.01},
    "years": {"years": 1.0, "months": 1 / 12, "days": 1 / (12 * DAYS_PER_MONTH)},
    "ng/mL": {
        "ng/mL": 1.0,
        "ug/L": 1.0,
        "IU/mL": 1.21,  # the international standard of AFP, WHO 72/225
        "kIU/L": 1.21,
        "ng/L": 0.001,
        "mg/L": 1000.0,
    },
}

TAKE = ("first filled", "last", "earliest")
HIDDEN_ROWS = ("read", "leave out")
# The column that numbered labels stand in, which no file has.
NUMBERS = "(rows, numbered)"
# A code says nothing by itself: a number or one letter.
_CODE = re.compile(r"[+-]?[0-9]+(\.0*)?|[^\W\d_]")


@dataclass(frozen=True)
class ColumnMapping:
    """How one column of the dictionary is made; the fields are those of the file."""

    name: str
    source: str
    unit: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    set_blank: dict[str, str] = field(default_factory=dict)
    note: str = ""
    others: tuple[str, ...] = ()
    take: str = TAKE[0]
    since: str = ""
    dates: str = ""
    filled: str = ""
    blank: str = ""
    decimal: str = ""
    times_of_censoring: bool | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file that hold its values."""
        return (self.source, *self.others)

    @property
    def uses(self) -> tuple[str, ...]:
        """Every column of the file that it needs."""
        return (*self.sources, self.since) if self.since else self.sources

    @property
    def made_from(self) -> str:
        """What it is made from, in words."""
        since = f" since {self.since}" if self.since else ""
        if not self.others:
            return f"{self.source}{since}"
        names = ", ".join(self.sources)
        return f"{self.take} of {names}{since}"


@dataclass(frozen=True)
class Mapping:
    """A mapping file."""

    columns: tuple[ColumnMapping, ...]
    missing: tuple[str, ...] = ()
    not_used: dict[str, str] = field(default_factory=dict)
    about: str = ""
    sheet: str = ""
    times_of_censoring: bool = False
    hidden_rows: str = ""
    one_row_per_patient: str = ""
    leave_out: tuple[LeaveOut, ...] = ()

    @property
    def decimals(self) -> dict[str, str]:
        """The decimal marks that it states, by column of the file."""
        return {name: e.decimal for e in self.columns if e.decimal for name in e.sources}


def factors(unit: str) -> dict[str, float]:
    """Give the units from which a column in ``unit`` can be converted, with their factors."""
    return dict(_UNITS.get(unit, {}))


def toml_string(text: str) -> str:
    """Write a text as a TOML string, for a mapping file."""
    # JSON's string is one, but for the sign that deletes.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_code(value: str) -> bool:
    """Whether a value says nothing by itself, as a number or a single letter does."""
    return bool(_CODE.fullmatch(value))
