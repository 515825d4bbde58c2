"""A Content-Security-Policy in every page: what the book promises, the browser enforces.

A page may load scripts, styles, fonts and pictures from its own site alone, and run no script but
those that were in it when it was built: each script in the page is named by its SHA-256
(Content Security Policy Level 3, W3C). Text that somebody's file brought into a page can then
neither run nor send anything anywhere, even if it got past every escape.
"""

import base64
import hashlib
import re
from pathlib import Path

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_TYPE = re.compile(r"""\btype\s*=\s*["']?([^"'\s>]*)""", re.IGNORECASE)
_HANDLER = re.compile(r"""\son\w+\s*=\s*"([^"]*)\"""", re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc\s*=", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# What a browser runs; everything else in a script element is data.
_EXECUTABLE = frozenset({"", "text/javascript", "application/javascript", "module"})

_ALWAYS = (
    "default-src 'none'",
    # A chart that is saved as a picture, and the modules of the widgets, are made in the page.
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)


def policy(page: str, handlers: frozenset[str] = frozenset()) -> str:
    """Give the policy that a page needs, and no more.

    Parameters
    ----------
    page
        The page as HTML.
    handlers
        Scripts in attributes of other pages that this one may read: the search reads all.

    Returns
    -------
    str
        The value of a Content-Security-Policy.
    """
    scripts = [
        text
        for attributes, text in _SCRIPT.findall(page)
        if not _SOURCE.search(attributes) and _type(attributes) in _EXECUTABLE and text
    ]
    allowed = ["'self'", "blob:", *sorted({_digest(text) for text in scripts})]
    if handlers := handlers | handlers_of(page):
        allowed += ["'unsafe-hashes'", *sorted(map(_digest, handlers))]
    return "; ".join([*_ALWAYS, f"script-src {' '.join(allowed)}"])


def handlers_of(page: str) -> frozenset[str]:
    """Give the scripts that stand in attributes of a page, such as that of a button."""
    return frozenset(_HANDLER.findall(_SCRIPT.sub("", page)))


def protect(page: str, handlers: frozenset[str] = frozenset()) -> str:
    """Write its policy into a page, as the first thing in its head."""
    content = policy(page, handlers)
    tag = f'<meta http-equiv="Content-Security-Policy" content="{content}" />'
    return _HEAD.sub(lambda head: f"{head[0]}\n{tag}", page, count=1)


def protect_site(folder: Path) -> int:
    """Write a policy into every page of a site, and return how many there are."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}
    handlers = frozenset().union(*map(handlers_of, pages.values()))
    for path, page in pages.items():
        path.write_text(protect(page, handlers), encoding="utf-8")
    return len(pages)


def _type(attributes: str) -> str:
    found = _TYPE.search(attributes)
    return found[1].lower() if found else ""


def _digest(text: str) -> str:
    # The browser has read the line ends of the page as \n by then.
    raw = text.replace("\r\n", "\n").encode()
    return f"'sha256-{base64.b64encode(hashlib.sha256(raw).digest()).decode()}'"
