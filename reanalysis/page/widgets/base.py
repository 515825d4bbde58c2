"""What the widgets of the book have in common."""

from html import escape
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets
from IPython.display import publish_display_data

from reanalysis.page.widgets.bundle import bundle

_HERE = Path(__file__).parent


def module(name: str) -> str:
    """Return the ES module of a widget: a script in ``js/`` with all that it imports."""
    return bundle(_HERE / "js" / name)


def style_sheet(name: str = "widgets.css") -> str:
    """Return a style sheet of widgets without indentation, because every page carries it."""
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(stripped for line in lines if (stripped := line.strip()))


class BookWidget(anywidget.AnyWidget):
    """A widget that runs in the browser alone, with a still version beside it.

    In JupyterLab and Binder its traits are shared with Python; on the site the runtime
    ``book/_assets/widgets.js`` draws it from the state stored in the page. The still version
    is a second output of the cell, which the widget hides as soon as it lives: readers without
    JavaScript, and those of the notebook file itself, see that.

    Parameters
    ----------
    data
        What the browser needs to compute everything itself, as JSON.
    name
        Name of the widget in links and file names; different for each on one page.
    **settings
        Initial values of the traits in ``SETTINGS``.
    """

    SETTINGS: ClassVar[tuple[str, ...]]
    """Traits that a reader sets: what a link keeps, and what ``reset`` restores."""

    _css = style_sheet()
    _name = traitlets.Unicode().tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)
    _initial = traitlets.Dict().tag(sync=True)

    def __init__(self, data: dict[str, Any], name: str, **settings: Any) -> None:
        super().__init__(_data=data, _name=name, **settings)
        self._initial = self.settings

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting, as it may be passed to a new widget."""
        return {key: getattr(self, key) for key in self.SETTINGS}

    def reset(self) -> None:
        """Go back to the settings at the start."""
        with self.hold_trait_notifications():
            for key, value in self._initial.items():
                setattr(self, key, value)

    def still(self) -> str:
        """Return the still version, as HTML."""
        raise NotImplementedError

    def framed_still(self) -> str:
        """Return the still version in the element that the living widget hides."""
        return f'<div class="rx-still" data-still="{escape(self._name)}">{self.still()}</div>'

    def _ipython_display_(self, **_: Any) -> None:
        data, metadata = self._repr_mimebundle_() or ({}, {})
        still = {"text/html": self.framed_still(), "text/plain": f"Still version of {self!r}"}
        publish_display_data(data, metadata)  # type: ignore[no-untyped-call]
        publish_display_data(still)  # type: ignore[no-untyped-call]
