"""Nothing that a cohort file holds runs in the browser."""

import csv
import io
from pathlib import Path

import pandas as pd
from hostile import HOSTILE, TAGS
from playwright.sync_api import Browser
from widget_page import write_page

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import CannotShow
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.notebook import Note
from reanalysis.page.table import Table
from reanalysis.page.widgets.base import module
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.site import build as book

READY = "html[data-widgets=ready]"


def test_what_is_hostile_is_shown_and_does_not_run(browser: Browser, tmp_path: Path) -> None:
    cohort = load_cohort(SYNTHETIC_COHORT)
    widgets = [CutpointExplorer(cohort, name=HOSTILE), ResponseTimeline(cohort)]
    # Every text that a widget is given, as if it came from the file.
    widgets[0]._data = {**widgets[0]._data, "label": HOSTILE, "unit": HOSTILE, "title": HOSTILE}
    config = book.configuration({"html": {}, "execute": {}}, cohort=HOSTILE, patients=7, env={})
    table = Table(pd.DataFrame({HOSTILE: [HOSTILE], "n": [9]}), caption=HOSTILE, note=HOSTILE)
    beside = config["html"]["announcement"] + table._repr_html_()
    beside += Note(CannotShow(HOSTILE))._repr_html_()
    url = write_page(tmp_path / "hostile.html", *widgets, beside=beside)

    context = browser.new_context()
    page = context.new_page()
    dialogs: list[str] = []
    errors: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector(READY)
    assert page.locator(".rx").count() == len(widgets)
    for button in page.get_by_role("button", name="Save the figure as SVG").all():
        button.click()  # the figure is made of the same texts
    assert page.locator("td").filter(has_text=TAGS[0]).count() >= 1
    assert page.evaluate("window.__hostile") is None
    assert page.locator("[onerror], [onload], [onfocus], main img").count() == 0
    assert not dialogs and not errors
    context.close()


def test_no_formula_is_saved(browser: Browser) -> None:
    formulas = ["=1+1", "+1", "-1+1", "@SUM(A1)", '=HYPERLINK("x","y")', "\t=1"]
    numbers = [-1.5, -3, 2, 0]
    page = browser.new_page()
    source = module("csv.js").replace("export ", "")
    text = page.evaluate(f"rows => {{ {source}\n return toCsv(rows); }}", [formulas, numbers])
    first, second = csv.reader(io.StringIO(text))
    assert first == [f"'{formula}" for formula in formulas]
    assert [float(cell) for cell in second] == numbers
    page.close()
