"""A page with widgets, as the site has it, without building the site."""

import json
from pathlib import Path

from reanalysis.core.paths import ROOT
from reanalysis.page.widgets.base import BookWidget
from reanalysis.site.widget_state import without_tags

RUNTIME = ROOT / "book" / "_assets" / "widgets.js"


def write_page(path: Path, *widgets: BookWidget, beside: str = "") -> str:
    """Write what MyST-NB makes of cells with widgets, and return its file:// address.

    What is ``beside`` them is HTML.
    """
    views, states = [], {}
    for widget in widgets:
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        views.append(
            f'<script type="application/vnd.jupyter.widget-view+json">{json.dumps(view)}</script>'
            + widget.framed_still()
        )
        states[widget.model_id] = {
            "model_module": "anywidget",
            "state": json.loads(json.dumps(widget.get_state(), default=str)),
        }
    state = json.dumps({"version_major": 2, "version_minor": 0, "state": states})
    path.write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Widgets</title></head>'
        f'<body style="margin:8px"><main>{beside}{"".join(views)}</main>'
        '<script type="application/vnd.jupyter.widget-state+json">'
        + without_tags(state)
        + f"</script><script>{RUNTIME.read_text(encoding='utf-8')}</script></body></html>",
        encoding="utf-8",
    )
    return path.as_uri()
