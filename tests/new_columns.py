"""Build everything that the data dictionary makes, in a copy of the project, and print it as JSON.

Run as a program in the copy's folder, so that all of the package reads the copy's dictionary and
no setting is needed for it: ``python new_columns.py``.
"""

import csv
import json
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pandas as pd

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.validation import examine, validate
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.intake.check import check
from reanalysis.intake.drafting import draft_mapping
from reanalysis.intake.redcap import write_instrument
from reanalysis.intake.suspicious import suspicious
from reanalysis.intake.template import PATIENTS, write_template
from reanalysis.page.table import Table


def a_cohort(patients: int = 40) -> pd.DataFrame:
    """Draw patients, as text."""
    drawn = draw_cohort(patients, seed=7)[list(load_dictionary().columns)]
    return drawn.astype("string").fillna("").astype(str)


def validation() -> dict[str, Any]:
    """Validate a drawn cohort, and one with mistakes in the new columns."""
    cells = a_cohort()
    ill = cells.copy()
    ill.loc[0, ["some_event", "some_event_months"]] = ["yes", ""]
    ill.loc[1, ["some_event", "some_event_months"]] = ["1", ""]
    ill.loc[2, ["some_event", "some_event_months"]] = ["0", "2"]
    ill.loc[3, ["some_event", "some_event_months"]] = ["1", "9999"]
    ill.loc[4, ["some_number", "some_level"]] = ["39", "middle"]
    return {
        "dtypes": validate(cells).dtypes.astype(str).to_dict(),
        "problems": [str(problem) for problem in examine(ill).problems],
    }


def template() -> dict[str, Any]:
    """Write the template, and read what Excel lets into the new columns."""
    write_template(Path("template.xlsx"))
    sheet = openpyxl.load_workbook("template.xlsx")[PATIENTS]
    rules = {str(v.sqref).partition(":")[0]: v for v in sheet.data_validations.dataValidation}
    return {
        cell.value: {
            "comment": cell.comment.text,
            "example": sheet.cell(2, cell.column).value,
            "rule": [rules[at].type, rules[at].formula1, rules[at].formula2]
            if (at := f"{cell.column_letter}2") in rules
            else None,
        }
        for cell in sheet[1]
    }


def redcap() -> dict[str, Any]:
    """Write the instrument; export a drawn cohort from it and read that back."""
    mapping = write_instrument(Path("redcap.csv"))
    with Path("redcap.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Variable / Field Name"]: row for row in csv.DictReader(file)}
    export = a_cohort()
    export["some_level"] = export["some_level"].str.replace(" ", "_")  # as the instrument codes it
    for name, column in load_dictionary().columns.items():
        if column.levels:
            export[name] = export[name].str.lower().str.replace("[^a-z0-9]+", "_", regex=True)
    export.columns = list(rows)
    export.to_csv("export.csv", index=False)
    again = load_cohort(Path("export.csv"), mapping)
    return {
        "rows": rows,
        "levels": again["some_level"].astype(str).tolist() == a_cohort()["some_level"].tolist(),
    }


def report() -> dict[str, Any]:
    """Check the synthetic cohort, which lacks the new columns, and look for what is odd."""
    odd = examine(a_cohort().assign(some_number="39.5")).typed
    odd["some_event"], odd["some_event_months"] = 1, 0.0
    whole = Path("whole.csv")
    a_cohort(300).to_csv(whole, index=False)
    drawn = check(whole)
    used = ("Toxicity", "Patient characteristics")
    return {
        "synthetic": [str(section) for section in check(paths.SYNTHETIC_COHORT).sections],
        "shown": {
            section.name: section.shown for section in drawn.sections if section.name in used
        },
        "suspicious": [suspicion.column for suspicion in drawn.suspicions],
        "odd": [str(suspicion) for suspicion in suspicious(odd)],
    }


def draft() -> dict[str, Any]:
    """Draft a mapping for a file with the new columns in other words."""
    table = pd.DataFrame(
        {
            "Some event": ["yes", "no"],
            "time to some event (weeks)": ["4", ""],
            "SOME_NUMBER": ["3.1", "4"],
            "Some level": ["Left Lobe", "VIII"],
        }
    )
    drafted = draft_mapping(table, "theirs")
    return {"recognised": drafted.recognised, "text": drafted.text}


def drawn() -> dict[str, Any]:
    """Draw a cohort, and give it whole."""
    cohort = draw_cohort(400, seed=11)
    return json.loads(cohort.to_json(orient="columns", double_precision=15))


def page() -> str:
    """Run the notebook about the columns, and tabulate what it and a cohort have of them."""
    notebook = nbformat.read(paths.NOTEBOOKS / "data_dictionary.ipynb", as_version=4)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
            exec("\n".join(lines), names)
    tables = [Table(names["stored"], "Columns"), Table(draw_cohort(5, seed=1), "Patients")]
    return "".join(table._repr_html_() for table in tables)


if __name__ == "__main__":
    assert Path.cwd() == paths.ROOT, "this is to run in a copy of the project"
    parts = (validation, template, redcap, report, draft, drawn, page)
    print(json.dumps({part.__name__: part() for part in parts}, default=str))
