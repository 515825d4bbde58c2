"""Whether git would commit a file: patients' data do not belong in the project's history."""

import os
import subprocess
from pathlib import Path

from reanalysis.core import paths

_FOLDER = "data/private"


def refusal(cohort: Path, root: Path = paths.ROOT) -> str | None:
    """Say why a cohort file may not stay where it is.

    git itself is asked, so that every rule that it knows counts: the project's ignore files,
    the user's own, and files that were added in spite of them.

    Parameters
    ----------
    cohort
        The cohort file; a link counts as the file that it leads to.
    root
        Folder of the project.

    Returns
    -------
    str or None
        What is wrong and what to do; None if the file lies outside the project, if git ignores
        it, or if there is no git or no repository.
    """
    path = cohort.resolve()
    if path == paths.SYNTHETIC_COHORT or not path.is_relative_to(root.resolve()):
        return None
    if _git(root, "rev-parse", "--is-inside-work-tree") != 0:
        return None
    if _git(root, "ls-files", "--error-unmatch", "--", str(path)) == 0:
        state = "is already in the repository"
        # git keeps what it has: a move alone would leave the file in its history.
        first = f'git rm --cached "{path}"\n    '
        last = "If it was committed before, it is still in the history: ask whoever keeps it."
    elif _git(root, "check-ignore", "--quiet", "--", str(path)) == 0:
        return None
    else:
        state = "lies in the repository, and the next commit could take it along"
        first, last = "", ""
    return (
        f"{cohort} {state}. Patients' data must not get into git.\n"
        f"Move it to {_FOLDER}/, which git ignores, or out of {root}:\n"
        f'    {first}mv "{path}" "{root / _FOLDER}/"\n{last}'
    ).rstrip()


def _git(root: Path, *arguments: str) -> int | None:
    """Return the exit code of a git command, or None where there is no git."""
    # Within a hook git names its repository in the environment; the one around root is meant.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    # A folder that belongs to somebody else may be asked, too: nothing is changed.
    command = ("git", "-c", "safe.directory=*", "-C", str(root), *arguments)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return done.returncode
