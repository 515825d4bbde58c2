"""Everything to teach with in one zip file, for a stick: a room without internet needs no more."""

import shutil
from html import escape
from pathlib import Path

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.page.here import Here
from reanalysis.site import chromium
from reanalysis.site.build import Progress, say
from reanalysis.site.class_set import write_class
from reanalysis.site.entrance import book_title, entrance
from reanalysis.site.pdf import READER, print_book, print_page, unfolded
from reanalysis.site.release import zip_folder
from reanalysis.site.slides import write_slides
from reanalysis.teach.notebooks import write_notebooks

_GUIDE = "book/notebooks/teaching.html"
# Pages of the book that are handed out on paper.
_PRINTED = {"cheat-sheet.pdf": "book/book/cheat-sheet.html", "teachers-guide.pdf": _GUIDE}
_PARTS = {
    "book/index.html": "The book",
    "slides/index.html": "Slides of each chapter",
    "class/index.html": "Class set: a cohort for everybody",
    "exercises": "Exercises and solutions as notebooks for JupyterLab",
    "cheat-sheet.pdf": "Cheat sheet, two pages",
    "teachers-guide.pdf": "Teacher's guide",
    READER: "The book as PDF",
}


def write_stick(
    output: Path, residents: int, *, root: Path = ROOT, progress: Progress = say
) -> Path:
    """Put the book that was built last, and all that a lesson needs, into one zip file.

    Parameters
    ----------
    output
        The folder ``_build`` of ``python -m reanalysis book``, of the synthetic cohort.
    residents
        How many are in the class.
    root
        Folder of the project.
    progress
        Is given lines that tell how far the work is.

    Returns
    -------
    pathlib.Path
        The zip file.
    """
    folder = output / "handout"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(output / "html", folder / "book")
    shutil.copytree(write_slides(output, root=root, progress=progress).parent, folder / "slides")
    progress(f"Drawing a cohort for each of {residents} residents.")
    write_class(folder / "class", residents)
    write_notebooks(folder / "exercises", Here(load_cohort(SYNTHETIC_COHORT)))
    if browser := chromium.executable():
        _print_pages(browser, folder)
        for printed in print_book(output, root=root, progress=progress):
            shutil.copy(printed, folder)
    else:
        progress("No Chromium was found: nothing is printed, all of it is in the zip as pages.")
    (folder / "index.html").write_text(_entrance(folder), encoding="utf-8")
    target = output / "handout.zip"
    zip_folder(folder, target)
    progress(f"Done: {target}, {target.stat().st_size / 1e6:.0f} MB")
    return target


def _print_pages(browser: str, folder: Path) -> None:
    """Print what is handed out on paper."""
    for name, place in _PRINTED.items():
        page = folder / place
        open_page = page.with_name("print.html")  # beside it, for its style sheets
        open_page.write_text(unfolded(page.read_text(encoding="utf-8"), code=False), "utf-8")
        print_page(browser, open_page, folder / name)
        open_page.unlink()
    shutil.rmtree(folder / "profile", ignore_errors=True)


def _entrance(folder: Path) -> str:
    """Write the page that leads to what there is."""
    links = "".join(
        f'<li><a href="{place}">{escape(words)}</a></li>'
        for place, words in _PARTS.items()
        if (folder / place).exists()
    )
    words = (
        f"<p>{escape(book_title())}. Nothing here needs internet, a server or an installation; the "
        'notebooks alone need JupyterLab and the project. Begin with the <a href="'
        f"{_GUIDE}\">teacher's guide</a>.</p><ul>{links}</ul>"
    )
    return entrance("To teach with", words)
