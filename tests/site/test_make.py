"""Names of files are text to make and to the shell, whatever stands in them.

The Makefile is run with a program in the place of Python that writes down what it is given.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reanalysis.core.paths import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make")

STUB = """#!{python}
import json, os, sys
told = {{"arguments": sys.argv[1:], "cohort": os.environ.get("COHORT")}}
with open("told.jsonl", "a") as file:
    file.write(json.dumps(told) + "\\n")
"""
NAMES = {
    "quotation mark": 'x";touch pwned;"',
    "apostrophe": "x';touch pwned;'",
    "backticks": "`touch pwned`",
    "shell's substitution": "$(touch pwned)",
    "doubled": "$$(touch pwned)",
    "make's function": "$(shell touch pwned)",
    "make's function in braces": "${shell touch pwned}",
    "make's function, nested": "$(if x,$(shell touch pwned))",
    "make's own code": "$(eval $(shell touch pwned))",
    "file function": "$(file >pwned,x)",
    "line break": "x\ntouch pwned\n",
    "semicolon": "x; touch pwned",
    "pipe": "x | touch pwned",
    "background": "x & touch pwned &",
    "redirection": "x >pwned",
    "leading dash": "--help",
    "leading dash and blank": "-x touch pwned",
    "blanks": "my own  cohort.csv",
    "tilde and star": "~/*.csv",
    "backslash": 'x\\";touch pwned;\\"',
    "comment": "x # touch pwned",
    "percent and colon": "%: ; touch pwned",
    "variable": "$PATH ${HOME} $(HOME)",
    "unbalanced": "$(shell touch pwned",
    "other letters": "코호트 é.csv",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile, and an environment that is ready."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    python.write_text(STUB.format(python=sys.executable))
    python.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").touch()
    return tmp_path


def make(project: Path, *arguments: str, env: dict[str, str] | None = None) -> list[dict]:
    run = subprocess.run(
        ["make", *arguments],
        cwd=project,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | (env or {}),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert not (project / "pwned").exists(), run.stdout
    told = project / "told.jsonl"
    lines = told.read_text().splitlines() if told.exists() else []
    told.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
@pytest.mark.parametrize("target", ["book", "lab"])
def test_the_program_is_given_the_name_and_nothing_runs(
    project: Path, target: str, name: str
) -> None:
    for variable, option in (("COHORT", "--cohort"), ("MAPPING", "--mapping")):
        (told,) = make(project, target, f"{variable}={name}")
        assert told["arguments"] == ["-m", "reanalysis", target, f"{option}={name}"]
    (told,) = make(project, target, env={"COHORT": name})
    assert told["arguments"][-1] == f"--cohort={name}"


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_no_other_target_runs_a_name(project: Path, name: str) -> None:
    for target in ("help", "notebooks", "clean"):
        variables = ("COHORT", "MAPPING", "ROUND_MONTHS", "PORT", "PYTHON")
        make(project, target, *(f"{variable}={name}" for variable in variables))


def test_the_search_for_a_python_runs_no_command_either(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    for name in NAMES.values():
        run = subprocess.run(
            ["make", "book", f"PYTHON={name.replace('~/*.csv', 'x')}"],
            cwd=project,
            capture_output=True,
            text=True,
        )
        assert run.returncode
        assert not (project / "pwned").exists()


@pytest.mark.parametrize("text", ["1;touch pwned", "$(shell touch pwned)", "';touch pwned;'"])
def test_numbers_are_text_too(project: Path, text: str) -> None:
    make(project, "help", f"PORT={text}")
    (told,) = make(project, "serve", f"PORT={text}")
    assert told["arguments"][-1] == text
    (told,) = make(project, "book", "COHORT=x.csv", f"ROUND_MONTHS={text}")
    assert told["arguments"][-1] == f"--round-months={text}"


def test_without_names_there_are_no_options(project: Path) -> None:
    for target in ("book", "lab"):
        (told,) = make(project, target)
        assert told["arguments"] == ["-m", "reanalysis", target]
    (told,) = make(project, "book", "COHORT=a b.csv", "MAPPING=c.toml", "ROUND_MONTHS=1")
    assert told["arguments"][2:] == [
        *("book", "--cohort=a b.csv", "--mapping=c.toml", "--round-months=1")
    ]
    assert (
        "8000"
        in subprocess.run(
            ["make", "help"], cwd=project, capture_output=True, text=True, check=True
        ).stdout
    )
