"""Every page of the built site in a real browser, with no host to be reached but its own."""

import gzip
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route
from pypdf import PdfReader

DESKTOP = {"width": 1280, "height": 720}
PHONE = {"width": 320, "height": 640}
MARGINS = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")  # a browser's own
SLOWEST = 180_000  # milliseconds, on a machine that has other work
FIRST_VISIT = 700_000  # bytes, of the heaviest page with all that it loads, compressed
ELSEWHERE = re.compile(r"^(?!file:|data:|blob:|http://127\.0\.0\.1[:/])")
# A selector, because a function in words is evaluated, which the pages' policy forbids where one
# page leads on to the next.
DRAWN = "html[data-widgets=ready], html:not(:has(script[src*='widgets.js']))"
CLIPPED = """() => {
  document.documentElement.dataset.code = "open";
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  return [...document.querySelectorAll("div.cell_input pre")]
    .filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.textContent.slice(0, 80));
}"""


class Watched:
    """A tab that lets nothing out, and writes down whatever goes wrong in it."""

    compressed: ClassVar[dict[str, int]] = {}  # most files belong to every page

    def __init__(self, browser: Browser) -> None:
        self.troubles: list[str] = []
        self.answers: list[Response] = []
        self.context = browser.new_context()
        self.context.set_default_timeout(SLOWEST)
        self.context.route(ELSEWHERE, self._keep_in)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _keep_in(self, route: Route) -> None:
        self.troubles.append(f"asks another host: {route.request.url}")
        route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text} ({message.location})")

    def _failed(self, request: Request) -> None:
        self.troubles.append(f"failed: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        self.answers.append(response)
        if response.status >= 400:
            self.troubles.append(f"status {response.status}: {response.url}")

    def open(self, url: str) -> None:
        """Open a page and wait until it is drawn, widgets included."""
        self.page.goto(url, wait_until="load")
        self.page.wait_for_selector(DRAWN, state="attached")

    def weight(self) -> int:
        """Bytes of everything that was loaded, as a server that compresses sends it."""
        for answer in self.answers:
            if answer.url not in self.compressed:
                self.compressed[answer.url] = len(gzip.compress(answer.body(), 6))
        return sum(self.compressed[answer.url] for answer in self.answers)


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Watched]:
    tab = Watched(browser)
    yield tab
    tab.context.close()


@pytest.fixture
def watched(tab: Watched) -> Iterator[Watched]:
    """The tab as if it were new: a tab with routes keeps no file from one page to the next."""
    tab.page.set_viewport_size(DESKTOP)
    tab.page.goto("about:blank")
    tab.troubles.clear()
    tab.answers.clear()
    yield tab
    tab.page.unroute_all()
    tab.page.evaluate("localStorage.clear()")


@pytest.fixture(params=["file", "server"])
def root(request: pytest.FixtureRequest, site: Path, address: str) -> str:
    return site.as_uri() if request.param == "file" else address


def test_page_is_whole_light_and_fits_a_phone(
    watched: Watched, address: str, page_name: str
) -> None:
    whole(watched, address, page_name)


# A page's scripts are the same: at a landing one page of each kind is opened from a file.
def test_page_of_each_kind_is_whole_from_a_file(
    watched: Watched, site: Path, page_of_kind: str
) -> None:
    whole(watched, site.as_uri(), page_of_kind)


@pytest.mark.slow
def test_every_page_is_whole_from_a_file(watched: Watched, site: Path, pages: list[str]) -> None:
    for page_name in pages:
        whole(watched, site.as_uri(), page_name)


def whole(watched: Watched, root: str, page_name: str) -> None:
    watched.open(f"{root}/{page_name}")
    assert not watched.troubles
    if root.startswith("http"):  # as at a first visit
        weight = watched.weight()
        print(f"{weight / 1000:.0f} kB compressed, of {len(watched.answers)} files")
        assert weight < FIRST_VISIT
        assert watched.page.evaluate(CLIPPED) == []
    watched.page.set_viewport_size(PHONE)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", ["404.html", "search.html", "search.html?q=survival"])
def test_page_outside_the_chapters_is_whole(watched: Watched, root: str, name: str) -> None:
    watched.open(f"{root}/{name}")
    if "?" in name and root.startswith("http"):  # from a file results come without excerpts
        watched.page.wait_for_selector("#search-results p.context")
        watched.page.wait_for_load_state("networkidle")
    assert not watched.troubles
    watched.page.set_viewport_size(PHONE)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_dead_address_gets_a_whole_page(watched: Watched, site: Path, address: str) -> None:
    """As GitHub Pages does, the server shows it at whatever address was asked for."""
    dead = f"{address}/notebooks/far/away.html"
    page = (site / "404.html").read_text(encoding="utf-8")
    watched.page.route(dead, lambda route: route.fulfill(status=200, body=page))
    watched.open(dead)
    assert not watched.troubles
    assert [answer.url for answer in watched.answers] == [dead]


def test_first_page_opens(watched: Watched, root: str) -> None:
    watched.open(f"{root}/index.html")
    watched.page.wait_for_selector("article h1")
    assert not watched.troubles


def test_search_finds(watched: Watched, root: str) -> None:
    watched.open(f"{root}/search.html?q=tumor")
    watched.page.wait_for_selector("#search-results li a")
    assert not watched.troubles


def test_colour_mode_can_be_changed(watched: Watched, address: str) -> None:
    watched.open(f"{address}/search.html")
    # Light, what the system has, dark.
    watched.page.click(".theme-switch-button")
    watched.page.click(".theme-switch-button")
    assert watched.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert not watched.troubles


def test_a_dark_page_is_printed_light(watched: Watched, address: str, pages: list[str]) -> None:
    watched.open(f"{address}/{pages[0]}")
    theme = "document.documentElement.dataset.theme"
    watched.page.evaluate(
        f"{theme} = 'dark'; addEventListener('beforeprint', () => (seen = {theme}))"
    )
    watched.page.pdf()
    assert watched.page.evaluate("seen") == "light"
    assert watched.page.evaluate(theme) == "dark"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_page_for_a_journal_club_is_one_page(watched: Watched, root: str, paper: str) -> None:
    watched.open(f"{root}/notebooks/23_what_it_shows.html")
    printed = PdfReader(io.BytesIO(watched.page.pdf(format=paper, margin=MARGINS)))
    (page,) = printed.pages
    assert "Three questions to the authors" in page.extract_text()


def test_the_browser_refuses_what_the_page_was_not_built_with(watched: Watched, root: str) -> None:
    watched.open(f"{root}/notebooks/explorer.html")
    assert not watched.troubles
    outcome = watched.page.evaluate(
        """async () => {
            const planted = document.createElement("script");
            planted.textContent = "window.planted = true";
            document.body.append(planted);
            const button = document.createElement("button");
            button.setAttribute("onclick", "window.clicked = true");
            document.body.append(button);
            button.click();
            const sent = await fetch("https://elsewhere.example/").then(() => true, () => false);
            const beacon = document.createElement("img");
            const failed = new Promise((done) => (beacon.onerror = () => done(true)));
            beacon.src = "https://elsewhere.example/beacon.png";
            return [window.planted, window.clicked, sent, await failed];
        }"""
    )
    assert outcome == [None, None, False, True]
    # The policy stopped the requests, before anything was asked.
    assert not [trouble for trouble in watched.troubles if trouble.startswith("asks")]
