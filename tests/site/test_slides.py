"""Slides: a picture on each, the prose in the notes, and nothing asked of another host."""

import json
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from reanalysis.site import slides as module
from reanalysis.site.slides import page, slides
from reanalysis.site.widget_state import WIDGET_STATE, WIDGET_VIEW

PICTURE = '<figure class="reanalysis-figure"><img src="data:,"></figure>'
TABLE = '<div class="reanalysis-table-frame"><table></table></div>'


def shown(kind: str, text: object) -> object:
    return new_output("display_data", {kind: text})


def cell(source: str, *outputs: object) -> object:
    return new_code_cell(source, outputs=list(outputs))


@pytest.fixture
def notebook() -> object:
    cells = [
        new_markdown_cell("# A chapter\n\nIt begins. See [another](other.ipynb)."),
        cell("import x"),
        new_markdown_cell("## First\n\nA formula, $S(t)^2$, and <b>no tag</b>."),
        cell("figure", shown("text/html", PICTURE)),
        cell("say()", shown("text/markdown", "**25** failed.")),
        new_markdown_cell("More prose."),
        cell("table", shown("text/html", TABLE)),
        new_markdown_cell("It ends.\n\n## Summary\n\n- One.\n- Two."),
        cell(
            "Widget()",
            shown(WIDGET_VIEW, {"model_id": "m"}),
            shown("text/html", '<div class="rx-still"></div>'),
        ),
        new_markdown_cell("## Exercises\n\nIn the page."),
        cell("Exercises('x', here)", shown("text/html", "<p>hidden</p>")),
        new_markdown_cell("**Next:** another."),
    ]
    state = {"state": {"m": {"state": {"_esm": "</script><script>"}}}}
    return new_notebook(cells=cells, metadata={"widgets": {WIDGET_STATE: state}})


def test_each_picture_is_a_slide_with_its_prose_in_the_notes(notebook: object) -> None:
    made = slides(notebook)  # type: ignore[arg-type]
    assert [slide.title for slide in made] == ["A chapter", "First", "First", "Summary"]
    assert made[0].body == ["<p>It begins. See another.</p>\n"] and not made[0].notes
    assert made[1].body == [PICTURE, "<p><strong>25</strong> failed.</p>\n"]
    assert "<math" in made[1].notes[0] and "&lt;b&gt;" in made[1].notes[0]
    assert made[2].body == [TABLE]
    assert "It ends." in "".join(made[2].notes)
    assert WIDGET_VIEW in made[3].body[0]
    assert "hidden" not in "".join("".join(slide.body) for slide in made)


def test_a_section_without_a_picture_shows_its_prose() -> None:
    text = "# T\n\n## Summary\n\n- One.\n- Two."
    made = slides(new_notebook(cells=[new_markdown_cell(text)]))
    assert "<li>One.</li>" in made[1].body[0] and not made[1].notes


def test_a_page_runs_from_a_folder(notebook: object) -> None:
    text = page(notebook, "Book")  # type: ignore[arg-type]
    assert text.count("<section>") == 4
    states = re.search(rf'<script type="{re.escape(WIDGET_STATE)}">(.*?)</script>', text)
    assert states and "m" in json.loads(states[1])["state"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert (
            address.startswith("data:")
            or (module._REVEAL.parent / address).is_file()
            or (address == "reveal/widgets.js")
        )
