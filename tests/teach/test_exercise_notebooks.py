"""The notebooks for JupyterLab: every solution checks itself, no exercise has its answer."""

from pathlib import Path

import nbformat
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page import checking
from reanalysis.page.checking import check
from reanalysis.page.here import Here
from reanalysis.teach.master import chapters
from reanalysis.teach.notebooks import notebook, write_notebooks


@pytest.fixture(scope="module")
def here() -> Here:
    return Here(load_cohort(SYNTHETIC_COHORT))


def sources(made: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in made.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", chapters())
def test_every_solution_is_right_by_its_own_check(
    name: str, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_book", lambda: here)
    chapter = chapters()[name]
    names = {"here": here, "cohort": here.cohort, "check": check}
    said = {}
    for source in sources(notebook(chapter, here, solved=True))[1:]:
        if source.startswith("check("):
            said[source] = eval(source, names).data
        else:
            exec(source, names)
    assert len(said) == len(chapter.exercises)
    assert [source for source, text in said.items() if not text.startswith("✓")] == []


def test_exercises_are_written_without_answers(here: Here, tmp_path: Path) -> None:
    written = write_notebooks(tmp_path, here)
    assert len(written) == 2 * len(chapters())
    for path in written:
        made = nbformat.read(path, as_version=4)
        nbformat.validate(made)
        if path.parent == tmp_path:
            assert all("# yours" in source for source in sources(made)[1:])


def test_check_says_in_jupyterlab_what_the_page_says(here: Here) -> None:
    assert check("lc-1", "8,8 %", here=here).data == "✓ Right: 8.8 %."
    assert "whatever their follow-up" in check("lc-1", 8.3, here=here).data
    assert check("lc-1", 50, here=here).data.endswith("The curve shows the share without failure.")
    assert "add up to" in check("lc-1", 50, hint=2, here=here).data
    assert check("lc-3", 2, here=here).data.startswith("✓")
    assert check("def-1", [1, 2], here=here).data == "✗ What you chose holds, and one more holds."
    assert "Put every item" in check("tace-1", [1, 2], here=here).data


@pytest.mark.parametrize("answer", [None, [], 0, 99, "two", [0, 99]])
def test_what_is_no_answer_is_told_so(answer: object, here: Here) -> None:
    for name in ("lc-1", "lc-3", "def-1", "tace-1", "rr-3"):
        assert check(name, answer, here=here).data.startswith("✗ "), name
