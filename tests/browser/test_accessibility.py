"""Every page of the built site, judged by axe-core: in light, in dark, and on a phone.

A landing looks at the structure of every page, and at contrast, in dark and on a phone at one page
of each kind, for the style sheet is the same; at night all are looked at, and the rows that are
alike, too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
CONTRAST = {"runOnly": ["color-contrast", "link-in-text-block"]}
STRUCTURE = {"rules": {rule: {"enabled": False} for rule in CONTRAST["runOnly"]}}
# What can change with the width; the rest is the same page.
ON_A_PHONE = {"runOnly": ["scrollable-region-focusable", "target-size", "aria-hidden-focus"]}

# Most of axe-core's time goes to the thousandth line of code and the hundredth row of a table. Of
# those that are alike in every element one is judged; the structure of all of them at night.
ALIKE = """() => {
  const seen = new Set();
  const kind = (one, top) => {
    const path = [];
    for (; one !== top; one = one.parentElement)
      path.push(one.tagName + one.className + one.getAttribute("style"));
    return path.join();
  };
  const top = document.querySelector("article") ?? document.body;
  for (const part of top.querySelectorAll("pre, tr")) {
    const kinds = [part, ...part.querySelectorAll("*")].map((one) => kind(one, top));
    if (kinds.every((one) => seen.has(one))) part.dataset.alike = "";
    else kinds.forEach((one) => seen.add(one));
  }
}"""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(180_000)  # the machine may have other work
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page) -> Page:
    """A tab that has looked at other pages before, as a reader's has."""
    tab.set_viewport_size(DESKTOP)
    return tab


def show_all(page: Page, url: str) -> None:
    """Open a page, wait for its widgets, and unfold what is folded."""
    page.goto(url)
    page.wait_for_function(
        "!document.querySelector('script[src*=\"widgets.js\"]')"
        " || document.documentElement.dataset.widgets === 'ready'"
    )
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; }")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def switch(page: Page, theme: str) -> None:
    page.evaluate(
        "(theme) => { const { dataset } = document.documentElement;"
        " dataset.mode = dataset.theme = theme; }",
        theme,
    )
    page.wait_for_timeout(50)  # widgets follow the theme


def violations(
    page: Page, options: dict[str, Any], context: dict[str, Any] | None = None
) -> list[str]:
    """What axe-core finds, of any impact: one line for each element."""
    found = Axe().run(page, context, {"resultTypes": ["violations"], **options})
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['html'][:150]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def look(page: Page, url: str, *, everywhere: bool = True) -> None:
    show_all(page, url)
    page.evaluate(ALIKE)
    if not everywhere:
        page.evaluate("document.querySelectorAll('[data-alike]').forEach((one) => one.remove())")
    assert violations(page, STRUCTURE) == []
    if not everywhere:
        return
    for theme in ("light", "dark"):
        switch(page, theme)
        assert violations(page, CONTRAST, {"exclude": [["[data-alike]"]]}) == [], f"in {theme}"
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(400)  # the theme waits 300 ms before it looks at what scrolls now
    assert violations(page, ON_A_PHONE) == [], "on a phone"


def test_page_has_no_violation(page: Page, site: Path, page_name: str, kinds: list[str]) -> None:
    look(page, f"{site.as_uri()}/{page_name}", everywhere=page_name in kinds)


@pytest.mark.slow
def test_page_has_no_violation_in_dark_and_on_a_phone(
    page: Page, site: Path, page_name: str
) -> None:
    look(page, f"{site.as_uri()}/{page_name}")


@pytest.mark.parametrize("name", ["search.html?q=tumor", "404.html"])
def test_page_outside_the_chapters_has_no_violation(page: Page, site: Path, name: str) -> None:
    look(page, f"{site.as_uri()}/{name}")


def test_opened_sidebars_of_a_phone_have_no_violation(page: Page, site: Path) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{site.as_uri()}/notebooks/01_background.html")
    for which in ("primary", "secondary"):
        page.locator(f".{which}-toggle:visible").click()
        page.wait_for_selector(f"#pst-{which}-sidebar-modal[open]")
        page.wait_for_timeout(300)  # it slides in
        assert violations(page, {}) == [], which
        page.keyboard.press("Escape")


def test_what_scrolls_inside_a_folded_cell_is_reached_by_keyboard(
    page: Page, site: Path, pages: list[str]
) -> None:
    page.set_viewport_size(PHONE)
    for name in pages:
        page.goto(f"{site.as_uri()}/{name}")
        folded = page.locator("details:not([open]):has(pre):visible")
        if folded.count():
            break
    else:
        pytest.skip("no page has a folded cell")
    folded.evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    page.wait_for_timeout(400)
    stops = page.locator("details pre").evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.tabIndex)"
    )
    assert stops and set(stops) == {0}
