"""The site in Firefox and in WebKit, Safari's: hospitals and phones do not run Chromium only.

What these browsers are asked is what Chromium is asked at every landing, in a shorter form.
"""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import webdriver
from webdriver import Tab, wait_until

pytestmark = pytest.mark.slow  # tests/browser/test_browser.py is the shorter sibling

PHONE = (360, 740)
DESK = (1280, 900)
READY = (
    "(!document.querySelector('script[src*=\"widgets.js\"]')"
    " || document.documentElement.dataset.widgets === 'ready')"
)
SLIDER = "document.querySelector('.rx input[type=range]')"


@pytest.fixture(scope="module", params=[webdriver.firefox, webdriver.webkit])
def tab(request: pytest.FixtureRequest) -> Iterator[Tab]:
    """One tab of a browser; where there is none, the test is skipped, and says so loudly."""
    start: Callable[[], AbstractContextManager[Tab | None]] = request.param
    with start() as found:
        if found is None:
            message = f"NO {start.__name__.upper()} FOUND: the site is not tested in it."
            assert os.environ.get("REANALYSIS_OTHER_BROWSERS") != "required", message
            warnings.warn(message, stacklevel=1)
            pytest.skip(message)
        yield found


@pytest.fixture(params=["file", "server"])
def root(request: pytest.FixtureRequest, site: Path, address: str) -> str:
    return site.as_uri() if request.param == "file" else address


@pytest.fixture
def desk(tab: Tab) -> Tab:
    """The tab as wide as on a desk, with no trouble so far."""
    tab.resize(*DESK)
    tab.errors.clear()
    return tab


def test_every_page_is_whole_and_fits_a_phone(desk: Tab, root: str, pages: list[str]) -> None:
    for name in pages:
        desk.open(f"{root}/{name}")
        wait_until(desk, READY)
        assert desk.run("document.querySelectorAll('article h1').length") == 1, name
        assert desk.run("document.documentElement.lang") == "en"
        desk.resize(*PHONE)
        assert desk.run("document.documentElement.scrollWidth - innerWidth") <= 0, name
        desk.resize(*DESK)
        assert desk.errors == [], name


def test_a_widget_is_moved_from_the_keyboard(desk: Tab, root: str) -> None:
    desk.open(f"{root}/notebooks/explorer.html")
    wait_until(desk, READY)
    cards = "[...document.querySelectorAll('.rx [role=group] strong')].map(e => e.textContent)"
    before = desk.run(cards)
    desk.run(f"{SLIDER}.focus()")
    for _ in range(5):
        desk.press("ArrowRight")
    wait_until(desk, f"{SLIDER}.getAttribute('aria-valuetext') === '3.5 cm'")
    assert before and desk.run(cards) != before
    assert desk.run(f"document.activeElement === {SLIDER}")
    assert desk.run("[...document.querySelectorAll('.rx-still')].every(e => !e.offsetHeight)")
    assert desk.errors == []


def test_code_is_opened_from_the_keyboard(desk: Tab, root: str) -> None:
    desk.open(f"{root}/notebooks/08_local_control.html")
    closed = "document.querySelectorAll('details.above-input:not([open])').length"
    assert desk.run(closed)
    desk.run("document.querySelector('.code-switch').focus()")
    desk.press("Enter")
    wait_until(desk, f"{closed} === 0")
    desk.press("Enter")
    wait_until(desk, f"{closed} > 0")
    assert desk.errors == []


def test_the_search_finds(desk: Tab, root: str) -> None:
    desk.open(f"{root}/search.html?q=survival")
    wait_until(desk, "document.querySelector('#search-results li a')")
    assert desk.errors == []
