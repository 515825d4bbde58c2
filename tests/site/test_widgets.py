"""The widgets in a browser, on a page without kernel or network, as the site has them."""

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from playwright.sync_api import Browser, Page

from reanalysis.cohort import load_cohort
from reanalysis.explorer import (
    BedCalculator,
    CutpointExplorer,
    HazardExplorer,
    ResponseTimeline,
    models,
)
from reanalysis.explorer.base import BookWidget
from reanalysis.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.regression import FIT_OPTIONS, MULTIVARIABLE, design_matrix
from reanalysis.survival import event_times

RUNTIME = ROOT / "book" / "_assets" / "widgets.js"
READY = "html[data-widgets=ready]"
ROOT_JS = "document.querySelector('.rx')"


def write_page(path: Path, *widgets: BookWidget) -> str:
    """Write what MyST-NB makes of cells with widgets, and return its file:// address."""
    views, states = [], {}
    for widget in widgets:
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        views.append(
            f'<script type="application/vnd.jupyter.widget-view+json">{json.dumps(view)}</script>'
            f'<div class="rx-still" data-still="{widget._still}">{widget.still()}</div>'
        )
        states[widget.model_id] = {
            "model_module": "anywidget",
            "state": json.loads(json.dumps(widget.get_state(), default=str)),
        }
    state = json.dumps({"version_major": 2, "version_minor": 0, "state": states})
    path.write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Widgets</title></head>'
        f'<body style="margin:8px"><main>{"".join(views)}</main>'
        '<script type="application/vnd.jupyter.widget-state+json">'
        + state.replace("</script>", r"<\/script>")
        + f"</script><script>{RUNTIME.read_text()}</script></body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


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


@pytest.fixture
def page(browser: Browser, explorer_url: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 900}, accept_downloads=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith(("file:", "blob:", "data:"))
            or complaints.append(f"request to {request.url}")
        ),
    )
    page.goto(explorer_url)
    page.wait_for_selector(READY)
    yield page
    context.close()
    assert not complaints


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
            table[term.column] = (table[term.column] == models.levels(term)[1]).astype(float)
    return table[[term.column for term in model.terms]].astype(float)


def test_500_settings_agree_with_python(
    page: Page, explorer: HazardExplorer, cohort: pd.DataFrame
) -> None:
    settings = random_settings(cohort, 500)
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
    page.get_by_text("Death", exact=True).click()
    assert page.locator(".rx-free-a").count() == round(100 * rate["survival"])


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
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    # Of several runs: another process on the machine is not what is measured.
    best = page.evaluate(STEPS)
    for _ in range(9):
        if best < limit / 2:
            break
        best = min(best, page.evaluate(STEPS))
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
    for label in ("Paper, Tables 2 and 3", "Reset", "Tumour size", "Dose and fractions", "Swap"):
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


def test_every_control_keeps_its_keys_in_jupyterlab(page: Page) -> None:
    controls = page.locator(".rx :is(input, select, button, summary, a)")
    kept = page.locator('.rx [data-lm-suppress-shortcuts="true"]')
    assert controls.count() == kept.count() > 10


def test_changes_are_announced(page: Page) -> None:
    page.get_by_label("Tumour size").press("ArrowRight")
    status = page.get_by_role("status")
    page.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    assert "Hazard ratio of local failure" in status.inner_text()


def test_bed_by_dose_fractions_and_alpha_beta(page: Page) -> None:
    page.get_by_label("Dose and fractions").select_option("custom")
    page.get_by_label("Total dose").press("End")
    page.get_by_label("Fractions", exact=True).press("End")
    assert "80 × (1 + 8 / 10) = 144 Gy" in page.locator(".rx-formula").inner_text()
    page.get_by_label("α/β").press("Home")
    assert "α/β" in page.locator(".rx-warning").inner_text()


def test_extrapolation_is_called_by_its_name(page: Page) -> None:
    page.get_by_label("Dose and fractions").select_option("60/3")
    page.get_by_label("Tumour size").press("End")
    warning = page.locator(".rx-warning").inner_text()
    assert "Extrapolation" in warning
    assert "17 of 302" in warning


def test_a_link_restores_the_settings(page: Page, explorer_url: str) -> None:
    page.get_by_label("Tumour size").press("End")
    page.get_by_text("Death", exact=True).click()
    link = page.get_by_role("link", name="Link to these settings").get_attribute("href")
    page.goto("about:blank")
    page.goto(explorer_url + link)
    page.wait_for_selector(READY)
    assert page.get_by_label("Tumour size").get_attribute("aria-valuetext") == "6.9 cm"
    assert page.get_by_label("Death").is_checked()


def test_a_broken_link_changes_nothing(page: Page, explorer_url: str) -> None:
    page.goto("about:blank")
    page.goto(explorer_url + "#explorer?tumor_size_cm=1e9&bclc_stage=Z&source=&month=7")
    page.wait_for_selector(READY)
    assert page.get_by_label("Tumour size").get_attribute("aria-valuetext") == "3.0 cm"


def test_files_to_keep(page: Page) -> None:
    def saved(name: str) -> bytes:
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        return Path(download.value.path()).read_bytes()

    figure = saved("Save the figure as SVG").decode()
    assert figure.startswith("<svg")
    assert "var(" not in figure
    assert saved("Save the figure as PNG").startswith(b"\x89PNG")
    rows = list(csv.DictReader(saved("Save the numbers as CSV").decode().splitlines()))
    ratio = next(r for r in rows if (r["quantity"], r["outcome"]) == ("hazard ratio", "death"))
    numbers = page.evaluate(f"{ROOT_JS}.numbers().death")
    assert float(ratio["estimate"]) == pytest.approx(numbers["hr"], rel=1e-11)


def test_the_still_version_stands_without_javascript(browser: Browser, explorer_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(explorer_url)
    assert page.locator(".rx-still svg").is_visible()
    assert page.get_by_role("table").is_visible()
    context.close()


def test_the_still_version_goes_when_the_widget_lives(page: Page) -> None:
    assert page.locator(".rx").is_visible()
    assert not page.locator(".rx-still").is_visible()


@pytest.mark.parametrize("width", [320, 760, 1200])
def test_it_fits_the_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_label("Dose and fractions").select_option("custom")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_control_that_needs_a_kernel_says_so(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "other.html"
    path.write_text(
        "<!doctype html><title>Other</title><body>"
        '<script type="application/vnd.jupyter.widget-view+json">{"model_id": "x"}</script>'
        '<script type="application/vnd.jupyter.widget-state+json">'
        '{"state": {"x": {"model_name": "IntSliderModel", "state": {}}}}</script>'
        f"<script>{RUNTIME.read_text()}</script>"
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(READY)
    assert "needs a running notebook" in page.locator("body").inner_text()
    page.close()


@pytest.fixture(scope="module")
def small_url(cohort: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> str:
    widgets = (BedCalculator(), ResponseTimeline(cohort), CutpointExplorer(cohort, step=0.2))
    return write_page(tmp_path_factory.mktemp("widgets") / "small.html", *widgets)


def test_bed_calculator(page: Page, small_url: str) -> None:
    page.goto(small_url)
    page.wait_for_selector(READY)
    widget = page.get_by_role("region", name="BED calculator")
    assert "BED 112.5 Gy" in widget.inner_text()
    widget.get_by_role("slider", name="α/β").press("Home")
    assert "BED 382.5 Gy" in widget.inner_text()
    widget.get_by_role("combobox").select_option("60/4")
    assert widget.get_by_role("slider", name="Fractions").get_attribute("aria-valuetext") == "4"


def test_month_of_decision(page: Page, small_url: str) -> None:
    page.goto(small_url)
    page.wait_for_selector(READY)
    widget = page.get_by_role("region", name="Month of decision on Fig. 2")
    assert "173 missed" in widget.inner_text()
    for _ in range(6):
        widget.get_by_role("slider").press("ArrowRight")
    assert "48 missed" in widget.inner_text()
    counts = [widget.locator(f"[class={name}]").count() for name in ("rx-free-a", "rx-later")]
    assert counts == [79, 16]


def test_cut_point(page: Page, small_url: str) -> None:
    page.goto(small_url)
    page.wait_for_selector(READY)
    widget = page.get_by_role("region", name="Cut-point explorer")
    before = widget.locator("strong").inner_text()
    widget.get_by_role("slider").press("End")
    assert widget.locator("strong").inner_text() != before
    assert "corrected for the search" in widget.inner_text()


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
    assert not page.get_by_label("Dose and fractions").is_visible()
    assert not page.get_by_text("Closer look at").is_visible()
    page.get_by_text("Paper, Tables 2 and 3").click()
    assert page.get_by_label("Dose and fractions").is_visible()
    page.close()


def test_weight(explorer: HazardExplorer) -> None:
    state = json.dumps(explorer.get_state(), default=str).encode()
    weight = len(gzip.compress(state, 6)) + len(gzip.compress(RUNTIME.read_bytes(), 6))
    print(f"script, style and data of the explorer: {weight / 1000:.1f} kB gzip")
    assert weight < 30_000


def test_widgets_of_the_built_site_live(site: Path, browser: Browser) -> None:
    marker = "application/vnd.jupyter.widget-view+json"
    pages = [path for path in sorted(site.rglob("*.html")) if marker in path.read_text()]
    assert pages
    for path in pages:
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        shown = page.locator(".widget-view")
        assert shown.count() == page.locator(".widget-view .rx").count() > 0, path
        assert page.locator(".rx-still:visible").count() == 0, path
        for slider in page.locator(".rx input[type=range]:visible").all():
            before = slider.get_attribute("aria-valuetext")
            slider.press("ArrowRight")
            slider.press("ArrowRight")
            assert slider.get_attribute("aria-valuetext") != before, path
        page.close()
