"""Terms of the glossary, linked where they first stand on a page.

The pages say a term and nothing else: a notebook reads as well without the site. The site makes a
link of its first mention in the text, with the definition as its description, which a pointer that
rests on it, the keyboard's focus and a screen reader show.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "book/glossary"
# Pages about the terms themselves, and the front page, which has links enough.
WITHOUT = (GLOSSARY, "notebooks/index")

# What is no running text: it is left alone.
APART = (
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.title,
    nodes.caption,
    nodes.table,
    nodes.raw,
)


@dataclass(frozen=True)
class Entry:
    """A term of the glossary.

    Attributes
    ----------
    names
        What it is called in the text.
    definition
        What the glossary says.
    anchor
        Its place on the glossary's page.
    """

    names: tuple[str, ...]
    definition: str
    anchor: str


def names_of(term: str, definition: str) -> tuple[str, ...]:
    """Give what a term is called in the text.

    Parameters
    ----------
    term
        As the glossary has it: a name, one with its abbreviation in brackets, or several with
        commas between. Of several words the first alone names it too if it is somebody's name, an
        abbreviation or has a hyphen.
    definition
        Of an abbreviation it begins with the words that are abbreviated.

    Returns
    -------
    tuple of str
        Without repetition.
    """
    names = [name for part in term.split(",") for name in re.split(r"\s*[()]\s*", part.strip())]
    word, _, more = term.partition(" ")
    if more and "," not in term and (word[0].isupper() or "-" in word):
        names.append(word)
    if term.isupper() and "," not in term:
        words = re.split(r"[,:;.(]", definition, maxsplit=1)[0]
        names += [words[0].lower() + words[1:]] if " " in words or "-" in words else []
    return tuple(dict.fromkeys(name for name in names if name))


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Find a name as a word of its own, in the plural too, and with a capital to begin with."""
    forms = []
    for name in sorted(names, key=len, reverse=True):
        first, rest = re.escape(name[0]), re.escape(name[1:]).replace(r"\ ", r"\s+")
        forms.append(f"[{first}{first.upper()}]{rest}" if name[:2].islower() else first + rest)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})s?(?![\w-])")


def entries(glossary: nodes.document) -> list[Entry]:
    """Read the terms of the glossary's page."""
    found = []
    for item in glossary.findall(nodes.definition_list_item):
        term = next(item.findall(nodes.term))
        definition = " ".join(next(item.findall(nodes.definition)).astext().split())
        names = names_of(term.astext(), definition)
        found.append(Entry(names, definition, term["ids"][0]))
    return found


def _running_text(page: nodes.document) -> Iterator[nodes.Text]:
    """Give the texts of a page's paragraphs, the sentences that code fills in among them."""
    for paragraph in page.findall(nodes.paragraph):
        if _within(paragraph, page, APART):
            continue
        for text in list(paragraph.findall(nodes.Text)):
            if not _within(text, paragraph, APART):
                yield text


def _within(node: nodes.Node, top: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    parent = node.parent
    while parent is not None and parent is not top:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False


def link_terms(page: nodes.document, glossary: list[Entry], address: str) -> None:
    """Make a link of the first mention of each term in the text of a page.

    Parameters
    ----------
    page
        The page's document tree; it is changed.
    glossary
        The terms.
    address
        Of the glossary, as seen from the page.
    """
    left = list(glossary)
    for text in _running_text(page):
        pieces, rest = [], text.astext()
        while found := _first(rest, left):
            entry, match = found
            left.remove(entry)
            link = nodes.reference(
                match[0],
                match[0],
                internal=True,
                refuri=f"{address}#{entry.anchor}",
                reftitle=entry.definition,
                classes=["term"],
            )
            pieces += [nodes.Text(rest[: match.start()]), link]
            rest = rest[match.end() :]
        if pieces and text.parent is not None:
            text.parent.replace(text, [*pieces, nodes.Text(rest)])


def _first(text: str, left: list[Entry]) -> tuple[Entry, re.Match[str]] | None:
    """Find what stands first in a text; of two that begin together, the longer."""
    hits = [(entry, match) for entry in left if (match := _pattern(entry.names).search(text))]
    return min(hits, key=lambda hit: (hit[1].start(), -hit[1].end()), default=None)


def on_resolved(app: Sphinx, page: nodes.document, name: str) -> None:
    """Link the terms of a page of the site; Sphinx' event ``doctree-resolved``."""
    if app.builder.format != "html" or name in WITHOUT or GLOSSARY not in app.env.found_docs:
        return
    glossary = entries(app.env.get_doctree(GLOSSARY))
    link_terms(page, glossary, app.builder.get_relative_uri(name, GLOSSARY))
