"""The tree of a page, a drawing or any other markup, as far as values and texts stand in it."""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser

# Attributes of SVG that hold coordinates, and what says how something looks.
GEOMETRY = frozenset(
    re.findall(
        r"\S+",
        """
        d points transform viewbox x y x1 y1 x2 y2 cx cy r rx ry dx dy width height style class
        stroke-width font-size opacity offset stroke-miterlimit tabindex colspan rowspan
        """,
    )
)
# Elements that stand in a line with others.
_INLINE = frozenset(
    re.findall(
        r"\S+",
        """
        a abbr b bdi bdo cite code del dfn em font i ins kbd label mark q s samp small span strike
        strong sub sup tspan tt u var wbr
        """,
    )
)
_VOID = frozenset(
    re.findall(
        r"\S+",
        """
        area base br col embed hr img input link meta param source track wbr
        path use line rect circle ellipse polygon polyline stop
        """,
    )
)
# An element that is closed where another of these begins.
_CLOSED_BY = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "tbody", "tfoot"},
    "td": {"td", "th", "tr", "tbody", "tfoot"},
    "th": {"td", "th", "tr", "tbody", "tfoot"},
    "option": {"option"},
    "p": {"p", "div", "table", "ul", "ol", "dl", "h1", "h2", "h3", "pre", "section"},
}
_RAW = ("script", "style")


@dataclass
class Node:
    """An element: its tag, its attributes, and what is in it, in order."""

    tag: str
    attributes: list[tuple[str, str]] = field(default_factory=list)
    content: "list[Node | str]" = field(default_factory=list)

    @property
    def children(self) -> "list[Node]":
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Node)]

    @cached_property
    def text(self) -> str:
        """The text in it, with its white space as one blank each."""
        return " ".join("".join(self.strings()).split())

    def strings(self) -> list[str]:
        """Return the stretches of text in it, in order."""
        found: list[str] = []
        todo: list[Node | str] = [self]
        while todo:
            part = todo.pop()
            if isinstance(part, str):
                found.append(part)
            else:
                if part.tag not in _INLINE:
                    found.append(" ")
                todo += reversed(part.content)
        return found


@dataclass
class Page:
    """What stands in a piece of markup.

    Attributes
    ----------
    root
        The tree.
    nodes
        All its elements, each after the one that it is in.
    comments
        The comments.
    raw
        The tag and content of scripts and styles.
    flow
        The text, a line for each block.
    """

    root: Node
    nodes: list[Node]
    comments: list[str]
    raw: list[tuple[str, str]]
    flow: str

    @property
    def attributes(self) -> list[tuple[str, str]]:
        """The attributes of all elements that are no coordinates."""
        return [
            (name, value)
            for node in self.nodes
            for name, value in node.attributes
            if value and name not in GEOMETRY
        ]


@lru_cache(maxsize=2)
def parse(text: str) -> Page:
    """Read markup, however broken.

    Parameters
    ----------
    text
        HTML, SVG or XML.

    Returns
    -------
    Page
        Its tree and texts.
    """
    parser = _Parser()
    parser.feed(text)
    parser.close()
    parser.end_line()
    return Page(parser.root, parser.nodes, parser.comments, parser.raw, "\n".join(parser.lines))


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]
        self.nodes = [self.root]
        self.comments: list[str] = []
        self.raw: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.line: list[str] = []
        self.inside: list[str] | None = None
        self.preformatted = 0

    def end_line(self) -> None:
        line = "".join(self.line)
        if not self.preformatted:
            line = " ".join(line.split())
        if line.strip():
            self.lines.append(line)
        self.line = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        while len(self.open) > 1 and tag in _CLOSED_BY.get(self.open[-1].tag, ()):
            self.open.pop()
        node = Node(tag, [(name, value or "") for name, value in attributes])
        self.open[-1].content.append(node)
        self.nodes.append(node)
        if tag not in _INLINE:
            self.end_line()
        self.preformatted += tag == "pre"
        if tag in _RAW:
            self.inside = []
        if tag not in _VOID and len(self.open) < 500:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if self.open[-1].tag == tag and self.open[-1] is self.nodes[-1]:
            self.open.pop()
            self.inside = None

    def handle_endtag(self, tag: str) -> None:
        if self.inside is not None and tag in _RAW:
            self.raw.append((tag, "".join(self.inside)))
            self.inside = None
        if tag not in _INLINE:
            self.end_line()
        if tag == "pre" and self.preformatted:
            self.preformatted -= 1
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.inside is not None:
            self.inside.append(data)
            return
        self.open[-1].content.append(data)
        self.line.append(data)

    def unknown_decl(self, data: str) -> None:
        # CDATA of XML.
        self.handle_data(data.removeprefix("CDATA[").removesuffix("]"))

    def handle_pi(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.comments.append(decl)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)
