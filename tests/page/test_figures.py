"""Figures: what is drawn against estimates worked out by hand, on the axes and in the exported SVG.

`tests/by_hand.py` has the patients and their curves.
"""

import base64
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from by_hand import (
    A_AT_RISK,
    A_CENSORED,
    A_DIED,
    A_END,
    A_INCIDENCE,
    A_LOWER,
    A_SURVIVAL,
    A_UPPER,
    B_AT_RISK,
    B_CENSORED,
    B_END,
    B_SURVIVAL,
    MONTHS,
    A,
    B,
    Corner,
    complement,
    corners,
    outline,
    ring,
    staircase,
    svg_points,
)
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.analysis.competing_risks import incidence_with_limits
from reanalysis.analysis.survival import SurvivalCurve, kaplan_meier
from reanalysis.core.disclosure import MADE_UP, Policy, TooFew
from reanalysis.core.errors import NotEstimable
from reanalysis.page.figures import (
    COLOURS,
    HIGH,
    LINES,
    PAPER_COLOUR,
    Shown,
    describe,
    draw_rug,
    draw_steps,
    plot_forest,
    plot_incidence,
    plot_survival,
    set_style,
)
from reanalysis.page.risk_table import at_risk, ended_before

HIDES = Policy(5)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    set_style()
    yield
    plt.close("all")


def settings() -> dict[str, object]:
    """What Matplotlib is set to, in a form in which equal settings are equal."""
    colours = [to_hex(look["color"]) for look in mpl.rcParams["axes.prop_cycle"]]
    settings = {**mpl.rcParams, "axes.prop_cycle": colours}
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in settings.items()}


def test_the_style_is_that_of_seaborn_but_for_what_the_book_sets() -> None:
    with mpl.rc_context():
        mpl.rcdefaults()
        set_style()
        ours = settings()
        mpl.rcdefaults()
        sns.set_theme(context="paper", style="ticks", palette=list(COLOURS))
        theirs = settings()
    assert {name for name in ours if ours[name] != theirs[name]} == {
        *("figure.figsize", "savefig.facecolor", "font.family", "font.size"),
        *("axes.labelsize", "axes.titlesize", "xtick.labelsize", "ytick.labelsize"),
        *("legend.fontsize", "legend.frameon", "axes.spines.top", "axes.spines.right"),
        *("svg.hashsalt", "image.cmap"),  # no page draws a colour map
    }


@pytest.fixture(scope="module")
def curves() -> dict[str, SurvivalCurve]:
    return {"A": kaplan_meier(A), "B": kaplan_meier(B)}


@pytest.fixture
def two(curves: dict[str, SurvivalCurve]) -> Figure:
    return plot_survival(curves, "Local control", MADE_UP, MONTHS, paper_rate=(12, 91.2))


@pytest.fixture
def competing(curves: dict[str, SurvivalCurve]) -> Figure:
    incidences = {"A": incidence_with_limits(A, A_DIED)}
    return plot_incidence(incidences, {"A": curves["A"]}, MADE_UP, MONTHS)


def lines(axes: Axes, kind: str) -> list[Line2D]:
    """Give the lines (kind '') or the markers of a kind."""
    wanted = ("None", "", None) if kind == "" else (kind,)
    return [line for line in axes.lines if line.get_marker() in wanted]


def drawn(line: Line2D) -> list[Corner]:
    assert line.get_drawstyle() == "default"  # the points are the corners themselves
    assert line.get_visible() and (line.get_alpha() or 1) > 0.5
    return corners(*map(np.asarray, line.get_data()))


def area(axes: Axes, which: int) -> list[Corner]:
    band = [c for c in axes.collections if isinstance(c, PolyCollection)][which]
    (path,) = band.get_paths()
    return ring(corners(*path.vertices.T))


def same(found: list[Corner], expected: list[Corner]) -> bool:
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=1e-4)


# --- Kaplan-Meier --------------------------------------------------------------------------


def test_each_curve_is_the_estimate_in_percent(two: Figure) -> None:
    first, second = lines(two.axes[0], "")
    assert same(drawn(first), staircase(A_SURVIVAL, A_END))
    assert same(drawn(second), staircase(B_SURVIVAL, B_END))


def test_each_group_has_its_own_colour_line_and_name(two: Figure) -> None:
    axes = two.axes[0]
    first, second = lines(axes, "")
    assert (first.get_color(), first.get_linestyle(), first.get_label()) == (COLOURS[0], "-", "A")
    assert (second.get_color(), second.get_linestyle(), second.get_label()) == (
        *(COLOURS[1], "--", "B"),
    )
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["A", "B"]
    keys = [(key.get_color(), key.get_linestyle()) for key in legend.get_lines()]
    assert keys == [(COLOURS[0], "-"), (COLOURS[1], "--")]
    assert [line.get_linewidth() for line in (first, second)] == [1.6, 1.6]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    for band, colour in zip(bands, COLOURS, strict=False):
        assert to_hex(band.get_facecolor()[0]) == colour.lower()
        assert band.get_alpha() == 0.18
    assert len(bands) == 2


def test_a_single_curve_needs_no_legend(curves: dict[str, SurvivalCurve]) -> None:
    axes = plot_survival({"A": curves["A"]}, "LC", MADE_UP, MONTHS).axes[0]
    assert axes.get_legend() is None
    assert "A" not in [text.get_text() for text in axes.texts]


def test_the_band_lies_between_the_limits(two: Figure) -> None:
    lower, upper = (staircase(limit, A_END) for limit in (A_LOWER, A_UPPER))
    expected = ring(outline(lower, upper), 3)
    found = ring(area(two.axes[0], 0), 3)
    assert same(found, expected)
    # Along the lower limit to the right, and back along the upper: a positive area.
    band = next(c for c in two.axes[0].collections if isinstance(c, PolyCollection))
    x, y = band.get_paths()[0].vertices.T
    assert (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0
    assert all(A_LOWER[m] < A_SURVIVAL[m] < A_UPPER[m] for m in (2, 6, 12))


def test_every_censored_patient_is_a_tick_on_the_curve(two: Figure) -> None:
    first, second = lines(two.axes[0], "|")
    for ticks, expected, colour in (
        (first, A_CENSORED, COLOURS[0]),
        (second, B_CENSORED, COLOURS[1]),
    ):
        x, y = ticks.get_data()
        assert same(
            sorted(zip(x, y, strict=True)), [(m, 100 * s) for m, s in sorted(expected.items())]
        )
        assert ticks.get_linestyle() == "None" and ticks.get_color() == colour
        assert ticks.get_markersize() >= 4


def test_time_runs_from_0_and_percent_from_0_to_100(two: Figure) -> None:
    axes = two.axes[0]
    assert axes.get_xlim() == (0, 18) and axes.get_ylim() == (0, 102)
    assert axes.get_xticks().tolist() == list(MONTHS)
    assert axes.get_xlabel() == "Months from the start of SBRT"
    assert axes.get_ylabel() == "Local control (%)"
    assert axes.get_xscale() == axes.get_yscale() == "linear"
    two.canvas.draw()
    percent = {t.get_position()[1]: t.get_text() for t in axes.get_yticklabels()}
    assert percent[0] == "0" and percent[100] == "100"


def test_the_numbers_at_risk_stand_below_their_months(two: Figure) -> None:
    axes = two.axes[0]
    found: dict[float, list[tuple[float, str]]] = {}
    for text in axes.texts:
        if text.get_text().isdigit():
            assert text.xycoords == axes.get_xaxis_transform()
            assert text.get_ha() == "center" and text.get_position()[0] == 0
            found.setdefault(text.get_position()[1], []).append((text.xy[0], text.get_text()))
    below = sorted(found, reverse=True)  # from the top down
    assert len(below) == 6 and below[0] < 0
    assert sorted(found[below[0]]) == list(zip(MONTHS, A_AT_RISK, strict=True))
    assert sorted(found[below[3]]) == list(zip(MONTHS, B_AT_RISK, strict=True))
    labels = [(t.get_text(), t.get_color(), t.get_position()[1]) for t in axes.texts]
    for label, y, colour in (("A", below[0], COLOURS[0]), ("B", below[3], COLOURS[1])):
        ((_, _, above),) = (t for t in labels if t[:2] == (label, colour))
        assert y < above < 0
    for name, first in (("At risk", 0), ("Censored", 1), ("Events", 2)):
        assert [y for text, _, y in labels if text == name] == [below[first], below[first + 3]]


def test_at_risk_censored_and_events_add_up_to_the_patients(two: Figure) -> None:
    rows: dict[float, list[int]] = {}
    for text in two.axes[0].texts:
        if text.get_text().isdigit():
            rows.setdefault(text.get_position()[1], []).append(int(text.get_text()))
    numbers = [rows[y] for y in sorted(rows, reverse=True)]
    for group, patients in ((numbers[:3], len(A)), (numbers[3:], len(B))):
        assert {sum(column) for column in zip(*group, strict=True)} == {patients}
        assert [row[0] for row in group] == [patients, 0, 0]
    # A patient whose time ends at a month is at risk then, and counted below at the next.
    curve = pd.DataFrame({"months": [6.0, 6.0, 7.0], "event": [1, 0, 0]})
    assert ended_before(curve, (6, 7), 1) == [0, 1]
    assert ended_before(curve, (6, 7, 8), 0) == [0, 1, 2]


def test_curves_that_stay_high_are_drawn_again_in_a_frame_that_shows_them() -> None:
    times = pd.DataFrame(
        {"months": np.arange(200) + 1.0, "event": [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] * 20}
    )
    curve = kaplan_meier(times)
    axes = plot_survival({"All": curve}, "LC", MADE_UP, (0, 6, 12, 18), (12, 97.0)).axes[0]
    (inset,) = axes.child_axes
    assert drawn(lines(inset, "")[0]) == drawn(lines(axes, "")[0])
    assert HIGH <= inset.get_ylim()[0] < 100 * curve.table["lower"].loc[:18].min()
    assert inset.get_ylim()[1] > 100 and len(lines(inset, "x")) == len(lines(axes, "x")) == 1
    assert [t.get_text() for t in inset.texts] == ["paper: 97 %"]


def test_low_curves_have_no_second_frame(two: Figure) -> None:
    assert two.axes[0].child_axes == []


def test_curves_from_a_landmark_begin_there() -> None:
    times = pd.DataFrame({"months": [4.0, 6.0, 9.0, 20.0] * 3, "event": [1, 1, 0, 0] * 3})
    curves = {"A": kaplan_meier(times), "B": kaplan_meier(times.head(8))}
    figure = plot_survival(curves, "OS", MADE_UP, MONTHS, start=3.0, test="log-rank p = 1")
    axes = figure.axes[0]
    for line in [line for line in lines(axes, "") if line.get_label() in curves]:
        assert drawn(line)[0] == (3.0, 100.0) and drawn(line)[1] == (4.0, 100.0)
    assert {t.xy[0] for t in axes.texts if t.get_text().isdigit()} == {6, 12, 18}
    assert axes.get_legend().get_title().get_text() == "log-rank p = 1"


def test_the_numbers_at_risk_are_below_the_axis_and_apart(two: Figure) -> None:
    two.canvas.draw()
    axis = two.axes[0].get_window_extent()
    shown = [t for t in two.axes[0].texts if t.get_text().isdigit()]
    boxes = [text.get_window_extent() for text in shown]
    assert max(box.y1 for box in boxes) < axis.y0
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_numbers_below_the_smallest_are_not_printed() -> None:
    curve = kaplan_meier(pd.DataFrame({"months": np.arange(10) + 1.0, "event": 1}))
    months = [0, 4, 8, 12]
    assert at_risk(curve, months, MADE_UP) == ["10", "7", "3", "0"]
    assert at_risk(curve, months, HIDES) == ["10", "5", "<5", "0"]
    axes = plot_survival({"All": curve}, "OS", HIDES, months).axes[0]
    assert [t.get_text() for t in axes.texts] == ["At risk", "10", "5", "<5", "0"]


def test_the_paper_s_rate_is_a_cross_with_its_number(two: Figure) -> None:
    axes = two.axes[0]
    (cross,) = lines(axes, "x")
    assert (list(cross.get_xdata()), list(cross.get_ydata())) == ([12], [91.2])
    assert cross.get_color() == PAPER_COLOUR
    assert cross.get_zorder() > max(line.get_zorder() for line in lines(axes, ""))
    (note,) = (t for t in axes.texts if t.get_text().startswith("paper"))
    assert note.get_text() == "paper: 91.2 %" and note.xy == (12, 91.2)


def test_without_a_paper_s_rate_there_is_no_cross(curves: dict[str, SurvivalCurve]) -> None:
    axes = plot_survival(curves, "LC", MADE_UP, MONTHS).axes[0]
    assert lines(axes, "x") == []
    assert not any("paper" in text.get_text() for text in axes.texts)


def several(curves: dict[str, SurvivalCurve]) -> dict[str, SurvivalCurve]:
    """The same curves, of five times as many patients: enough, and with enough events."""
    return {label: kaplan_meier(pd.concat([curve.times] * 5)) for label, curve in curves.items()}


def test_no_curve_of_fewer_patients_than_may_be_shown(curves: dict[str, SurvivalCurve]) -> None:
    some = {"many": curves["A"], "few": kaplan_meier(B.head(4))}
    with pytest.raises(TooFew):
        plot_survival(some, "Overall survival", HIDES)
    with pytest.raises(TooFew):
        plot_incidence({}, some, HIDES)
    plot_survival(some, "Overall survival", MADE_UP)
    plot_survival(several(curves), "Overall survival", HIDES)


@pytest.mark.parametrize(
    ("month", "words"),
    [
        (36, "to 38.9 % at 20 months"),  # nobody was observed for longer
        (12, "to 38.9 % at 12 months"),
        (11.9, "to 58.3 % at 11.9 months"),
        (6, "to 58.3 % at 6 months"),
        (5, "to 87.5 % at 5 months"),
        (1, "to 100.0 % at 1 months"),
    ],
)
def test_the_words_of_a_curve_are_its_estimate(
    curves: dict[str, SurvivalCurve], month: float, words: str
) -> None:
    said = describe(curves["A"], "Local control", MADE_UP, month)
    assert said == f"Local control, a staircase from 100 % at the start {words}."


def test_the_words_are_those_of_the_curve_that_is_asked_for(
    curves: dict[str, SurvivalCurve],
) -> None:
    assert describe(curves["B"], "OS", MADE_UP).endswith("to 0.0 % at 10 months.")
    assert describe(curves["B"], "OS", MADE_UP, 8).endswith("to 50.0 % at 8 months.")


def test_no_curve_is_left_out_for_want_of_a_line(curves: dict[str, SurvivalCurve]) -> None:
    four = {str(i): curves["A"] for i in range(len(LINES))}
    axes = plot_survival(four, "LC", MADE_UP, MONTHS).axes[0]
    assert len(lines(axes, "")) == len(axes.get_legend().get_texts()) == 4
    with pytest.raises(ValueError, match="at most 4 curves"):
        plot_survival({**four, "5": curves["A"]}, "LC", MADE_UP)
    with pytest.raises(ValueError, match="at most 4 curves"):
        plot_incidence({}, {**four, "5": curves["A"]}, MADE_UP)


# --- cumulative incidence ----------------------------------------------------------------


def test_the_incidence_is_solid_and_one_minus_kaplan_meier_dashed(competing: Figure) -> None:
    axes = competing.axes[0]
    solid, dashed, key = lines(axes, "")
    assert same(drawn(solid), staircase(A_INCIDENCE, A_END))
    assert same(drawn(dashed), staircase(complement(A_SURVIVAL), A_END))
    assert (solid.get_color(), solid.get_linestyle()) == (COLOURS[0], "-")
    assert (dashed.get_color(), dashed.get_linestyle()) == (COLOURS[0], "--")
    assert key.get_label() == "deaths censored" and len(key.get_xdata()) == 0
    assert key.get_linestyle() == "--"
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["A", "deaths censored"]
    assert axes.get_ylim() == (0, 102) and axes.get_xlim() == (0, 18)
    assert axes.get_ylabel() == "Cumulative incidence (%)"
    numbers = [t.get_text() for t in axes.texts if t.get_text().isdigit()]
    assert numbers[: len(MONTHS)] == A_AT_RISK


def test_the_incidence_has_a_band_and_its_complement_none(competing: Figure) -> None:
    axes = competing.axes[0]
    table = incidence_with_limits(A, A_DIED)
    # The limits at the events alone; at the other months they are those before.
    lower, upper = (
        staircase({m: float(table.loc[m, side]) for m in (0, 2, 6, 12)}, A_END)
        for side in ("lower", "upper")
    )
    assert same(area(axes, 0), ring(outline(lower, upper)))
    assert len([c for c in axes.collections if isinstance(c, PolyCollection)]) == 1
    assert 0 < table.loc[2, "lower"] < 1 / 8 < table.loc[2, "upper"] < 1


def test_every_incidence_has_the_kaplan_meier_curve_of_its_own_label(
    curves: dict[str, SurvivalCurve],
) -> None:
    died = pd.Series(0, index=B.index)
    incidences = {"B": incidence_with_limits(B, died), "A": incidence_with_limits(A, A_DIED)}
    axes = plot_incidence(incidences, {k: curves[k] for k in ("B", "A")}, MADE_UP, MONTHS).axes[0]
    b, b_censored, a, a_censored, _ = lines(axes, "")
    # Without deaths the two are one.
    for line in (b, b_censored):
        assert same(drawn(line), staircase(complement(B_SURVIVAL), B_END))
    assert same(drawn(a), staircase(A_INCIDENCE, A_END))
    assert same(drawn(a_censored), staircase(complement(A_SURVIVAL), A_END))
    assert [x.get_color() for x in (b, b_censored, a, a_censored)] == [
        *[COLOURS[0]] * 2,
        *[COLOURS[1]] * 2,
    ]
    shown = [t.get_text() for t in axes.texts if t.get_text().isdigit()]
    assert shown[: len(MONTHS)] == B_AT_RISK
    assert shown[3 * len(MONTHS) : 4 * len(MONTHS)] == A_AT_RISK


# --- one drawn curve -----------------------------------------------------------------------


def test_a_step_curve_without_limits_has_no_band() -> None:
    _, axes = plt.subplots()
    table = 100 * kaplan_meier(A).table[["survival"]]
    draw_steps(axes, table, "survival", "black", end=25, line=":", width=3, label="x")
    (line,) = axes.lines
    assert same(drawn(line), staircase(A_SURVIVAL, 25))
    assert not axes.collections
    assert (line.get_color(), line.get_linestyle(), line.get_linewidth(), line.get_label()) == (
        *("black", ":", 3, "x"),
    )


# --- forest --------------------------------------------------------------------------------

HAZARDS = pd.DataFrame(
    {
        "paper": [1.8, 0.5, 3.0],
        "paper lower": [1.3, 0.2, 0.9],
        "paper upper": [2.5, 1.1, 160.0],
        "cohort": [2.2, np.nan, 4.0],
        "lower": [1.4, np.nan, 0.01],
        "upper": [3.5, np.nan, 20.0],
    },
    index=["Tumor size", "BED", "anyCR"],
)


def test_the_forest_has_the_paper_s_ratios_and_the_cohort_s() -> None:
    axes = plot_forest(HAZARDS).axes[0]
    paper, cohort = axes.lines[1:]
    assert (paper.get_marker(), paper.get_color(), paper.get_label()) == (
        *("x", PAPER_COLOUR, "paper"),
    )
    assert (cohort.get_marker(), cohort.get_color(), cohort.get_label()) == (
        *("o", COLOURS[0], "this cohort"),
    )
    assert list(paper.get_xdata()) == [1.8, 0.5, 3.0]
    np.testing.assert_array_equal(cohort.get_xdata(), [2.2, np.nan, 4.0])
    ours, theirs = list(cohort.get_ydata()), list(paper.get_ydata())
    for row, (above, below) in enumerate(zip(theirs, ours, strict=True)):
        assert row - 0.5 < above < row < below < row + 0.5  # the axis points downwards
    assert paper.get_linestyle() == cohort.get_linestyle() == "None"


def test_the_intervals_of_the_forest_end_at_the_limits() -> None:
    axes = plot_forest(HAZARDS).axes[0]
    paper, cohort = axes.collections
    markers = axes.lines[1:]
    for intervals, line, lower, upper in (
        (paper, markers[0], "paper lower", "paper upper"),
        (cohort, markers[1], "lower", "upper"),
    ):
        assert to_hex(intervals.get_color()[0]) == to_hex(line.get_color())
        rows = zip(intervals.get_segments(), line.get_ydata(), strict=True)
        for row, (segment, y) in enumerate(rows):
            low, high = HAZARDS[lower].iloc[row], HAZARDS[upper].iloc[row]
            if np.isnan(low):
                assert len(segment) == 0  # nothing is drawn
            else:
                assert segment.tolist() == [[low, y], [high, y]]


def test_the_forest_is_logarithmic_and_cut_off_at_both_ends() -> None:
    axes = plot_forest(HAZARDS).axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlim() == (0.05, 100)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0.05", "0.2", "1", "5", "20", "100"]
    assert axes.get_xticks().tolist() == [0.05, 0.2, 1, 5, 20, 100]
    assert list(axes.lines[0].get_xdata()) == [1, 1]  # no effect
    assert axes.get_xlabel() == "Hazard ratio (95 % CI)"
    narrow = plot_forest(HAZARDS.iloc[:1]).axes[0]
    assert narrow.get_xlim() == pytest.approx((0.8 * 1.3, 1.25 * 3.5))


def test_the_rows_of_the_forest_are_named_from_the_top() -> None:
    axes = plot_forest(HAZARDS).axes[0]
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert axes.get_yticks().tolist() == [0, 1, 2]
    names = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
    assert names == list(HAZARDS.index)
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["paper", "this cohort"]
    assert [key.get_marker() for key in legend.get_lines()] == ["x", "o"]


def test_a_forest_needs_a_ratio_of_the_cohort() -> None:
    with pytest.raises(NotEstimable):
        plot_forest(HAZARDS.iloc[[1]])


# --- rugs and bars ---------------------------------------------------------------------------


def rug(axes: Axes) -> PathCollection:
    (ticks,) = (c for c in axes.collections if isinstance(c, PathCollection))
    return ticks


def test_every_patient_is_a_tick() -> None:
    _, axes = plt.subplots()
    draw_rug(axes, pd.Series([2.1, 5.3, 2.1], name="size"), 100, "#D55E00", MADE_UP)
    ticks = rug(axes)
    assert np.asarray(ticks.get_offsets()).tolist() == [[2.1, 100], [5.3, 100], [2.1, 100]]
    assert {to_hex(colour) for colour in ticks.get_edgecolor()} == {"#d55e00"}
    (shape,) = ticks.get_paths()
    assert np.ptp(shape.vertices[:, 0]) == 0 and np.ptp(shape.vertices[:, 1]) > 0  # upright
    assert np.sqrt(ticks.get_sizes()).tolist() == [9]
    assert ticks.get_linewidth()[0] == 1
    assert axes.get_xlabel() == axes.get_ylabel() == ""


def test_a_tick_stands_for_enough_patients() -> None:
    _, axes = plt.subplots()
    draw_rug(axes, pd.Series([2.1] * 3 + [1.9, 2.2, 5.3]), 0, "black", HIDES)
    assert np.asarray(rug(axes).get_offsets()).tolist() == [[2.0, 0]]


def test_bars_of_small_numbers_are_all_alike() -> None:
    figure, axes = plt.subplots()
    bars = axes.bar(range(4), [1, 30, 4, 12], hatch="/", color="red")
    shown = Shown(figure, alt="Bars.", caption="Made up.", policy=HIDES)
    assert [bar.get_height() for bar in bars] == [5, 30, 5, 10]
    assert [to_hex(bar.get_facecolor()) == "#dddddd" for bar in bars] == [True, False, True, False]
    assert [bar.get_hatch() for bar in bars] == ["", "/", "", "/"]
    assert shown.caption == (
        "Made up. Pale bars, all of one length, stand for numbers that are hidden: fewer than 5 "
        "patients, or a number from which such a one would follow."
    )


def test_bars_of_shares_and_of_other_things_are_left_alone() -> None:
    figure, axes = plt.subplots()
    shares = axes.barh([0, 1], [1.5, 2.0])
    assert Shown(figure, alt="Bars.", caption="Made up.", policy=HIDES).caption == "Made up."
    assert [bar.get_width() for bar in shares] == [1.5, 2.0]
    figure, axes = plt.subplots()
    numbers = axes.barh([0, 1], [1, 20])
    _ = Shown(figure, alt="Bars.", caption="Made up.", policy=MADE_UP)
    assert [bar.get_width() for bar in numbers] == [1, 20]


def test_without_a_policy_bars_are_taken_for_patients() -> None:
    figure, axes = plt.subplots()
    bars = axes.barh([0, 1], [1, 20])
    _ = Shown(figure, alt="Bars.", caption="Made up.")
    assert [bar.get_width() for bar in bars] == [5, 5]


def test_bars_drawn_by_seaborn_are_hidden_as_well() -> None:
    values = pd.Series([1.0] * 3 + [2.0] * 30 + [3.0] * 8)
    figure, (counted, named) = plt.subplots(1, 2)
    sns.histplot(x=values, bins=[0.5, 1.5, 2.5, 3.5], ax=counted)
    sns.barplot(x=[3, 30, 8], y=["a", "b", "c"], errorbar=None, ax=named)
    shown = Shown(figure, alt="Bars.", caption="Made up.", policy=HIDES)
    assert [bar.get_height() for bar in counted.patches] == [5, 30, 5]
    assert [bar.get_width() for bar in named.patches] == [5, 30, 5]
    assert "Pale bars" in shown.caption


def test_figures_of_people_who_were_made_up_are_as_they_are() -> None:
    figure, axes = plt.subplots()
    bars = axes.bar([0, 1], [1, 30])
    draw_rug(axes, pd.Series([2.1, 5.3]), 0, "black", MADE_UP)
    assert Shown(figure, alt="Bars.", caption="Made up.", policy=MADE_UP).caption == "Made up."
    assert bars[0].get_height() == 1
    assert np.asarray(rug(axes).get_offsets())[:, 0].tolist() == [2.1, 5.3]


# --- as they are stored ----------------------------------------------------------------------


class Picture:
    """A stored SVG: its paths by colour, in months and percent of the plot in it."""

    def __init__(self, svg: bytes, months: float, percent: float) -> None:
        parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
        self.root = ElementTree.fromstring(svg, parser)
        self.months, self.percent = months, percent
        # The plot's own background is the second patch; its corners are those of the axes.
        self.frame = svg_points(self.patch(2).get("d", ""))

    def patch(self, number: int) -> ElementTree.Element:
        path = self.root.find(f".//{SVG}g[@id='patch_{number}']/{SVG}path")
        assert path is not None
        return path

    def in_data(self, points: list[Corner]) -> list[Corner]:
        left, right = (f(x for x, _ in self.frame) for f in (min, max))
        top, bottom = (f(y for _, y in self.frame) for f in (min, max))
        return [
            (
                self.months * (x - left) / (right - left),
                self.percent * (bottom - y) / (bottom - top),
            )
            for x, y in points
        ]

    def strokes(self, colour: str) -> list[tuple[str, list[Corner]]]:
        """Give style and corners of each line of a colour that is drawn in the plot."""
        found = []
        for path in self.root.iter(f"{SVG}path"):
            style = path.get("style", "")
            if path.get("clip-path") and f"stroke: {colour.lower()}" in style:
                points = self.in_data(svg_points(path.get("d", "")))
                found.append((style, corners(*zip(*points, strict=True))))
        return found

    def uses(self, colour: str) -> list[Corner]:
        """Give the places of the markers of a colour."""
        marks = [u for u in self.root.iter(f"{SVG}use") if colour.lower() in u.get("style", "")]
        return self.in_data([(float(u.get("x", "")), float(u.get("y", ""))) for u in marks])

    def texts(self) -> list[tuple[str, float]]:
        """Give the texts, which are outlines with a comment, and the month at which they are."""
        found = []
        for group in self.root.iter(f"{SVG}g"):
            children = list(group)
            if len(children) == 2 and children[0].tag is ElementTree.Comment:
                (x,) = re.findall(r"translate\(([\d.-]+) ", children[1].get("transform", ""))
                words = (children[0].text or "").strip()
                found.append((words, self.in_data([(float(x), 0)])[0][0]))
        return found


def stored(curves: dict[str, SurvivalCurve]) -> Shown:
    figure = plot_survival(curves, "Local control", MADE_UP, MONTHS, paper_rate=(12, 91.2))
    return Shown(figure, alt='Two "curves" & more', caption="A <caption>", policy=MADE_UP)


def close(found: list[Corner], expected: list[Corner]) -> bool:
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=0.01)


def cut(found: list[Corner], end: float) -> list[Corner]:
    """Let a curve end with the plot, beyond which nothing of it is seen."""
    assert found[-1][0] >= end
    return [*(corner for corner in found if corner[0] < end), (end, found[-1][1])]


def test_the_stored_curves_are_the_estimates(curves: dict[str, SurvivalCurve]) -> None:
    picture = Picture(stored(curves).svg, 18, 102)
    (style, first), *_ = picture.strokes(COLOURS[0])
    assert close(cut(first, 18), staircase(A_SURVIVAL, 18))
    assert "stroke-dasharray" not in style and "stroke-opacity" not in style
    (style, second), *_ = picture.strokes(COLOURS[1])
    assert close(second, staircase(B_SURVIVAL, B_END))
    assert "stroke-dasharray" in style
    for style, _ in (picture.strokes(COLOURS[0])[0], picture.strokes(COLOURS[1])[0]):
        assert "stroke-width: 1.6" in style and "fill: none" in style


def test_the_stored_bands_lie_between_the_limits(curves: dict[str, SurvivalCurve]) -> None:
    picture = Picture(stored(curves).svg, 18, 102)
    bands = [
        path.get("d", "")
        for path in picture.root.iter(f"{SVG}path")
        if path.get("d")
        and path.get("id", "").startswith("m")
        # A band is defined once, in points, and used with its colour.
        and len(svg_points(path.get("d", ""))) > 6
    ]
    lower, upper = (staircase(limit, A_END) for limit in (A_LOWER, A_UPPER))
    expected = ring(outline(lower, upper), 1)
    height = float(picture.root.get("viewBox", "").split()[3])
    found = []
    for band in bands:
        # The definition is moved down by the height of the picture where it is used.
        moved = [(x, y + height) for x, y in svg_points(band)]
        found.append(ring(corners(*zip(*picture.in_data(moved), strict=True)), 1))
    assert any(np.shape(f) == np.shape(expected) and np.allclose(f, expected) for f in found)


def test_the_stored_ticks_numbers_and_cross_are_at_their_places(
    curves: dict[str, SurvivalCurve],
) -> None:
    picture = Picture(stored(curves).svg, 18, 102)
    ticks = [(m, 100 * s) for m, s in A_CENSORED.items() if m <= 18]
    assert all(any(np.allclose(t, u, atol=0.01) for u in picture.uses(COLOURS[0])) for t in ticks)
    assert any(np.allclose((3, 100), u, atol=0.01) for u in picture.uses(COLOURS[1]))
    assert any(np.allclose((12, 91.2), u, atol=0.01) for u in picture.uses(PAPER_COLOUR))
    numbers = [(words, x) for words, x in picture.texts() if words.isdigit()]
    for words, month in zip([*A_AT_RISK, *B_AT_RISK], [*MONTHS, *MONTHS], strict=True):
        # A digit is about a third of a month wide here; its text begins left of its middle.
        assert any(w == words and -0.6 < x - month < 0 for w, x in numbers), (words, month)


def test_a_stored_picture_is_opaque_white_in_any_theme(curves: dict[str, SurvivalCurve]) -> None:
    picture = Picture(stored(curves).svg, 18, 102)
    width, height = (float(v) for v in picture.root.get("viewBox", "").split()[2:])
    for patch in (picture.patch(1), picture.patch(2)):
        assert "fill: #ffffff" in patch.get("style", "")
        assert "opacity" not in patch.get("style", "")
    x, y = zip(*svg_points(picture.patch(1).get("d", "")), strict=True)
    assert (min(x), min(y), max(x), max(y)) == pytest.approx((0, 0, width, height), abs=0.01)
    assert picture.root.get("width") == f"{width}pt"


def test_a_figure_is_the_same_on_each_run(curves: dict[str, SurvivalCurve]) -> None:
    assert stored(curves).svg == stored(curves).svg
    assert b"<dc:date>" not in stored(curves).svg


def test_a_figure_is_vector_with_alternative_text_and_caption(
    curves: dict[str, SurvivalCurve],
) -> None:
    shown = stored(curves)
    html = shown._repr_html_()
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert base64.b64decode(data) == shown.svg
    assert shown.svg.lstrip().startswith(b"<?xml") and b"<image" not in shown.svg
    assert 'alt="Two &quot;curves&quot; &amp; more"' in html
    assert "<figcaption>A &lt;caption&gt;</figcaption>" in html
    assert html.startswith('<figure class="reanalysis-figure" data-csv="plot,what,name,x,y\n')
    (narrow,) = re.findall(r'<source media="\(max-width: 600px\)" srcset="([^"]+)">', html)
    assert base64.b64decode(narrow.partition(",")[2]) == shown.narrow


def test_the_narrow_picture_has_letters_of_ten_pixels(curves: dict[str, SurvivalCurve]) -> None:
    """On a phone of 360 pixels the column has 328; the smallest letters have 9 points."""
    shown = stored(curves)
    width, wide = (
        float(ElementTree.fromstring(svg).get("viewBox", "").split()[2])
        for svg in (shown.narrow, shown.svg)
    )
    assert 9 * 328 / width >= 10 and wide > 1.25 * width


def test_the_values_of_a_figure_are_those_drawn(curves: dict[str, SurvivalCurve]) -> None:
    table = pd.read_csv(io.StringIO(stored(curves).csv), keep_default_na=False)
    first = table[(table["what"] == "line") & (table["name"] == "A")].set_index("x")["y"]
    assert set(table["plot"]) == {"Local control (%)"}
    expected = {month: 100 * value for month, value in A_SURVIVAL.items()}
    assert {month: first[month] for month in expected} == pytest.approx(expected, rel=1e-3)
    for what, limit in (("lower limit", A_LOWER), ("upper limit", A_UPPER)):
        found = table[(table["what"] == what) & (table["name"] == "A")].set_index("x")["y"]
        assert {m: found[m] for m in limit} == pytest.approx(
            {m: 100 * v for m, v in limit.items()}, rel=1e-3
        )
    assert (table["what"] == "point").sum() == len(A_CENSORED) + len(B_CENSORED) + 1


def test_a_figure_of_patients_gives_no_values() -> None:
    figure, axes = plt.subplots()
    axes.bar(["a", "b"], [7, 3])
    shown = Shown(figure, alt="Bars.", caption="Made up.", policy=HIDES)
    assert shown.csv == "" and "data-csv" not in shown._repr_html_()
    figure, axes = plt.subplots()
    axes.bar([1, 2], [7, 3])
    rows = Shown(figure, alt="Bars.", caption="Made up.", policy=MADE_UP).csv.splitlines()
    assert rows == ["plot,what,name,x,y", ",bar,,1,7", ",bar,,2,3"]


def test_a_shown_figure_is_closed(curves: dict[str, SurvivalCurve]) -> None:
    stored(curves)
    assert plt.get_fignums() == []


def test_the_text_of_a_figure_lists_what_is_in_it(curves: dict[str, SurvivalCurve]) -> None:
    text = repr(stored(curves)).splitlines()
    assert text[:2] == ["A <caption>", '[Two "curves" & more]']
    assert text[2] == (
        'Plot: x 0 to 18 ("Months from the start of SBRT"; ticks "0" "6" "12" "18"), y 0 to 102 '
        '("Local control (%)"; ticks "0" "20" "40" "60" "80" "100")'
    )
    assert text[3].startswith('- line - #0072b2 "A": 13 places, x 0 to 20 (mean ')
    assert ", y 38.89 to 100 (mean " in text[3]
    assert "- markers x #444444: 1 place, x 12, y 91.2" in text
    assert '- text "paper: 91.2 %" at 12, 91.2' in text
    assert '- legend: "A", "B"' in text


def test_the_text_tells_bars_and_points_from_others() -> None:
    def text(heights: list[float], colour: str = "red", **options: float) -> str:
        figure, axes = plt.subplots()
        axes.bar([0, 1, 2], heights, color=colour, **options)
        axes.scatter([1, 2], [3, heights[0]])
        axes.hlines([1], 0, heights[1])
        axes.set_xscale("log")
        return repr(Shown(figure, alt="Bars.", caption="Made up.", policy=MADE_UP))

    first = text([1, 2, 3])
    assert "- 3 bars upright #ff0000: from -0.4 to 1.6, long 1 2 3" in first
    assert first == text([1, 2, 3])
    others = [text([1, 2, 3.1]), text([1, 3, 2]), text([1, 2, 3], "blue")]
    others += [text([1, 2, 3], bottom=1), text([1, 2, 3], width=0.5)]
    assert len({first, *others}) == 6


def test_the_text_knows_categories_and_arrows() -> None:
    figure, (named, arrows) = plt.subplots(1, 2)
    named.errorbar([1.0, 2.0], ["CR", "no CR"], xerr=[0.1, 0.2], fmt="o", color="red")
    named.plot([], [], label="nothing")
    arrows.set_axis_off()
    arrows.annotate("", (1, 0.5), (0, 0.5), arrowprops={"arrowstyle": "->"})
    text = repr(Shown(figure, alt="Alt", caption="Caption", policy=MADE_UP)).splitlines()
    assert any(t.startswith("Plot: x ") and 'ticks "CR" "no CR")' in t for t in text)
    assert (
        "- markers o #ff0000: 2 places, x 1 to 2 (mean 1.5, SD 0.5), y 0 to 1 (mean 0.5, SD 0.5)"
        in text
    )
    assert any(t.startswith("- segments #ff0000: 4 places, x 0.9 to 2.2") for t in text)
    assert any(t.endswith('"nothing": 0 places') for t in text)
    assert text[-2:] == ["Plot without axes", "- arrow from 0, 0.5 to 1, 0.5"]


def test_the_text_of_a_figure_of_patients_lists_nothing(curves: dict[str, SurvivalCurve]) -> None:
    figure = plot_survival(several(curves), "Local control", HIDES, MONTHS)
    caption, alt = repr(Shown(figure, "Alt", "Caption", policy=HIDES)).split("\n")
    assert caption.startswith("Caption Of this cohort each step stands for 5 events or more")
    assert alt == "[Alt]"


# --- colours ---------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_neighbouring_colours_differ_in_lightness() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert len(set(COLOURS)) == len(COLOURS)
    for first, second in pairwise(COLOURS):
        assert abs(lightness(first) - lightness(second)) > 10
    assert len(set(LINES)) == len(LINES)


def test_lines_and_words_are_legible_on_white() -> None:
    # As many groups as line styles; the fifth colour is for areas alone.
    for colour in (*COLOURS[: len(LINES)], PAPER_COLOUR):
        assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_a_rate_with_few_events_is_not_told() -> None:
    times = pd.DataFrame({"months": np.arange(1.0, 21), "event": [1] * 3 + [0] * 10 + [1] * 7})
    curve = kaplan_meier(times)
    assert describe(curve, "LC", Policy(5), 36)
    with pytest.raises(TooFew):
        describe(curve, "LC", Policy(5), 10)
    with pytest.raises(TooFew):
        plot_survival({"LC": kaplan_meier(times.assign(event=[1] * 3 + [0] * 17))}, "LC", Policy(5))


def test_a_curve_of_two_patients_without_an_event_is_not_drawn() -> None:
    two = kaplan_meier(pd.DataFrame({"months": [10.0, 20.0], "event": [0, 0]}))
    with pytest.raises(TooFew):
        plot_survival({"LC": two}, "LC", Policy(5))
