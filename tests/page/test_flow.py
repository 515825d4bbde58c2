import matplotlib.pyplot as plt

from reanalysis.page.flow import Box, plot_flow


def test_every_box_and_arrow_is_drawn():
    boxes = {"a": Box(0.5, 0.8, "first"), "b": Box(0.5, 0.2, "second", aside=True)}
    figure = plot_flow(boxes, [("a", "b", "then")])
    shown = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    assert {"first", "second", "then"} <= set(shown)
