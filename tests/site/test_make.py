"""Names of files are text to make and to the shell, whatever stands in them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from stub_project import NEEDS_MAKE, make, project

__all__ = ["project"]  # pytest finds the fixture here

pytestmark = NEEDS_MAKE

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
            encoding="utf-8",
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
            ["make", "help"], cwd=project, capture_output=True, encoding="utf-8", check=True
        ).stdout
    )
