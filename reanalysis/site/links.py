"""Whether the pages of others that the book links to are still there."""

import json
from pathlib import Path

from reanalysis.core.paths import ROOT
from reanalysis.site.build import (
    BookError,
    Progress,
    configuration,
    jupyter_book,
    say,
    settings,
    stage,
)


def check_links(root: Path = ROOT, progress: Progress = say) -> None:
    """Ask every other site that the book links to, by Sphinx' own builder.

    This is the only command that asks other sites for anything.

    Parameters
    ----------
    root
        Folder of the project.
    progress
        Is given lines that tell how far the work is.

    Raises
    ------
    BookError
        If pages are gone; it names them, with the places that link to them.
    """
    output = root / "_build" / "links"
    config = configuration(settings(root))
    stage(root, output / "book", config)
    progress("Asking the other sites that the book links to.")
    try:
        jupyter_book(output / "book", output, builder="linkcheck")
    except BookError as failure:
        raise BookError("\n".join(broken(output) or [str(failure)])) from failure
    progress("Every page that the book links to is there.")


def broken(output: Path) -> list[str]:
    """List the dead links that Sphinx has found, one to a line."""
    # Jupyter Book has one folder for the builders that write pages and for this one.
    lines = (output / "_build" / "html" / "output.json").read_text(encoding="utf-8")
    found = [json.loads(line) for line in lines.splitlines()]
    return [
        f"{link['filename']}:{link['lineno']}: {link['uri']} ({link['info']})"
        for link in found
        if link["status"] == "broken"
    ]
