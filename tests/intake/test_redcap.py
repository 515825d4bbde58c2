"""The REDCap instrument: what REDCap's import asks of it, and whether its raw export loads."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
from cohorts import filled_where_due, ordinary

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.check import check

COLUMNS = load_dictionary().columns
# As REDCap writes them, in its order.
HEADERS = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note",'
    '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",'
    'Identifier?,"Branching Logic (Show field only if...)","Required Field?","Custom Alignment",'
    '"Question Number (surveys only)","Matrix Group Name","Matrix Ranking?","Field Annotation"'
)
NAME, CHOICES = "Variable / Field Name", "Choices, Calculations, OR Slider Labels"
LOGIC = "Branching Logic (Show field only if...)"


@pytest.fixture
def instrument(tmp_path: Path) -> Path:
    path = tmp_path / "redcap.csv"
    assert main(["redcap", str(path)]) == 0
    return path


def fields(instrument: Path) -> list[dict[str, str]]:
    with instrument.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(field: dict[str, str]) -> dict[str, str]:
    """Give the code of each choice, as REDCap splits them."""
    choices = [choice.split(",", 1) for choice in field[CHOICES].split("|")]
    return {label.strip(): code.strip() for code, label in choices}


def raw_export(instrument: Path, cohort: pd.DataFrame, added: dict[str, str]) -> pd.DataFrame:
    """Make of patients what REDCap exports of them once they are in the instrument.

    ``cohort`` holds text; its columns are those of the data dictionary, as are the fields.
    """
    export = pd.DataFrame(index=cohort.index)
    for field, column in zip(fields(instrument), COLUMNS, strict=True):
        values = cohort.get(column, pd.Series("", cohort.index))
        if field["Field Type"] == "dropdown":
            values = values.map(codes(field) | {"": ""})
        if field[LOGIC]:  # a field that is not shown has no value
            source, code = re.fullmatch(r"\[(\w+)\] = '(\w+)'", field[LOGIC]).groups()
            values = values.where(export[source] == code, "")
        export[field[NAME]] = values
        if len(export.columns) == 1:
            export = export.assign(**added)
    export["sbrt_cohort_complete"] = "2"
    assert export.notna().all(axis=None)  # every level has a code
    return export


def test_it_is_what_the_import_of_redcap_takes(instrument: Path) -> None:
    content = instrument.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert next(csv.reader([content.decode().splitlines()[0]])) == next(csv.reader([HEADERS]))
    rows = fields(instrument)
    names = [row[NAME] for row in rows]
    assert len(set(names)) == len(names) == len(COLUMNS)
    for number, row in enumerate(rows):
        assert re.fullmatch("[a-z][a-z0-9_]{,25}", row[NAME])
        assert row["Form Name"] == "sbrt_cohort" and row["Field Label"]
        assert row["Field Type"] in ("text", "dropdown", "yesno")
        assert (row["Field Type"] == "dropdown") == bool(row[CHOICES])
        assert row["Text Validation Type OR Show Slider Number"] in ("", "number", "integer")
        if row[CHOICES]:
            written = list(codes(row).values())
            assert all(re.fullmatch("[a-z0-9_]+", code) for code in written)
            assert len(set(written)) == len(written)
        if row[LOGIC]:  # asks for a field above, and one of its codes
            source, code = re.fullmatch(r"\[(\w+)\] = '(\w+)'", row[LOGIC]).groups()
            asked = rows[names.index(source, 0, number)]
            assert code in (codes(asked).values() if asked[CHOICES] else ("0", "1"))


def test_a_field_says_what_the_dictionary_says(instrument: Path) -> None:
    by_column = dict(zip(COLUMNS, fields(instrument), strict=True))
    renamed = [name for name, row in by_column.items() if row[NAME] != name]
    assert renamed == [name for name in COLUMNS if len(name) > 26]
    assert by_column["intrahepatic_recurrence_months"][NAME] == "intrahep_recurrence_months"
    assert {n for n, row in by_column.items() if row["Required Field?"] == "y"} == {
        "patient_id",
        "follow_up_months",
        "death",
    }
    size = by_column["tumor_size_cm"]
    assert (size["Text Validation Min"], size["Text Validation Max"]) == ("0.1", "30")
    assert size["Field Label"] == "Tumour size (cm)"
    assert by_column["fractions"]["Text Validation Type OR Show Slider Number"] == "integer"
    assert by_column["death"]["Field Type"] == "yesno"
    assert codes(by_column["ecog_ps"]) == {"0": "0", "1": "1", "2": "2", "1-2": "1_2"}
    shown_only = {name: row[LOGIC] for name, row in by_column.items() if row[LOGIC]}
    assert list(shown_only) == [name for name, column in COLUMNS.items() if column.condition]
    assert (
        shown_only.items()
        >= {
            "complete_response_months": "[best_response] = 'cr'",
            "local_failure_months": "[local_failure] = '1'",
            "intrahepatic_recurrence_months": "[intrahepatic_recurrence] = '1'",
            "distant_metastasis_months": "[distant_metastasis] = '1'",
        }.items()
    )


@pytest.mark.parametrize(
    "added",
    [{}, {"redcap_event_name": "visit_arm_1", "redcap_data_access_group": "site_a"}],
    ids=["plain", "longitudinal"],
)
def test_a_raw_export_loads_to_the_same_cohort(
    instrument: Path, added: dict[str, str], capsys: pytest.CaptureFixture
) -> None:
    patients = pd.read_csv(paths.SYNTHETIC_COHORT, dtype=str, keep_default_na=False)
    file, mapping = instrument.with_name("export.csv"), instrument.with_suffix(".toml")
    raw_export(instrument, patients, added).to_csv(file, index=False)
    report = check(file, mapping)
    assert report.fits and report.patients == len(patients) and report.problems == ()
    assert report.recorded == check(paths.SYNTHETIC_COHORT).recorded
    assert main(["check", str(file), "--mapping", str(mapping)]) == 0
    printed = capsys.readouterr().out
    assert "sex from sex: as it is." in printed and "a is A, b is B" in printed
    assert all(f"{name} not used: " in printed for name in [*added, "sbrt_cohort_complete"])
    # The labels of patients are new in a cohort that may be somebody's.
    pd.testing.assert_frame_equal(
        load_cohort(file, mapping).drop(columns="patient_id"),
        load_cohort().drop(columns="patient_id"),
    )


def test_every_level_comes_back(instrument: Path) -> None:
    patients = ordinary(60)
    for name, column in COLUMNS.items():
        if column.levels:
            patients[name] = [column.levels[i % len(column.levels)] for i in range(60)]
    patients = filled_where_due(patients).astype("string").fillna("").astype(str)
    file, mapping = instrument.with_name("export.csv"), instrument.with_suffix(".toml")
    raw_export(instrument, patients, {}).to_csv(file, index=False)
    cohort = load_cohort(file, mapping)
    for name, column in COLUMNS.items():
        if column.levels:
            read = cohort[name].astype("string").fillna("")
            assert read.tolist() == patients[name].tolist()


def test_an_export_of_labels_is_refused(instrument: Path) -> None:
    """REDCap can export 'Yes' and labels as well; nothing is guessed about them."""
    patients = pd.read_csv(paths.SYNTHETIC_COHORT, dtype=str, keep_default_na=False)
    export = raw_export(instrument, patients, {})
    export["death"] = export["death"].map({"0": "No", "1": "Yes"})
    file = instrument.with_name("export.csv")
    export.to_csv(file, index=False)
    with pytest.raises(InvalidCohort) as refusal:
        load_cohort(file, instrument.with_suffix(".toml"))
    assert {problem.column for problem in refusal.value.problems} == {"death"}


@pytest.mark.parametrize("there", ["redcap.csv", "redcap.toml"])
def test_nothing_is_written_over_a_file(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / there).write_text("mine", encoding="utf-8")
    assert main(["redcap", str(tmp_path / "redcap.csv")]) == 2
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine"]
    assert "new file" in capsys.readouterr().err


def test_the_new_name_is_said(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["redcap", str(tmp_path / "redcap.csv")]) == 0
    assert "intrahep_recurrence_months" in capsys.readouterr().out
    assert main(["redcap", str(tmp_path / "redcap.xlsx")]) == 2
