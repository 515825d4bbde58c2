"""Exercises on a cohort: every solution runs, every wrong answer gets the reason meant for it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from private_cohorts import private_cohort

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy, with_policy
from reanalysis.core.disclosure import HIDDEN, MADE_UP
from reanalysis.core.errors import CannotShow
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.here import Here
from reanalysis.teach.grading import NO_NUMBER, grade
from reanalysis.teach.master import Exercise, Prediction, chapters
from reanalysis.teach.questions import Question, filled, prediction, question, run

EXERCISES = {e.id: (c, e) for c in chapters().values() for e in c.exercises}
PREDICTIONS = {p.id: p for c in chapters().values() for p in c.predictions}


@pytest.fixture(scope="module")
def here() -> Here:
    return Here(load_cohort(SYNTHETIC_COHORT))


@pytest.fixture(scope="module")
def private() -> Here:
    """A cohort of 105 patients, nearly every small number of which is hidden."""
    return Here(with_policy(derive(private_cohort(105, 5)), private_policy()))


def wrong_numbers(asked: Question) -> list[tuple[Any, str]]:
    mistakes = [(mistake["value"], mistake["hint"]) for mistake in asked["mistakes"]]
    return [*mistakes, ("many", NO_NUMBER), ("", NO_NUMBER)]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_answers_and_each_error_is_told_apart(name: str, here: Here) -> None:
    chapter, exercise = EXERCISES[name]
    asked = question(chapter, exercise, here)
    assert "missing" not in asked and asked["solution"]
    assert "{" not in asked["prompt"] + asked["solution"]
    if exercise.kind in ("number", "point"):
        # What is shown as the answer is taken for it, in the digits that the reader is asked for.
        assert grade(asked, asked["shown"].replace(exercise.unit, "")).right
        assert grade(asked, asked["answer"]).right
        # In one cohort or another an error may happen to give the answer.
        if exercise.about != "cohort":
            assert len(asked["mistakes"]) == len(exercise.mistakes), "a mistake is the answer"
        for value, said in wrong_numbers(asked):
            graded = grade(asked, value)
            assert not graded.right and graded.said == said, (value, graded.said)
    elif exercise.kind == "choice":
        for place, option in enumerate(asked["options"]):
            graded = grade(asked, place)
            assert graded.right == option["right"] and option["why"] in graded.said
    elif exercise.kind == "several":
        rights = [k for k, option in enumerate(asked["options"]) if option["right"]]
        assert grade(asked, rights).right
        assert "one more holds" in grade(asked, rights[1:]).said
        wrong = next(k for k, option in enumerate(asked["options"]) if not option["right"])
        assert asked["options"][wrong]["why"] in grade(asked, [*rights, wrong]).said
    else:
        order = list(range(len(asked["items"])))
        assert grade(asked, order).right
        assert not grade(asked, order[::-1]).right


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_has_its_result_within_reach_of_the_slider(name: str, here: Here) -> None:
    made = prediction(PREDICTIONS[name], here)
    low, high = made["range"]
    assert low <= made["answer"] <= high
    assert low <= PREDICTIONS[name].start <= high
    assert abs(made["answer"] - PREDICTIONS[name].start) > 2 * made["step"], "no surprise"
    if "curve" in made:
        before = [t <= made["at"] for t in made["curve"]["times"]]
        last = made["curve"]["values"][sum(before) - 1]
        assert last == pytest.approx(made["answer"], abs=0.06)


def test_answers_about_the_cohort_follow_the_cohort(here: Here) -> None:
    other = Here(draw_cohort(302, 7))
    changed = 0
    for chapter, exercise in EXERCISES.values():
        ours, theirs = (question(chapter, exercise, h) for h in (here, other))
        same = ours.get("mark") == theirs.get("mark")
        if exercise.about != "cohort":
            assert same, exercise.id
        changed += not same
    assert changed >= 8


def test_code_about_the_paper_cannot_see_the_cohort(here: Here) -> None:
    peeking = Exercise("p", "o", "number", "pencil", "paper", "?", "!", code="answer = len(cohort)")
    with pytest.raises(NameError):
        run(peeking, here)


def test_a_private_cohort_is_asked_about_only_in_what_may_be_shown(private: Here) -> None:
    asked = {n: question(c, e, private) for n, (c, e) in EXERCISES.items() if e.about == "cohort"}
    offered = {name: made for name, made in asked.items() if "missing" not in made}
    assert offered and len(offered) < len(asked)
    # Four patients or fewer: the reason stands in the exercise's place.
    both = (private.cohort["child_pugh_class"] == "B") & (private.cohort["ecog_group"] == "1-2")
    assert 0 < both.sum() < private.policy.smallest
    assert "answer" not in asked["pc-5"] and "fewer than" in asked["pc-5"]["missing"]
    for name, made in offered.items():
        if "answer" in made:
            digits = f"{made['answer']:g}".replace(".", "").strip("0")
            assert len(digits) <= 2 or made["answer"] % private.policy.multiple == 0, name
        for mistake in made.get("mistakes", ()):
            assert np.isfinite(mistake["value"])
        if "curve" in made:
            assert all(month % 1 == 0 for month in made["curve"]["times"]), name


def test_the_exact_answer_of_a_private_cohort_is_as_right_as_the_rounded_one(private: Here) -> None:
    exact = Here(with_policy(private.cohort, MADE_UP))
    graded = {}
    for name, (chapter, exercise) in EXERCISES.items():
        asked = question(chapter, exercise, private)
        if exercise.about == "cohort" and exercise.kind == "number" and "answer" in asked:
            answer = question(chapter, exercise, exact)["answer"]
            graded[name] = grade(asked, answer).right and grade(asked, asked["answer"]).right
    assert len(graded) > 5 and all(graded.values()), graded


@pytest.mark.parametrize(
    "code",
    [
        'answer = (cohort["death"] == 1).sum()',
        'answer = float((cohort["death"] == 1).mean())',
        'answer = here.count(cohort["age"].rank() < 4)',
        'answer = here.value("km36.OS")',
        'answer = "hidden"',
    ],
)
def test_an_answer_without_a_rule_is_not_offered(code: str, private: Here) -> None:
    asked = Prediction("p", "?", (0.0, 1.0), 0.1, 0.0, code=code, after="{answer}")
    with pytest.raises(CannotShow):
        prediction(asked, private)


def test_other_names_of_a_private_cohort_read_as_hidden(private: Here) -> None:
    chapter, _ = EXERCISES["pc-5"]
    leaking = Exercise(
        "p", "pc-overlap", "choice", "python", "cohort", "?", "{deaths} of {all_of_them}.",
        code="deaths = cohort['death'].sum()\nall_of_them = here.count(cohort)",
    )  # fmt: skip
    exercises = (*chapter.exercises, leaking)
    made = question(
        chapter.__class__(chapter.name, "T", chapter.objectives, exercises), leaking, private
    )
    assert made["solution"] == f"{HIDDEN} of 105."


def test_a_cohort_without_the_columns_is_told_so() -> None:
    small = pd.DataFrame(
        {
            "patient_id": list("abcd"),
            "follow_up_months": [3.0, 9.0, 12.0, 40.0],
            "death": [1, 0, 1, 0],
        }
    )
    few = Here(with_policy(derive(small), MADE_UP))
    made = {name: question(c, e, few) for name, (c, e) in EXERCISES.items()}
    assert "does not record" in made["rr-3"]["missing"]
    assert all("missing" not in made[n] for n, (_, e) in EXERCISES.items() if e.about != "cohort")


def test_names_and_published_numbers_are_filled() -> None:
    template = "{x} and {y} of {N}"
    assert filled(template, {"x": 1.25, "y": "3"}, 1) == "1.3 and 3 of 302"
