"""A widget as one file."""

import json
import re
from pathlib import Path

import pytest

from reanalysis.site.handout import write_handouts
from reanalysis.site.widget_state import WIDGET_STATE

STILL = '<div class="rx-still" data-still="one"><svg></svg><table></table></div></div>'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of a site with two widgets, one of which wants a page of its own."""
    states = {
        "a": {
            "state": {"_name": "one", "_data": {"handout": "alone.html", "x": 1}, "_esm": "</p>"}
        },
        "b": {"state": {"_name": "two", "_data": {"handout": ""}}},
    }
    folder = tmp_path / "chapters"
    folder.mkdir()
    path = folder / "page.html"
    path.write_text(
        f"<h1>Title &amp; more<a>#</a></h1>{STILL}<p>Else</p>"
        f'<script type="{WIDGET_STATE}">{json.dumps({"state": states})}</script>',
        encoding="utf-8",
    )
    return path


def test_it_has_its_widget_its_still_version_and_nothing_else(page: Path) -> None:
    (path,) = write_handouts(page.parent.parent, "Book")
    assert path == page.with_name("alone.html")
    text = path.read_text(encoding="utf-8")
    assert "<title>Title &amp; more</title>" in text and STILL in text
    found = re.search(rf'<script type="{re.escape(WIDGET_STATE)}">(.*?)</script>', text)
    assert found is not None
    state = json.loads(found[1])["state"]
    assert list(state) == ["a"] and state["a"]["state"]["_data"] == {"x": 1}
    assert "</p>" not in found[1]
    # Nothing is fetched, and nothing leads to another file.
    assert not re.search(r"\b(src|href)=", text.partition("<script>")[0])


def test_a_site_without_such_a_widget_has_none(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<h1>Nothing</h1>", encoding="utf-8")
    assert write_handouts(tmp_path, "Book") == []
