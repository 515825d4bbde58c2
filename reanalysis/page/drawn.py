"""What a figure has in it, in words and numbers that do not depend on the machine.

A picture's bytes differ between processors in its last digits, so that no test can compare them.
This text can be compared: every line, band, bar, tick and arrow with its place, to four digits.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Annotation, Text


def what_is_drawn(figure: Figure) -> tuple[str, ...]:
    """Describe everything that is drawn in a figure's plots.

    Parameters
    ----------
    figure
        A figure; it must have been drawn, which places the ticks.

    Returns
    -------
    tuple of str
        One line for each plot, and one for each thing in it, in the order of drawing.
    """
    plots = [plot for axes in figure.axes for plot in (axes, *axes.child_axes)]
    return tuple(line for plot in plots if isinstance(plot, Axes) for line in _plot(plot))


def _plot(axes: Axes) -> Iterator[str]:
    if axes.axison:
        sides = (
            f"{name} {_number(min(limits))} to {_number(max(limits))}"
            + (" downwards" if limits[0] > limits[1] else "")
            + (f" {axis.get_scale()}" if axis.get_scale() != "linear" else "")
            + f" ({_quoted(axis.get_label_text())}; {_ticks(axis, limits)})"
            for name, axis, limits in (
                ("x", axes.xaxis, axes.get_xlim()),
                ("y", axes.yaxis, axes.get_ylim()),
            )
        )
        yield f"Plot: {', '.join(sides)}"
    else:
        yield "Plot without axes"
    for line in axes.lines:
        yield f"- {_line(line)}"
    for collection in axes.collections:
        yield f"- {_collection(collection)}"
    for bars in axes.containers:
        if isinstance(bars, BarContainer) and len(bars):
            yield f"- {_bars(bars)}"
    for text in axes.texts:
        yield from (f"- {words}" for words in _text(text))
    if legend := axes.get_legend():
        yield f"- legend: {', '.join(_quoted(text.get_text()) for text in legend.get_texts())}"


def _line(line: Line2D) -> str:
    marker = line.get_marker()
    looks = [
        f"line {line.get_linestyle()}" if line.get_linestyle() not in ("None", "") else "",
        f"markers {marker}" if marker not in ("None", "", None) else "",
    ]
    label = str(line.get_label())
    name = "" if label.startswith("_") else f" {_quoted(label)}"
    # As they are drawn: the names of categories have become places.
    drawn = line.get_xdata(orig=False), line.get_ydata(orig=False)
    x, y = (np.asarray(data, dtype=float) for data in drawn)
    what = ", ".join(filter(None, looks)) or "nothing"
    return f"{what} {to_hex(line.get_color())}{name}: {_places(x, y)}"


def _collection(collection: Collection) -> str:
    colours = np.unique([to_hex(c) for c in np.atleast_2d(_colours(collection))]).tolist()
    if isinstance(collection, PathCollection):
        kind, places = "points", np.ma.filled(collection.get_offsets(), np.nan)
    else:
        kind = "segments" if isinstance(collection, LineCollection) else "area"
        parts = [path.vertices for path in collection.get_paths()]
        places = np.concatenate(parts) if parts else np.empty((0, 2))
    return f"{kind} {' '.join(colours)}: {_places(places[:, 0], places[:, 1])}"


def _colours(collection: Collection) -> npt.NDArray[np.float64]:
    filled = np.asarray(collection.get_facecolor())
    return filled if len(filled) else np.asarray(collection.get_edgecolor())


def _bars(bars: BarContainer) -> str:
    across = bars.orientation == "horizontal"
    lengths = [bar.get_width() if across else bar.get_height() for bar in bars]
    feet = [bar.get_y() if across else bar.get_x() for bar in bars]
    starts = [bar.get_x() if across else bar.get_y() for bar in bars]
    looks = dict.fromkeys(f"{to_hex(bar.get_facecolor())}{bar.get_hatch() or ''}" for bar in bars)
    return (
        f"{len(bars)} bars {'across' if across else 'upright'} {' '.join(looks)}: "
        f"from {_number(min(feet))} to {_number(max(feet))}, "
        + (f"stacked on {_list(starts)}, " if any(starts) else "")
        + f"long {_list(lengths)}"
    )


def _text(text: Text) -> Iterator[str]:
    words = text.get_text()
    if words:
        x, y = text.xy if isinstance(text, Annotation) else text.get_position()
        yield f"text {_quoted(words)} at {_number(x)}, {_number(y)}"
    if isinstance(text, Annotation) and isinstance(text.arrow_patch, FancyArrowPatch):
        (x, y), (to_x, to_y) = text.get_position(), text.xy
        yield (f"arrow from {_number(x)}, {_number(y)} to {_number(to_x)}, {_number(to_y)}")


def _places(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    count = f"{len(x)} {'place' if len(x) == 1 else 'places'}"
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return count
    sides = (f"{name} {_spread(values[known])}" for name, values in (("x", x), ("y", y)))
    return f"{count}, {', '.join(sides)}"


def _spread(values: npt.NDArray[np.float64]) -> str:
    low, high = values.min(), values.max()
    if low == high:
        return _number(low)
    # The mean and the spread tell curves apart that end where they begin.
    mean, width = values.mean(), values.std()
    mean = 0.0 if abs(mean) < 1e-9 * (high - low) else mean
    return f"{_number(low)} to {_number(high)} (mean {_number(mean)}, SD {_number(width)})"


def _ticks(axis: Axis, limits: tuple[float, float]) -> str:
    ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
    inside = [text.get_text() for at, text in ticks if min(limits) <= at <= max(limits)]
    shown = [_quoted(text) for text in inside if text]
    return f"ticks {' '.join(shown)}" if shown else "no ticks"


def _list(values: list[float]) -> str:
    return " ".join(map(_number, values))


def _quoted(text: str) -> str:
    """Put a text into quotes, on one line."""
    return '"' + " / ".join(text.split("\n")) + '"'


def _number(value: float) -> str:
    """Print four digits. What lies in the middle of two goes up, whatever its last bit."""
    return f"{float(value) * (1 + 1e-9):.4g}"
