"""A drafted mapping proposes what names and spellings tell, and asks for everything else."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.drafting import draft_mapping, draft_of

TABLE = pd.DataFrame(
    {
        "Case": ["a1", "a2", "a3"],
        "Gender": ["M", "F", "M"],
        "Age": ["61", "58", "70"],
        "CPS": ["Child-Pugh A", "B", "NA"],
        "Hepatitis": ["HBV only", "HCV", "both"],
        "Tumor size (mm)": ["21", "30", "12"],
        "AFP": ["<400", "12", "7"],
        "OS in weeks": ["52", "104.5", "10"],
        "Died": ["1", "2", "1"],
        "Smoker": ["0", "1", "0"],
    }
)


@pytest.fixture
def drafted() -> dict:
    return tomllib.loads(draft_mapping(TABLE, "theirs.csv").text)


def test_columns_units_and_spellings_are_proposed(drafted):
    columns = drafted["columns"]
    assert {name: entry["from"] for name, entry in columns.items()} == {
        "patient_id": "Case",
        "age": "Age",
        "sex": "Gender",
        "child_pugh_class": "CPS",
        "etiology": "Hepatitis",
        "tumor_size_cm": "Tumor size (mm)",
        "afp_ng_ml": "AFP",
        "follow_up_months": "OS in weeks",
        "death": "Died",
    }
    assert columns["tumor_size_cm"]["unit"] == "mm"
    assert columns["follow_up_months"]["unit"] == "weeks"
    assert columns["sex"]["levels"] == {"M": "male", "F": "female"}
    assert columns["child_pugh_class"]["levels"] == {"Child-Pugh A": "A"}
    assert drafted["missing"] == ["NA"]
    assert list(drafted["not_used"]) == ["Smoker"]


def test_what_only_the_owner_knows_is_asked(drafted, tmp_path):
    columns = drafted["columns"]
    assert columns["etiology"]["levels"] == {"HBV only": "HBV", "HCV": "HCV", "both": "?"}
    assert columns["afp_ng_ml"]["unit"] == "?"
    assert columns["death"]["levels"] == {"1": "?", "2": "?"}
    draft = draft_mapping(TABLE, "theirs.csv")
    assert draft.asked == 4
    assert 'set_blank = { "<400" = "why" }' in draft.text
    plan = tmp_path / "draft.toml"
    plan.write_text(draft.text, encoding="utf-8")
    with pytest.raises(InvalidCohort) as caught:
        load_mapping(plan)
    assert {p.column for p in caught.value.problems} == {
        "columns.etiology.levels.both",
        "columns.afp_ng_ml.unit",
        "columns.death.levels.1",
        "columns.death.levels.2",
    }


def test_a_draft_is_edited_and_used(tmp_path, capsys):
    path, plan = tmp_path / "theirs.csv", tmp_path / "draft.toml"
    TABLE.to_csv(path, index=False)
    assert main(["check", str(path), "--draft-mapping", str(plan)]) == 0
    assert "9 columns were recognised, and 4 units and codes are left" in capsys.readouterr().out
    assert main(["check", str(path), "--draft-mapping", str(plan)]) == 2
    assert "is there already" in capsys.readouterr().err
    text = plan.read_text(encoding="utf-8")
    for question, answer in (
        ('unit = "?"', 'set_blank = { "<400" = "a limit" }\nunit = "ng/mL"'),
        ('"1" = "?", "2" = "?"', '"1" = "1", "2" = "0"'),
        ('"both" = "?"', '"both" = "NBNC"'),
    ):
        assert question in text
        text = text.replace(question, answer)
    plan.write_text(text, encoding="utf-8")
    cohort = load_cohort(path, plan)
    assert list(cohort["death"]) == [1, 0, 1]
    assert list(cohort["sex"]) == ["male", "female", "male"]
    assert cohort["tumor_size_cm"].tolist() == pytest.approx([2.1, 3.0, 1.2])
    assert main(["check", str(path), "--mapping", str(plan)]) == 0
    assert "sex from Gender: F is female, M is male" in capsys.readouterr().out


def test_names_of_the_dictionary_need_no_synonym():
    table = pd.DataFrame({"DEATH": ["0"], "follow_up_months": ["1"], "Status": ["1"]})
    draft = draft_mapping(table, "x")
    assert draft.recognised == {"follow_up_months": "follow_up_months", "death": "DEATH"}
    assert draft.asked == 0


def test_synonyms_lead_to_columns_and_levels_of_the_dictionary():
    columns = load_dictionary().columns
    raw = tomllib.loads(Path(paths.SYNONYMS).read_text(encoding="utf-8"))
    assert set(raw["columns"]) <= set(columns)
    names = [name for others in raw["columns"].values() for name in others]
    assert len(names) == len(set(names))
    for name, levels in raw["levels"].items():
        allowed = ("0", "1") if name == "event" else columns[name].levels
        assert set(levels) <= set(allowed)
        spellings = [spelling for others in levels.values() for spelling in others]
        assert not any(spelling.isdigit() for spelling in spellings)


def test_a_time_to_death_completes_one_to_the_last_follow_up(tmp_path):
    path = tmp_path / "gdc.tsv"
    path.write_text(
        "case_id\tvital_status\tdays_to_death\tdays_to_last_followup\tgender\n"
        "a\tDead\t400\t'--\tmale\nb\tAlive\t'--\t900\tfemale\n"
        "c\tDead\t70\t[Not Available]\tmale\n",
        encoding="utf-8",
    )
    draft = draft_of(path)
    assert draft.asked == 0
    assert tomllib.loads(draft.text)["missing"] == ["'--", "[Not Available]"]
    plan = tmp_path / "m.toml"
    plan.write_text(draft.text, encoding="utf-8")
    cohort = load_cohort(path, plan)
    assert list(cohort["follow_up_months"] * 30.4375) == pytest.approx([400, 900, 70])
    assert list(cohort["death"]) == [1, 0, 1]
