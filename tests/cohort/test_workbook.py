"""The reader of workbooks agrees with openpyxl where a file is sound, and refuses where it is not.

openpyxl is the reference of what a cell holds; it is not used on a stranger's file.
"""

import datetime
import io
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest
from bad_files import GOOD, SHEET, rewritten

from reanalysis.cohort.package import MAX_ENTRIES, Package
from reanalysis.cohort.reading import read_table
from reanalysis.cohort.workbook import read_workbook
from reanalysis.core.errors import InvalidCohort, UnreadableFile

NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
VALUES = (
    *("text", " blanks around ", "Ünïcode 患者", "<&>'\"", "12", "line\nbreak", "_x0041_", "😀"),
    *(0, 1, -7, 12345678901234, 0.1, 2.5, -0.25, 1e-9, 1.5e300, 3.0, 1e16, True, False, None),
    *(
        datetime.date(2020, 5, 31),
        datetime.date(1951, 3, 4),
        datetime.datetime(2021, 1, 2, 3, 4, 5),
    ),
    *(datetime.time(10, 30), "#N/A", "#DIV/0!"),
)
FORMATS = ("General", "0.00", "@", "yyyy-mm-dd", "dd/mm/yy", "[h]:mm", '0.0" mg/d"', "[Red]0", "0%")


def written(folder: Path, content: bytes) -> Path:
    path = folder / "cohort.xlsx"
    path.write_bytes(content)
    return path


def of(*rows: str) -> bytes:
    """Make a workbook of the XML of its rows."""
    head, end = f'<worksheet xmlns="{NAMES}"><sheetData>', "</sheetData></worksheet>"
    return rewritten(GOOD, SHEET, lambda _: (head + "".join(rows) + end).encode())


def as_text(value: object) -> str:
    """Give a cell of openpyxl's as the package does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).removesuffix(" 00:00:00").strip()


def reference(path: Path) -> list[list[str]]:
    sheet = openpyxl.load_workbook(path, data_only=True).active
    rows = [[as_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    return [trimmed(row) for row in rows]


def trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


@pytest.mark.filterwarnings("ignore:Cell:UserWarning")  # dates that are none
@pytest.mark.parametrize("seed", range(12))
def test_every_cell_is_as_openpyxl_reads_it(tmp_path, seed):
    draw = random.Random(seed)
    book = openpyxl.Workbook()
    if seed % 3 == 0:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    sheet.append(["name"])
    for row in sorted(draw.sample(range(2, 400), 60)):
        for column in sorted(draw.sample(range(1, 60), 12)):
            cell = sheet.cell(row, column, draw.choice(VALUES))
            if draw.random() < 0.4:
                cell.number_format = draw.choice(FORMATS)
    book.save(tmp_path / "cohort.xlsx")
    rows = [trimmed(row) for row in read_workbook(tmp_path / "cohort.xlsx").rows]
    expected = reference(tmp_path / "cohort.xlsx")
    assert rows == expected[: len(rows)] and not any(expected[len(rows) :])


def test_inline_texts_rich_texts_and_prefixes_are_read(tmp_path):
    book = of(
        '<row><c t="inlineStr"><is><t>patient_id</t></is></c><c t="str"><v>note</v></c></row>',
        '<row><c t="inlineStr"><is><r><t>P</t></r><r><t>1</t></r></is></c>'
        '<c t="inlineStr"><is><t>山</t><rPh sb="0" eb="1"><t>やま</t></rPh></is></c></row>',
    )
    assert read_workbook(written(tmp_path, book)).rows == [["patient_id", "note"], ["P1", "山"]]
    prefixed = rewritten(
        book,
        SHEET,
        lambda xml: (
            xml.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"xmlns=", b"xmlns:x=")
        ),
    )
    assert read_workbook(written(tmp_path, prefixed)).rows[1] == ["P1", "山"]


def test_a_formula_whose_result_is_an_empty_text_is_computed(tmp_path):
    book = of(
        '<row><c t="inlineStr"><is><t>note</t></is></c></row>',
        '<row><c t="str"><f>IF(1,"","")</f><v></v></c><c><f>1+1</f><v/></c></row>',
    )
    grid = read_workbook(written(tmp_path, book))
    assert [(p.row, p.column, p.value) for p in grid.problems] == [(2, "B", "=1+1")]


BROKEN = {
    "row far beyond": ('<row r="999999999999"><c/></row>', "says that it has a row '999999999999'"),
    "row just beyond": ('<row r="1048577"><c/></row>', "says that it has a row 1,048,577"),
    "row below 1": ('<row r="0"><c/></row>', "a row has number '0'"),
    "row negative": ('<row r="-5"><c/></row>', "a row has number '-5'"),
    "row of digits without end": (f'<row r="{"9" * 10_000}"/>', "says that it has a row '999"),
    "row no number": ('<row r="x"><c/></row>', "a row has number 'x'"),
    "rows out of order": ('<row r="5"/><row r="4"/>', "row 4 stands after row 5"),
    "row twice": ('<row r="5"/><row r="5"/>', "row 5 stands after row 5"),
    "cell of another row": ('<row r="2"><c r="A3"/></row>', "the cell A3 stands in row 2"),
    "cells out of order": (
        '<row r="2"><c r="C2"/><c r="B2"/></row>',
        "the cell B2 stands in row 2",
    ),
    "cell far beyond": ('<row r="2"><c r="ZZZ2"/></row>', "says that it has a column 18,278"),
    "cell no cell": ('<row r="2"><c r="ABCDE2"/></row>', "says that it has a cell 'ABCDE2'"),
    "text that is not there": ('<row><c t="s"><v>99</v></c></row>', "shows the text number '99'"),
    "text number negative": ('<row><c t="s"><v>-1</v></c></row>', "shows the text number '-1'"),
    "no number": ("<row><c><v>abc</v></c></row>", "stored as a number and holds 'abc'"),
    "digits without end": (f"<row><c><v>{'9' * 20_000}</v></c></row>", "stored as a number and"),
    "long text": (
        f'<row><c t="str"><v>{"x" * 40_000}</v></c></row>',
        "more than 32,767 characters",
    ),
    "deep": ("<row>" + "<c>" * 60 + "</c>" * 60 + "</row>", "nested deeper than 50 elements"),
    "terminal codes": (
        '<row><c t="str"><v>\x9b31m</v></c></row>',
        "holds the control character U+009B",
    ),
}


@pytest.mark.parametrize(("rows", "message"), BROKEN.values(), ids=list(BROKEN))
def test_what_no_spreadsheet_writes_is_refused_in_words(tmp_path, rows, message):
    with pytest.raises(UnreadableFile) as refusal:
        read_workbook(written(tmp_path, of(rows)))
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 400


def changed_part(part: str, old: bytes, new: bytes) -> bytes:
    def change(xml: bytes) -> bytes:
        assert old in xml
        return xml.replace(old, new)

    return rewritten(GOOD, part, change)


BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PARTS = {
    "sheet that leads out": (
        changed_part(RELATIONS, b"/xl/worksheets/sheet1.xml", b"../../../../etc/passwd"),
        "the sheet 'Sheet' is missing",
    ),
    "sheet on the web": (
        changed_part(
            RELATIONS,
            b'Target="/xl/worksheets/sheet1.xml"',
            b'TargetMode="External" Target="http://localhost/x"',
        ),
        "the sheet 'Sheet' is missing",
    ),
    "sheet that is the workbook": (
        changed_part(RELATIONS, b"/xl/worksheets/sheet1.xml", b"/xl/workbook.xml"),
        "the sheet 'Sheet' is no table",
    ),
    "five thousand sheets": (
        changed_part(BOOK, b"</sheets>", b'<sheet name="S" sheetId="9"/>' * 5000 + b"</sheets>"),
        "has 5,001 sheets; expected one that holds the patients",
    ),
    "sheet without its relation": (
        changed_part(BOOK, b"</sheets>", b'<sheet name="S" sheetId="9"/></sheets>'),
        "the sheet 'S' is missing",
    ),
}


@pytest.mark.parametrize(("content", "message"), PARTS.values(), ids=list(PARTS))
def test_relations_lead_nowhere_else(tmp_path, content, message):
    with pytest.raises(UnreadableFile) as refusal:
        read_workbook(written(tmp_path, content))
    assert message in str(refusal.value)


def test_two_sheets_of_one_name_are_refused(tmp_path):
    twice = b'<sheet xmlns:r="x" name="Sheet" sheetId="9" r:id="rId1"/></sheets>'
    with pytest.raises(UnreadableFile, match="two sheets are named 'Sheet'"):
        read_workbook(written(tmp_path, changed_part(BOOK, b"</sheets>", twice)))


def test_a_part_that_is_there_twice_is_refused(tmp_path):
    path = written(tmp_path, GOOD)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    with pytest.raises(UnreadableFile, match="two parts of the same name"):
        read_workbook(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_pack_are_refused(tmp_path, method):
    """Python unpacks those as a whole, however large they become."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as source,
        zipfile.ZipFile(stream, "w", method) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with pytest.raises(UnreadableFile, match="packed as no spreadsheet packs it"):
        read_workbook(written(tmp_path, stream.getvalue()))


def test_an_archive_of_many_parts_is_refused(tmp_path):
    path = written(tmp_path, GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(MAX_ENTRIES):
            archive.writestr(f"xl/media/{number}", b"")
    with pytest.raises(UnreadableFile, match="parts; expected a cohort"):
        read_workbook(path)


def test_a_sheet_read_again_and_again_is_counted_each_time(tmp_path):
    """Many sheets may lead to one part: what bounds the work is not the size of the parts."""
    head, end = f'<worksheet xmlns="{NAMES}"><sheetData>', "</sheetData></worksheet>"
    rows = rewritten(GOOD, SHEET, lambda _: (head + "<row/>" * 90_000 + end).encode())
    sheets = b"".join(
        b'<sheet xmlns:r="x" name="S%d" sheetId="9" r:id="rId1"/>' % number for number in range(200)
    )
    book = rewritten(rows, BOOK, lambda xml: xml.replace(b"</sheets>", sheets + b"</sheets>"))
    path = written(tmp_path, book)
    with Package(path) as package:
        assert package.size() < 2**20
    with pytest.raises(UnreadableFile, match="far fewer tags and bytes"):
        read_workbook(path)


def test_whatever_is_damaged_is_refused_or_read_and_never_fails(tmp_path):
    """Bytes changed, lost, doubled: in the file, and in its parts before they are packed."""
    draw = random.Random(7)
    path = tmp_path / "cohort.xlsx"

    def damage(data: bytes) -> bytes:
        content = bytearray(data)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(content))
            match draw.randrange(3):
                case 0:
                    content[at] = draw.randrange(256)
                case 1:
                    del content[at : at + draw.randint(1, 30)]
                case 2:
                    content[at:at] = content[at : at + draw.randint(1, 30)]
        return bytes(content)

    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/")]
    for turn in range(400):
        part = draw.choice(parts)
        path.write_bytes(damage(GOOD) if turn % 3 == 0 else rewritten(GOOD, part, damage))
        try:
            read_table(path)
        except InvalidCohort as refusal:
            assert 10 < len(str(refusal)) < 2_000
