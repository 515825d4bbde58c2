"""Files of SPSS, Stata, SAS, R, OpenDocument and Excel 97-2003 are read, or refused in words.

What reads them is not installed with the book: tests that need it are skipped where it is not.
"""

import datetime
import gzip
import importlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort import foreign
from reanalysis.cohort.foreign import KINDS, kind_of, read_foreign
from reanalysis.cohort.foreign_reader import as_text, hidden_rows
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.reading import first_rows, read_source
from reanalysis.core.errors import UnreadableFile
from reanalysis.intake.conversation import begin
from reanalysis.intake.drafting import draft_of

FILES = Path(__file__).parents[1] / "data" / "formats"
DATA = pd.DataFrame(
    {
        "ID": ["k1", "k2", "k3"],
        "Age": [61.5, 58.0, 99.0],
        "Gender": [2.0, 1.0, 2.0],
        "Dead": [1.0, 0.0, 1.0],
        "FU_months": [12.25, 30.5, 7.0],
        "Size": [2.5, float("nan"), 3.0],
    }
)
LABELS = {"Gender": {1: "male", 2: "female"}, "Dead": {0: "no", 1: "yes"}, "Age": {99: "unknown"}}


def needs(kind: str) -> None:
    """Skip a test where what reads a kind of file is not installed, as it is where CI runs."""
    if os.environ.get("REANALYSIS_FORMATS") == "required":
        importlib.import_module(KINDS[kind])
    pytest.importorskip(KINDS[kind], reason=f"what reads {kind} is not installed (make formats)")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (True, "TRUE"),
        (3.0, "3"),
        (2.5, "2.5"),
        (b"x", "x"),
        (" a ", "a"),
        (datetime.date(2015, 3, 2), "2015-03-02"),
        (datetime.datetime(2015, 3, 2), "2015-03-02"),
        (pd.NaT, ""),
    ],
)
def test_values_become_text_as_those_of_other_files_do(value, text):
    assert as_text(value) == text


def test_an_spss_file_is_read_by_its_labels(tmp_path):
    needs("SPSS")
    import pyreadstat

    path = tmp_path / "theirs.sav"
    dated = DATA.assign(Start=[datetime.date(2015, 1, 1), None, datetime.date(2016, 2, 29)])
    pyreadstat.write_sav(dated, str(path), variable_value_labels=LABELS)
    source = read_source(path)
    assert list(source.table["Gender"]) == ["female", "male", "female"]
    assert list(source.table["Age"]) == ["61.5", "58", "unknown"]
    assert list(source.table["Start"]) == ["2015-01-01", "", "2016-02-29"]
    assert source.notes == ("Values were read by their labels in Age, Gender, Dead.",)
    plan = tmp_path / "m.toml"
    plan.write_text(draft_of(path).text.replace('unit = "?"', 'unit = "cm"'), encoding="utf-8")
    cohort = load_cohort(path, plan)
    assert list(cohort["death"]) == [1, 0, 1]
    assert cohort["age"].isna().tolist() == [False, False, True]


def test_two_labels_that_are_the_same_keep_their_codes(tmp_path):
    needs("SPSS")
    import pyreadstat

    path = tmp_path / "theirs.sav"
    pyreadstat.write_sav(DATA, str(path), variable_value_labels={"Gender": {1: "m", 2: "m"}})
    assert list(read_source(path).table["Gender"]) == ["2: m", "1: m", "2: m"]


@pytest.mark.parametrize(
    ("name", "kind"), [("theirs.dta", "Stata"), ("theirs.xpt", "SAS transport")]
)
def test_files_of_stata_and_sas_are_read(tmp_path, name, kind):
    needs(kind)
    import pyreadstat

    path = tmp_path / name
    if kind == "Stata":
        pyreadstat.write_dta(DATA, str(path), variable_value_labels={"Gender": LABELS["Gender"]})
    else:
        pyreadstat.write_xport(DATA, str(path))
    assert kind_of(path, path.read_bytes()) == kind
    table = read_source(path).table
    assert list(table["FU_months"]) == ["12.25", "30.5", "7"]
    assert list(table["Size"]) == ["2.5", "", "3"]
    assert list(table["Gender"]) == (
        ["female", "male", "female"] if kind == "Stata" else list("212")
    )


@pytest.mark.parametrize("packed", ["gzip", "bzip2", "xz"])
def test_an_r_file_is_read(tmp_path, packed):
    needs("R")
    import rdata

    path = tmp_path / "theirs.rds"
    frame = DATA.assign(Gender=pd.Categorical(["female", "male", "female"]))
    # Row names that do not begin at 0, as R's do not.
    frame.index = pd.Index([1, 2, 3])
    rdata.write_rds(path, frame, compression=packed)
    table = read_source(path).table
    assert list(table["Gender"]) == ["female", "male", "female"]
    assert list(table["FU_months"]) == ["12.25", "30.5", "7"]
    assert list(table["ID"]) == ["k1", "k2", "k3"]


def test_of_several_tables_of_r_one_is_named(tmp_path):
    needs("R")
    import rdata

    path = tmp_path / "theirs.RData"
    rdata.write_rda(path, {"one": DATA, "two": DATA.head(1)})
    with pytest.raises(
        UnreadableFile, match=r"several data frames \(one, two\); name one: --sheet"
    ):
        read_source(path)
    assert len(read_source(path, "two").table) == 1


CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> Path:
    """Write an OpenDocument spreadsheet; the last row of each sheet may be hidden."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, datetime.date):
            kind = f'office:value-type="date" office:date-value="{value}"'
        elif isinstance(value, float | int):
            kind = f'office:value-type="float" office:value="{value}"'
        else:
            kind = 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(
            f"<table:table-row{hidden if r is rows[-1] else ''}>{''.join(map(cell, r))}"
            "</table:table-row>"
            for r in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", mime)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", CONTENT.format(tables))
    return path


ROWS = [
    ["patient_id", "follow_up_months", "death", "Seen"],
    ["a", 12.5, 1, datetime.date(2015, 3, 2)],
    ["b", 7, 0, None],
]


def test_an_opendocument_is_read(tmp_path):
    needs("spreadsheet")
    table = read_source(ods(tmp_path / "theirs.ods", {"Data": ROWS, "Notes": []})).table
    assert table.to_numpy().tolist() == [["a", "12.5", "1", "2015-03-02"], ["b", "7", "0", ""]]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("collapse", "1 hidden row was read as well (row 5; the spreadsheet does not show them)"),
        ("filter", "1 hidden row was read as well (row 5; a filter hides them)"),
    ],
)
def test_hidden_rows_of_an_opendocument_are_told_and_can_be_left_out(tmp_path, how, told):
    needs("spreadsheet")
    header = ["patient_id", "follow_up_months", "death"]
    rows = [header, ["a", 12, 1], [None], [None], ["b", 13, 0]]
    path = ods(tmp_path / "theirs.ods", {"Data": rows}, f' table:visibility="{how}"')
    source = read_source(path)
    assert source.hidden == (5,)
    assert any(note.startswith(told) for note in source.notes), source.notes
    plan = tmp_path / "m.toml"
    asked = 'hidden_rows = "?"'
    assert asked in draft_of(path).text
    plan.write_text(draft_of(path).text.replace(asked, 'hidden_rows = "leave out"'), "utf-8")
    assert len(load_cohort(path, plan)) == 1


def test_hidden_rows_are_counted_as_often_as_they_are_repeated(tmp_path):
    path = tmp_path / "theirs.ods"
    rows = (
        '<table:table table:name="Notes"><table:table-row table:visibility="collapse"/>'
        '</table:table><table:table table:name="Data"><table:table-header-rows>'
        "<table:table-row/></table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="3"/>'
        '<table:table-row-group><table:table-row table:visibility="collapse" '
        'table:number-rows-repeated="2"/></table:table-row-group><table:table-row/>'
        '<table:table-row table:visibility="filter" table:number-rows-repeated="1048000"/>'
        "</table:table>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", CONTENT.format(rows))
    assert hidden_rows(path, "Data", last=8) == ([5, 6, 8], True)
    assert hidden_rows(path, "Notes", last=1) == ([1], False)


@pytest.mark.parametrize("name", ["iris.xls", "base.xlsb"])
def test_where_hidden_rows_cannot_be_told_it_is_said(name):
    needs("spreadsheet")
    grid = read_foreign(FILES / name, "spreadsheet", "1")
    assert any("rows are hidden" in note and "cannot be told" in note for note in grid.notes)


def test_a_sheet_of_an_opendocument_is_named_or_numbered(tmp_path):
    needs("spreadsheet")
    other = [["ID", "x"], ["q", 1]]
    path = ods(tmp_path / "theirs.ods", {"Notes": other, "More": other})
    with pytest.raises(UnreadableFile, match="leaves open which one"):
        read_source(path)
    assert list(read_source(path, "2").table) == ["ID", "x"]
    with pytest.raises(UnreadableFile, match="has no sheet 'Data'"):
        read_source(path, "Data")


def test_without_a_reader_it_is_said_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign, "find_spec", lambda name: None)
    for raw, what in (
        (b"$FL2" + bytes(200), "is an SPSS file"),
        (b"<stata_dta>" + bytes(200), "is a Stata file"),
        (bytes([114, 2]) + bytes(200), "is a Stata file"),
        (bytes.fromhex("00" * 12 + "c2ea8160b31411cfbd92080009c7318c181f1011"), "is a SAS file"),
        (b"RDX3\nX\n" + bytes(100), "is an R data file"),
        (gzip.compress(b"RDX3\nX\n" + bytes(100)), "is a gzip archive"),
    ):
        path = tmp_path / "theirs"
        path.write_bytes(raw)
        with pytest.raises(UnreadableFile, match=f"{what}; save the table .* `make formats`"):
            read_source(path)


@pytest.mark.parametrize("kind", ["SPSS", "Stata", "SAS", "R"])
def test_a_damaged_file_is_refused_in_words(tmp_path, kind):
    needs(kind)
    begin = {"SPSS": b"$FL2", "Stata": b"<stata_dta>", "R": b"RDX3\nX\n"}.get(kind)
    begin = begin or bytes.fromhex("00" * 12 + "c2ea8160b31411cfbd92080009c7318c181f1011")
    path = tmp_path / "theirs"
    path.write_bytes(begin + bytes(range(256)) * 20)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_source(path)


def test_a_reader_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign, "SECONDS", 0.01)
    with pytest.raises(UnreadableFile, match=r"took more than 0\.01 seconds"):
        read_foreign(tmp_path / "theirs.sav", "SPSS")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "theirs.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"0" * (50 * 2**20))
    with pytest.raises(UnreadableFile, match="would unpack to 50 MB"):
        read_source(path)


def test_a_table_of_sas_is_read():
    needs("SAS")
    path = FILES / "datetime.sas7bdat"
    assert kind_of(path, path.read_bytes()) == "SAS"
    table = read_source(path).table
    assert list(table["VAR1"])[:2] == ["2015-02-02 14:42:12", "2014-01-01 10:14:23"]
    assert list(table["VAR2"]) == ["2015-02-02", "2014-01-01", "2015-06-15", "1948-09-16"]
    assert table["VAR5"].iloc[0] == "14:42:12"


def test_a_workbook_of_excel_97_is_read():
    needs("spreadsheet")
    table = read_source(FILES / "iris.xls").table
    assert table.shape == (150, 5)
    assert list(table.iloc[0]) == ["5.1", "3.5", "1.4", "0.2", "setosa"]
    # Fisher's table, as R has it.
    assert round(pd.to_numeric(table["Sepal.Length"]).mean(), 4) == 5.8433
    assert list(table["Species"].value_counts()) == [50, 50, 50]


def test_a_binary_workbook_is_read():
    needs("spreadsheet")
    source = read_source(FILES / "base.xlsb", "Sheet1")
    assert list(source.table)[:6] == ["String", "1", "1.1", "TRUE", "FALSE", "2010-10-10"]
    assert source.notes[0] == "The sheet 'Sheet1' was read."


def test_files_of_these_kinds_are_named_where_nothing_reads_them(monkeypatch):
    monkeypatch.setattr(foreign, "find_spec", lambda name: None)
    for name, what in (
        ("datetime.sas7bdat", "is a SAS file"),
        ("iris.xls", r"workbook of Excel 97-2003 \(.xls\)"),
        ("base.xlsb", r"binary workbook \(.xlsb\)"),
    ):
        with pytest.raises(UnreadableFile, match=what):
            read_source(FILES / name)


R_SCRIPT = """
arguments <- commandArgs(TRUE)
p <- survival::pbc[1:8, c("id", "time", "status", "age", "sex", "platelet")]
p$status <- factor(p$status, 0:2, c("alive", "transplanted", "dead"))
p$seen <- as.Date("1986-07-01") - 0:7
saveRDS(p, arguments[1])
other <- data.frame(x = 1)
save(p, other, file = arguments[2])
"""


@pytest.mark.skipif(not shutil.which("Rscript"), reason="there is no R")
def test_what_r_itself_saves_is_read(tmp_path):
    needs("R")
    rds, both = tmp_path / "pbc.rds", tmp_path / "pbc.RData"
    subprocess.run(["Rscript", "-e", R_SCRIPT, str(rds), str(both)], check=True)
    table = read_source(rds).table
    assert list(table)[:4] == ["id", "time", "status", "age"]
    assert list(table["time"])[:3] == ["400", "4500", "1012"]
    assert list(table["status"])[:5] == ["dead", "alive", "dead", "dead", "transplanted"]
    assert table["sex"].iloc[0] == "f"
    assert list(table["platelet"])[:6] == ["190", "221", "151", "183", "136", ""]
    assert list(table["seen"])[:2] == ["1986-07-01", "1986-06-30"]
    assert read_source(both, "p").table.equals(table)


@pytest.mark.parametrize("name", ["theirs.sav", "theirs.dta", "theirs.xpt"])
def test_a_reader_on_the_page_reads_them_too(tmp_path, name):
    needs("SPSS")
    import pyreadstat

    path = tmp_path / name
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}
    write.get(path.suffix[1:], pyreadstat.write_xport)(DATA, str(path))
    talk = begin(name, path.read_bytes())
    assert list(talk.table["ID"]) == ["k1", "k2", "k3"]
    assert talk.draft.recognised["follow_up_months"] == "FU_months"


def test_the_sheet_with_the_patients_is_found_and_a_mapping_drafted(tmp_path):
    needs("spreadsheet")
    theirs = [["ID", "FU months", "Dead"], ["a", 12.5, "yes"], ["b", 7, "no"]]
    path = ods(tmp_path / "theirs.ods", {"Notes": [["x", "y"], ["a", "b"]], "Data": theirs})
    assert first_rows(path) == {"Notes": ["x", "y"], "Data": ["ID", "FU months", "Dead"]}
    draft = draft_of(path)
    assert draft.sheet == "Data"
    assert draft.recognised["death"] == "Dead"
    assert draft_of(FILES / "iris.xls").sheet == ""


def test_the_data_frame_with_the_patients_is_found(tmp_path):
    needs("R")
    import rdata

    path = tmp_path / "theirs.RData"
    rdata.write_rda(path, {"other": pd.DataFrame({"x": [1.0]}), "patients": DATA})
    assert draft_of(path).sheet == "patients"


def test_of_what_nothing_reads_no_sheet_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign, "find_spec", lambda name: None)
    path = ods(tmp_path / "theirs.ods", {"Data": ROWS})
    assert first_rows(path) == {}
    with pytest.raises(UnreadableFile, match="make formats"):
        draft_of(path)
