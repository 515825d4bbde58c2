"""HTML and script in a cohort file are text wherever the package writes HTML."""

import json
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from hostile import HOSTILE, TAGS
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from reanalysis.core.errors import CannotShow
from reanalysis.intake.template import write_template
from reanalysis.page.figures import Shown
from reanalysis.page.notebook import Note, say
from reanalysis.page.table import Table
from reanalysis.page.widgets.base import BookWidget
from reanalysis.page.widgets.still import still_table
from reanalysis.site import build as book
from reanalysis.site import extension as site

FRAME = pd.DataFrame(
    {f"column {HOSTILE}": [HOSTILE, "plain"], "n": [10, 20]},
    index=pd.Index([HOSTILE, "row"], name=f"index {HOSTILE}"),
).rename_axis(columns=f"group {HOSTILE}")


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_comment(self, data: str) -> None:
        self.tags.add("!--")

    def handle_data(self, data: str) -> None:
        self.text += data


def elements(markup: str) -> _Elements:
    parser = _Elements()
    parser.feed(markup)
    parser.close()
    return parser


def assert_text_alone(markup: str) -> None:
    """Nothing of what is hostile became an element or an attribute, and none of it is lost."""
    found = elements(markup)
    assert not found.tags & {"script", "img", "svg", "!--"}
    assert not {name for name in found.attributes if name.startswith("on") or name == "autofocus"}
    assert all(tag in found.text for tag in TAGS)


def test_the_parser_sees_what_is_not_escaped() -> None:
    assert elements(HOSTILE).tags >= {"script", "img"}
    assert "onfocus" in elements(f'<p title="{TAGS[4]}">').attributes


class _Hostile(BookWidget):
    SETTINGS = ()

    def still(self) -> str:
        return still_table(pd.DataFrame({HOSTILE: [HOSTILE], "b": [HOSTILE]}), HOSTILE)


@pytest.mark.parametrize(
    "markup",
    [
        Table(FRAME, caption=HOSTILE, note=HOSTILE)._repr_html_(),
        Table(FRAME.reset_index(drop=True), caption=HOSTILE)._repr_html_(),
        Note(CannotShow(HOSTILE))._repr_html_(),
        still_table(pd.DataFrame({HOSTILE: [HOSTILE], "b": [HOSTILE]}), HOSTILE),
    ],
    ids=["table", "table without index", "note", "still version"],
)
def test_a_cell_is_text(markup: str) -> None:
    assert_text_alone(markup)


def test_a_caption_and_an_alternative_text_are_text() -> None:
    markup = Shown(Figure(), alt=HOSTILE, caption=HOSTILE)._repr_html_()
    assert_text_alone(markup.replace("<img ", "<picture ", 1))


def test_a_widget_s_name_and_still_version_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[dict[str, str]] = []
    publish = "reanalysis.page.widgets.base.publish_display_data"
    monkeypatch.setattr(publish, lambda data, metadata=None: published.append(data))
    _Hostile({}, HOSTILE)._ipython_display_()
    (still,) = [data["text/html"] for data in published if "text/html" in data]
    assert_text_alone(still)


def test_a_sentence_is_text() -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).render(str(say(HOSTILE).data))
    assert_text_alone(rendered)
    block = MarkdownIt("commonmark", {"html": True}).render(str(say(f"a\n\n{TAGS[3]}").data))
    assert "!--" not in elements(block).tags
    assert say("p <0.001, **<= 20**").data == "p <0.001, **<= 20**"


def test_the_banner_has_no_tag_but_its_own() -> None:
    config = book.configuration({"html": {}, "execute": {}}, cohort=HOSTILE, patients=7, env={})
    assert_text_alone(config["html"]["announcement"])
    assert elements(config["html"]["announcement"]).tags == {"strong"}


def test_a_widget_s_state_stays_in_its_script_element() -> None:
    state = json.dumps({"state": {"name": HOSTILE, "list": [1, "a < b", "</script>"]}})
    script = SimpleNamespace(filename=None, attributes={"type": site.WIDGET_STATE, "body": state})
    context = {"script_files": [script], "css_files": [], "body": "", "pathto": lambda *_: ""}
    app = SimpleNamespace(config=SimpleNamespace(html_baseurl=""))
    site.complete(app, "page", "page.html", context, None)  # type: ignore[arg-type]
    written = script.attributes["body"]
    assert json.loads(written) == json.loads(state)
    assert not any(start in written.lower() for start in ("<script", "</", "<!--"))


def test_the_template_writes_no_formula(tmp_path: Path) -> None:
    write_template(tmp_path / "cohort.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "cohort.xlsx"):
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert cells and not [cell.coordinate for cell in cells if cell.data_type == "f"]
        assert not [c.coordinate for c in cells if str(c.value).startswith(("=", "+", "-", "@"))]
    with ZipFile(tmp_path / "cohort.xlsx") as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert sheets and not any(b"<f>" in archive.read(name) for name in sheets)
