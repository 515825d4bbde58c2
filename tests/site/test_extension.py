"""What the site adds to Jupyter Book's pages."""

from types import SimpleNamespace

import pytest
from docutils.core import publish_doctree

from reanalysis.site import extension as site


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("T\n=\n\nOne (Fig. 3A), two. Three?\n\nFour.", "One (Fig. 3A), two. Three?"),
        ("T\n=\n\n.. note:: A box.\n\n* An item.\n\nThe\ntext.", "The text."),
        ("T\n=\n\n" + "A long sentence. " * 30, "A long sentence. " * 16 + "A long sentence."),
        ("T\n=\n\n" + "longer " * 60 + "sentence. Next.", "longer " * 60 + "sentence."),
        ("T\n=\n", ""),
    ],
)
def test_a_page_is_described_in_its_first_whole_sentences(page: str, expected: str) -> None:
    # Docutils makes a lone title the document's; a page of the book keeps its section.
    tree = publish_doctree(page, settings_overrides={"doctitle_xform": False})
    assert site.description(tree) == expected


def resource(filename: str = "", **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=filename, attributes=attributes)


def test_a_script_goes_only_where_it_is_used() -> None:
    tabs, hint = resource("design-tabs.js"), resource(body="let toggleHintShow = 'x';")
    assert not site.is_used(tabs, '<p class="x">') and not site.is_used(hint, "<p>")
    assert site.is_used(tabs, '<div class="sd-tab-set">')
    assert site.is_used(hint, '<div class="admonition dropdown">')
    assert site.is_used(resource("book.css"), "")


@pytest.mark.parametrize(
    ("corner", "cell"),
    [
        ("<th></th>", "<td></td>"),
        ('<th scope="col" class="text"></th>', '<td class="text"></td>'),
        ('<th class="head"><p></p></th>', '<td class="head"></td>'),
        ("<th>n</th>", "<th>n</th>"),
    ],
)
def test_the_empty_corner_of_a_table_is_no_header(corner: str, cell: str) -> None:
    assert site.EMPTY_HEADER.sub(r"<td\1></td>", corner) == cell
