"""The parts of a workbook from a stranger: a ZIP file of XML, unpacked within bounds.

What the directory of the ZIP file says is looked at before anything is unpacked. What is unpacked
is counted while it is: its bytes, and its tags before they are parsed. Both are measured against
the size of the file, so that a small file can never become much work, however it was made, and
whichever part is asked for how often.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from reanalysis.core.errors import UnreadableFile

MAX_UNPACKED_BYTES = 400 * 2**20
# XML of a table packs to about a tenth; a bomb to a thousandth.
MAX_RATIO = 200
_SMALL = 10 * 2**20  # below this an entry may pack as well as it likes
MAX_ENTRIES = 5_000
# Said of files that other programs' readers read, where they are not installed.
INSTALL = "or install what reads such files, with `make formats`, and try again"

# What may be read of a workbook: so much in any case, and so much more for each of its bytes.
# Tables of zeros, which pack best, have 25 bytes of XML and 3 tags for each byte of the file.
_BYTES = (32 * 2**20, 60)
_TAGS = (500_000, 4)
# Characters in all cells of a sheet, likewise: one text, stored once, may stand in every cell.
_CHARACTERS = (10_000_000, 20)

_CHUNK = 2**16
# No tag or comment is longer. The parser begins each anew with every chunk, and a table within
# tables within tables is not one.
_LONGEST_TAG = 2**17
_DEEPEST = 50

# zipfile bounds what it unpacks at a time for these alone; no spreadsheet uses others.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# How a damaged file can fail inside of zipfile.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, OverflowError, RuntimeError),  # NotImplementedError is one of the last
)


class Reader:
    """Takes a part of a workbook element by element; one that takes nothing, in itself."""

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the start of an element; the root has depth 1."""

    def end(self, name: str, depth: int) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take text."""


class Damaged(Exception):
    """A workbook that no spreadsheet writes; the message says what is wrong with it."""


class Package:
    """A workbook's parts.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    UnreadableFile
        If it is no workbook, or would be too large when unpacked.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._archive = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise UnreadableFile(
                f"The file {path.name} begins like a workbook and is cut short or damaged; save it "
                "in the spreadsheet again."
            ) from error
        try:
            _refuse_by_directory(self._archive.infolist(), path)
        except UnreadableFile:
            self._archive.close()
            raise
        size = path.stat().st_size
        self._bytes_left, self._tags_left, self.characters = (
            base + rate * size for base, rate in (_BYTES, _TAGS, _CHARACTERS)
        )

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        return part in self._archive.NameToInfo

    def size(self) -> int:
        """Give the size of the parts as the directory tells it."""
        return sum(entry.file_size for entry in self._archive.infolist())

    def parse(self, part: str, reader: Reader) -> Iterator[None]:
        """Read a part, piece by piece.

        Parameters
        ----------
        part
            Its name.
        reader
            Is given its elements.

        Yields
        ------
        None
            After each piece, so that one who has seen enough need not go on.

        Raises
        ------
        UnreadableFile
            If there is more than a workbook of this size has.
        Damaged
            If it is not XML as a spreadsheet writes it.
        """
        parser = _parser(part, reader)
        seen = 0
        try:
            for chunk in self._chunks(part):
                parser.Parse(chunk, False)
                seen += len(chunk)
                if seen - parser.CurrentByteIndex > _LONGEST_TAG:
                    raise Damaged(f"its part {part} holds a tag without an end")
                yield
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Damaged(
                f"its part {part} is not well-formed XML, in line {error.lineno}"
            ) from error
        yield

    def read(self, part: str, reader: Reader) -> None:
        """Read a part to its end; see ``parse``."""
        for _ in self.parse(part, reader):
            pass

    def _chunks(self, part: str) -> Iterator[bytes]:
        """Unpack a part, and count."""
        try:
            # Python unpacks no more of an entry than the directory says.
            with self._archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    self._bytes_left -= len(chunk)
                    self._tags_left -= chunk.count(b"<")
                    if self._bytes_left < 0 or self._tags_left < 0:
                        raise UnreadableFile(_too_much(self.name, self.size()))
                    yield chunk
        except KeyError as error:
            raise Damaged(f"its part {part} is missing") from error
        except _DAMAGE as error:
            # An UnreadableFile is a ValueError, and so is what the reader found.
            if isinstance(error, UnreadableFile):
                raise
            raise Damaged(f"its part {part} cannot be unpacked") from error


def _parser(part: str, reader: Reader) -> Any:
    """Make a parser that expands no entity and follows no reference."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Damaged(f"its part {part} is nested deeper than {_DEEPEST} elements")
        reader.start(_local(name), attributes, depth)

    def end(name: str) -> None:
        nonlocal depth
        reader.end(_local(name), depth)
        depth -= 1

    def declared(*_: object) -> None:
        raise Damaged(f"its part {part} declares entities, which a spreadsheet never writes")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
    return parser


def _local(name: str) -> str:
    """Give a name without its prefix, which some programs write and others do not."""
    return name.rpartition(":")[2] if ":" in name else name


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """Give an attribute whatever its prefix; empty where there is none."""
    if name in attributes:
        return attributes[name]
    return next((v for k, v in attributes.items() if k.endswith(f":{name}")), "")


def _refuse_by_directory(entries: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse by what the directory of the ZIP file says; nothing is unpacked for it."""
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(_other_archive(names, path))
    unpacked = sum(entry.file_size for entry in entries)
    bombs = [e for e in entries if e.file_size > max(_SMALL, MAX_RATIO * e.compress_size)]
    if unpacked > MAX_UNPACKED_BYTES or bombs or len(entries) > MAX_ENTRIES:
        raise UnreadableFile(_too_much(path.name, unpacked, len(entries)))
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(
            f"The workbook {path.name} is protected by a password; open it in the spreadsheet, "
            "remove the password and save it again."
        )
    if len(names) < len(entries):
        raise UnreadableFile(damaged(path.name, "it holds two parts of the same name"))
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise UnreadableFile(damaged(path.name, "it is packed as no spreadsheet packs it"))


def damaged(file: str, what: str) -> str:
    """Say that a workbook is damaged, and what to do."""
    return (
        f"The workbook {file} is damaged or not a workbook ({what}); open it in the spreadsheet "
        "and save it as .xlsx again, or as 'CSV UTF-8'."
    )


def _too_much(file: str, unpacked: int, entries: int | None = None) -> str:
    parts = f" in {entries:,} parts" if entries else ""
    most = f"at most {MAX_UNPACKED_BYTES // 2**20} MB"
    if unpacked <= MAX_UNPACKED_BYTES:
        most = "and far fewer tags and bytes for a file of this size"
    return (
        f"The workbook {file} would unpack to {unpacked / 2**20:,.0f} MB{parts}; expected a "
        f"cohort, {most}: copy the patients' rows into a new workbook."
    )


def _other_archive(names: set[str], path: Path) -> str:
    """Say which ZIP file it is that is no .xlsx."""
    save = "open it in the spreadsheet and save it as .xlsx"
    if "xl/workbook.bin" in names:
        return f"The file {path.name} is a binary workbook (.xlsb); {save}, {INSTALL}."
    if "content.xml" in names and "mimetype" in names:
        return f"The file {path.name} is an OpenDocument file (.ods); {save}, {INSTALL}."
    if "word/document.xml" in names:
        return f"The file {path.name} is a Word document; copy its table into a spreadsheet."
    return f"The file {path.name} is a ZIP archive; unpack it and give the table inside."
