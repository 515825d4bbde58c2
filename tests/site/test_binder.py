"""Binder's steps, as repo2docker takes them, in an environment of its own."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from reanalysis.core.paths import ROOT
from reanalysis.site.build import kernel_environment, tidy

NAMES = ("01_background", "08_local_control", "explorer")


def test_what_binder_installs_says_nothing_of_the_project() -> None:
    """Only then are the packages a layer that a change of text leaves alone."""
    lock = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    pins = [line.split(" ")[0] for line in lock.splitlines() if line[:1].isalnum()]
    assert len(pins) > 20 and all("==" in pin for pin in pins) and "-r " not in lock
    # These come with Binder, or only the site needs them.
    names = {pin.split("==")[0] for pin in pins}
    assert not names & {"jupyterlab", "jupyter-book", "sphinx", "notebook"}


def test_all_locks_agree() -> None:
    def pinned(path: str) -> dict[str, str]:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        pins = (line.split(" ")[0] for line in lines if line[:1].isalnum())
        return dict(pin.split("==", 1) for pin in pins)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    whole = pinned("requirements.txt")
    for path in ("binder", "docker"):
        ours = pinned(f"{path}/requirements.txt")
        assert needed - ours.keys() == set(), path
        assert {n: v for n, v in ours.items() if whole.get(n, v) != v} == {}, path
    for path in ("requirements-dev.txt", "requirements-formats.txt"):
        assert pinned(path).items() >= whole.items(), path


@pytest.mark.slow  # it installs; the two above are its shorter siblings
@pytest.mark.skipif(os.name == "nt", reason="Binder is Linux")
def test_notebooks_run_there_and_give_what_is_committed(tmp_path: Path) -> None:
    prefix, project = tmp_path / "prefix", tmp_path / "project"
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.splitlines():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    python = str(prefix / "bin" / "python")
    environment = {**os.environ, "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    environment |= {"NB_PYTHON_PREFIX": str(prefix)}
    environment.pop("PYTHONPATH", None)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=project, env=kernel_environment(base=environment), check=True)

    run(sys.executable, "-m", "venv", str(prefix))
    run(python, "-m", "pip", "install", "-q", "jupyterlab")  # comes with Binder
    run(python, "-m", "pip", "install", "-q", "--no-cache-dir", "-r", "binder/requirements.txt")
    run("bash", "binder/postBuild")
    assert list((prefix / "etc" / "jupyter" / "labconfig").glob("*.json"))
    for name in NAMES:
        run(python, "-m", "jupyter", "execute", "--inplace", f"notebooks/{name}.ipynb")
        path = Path("notebooks", f"{name}.ipynb")
        assert texts(project / path) == texts(ROOT / path)


def texts(path: Path) -> list[str]:
    """What the cells of a notebook print and show, but for pictures."""
    notebook = tidy(nbformat.read(path, as_version=4))
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    return [out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs]
