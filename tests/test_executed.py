"""nbval on notebooks that were executed before notices what it would notice by itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

CONFTEST = """
from executed import OPTION, add_option as pytest_addoption, compare_with

def pytest_configure(config):
    compare_with(config.getoption(OPTION))
"""


def printed(text: str) -> nbformat.NotebookNode:
    return new_output("stream", name="stdout", text=text)


def write(path: Path, *cells: tuple[str, str]) -> None:
    """Write a notebook of cells that have printed something."""
    path.parent.mkdir(exist_ok=True)
    made = [
        new_code_cell(source, execution_count=1, outputs=[printed(text)]) for source, text in cells
    ]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    nbformat.write(new_notebook(cells=made), path)


def test_only_the_same_code_with_the_same_outputs_passes(tmp_path: Path) -> None:
    says = ("print('four')", "four\n")
    write(tmp_path / "committed" / "same.ipynb", says, says)
    write(tmp_path / "new" / "same.ipynb", says, says)
    write(tmp_path / "committed" / "output.ipynb", says, ("print(2)", "2\n"))
    write(tmp_path / "new" / "output.ipynb", says, ("print(2)", "3\n"))
    write(tmp_path / "committed" / "code.ipynb", says, ("print(2)", "2\n"))
    write(tmp_path / "new" / "code.ipynb", says, ("print(1 + 1)", "2\n"))
    write(tmp_path / "committed" / "longer.ipynb", says, says)
    write(tmp_path / "new" / "longer.ipynb", says)
    # This one was not executed before: a kernel does it, and prints something else.
    write(tmp_path / "committed" / "left.ipynb", ("print(2)", "3\n"))
    (tmp_path / "committed" / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    plugins = ["-p", "no:cacheprovider", "-p", "no:xdist"]
    words = [
        "--nbval",
        "--nbval-current-env",
        "--nbval-executed",
        "../new",
        "-q",
        "-rA",
        "-c",
        "none.ini",
    ]
    (tmp_path / "committed" / "none.ini").write_text("[pytest]\n", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *words, "."],
        cwd=tmp_path / "committed",
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        encoding="utf-8",
    )
    found = {
        (name, int(cell)): word
        for word, name, cell in re.findall(
            r"^(PASSED|FAILED) (\w+)\.ipynb::Cell (\d)", result.stdout, re.MULTILINE
        )
    }
    assert found == {
        ("same", 0): "PASSED",
        ("same", 1): "PASSED",
        ("output", 0): "PASSED",
        ("output", 1): "FAILED",
        ("code", 0): "PASSED",
        ("code", 1): "FAILED",
        ("longer", 0): "PASSED",
        ("longer", 1): "FAILED",
        ("left", 0): "FAILED",
    }, result.stdout + result.stderr
    assert "another notebook was executed" in result.stdout
