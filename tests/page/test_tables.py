"""Tables: the paper beside the cohort, and markup that a screen reader can use."""

import pandas as pd
import pytest

from reanalysis.analysis.regression import reasons
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.side_by_side import compare_regression, side_by_side
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.page.table import Table
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
    assert table["Same"].tolist() == ["", "✓", ""]


def test_table_2_has_the_rows_of_the_paper(here):
    table = compare_regression(here, LOCAL_CONTROL, "univariable").set_index("Variable")
    assert "Child-Pugh class: B against A" not in table.index
    assert table.loc["Tumor size, per cm", "HR, paper"] == "1.82 (1.32–2.53)"
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
    assert '<th scope="row">1</th>' in html


def test_markup_in_values_is_shown_as_text():
    html = Table(pd.DataFrame({"<b>": ["<script>x</script>"]}), "<i>c</i>")._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_same_table_has_the_same_markup():
    frame = pd.DataFrame({"a": [1]})
    assert Table(frame, "c")._repr_html_() == Table(frame, "c")._repr_html_()
