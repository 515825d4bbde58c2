"""Figures of the book: one style, survival curves with numbers at risk, and how they are shown."""

import base64
import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from reanalysis.analysis.coarse import STEP_MONTHS, grid, observed_until, on_grid
from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.cohort.policy import private_policy
from reanalysis.core.disclosure import Policy, TooFew, hidden_parts, in_words
from reanalysis.core.errors import NotEstimable
from reanalysis.page.drawn import what_is_drawn
from reanalysis.page.risk_table import draw_risk_table
from reanalysis.page.steps import steps, value_at
from reanalysis.page.values import figure_csv
from reanalysis.paper.study import RATE_MONTH

# Okabe & Ito's colours, which readers with any kind of colour vision can tell apart, in an
# order in which neighbours differ in lightness too.
COLOURS = ("#0072B2", "#D55E00", "#CC79A7", "#009E73", "#E69F00")
LINES = ("-", "--", "-.", ":")
# The area of other cohorts: grey, and behind the curve and its band.
_OTHERS: dict[str, Any] = {"color": "#8a8f98", "alpha": 0.3, "lw": 0, "zorder": 0}
PAPER_COLOUR = "#444444"
WIDTH = 5.6  # inches
NARROW = 3.8  # inches; a letter of 9 points is 10 pixels high where a phone shows 320 of them
PHONE = 600  # pixels; a narrower screen shows the narrow picture
HIGH = 75  # percent; what stays above it is lost at the upper edge of a plot from 0 to 100

# seaborn's theme "paper" in the style "ticks", written out: it loads so much that importing it
# takes longer than a short chapter. What the book sets differently is not repeated.
_INK = ".15"  # of seaborn's lines and letters
SEABORN: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.linewidth": 1.0,
    "font.sans-serif": [
        "Arial",
        "DejaVu Sans",
        "Liberation Sans",
        "Bitstream Vera Sans",
        "sans-serif",
    ],
    "grid.color": ".8",
    "legend.title_fontsize": 9.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.8,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "patch.linewidth": 0.8,
    "text.color": _INK,
    "xtick.color": _INK,
    "xtick.major.size": 4.8,
    "xtick.major.width": 1.0,
    "xtick.minor.size": 3.2,
    "xtick.minor.width": 0.8,
    "ytick.color": _INK,
    "ytick.major.size": 4.8,
    "ytick.major.width": 1.0,
    "ytick.minor.size": 3.2,
    "ytick.minor.width": 0.8,
}


def set_style() -> None:
    """Set the style of every figure: vector output, the same bytes on each run."""
    plt.rcParams.update(
        SEABORN
        | {
            "axes.prop_cycle": f"cycler(color={COLOURS})",
            "figure.figsize": (WIDTH, 3.6),
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "font.family": "DejaVu Sans",  # it comes with Matplotlib, so every machine has it
            "font.size": 10,
            "axes.labelsize": 10,
            "axes.titlesize": 10,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "reanalysis",
            "svg.fonttype": "path",
        }
    )


# Where the SVG says where something is, and the decimals there.
_PLACES = re.compile(rb'\b(?:d|x|y|points)="[^"]*"')
_DIGITS = re.compile(rb"(\d\.\d\d)\d+")


class Shown:
    """A figure on the page, with its alternative text and its caption.

    Parameters
    ----------
    figure
        The figure; it is closed.
    alt
        What the figure shows, for who cannot see it: the message, with its numbers.
    caption
        What it is of, which lines and bands it has; it can stand alone.
    policy
        What may be shown; by default what may be shown of patients. Bars of whole numbers are
        numbers of patients: they are rounded, and small ones and those that would give them away
        are pale and all of one height.

    Attributes
    ----------
    svg, narrow
        The picture, and the same for a phone: narrower, with letters of the same size.
    csv
        What is in it as CSV (see ``reanalysis.page.values``); empty where anything is hidden.
    drawn
        What is in it, in words (see ``reanalysis.page.drawn``); none of it where anything is
        hidden. As text it stands beside the picture in a notebook, whose test compares it: the
        bytes of a picture are not the same on every processor.
    """

    def __init__(
        self, figure: Figure, alt: str, caption: str, *, policy: Policy | None = None
    ) -> None:
        policy = private_policy() if policy is None else policy
        if policy.hides and coarsen_bars(figure, policy):
            pale = "Pale bars, all of one length, stand for numbers that are hidden"
            caption = f"{caption} {pale}: {policy.reason}."
        if policy.hides:
            caption, alt = in_words(_without_ticks(caption)), in_words(alt)
        caption = f"{caption} {figure.get_label()}".strip()
        self.svg = _svg(figure)
        self.drawn = () if policy.hides else what_is_drawn(figure)
        self.csv = "" if policy.hides else figure_csv(figure)
        figure.set_size_inches(NARROW, figure.get_size_inches()[1])
        self.narrow = _svg(figure)
        plt.close(figure)
        self.alt = alt
        self.caption = caption

    def _repr_html_(self) -> str:
        values = f' data-csv="{escape(self.csv)}"' if self.csv else ""
        return (
            f'<figure class="reanalysis-figure"{values}><picture>'
            f'<source media="(max-width: {PHONE}px)" srcset="{_address(self.narrow)}">'
            f'<img src="{_address(self.svg)}" alt="{escape(self.alt)}"></picture>'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return "\n".join((self.caption, f"[{self.alt}]", *self.drawn))


def _svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # The resolution is that of clouds of points, which a figure may ask to be drawn as pixels.
    figure.savefig(
        buffer,
        format="svg",
        bbox_inches="tight",
        pad_inches=0.04,
        metadata={"Date": None},
        dpi=200,
    )
    # A hundredth of a point is finer than any screen, and half as long.
    return _PLACES.sub(lambda place: _DIGITS.sub(rb"\1", place[0]), buffer.getvalue())


def _address(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _without_ticks(caption: str) -> str:
    """Say nothing of the ticks of single patients in a caption: none are drawn."""
    caption = re.sub(r"\bTicks are [^.;]*; (\w)", lambda m: m[1].upper(), caption)
    return re.sub(r"; ticks are [^.;]*(?=[.;])|\b ?Ticks are [^.;]*\.", "", caption)


def canvas(height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    """Make a figure as wide as the page, which stays out of sight until it is put there.

    Cells can draw in it one after another: a notebook shows it where it is shown, and once.

    Parameters
    ----------
    height
        In inches.
    rows, columns
        Of its plots.

    Returns
    -------
    tuple
        The figure, and its axes as ``matplotlib.pyplot.subplots`` gives them.
    """
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), layout="constrained")
    plt.close(figure)
    return figure, axes


def describe(curve: SurvivalCurve, label: str, policy: Policy, month: float = RATE_MONTH) -> str:
    """Say in words what the plot of one curve shows.

    Parameters
    ----------
    curve
        The estimate.
    label
        Name of the endpoint.
    policy
        What may be shown.
    month
        Where the curve is read, or at the end of observation if that is earlier.

    Returns
    -------
    str
        A sentence.

    Raises
    ------
    TooFew
        If there are fewer events by then than may be shown.
    """
    until = curve.last_month
    if policy.hides:
        until = observed_until(curve.times, policy.smallest)
    until = min(month, until)
    if not policy.may_show(curve.events_by(until)):
        raise TooFew(policy.smallest)
    rate = policy.fraction(value_at(curve.table["survival"], until), curve.n)
    percent = policy.number(100 * rate, 1)
    return f"{label}, a staircase from 100 % at the start to {percent} % at {until:g} months."


def plot_survival(
    curves: Mapping[str, SurvivalCurve],
    ylabel: str,
    policy: Policy,
    months: Sequence[float] = (0, 12, 24, 36, 48, 60),
    paper_rate: tuple[float, float] | None = None,
    start: float = 0.0,
    test: str = "",
    others: pd.DataFrame | None = None,
) -> Figure:
    """Draw Kaplan-Meier curves with 95 % bands, and below them the numbers that KMunicate asks for.

    Parameters
    ----------
    curves
        Estimates by label; with a single one no legend is drawn.
    ylabel
        Name of the endpoint.
    policy
        What may be shown.
    months
        Ticks of the time axis, where the numbers at risk are given.
    paper_rate
        A month and a percentage of the paper, marked with a cross.
    start
        Month of the landmark from which the patients were followed: the curves begin there.
    test
        What a test between the curves says; it stands above the names of the curves.
    others
        Between which percentages other cohorts lie, by month: ``low`` and ``high``.

    Returns
    -------
    matplotlib.figure.Figure
        Time in months, survival in percent from 0 to 100. Where the bands stay above ``HIGH`` the
        curves are drawn again in a frame within, whose axis begins just below them.

    Raises
    ------
    TooFew
        If a curve is of fewer patients, or has fewer events, than may be shown.
    ValueError
        If there are more curves than styles of lines.
    """
    _check(curves, policy)
    figure, axes = _over_months(months)
    figure.set_label(_coarsened(policy))
    _draw_curves(axes, curves, policy, start)
    inset = _magnify(axes, curves, start, policy)
    if others is not None:
        for plot in filter(None, (axes, inset)):
            plot.fill_between(others.index, others["low"], others["high"], **_OTHERS)
    if paper_rate is not None:
        month, percent = paper_rate
        for plot in filter(None, (axes, inset)):
            plot.plot(month, percent, "x", color=PAPER_COLOUR, ms=7, mew=1.8, zorder=5)
        (inset or axes).annotate(
            f"paper: {percent:g} %",
            (month, percent),
            xytext=(6, 8),
            textcoords="offset points",
            color=PAPER_COLOUR,
            fontsize=9,
        )
    axes.set_ylabel(f"{ylabel} (%)")
    if start:
        axes.axvline(start, color=PAPER_COLOUR, lw=0.8, ls=":")
    if len(curves) > 1:
        legend = axes.legend(loc="lower left", title=test or None, alignment="left")
        legend.get_title().set_fontsize(9)
    seen = [month for month in months if month >= start]
    draw_risk_table(axes, curves, COLOURS, seen, policy)
    return figure


def plot_incidence(
    incidences: Mapping[str, pd.DataFrame],
    curves: Mapping[str, SurvivalCurve],
    policy: Policy,
    months: Sequence[float] = (0, 12, 24, 36, 48, 60),
) -> Figure:
    """Draw cumulative incidences with 95 % bands, and one minus Kaplan-Meier beside each.

    Parameters
    ----------
    incidences
        By label: index ``months``, columns ``incidence``, ``lower``, ``upper`` (fractions).
    curves
        By the same labels: the Kaplan-Meier estimates in which deaths are censored.
    policy
        What may be shown.
    months
        Ticks of the time axis, where the numbers at risk are given.

    Returns
    -------
    matplotlib.figure.Figure
        Time in months, incidence in percent from 0 to 100: solid with a band where death
        competes, dashed without one where it is censored.

    Raises
    ------
    TooFew
        If a curve is of fewer patients, or has fewer events, than may be shown.
    ValueError
        If there are more curves than styles of lines.
    """
    _check(curves, policy)
    figure, axes = _over_months(months)
    figure.set_label(_coarsened(policy))
    for (label, incidence), colour in zip(incidences.items(), COLOURS, strict=False):
        times = curves[label].times
        shown = shown_steps(incidence, times, policy)
        draw_steps(axes, 100 * shown, "incidence", colour, label=label)
        complement = 100 - 100 * shown_steps(curves[label].table[["survival"]], times, policy)
        draw_steps(axes, complement, "survival", colour, line="--", width=1.2)
    axes.plot([], [], color=PAPER_COLOUR, lw=1.2, ls="--", label="deaths censored")
    axes.set_ylabel("Cumulative incidence (%)")
    axes.legend(loc="upper left")
    draw_risk_table(axes, curves, COLOURS, months, policy)
    return figure


def draw_steps(
    axes: Axes,
    estimate: pd.DataFrame,
    value: str,
    colour: str,
    *,
    end: float | None = None,
    line: str = "-",
    width: float = 1.6,
    label: str | None = None,
) -> None:
    """Draw a step curve, with its band if it has one.

    Parameters
    ----------
    axes
        Where to draw.
    estimate
        Index: months, rising. In the units of the axes, the value and, if it has a band,
        ``lower`` and ``upper``.
    value
        Name of the column to draw.
    colour
        Of the line and, pale, of the band.
    end
        Month until which the last value is held; by default the curve ends with the estimate.
    line
        Style of the line.
    width
        Of the line, in points.
    label
        Name of the curve in a legend.
    """
    curve = steps(estimate, value, end)
    axes.plot(curve.x, curve.y, color=colour, ls=line, lw=width, label=label)
    if curve.lower.size:
        axes.fill_between(curve.x, curve.lower, curve.upper, color=colour, alpha=0.18, lw=0)


def draw_rug(axes: Axes, values: pd.Series, height: float, colour: str, policy: Policy) -> None:
    """Draw a tick for each value of a variable.

    Parameters
    ----------
    axes
        Where to draw.
    values
        One per patient.
    height
        On the vertical axis.
    colour
        Of the ticks.
    policy
        What may be shown: where single patients may not be, a tick stands for half a unit in which
        there are enough of them.
    """
    if policy.hides:
        counts = ((2 * values).round() / 2).value_counts()
        values = counts.index[counts >= policy.smallest].to_series()
        axes.figure.set_label(
            f"Of this cohort a tick stands for {policy.smallest} patients or more whose values are "
            "the same when rounded to a half."
        )
    import seaborn as sns  # here: few pages draw with it (see SEABORN)

    sns.scatterplot(
        x=values.to_numpy(),
        y=np.full(len(values), height),
        marker="|",
        s=81,  # points squared
        linewidth=1,
        color=colour,
        ax=axes,
    )


def coarsen_bars(figure: Figure, policy: Policy) -> bool:
    """Round bars of numbers; make small ones pale and alike, and those that give them away.

    Parameters
    ----------
    figure
        A figure; it is changed.
    policy
        What may be shown.

    Returns
    -------
    bool
        Whether any bar is pale.
    """
    pale = False
    for axes in figure.axes:
        for bars in axes.containers:
            if not isinstance(bars, BarContainer) or bars.datavalues is None:
                continue
            lengths = np.asarray(bars.datavalues, dtype=float)
            if not (lengths == lengths.round()).all():
                continue
            hide = hidden_parts([int(length) for length in lengths], policy.smallest)
            across = bars.orientation == "horizontal"
            for bar, length, small in zip(bars, lengths, hide, strict=True):
                shown = policy.smallest if small else policy.patients(length)
                (bar.set_width if across else bar.set_height)(shown)
                if small:
                    bar.set(facecolor="#dddddd", edgecolor="#999999", hatch="")
                    pale = True
        _stack_again(axes)
    return pale


def _stack_again(axes: Axes) -> None:
    """Set bars that stood on others onto them, and end the axes with what is drawn now.

    The place of a bar tells the length of the one below, the end of an axis that of the longest.
    """
    upright = [
        bar
        for bars in axes.containers
        if isinstance(bars, BarContainer) and bars.orientation != "horizontal"
        for bar in bars
    ]
    tops: dict[float, float] = {}
    if any(bar.get_y() > 0 for bar in upright):
        for bar in sorted(upright, key=lambda bar: bar.get_y()):
            place = round(float(bar.get_x()), 6)
            bar.set_y(tops.get(place, 0.0))
            tops[place] = float(bar.get_y()) + float(bar.get_height())
    if upright:
        axes.relim()
        axes.autoscale_view(scalex=False)


def _check(curves: Mapping[str, SurvivalCurve], policy: Policy) -> None:
    if len(curves) > len(LINES):
        raise ValueError(f"one figure holds at most {len(LINES)} curves, not {len(curves)}")
    # A curve with one event says at its end how many patients there were for one of them.
    small = (not policy.may_show(curve.events) for curve in curves.values())
    if any(curve.n < policy.smallest for curve in curves.values()) or any(small):
        raise TooFew(policy.smallest)


def shown_steps(estimate: pd.DataFrame, times: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give a step curve as it may be shown: as it is, or on a coarse grid and rounded.

    Parameters
    ----------
    estimate
        Index ``months`` from 0, rising; fractions of 1.
    times
        What it was estimated from: ``months`` and ``event``.
    policy
        What may be shown.
    """
    if not policy.hides:
        return estimate
    return policy.fraction(on_grid(estimate, grid(times, policy.smallest)), len(times))


def _coarsened(policy: Policy) -> str:
    """Say what was done to the curves of a private cohort."""
    if not policy.hides:
        return ""
    return (
        f"Of this cohort each step stands for {policy.smallest} events or more and is drawn at the "
        f"end of {STEP_MONTHS:g} months; heights and numbers at risk are rounded to "
        f"{policy.multiple} patients."
    )


def plot_forest(hazards: pd.DataFrame) -> Figure:
    """Draw the paper's hazard ratios and a cohort's, one variable per row.

    Parameters
    ----------
    hazards
        As ``reanalysis.compare.differences.compare_hazards`` gives them.

    Returns
    -------
    matplotlib.figure.Figure
        Logarithmic axis; crosses with grey lines are the paper's ratios with 95 % limits,
        points with coloured ones the cohort's. What lies outside 0.05 to 100 is cut off.

    Raises
    ------
    NotEstimable
        If the cohort has none of these ratios.
    """
    if hazards["cohort"].isna().all():
        raise NotEstimable("this cohort has none of these hazard ratios; the table says why")
    figure, axes = plt.subplots(figsize=(WIDTH, 0.45 * len(hazards) + 1.3), layout="constrained")
    rows = pd.Series(range(len(hazards)), index=hazards.index)
    axes.axvline(1, color=PAPER_COLOUR, lw=0.8)
    for columns, shift, marker, colour, label in (
        (("paper", "paper lower", "paper upper"), -0.16, "x", PAPER_COLOUR, "paper"),
        (("cohort", "lower", "upper"), 0.16, "o", COLOURS[0], "this cohort"),
    ):
        ratio, lower, upper = (hazards[column] for column in columns)
        axes.hlines(rows + shift, lower, upper, color=colour, lw=1.6)
        axes.plot(ratio, rows + shift, marker, color=colour, ms=6, mew=1.6, label=label)
    # A label in one line would leave less than half of the width to the plot.
    labels = [textwrap.fill(str(label), 30) for label in hazards.index]
    axes.set(xscale="log", yticks=rows, yticklabels=labels, xlabel="Hazard ratio (95 % CI)")
    low = float(np.nanmin(hazards[["paper lower", "lower"]]))
    high = float(np.nanmax(hazards[["paper upper", "upper"]]))
    axes.set_xlim(max(0.05, 0.8 * low), min(100, 1.25 * high))
    ticks = [t for t in (0.05, 0.2, 1, 5, 20, 100) if low <= t <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)
    return figure


def _over_months(months: Sequence[float]) -> tuple[Figure, Axes]:
    """Make a plot of percentages by month; numbers may be written below it."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.4))
    figure.subplots_adjust(left=0.17, right=0.97)
    last = max(months)
    axes.set(xlim=(0, last), ylim=(0, 102), xticks=list(months))
    axes.set_xlabel("Months from the start of SBRT")
    return figure, axes


def _magnify(
    axes: Axes, curves: Mapping[str, SurvivalCurve], start: float, policy: Policy
) -> Axes | None:
    """Draw curves that stay high once more, in a frame that shows how they differ from 100 %."""
    tables = [100 * shown_steps(curve.table, curve.times, policy) for curve in curves.values()]
    last = axes.get_xlim()[1]
    lowest = min(float(table.loc[:last, "lower"].min()) for table in tables)
    if lowest < HIGH:
        return None
    inset = axes.inset_axes((0.12, 0.14, 0.84, 0.5))
    _draw_curves(inset, curves, policy, start)
    inset.set(xlim=axes.get_xlim(), ylim=(5 * (lowest // 5), 100.5), xticks=axes.get_xticks())
    inset.tick_params(labelbottom=False)
    return inset


def _draw_curves(
    axes: Axes, curves: Mapping[str, SurvivalCurve], policy: Policy, start: float
) -> None:
    for (label, curve), colour, line in zip(curves.items(), COLOURS, LINES, strict=False):
        table = 100 * shown_steps(curve.table, curve.times, policy)
        if start:
            first = table[table.index <= start].iloc[[-1]].set_axis([start])
            table = pd.concat([first, table[table.index > start]])
        draw_steps(axes, table, "survival", colour, line=line, label=label)
        if policy.hides:
            continue  # a tick is the last visit of one patient
        censored = curve.times.loc[curve.times["event"] == 0, "months"]
        heights = [value_at(table["survival"], month) for month in censored]
        axes.plot(censored, heights, "|", color=colour, ms=4, mew=0.6, alpha=0.7)
