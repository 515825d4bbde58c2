"""The scheme of the volumes: both places of the lesion inside the ITV, the margin around it."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from reanalysis.page.scheme import LESION, MOVES, plot_target_volumes


@pytest.fixture
def figure() -> Iterator[Figure]:
    figure = plot_target_volumes(5)
    yield figure
    plt.close(figure)


def test_the_margin_is_the_same_on_every_side(figure: Figure) -> None:
    itv, ptv = (p for p in figure.axes[1].patches if isinstance(p, FancyBboxPatch))
    assert (itv.get_width(), itv.get_height()) == (LESION, LESION + MOVES)
    assert ptv.get_width() - itv.get_width() == pytest.approx(2 * 0.5)
    assert ptv.get_height() - itv.get_height() == pytest.approx(2 * 0.5)


def test_every_volume_is_named(figure: Figure) -> None:
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert all(name in words for name in ("GTV", "ITV", "PTV: 5 mm more"))
