"""What stands in the files of a site, in the smallest pieces that belong together.

A piece is one table row, one JSON array or object with the plain values in it, one line of
text, or one attribute. Inside notebooks, widget state, pictures in the page and archives it is
the same again. The lines of drawings are left out: their coordinates are numbers, too.
"""

import base64
import binascii
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

Piece = tuple[str, ...]

# Unpacked no further than this: the site is our own, but an archive in it need not be.
MAX_BYTES = 512 * 2**20
_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=-]+)*),([^\"'\s)<>]*)")
_MARKUP = re.compile(r"<(\w+[\s/>]|!--)")
_SEPARATORS = re.compile(r"\s*[,;|\t]\s*|\s+")
_SEARCH_INDEX = re.compile(r"Search\.setIndex\((.*)\)\s*;?\s*$", re.DOTALL)
# Attributes of SVG that hold coordinates.
_GEOMETRY = frozenset(
    [
        "d",
        "points",
        "transform",
        "viewbox",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "style",
    ]
)
_PNG = b"\x89PNG\r\n\x1a\n"


def pieces(path: Path) -> Iterator[Piece]:
    """Yield the pieces of a file.

    Parameters
    ----------
    path
        A file of the site.

    Yields
    ------
    tuple of str
        The values of a piece, in order.
    """
    yield from _of_bytes(path.read_bytes(), path.suffix.lower())


def line_piece(line: str) -> Piece:
    """Split a line of text into its values."""
    return tuple(_SEPARATORS.split(line.strip()))


def _of_bytes(raw: bytes, suffix: str) -> Iterator[Piece]:
    if raw.startswith(_PNG):
        yield from _of_png(raw)
    elif raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise ValueError("an archive in the site is too large to be read")
            for entry in archive.infolist():
                yield (entry.filename,)
                yield from _of_bytes(archive.read(entry), Path(entry.filename).suffix.lower())
    elif raw.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(raw)) as stream:
            inner = stream.read(MAX_BYTES)
        yield from _of_bytes(inner, "")
    elif b"\0" in raw[:1024]:
        # A font or another picture: only what looks like words in it.
        for found in re.findall(rb"[\x20-\x7e]{6,}", raw):
            yield (found.decode("ascii"),)
    else:
        text = raw.decode("utf-8", errors="replace")
        if match := _SEARCH_INDEX.match(text.strip()):
            text, suffix = match[1], ".json"
        yield from _of_text(text, suffix)


def _of_text(text: str, suffix: str = "") -> Iterator[Piece]:
    if suffix in (".ipynb", ".json", ".map") or text.lstrip()[:1] in ("{", "["):
        try:
            yield from _of_json(json.loads(text))
            return
        except (ValueError, RecursionError):
            pass
    if suffix in (".html", ".svg", ".xml") or (suffix == "" and _MARKUP.search(text)):
        yield from _of_markup(text)
        return
    yield from _of_data_uris(text)
    for line in _DATA_URI.sub("", text).splitlines():
        if line.strip():
            yield line_piece(line)


def _of_json(value: Any) -> Iterator[Piece]:
    if isinstance(value, dict):
        children, names = list(value.values()), tuple(map(str, value))
        yield names
    elif isinstance(value, list):
        children = value
    else:
        children = [value]
    plain = tuple(_as_text(c) for c in children if not isinstance(c, dict | list | str))
    short = tuple(c for c in children if isinstance(c, str) and len(c) < 40)
    if plain or short:
        yield tuple(_as_text(c) for c in children if not isinstance(c, dict | list))
    for child in children:
        if isinstance(child, dict | list):
            yield from _of_json(child)
        elif isinstance(child, str):
            # A notebook keeps a picture as bare Base64.
            yield from _of_base64(child) if _is_base64(child) else _of_text(child)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _of_data_uris(text: str) -> Iterator[Piece]:
    for kind, options, body in _DATA_URI.findall(text):
        if options.endswith(";base64"):
            yield from _of_base64(body, ".svg" if "svg" in kind else "")
        else:
            yield from _of_bytes(unquote_to_bytes(body), ".svg" if "svg" in kind else "")


def _is_base64(text: str) -> bool:
    return len(text) >= 64 and re.fullmatch(r"[A-Za-z0-9+/\n]+={0,2}\n?", text) is not None


def _of_base64(text: str, suffix: str = "") -> Iterator[Piece]:
    try:
        yield from _of_bytes(base64.b64decode(text), suffix)
    except binascii.Error:
        yield (text,)


def _of_png(raw: bytes) -> Iterator[Piece]:
    """Yield the texts of a PNG: its chunks tEXt, zTXt and iTXt."""
    at = len(_PNG)
    while at + 8 <= len(raw):
        length = int.from_bytes(raw[at : at + 4])
        kind, body = raw[at + 4 : at + 8], raw[at + 8 : at + 8 + length]
        at += length + 12
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        parts = [part for part in body.split(b"\0") if part]
        for part in parts:
            start = part.find(b"x")  # a zlib stream, after the byte that names the method
            for candidate in (part, part[start:] if start >= 0 else b""):
                try:
                    part = zlib.decompressobj().decompress(candidate, MAX_BYTES)
                    break
                except zlib.error:
                    continue
            yield from _of_text(part.decode("utf-8", errors="replace"))


def _of_markup(text: str) -> Iterator[Piece]:
    parser = _Markup()
    parser.feed(text)
    parser.close()
    yield from parser.finish()


class _Markup(HTMLParser):
    """Collects the pieces of a page or a drawing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Piece] = []
        self.raw: list[str] = []
        self.row: list[str] | None = None
        self.cell: list[str] = []
        self.lines: list[str] = []
        self.inside = ""
        self.as_it_stands = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.inside, self.raw = tag, []
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = []
        elif tag in ("p", "div", "li", "br", "h1", "h2", "h3", "pre", "figcaption", "dd", "dt"):
            self.lines.append("\n")
        self.as_it_stands += tag == "pre"
        for name, value in attributes:
            if value and name not in _GEOMETRY:
                self.found += _of_text(value)

    def handle_endtag(self, tag: str) -> None:
        self.as_it_stands -= tag == "pre"
        if tag == self.inside:
            content, self.inside = "".join(self.raw), ""
            self.found += _of_text(content, ".js" if tag == "script" else ".css")
        elif tag in ("td", "th") and self.row is not None:
            self.row.append(" ".join("".join(self.cell).split()))
        elif tag == "tr" and self.row is not None:
            self.found.append(tuple(self.row))
            self.row = None

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.raw.append(data)
        elif self.row is not None:
            self.cell.append(data)
        else:
            # Only what is set as it stands has lines of its own.
            self.lines.append(data if self.as_it_stands else " ".join(data.splitlines()))

    def handle_comment(self, data: str) -> None:
        # matplotlib writes what it draws as paths into a comment.
        self.lines.append(f"\n{data}\n")

    def finish(self) -> list[Piece]:
        """Return everything that was found."""
        for line in "".join(self.lines).splitlines():
            if line.strip():
                self.found.append(line_piece(line))
        return self.found
