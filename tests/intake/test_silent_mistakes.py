"""What was once read wrong without a word is read right, or asked about."""

import tomllib
from pathlib import Path

import openpyxl
import pytest

from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.reading import read_source
from reanalysis.core import paths
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.check import Report, check
from reanalysis.intake.conversation import begin
from reanalysis.intake.drafting import draft_of


def written(folder: Path, text: str, name: str = "theirs.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines, ""])


def drafted(folder: Path, text: str, name: str = "theirs.csv") -> dict:
    return tomllib.loads(draft_of(written(folder, text, name)).text)


def told(report: Report) -> str:
    return " ".join(report.as_text().split())


# --- codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column", "values", "levels"),
    [
        ("Status", "death", "0 1 2 3", dict.fromkeys("0123", "?")),
        ("Died", "death", "1 9", {"1": "?", "9": "?"}),
        ("ECOG", "ecog_ps", "1 2 4", {"1": "?", "2": "?", "4": "?"}),
        ("ECOG", "ecog_ps", "0 1 2", None),
        ("Gender", "sex", "M F X", {"F": "?", "M": "?", "X": "?"}),
        ("Gender", "sex", "M F", {"F": "female", "M": "male"}),
        ("Gender", "sex", "0 1", {"0": "?", "1": "?"}),
        ("CPS", "child_pugh_class", "A B D", {"A": "?", "B": "?", "D": "?"}),
        ("BCLC", "bclc_stage", "0 A C", {"0": "?", "A": "?", "C": "?"}),
        ("Vital status", "death", "alive dead lost", {"alive": "0", "dead": "1", "lost": "?"}),
        ("Vital status", "death", "0:LIVING 1:DECEASED", {"0:LIVING": "0", "1:DECEASED": "1"}),
        ("Vital status", "death", "0=alive 1=dead 9", {"0=alive": "0", "1=dead": "1", "9": "?"}),
    ],
)
def test_no_code_is_taken_for_granted_beside_one_that_is_unknown(
    tmp_path, header, column, values, levels
):
    cells = [values.split()[i % len(values.split())] for i in range(8)]
    lines = [f"{i},{cell}" for i, cell in enumerate(cells)]
    columns = drafted(tmp_path, rows(f"Case,{header}", *lines))["columns"]
    assert columns[column].get("levels") == levels


def test_a_code_that_is_left_out_of_levels_does_not_mean_what_another_does(tmp_path):
    path = written(tmp_path, rows("Case,Months,Died", "a,3,0", "b,4,1", "c,5,2", "d,6,2"))
    head = 'columns.patient_id.from = "Case"\ncolumns.follow_up_months.from = "Months"\n'
    plan = written(tmp_path, head + 'columns.death={from="Died",levels={2="1"}}', "m.toml")
    with pytest.raises(InvalidCohort, match="Died is '1': expected its meaning in levels, as 2 is"):
        load_cohort(path, plan)
    plan = written(
        tmp_path, head + 'columns.death={from="Died",levels={0="0",1="0",2="1"}}', "m.toml"
    )
    assert list(load_cohort(path, plan)["death"]) == [0, 0, 1, 1]
    # What trades places, or what no other code means, needs no word.
    plan = written(tmp_path, head + 'columns.death={from="Died",levels={2="0"}}', "m.toml")
    with pytest.raises(InvalidCohort, match="Died is '0'"):
        load_cohort(path, plan)


def test_without_a_mapping_every_code_of_an_event_is_named(tmp_path):
    text = rows("patient_id,follow_up_months,death", "a,3,0", "b,4,1", "c,5,3")
    assert "its values are 0, 1, 3: a mapping file says what each" in told(
        check(written(tmp_path, text))
    )


# --- missing --------------------------------------------------------------------------------------


def test_a_level_never_becomes_missing_and_unknown_texts_are_counted(tmp_path):
    text = rows(
        "Case,FU months,Died,Salvage,AFP",
        *("a,3,no,none,n/a", "b,4,yes,None,12", "c,5,no,TACE,n/a", "d,9,yes,unknown,7"),
    )
    path = written(tmp_path, text)
    draft = tomllib.loads(draft_of(path).text)
    assert draft["missing"] == ["n/a", "unknown"]
    assert draft["columns"]["salvage_treatment"]["levels"] == {"None": "none"}
    lines = draft_of(path).text.replace('unit = "?"', 'unit = "ng/mL"', 1)
    plan = written(tmp_path, lines, "m.toml")
    report = told(check(path, plan))
    assert "None is none; taken as unknown: unknown in 1. Blank in 1." in report
    assert "afp_ng_ml from AFP: taken as unknown: n/a in 2. Blank in 2." in report


def test_what_is_missing_elsewhere_stays_a_level(tmp_path):
    path = written(tmp_path, rows("Case,Months,Died,Salvage,AFP", "a,3,0,none,none", "b,4,1,RT,5"))
    text = (
        'missing = ["none"]\ncolumns.patient_id.from = "Case"\ncolumns.death.from = "Died"\n'
        'columns.follow_up_months.from = "Months"\ncolumns.salvage_treatment.from = "Salvage"\n'
        'columns.afp_ng_ml.from = "AFP"\n'
    )
    cohort = load_cohort(path, written(tmp_path, text, "m.toml"))
    assert list(cohort["salvage_treatment"].astype(str)) == ["none", "RT"]
    assert cohort["afp_ng_ml"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("column", "values", "asked"),
    [
        ("age", [61, 55, 99, 99, 72, 48, 66, 70, 59, 63, 64], True),
        ("age", [61, 55, 90, 99, 72, 48, 66, 70, 59, 63, 64], False),
        ("tumor_size_cm", [2, 3, 9, 9, 1.5, 2.2, 4, 3.1, 2.7, 1.9], True),
        ("tumor_size_cm", [2, 3, 9, 9, 8.5, 2.2, 4, 3.1, 2.7, 1.9], False),
        ("afp_ng_ml", [12, 9999, 9999, 7, 22000, 31, 8, 5, 88, 9999, 9999, 4, 6], True),
        ("prior_sessions", [1, 2, 3, 99, 99, 1, 2, 4, 1, 2], True),
    ],
)
def test_numbers_that_stand_for_unknown_get_a_second_look(tmp_path, column, values, asked):
    lines = [f"p{i},{i + 3.7},{i % 2},{value}" for i, value in enumerate(values)]
    path = written(tmp_path, rows(f"patient_id,follow_up_months,death,{column}", *lines))
    assert ("stands there" in told(check(path))) == asked


# --- decimal and thousands marks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "separator", "read"),
    [
        (["8,5", "1.250", "12,25"], ";", ["8.5", "1250", "12.25"]),
        (["8,5", "1.234,5", "900"], ";", ["8.5", "1234.5", "900"]),
        (["8.5", "1.250"], ";", ["8.5", "1.250"]),
        (["1.250", "2.375"], ",", ["1.250", "2.375"]),
        (["0.125", "1.375"], ";", ["0.125", "1.375"]),
        (["0,125", "1,375"], "\t", ["0.125", "1.375"]),
        (["1.234.567", "2.500"], ";", ["1234567", "2500"]),
        (["8.5", "9,5"], ";", ["8.5", "9,5"]),
    ],
)
def test_marks_are_decided_by_their_own_column(tmp_path, cells, separator, read):
    other = ['"5,8"', "7.25", '"1,2,3"']  # says nothing about its neighbour
    lines = [f'{a}{separator}"{b}"' for a, b in zip(other, cells, strict=False)]
    source = read_source(written(tmp_path, rows(f"list{separator}size", *lines)))
    assert list(source.table["size"]) == read
    assert not source.doubts


@pytest.mark.parametrize("cells", [["1.234", "2.500", "7"], ["12.125", "30.875"]])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_two_readings_are_asked_about(tmp_path, cells, separator):
    lines = [f"p{i};{i + 2},5;{i % 2};{cell}" for i, cell in enumerate(cells)]
    text = rows("patient_id;follow_up_months;death;afp_ng_ml", *lines).replace(";", separator)
    path = written(tmp_path, text)
    with pytest.raises(InvalidCohort, match="to be told whether that is"):
        load_cohort(path)
    draft = draft_of(path).text
    assert 'decimal = "?"' in draft
    for mark, factor in ((",", 1000), (".", 1)):
        plan = written(tmp_path, draft.replace('decimal = "?"', f'decimal = "{mark}"'), "m.toml")
        afp = load_cohort(path, plan)["afp_ng_ml"]
        assert afp.iloc[0] == pytest.approx(float(cells[0]) * factor)
        assert load_cohort(path, plan)["follow_up_months"].iloc[0] == 2.5


def test_a_column_that_nobody_uses_is_not_asked_about(tmp_path):
    text = rows("Case;FU months;Dead;Volume", "a;3,5;yes;1.234", "b;4,5;no;2.345")
    path = written(tmp_path, text)
    plan = written(tmp_path, draft_of(path).text, "m.toml")
    assert check(path, plan).fits


# --- rows -----------------------------------------------------------------------------------------


def hidden_workbook(folder: Path, *hidden: int, filtered: bool = False) -> Path:
    book = openpyxl.Workbook()
    for row in [("patient_id", "follow_up_months", "death")] + [
        (f"p{i}", i + 1.5, i % 2) for i in range(6)
    ]:
        book.active.append(row)
    for row in hidden:
        book.active.row_dimensions[row].hidden = True
    if filtered:
        book.active.auto_filter.ref = "A1:C7"
        book.active.auto_filter.add_filter_column(2, ["0"])
    book.save(folder / "hidden.xlsx")
    return folder / "hidden.xlsx"


@pytest.mark.parametrize(
    ("hidden", "filtered", "sentence"),
    [
        ((4,), False, "1 hidden row was read as well (row 4; the spreadsheet does not show them)"),
        ((2, 5, 7), True, "3 hidden rows were read as well (rows 2, 5, 7; a filter hides them)"),
    ],
)
def test_hidden_rows_are_told_and_can_be_left_out(tmp_path, hidden, filtered, sentence):
    path = hidden_workbook(tmp_path, *hidden, filtered=filtered)
    report = check(path)
    assert report.patients == 6
    assert sentence in told(report)
    draft = draft_of(path).text
    assert 'hidden_rows = "?"' in draft
    plan = written(tmp_path, draft.replace('"?"', '"leave out"', 1), "m.toml")
    report = check(path, plan)
    assert report.patients == 6 - len(hidden)
    assert f"left out: {len(hidden)} (hidden in the spreadsheet)" in told(report)
    plan = written(tmp_path, draft.replace('"?"', '"read"', 1), "m.toml")
    assert check(path, plan).patients == 6
    assert "leave them out" not in told(check(path, plan))


@pytest.mark.parametrize(
    "label",
    (
        *("Total", "MEAN", "Median:", "SD", "n = 5", "Std. Dev.", "Mittelwert", "Moyenne"),
        *("합계", "平均", "Gesamt", "Mean ± SD", "Range"),
    ),
)
def test_a_summary_is_no_patient(tmp_path, label):
    lines = [f"p{i},{i + 3.5},{i % 2}" for i in range(5)]
    text = rows("patient_id,follow_up_months,death", *lines, f"{label},5.5,1")
    report = check(written(tmp_path, text))
    assert [p.row for p in report.problems] == [7]
    assert "looks like a summary" in told(report)
    assert "[[leave_out]]" in told(report)
    plan = written(tmp_path, draft_of(written(tmp_path, text)).text, "m.toml")
    report = check(written(tmp_path, text), plan)
    assert report.patients == 5
    assert "left out: 1 (no patients:" in told(report)


def test_a_level_is_no_summary(tmp_path):
    lines = [f"{level},p{i},{i + 3.5},0" for i, level in enumerate(["CR", "PR", "SD", "PD", "SD"])]
    text = rows("best_response,patient_id,follow_up_months,death", *lines)
    assert [p.expected for p in check(written(tmp_path, text.replace("CR,", "PR,"))).problems] == []


def test_notes_below_a_table_are_no_patients(tmp_path):
    lines = [f"p{i},{i + 3.5},{i % 2}" for i in range(5)]
    notes = ["* one patient was lost to follow-up,,", "Source: chart review 2019,,"]
    report = check(written(tmp_path, rows("patient_id,follow_up_months,death", *lines, *notes)))
    assert [p.row for p in report.problems] == [7, 8]
    assert told(report).count("looks like a note") >= 1


def test_one_row_for_each_lesion_is_seen(tmp_path):
    lines = [f"p{i // 2},{i // 2 + 3.5},{i // 2 % 2},{60 + i // 2}" for i in range(12)]
    path = written(tmp_path, rows("patient_id,follow_up_months,death,age", *lines))
    report = check(path)
    assert "6 labels stand in several rows, 12 in all" in told(report)
    assert len(report.problems) == 1
    draft = draft_of(path).text
    assert "one_row_per_patient" in draft
    plan = written(tmp_path, draft.replace('"?"', '"first"'), "m.toml")
    assert check(path, plan).patients == 6


def test_a_column_of_patients_beside_one_of_lesions_is_looked_at(tmp_path):
    lines = [f"L{i},{i // 2},{i // 2 + 3.5},{i // 2 % 2}" for i in range(12)]
    path = written(tmp_path, rows("lesion,Patient,Months,Died", *lines))
    text = (
        'columns.patient_id.from = "lesion"\ncolumns.follow_up_months.from = "Months"\n'
        'columns.death.from = "Died"\n'
    )
    report = told(check(path, written(tmp_path, text, "m.toml")))
    assert "'Patient' holds 6 labels in several rows, 12 in all" in report


def test_rows_that_agree_in_everything_of_a_patient_are_looked_at(tmp_path):
    lines = [f"p{i}{'ab'[i % 2]},{i // 2 + 3.25},0,{50 + i // 2},male" for i in range(12)]
    path = written(tmp_path, rows("patient_id,follow_up_months,death,age,sex", *lines))
    assert "12 rows agree with another one" in told(check(path))


# --- columns --------------------------------------------------------------------------------------


def test_no_time_comes_from_zeros_and_ones(tmp_path):
    lines = [f"p{i},{i % 2},{i * 31 + 200},{(i + 1) % 2},{i * 11 + 90}" for i in range(8)]
    columns = drafted(tmp_path, rows("Case,OS,OS.time,LF,LF time", *lines))["columns"]
    assert columns["death"]["from"] == "OS"
    assert columns["follow_up_months"]["from"] == "OS.time"
    assert columns["local_failure"]["from"] == "LF"
    assert columns["local_failure_months"]["from"] == "LF time"
    text = rows("patient_id,follow_up_months,death", *(f"p{i},{i % 2},0" for i in range(6)))
    assert "holds only 0 and 1 in 6 patients, as an event does" in told(
        check(written(tmp_path, text))
    )


def test_two_candidates_are_both_named(tmp_path):
    lines = [f"p{i},{i + 3.5},{i + 4.25},{i % 2}" for i in range(8)]
    text = rows("Case,OS months,Follow-up months,Died", *lines)
    draft = draft_of(written(tmp_path, text)).text
    assert 'from = "?"  # "OS months" or "Follow-up months": they differ' in draft
    same = [f"p{i},{i % 2},{'yes' if i % 2 else 'no'}" for i in range(8)]
    draft = draft_of(written(tmp_path, rows("Case,Died,Vital status", *same))).text
    assert '# "Vital status" could be meant, too' in draft
    assert "death is made from Died, and could be from this" in draft


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("follow_up_months", [i / 2.6 + 1.1 for i in range(20)], "in years the median would be"),
        ("follow_up_months", [i * 9 + 40.5 for i in range(20)], "in weeks it would be"),
        ("follow_up_months", [i * 60 + 100 for i in range(20)], "in days it would be"),
        ("tumor_size_cm", [i + 12 for i in range(18)], "in mm it would be"),
        ("age", [i * 400 + 18000 for i in range(20)], "in days it would be"),
    ],
)
def test_units_are_told_by_what_is_plausible(tmp_path, column, values, sentence):
    own = column == "follow_up_months"
    lines = [f"p{i},{value if own else i + 3.5},0,{value}" for i, value in enumerate(values)]
    name = "rib_fracture" if own else column
    text = rows(f"patient_id,follow_up_months,death,{name}", *lines)
    assert sentence in told(check(written(tmp_path, text)))


def test_a_unit_that_is_asked_for_comes_with_what_would_fit(tmp_path):
    lines = [f"p{i},{i * 60 + 100},0" for i in range(20)]
    draft = draft_of(written(tmp_path, rows("Case,OS,Died", *lines))).text
    assert 'unit = "?"' in draft
    assert "in days it would be 22 months" in draft


@pytest.mark.parametrize(
    ("header", "values", "asked"),
    [
        ("Status", ("0", "1"), 2),
        ("Vital status", ("1", "2"), 2),
        ("생존여부", ("0", "1"), 2),  # 'survival or not': 1 is alive with most people
        ("생존여부", ("예", "아니오"), 2),
        ("OS censor", ("0", "1"), 2),
        ("event", ("no", "yes"), 2),
        ("Vitalstatus", ("lebt", "tot"), 0),
        ("Vital status", ("alive", "dead"), 0),
        ("OS_STATUS", ("0:LIVING", "1:DECEASED"), 0),
        ("Death", ("0", "1"), 0),
        ("dead", ("no", "yes"), 0),
        ("사망", ("0", "1"), 0),
    ],
)
def test_a_code_means_death_only_where_the_header_says_so(tmp_path, header, values, asked):
    path = tmp_path / "theirs.csv"
    rows = [f"p{i},{10 + i},{values[i % 2]}" for i in range(8)]
    path.write_text("\n".join([f"id,FU months,{header}", *rows]), encoding="utf-8")
    talk = begin(path.name, path.read_bytes())
    places = [question.place[:3] for question in talk.standing().open]
    assert places == [("columns", "death", "levels")] * asked


def test_a_column_that_its_owner_names_is_asked_about_as_well():
    # In some tables 1 of 'cens' is the event, in others the end of observation.
    rows = "".join(f"p{i},{10 + i},{i % 2}\n" for i in range(8))
    talk = begin("theirs.csv", f"id,FU months,cens\n{rows}".encode())
    (which,) = talk.standing().open
    talk.answers[which.place] = "cens"
    assert [question.place[3] for question in talk.standing().open] == ["0", "1"]


def test_every_name_that_leaves_it_open_is_a_name():
    synonyms = tomllib.loads(paths.SYNONYMS.read_text(encoding="utf-8"))
    answers = synonyms["undirected"].pop("answers")
    known = {word for words in synonyms["levels"]["event"].values() for word in words}
    assert set(answers) <= known
    for column, names in synonyms["undirected"].items():
        assert set(names) <= set(synonyms["columns"][column])


def test_two_columns_of_a_name_that_say_otherwise_are_both_named():
    rows = "".join(f"p{i},{10 + i},{i % 2},{int(i < 3)}\n" for i in range(8))
    talk = begin("theirs.csv", f"id,follow_up_months,death,Death\n{rows}".encode())
    (which,) = talk.standing().open
    assert which.options == ("death", "Death")
    talk.answers[which.place] = "Death"
    assert "3 deaths" in talk.report(talk.standing().plan).overview.totals
