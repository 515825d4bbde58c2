"""Whether git would commit a file: patients' data do not belong in the project's history."""

import os
import shlex
import subprocess
from pathlib import Path, PurePath

from reanalysis.core import paths

_FOLDER = "data/private"
_TRACKED = "is already in the repository"
_IN_HISTORY = "If it was committed before, it is still in the history: ask whoever keeps it."


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
    state = _state(path, root)
    if state is None:
        return None
    move = _move(path, root / _FOLDER)
    lines = [
        f"{cohort} {state}. Patients' data must not get into git.",
        f"Move it to {_FOLDER}/, which git ignores, or out of {root}:",
    ]
    if state == _TRACKED:
        # git keeps what it has: a move alone would leave the file in its history.
        lines += [f"    git rm --cached {_quoted(path)}", f"    {move}"]
        lines.append(_IN_HISTORY)
    else:
        lines.append(f"    {move}")
    return "\n".join(lines)


def warning(cohort: Path) -> str | None:
    """Say whether git would commit a cohort file, wherever it is.

    Parameters
    ----------
    cohort
        The cohort file; a link counts as the file that it leads to.

    Returns
    -------
    str or None
        What is wrong and what to do, also where the file lies in a repository that is not the
        project's; None as for ``refusal``.
    """
    path = cohort.resolve()
    if path == paths.SYNTHETIC_COHORT or path.is_relative_to(paths.ROOT.resolve()):
        return refusal(cohort)
    state = _state(path, path.parent)
    if state is None:
        return None
    lines = [
        f"{cohort} {state}. Patients' data must not get into git.",
        "Move it to a folder that is in no repository, or name it in the repository's .gitignore.",
    ]
    return "\n".join([*lines, _IN_HISTORY] if state == _TRACKED else lines)


def _state(path: Path, folder: Path) -> str | None:
    """Say what git would do with a file; None if it would leave it alone."""
    if _git(folder, "rev-parse", "--is-inside-work-tree") != 0:
        return None
    if _git(folder, "--literal-pathspecs", "ls-files", "--error-unmatch", "--", str(path)) == 0:
        return _TRACKED
    if _git(folder, "check-ignore", "--quiet", "--", str(path)) == 0:
        return None
    return "lies in the repository, and the next commit could take it along"


def _move(path: PurePath, folder: PurePath, windows: bool = os.name == "nt") -> str:
    """Give the command that moves a file into a folder."""
    if windows:  # the command prompt and PowerShell both know `move`
        return f"move {_quoted(path, windows)} {_quoted(folder, windows)}"
    return f"mv {_quoted(path, windows)} {_quoted(f'{folder}/', windows)}"


def _quoted(path: PurePath | str, windows: bool = os.name == "nt") -> str:
    """Quote a path for a shell, so that nothing in it is a command."""
    text = str(path)
    # On Windows no name has a quotation mark, and every path has backslashes, which are letters.
    if not set(text) & set("$`%!" if windows else '"$`\\!\n'):
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'" if windows else shlex.quote(text)


def _git(root: Path, *arguments: str) -> int | None:
    """Return the exit code of a git command, or None where there is no git."""
    # Within a hook git names its repository in the environment; the one around root is meant.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    # A folder that belongs to somebody else may be asked, too: nothing is changed.
    command = ("git", "-c", "safe.directory=*", "-C", str(root), *arguments)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError:
        return None
    return done.returncode
