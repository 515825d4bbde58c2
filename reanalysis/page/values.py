"""What a figure has in it, as rows for a spreadsheet.

They are read from what is drawn, so that they say nothing that the picture does not.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

COLUMNS = ("plot", "what", "name", "x", "y")
_Row = tuple[str, str, str, float, float]


def figure_csv(figure: Figure) -> str:
    """Give everything that is drawn in a figure's plots as CSV.

    Parameters
    ----------
    figure
        A figure.

    Returns
    -------
    str
        A head and a row for each place, with four digits: the plot (the name of its vertical
        axis), what is there (``line``, ``lower limit``, ``upper limit``, ``segment``, ``point``,
        ``bar``), its name in the legend, and its place in the units of the axes. Of a staircase the
        last value at each place, which holds until the next; empty if nothing is drawn.
    """
    rows = [row for axes in figure.axes for row in _plot(axes)]
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for *words, x, y in rows:
        writer.writerow([*words, f"{x:.4g}", f"{y:.4g}"])
    return text.getvalue()


def _plot(axes: Axes) -> Iterator[_Row]:
    plot = axes.get_ylabel() or axes.get_title()
    for line in axes.lines:
        label = str(line.get_label())
        name = "" if label.startswith("_") else label
        what = "line" if line.get_linestyle() not in ("None", "") else "point"
        yield from ((plot, what, name, x, y) for x, y in _places(line))
    names = [str(line.get_label()) for line in axes.lines if str(line.get_label())[0] != "_"]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    for i, band in enumerate(bands):
        named = names[i] if len(names) >= len(bands) else ""
        yield from ((plot, what, named, x, y) for what, x, y in _limits(band))
    for collection in axes.collections:
        if isinstance(collection, PathCollection):
            places = np.ma.filled(collection.get_offsets(), np.nan)
            yield from ((plot, "point", "", float(x), float(y)) for x, y in places)
        elif isinstance(collection, LineCollection):
            for segment in collection.get_segments():
                yield from ((plot, "segment", "", float(x), float(y)) for x, y in segment)
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            for bar in bars:
                middle = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2
                across = bars.orientation == "horizontal"
                x, y = (bar.get_width(), middle[1]) if across else (middle[0], bar.get_height())
                yield plot, "bar", "", float(x), float(y)


def _places(line: Line2D) -> Iterator[tuple[float, float]]:
    x, y = (np.asarray(v, dtype=float) for v in line.get_data(orig=False))
    yield from _last_at_each(x, y)


def _limits(band: PolyCollection) -> Iterator[tuple[str, float, float]]:
    """Take the two sides of a band apart: there along one, back along the other."""
    (path, *_) = band.get_paths()
    corners = np.asarray(path.vertices, dtype=float)[:-1]
    turn = len(corners) // 2
    for what, side in (("lower limit", corners[1:turn]), ("upper limit", corners[:turn:-1])):
        for x, y in _last_at_each(side[:, 0], side[:, 1]):
            yield what, x, y


def _last_at_each(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> Iterator[tuple[float, float]]:
    rising = bool((np.diff(x) >= 0).all())
    for i in range(len(x)):
        if not (rising and i + 1 < len(x) and x[i + 1] == x[i]):
            yield float(x[i]), float(y[i])
