"""One ratio in several ways, as a table and as a figure: a cohort, the ensemble and the paper."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reanalysis.analysis.regression import ESTIMATE
from reanalysis.compare.spread import spread, verdicts
from reanalysis.core.disclosure import Policy
from reanalysis.core.errors import NotEstimable
from reanalysis.page.agreeing import HEADS, RULE
from reanalysis.page.figures import COLOURS, PAPER_COLOUR, Shown, canvas
from reanalysis.page.here import Here
from reanalysis.page.table import Table

_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
_WIDEST = (0.01, 200.0)  # beyond which an interval is cut off
_CLOUD = "#9aa5b1"


class Ways:
    """A ratio of one cohort in several ways.

    Parameters
    ----------
    here
        The cohort.
    table
        One row per way, index its name: ``ratio``, ``lower``, ``upper``, perhaps ``p``, blank where
        there is no estimate. Any further columns count events that the way compares: a row in
        which one is too small is hidden.
    name
        What the ratio is of, such as ``'Hazard of death, no CR over CR'``.
    family
        Of the same statistics over the ensemble (``reanalysis.compare.claims``); without one
        nothing of the ensemble is shown.
    paper
        The paper's ratio by way, where it has one.
    hide
        Which rows rest on too few events, if the table has no counts that say so.
    """

    def __init__(
        self,
        here: Here,
        table: pd.DataFrame,
        name: str,
        family: str = "",
        paper: Mapping[str, float] | None = None,
        hide: Sequence[bool] = (),
    ) -> None:
        self.here, self.name, self.family = here, name, family
        self.paper = dict(paper or {})
        counted = [column for column in table if column not in ESTIMATE]
        counts = table[counted].fillna(0).astype(int)
        few = [not all(map(here.policy.may_show, row)) for row in counts.to_numpy()]
        self.hide = np.array(list(hide) or few, dtype=bool)
        self.counts = here.cells(counts) if counted else counts
        self.estimates = table[[column for column in table if column in ESTIMATE]]

    def table(self, caption: str = "", note: str = "") -> Table:
        """Print them beside what the ensemble says."""
        shown = self.here.ratios(self.estimates, "this cohort (95 % CI)", self.hide.tolist())
        shown = shown.join(self.counts)
        if self.paper:
            shown.insert(0, "paper", [_printed(self.paper.get(str(name))) for name in shown.index])
        if self.family:
            said = verdicts(self.family)
            shown = shown.join((said["range"] + ": " + said["verdict"]).rename(HEADS["range"]))
            note = f"{note} {RULE}".strip()
        return self.here.table(shown, caption or self.name, note, counts=[])

    def figure(self, remark: str = "") -> Shown:
        """Draw them, from the top: points with intervals, and a dot for each cohort that agrees."""
        visible = self.estimates[~self.hide]
        shown = self.here.ratios(visible, "ratio")["ratio"]
        values = "; ".join(f"{name}: {text}" for name, text in shown.items())
        dots = cross = ""
        if self.family:
            dots = "; each pale dot is one cohort that agrees with the paper"
        if self.paper:
            cross = "; the cross is the paper's"
        return self.here.figure(
            plot_ways(
                visible.reindex(self.estimates.index),
                self.here.policy,
                spread(self.family) if self.family else None,
                self.paper,
            ),
            alt=f"{self.name}. {values}.",
            caption=f"{self.name}. Points with 95 % intervals are this cohort{dots}{cross}. "
            f"{remark}".strip(),
        )


def _printed(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def plot_ways(
    ways: pd.DataFrame,
    policy: Policy,
    others: pd.DataFrame | None = None,
    paper: Mapping[str, float] | None = None,
) -> Figure:
    """Draw a ratio computed in several ways: this cohort's, the ensemble's and the paper's.

    Parameters
    ----------
    ways
        One row per way, index its name: ``ratio``, ``lower``, ``upper``; blank where there is none
        or none may be shown.
    policy
        What may be shown of them.
    others
        One row per cohort that agrees with the paper, columns the same names.
    paper
        The paper's ratio, of the ways that it has one of.

    Returns
    -------
    matplotlib.figure.Figure
        Logarithmic axis; one line per way from the top.

    Raises
    ------
    NotEstimable
        If there is nothing to draw.
    """
    if ways["ratio"].isna().all() and others is None:
        raise NotEstimable("this cohort has none of these ratios")
    figure, axes = canvas(0.42 * len(ways) + 1.2)
    own = policy.estimate(ways[["ratio", "lower", "upper"]].astype(float))
    rows = np.arange(len(ways))
    parts = [own.to_numpy().ravel(), np.array(list((paper or {}).values()))]
    axes.axvline(1, color=PAPER_COLOUR, lw=0.8)
    if others is not None:
        values = others[list(ways.index)].to_numpy(float)
        parts.append(values.ravel())
        axes.plot(values.ravel(), np.tile(rows + 0.2, len(values)), ".", color=_CLOUD, ms=4)
        axes.plot([], [], ".", color=_CLOUD, ms=5, label="cohorts that agree")
    axes.hlines(rows - 0.12, own["lower"], own["upper"], color=COLOURS[0], lw=1.6)
    axes.plot(own["ratio"], rows - 0.12, "o", color=COLOURS[0], ms=6, label="this cohort")
    if paper:
        at = [_place(ways.index, name) - 0.12 for name in paper]
        style = {"color": PAPER_COLOUR, "ms": 8, "mew": 1.8}
        axes.plot(list(paper.values()), at, "x", label="paper", **style)
    known = np.concatenate(parts)
    known = np.clip(known[np.isfinite(known) & (known > 0)], *_WIDEST)
    low, high = min(0.8, 0.9 * known.min()), max(1.25, 1.1 * known.max())
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    axes.set(xscale="log", xlim=(low, high), xlabel="Hazard ratio", ylim=(len(ways) - 0.5, -0.5))
    axes.set_yticks(rows, [str(name) for name in ways.index])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=3)
    return figure


def _place(index: pd.Index, name: Hashable) -> int:
    return list(index).index(name)
