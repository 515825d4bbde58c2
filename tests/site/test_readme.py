"""Every command that README.md tells a reader to type is run, from its own text.

What takes minutes is run as far as the program that it starts: `make test`, which is among them,
does the rest. Continuous integration runs the commands for Windows there, and builds the container.
"""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from readme import batch, commands
from stub_project import NEEDS_MAKE, make, project

from reanalysis.__main__ import _parser, main
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT

__all__ = ["project"]  # pytest finds the fixture here
BLOCKS = commands()
IN_MAKE = [line for lines in BLOCKS.values() for line in lines if line.startswith("make ")]
HERE = ".venv/bin/python -m reanalysis "


def test_every_command_is_of_a_kind_that_is_run() -> None:
    kinds = ("make ", HERE, "docker ")
    others = [n for n, lines in BLOCKS.items() if not all(line.startswith(kinds) for line in lines)]
    assert others == ["windows", "windows-lab", "windows-test"]


@NEEDS_MAKE
@pytest.mark.parametrize("line", IN_MAKE)
def test_what_make_starts_understands_its_arguments(project: Path, line: str) -> None:
    told = make(project, *shlex.split(line)[1:], env={"UV": ""})
    started = [run["arguments"] for run in told if run["arguments"][:2] == ["-m", "reanalysis"]]
    assert started
    for arguments in started:
        _parser().parse_args(arguments[2:])


def test_the_commands_for_a_file_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(line: str) -> int:
        return main(shlex.split(line.removeprefix(HERE)))

    monkeypatch.chdir(tmp_path)
    (template,) = BLOCKS["template"]
    assert run(template) == 0 and Path("my_cohort.xlsx").is_file()
    cohort = pd.read_csv(SYNTHETIC_COHORT)[["patient_id", "follow_up_months", "death"]].head(20)
    cohort.to_excel("my_cohort.xlsx", index=False)
    cohort.rename(columns={"death": "Death"}).to_csv("their_cohort.csv", index=False)
    assert [run(line) for line in BLOCKS["check"]] == [0, 0, 0]
    assert Path("their_cohort.toml").is_file()


def test_the_commands_for_windows_name_what_there_is() -> None:
    lines = [line for name in ("windows", "windows-lab", "windows-test") for line in BLOCKS[name]]
    files = [file for line in lines for file in re.findall(r"\S+\.(?:txt|cfg)", line)]
    assert len(files) == 3 and all((ROOT / file).is_file() for file in files)
    for line in lines:
        if words := re.search(r" -m reanalysis (.*)", line):
            _parser().parse_args(words[1].split())


def test_the_batch_file_stops_at_the_first_failure() -> None:
    lines = batch(["windows"]).splitlines()
    assert lines[0] == "python -m venv .venv || exit /b 1"
    assert len(lines) == len(BLOCKS["windows"]) and all("|| exit" in line for line in lines)
