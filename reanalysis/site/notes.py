"""Notes in place of results that cannot be shown, said once in each section.

A cohort that records little has many cells that cannot run, for one reason. In a notebook each says
so. On a page a reader is told once, where the first of them stands in a section.
"""

from docutils import nodes
from sphinx.application import Sphinx

from reanalysis.page.notebook import NOTE, REPEATED


def say_once(page: nodes.document) -> None:
    """Take from each section of a page the notes that repeat one of the same section.

    Parameters
    ----------
    page
        The page's document tree; it is changed.
    """
    told: set[nodes.Node] = set()
    for raw in list(page.findall(nodes.raw)):
        text = raw.astext()
        if NOTE not in text:
            continue
        section = _section(raw)
        if REPEATED in text and section in told:
            _remove(raw)
        told.add(section)


def _section(node: nodes.Node) -> nodes.Node:
    while node.parent is not None and not isinstance(node, nodes.section):
        node = node.parent
    return node


def _remove(node: nodes.Element) -> None:
    """Take a node away, and what has nothing else in it."""
    parent = node.parent
    parent.remove(node)
    if not parent.children and not isinstance(parent, nodes.section | nodes.document):
        _remove(parent)


def on_resolved(app: Sphinx, page: nodes.document, _: str) -> None:
    """Do it for a page of the site; Sphinx' event ``doctree-resolved``."""
    if app.builder.format == "html":
        say_once(page)
