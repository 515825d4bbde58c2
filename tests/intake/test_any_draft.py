"""Any table gives a draft, and any answers to its questions a mapping that is understood."""

import random
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.asking import ask_all
from reanalysis.intake.check import check
from reanalysis.intake.drafting import draft_of
from reanalysis.intake.report_page import as_page

HEADERS = st.sampled_from(
    [
        *load_dictionary().columns,
        *("ID", "OS", "OS.time", "Status", "Sex", "Gender", "LF", "LF time (days)", "Start date"),
        *(
            "RT start",
            "Last FU",
            "Death date",
            "AFP",
            "Size (mm)",
            "나이",
            "Alter",
            "x" * 300,
            "[a]",
        ),
        *("redcap_event_name", "days to death", "PATIENT_ID", 'a"b', "é\\n"),
    ]
)
CELLS = st.sampled_from(
    [
        *(
            "",
            "0",
            "1",
            "2",
            "9",
            "99",
            "999",
            "-1",
            "1.234",
            "1,234",
            "12,5",
            "12.5",
            "NA",
            "none",
        ),
        *("yes", "no", "male", "M", "A", "B", "C", "2015-03-02", "3/4/2015", "13/4/2015", "42065"),
        *("Total", "* a note below the table", "1:DECEASED", "dead", '"', "\\", "예", "=1+1"),
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a table of text."""
    headers = draw(st.lists(HEADERS, min_size=1, max_size=7, unique=True))
    rows = draw(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=8))
    return pd.DataFrame([row[: len(headers)] for row in rows], columns=headers, dtype=object)


@settings(
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=60,
)
@given(table=tables(), separator=st.sampled_from(",;\t"), seed=st.integers(0, 9))
def test_any_table_is_drafted_asked_about_and_checked(tmp_path: Path, table, separator, seed):
    path, plan = tmp_path / "theirs.csv", tmp_path / "m.toml"
    table.to_csv(path, index=False, sep=separator)
    check(path).as_text()
    try:
        draft = draft_of(path)
    except InvalidCohort:
        return  # refused in words, whatever it is called
    answers = random.Random(seed)
    text = ask_all(draft, table, lambda question: answers.choice(question.options))
    plan.write_text(text, encoding="utf-8")
    assert load_mapping(plan).columns
    report = check(path, plan)
    assert report.as_text()
    assert as_page(report)
    # The draft itself is TOML, whatever stands in the file.
    plan.write_text(draft.text, encoding="utf-8")
    try:
        load_mapping(plan)
    except InvalidCohort as refusal:
        assert all("?" in (p.value, p.column) or p.value == "?" for p in refusal.problems), refusal
