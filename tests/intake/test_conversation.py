"""The report leads to the book: what came of each value, a page of it, and questions one by one."""

import io
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.reading import read_source
from reanalysis.intake.asking import BLANK, LEAVE, Question, ask_all
from reanalysis.intake.check import check
from reanalysis.intake.drafting import draft_of
from reanalysis.intake.report_page import as_page

THEIRS = (
    "Case,Gender,OS,Status,Size (mm),Child-Pugh,Hospital stay\n"
    "k-1,1,412,0,31,A,9\nk-2,2,100,1,28,B,8\nk-3,1,900,2,,C,7\nk-4,1,1200,0,40,A,6\n"
)
ANSWERS = {
    ("columns", "sex", "levels", "1"): "male",
    ("columns", "sex", "levels", "2"): "female",
    ("columns", "follow_up_months", "unit"): "days",
    ("columns", "death", "levels", "0"): "0",
    ("columns", "death", "levels", "1"): "1",
    ("columns", "death", "levels", "2"): "0",
    ("columns", "child_pugh_class", "levels", "A"): "A",
    ("columns", "child_pugh_class", "levels", "B"): "B",
    ("columns", "child_pugh_class", "levels", "C"): BLANK,
}


@pytest.fixture
def theirs(tmp_path) -> Path:
    path = tmp_path / "theirs.csv"
    path.write_text(THEIRS, encoding="utf-8")
    return path


def test_it_says_first_what_can_be_done_and_last_what_to_type(theirs):
    text = check(theirs).as_text()
    first = text.splitlines()[0]
    assert "whose columns have other names than those of the data dictionary" in first
    assert "death from Status" in first
    assert f"check {theirs} --draft-mapping {theirs.with_suffix('.toml')}" in text
    # One line for all columns of other names, and not one for each.
    assert " ".join(text.split()).count("of the data dictionary; or leave them out") == 1


def test_every_value_is_shown_with_what_it_became(theirs, tmp_path):
    plan = tmp_path / "m.toml"
    draft = draft_of(theirs)
    plan.write_text(
        ask_all(draft, read_source(theirs).table, lambda q: ANSWERS[q.place]), encoding="utf-8"
    )
    report = check(theirs, plan)
    assert report.fits
    text = report.as_text()
    for line in (
        "sex from Gender: 1 -> male: 3; 2 -> female: 1",
        "death from Status: 0: 2; 1: 1; 2 -> 0: 1",
        "child_pugh_class from Child-Pugh: A: 2; B: 1; C -> (blank): 1",
        "tumor_size_cm from Size (mm): 2.8 to 4 cm, median 3.1, in 3; (blank): 1",
        "4 patients, 1 death, 7.2 person-years of follow-up",
        "row 2: patient_id k-1, sex male",
    ):
        assert line in text
    table = {entry["column"]: entry for entry in json.loads(report.as_json())["table"]}
    assert table["sex"]["values"] == [
        {"raw": "1", "level": "male", "n": 3},
        {"raw": "2", "level": "female", "n": 1},
    ]
    assert f"python -m reanalysis book --cohort {theirs} --mapping {plan}" in text


def test_the_page_holds_no_row_and_asks_for_nothing(theirs, tmp_path, capsys):
    page = tmp_path / "report.html"
    main(["check", str(theirs), "--report", str(page)])
    text = page.read_text(encoding="utf-8")
    assert "do not publish it" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert "k-1" not in text
    assert not re.search(r"https?://|<script|<link|<img|rows? \d", text)
    assert main(["check", str(theirs), "--report", str(page)]) == 2  # never over another file
    assert "name a new .html file" in capsys.readouterr().err


def test_the_page_shows_a_text_of_the_file_as_text(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text(
        "patient_id,follow_up_months,death,sex\nk-1,3,0,<script>alert(1)</script>\nk-2,4,1,male\n",
        encoding="utf-8",
    )
    page = as_page(check(path))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_questions_are_asked_until_nothing_is_open(theirs, tmp_path, monkeypatch, capsys):
    plan = theirs.with_suffix(".toml")
    # By numbers, with a slip in between; in the order in which they are asked.
    given = iter(["1", "x", "9", "2", "1", "2", "3", "3", "1", "2", "1"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(given))
    assert main(["check", str(theirs), "--interactive"]) == 0
    told = capsys.readouterr().out
    assert "what does '1' mean, which is in 3 rows?" in told
    assert "Expected a number from 1 to " in told
    assert main(["check", str(theirs), "--mapping", str(plan)]) == 0
    cohort = load_cohort(theirs, plan)
    assert list(cohort["sex"].astype(str)) == ["male", "female", "male", "male"]
    assert list(cohort["death"]) == [0, 1, 0, 0]
    assert cohort["child_pugh_class"].isna().sum() == 1
    assert main(["check", str(theirs), "--interactive"]) == 2  # somebody's work is not lost
    assert "is there already" in capsys.readouterr().err


def test_who_stops_has_written_nothing(theirs, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["check", str(theirs), "--interactive"]) == 2
    assert not theirs.with_suffix(".toml").exists()


def test_a_column_that_is_needed_and_not_found_is_asked_for(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("Case,Gone in days,Death_1_alive_0\nk,40,1\nl,50,2\n", encoding="utf-8")
    draft = draft_of(path)
    assert 'from = "?"  # perhaps "Death_1_alive_0"' in draft.text
    assert draft.candidates["follow_up_months"][0] == "Gone in days"
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        wanted = {"from": question.options[0], "unit": "days", "1": "1", "2": "0"}
        return wanted[question.place[-1]]

    plan = tmp_path / "m.toml"
    plan.write_text(ask_all(draft, read_source(path).table, ask), encoding="utf-8")
    assert list(load_cohort(path, plan)["death"]) == [1, 0]
    assert all(LEAVE not in question.options for question in asked)


def test_a_column_can_be_left_out(theirs):
    answers = {**ANSWERS, ("columns", "child_pugh_class", "levels", "A"): LEAVE}
    text = ask_all(draft_of(theirs), read_source(theirs).table, lambda q: answers[q.place])
    assert "child_pugh_class" not in tomllib.loads(text)["columns"]


@pytest.mark.skipif(os.name == "nt", reason="pipes end in another way on Windows")
def test_it_works_in_a_pipe(theirs):
    command = f'"{sys.executable}" -m reanalysis check "{theirs}" | head -n 1'
    done = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("theirs.csv does not fit yet")
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
