"""Every page of the built site in a real browser, with no host to be reached but its own."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route

PHONE = {"width": 320, "height": 640}


class Watched:
    """A tab that lets nothing out, and writes down whatever goes wrong in it."""

    def __init__(self, browser: Browser) -> None:
        self.troubles: list[str] = []
        self.context = browser.new_context()
        self.context.route("**/*", self._keep_in)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _keep_in(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in ("file", "data", "blob") or parts.hostname == "127.0.0.1":
            route.continue_()
        else:
            self.troubles.append(f"asks another host: {route.request.url}")
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text} ({message.location})")

    def _failed(self, request: Request) -> None:
        self.troubles.append(f"failed: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"status {response.status}: {response.url}")

    def open(self, url: str) -> None:
        """Open a page and wait until it is drawn, formulas included."""
        self.page.goto(url, wait_until="load")
        self.page.wait_for_function(
            "!document.querySelector('.math') || document.querySelector('mjx-container')"
        )


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    tab = Watched(browser)
    yield tab
    tab.context.close()


@pytest.fixture(params=["file", "server"])
def root(request: pytest.FixtureRequest, site: Path, address: str) -> str:
    return site.as_uri() if request.param == "file" else address


def test_page_is_whole_and_fits_a_phone(watched: Watched, root: str, page_name: str) -> None:
    watched.open(f"{root}/{page_name}")
    assert not watched.troubles
    watched.page.set_viewport_size(PHONE)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


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
