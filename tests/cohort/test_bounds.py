"""No file of under 1 MB takes more than 10 s or 500 MB to be refused, however it was made.

Each is checked in a process of its own. The processes are forked after the imports, whose time is
added to that of each file; time is that of the processor, because others may share it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="time and memory are measured by what Windows lacks")
from hostile_files import every_cell_wrong, hostile_files

SECONDS, MEGABYTES = 10, 500
TESTS = Path(__file__).parents[1]


def program(*arguments: str | Path) -> list[dict]:
    run = subprocess.run(
        [sys.executable, TESTS / "hostile_files.py", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


# On each landing every eighth, at night all.
@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_every_hostile_file_is_refused_in_time_and_in_words(tmp_path, step):
    imports, *files = program(tmp_path, f"every={step}")
    assert len(files) > 100 / step
    wrong = {
        file["name"]: file
        for file in files
        if file["code"] not in (0, 1)
        or file["size"] >= 10**6
        or imports["seconds"] + file["seconds"] > SECONDS
        or file["megabytes"] > MEGABYTES
        or "Traceback" in file["told"]
        or "fit" not in file["told"]
    }
    assert not wrong
    # A valid cohort among all of them, so that not everything is refused.
    if step == 1:
        assert [f["name"] for f in files if f["code"] == 0] == ["patients by the thousand"]


def test_the_report_for_a_program_is_bounded_too(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_bytes(every_cell_wrong())
    (file,) = program(path, "--json")[1:]
    assert file["code"] == 1
    assert file["seconds"] < SECONDS and file["megabytes"] < MEGABYTES


def test_the_command_itself_refuses_one(tmp_path):
    """As a reader runs it, with no more memory than a small machine has."""
    name, content = next(hostile_files())
    assert name == "row number 10^12" and len(content) < 5_000
    (tmp_path / "cohort.xlsx").write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-m", "reanalysis", "check", tmp_path / "cohort.xlsx"],
        cwd=TESTS.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.returncode == 1 and run.stderr == ""
    told = " ".join(run.stdout.split())
    assert "says that it has a row '999999999999'; expected at most 1,048,576 rows" in told
