"""Several centres: told apart in the report, put together from files that differ."""

import pandas as pd
import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort
from reanalysis.intake.check import check
from reanalysis.intake.deidentified import with_lettered_centres
from reanalysis.intake.drafting import draft_of
from reanalysis.intake.report_page import as_page

MANY = "patient_id,follow_up_months,death,Hospital\n" + "".join(
    f"p{i},{10 + i},{i % 2},{('Riverside Medical', 'Lakeside Medical')[i > 7]}\n" for i in range(12)
)


@pytest.mark.parametrize(
    "header", ["centre", "Center", "Hospital", "Institution", "병원", "施設", "Zentrum", "Hôpital"]
)
def test_a_centre_is_recognised_and_nobodys_name(tmp_path, header):
    path, plan = tmp_path / "theirs.csv", tmp_path / "m.toml"
    path.write_text(MANY.replace("Hospital", header), encoding="utf-8")
    plan.write_text(draft_of(path).text, encoding="utf-8")
    cohort = load_cohort(path, plan)
    assert sorted(cohort["centre"].unique()) == ["Lakeside Medical", "Riverside Medical"]


def test_each_centre_has_its_totals(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text(MANY.replace("Hospital", "centre"), encoding="utf-8")
    report = check(path)
    assert report.fits
    assert report.overview.totals[:3] == ("12 patients", "2 centres", "6 deaths")
    # By hand: 10 to 17 months, and 18 to 21.
    assert report.overview.centres == (
        "Riverside Medical: 8 patients, 4 deaths, 9.0 person-years of follow-up, median follow-up "
        "13.5 months, follow-up from 10.00 to 17.00 months",
        "Lakeside Medical: 4 patients, 2 deaths, 6.5 person-years of follow-up, median follow-up "
        "19.5 months, follow-up from 18.00 to 21.00 months",
    )
    assert "Centre by centre:" in report.as_text()
    assert "Centre by centre" in as_page(report)
    assert str(report.sections[-1]) == "Centre by centre: everything."
    path.write_text(MANY.replace("Hospital", "centre").replace("Lake", "River"), encoding="utf-8")
    assert "Centre by centre" not in check(path).as_text()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda i: ("Riverside", "riverside ")[i % 2] + "Medical", "count as 2 centres"),
        (lambda i: f"Ward {i}", "different texts in 12 patients"),
        (lambda i: "AB"[i % 2], ""),
    ],
)
def test_what_is_no_centre_is_told(tmp_path, change, told):
    path = tmp_path / "theirs.csv"
    rows = [f"p{i},{10 + i},{i % 2},{change(i)}" for i in range(12)]
    path.write_text("\n".join(["patient_id,follow_up_months,death,centre", *rows]), "utf-8")
    found = [s.message for s in check(path).suspicions if s.column == "centre"]
    assert any(told in message for message in found) if told else not found


def test_a_copy_calls_them_by_letters():
    names = [f"c{i % 28}" for i in range(56)] + [""]
    copy = with_lettered_centres(pd.DataFrame({"centre": names}))
    assert list(copy["centre"][:3]) == ["A", "B", "C"]
    assert list(copy["centre"][25:29]) == ["Z", "AA", "AB", "A"]
    assert copy["centre"].iloc[-1] == ""


def test_files_that_differ_become_one_cohort(tmp_path, capsys):
    north, south, both = tmp_path / "north.csv", tmp_path / "south.csv", tmp_path / "both.csv"
    north.write_text("patient_id,follow_up_months,death,age\na,12,1,61\nb,24,0,70\n", "utf-8")
    south.write_text("ID,FU weeks,Dead,Gender\n1,52,yes,M\n2,10,no,F\n3,20,no,F\n", "utf-8")
    assert main(["check", str(south), "--draft-mapping", str(south.with_suffix(".toml"))]) == 0
    assert main(["pool", str(both), str(north), str(south)]) == 0
    cohort = load_cohort(both)
    by = cohort.groupby("centre")
    assert by.size().to_dict() == {"north": 2, "south": 3}
    assert by["death"].sum().to_dict() == {"north": 1, "south": 1}
    assert by["follow_up_months"].max().round(3).to_dict() == {"north": 24.0, "south": 11.959}
    assert by["age"].count().to_dict() == {"north": 2, "south": 0}
    told = both.with_suffix(".txt").read_text(encoding="utf-8")
    assert "5 patients from 2 files" in told
    assert "age is blank in all patients of south." in told
    assert "3 patients of south.csv by south.toml:" in told
    report = check(both)
    assert [line.partition(":")[0] for line in report.overview.centres] == ["south", "north"]
    assert main(["pool", str(both), str(north), str(south)]) == 2  # never over another file
    assert "cannot be written" in capsys.readouterr().err


def test_what_does_not_fit_names_its_file_and_writes_nothing(tmp_path, capsys):
    (tmp_path / "other").mkdir()
    north, south, both = tmp_path / "north.csv", tmp_path / "south.csv", tmp_path / "both.csv"
    north.write_text("patient_id,follow_up_months,death\na,12,1\nb,24,0\n", "utf-8")
    south.write_text("patient_id,follow_up_months,death\na,12,1\nb,24,7\n", "utf-8")
    assert main(["pool", str(both), str(north), str(south)]) == 1
    told = capsys.readouterr().err
    assert "row 3, death of south.csv is '7'" in told
    assert f"check {south}" in told
    assert not both.exists()
    twin = tmp_path / "other" / "north.csv"
    twin.write_text(north.read_text("utf-8"), "utf-8")
    assert main(["pool", str(both), str(north), str(twin)]) == 1
    assert "Two files are called north" in capsys.readouterr().err
