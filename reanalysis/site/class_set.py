"""A class set as files: a cohort and a page for each resident, and the page that pools them."""

import json
from html import escape
from pathlib import Path

from reanalysis.core.dictionary import load_dictionary
from reanalysis.page.widgets.base import BookWidget
from reanalysis.page.widgets.class_set import ClassPool, ClassSheet
from reanalysis.site.content_security import protect
from reanalysis.site.entrance import book_title, entrance
from reanalysis.site.handout import handout
from reanalysis.teach.class_set import SEED, class_cohort


def write_class(folder: Path, residents: int, seed: int = SEED) -> Path:
    """Write a class set.

    Parameters
    ----------
    folder
        Where to; what is in it of the same names is overwritten.
    residents
        How many.
    seed
        Of the class: another one, other cohorts.

    Returns
    -------
    pathlib.Path
        The page that leads to the others.

    Raises
    ------
    ValueError
        If there is not at least one resident, or more than 99.
    """
    if not 0 < residents < 100:
        raise ValueError(f"a class has 1 to 99 residents, not {residents}")
    folder.mkdir(parents=True, exist_ok=True)
    columns = load_dictionary().columns
    names = []
    for number in range(1, residents + 1):
        cohort = class_cohort(number, seed)
        name = f"cohort_{number:02d}"
        cohort[list(columns)].to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
        _write(folder / f"{name}.html", f"Cohort {number}", ClassSheet(number, cohort))
        names.append(name)
    _write(folder / "pool.html", "What the class has estimated", ClassPool())
    links = "".join(
        f'<li><a href="{name}.html">Cohort {number}</a> (<a href="{name}.csv">CSV</a>)</li>'
        for number, name in enumerate(names, start=1)
    )
    index = folder / "index.html"
    words = (
        f"<p>{escape(book_title())}. Everybody opens the page of their own number, reads the "
        "curves and hands in a code; the teacher types the codes into the "
        f'<a href="pool.html">pooling page</a>. All patients are made up.</p><ol>{links}</ol>'
    )
    index.write_text(entrance("Class set", words), encoding="utf-8")
    return index


def _write(path: Path, heading: str, widget: BookWidget) -> None:
    """Write a widget as a page of its own."""
    state = json.loads(json.dumps(widget.get_state(), default=str))
    model = {"model_module": "anywidget", "state": state}
    page = f"<h1>{escape(heading)}</h1>{widget.framed_still()}"
    text = handout(str(widget.model_id), model, page, book_title())
    path.write_text(protect(text), encoding="utf-8")
