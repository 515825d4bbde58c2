"""The data dictionary says everything that validation and the pages take from it."""

import tomllib

import pytest

from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.paper.study import TERMS

DICTIONARY = load_dictionary()


@pytest.mark.parametrize("column", DICTIONARY.columns.values(), ids=lambda column: column.name)
def test_a_stored_column_is_complete(column):
    assert column.label and column.meaning.endswith(".") and column.needed_for
    assert bool(column.levels) == (column.type == "level")
    assert column.type in ("number", "integer") or not column.unit
    if column.condition:
        other, level = column.condition
        assert level in (DICTIONARY.columns[other].levels or ("0", "1"))


@pytest.mark.parametrize("column", DICTIONARY.derived.values(), ids=lambda column: column.name)
def test_a_derived_column_comes_from_stored_ones(column):
    assert set(column.sources) <= DICTIONARY.columns.keys()
    assert column.name not in DICTIONARY.columns


def test_sections_and_columns_name_each_other():
    sections = {section.name: section for section in DICTIONARY.sections}
    used = {s for column in DICTIONARY.columns.values() for s in column.needed_for}
    assert used - {"every section"} == set(sections)
    for name, section in sections.items():
        for column in section.needs:
            assert {name, "every section"} & set(DICTIONARY.columns[column].needed_for)


def test_only_three_columns_are_required():
    required = [column.name for column in DICTIONARY.columns.values() if column.required]
    assert required == ["patient_id", "follow_up_months", "death"]


def test_every_name_is_written_once():
    raw = tomllib.loads(paths.DICTIONARY.read_text(encoding="utf-8"))
    names = [entry["name"] for entry in raw["column"] + raw["derived"]]
    assert len(names) == len(set(names))


def test_the_synthetic_cohort_has_the_columns_of_the_dictionary():
    assert set(read_table(paths.SYNTHETIC_COHORT)) == set(DICTIONARY.columns)


def test_the_variables_of_the_models_are_columns():
    known = DICTIONARY.columns.keys() | DICTIONARY.derived.keys()
    assert {term.column for term in TERMS} <= known


def test_what_a_value_may_be_is_said_in_words():
    allowed = {name: column.allowed for name, column in DICTIONARY.columns.items()}
    assert allowed["death"] == "0 or 1"
    assert allowed["sex"] == "one of male, female"
    assert allowed["age"] == "a number from 18 to 110"
    assert allowed["follow_up_months"] == "a number of at least 0"
    assert DICTIONARY.label("tumor_size_cm") == "Tumour size (cm)"
    assert DICTIONARY.label("bed10_gy") == "BED (Gy10)"
