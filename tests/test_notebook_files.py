"""What nbval does not look at in the committed notebooks."""

import re

import nbformat
import pytest

from reanalysis.core.paths import NOTEBOOKS, ROOT
from reanalysis.site.build import KERNEL_METADATA, WIDGET_VIEW, table_of_contents

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
HOME = re.compile(r"(/home/|/Users/|/root/|[A-Z]:\\Users\\)\w+")


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_is_in_the_book() -> None:
    toc = table_of_contents(ROOT, centres=True)
    assert [p.stem for p in PATHS if f"notebooks/{p.stem}\n" not in toc] == []


def test_begins_with_its_title(notebook: nbformat.NotebookNode) -> None:
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")


def test_was_executed_from_top_to_bottom(notebook: nbformat.NotebookNode) -> None:
    # nbval compares nothing in a cell without a number.
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks`"


def test_holds_nothing_that_differs_from_run_to_run(notebook: nbformat.NotebookNode) -> None:
    assert notebook.metadata == KERNEL_METADATA, "run `make notebooks`"
    for cell in code_cells(notebook):
        assert "execution" not in cell.metadata
        for output in cell.outputs:
            assert WIDGET_VIEW not in output.get("data", {})


def test_shows_no_error_warning_or_path_of_a_machine(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")
            text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            assert not HOME.search(text), text
