"""What stands in a widget's place where no JavaScript runs: a still figure and a table."""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.dosimetry import REGIMENS, bed_gy
from reanalysis.explorer.models import ENDPOINTS, CoxModel, Patient

# The still version carries its own few rules: the widgets' sheet comes with the widgets.
_STYLE = """<style>
.rx-still{margin:1rem 0;font-size:.9em}
.rx-still svg{width:100%;max-width:44rem;height:auto}
.rx-still table{border-collapse:collapse;display:table;width:auto}
.rx-still caption{caption-side:top;text-align:left;padding:.3rem 0}
.rx-still th,.rx-still td{text-align:right;padding:.15rem .8rem .15rem 0;border:0;background:none}
.rx-still th:first-child{text-align:left}
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
    return _STYLE + figure + html_table(typical_settings(models, reference), _caption(reference))


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
            row = {"Tumour size": f"{size:g} cm"}
            if has_bed:
                row["BED"] = f"{bed:.1f} Gy ({regimen.total_dose_gy:g}/{regimen.fractions})"
            for outcome, model in models.items():
                hr, lower, upper = model.hazard_ratio(patient, reference)
                rate = model.survival_at(patient, 36.0)
                event = outcome.replace("_", " ")
                row[f"Hazard ratio of {event} (95 % CI)"] = f"{hr:.2f} ({lower:.2f}–{upper:.2f})"
                row[f"{ENDPOINTS[outcome].label} at 36 months"] = (
                    "not observed"
                    if np.isnan(rate["survival"])
                    else f"{100 * rate['survival']:.1f} % "
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
    return (
        f'<div class="rx-scroll" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def curves_svg(
    models: Mapping[str, CoxModel], patient: Mapping[str, Any], reference: Mapping[str, Any]
) -> str:
    """Draw the predicted curves of both patients, one panel per outcome, as SVG."""
    panels, words = [], []
    for k, (outcome, model) in enumerate(models.items()):
        label = ENDPOINTS[outcome].label
        panels.append(_panel(model, patient, reference, label, 40 + 330 * k))
        rates = [model.survival_at(p, 36.0)["survival"] for p in (patient, reference)]
        words.append(f"{label} at 36 months {100 * rates[0]:.0f} %, {100 * rates[1]:.0f} %")
    width = 330 * len(models) + 10
    alt = escape(f"Predicted curves, this patient solid, reference dashed. {'; '.join(words)}.")
    return (
        f'<svg viewBox="0 0 {width} 230" role="img" aria-label="{alt}" fill="currentColor" '
        f'font-size="12">{"".join(panels)}</svg>'
    )


def _panel(
    model: CoxModel,
    patient: Mapping[str, Any],
    reference: Mapping[str, Any],
    label: str,
    left: float,
) -> str:
    end = min(60.0, model.last_month)

    def x(month: float) -> float:
        return round(left + 270 * month / end, 1)

    def y(p: float) -> float:
        return round(180 - 150 * p, 1)

    def steps(p: Mapping[str, Any], column: str) -> list[tuple[float, float]]:
        curve = zip(model.months, model.survival(p)[column], strict=True)
        return [(0.0, 1.0), *((m, v) for m, v in curve if m <= end)]

    def path(points: list[tuple[float, float]]) -> str:
        moves = "".join(f"H{x(m)}V{y(v)}" for m, v in points[1:])
        return f"M{x(0)},{y(1)}{moves}H{x(end)}"

    def band(p: Mapping[str, Any]) -> str:
        back = "".join(f"V{y(v)}H{x(m)}" for m, v in reversed(steps(p, "lower")))
        return f"{path(steps(p, 'upper'))}{back}Z"

    parts = [f'<text x="{left}" y="18">{label}, %</text>']
    for p in (0.0, 0.5, 1.0):
        parts.append(
            f'<path d="M{left},{y(p)}h270" stroke="currentColor" stroke-opacity=".25"/>'
            f'<text x="{left - 6}" y="{y(p) + 4}" text-anchor="end">{100 * p:.0f}</text>'
        )
    for month in range(0, int(end) + 1, 12):
        parts.append(f'<text x="{x(month)}" y="198" text-anchor="middle">{month}</text>')
    parts.append(f'<text x="{left + 135}" y="218" text-anchor="middle">Months after SBRT</text>')
    for who, color, dash in (
        (reference, _ORANGE, ' stroke-dasharray="6 3"'),
        (patient, _BLUE, ""),
    ):
        parts.append(
            f'<path d="{band(who)}" fill="{color}" fill-opacity=".15"/>'
            f'<path d="{path(steps(who, "survival"))}" fill="none" stroke="{color}" '
            f'stroke-width="2"{dash}/>'
        )
    return "".join(parts)


def _caption(reference: Mapping[str, Any]) -> str:
    return (
        f"Typical settings against a reference of {reference['tumor_size_cm']:g} cm and a BED of "
        f"{reference['bed10_gy']:.1f} Gy, everything else as in the reference. With JavaScript, "
        "controls stand here."
    )
