"""What to do about a cell that the data dictionary does not take, where the cell tells."""

import re
from difflib import get_close_matches

from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import Column

# Texts by which spreadsheets, statistics programs and people say that nothing is known.
UNKNOWN = frozenset(
    {"na", "n/a", "n.a.", "n.a", "nan", "null", "none", "nil", "nd", "n.d.", "unknown", "unk"}
    | {"missing", ".", "-", "--", "?", "k.a.", "not available", "not reported", "not known"}
    # As The Cancer Genome Atlas writes it.
    | {"[not available]", "[not applicable]", "[unknown]", "[not evaluated]", "'--"}
)
_ERRORS = ("#N/A", "#NV", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!")
_YES_NO = frozenset({"yes", "no", "y", "n", "true", "false", "ja", "nein", "j", "oui", "non", "si"})

DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?"
    r"|\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}([ T].*)?"
    r"|\d{1,2}[-. ][A-Za-z]{3}\.?|[A-Za-z]{3}[- ]\d{2,4}"
)
_COMMA = re.compile(r"[+-]?[0-9]+,([0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,.' ][0-9]{3})+([.,][0-9]+)?")
_LIMIT = re.compile(r"(<|>|<=|>=|≤|≥|~)\s*[0-9.,]+")
_WITH_UNIT = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?\s*[A-Za-zµμ%/][A-Za-z0-9µμ%/]*")


def hint(value: str, column: Column) -> str:
    """Say what to do about a value that does not fit its column.

    Parameters
    ----------
    value
        What stands in the cell.
    column
        The column of the dictionary.

    Returns
    -------
    str
        Advice; empty where the value does not tell what happened to it.
    """
    if value.casefold() in UNKNOWN:
        return "leave the cell empty where nothing is known"
    if value.upper() in _ERRORS:
        return "it is the error of a formula; mend the formula, or leave the cell empty"
    if value.startswith("="):
        return "formulas are not evaluated; write the value"
    if DATE.fullmatch(value):
        return _about_a_date(column)
    if column.type == "level":
        return _about_a_level(value, column)
    if column.type == "event" and value.casefold() in _YES_NO:
        return "write 1 for yes and 0 for no, or say so in a mapping file"
    if column.unit and value in ("-1", "-9", "-99", "-999"):
        return "if it stands for 'not known', leave the cell empty, or name it in a mapping file"
    return _about_a_number(value, column) if column.is_numeric else ""


def _about_a_date(column: Column) -> str:
    if column.unit == "months":
        return f"it is a date; write the months from the start of SBRT (days / {DAYS_PER_MONTH})"
    if column.type == "level":
        return "a spreadsheet makes dates of such levels; format the column as text and type again"
    return "it is a date"


def _about_a_level(value: str, column: Column) -> str:
    plain = {level.casefold(): level for level in column.levels}
    if found := plain.get(value.casefold()):
        return f"write {found}"
    if value.isascii() and value.isdigit():
        return "a mapping file says what a code means"
    if close := get_close_matches(value.casefold(), plain, n=1, cutoff=0.7):
        return f"did you mean {plain[close[0]]}?"
    starting = [level for level in column.levels if level[:1].casefold() == value.casefold()]
    return f"did you mean {starting[0]}?" if len(starting) == 1 else ""


def _about_a_number(value: str, column: Column) -> str:
    if (found := _COMMA.fullmatch(value)) and len(found[1]) != 3:
        return f"write {value.replace(',', '.')}, with a decimal point"
    if _GROUPED.fullmatch(value):
        return (
            "write it with a decimal point and without a separator of thousands, or state the "
            'decimal mark of the column in a mapping file, decimal = "." or ","'
        )
    if _LIMIT.fullmatch(value):
        return "a limit is no measurement; leave the cell empty, or give it up in a mapping file"
    if found := _WITH_UNIT.fullmatch(value):
        unit = f", in {column.unit}" if column.unit else ""
        return f"write the number alone{unit}"
    return ""
