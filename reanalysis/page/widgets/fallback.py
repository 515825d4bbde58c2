"""What stands in a widget's place where no JavaScript runs: a still figure and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.analysis.prediction import ENDPOINTS, CoxModel, Patient
from reanalysis.core.dose import REGIMENS, bed_gy
from reanalysis.page.widgets.words import LAST_MONTH, MAIN_MONTH, TIME_AXIS

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
    table = html_table(typical_settings(models, reference), caption)
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
                row["BED"] = f"{bed:.1f} Gy ({regimen.total_dose_gy:g}/{regimen.fractions})"
            for outcome, model in models.items():
                hr, lower, upper = model.hazard_ratio(patient, reference)
                rate = model.survival_at(patient, MAIN_MONTH)
                event = outcome.replace("_", " ")
                row[f"Hazard ratio of {event}"] = f"{hr:.2f} ({lower:.2f}–{upper:.2f})"
                row[f"{ENDPOINTS[outcome].label} at {MAIN_MONTH} months, %"] = (
                    "not observed"
                    if np.isnan(rate["survival"])
                    else f"{100 * rate['survival']:.1f} "
                    f"({100 * rate['lower']:.0f}–{100 * rate['upper']:.0f})"
                )
            rows.append(row)
    return pd.DataFrame(rows)


def html_table(table: pd.DataFrame, caption: str) -> str:
    """Write a table of text as HTML with headers and a caption."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.itertuples(index=False)
    )
    # The frame can be scrolled with the keyboard, so it needs a name and a tab stop.
    return (
        f'<div class="rx-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


@dataclass(frozen=True)
class StepCurve:
    """A curve to draw: values from each month on, and a band if there is one."""

    months: Sequence[float]
    values: Sequence[float]
    lower: Sequence[float] = ()
    upper: Sequence[float] = ()
    start: float = 1.0


def curves_svg(
    models: Mapping[str, CoxModel], patient: Mapping[str, Any], reference: Mapping[str, Any]
) -> str:
    """Draw the predicted curves of both patients, one panel per outcome, as SVG."""
    panels, words = {}, []
    end = float(LAST_MONTH)
    for outcome, model in models.items():
        label = ENDPOINTS[outcome].label
        end = min(end, model.last_month)
        curves = [model.survival(p) for p in (patient, reference)]
        panels[f"{label}, %"] = [
            StepCurve(list(model.months), list(c["survival"]), list(c["lower"]), list(c["upper"]))
            for c in curves
        ]
        rates = [model.survival_at(p, MAIN_MONTH)["survival"] for p in (patient, reference)]
        words.append(
            f"{label} at {MAIN_MONTH} months {100 * rates[0]:.0f} %, {100 * rates[1]:.0f} %"
        )
    return steps_svg(
        panels, end, f"Predicted curves, this patient solid, reference dashed. {'; '.join(words)}."
    )


def steps_svg(panels: Mapping[str, Sequence[StepCurve]], end: float, alt: str) -> str:
    """Draw step curves from 0 to 1 against months as SVG, the first solid, the second dashed.

    Parameters
    ----------
    panels
        Curves by the title of their panel.
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


def _panel(curves: Sequence[StepCurve], title: str, end: float, left: float) -> str:
    def x(month: float) -> float:
        return round(left + 270 * month / end, 1)

    def y(p: float) -> float:
        return round(180 - 150 * p, 1)

    def points(curve: StepCurve, values: Sequence[float]) -> list[tuple[float, float]]:
        seen = zip(curve.months, values, strict=True)
        return [(0.0, curve.start), *((m, v) for m, v in seen if m <= end)]

    def path(steps: list[tuple[float, float]]) -> str:
        moves = "".join(f"H{x(m)}V{y(v)}" for m, v in steps[1:])
        return f"M{x(0)},{y(steps[0][1])}{moves}H{x(end)}"

    months = range(0, int(end) + 1, 12 if end > 24 else 3)
    parts = _axes(
        (left, left + 270),
        title,
        TIME_AXIS,
        {str(month): x(month) for month in months},
        {f"{100 * p:.0f}": y(p) for p in (0.0, 0.5, 1.0)},
    )
    styles = ((_BLUE, ""), (_ORANGE, ' stroke-dasharray="6 3"'))
    for curve, (color, dash) in zip(curves, styles, strict=False):
        if curve.lower:
            back = "".join(f"V{y(v)}H{x(m)}" for m, v in reversed(points(curve, curve.lower)))
            band = f"{path(points(curve, curve.upper))}{back}Z"
            parts.append(f'<path d="{band}" fill="{color}" fill-opacity=".15"/>')
        parts.append(
            f'<path d="{path(points(curve, curve.values))}" fill="none" stroke="{color}" '
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
        return round(left + 230 * (alpha_beta - low) / (high - low), 1)

    def y(bed: float) -> float:
        return round(180 - 150 * bed / highest, 1)

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
            f"{regimen.total_dose_gy:g}/{regimen.fractions}</text>"
        )
    return (
        f'<svg viewBox="0 0 340 230" role="img" aria-label="{escape(alt)}" '
        f'style="max-width:22rem" fill="currentColor" font-size="12">{"".join(parts)}</svg>'
    )


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
