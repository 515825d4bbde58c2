"""Slides from the executed notebooks: a deck for each chapter, offline, with the same widgets.

Each figure, table and widget of a chapter is a slide under its section's heading; the sentences
that the code has made stand below it, and the prose is in the presenter's notes (press S).
reveal.js turns the pages; it stands beside this module, because a room without internet has no
CDN. Exercises stay in the book: a slide has no room for them.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode

from reanalysis.core.paths import ROOT
from reanalysis.site.build import Progress, pages, say
from reanalysis.site.entrance import book_title, entrance
from reanalysis.site.formulas import mathml
from reanalysis.site.widget_state import WIDGET_STATE, WIDGET_VIEW, without_tags

_REVEAL = Path(__file__).parent / "reveal"
_ASSETS = ROOT / "book" / "_assets"
_HEADING = re.compile(r"^(#{1,3}) (.+)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^:{3,}.*$|^\(\w+\)=$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
_LONGEST = 600  # characters of prose that a slide without a picture shows
_LEFT_OUT = "Exercises"  # the section, and the widget in it

# No host is asked for anything. The presenter's window, which reveal.js writes, inherits this and
# runs a script that stands in it.
_POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; script-src 'self' 'unsafe-inline' blob:; frame-src 'self' file:"
)
_STYLE = """
:root { --book-rule: #1d2430; --book-aside: #f4f6f8; }
.reveal { font: 26px/1.4 system-ui, sans-serif; color: #1d2430; }
.reveal .slides > section { text-align: left; height: 100%; overflow-y: auto; }
.reveal h1, .reveal h2 { font-family: Georgia, serif; margin: 0 0 1rem; line-height: 1.2; }
.reveal h1 { font-size: 2.2em; } .reveal h2 { font-size: 1.4em; }
.reveal :is(p, ul, ol) { margin: 0 0 0.8rem; }
.reveal :is(ul, ol) { padding-left: 1.4em; }
.reveal figure img { display: block; max-width: 100%; height: 500px; object-fit: contain;
  margin: auto; }
.reveal figcaption, .reveal .reanalysis-table-note { font-size: 0.6em; color: #56606f; }
.reveal table { border-collapse: collapse; font-size: 0.72em; font-variant-numeric: tabular-nums;
  border-top: 2px solid; border-bottom: 2px solid; margin: 0 0 0.6rem; }
.reveal table :is(th, td) { padding: 0.2em 0.8em 0.2em 0; text-align: left; font-weight: 400; }
.reveal table thead th { font-weight: 600; border-bottom: 1px solid; vertical-align: bottom; }
.reveal table caption { text-align: left; font-weight: 600; }
.reveal .rx { font-size: 20px; }
.reveal aside.notes { display: none; }
.reveal .slide-number { background: #1d2430; }
.reveal .slide-number a { color: #fff; }
"""


@dataclass
class Slide:
    """A slide: its heading, what it shows, and the presenter's notes, as HTML."""

    title: str
    body: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def slides(notebook: NotebookNode) -> list[Slide]:
    """Make the slides of an executed notebook.

    Parameters
    ----------
    notebook
        With its outputs, and the views of its widgets.

    Returns
    -------
    list of Slide
        In the order of the notebook.
    """
    deck: list[Slide] = []
    section = Slide("")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for title, prose in _sections(cell.source):
                if title:
                    deck += _closed(section)
                    section = Slide(title)
                if prose:
                    section.notes.append(_html(prose))
        elif not cell.source.startswith(f"{_LEFT_OUT}("):
            for kind, shown in _shown(cell):
                if kind == "picture" and section.body:
                    deck.append(section)
                    section = Slide(section.title)
                section.body.append(shown)
    return [*deck, *_closed(section)]


def _closed(section: Slide) -> list[Slide]:
    """Close a section: what has no picture shows its prose, as far as there is room."""
    if section.title == _LEFT_OUT:
        return []
    if not section.body and section.notes:
        length = 0
        while section.notes and (not length or length + len(section.notes[0]) <= _LONGEST):
            length += len(section.notes[0])
            section.body.append(section.notes.pop(0))
    return [section] if section.body or section.title else []


def _sections(source: str) -> Iterator[tuple[str, str]]:
    """Split Markdown at its headings: each heading, or none, with the prose below it."""
    parts = _HEADING.split(_DIRECTIVE.sub("", source))
    yield "", parts[0].strip()
    for title, prose in zip(parts[2::3], parts[3::3], strict=True):
        yield title.strip(), prose.strip()


def _shown(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Give what a cell shows, as HTML: pictures, among them tables and widgets, and sentences."""
    for output in cell.outputs:
        data: Mapping[str, Any] = output.get("data", {})
        if WIDGET_VIEW in data:
            view = json.dumps(data[WIDGET_VIEW])
            yield "picture", f'<script type="{WIDGET_VIEW}">{view}</script>'
        elif "text/html" in data:
            still = 'class="rx-still"' in data["text/html"]
            yield ("sentence" if still else "picture"), data["text/html"]
        elif "text/markdown" in data:
            yield "sentence", _html(data["text/markdown"])


def _html(prose: str) -> str:
    """Write prose as HTML: links as their words, formulas as MathML."""
    formulas: list[str] = []

    def kept(match: re.Match[str]) -> str:
        formulas.append(mathml(match[1] or match[2], block=bool(match[1])))
        return f"FORMULA{len(formulas) - 1}END"

    text = _FORMULA.sub(kept, _LINK.sub(r"\1", prose))
    written = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
    return re.sub(r"FORMULA(\d+)END", lambda match: formulas[int(match[1])], written)


def page(notebook: NotebookNode, title: str) -> str:
    """Write the deck of a notebook as a page.

    Parameters
    ----------
    notebook
        As for ``slides``, with the state of its widgets.
    title
        Title of the book.
    """
    made = slides(notebook)
    first, *others = made
    body = [f"<section><h1>{escape(first.title)}</h1>{_inner(first)}</section>"]
    body += [f"<section><h2>{escape(s.title)}</h2>{_inner(s)}</section>" for s in others]
    states = notebook.metadata.get("widgets", {}).get(WIDGET_STATE)
    state = f'<script type="{WIDGET_STATE}">{without_tags(json.dumps(states))}</script>'
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en" data-theme="light"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(first.title)} · {escape(title)}</title>",
            *(f'<link rel="stylesheet" href="reveal/{n}.css">' for n in ("reset", "reveal")),
            f"<style>{_STYLE}</style></head><body>",
            f'<div class="reveal"><div class="slides">{"".join(body)}</div></div>',
            state if states else "",
            *(f'<script src="reveal/{n}.js"></script>' for n in ("reveal", "notes", "widgets")),
            "<script>Reveal.initialize({ hash: true, width: 1280, height: 760, margin: 0.04, "
            'center: false, transition: "none", slideNumber: "c/t", plugins: [RevealNotes] });'
            "</script></body></html>\n",
        ]
    )


def _inner(slide: Slide) -> str:
    notes = "".join(slide.notes)
    return "".join(slide.body) + (f'<aside class="notes">{notes}</aside>' if notes else "")


def write_slides(output: Path, *, root: Path = ROOT, progress: Progress = say) -> Path:
    """Write the slides of the book that was built last.

    Parameters
    ----------
    output
        The folder ``_build`` of ``python -m reanalysis book``.
    root
        Folder of the project.
    progress
        Is given a line when all is done.

    Returns
    -------
    pathlib.Path
        The page that leads to the decks.
    """
    folder = output / "slides"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_REVEAL, folder / "reveal")
    shutil.copy(_ASSETS / "widgets.js", folder / "reveal")
    title = book_title()
    links = []
    for chapter in (p for p in pages(root) if re.match(r"\d\d_.*\.ipynb", p.name)):
        notebook = nbformat.read(  # type: ignore[no-untyped-call]
            output / "book" / chapter, as_version=4
        )
        name = chapter.with_suffix(".html").name
        (folder / name).write_text(page(notebook, title), encoding="utf-8")
        links.append(f'<li><a href="{name}">{escape(slides(notebook)[0].title)}</a></li>')
    index = folder / "index.html"
    words = (
        "<p>Arrow keys turn the pages, S opens the presenter's window with the notes, O shows all "
        f"slides.</p><ul>{''.join(links)}</ul>"
    )
    index.write_text(entrance("Slides", words), encoding="utf-8")
    progress(f"Done: {index}")
    return index
