"""From the bytes of a file to every text that can be read out of them.

A text may be packed in a text that is packed in a picture: each layer is opened again until nothing
new comes out, within limits of size, depth and number. What is packed beyond them is refused.

Readable are, in any nesting: UTF-8, UTF-16, UTF-32 and Latin-1; gzip, ZIP, tar, bzip2, xz, zlib and
raw deflate, also in the middle of another file; the texts in PNG, JPEG, PDF and fonts; JSON;
scripts, styles, comments and attributes of markup; Base64 at every alignment, Base32, Base85,
hexadecimal, binary and character codes; entities, percent signs, quoted-printable and the escapes
of JavaScript, JSON and CSS.
"""

import base64
import binascii
import bz2
import codecs
import html
import io
import json
import lzma
import quopri
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes

from reanalysis.site.markup import parse

# Stands between what does not belong together; nothing is found across it.
BREAK = "\x1f"


@dataclass(frozen=True)
class Limits:
    """How far a file is unpacked: its size in bytes, its depth and its number of texts."""

    size: int = 512 * 2**20
    depth: int = 12
    texts: int = 200_000


@dataclass(frozen=True)
class Text:
    """A text in a file.

    Attributes
    ----------
    text
        The text itself; ``BREAK`` separates what does not belong together.
    how
        How it was come by, in words, from the outside in; empty for the file as it stands.
    kind
        ``markup``, ``json``, ``script`` or ``plain``: how its values are arranged; ``flow`` for
        the blocks of a page, of which only each by itself holds together. Empty for a text whose
        values are found in another one.
    noise
        Whether it was taken out of binary data, where short texts come about by chance.
    fresh
        The lines of the text that have not been read in another file.
    """

    text: str
    how: tuple[str, ...] = ()
    kind: str = "plain"
    noise: bool = False
    fresh: str = ""


class Unreadable(ValueError):
    """A file of the site cannot be unpacked, or unpacks to more than is read."""


_PNG = b"\x89PNG\r\n\x1a\n"
# Packed in a way that Python has no library for: nothing of a book is.
_UNREADABLE = {
    b"wOF2": "a font packed with Brotli",
    b"(\xb5/\xfd": "a Zstandard archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
_MARKUP = re.compile(r"<(?:[a-zA-Z][\w:-]*[\s/>]|!--|!doctype|\?xml)", re.IGNORECASE)
# So few bytes look like text by chance.
_FEW = 9
_LITERAL = re.compile(r"[\[{=]|\w\(")
_STRETCH = re.compile(rb"[\x20-\x7e\xa0-\xff]{5,}")
_WIDE = [
    (re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00){4,}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e\xa0-\xff]){4,}"), "utf-16-be"),
    (re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00\x00\x00){4,}"), "utf-32-le"),
    (re.compile(rb"(?:\x00\x00\x00[\x20-\x7e\xa0-\xff]){4,}"), "utf-32-be"),
]
_CARVED = re.compile(
    rb"\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x78[\x01\x5e\x9c\xda]|\x89PNG\r\n|%PDF-"
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_WRAPPED = re.compile(r"(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{40,}+)[ \t]*\r?\n[ \t]*(?=[A-Za-z0-9+/=])")
# Numbers that only draw something.
_PATHS = re.compile(r"""\s(?:d|points|transform)=(\\?["'])[MmLlHhVvCcSsQqTtAaZz\d\s,.eE+-]*\1""")
_EMBEDDED = re.compile(r"data:[\w/+.;=-]*;base64,[A-Za-z0-9+/=\s_-]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_WORDLIKE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[\d_-]+|[a-z]+(?:[_-][a-z]+)+")
_BASE32 = re.compile(r"\b(?:[A-Z2-7]{8,}|[a-z2-7]{16,})(?![a-zA-Z0-9])")
_BASE85 = re.compile(r"""(?<=["'>~])[!-~]{10,400}(?=["'<~])""")
_HEX = re.compile(
    r"(?<![0-9a-zA-Z])(?:0[xX])?((?:[0-9a-fA-F]){8,})(?![0-9a-zA-Z])|[0-9a-fA-F]{12,}"
)
_HEX_LIST = re.compile(
    r"(?<![0-9a-zA-Z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:;-]{1,2}){3,}(?:0x|\\x)?[0-9a-fA-F]{2}\b"
)
_CODES = re.compile(r"(?<![\d.])(?:\d{2,3}\s{0,2}[,;\s]\s{0,2}){3,}\d{2,3}(?![\d.])")
_BITS = re.compile(r"(?<![0-9a-zA-Z])[01]{8}(?:[\s,]{0,2}[01]{8}){3,}(?![0-9a-zA-Z])")

_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_CSS = re.compile(r"\\([0-9a-fA-F]{1,6})[ \n\t]?")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_QUOTED = re.compile(r"=(?:2D|3D|5F|20)|(?:=[0-9A-F]{2}){3,}|\w=\n")
_ENTITY = re.compile(r"&#?\w{2,32};?")
_SPACED = re.compile(r"(?<!\w)\w([^\w\n\x1f]{1,2})\S(?:\1\S){2,}(?!\w)")


def texts(
    raw: bytes,
    limits: Limits | None = None,
    *,
    passed: set[int] | None = None,
    seen: set[int] | None = None,
) -> Iterator[Text]:
    """Yield every text that can be read out of a file.

    Parameters
    ----------
    raw
        Its bytes.
    limits
        How far it is unpacked.
    passed
        Hashes of texts that need not be opened again.
    seen
        A set to which the hashes of all texts are added.

    Yields
    ------
    Text
        Each text once.

    Raises
    ------
    Unreadable
        If it unpacks to more than the limits allow.
    """
    unpacking = _Unpacking(limits or Limits(), passed or set(), set() if seen is None else seen)
    yield from unpacking.run(raw)


def kind_of(text: str) -> str:
    """Tell how the values of a text are arranged."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        return "json"
    if start == "<" or _MARKUP.search(text):
        return "markup"
    return "script" if _LITERAL.search(text) else "plain"


class _Unpacking:
    """The unpacking of one file: what is still to be opened, and what was seen."""

    def __init__(self, limits: Limits, passed: set[int], seen: set[int]) -> None:
        self.limits = limits
        self.passed = passed
        self.seen = seen
        self.size = 0
        self.count = 0
        self.todo: list[tuple[bytes | Text, tuple[str, ...]]] = []

    def run(self, raw: bytes) -> Iterator[Text]:
        self.push(raw, ())
        while self.todo:
            layer, how = self.todo.pop()
            if isinstance(layer, bytes):
                self.open_bytes(layer, how)
                continue
            layer = replace(layer, fresh=self.fresh(layer.text))
            yield layer
            self.open_text(layer)

    def push(self, layer: bytes | Text, how: tuple[str, ...]) -> None:
        """Open a layer later, unless it is empty or was seen."""
        if isinstance(layer, Text):
            layer = replace(layer, text=_PATHS.sub("", layer.text))
        content = layer if isinstance(layer, bytes) else layer.text
        key = hash((content, layer.kind if isinstance(layer, Text) else ""))
        if len(content) < 2 or key in self.seen or key in self.passed:
            return
        self.seen.add(key)
        self.size += len(content)
        self.count += 1
        if len(how) > self.limits.depth:
            raise Unreadable(f"it is packed more than {self.limits.depth} times over")
        if self.size > self.limits.size or self.count > self.limits.texts:
            raise Unreadable("it unpacks to more than is read")
        self.todo.append((layer, how))

    def say(
        self, text: str, how: tuple[str, ...], kind: str = "plain", *, noise: bool = False
    ) -> None:
        self.push(Text(text, how, kind, noise), how)

    def fresh(self, text: str) -> str:
        """Leave out the lines that were read in another file: pages share most of theirs."""
        lines = text.split("\n")
        if len(lines) < 5:
            return text
        hashes = [hash(line) for line in lines]
        self.seen.update(hashes)
        if self.passed.isdisjoint(hashes):
            return text
        known = self.passed
        return "\n".join(line for line, key in zip(lines, hashes, strict=True) if key not in known)

    # --- bytes -------------------------------------------------------------------------------

    def open_bytes(self, raw: bytes, how: tuple[str, ...]) -> None:
        for bom, encoding in _BOMS:
            if raw.startswith(bom):
                text = raw.decode(encoding, errors="replace")
                self.say(text, how, kind_of(text))
                return
        for start, what in _UNREADABLE.items():
            if raw.startswith(start):
                raise Unreadable(f"it holds {what}, which cannot be unpacked")
        if raw.startswith(_PNG):
            self.open_png(raw, how)
        elif raw.startswith(b"\xff\xd8\xff"):
            self.open_jpeg(raw, how)
        elif raw.startswith(b"PK\x03\x04"):
            self.open_zip(raw, how)
        elif raw[257:262] == b"ustar":
            self.open_tar(raw, how)
        elif unpacked := self.unpack(raw):
            name, inner, rest = unpacked
            self.push(inner, (*how, name))
            self.push(rest, how)
        elif guess := _encoding(raw):
            text = raw.decode(guess, errors="replace")
            self.say(text, how, kind_of(text))
        else:
            self.open_binary(raw, how)

    def unpack(self, raw: bytes) -> tuple[str, bytes, bytes] | None:
        """Unpack a stream at the start of ``raw``: its name, content and what follows."""
        if raw.startswith(b"\x1f\x8b\x08"):
            return self.inflate("gzip", zlib.decompressobj(31), raw)
        if raw.startswith(b"BZh"):
            return self.inflate("bzip2", bz2.BZ2Decompressor(), raw)
        if raw.startswith(b"\xfd7zXZ\x00") or raw[:3] == b"\x5d\x00\x00":
            return self.inflate("xz", lzma.LZMADecompressor(), raw)
        if raw[:1] == b"\x78" and len(raw) > 2 and int.from_bytes(raw[:2]) % 31 == 0:
            return self.inflate("zlib", zlib.decompressobj(), raw)
        return None

    def inflate(self, name: str, machine: Any, raw: bytes) -> tuple[str, bytes, bytes] | None:
        room = self.limits.size - self.size
        try:
            content = machine.decompress(raw, room + 1)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError, MemoryError):
            return None
        if len(content) > room:
            raise Unreadable("it unpacks to more than is read")
        return (name, content, machine.unused_data) if content else None

    def open_zip(self, raw: bytes, how: tuple[str, ...]) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                entries = archive.infolist()
                if sum(entry.file_size for entry in entries) > self.limits.size - self.size:
                    raise Unreadable("it unpacks to more than is read")
                for entry in entries:
                    self.say(entry.filename, (*how, "the name of a packed file"), "")
                    self.say(_latin(entry.comment), (*how, "a comment of the archive"))
                    if entry.flag_bits & 1:
                        raise Unreadable("it holds an encrypted archive")
                    # Not `read`: the size that an archive states need not be true.
                    with archive.open(entry) as stream:
                        inner = stream.read(self.limits.size - self.size + 1)
                    self.push(inner, (*how, "ZIP"))
                self.say(_latin(archive.comment), (*how, "a comment of the archive"))
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            ValueError,
            lzma.LZMAError,
        ) as error:
            if isinstance(error, Unreadable):
                raise
            self.open_binary(raw, how)

    def open_tar(self, raw: bytes, how: tuple[str, ...]) -> None:
        try:
            with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
                for member in archive:
                    self.say(member.name, (*how, "the name of a packed file"), "")
                    if member.isfile() and (stream := archive.extractfile(member)):
                        self.push(stream.read(), (*how, "tar"))
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            if isinstance(error, Unreadable):
                raise
            self.open_binary(raw, how)

    def open_png(self, raw: bytes, how: tuple[str, ...]) -> None:
        """Open the chunks of a PNG but those of its colours."""
        at = len(_PNG)
        while at + 12 <= len(raw):
            length = int.from_bytes(raw[at : at + 4])
            kind, body = raw[at + 4 : at + 8], raw[at + 8 : at + 8 + length]
            at += length + 12
            if kind == b"IEND":
                break
            if kind not in (b"IDAT", b"fdAT", b"PLTE", b"IHDR"):
                name = kind.decode("latin-1")
                self.say(_latin(body.replace(b"\0", b"\n")), (*how, f"PNG {name}"))
                self.open_binary(body, (*how, f"PNG {name}"))
        self.push(raw[at:], (*how, "after a PNG"))

    def open_jpeg(self, raw: bytes, how: tuple[str, ...]) -> None:
        """Open the segments of a JPEG before its picture."""
        at = 2
        while at + 4 <= len(raw) and raw[at] == 0xFF and raw[at + 1] != 0xDA:
            length = int.from_bytes(raw[at + 2 : at + 4])
            body = raw[at + 4 : at + 2 + length]
            if raw[at + 1] == 0xFE or 0xE0 <= raw[at + 1] <= 0xEF:
                self.say(_latin(body.replace(b"\0", b"\n")), (*how, "JPEG"))
                self.open_binary(body, (*how, "JPEG"))
            at += 2 + max(length, 2)
        self.open_binary(raw[at:], (*how, "JPEG"))

    def open_binary(self, raw: bytes, how: tuple[str, ...]) -> None:
        """Take out of binary data what looks like text, and what is packed in it."""
        if raw.startswith(b"%PDF-"):
            how = (*how, "PDF")
        found = [_latin(part) for part in _STRETCH.findall(raw)]
        self.say(BREAK.join(found), how, "plain", noise=True)
        for pattern, encoding in _WIDE:
            wide = [part.decode(encoding, errors="replace") for part in pattern.findall(raw)]
            self.say(BREAK.join(wide), (*how, encoding.upper()[:6]), "plain")
        for match in _CARVED.finditer(raw):
            if match.start() == 0 and not raw.startswith(b"%PDF-"):
                continue
            part = raw[match.start() :]
            if match[0][:1] in (b"\x89", b"%"):
                if match.start():
                    self.push(part, how)
            elif match[0][:2] == b"PK":
                self.open_embedded_zip(part, how)
            elif (unpacked := self.unpack(part)) and len(unpacked[1]) >= 6:
                self.push(unpacked[1], (*how, unpacked[0]))
        if len(raw) > 8 and (inner := self.deflated(raw)):
            self.push(inner, (*how, "deflate"))

    def open_embedded_zip(self, part: bytes, how: tuple[str, ...]) -> None:
        if zipfile.is_zipfile(io.BytesIO(part)) and hash(part) not in self.seen:
            self.push(part, how)

    def deflated(self, raw: bytes) -> bytes | None:
        """Unpack a raw deflate stream, if the whole of ``raw`` is one."""
        machine = zlib.decompressobj(-15)
        room = self.limits.size - self.size
        try:
            content = machine.decompress(raw, room + 1)
        except zlib.error:
            return None
        if len(content) > room:
            raise Unreadable("it unpacks to more than is read")
        return content if machine.eof and len(machine.unused_data) < 8 else None

    # --- texts -------------------------------------------------------------------------------

    def open_text(self, layer: Text) -> None:
        text, how = layer.text, layer.how
        if layer.kind == "json" and not self.open_json(text, how):
            self.say(text, how, "script")
            return
        if layer.kind == "markup":
            self.open_markup(text, how)
        if "TJ" in text or "Tj" in text:
            self.say(_pdf_strings(text), (*how, "PDF"))
        for name, pattern, translate in _TRANSLATIONS:
            # A parser resolves entities, and JSON its escapes.
            if layer.kind in _RESOLVED.get(name, ()) or not pattern.search(text):
                continue
            lines = text.splitlines() if len(text) > 2000 else [text]
            changed = "\n".join(translate(part) for part in lines if pattern.search(part))
            kind = "" if layer.kind in ("", "json") else kind_of(changed)
            self.say(changed, (*how, name), kind, noise=layer.noise)
        if not layer.noise:
            spaced = [joined for m in _SPACED.finditer(layer.fresh) if (joined := _unspaced(m))]
            self.say(BREAK.join(spaced), (*how, "letter by letter"), "")
        if layer.kind == "json":
            # Its strings come as texts of their own; what is left are numbers.
            self.open_codes(layer.fresh, how)
            return
        self.open_base64(layer.fresh, how)
        self.open_digits(layer.fresh, how)
        self.open_codes(layer.fresh, how)

    def open_json(self, text: str, how: tuple[str, ...]) -> bool:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False
        short = []
        for string in _strings(value):
            if len(string) >= 40 or "\n" in string or "<" in string:
                self.say(string, how, kind_of(string))
            else:
                short.append(string)
        self.say(BREAK.join(short), how, "")
        return True

    def open_markup(self, text: str, how: tuple[str, ...]) -> None:
        page = parse(text)
        self.say(page.flow, how, "flow")
        for node in page.nodes:
            if node.tag in ("pre", "textarea", "code") and node.content:
                as_it_stands = "".join(node.strings())
                self.say(as_it_stands, how, "plain")
        short = []
        for _, value in page.attributes:
            # What is embedded was decoded where the page was read as a whole.
            value = _EMBEDDED.sub("", value)
            if len(value) > 20 and any(sign in value for sign in "{[<,;"):
                self.say(value, (*how, "an attribute"), kind_of(value))
            else:
                short.append(value)
        self.say(BREAK.join(short), (*how, "an attribute"), "")
        for comment in page.comments:
            self.say(comment, (*how, "a comment"), kind_of(comment))
        for name, content in page.raw:
            kind = kind_of(content)
            self.say(content, (*how, f"a {name}"), kind)

    def open_base64(self, text: str, how: tuple[str, ...]) -> None:
        runs = set(_BASE64.findall(_WRAPPED.sub(r"\1", text)))
        noise: list[str] = []
        for run in runs:
            if len(run) < 40 and _WORDLIKE.fullmatch(run):
                continue
            plain = run.replace("-", "+").replace("_", "/")
            for offset in range(4):
                raw = _base64(plain[offset:])
                if not raw:
                    continue
                if offset == 0 and (_is_known(raw) or (_is_text(raw) and len(raw) >= _FEW)):
                    self.push(raw, (*how, "Base64"))
                    break
                if len(run) >= 40 and offset == 0:
                    self.push(raw, (*how, "Base64"))
                if _is_text(raw):
                    self.say(_latin(raw), (*how, "Base64"), noise=len(raw) < _FEW)
                else:
                    noise += [_latin(part) for part in _STRETCH.findall(raw)]
                    noise += [
                        part.decode(encoding, errors="replace")
                        for pattern, encoding in _WIDE[:2]
                        for part in pattern.findall(raw)
                    ]
        self.say(BREAK.join(noise), (*how, "Base64"), "", noise=True)

    def open_digits(self, text: str, how: tuple[str, ...]) -> None:
        """Open what is written in digits of another base."""
        for match in _HEX.finditer(text):
            run = match[1] or match[0]
            for offset in (0, 1):
                part = run[offset : len(run) - (len(run) - offset) % 2]
                self.open_code(bytes.fromhex(part), (*how, "hexadecimal"))
        for match in _HEX_LIST.finditer(text):
            pairs = re.findall(r"[0-9a-fA-F]{2}\b", match[0])
            self.open_code(bytes.fromhex("".join(pairs)), (*how, "hexadecimal"))
        for match in _BITS.finditer(text):
            bits = re.sub(r"[^01]", "", match[0])
            raw = int(bits, 2).to_bytes(len(bits) // 8) if len(bits) < 10_000 else b""
            self.open_code(raw, (*how, "binary"))
        for match in _BASE32.finditer(text):
            run = match[0].upper()
            try:
                raw = base64.b32decode(run + "=" * (-len(run) % 8))
            except (binascii.Error, ValueError):
                continue
            self.open_code(raw, (*how, "Base32"))
        for match in _BASE85.finditer(text):
            for decode in (base64.b85decode, base64.a85decode):
                try:
                    raw = decode(match[0])
                except (ValueError, OverflowError):
                    continue
                if _is_text(raw):
                    self.push(raw, (*how, "Base85"))

    def open_codes(self, text: str, how: tuple[str, ...]) -> None:
        """Open lists of the codes of characters."""
        for match in _CODES.finditer(text):
            numbers = [int(number) for number in re.findall(r"\d+", match[0])]
            if all(9 <= number < 256 for number in numbers):
                self.open_code(bytes(numbers), (*how, "character codes"), noise=True)

    def open_code(self, raw: bytes, how: tuple[str, ...], *, noise: bool = False) -> None:
        if len(raw) >= 4 and (_is_text(raw) or _is_known(raw)):
            if noise or len(raw) < _FEW:
                self.say(_latin(raw), how, "", noise=True)
            else:
                self.push(raw, how)
        elif len(raw) > 64 and not noise:
            self.push(raw, how)
        else:
            self.say(BREAK.join(_latin(p) for p in _STRETCH.findall(raw)), how, "", noise=True)
            wide = _WIDE[0][0].findall(raw) + _WIDE[1][0].findall(raw)
            self.say(BREAK.join(_latin(p.replace(b"\0", b"")) for p in wide), how, "", noise=True)


def _encoding(raw: bytes) -> str | None:
    """Tell how a text is encoded; None for binary data."""
    head = raw[:4096]
    if b"\0" in head:
        for size, encoding in ((4, "utf-32"), (2, "utf-16")):
            for end, place in (("le", 0), ("be", size - 1)):
                letters = head[place::size]
                others = len(head) - len(letters)
                if (
                    len(head) >= 2 * size
                    and b"\0" not in letters
                    and others
                    and head.count(b"\0") >= 0.9 * others
                ):
                    return f"{encoding}-{end}"
        # UTF-16 of a script without zero bytes is told by its blanks and line ends.
        for encoding in ("utf-16-le", "utf-16-be"):
            text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
            if text and sum(c.isalnum() or c.isspace() or c in ".,;:-" for c in text) > 0.95 * len(
                text
            ):
                return encoding
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        control = sum(byte < 32 and byte not in (9, 10, 13, 31) for byte in head)
        # Latin-1 of a text: mostly ASCII, and hardly a control character.
        if control > 0.01 * len(head) or sum(byte > 126 for byte in head) > 0.4 * len(head):
            return None
        return "cp1252"
    return "utf-8"


def _latin(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _is_text(raw: bytes) -> bool:
    """Whether bytes are readable as they are: ASCII, or UTF-8 with hardly a control character."""
    if len(raw) < 4:
        return False
    if raw.isascii():
        return sum(raw.count(bytes([c])) for c in (*range(9), *range(11, 32), 127)) == 0
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c.isspace() for c in text)


def _is_known(raw: bytes) -> bool:
    match = _CARVED.match(raw)
    if match and match[0][:1] == b"\x78":
        return int.from_bytes(raw[:2]) % 31 == 0
    wide = len(raw) >= 8 and any(
        pattern.fullmatch(raw[: len(raw) // 4 * 4]) for pattern, _ in _WIDE
    )
    return bool(match) or wide or raw.startswith((_PNG, b"\xff\xd8\xff", b"\xff\xfe", b"\xfe\xff"))


def _base64(run: str) -> bytes:
    run = run[: len(run) - (len(run) % 4 == 1)]
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except (binascii.Error, ValueError):
        return b""


def _unspaced(match: re.Match[str]) -> str:
    """Put the letters of a spaced text together; a list of single digits is left alone."""
    letters = match[0][:: 1 + len(match[1])]
    return "" if "," in match[1] and letters.isdigit() else letters


def _strings(value: Any) -> Iterator[str]:
    """Yield every string and key of a JSON value; a notebook's lists of lines also as one text."""
    todo = [value]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            todo += value.values()
        elif isinstance(value, list):
            if len(value) > 1 and all(isinstance(part, str) for part in value):
                yield "".join(value)
            todo += value


def _pdf_strings(text: str) -> str:
    """Join the strings that a PDF sets one after the other."""
    lines = []
    for shown in re.findall(
        r"\[((?:[^\]\\]|\\.)*)\]\s*TJ|(\((?:[^()\\]|\\.)*\)|<[\s0-9A-Fa-f]+>)\s*Tj", text
    ):
        parts = re.findall(r"\((?:[^()\\]|\\.)*\)|<[\s0-9A-Fa-f]+>", shown[0] or shown[1])
        line = ""
        for part in parts:
            if part.startswith("("):
                line += re.sub(r"\\([()\\])", r"\1", part[1:-1])
            else:
                digits = re.sub(r"\s", "", part[1:-1])
                raw = bytes.fromhex(digits + "0" * (len(digits) % 2))
                line += _latin(raw.replace(b"\0", b""))
        lines.append(line)
    return "\n".join(lines)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: _character(int(m[1] or m[2] or m[3], 16)), text)


def _unescape_octal(text: str) -> str:
    return _OCTAL.sub(lambda m: _character(int(m[1], 8)), text)


def _unescape_css(text: str) -> str:
    return _CSS.sub(lambda m: _character(int(m[1], 16)), text)


def _unquote(text: str) -> str:
    return _latin(unquote_to_bytes(text.encode("utf-8", errors="replace")))


def _unquote_printable(text: str) -> str:
    return _latin(quopri.decodestring(text.encode("utf-8", errors="replace")))


_RESOLVED = {"an entity": ("markup", "json")}
_TRANSLATIONS: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
    ("an entity", _ENTITY, html.unescape),
    ("percent signs", _PERCENT, _unquote),
    ("an escape", _ESCAPE, _unescape),
    ("an escape", _OCTAL, _unescape_octal),
    ("an escape", _CSS, _unescape_css),
    ("quoted-printable", _QUOTED, _unquote_printable),
)
