"""Flow diagrams: boxes of text joined by arrows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from reanalysis.page.figures import PAPER_COLOUR, WIDTH


@dataclass(frozen=True)
class Box:
    """A box of a flow diagram.

    Attributes
    ----------
    x, y
        Its centre, as fractions of the figure's width and height.
    text
        What it says.
    aside
        Whether it stands beside the main path; drawn dashed.
    """

    x: float
    y: float
    text: str
    aside: bool = False


class _Framed(Text):
    """A text that takes the room of its frame, so that a picture cut to fit keeps that whole."""

    def get_tightbbox(self, renderer: RendererBase | None = None) -> Bbox:
        frame = self.get_bbox_patch()
        return self.get_window_extent(renderer) if frame is None else frame.get_window_extent()


def plot_flow(
    boxes: Mapping[str, Box], arrows: Sequence[tuple[str, str, str]], height: float = 3.6
) -> Figure:
    """Draw a flow diagram.

    Parameters
    ----------
    boxes
        By name.
    arrows
        From box, to box, label (may be empty). An arrow between boxes that are neither above
        nor beside each other turns one corner.
    height
        Of the figure, in inches.
    """
    figure, axes = plt.subplots(figsize=(WIDTH, height))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    texts = {
        name: _Framed(
            box.x,
            box.y,
            box.text,
            ha="center",
            va="center",
            fontsize=9,
            linespacing=1.4,
            clip_on=False,
            bbox={
                "boxstyle": "round,pad=0.6,rounding_size=0.25",
                "facecolor": "white" if box.aside else "#F2F6F9",
                "edgecolor": PAPER_COLOUR,
                "linestyle": "--" if box.aside else "-",
            },
        )
        for name, box in boxes.items()
    }
    for text in texts.values():
        axes.add_artist(text)
    figure.canvas.draw()  # places the frames, at which the arrows begin and end
    for start, end, label in arrows:
        first, last = boxes[start], boxes[end]
        # What is aside is branched off the way down; everything else is reached from the side.
        corner = (first.x, last.y) if last.aside else (last.x, first.y)
        straight = corner in ((first.x, first.y), (last.x, last.y))
        bend = "angle,angleA=-90,angleB=180" if last.aside else "angle,angleA=180,angleB=-90"
        axes.annotate(
            "",
            (last.x, last.y),
            (first.x, first.y),
            arrowprops={
                "arrowstyle": "-|>",
                "connectionstyle": "arc3" if straight else bend,
                "color": PAPER_COLOUR,
                "patchA": texts[start].get_bbox_patch(),
                "patchB": texts[end].get_bbox_patch(),
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        if label:
            axes.text(
                *(((first.x + last.x) / 2, (first.y + last.y) / 2) if straight else corner),
                label,
                ha="center",
                va="center",
                fontsize=9,
                color=PAPER_COLOUR,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )
    return figure
