"""Every page of the built site, read as a file."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

FILE_NAME = re.compile(r"^\S*[/\\]\S*$|\.(png|svg|jpe?g|gif)$", re.IGNORECASE)
RESOURCES = "script[src], img[src], link[href], iframe[src], source[src]"


@cache
def parse(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def page(site: Path, page_name: str) -> BeautifulSoup:
    path = site / page_name
    assert path.is_file(), f"_toc.yml lists {page_name}, the site does not have it"
    return parse(path)


def test_has_one_heading_and_a_title(page: BeautifulSoup) -> None:
    headings = [h.get_text() for h in page.find_all("h1")]
    assert len(headings) == 1, headings
    assert page.title is not None and page.title.get_text(strip=True)


def test_has_a_description(page: BeautifulSoup) -> None:
    description = page.find("meta", attrs={"name": "description"})
    assert description is not None and len(description["content"]) > 20


def test_pictures_have_alt_text(page: BeautifulSoup) -> None:
    # The logo stands beside the title that it would only repeat: its alt text is empty on purpose.
    for image in page.select("img:not(.logo__image)"):
        alt = image.get("alt", "")
        assert len(alt) > 5 and not FILE_NAME.search(alt), f"alt={alt!r} of {str(image)[:120]}"


def test_tables_have_a_caption_and_headers(page: BeautifulSoup) -> None:
    for table in page.select("table.reanalysis-table"):
        assert table.caption is not None and table.caption.get_text(strip=True)
        assert table.select("thead th")


def test_links_and_resources_exist(site: Path, page_name: str, page: BeautifulSoup) -> None:
    elements = page.select(f"a[href], {RESOURCES}")
    targets = [element.get("href") or element.get("src") for element in elements]
    assert [target for target in targets if _is_dead(target, site / page_name)] == []


def _is_dead(target: str, page: Path) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not path.is_file():
        return True
    anchor = unquote(parts.fragment)
    if not anchor or path.suffix != ".html":
        return False
    return parse(path).find(id=anchor) is None


def test_names_no_other_host_for_resources(page: BeautifulSoup) -> None:
    targets = [e.get("src") or e.get("href") for e in page.select(RESOURCES)]
    assert not [t for t in targets if urlsplit(t).netloc]


def test_shows_no_error(page: BeautifulSoup) -> None:
    assert not page.select(".output.traceback, .output.stderr, .problematic, .system-message")
    text = page.get_text()
    assert "Traceback (most recent call last)" not in text
    assert not re.search(r"^\w*Warning: ", text, re.MULTILINE)


def test_first_page_is_the_root(site: Path) -> None:
    refresh = parse(site / "index.html").find("meta", attrs={"http-equiv": "Refresh"})
    assert refresh is None or (site / refresh["content"].partition("url=")[2]).is_file()


def test_loads_only_the_scripts_that_it_needs(page: BeautifulSoup) -> None:
    scripts = {Path(urlsplit(s["src"]).path).name for s in page.select("script[src]")}
    assert ("tex-svg.js" in scripts) == bool(page.select(".math"))
    widgets = page.select('script[type="application/vnd.jupyter.widget-state+json"]')
    assert ("widgets.js" in scripts) == bool(widgets)
