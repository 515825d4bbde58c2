"""Terms of the glossary: found as words, linked once, and only in running text."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from reanalysis.core.paths import ROOT
from reanalysis.site.terms import Entry, _pattern, entries, link_terms, names_of

TACE = Entry(("TACE", "transarterial chemoembolization"), "Through the artery.", "term-TACE")
INCOMPLETE = Entry(("incomplete TACE",), "Viable tumour remains.", "term-incomplete-TACE")
RATIO = Entry(("hazard ratio",), "Of two rates.", "term-hazard-ratio")


@pytest.mark.parametrize(
    ("term", "definition", "names"),
    [
        ("complete response (CR)", "By mRECIST, none.", ("complete response", "CR")),
        ("GTV, ITV, PTV", "Gross tumour volume, and more.", ("GTV", "ITV", "PTV")),
        ("HCC", "Hepatocellular carcinoma, the most.", ("HCC", "hepatocellular carcinoma")),
        ("hazard ratio", "The ratio of rates.", ("hazard ratio",)),
        ("Child-Pugh class", "A score.", ("Child-Pugh class", "Child-Pugh")),
        ("log-rank test", "A comparison.", ("log-rank test", "log-rank")),
    ],
)
def test_names(term: str, definition: str, names: tuple[str, ...]) -> None:
    assert names_of(term, definition) == names


@pytest.mark.parametrize(
    ("names", "text", "found"),
    [
        (("hazard ratio",), "Hazard ratios of both", "Hazard ratios"),
        (("hazard ratio",), "a hazard\nratio", "hazard\nratio"),
        (("CR",), "anyCR, CRP and non-CR", None),
        (("TACE",), "tace", None),
    ],
)
def test_a_name_is_a_word_of_its_own(names: tuple[str, ...], text: str, found: str | None) -> None:
    match = _pattern(names).search(text)
    assert (match and match[0]) == found


def linked(page: nodes.document) -> list[tuple[str, str, str]]:
    links = page.findall(lambda node: isinstance(node, nodes.reference) and "refuri" in node)
    return [(link.astext(), link["refuri"], link["reftitle"]) for link in links]


def test_the_first_mention_in_running_text_is_linked_and_nothing_else_changes() -> None:
    page = publish_doctree(
        "TACE\n====\n\nA ``hazard ratio``. *Incomplete TACE* and TACE, then TACE again.\n\n"
        "The hazard ratio of TACE.\n",
        settings_overrides={"doctitle_xform": False},
    )
    before = page.astext()
    link_terms(page, [TACE, INCOMPLETE, RATIO], "glossary.html")
    assert page.astext() == before
    assert linked(page) == [
        ("Incomplete TACE", "glossary.html#term-incomplete-TACE", "Viable tumour remains."),
        ("TACE", "glossary.html#term-TACE", "Through the artery."),
        ("hazard ratio", "glossary.html#term-hazard-ratio", "Of two rates."),
    ]


def test_a_table_that_code_has_made_is_left_alone_and_a_sentence_is_not() -> None:
    page = publish_doctree("x")
    table = nodes.raw("", "<td>TACE</td>", format="html")
    page += nodes.container("", table, nodes.paragraph("", "TACE."), classes=["cell_output"])
    link_terms(page, [TACE], "glossary.html")
    assert len(linked(page)) == 1
    assert table.astext() == "<td>TACE</td>"


def test_entries_are_read_from_the_page() -> None:
    page = publish_doctree("x")
    term = nodes.term("", "HCC", ids=["term-HCC"])
    text = nodes.paragraph("", "Hepatocellular carcinoma,\nthe most common.")
    item = nodes.definition_list_item("", term, nodes.definition("", text))
    page += nodes.definition_list("", item)
    (entry,) = entries(page)
    assert entry.anchor == "term-HCC"
    assert entry.definition == "Hepatocellular carcinoma, the most common."


def test_the_glossary_is_in_order_and_keeps_its_letters() -> None:
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    terms = [block.split("\n")[0] for block in text.split("```{glossary}\n")[1].split("\n\n")]
    assert terms == sorted(terms, key=str.casefold)
    assert "(C)" not in text  # MyST would make a copyright sign of it
