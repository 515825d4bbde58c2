"""The master of the exercises: what each chapter has to offer, and what is refused."""

import re
from pathlib import Path

import pytest

from reanalysis.core.paths import NOTEBOOKS
from reanalysis.teach.master import Chapter, MasterError, chapters, find

EVERY = list(chapters().values())
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]
METHODS_AND_RESULTS, CRITICAL_READING = NAMES[1:11], NAMES[13:22]


def test_every_chapter_has_exercises_and_those_about_the_cohort_a_prediction() -> None:
    assert [chapter.name for chapter in EVERY] == METHODS_AND_RESULTS + CRITICAL_READING
    for chapter in EVERY:
        assert len(chapter.exercises) >= 3, chapter.name
        asked = {exercise.about for exercise in chapter.exercises}
        predicts = chapter.name in METHODS_AND_RESULTS or "cohort" in asked
        assert bool(chapter.predictions) == predicts, chapter.name


@pytest.mark.parametrize("chapter", EVERY, ids=lambda chapter: chapter.name)
def test_a_chapter_shows_what_its_master_has(chapter: Chapter) -> None:
    code = (NOTEBOOKS / f"{chapter.name}.ipynb").read_text(encoding="utf-8")
    assert f'Exercises(\\"{chapter.name}\\", ' in code
    assert all(f'Prediction(\\"{asked.id}\\", here)' in code for asked in chapter.predictions)


@pytest.mark.parametrize("chapter", EVERY, ids=lambda chapter: chapter.name)
def test_every_objective_is_tested_and_half_the_exercises_need_no_python(chapter: Chapter) -> None:
    tested = {exercise.objective for exercise in chapter.exercises}
    assert tested == {objective.id for objective in chapter.objectives}
    on_the_site = [exercise for exercise in chapter.exercises if exercise.on_the_site]
    assert 2 * len(on_the_site) >= len(chapter.exercises)
    assert len(on_the_site) < len(chapter.exercises)


def test_every_kind_of_answer_is_asked_for() -> None:
    asked = {exercise.kind for chapter in EVERY for exercise in chapter.exercises}
    assert asked == {"number", "choice", "several", "order", "point"}


def test_what_refers_to_its_page_is_not_asked_away_from_it() -> None:
    exercises = [exercise for chapter in EVERY for exercise in chapter.exercises]
    pointing = re.compile(r"\babove\b(?! \d)")
    assert [e.id for e in exercises if e.stands_alone and pointing.search(e.prompt)] == []
    assert sum(exercise.stands_alone for exercise in exercises) > 2 * 15


def test_code_is_as_narrow_as_that_of_the_notebooks() -> None:
    entries = [e for c in EVERY for e in (*c.exercises, *c.predictions)]
    wide = [entry.id for entry in entries for line in entry.code.splitlines() if len(line) > 80]
    assert wide == []


def test_an_exercise_is_found_by_its_id() -> None:
    chapter, exercise = find("lc-4")
    assert (chapter.name, chapter.number_of(exercise)) == ("08_local_control", "8.4")
    with pytest.raises(KeyError, match="there are def-1"):
        find("lc-99")


GOOD = """
title = "A chapter"
[[objective]]
id = "o"
text = "count"
[[exercise]]
id = "e"
objective = "o"
kind = "number"
level = "pencil"
about = "example"
prompt = "One and one?"
tolerance = 0.1
hints = ["Use your fingers."]
solution = "{answer}"
code = "answer = 2"
"""
BAD = {
    "nobody reads colour": GOOD + 'colour = "red"\n',
    "no objective 'p'": GOOD.replace('objective = "o"', 'objective = "p"'),
    "unknown kind": GOOD.replace('"number"', '"riddle"'),
    "lacks what a question": GOOD.replace("tolerance = 0.1\n", ""),
    "needs a title": GOOD.replace("title", "name"),
    "missing 1 required": GOOD.replace('prompt = "One and one?"\n', ""),
    "used twice": GOOD.replace('id = "e"', 'id = "o"'),
    "01_a.toml: ": GOOD + "==",
}


def test_a_master_is_read(tmp_path: Path) -> None:
    (tmp_path / "01_a.toml").write_text(GOOD, encoding="utf-8")
    (chapter,) = chapters(tmp_path).values()
    assert chapter.exercises[0].hints == ("Use your fingers.",)


@pytest.mark.parametrize("reason", BAD)
def test_a_master_that_nobody_could_use_is_refused(reason: str, tmp_path: Path) -> None:
    (tmp_path / "01_a.toml").write_text(BAD[reason], encoding="utf-8")
    with pytest.raises(MasterError, match=reason):
        chapters(tmp_path)
