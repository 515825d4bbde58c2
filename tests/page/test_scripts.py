"""The scripts of the widgets: their unit tests in Node, their linter, and what they may know."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from traitlets import TraitError

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.dose import bed_gy, eqd2_gy
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.page.widgets.base import module
from reanalysis.page.widgets.bed_calculator import BedCalculator
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.hazard_explorer import PATIENT, HazardExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.paper.register import published
from reanalysis.paper.study import ENDPOINTS, RATE_MONTHS, TERMS

SCRIPTS = sorted((ROOT / "reanalysis" / "page" / "widgets" / "js").glob("*.js"))
TESTS = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))
ENTRIES = [
    *("explorer.js", "bed_calculator.js", "cutpoint_explorer.js", "response_timeline.js"),
    *("size_glance.js", "timelines.js", "exercises.js", "prediction.js", "checkup.js"),
    *("class_sheet.js", "class_pool.js", "waiting_balance.js"),
]


def program(name: str) -> str:
    """Find a program, beside Python or on the path; without it, skip the test aloud."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name, path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if found is None:
        reason = f"NO {name.upper()} FOUND: the scripts of the widgets are not checked with it."
        if os.environ.get("REANALYSIS_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


@pytest.fixture(scope="module")
def explorer(cohort: pd.DataFrame) -> HazardExplorer:
    return HazardExplorer(cohort)


@pytest.fixture(scope="module")
def reference(explorer: HazardExplorer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Python makes of schedules and patients, for the tests in Node to compare with."""
    schedules = [
        {
            "dose": dose,
            "fractions": n,
            "alpha_beta": ab,
            "bed": bed_gy(dose, n, ab),
            "eqd2": eqd2_gy(dose, n, ab),
        }
        for dose, n in ((36.0, 3), (45.0, 3), (48.0, 3), (60.0, 4), (60.0, 3), (52.5, 7))
        for ab in (2.0, 3.0, 10.0)
    ]
    typical = dict(explorer.reference)
    others = [
        {**typical, "tumor_size_cm": 6.9, "bclc_stage": "A", "any_cr": "no"},
        {**typical, "tumor_size_cm": 0.7, "total_dose_gy": 60.0, "fractions": 4},
        {**typical, "total_dose_gy": 33.0, "fractions": 5, "afp_group": ">20"},
        {**typical, "child_pugh_class": "B", "prior_sessions": 12, "alpha_beta": 4.5},
    ]
    cases = []
    for source, models in explorer.models.items():
        for outcome, model in models.items():
            for patient in (typical, *others):
                for other in (typical, others[0]):
                    both = [
                        {**p, "bed10_gy": bed_gy(*(p[key] for key in PATIENT[1:4]))}
                        for p in (patient, other)
                    ]
                    curve = model.survival(both[0])
                    state = {
                        **patient,
                        "reference": other,
                        "source": source,
                        "outcome": outcome,
                        "month": 36,
                    }
                    cases.append(
                        {
                            "state": state,
                            "outcome": outcome,
                            "ratio": model.hazard_ratio(*both),
                            "differences": [model.difference_at(*both, m) for m in RATE_MONTHS],
                            "months": list(curve.index),
                            **{name: list(curve[name]) for name in curve},
                        }
                    )
    small = {
        "terms": [["size", None, 0.3, 2.0]],
        "cov": [[0.01]],
        "t": [3.0, 10.0, 20.0],
        "H": [0.05, 0.1, 0.2],
        "V": None,
        "Q": None,
        "ci": "log-log",
    }
    values = {
        "schedules": schedules,
        "data": {**explorer._data, "typical": typical},
        "cases": cases,
        "small": small,
    }
    path = tmp_path_factory.mktemp("scripts") / "reference.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def test_units_of_the_scripts(reference: Path) -> None:
    assert TESTS
    done = subprocess.run(
        [program("node"), "--test", *map(str, TESTS)],
        env={**os.environ, "REANALYSIS_REFERENCE": str(reference)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^\S+ (tests|pass|fail|skipped) (\d+)$", done.stdout, re.MULTILINE))
    assert int(counts["tests"]) == int(counts["pass"]) > 25


def test_the_linter_finds_nothing() -> None:
    """No name that is not declared or imported, no import that is not used or not there."""
    folders = ["reanalysis/page/widgets/js", "book/_assets/widgets.js", "tests/js"]
    done = subprocess.run(
        [program("oxlint"), "--deny-warnings", *folders],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_import_is_used(script: Path) -> None:
    """The linter takes one of the name ``h`` for used, as JSX would use it."""
    imports = re.compile(r"^import \{([^}]*)\}.*$", re.MULTILINE)
    text = script.read_text(encoding="utf-8")
    rest = imports.sub("", text)
    for names in imports.findall(text):
        for name in filter(None, map(str.strip, names.split(","))):
            assert re.search(rf"(?<![\w$])(?<![\w)\]]\.){name}\b", rest), name


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_bundle_is_one_module(entry: str, tmp_path: Path) -> None:
    """It loads where there is nothing to import from, and has a default export only."""
    text = module(entry)
    assert not re.search(r"^import\b", text, re.MULTILINE)
    path = tmp_path / "bundle.mjs"
    path.write_text(text, encoding="utf-8")
    code = f"const it = await import({json.dumps(path.as_uri())});"
    code += "console.log(Object.keys(it), typeof it.default.render);"
    done = subprocess.run(
        [program("node"), "--input-type=module", "--eval", code],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "[ 'default' ] function", done.stderr


def test_every_script_is_part_of_a_widget() -> None:
    bundles = [module(entry) for entry in ENTRIES]
    for script in SCRIPTS:
        name = re.search(
            r"^(?:export )?(?:function|const) (\w+)",
            script.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        assert name is not None
        declared = re.compile(rf"^(?:function|const) {name[1]}\b", re.MULTILINE)
        assert any(declared.search(text) for text in bundles), script.name


# What a schedule consists of is the linear-quadratic model's, not this paper's.
OF_THE_MODEL = {"total_dose_gy", "fractions"}


def words_of_the_paper() -> re.Pattern[str]:
    """Columns, endpoints, terms, treatments and the range of sizes."""
    # Not those of the dictionary: another column may be called by a word of any script.
    words = {*load_cohort(SYNTHETIC_COHORT)} - OF_THE_MODEL
    for endpoint in ENDPOINTS.values():
        words |= {endpoint.label, endpoint.event_in_words}
    words |= {term.label for term in TERMS} - {"BED"}
    words |= {
        "SBRT",
        "TACE",
        "CR",
        "AFP",
        "BCLC",
        "tumour",
        *(published(f"size.{x}") for x in ("min", "max")),
    }
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})s?\b", re.IGNORECASE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_knows_no_paper(script: Path) -> None:
    """A widget gets in its payload what it says of this paper."""
    words = words_of_the_paper()
    for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip().startswith("//"):
            assert not words.search(line), f"{script.name}, line {number}: {line}"


def test_the_payload_has_the_words(explorer: HazardExplorer, cohort: pd.DataFrame) -> None:
    data = explorer._data
    assert data["months"] == [12, 24, 36]
    assert data["time"] == "Months after SBRT"
    assert data["alpha_beta"] == 10
    assert {*data["numbers"], *data["levels"]} == set(PATIENT)
    assert {key: words["free"] for key, words in data["outcomes"].items()} == {
        "local_failure": "free of local failure",
        "death": "alive",
    }
    assert data["sources"][0]["largest"] == 6.9
    assert "0.7 to 6.9 cm" in data["sources"][0]["beyond"]
    assert "largest" not in data["sources"][1]
    assert ResponseTimeline(cohort)._data["words"]["failures"] == "local failures"
    assert CutpointExplorer(cohort)._data["month"] == 36
    assert BedCalculator()._data["numbers"]["alpha_beta"]["note"].startswith("10 Gy for tumour")


def test_the_settings_start_at_the_typical_patient(explorer: HazardExplorer) -> None:
    assert explorer.reference == {
        "tumor_size_cm": 2.0,
        "total_dose_gy": 45.0,
        "fractions": 3,
        "alpha_beta": 10.0,
        "prior_sessions": 3,
        "child_pugh_class": "A",
        "bclc_stage": "0",
        "afp_group": "<=20",
        "any_cr": "yes",
    }


@pytest.mark.parametrize("column", ["child_pugh_class", "bclc_stage", "afp_group", "any_cr"])
def test_levels_are_those_of_the_dictionary(explorer: HazardExplorer, column: str) -> None:
    dictionary = load_dictionary()
    entry = dictionary.columns.get(column) or dictionary.derived[column]
    for level in entry.levels:
        explorer.set_trait(column, level)
    with pytest.raises(TraitError):
        explorer.set_trait(column, "another")
