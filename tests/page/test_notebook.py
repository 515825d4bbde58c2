"""The notebook extension: what a cohort cannot give becomes a note, and nothing else does."""

import pytest
from IPython.utils.capture import capture_output
from shell import notebook_shell

from reanalysis.cohort.loading import COHORT_VARIABLE
from reanalysis.page.notebook import load_ipython_extension, unload_ipython_extension

# The cohort is made up here, and says so: of one that says nothing no bare frame is shown.
SETUP = """
import pandas as pd
from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.errors import NotEstimable
from reanalysis.cohort.columns import require
from reanalysis.cohort.policy import with_policy
cohort = pd.DataFrame({"patient_id": ["a"], "follow_up_months": [1.0], "death": [0]})
cohort = with_policy(cohort, MADE_UP)
"""


@pytest.fixture
def run():
    with notebook_shell() as shell:
        load_ipython_extension(shell)

        def run_cell(source: str):
            with capture_output() as captured:
                result = shell.run_cell(source)
            return result, captured

        run_cell(SETUP)
        yield run_cell
        unload_ipython_extension(shell)


def test_a_missing_column_becomes_a_note_that_names_it(run):
    result, _ = run("cohort['age'].mean()")
    assert result.success
    assert repr(result.result) == "Not shown: this cohort does not record Age (age)."
    assert 'role="note"' in result.result._repr_html_()


def test_a_stored_reason_that_is_used_as_a_result_becomes_its_note(run):
    result, _ = run("models = {'size': NotEstimable('no event')}; models['size'].events")
    assert result.success
    assert repr(result.result) == "Not shown: no event."


def test_attribute_access_and_derived_columns_are_understood(run):
    assert "tumor_size_cm" in repr(run("cohort.tumor_size_cm")[0].result)
    assert "total_dose_gy" in repr(run("cohort[['bed10_gy']]")[0].result)


def test_the_note_follows_every_use_of_what_could_not_be_made(run):
    run("ages = cohort['age']\nmean_age = ages.mean()")
    for use in ("mean_age", "f'{mean_age:.1f}'", "ages[ages > 3]", "mean_age + 1", "print(ages)"):
        result, _ = run(use)
        assert result.success, use
        assert "Not shown" in repr(result.result), use


def test_a_reason_is_told_once_in_full(run):
    assert "age" in repr(run("x = cohort['age']")[0].result)
    assert repr(run("x")[0].result) == "Not shown, for the same reason."


def test_a_result_that_has_no_estimate_becomes_a_note(run):
    result, _ = run("raise NotEstimable('there is no event')")
    assert repr(result.result) == "Not shown: there is no event."


def test_other_errors_are_not_caught(run):
    for source in ("1 / 0", "{}['no column of the dictionary']", "undefined_name"):
        result, _ = run(source)
        assert not result.success, source


def test_a_cell_still_shows_its_last_expression_and_only_that(run):
    assert run("1\n2")[0].result == 2
    assert run("y = 3")[0].result is None
    assert run("")[0].success
    assert run("# a comment")[0].success


def test_functions_defined_before_a_failure_remain(run):
    run("def double(x):\n    return 2 * x\ncohort['age']")
    assert run("double(2)")[0].result == 4


def test_text_from_a_cohort_is_shown_as_text(run):
    result, _ = run("raise NotEstimable('<script>alert(1)</script>')")
    assert "<script>" not in result.result._repr_html_()


def test_a_table_of_what_could_not_be_made_is_a_note(run):
    run("from reanalysis.page.table import Table")
    run("frame = cohort['rib_fracture'].to_frame()")
    result, _ = run("Table(frame, 'Rib fractures')")
    assert repr(result.result) == "Not shown, for the same reason."


@pytest.mark.parametrize(
    "source",
    [
        "cohort",
        "cohort['death']",
        "cohort.describe()",
        "cohort[['follow_up_months']].agg(['min', 'max'])",
        "cohort['death'].value_counts()",
        "cohort.groupby('death').size()",
        "pd.DataFrame({'patients': [3]})",
        "x = cohort.head(); x",
    ],
)
def test_of_patients_no_bare_frame_is_shown(run, source):
    run("cohort = cohort.copy(); cohort.attrs = {}")
    result, captured = run(source)
    assert result.success
    assert repr(result.result).startswith("Not shown: a bare frame may hold small numbers")
    assert "patients" not in captured.stdout


def test_of_made_up_patients_a_bare_frame_is_shown(run):
    assert "follow_up_months" in repr(run("cohort.head(1)")[0].result)
    assert repr(run("cohort['death']")[0].result).startswith("0    0")


def test_a_private_book_hides_small_counts_and_nothing_else(monkeypatch, tmp_path):
    path = tmp_path / "ours.csv"
    rows = [f"P{i},{i + 10},{int(i < 3)}" for i in range(40)]
    path.write_text("\n".join(["patient_id,follow_up_months,death", *rows]), encoding="utf-8")
    monkeypatch.setenv(COHORT_VARIABLE, str(path))
    with notebook_shell() as shell:
        with capture_output() as captured:
            # As the notebooks begin.
            assert shell.run_cell(
                "%load_ext reanalysis\n"
                "from reanalysis import Here, load_cohort, say\n"
                "cohort = load_cohort()\n"
                "here = Here(cohort)\n"
                "died, patients = here.count(cohort['death']), here.count(cohort)"
            ).success
            said = shell.run_cell("say(f'{died} of {patients} died, in 3 steps <5 km')").result
            shell.run_cell("print('died:', died, 'the 2 hidden variables')")
            counted = shell.run_cell("died").result
            ends = shell.run_cell("cohort.follow_up_months.agg(['min', 'max'])").result
        unload_ipython_extension(shell)
    # What stands in a sentence and is no count of patients is left alone.
    assert said.data == "A hidden number of 40 died, in 3 steps <5 km"
    assert "died: hidden the 2 hidden variables" in captured.stdout
    assert repr(counted) == "hidden"
    assert "a bare frame" in repr(ends)


def test_a_cell_is_run_as_it_is_written(run):
    source = "n_cut = 3; text = f'{n_cut} steps'; f'{text}, {n_cut:d}, ' + '%d' % n_cut"
    assert run(source)[0].result == "3 steps, 3, 3"
