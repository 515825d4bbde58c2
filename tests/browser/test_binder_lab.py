"""Binder's steps, as repo2docker takes them, and three notebooks in the JupyterLab that it has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyterlab_server import jupyterlab, run_all
from nbformat import NotebookNode
from playwright.sync_api import Browser

from reanalysis.core.paths import ROOT
from reanalysis.site.build import kernel_environment, tidy

NAMES = ("01_background", "08_local_control", "explorer")
SHOWN = "JSON.stringify(jupyterapp.shell.currentWidget.content.model.toJSON())"


@pytest.mark.slow  # it installs; tests/site/test_binder.py and test_lab.py are its shorter siblings
@pytest.mark.skipif(os.name == "nt", reason="Binder is Linux")
def test_notebooks_run_there_and_give_what_is_committed(browser: Browser, tmp_path: Path) -> None:
    prefix, project, home = (tmp_path / name for name in ("prefix", "project", "home"))
    home.mkdir()
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8")
    for name in tracked.stdout.splitlines():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    python = str(prefix / "bin" / "python")
    environment = {**os.environ, "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    environment |= {"NB_PYTHON_PREFIX": str(prefix)}
    environment.pop("PYTHONPATH", None)
    environment = kernel_environment(base=environment)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=project, env=environment, check=True)

    run(sys.executable, "-m", "venv", str(prefix))
    run(python, "-m", "pip", "install", "-q", "jupyterlab")  # comes with Binder
    run(python, "-m", "pip", "install", "-q", "--no-cache-dir", "-r", "binder/requirements.txt")
    run("bash", "binder/postBuild")
    assert list((prefix / "etc" / "jupyter" / "labconfig").glob("*.json"))
    with jupyterlab(python, project, home, environment) as address:
        for name in NAMES:
            page = browser.new_page()
            path = f"notebooks/{name}.ipynb"
            run_all(page, address.format(path))
            assert page.get_by_text("Jupyter news").count() == 0
            shown = nbformat.reads(page.evaluate(SHOWN), as_version=4)
            assert texts(shown) == texts(nbformat.read(ROOT / path, as_version=4)), name
            page.close()


def texts(notebook: NotebookNode) -> list[str]:
    """What the cells of a notebook print and show, but for pictures."""
    outputs = [out for cell in tidy(notebook).cells for out in cell.get("outputs", [])]
    return [out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs]
