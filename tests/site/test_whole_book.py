"""The whole book on cohorts at the edge of what it accepts: notes, and nothing that looks broken.

Every notebook is executed on each of the small cohorts, in this process, which is many times
faster than kernels. For three of them the site is built as a reader would build it.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pytest
from cohorts import COHORTS, notebooks_about_the_cohort, write
from IPython.utils.capture import capture_output
from less_work import fewer_drawn, fewer_repetitions
from shell import notebook_shell

from reanalysis.cohort.loading import COHORT_VARIABLE
from reanalysis.site import build as book

BUILT = ("minimal", "tiny", "all_censored")
# On each landing the smallest cohort is read; at night all of them, and the sites of three built.
EVERY_TIME = {"sites": set(), "cohorts": {"minimal"}}


def marked(kind: str, names: Iterable[str]) -> list[object]:
    """Mark as slow what stands beside others of its kind."""
    return [
        pytest.param(name, marks=() if name in EVERY_TIME[kind] else pytest.mark.slow)
        for name in names
    ]


# What Python prints of a number or a value that is not there.
NO_NUMBER = re.compile(r"(?<![\w.])(-?(nan|inf)|NaN|NaT|None(?! of)|<NA>)(?!\w)")
BROKEN = re.compile(r"Traceback \(most recent call last\)|\w+Warning: |\w+Error: ")
# Warnings of libraries to their own developers: a kernel does not show them either.
UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class _Text(HTMLParser):
    """The text of a page that a reader sees or hears, without code, script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "pre", "code"):
            self._skipped += 1
        self.parts += [value for name, value in attrs if name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "pre", "code"):
            self._skipped -= 1

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)


def seen(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return " ".join(parser.parts)


def shown(result: object, captured: object) -> Iterator[str]:
    """What a cell puts on the page, as text."""
    outputs = [*captured.outputs, *([result] if result is not None else [])]  # type: ignore[attr-defined]
    yield captured.stdout  # type: ignore[attr-defined]
    for output in outputs:
        data = getattr(output, "data", None)
        if isinstance(data, str):  # a sentence
            yield data
        elif hasattr(output, "_repr_html_") and (html := output._repr_html_()):
            yield seen(html)
        else:
            yield repr(output)


@pytest.fixture(params=marked("cohorts", sorted(COHORTS)))
def cohort(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(COHORT_VARIABLE, str(write(request.param, tmp_path)))
    return str(request.param)


def test_every_cell_shows_a_result_or_a_note(cohort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plt.switch_backend("agg")
    fewer_repetitions(monkeypatch)
    trouble = []
    for path in notebooks_about_the_cohort():
        monkeypatch.chdir(path.parent)
        with notebook_shell() as shell:
            cells = nbformat.read(path, as_version=4).cells
            for number, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
                where = f"{path.stem}, code cell {number}"
                with warnings.catch_warnings(record=True) as caught, capture_output() as captured:
                    warnings.simplefilter("always")
                    outcome = shell.run_cell(fewer_drawn(cell.source))
                if not outcome.success:
                    error = outcome.error_in_exec or outcome.error_before_exec
                    trouble.append(f"{where}: {error!r}")
                trouble += [
                    f"{where}: {w.message}" for w in caught if not issubclass(w.category, UNSEEN)
                ]
                for text in shown(outcome.result, captured):
                    if found := NO_NUMBER.search(text) or BROKEN.search(text):
                        around = text[max(0, found.start() - 60) : found.end() + 30]
                        trouble.append(f"{where}: {around!r}")
                if plt.get_fignums():
                    plt.close("all")
                    trouble.append(f"{where}: a figure without caption")
    assert trouble == []


@pytest.mark.parametrize("name", marked("sites", BUILT))
def test_the_site_shows_notes_and_nothing_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def stage_fewer(*arguments: Any, **options: Any) -> list[Path]:
        notebooks = stage(*arguments, **options)
        for notebook in notebooks:
            text = notebook.read_text(encoding="utf-8")
            notebook.write_text(fewer_drawn(text), encoding="utf-8")
        return notebooks

    stage = book.stage
    monkeypatch.setattr(book, "stage", stage_fewer)
    path = write(name, tmp_path)
    # One job: another worker of the tests has the other core.
    index = book.build(cohort=path, destination=tmp_path, jobs=1, progress=lambda line: None)
    html = {page.name: page.read_text(encoding="utf-8") for page in index.parent.rglob("*.html")}
    trouble = [
        f"{page}: {text[max(0, found.start() - 60) : found.end() + 30]!r}"
        for page, text in ((page, seen(source)) for page, source in html.items())
        for found in BROKEN.finditer(text)
    ]
    # Outputs only: prose and the made-up examples may speak of 'None of them'.
    assert trouble == []
    assert all('class="stderr' not in source for source in html.values())
    assert any("reanalysis-note" in source for source in html.values())
    assert "It is not the paper" in html["index.html"]
