"""A mapping makes the columns of the dictionary, and says what it did or why it cannot."""

import time
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.loading import provenance
from reanalysis.cohort.made import apply_mapping, unused
from reanalysis.cohort.mapping import ColumnMapping, Mapping
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.core import paths
from reanalysis.core.disclosure import Policy
from reanalysis.core.errors import InvalidCohort, Problem

TABLE = pd.DataFrame(
    {
        "No": ["a", "b", "c", "d"],
        "OS": ["52", "104.5", "NA", "10"],
        "Sex": ["1", "2", "1", "2"],
        "CPS": ["A", "B", "C", "D"],
        "Size": ["20", "", "35", "7"],
        "Smoker": ["0", "1", "0", "1"],
    },
    dtype=str,
)


def mapping_file(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(InvalidCohort) as caught:
        load_mapping(mapping_file(folder, text))
    return list(caught.value.problems)


def test_units_levels_blanks_and_their_report(tmp_path):
    mapping = load_mapping(
        mapping_file(
            tmp_path,
            """
            missing = ["NA"]
            columns.patient_id.from = "No"
            columns.follow_up_months = { from = "OS", unit = "weeks" }
            columns.sex = { from = "Sex", levels = { 1 = "male", 2 = "female" } }
            columns.tumor_size_cm = { from = "Size", unit = "mm", note = "reader 1" }
            [columns.child_pugh_class]
            from = "CPS"
            set_blank = { C = "not eligible", D = "not eligible", E = "no such class" }
            [not_used]
            Smoker = "no column for it"
            """,
        )
    )
    mapped, report = apply_mapping(TABLE, mapping)
    months = mapped["follow_up_months"]
    assert float(months[0]) == pytest.approx(52 * 7 / 30.4375, rel=1e-15)
    assert list(months[[2]]) == [""]
    assert list(mapped["sex"]) == ["male", "female", "male", "female"]
    assert list(mapped["child_pugh_class"]) == ["A", "B", "", ""]
    assert [float(size or "nan") for size in mapped["tumor_size_cm"]] == pytest.approx(
        [2.0, float("nan"), 3.5, 0.7], nan_ok=True
    )

    report = report.set_index("column")
    assert report.loc["child_pugh_class", "what was done"] == (
        "left blank: C in 1, D in 1 (not eligible); left blank: E in none (no such class)"
    )
    assert report.loc["tumor_size_cm", "what was done"] == "mm times 0.1; reader 1"
    assert report.loc["sex", "what was done"] == "1 is male, 2 is female"
    assert report.loc["patient_id", "what was done"] == "as it is"
    assert list(report["left blank"]) == [0, 1, 0, 1, 2]

    assert unused(TABLE, mapping).to_dict("records") == [
        {"column": "Smoker", "why": "no column for it"}
    ]


def test_codes_that_trade_places_do_so_at_once():
    swap = ColumnMapping("death", "Smoker", levels={"0": "1", "1": "0"})
    mapped, _ = apply_mapping(TABLE, Mapping((swap,)))
    assert list(mapped["death"]) == ["1", "0", "1", "0"]


def test_columns_left_out_without_a_reason_are_listed_too():
    left = unused(TABLE, Mapping((ColumnMapping("patient_id", "No"),), not_used={"CPS": "why"}))
    assert list(left["column"]) == ["CPS", "OS", "Sex", "Size", "Smoker"]
    assert list(left["why"]) == ["why", "", "", "", ""]


def test_a_column_that_the_file_lacks_is_named():
    mapping = Mapping((ColumnMapping("age", "Age"), ColumnMapping("death", "Died")))
    with pytest.raises(InvalidCohort) as caught:
        apply_mapping(TABLE, mapping)
    assert [p.column for p in caught.value.problems] == ["Age", "Died"]


def test_a_cell_that_cannot_be_converted_is_named_with_its_row():
    mapping = Mapping((ColumnMapping("follow_up_months", "OS", unit="weeks"),))
    with pytest.raises(InvalidCohort) as caught:
        apply_mapping(TABLE, mapping)
    assert caught.value.problems == (Problem(4, "OS", "NA", "a number"),)


def test_every_mistake_in_a_mapping_file_is_named(tmp_path):
    found = refused(
        tmp_path,
        """
        mising = ["NA"]
        columns.Age.from = "age"
        columns.age.unit = "weeks"
        columns.sex = { from = "Sex", levels = { 1 = "man" }, codes = 2 }
        columns.death = "Died"
        columns.ecog_ps = { from = "PS", set_blank = "3" }
        columns.fractions = { from = "n", unit = "Gy" }
        """,
    )
    assert {p.column for p in found} == {
        "of mapping.toml",
        "columns.Age",
        "columns.age.from",
        "columns.age.unit",
        "columns.sex.levels.1",
        "columns.sex.codes",
        "columns.death",
        "columns.ecog_ps.set_blank",
        "columns.fractions.unit",
    }


def test_a_file_that_is_not_toml_is_refused(tmp_path):
    assert "TOML" in refused(tmp_path, "columns = [")[0].expected


def test_the_report_tells_no_small_number_of_patients() -> None:
    table = pd.DataFrame({"CPS": ["A"] * 20 + ["C"] * 7 + ["D"] + ["?"] * 6}, dtype=str)
    entry = ColumnMapping("child_pugh_class", "CPS", set_blank={"C": "x", "D": "x", "?": "y"})
    _, report = apply_mapping(table, Mapping((entry,)), policy=Policy(5, 1))
    # Of the whole, 14, the 1 would follow if it alone were hidden.
    assert report.loc[0, "what was done"] == (
        "left blank: C in 7, D in a hidden number (x); left blank: ? in a hidden number (y)"
    )
    assert report.loc[0, "left blank"] == 14
    _, report = apply_mapping(table.iloc[19:], Mapping((entry,)), policy=Policy(5, 1))
    assert report.loc[0, "left blank"] == "hidden"  # one patient has a value


def test_provenance_hides_small_numbers_of_patients_only(tmp_path, monkeypatch):
    lines = ["patient_id,follow_up_months,death,age"]
    lines += [f"P{i},{i + 1},0,{'' if i < 3 else 60}" for i in range(30)]
    path = tmp_path / "ours.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert list(provenance(path)["left blank"]) == [0, 0, 0, "hidden"]
    monkeypatch.setattr(paths, "SYNTHETIC_COHORT", path.resolve())
    assert list(provenance(path)["left blank"]) == [0, 0, 0, 3]


HOSTILE = {
    "arrays in arrays": "a = " + "[" * 40_000 + "]" * 40_000,
    "tables in tables": "a = " + "{a=" * 40_000,
    "a key without end": "a" + ".a" * 100_000 + " = 1",
    "a key that is deep": "columns.sex.levels" + ".a" * 400 + " = 1",
    "digits without end": "a = " + "9" * 200_000,
    "large": 'about = "' + "x" * 300_000 + '"',
    "codes without end": '[columns.sex]\nfrom = "sex"\nlevels = { '
    + ", ".join(f'k{i} = "male"' for i in range(9_000))
    + " }",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_mapping_is_refused_at_once_and_in_words(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    start = time.process_time()
    with pytest.raises(InvalidCohort) as refusal:
        load_mapping(path)
    assert time.process_time() - start < 2
    assert 20 < len(str(refusal.value)) < 500
