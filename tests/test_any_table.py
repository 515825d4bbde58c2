"""Any file gives a cohort or a report, never a traceback.

Hypothesis makes the files. It draws the same ones on every run.
"""

import csv
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reanalysis.check import Report, check
from reanalysis.cohort import derive, validate
from reanalysis.dictionary import load_dictionary
from reanalysis.errors import InvalidCohort
from reanalysis.reading import read_table

COLUMNS = load_dictionary().columns
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
)


# --- what people and programs may put into a file -------------------------------------------------

ODD = st.sampled_from(
    [
        "",
        "NA",
        "None",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "-0",
        "+5",
        "0x10",
        "1_000",
        "1.5",
        "<400",
        "12 mm",
        "2020-01-31",
        "31.1.2020",
        "43831",
        "yes",
        "TRUE",
        "=1+1",
        "½",
        "٣",
        "1",
        "2",
        "A",
        "male",
        "CR",
        "[",
        "{",
        "a;b",
    ]
) | st.sampled_from(["1,5", "1.234,5", "\u200b", "a\nb", 'a"b', "a,b", "x" * 300])
CELLS = ODD | st.text(max_size=12) | st.floats().map(str) | st.integers().map(str)
HEADERS = (
    st.sampled_from(sorted(COLUMNS)) | st.sampled_from(["Age", "OS", "", "1", "e-mail"]) | st.text()
)
NEEDED = st.just(["patient_id", "follow_up_months", "death"])
TABLES = st.tuples(
    NEEDED | st.just([]),
    st.lists(HEADERS, max_size=5),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
)


def reported(path: Path, mapping: Path | None = None) -> Report:
    """Check a file, and look at everything that its report can be asked for."""
    report = check(path, mapping)
    assert report.as_text().strip()
    assert json.loads(report.as_json())["fits"] == report.fits
    assert report.fits == (not report.problems)
    if report.fits:
        assert report.patients > 0
    return report


@SETTINGS
@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_report(tmp_path, content):
    path = tmp_path / "cohort"
    path.write_bytes(content)
    reported(path)


@SETTINGS
@given(
    start=st.sampled_from(
        [b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xd0\xcf\x11\xe0"]
    ),
    content=st.binary(max_size=200),
)
def test_any_bytes_behind_a_known_beginning_give_a_report(tmp_path, start, content):
    path = tmp_path / "cohort"
    path.write_bytes(start + content)
    reported(path)


@SETTINGS
@given(text=st.text(max_size=300), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_gives_a_report(tmp_path, text, encoding):
    path = tmp_path / "cohort"
    path.write_bytes(text.encode(encoding, errors="ignore"))
    reported(path)


@SETTINGS
@given(table=TABLES, separator=st.sampled_from(",;\t"))
def test_any_table_gives_a_cohort_or_a_report(tmp_path, table, separator):
    needed, others, rows = table
    path = tmp_path / "cohort.csv"
    with path.open("w", encoding="utf-8", newline="", errors="ignore") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(needed + others)
        writer.writerows(rows)
    report = reported(path)
    try:
        cohort = derive(validate(read_table(path)))
    except InvalidCohort:
        assert not report.fits
    else:
        assert report.fits
        assert len(cohort) == report.patients
