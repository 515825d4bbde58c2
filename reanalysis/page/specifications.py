"""A specification curve: one ratio by many analyses, sorted, with the choices of each below."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reanalysis.core.disclosure import Policy
from reanalysis.core.errors import NotEstimable
from reanalysis.page.figures import COLOURS, PAPER_COLOUR, canvas
from reanalysis.page.steps import Vector

_PALE = "#9aa5b1"
_HALF = 0.45  # of an analysis, on the axis of their order


def plot_specifications(
    table: pd.DataFrame,
    variable: str,
    choices: Mapping[str, Sequence[str]],
    paper: "pd.Series[bool]",
    policy: Policy,
    ylabel: str,
) -> Figure:
    """Draw a specification curve.

    Parameters
    ----------
    table
        As ``reanalysis.analysis.multiverse.multiverse`` gives it.
    variable
        Of which the ratio is drawn.
    choices
        The options of each choice, in the order of the rows below the curve.
    paper
        Which row is the paper's own.
    policy
        What may be shown.
    ylabel
        What the ratio is.

    Returns
    -------
    matplotlib.figure.Figure
        Above, ratios in rising order with pale 95 % intervals, dark where the interval excludes 1,
        and a cross for the paper's analysis; below, a mark in the row of each option that an
        analysis chose.

    Raises
    ------
    NotEstimable
        If no analysis has the variable.
    """
    columns = [f"{variable} {part}" for part in ("ratio", "lower", "upper")]
    known = table.assign(paper=paper).dropna(subset=columns)
    if known.empty:
        raise NotEstimable("no analysis has an estimate")
    known = known.sort_values(columns[0], kind="stable").reset_index(drop=True)
    ratio, lower, upper = (policy.estimate(known[c]).to_numpy(float) for c in columns)
    options = [(choice, option) for choice in choices for option in choices[choice]]
    figure, (above, below) = canvas(1.9 + 0.19 * len(options), rows=2)
    below.sharex(above)
    above.get_gridspec().set_height_ratios([1.9, 0.19 * len(options)])
    at = np.arange(len(known), dtype=float)
    apart = (lower > 1) | (upper < 1)
    above.plot(*_strokes(at, at, lower, upper), color=_PALE, lw=0.5, alpha=0.5)
    above.axhline(1, color=PAPER_COLOUR, lw=0.8)
    for which, colour, label in (
        (apart, COLOURS[0], "95 % interval without 1"),
        (~apart, COLOURS[1], "with 1"),
    ):
        x, y = at[which], ratio[which]
        above.plot(*_strokes(x - _HALF, x + _HALF, y, y), color=colour, lw=2.4, label=label)
    own = known["paper"].to_numpy(bool)
    above.plot(at[own], ratio[own], "x", color=PAPER_COLOUR, ms=9, mew=2, label="the paper's")
    above.set(yscale="log", ylabel=ylabel, xticks=[])
    low, high = np.nanmin([ratio.min(), 0.8]), np.nanmax([ratio.max(), 1.25])
    ticks = [t for t in (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10) if low * 0.7 <= t <= high * 1.5]
    above.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    above.set_ylim(low * 0.65, high * 1.6)
    above.minorticks_off()
    figure.legend(loc="outside upper left", ncols=3, columnspacing=0.8, handletextpad=0.2)
    for row, (choice, option) in enumerate(options):
        chosen = at[(known[choice] == option).to_numpy()]
        if not len(chosen):
            continue
        first, last = _runs(chosen)
        y = np.full(len(first), float(row))
        below.plot(
            *_strokes(first - _HALF, last + _HALF, y, y),
            color=PAPER_COLOUR, lw=3.5, solid_capstyle="butt",
        )  # fmt: skip
    below.set_yticks(range(len(options)), [f"{c}: {o}" for c, o in options], fontsize=7.5)
    below.set(ylim=(len(options) - 0.5, -0.5), xlabel="Analyses, in the order of their ratio")
    return figure


def _strokes(x0: Vector, x1: Vector, y0: Vector, y1: Vector) -> tuple[Vector, Vector]:
    """Give strokes between points as one line with gaps: marks weigh three times more."""
    gap = np.full(len(x0), np.nan)
    return np.column_stack([x0, x1, gap]).ravel(), np.column_stack([y0, y1, gap]).ravel()


def _runs(at: Vector) -> tuple[Vector, Vector]:
    """Give the first and last of each run of places that follow each other."""
    breaks = np.flatnonzero(np.diff(at) > 1)
    return at[np.append(0, breaks + 1)], at[np.append(breaks, len(at) - 1)]
