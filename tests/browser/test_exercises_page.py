"""Exercises, predictions, the check-up and the class set in a browser: by keyboard, on a phone."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from widget_page import write_page

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import NOTEBOOKS, SYNTHETIC_COHORT
from reanalysis.page.here import Here
from reanalysis.page.widgets.checkup import CheckUp
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.exercises import Exercises
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.prediction import Prediction
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.site.class_set import write_class
from reanalysis.teach.master import find
from reanalysis.teach.questions import question

READY = "html[data-widgets=ready]"


@pytest.fixture(scope="module")
def here() -> Here:
    return Here(load_cohort(SYNTHETIC_COHORT))


@pytest.fixture(scope="module")
def folder(here: Here, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages with what is taught with, as the site has it."""
    folder = tmp_path_factory.mktemp("teach")
    write_page(folder / "response.html", Exercises("07_radiologic_response", here))
    write_page(folder / "tace.html", Exercises("03_tace", here))
    write_page(folder / "prediction.html", Prediction("lc-first", here))
    write_page(folder / "checkup.html", CheckUp(here))
    write_class(folder / "class", 2)
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 760}, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
    assert not complaints


def go(page: Page, folder: Path, name: str) -> None:
    file, _, settings = name.partition("#")
    page.goto(f"{(folder / file).as_uri()}#{settings}")
    page.wait_for_selector(READY)


def test_an_answer_is_graded_where_it_is_typed_and_remembered(page: Page, folder: Path) -> None:
    go(page, folder, "response.html")
    first = page.locator(".rx-exercise").first
    first.get_by_label("Your answer").fill("120")
    first.get_by_label("Your answer").press("Enter")
    expect(first.locator(".rx-said")).to_contain_text("no whole number")
    first.get_by_label("Your answer").fill("115")
    first.get_by_label("Your answer").press("Enter")
    expect(first.locator(".rx-said")).to_have_text("✓ Right: 115.")
    expect(page.get_by_text("Solved: 1 of 7")).to_be_visible()
    page.reload()
    page.wait_for_selector(READY)
    expect(first.get_by_text("solved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Erase my progress").click()
    expect(page.get_by_text("Solved: 0 of 7")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    # The right answer of another cohort is another exercise.
    page.evaluate(
        "localStorage.setItem('reanalysis-exercises', "
        "JSON.stringify({ 'rr-1': { mark: 'other', tries: 1, solved: true } }))"
    )
    page.reload()
    page.wait_for_selector(READY)
    expect(page.get_by_text("Solved: 0 of 7")).to_be_visible()


def test_a_point_an_option_and_an_order_by_keyboard_alone(
    page: Page, folder: Path, here: Here
) -> None:
    go(page, folder, "response.html")
    point = page.locator(".rx-exercise").nth(2)
    point.get_by_role("slider").focus()
    median = question(*find("rr-3"), here)
    for _ in range(round(10 * median["answer"])):
        page.keyboard.press("ArrowRight")
    told = re.compile(rf"^{median['shown']}, \d+ %$")
    expect(point.get_by_role("slider")).to_have_attribute("aria-valuetext", told)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(point.locator(".rx-said")).to_contain_text(f"Right: {median['shown']}")
    choice = page.locator(".rx-exercise").nth(5)
    choice.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    choice.get_by_role("button", name="Check").press("Enter")
    expect(choice.locator(".rx-said")).to_contain_text("✓ Right.")
    go(page, folder, "tace.html")
    order = page.locator(".rx-exercise").first
    drug = order.locator("li", has_text="Cisplatin")
    drug.get_by_role("button", name="move up").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(order.locator("li").first).to_contain_text("Cisplatin")
    order.get_by_role("button", name="Check").press("Enter")
    expect(order.locator(".rx-said")).to_contain_text("The first 2 are right.")
    sponge = order.locator("li", has_text="Gelatin sponge")
    sponge.get_by_role("button", name="move up").press("Enter")
    order.get_by_role("button", name="Check").press("Enter")
    expect(order.locator(".rx-said")).to_contain_text("✓ Right")


def test_the_solution_is_folded(page: Page, folder: Path) -> None:
    go(page, folder, "response.html")
    first = page.locator(".rx-exercise").first
    expect(first.get_by_text("No count of 302")).to_be_hidden()
    first.locator("summary").press("Enter")
    expect(first.get_by_text("No count of 302")).to_be_visible()


def test_the_result_comes_after_the_guess(page: Page, folder: Path) -> None:
    go(page, folder, "prediction.html")
    curve = page.locator("path.rx-line-a")
    expect(curve).to_be_hidden()
    expect(page.get_by_text("it is")).to_be_hidden()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said 94 %; it is")).to_be_visible()
    expect(curve).to_be_visible()
    expect(page.get_by_role("slider")).to_be_disabled()
    page.keyboard.press("Enter")  # the focus has gone to 'Guess again'
    expect(curve).to_be_hidden()


def test_a_finger_drags_the_line(page: Page, folder: Path) -> None:
    go(page, folder, "prediction.html#lc-first?guess=20")
    page.evaluate("document.body.style.height = '3000px'")  # so that a finger could move the page
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(".rx-grip").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    for up in range(10, 90, 10):
        points = [{"x": x, "y": y - up}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert float(page.get_by_role("slider").input_value()) > 50
    assert page.evaluate("scrollY") == 0


def test_a_check_up_has_fifteen_questions_the_same_for_the_same_number(
    page: Page, folder: Path
) -> None:
    def prompts() -> list[str]:
        return page.locator(".rx-prompt").all_inner_texts()

    go(page, folder, "checkup.html#checkup?draw=7")
    seventh = prompts()
    assert len(seventh) == 15
    assert len(set(page.locator(".rx-exercise h3 small").all_inner_texts())) == 15
    page.get_by_role("button", name="Draw other questions").click()
    assert prompts() != seventh and len(prompts()) == 15
    page.goto("about:blank")
    go(page, folder, "checkup.html#checkup?draw=7")
    assert prompts() == seventh
    page.get_by_label("Name").fill("A resident")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="of 15 right")).to_be_visible()
    expect(page.get_by_text("A resident, ")).to_contain_text("check-up 7")
    page.evaluate(
        "window.print = () => (window.printed = document.documentElement.dataset.rxPrint)"
    )
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == "on"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.rxPrint ?? null") is None
    assert page.locator(".rx-said:has-text('The ')").count() > 10  # each wrong one has its answer


def test_a_class_hands_in_codes_and_sees_the_truth_last(page: Page, folder: Path) -> None:
    go(page, folder, "class/cohort_02.html")
    values = ["91.2", "72,7 %", "1.78", "1.21", "2.62"]
    for place, value in enumerate(values):
        page.locator("form input").nth(place).fill(value)
    page.get_by_role("button", name="Make my code").click()
    code = page.locator("output").inner_text().removeprefix("Hand in: ")
    assert code.startswith("2-912-727-178-121-262-")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    go(page, folder, "class/pool.html")
    page.get_by_label("Codes").fill(f"{code}\n1, 90, 70, 1.1, 0.8, 1.5\n2-912-727-178-121-263-00")
    expect(page.get_by_text("2 handed in; not read")).to_be_visible()
    expect(page.locator(".rx-truth").last).to_have_attribute("visibility", "hidden")
    page.get_by_role("button", name="Draw the truth in").click()
    expect(page.locator(".rx-truth").last).to_have_attribute("visibility", "visible")
    expect(page.get_by_text("1 of 2 intervals miss it")).to_be_visible()


def test_the_teachers_links_set_what_the_widgets_know(here: Here) -> None:
    """A link of the guide names a widget of its page, and settings that it has."""
    text = (NOTEBOOKS / "teaching.ipynb").read_text(encoding="utf-8").replace("&amp;", "&")
    widgets = [
        *(kind(here.cohort) for kind in (ResponseTimeline, CutpointExplorer, HazardExplorer)),
        *(Prediction(name, here) for name in ("rr-first", "lc-first", "os-first")),
        CheckUp(here),
    ]
    known = {widget._name: widget for widget in widgets}
    links = re.findall(r'href=\\"\w+\.html#([\w-]+)\?([^"\\]+)', text)
    assert len(links) >= 9
    for name, settings in links:
        for key, (value,) in parse_qs(settings).items():
            current = known[name].settings[key.removeprefix("ref.")]
            assert float(value) > 0 and isinstance(current, int | float), (name, key)


def test_the_cheat_sheet_is_two_printed_pages(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "book" / "cheat-sheet.html").as_uri())
    for paper in ("A4", "Letter"):
        assert len(PdfReader(BytesIO(page.pdf(format=paper))).pages) == 2, paper
    page.close()
