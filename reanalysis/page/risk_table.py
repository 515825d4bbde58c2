"""The numbers below survival curves, as KMunicate asks for them: at risk, censored, events.

T. P. Morris et al., BMJ Open 2019; 9: e030215. At each month the three add up to the patients of
the curve: still under observation just before it, and those whose time ended earlier, with the
event or without.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes

from reanalysis.analysis.survival import SurvivalCurve, number_at_risk
from reanalysis.core.disclosure import Policy

_FIRST = 50.0  # points below the axis, which has its ticks and its name there
_LINE = 12.5  # points
_SIZE = 9
_BESIDE = 18.0  # points left of the axis

Side = Literal["left", "center", "right"]


def ended_before(times: pd.DataFrame, months: Sequence[float], event: int) -> list[int]:
    """Count the patients whose time had ended before each month.

    Parameters
    ----------
    times
        Columns ``months`` and ``event``.
    months
        Times in months.
    event
        1 to count those with the event, 0 those who were censored.
    """
    ended = times.loc[times["event"] == event, "months"]
    return [int((ended < month).sum()) for month in months]


def at_risk(curve: SurvivalCurve, months: Sequence[float], policy: Policy) -> list[str]:
    """Print the numbers at risk.

    Parameters
    ----------
    curve
        A Kaplan-Meier estimate.
    months
        Times in months.
    policy
        What may be shown: a number that is too small is printed as ``'<5'``.
    """
    return [
        f"{policy.patients(count)}" if policy.may_show(count) else f"<{policy.smallest}"
        for count in number_at_risk(curve.times, months)
    ]


def draw_risk_table(
    axes: Axes,
    curves: Mapping[str, SurvivalCurve],
    colours: Sequence[str],
    months: Sequence[float],
    policy: Policy,
) -> None:
    """Write the numbers below a plot, whatever its size.

    Parameters
    ----------
    axes
        The plot; its horizontal axis is in months.
    curves
        Estimates by label; the label of a single one is not written.
    colours
        Of the labels.
    months
        Where the numbers are given.
    policy
        What may be shown. Where anything is hidden the numbers at risk stand alone: with those of
        the censored they would give the events away.
    """
    below = _FIRST
    for (label, curve), colour in zip(curves.items(), colours, strict=False):
        if len(curves) > 1:
            _write(axes, label, None, below, "right", color=colour, weight="bold")
            below += _LINE
        for name, numbers in _rows(curve, months, policy).items():
            _write(axes, name, None, below, "right")
            for month, number in zip(months, numbers, strict=True):
                _write(axes, number, month, below, "center")
            below += _LINE
        below += 0.3 * _LINE


def _rows(curve: SurvivalCurve, months: Sequence[float], policy: Policy) -> dict[str, list[str]]:
    rows = {"At risk": at_risk(curve, months, policy)}
    if not policy.hides:
        for name, event in (("Censored", 0), ("Events", 1)):
            rows[name] = [f"{n}" for n in ended_before(curve.times, months, event)]
    return rows


def _write(axes: Axes, text: str, month: float | None, below: float, ha: Side, **look: Any) -> None:
    """Write a text some points below the axis: at a month, or left of the axis."""
    axes.annotate(
        text,
        (0.0, 0.0) if month is None else (month, 0.0),
        (-_BESIDE if month is None else 0.0, -below),
        xycoords=axes.transAxes if month is None else axes.get_xaxis_transform(),
        textcoords="offset points",
        ha=ha,
        va="baseline",
        fontsize=_SIZE,
        annotation_clip=False,
        **look,
    )
