"""A plain page that leads to others: of a class set, of slides, of a stick."""

from html import escape

from reanalysis.core.paths import ROOT
from reanalysis.site.build import settings

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; font: 1.1rem/1.6 system-ui, sans-serif;
  background: #fff; color: #1d2430; }
@media screen and (prefers-color-scheme: dark) {
  body { background: #14181e; color: #e7ebf0; } a { color: #8ab8dc; }
}
"""


def book_title() -> str:
    """Give the title of the book."""
    return str(settings(ROOT)["title"])


def entrance(heading: str, body: str) -> str:
    """Write a page that needs no other file.

    Parameters
    ----------
    heading
        What the page leads to.
    body
        What stands below it, as HTML.

    Returns
    -------
    str
        The page as HTML.
    """
    heading = escape(heading)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading} · {escape(book_title())}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{heading}</h1>{body}</main></body></html>\n"
    )
