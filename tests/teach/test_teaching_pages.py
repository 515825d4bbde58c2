"""What the pages to teach with say: objectives, exercises and numbers that there are."""

import math
import re

import nbformat
import pytest

from reanalysis.core.formatting import counts_behind, percent, rounded
from reanalysis.core.paths import NOTEBOOKS, ROOT
from reanalysis.paper.register import published
from reanalysis.teach.master import Chapter, chapters

SHEET = " ".join((ROOT / "book" / "cheat-sheet.md").read_text(encoding="utf-8").split())


def prose(name: str) -> str:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return " ".join("\n".join(cells).replace("\n> ", "\n").split())


@pytest.mark.parametrize("chapter", chapters().values(), ids=lambda chapter: chapter.name)
def test_a_chapter_begins_with_the_objectives_that_its_exercises_test(chapter: Chapter) -> None:
    told = "; ".join(f"to {objective.text}" for objective in chapter.objectives)
    assert f"**You will learn** {told}." in prose(chapter.name)


def test_exercises_that_the_guide_names_fit_their_place() -> None:
    guide = prose("teaching")
    levels = {
        chapter.number_of(exercise): exercise.level
        for chapter in chapters().values()
        for exercise in chapter.exercises
    }
    with_python = re.findall(r"Exercises in JupyterLab, in pairs: ([\d., ]+)", guide)[0]
    assert {levels[number] for number in re.findall(r"\d+\.\d+", with_python)} == {"python"}
    ninety = guide.partition("## Ninety minutes")[2].partition("## Half a day")[0]
    cells = re.findall(r"\| ((?:\d+\.\d+(?:, )?)+) \|", ninety)
    named = [number for cell in cells for number in cell.split(", ")]
    assert len(named) >= 9 and "python" not in {levels[number] for number in named}


def test_the_guide_says_what_follows_from_the_printed_numbers() -> None:
    guide = prose("teaching")
    patients, responders = int(published("N")), int(published("resp.anyCR.n"))
    (early,) = counts_behind(published("cr.3mo"), responders)
    waiting, later = patients - early, responders - early
    assert f"At least {later} of {waiting}" in guide and 0.9 < later / waiting < 0.95
    assert f"{patients - responders} tumours without any CR" in guide
    free = float(published("km36.LC")) / 100
    assert f"{rounded(100 - 100 * free, 1)} % by the curve" in guide
    assert f"'the hazard is {rounded(-100 * math.log(free), 1)} %'" in guide
    assert f"'{percent(int(published('lf.n')), patients)} % failed" in guide


def test_the_cheat_sheet_quotes_the_paper_as_the_register_has_it() -> None:
    whole, part = published("N"), published("resp.anyCR.n")
    assert f"{published('cr.3mo')} % are of {part}, not of {whole}" in SHEET
    free, alive = published("km36.DMFS"), published("km36.OS")
    assert f"{free} % 'metastasis-free' with {alive} % alive" in SHEET
    ratio = float(published("OS.u.bed.HR"))
    assert f"per Gy10 {ratio} looks small: over 33 Gy10 it is {ratio**33.3:.2f}" in SHEET
    assert f"{published('lf.n')} failures, five variables" in SHEET
    assert f"p < {published('stat.entry')} lets one in five" in SHEET
