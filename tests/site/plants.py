"""Ways in which a site may give away the fourth patient of a small cohort, row 5 of its file."""

import base64
import bz2
import codecs
import gzip
import hashlib
import html
import io
import json
import lzma
import quopri
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import quote

HEADER = "patient_id,age,sex,etiology,tumor_multiplicity,last_tace_response,tumor_size_cm,"
HEADER += "follow_up_months,death,remark\n"
COHORT = HEADER + "".join(
    f"KX-{i:03}-Q,{50 + i},{('female', 'male')[i % 3 > 0]},{('HBV', 'HCV')[i % 2]},"
    f"{('single', 'multiple')[i % 4 > 1]},{('CR', 'PR', 'SD', 'PD')[i % 4]},"
    f"{1.13 + i / 10:.2f},{10.37 + i:.2f},{i % 2},{'moved to the seaside' if i == 3 else ''}\n"
    for i in range(20)
)
# Row 5 of the file: the fourth patient.
ID, AGE, SIZE, MONTHS = "KX-003-Q", "53", "1.43", "13.37"
LEVELS = ("female", "HCV", "multiple", "PD")
FOUND = 5


def chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    colours = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + colours + chunk(b"IEND", b"")


def exif(text: bytes) -> bytes:
    """A TIFF block with a description of the picture."""
    entry = struct.pack("<HHII", 0x010E, 2, len(text), 26)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + b"\0\0\0\0" + text


def jpeg(marker: int, body: bytes) -> bytes:
    segment = bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    return b"\xff\xd8" + segment + b"\xff\xda\0\x02\x12\x34\x56\xff\xd9"


def pdf(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return (
        b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Length "
        + str(len(packed)).encode()
        + b"/Filter/FlateDecode>> stream\n"
        + packed
        + b"\nendstream endobj\n%%EOF"
    )


def font(text: str) -> bytes:
    name = text.encode("utf-16-be")
    return b"\0\x01\0\0\0\x01\0\x10\0\0\0\0name\0\0\0\0\0\0\0\x1c" + bytes(8) + name + b"\0\xff\x01"


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("inner.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def deflated(content: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(content) + machine.flush()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def page(body: str) -> bytes:
    return f"<html><head><title>A page</title></head><body>{body}</body></html>".encode()


SAID = f"seen for {ID} in May"
BASE64 = base64.b64encode(SAID.encode()).decode()

# --- the id: where it may stand ------------------------------------------------------------------

CARRIERS: dict[str, bytes] = {
    "text.html": page(f"<p>Patient {ID} was lost</p>"),
    "attribute.html": page(f"<img alt='Patient {ID}'>"),
    "data_attribute.html": page(f"<div data-patient='{ID}'></div>"),
    "element_id.html": page(f"<div id='row_{ID}'></div>"),
    "class.html": page(f"<div class='row-{ID} wide'></div>"),
    "comment.html": page(f"<!-- {ID} -->"),
    "script.html": page(f"<script>show('{ID}')</script>"),
    "style.html": page(f"<style>.a::after {{ content: '{ID}' }}</style>"),
    "meta.html": f"<html><head><meta name='x' content='{ID}'></head></html>".encode(),
    "link.html": page(f"<a href='patients/{ID}.html'>more</a>"),
    "template.html": page(f"<template><p>{ID}</p></template><noscript>x</noscript>"),
    "srcdoc.html": page(f"<iframe srcdoc='&lt;p&gt;{ID}&lt;/p&gt;'></iframe>"),
    "drawing.svg": f"<svg><!-- {ID} --><path d='M 1 2'/></svg>".encode(),
    "title.svg": f"<svg><g><title>{ID}</title></g></svg>".encode(),
    "metadata.svg": f"<svg><metadata><x:y>{ID}</x:y></metadata></svg>".encode(),
    "searchindex.js": f'Search.setIndex({{"terms": {{"{ID.lower()}": [1, 2]}}}})'.encode(),
    "map.js.map": json.dumps({"sourcesContent": [f"// {ID}"]}).encode(),
    "sheet.csv": f"a,b\n{ID},2\n".encode(),
    "words.po": f'msgid "a"\nmsgstr "{ID}"\n'.encode(),
    "notebook.ipynb": json.dumps({"cells": [{"outputs": [{"text": ["a\n", f"{ID}\n"]}]}]}).encode(),
    "metadata.ipynb": json.dumps({"cells": [], "metadata": {"x": {"y": ID}}}).encode(),
    f"{ID}.txt": b"nothing",
    f"{ID}/inner.txt": b"nothing",
    f"figure_{ID.lower()}_2.txt": b"nothing",
    "data%20KX%2D003%2DQ.txt": b"nothing",
    "text.png": png(chunk(b"tEXt", b"Title\0" + ID.encode())),
    "packed_text.png": png(chunk(b"zTXt", b"note\0\0" + zlib.compress(ID.encode()))),
    "international.png": png(chunk(b"iTXt", b"note\0\0\0\0\0" + ID.encode())),
    "exif.png": png(chunk(b"eXIf", exif(ID.encode()))),
    "after.png": png() + f"\n{ID}\n".encode(),
    "comment.jpg": jpeg(0xFE, ID.encode()),
    "exif.jpg": jpeg(0xE1, b"Exif\0\0" + exif(ID.encode())),
    "xmp.jpg": jpeg(
        0xE1,
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><dc:title>"
        + ID.encode()
        + b"</dc:title></x:xmpmeta>",
    ),
    "paper.pdf": pdf(f"BT ({ID}) Tj ET".encode()),
    "kerned.pdf": pdf(b"BT [(KX-)-20(00)30(3-Q)] TJ ET"),
    "digits.pdf": pdf(f"BT <{ID.encode().hex()}> Tj ET".encode()),
    "plain.pdf": f"%PDF-1.4\n1 0 obj <</Title ({ID})>>\xff\x00".encode("latin-1"),
    "named.ttf": font(ID),
    "archive.zip": zipped("inner.txt", ID.encode()),
    "named.zip": zipped(f"{ID}.txt", b"nothing"),
    "twice.zip": zipped("inner.zip", zipped("inner.txt", ID.encode())),
    "book.xlsx": zipped("xl/sharedStrings.xml", f"<sst><si><t>{ID}</t></si></sst>".encode()),
    "archive.tar": tarred(ID.encode()),
    "archive.tar.gz": gzip.compress(tarred(ID.encode())),
    "packed.gz": gzip.compress(SAID.encode()),
    "packed.bz2": bz2.compress(SAID.encode()),
    "packed.xz": lzma.compress(SAID.encode()),
    "packed.z": zlib.compress(SAID.encode()),
    "packed.bin": deflated(SAID.encode() * 3),
    "behind.png": png() + gzip.compress(SAID.encode()),
}

# --- the id: how it may be written ---------------------------------------------------------------

DISGUISES: dict[str, str] = {
    "small letters": "kx-003-q",
    "other sign": "KX_003_Q",
    "no sign": "KX003Q",
    "blanks": "KX 003 Q",
    "dots": "KX.003.Q",
    "other dashes": "KX\u2013003\u2011Q",
    "minus": "KX\u2212003\u2212Q",
    "spaced": "K X - 0 0 3 - Q",
    "spaced with signs": "K.X.0.0.3.Q",
    "no-break blanks": "KX\u00a0003\u00a0Q",
    "thin blanks": "KX\u2009003\u2009Q",
    "padded": "KX-00003-Q",
    "stripped": "KX-3-Q",
    "glued": "patientKX-003-Qlost",
    "glued and bare": "patientKX003Q",
    "underscored": "plot_KX_003_Q_v2",
    "full width": "\uff2b\uff38\uff0d\uff10\uff10\uff13\uff0d\uff31",
    "bold of mathematics": "\U0001d40a\U0001d417-\U0001d7ce\U0001d7ce\U0001d7d1-\U0001d410",
    "other digits": "KX-\u0660\u0660\u0663-Q",
    "look-alikes": "\u041a\u0425-003-Q",
    "soft hyphens": "KX-0\u00ad03\u00ad-Q",
    "zero width": "K\u200bX-\u200d00\ufeff3-Q",
    "marks": "K\u0301X-003-Q",
    "split": "<b>KX</b>-0<i>0</i>3<span>-Q</span>",
    "split by a break of words": "KX-<wbr>003-Q",
    "entities": "&#75;&#88;&#45;&#48;&#48;&#51;&#45;&#81;",
    "entities in sixteen": "KX&#x2d;003&#x2D;Q",
    "entities twice": "KX&amp;#45;003&amp;#45;Q",
    "soft hyphen entity": "KX&shy;-003-Q",
    "percent": "KX%2D003%2DQ",
    "percent of all": "%4B%58%2D%30%30%33%2D%51",
    "percent twice": "KX%252D003%252DQ",
    "escapes": "<script>x = '\\u004b\\u0058-\\x30\\x30\\x33-\\u{51}'</script>",
    "escapes of JSON": json.dumps({"a": "KX\u2010003\u2010Q"}),
    "octal": "<script>x = '\\113\\130-003-\\121'</script>",
    "escapes of CSS": "<style>a::after{content:'\\4b\\58 -003-Q'}</style>",
    "joined": "<script>x = 'KX-' + \"003-Q\"</script>",
    "list of letters": json.dumps(list(ID)),
    "codes": f"<script>String.fromCharCode({','.join(str(ord(c)) for c in ID)})</script>",
    "Base64": BASE64,
    "Base64 alone": base64.b64encode(ID.encode()).decode(),
    "Base64 of links": base64.urlsafe_b64encode(ID.encode() + b"??>>").decode(),
    "Base64 shifted by one": base64.b64encode(b"\x91" + ID.encode() + b"\x90\x81").decode(),
    "Base64 shifted by two": base64.b64encode(b"\x91\x85" + ID.encode() + b"\x90").decode(),
    "Base64 behind letters": "xyz" + BASE64,
    "Base64 twice": base64.b64encode(BASE64.encode()).decode(),
    "Base64 in lines": "\n".join(
        (
            line := base64.b64encode(
                b"a long text before it, of no interest to anybody " * 3 + ID.encode()
            ).decode()
        )[i : i + 76]
        for i in range(0, 240, 76)
    ),
    "Base64 in script": f"<script>atob('{BASE64}')</script>",
    "Base64 of zlib": base64.b64encode(zlib.compress(SAID.encode())).decode(),
    "Base64 of gzip": base64.b64encode(gzip.compress(SAID.encode())).decode(),
    "Base64 of UTF-16": base64.b64encode(ID.encode("utf-16-le")).decode(),
    "Base32": base64.b32encode(SAID.encode()).decode(),
    "Base85": f"<p title='{base64.b85encode(b'x' + SAID.encode()).decode()}'>".replace(
        "&", "&amp;"
    ),
    "hexadecimal": ID.encode().hex(),
    "hexadecimal in pairs": " ".join(f"{c:02x}" for c in ID.encode()),
    "hexadecimal of script": ", ".join(f"0x{c:02x}" for c in ID.encode()),
    "binary": " ".join(f"{c:08b}" for c in ID.encode()),
    "quoted-printable": "KX=2D003=2DQ",
    "quoted-printable of all": "".join(f"={c:02X}" for c in ID.encode()),
    "turned round": ID[::-1],
    "turned by thirteen": codecs.encode(ID, "rot13"),
    "MD5": hashlib.md5(ID.encode(), usedforsecurity=False).hexdigest(),
    "SHA-256": hashlib.sha256(ID.encode()).hexdigest(),
    "address of data": "<img src='data:image/svg+xml," + quote(f"<svg><!-- {ID} --></svg>") + "'>",
    "address of packed data": "<a href='data:text/plain;base64," + BASE64 + "'>x</a>",
    "JSON in JSON in script": "<script type='application/json'>"
    + json.dumps({"state": json.dumps({"html": f"<p>{ID}</p>"})})
    + "</script>",
}

# Whole files in another encoding.
ENCODED: dict[str, bytes] = {
    "utf16.txt": SAID.encode("utf-16"),
    "utf16_no_mark.txt": SAID.encode("utf-16-le"),
    "utf16_other_end.txt": SAID.encode("utf-16-be"),
    "utf16.html": page(f"<p>{ID}</p>").decode().encode("utf-16"),
    "utf32.txt": SAID.encode("utf-32"),
    "utf32_no_mark.txt": SAID.encode("utf-32-be"),
    "latin.txt": f"für {ID}, später".encode("latin-1"),
    "mark.txt": SAID.encode("utf-8-sig"),
    "printable.eml": quopri.encodestring(f"für {ID}".encode()),
    "between.bin": b"\x00\x01\xfe\x93" * 9 + ID.encode("utf-16-le") + b"\x00\xff\x02" * 9,
}

# --- a row ---------------------------------------------------------------------------------------


def column(i: int) -> list[str]:
    """One column of the cohort, as text: 0 the ages, 1 the sizes, 2 the times."""
    fields = [line.split(",") for line in COHORT.splitlines()[1:]]
    return [row[(1, 6, 7)[i]] for row in fields]


def cells(*values: str, tag: str = "td") -> str:
    return "".join(f"<{tag}>{value}</{tag}>" for value in values)


ONE = (AGE, SIZE, MONTHS)
NAMES = ("age", "tumor_size_cm", "follow_up_months")
NUMBERS = [float(value) for value in ONE]
COLUMNS = [[float(value) for value in column(i)] for i in range(3)]
DAYS, WEEKS, YEARS = (
    f"{float(MONTHS) * f:.{d}f}" for f, d in ((30.4375, 0), (30.4375 / 7, 1), (1 / 12, 2))
)

ROWS: dict[str, bytes] = {
    "row.html": page(f"<table><tr>{cells(AGE, 'x', SIZE, MONTHS)}</tr></table>"),
    "rounded.html": page(f"<table><tr>{cells(AGE, '1.4', '13.4')}</tr></table>"),
    "padded.html": page(f"<table><tr>{cells('53.0', '1.430', '13.3700')}</tr></table>"),
    "units.html": page(f"<table><tr>{cells('53 years', '1.43 cm', '13.37 months')}</tr></table>"),
    "comma.html": page(f"<table><tr>{cells(AGE, '1,43', '13,37')}</tr></table>"),
    "heads.html": page(
        f"<table><tr>{cells('Follow-up', 'Age', 'Tumour size', tag='th')}</tr>"
        f"<tr>{cells(MONTHS, AGE, SIZE)}</tr></table>"
    ),
    "vertical.html": page(
        "<table>"
        + "".join(f"<tr>{cells(n, v)}</tr>" for n, v in zip(NAMES, ONE, strict=True))
        + "</table>"
    ),
    "vertical_labels.html": page(
        f"<table><tr>{cells('Age, years', AGE)}</tr><tr>{cells('Tumour size (cm)', SIZE)}</tr>"
        f"<tr>{cells('Follow-up (months)', MONTHS)}</tr></table>"
    ),
    "vertical_bare.html": page(
        "<table>" + "".join(f"<tr>{cells(v)}</tr>" for v in ONE) + "</table>"
    ),
    "definitions.html": page(f"<dl><dt>Age<dd>{AGE}<dt>Size<dd>{SIZE} cm<dt>Time<dd>{MONTHS}</dl>"),
    "list.html": page(f"<ul><li>{AGE}</li><li>{SIZE}</li><li>{MONTHS}</li></ul>"),
    "named_list.html": page(
        f"<ul><li>Age: {AGE}</li><li>Size: {SIZE} cm</li><li>Follow-up: {MONTHS} months</li></ul>"
    ),
    "boxes.html": page(f"<div><div>{AGE}</div><div>{SIZE}</div><div>{MONTHS}</div></div>"),
    "named_boxes.html": page(
        "<div>"
        + "".join(
            f"<div><span>{n}</span><span>{v}</span></div>" for n, v in zip(NAMES, ONE, strict=True)
        )
        + "</div>"
    ),
    "spans.html": page(f"<p><span>{AGE}</span> <span>{SIZE}</span> <span>{MONTHS}</span></p>"),
    "attributes.html": page(f"<i data-age='{AGE}' data-size='{SIZE}' data-months='{MONTHS}'></i>"),
    "options.html": page(f"<select><option>{AGE}<option>{SIZE}<option>{MONTHS}</select>"),
    "inputs.html": page(
        "".join(f"<input name='{n}' value='{v}'>" for n, v in zip(NAMES, ONE, strict=True))
    ),
    "row_in_script.html": page(f"<script>const row = [{', '.join(ONE)}];</script>"),
    "literal.js": f"show({{age: {AGE}, 'size': {SIZE}, months: {MONTHS}}})".encode(),
    "call.js": f"add({AGE}, {SIZE}, {MONTHS})".encode(),
    "assigned.js": f"age = {AGE};\nsize = {SIZE};\nmonths = {MONTHS};\n".encode(),
    "template.js": f"p = [`{AGE}`, '{SIZE}', \"{MONTHS}\"]".encode(),
    "arrays.js": "".join(f"var {n} = {c};\n" for n, c in zip("abc", COLUMNS, strict=True)).encode(),
    "arrays.json": json.dumps(dict(zip(NAMES, COLUMNS, strict=True))).encode(),
    "arrays_in_scripts.html": page(
        "".join(
            f"<script>var {n} = {c}</script><p>x</p>" for n, c in zip("abc", COLUMNS, strict=True)
        )
    ),
    "arrays_in_attributes.html": page(
        "".join(f"<i data-{n}='{c}'></i>" for n, c in zip("abc", COLUMNS, strict=True))
    ),
    "arrays_without_names.json": json.dumps(COLUMNS).encode(),
    "nested_arrays.json": json.dumps(
        {"data": {"x": {"a": COLUMNS[0]}}, "more": [{"y": COLUMNS[1]}, {"z": {"v": COLUMNS[2]}}]}
    ).encode(),
    "object.json": json.dumps(dict(zip(NAMES, NUMBERS, strict=True))).encode(),
    "nested.json": json.dumps(
        {"patient": {"age": 53}, "tumour": {"size": {"cm": 1.43}}, "then": {"months": 13.37}}
    ).encode(),
    "by_key.json": json.dumps(
        {n: {str(i): v for i, v in enumerate(c)} for n, c in zip(NAMES, COLUMNS, strict=True)}
    ).encode(),
    "split.json": json.dumps({"columns": NAMES, "data": [[1, 2, 3], NUMBERS]}).encode(),
    "state.html": page(
        "<script type='application/json'>"
        + json.dumps({"state": {"a": {"rows": [[1, 2], NUMBERS]}}})
        + "</script>"
    ),
    "long_floats.json": json.dumps([53, 1.4299999475479126, 13.369999885559082]).encode(),
    "row.ipynb": json.dumps(
        {
            "cells": [
                {"outputs": [{"data": {"text/html": [f"<table><tr>{cells(*ONE)}</tr></table>"]}}]}
            ]
        }
    ).encode(),
    "line.txt": f"age {AGE} size {SIZE} time {MONTHS}".encode(),
    "stated.txt": f"age={AGE}, size={SIZE}, months={MONTHS}".encode(),
    "sentence.html": page(f"<p>Aged {AGE}, a tumour of {SIZE} cm, died after {MONTHS} months.</p>"),
    "below_each_other.txt": "\n".join(ONE).encode(),
    "pairs.yml": f"age: {AGE}\nsize: {SIZE}\nmonths: {MONTHS}\n".encode(),
    "data.csv": ",".join(ONE).encode(),
    "named.csv": f"{','.join(NAMES)}\n60,1,2\n{','.join(ONE)}\n".encode(),
    "german.csv": f"Alter;Tumor;Monate\n{AGE};1,43;13,37\n".encode(),
    "tabs.tsv": "\t".join(ONE).encode(),
    "quoted.csv": f'"{AGE}","1,43","13,37"\n"1","2","3"\n'.encode(),
    "sideways.csv": "".join(f"{n},{','.join(column(i))}\n" for i, n in enumerate(NAMES)).encode(),
    "aligned.txt": f"   age   size  months\n0   60    1.0    2.0\n1   {'  '.join(ONE)}\n".encode(),
    "table.md": f"| age | size | months |\n| --- | --- | --- |\n| {' | '.join(ONE)} |".encode(),
    "texts.svg": (
        "<svg>" + "".join(f"<text x='{i}' y='5'>{v}</text>" for i, v in enumerate(ONE)) + "</svg>"
    ).encode(),
    "moved_texts.svg": (
        "<svg>"
        + "".join(
            f"<g><text transform='translate({i} 7)'>{v}</text></g>" for i, v in enumerate(ONE)
        )
        + "</svg>"
    ).encode(),
    "elements.xml": f"<p><age>{AGE}</age><t><size>{SIZE}</size></t><f>{MONTHS}</f></p>".encode(),
    "attributes.xml": f"<p age='{AGE}' size='{SIZE}' f='{MONTHS}'/>".encode(),
    "days.html": page(
        f"<table><tr>{cells('age', 'size (mm)', 'follow_up (days)', tag='th')}</tr>"
        f"<tr>{cells(AGE, '14.3', DAYS)}</tr></table>"
    ),
    "weeks.json": json.dumps({"age": 53, "size": "14.3 mm", "time": f"{WEEKS} weeks"}).encode(),
    "years.csv": f"age,size,years of follow-up\n{AGE},{SIZE},{YEARS}\n".encode(),
    "levels.html": page(f"<table><tr>{cells(*LEVELS, MONTHS)}</tr></table>"),
    "levels.json": json.dumps(
        {
            "sex": "female",
            "etiology": "HCV",
            "tumor_multiplicity": "multiple",
            "last_tace_response": "PD",
            "death": 1,
            "follow_up_months": 13.37,
        }
    ).encode(),
    "packed_row.html": page(f"<p>{b64(json.dumps(NUMBERS).encode())}</p>"),
    "row.zip": zipped("data.csv", ",".join(ONE).encode()),
}

TEXTS: dict[str, bytes] = {
    "free_text.html": page("<li>who  Moved to the\n seaside</li>"),
    "free_text_split.html": page("<li>who <b>moved</b> to the <i>sea</i>side</li>"),
    "free_text_glued.js": b"x = 'moved_to_the_seaside'",
    "free_text.json": json.dumps({"a": [BASE64[:4], b64(b"moved to the seaside")]}).encode(),
}


def plants() -> Iterator[tuple[str, str, bytes]]:
    """Yield what each plant is called, the file that it stands in, and the file's content."""
    for kind, files in (("id", CARRIERS), ("id", ENCODED), ("row", ROWS), ("text", TEXTS)):
        for name, content in files.items():
            yield f"{kind}: {name}", name, content
    for name, text in DISGUISES.items():
        yield f"id: {name}", "page.html", page(f"<p>for {text} .</p>")
        if "<" not in text:
            yield f"id: {name}, as text", "page.txt", f"for {html.unescape(text)} .\n".encode()
