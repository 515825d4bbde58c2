"""The widgets' still versions: curves against estimates made by hand, legible in light and dark."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from by_hand import (
    A_LOWER,
    A_SURVIVAL,
    A_UPPER,
    B_SURVIVAL,
    A,
    B,
    Corner,
    corners,
    outline,
    ring,
    staircase,
    svg_points,
)

from reanalysis.analysis.prediction import ENDPOINTS
from reanalysis.analysis.survival import kaplan_meier
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import with_policy
from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.paths import ROOT, SYNTHETIC_COHORT
from reanalysis.page.widgets.bed_calculator import BedCalculator
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.hazard_explorer import HazardExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.page.widgets.still import STYLE, bed_svg, steps_svg, still_table, typical_settings
from reanalysis.page.widgets.timelines import PatientTimelines
from reanalysis.page.widgets.waiting_balance import WaitingBalance
from reanalysis.paper.study import REGIMENS

BOX = (40.0, 310.0, 30.0, 180.0)  # left, right, top and bottom of the first plot
BACKGROUNDS = ("#ffffff", "#14191e")


class Drawing:
    """An SVG with plots of shares from 0 to 1 by month."""

    def __init__(self, html: str, end: float) -> None:
        (svg,) = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
        self.root, self.end = ElementTree.fromstring(svg), end

    def data(self, path: str, plot: int = 0) -> list[Corner]:
        left, right, top, bottom = BOX
        return [
            (self.end * (x - left - 330 * plot) / (right - left), (bottom - y) / (bottom - top))
            for x, y in svg_points(path)
        ]

    def curves(self) -> list[ElementTree.Element]:
        return [p for p in self.root.iter("path") if p.get("stroke", "").startswith("#")]

    def bands(self) -> list[ElementTree.Element]:
        return [p for p in self.root.iter("path") if p.get("fill", "").startswith("#")]

    def texts(self) -> dict[str, tuple[float, float]]:
        return {
            t.text or "": (float(t.get("x", "")), float(t.get("y", "")))
            for t in self.root.iter("text")
        }


def close(found: list[Corner], expected: list[Corner]) -> bool:
    # A tenth of a unit of the drawing is a hundredth of a month and a fifteenth of a percent.
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=0.006)


def cells(html: str) -> dict[str, list[str]]:
    """Read the rows of the table in a still version, by their headers."""
    (table,) = re.findall(r"<tbody>.*?</tbody>", html, re.DOTALL)
    rows = [[cell.text or "" for cell in row] for row in ElementTree.fromstring(table)]
    return {head: values for head, *values in rows}


def turns(points: list[Corner]) -> list[Corner]:
    return corners(*zip(*points, strict=True))


def cohort_of(*groups: tuple[pd.DataFrame, float]) -> pd.DataFrame:
    """Give the patients of groups, each with a tumour size, as a cohort."""
    rows = pd.concat([times.assign(tumor_size_cm=size) for times, size in groups])
    cohort = pd.DataFrame(
        {
            "patient_id": rows.index,
            "tumor_size_cm": rows["tumor_size_cm"],
            "follow_up_months": rows["months"],
            "death": 0,
            "local_failure": rows["event"],
            "local_failure_months": rows["months"].where(rows["event"] == 1),
        }
    ).reset_index(drop=True)
    return with_policy(cohort, MADE_UP)


# --- the drawing itself ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    a, b = kaplan_meier(A).table, kaplan_meier(B).table
    return Drawing(steps_svg({"Control, %": [a, b[["survival"]]]}, 18.0, 'Two "curves" & more'), 18)


def test_the_first_curve_is_solid_and_the_second_dashed(drawing: Drawing) -> None:
    first, second = drawing.curves()
    assert close(turns(drawing.data(first.get("d", ""))), staircase(A_SURVIVAL, 18, 1))
    assert close(turns(drawing.data(second.get("d", ""))), staircase(B_SURVIVAL, 18, 1))
    assert first.get("stroke-dasharray") is None and second.get("stroke-dasharray")
    assert first.get("stroke") != second.get("stroke")
    for curve in (first, second):
        assert (curve.get("fill"), curve.get("stroke-width")) == ("none", "2")


def test_a_curve_with_limits_has_a_band_of_its_colour(drawing: Drawing) -> None:
    (band,) = drawing.bands()
    assert band.get("fill") == drawing.curves()[0].get("stroke")
    assert band.get("fill-opacity") == ".15"
    found = ring(turns(drawing.data(band.get("d", ""))))
    lower, upper = (staircase(limit, 18, 1) for limit in (A_LOWER, A_UPPER))
    assert close(found, ring(outline(lower, upper)))
    assert band.get("d", "").endswith("Z")


def test_ticks_stand_where_the_curves_are_measured(drawing: Drawing) -> None:
    texts = drawing.texts()
    assert [k for k in texts if k.isdigit()] == ["0", "50", "100", "3", "6", "9", "12", "15", "18"]
    # "0" is both a percentage and a month; the month comes last.
    for month in (0, 3, 6, 9, 12, 15, 18):
        assert texts[str(month)] == (pytest.approx(40 + 270 * month / 18, abs=0.05), 198)
    assert texts["50"] == (34, 105 + 4) and texts["100"] == (34, 30 + 4)
    assert texts["Control, %"][1] < 30 and texts["Months after SBRT"][1] > 198
    grid = [p for p in drawing.root.iter("path") if p.get("stroke") == "currentColor"]
    heights = [drawing.data(path.get("d", "")) for path in grid]
    assert [[y for _, y in line] for line in heights] == [[0, 0], [0.5, 0.5], [1, 1]]


def test_long_observation_is_marked_in_years() -> None:
    texts = Drawing(steps_svg({"T": [kaplan_meier(A).table]}, 60.0, "alt"), 60).texts()
    assert [k for k in texts if k.isdigit() and k not in ("50", "100")] == [
        *("0", "12", "24", "36", "48", "60"),
    ]
    assert texts["36"][0] == pytest.approx(40 + 270 * 36 / 60)


def test_a_second_plot_stands_beside_the_first() -> None:
    tables = {"T": [kaplan_meier(A).table[["survival"]]], "U": [kaplan_meier(B).table]}
    drawing = Drawing(steps_svg(tables, 18.0, "alt"), 18)
    assert drawing.root.get("viewBox") == "0 0 670 230"
    _, second = drawing.curves()
    assert close(turns(drawing.data(second.get("d", ""), 1)), staircase(B_SURVIVAL, 18, 1))
    assert drawing.texts()["U"][0] == 370


def test_the_drawing_says_what_it_shows(drawing: Drawing) -> None:
    assert drawing.root.get("role") == "img"
    assert drawing.root.get("aria-label") == 'Two "curves" & more'


# --- light and dark ---------------------------------------------------------------------------


def luminance(colour: str) -> float:
    shades = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shades]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def stills() -> dict[str, str]:
    cohort = load_cohort(SYNTHETIC_COHORT)
    widgets = (
        *(HazardExplorer(cohort), CutpointExplorer(cohort), ResponseTimeline(cohort)),
        *(BedCalculator(), PatientTimelines(cohort), WaitingBalance(cohort)),
    )
    return {type(widget).__name__: widget.still() for widget in widgets}


def test_the_dark_page_is_as_dark_as_here() -> None:
    css = (ROOT / "book" / "_assets" / "book.css").read_text(encoding="utf-8")
    assert f"--pst-color-background: {BACKGROUNDS[1]};" in css


@pytest.mark.parametrize(
    "name",
    [
        *("HazardExplorer", "CutpointExplorer", "ResponseTimeline", "BedCalculator"),
        *("PatientTimelines", "WaitingBalance"),
    ],
)
def test_a_still_version_is_legible_in_light_and_in_dark(stills: dict[str, str], name: str) -> None:
    (svg,) = re.findall(r"<svg .*?</svg>", stills[name], re.DOTALL)
    root = ElementTree.fromstring(svg)
    # Words have the colour of the page's text, and so has the grid; nothing is laid beneath.
    assert root.get("fill") == "currentColor"
    assert not list(root.iter("rect"))
    for text in root.iter("text"):
        assert text.get("fill") is None and text.get("style") is None
    fixed = set(re.findall(r"#[0-9a-fA-F]{6}", svg))
    strokes = {element.get("stroke") for element in root.iter()} - {None}
    assert fixed and strokes <= fixed | {"currentColor"}
    for colour in fixed:
        for background in BACKGROUNDS:
            assert contrast(colour, background) >= 3, (colour, background)
    assert "#" not in STYLE and "color" not in STYLE.replace("border-collapse", "")


# --- each widget ------------------------------------------------------------------------------


def test_the_cut_point_s_upper_group_is_solid_and_its_lower_dashed() -> None:
    cohort = cohort_of((A, 4.0), (B, 2.0))
    widget = CutpointExplorer(cohort, step=1.0)
    html = widget.still()
    drawing = Drawing(html, 20)
    above, below = drawing.curves()
    assert close(turns(drawing.data(above.get("d", ""))), staircase(A_SURVIVAL, 20, 1))
    assert close(turns(drawing.data(below.get("d", ""))), staircase(B_SURVIVAL, 20, 1))
    assert above.get("stroke-dasharray") is None and below.get("stroke-dasharray")
    assert drawing.bands() == []
    assert drawing.root.get("aria-label") == (
        "Local control, above 2 cm solid, up to it dashed; at 36 months not observed and 0.0 %."
    )
    assert cells(html)["2 cm"][:2] == ["5 and 8", "4 and 4"]


def test_the_rates_of_a_cut_point_are_those_of_its_curves() -> None:
    longer = [times.assign(months=4 * times["months"]) for times in (A, B)]
    widget = CutpointExplorer(cohort_of((longer[0], 4.0), (longer[1], 2.0)), step=1.0)
    # At 36 months the curves stand as A and B at 9: 7/12 and 1/2.
    assert "at 36 months 58.3 % and 50.0 %." in widget.still()


def test_the_share_of_complete_responses_rises_by_the_month_they_were_seen() -> None:
    months = [1.5, 2.0, 2.0, 3.0, 5.0, 6.0, 9.0, 11.0]
    cohort = pd.DataFrame(
        {
            "follow_up_months": 20.0,
            "death": 0,
            "any_cr": "yes",
            "complete_response_months": months,
        }
    )
    html = ResponseTimeline(with_policy(cohort, MADE_UP)).still()
    drawing = Drawing(html, 11)
    (curve,) = drawing.curves()
    shares = {0: 0.0, 1.5: 1 / 8, 2: 3 / 8, 3: 4 / 8, 5: 5 / 8, 6: 6 / 8, 9: 7 / 8, 11: 1.0}
    assert close(turns(drawing.data(curve.get("d", ""))), staircase(shares, 11, 1))
    assert "50.0 % by 3 months, 75.0 % by 6." in (drawing.root.get("aria-label") or "")
    rows = cells(html)
    assert rows["2 months"] == ["3 (37.5 %)", "5 (62.5 %)"]
    assert rows["3 months"] == ["4 (50.0 %)", "4 (50.0 %)"]
    assert rows["6 months"] == ["6 (75.0 %)", "2 (25.0 %)"]


@pytest.fixture(scope="module")
def explorer() -> HazardExplorer:
    return HazardExplorer(load_cohort(SYNTHETIC_COHORT), tumor_size_cm=4.0, source="cohort")


def test_the_explorer_draws_both_patients_of_each_outcome(explorer: HazardExplorer) -> None:
    end = min(60.0, *(explorer.model(outcome).last_month for outcome in ENDPOINTS))
    drawing = Drawing(explorer.still(), end)
    lines, bands = drawing.curves(), drawing.bands()
    assert len(lines) == len(bands) == 4
    for plot, outcome in enumerate(ENDPOINTS):
        model = explorer.model(outcome)
        for which, patient in enumerate((explorer.patient, explorer._reference)):
            line, band = lines[2 * plot + which], bands[2 * plot + which]
            found = drawing.data(line.get("d", ""), plot)
            rim = drawing.data(band.get("d", ""), plot)
            assert (line.get("stroke-dasharray") is None) == (which == 0)
            assert band.get("fill") == line.get("stroke")
            assert found[0] == (0, 1) and found[-1][0] == pytest.approx(end)
            for month in (6.03, 12.03, 24.03, 36.03, 50.03):
                expected = model.survival_at(patient, month)
                here = [y for x, y in found if x <= month][-1]
                assert here == pytest.approx(expected["survival"], abs=0.002)
                half = len(rim) // 2
                upper = [y for x, y in rim[:half] if x <= month][-1]
                lower = next(y for x, y in rim[half:] if x <= month)
                assert upper == pytest.approx(expected["upper"], abs=0.002)
                assert lower == pytest.approx(expected["lower"], abs=0.002)
        assert f"{ENDPOINTS[outcome].label}, %" in drawing.texts()


def test_the_explorer_s_words_are_its_rates(explorer: HazardExplorer) -> None:
    alt = Drawing(explorer.still(), 60).root.get("aria-label") or ""
    for outcome, endpoint in ENDPOINTS.items():
        rates = [
            100 * explorer.model(outcome).survival_at(patient, 36.0)["survival"]
            for patient in (explorer.patient, explorer._reference)
        ]
        assert f"{endpoint.label} at 36 months {rates[0]:.0f} %, {rates[1]:.0f} %" in alt


def test_the_table_of_typical_settings_is_what_the_model_gives(explorer: HazardExplorer) -> None:
    models = {outcome: explorer.model(outcome) for outcome in ENDPOINTS}
    table = typical_settings(models, explorer._reference)
    assert table["Size"].tolist() == [f"{size} cm" for size in (1, 2, 3, 5) for _ in range(3)]
    row = table.iloc[7]  # 3 cm, 45 Gy in three fractions
    patient = {**explorer._reference, "tumor_size_cm": 3.0, "bed10_gy": 112.5}
    ratio, low, high = models["death"].hazard_ratio(patient, explorer._reference)
    assert row["BED"] == "112.5 Gy (45/3)"
    assert row["Hazard ratio of death"] == f"{ratio:.2f} ({low:.2f}–{high:.2f})"
    rate = 100 * models["death"].survival_at(patient, 36.0)
    assert row["Overall survival at 36 months, %"] == (
        f"{rate['survival']:.1f} ({rate['lower']:.0f}–{rate['upper']:.0f})"
    )


def test_the_bed_of_each_regimen_falls_with_alpha_over_beta() -> None:
    root = ElementTree.fromstring(bed_svg((2.0, 20.0), 400.0, "alt"))
    lines = list(root.iter("polyline"))
    names = [t.text for t in root.iter("text") if "/" in (t.text or "") and "Gy" not in t.text]
    assert len(lines) == len(names) == len(REGIMENS)
    for line, name in zip(lines, names, strict=True):
        dose, fractions = (float(part) for part in (name or "").split("/"))
        points = [tuple(map(float, p.split(","))) for p in (line.get("points") or "").split()]
        for x, y in points:
            alpha_beta = 2 + 18 * (x - 40) / 230
            expected = dose * (1 + dose / fractions / alpha_beta)
            assert 400 * (180 - y) / 150 == pytest.approx(expected, rel=0.02)
        assert points[-1][0] == 270  # up to the right edge
        assert points[0][0] == 40 or points[0][1] < 45  # and from the left, or the top


def test_the_table_of_a_still_version_has_headers_of_rows_and_columns() -> None:
    html = still_table(
        pd.DataFrame({"Size": ["1 cm", "<2>"], "Rate": ["a & b", "2"]}), 'A "caption"'
    )
    assert html == (
        '<div class="rx-scroll" role="region" tabindex="0" aria-label="A &quot;caption&quot;">'
        "<table><caption>A &quot;caption&quot;</caption>"
        '<thead><tr><th scope="col">Size</th><th scope="col" class="text">Rate</th></tr></thead>'
        '<tbody><tr><th scope="row">1 cm</th><td class="text">a &amp; b</td></tr>'
        '<tr><th scope="row">&lt;2&gt;</th><td class="text">2</td></tr></tbody></table></div>'
    )
