"""Figures: vector, the same on each run, with text for who cannot see them."""

import base64
import re
from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from reanalysis.analysis.survival import kaplan_meier
from reanalysis.page.figures import COLOURS, Shown, plot_survival, set_style

TIMES = pd.DataFrame({"months": [5.0, 10, 15, 20, 40], "event": [1, 0, 1, 0, 0]})


@pytest.fixture(autouse=True)
def style():
    set_style()
    yield
    plt.close("all")


def draw() -> Shown:
    curve = kaplan_meier(TIMES)
    figure = plot_survival({"A": curve, "B": curve}, "Local control", paper_rate=(36, 91.2))
    return Shown(figure, alt='Two "curves" & more', caption="A <caption>")


def test_a_figure_is_the_same_on_each_run():
    assert draw().svg == draw().svg


def test_a_figure_is_vector_with_alternative_text_and_caption():
    html = draw()._repr_html_()
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert base64.b64decode(data).lstrip().startswith(b"<?xml")
    assert 'alt="Two &quot;curves&quot; &amp; more"' in html
    assert "<figcaption>A &lt;caption&gt;</figcaption>" in html


def test_a_shown_figure_is_closed():
    draw()
    assert plt.get_fignums() == []


def test_numbers_at_risk_stand_below_the_curve():
    axes = plot_survival({"All": kaplan_meier(TIMES)}, "LC", months=(0, 10, 20)).axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert "Number at risk" in texts
    assert [t for t in texts if t.isdigit()] == ["5", "4", "2"]


def test_neighbouring_colours_differ_in_lightness():
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert len(set(COLOURS)) == len(COLOURS)
    for first, second in pairwise(COLOURS):
        assert abs(lightness(first) - lightness(second)) > 10
