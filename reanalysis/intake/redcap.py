"""A REDCap instrument for a cohort, made from the data dictionary.

Two files: the data dictionary that REDCap imports, and a mapping file by which REDCap's raw export
of that instrument becomes a cohort.

REDCap takes lower case letters, digits and underscores in names and codes everywhere, and asks for
names of at most 26 characters. A longer name loses the end of its longest word; the code of a level
is its own spelling in these characters, so that an export can be read without a list of codes.
"""

import csv
import re
from pathlib import Path

from reanalysis.cohort.mapping import toml_string
from reanalysis.core.dictionary import Column, load_dictionary

FORM = "sbrt_cohort"
LONGEST_NAME = 26
# The columns of a REDCap data dictionary, in REDCap's order and words.
HEADERS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
# What REDCap adds to an export; the first is always there, the others as the project is set up.
_ADDED = {
    f"{FORM}_complete": "REDCap's mark of a finished form; every record is read",
    "redcap_event_name": "REDCap's name of the visit; the cohort has one row per patient",
    "redcap_repeat_instrument": "REDCap's, of repeated forms; the cohort has one row per patient",
    "redcap_repeat_instance": "REDCap's, of repeated forms; the cohort has one row per patient",
    "redcap_data_access_group": "REDCap's, who may see the record",
    "redcap_survey_identifier": "REDCap's, of surveys",
}


def write_instrument(path: Path) -> Path:
    """Write the data dictionary for REDCap, and beside it the mapping file for its exports.

    Parameters
    ----------
    path
        The .csv file; it is overwritten, and so is the file of the same name in .toml.

    Returns
    -------
    pathlib.Path
        The mapping file.
    """
    columns = list(load_dictionary().columns.values())
    # Without a byte order mark: REDCap would read it as part of the first header.
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS, restval="")
        writer.writeheader()
        writer.writerows(map(_field, columns))
    mapping = path.with_suffix(".toml")
    mapping.write_text(_mapping(columns), encoding="utf-8")
    return mapping


def redcap_name(name: str) -> str:
    """Give the name of a column in REDCap.

    Parameters
    ----------
    name
        A column of the data dictionary.

    Returns
    -------
    str
        The same name; one of more than 26 characters without the end of its longest word.
    """
    excess = len(name) - LONGEST_NAME
    if excess <= 0:
        return name
    longest = max(name.split("_"), key=len)
    return name.replace(longest, longest[:-excess], 1)


def shortened() -> dict[str, str]:
    """Give the columns whose name is another one in REDCap, with that name."""
    names = {name: redcap_name(name) for name in load_dictionary().columns}
    return {name: short for name, short in names.items() if short != name}


def _code(level: str) -> str:
    """Give the code of a level: its spelling in characters that REDCap takes."""
    return re.sub("[^a-z0-9]+", "_", level.lower())


def _field(column: Column) -> dict[str, str]:
    """Give the row of a column in REDCap's data dictionary."""
    row = {
        "Variable / Field Name": redcap_name(column.name),
        "Form Name": FORM,
        "Field Type": "text",
        "Field Label": _label(column),
        "Field Note": _note(column),
        "Branching Logic (Show field only if...)": _logic(column),
        "Required Field?": "y" if column.required else "",
    }
    if column.type == "event":
        row["Field Type"] = "yesno"  # stored and exported as 1 and 0
    elif column.levels:
        row["Field Type"] = "dropdown"
        choices = [f"{_code(level)}, {level}" for level in column.levels]
        row["Choices, Calculations, OR Slider Labels"] = " | ".join(choices)
    elif column.is_numeric:
        row["Text Validation Type OR Show Slider Number"] = column.type
        row["Text Validation Min"] = _limit(column.minimum)
        row["Text Validation Max"] = _limit(column.maximum)
    return row


def _label(column: Column) -> str:
    told = column.unit.lower() in column.label.lower()  # as in the number of fractions
    return column.label if told else f"{column.label} ({column.unit})"


def _note(column: Column) -> str:
    """Explain a column to those who fill the form, who see Yes and No for 1 and 0."""
    meaning = column.meaning
    if column.type == "event":
        meaning = meaning.replace("1 if", "Yes if").replace("0 if", "No if")
    late = " Not after the end of follow-up." if column.within_follow_up else ""
    return f"{meaning}{late}"


def _logic(column: Column) -> str:
    """Show what is asked of some patients only where it is asked."""
    if not column.condition:
        return ""
    other, level = column.condition
    return f"[{redcap_name(other)}] = '{_code(level)}'"


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _mapping(columns: list[Column]) -> str:
    """Give the mapping file by which a raw export becomes a cohort."""
    lines = [
        "# How REDCap's raw CSV export becomes a cohort of this book.",
        "# Delete the part of a field that you took out of the instrument.",
        "",
        'about = "REDCap, raw export of the instrument made from the data dictionary"',
    ]
    for column in columns:
        lines += ["", f"[columns.{column.name}]", f'from = "{redcap_name(column.name)}"']
        recoded = {_code(level): level for level in column.levels if _code(level) != level}
        if recoded:
            pairs = [f"{toml_string(code)} = {toml_string(to)}" for code, to in recoded.items()]
            lines.append("levels = { " + ", ".join(pairs) + " }")
    lines += ["", "[not_used]"]
    lines += [f"{name} = {toml_string(why)}" for name, why in _ADDED.items()]
    return "\n".join([*lines, ""])
