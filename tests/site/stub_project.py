"""The Makefile, with a program in the place of Python that writes down what it is given.

A shell starts that program by its first line, which Windows' does not.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reanalysis.core.paths import ROOT

NEEDS_MAKE = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("make"), reason="there is no make, or no shell for it"
)
STUB = """#!{python}
import json, os, sys
told = {{"arguments": sys.argv[1:], "cohort": os.environ.get("COHORT")}}
with open("told.jsonl", "a") as file:
    file.write(json.dumps(told) + "\\n")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile, and an environment that is ready."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    python.write_text(STUB.format(python=sys.executable), encoding="utf-8")
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
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    assert not (project / "pwned").exists(), run.stdout
    told = project / "told.jsonl"
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    told.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]
