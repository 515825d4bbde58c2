"""Whatever bytes a file has, its texts come out, in bounds and without an error."""

import base64
import contextlib
import gzip
import io
import json
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plants import chunk, jpeg, pdf, png

from reanalysis.site.contents import pieces
from reanalysis.site.decode import BREAK, Limits, Text, Unreadable, kind_of, texts
from reanalysis.site.literals import of_script
from reanalysis.site.normal import Finder, folded, normal, stripped
from reanalysis.site.rows import printed

SMALL = Limits(size=2**20, depth=6, texts=2000)
MAGIC = [
    b"\x89PNG\r\n\x1a\n",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"%PDF-1.4",
    b"\xff\xd8\xff\xe1",
    b"BZh91AY&SY",
    b"\xfd7zXZ\0",
    b"x\x9c",
    b"\xff\xfe",
    b"\xfe\xff",
    b"<html>",
    b'{"a":[',
]


def values(text: str, kind: str | None = None) -> set[tuple[str, ...]]:
    found = pieces(Text(text, (), kind or kind_of(text)), lambda label: label.isalpha())
    return {tuple(cell.value for cell in piece) for piece in found}


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for text in texts(raw, SMALL):
            list(pieces(text, lambda label: label.isalpha()))


@given(st.sampled_from(MAGIC), st.binary(max_size=500))
def test_any_broken_file_is_read_or_refused(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for text in texts(start + rest, SMALL):
            list(pieces(text, lambda label: label.isalpha()))


@given(st.text(alphabet="<>/=\"' abctdrlidv[]{}(),;:1234.5|\t\n\\%&#xu", max_size=400))
def test_any_text_is_taken_apart(text: str) -> None:
    for kind in ("markup", "json", "script", "plain", "flow"):
        for piece in pieces(Text(text, (), kind), lambda label: label.isalpha()):
            for cell in piece:
                list(printed(cell.value))


@given(st.binary(min_size=8, max_size=200), st.integers(0, 5))
def test_what_is_packed_comes_out(raw: bytes, order: int) -> None:
    text = base64.b32encode(raw).decode().rstrip("=")
    packing = [gzip.compress, zlib.compress, base64.b64encode, lambda b: b.hex().encode()]
    packed = text.encode()
    for i in range(3):
        packed = packing[(order + i) % 4](packed)
    assert any(text in layer.text for layer in texts(packed))


@given(st.text(max_size=100), st.text(max_size=40))
def test_a_text_is_found_wherever_its_letters_stand(before: str, own: str) -> None:
    what = normal(own)
    places = list(Finder([what]).find(before + "\n" + own))
    if len(what) >= 3:
        assert any(place.what == what for place in places)
    for place in places:
        assert normal(place.surface).endswith(what) or place.padded


@given(st.text(max_size=60))
def test_a_normal_text_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert normal(normal(text)) == normal(text)


def test_numbers_lose_their_zeros_and_decimals_keep_them() -> None:
    assert stripped("KX-003-Q") == "kx3q"
    assert stripped("0.007") == "0007"
    assert normal("\uff2b\uff38\uff0d\uff10\u00ad\uff10\uff13") == "kx003"


def bomb(levels: int) -> bytes:
    raw = bytes(2**22)
    for _ in range(levels):
        raw = gzip.compress(raw)
    return raw


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(3):
            archive.writestr(f"{i}", bytes(2**20))
    return buffer.getvalue()


def nested(levels: int) -> bytes:
    raw = b"a text in the middle"
    for _ in range(levels):
        raw = zlib.compress(raw)
    return raw


@pytest.mark.parametrize(
    "raw",
    [
        bomb(1),
        bomb(2),
        zip_bomb(),
        nested(20),
        png() + bomb(1),
        pdf(bytes(2**22)),
        png(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**22)))),
    ],
    ids=["gzip", "twice", "ZIP", "nested", "behind a PNG", "PDF", "PNG"],
)
def test_a_bomb_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        list(texts(raw, SMALL))


@pytest.mark.parametrize("start", [b"wOF2", b"7z\xbc\xaf'\x1c", b"Rar!\x1a\x07", b"(\xb5/\xfd"])
def test_what_cannot_be_unpacked_is_refused(start: bytes) -> None:
    with pytest.raises(Unreadable, match="cannot be unpacked"):
        list(texts(zlib.compress(start + b"anything")))


def test_too_many_texts_are_refused() -> None:
    many = json.dumps([f"<p>{i}</p>" for i in range(5000)]).encode()
    with pytest.raises(Unreadable):
        list(texts(many, SMALL))


def test_the_colours_of_a_picture_are_no_text() -> None:
    assert [text.text for text in texts(png())] == []
    assert any("beside" in text.text for text in texts(jpeg(0xFE, b"beside")))


def test_what_does_not_belong_together_stays_apart() -> None:
    found = list(texts(b"<table><tr><td>KX</td><td>003</td></tr></table>"))
    assert all("KX003" not in text.text for text in found)
    attributes = next(t.text for t in texts(b"<i a='one' b='two'></i>") if t.how)
    assert attributes == f"one{BREAK}two"


def test_pieces_of_each_layout() -> None:
    assert ("1", "2", "3") in values("<table><tr><td>1<td>2<td>3</table>")
    assert ("1", "2", "3") in values("<dl><dt>a<dd>1<dt>b<dd>2<dt>c<dd>3</dl>")
    assert ("1", "2", "3") in values("<ul><li>1<li>2<li>3</ul>")
    assert ("1", "2", "3") in values("f({a: 1, 'b': 2, c: `3`})")
    assert ("2", "4", "6") in values("a = [1, 2]\nb = [3, 4]; c = [5, 6]")
    assert ("1", "2,5", "3") in values("1;2,5;3")


def test_literals_are_read_as_scripts_write_them() -> None:
    root = of_script("x.size = 1.5; y = {a: -2, \"b\": [3, 4e1], 'c': z}; // no: 9")
    assert ("size", "1.5") in root.entries
    inner = root.holders[0]
    assert inner.label == "y" and inner.values[0] == ("a", "-2")
    assert inner.holders[0].label == "b"
    assert [value for _, value in inner.holders[0].values] == ["3", "4e1"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13.37", "13.37"),
        ("13,37", "13.37"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("13.370", "13.37"),
        ("13.37 months", "13.37"),
        ("(53)", "53"),
        ("1.337e1", "13.37"),
        ("13.369999885559082", "13.37"),
        ("2019-03-04", "2019-03-04"),
        ("4.3.2019", "2019-03-04"),
        ("\uff11\uff13\uff0e\uff13\uff17", "13.37"),
    ],
)
def test_a_number_is_read_however_it_is_printed(text: str, value: str) -> None:
    assert value in set(printed(text))


@pytest.mark.parametrize("text", ["53 (1.4–2.3)", "1–3", "53 %", "<5", "12/20", "a53", ""])
def test_what_is_no_number_of_its_own_is_none(text: str) -> None:
    assert not set(printed(text))
