"""Tables: the paper beside the cohort, and markup that a screen reader can use."""

import re

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.regression import reasons
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import with_policy
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.side_by_side import compare_regression, mark, side_by_side
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, TooFew
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.page.table import Table, html_table
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL


@pytest.fixture(scope="module")
def here() -> Recomputation:
    return Recomputation(load_cohort())


def test_compare_marks_only_what_is_printed_the_same(here):
    rows = [("Sex", ""), ("Male", "{sex.M.n} ({sex.M.pct})"), ("36 Gy", "{bed.36/3}")]
    table = side_by_side(rows, here)
    assert list(table.columns) == ["Variable", "Paper", "This cohort", "Same"]
    assert table["Paper"].tolist() == ["", "231 (76.5)", "80"]
    assert table["This cohort"].tolist() == ["", "231 (76.5)", "79"]
    assert table["Same"].tolist() == ["", "✓", "last digit"]


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        ("231 (76.5)", "231 (76.5)", "✓"),
        ("11 (3.5)", "11 (3.6)", "last digit"),
        ("1.71 (1.08–2.69) 0.021", "1.71 (1.08–2.70) 0.022", "last digit"),
        ("1.71 (1.08–2.69) 0.021", "1.71 (1.08–2.71) 0.021", "≠"),
        ("1.71 (1.08–2.69) 0.021", "1.71 (1.08–2.71) 0.022", "≠"),  # the farthest of them
        ("<0.001", "0.001", "≠"),
        ("63 (37–90)", "63", "≠"),
        ("63 (37–90)", "hidden", ""),
        ("–", "1.83 (0.39–8.67)", ""),
    ],
)
def test_a_difference_from_the_paper_says_how_far_it_is(theirs: str, ours: str, said: str) -> None:
    assert mark(theirs, ours) == said


def test_a_difference_leads_to_the_scorecard() -> None:
    rows = pd.DataFrame({"This cohort": ["1", "2"], "Same": ["≠", "✓"]})
    html = Table(rows, "c", policy=MADE_UP)._repr_html_()
    assert '<td class="kept kept-0"><a href="scorecard.ipynb" title="See' in html
    assert "✓: every printed digit is the same; ≠: a number" in html
    assert '<td class="kept kept-1">2</td><td class="kept kept-0">✓</td>' in html


def test_table_2_has_the_rows_of_the_paper(here):
    table = compare_regression(here, LOCAL_CONTROL, "univariable").set_index("Variable")
    assert "Child-Pugh class: B against A" not in table.index
    assert table.loc["Tumour size, per cm", "HR, paper"] == "1.82 (1.32–2.53)"
    assert table.loc["anyCR: No against Yes", "p, paper"] == "<0.001"
    assert len(table) == 10


def test_table_3_multivariable_has_the_rows_of_the_paper(here):
    table = compare_regression(here, OVERALL_SURVIVAL, "multivariable")
    printed = table.loc[table["HR, paper"] != "–", "Variable"].tolist()
    assert len(printed) == 6
    assert printed[0] == "Child-Pugh class: B against A"


def test_a_model_without_events_on_one_side_says_so(here):
    assert reasons(here.univariable(LOCAL_CONTROL.key)) == [
        "No local failure among patients with Child-Pugh class B."
    ]


def test_variables_that_share_a_reason_share_a_sentence():
    few = NotEstimable("no death was observed")
    models = {"age": few, "bclc_stage": few, "any_cr": NotRecorded(["best_response"])}
    assert reasons(models) == [
        "This cohort does not record Best response (best_response).",
        "Age, BCLC stage: no death was observed.",
    ]


def test_a_table_is_a_table_with_caption_and_headers():
    html = Table(pd.DataFrame({"a": [1.23456]}), "A caption", "A note", 1)._repr_html_()
    assert "<caption>A caption</caption>" in html
    assert "<th" in html
    assert ">1.2</td>" in html
    assert 'tabindex="0"' in html
    assert "A note" in html


def test_a_cross_table_names_its_columns():
    sides = pd.DataFrame({"a": ["x", "y", "y"], "b": [1.0, 1.0, 2.5]})
    html = Table(pd.crosstab(sides["b"], sides["a"]), "Both")._repr_html_()
    assert '<td colspan="1"></td><th scope="colgroup" colspan="2">a</th>' in html
    assert '<th scope="row">2.5</th>' in html
    assert '<th scope="row">1.0</th>' in html


def test_markup_in_values_is_shown_as_text():
    html = Table(pd.DataFrame({"<b>": ["<script>x</script>"]}), "<i>c</i>")._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_same_table_has_the_same_markup():
    frame = pd.DataFrame({"a": [1]})
    assert Table(frame, "c")._repr_html_() == Table(frame, "c")._repr_html_()


# --- the markup, to the letter: notebooks store it ----------------------------------------------


def test_a_table_is_written_with_its_index_as_headers_of_rows() -> None:
    frame = pd.DataFrame(
        {"n": [3, 40], "rate": [66.666, float("nan")], "what": ["a & b", "x" * 25]},
        index=pd.Index(["<2 cm", "more"], name="Size"),
    )
    table = Table(frame, 'A "caption"', "A & note", 1, policy=MADE_UP)
    frame_of_table = html_table(frame, 'A "caption"', 1)
    assert table._repr_html_() == (
        frame_of_table + '<p class="reanalysis-table-note">A &amp; note</p>'
    )
    assert frame_of_table == (
        '<div class="reanalysis-table-frame" role="region" tabindex="0" '
        'aria-label="A &quot;caption&quot;"><table class="reanalysis-table">'
        "<caption>A &quot;caption&quot;</caption>"
        '<thead><tr><th scope="col">Size</th><th scope="col">n</th><th scope="col">Rate</th>'
        '<th scope="col" class="text prose">What</th></tr></thead><tbody>'
        '<tr><th scope="row">&lt;2 cm</th><td>3</td><td>66.7</td>'
        '<td class="text prose">a &amp; b</td></tr>'
        f'<tr><th scope="row">more</th><td>40</td><td>–</td><td class="text prose">'
        f"{'x' * 25}</td></tr>"
        "</tbody></table></div>"
    )


def test_a_mere_numbering_is_no_header() -> None:
    html = html_table(pd.DataFrame({"a": ["x", "y"]}), "c", frame_class="rx", table_class="")
    assert html == (
        '<div class="rx" role="region" tabindex="0" aria-label="c"><table><caption>c</caption>'
        '<thead><tr><th scope="col" class="text">a</th></tr></thead>'
        '<tbody><tr><td class="text">x</td></tr><tr><td class="text">y</td></tr></tbody>'
        "</table></div>"
    )


def test_every_level_of_an_index_heads_the_rows() -> None:
    index = pd.MultiIndex.from_tuples([("a", 1.0), ("a", 2.5)], names=["group", None])
    html = html_table(pd.DataFrame({"n": [1, 2]}, index=index), "c")
    assert '<th scope="col">Group</th><th scope="col"></th><th scope="col">n</th>' in html
    assert '<tr><th scope="row">a</th><th scope="row">1.0</th><td>1</td></tr>' in html
    assert '<tr><th scope="row">a</th><th scope="row">2.5</th><td>2</td></tr>' in html


def test_a_missing_value_is_a_dash_and_a_number_has_its_decimals() -> None:
    values = pd.Series([None, pd.NA, float("nan"), 0.5, 3, "12 (4–9)"], dtype=object)
    html = Table(pd.DataFrame({"a": values}), "c", policy=MADE_UP)._repr_html_()
    cells = html.split("<td>")[1:]
    assert [cell.split("</td>")[0] for cell in cells] == ["–", "–", "–", "0.50", "3", "12 (4–9)"]


def test_names_and_values_are_those_of_a_reader() -> None:
    """Columns of the dictionary, of estimators and in words; levels, events, p values, minus."""
    frame = pd.DataFrame(
        {
            "bed10_gy": [79.2, 112.5],
            "std": [0.5, -0.25],
            "p": [0.0004, 0.0456],
            "months": [12.0, 24.0],
            "death": [0, 1],
            "afp_group": ["<=20", ">20"],
            "at risk": ["1-2", "-6.8 to +6.8"],
            "n": [-3, 4],
        }
    )
    html = Table(frame, "c", decimals={"bed10_gy": 1, "std": 2}, policy=MADE_UP)._repr_html_()
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t", html)
    assert cells[:4] == ["BED (Gy10)", "Standard deviation", "p", "Months"]
    assert cells[4:8] == ["Death", "Alpha-fetoprotein (ng/mL)", "At risk", "n"]
    assert cells[8:16] == [
        "79.2",
        "0.50",
        "&lt;0.001",
        "12",
        "no",
        "≤ 20",
        "1–2",
        "\N{MINUS SIGN}3",
    ]
    assert cells[16:22] == ["112.5", "\N{MINUS SIGN}0.25", "0.046", "24", "yes", "&gt; 20"]
    assert cells[22:] == ["\N{MINUS SIGN}6.8 to +6.8", "4"]


def test_names_of_a_file_stand_as_they_are() -> None:
    html = Table(pd.DataFrame({"death": [1]}), "c", policy=MADE_UP, verbatim=True)._repr_html_()
    assert ">death</th>" in html


def test_the_text_of_a_table_has_its_caption_and_its_note() -> None:
    table = Table(pd.DataFrame({"a": [1.5, None]}), "Caption", "Note", policy=MADE_UP)
    assert repr(table).splitlines() == ["Caption", "   a", "1.50", "   –", "Note"]


# --- what may be shown of patients --------------------------------------------------------------

HIDES = Policy(5)
GROUPS = pd.DataFrame({"group": ["a", "b", "c"], "n": [3, 40, 12], "rate": [66.7, 50.0, 25.0]})


def test_a_table_hides_small_counts_and_the_rates_beside_them() -> None:
    # A frame that nobody has cleared is taken for one about patients, and so is one that says so.
    for table in (
        Table(GROUPS, "Made up", "A note."),
        Table(GROUPS, "Made up", "A note.", policy=HIDES),
        Table(with_policy(GROUPS, HIDES), "Made up", "A note."),
        Table(with_policy(GROUPS, MADE_UP), "Made up", "A note.", policy=HIDES),
    ):
        assert list(table.frame["n"]) == [HIDDEN, 40, HIDDEN]
        assert list(table.frame["rate"]) == [HIDDEN, "50", HIDDEN]
        assert table.note.startswith("A note. Hidden: fewer than 5 patients")
        assert "66.7" not in repr(table) + table._repr_html_()
        assert "A note. Hidden: fewer than 5" in table._repr_html_()


def test_times_are_no_more_exact_than_other_numbers() -> None:
    frame = pd.DataFrame({"months": [1.5, 36.31], "patients": [20, 30]})
    shown = Table(frame, "Times", policy=Policy(5)).frame
    assert shown["months"].tolist() == ["1.5", "36"]


def test_only_columns_that_count_patients_are_hidden() -> None:
    assert list(Table(GROUPS, "Made up", counts=[]).frame["n"]) == [3, 40, 12]
    months = pd.DataFrame({"months": [3, 6], "n": [40, 50]})
    table = Table(months, "Made up", "A note.")
    assert table.frame.astype(int).equals(months) and table.note == "A note."


@pytest.mark.parametrize("as_index", [False, True])
def test_a_table_of_single_patients_is_not_shown(as_index: bool) -> None:
    frame = pd.DataFrame({"patient_id": ["P1"], "months": [3.0]})
    frame = frame.set_index("patient_id") if as_index else frame
    with pytest.raises(TooFew):
        Table(frame, "Made up")
    with pytest.raises(TooFew):
        Table(frame, "Made up", policy=HIDES)


def test_tables_of_people_who_were_made_up_are_as_they_are() -> None:
    frame = pd.DataFrame({"patient_id": ["P1"], "n": [3], "rate": [66.7]})
    for table in (
        Table(frame, "Made up", "A note.", policy=MADE_UP),
        Table(with_policy(frame, MADE_UP), "Made up", "A note."),
    ):
        assert table.frame.equals(frame) and table.note == "A note."


def test_a_table_is_a_copy_of_its_frame() -> None:
    frame = GROUPS.copy()
    Table(frame, "Made up")
    assert frame.equals(GROUPS)
    table = Table(frame, "Made up", policy=MADE_UP)
    frame.loc[0, "n"] = 99
    assert table.frame.loc[0, "n"] == 3
    with pytest.raises(NotEstimable):
        Table(GROUPS.head(0), "Made up")


def test_counts_that_a_merge_made_decimals_are_hidden_too() -> None:
    frame = pd.DataFrame({"group": ["a", "b", "c"], "patients": [3.0, np.nan, 280.0]})
    assert "3.0" not in Table(frame, "T", policy=Policy(5))._repr_html_()
    frame = pd.DataFrame({"group": ["a", "b", "c"], "patients": [3, "–", 280]})
    assert "<td>3</td>" not in Table(frame, "T", policy=Policy(5))._repr_html_()
    shares = pd.DataFrame({"group": ["a"], "share": [0.25]})
    assert "0.25" in Table(shares, "T", policy=Policy(5))._repr_html_()
