"""What a mapping file can say: dates, several columns, rows left out; and how it is saved."""

import codecs
from pathlib import Path

import openpyxl
import pytest

from reanalysis.cohort.dates import as_date, order_of
from reanalysis.cohort.loading import load_cohort, provenance
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.core.errors import InvalidCohort, UnreadableFile
from reanalysis.intake.check import check
from reanalysis.intake.drafting import draft_of

HEAD = 'columns.patient_id.from = "ID"\n'
BASIC = HEAD + 'columns.follow_up_months.from = "FU"\ncolumns.death.from = "Dead"\n'


def written(folder: Path, text: str, name: str = "theirs.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def plan(folder: Path, text: str) -> Path:
    return written(folder, text, "m.toml")


def told(path: Path, mapping: Path) -> str:
    return " ".join(check(path, mapping).as_text().split())


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("2015-03-02", "", "2015-03-02"),
        ("2015/3/2", "", "2015-03-02"),
        ("2015-03-02 00:00:00", "", "2015-03-02"),
        ("2.3.2015", "day first", "2015-03-02"),
        ("3/2/2015", "month first", "2015-03-02"),
        ("2 Mar 2015", "", "2015-03-02"),
        ("02-mär-2015", "", "2015-03-02"),
        ("March 2, 2015", "", "2015-03-02"),
        ("2015年3月2日", "", "2015-03-02"),
        ("2015. 3. 2", "", None),
        ("2015년 3월 2일", "", "2015-03-02"),
        ("20150302", "", "2015-03-02"),
        ("42065", "", "2015-03-02"),
        ("2015-02-30", "", None),
        ("unknown", "", None),
    ],
)
def test_dates_as_people_write_them(cell, order, iso):
    read = as_date(cell, order)
    assert (read and read.isoformat()) == iso


def test_which_comes_first_is_seen_by_the_column():
    assert order_of(["3/4/2015", "25/4/2015"]) == "day first"
    assert order_of(["3/4/2015", "4/25/2015"]) == "month first"
    assert order_of(["3.4.2015"]) == "day first"
    assert order_of(["2015-04-03"]) == "either"
    assert order_of(["3/4/2015", "25/4/2015", "4/25/2015"]) == ""
    assert order_of(["3/4/2015", "5/6/2015"]) == ""


def test_months_are_the_days_between_two_dates(tmp_path):
    path = written(
        tmp_path,
        "ID,Start,Last seen,Died on,Dead\na,2015-01-01,2016-01-01,,0\n"
        "b,2015-01-01,2015-06-01,2015-07-01,1\nc,2016-02-29,2017-03-01,2016-12-31,1\n",
    )
    text = HEAD + (
        'columns.death = { from = "Died on", filled = "1", blank = "0" }\n'
        "[columns.follow_up_months]\n"
        'from = ["Died on", "Last seen"]\nsince = "Start"\n'
    )
    months = load_cohort(path, plan(tmp_path, text))["follow_up_months"]
    assert list(months * 30.4375) == pytest.approx([365, 181, 306])
    text += 'take = "last"\n'
    cohort = load_cohort(path, plan(tmp_path, text))
    assert list(cohort["follow_up_months"] * 30.4375) == pytest.approx([365, 181, 366])
    assert list(cohort["death"]) == [0, 1, 1]
    report = told(path, plan(tmp_path, text))
    assert "follow_up_months from last of Died on, Last seen since Start: days between" in report
    assert "a filled cell is 1; an empty cell is 0" in report


def test_dates_of_two_readings_are_asked_about(tmp_path):
    path = written(
        tmp_path, "ID,RT start,Last FU,Dead\na,1/2/2015,3/4/2016,yes\nb,5/6/2015,7/8/2016,no\n"
    )
    draft = draft_of(path).text
    assert 'dates = "?"  # "day first" or "month first"' in draft
    asked = draft.replace('dates = "?"', "")
    with pytest.raises(InvalidCohort, match="dates of one reading"):
        load_cohort(path, plan(tmp_path, asked))
    months = load_cohort(path, plan(tmp_path, draft.replace('"?"', '"month first"')))
    assert months["follow_up_months"].iloc[0] * 30.4375 == pytest.approx(427)


def test_dates_that_cannot_be_are_named(tmp_path):
    path = written(
        tmp_path,
        "ID,Start,End,Dead\na,2015-01-01,2014-01-01,0\nb,,2015-06-01,1\nc,2015-01-01,soon,1\n",
    )
    text = HEAD + (
        'columns.death.from = "Dead"\n'
        'columns.follow_up_months = { from = "End", since = "Start" }\n'
    )
    with pytest.raises(InvalidCohort) as caught:
        load_cohort(path, plan(tmp_path, text))
    messages = [str(problem) for problem in caught.value.problems]
    assert len(messages) == 3
    assert any(
        "row 2, End is '2014-01-01': expected a date not before Start" in m for m in messages
    )
    assert any("row 3, Start: expected a date; follow_up_months is counted" in m for m in messages)
    assert any("row 4, End is 'soon': expected a date, such as" in m for m in messages)


def test_a_date_where_a_number_is_converted_leads_to_since(tmp_path):
    path = written(tmp_path, "ID,FU,Dead\na,2015-01-01,0\n")
    text = HEAD + 'columns.death.from="Dead"\ncolumns.follow_up_months={from="FU",unit="days"}\n'
    assert 'it is a date: say since = "..." in the mapping file' in told(path, plan(tmp_path, text))


# --- several columns, events and times ------------------------------------------------------------


def test_a_time_is_composed_of_two(tmp_path):
    path = written(tmp_path, "ID,to death,to last,Dead\na,,400,0\nb,200,,1\nc,300,100,1\n")
    text = HEAD + 'columns.death.from = "Dead"\n[columns.follow_up_months]\n'
    keys = 'from = ["to death", "to last"]\nunit = "days"\n'
    months = load_cohort(path, plan(tmp_path, text + keys))["follow_up_months"]
    assert list(months * 30.4375) == pytest.approx([400, 200, 300])
    keys += 'take = "earliest"\n'
    months = load_cohort(path, plan(tmp_path, text + keys))["follow_up_months"]
    assert list(months * 30.4375) == pytest.approx([400, 200, 100])


EVENTS = (
    "ID,FU,Dead,LF,LF time,CR,CR time\na,12,1,1,6.5,CR,2\nb,20,0,0,20,PR,20\nc,31,0,0,31,SD,31\n"
)


def test_a_time_beside_no_event_is_that_of_censoring(tmp_path):
    path = written(tmp_path, EVENTS)
    text = BASIC + (
        'columns.local_failure.from = "LF"\ncolumns.local_failure_months.from = "LF time"\n'
        'columns.best_response.from = "CR"\ncolumns.complete_response_months.from = "CR time"\n'
    )
    assert not check(path, plan(tmp_path, text)).fits
    cohort = load_cohort(path, plan(tmp_path, "times_of_censoring = true\n" + text))
    assert cohort["local_failure_months"].dropna().tolist() == [6.5]
    assert cohort["complete_response_months"].dropna().tolist() == [2]
    one = text + "columns.local_failure_months.times_of_censoring = true\n"
    report = check(path, plan(tmp_path, one))
    assert {problem.column for problem in report.problems} == {"complete_response_months"}


# --- rows, sheets, labels -------------------------------------------------------------------------


def test_rows_are_left_out_with_a_reason(tmp_path):
    lines = [f"p{i},{i + 2},{i % 2},{15 + i * 5},{'no' if i == 7 else 'yes'}" for i in range(9)]
    path = written(tmp_path, "\n".join(["ID,FU,Dead,Age,Consent", *lines, "p9,,0,50,yes", ""]))
    text = BASIC + (
        'columns.age.from = "Age"\n[[leave_out]]\ncolumn = "Age"\nbelow = 18\nwhy = "children"\n'
        '[[leave_out]]\ncolumn = "Consent"\nis = ["no"]\nwhy = "no consent"\n'
        '[[leave_out]]\ncolumn = "FU"\nblank = true\nwhy = "never seen again"\n'
        '[[leave_out]]\nrows = [3]\nwhy = "wrong diagnosis"\n'
    )
    assert len(load_cohort(path, plan(tmp_path, text))) == 6
    report = told(path, plan(tmp_path, text))
    assert "left out: 1 (children (Age is below 18))" in report
    assert "left out: 1 (no consent (Consent is no))" in report
    assert "left out: 1 (never seen again (FU is blank))" in report
    assert "left out: 1 (wrong diagnosis)" in report
    page = provenance(path, plan(tmp_path, text))
    assert page.loc[0, "column"] == "(rows)"
    assert "left out: hidden (children" in page.loc[0, "what was done"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("rows = [3]", "the reason, as a text"),
        ('rows = [3]\nwhy = "?"', "the reason, as a text"),
        ('why = "x"', "either rows"),
        ('rows = [3]\ncolumn = "Age"\nwhy = "x"', "either rows"),
        ('column = "Age"\nwhy = "x"', "blank = true, below or above"),
        ('column = "Age"\nbelow = "18"\nwhy = "x"', "below is '18': expected a number"),
        ('rows = [1]\nwhy = "x"', "a list of rows as a spreadsheet counts them"),
        ('rows = [99]\nwhy = "x"', "there is none in row 99"),
        ('column = "Agee"\nblank = true\nwhy = "x"', "column Agee: expected this column"),
        ('column = "Dead"\nis = ["0", "1"]\nwhy = "x"', "at least one row that is not left out"),
    ],
)
def test_a_mistake_in_what_is_left_out_is_named(tmp_path, entry, message):
    path = written(tmp_path, "ID,FU,Dead,Age\na,1,0,30\nb,2,1,40\n")
    with pytest.raises(InvalidCohort) as caught:
        load_cohort(path, plan(tmp_path, f"{BASIC}[[leave_out]]\n{entry}\n"))
    assert message in str(caught.value)


def test_labels_are_made_by_numbering(tmp_path):
    path = written(tmp_path, "FU,Dead\n1,0\n2,1\n3,0\n")
    text = (
        "columns.patient_id.numbered = true\ncolumns.follow_up_months.from = 'FU'\n"
        "columns.death.from = 'Dead'\n"
    )
    assert len(load_cohort(path, plan(tmp_path, text))) == 3
    report = told(path, plan(tmp_path, text))
    assert "patient_id from (rows, numbered)" in report
    assert "Not used either" not in report


@pytest.mark.parametrize("sheet", ['"Data"', "2", '"2"'])
def test_a_sheet_is_named_or_numbered(tmp_path, sheet):
    book = openpyxl.Workbook()
    book.active.append(["patient_id", "follow_up_months", "death"])
    book.active.append(["x", 5, 1])
    other = book.create_sheet("Data")
    other.append(["ID", "FU", "Dead"])
    other.append(["y", 7, 0])
    book.save(tmp_path / "two.xlsx")
    assert load_cohort(tmp_path / "two.xlsx", plan(tmp_path, f"sheet = {sheet}\n{BASIC}")).shape[0]
    report = check(tmp_path / "two.xlsx", sheet="Data")
    assert "--sheet Data --draft-mapping" in report.as_text()
    with pytest.raises(InvalidCohort, match="has no sheet '3'"):
        load_cohort(tmp_path / "two.xlsx", plan(tmp_path, f"sheet = 3\n{BASIC}"))


def test_rows_of_redcap_complete_each_other(tmp_path):
    path = written(
        tmp_path,
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,Age,FU,Dead,Size"
        "\n1,base,,,61,,,2.5\n1,end,,,,12.5,1,\n1,visit,lesion,1,,,,2.5\n2,base,,,58,,,3\n"
        "2,end,,,,30,0,\n2,visit,lesion,1,,,,4\n",
    )
    draft = draft_of(path).text
    assert 'one_row_per_patient = "merged"' in draft
    text = (
        'one_row_per_patient = "merged"\ncolumns.patient_id.from = "record_id"\n'
        'columns.follow_up_months.from = "FU"\ncolumns.death.from = "Dead"\n'
        'columns.age.from = "Age"\n[columns.tumor_size_cm]\nfrom = "Size"\n'
    )
    assert "one value for each patient; 1 have several" in told(path, plan(tmp_path, text))
    cohort = load_cohort(path, plan(tmp_path, text + 'take = "last"\n'))
    assert cohort[["age", "follow_up_months", "death", "tumor_size_cm"]].to_numpy().tolist() == [
        [61, 12.5, 1, 2.5],
        [58, 30, 0, 4],
    ]


def test_lines_above_the_header_of_cbioportal_are_no_header(tmp_path):
    text = (
        "#Patient Identifier\tAge\tStatus\tMonths\n#Identifier\tAge\tOS\tOS\n#STRING\tNUMBER"
        "\tSTRING\tNUMBER\n#1\t1\t1\t1\nPATIENT_ID\tAGE\tOS_STATUS\tOS_MONTHS\nP-1\t61\t0:LIVING\t12.5\n"
        "P-2\t58\t1:DECEASED\t9.5\n"
    )
    path = written(tmp_path, text, "data_clinical_patient.txt")
    cohort = load_cohort(path, plan(tmp_path, draft_of(path).text))
    assert list(cohort["death"]) == [0, 1]
    wrong = written(tmp_path, text.replace("12.5", "x"), "wrong.txt")
    assert "row 6, " in str(check(wrong, plan(tmp_path, draft_of(wrong).text)).problems[0])
    # One such line is a header.
    path = written(tmp_path, "#ID,FU\na,7\n")
    assert list(draft_of(path).recognised) == ["patient_id", "follow_up_months"]


# --- how the file was saved -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF8 + BASIC.encode(),
        BASIC.encode("utf-16"),
        BASIC.replace("\n", "\r\n").encode(),
    ],
)
def test_a_mapping_that_notepad_saved_is_read(tmp_path, raw):
    path = tmp_path / "m.toml"
    path.write_bytes(raw)
    assert len(load_mapping(path).columns) == 3


def test_curly_quotation_marks_are_refused_by_their_lines(tmp_path):
    text = "# it\u2019s \u201cquoted\u201d here\n" + BASIC.replace('"FU"', "\u201cFU\u201d")
    with pytest.raises(UnreadableFile, match=r"^Line 3 of the mapping file m.toml holds curly"):
        load_mapping(plan(tmp_path, text))
    with pytest.raises(UnreadableFile, match=r"^Lines 1, 2, 3 of the mapping file m.toml hold"):
        load_mapping(plan(tmp_path, BASIC.replace('"', "\u201d")))


def test_another_encoding_is_refused_by_its_line(tmp_path):
    path = tmp_path / "m.toml"
    path.write_bytes(BASIC.encode() + 'columns.age.from = "Größe"\n'.encode("cp1252"))
    with pytest.raises(UnreadableFile, match=r"^Line 4 of the mapping file m.toml is not UTF-8"):
        load_mapping(path)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('columns.age = { from = ["a", 1] }', "columns.age.from"),
        ("columns.age = { from = [] }", "columns.age.from"),
        ('columns.age = { from = "?" }', "columns.age.from"),
        ('columns.age = { from = "a", since = "b" }', "columns.age.since"),
        ('columns.age = { from = "a", numbered = true }', "columns.age.numbered"),
        ('columns.age = { from = "a", filled = "1" }', "columns.age.filled"),
        ('columns.sex = { from = "a", blank = "man" }', "columns.sex.blank"),
        ('columns.age = { from = "a", decimal = "?" }', "columns.age.decimal"),
        ('columns.age = { from = ["a", "b"], take = "?" }', "columns.age.take"),
        ('columns.death = { from = "a", times_of_censoring = true }', None),
        ("times_of_censoring = 1", "times_of_censoring of m.toml"),
        ('hidden_rows = "?"', "hidden_rows of m.toml"),
        ('one_row_per_patient = "all"', "one_row_per_patient of m.toml"),
        ("leave_out = 1", "leave_out"),
        ("sheet = true", "sheet of m.toml"),
    ],
)
def test_a_key_that_cannot_be_is_named(tmp_path, line, column):
    with pytest.raises(InvalidCohort) as caught:
        load_mapping(plan(tmp_path, line + "\n"))
    assert [p.column for p in caught.value.problems] == [
        column or "columns.death.times_of_censoring"
    ]
