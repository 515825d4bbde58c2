"""How soon a page is there over a slow line: 1.6 Mbit/s, 150 ms away, nothing in the cache.

What decides it is counted at every landing, in bytes; at night it is timed.
"""

import functools
import gzip
import re
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

LINE = {"downloadThroughput": 200_000, "uploadThroughput": 90_000, "latency": 150}  # bytes/s, ms
FIRST_PAINT = 2_000  # milliseconds
LOADED = 6_000
# Before anything is shown, in bytes: style sheets, and scripts that stop the page.
BLOCKING = 200_000
TAB_STOPS = 12
HANDOUT = 300_000  # bytes as they are: a file on a stick
TEXT = re.compile(r"\.(html|css|js|svg|json)$")
# The heaviest of each kind, and the first.
TIMED = [
    "notebooks/index.html",
    "notebooks/explorer.html",
    "notebooks/05_evaluation_and_statistics.html",
    "notebooks/synthetic_cohort.html",
]


class Compressing(SimpleHTTPRequestHandler):
    """Sends text compressed over connections that stay open, as the hosts of static sites do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def send_head(self) -> BytesIO | None:  # type: ignore[override]
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return None
        body = path.read_bytes()
        headers = Message()
        headers["Content-Type"] = self.guess_type(str(path))
        if TEXT.search(path.name):
            body = gzip.compress(body, 6)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        return BytesIO(body)


@pytest.fixture(scope="module")
def compressed(site: Path) -> Iterator[str]:
    """Address of the site on a server that compresses."""
    handler = functools.partial(Compressing, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("name", TIMED)
def test_a_slow_line_has_the_page_in_time(browser: Browser, compressed: str, name: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions", {"offline": False, **LINE}
    )
    page.goto(f"{compressed}/{name}", wait_until="load")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    print(f"{name}: first paint {painted:.0f} ms, loaded {loaded:.0f} ms")
    context.close()
    assert painted < FIRST_PAINT
    assert loaded < LOADED


def test_little_has_to_come_before_a_page_is_shown(site: Path, page_name: str) -> None:
    page = site / page_name
    head = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").head
    assert head is not None
    sheets = [link["href"] for link in head.select("link[rel=stylesheet]")]
    scripts = [script["src"] for script in head.select("script[src]:not([defer], [async])")]
    files = [page.parent / unquote(urlsplit(str(name)).path) for name in sheets + scripts]
    assert sheets
    assert sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) < BLOCKING


STOPS = """() => {
  const inside = document.activeElement?.closest(".rx");
  return Boolean(inside);
}"""


def stops_to_a_widget(page: Page) -> int:
    """How often Tab is pressed, from the top of a page, until the focus is in its first widget."""
    for stop in range(1, TAB_STOPS + 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hash === '#widget'"):
            page.keyboard.press("Enter")
        if page.evaluate(STOPS):
            return stop
    return TAB_STOPS + 1


def test_no_font_is_loaded(browser: Browser, site: Path, pages: list[str]) -> None:
    """Letters are those of the reader's system; the theme's icons are drawn by the style sheet."""
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((site / pages[0]).as_uri(), wait_until="networkidle")
    assert not [url for url in asked if "font" in url]
    tab.close()


def test_a_widget_is_a_few_keys_away(browser: Browser, site: Path) -> None:
    tab = browser.new_page()
    marker = 'application/vnd.jupyter.widget-view+json"'
    names = [
        path for path in sorted(site.rglob("*.html")) if marker in path.read_text(encoding="utf-8")
    ]
    assert len(names) > 4
    for path in names:
        tab.goto(path.as_uri())
        tab.wait_for_selector("html[data-widgets=ready]")
        assert stops_to_a_widget(tab) < TAB_STOPS, path.name
    tab.close()


def test_the_page_of_one_file_stands_alone(browser: Browser, site: Path, tmp_path: Path) -> None:
    name = "explorer-one-file.html"
    raw = (site / "notebooks" / name).read_bytes()
    assert len(raw) < HANDOUT
    (tmp_path / name).write_bytes(raw)
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / name).as_uri())
    tab.wait_for_selector("html[data-widgets=ready]")
    tab.get_by_label("Tumour size").press("End")
    assert "6.9 cm" in tab.locator(".rx-panel .rx-legend").inner_text()
    assert not [url for url in asked[1:] if not url.startswith(("blob:", "data:"))]
    # On paper there is what it shows, and what was set.
    tab.emulate_media(media="print")
    assert not tab.locator(".rx input[type=range]").first.is_visible()
    assert tab.locator(".rx-views svg").first.is_visible()
    tab.close()


def test_the_first_screen_shows_what_the_book_is(browser: Browser, site: Path) -> None:
    for width, height, what in (
        (1366, 768, (".rx-glance", ".tag_front-numbers ul", ".sd-card:last-of-type")),
        (360, 740, ("h1", ".tag_front-numbers ul", ".sd-card", ".rx-pair", ".rx-glance-chart svg")),
    ):
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.goto((site / "notebooks" / "index.html").as_uri())
        tab.wait_for_selector("html[data-widgets=ready]")
        for selector in what:
            box = tab.locator(f"article {selector}").last.bounding_box()
            assert box is not None and box["y"] + box["height"] <= height, (width, selector)
        tab.close()


def test_the_explorer_begins_in_the_first_screen(browser: Browser, site: Path) -> None:
    for width, height in ((1366, 768), (1280, 720)):
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.goto((site / "notebooks" / "explorer.html").as_uri())
        tab.wait_for_selector("html[data-widgets=ready]")
        # Both main controls, the ratios and both effects, before anything is scrolled.
        for selector in (".rx-marks", ".rx-brief"):
            box = tab.locator(selector).first.bounding_box()
            assert box is not None and box["y"] + box["height"] <= height
        for chart in tab.locator(".rx-views .rx-pick:not(.rx-map)").all():
            box = chart.bounding_box()
            assert box is not None and box["y"] + box["height"] <= height
        tab.close()
