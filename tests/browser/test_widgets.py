"""The widgets in a browser, on a page without kernel or network, as the site has them."""

import base64
import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from playwright.sync_api import Browser, Download, Locator, Page, Request, expect
from widget_page import RUNTIME, write_page

from reanalysis.analysis import prediction as models
from reanalysis.analysis.regression import FIT_OPTIONS, design_matrix
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.dose import bed_gy, eqd2_gy
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.page.widgets.bed_calculator import BedCalculator
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.page.widgets.timelines import PatientTimelines
from reanalysis.paper.study import MULTIVARIABLE

READY = "html[data-widgets=ready]"
WINDOW = {"width": 1000, "height": 900}
ROOT_JS = "document.querySelector('.rx')"


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """The synthetic cohort without ties, where lifelines' baseline and R's are the same."""
    cohort = load_cohort(SYNTHETIC_COHORT)
    months = ["follow_up_months", "local_failure_months", "transplant_months"]
    return cohort.assign(**cohort[months].add(np.arange(len(cohort)) * 1e-5, axis=0))


@pytest.fixture(scope="module")
def explorer(cohort: pd.DataFrame) -> HazardExplorer:
    return HazardExplorer(cohort, anchor=cohort)


@pytest.fixture(scope="module")
def explorer_url(explorer: HazardExplorer, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("widgets") / "explorer.html", explorer)


class Watched:
    """A tab, and what goes wrong in it; opening one takes longer than most tests."""

    def __init__(self, browser: Browser) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport=WINDOW, accept_downloads=True)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("file:", "blob:", "data:", "about:")):
            self.complaints.append(f"request to {request.url}")


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Watched]:
    tab = Watched(browser)
    yield tab
    tab.context.close()


@pytest.fixture
def page(tab: Watched, explorer_url: str) -> Iterator[Page]:
    """The explorer as it opens, whatever the test before has done in the tab."""
    page = tab.page
    tab.complaints.clear()
    page.set_viewport_size(WINDOW)
    page.goto("about:blank")  # an address that differs in its settings alone is not loaded again
    page.goto(explorer_url)
    page.wait_for_selector(READY)
    yield page
    page.evaluate("localStorage.clear()")
    assert not tab.complaints


def set_traits(page: Page, values: dict[str, Any]) -> None:
    page.evaluate(
        "values => { const { model } = document.querySelector('.widget-view');"
        " for (const [key, value] of Object.entries(values)) model.set(key, value); }",
        values,
    )


def random_settings(cohort: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    """Patients with their references, by the regimens of the paper and by any other dose."""
    chance = random.Random(302)

    def patient() -> dict[str, Any]:
        dose, fractions = chance.choice(
            [(36, 3), (45, 3), (48, 3), (60, 4), (60, 3), (chance.uniform(30, 65), 5)]
        )
        return {
            "tumor_size_cm": round(chance.uniform(0.7, 6.9), 1),
            "total_dose_gy": dose,
            "fractions": fractions,
            "alpha_beta": 10,
            "prior_sessions": chance.randint(1, 20),
            "child_pugh_class": chance.choice("AB"),
            "bclc_stage": chance.choice("0A"),
            "afp_group": chance.choice(["<=20", ">20"]),
            "any_cr": chance.choice(["yes", "no"]),
        }

    sources = ["paper", "cohort"]
    return [{**patient(), "reference": patient(), "source": sources[i % 2]} for i in range(count)]


def coded(model: models.CoxModel, patients: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(patients)
    dose = table["total_dose_gy"]
    table["bed10_gy"] = dose * (1 + dose / table["fractions"] / 10)
    for term in model.terms:
        if term.levels:
            table[term.column] = (table[term.column] == term.recorded_levels[1]).astype(float)
    return table[[term.column for term in model.terms]].astype(float)


@pytest.mark.parametrize("many", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_any_setting_agrees_with_python(
    page: Page, explorer: HazardExplorer, cohort: pd.DataFrame, many: int
) -> None:
    settings = random_settings(cohort, many)
    got = page.evaluate(
        """settings => settings.map((values) => {
          const { model } = document.querySelector('.widget-view');
          for (const [key, value] of Object.entries(values)) model.set(key, value);
          return document.querySelector('.rx').numbers();
        })""",
        settings,
    )
    for outcome, endpoint in models.ENDPOINTS.items():
        for source in ("paper", "cohort"):
            model = explorer.models[source][outcome]
            which = [i for i, values in enumerate(settings) if values["source"] == source]
            these = [settings[i] for i in which]
            x = coded(model, these)
            reference = coded(model, [values["reference"] for values in these])
            if source == "cohort":
                # The reference value comes from lifelines, not from the explorer's own code.
                matrix = design_matrix(cohort, MULTIVARIABLE[endpoint.key])
                data = matrix.join(event_times(cohort, endpoint), how="inner")
                fit = CoxPHFitter().fit(data, "months", "event", fit_options=FIT_OPTIONS)
                coef, cov = fit.params_.to_numpy(), fit.variance_matrix_.to_numpy()
                curves = fit.predict_survival_function(x)
            else:
                coef, cov = model.coef, model.cov
                curves = pd.DataFrame(
                    np.exp(-np.outer(model.hazard, np.exp((x.to_numpy() - model.center) @ coef))),
                    index=model.months,
                )
            contrast = (x - reference).to_numpy()
            log, half = (
                contrast @ coef,
                models.Z_95 * np.sqrt(np.einsum("ni,ij,nj->n", contrast, cov, contrast)),
            )
            expected = np.exp(np.column_stack([log, log - half, log + half]))
            drawn = [got[i][outcome] for i in which]
            ratios = [[result[key] for key in ("hr", "lower", "upper")] for result in drawn]
            np.testing.assert_allclose(ratios, expected, rtol=1e-6)
            for k, month in enumerate((12, 24, 36)):
                rates = [result["rates"][k]["patient"]["survival"] for result in drawn]
                steps = curves[curves.index <= month].iloc[-1]
                np.testing.assert_allclose(rates, steps, atol=1e-6, rtol=0)
            # The bands against the Python of the explorer, which is tested against R.
            for result, values, bed in list(zip(drawn, these, x["bed10_gy"], strict=True))[:25]:
                band = model.survival({**values, "bed10_gy": bed})
                for name in ("lower", "upper"):
                    np.testing.assert_allclose(result["patient"][name], band[name], atol=1e-6)


def test_what_is_drawn_is_what_was_computed(page: Page) -> None:
    set_traits(page, {"tumor_size_cm": 4.0, "source": "cohort"})
    page.wait_for_function(
        "document.querySelector('.rx-slider .rx-value').textContent === '4.0 cm'"
    )
    numbers = page.evaluate(f"{ROOT_JS}.numbers().death")
    card = page.get_by_role("group", name="Overall survival")
    assert card.locator("strong").inner_text() == f"× {numbers['hr']:.2f}"
    rate = numbers["rates"][2]["patient"]
    table = page.get_by_role("table", name=re.compile("^Overall survival"))
    cell = table.get_by_role("row", name=re.compile("^36")).get_by_role("cell").first
    assert cell.inner_text().startswith(f"{100 * rate['survival']:.1f} (")
    page.locator(".rx-segments label", has_text="Death").click()
    # Ten by ten people for each of the two, and the same in words.
    free = [round(100 * row["patient"]["survival"]) for row in numbers["rates"]]
    assert page.locator(".rx-free-a").count() == free[2]
    assert page.locator(".rx-free-a, .rx-free-b, .rx-card .rx-event").count() == 200
    expected = (
        f"Of 100 patients like this one, {free[0]}, {free[1]} and {free[2]} are expected to be"
    )
    assert page.get_by_text(f"{expected} alive at 12, 24 and 36 months").is_visible()


STEPS = """() => {
  const input = document.querySelector('.rx input[type=range]');
  const times = [];
  for (let i = 0; i < 200; i++) {
    input.value = 0.7 + (i % 60) / 10;
    const drawn = document.querySelector('.rx-ratio');
    const before = drawn.textContent;
    const start = performance.now();
    input.dispatchEvent(new Event('input', { bubbles: true }));
    times.push(performance.now() - start);
    if (drawn.textContent === before) throw Error('the DOM did not change');
  }
  return times.sort((a, b) => a - b)[189];
}"""


@pytest.mark.parametrize(("slowed", "limit"), [(1, 5.0), (4, 16.0)])
def test_an_input_changes_the_page_at_once(page: Page, slowed: int, limit: float) -> None:
    set_traits(page, {"source": "cohort", "outcome": "death"})
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    # The best of many short runs: what other processes take from this one is not measured.
    best = page.evaluate(STEPS)
    for _ in range(60):
        if best < limit / 2:
            break
        best = min(best, page.evaluate(STEPS))
    session.detach()  # the next test has the whole processor
    print(f"95th percentile of 200 steps, CPU slowed {slowed} times: {best:.2f} ms")
    assert best < limit


def test_keyboard_reaches_and_moves_everything(page: Page) -> None:
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(() => { const e = document.activeElement;"
                " return e.labels?.[0]?.textContent || e.textContent; })()"
            )
        )
    for label in ("Paper, Tables 2 and 3", "Reset", "Tumour size", "BED", "Swap"):
        assert label in seen
    slider = page.get_by_label("Tumour size")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "3.1 cm"
    page.get_by_role("group", name="BCLC stage").get_by_label("0").focus()
    page.keyboard.press("ArrowRight")
    assert "BCLC ×" in page.get_by_role("group", name="Local control").inner_text()
    page.get_by_role("button", name="Make this patient the reference").focus()
    page.keyboard.press("Enter")
    assert "the same in both" in page.get_by_role("group", name="Local control").inner_text()
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Space")
    assert slider.get_attribute("aria-valuetext") == "3.0 cm"


def slide(page: Page, label: str, value: float) -> None:
    """Move a slider as a finger or a pointer does."""
    page.get_by_label(label, exact=True).fill(str(value))


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.rx details').forEach((one) => (one.open = true))")


def test_a_step_of_bed_is_a_regimen_or_any_dose(page: Page) -> None:
    slider = page.get_by_label("BED", exact=True)
    for value, text in (
        (80, "79.2 Gy (36 Gy in 3)"),
        (112.5, "112.5 Gy (45 Gy in 3)"),
        (125, "124.8 Gy (48 Gy in 3)"),
        (150, "150 Gy (60 Gy in 4)"),
        (180, "180 Gy (60 Gy in 3)"),
        (130, "130 Gy (49.2 Gy in 3)"),
    ):
        slide(page, "BED", value)
        assert slider.get_attribute("aria-valuetext") == text
    page.locator(".rx-marks span", has_text="60/4").click()
    assert slider.get_attribute("aria-valuetext") == "150 Gy (60 Gy in 4)"


def test_bed_by_dose_fractions_and_alpha_beta(page: Page) -> None:
    page.get_by_text("Dose and fractions:").click()
    page.get_by_label("Total dose").press("End")
    page.get_by_label("Fractions", exact=True).press("End")
    assert "80 × (1 + 8 / 10) = 144 Gy" in page.locator(".rx-formula").inner_text()
    page.get_by_label("α/β").press("End")
    assert "α/β" in page.locator(".rx-warning").inner_text()


def test_far_from_the_data_nothing_is_predicted(page: Page) -> None:
    page.get_by_text("Dose and fractions:").click()
    page.get_by_label("Total dose").press("End")
    page.get_by_label("Fractions", exact=True).press("Home")
    card = page.get_by_role("group", name="Local control")
    assert "Withheld: no patient of this cohort had a BED near 720 Gy" in card.inner_text()
    assert "×" not in card.inner_text()
    assert page.locator(".rx-views svg:visible").count() == 0
    slide(page, "BED", 150)
    assert "×" in card.inner_text()


def test_extrapolation_is_called_by_its_name(page: Page) -> None:
    slide(page, "BED", 180)
    page.get_by_label("Tumour size").press("End")
    warning = page.locator(".rx-warning").inner_text()
    assert "Extrapolation" in warning
    assert "17 of 302" in warning
    chart = page.locator(".rx-views svg").first
    assert "grayscale" in chart.evaluate("(node) => getComputedStyle(node).filter")


def test_what_is_known_only_later_stands_apart(page: Page) -> None:
    choice = page.get_by_role("group", name="Complete response (anyCR)")
    assert not choice.is_visible()
    page.get_by_text("Known only later").click()
    choice.get_by_text("No", exact=True).click()
    # The map is of size and BED alone: what else differs is said beside it.
    assert "What else differs multiplies this by" in page.locator(".rx-views").inner_text()
    link = page.get_by_role("link", name=re.compile("^Immortal time"))
    target, _, anchor = str(link.get_attribute("href")).partition("#")
    assert target == "../notebooks/09_overall_survival.html" and anchor


PLACES = """(svg) => {
  const place = (mark) => ["cx", "cy"].map((key) => Number(mark.getAttribute(key)));
  return ["a", "b"].flatMap((name) => place(svg.querySelector(`.rx-mark-${name}`)));
}"""


def test_the_effect_alone_is_drawn_with_both_patients_on_it(
    page: Page, explorer: HazardExplorer
) -> None:
    set_traits(
        page, {"tumor_size_cm": 5.0, "total_dose_gy": 60.0, "fractions": 4, "bclc_stage": "A"}
    )
    charts = page.locator(".rx-views .rx-pick:not(.rx-map)")
    page.wait_for_function("document.querySelector('.rx-value').textContent === '5.0 cm'")
    assert charts.count() == 2
    model = explorer.models["paper"]["local_failure"]
    names = [term.column for term in model.terms]
    for chart, column, apart in zip(
        charts.all(), ("tumor_size_cm", "bed10_gy"), (5.0 - 2.0, 150 - 112.5), strict=True
    ):
        log = model.coef[names.index(column)] * apart
        text = str(chart.locator(".rx-outlined").text_content())
        assert float(text.removeprefix("× ")) == pytest.approx(np.exp(log), abs=0.005)
        ax, ay, bx, by = chart.evaluate(PLACES)
        # From the reference on the line of 1 towards this patient, by the scale of the axis.
        one, four = (
            float(str(chart.locator(f"[text-anchor=end]:text-is('{tick}')").get_attribute("y"))) - 4
            for tick in ("1", "4")
        )
        assert by == pytest.approx(one, abs=0.2)
        assert (by - ay) / (one - four) == pytest.approx(log / np.log(4), abs=0.02)
        assert (ax > bx) == (apart > 0)


def test_the_map_is_1_at_the_reference_whatever_else_this_patient_has(page: Page) -> None:
    before = page.locator(".rx-map linearGradient").evaluate("(node) => node.outerHTML")
    set_traits(page, {"any_cr": "no", "bclc_stage": "A"})
    page.wait_for_function("document.querySelector('.rx-because').textContent.includes('BCLC')")
    assert page.locator(".rx-map linearGradient").evaluate("(node) => node.outerHTML") == before
    even = page.locator(".rx-map .rx-even").evaluate(
        "(node) => ['x1', 'y1', 'x2', 'y2'].map((key) => Number(node.getAttribute(key)))"
    )
    x, y = page.locator(".rx-map").evaluate(PLACES)[2:]
    x1, y1, x2, y2 = even
    assert y1 + (x - x1) / (x2 - x1) * (y2 - y1) == pytest.approx(y, abs=0.5)


def test_the_tour_sets_the_state_and_the_address(page: Page, explorer_url: str) -> None:
    page.get_by_text("A tour in 5 steps").click()
    steps = page.locator(".rx-tour a")
    assert steps.count() == 5
    page.get_by_label("Prior sessions").press("End")
    for number in range(5):
        link, before = steps.nth(number), page.evaluate(CONTENT)
        target = str(link.get_attribute("href"))
        link.press("Enter")
        assert page.evaluate(CONTENT) != before
        assert page.evaluate("location.hash") == target
        # A step is a whole setting: what was moved before does not show in it.
        assert page.get_by_label("Prior sessions").get_attribute("aria-valuetext") == "3"
        shown = page.evaluate(f"JSON.stringify({ROOT_JS}.numbers())")
        page.goto("about:blank")
        page.goto(explorer_url + target)
        page.wait_for_selector(READY)
        assert page.evaluate(f"JSON.stringify({ROOT_JS}.numbers())") == shown
        open_all(page)


@pytest.mark.parametrize("size", [(1366, 768), (360, 740)])
def test_what_the_ratios_come_to_stays_in_sight(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    ratio = page.get_by_role("group", name="Local control").locator("strong")
    for target in (page.get_by_label("Tumour size"), page.locator(".rx-map")):
        target.scroll_into_view_if_needed()
        box = ratio.bounding_box()
        assert box is not None and 0 <= box["y"] <= size[1] - box["height"]
    # Wide enough, the controls stand beside the charts, and stay there.
    panel, chart = (page.locator(name).first.bounding_box() for name in (".rx-panel", ".rx-map"))
    assert panel is not None and chart is not None
    beside = panel["x"] + panel["width"] <= chart["x"] and panel["y"] < chart["y"] + chart["height"]
    assert beside == (size[0] > 1000)


def test_the_still_version_goes_when_the_widget_lives(page: Page) -> None:
    assert page.locator(".rx").is_visible()
    assert not page.locator(".rx-still").is_visible()


def test_a_control_that_needs_a_kernel_says_so(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "other.html"
    path.write_text(
        "<!doctype html><title>Other</title><body>"
        '<script type="application/vnd.jupyter.widget-view+json">{"model_id": "x"}</script>'
        '<script type="application/vnd.jupyter.widget-state+json">'
        '{"state": {"x": {"model_name": "IntSliderModel", "state": {}}}}</script>'
        f"<script>{RUNTIME.read_text(encoding='utf-8')}</script>",
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(READY)
    assert "needs a running notebook" in page.locator("body").inner_text()
    page.close()


# ---- All widgets: keys, announcements, reset, files, link, still version ---------------------

WIDGETS = {
    "explorer": "Hazard explorer",
    "bed": "BED calculator",
    "response": "Month of decision on Fig. 2",
    "cutpoint": "Cut-point explorer",
    "courses": "Patients through time",
}


@pytest.fixture(scope="module")
def cutpoint(cohort: pd.DataFrame) -> CutpointExplorer:
    return CutpointExplorer(cohort, step=0.2)


@pytest.fixture(scope="module")
def all_url(
    explorer: HazardExplorer,
    cohort: pd.DataFrame,
    cutpoint: CutpointExplorer,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    path = tmp_path_factory.mktemp("widgets") / "all.html"
    timelines = ResponseTimeline(cohort), PatientTimelines(cohort)
    return write_page(path, explorer, BedCalculator(), *timelines, cutpoint)


@pytest.fixture
def all_widgets(page: Page, all_url: str) -> Page:
    page.goto(all_url)
    page.wait_for_selector(READY)
    return page


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=WIDGETS[name], exact=True)


def test_every_control_keeps_its_keys_in_jupyterlab(all_widgets: Page) -> None:
    controls = all_widgets.locator(".rx :is(input, select, button, summary, a)")
    kept = all_widgets.locator('.rx [data-lm-suppress-shortcuts="true"]')
    assert controls.count() == kept.count() > 30


@pytest.mark.parametrize("name", WIDGETS)
def test_every_slider_has_keys_and_announces_and_is_reset(all_widgets: Page, name: str) -> None:
    widget = region(all_widgets, name)
    status = widget.get_by_role("status")
    sliders = widget.locator("input[type=range]:visible")
    assert sliders.count() > 0
    for slider in sliders.all():
        start = slider.get_attribute("aria-valuetext")
        before = status.inner_text()
        slider.press("ArrowRight")
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") != start
        expect(status).not_to_have_text(before)
        widget.get_by_role("button", name="Reset").press("Enter")
        assert slider.get_attribute("aria-valuetext") == start


@pytest.mark.parametrize("way", ["mouse", "touch"])
def test_every_control_is_moved_by_mouse_and_by_touch(
    browser: Browser, all_url: str, way: str
) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=way == "touch")
    page = context.new_page()
    page.goto(all_url)
    page.wait_for_selector(READY)
    open_all(page)

    def press(target: Locator, across: float = 0.5) -> None:
        target.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        box = target.bounding_box()
        assert box is not None
        where = box["x"] + across * box["width"], box["y"] + box["height"] / 2
        (page.touchscreen.tap if way == "touch" else page.mouse.click)(*where)

    sliders = page.locator(".rx input[type=range]:visible").all()
    for slider in sliders:
        low, value, high = slider.evaluate("(one) => [one.min, one.value, one.max].map(Number)")
        press(slider, 0.1 if value > (low + high) / 2 else 0.9)
        assert abs(float(slider.input_value()) - value) > (high - low) / 5
    for reset in page.get_by_role("button", name="Reset").all():
        press(reset)  # of doses that nobody had nothing is drawn
    choices = page.locator(".rx-segments input:not(:checked) + label:visible").all()
    names = [choice.get_attribute("for") for choice in choices]
    for name in names:
        press(page.locator(f"label[for='{name}']"))
        assert page.evaluate("(name) => document.getElementById(name).checked", name)
    charts = page.locator(".rx-pick:visible").all()
    for chart in charts:
        press(chart, 0.3)
        said = chart.evaluate("(one) => one.closest('.rx').innerText")
        press(chart, 0.7)
        assert chart.evaluate("(one) => one.closest('.rx').innerText") != said
    for summary in page.locator(".rx summary:visible").all():
        press(summary)
        assert not summary.evaluate("(one) => one.parentElement.open")
    assert len(sliders) > 8 and len(names) > 4 and len(charts) > 2
    context.close()


def test_the_map_shows_density_and_no_patient(page: Page, explorer: HazardExplorer) -> None:
    squares = page.locator(".rx-map .rx-people")
    levels = np.array(explorer._data["density"]["level"])
    assert squares.count() == np.count_nonzero(levels) < explorer._data["n"] / 5
    sizes = [square.get_attribute("width") for square in squares.all()]
    assert sorted(set(sizes), key=int) == ["4", "7", "10"]
    # On a grid of cells, wherever in them the patients are.
    across = {
        float(square.get_attribute("x")) + int(size) / 2
        for square, size in zip(squares.all(), sizes, strict=True)
    }
    assert len(across) <= levels.shape[0]


@pytest.mark.parametrize("name", WIDGETS)
def test_a_link_restores_the_settings(all_widgets: Page, all_url: str, name: str) -> None:
    widget = region(all_widgets, name)
    sliders = widget.locator("input[type=range]:visible")
    ends = []
    for slider in sliders.all():
        slider.press("End")
        ends.append(slider.get_attribute("aria-valuetext"))
    link = widget.get_by_role("link", name="Link to these settings").get_attribute("href")
    all_widgets.goto("about:blank")
    all_widgets.goto(all_url + link)
    all_widgets.wait_for_selector(READY)
    assert [slider.get_attribute("aria-valuetext") for slider in sliders.all()] == ends


def test_no_choice_is_dead(all_widgets: Page) -> None:
    """Every option of every control changes what is shown, text or figure."""

    def shown() -> str:
        return str(all_widgets.evaluate(CONTENT))

    for name in WIDGETS:
        widget = region(all_widgets, name)
        for select in widget.locator("select").all():
            first = select.input_value()
            for option in select.locator("option:not([disabled])").all():
                value, before = option.get_attribute("value"), shown()
                if value == select.input_value():
                    continue
                select.select_option(value)
                assert shown() != before, (name, value)
            select.select_option(first)  # of few patients the next one could choose none
            widget.get_by_role("button", name="Reset").press("Enter")
        for option in widget.locator("input[type=radio]:visible").all():
            if not option.is_checked():
                before = shown()
                option.press("Space")
                assert option.is_checked()
                assert shown() != before, (name, option.get_attribute("value"))
    for button in ("Swap", "Make this patient the reference", "Reset"):
        before = shown()
        region(all_widgets, "explorer").get_by_role("button", name=button).press("Enter")
        assert shown() != before, button


# What can be seen, without the announcements and the link that follow any change of a setting.
CONTENT = """[...document.querySelectorAll('.rx')].map((widget) => {
  const copy = widget.cloneNode(true);
  copy.querySelectorAll('[role=status], .rx-files').forEach((node) => node.remove());
  return copy.innerHTML;
}).join()"""


def test_a_link_restores_both_patients_and_the_view(page: Page, explorer_url: str) -> None:
    page.get_by_label("Tumour size").press("End")
    page.get_by_role("button", name="Make this patient the reference").click()
    page.get_by_label("Tumour size").press("Home")
    slide(page, "BED", 150)
    page.locator(".rx-segments label", has_text="Death").click()
    settings = "JSON.stringify(document.querySelector('.rx').numbers())"
    before = page.evaluate(settings)
    link = page.get_by_role("link", name="Link to these settings").get_attribute("href")
    page.goto("about:blank")
    page.goto(explorer_url + link)
    page.wait_for_selector(READY)
    assert page.evaluate(settings) == before
    assert page.get_by_role("radio", name="Death").is_checked()
    assert "Reference: 6.9 cm, 45 Gy in 3" in page.locator(".rx-panel .rx-legend").inner_text()


@pytest.mark.parametrize(
    "broken",
    [
        "#explorer?tumor_size_cm=1e9&bclc_stage=Z&source=&month=7&fractions=2.5&ref.any_cr=x",
        "#bed?total_dose_gy=NaN&fractions=2.5&alpha_beta=&__proto__=1",
        "#response?month=-1",
        "#cutpoint?cut=1e3&cut_point=2",
    ],
)
def test_a_broken_link_changes_nothing(page: Page, all_url: str, broken: str) -> None:
    page.goto(all_url)
    page.wait_for_selector(READY)
    values = "[...document.querySelectorAll('.rx :is(input, select)')].map((e) => e.value)"
    before = page.evaluate(values)
    page.goto("about:blank")
    page.goto(all_url + broken)
    page.wait_for_selector(READY)
    assert page.evaluate(values) == before


def saved(widget: Locator, button: str) -> Download:
    with widget.page.expect_download() as download:
        widget.get_by_role("button", name=button).click()
    return download.value


@pytest.mark.parametrize("name", WIDGETS)
def test_the_figure_is_saved_as_it_is_shown(all_widgets: Page, name: str) -> None:
    # Saved from the dark theme, it is still dark ink on white paper.
    all_widgets.evaluate("document.documentElement.dataset.theme = 'dark'")
    widget = region(all_widgets, name)
    svg = saved(widget, "Save the figure as SVG")
    assert svg.suggested_filename == f"{name}.svg"
    figure = ElementTree.parse(svg.path())
    text = " ".join(figure.getroot().itertext())
    assert "var(" not in Path(svg.path()).read_text(encoding="utf-8")
    assert not figure.findall(".//*[@class]")
    words = {
        "explorer": "Hazard ratio",
        "bed": "EQD2",
        "response": "too early",
        "courses": "waiting",
    }
    assert words.get(name, "hazard ratio") in text
    charts = figure.findall("{*}svg")
    assert len(charts) == {"explorer": 6, "bed": 1, "courses": 1}.get(name, 2)
    png = saved(widget, "Save the figure as PNG")
    assert png.suggested_filename == f"{name}.png"
    picture = Path(png.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[i : i + 4], "big") for i in (16, 20))
    assert (width, height) == tuple(2 * int(figure.getroot().get(k)) for k in ("width", "height"))
    # The upper left corner of the decoded picture is paper, and the rest has ink on it.
    encoded = base64.b64encode(picture).decode()
    corner, darkest = all_widgets.evaluate(PIXELS, f"data:image/png;base64,{encoded}")
    assert corner == 255
    assert darkest < 80
    assert all_widgets.locator(".rx[data-rx-theme=dark]").count() == len(WIDGETS)


PIXELS = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  let darkest = 255;
  for (let i = 0; i < pixels.length; i += 4) darkest = Math.min(darkest, pixels[i]);
  return [pixels[0], darkest];
}"""


def numbers(page: Page, name: str) -> list[dict[str, str]]:
    """Rows of the CSV that a widget saves."""
    file = saved(region(page, name), "Save the numbers as CSV")
    assert file.suggested_filename == f"{name}.csv"
    with Path(file.path()).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, restkey="too many", restval=None))
    assert rows
    assert not any("too many" in row or None in row.values() for row in rows)
    return rows


def test_the_explorer_s_numbers_are_saved(all_widgets: Page) -> None:
    rows = numbers(all_widgets, "explorer")
    ratio = next(r for r in rows if (r["quantity"], r["outcome"]) == ("hazard ratio", "death"))
    shown = all_widgets.evaluate(f"{ROOT_JS}.numbers().death")
    assert float(ratio["estimate"]) == pytest.approx(shown["hr"], rel=1e-11)
    rates = [r for r in rows if r["quantity"] == "event-free at month"]
    assert [r["month"] for r in rates] == ["12", "24", "36"] * 4


def test_the_bed_calculator_s_numbers_are_saved(all_widgets: Page) -> None:
    region(all_widgets, "bed").get_by_role("slider", name="α/β").press("ArrowLeft")
    for row in numbers(all_widgets, "bed"):
        schedule = [float(row[key]) for key in ("total_dose_gy", "fractions", "alpha_beta_gy")]
        assert schedule[2] == 9.5
        assert float(row["bed_gy"]) == pytest.approx(bed_gy(*schedule), rel=1e-11)
        assert float(row["eqd2_gy"]) == pytest.approx(eqd2_gy(*schedule), rel=1e-11)


def test_the_months_of_decision_are_saved(all_widgets: Page, cohort: pd.DataFrame) -> None:
    rows = numbers(all_widgets, "response")
    timeline = ResponseTimeline(cohort)
    assert [row["month"] for row in rows if row["chosen"]] == ["3"]
    for row in rows:
        timeline.month = float(row["month"])
        assert int(row["cr_later"]) == timeline.missed
        assert int(row["cr_by_then"]) + int(row["cr_later"]) + int(row["never_cr"]) == len(cohort)


def test_one_line_crosses_the_shares_and_the_bars(all_widgets: Page, cohort: pd.DataFrame) -> None:
    widget = region(all_widgets, "courses")
    rules = widget.locator("line.rx-rule")
    slider = widget.get_by_role("slider", name="Month")
    before = [rule.get_attribute("x1") for rule in rules.all()]
    slider.press("ArrowRight")
    after = [rule.get_attribute("x1") for rule in rules.all()]
    assert len(set(before)) == len(set(after)) == 1 and before != after
    rows = numbers(all_widgets, "courses")
    shares = [[float(v) for k, v in row.items() if k != "month"] for row in rows]
    assert all(abs(sum(row) - 100) < 0.25 for row in shares)


def test_the_bars_are_filtered_and_sorted_and_stand_in_a_table(
    all_widgets: Page, cohort: pd.DataFrame
) -> None:
    widget = region(all_widgets, "courses")
    large = cohort[(cohort["tumor_size_cm"] > 3) & (cohort["best_response"] == "SD")]
    widget.get_by_label("Size, cm").select_option("> 3 cm")
    widget.get_by_label("Best response").select_option("SD")
    widget.get_by_label("Sorted by").select_option("Size")
    assert widget.get_by_text(f"{len(large)} of {len(cohort)} made-up patients").is_visible()
    widget.get_by_text("The same as a table").click()
    rows = widget.locator(".rx-list tbody tr")
    expect(rows).to_have_count(len(large))  # it is filled when it has opened
    assert len(large) > 1
    sizes = [float(row.locator("td").first.inner_text()) for row in rows.all()]
    assert sizes == sorted(large["tumor_size_cm"])
    bars = widget.locator(".rx-swim g > rect")
    assert len(large) <= bars.count() <= 3 * len(large)


def test_the_cut_points_are_saved(all_widgets: Page, cutpoint: CutpointExplorer) -> None:
    rows = numbers(all_widgets, "cutpoint")
    p = {float(r["cut_point"]): float(r["estimate"]) for r in rows if r["quantity"] == "log-rank p"}
    assert list(p) == pytest.approx(list(cutpoint.table.index))
    assert list(p.values()) == pytest.approx(list(cutpoint.table["p"]), rel=1e-3)


def test_figure_and_table_stand_without_javascript(browser: Browser, all_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(all_url)
    for name in WIDGETS:
        still = page.locator(f'[data-still="{name}"]')
        assert still.locator("svg[role=img][aria-label]").is_visible()
        table = still.get_by_role("table")
        assert table.is_visible()
        assert table.locator("caption").inner_text()
        assert table.locator("thead th[scope=col]").count() > 2
        assert table.locator("tbody tr").count() == table.locator("tbody th[scope=row]").count() > 4
    context.close()


@pytest.mark.parametrize("width", [320, 760, 1200])
def test_they_fit_the_width(all_widgets: Page, width: int) -> None:
    all_widgets.set_viewport_size({"width": width, "height": 800})
    open_all(all_widgets)
    assert all_widgets.evaluate("document.documentElement.scrollWidth") <= width
    # A table that scrolls has its last column out of sight.
    tables = all_widgets.locator(".rx-scroll")
    if width > 1000:
        assert tables.evaluate_all(
            "(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"
        )


# ---- The smaller widgets, each ---------------------------------------------------------------


def test_bed_calculator(all_widgets: Page) -> None:
    widget = region(all_widgets, "bed")
    assert "BED 112.5 Gy" in widget.inner_text()
    widget.get_by_role("slider", name="α/β").press("Home")
    assert "BED 382.5 Gy" in widget.inner_text()
    widget.get_by_role("combobox").select_option("60/4")
    assert widget.get_by_role("slider", name="Fractions").get_attribute("aria-valuetext") == "4"


def test_month_of_decision(all_widgets: Page) -> None:
    widget = region(all_widgets, "response")
    assert widget.locator("strong").inner_text() == "173"
    assert "2 of the 187 had died or left by then, so that 185 were still" in widget.inner_text()
    for _ in range(6):
        widget.get_by_role("slider").press("ArrowRight")
    assert widget.locator("strong").inner_text() == "48"
    counts = [widget.locator(f"[class={name}]").count() for name in ("rx-free-a", "rx-later")]
    assert counts == [79, 16]


def test_cut_point(all_widgets: Page) -> None:
    widget = region(all_widgets, "cutpoint")
    before = widget.locator("strong").inner_text()
    widget.get_by_role("slider").press("End")
    assert widget.locator("strong").inner_text() != before
    assert "corrected for the search" in widget.inner_text()


def test_one_cut_point_alone_has_no_control(
    cohort: pd.DataFrame, browser: Browser, tmp_path: Path
) -> None:
    alone = CutpointExplorer(cohort, step=2.0)
    assert len(alone.table) == 1
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(write_page(tmp_path / "alone.html", alone))
    page.wait_for_selector(READY)
    widget = region(page, "cutpoint")
    assert widget.locator("strong").inner_text().startswith("× ")
    assert not widget.locator("input").is_visible()
    assert not complaints
    page.close()


def test_a_cohort_that_records_little(
    cohort: pd.DataFrame, browser: Browser, tmp_path: Path
) -> None:
    partial = cohort[
        ["patient_id", "tumor_size_cm", "child_pugh_class", "follow_up_months", "death"]
    ]
    explorer = HazardExplorer(partial, anchor=cohort, source="cohort")
    page = browser.new_page()
    page.goto(write_page(tmp_path / "partial.html", explorer))
    page.wait_for_selector(READY)
    card = page.get_by_role("group", name="Local control")
    assert card.get_by_text("No model of local control was refitted").is_visible()
    # Only what the model has is offered.
    assert page.get_by_label("Tumour size").is_visible()
    assert not page.get_by_label("BED", exact=True).is_visible()
    assert not page.get_by_text("Closer look at").is_visible()
    page.get_by_text("Paper, Tables 2 and 3").click()
    assert page.get_by_label("BED", exact=True).is_visible()
    page.close()


def test_no_script_declares_what_a_browser_has(page: Page) -> None:
    """Bundled they share one scope: a script that means the browser's name must not get another."""
    scripts = (ROOT / "reanalysis" / "page" / "widgets" / "js").glob("*.js")
    declared = re.compile(
        r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE
    )
    names = sorted(
        {
            name
            for script in scripts
            for name in declared.findall(script.read_text(encoding="utf-8"))
        }
    )
    assert len(names) > 80
    assert page.evaluate("names => names.filter((name) => name in window)", names) == []


def test_weight(explorer: HazardExplorer) -> None:
    state = json.dumps(explorer.get_state(), default=str).encode()
    weight = len(gzip.compress(state, 6)) + len(gzip.compress(RUNTIME.read_bytes(), 6))
    print(f"script, style and data of the explorer: {weight / 1000:.1f} kB gzip")
    assert weight < 36_000


def test_widgets_of_the_built_site_live(site: Path, browser: Browser) -> None:
    marker = "application/vnd.jupyter.widget-view+json"
    pages = [
        path for path in sorted(site.rglob("*.html")) if marker in path.read_text(encoding="utf-8")
    ]
    assert pages
    page = browser.new_page()
    for path in pages:
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        shown = page.locator(".widget-view")
        assert shown.count() == page.locator(".widget-view .rx").count() > 0, path
        assert page.locator(".rx-still:visible").count() == 0, path
        # On a laptop no column of a table is cut off.
        assert page.viewport_size == {"width": 1280, "height": 720}
        cut_off = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
        assert page.locator(".rx-scroll").evaluate_all(cut_off) == 0, path
        for slider in page.locator(".rx input[type=range]:visible").all():
            before = slider.get_attribute("aria-valuetext")
            slider.press("ArrowRight")
            slider.press("ArrowRight")
            assert slider.get_attribute("aria-valuetext") != before, path
    page.close()


def test_stills_of_the_built_site_stand_without_javascript(site: Path, browser: Browser) -> None:
    marker = "application/vnd.jupyter.widget-view+json"
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in sorted(site.rglob("*.html")):
        views = path.read_text(encoding="utf-8").count(f'<script type="{marker}"')
        if not views:
            continue
        page.goto(path.as_uri())
        # A figure with its table, or a question with its answer folded.
        drawn = page.locator(".rx-still:visible:has(> svg):has(table)")
        asked = page.locator(".rx-still:visible:has(summary), [data-still=checkup]:visible")
        assert drawn.count() + asked.count() == views, path
    context.close()
