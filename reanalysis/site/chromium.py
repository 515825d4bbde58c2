"""Where Chromium is, or a browser made of it, and how it is started to ask nobody for anything."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
# Where macOS and Windows have them, on no path. Every Windows has Edge.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# Without the last five, Chromium asks Google's hosts for things of its own.
ARGUMENTS = (
    "--no-sandbox",  # what it opens was made here, and as root there is no other way
    "--disable-gpu",
    "--disable-features=SpareRendererForSitePerProcess",  # a process for a page that nobody opens
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)


def executable(env: Mapping[str, str] = os.environ) -> str | None:
    """Find a browser: the one that ``CHROMIUM`` names, or one where they usually are.

    Parameters
    ----------
    env
        Environment variables.

    Returns
    -------
    str or None
        Its file; None if there is none.
    """
    if named := env.get("CHROMIUM"):
        return named
    found = (path for name in NAMES if (path := shutil.which(name)))
    return next(found, None) or next((place for place in PLACES if Path(place).is_file()), None)
