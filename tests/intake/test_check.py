"""The report on a file: everything that is wrong, what is odd, what the book will show, and why."""

import json
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.__main__ import main
from reanalysis.analysis.regression import cox, hindrance
from reanalysis.cohort.derived import derive
from reanalysis.cohort.reading import read_table
from reanalysis.cohort.validation import examine
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import CannotShow, NotEstimable
from reanalysis.intake.check import check
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, SIZE

MINIMAL = "patient_id,follow_up_months,death\nA1,12.5,1\nA2,40,0\nA3,8,0\n"


def written(folder: Path, text: str, name: str = "cohort.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cohort_that_fits(tmp_path, capsys):
    assert main(["check", str(written(tmp_path, MINIMAL))]) == 0
    told = capsys.readouterr().out
    assert told.startswith("cohort.csv fits: 3 patients, 3 columns. The book can be built")
    assert told.rstrip().endswith(f"python -m reanalysis book --cohort {tmp_path / 'cohort.csv'}")
    assert "problem" not in told
    assert "Local control: nothing, because it needs Local failure (local_failure)" in told
    assert "Overall survival: all but what needs Age (age), ECOG" in told


def test_every_problem_is_told_once_with_its_rows(tmp_path, capsys):
    rows = "".join(f"P{i},12,{'yes' if i % 2 else 0},M\n" for i in range(20))
    path = written(tmp_path, "patient_id,follow_up_months,death,sex\n" + rows)
    assert main(["check", str(path)]) == 1
    told = capsys.readouterr().out
    assert told.startswith(
        "cohort.csv does not fit yet: 2 things stand in the way, in 30 problems among 20 rows.\n"
    )
    told = " ".join(told.split())
    assert "rows 3, 5, 7, 9, 11 and 5 more, death is 'yes': expected 0 or 1; write 1 for" in told
    assert "rows 2, 3, 4, 5, 6 and 15 more, sex is 'M': expected one of male, female" in told
    assert "--draft-mapping" in told


def test_many_values_of_one_mistake_are_one_line(tmp_path, capsys):
    rows = "".join(f"P{i},{i}x,0\n" for i in range(150))
    main(["check", str(written(tmp_path, "patient_id,follow_up_months,death\n" + rows))])
    told = capsys.readouterr().out
    told = " ".join(told.split())
    assert "follow_up_months is '0x', '1x', '2x', '3x' and 146 others: expected a number" in told
    assert told.count("follow_up_months is") == 1


def test_the_report_for_a_program_holds_the_same(tmp_path, capsys):
    text = MINIMAL.replace("12.5,1", "x,1").replace(",", ";")
    assert main(["check", "--json", str(written(tmp_path, text))]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["fits"] is False
    assert report["read"] == ["Values are separated by semicolons."]
    assert report["problems"] == [
        {
            "row": 2,
            "column": "follow_up_months",
            "value": "x",
            "expected": "a number of at least 0",
            "hint": "",
            "message": "row 2, follow_up_months is 'x': expected a number of at least 0",
        }
    ]
    shown = {section["section"]: section for section in report["sections"]}
    assert shown["Recurrence"]["shown"] == "nothing"
    assert "distant_metastasis" in shown["Recurrence"]["missing"]
    assert report["limits"] == []


def test_an_unreadable_file_is_a_report_too(tmp_path, capsys):
    path = tmp_path / "cohort.xlsx"
    path.write_bytes(b"%PDF-1.7\n")
    assert main(["check", "--json", str(path)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["patients"] == 0
    assert [p["message"] for p in report["problems"]] == [
        "The file cohort.xlsx is a PDF document; save the table as .xlsx or as 'CSV UTF-8'."
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "no_such_file.csv"],
        ["check", str(paths.SYNTHETIC_COHORT), "--mapping", "no_such_file.toml"],
    ],
)
def test_a_file_that_is_not_there_is_wrong_usage(words, capsys):
    assert main(words) == 2
    assert "There is no file no_such_file" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["check"], ["check", "a.csv", "--jsno"], ["chekc", "a.csv"]])
def test_a_command_that_cannot_be_understood_is_wrong_usage(words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_what_a_mapping_did_is_told(tmp_path, capsys):
    path = written(tmp_path, "No,OS,Died,Smoker\n1,52,1,0\n2,104,0,1\n")
    plan = written(
        tmp_path,
        '[columns]\npatient_id.from = "No"\nfollow_up_months = { from = "OS", unit = "weeks" }\n'
        'death.from = "Died"\n',
        "mapping.toml",
    )
    assert main(["check", str(path), "--mapping", str(plan)]) == 0
    told = capsys.readouterr().out
    assert "follow_up_months from OS: weeks times 0.229979. Blank in 0." in told
    assert "Not used either: Smoker." in told


def test_the_synthetic_cohort_shows_everything_that_it_has_columns_for():
    report = check(paths.SYNTHETIC_COHORT)
    assert report.fits
    assert not report.suspicions
    recorded = set(read_table(paths.SYNTHETIC_COHORT))
    missing = {name for section in report.sections for name in section.missing}
    # No section is made of a text.
    texts = {c.name for c in load_dictionary().columns.values() if c.type == "text"}
    assert missing == set(load_dictionary().columns) - recorded - texts
    assert "nothing" not in {section.shown for section in report.sections}
    assert report.limits == (
        "Local control, hazard ratios: No local failure among patients with Child-Pugh class B.",
    )


def test_why_a_result_cannot_be_given(tmp_path):
    text = (
        "patient_id,age,tumor_size_cm,follow_up_months,death,local_failure,local_failure_months\n"
        "A1,60,2,12,1,0,\nA2,60,3,20,0,0,\nA3,60,4,30,1,0,\n"
    )
    limits = check(written(tmp_path, text)).limits
    assert limits == (
        "Local control: local failure in none of 3 patients, so its curve stays at 100 % and "
        "nothing can be compared.",
        "Overall survival: no rate at 36 months, because nobody was observed for longer than 30.0.",
        "Overall survival, hazard ratios: Age is the same in every patient.",
    )


@pytest.mark.parametrize("endpoint", [LOCAL_CONTROL, OVERALL_SURVIVAL])
def test_what_check_announces_is_what_the_model_says(endpoint):
    table = pd.read_csv(paths.SYNTHETIC_COHORT, dtype=str, keep_default_na=False)
    cohort = derive(examine(table).typed)
    for changed in (cohort, cohort.head(1), cohort.drop(columns="tumor_size_cm")):
        announced = hindrance(changed, endpoint, [SIZE])
        try:
            cox(changed, endpoint, [SIZE])
        except CannotShow as reason:
            assert str(reason) == str(announced)
            assert isinstance(announced, type(reason))
        else:
            assert announced is None
    assert isinstance(hindrance(cohort.head(1), endpoint, [SIZE]), NotEstimable)


def test_what_the_book_will_show_counts_what_a_mapping_makes(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("ID,FU months,Dead\na,12,1\nb,13,0\nc,14,0\n", encoding="utf-8")
    report = check(path)
    assert report.sections_heading == "What the book will show, once its columns are mapped"
    assert "Overall survival: all but what needs" in report.as_text()
    own = tmp_path / "own.csv"
    own.write_text("patient_id,follow_up_months,death\na,12,1\nb,13,0\n", encoding="utf-8")
    assert check(own).sections_heading == "What the book will show"


def test_one_value_that_is_not_listed_is_one_other(tmp_path):
    path = tmp_path / "theirs.csv"
    rows = [f"p{i},12,0,{age}" for i, age in enumerate((4, 5, 6, 7, 8))]
    path.write_text("\n".join(["patient_id,follow_up_months,death,age", *rows]), encoding="utf-8")
    assert "'4', '5', '6', '7' and 1 other: expected" in " ".join(check(path).as_text().split())
