"""The data dictionary says everything that validation and the pages take from it."""

from pathlib import Path

import pytest

from reanalysis.cohort.reading import read_table
from reanalysis.core import paths
from reanalysis.core.dictionary import load_dictionary
from reanalysis.paper.study import TERMS

DICTIONARY = load_dictionary()


@pytest.mark.parametrize("column", DICTIONARY.columns.values(), ids=lambda column: column.name)
def test_a_stored_column_is_explained(column):
    assert column.label and column.meaning.endswith(".")
    assert column.needed_for or column.type == "text"


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


def test_the_synthetic_cohort_has_columns_of_the_dictionary_in_its_order():
    recorded = list(read_table(paths.SYNTHETIC_COHORT))
    assert recorded == [name for name in DICTIONARY.columns if name in recorded]


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


# --- a dictionary that cannot be used ------------------------------------------------------------

WHOLE = paths.DICTIONARY.read_text(encoding="utf-8")


def entry(kind: str = "column", **keys: str) -> str:
    """Give an entry in TOML, complete but for what is changed; an empty text leaves a key out."""
    usual = {"name": '"new"', "label": '"New"', "meaning": '"New."'}
    usual |= {"column": {"type": '"number"', "needed_for": '["Toxicity"]'}}.get(kind, {})
    usual |= {"derived": {"sources": '["age"]'}}.get(kind, {})
    lines = [f"{key} = {value}" for key, value in (usual | keys).items() if value]
    return "\n".join([f"[[{kind}]]", *lines, ""])


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        (entry(label=""), "new: it has no label"),
        (entry(name=""), f"column {len(DICTIONARY.columns) + 1}: it has no name"),
        (entry(levles='["a"]'), "new: levles is no key of a [[column]]"),
        (entry(levels='"a"', type='"level"'), "new: levels is a list"),
        (entry(usual_median="5"), "new: usual_median is a list"),
        (entry(name='"age"'), "age: there are two of this name"),
        (entry(name='"New one"'), "New one: a name is made of small letters, digits and"),
        (entry(type='"float"'), "new: its type is float, not one of id, text, number, integer,"),
        (entry(type='"level"'), "new: levels belong to the type level, and to no other"),
        (entry(levels='["a"]'), "new: levels belong to the type level, and to no other"),
        (entry(type='"event"', unit='"Gy"'), "new: a unit belongs to a number"),
        (entry(within_follow_up="true"), "new: within_follow_up belongs to a time in months"),
        (entry(needed_for="[]"), "new: needed_for names no section"),
        (entry(needed_for='["Toxcity"]'), "new: it is needed for Toxcity, which is no section"),
        (entry(only_when='"later=1"'), "new: only_when names later, which is no column above it"),
        (entry(only_when='"death=2"'), "new: only_when asks for '2', which death cannot be"),
        (entry(only_when='"sex=m"'), "new: only_when asks for 'm', which sex cannot be"),
        ('[[section]]\nname = "S"\nneeds = ["new"]\n', "S: it needs new, which is no column"),
        (entry("derived"), "new: it has either a rule or a formula"),
        (
            entry("derived", formula='"bed10"', rule='{ column = "age", above = 1 }'),
            "new: it has either a rule or a formula",
        ),
        (entry("derived", formula='"bed3"'), "new: its formula is bed3, not one of bed10"),
        (
            entry("derived", rule='{ column = "age", over = 1 }'),
            "new: a rule is { column = ..., is = ... or above = ... or at_least = ... or",
        ),
        (entry("derived", rule="{ any = [] }"), "new: a rule is { column"),
        (
            entry("derived", rule='{ column = "age", above = 1, below = 3 }'),
            "new: a rule is { column",
        ),
        (
            entry("derived", rule='{ column = "sex", is = "male" }'),
            "new: its rule compares sex, which is none of its sources",
        ),
        (
            entry("derived", sources='["any_cr"]', rule='{ column = "any_cr", is = "yes" }'),
            "new: its source any_cr is no stored column",
        ),
        (
            entry("derived", sources='["sex"]', rule='{ column = "sex", is = "m" }'),
            "new: its rule can compare sex by is = male or female",
        ),
        (
            entry("derived", sources='["sex"]', rule='{ column = "sex", above = 1 }'),
            "new: its rule can compare sex by is = male or female",
        ),
        (
            entry("derived", rule='{ column = "age", is = "old" }'),
            "new: its rule compares age with 'old', which is no number",
        ),
        (
            entry("derived", rule='{ column = "age", above = 1 }', levels='["a", "b", "c"]'),
            "new: a rule has two levels, where it holds and elsewhere, or none, for 1 and 0",
        ),
        (
            entry(
                "derived",
                sources='["local_failure_months"]',
                rule='{ column = "local_failure_months", below = 6 }',
            ),
            "new: local_failure_months is filled by local_failure only, which has to be a source",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_name_of_its_entry(
    tmp_path: Path, added: str, fault: str
) -> None:
    path = tmp_path / "dictionary.toml"
    path.write_text(f"{WHOLE}\n{added}", encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        load_dictionary(path)
    first, *faults = str(caught.value).splitlines()
    assert first == "The data dictionary dictionary.toml cannot be used."
    assert len(faults) == 1 and faults[0].startswith(fault)


def test_an_entry_that_is_complete_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.toml"
    rule = '{ any = [{ column = "age", below = 40 }, { column = "age", above = 80 }] }'
    extreme = entry("derived", name='"extreme"', rule=rule)
    path.write_text(f"{WHOLE}\n{entry()}\n{extreme}", encoding="utf-8")
    assert load_dictionary(path).columns["new"].allowed == "a number"
    assert load_dictionary(path).label("extreme") == "New"
