"""Which files of a site, and which of its words, are there whoever the patients are.

A file that is byte for byte one of an installed package or of the book's own assets says nothing
about a patient, whatever stands in it. Packages state the hash of each of their files.
"""

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from reanalysis.core import paths

_RECORDED = re.compile(r"sha256=([\w-]+)")
_ROWS = re.compile(r"</tr>|</p>|</li>|</div>|\n(?!\s*<)")
_DATA = re.compile(r'data-csv="[^"]*"')  # what a figure of made-up patients can be saved as
_RULE = re.compile(r"\{[^{}]*\}")
_TAGS = re.compile(r"<[^>]*>")
# Whose templates put words onto the pages.
_TEMPLATES = ("sphinx", "myst_nb", "jupyter_book", "sphinx_book_theme", "pydata_sphinx_theme")
_ADDED = ("sphinx_design", "sphinx_togglebutton", "sphinx_copybutton", "sphinx_comments")


def is_shipped(raw: bytes) -> bool:
    """Whether a file comes from a package or from the book's assets, unchanged.

    Parameters
    ----------
    raw
        The bytes of the file.
    """
    return _digest(raw) in _digests()


def _digest(raw: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()


@cache
def _digests() -> frozenset[str]:
    found: set[str] = set()
    for package in distributions():
        found.update(_RECORDED.findall(package.read_text("RECORD") or ""))
    for folder in (paths.ROOT / "book", paths.ROOT / "reanalysis" / "page"):
        for path in folder.rglob("*"):
            if path.is_file():
                found.add(_digest(path.read_bytes()))
    return frozenset(found)


@cache
def sources() -> str:
    """Return what the book says on its pages and in its register, dictionary and mapping files."""
    files = [
        *paths.ROOT.glob("*.yml"),
        *paths.ROOT.glob("book/**/*.md"),
        *paths.ROOT.glob("book/**/*.bib"),
        *paths.DATA.glob("*.toml"),
        *paths.DATA.glob("mappings/*.toml"),
        paths.PUBLISHED_NUMBERS,
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    for notebook in _notebooks():
        # What a cell says together is one line, too: its table of examples is nobody's row.
        texts += ["".join(cell["source"]) for cell in notebook]
        texts += [" ".join("".join(cell["source"]).split()) for cell in notebook]
    return "\n".join(texts)


@cache
def words() -> str:
    """Return what else may stand on any page: of the code, of templates, of the synthetic book.

    Its numbers and labels may be somebody else's, too; only texts are compared with it.
    """
    code = [*paths.ROOT.glob("reanalysis/**/*.py"), *paths.ROOT.glob("reanalysis/**/*.js")]
    texts = [templates(), *(path.read_text(encoding="utf-8") for path in code)]
    for notebook in _notebooks():
        texts += [json.dumps(cell.get("outputs", []), ensure_ascii=False) for cell in notebook]
    return "\n".join(texts)


@cache
def templates() -> str:
    """Return the templates and the code of the packages that make the pages."""
    texts = []
    for package in (*_TEMPLATES, *_ADDED):
        folder = _folder(package)
        for pattern in ("**/*.html", "**/*.jinja*", "**/*.xml", "**/*_t", "**/*.py"):
            if folder:
                texts += [
                    p.read_text(encoding="utf-8", errors="replace") for p in folder.glob(pattern)
                ]
    return "\n".join(texts)


@cache
def styles() -> str:
    """Return the style sheets of those packages: a page names what is in them."""
    folders = [folder for package in (*_TEMPLATES, *_ADDED) if (folder := _folder(package))]
    sheets = [path for folder in folders for path in folder.glob("**/*.css")]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sheets)


@cache
def rows() -> str:
    """Return what the notebooks show of the synthetic cohort and the paper, a line for each row.

    Values that stand together there do so in every book, or by chance: in a row, at the same place
    of several tables of a page, or in one rule of the widgets' style sheet, which each widget
    carries.
    """
    lines = _RULE.findall((paths.ROOT / "reanalysis/page/widgets/widgets.css").read_text("utf-8"))
    for notebook in _notebooks():
        tables = []
        for output in (output for cell in notebook for output in cell.get("outputs", [])):
            shown = {**output.get("data", {}), "text": output.get("text", "")}
            for kind, text in shown.items():
                if kind in ("text", "text/plain", "text/html", "text/markdown"):
                    found = _ROWS.split(_DATA.sub("", "".join(text)))
                    lines += found
                    tables.append([row for row in found if "<td" in row])
        lines += _across(tables)
    return "\n".join(_TAGS.sub(" ", line).replace("\n", " ") for line in lines)


def _across(tables: list[list[str]]) -> Iterator[str]:
    """Yield what stands at the same place of tables of one length."""
    by_length: dict[int, list[list[str]]] = defaultdict(list)
    for table in tables:
        by_length[len(table)].append(table)
    for group in by_length.values():
        if len(group) > 1:
            yield from map(" ".join, zip(*group, strict=True))


def _folder(package: str) -> Path | None:
    from importlib.util import find_spec

    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _notebooks() -> list[list[dict[str, Any]]]:
    found = []
    for path in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        found.append(json.loads(path.read_text(encoding="utf-8"))["cells"])
    return found
