"""A site that gives a patient away does not pass."""

import base64
import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from reanalysis.__main__ import main
from reanalysis.core import paths
from reanalysis.site.audit import MARK, Audit, Finding, audit, mark
from reanalysis.site.contents import pieces

HEADER = "patient_id,age,tumor_size_cm,follow_up_months,death,remark\n"
COHORT = HEADER + "".join(
    f"KX-{i:03}-Q,{50 + i},{1.13 + i / 10:.2f},{10.37 + i:.2f},{i % 2},"
    f"{'moved to the seaside' if i == 3 else ''}\n"
    for i in range(20)
)
# Row 5 of the file: the fourth patient.
AGE, SIZE, MONTHS = "53", "1.43", "13.37"


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "ours.csv"
    path.write_text(COHORT)
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    names = ("patient_id", "age", "tumor_size_cm", "follow_up_months", "death")
    path = tmp_path / "ours.toml"
    path.write_text("".join(f'[columns.{name}]\nfrom = "{name}"\n' for name in names))
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "html"
    root.mkdir()
    (root / "index.html").write_text("<html><body class='a'><p>20 patients</p></body></html>")
    return root


def png(text: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    packed = chunk(b"zTXt", b"note\0\0" + zlib.compress(text))
    return b"\x89PNG\r\n\x1a\n" + packed + chunk(b"IEND", b"")


def zipped(text: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", text)
    return buffer.getvalue()


ROW = f"<table><tr><td>{AGE}</td><td>x</td><td>{SIZE}</td><td>{MONTHS}</td></tr></table>"
STATE = json.dumps({"state": {"a": {"rows": [[1, 2], [53, 1.43, 13.37]]}}})
NOTEBOOK = json.dumps({"cells": [{"outputs": [{"data": {"text/html": [ROW]}}]}]})
SVG = base64.b64encode(b"<svg><!-- KX-003-Q --><path d='M 1 2'/></svg>").decode()

LEAKS = {
    "page.html": b"<p>Patient kx-003-q was lost</p>",
    "attribute.html": b"<img alt='Patient KX-003-Q'>",
    "row.html": ROW.encode(),
    "rounded.html": ROW.replace("1.43", "1.4").replace("13.37", "13.4").encode(),
    "text.html": b"<li>who  Moved to the\n seaside</li>",
    "state.html": f"<script type='application/json'>{STATE}</script>".encode(),
    "figure.html": f"<img src='data:image/svg+xml;base64,{SVG}'>".encode(),
    "searchindex.js": b'Search.setIndex({"terms": {"kx-003-q": [1, 2]}})',
    "_sources/notebook.ipynb": NOTEBOOK.encode(),
    "_sources/picture.ipynb": json.dumps(
        {"image/png": base64.b64encode(png(b"KX-003-Q" + b" " * 400)).decode() + "\n"}
    ).encode(),
    "line.txt": f"age {AGE} size {SIZE} time {MONTHS}".encode(),
    "data.csv": f"{AGE},{SIZE},{MONTHS}".encode(),
    "picture.png": png(b"made for KX-003-Q"),
    "archive.zip": zipped(b"made for KX-003-Q"),
    "packed.gz": gzip.compress(b"made for KX-003-Q"),
    "KX-003-Q.txt": b"nothing",
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_found(site: Path, cohort: Path, mapping: Path, name: str) -> None:
    path = site / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(LEAKS[name])
    result = audit(site, cohort, mapping)
    assert {(finding.file, finding.row) for finding in result.findings} == {(name, 5)}


INNOCENT = {
    "two.html": f"<table><tr><td>{AGE}</td><td>{SIZE}</td><td>x</td></tr></table>",
    "two_rows.html": f"<tr><td>{AGE}</td></tr><tr><td>{SIZE}</td><td>{MONTHS}</td></tr>",
    "within.html": f"<tr><td>{AGE} ({SIZE}–{MONTHS})</td></tr>",
    "of_two_patients.html": f"<tr><td>{AGE}</td><td>{SIZE}</td><td>14.37</td></tr>",
    "one_number_twice.html": "<tr><td>53</td><td>53.0</td><td>53</td></tr>",
    "whole_numbers.html": "<tr><td>53</td><td>1</td><td>13</td></tr>",
    "drawing.svg": f"<svg><path d='M {AGE} {SIZE} {MONTHS}'/></svg>",
    "scale.json": json.dumps([round(1.4 + 1.2 * i, 1) for i in range(44)]),  # 1.4, 13.4 and 53.0
    "word.html": "<p>KX-003-QR and 1KX-003-Q</p>",
}


@pytest.mark.parametrize("name", INNOCENT)
def test_a_coincidence_is_no_leak(site: Path, cohort: Path, mapping: Path, name: str) -> None:
    (site / name).write_text(INNOCENT[name])
    assert audit(site, cohort, mapping).findings == ()


def test_what_the_book_says_in_any_case_is_no_secret(site: Path, tmp_path: Path) -> None:
    cohort = tmp_path / "ours.csv"
    cohort.write_text("patient_id,follow_up_months,death\nP001,12,0\n17,13,0\nQZ-9,14,1\n")
    (site / "page.html").write_text("<p>P001 and 17</p>")
    result = audit(site, cohort)
    assert result.passed
    assert result.notes[0].startswith("2 of 3 ids are short plain numbers or words of the book")


def test_a_failed_site_is_marked_on_every_page_and_nothing_is_deleted(site: Path) -> None:
    (site / "deep").mkdir()
    (site / "deep" / "page.html").write_text("<html><body><h1>Kept</h1></body></html>")
    before = sorted(site.rglob("*"))
    mark(site, Audit((Finding("deep/page.html", 5, "the id"),), 2))
    for page in site.rglob("*.html"):
        assert 'role="alert"' in page.read_text() and "Not fit to publish" in page.read_text()
    assert "<body class='a'><div role=" in (site / "index.html").read_text()
    assert "<h1>Kept</h1>" in (site / "deep" / "page.html").read_text()
    assert "deep/page.html: the id of row 5" in (site / MARK).read_text()
    assert sorted(site.rglob("*")) == sorted([*before, site / MARK])


def test_the_command_says_what_it_found_and_never_the_value(
    site: Path, cohort: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["audit-site", str(cohort), "--mapping", str(mapping), "--site", str(site)]
    assert main(command) == 0
    assert "No id, no free text and no row's combination" in capsys.readouterr().out
    (site / "row.html").write_text(ROW + "<p>KX-003-Q</p>")
    assert main(command) == 1
    said = capsys.readouterr().out
    assert "row.html: the combination of age, follow_up_months, tumor_size_cm of row 5" in said
    assert "row.html: the id of row 5" in said
    assert MONTHS not in said and "KX-003" not in said
    assert main(["audit-site", str(cohort), "--site", str(site / "absent")]) == 2


def test_rounded_times_are_what_is_looked_for(site: Path, cohort: Path, mapping: Path) -> None:
    (site / "row.html").write_text(ROW)
    assert audit(site, cohort, mapping, round_months=1.0).passed
    (site / "row.html").write_text(ROW.replace(MONTHS, "13.0"))
    assert not audit(site, cohort, mapping, round_months=1.0).passed


def test_every_kind_of_file_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>a b</p><table><tr><th>c d</th><td>e</td></tr></table><script>f=1</script>")
    assert set(pieces(path)) == {("a", "b"), ("c d", "e"), ("f=1",)}


def test_no_row_of_the_synthetic_cohort_is_in_its_own_sources() -> None:
    # The committed notebooks are a site of sorts; ids of the synthetic cohort are in some.
    result = audit(paths.NOTEBOOKS, paths.SYNTHETIC_COHORT)
    combinations = [f for f in result.findings if f.what.startswith("the combination")]
    assert combinations == []
