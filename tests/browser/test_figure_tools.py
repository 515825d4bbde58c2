"""What a reader can do with a figure: enlarge it, and take it along."""

import base64
import csv
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

PAGE = "notebooks/10_recurrence.html"


@pytest.fixture(scope="module")
def page(browser: Browser, site: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto((site / PAGE).as_uri())
    yield page
    context.close()


@pytest.fixture
def figure(page: Page) -> Locator:
    """The first figure of the page, which has a curve."""
    return page.locator("figure.reanalysis-figure").first


def saved(page: Page, figure: Locator, name: str) -> tuple[str, bytes]:
    """Press a button, and give the name and the content of the file that comes."""
    with page.expect_download() as download:
        figure.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_every_figure_has_its_tools_under_a_name_of_its_own(page: Page) -> None:
    figures = page.locator("figure.reanalysis-figure")
    groups = page.locator("figure.reanalysis-figure > div[role=group]")
    names = [group.get_attribute("aria-label") for group in groups.all()]
    assert names == [f"Figure {i + 1} of this page" for i in range(figures.count())] != []
    assert groups.first.get_by_role("button").all_inner_texts() == ["Enlarge", "SVG", "PNG", "CSV"]


@pytest.mark.parametrize("way", ["Escape", "button", "beside it"])
def test_a_figure_is_enlarged_and_closed_again(page: Page, figure: Locator, way: str) -> None:
    opener = figure.get_by_role("button", name="Enlarge")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure, enlarged")
    large = dialog.get_by_role("img")
    assert large.get_attribute("alt") == figure.get_by_role("img").get_attribute("alt") != ""
    # A drawing has no size of its own to be shown in: it fills the window.
    box = large.bounding_box()
    before = figure.get_by_role("img").bounding_box()
    assert box is not None and before is not None and box["width"] > 1.2 * before["width"]
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "button":
        dialog.get_by_role("button", name="Close").click()
    else:
        page.mouse.click(3, 3)
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_drawing_is_saved_as_it_is(page: Page, figure: Locator) -> None:
    name, content = saved(page, figure, "SVG")
    assert name == "10_recurrence-figure-1.svg"
    assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    kind, _, drawing = (figure.locator("img").get_attribute("src") or "").partition(",")
    assert kind == "data:image/svg+xml;base64" and base64.b64decode(drawing) == content


def test_a_picture_has_three_pixels_for_one(page: Page, figure: Locator) -> None:
    name, content = saved(page, figure, "PNG")
    assert name == "10_recurrence-figure-1.png" and content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    natural = figure.locator("img").evaluate("(one) => [one.naturalWidth, one.naturalHeight]")
    assert [width, height] == [3 * side for side in natural]


def test_what_is_drawn_is_saved_as_a_table(page: Page, figure: Locator) -> None:
    name, content = saved(page, figure, "CSV")
    assert name == "10_recurrence-figure-1.csv"
    text = content.decode("utf-8-sig")  # as Excel needs it
    assert content.startswith(b"\xef\xbb\xbf") and text == figure.get_attribute("data-csv")
    header, *rows = csv.reader(text.splitlines())
    assert len(rows) > 20 and {len(row) for row in rows} == {len(header)}
