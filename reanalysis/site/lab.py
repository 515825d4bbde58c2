"""Open the notebooks in JupyterLab.

The notebooks of the project are committed with their outputs. On somebody's own cohort one saved
cell would put patients' rows into files that git takes along, so there JupyterLab works on copies,
under ``_build/``, which git ignores.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import Popen

import nbformat

from reanalysis.cohort import committable
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import is_private
from reanalysis.core.paths import ROOT
from reanalysis.site.build import BookError, Progress, kernel_environment, say

_COPIED = ".copied.json"
# JupyterLab's settings for the book: it asks for no news. Binder and the image take them, too.
SETTINGS = Path(__file__).with_name("jupyter")


def lab(
    *,
    cohort: Path | None = None,
    mapping: Path | None = None,
    round_months: float = 0.0,
    root: Path = ROOT,
    progress: Progress = say,
) -> int:
    """Open the notebooks in JupyterLab, and wait until it is closed.

    Parameters
    ----------
    cohort
        File of a reader's own cohort; None for the synthetic one, on the notebooks themselves.
    mapping
        File that says how its columns become those of the data dictionary.
    round_months
        Round its times to multiples of so many months; 0 for not at all.
    root
        Folder of the project.
    progress
        Is given lines that say which notebooks are opened.

    Returns
    -------
    int
        What JupyterLab ended with.

    Raises
    ------
    BookError
        If git would commit the cohort file.
    InvalidCohort
        If it does not fit.
    """
    folder = root / "notebooks"
    if cohort and is_private(cohort):
        if why := committable.refusal(cohort, root):
            raise BookError(why)
        load_cohort(cohort, mapping)
        folder = copy_notebooks(folder, root / "_build" / "lab" / _name(cohort), progress)
    environment = kernel_environment(cohort, mapping, round_months=round_months)
    server = Popen(command(folder), env=with_settings(environment))
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue  # JupyterLab has seen it, too, and asks whether to end


def command(folder: Path) -> list[str]:
    """Give the command that opens a folder in JupyterLab, which asks no server for anything."""
    return [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]


def with_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Add JupyterLab's settings for the book, before any others, to an environment."""
    others = environment.get("JUPYTER_CONFIG_PATH", "")
    paths = [str(SETTINGS), *filter(None, [others])]
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def copy_notebooks(source: Path, target: Path, progress: Progress = say) -> Path:
    """Copy notebooks, and leave alone every copy that somebody has changed since.

    The copies have no outputs: those of the synthetic cohort would stand there as if they were of
    another one.

    Parameters
    ----------
    source
        Folder of the notebooks.
    target
        Folder to copy to; it may be there already.
    progress
        Is given lines that say where the copies are, and which were left alone.

    Returns
    -------
    pathlib.Path
        ``target``.
    """
    target.mkdir(parents=True, exist_ok=True)
    copied = _read_copied(target)
    kept = []
    for notebook in sorted(source.glob("*.ipynb")):
        copy = target / notebook.name
        if copy.exists() and copied.get(copy.name) != _digest(copy):
            kept.append(copy.name)
            continue
        copy.write_text(_without_outputs(notebook), encoding="utf-8")
        copied[copy.name] = _digest(copy)
    (target / _COPIED).write_text(json.dumps(copied, indent=1), encoding="utf-8")
    progress(f"These are copies of the notebooks, in {target}; git ignores them.")
    if kept:
        progress(
            f"You have changed {', '.join(kept)}: kept as they are. Delete one there, and it is "
            "copied anew; make clean deletes all of them."
        )
    return target


def _name(cohort: Path) -> str:
    """Name the folder of a cohort: two files of one name do not share their results."""
    plain = re.sub(r"[^\w-]+", "_", cohort.stem)[:40]
    digest = hashlib.sha256(str(cohort.resolve()).encode(errors="surrogateescape")).hexdigest()
    return f"{plain}-{digest[:6]}"


def _without_outputs(notebook: Path) -> str:
    content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return str(nbformat.writes(content))  # type: ignore[no-untyped-call]


def _read_copied(target: Path) -> dict[str, str]:
    """Read what was copied before; where that cannot be told, every copy counts as changed."""
    try:
        copied = json.loads((target / _COPIED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return copied if isinstance(copied, dict) else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
