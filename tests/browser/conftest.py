"""The built site, and a browser to look at it with."""

import functools
import os
import threading
import warnings
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright
from sphinx_external_toc.parsing import parse_toc_yaml

from reanalysis.core.paths import ROOT
from reanalysis.site import build as book
from reanalysis.site.chromium import ARGUMENTS, executable

NO_BROWSER = (
    "NO BROWSER FOUND: the site is not tested in a browser. Install Chromium or Chrome, "
    "or name one in the environment variable CHROMIUM."
)

PAGES = [f"{page}.html" for page in parse_toc_yaml(ROOT / "_toc.yml")]
# One page of each kind: the first, a chapter, a widget, a page without code.
KINDS = [
    "notebooks/index.html",
    "notebooks/08_local_control.html",
    "notebooks/explorer.html",
    "book/privacy.html",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a page once for each page of the book, or for each kind."""
    for name, pages in (("page_name", PAGES), ("page_of_kind", KINDS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, pages)


@pytest.fixture
def pages() -> list[str]:
    """All pages of the book, the first one first."""
    return PAGES


@pytest.fixture
def kinds() -> list[str]:
    """One page of each kind."""
    return KINDS


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the built site: the one that `make test` has built, or a new one."""
    if built := os.environ.get("REANALYSIS_SITE"):
        return Path(built).resolve()
    return book.build(destination=tmp_path_factory.mktemp("site")).parent


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Address at which the site is served, in a subfolder as on GitHub Pages."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}"
        server.shutdown()


# Not for the session: Playwright's event loop must not run beside nbval's in one worker.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; where there is none, the test is skipped, and says so loudly."""
    with sync_playwright() as playwright:
        try:
            # Without an executable Playwright looks for a browser of its own.
            chromium = playwright.chromium.launch(
                executable_path=executable(), args=list(ARGUMENTS)
            )
        except Error as error:
            if os.environ.get("REANALYSIS_BROWSER") == "required":
                raise
            warnings.warn(NO_BROWSER, stacklevel=1)
            pytest.skip(f"{NO_BROWSER} ({str(error).splitlines()[0]})")
        yield chromium
        chromium.close()
