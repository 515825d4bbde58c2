"""The whole book as one PDF file, in two versions: for reading, and with all of its code.

Sphinx puts every page into one, Chromium prints that. What makes the file accessible is
Chromium's: it is tagged, and its bookmarks are the headings.
"""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from reanalysis.core.paths import ROOT
from reanalysis.site import chromium
from reanalysis.site.build import BookError, Progress, jupyter_book, pages, say, settings

READER, FULL = "book.pdf", "book-with-code.pdf"
SECONDS = 600  # for a browser to lay out more than a hundred pages

_DETAILS = re.compile(r"<details(?![^>]*\bopen\b)([^>]*)>")
_CODE = re.compile(r"\babove-input\b")
_CHAPTER = re.compile(
    r'<span id="(document-[^"]+)"></span>.*?<h(?P<level>[1-6])[^>]*>(.*?)</h(?P=level)>', re.DOTALL
)
_TAG = re.compile(r"<[^>]+>")
_FIRST_SECTION = re.compile(r"(<h1\b[^>]*>.*?</h1>)", re.DOTALL)


def configuration(config: Mapping[str, Any]) -> dict[str, Any]:
    """Change a book's configuration to that of its one page for print.

    Parameters
    ----------
    config
        The configuration that the site was built with.

    Returns
    -------
    dict
        The same, with a style sheet more, and without the marks that link to a heading.
    """
    sphinx = config["sphinx"]
    inner = sphinx["config"]
    style = {"html_css_files": [*inner["html_css_files"], "pdf.css"], "html_permalinks": False}
    return {**config, "sphinx": {**sphinx, "config": {**inner, **style}}}


def unfolded(page: str, *, code: bool) -> str:
    """Open what is folded on a page, for paper opens nothing.

    Parameters
    ----------
    page
        The page as HTML.
    code
        Whether to open the cells' code, too; what is a lesson stands open in any case.

    Returns
    -------
    str
        The page. The style sheet leaves out what is still folded.
    """

    def opened(match: re.Match[str]) -> str:
        attributes = match[1]
        if _CODE.search(attributes) and not code:
            return match[0]
        return f"<details{attributes} open>"

    return _DETAILS.sub(opened, page)


def with_contents(page: str) -> str:
    """Put a table of contents below the title, with a link to each chapter.

    Parameters
    ----------
    page
        The page as Sphinx has made it of all pages.

    Returns
    -------
    str
        The page with its contents.
    """
    chapters = [
        f'<li><a href="#{name}">{_TAG.sub("", title).strip()}</a></li>'
        for name, _, title in _CHAPTER.findall(page)
    ]
    contents = f'<nav class="pdf-contents" aria-label="Contents"><ol>{"".join(chapters)}</ol></nav>'
    return _FIRST_SECTION.sub(lambda match: match[1] + contents, page, count=1)


def print_book(output: Path, *, root: Path = ROOT, progress: Progress = say) -> tuple[Path, Path]:
    """Print the book that was built last.

    Parameters
    ----------
    output
        The folder ``_build`` of ``python -m reanalysis book``.
    root
        Folder of the project.
    progress
        Is given lines that tell how far the work is.

    Returns
    -------
    tuple of pathlib.Path
        The version for readers and the one with all code.

    Raises
    ------
    BookError
        If there is no browser, or it made no file.
    """
    browser = chromium.executable()
    if browser is None:
        raise BookError(
            "The PDF is printed by Chromium, Chrome or Edge, and none was found: install one, or "
            "name it in the environment variable CHROMIUM."
        )
    folder = output / "pdf"
    folder.mkdir(exist_ok=True)
    config = configuration(settings(output / "book"))
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    progress("Putting all pages into one.")
    jupyter_book(output / "book", folder, builder="singlehtml", config=folder / "_config.yml")
    site = folder / "_build" / "singlehtml"
    first = pages(root)[0]
    # Its links are relative to the root, wherever the first page stands.
    whole = (site / first.with_suffix(".html")).read_text(encoding="utf-8")
    whole = with_contents(whole)
    made = []
    for name, code in ((READER, False), (FULL, True)):
        page = site / "print.html"
        page.write_text(unfolded(whole, code=code), encoding="utf-8")
        progress(f"Printing {folder / name}")
        made.append(print_page(browser, page, folder / name))
    return made[0], made[1]


def print_page(browser: str, page: Path, target: Path) -> Path:
    """Print a page with a browser that has a profile of its own, beside the file.

    Raises
    ------
    BookError
        If the browser made no file.
    """
    target.unlink(missing_ok=True)
    command = [
        *(browser, "--headless", *chromium.ARGUMENTS),
        f"--user-data-dir={target.parent / 'profile'}",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        "--export-tagged-pdf",
        "--virtual-time-budget=120000",  # until its scripts have run; no time of a clock
        f"--print-to-pdf={target}",
        page.as_uri(),
    ]
    result = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
    if result.returncode or not target.is_file():
        raise BookError(f"{browser} has not printed {page.name}:\n{result.stderr[-2000:]}")
    return target
