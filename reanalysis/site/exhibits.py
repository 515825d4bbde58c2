"""What a built site shows, as whoever attacks it reads it: tables, drawings and widgets' data.

Pages and notebooks to download carry the same outputs; what stands in both is given once.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reanalysis.site.markup import Node, parse

Points = npt.NDArray[np.float64]

# Everything on this page is about people who were made up.
MADE_UP_PAGES = ("synthetic_cohort",)
_STATE = "application/vnd.jupyter.widget-state+json"
_PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=\s]+)")
_MOVES = re.compile(r"[ML] (-?[\d.]+) (-?[\d.]+)")
_AXES = re.compile(r'<g id="axes_\d+">')
_TICK = re.compile(
    r'<g id="(x|y)tick_\d+">.*?<use [^>]*\bx="(-?[\d.]+)" y="(-?[\d.]+)".*?<!-- (.*?) -->',
    re.DOTALL,
)
_TICKS = re.compile(r'<g id="matplotlib\.axis_\d+">.*?\n   </g>', re.DOTALL)
_DRAWN = re.compile(r'<g id="((?:line2d|patch|\w*Collection)_\d+)">(.*?)\n   </g>', re.DOTALL)


@dataclass(frozen=True)
class Grid:
    """A table of a page: its caption and its rows of texts, the first one its head."""

    page: str
    caption: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Widget:
    """What a widget carries."""

    page: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """One pair of axes of a picture, in the units of its axes.

    Attributes
    ----------
    page
        Where it stands.
    words
        The texts in it, such as the names of its axes.
    lines
        Corners of its lines, shape (points, 2).
    bars
        Left, right, bottom and top of its bars, shape (bars, 4).
    """

    page: str
    words: tuple[str, ...]
    lines: tuple[Points, ...]
    bars: Points


@dataclass(frozen=True)
class Exhibits:
    """Everything that a site shows of a cohort."""

    tables: tuple[Grid, ...]
    widgets: tuple[Widget, ...]
    plots: tuple[Plot, ...]


def exhibits(site: Path) -> Exhibits:
    """Read what a site shows.

    Parameters
    ----------
    site
        Folder of the built site.
    """
    tables: dict[tuple[str, str], Grid] = {}
    widgets: dict[str, Widget] = {}
    plots: dict[str, list[Plot]] = {}
    for path in sorted([*site.rglob("*.html"), *site.rglob("*.ipynb")]):
        if path.stem in MADE_UP_PAGES or "_static" in path.parts:
            continue
        page = path.relative_to(site).as_posix()
        for markup, states in _parts(path):
            for grid in _grids(markup, page):
                tables.setdefault((grid.caption, str(grid.rows)), grid)
            for picture in _PICTURE.findall(markup):
                if picture not in plots:
                    plots[picture] = []
                    with suppress(ValueError):  # no picture of the book's
                        plots[picture] = list(_plots(base64.b64decode(picture).decode(), page))
            for state in states:
                widget = Widget(page, str(state.get("_name", "")), state["_data"])
                widgets.setdefault(json.dumps(widget.data, sort_keys=True), widget)
    drawn = tuple(plot for some in plots.values() for plot in some)
    return Exhibits(tuple(tables.values()), tuple(widgets.values()), drawn)


def _parts(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the markup of a page or of a notebook's outputs, and the states of its widgets."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".html":
        article = re.search(r"<article.*</article>", text, re.DOTALL)
        states = re.findall(rf'<script type="{re.escape(_STATE)}">(.*?)</script>', text, re.DOTALL)
        yield article[0] if article else "", [s for state in states for s in _states(state)]
        return
    try:
        notebook = json.loads(text)
    except ValueError:  # the audit reads it as text
        return
    stored = notebook.get("metadata", {}).get("widgets", {}).get(_STATE)
    yield "", _states(json.dumps(stored)) if stored else []
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            markup = output.get("data", {}).get("text/html", "")
            yield "".join(markup), []


def _states(text: str) -> list[dict[str, Any]]:
    try:
        models = json.loads(text)["state"].values()
        return [model["state"] for model in models if "_data" in model.get("state", {})]
    except (ValueError, KeyError, TypeError, AttributeError):  # the state of no widget
        return []


def _grids(markup: str, page: str) -> Iterator[Grid]:
    if "<table" not in markup:
        return
    for node in parse(markup).nodes:
        if node.tag == "table":
            rows = [row for row in _descendants(node) if row.tag == "tr"]
            cells = tuple(tuple(cell.text for cell in row.children) for row in rows)
            captions = [part.text for part in node.children if part.tag == "caption"]
            yield Grid(page, captions[0] if captions else "", cells)


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _descendants(child)


def _plots(picture: str, page: str) -> Iterator[Plot]:
    """Read the axes of a picture back into their own units."""
    starts = [match.start() for match in _AXES.finditer(picture)]
    for start, end in zip(starts, [*starts[1:], len(picture)], strict=True):
        part = picture[start:end]
        sides = {side: _scale(part, side) for side in "xy"}
        words = tuple(re.findall(r"<!-- (.*?) -->", part))
        lines, bars = [], []
        for name, drawn in _DRAWN.findall(_TICKS.sub("", part)):
            points = np.array(_MOVES.findall(drawn), dtype=float).reshape(-1, 2)
            if len(points) < 2 or name == "patch_2":
                continue
            for column, side in enumerate("xy"):
                if (scale := sides[side]) is not None:
                    points[:, column] = scale[0] * points[:, column] + scale[1]
                    if scale[2]:
                        points[:, column] = 10 ** points[:, column]
                else:
                    points[:, column] = np.nan
            if name.startswith("patch"):
                low, high = points.min(axis=0), points.max(axis=0)
                if (high - low > 1e-9).all():  # else it is the frame of the plot
                    bars.append([low[0], high[0], low[1], high[1]])
            elif name.startswith("line2d"):
                lines.append(points)
        yield Plot(page, words, tuple(lines), np.array(bars, dtype=float).reshape(-1, 4))


def _scale(part: str, side: str) -> tuple[float, float, bool] | None:
    """Find how places on the paper become numbers of an axis, from its ticks.

    Returns
    -------
    tuple or None
        Factor, summand, and whether the axis is logarithmic; None without two numbers.
    """
    known = []
    for name, x, y, label in _TICK.findall(part):
        try:
            number = float(label.split()[0].replace("\N{MINUS SIGN}", "-"))
        except (ValueError, IndexError):
            continue
        if name == side:
            known.append((float(x if side == "x" else y), number))
    if len(known) < 2:
        return None
    places, numbers = np.array(known).T
    for logarithmic in (False, True):
        if logarithmic and (numbers <= 0).any():
            return None
        values = np.log10(numbers) if logarithmic else numbers
        factor, summand = np.polyfit(places, values, 1)
        if np.abs(factor * places + summand - values).max() < 1e-3 * max(np.ptp(values), 1e-9):
            return float(factor), float(summand), logarithmic
    return None
