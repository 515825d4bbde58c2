"""A scheme of what is treated: the lesion after TACE, and the volumes around it."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyBboxPatch, Patch

from reanalysis.page.figures import COLOURS, PAPER_COLOUR, WIDTH

VIABLE, OIL, ITV, PTV = COLOURS[1], "#D9D9D9", COLOURS[0], COLOURS[3]
CENTRE = (0.0, 0.0)
LESION = 2.6  # diameter, cm: made up, as everything here
MOVES = 0.8  # between the two ends of the gate, cm


def plot_target_volumes(margin_mm: float) -> Figure:
    """Draw a made-up lesion after incomplete TACE, and GTV, ITV and PTV around it.

    Parameters
    ----------
    margin_mm
        From the ITV to the PTV.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels to one scale: the lesion, viable tumour beside the oil; and the same at either
        end of the gate, with the volumes that are drawn around both.
    """
    figure, (lesion, volumes) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), layout="constrained")
    _lesion(lesion, CENTRE, 1.0)
    _name(lesion, "GTV: both", (0.6, 1.15), (1.3, 2.2), PAPER_COLOUR)
    for y in (MOVES / 2, -MOVES / 2):
        _lesion(volumes, (0.0, y), 0.45)
    _outline(volumes, 0.0, ITV, "--")
    _outline(volumes, margin_mm / 10, PTV, "-")
    _name(volumes, "GTV, at either\nend of the gate", (0.0, -0.2), (0.0, -0.2), PAPER_COLOUR)
    _name(volumes, "ITV", (0.7, 1.5), (1.9, 2.4), ITV)
    _name(volumes, f"PTV: {margin_mm:g} mm more", (-1.2, 1.82), (-1.1, 2.75), PTV)
    for axes, title in ((lesion, "The lesion"), (volumes, "What is drawn around it")):
        axes.set(xlim=(-2.4, 2.4), ylim=(-2.6, 3.1), aspect="equal", title=title)
        axes.set_axis_off()
    keys = [
        Patch(fc=VIABLE, label="viable: takes up contrast"),
        Patch(fc=OIL, ec=PAPER_COLOUR, label="iodized oil"),
    ]
    lesion.legend(handles=keys, loc="lower center", borderaxespad=0.0)
    return figure


def _lesion(axes: Axes, centre: tuple[float, float], alpha: float) -> None:
    x, y = centre
    axes.add_patch(Ellipse(centre, LESION, LESION, fc=VIABLE, ec="none", alpha=alpha))
    oil = Ellipse((x - 0.3, y - 0.15), 1.9, 1.9, fc=OIL, ec=PAPER_COLOUR, lw=0.5)
    oil.set_alpha(alpha)
    axes.add_patch(oil)
    axes.add_patch(Ellipse(centre, LESION, LESION, fc="none", ec=PAPER_COLOUR, lw=0.9))


def _outline(axes: Axes, margin: float, colour: str, line: str) -> None:
    """Draw what lies no farther than a margin from either place of the lesion."""
    wide, high = LESION + 2 * margin, LESION + MOVES + 2 * margin
    shape = f"round,pad=0,rounding_size={wide / 2}"
    patch = FancyBboxPatch((-wide / 2, -high / 2), wide, high, boxstyle=shape, fc="none")
    patch.set(edgecolor=colour, linewidth=1.8, linestyle=line)
    axes.add_patch(patch)


def _name(
    axes: Axes, text: str, tip: tuple[float, float], place: tuple[float, float], colour: str
) -> None:
    apart = tip != place
    arrow = {"arrowstyle": "-", "color": colour, "lw": 0.9} if apart else None
    frame = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    axes.annotate(
        text, tip, place, ha="center", va="center", color=colour, arrowprops=arrow, bbox=frame
    )
