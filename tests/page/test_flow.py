"""Flow diagrams: every arrow from the edge of its first box to the edge of its second."""

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from reanalysis.page.figures import NARROW, PAPER_COLOUR
from reanalysis.page.flow import Box, plot_flow

BOXES = {
    "top": Box(0.25, 0.85, "Treated\nn = 459"),
    "aside": Box(0.75, 0.60, "Not included\nn = 157", aside=True),
    "middle": Box(0.25, 0.40, "Included\nn = 302"),
    "right": Box(0.75, 0.40, "Analysed"),
    "bottom": Box(0.75, 0.10, "Followed"),
}
ARROWS = [
    ("top", "middle", "then"),
    ("top", "aside", "not these"),
    ("middle", "right", ""),
    ("right", "bottom", ""),
    ("bottom", "middle", "again"),
]


@pytest.fixture
def figure() -> Iterator[Figure]:
    figure = plot_flow(BOXES, ARROWS)
    figure.canvas.draw()
    yield figure
    plt.close(figure)


def texts(figure: Figure) -> dict[str, Text]:
    shown = figure.axes[0].texts
    return {text.get_text(): text for text in shown if not isinstance(text, Annotation)}


def frame(figure: Figure, name: str) -> Bbox:
    patch = texts(figure)[BOXES[name].text].get_bbox_patch()
    assert patch is not None and patch.get_visible()
    return patch.get_window_extent()


def pixels(figure: Figure, x: float, y: float) -> np.ndarray:
    return figure.axes[0].transData.transform((x, y))


def arrows(figure: Figure) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give the shaft and the head of each arrow, corner by corner, in pixels."""
    found = []
    for note in figure.axes[0].texts:
        if isinstance(note, Annotation):
            assert note.get_visible() and note.arrow_patch.get_visible()
            assert to_hex(note.arrow_patch.get_edgecolor()) == PAPER_COLOUR
            path = note.arrow_patch.get_path()
            real = path.codes != path.CLOSEPOLY  # whose place means nothing
            begins = np.flatnonzero(path.codes[real] == path.MOVETO)
            parts = np.split(path.vertices[real], begins[1:])
            assert len(parts) == 2, "a shaft and one head"
            found.append((parts[0], parts[1]))
    return found


def outside(box: Bbox, point: np.ndarray) -> float:
    """How far a point lies from the edge of a box, in pixels; negative inside."""
    x, y = point
    return max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1)


def test_every_arrow_leads_from_one_box_to_the_other(figure: Figure) -> None:
    drawn = arrows(figure)
    assert len(drawn) == len(ARROWS)
    for (shaft, head), (start, end, _) in zip(drawn, ARROWS, strict=True):
        # It begins at the edge of the first box,
        assert abs(outside(frame(figure, start), shaft[0])) < 3
        # its head touches the edge of the second,
        assert min(abs(outside(frame(figure, end), corner)) for corner in head) < 3
        # and lies at the end of the shaft, not at its beginning.
        distance = np.linalg.norm(head - shaft[-1], axis=1).max()
        assert distance < 20 < np.linalg.norm(head - shaft[0], axis=1).min()
        assert np.ptp(head[:, 0]) > 2 and np.ptp(head[:, 1]) > 2


def test_an_arrow_points_at_its_box(figure: Figure) -> None:
    for (shaft, head), (_, end, _) in zip(arrows(figure), ARROWS, strict=True):
        tip = min(head, key=lambda corner: abs(outside(frame(figure, end), corner)))
        others = [c for c in head if np.linalg.norm(c - tip) > 1]
        assert len(others) >= 2
        assert all(
            outside(frame(figure, end), c) > outside(frame(figure, end), tip) for c in others
        )
        assert outside(frame(figure, end), shaft[-1]) > -1


def test_an_arrow_between_boxes_in_line_is_straight(figure: Figure) -> None:
    down, _, across, below, _ = arrows(figure)
    assert np.ptp(down[0][:, 0]) < 0.5 and down[0][0, 1] > down[0][-1, 1]
    assert np.ptp(across[0][:, 1]) < 0.5 and across[0][0, 0] < across[0][-1, 0]
    assert np.ptp(below[0][:, 0]) < 0.5 and below[0][0, 1] > below[0][-1, 1]


@pytest.mark.parametrize(("which", "corner"), [(1, (0.25, 0.60)), (4, (0.25, 0.10))])
def test_an_arrow_turns_one_corner(figure: Figure, which: int, corner: tuple[float, float]) -> None:
    # What is aside is branched off the way down; everything else is reached from below or above.
    shaft, _ = arrows(figure)[which]
    turn = pixels(figure, *corner)
    assert np.linalg.norm(shaft - turn, axis=1).min() < 1
    for point in shaft:
        assert min(abs(point - turn)) < 1  # on the vertical or on the horizontal through it


def test_every_box_stands_at_its_place_with_its_text(figure: Figure) -> None:
    shown = texts(figure)
    for name, box in BOXES.items():
        assert shown[box.text].get_position() == (box.x, box.y)
        found, (x, y) = frame(figure, name), pixels(figure, box.x, box.y)
        assert found.x0 < x < found.x1 and found.y0 < y < found.y1
    boxes = [frame(figure, name) for name in BOXES]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_what_stands_aside_is_dashed(figure: Figure) -> None:
    for box in BOXES.values():
        patch = texts(figure)[box.text].get_bbox_patch()
        assert patch is not None
        assert patch.get_linestyle() == ("--" if box.aside else "-")
        assert to_hex(patch.get_facecolor()) == ("#ffffff" if box.aside else "#f2f6f9")
        assert to_hex(patch.get_edgecolor()) == PAPER_COLOUR
        assert patch.get_linewidth() > 0


def test_the_label_of_an_arrow_stands_on_it(figure: Figure) -> None:
    shown = texts(figure)
    # In the middle of a straight one, at the corner of another.
    assert shown["then"].get_position() == (0.25, (0.85 + 0.40) / 2)
    assert shown["again"].get_position() == (0.25, 0.10)
    assert shown["not these"].get_position() == (0.25, 0.60)
    assert set(shown) == {box.text for box in BOXES.values()} | {"then", "again", "not these"}
    for label, which in (("then", 0), ("not these", 1), ("again", 4)):
        patch = shown[label].get_bbox_patch()
        assert patch is not None and to_hex(patch.get_facecolor()) == "#ffffff"
        shaft, _ = arrows(figure)[which]
        centre = pixels(figure, *shown[label].get_position())
        low, high = shaft.min(axis=0) - 1, shaft.max(axis=0) + 1
        assert (low <= centre).all() and (centre <= high).all()


def test_a_label_between_boxes_side_by_side_stands_between_them() -> None:
    boxes = {"a": Box(0.2, 0.5, "a"), "b": Box(0.8, 0.5, "b")}
    figure = plot_flow(boxes, [("a", "b", "to")])
    assert texts(figure)["to"].get_position() == (0.5, 0.5)
    plt.close(figure)


def test_the_height_is_as_asked_for() -> None:
    figure = plot_flow(BOXES, [], height=2.5)
    assert figure.get_figheight() == 2.5 and not figure.axes[0].axison
    assert arrows(figure) == []
    plt.close(figure)


def test_the_stored_picture_has_the_arrows_too(figure: Figure) -> None:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue())
    heads = [
        path
        for path in root.iter("{http://www.w3.org/2000/svg}path")
        if f"fill: {PAPER_COLOUR}" in path.get("style", "")
        and f"stroke: {PAPER_COLOUR}" in path.get("style", "")
        and len(re.findall("L", path.get("d", ""))) in (2, 3)
    ]
    assert len(heads) == len(ARROWS)


@pytest.mark.parametrize("width", [7.0, NARROW])
def test_no_frame_is_cut_off(width: float) -> None:
    """A box near an edge reaches beyond the axes; the picture is cut to what is drawn."""
    boxes = {"a": Box(0.02, 0.02, "wide, and low"), "b": Box(0.98, 0.98, "high", aside=True)}
    figure = plot_flow(boxes, [], height=2.5)
    figure.set_size_inches(width, 2.5)
    figure.canvas.draw()
    kept = figure.get_tightbbox()
    for text in texts(figure).values():
        patch = text.get_bbox_patch()
        assert patch is not None
        frame = patch.get_window_extent().padded(-1)
        assert kept.x0 * figure.dpi <= frame.x0 and frame.x1 <= kept.x1 * figure.dpi
        assert kept.y0 * figure.dpi <= frame.y0 and frame.y1 <= kept.y1 * figure.dpi
    plt.close(figure)
