"""A clinician's way from a file to a mapping and a book, in a browser and without a terminal."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from reanalysis.cohort.loading import load_cohort
from reanalysis.intake.local_server import LocalServer

THEIRS = (
    "Case,Gender,OS,Status,Size (mm),Child-Pugh,Remark\n"
    "k-1,1,412,0,31,A,9\nk-2,2,100,1,28,B,8\nk-3,1,900,2,,C,7\nk-4,1,1200,0,40,A,6\n"
)
ANSWERS = (
    ("Sex", "'1'", "male"),
    ("Sex", "'2'", "female"),
    ("Follow-up", "In which unit", "days"),
    ("Death", "'0'", "0: it did not happen"),
    ("Death", "'1'", "1: it happened"),
    ("Death", "'2'", "0: it did not happen"),
    ("Child-Pugh class", "'A'", "A"),
    ("Child-Pugh class", "'B'", "B"),
    ("Child-Pugh class", "'C'", "leave it blank"),
)
PHONE = {"width": 320, "height": 640}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<h1>The book</h1>", encoding="utf-8")

    def build(path: Path, mapping: Path | None) -> Iterator[str | bool]:
        yield f"{len(load_cohort(path, mapping))} patients."
        yield True

    with LocalServer(0, build, tmp_path / "site") as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, server: LocalServer) -> Iterator[Page]:
    context = browser.new_context(accept_downloads=True)
    asked: list[str] = []
    told: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(server.address)
    yield page
    # Nothing is asked of anybody else, and nothing complains.
    hosts = tuple(f"http://127.0.0.1:{port}/" for port in _ports(server))
    assert all(url.startswith(hosts) for url in asked), asked
    assert not [text for text in told if "favicon" not in text], told
    context.close()


def _ports(server: LocalServer) -> list[int]:
    book = [server._book.server_port] if server._book else []
    return [server.server_port, *book]


def give(page: Page, text: str | bytes, name: str = "theirs.csv") -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    file: Any = {"name": name, "mimeType": "text/csv", "buffer": raw}
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Read the file").click()


def tell(page: Page, about: str, what: str, given: str) -> None:
    box = page.locator(".box", has=page.locator("h3", has_text=about))
    group = box.locator("fieldset", has=page.locator("legend", has_text=what))
    group.get_by_role("radio", name=given, exact=True).check()


def judge(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        found = Axe().run(page).response["violations"]
        assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    page.set_viewport_size({"width": 1000, "height": 800})


def test_from_a_file_to_the_mapping_and_the_book(page: Page, tmp_path: Path) -> None:
    judge(page)
    give(page, THEIRS)
    assert page.get_by_role("heading", level=1).inner_text() == "theirs.csv"
    assert "4 rows and 7 columns" in page.locator("main").inner_text()
    assert page.get_by_role("row", name="Sex Gender 1, 2").count() == 1
    judge(page)
    # In two rounds: what is left open stays a question.
    for round_ in (ANSWERS[:4], ANSWERS[4:]):
        for answer in round_:
            tell(page, *answer)
        page.get_by_role("button", name="Go on with these answers").click()
    assert "theirs.csv fits: 4 patients" in page.locator(".verdict").inner_text()
    became = page.get_by_role("table", name="Death (death), from Status")
    assert [row.inner_text().split() for row in became.locator("tbody tr").all()] == [
        ["0", "0", "2"],
        ["1", "1", "1"],
        ["2", "0", "1"],
    ]
    judge(page)

    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the mapping").click()
    assert saved.value.suggested_filename == "theirs.toml"
    (tmp_path / "theirs.csv").write_text(THEIRS, encoding="utf-8")
    saved.value.save_as(tmp_path / "m.toml")
    cohort = load_cohort(tmp_path / "theirs.csv", tmp_path / "m.toml")
    assert list(cohort["death"]) == [0, 1, 0, 0]
    for name, what in (("Save the report", "report.html"), ("Save a copy", "copy.zip")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=name).click()
        assert saved.value.suggested_filename == f"theirs {what}"

    page.get_by_role("button", name="Build the book").click()
    page.get_by_text("The book is built").wait_for()
    assert "4 patients." in page.get_by_role("log").inner_text()
    judge(page)
    with page.expect_popup() as book:
        page.get_by_role("link", name="Open the book").click()
    assert book.value.get_by_role("heading").inner_text() == "The book"


def test_an_answer_is_taken_back_and_a_column_is_changed(page: Page) -> None:
    give(page, "id,FU months,dead,Sex\na,12,1,male\nb,13,0,male\nc,14,0,female\n")
    page.get_by_text("Another column of the file is meant").click()
    page.get_by_label("Sex: ").select_option("dead")
    page.get_by_role("button", name="Take these columns").click()
    assert "What does '1' mean" in page.locator("main").inner_text()
    page.get_by_role("button", name="Take it back: Sex: dead").click()
    assert "fits: 3 patients" in page.locator(".verdict").inner_text()
    page.get_by_role("button", name="ask me about Death").click()
    tell(page, "Death", "'1'", "0: it did not happen")
    tell(page, "Death", "'0'", "1: it happened")
    page.get_by_role("button", name="Go on with these answers").click()
    assert "2 deaths" in page.locator("main").inner_text()


def test_there_is_a_way_on_from_what_does_not_fit(page: Page) -> None:
    give(page, "patient_id,follow_up_months,death,age\n1,12.5,1,61\n2,20.1,0,17\n3,,0,58\n4,9,1,70")
    assert "does not fit yet" in page.locator(".verdict").inner_text()
    judge(page)
    age = page.locator("fieldset").filter(has_text="age is '17'")
    age.get_by_label("leave the value blank in these rows").check()
    age.get_by_role("button").click()
    months = page.locator("fieldset").filter(has_text="follow_up_months")
    months.get_by_label("leave these rows out").check()
    months.get_by_label("Why?").fill("no follow-up is known")
    months.get_by_role("button").click()
    assert "fits: 3 patients" in page.locator(".verdict").inner_text()
    assert "left out: 1 (no follow-up is known)" in page.locator("main").inner_text()
    page.get_by_role("button", name="Take it back: leave these rows out").click()
    assert "does not fit yet" in page.locator(".verdict").inner_text()


def test_what_cannot_be_read_is_said_and_loses_nothing(page: Page) -> None:
    give(page, b"%PDF-1.7 ...", "scan.pdf")
    assert "is a PDF document" in page.get_by_role("alert").inner_text()
    judge(page)
    give(page, THEIRS)
    tell(page, *ANSWERS[0])
    page.get_by_role("button", name="Go on with these answers").click()
    page.get_by_text("Another file, or those").click()
    give(page, b"\x89PNG....", "picture.csv")
    assert "is a picture" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("heading", level=1).inner_text() == "theirs.csv"
    assert page.get_by_role("button", name="Take it back: Sex").count() == 1


def test_one_file_for_each_centre(page: Page) -> None:
    files: Any = [
        {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode()}
        for name, text in (
            ("north", "id,FU months,dead\na,12,1\nb,13,0\nc,20,1\n"),
            ("south", "id,FU months,dead\nd,12,1\ne,13,2\n"),
        )
    ]
    page.set_input_files("#file", files)
    page.get_by_role("button", name="Read the file").click()
    assert "2 files" in page.get_by_role("heading", level=1).inner_text()
    judge(page)
    page.get_by_role("link", name="Answer: south.csv").click()
    for code, meaning in (("'1'", "1: it happened"), ("'2'", "0: it did not happen")):
        tell(page, "Death", code, meaning)
    page.get_by_role("button", name="Go on with these answers").click()
    assert "south.csv fits: 2 patients" in page.locator(".verdict").inner_text()
    judge(page)
    page.get_by_role("link", name="All files").click()
    assert "5 patients" in page.locator(".verdict").inner_text()
    assert "north: 3 patients, 2 deaths" in page.locator("main").inner_text()
    judge(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save all as one cohort").click()
    assert saved.value.suggested_filename == "all centres.zip"
    page.get_by_role("button", name="Build the book about all of them").click()
    page.get_by_text("The book is built").wait_for()
    assert "5 patients." in page.get_by_role("log").inner_text()


def test_everything_is_reached_by_the_keyboard(page: Page) -> None:
    give(page, "id,months,dead\na,12,1\nb,13,2\n")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    questions = page.locator("fieldset input").evaluate_all("all => all.map((one) => one.name)")
    assert questions and set(questions) <= reached
    first = page.locator("fieldset input").first
    first.focus()
    page.keyboard.press("Space")
    assert first.is_checked()


def test_nothing_of_a_file_runs(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    name = '"><script>alert(1)</script>.csv'
    text = f'id,months,dead,sex,"{hostile}"\na,12,1,{hostile},x\nb,13,0,\'"><b>,y\n'
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    give(page, text, name)
    assert hostile in page.locator("main").inner_text()
    assert page.locator("main img, main b, script, [onerror]").count() == 0


def test_it_ends_when_it_is_closed(page: Page, server: LocalServer) -> None:
    page.get_by_role("button", name="Close").click()
    assert "are forgotten" in page.locator("main").inner_text()
