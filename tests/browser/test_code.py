"""Folded code, and the switch that opens and closes all of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

LESSONS = "notebooks/05_evaluation_and_statistics.html"
OTHER = "notebooks/08_local_control.html"
FOLDED = "div.cell details.above-input"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(params=["file", "server"])
def root(request: pytest.FixtureRequest, site: Path, address: str) -> str:
    return site.as_uri() if request.param == "file" else address


def opened(page: Page) -> list[bool]:
    return page.locator(FOLDED).evaluate_all("(all) => all.map((one) => one.open)")


def test_code_is_folded_but_for_the_lessons(page: Page, root: str) -> None:
    page.goto(f"{root}/{LESSONS}")
    lessons = page.locator("div.cell.tag_lesson details.above-input")
    assert lessons.count() >= 4
    assert all(lessons.evaluate_all("(all) => all.map((one) => one.open)"))
    assert sum(opened(page)) == lessons.count() < len(opened(page))


def test_sentences_imports_and_assertions_show_no_code(page: Page, root: str) -> None:
    page.goto(f"{root}/{OTHER}")
    code = page.locator("div.cell_input").all_text_contents()
    assert code
    assert not [text for text in code if re.match(r"\s*(from|import|assert|say\()\s", text)]


def test_one_switch_opens_and_closes_all_code_and_is_remembered(page: Page, root: str) -> None:
    page.goto(f"{root}/{OTHER}")
    switch = page.get_by_role("switch", name="Code")
    expect(switch).to_have_attribute("aria-checked", "false")
    hidden = page.locator(f"{FOLDED} summary:visible").count()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    assert all(opened(page))
    # Steps that show nothing are there now, too.
    assert page.locator(f"{FOLDED} summary:visible").count() > hidden

    page.goto(f"{root}/{LESSONS}")
    expect(page.get_by_role("switch", name="Code")).to_have_attribute("aria-checked", "true")
    assert all(opened(page))
    page.get_by_role("switch", name="Code").press("Enter")
    assert not any(opened(page))
    page.reload()
    assert not any(opened(page))


def test_a_page_without_code_has_no_switch(page: Page, root: str) -> None:
    page.goto(f"{root}/book/privacy.html")
    assert page.get_by_role("switch", name="Code").count() == 0
