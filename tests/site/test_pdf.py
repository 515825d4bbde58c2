"""The whole book as one PDF file."""

import re
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from reanalysis.core.paths import ROOT
from reanalysis.site import build as book
from reanalysis.site import chromium, pdf

FOLDED = '<details class="admonition hide above-input">'
LESSON = '<details class="admonition hide above-input" open>'
ANSWER = '<details class="sd-card">'


def test_paper_opens_answers_and_the_code_where_it_is_wanted() -> None:
    page = f"{FOLDED}a</details>{LESSON}b</details>{ANSWER}c</details>"
    reader, full = pdf.unfolded(page, code=False), pdf.unfolded(page, code=True)
    assert FOLDED in reader and LESSON in reader and reader.count(" open>") == 2
    assert full.count(" open>") == 3 and FOLDED not in full


def test_the_contents_lead_to_each_chapter() -> None:
    page = (
        "<h1>The book</h1><p>Text</p>"
        '<span id="document-notebooks/one"></span><section id="one"><h2>One <em>idea</em></h2>'
        '<span id="document-book/two"></span><section id="two"><h2>Two</h2><h3>Part</h3>'
    )
    contents = pdf.with_contents(page)
    assert contents.startswith("<h1>The book</h1><nav ")
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', contents)
    assert links == [("document-notebooks/one", "One idea"), ("document-book/two", "Two")]


def test_the_page_for_print_is_configured_as_the_site_is() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    changed = pdf.configuration(config)
    assert changed["sphinx"]["config"]["html_css_files"] == ["book.css", "pdf.css"]
    assert (ROOT / "book" / "_assets" / "pdf.css").is_file()
    changed["sphinx"]["config"].pop("html_permalinks")
    changed["sphinx"]["config"]["html_css_files"].remove("pdf.css")
    assert changed == config


def test_without_a_browser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "executable", lambda: None)
    with pytest.raises(book.BookError, match="Chromium, Chrome or Edge"):
        pdf.print_book(tmp_path)


def test_a_browser_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/bin/{name}")
    assert chromium.executable({"CHROMIUM": "/opt/mine"}) == "/opt/mine"
    assert chromium.executable({}) == "/bin/chromium"
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.setattr(chromium, "PLACES", ())
    assert chromium.executable({}) is None


@pytest.mark.slow  # those above are its shorter siblings
def test_the_book_is_printed_whole_with_bookmarks_and_tags(tmp_path: Path) -> None:
    if chromium.executable() is None:
        pytest.skip("there is no Chromium to print with")
    index = book.build(destination=tmp_path)
    reader, full = map(PdfReader, pdf.print_book(index.parents[1]))
    titles = [
        re.sub(r"\W+", " ", path.read_text(encoding="utf-8"))
        for path in index.parent.rglob("*.html")
    ]
    for one in (reader, full):
        assert one.trailer["/Root"]["/MarkInfo"]["/Marked"]  # tagged
        assert one.trailer["/Root"]["/Lang"] == "en"
        (title, chapters) = one.outline
        assert title.title.startswith("SBRT after incomplete TACE")
        named = [entry.title for entry in chapters if not isinstance(entry, list)]
        assert {"Background", "Local control", "Glossary"} <= set(named)
        assert len(named) >= len(book.pages()) - 1
        for entry in named:
            assert any(re.sub(r"\W+", " ", entry) in text for text in titles), entry
    texts = ["".join(page.extract_text() for page in one.pages) for one in (reader, full)]
    assert ["here.table(" in text for text in texts] == [False, True]  # code of folded cells
    assert all("def bed_by_hand" in text for text in texts)  # of a lesson
    assert "Show the code" not in texts[0] + texts[1]
