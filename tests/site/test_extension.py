"""What the site adds to Jupyter Book's pages."""

from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from by_hand import product_limit
from docutils.core import publish_doctree
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from sphinx.builders.html._assets import _JavaScript

from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.figures import COLOURS
from reanalysis.site import extension as site


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("T\n=\n\nOne (Fig. 3A), two. Three?\n\nFour.", "One (Fig. 3A), two. Three?"),
        ("T\n=\n\n.. note:: A box.\n\n* An item.\n\nThe\ntext.", "The text."),
        ("T\n=\n\n" + "A long sentence. " * 30, "A long sentence. " * 16 + "A long sentence."),
        ("T\n=\n\n" + "longer " * 60 + "sentence. Next.", "longer " * 60 + "sentence."),
        ("T\n=\n", ""),
    ],
)
def test_a_page_is_described_in_its_first_whole_sentences(page: str, expected: str) -> None:
    # Docutils makes a lone title the document's; a page of the book keeps its section.
    tree = publish_doctree(page, settings_overrides={"doctitle_xform": False})
    assert site.description(tree) == expected


def resource(filename: str = "", **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=filename, attributes=attributes)


def test_a_script_goes_only_where_it_is_used() -> None:
    tabs, hint = resource("design-tabs.js"), resource(body="let toggleHintShow = 'x';")
    assert not site.is_used(tabs, '<p class="x">') and not site.is_used(hint, "<p>")
    assert site.is_used(tabs, '<div class="sd-tab-set">')
    assert site.is_used(hint, '<div class="admonition dropdown">')
    assert site.is_used(resource("book.css"), "")


def test_a_script_waits_for_a_page_and_not_for_the_next_one() -> None:
    """Sphinx has one record of a script for all pages, and the search must not wait."""
    record = _JavaScript("doctools.js", priority=200)
    waiting = site.deferred(record)
    assert (waiting.filename, waiting.priority) == ("doctools.js", 200)
    assert "defer" in waiting.attributes and "defer" not in record.attributes
    options = _JavaScript("documentation_options.js", priority=200)
    assert site.deferred(options) is options


@pytest.mark.parametrize(
    ("corner", "cell"),
    [
        ("<th></th>", "<td></td>"),
        ('<th scope="col" class="text"></th>', '<td class="text"></td>'),
        ('<th class="head"><p></p></th>', '<td class="head"></td>'),
        ("<th>n</th>", "<th>n</th>"),
    ],
)
def test_the_empty_corner_of_a_table_is_no_header(corner: str, cell: str) -> None:
    assert site.EMPTY_HEADER.sub(r"<td\1></td>", corner) == cell


# --- the card ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def groups() -> list[pd.DataFrame]:
    """Give months and events of local control and of survival, from the file's own columns."""
    cohort = load_cohort(SYNTHETIC_COHORT)
    observed = cohort["follow_up_months"]
    if "transplant_months" in cohort:
        # A transplanted liver has no tumour that could fail.
        local = observed.where(cohort["transplant_months"].isna(), cohort["transplant_months"])
        local = np.minimum(local, observed)
    failed = cohort["local_failure"].astype(int)
    local = local.where(failed == 0, cohort["local_failure_months"])
    return [
        pd.DataFrame({"months": local.astype(float), "event": failed}),
        pd.DataFrame({"months": observed.astype(float), "event": cohort["death"].astype(int)}),
    ]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figure, Path]:
    """Draw the card, and keep the figure that it is made of."""
    path = tmp_path_factory.mktemp("card") / "card.png"
    kept: list[Figure] = []

    class Kept(Figure):
        def savefig(self, *args: object, **options: object) -> None:
            kept.append(self)
            super().savefig(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "Figure", Kept)
        with mpl.rc_context():
            site.draw_card(path, "The title of the book")
    (figure,) = kept
    return figure, path


def test_the_card_has_both_curves_with_their_bands_and_names(
    card: tuple[Figure, Path], groups: list[pd.DataFrame]
) -> None:
    (axes,) = card[0].axes
    assert len(axes.lines) == len(axes.collections) == len(groups) == 2
    names = {text.get_text(): text for text in axes.texts}
    for line, band, times, colour, name, side in zip(
        axes.lines,
        axes.collections,
        groups,
        COLOURS,
        ("Local control", "Overall survival"),
        (1, -1),
        strict=False,
    ):
        x, y = (np.asarray(values) for values in line.get_data())
        for month in np.arange(0.03, 60, 3.0):
            expected = 100 * product_limit(times, month)
            assert y[x <= month][-1] == pytest.approx(expected)
            (path,) = band.get_paths()
            assert path.contains_point((month, expected), radius=0.01)
        assert to_hex(line.get_color()) == to_hex(band.get_facecolor()[0]) == colour.lower()
        assert line.get_linewidth() == 4
        here = 100 * product_limit(times, 36)
        text = names[name]
        assert to_hex(text.get_color()) == colour.lower()
        assert text.get_position()[0] == 36
        assert 0 < side * (text.get_position()[1] - here) < 30
    assert axes.get_xlim() == (0, 60) and axes.get_ylim() == (0, 106)
    assert axes.get_xticks().tolist() == [0, 12, 24, 36, 48, 60]
    assert axes.get_yticks().tolist() == [0, 50, 100]


def test_the_card_s_picture_shows_the_curves_where_they_are(
    card: tuple[Figure, Path], groups: list[pd.DataFrame]
) -> None:
    pixels = plt.imread(card[1])[:, :, :3]
    height, width = pixels.shape[:2]
    assert (width, height) == site.CARD_SIZE
    for times, colour in zip(groups, COLOURS, strict=False):
        like = np.abs(pixels - to_rgb(colour)).max(axis=2) < 0.02
        for month in (6.0, 18.0, 30.0, 54.0):
            column = round(width * (0.13 + 0.8 * month / 60))
            rows = np.flatnonzero(like[:, column])
            assert len(rows), (colour, month)
            # From the bottom; the axes are 0.52 of the height, from 0.16 up, for 106 %.
            percent = 106 * ((height - rows) / height - 0.16) / 0.52
            assert np.abs(percent - 100 * product_limit(times, month)).min() < 1


def test_the_card_has_the_book_s_title_on_white(card: tuple[Figure, Path]) -> None:
    figure, path = card
    assert "The title of the book" in [text.get_text() for text in figure.texts]
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    assert b"Software" not in path.read_bytes()
