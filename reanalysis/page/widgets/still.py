"""What stands in a widget's place where no JavaScript runs: a still figure and a table."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.analysis.prediction import ENDPOINTS, CoxModel, Patient
from reanalysis.core.dose import bed_gy
from reanalysis.page.steps import Vector, from_zero, steps
from reanalysis.page.table import html_table
from reanalysis.page.widgets.words import LAST_MONTH, TIME_AXIS
from reanalysis.paper.study import RATE_MONTH, REGIMENS

# The still version carries its own few rules: the widgets' sheet comes with the widgets.
STYLE = """<style>
.rx-still{margin:1rem 0;font-size:.9em}
.rx-still svg{width:100%;height:auto}
.rx-still table{border-collapse:collapse;display:table;width:auto;margin:0}
.rx-still table :is(caption,th){white-space:normal!important;line-height:1.3}
.rx-still table td{white-space:nowrap!important;line-height:1.3}
.rx-still caption{caption-side:top;text-align:left}
.rx-still table :is(th,td){text-align:right;padding:.2rem .5rem;border:0;vertical-align:bottom}
.rx-still table :is(th,td):first-child{text-align:left;padding-left:0}
.rx-still .rx-scroll{overflow-x:auto}
</style>"""
_SIZES = (1.0, 2.0, 3.0, 5.0)
_BLUE, _ORANGE = "#2f7fc4", "#c8621a"  # legible on white and on the dark theme's background
_AREAS = ("#1f78b4", "#4a9494", "#c2601b", "#7d7d8a")
_Place = Callable[[float], float]  # of a value on an axis


def explorer_still(
    models: Mapping[str, CoxModel], patient: Mapping[str, Any], reference: Mapping[str, Any]
) -> str:
    """Curves of one setting, and a table of typical ones.

    Parameters
    ----------
    models
        By outcome.
    patient, reference
        The two patients, with ``bed10_gy``.

    Returns
    -------
    str
        HTML.
    """
    figure = curves_svg(models, patient, reference)
    caption = "Typical settings against the reference, with 95 % intervals"
    table = still_table(typical_settings(models, reference), caption)
    return f"{STYLE}{figure}<p>{_explain(patient, reference)}</p>{table}"


def typical_settings(models: Mapping[str, CoxModel], reference: Mapping[str, Any]) -> pd.DataFrame:
    """Hazard ratios and rates at 36 months for sizes and regimens, all else as the reference.

    Parameters
    ----------
    models
        By outcome.
    reference
        The patient to compare with, with ``bed10_gy``.

    Returns
    -------
    pandas.DataFrame
        Text, one row per size and regimen; regimens only where a model has BED.
    """
    has_bed = any(term.column == "bed10_gy" for m in models.values() for term in m.terms)
    regimens = [REGIMENS[0], REGIMENS[1], REGIMENS[3]] if has_bed else [REGIMENS[1]]
    rows = []
    for size in _SIZES:
        for regimen in regimens:
            bed = bed_gy(regimen.total_dose_gy, regimen.fractions)
            patient: Patient = {**reference, "tumor_size_cm": size, "bed10_gy": bed}
            row = {"Size": f"{size:g} cm"}
            if has_bed:
                row["BED"] = f"{bed:.1f} Gy ({regimen.short})"
            for outcome, model in models.items():
                hr, lower, upper = model.hazard_ratio(patient, reference)
                rate = model.survival_at(patient, RATE_MONTH)
                event = ENDPOINTS[outcome].event_in_words
                row[f"Hazard ratio of {event}"] = f"{hr:.2f} ({lower:.2f}–{upper:.2f})"
                row[f"{ENDPOINTS[outcome].label} at {RATE_MONTH} months, %"] = (
                    "not observed"
                    if np.isnan(rate["survival"])
                    else f"{100 * rate['survival']:.1f} "
                    f"({100 * rate['lower']:.0f}–{100 * rate['upper']:.0f})"
                )
            rows.append(row)
    return pd.DataFrame(rows)


def still_table(rows: pd.DataFrame, caption: str) -> str:
    """Write a table of text as HTML; its first column heads the rows."""
    headed = rows.set_index(rows.columns[0])
    return html_table(headed, caption, frame_class="rx-scroll", table_class="")


def curves_svg(
    models: Mapping[str, CoxModel], patient: Mapping[str, Any], reference: Mapping[str, Any]
) -> str:
    """Draw the predicted curves of both patients, one panel per outcome, as SVG."""
    panels, words = {}, []
    end = float(LAST_MONTH)
    for outcome, model in models.items():
        label = ENDPOINTS[outcome].label
        end = min(end, model.last_month)
        panels[f"{label}, %"] = [from_zero(model.survival(p)) for p in (patient, reference)]
        rates = [model.survival_at(p, RATE_MONTH)["survival"] for p in (patient, reference)]
        words.append(
            f"{label} at {RATE_MONTH} months {100 * rates[0]:.0f} %, {100 * rates[1]:.0f} %"
        )
    return steps_svg(
        panels, end, f"Predicted curves, this patient solid, reference dashed. {'; '.join(words)}."
    )


def bars_svg(values: Mapping[str, float], decimals: int, alt: str) -> str:
    """Draw numbers as bars from the left, each with its name and its value, as SVG.

    Parameters
    ----------
    values
        By name, from the top; none below 0 and one above it.
    decimals
        Of the values.
    alt
        What the figure shows, in words.
    """
    most = max(values.values())
    bars = "".join(
        f'<text x="150" y="{40 * k + 25}" text-anchor="end">{escape(name)}</text>'
        f'<path d="M158 {40 * k + 10}h{_tenths(180 * value / most)}v22H158z" fill="{_BLUE}"/>'
        f'<text x="{_tenths(164 + 180 * value / most)}" y="{40 * k + 25}">'
        f"{value:.{decimals}f}</text>"
        for k, (name, value) in enumerate(values.items())
    )
    return (
        f'<svg viewBox="0 0 400 {40 * len(values) + 10}" role="img" aria-label="{escape(alt)}" '
        f'style="max-width:26rem" fill="currentColor" font-size="12">{bars}</svg>'
    )


def steps_svg(panels: Mapping[str, Sequence[pd.DataFrame]], end: float, alt: str) -> str:
    """Draw step curves from 0 to 1 against months as SVG, the first solid, the second dashed.

    Parameters
    ----------
    panels
        By the title of a panel: its curves. Index: months from 0; the first column is drawn,
        ``lower`` and ``upper`` are its band.
    end
        Last month of the axis.
    alt
        What the figure shows, in words.
    """
    drawn = "".join(
        _panel(curves, title, end, 40 + 330 * k) for k, (title, curves) in enumerate(panels.items())
    )
    return (
        f'<svg viewBox="0 0 {330 * len(panels) + 10} 230" role="img" aria-label="{escape(alt)}" '
        f'style="max-width:{22 * len(panels)}rem" fill="currentColor" font-size="12">{drawn}</svg>'
    )


def _share_axes(left: float, title: str, end: float) -> tuple[list[str], _Place, _Place]:
    """Draw the axes of shares from 0 to 1 against months; gives where on them a value lies, too."""

    def x(month: float) -> float:
        return _tenths(left + 270 * month / end)

    def y(share: float) -> float:
        return _tenths(180 - 150 * share)

    parts = _axes(
        (left, left + 270),
        title,
        TIME_AXIS,
        {str(month): x(month) for month in _ticks(end)},
        {f"{100 * p:.0f}": y(p) for p in (0.0, 0.5, 1.0)},
    )
    return parts, x, y


def _panel(curves: Sequence[pd.DataFrame], title: str, end: float, left: float) -> str:
    parts, x, y = _share_axes(left, title, end)

    def path(months: Vector, values: Vector) -> str:
        # The corners of steps are joined by a horizontal and a vertical line in turn.
        first, *others = zip(months.tolist(), values.tolist(), strict=True)
        lines = (f"V{y(v)}" if i % 2 else f"H{x(m)}" for i, (m, v) in enumerate(others))
        return f"M{x(first[0])},{y(first[1])}{''.join(lines)}"

    styles = ((_BLUE, ""), (_ORANGE, ' stroke-dasharray="6 3"'))
    for estimate, (color, dash) in zip(curves, styles, strict=False):
        curve = steps(estimate, estimate.columns[0], end)
        if curve.lower.size:
            band = f"{path(*curve.outline())}Z"
            parts.append(f'<path d="{band}" fill="{color}" fill-opacity=".15"/>')
        parts.append(
            f'<path d="{path(curve.x, curve.y)}" fill="none" stroke="{color}" '
            f'stroke-width="2"{dash}/>'
        )
    return "".join(parts)


def bed_svg(alpha_betas: tuple[float, float], highest: float, alt: str) -> str:
    """Draw the BED of the paper's regimens against α/β as SVG.

    Parameters
    ----------
    alpha_betas
        Range of α/β in Gy.
    highest
        Largest BED on the axis, in Gy; curves are cut there.
    alt
        What the figure shows, in words.
    """
    left, (low, high) = 40.0, alpha_betas

    def x(alpha_beta: float) -> float:
        return _tenths(left + 230 * (alpha_beta - low) / (high - low))

    def y(bed: float) -> float:
        return _tenths(180 - 150 * bed / highest)

    parts = _axes(
        (left, left + 230),
        "BED, Gy",
        "α/β, Gy",
        {f"{v:g}": x(v) for v in (3.0, 5.0, 10.0, 15.0, 20.0)},
        {f"{v:g}": y(v) for v in (0.0, highest / 2, highest)},
    )
    below = 190.0
    ends = {r: bed_gy(r.total_dose_gy, r.fractions, high) for r in REGIMENS}
    for regimen in sorted(REGIMENS, key=lambda r: ends[r]):
        curve = [
            (a, bed_gy(regimen.total_dose_gy, regimen.fractions, a))
            for a in np.linspace(low, high, 73).tolist()
        ]
        points = " ".join(f"{x(a)},{y(bed)}" for a, bed in curve if bed <= highest)
        # Names at the right end, moved apart where the curves are too close for them.
        below = min(y(ends[regimen]), below - 12)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{_BLUE}" stroke-width="1.5"/>'
            f'<text x="{left + 236}" y="{below + 4}">'
            f"{regimen.short}</text>"
        )
    return _picture(parts, alt)


def ratio_svg(
    curve: Mapping[float, tuple[float, float, float]], title: str, label: str, alt: str
) -> str:
    """Draw hazard ratios against a covariate as SVG, on a log scale from 1/16 to 16.

    Parameters
    ----------
    curve
        By value of the covariate: the ratio, its lower and its upper limit.
    title, label
        Titles of the axes of the ratio and of the covariate.
    alt
        What the figure shows, in words.
    """
    left, low, high = 40.0, min(curve), max(curve)

    def x(value: float) -> float:
        return _tenths(left + 270 * (value - low) / (high - low))

    def y(ratio: float) -> float:
        return _tenths(105 - 75 * min(1.0, max(-1.0, math.log(ratio, 16))))

    parts = _axes(
        (left, left + 270),
        title,
        label,
        {str(value): x(value) for value in range(math.ceil(low), math.floor(high) + 1)},
        {"1/16": y(1 / 16), "1/4": y(1 / 4), "1": y(1.0), "4": y(4.0), "16": y(16.0)},
    )
    uppers = [f"{x(value)},{y(limits[2])}" for value, limits in curve.items()]
    lowers = [f"{x(value)},{y(limits[1])}" for value, limits in curve.items()]
    line = " ".join(f"{x(value)},{y(limits[0])}" for value, limits in curve.items())
    band = " ".join([*uppers, *reversed(lowers)])
    parts.append(f'<polygon points="{band}" fill="{_BLUE}" fill-opacity=".15"/>')
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_BLUE}" stroke-width="2"/>')
    return _picture(parts, alt)


def shares_svg(shares: pd.DataFrame, title: str, alt: str) -> str:
    """Draw shares that add up to 1 on top of each other, against months, as SVG.

    Parameters
    ----------
    shares
        Index: months from 0. Columns: what they are shares of, from the bottom to the top; each
        share holds until the next month.
    title
        Title of the axis of the shares.
    alt
        What the figure shows, in words.
    """
    left, end = 40.0, float(shares.index[-1])

    parts, x, y = _share_axes(left, title, end)
    months = np.append(np.repeat(shares.index.to_numpy(float), 2)[1:], end).tolist()
    below, key = [0.0] * len(months), 8.0
    for i, (name, share) in enumerate(shares.items()):
        above = (below + np.repeat(share.to_numpy(float), 2)).tolist()
        there = zip(months, above, strict=True)
        back = zip(reversed(months), reversed(below), strict=True)
        corners = dict.fromkeys(f"{x(month)},{y(height)}" for month, height in (*there, *back))
        parts.append(f'<polygon fill="{_AREAS[i]}" points="{" ".join(corners)}"/>')
        parts.append(f'<circle fill="{_AREAS[i]}" cx="{key:.0f}" cy="232" r="4.5"/>')
        parts.append(f'<text x="{key + 8:.0f}" y="236">{escape(str(name))}</text>')
        below, key = above, key + 26 + 6.4 * len(str(name))  # as wide as its letters are
    return _picture(parts, alt, height=242)


def _picture(parts: Sequence[str], alt: str, height: int = 230) -> str:
    """Frame the parts of one plot."""
    return (
        f'<svg viewBox="0 0 340 {height}" role="img" aria-label="{escape(alt)}" '
        f'style="max-width:22rem" fill="currentColor" font-size="12">{"".join(parts)}</svg>'
    )


def _ticks(end: float) -> range:
    """Months that have a tick on an axis that ends at some month."""
    return range(0, int(end) + 1, 12 if end > 24 else 3)


def _tenths(position: float) -> float:
    """Round a position in the drawing as the living widget does, halves up."""
    return math.floor(10 * position + 0.5) / 10


def _axes(
    sides: tuple[float, float],
    title: str,
    label: str,
    x_ticks: Mapping[str, float],
    y_ticks: Mapping[str, float],
) -> list[str]:
    """Title, grid and ticks of a plot between two sides, from y = 30 down to 180."""
    left, right = sides
    parts = [f'<text x="{left}" y="18">{escape(title)}</text>']
    for text, y in y_ticks.items():
        parts.append(
            f'<path d="M{left},{y}H{right}" stroke="currentColor" stroke-opacity=".25"/>'
            f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
        )
    for text, x in x_ticks.items():
        parts.append(f'<text x="{x}" y="198" text-anchor="middle">{text}</text>')
    middle = (left + right) / 2
    parts.append(f'<text x="{middle}" y="218" text-anchor="middle">{escape(label)}</text>')
    return parts


def _explain(patient: Mapping[str, Any], reference: Mapping[str, Any]) -> str:
    settings = [
        f"{p['tumor_size_cm']:g} cm, BED {p['bed10_gy']:.1f} Gy" for p in (patient, reference)
    ]
    return (
        f"Solid: {settings[0]}. Dashed: the reference, {settings[1]}. Bands: pointwise 95 % "
        "intervals. With JavaScript, controls stand here; the table shows what they would give, "
        "everything but size and BED as in the reference."
    )
