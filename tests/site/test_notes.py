"""What cannot be shown is said once in a section."""

from docutils import nodes
from docutils.utils import new_document

from reanalysis.core.errors import NotRecorded
from reanalysis.page.notebook import Note
from reanalysis.site.notes import say_once

REASON = NotRecorded(["age"])


def cell(repeated: bool) -> nodes.container:
    html = Note(REASON, repeated)._repr_html_()
    output = nodes.container("", nodes.raw("", html, format="html"), classes=["cell_output"])
    return nodes.container("", nodes.literal_block("", "code"), output, classes=["cell"])


def test_a_section_says_once_why_its_results_are_missing() -> None:
    page = new_document("page")
    table = nodes.raw("", "<table></table>", format="html")
    first = nodes.section("", cell(False), cell(True), table, cell(True))
    second = nodes.section("", cell(True), cell(True), cell(False))
    page += [first, second]
    say_once(page)
    texts = [[raw.astext() for raw in part.findall(nodes.raw)] for part in (first, second)]
    same = "Not shown, for the same reason."
    assert [("age" in t, same in t) for t in texts[0]] == [(True, False), (False, False)]
    assert [("age" in t, same in t) for t in texts[1]] == [(False, True), (True, False)]
    # The code stays, without an empty place for its result.
    assert [len(c.children) for c in first.children if isinstance(c, nodes.container)] == [2, 1, 1]
