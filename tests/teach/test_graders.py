"""Both graders, that of JupyterLab and that of the site, over the same answers."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.page.here import Here
from reanalysis.teach.grading import grade, parse
from reanalysis.teach.master import chapters
from reanalysis.teach.questions import Question, question

SCRIPT = ROOT / "reanalysis" / "page" / "widgets" / "js" / "grading.js"
PROGRAM = f"""
import {{ readFileSync }} from "node:fs";
const {{ grade }} = await import({json.dumps(SCRIPT.as_uri())});
const cases = JSON.parse(readFileSync(0, "utf8"));
const graded = cases.map(({{ question, answer, tries }}) => grade(question, answer, tries));
console.log(JSON.stringify(graded));
"""


def answers(asked: Question) -> list[Any]:
    """Give answers of every sort to a question, right, wrong and senseless."""
    if asked["kind"] in ("number", "point"):
        right, tolerance, unit = asked["answer"], asked["tolerance"], asked["unit"]
        shifted = [
            right + sign * k * tolerance for sign in (-1, 1) for k in (0, 1, 1.5, 2.9, 3.1, 99)
        ]
        texts = [f"{right}{unit}", f" {right} {unit} ".replace(".", ","), f"\N{MINUS SIGN}{right}"]
        whole = [round(right), round(right) + 1, *(round(m["value"]) for m in asked["mistakes"])]
        typed = ["", "x", "1.2.3", "--1", ".5", "5.", "1e3", right / 100, asked["shown"]]
        return [*shifted, *texts, *whole, *typed, *(m["value"] for m in asked["mistakes"])]
    if asked["kind"] == "choice":
        return [None, *range(len(asked["options"]) + 1)]
    places = list(range(len(asked.get("options") or asked["items"])))
    if asked["kind"] == "several":
        pairs = [[a, b] for a in places for b in places if a < b]
        rights = [k for k, option in enumerate(asked["options"]) if option["right"]]
        return [[], *([place] for place in places), *pairs, rights, places]
    turned = [[*places[k:], *places[:k]] for k in places]
    return [*turned, [*places[:-2], places[-1], places[-2]], places[1:], [0] * len(places)]


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    here = Here(load_cohort(SYNTHETIC_COHORT))
    questions = [question(c, e, here) for c in chapters().values() for e in c.exercises]
    return [
        {"question": asked, "answer": answer, "tries": tries}
        for asked in questions
        for answer in answers(asked)
        for tries in (0, 1, 5)
    ]


def test_both_graders_say_the_same(cases: list[dict[str, Any]]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("NO NODE FOUND: the graders are not compared.")
    done = subprocess.run(
        [node, "--input-type=module", "--eval", PROGRAM],
        input=json.dumps(cases),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    site = json.loads(done.stdout)
    lab = [grade(c["question"], c["answer"], c["tries"]) for c in cases]
    assert len(cases) > 1500
    assert {(g.right) for g in lab} == {True, False}
    different = [
        (case["question"]["id"], case["answer"], here, there)
        for case, here, there in zip(cases, lab, site, strict=True)
        if (here.right, here.said) != (there["right"], there["said"])
    ]
    assert different == []


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("91.2", "", 91.2),
        ("91,2 %", "%", 91.2),
        ("\N{MINUS SIGN}0.5", "", -0.5),
        (" 7.5 months ", "months", 7.5),
        (77, "", 77.0),
        ("about 3", "", None),
        ("1,234.5", "", None),
        ("", "%", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: Any, unit: str, number: float | None) -> None:
    assert parse(text, unit) == number


def test_hints_come_one_after_the_other_and_a_fraction_is_recognised() -> None:
    asked = {
        "kind": "number", "answer": 50.0, "shown": "50 %", "unit": "%", "decimals": 0,
        "tolerance": 1.0,
        "mistakes": [{"value": 20.0, "hint": "That is the other half."}],
        "hints": ["First.", "Second."],
    }  # fmt: skip
    said = [grade(asked, 90, tries).said for tries in range(3)]
    assert said == ["Too high. First.", "Too high. Second.", "Too high. Second."]
    assert grade(asked, 10).said == "Too low. First."
    assert grade(asked, "20").said == "That is the other half."
    assert "asks for percent" in grade(asked, 0.5).said
    assert grade(asked, 52.5).said.startswith("Close.")
    finer = {**asked, "answer": 50.4, "tolerance": 0.1, "decimals": 1}
    assert grade(finer, 50).said == "Rounded too far. Decimals that are asked for: 1."
    assert grade(finer, 21).said.startswith("Too low.")
    finer["mistakes"] = [{"value": 20.4, "hint": "That is the other half."}]
    assert grade(finer, 21).said == grade(finer, 20).said == "That is the other half."
    with pytest.raises(ValueError, match="no kind"):
        grade({"kind": "riddle"}, 1)
