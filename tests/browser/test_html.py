"""Every page of the built site, read as a file."""

import re
import struct
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

from reanalysis.core.paths import ROOT
from reanalysis.site import build as book

FILE_NAME = re.compile(r"^\S*[/\\]\S*$|\.(png|svg|jpe?g|gif)$", re.IGNORECASE)
RESOURCES = "script[src], img[src], link[href]:not([rel=canonical]), iframe[src], source[src]"


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


def meta(page: BeautifulSoup, name: str) -> str:
    key = "property" if name.startswith("og:") else "name"
    found = page.head.find_all("meta", attrs={key: name})
    assert len(found) == 1, f"{len(found)} of {name}"
    return found[0]["content"]


def test_is_described_in_whole_sentences_of_its_own(
    site: Path, page: BeautifulSoup, pages: list[str]
) -> None:
    text = meta(page, "description")
    assert 40 < len(text) <= 350 and text.endswith((".", "?")) and "Fig." not in text[-5:]
    assert page.find("article").find(string=re.compile(re.escape(text.split()[0])))
    others = [parse(site / name) for name in pages]
    assert [meta(other, "description") for other in others].count(text) == 1


def test_a_shared_link_shows_a_card(site: Path, page_name: str, page: BeautifulSoup) -> None:
    assert meta(page, "og:title") == page.h1.get_text().removesuffix("#")
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "twitter:card") == "summary_large_image" and meta(page, "og:image:alt")
    image = meta(page, "og:image")
    path = (
        site / "_static" / Path(image).name if "://" in image else (site / page_name).parent / image
    )
    width, height = struct.unpack(">II", path.read_bytes()[16:24])  # of a PNG's header
    assert (width, height) == tuple(int(meta(page, f"og:image:{s}")) for s in ("width", "height"))


def base_url() -> str:
    """Address of the site: known where _config.yml names it, and on GitHub; else empty."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address: str = book.configuration(config)["html"].get("baseurl", "")
    return address


def test_no_address_of_the_site_is_made_up(page: BeautifulSoup) -> None:
    known = bool(base_url())
    assert bool(page.find("meta", property="og:url")) == known
    assert ("://" in meta(page, "og:image")) == known


def test_pictures_have_alt_text(page: BeautifulSoup) -> None:
    # The logo stands beside the title that it would only repeat: its alt text is empty on purpose.
    for image in page.select("img:not(.logo__image)"):
        alt = image.get("alt", "")
        assert len(alt) > 5 and not FILE_NAME.search(alt), f"alt={alt!r} of {str(image)[:120]}"


def test_figures_say_what_they_show(page: BeautifulSoup) -> None:
    # A sentence about what can be seen in it: not a title, and not the caption once more.
    for figure in page.select(".cell_output :is(img, svg[role=img])"):
        alt = figure.get("alt") or figure.get("aria-label") or ""
        assert len(alt.split()) >= 8 and re.search(r"[.;]$", alt), alt
        frame = figure.find_parent("figure")
        assert frame is None or alt not in frame.get_text(" ", strip=True)


def test_tables_have_a_caption_and_headers(page: BeautifulSoup) -> None:
    for table in page.select("table"):
        text = table.get_text(" ", strip=True)[:80]
        assert table.caption is not None and table.caption.get_text(strip=True), text
        # 'Table 2' is the paper's: the tables of the book have no numbers.
        assert not table.select(".caption-number"), text
        headers = table.select("thead th")
        assert headers and all(header.get_text(strip=True) for header in headers), text


def test_tables_of_results_name_rows_and_columns(page: BeautifulSoup) -> None:
    # Those of prose have one row of headers, which needs no scope.
    for table in page.select(".cell_output table"):
        assert all(th.get("scope") for th in table.select("th")), table.caption


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
    widget, settings, _ = anchor.partition("?")
    return parse(path).find(attrs={"data-still": widget} if settings else {"id": anchor}) is None


def test_names_no_other_host_for_resources(page: BeautifulSoup) -> None:
    targets = [e.get("src") or e.get("href") for e in page.select(RESOURCES)]
    assert not [t for t in targets if urlsplit(t).netloc]


def test_shows_no_error(page: BeautifulSoup) -> None:
    assert not page.select(".output.traceback, .output.stderr, .problematic, .system-message")
    text = page.get_text()
    assert "Traceback (most recent call last)" not in text
    assert not re.search(r"^\w*Warning: ", text, re.MULTILINE)


def test_every_page_is_reached_by_links(site: Path, pages: list[str]) -> None:
    reached, waiting = set(), {site / pages[0]}
    while waiting:
        here = waiting.pop()
        reached.add(here)
        links = [urlsplit(link["href"]) for link in parse(here).select("a[href]")]
        own = {unquote(link.path) for link in links if not link.netloc and link.path}
        found = {(here.parent / path).resolve() for path in own if path.endswith(".html")}
        waiting |= found - reached
    assert reached == {site / page for page in pages}


def test_the_root_leads_to_the_first_page(site: Path, pages: list[str]) -> None:
    entrance = parse(site / "index.html")
    target = entrance.find("meta", attrs={"http-equiv": "refresh"})["content"].partition("url=")[2]
    assert target == pages[0] == entrance.a["href"]
    assert meta(entrance, "og:title") == entrance.title.get_text()
    assert meta(entrance, "description") == meta(parse(site / target), "description")


def test_the_page_for_dead_addresses_stands_alone(site: Path, pages: list[str]) -> None:
    """A server shows it in place of any page, at any depth."""
    missing = parse(site / "404.html")
    resources = [e.get("src") or e.get("href") for e in missing.select(RESOURCES)]
    assert all(resource.startswith("data:") for resource in resources)
    links = [link["href"] for link in missing.select("a[href]")]
    for page in pages:
        assert any(link.endswith(page) for link in links), page
    assert missing.form["action"].endswith("search.html")
    if base_url():
        assert all(link.startswith("/") for link in links)


# What a script or a style sheet is for, where it is not for every page.
NEEDED_BY = {
    "widgets.js": 'script[type="application/vnd.jupyter.widget-state+json"]',
    "togglebutton.js": ".toggle, .admonition.dropdown",
    "togglebutton.css": ".toggle, .admonition.dropdown",
    "design-tabs.js": ".sd-tab-set",
    "sphinx-design.min.css": "article [class^=sd-]",
    "clipboard.min.js": ".highlight",
    "copybutton.js": ".highlight",
    "copybutton.css": ".highlight",
    "searchindex.js": "#search-results",
}


def test_loads_only_what_it_needs(page: BeautifulSoup) -> None:
    addresses = [e.get("src") or e.get("href") for e in page.select("script[src], link[href]")]
    files = {Path(urlsplit(address).path).name for address in addresses}
    needed = {name for name, what in NEEDED_BY.items() if page.select_one(what)}
    assert files & NEEDED_BY.keys() == needed


def test_the_browser_is_told_to_ask_no_other_site(page: BeautifulSoup) -> None:
    (tag,) = page.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    rules = dict(part.split(" ", 1) for part in tag["content"].split("; "))
    assert rules["default-src"] == "'none'" and "'unsafe-inline'" not in rules["script-src"]
    assert not [rule for rule in rules.values() if "://" in rule or "*" in rule]
