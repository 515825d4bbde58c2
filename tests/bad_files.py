"""Files that are no cohort, made by hand, each with what its owner is told.

Every entry is the content of a file and a part of the message. Line breaks in the report do not
count. The name of each file is ``cohort``, without an ending: what it is, its content says.
"""

import io
import pickle
import zipfile
from collections.abc import Callable

import openpyxl

NAMES = "patient_id,follow_up_months,death"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def csv(*rows: str, header: str = NAMES) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def one(column: str, value: str) -> bytes:
    """Give a patient of whom one value is wrong."""
    return csv(f'P1,12,0,"{value}"', header=f"{NAMES},{column}")


def xlsx(*rows: tuple, change: Callable | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def rewritten(book: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of a workbook."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == part else content)
    return stream.getvalue()


HEADER = tuple(NAMES.split(","))
GOOD = xlsx(HEADER, ("P1", 12, 1))
SHEET = "xl/worksheets/sheet1.xml"
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><worksheet>&c;</worksheet>'
)


def merged(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("B2:B3")


def two_sheets(book: openpyxl.Workbook) -> None:
    book.create_sheet("Second").append(HEADER)
    book["Second"].append(("P9", 1, 0))


def far_away(book: openpyxl.Workbook) -> None:
    book.active.cell(2, 1200).value = "lost"


BAD_FILES: dict[str, tuple[bytes, str]] = {
    # --- no table at all ---
    "empty": (b"", "is empty; expected a header in row 1 and one row per patient below"),
    "blanks only": (b" \n\n \t \n", "holds no value; expected a header in row 1"),
    "separators only": (b",,\n,,\n", "holds no value; expected a header in row 1"),
    "header only": (csv(), "column patient_id: expected at least one patient"),
    "NUL bytes": (csv("P1,1\x002,0"), "Line 2 of the file holds the control character U+0000"),
    "terminal codes": (csv("P\x1b[31m1,12,0"), "Line 2 of the file holds the control character"),
    "Korean in EUC-KR": (
        "patient_id,follow_up_months,death\n환자1,12,1\n".encode("cp949"),
        "neither UTF-8 (byte 0xC0 does not belong there) nor Western European",
    ),
    "UTF-8 cut in a character": (
        b"\xef\xbb\xbf" + "patient_id,follow_up_months,death\nÄ".encode()[:-1],
        "begins as UTF-8 and is damaged at byte",
    ),
    "UTF-16 cut in a character": (
        NAMES.encode("utf-16") + b"\n",
        "begins as UTF-16 and is damaged at byte",
    ),
    "bars": (csv(header="patient_id|follow_up_months|death"), "seem to be separated by '|'"),
    "blanks between": (
        csv("P1  12  0", header="patient_id  follow_up_months  death"),
        "seem to be separated by blanks; expected commas, semicolons or tabs",
    ),
    # --- another kind of file ---
    "PDF": (b"%PDF-1.7\n1 0 obj", "is a PDF document; save the table as .xlsx"),
    "gzip": (b"\x1f\x8b\x08\x00abc", "is a gzip archive"),
    "SPSS": (b"$FL2@(#) SPSS DATA FILE", "is an SPSS file; save the table as .xlsx"),
    "Stata": (b"<stata_dta><header>", "is a Stata file"),
    "R data": (b"RDX3\nX\n", "is an R data file"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00", "is a picture"),
    "JSON": (b'[{"patient_id": "P1"}]', "is JSON; save the table as .xlsx"),
    "web page named .xls": (
        b"\xef\xbb\xbf<html><table><tr><td>patient_id</td></tr></table></html>",
        "is a web page, whatever its name; open it in the spreadsheet and save it as .xlsx",
    ),
    "XML spreadsheet 2003": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "is XML; open it in the spreadsheet and save it as .xlsx",
    ),
    "pickle": (pickle.dumps({"patient_id": ["P1"]}), "is a Python pickle, which is never loaded"),
    "xls": (OLE + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "a workbook of Excel 97-2003"),
    "password": (
        OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "is protected by a password; open it in the spreadsheet, remove the password",
    ),
    "ZIP of a CSV": (archive(**{"cohort.csv": csv("P1,12,1")}), "is a ZIP archive; unpack it"),
    "xlsb": (archive(**{"xl/workbook.bin": b""}), "is a binary workbook (.xlsb)"),
    "ods": (archive(mimetype=b"", **{"content.xml": b""}), "is an OpenDocument file (.ods)"),
    "Word": (archive(**{"word/document.xml": b""}), "is a Word document; copy its table"),
    "empty ZIP": (archive(), "is an empty or split ZIP archive"),
    # --- workbooks that do harm or are damaged ---
    "workbook cut short": (GOOD[: len(GOOD) // 2], "begins like a workbook and is cut short"),
    "workbook without its sheet": (
        archive(**{"xl/workbook.xml": b"<workbook/>", "[Content_Types].xml": b"<Types/>"}),
        "is damaged or not a workbook",
    ),
    "workbook with broken XML": (
        rewritten(GOOD, SHEET, lambda xml: xml[:-40]),
        "is damaged or not a workbook (its part xl/worksheets/sheet1.xml is not well-formed XML",
    ),
    "zip bomb": (
        rewritten(GOOD, SHEET, lambda _: b"<worksheet>" + b"0" * 2**25),
        "would unpack to 32 MB in",
    ),
    "entities": (
        rewritten(GOOD, SHEET, lambda _: BILLION_LAUGHS),
        "its part xl/worksheets/sheet1.xml declares entities, which a spreadsheet never writes",
    ),
    "two sheets": (
        xlsx(HEADER, ("P1", 12, 1), change=two_sheets),
        "has 2 sheets with values ('Sheet', 'Second') and leaves open which one",
    ),
    "empty workbook": (xlsx(), "No visible sheet of cohort holds a value; expected a header"),
    "value far away": (xlsx(HEADER, ("P1", 12, 1), change=far_away), "beyond column ALL"),
    "merged cells": (
        xlsx(HEADER, ("P1", 12, 1), ("P2", None, 0), change=merged),
        "row 2, B2:B3: expected one value in each cell, but these cells are merged; unmerge them",
    ),
    "formula without result": (
        xlsx(HEADER, ("P1", "=6*2", 1)),
        "row 2, follow_up_months is '=6*2': expected a value; the file holds a formula without",
    ),
    "error of a formula": (
        xlsx(HEADER, ("P1", "#DIV/0!", 1)),
        "row 2, follow_up_months is '#DIV/0!': expected a number of at least 0; it is the error",
    ),
    "truth values": (xlsx(HEADER, ("P1", 12, True)), "death is 'TRUE': expected 0 or 1; write 1"),
    # --- header and shape ---
    "no header": (b"1,12,1\n2,13,0\n", "Row 1 begins with '1' and holds no name of a column"),
    "title above the header": (
        xlsx(("Our patients 2010-2020",), HEADER, ("P1", 12, 1)),
        "Row 1 holds nothing but 'Our patients 2010-2020', as a title does",
    ),
    "header named twice": (
        csv("P1,12,1,0", header=NAMES + ",death"),
        "column death: expected one column of this name, not 2 (C, D); keep one of them",
    ),
    "column without a name": (
        csv("P1,12,1,63", header=NAMES + ","),
        "column D: expected a name in row 1, because row 2 holds '63'",
    ),
    "too many values": (
        csv("P1,12,1", "P2,12,5,1"),
        "row 3, D is '1': expected as many values as the header has names, 3 and not 4; look for a "
        "separator or a decimal comma inside a value",
    ),
    "too few values": (
        csv("P1,12", "P2,12,1"),
        "row 2, C: expected as many values as the header has names, 3 and not 2",
    ),
    "quotation mark never closed": (
        csv("P1,12,1", '"P2,12,1', "P3,12,1"),
        "In row 3 a quotation mark is opened and never closed",
    ),
    "quotation marks rows apart": (
        csv("P1,12,1", '"P2,12,1', "P3,12,1", 'P4",12,1', "P5,12,1"),
        "In row 3 one value runs over several rows of the file",
    ),
    "quotation mark inside": (
        csv('"P"1",12,1'),
        "In row 2 a quotation mark stands inside a value that is in quotation marks",
    ),
    "another decimal mark in one row": (
        csv("P1;12,5;1", "P2;12.5;0", header=NAMES.replace(",", ";")),
        "row 2, follow_up_months is '12,5': expected a number of at least 0; write 12.5",
    ),
    "a column in capitals": (csv(header=NAMES + ",Age"), "did you mean age?"),
    "a column too many": (csv("P1,12,1,7", header=NAMES + ",smoker"), "or leave it out"),
    "a required column missing": (
        csv("P1,12", header="patient_id,follow_up_months"),
        "column death: expected this column, with 0 or 1 in each row",
    ),
    # --- values ---
    "an id used twice": (
        csv("P1,12,1", "P1,13,0"),
        "row 3, patient_id is 'P1': expected an id not",
    ),
    "an id missing": (csv(",12,1"), "row 2, patient_id: expected a unique label, not a blank"),
    "follow-up missing": (csv("P1,,1"), "follow_up_months: expected a number of at least 0, not a"),
    "negative follow-up": (csv("P1,-3,1"), "follow_up_months is '-3': expected a number of at"),
    "infinite follow-up": (csv("P1,1e999,1"), "follow_up_months is '1e999': expected a number"),
    "infinity in words": (csv("P1,inf,1"), "follow_up_months is 'inf': expected a number"),
    "a date for months": (
        csv("P1,2021-03-04,1"),
        "follow_up_months is '2021-03-04': expected a number of at least 0; it is a date; write "
        "the months from the start of SBRT",
    ),
    "yes for 1": (
        csv("P1,12,yes"),
        "death is 'yes': expected 0 or 1; write 1 for yes and 0 for no",
    ),
    "2 for dead": (csv("P1,12,2"), "death is '2': expected 0 or 1"),
    "a letter for sex": (one("sex", "F"), "sex is 'F': expected one of male, female; did you mean"),
    "a code for sex": (one("sex", "1"), "a mapping file says what a code means"),
    "capitals": (one("sex", "Male"), "sex is 'Male': expected one of male, female; write male"),
    "class C": (one("child_pugh_class", "C"), "child_pugh_class is 'C': expected one of A, B"),
    "a level made a date": (one("ecog_ps", "2-Jan"), "a spreadsheet makes dates of such levels"),
    "NA": (one("age", "NA"), "age is 'NA': expected a number from 18 to 110; leave the cell empty"),
    "a limit": (one("afp_ng_ml", "<400"), "afp_ng_ml is '<400': expected a number from 0 to"),
    "a unit": (one("tumor_size_cm", "21 mm"), "write the number alone, in cm"),
    "millimetres": (
        one("tumor_size_cm", "45"),
        "tumor_size_cm is '45': expected a number from 0.1",
    ),
    "thousands": (one("afp_ng_ml", "1,234.5"), "without a separator of thousands"),
    "a child": (one("age", "7"), "age is '7': expected a number from 18 to 110"),
    "half a fraction": (
        one("fractions", "2.5"),
        "fractions is '2.5': expected a whole number from",
    ),
    "a huge number": (
        one("fractions", "1e30"),
        "fractions is '1e30': expected a whole number from",
    ),
    "digits of another script": (one("age", "٦٣"), "age is '٦٣': expected a number from 18 to 110"),
    "a formula": (one("age", "=CMD()"), "formulas are not evaluated; write the value"),
    "a script": (
        one("sex", "<script>alert(1)</script>"),
        "sex is '<script>alert(1)</script>': exp",
    ),
    "failure without a time": (
        csv("P1,12,1,1,", header=NAMES + ",local_failure,local_failure_months"),
        "local_failure_months: expected a number of at least 0, because local_failure is 1",
    ),
    "time without a failure": (
        csv("P1,12,1,0,5", header=NAMES + ",local_failure,local_failure_months"),
        "local_failure_months is '5': expected a blank, unless local_failure is 1",
    ),
    "failure after the last visit": (
        csv("P1,12,1,1,15", header=NAMES + ",local_failure,local_failure_months"),
        "local_failure_months is '15': expected a time within follow-up (follow_up_months)",
    ),
}
