"""Files of less than 1 MB, made to take long or much memory; each kind of trick once or more.

``hostile_files()`` yields a name and the content of each. They are made when asked for: unpacked,
some have a hundred megabytes. Run as a program, it checks files as ``python -m reanalysis check``
does, each in a process of its own that is forked after the imports, and prints what each took:
``python tests/hostile_files.py FOLDER``, or ``... FILE --json`` for one.
"""

import io
import itertools
import json
import os
import random
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bad_files import GOOD, NAMES, SHEET, rewritten

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LIMIT = 1_000_000  # bytes
BOOK, STYLES, TEXTS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
HEADER = (
    '<row r="1"><c t="str"><v>patient_id</v></c><c t="str"><v>follow_up_months</v></c>'
    '<c t="str"><v>death</v></c></row>'
)


def sheet(body: str, before: str = "", after: str = "") -> bytes:
    return (
        f'<worksheet xmlns="{NAMESPACE}">{before}<sheetData>{body}</sheetData>{after}</worksheet>'
    ).encode()


def workbook(body: str = "", *, filler: int = 0, xml: bytes | None = None, **parts: bytes) -> bytes:
    """Make a workbook; ``filler`` bytes that pack badly let the rest of it unpack to more."""
    replaced = {SHEET: xml or sheet(body)} | {
        {"styles": STYLES, "texts": TEXTS, "book": BOOK}[part]: content
        for part, content in parts.items()
    }
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
    ):
        for name in source.namelist():
            target.writestr(name, replaced.pop(name, None) or source.read(name))
        for name, content in replaced.items():
            target.writestr(name, content)
        if filler:
            noise = random.Random(1).randbytes(filler)
            target.writestr("xl/media/image1.png", noise, zipfile.ZIP_STORED)
    return stream.getvalue()


def texts(items: str) -> bytes:
    return f'<sst xmlns="{NAMESPACE}">{items}</sst>'.encode()


def with_texts(items: str, body: str, filler: int = 0) -> bytes:
    relation = (
        '<Relationship Id="rId99" Target="/xl/sharedStrings.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    book = workbook(body, filler=filler, texts=texts(items))
    return rewritten(
        book, RELATIONS, lambda xml: xml.replace(b"</Relationships>", relation.encode())
    )


def many_sheets(number: int, xml: bytes) -> bytes:
    """List one part as many sheets."""
    entries = "".join(
        f'<sheet xmlns:r="x" name="S{i}" sheetId="9" r:id="rId1"/>' for i in range(number)
    )
    return rewritten(
        workbook(xml=xml), BOOK, lambda b: b.replace(b"</sheets>", f"{entries}</sheets>".encode())
    )


def claimed(size: int, body: bytes) -> bytes:
    """Let the directory of the ZIP file claim another size of the sheet than it has."""
    data = bytearray(workbook(xml=body))
    directory = data.index(b"PK\x01\x02")
    while (at := data.find(b"PK\x01\x02", directory)) >= 0:
        (length,) = struct.unpack_from("<H", data, at + 28)
        if data[at + 46 : at + 46 + length] == SHEET.encode():
            struct.pack_into("<I", data, at + 24, size)
        directory = at + 46
    return bytes(data)


def overlapping(number: int) -> bytes:
    """Let every entry of the directory lead to the same data."""
    data = workbook("<row/>" * 1_000_000)
    start = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    records, tail = data[start:end], bytearray(data[end:])
    many = b"".join(records for _ in range(number))
    struct.pack_into("<HHI", tail, 8, 9 * number, 9 * number, len(many))
    return data[:start] + many + bytes(tail)


def packed(method: int) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as source,
        zipfile.ZipFile(stream, "w", method) as target,
    ):
        for name in source.namelist():
            body = sheet("<row/>" * 300_000) if name == SHEET else source.read(name)
            target.writestr(name, body)
    return stream.getvalue()


def doctype(declarations: str, use: str) -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE z [{declarations}]><worksheet>{use}</worksheet>'.encode()
    )


def csv(*rows: str, header: str = NAMES, end: str = "\n") -> bytes:
    return end.join([header, *rows, ""]).encode()


def filled(row: Callable[[int], str], header: str = NAMES, most: int = 980_000) -> bytes:
    """Make as many rows as go into the size."""
    rows, size, number = [], len(header), 0
    while size < most:
        rows.append(row(number))
        size += len(rows[-1].encode()) + 1
        number += 1
    return csv(*rows, header=header)


def long_cells(cell: str, length: int = 32_000) -> bytes:
    """Put one trick into as many cells as go into the size, each as long as a cell may be."""
    text = (cell * length)[:length].replace('"', "")
    number = 900_000 // len(text.encode())
    rows = (f'P{i},1,0,"{text}!"' for i in range(number))
    return csv(*rows, header=f"{NAMES},note")


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each."""
    yield from _numbers()
    yield from _much()
    yield from _archives()
    yield from _markup()
    yield from _text_files()
    yield from _patterns()


def _numbers() -> Iterator[tuple[str, bytes]]:
    value = "<c t='str'><v>P1</v></c>"
    yield "row number 10^12", workbook(f'{HEADER}<row r="999999999999">{value}</row>')
    yield "row number 10^5000", workbook(f'{HEADER}<row r="{"9" * 5000}">{value}</row>')
    yield "row number -1", workbook(f'{HEADER}<row r="-1">{value}</row>')
    yield "row number 1e9", workbook(f'{HEADER}<row r="1e9">{value}</row>')
    yield "the last row there is", workbook(f'{HEADER}<row r="1048576">{value}</row>')
    yield "column XFD", workbook(f'{HEADER}<row r="2"><c r="XFD2"><v>1</v></c></row>')
    yield "column ZZZZZZ", workbook(f'{HEADER}<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>')
    yield "rows backwards", workbook("".join(f'<row r="{i}"/>' for i in range(90_000, 0, -1)))
    yield (
        "dimension of all cells",
        workbook(xml=sheet(HEADER, before='<dimension ref="A1:XFD1048576"/>')),
    )
    yield (
        "columns of all",
        workbook(xml=sheet(HEADER, before='<cols><col min="1" max="99999999999"/></cols>')),
    )
    yield "digits without end", workbook(f"<row><c><v>{'9' * 3_000_000}</v></c></row>")
    yield "exponent", workbook(f"{HEADER}<row>{value}<c><v>1e999999999</v></c></row>")
    yield "text number", workbook(f"{HEADER}<row><c t='s'><v>99999999999999</v></c></row>")
    yield "style number", workbook(f"{HEADER}<row><c s='{'9' * 9999}'><v>1</v></c></row>")


def _much() -> Iterator[tuple[str, bytes]]:
    yield "rows without cells", workbook("<row/>" * 1_600_000, filler=900_000)
    empty = ("<row>" + "<c/>" * 900 + "</row>") * 2_000
    yield "cells without values", workbook(empty, filler=950_000)
    row = "<row>" + "<c><v>1</v></c>" * 900 + "</row>"
    yield "as many values as go", workbook(row * 750, filler=900_000)
    yield (
        "different values",
        workbook("".join(f"<row><c><v>{i}.{i % 97}</v></c></row>" for i in range(160_000))),
    )
    far = "".join(f'<row><c r="ALL{i}"><v>1</v></c></row>' for i in range(1, 300_000))
    yield "a value far to the right in each row", workbook(far)
    wide = "<row>" + "".join(f"<c t='str'><v>c{i}</v></c>" for i in range(1000)) + "</row>"
    yield (
        "wide header, long table",
        workbook(wide + "<row><c><v>1</v></c></row>" * 450_000, filler=800_000),
    )
    yield "many texts", with_texts("<si><t>a</t></si>" * 600_000, HEADER, 800_000)
    yield (
        "one text in every cell",
        with_texts(
            f"<si><t>{'9' * 32_000}</t></si>",
            HEADER + ("<row>" + "<c t='s'><v>0</v></c>" * 3 + "</row>") * 120_000,
            500_000,
        ),
    )
    yield "long text", with_texts(f"<si><t>{'x' * 9_000_000}</t></si>", HEADER)
    yield "long texts", with_texts(f"<si><t>{'x' * 32_000}</t></si>" * 1_800, HEADER, 900_000)
    yield "text in pieces", with_texts("<si>" + "<r><t>x</t></r>" * 400_000 + "</si>", HEADER)
    styles = f'<styleSheet xmlns="{NAMESPACE}"><cellXfs>' + "<xf/>" * 1_500_000 + "</cellXfs>"
    yield "styles", workbook(HEADER, styles=f"{styles}</styleSheet>".encode())
    codes = "".join(
        f"<numFmt numFmtId='{i}' formatCode='{'[' * 3000}'/><xf numFmtId='{i}'/>"
        for i in range(2000)
    )
    formats = f'<styleSheet xmlns="{NAMESPACE}"><numFmts>{codes}</numFmts><cellXfs>'
    formats += "".join(f"<xf numFmtId='{i}'/>" for i in range(2000)) + "</cellXfs></styleSheet>"
    yield "formats of numbers", workbook(HEADER, styles=formats.encode())
    merged = "".join(f'<mergeCell ref="A{i}:B{i}"/>' for i in range(2, 200_000))
    cells = sheet(
        HEADER + "<row><c><v>1</v></c></row>" * 9, after=f"<mergeCells>{merged}</mergeCells>"
    )
    yield "merged cells", workbook(xml=cells)
    formulas = "<row>" + "<c><f>A1+B1</f></c>" * 50 + "</row>"
    yield "formulas without results", workbook(HEADER + formulas * 9_000, filler=500_000)
    shared = '<row><c><f t="shared" si="0" ref="A1:Z99999">A1</f><v>1</v></c>'
    shared += '<c><f t="shared" si="0"/></c></row>'
    yield "shared formulas", workbook(HEADER + shared * 90_000)
    yield "long digits in every row", long_digits(100)
    yield "long digits in every row of a larger file", long_digits(305, 990_000)
    rules = '<dataValidation type="list" sqref="A1:XFD1048576"/>' * 90_000
    yield (
        "validations",
        workbook(xml=sheet(HEADER, after=f"<dataValidations>{rules}</dataValidations>")),
    )
    links = '<hyperlink ref="A1:XFD1048576" r:id="rId1" xmlns:r="x"/>' * 50_000
    yield "links", workbook(xml=sheet(HEADER, after=f"<hyperlinks>{links}</hyperlinks>"))


def long_digits(rows: int, filler: int = 0) -> bytes:
    """Make as many cells of one long text as may stand in a sheet."""
    row = "<row><c t='s'><v>0</v></c><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row>"
    return with_texts(f"<si><t>{'9' * 32_000}x</t></si>", HEADER + row * rows, filler)


def _archives() -> Iterator[tuple[str, bytes]]:
    yield "zip bomb", workbook("<row/>" * 15_000_000)
    yield "one sheet as 250", many_sheets(250, sheet("<row/>" * 200_000))
    yield "one sheet as 50,000", many_sheets(50_000, sheet(HEADER))
    yield "size claimed too small", claimed(100, sheet("<row/>" * 3_000_000))
    yield "size claimed too large", claimed(2**32 - 2, sheet(HEADER))
    yield "entries that overlap", overlapping(500)
    yield "bzip2", packed(zipfile.ZIP_BZIP2)
    yield "lzma", packed(zipfile.ZIP_LZMA)
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(9_000):
            archive.writestr(f"{number}", b"")
    yield "many entries", stream.getvalue()
    yield "directory cut", GOOD[:-30]
    yield "XML parts of 10 MB", _parts_of_ten_megabytes()


def _parts_of_ten_megabytes() -> bytes:
    """As many sheets as may be unpacked, each of a size that is let pass."""
    body = sheet("<c/>" * 2_000_000)
    entries = "".join(
        f'<sheet xmlns:r="x" name="S{i}" sheetId="9" r:id="rId{i}"/>' for i in range(100, 138)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Target="/xl/{i}.xml" Type="x/worksheet"/>'
        for i in range(100, 138)
    )
    book = rewritten(GOOD, BOOK, lambda b: b.replace(b"</sheets>", f"{entries}</sheets>".encode()))
    book = rewritten(
        book,
        RELATIONS,
        lambda r: r.replace(b"</Relationships>", f"{relations}</Relationships>".encode()),
    )
    stream = io.BytesIO(book)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        for i in range(100, 138):
            archive.writestr(f"xl/{i}.xml", body)
    return stream.getvalue()


def _markup() -> Iterator[tuple[str, bytes]]:
    letters = "abcdefghij"
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise(letters))
    yield "entities in entities", workbook(xml=doctype(f'<!ENTITY a "ha">{laughs}', "&j;"))
    yield "a long entity", workbook(xml=doctype(f'<!ENTITY a "{"x" * 99_999}">', "&a;" * 99_999))
    outside = doctype('<!ENTITY a SYSTEM "file:///dev/zero">', "&a;")
    yield "entity from outside", workbook(xml=outside)
    parameter = doctype('<!ENTITY % a SYSTEM "file:///dev/zero"> %a;', "")
    yield "parameter entity", workbook(xml=parameter)
    yield "entities in styles", workbook(HEADER, styles=doctype(f'<!ENTITY a "ha">{laughs}', "&j;"))
    yield "deep", workbook("<row>" * 1_000_000)
    yield "deep outside of the rows", workbook(xml=sheet("", before="<a>" * 1_000_000))
    yield (
        "attributes",
        workbook(
            "<row>" + ("<c " + " ".join(f"a{i}=''" for i in range(1000)) + "/>") * 4_000,
            filler=500_000,
        ),
    )
    yield "one long attribute", workbook(f"<row><c a='{'x' * 9_000_000}'/></row>", filler=500_000)
    yield "a tag without an end", workbook(f"<row><c {'x' * 9_000_000}", filler=500_000)
    yield "a long comment", workbook(f"<!--{'x' * 9_000_000}-->", filler=500_000)
    yield "a long instruction", workbook(f"<?x {'x' * 9_000_000}?>", filler=500_000)
    yield "unknown elements", workbook("<z/>" * 2_000_000, filler=900_000)
    yield "signs of escape", workbook("&lt;" * 9_000_000, filler=900_000)
    yield "other encodings", workbook(xml=sheet(HEADER * 20_000).decode().encode("utf-16"))
    yield "names that are long", workbook(f"<{'x' * 60_000}/>" * 900, filler=500_000)


def _text_files() -> Iterator[tuple[str, bytes]]:
    from reanalysis.core.dictionary import load_dictionary

    names = list(load_dictionary().columns)
    draw = random.Random(3)
    yield "rows of one value", csv(*["a"] * 490_000)
    yield "wide header, rows of one value", csv(*["a"] * 480_000, header="patient_id" + "," * 999)
    yield "a million columns", csv(header="," * 990_000)
    yield "a million names", csv(header=",".join("ab" for _ in range(330_000)))
    yield "thousand names twice", csv(header=",".join(f"c{i // 2}" for i in range(1000)))
    anagrams = {"".join(draw.sample(n, len(n))) for n in names * 60}
    yield "names nearly right", csv("," * 900, header=",".join(list(anagrams)[:901]))
    yield "long names", csv(header=",".join(f"{i}{'a b ' * 240}" for i in range(990)))
    yield "names that grow", csv(header=",".join(f"{i}{'ﷺ' * 320}" for i in range(990)))
    yield "a name of a million", csv(header="patient_id," + "x" * 980_000)
    yield "one line", b"x" * 990_000
    yield "empty lines", b"\n" * 990_000
    yield "blank cells", (b" ," * 300 + b"\n") * 1_600
    yield "quotation marks", b'"' * 990_000
    yield "quotation marks by two", csv('"' + '""' * 490_000 + '"')
    yield "quotation mark left open", csv('"' + "a,b\n" * 240_000)
    yield "quotation marks rows apart", csv(*['"a', "b"] * 190_000)
    yield "lines in a cell", csv('P1,1,"' + "\n" * 900_000 + '"')
    yield "zeros", b"patient_id\n" + b"\0" * 980_000
    yield "mixed encodings", csv(*["é,1,0"] * 120_000) + "é".encode("latin-1")
    yield "Latin-1, the last sign", csv(*["e,1,0"] * 120_000) + b"\xe9"
    yield "UTF-16 cut", csv(*["e,1,0"] * 60_000).decode().encode("utf-16")[:-1]
    yield "UTF-32 of nothing", b"\xff\xfe\0\0" + b"\xff" * 900_000
    yield "every cell wrong", every_cell_wrong()
    levels = [c.name for c in load_dictionary().columns.values() if c.type == "level"]
    yield (
        "levels nearly right",
        filled(
            lambda i: (
                f"{i},1,0," + ",".join("".join(draw.choices("malefhbv", k=4)) for _ in levels)
            ),
            f"{NAMES},{','.join(levels)}",
        ),
    )
    yield "the same patient", csv(*["P,1,0"] * 160_000)
    yield "patients by the thousand", filled(lambda i: f"{i},{i % 60},{i % 2}")
    yield "separator named oddly", b'sep="\n' + csv("P1,1,0")
    yield "lists in lists", b"[" * 900_000
    yield "words from the right", csv(*["\u202e,\u2066,0"] * 98_000)
    yield "marks upon marks", csv(f"P1,1,{'a' + chr(0x301) * 400_000}")


def every_cell_wrong() -> bytes:
    from reanalysis.core.dictionary import load_dictionary

    names = list(load_dictionary().columns)
    return filled(lambda _: ",".join("x" * len(names)), ",".join(names))


def _patterns() -> Iterator[tuple[str, bytes]]:
    for name, cell in {
        "e-mail": "a",
        "e-mail with dots": "a.",
        "e-mail with signs": "a@",
        "e-mail with names": "a@b.",
        "streets": "1 st road ",
        "streets in French": "rue 1 ",
        "streets in German": "straße",
        "names": "Aa Bb ",
        "names with hyphens": "A-",
        "telephones": "0 ",
        "telephones in brackets": "(0",
        "years": "1900",
        "dates": "1.1.1",
        "identity numbers": "123456-",
        "tax codes": "ABCDEF01",
        "digits": "1",
        "decimals": "1.",
        "thousands": "1,111",
        "blanks": " \t",
        "units": "1 mg/",
    }.items():
        yield f"pattern: {name}", long_cells(cell)
    for name, cell in (("digits", "1"), ("thousands", "1.111"), ("dates", "1-1-1"), ("unit", "1a")):
        yield f"pattern of numbers: {name}", filled(lambda i, c=cell: f"{i},{(c * 900)[:900]}!,0")


def measure(path: Path, *arguments: str) -> dict[str, object]:
    """Check a file in a process of its own, and say what it took."""
    output = path.with_suffix(".out")
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        with output.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        code = 99
        try:
            from reanalysis.__main__ import main

            code = main(["check", str(path), *arguments])
            sys.stdout.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    told = output.read_text(encoding="utf-8", errors="replace")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": used.ru_utime + used.ru_stime,
        "wall": time.perf_counter() - start,
        "megabytes": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        "told": told if len(told) < 5_000 else told[:2_500] + " […] " + told[-2_500:],
    }


def import_everything() -> None:
    """Import what a check imports, once for all files, and read the project's own tables."""
    import reanalysis.cohort.workbook
    from reanalysis.core.paths import SYNTHETIC_COHORT
    from reanalysis.intake.check import check

    assert reanalysis.cohort.workbook and check(SYNTHETIC_COHORT).fits


def report(name: str, file: Path, *options: str) -> None:
    size = file.stat().st_size
    print(json.dumps({"name": name, "size": size, **measure(file, *options)}), flush=True)


if __name__ == "__main__":
    place, *options = sys.argv[1:]
    chosen = [option for option in options if option.startswith("every=")]
    options = [option for option in options if option not in chosen]
    step = int(chosen[0].removeprefix("every=")) if chosen else 1
    import_everything()
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"name": "imports", "seconds": own.ru_utime + own.ru_stime}), flush=True)
    if Path(place).is_file():
        report(place, Path(place), *options)
    else:
        for number, (name, content) in enumerate(itertools.islice(hostile_files(), 0, None, step)):
            file = Path(place) / f"cohort{number}"
            file.write_bytes(content)
            report(name, file, *options)
            file.unlink()
