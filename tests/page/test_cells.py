"""How much code a reader of the notebooks meets, how much of it is analysis, and what is folded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import pytest

from reanalysis.core.paths import NOTEBOOKS
from reanalysis.paper.register import published

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
WIDGET = re.compile(
    r"(BedCalculator|CheckUp|CutpointExplorer|Exercises|HazardExplorer|PatientTimelines|Prediction|"
    r"ResponseTimeline|SizeGlance|WaitingBalance)\("
)
# What only dresses a result: a sentence, the names and limits of axes, a legend.
DRESSING = {
    *("say", "print", "Table", "Shown", "display", "Markdown", "annotate", "text", "legend"),
    *("set", "set_title", "set_xlabel", "set_ylabel", "set_xlim", "set_ylim", "set_xticks"),
    *("set_yticks", "tick_params", "axhline", "axvline", "subplots", "plot", "bar", "barh"),
    *("scatter", "hist", "step", "fill_between", "errorbar"),
}


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def every(kind: str) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    for path in PATHS:
        yield from ((f"{path.stem}: {c.source[:60]}", c) for c in cells(path, kind))


def lines(source: str) -> set[int]:
    """Number the lines of code: neither blank nor a comment."""
    numbered = enumerate(source.splitlines(), start=1)
    return {i for i, line in numbered if line.strip() and not line.strip().startswith("#")}


def statements(source: str) -> list[ast.stmt]:
    without_magic = [("" if line.startswith("%") else line) for line in source.splitlines()]
    return ast.parse("\n".join(without_magic)).body


def called(statement: ast.stmt) -> str:
    """Name the function that a statement calls, without what it belongs to."""
    value = getattr(statement, "value", None)
    function = value.func if isinstance(value, ast.Call) else None
    return getattr(function, "attr", "") or getattr(function, "id", "")


def is_presentation(statement: ast.stmt) -> bool:
    text = isinstance(getattr(statement, "value", None), ast.JoinedStr | ast.IfExp)
    return (
        isinstance(statement, ast.Import | ast.ImportFrom)
        or called(statement) in DRESSING
        or (isinstance(statement, ast.Assign) and text)
    )


def test_cells_are_short() -> None:
    sizes = sorted(len(lines(cell.source)) for _, cell in every("code"))
    assert median(sizes) <= 4
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 10
    assert sizes[-1] <= 25


def test_most_lines_are_analysis() -> None:
    total = dressed = 0
    for _, cell in every("code"):
        code = lines(cell.source)
        total += len(code)
        dressed += sum(line.startswith("%") for line in cell.source.splitlines())
        for statement in filter(is_presentation, statements(cell.source)):
            assert statement.end_lineno is not None
            dressed += len(code & set(range(statement.lineno, statement.end_lineno + 1)))
    assert dressed / total < 0.2


def test_no_line_is_wider_than_the_column() -> None:
    assert [
        name for name, cell in every("code") for line in cell.source.split("\n") if len(line) > 80
    ] == []


def kinds(source: str) -> set[str]:
    def kind(statement: ast.stmt) -> str:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return "imports"
        if isinstance(statement, ast.Assert):
            return "assertions"
        return "sentence" if called(statement) in ("say", "over_cohorts") else "code"

    return {kind(statement) for statement in statements(source)}


def test_sentences_imports_and_assertions_are_no_part_of_the_site() -> None:
    for name, cell in every("code"):
        tags = set(cell.metadata.get("tags", []))
        plain = kinds(cell.source) <= {"imports"} or kinds(cell.source) == {"sentence"}
        plain |= kinds(cell.source) == {"assertions"}
        assert "lesson" in tags or ("remove-input" in tags) == plain, name
        assert ("remove-input" in tags) != ("hide-input" in tags), name


def test_what_is_the_lesson_stays_open() -> None:
    lessons = "\n".join(
        c.source for _, c in every("code") if "lesson" in c.metadata.get("tags", [])
    )
    for name in ("survival *= 1 - died", "def log_partial_likelihood", "difference +=", "def bed_"):
        assert name in lessons


def test_no_output_is_a_bare_value() -> None:
    def bare(output: Any) -> bool:
        data = output.get("data", {})
        plain = str(data.get("text/plain", ""))
        return bool(plain) and len(data) == 1 and not WIDGET.match(plain)

    assert [name for name, c in every("code") for output in c.outputs if bare(output)] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_prose_quotes_the_paper_as_the_register_has_it(path: Path) -> None:
    for cell in cells(path, "markdown"):
        words = " ".join(cell.source.split())
        for number in cell.metadata.get("quotes", []):
            assert published(number) in words, number
