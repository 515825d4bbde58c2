"""Refuse a site that is empty or lacks pages, before it takes the place of a whole one.

``python3 .ci/whole_site.py FOLDER`` compares the folder of a built site with ``_toc.yml``. It needs
Python alone, so that it runs where nothing of the book is installed.
"""

import re
import sys
from pathlib import Path

LISTED = re.compile(r"^\s*(?:- )?(?:root|file):\s*(\S+)\s*$", re.MULTILINE)
BESIDE = ("index.html", "404.html", "search.html", "searchindex.js", "_static/book.css")


def missing(site: Path, toc: str) -> list[str]:
    """List the files that a whole site has, and this one has not or has cut short."""
    expected = [f"{page}.html" for page in LISTED.findall(toc)] + list(BESIDE)
    return [name for name in expected if not is_whole(site / name)]


def is_whole(path: Path) -> bool:
    """Whether a file is there to its end."""
    if not path.is_file():
        return False
    content = path.read_bytes().rstrip()
    return content.endswith(b"</html>") if path.suffix == ".html" else bool(content)


def main() -> int:
    """Say what is missing; 1 if anything is."""
    site = Path(sys.argv[1])
    toc = (Path(__file__).parents[1] / "_toc.yml").read_text(encoding="utf-8")
    if not LISTED.search(toc):
        print("_toc.yml lists no page.", file=sys.stderr)
        return 1
    if lacking := missing(site, toc):
        print("This is not the whole site, it lacks", ", ".join(lacking), file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
