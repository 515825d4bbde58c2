"""A site that gives a patient away does not pass, however it is hidden; any other one does."""

import json
from importlib import metadata
from pathlib import Path

import pytest
from plants import AGE, COHORT, FOUND, ID, MONTHS, SIZE, page, plants

from reanalysis.__main__ import main
from reanalysis.core import paths
from reanalysis.site.audit import MARK, Audit, Finding, audit, mark
from reanalysis.site.rows import printed

PLANTS = {what: (name, content) for what, name, content in plants()}


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A cohort and its mapping."""
    folder = tmp_path_factory.mktemp("cohort")
    names = [name for name in COHORT.splitlines()[0].split(",") if name != "remark"]
    mapping = "".join(f'[columns.{name}]\nfrom = "{name}"\n' for name in names)
    (folder / "ours.csv").write_text(COHORT, encoding="utf-8")
    (folder / "ours.toml").write_text(mapping, encoding="utf-8")
    return folder / "ours.csv", folder / "ours.toml"


@pytest.fixture
def cohort(files: tuple[Path, Path]) -> Path:
    return files[0]


@pytest.fixture
def mapping(files: tuple[Path, Path]) -> Path:
    return files[1]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "html"
    root.mkdir()
    (root / "index.html").write_text(
        "<html><body class='a'><p>20 patients</p></body></html>", encoding="utf-8"
    )
    return root


def write(site: Path, name: str, content: bytes) -> None:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="session")
def planted(
    files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Finding]]:
    """What is found in a site with every plant, each in a folder of its own."""
    root = tmp_path_factory.mktemp("planted")
    folders = {}
    for i, (what, (name, content)) in enumerate(PLANTS.items()):
        folders[f"p{i}"] = what
        write(root / f"p{i}", name, content)
    found: dict[str, list[Finding]] = {what: [] for what in PLANTS}
    for finding in audit(root, *files).findings:
        found[folders[finding.file.partition("/")[0]]].append(finding)
    return found


@pytest.mark.parametrize("what", PLANTS)
def test_a_plant_is_found(planted: dict[str, list[Finding]], what: str) -> None:
    kind = {"id": ("the id", "a hash of the id"), "row": ("values",), "text": ("a free text",)}
    found = planted[what]
    assert any(f.row == FOUND and f.what in kind[what.partition(":")[0]] for f in found)
    if "arrays" not in what and "by_key" not in what and "sideways" not in what:
        # Where whole columns were planted every patient is found.
        assert {f.row for f in found} == {FOUND}


INNOCENT = {
    "two.html": f"<table><tr><td>{AGE}</td><td>{SIZE}</td><td>x</td></tr></table>",
    "two_rows.html": f"<tr><td>{AGE}</td></tr><tr><td>{SIZE}</td><td>{MONTHS}</td></tr>",
    "within.html": f"<table><tr><td>{AGE} ({SIZE}–{MONTHS})</td></tr></table>",
    "interval.html": f"<p>The median was {AGE} months ({SIZE}–{MONTHS}).</p>",
    "of_two_patients.html": f"<table><tr><td>{AGE}</td><td>{SIZE}</td><td>14.37</td></tr></table>",
    "one_number_twice.html": "<table><tr><td>53</td><td>53.0</td><td>53</td></tr></table>",
    "whole_numbers.html": "<table><tr><td>53</td><td>1</td><td>13</td></tr></table>",
    "drawing.svg": f"<svg><path d='M {AGE} {SIZE} {MONTHS}'/></svg>",
    "scale.json": json.dumps([round(1.4 + 1.2 * i, 1) for i in range(44)]),  # 1.4, 13.4 and 53.0
    "curve.json": json.dumps([0.1, 0.9, 1.43, 2.2, 3.1, 13.37, 14.01, 20.5, 53.0, 60.2]),
    "other_columns.html": (
        "<table><tr><th>tumor_size_cm<th>follow_up_months<th>age</tr>"
        f"<tr><td>{AGE}<td>{SIZE}<td>{MONTHS}</tr></table>"
    ),
    "one_variable.html": (
        "<table><tr><th>Variable<th>Median<th>Lower<th>Upper</tr>"
        f"<tr><td>Age, years<td>{AGE}<td>{SIZE}<td>{MONTHS}</tr>"
        "<tr><td>Tumour size (cm)<td>2.0<td>1.0<td>3.0</tr></table>"
    ),
    "levels.html": (
        "<table><tr><td>female<td>HCV<td>multiple<td>PD</tr>"
        "<tr><td>male<td>HBV<td>single<td>CR</tr></table>"
    ),
    "longer_number.html": "<p>KX-0031-Q and KX-1003-Q and KX-003.5-Q</p>",
    "other_id.html": "<p>KX-030-Q, KX-033-Q, KX-300-Q, K-003-Q, XK-003-Q</p>",
    "percent.txt": "HR 53 % (1.43 %) and 13.37 %",
}


@pytest.fixture(scope="session")
def coincidences(
    files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Finding, ...]:
    """What is found in a site with every coincidence, each in a file of its own."""
    root = tmp_path_factory.mktemp("coincidences")
    for name, content in INNOCENT.items():
        write(root, name, content.encode())
    result = audit(root, *files)
    assert result.files == len(INNOCENT)
    return result.findings


@pytest.mark.parametrize("name", INNOCENT)
def test_a_coincidence_is_no_leak(coincidences: tuple[Finding, ...], name: str) -> None:
    assert [finding for finding in coincidences if finding.file == name] == []


IDS = {
    # an id, disguises that are found, and what is no disguise of it
    "HCC_007": (
        ["HCC-007", "HCC 007", "hcc007", "HCC_7", "xHCC_007y", "HCC_0007", "h c c _ 0 0 7"],
        ["HCC_0071", "HCC_107", "HCC 7 cm", "HCC, 7 patients", 'hcc": [0, 7]'],
    ),
    "K-107": (
        ["K107", "k_107", "K.107", "K-0107"],
        ["week 107", "K 107", "k = 107", "mK1071", "K 1, 07"],
    ),
    "0482913": (
        [
            "0482913",
            "482913",
            "x0482913y",
            "0 4 8 2 9 1 3",
            "482,913",
            "048 2913",
            "482913.0",
            "00482913",
        ],
        ["10482913", "4829130", "0.482913", "482913.5", "[482,913]", "48 29 13 07", "ab482913ef"],
    ),
    "12345678": (["12345678", "012345678", "12 34 56 78"], ["123456789", "1,2,3,4,5,6,7,8"]),
    "Kimhs": (["KIMHS", "kimhs.", "k i m h s"], ["kimhsa", "akimhs"]),
    "환자-0317": (["환자 317", "환자0317은"], ["환자 3170"]),
    "TCGA-2V-A95S": (["tcga2va95s", "TCGA.2V.A95S", "xTCGA-2V-A95Sy"], ["TCGA-2V-A95"]),
}


@pytest.mark.parametrize("own", IDS)
def test_ids_of_every_kind(site: Path, tmp_path: Path, own: str) -> None:
    cohort = tmp_path / "ours.csv"
    cohort.write_text(
        f"patient_id,follow_up_months,death\n{own},12.5,0\nother-id,13.5,0\n", encoding="utf-8"
    )
    found, innocent = IDS[own]
    for i, text in enumerate([own, *found]):
        (site / f"found_{i}.txt").write_text(f"it is {text} here", encoding="utf-8")
    for i, text in enumerate(innocent):
        (site / f"innocent_{i}.txt").write_text(f"it is {text} here", encoding="utf-8")
    result = audit(site, cohort)
    expected = {f"found_{i}.txt" for i in range(len(found) + 1)}
    assert {finding.file for finding in result.findings} == expected
    assert {finding.row for finding in result.findings} == {2}


def test_a_short_id_is_found_under_the_name_of_its_column(site: Path, tmp_path: Path) -> None:
    cohort = tmp_path / "ours.csv"
    cohort.write_text(
        "patient_id,follow_up_months,death\n17,12.1,0\n23,13.2,0\nA4,14.3,1\n", encoding="utf-8"
    )
    (site / "page.html").write_text("<p>17 patients, 23 deaths, A4 paper</p>", encoding="utf-8")
    result = audit(site, cohort)
    assert result.passed
    assert result.notes == (
        "3 of 3 ids are too short to tell from other words and numbers; they were looked for only "
        "under the name of their column.",
    )
    (site / "list.json").write_text(
        json.dumps([{"patient_id": 17, "x": 1, "y": 2}]), encoding="utf-8"
    )
    (site / "table.csv").write_text("x,patient_id,y\n1,A4,2\n3,5,3\n", encoding="utf-8")
    found = {(finding.file, finding.row) for finding in audit(site, cohort).findings}
    assert found == {("list.json", 2), ("table.csv", 4)}


def test_what_the_book_says_in_any_case_is_no_secret(site: Path, tmp_path: Path) -> None:
    cohort = tmp_path / "ours.csv"
    cohort.write_text(
        "patient_id,follow_up_months,death\nJupyter,12,0\nP2,13,0\nQZ-9871,14,1\n", encoding="utf-8"
    )
    (site / "page.html").write_text("<p>Jupyter and P2</p>", encoding="utf-8")
    result = audit(site, cohort)
    assert result.passed
    assert [note.split(";")[0] for note in result.notes] == [
        "1 of 3 ids look like the labels that the book gives itself (P and a number)",
        "1 of 3 ids stand in the book's own sources",
    ]


def test_an_icon_of_the_theme_is_no_free_text(site: Path, tmp_path: Path) -> None:
    # The theme comes with Jupyter Book.
    files = metadata.files("pydata-sphinx-theme") or []
    (script,) = (file for file in files if str(file).endswith("static/scripts/fontawesome.js"))
    shipped = Path(str(script.locate())).read_bytes()
    assert b"smoking" in shipped
    cohort, mapping = tmp_path / "ours.csv", tmp_path / "ours.toml"
    cohort.write_text(
        "patient_id,follow_up_months,death,comment\n"
        "K-101,12.53,1,Smoking\nK-102,20.14,0,\nK-103,31.27,0,Transferred\n",
        encoding="utf-8",
    )
    names = ("patient_id", "follow_up_months", "death")
    mapping.write_text(
        "".join(f'[columns.{name}]\nfrom = "{name}"\n' for name in names), encoding="utf-8"
    )
    (site / "theme.js").write_bytes(shipped)
    assert audit(site, cohort, mapping).passed
    (site / "theme.js").write_bytes(shipped + b"// K-101")  # no longer what the theme brings
    found = {(finding.what, finding.columns) for finding in audit(site, cohort, mapping).findings}
    assert found == {("the id", ("patient_id",)), ("a free text", ("comment",))}


def test_a_median_is_compared_with_its_own_column(site: Path, tmp_path: Path) -> None:
    cohort = tmp_path / "ours.csv"
    cohort.write_text(
        "patient_id,age,prior_sessions,follow_up_months,death\n"
        + "".join(f"N{i}x,{40 + i},{10 + i % 7},{20 + i * 1.1:.1f},0\n" for i in range(40)),
        encoding="utf-8",
    )
    # The third row has 12 sessions, 42 years and 22.2 months.
    (site / "page.html").write_text(
        "<table><tr><th>Variable<th>Median<th>Range</tr><tr><td>Age, years<td>22.2<td>12</tr>"
        "<tr><td>Follow-up (months)<td>42<td>12</tr></table>",
        encoding="utf-8",
    )
    assert audit(site, cohort).passed


def test_a_failed_site_is_marked_on_every_page_and_nothing_is_deleted(site: Path) -> None:
    (site / "deep").mkdir()
    (site / "deep" / "page.html").write_text(
        "<html><body><h1>Kept</h1></body></html>", encoding="utf-8"
    )
    before = sorted(site.rglob("*"))
    mark(site, Audit((Finding("deep/page.html", 5, "the id"),), 2))
    for path in site.rglob("*.html"):
        assert 'role="alert"' in path.read_text(
            encoding="utf-8"
        ) and "Not fit to publish" in path.read_text(encoding="utf-8")
    assert "<body class='a'><div role=" in (site / "index.html").read_text(encoding="utf-8")
    assert "<h1>Kept</h1>" in (site / "deep" / "page.html").read_text(encoding="utf-8")
    assert "deep/page.html: row 5, the id" in (site / MARK).read_text(encoding="utf-8")
    assert sorted(site.rglob("*")) == sorted([*before, site / MARK])


def test_the_command_says_what_it_found_and_never_the_value(
    site: Path, cohort: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["audit-site", str(cohort), "--mapping", str(mapping), "--site", str(site)]
    assert main(command) == 0
    assert "No id, no free text and no row's combination" in capsys.readouterr().out
    row = f"<table><tr><td>{AGE}<td>{SIZE}<td>{MONTHS}</tr></table>"
    write(site, "row.html", page(f"{row}<!-- {ID} --><p>moved to the seaside</p>"))
    assert main(command) == 1
    said = capsys.readouterr().out
    where = "row.html (A page): row 5, "
    assert f"{where}values of age, follow_up_months, tumor_size_cm" in said
    assert f"{where}the id of patient_id, in a comment" in said
    assert f"{where}a free text of remark" in said
    assert "An id: give the patients other ids" in said and "delete the column" in said
    assert MONTHS not in said and "003" not in said and "seaside" not in said
    assert main(["audit-site", str(cohort), "--site", str(site / "absent")]) == 2


def test_columns_are_named_as_the_file_names_them(site: Path, tmp_path: Path) -> None:
    cohort, mapping = tmp_path / "ours.csv", tmp_path / "ours.toml"
    cohort.write_text(
        "Fall,Alter,OS,tot\n"
        + "".join(f"QX{i:04}B,{50 + i},{400.5 + 31 * i},{i % 2}\n" for i in range(20)),
        encoding="utf-8",
    )
    mapping.write_text(
        '[columns.patient_id]\nfrom = "Fall"\n[columns.age]\nfrom = "Alter"\n'
        '[columns.follow_up_months]\nfrom = "OS"\nunit = "days"\n[columns.death]\nfrom = "tot"\n',
        encoding="utf-8",
    )
    write(site, "list.csv", b"Alter,OS,Fall\n53,493.5,QX0003B\n54,1,2\n")
    said = [str(finding) for finding in audit(site, cohort, mapping).findings]
    assert said == ["list.csv: row 5, the id of Fall"]


def test_rounded_times_and_exact_ones_are_looked_for(
    site: Path, cohort: Path, mapping: Path
) -> None:
    row = f"<table><tr><td>{AGE}<td>{SIZE}<td>{MONTHS}</tr></table>"
    for months in (MONTHS, "13.0"):
        (site / "row.html").write_text(row.replace(MONTHS, months), encoding="utf-8")
        assert not audit(site, cohort, mapping, round_months=1.0).passed
    assert audit(site, cohort, mapping).passed  # 13.0 is nobody's exact time


def test_a_file_that_cannot_be_read_does_not_pass(
    site: Path, cohort: Path, mapping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reanalysis.site import decode

    monkeypatch.setattr(decode.Limits, "size", 2**20)
    monkeypatch.setattr(decode.Limits.__init__, "__defaults__", (2**20, 12, 1000))
    write(site, "bomb.gz", __import__("gzip").compress(bytes(2**22)))
    result = audit(site, cohort, mapping)
    assert [str(finding) for finding in result.findings] == [
        "bomb.gz: it unpacks to more than is read"
    ]


@pytest.mark.parametrize(
    ("piece", "row"),
    [
        ("<td>63</td><td>3.2</td><td>14.53</td>", 9),
        ("<td>17</td><td>63</td><td>3.2</td><td>14.53</td>", 9),  # with the number of the row
        ("<td>63</td><td>3.2</td><td>14</td>", None),  # as many digits as a private book prints
        ("<td>63</td><td>3.2</td><td>14</td><td>8.7</td>", 10),  # four of those are a row
        ("<td>63</td><td>3.2</td><td>14.53</td><td>2.9</td><td>41.2</td><td>8.8</td>", None),
        ("<td>2.9</td><td>41.2</td><td>8.8</td><td>7.7</td>", None),
    ],
)
def test_a_row_stands_out_among_what_fits_by_chance(
    site: Path, tmp_path: Path, piece: str, row: int | None
) -> None:
    cohort = tmp_path / "ours.csv"
    ages, sizes = [40 + i % 40 for i in range(100)], [0.8 + i % 50 / 10 for i in range(100)]
    months = [3.07 + 0.63 * i for i in range(100)]
    afp = [101.3 + 7.9 * i for i in range(100)]
    ages[7], sizes[7], months[7] = 63, 3.2, 14.53
    ages[8], sizes[8], months[8], afp[8] = 63, 3.2, 14.0, 8.7
    patients = enumerate(zip(ages, sizes, months, afp, strict=True), start=500)
    rows = [f"K-{i},{age},{size:.1f},{m:.2f},0,{a:.1f}" for i, (age, size, m, a) in patients]
    head = "patient_id,age,tumor_size_cm,follow_up_months,death,afp_ng_ml\n"
    cohort.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    write(site, "table.html", page(f"<table><tr>{piece}</tr></table>"))
    assert [f.row for f in audit(site, cohort).findings] == ([] if row is None else [row])


@pytest.mark.parametrize(
    ("text", "number"), [("20.0,", "20.0"), ("20,5", "20.5"), ("1,234", "1234"), ("3.5.", "3.5")]
)
def test_the_mark_behind_a_number_is_none_of_its_digits(text: str, number: str) -> None:
    assert number in set(printed(text))


@pytest.mark.slow  # the audit of each private book in the tests is its shorter sibling
def test_no_row_of_the_synthetic_cohort_is_in_its_own_sources() -> None:
    # The committed notebooks are a site of sorts; ids of the synthetic cohort are in some.
    result = audit(paths.NOTEBOOKS, paths.SYNTHETIC_COHORT)
    assert [f for f in result.findings if f.what == "values"] == []


def test_rows_that_a_mapping_leaves_out_or_numbers_are_those_of_the_audit(
    site: Path, tmp_path: Path
) -> None:
    cohort, mapping = tmp_path / "ours.csv", tmp_path / "ours.toml"
    cohort.write_text(
        "code,FU,dead,Age,size,afp\n"
        "K-101,12.53,1,12,3.17,8.13\nK-102,20.14,0,61,2.43,17.9\nK-103,31.27,0,70,1.28,5.46\n",
        encoding="utf-8",
    )
    mapping.write_text(
        "columns.patient_id.numbered = true\ncolumns.follow_up_months.from = 'FU'\n"
        "columns.death.from = 'dead'\ncolumns.tumor_size_cm.from = 'size'\n"
        "columns.afp_ng_ml.from = 'afp'\n"
        "[[leave_out]]\ncolumn = 'Age'\nbelow = 18\nwhy = 'children'\n",
        encoding="utf-8",
    )
    assert audit(site, cohort, mapping).passed
    write(site, "rows.csv", b"months,size,afp\n31.27,1.28,5.46\n")
    assert not audit(site, cohort, mapping).passed
