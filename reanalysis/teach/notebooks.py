"""Exercises and solutions as notebooks for JupyterLab, made from the master."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from reanalysis.teach.master import LEVELS, Chapter, Exercise, chapters
from reanalysis.teach.questions import Printing, Question, offered, question, scrambled

_START = """%load_ext reanalysis
from reanalysis import Here, check, load_cohort

cohort = load_cohort()
here = Here(cohort)"""


def write_notebooks(folder: Path, here: Printing) -> list[Path]:
    """Write a notebook of exercises and one of solutions for each chapter.

    Parameters
    ----------
    folder
        Where to; the solutions come into a folder in it.
    here
        The published numbers as the cohort gives them, which the solutions quote.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    written = []
    for chapter in chapters().values():
        for place, solved in ((folder, False), (folder / "solutions", True)):
            place.mkdir(parents=True, exist_ok=True)
            path = place / f"{chapter.name}.ipynb"
            nbformat.write(  # type: ignore[no-untyped-call]
                notebook(chapter, here, solved=solved), path
            )
            written.append(path)
    return written


def notebook(chapter: Chapter, here: Printing, *, solved: bool) -> NotebookNode:
    """Make the notebook of a chapter's exercises, or of its solutions.

    Parameters
    ----------
    chapter
        From the master.
    here
        As for ``write_notebooks``.
    solved
        Whether it has the solutions.
    """
    name = "Solutions" if solved else "Exercises"
    cells = [_text(f"# {name}: {chapter.title}", "title"), _code(_START, "start")]
    for exercise in chapter.exercises:
        asked = question(chapter, exercise, here)
        cells.append(_text(_asked(asked), exercise.id))
        if "missing" not in asked:
            cells += _solution(exercise, asked) if solved else _room(exercise)
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made: NotebookNode = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=cells, metadata=metadata
    )
    return made


def _asked(asked: Question) -> str:
    """Write the question, with its options numbered from 1."""
    head = f"## Exercise {asked['number']} ({LEVELS[asked['level']]})\n\n{asked['prompt']}"
    listed = "\n".join(f"{n}. {text}" for n, text in enumerate(offered(asked), start=1))
    end = asked.get("within", "")
    if "missing" in asked:
        end = f"Not offered for this cohort: {asked['missing']}."
    return "\n\n".join(part for part in (head, listed, end) if part)


def _room(exercise: Exercise) -> Iterator[NotebookNode]:
    """Leave room for an answer, which checks itself."""
    empty = "[]" if exercise.kind in ("several", "order") else "None"
    source = f'answer = {empty}  # yours\ncheck("{exercise.id}", answer)'
    yield _code(source, f"{exercise.id}-answer")


def _solution(exercise: Exercise, asked: Question) -> Iterator[NotebookNode]:
    """Write the solution: its code, which is what the answer is computed by, and its words."""
    if exercise.code:
        yield _code(exercise.code, f"{exercise.id}-code")
    answer = "answer"
    if "items" in asked:
        shown = scrambled(asked["items"])
        answer = str([1 + shown.index(place) for place in range(len(shown))])
    elif "options" in asked:
        rights = [n for n, option in enumerate(asked["options"], start=1) if option["right"]]
        answer = str(rights if exercise.kind == "several" else rights[0])
    yield _code(f'check("{exercise.id}", {answer})', f"{exercise.id}-answer")
    yield _text(asked["solution"], f"{exercise.id}-words")


def _text(source: str, name: str) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_markdown_cell(  # type: ignore[no-untyped-call]
        source, id=name
    )
    return made


def _code(source: str, name: str) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_code_cell(source, id=name)  # type: ignore[no-untyped-call]
    return made
