"""A widget as one file: a page of its own that needs no folder, no server and no internet.

A hospital can put it on its intranet, hand it out on a stick, or print it: what it shows without
JavaScript, and on paper, is the widget's still version and its settings.
"""

import json
import re
from html import escape
from pathlib import Path

from reanalysis.core import paths
from reanalysis.site.widget_state import WIDGET_STATE, WIDGET_VIEW, without_tags

_RUNTIME = paths.ROOT / "book" / "_assets" / "widgets.js"
_STATE = re.compile(rf'<script type="{re.escape(WIDGET_STATE)}">(.*?)</script>', re.DOTALL)
_STILL = r'<div class="rx-still" data-still="{name}">.*?</table></div></div>'
_FOOT = (
    "A teaching tool, and no medical device: no decision about a patient should rest on it. "
    "Code under the MIT licence, text and figures under CC BY 4.0."
)
_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 78rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: #fff; color: #1d2430; }
h1 { font: 600 1.5rem/1.2 Georgia, serif; margin: 0 0 0.5rem; }
footer { margin-top: 1.5rem; font-size: 0.85rem; }
@media screen and (prefers-color-scheme: dark) { body { background: #14181e; color: #e7ebf0; } }
"""


def write_handouts(folder: Path, title: str) -> list[Path]:
    """Write the one-file pages that widgets of a site link to.

    Parameters
    ----------
    folder
        Folder of the built site.
    title
        Title of the book.

    Returns
    -------
    list of pathlib.Path
        The files written, each beside the page of its widget.
    """
    written = []
    for page in sorted(folder.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        for state in _STATE.findall(text):
            for model_id, model in json.loads(state)["state"].items():
                name = model["state"].get("_data", {}).pop("handout", "")
                if name:
                    path = page.with_name(name)
                    path.write_text(handout(model_id, model, text, title), encoding="utf-8")
                    written.append(path)
    return written


def handout(model_id: str, model: dict[str, object], page: str, title: str) -> str:
    """Give a widget as a page of its own.

    Parameters
    ----------
    model_id, model
        The widget, as a page of the site has it.
    page
        That page as HTML, which has its heading and the still version of the widget.
    title
        Title of the book.
    """
    state = model["state"]
    assert isinstance(state, dict)
    still = re.search(_STILL.format(name=re.escape(state["_name"])), page, re.DOTALL)
    heading = re.search(r"<h1>(.*?)(?:<a|</h1>)", page, re.DOTALL)
    states = {"version_major": 2, "version_minor": 0, "state": {model_id: model}}
    view = json.dumps({"model_id": model_id})
    name = heading[1].strip() if heading else escape(title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{name}</title><style>{_STYLE}</style></head><body>",
            f"<main><h1>{name}</h1>",
            f'<script type="{WIDGET_VIEW}">{view}</script>',
            still[0] if still else "",
            f"</main><footer>{escape(title)}. {_FOOT}</footer>",
            f'<script type="{WIDGET_STATE}">'
            f"{without_tags(json.dumps(states, separators=(',', ':')))}</script>",
            f"<script>{_RUNTIME.read_text(encoding='utf-8')}</script></body></html>",
        ]
    )
