"""Execution of notebooks and the configuration of the site."""

import time
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml  # type: ignore[import-untyped]
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from private_cohorts import write_private

from reanalysis.cohort.loading import COHORT_VARIABLE, LOADED_VARIABLE, MAPPING_VARIABLE
from reanalysis.site import build as book
from reanalysis.site.audit import MARK

PLAIN = {"html": {"favicon": "f.svg"}, "execute": {"execute_notebooks": "off"}, "title": "T"}


def write(path: Path, *sources: str) -> Path:
    cells = [new_markdown_cell("# Title"), *(new_code_cell(source) for source in sources)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def quiet(line: str) -> None:
    pass


def test_kernels_see_only_the_cohort_that_they_are_given(tmp_path: Path) -> None:
    names = (COHORT_VARIABLE, MAPPING_VARIABLE, LOADED_VARIABLE)
    base = dict.fromkeys(names, "left over") | {"HOME": "/home"}
    synthetic = book.kernel_environment(base=base)
    assert synthetic.keys().isdisjoint(names)
    assert synthetic["HOME"] == "/home" and Path(synthetic["MATPLOTLIBRC"]).is_file()
    own = book.kernel_environment(tmp_path / "own.csv", base=base)
    assert own[COHORT_VARIABLE] == str(tmp_path / "own.csv")
    assert MAPPING_VARIABLE not in own and LOADED_VARIABLE not in own


def test_a_workbook_can_bear_the_date_of_the_kernels(tmp_path: Path) -> None:
    # Python 3.14 dates the files in a zip by it; with 0 no workbook could be written.
    day = time.gmtime(int(book.kernel_environment()["SOURCE_DATE_EPOCH"]))
    zipfile.ZipInfo("sheet.xml", day[:6])


def test_notebooks_are_executed_where_they_are_and_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "beside.txt").write_text("read", encoding="utf-8")
    first = write(tmp_path / "first.ipynb", "print(open('beside.txt').read())")
    second = write(tmp_path / "second.ipynb", "import sys; sys.executable")
    lines: list[str] = []
    book.execute([first, second], env=book.kernel_environment(), progress=lines.append)
    assert nbformat.read(first, 4).cells[1].outputs[0].text == "read\n"
    assert [line[:5] for line in lines[1:]] == ["[1/2]", "[2/2]"]


def test_a_failing_cell_is_named_and_its_notebook_left_alone(tmp_path: Path) -> None:
    good = write(tmp_path / "good.ipynb", "1 + 1")
    bad = write(tmp_path / "bad.ipynb", "x = 0", "y = 1\ny / x")
    before = bad.read_bytes()
    with pytest.raises(book.BookError) as failure:
        book.execute([bad, good], env=book.kernel_environment(), progress=quiet)
    message = str(failure.value)
    assert message.startswith("bad.ipynb: code cell 2 of 2 failed.\n\n    y = 1\n    y / x\n")
    assert message.endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in message
    assert bad.read_bytes() == before
    assert nbformat.read(good, 4).cells[1].execution_count == 1


def test_tidy_drops_what_differs_from_run_to_run() -> None:
    shown = new_output(
        "display_data",
        {book.WIDGET_VIEW: {"model_id": "1f"}, "text/plain": "<W at 0x7fff01>", "text/html": "<p>"},
    )
    notebook = new_notebook(cells=[new_code_cell("w", outputs=[shown])], metadata={"widgets": {}})
    book.tidy(notebook)
    assert notebook.metadata == book.KERNEL_METADATA
    assert notebook.cells[0].outputs[0].data == {"text/plain": "<W at 0x0>", "text/html": "<p>"}


def test_the_synthetic_book_is_configured_as_it_stands() -> None:
    assert book.configuration(PLAIN, env={}) == PLAIN


def test_an_own_cohort_is_announced_on_every_page() -> None:
    config = book.configuration(PLAIN, cohort="a<b>.csv", patients=77, env={})
    assert "<strong>a&lt;b&gt;.csv</strong>, about 75 patients." in config["html"]["announcement"]
    assert "announcement" not in PLAIN["html"]


def test_on_github_pages_link_to_the_repository_and_to_binder() -> None:
    env = {
        "GITHUB_REPOSITORY": "centre/book",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF_NAME": "trunk",
    }
    config = book.configuration(PLAIN, env=env)
    assert config["repository"] == {"url": "https://github.com/centre/book", "branch": "trunk"}
    assert config["launch_buttons"]["binderhub_url"]
    assert config["html"]["baseurl"] == "https://centre.github.io/book/"


def test_the_address_of_the_site_is_known_on_github_alone() -> None:
    assert book.pages_address("Centre/centre.github.io") == "https://centre.github.io/"
    elsewhere = {"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example.org"}
    assert "baseurl" not in book.configuration(PLAIN, env=elsewhere)["html"]
    own = {**PLAIN, "html": {"baseurl": "https://book.example.org/"}}
    config = book.configuration(own, env={"GITHUB_REPOSITORY": "a/b"})
    assert config["html"]["baseurl"] == "https://book.example.org/"


def test_a_page_that_does_not_exist_is_named(tmp_path: Path) -> None:
    toc = "format: jb-book\nroot: index\nchapters:\n- file: here\n- file: absent\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    (tmp_path / "index.md").touch()
    write(tmp_path / "here.ipynb")
    with pytest.raises(book.BookError, match="absent"):
        book.pages(tmp_path)
    (tmp_path / "absent.md").touch()
    assert [str(page) for page in book.pages(tmp_path)] == ["index.md", "here.ipynb", "absent.md"]


def test_only_the_book_of_several_centres_has_their_page() -> None:
    plain = (book.ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert book.table_of_contents(book.ROOT, centres=False) == plain
    toc = yaml.safe_load(book.table_of_contents(book.ROOT, centres=True))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    at = files.index("notebooks/centres")
    assert files[at - 1] == "notebooks/your_cohort_and_the_paper"
    del files[at]
    without = [c["file"] for part in yaml.safe_load(plain)["parts"] for c in part["chapters"]]
    assert files == without


def test_the_page_of_centres_is_staged_only_where_it_is_wanted(tmp_path: Path) -> None:
    for centres in (True, False):
        staged = book.stage(book.ROOT, tmp_path / str(centres), PLAIN, centres=centres)
        assert ("centres" in {path.stem for path in staged}) is centres
        assert all(path.exists() for path in staged)
    assert book.CENTRES_PAGE.name in {path.name for path in book.notebook_files()}


def test_notebooks_are_found_by_their_names() -> None:
    (found,) = book.named(["notebooks/08_local_control.ipynb"]) or []
    assert found == book.ROOT / "notebooks" / "08_local_control.ipynb"
    assert book.named([]) is None
    with pytest.raises(book.BookError, match=r"no notebook 99; it has .*01_background"):
        book.named(["99"])


@pytest.mark.parametrize("leaks", [False, True])
def test_a_private_site_is_compared_with_its_cohort(
    leaks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that gives a patient away is refused and marked; the same without that is not."""
    cohort = write_private(40, tmp_path)
    said = str(pd.read_csv(cohort)["patient_id"][3]) if leaks else "nobody"

    def write_site(source: Path, destination: Path) -> None:
        page = destination / "_build" / "html" / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<html><body><p>Told of {said}.</p></body></html>", encoding="utf-8")

    monkeypatch.setattr(book, "execute", lambda *_, **__: None)
    monkeypatch.setattr(book, "jupyter_book", write_site)
    site = tmp_path / "_build" / "html"
    if leaks:
        with pytest.raises(book.BookError, match="row 5, the id"):
            book.build(cohort=cohort, destination=tmp_path, progress=quiet)
    else:
        book.build(cohort=cohort, destination=tmp_path, progress=quiet)
    assert (site / MARK).exists() == leaks
    assert ("Not fit to publish" in (site / "index.html").read_text(encoding="utf-8")) == leaks
