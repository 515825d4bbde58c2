"""The study: its ids are those of the register, its columns those of the dictionary."""

import re

import pytest

from reanalysis.core.dictionary import load_dictionary
from reanalysis.paper import study
from reanalysis.paper.layout import (
    CHARACTERISTICS_IN_TEXT,
    CHOICES,
    QUANTITIES,
    RANGES,
    SHARES,
    TABLE_1,
)
from reanalysis.paper.register import placeholders, published, register
from reanalysis.paper.study import (
    DISTANT_MFS,
    ENDPOINTS,
    INTRAHEPATIC_RFS,
    LOCAL_CONTROL,
    MODELLED,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    REGIMENS,
    SIZE,
    TERMS,
    UNIVARIABLE,
)
from reanalysis.paper.targets import LC_JOINT, LC_SINGLE, OS_JOINT, OS_SINGLE, ROWS

IDS = set(register().index)
DICTIONARY = load_dictionary()


def matching(pattern: str) -> set[str]:
    return {number for number in IDS if re.fullmatch(pattern, number)}


def test_the_rows_of_tables_2_and_3_are_those_of_the_register():
    rows = {number.rpartition(".")[0] for number in matching(r"(LC|OS)\.[um]\.\w+\.\w+")}
    ours = {
        endpoint.row_id(model, term)
        for endpoint in MODELLED
        for model, terms in (("univariable", UNIVARIABLE), ("multivariable", MULTIVARIABLE))
        for term in terms[endpoint.key]
    }
    assert ours == rows
    assert {*ROWS} == rows | {SIZE.logistic_row_id}
    for row in ROWS:
        assert {f"{row}.{number}" for number in ("HR", "lo", "hi", "p")} <= IDS


def test_the_rows_keep_the_order_in_which_the_search_holds_them():
    assert LC_SINGLE == ("age", "ps", "etio", "bclc", "size", "afp", "nsess", "bed", "cr3", "anycr")
    assert LC_JOINT == ("bclc", "size", "nsess", "bed", "anycr")
    assert ("age", "ps", "cp", *LC_SINGLE[2:]) == OS_SINGLE
    assert OS_JOINT == ("cp", "bclc", "size", "afp", "bed", "anycr")
    assert (
        *(f"LC.u.{name}" for name in LC_SINGLE),
        *(f"LC.m.{name}" for name in LC_JOINT),
        *(f"OS.u.{name}" for name in OS_SINGLE),
        *(f"OS.m.{name}" for name in OS_JOINT),
        "LOGIT.size",
    ) == ROWS


def test_other_ids_are_those_of_the_register():
    assert {endpoint.rate_id for endpoint in ENDPOINTS.values()} == matching(r"km36\.\w+")
    assert {r.bed_id for r in REGIMENS} == matching(r"bed\.[0-9/]+")
    assert {f"{r.patients_id}.n" for r in REGIMENS} == matching(r"fx\..+\.n")
    assert [r.short for r in REGIMENS] == ["36/3", "45/3", "48/3", "60/4", "60/3"]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.column)
def test_a_variable_is_a_column_with_the_levels_that_are_printed(term):
    entry = DICTIONARY.entry(term.column)
    assert len(term.levels) == len(entry.levels) == len(term.recorded_levels)
    assert bool(term.levels) != bool(term.per)
    in_a_model = {t for terms in MULTIVARIABLE.values() for t in terms}
    assert bool(term.short) == (term in in_a_model)
    assert (term in CHOICES) == (term in in_a_model and bool(term.levels))


def test_what_happens_is_said_in_words():
    words = [endpoint.event_in_words for endpoint in ENDPOINTS.values()]
    assert words == ["local failure", "death", "intrahepatic recurrence", "distant metastasis"]


def test_columns_that_the_study_names_are_those_of_the_dictionary():
    for endpoint in ENDPOINTS.values():
        event, months = (DICTIONARY.columns[name] for name in (endpoint.event, endpoint.months))
        assert event.type == "event" and months.unit == "months"
        assert all(name in DICTIONARY.columns for name in endpoint.censored_by)
    for name in (study.BEST_RESPONSE, study.LAST_TACE_RESPONSE):
        assert DICTIONARY.columns[name].levels == study.RESPONSES
    for name in (study.CR_MONTHS, study.SALVAGE, study.TOTAL_DOSE, study.FRACTIONS):
        assert name in DICTIONARY.columns
    assert DICTIONARY.columns[study.TOXICITY_GRADE].maximum == study.DEADLY_GRADE
    assert DICTIONARY.derived["bed10_gy"].sources == (study.TOTAL_DOSE, study.FRACTIONS)


def test_patterns_of_recurrence_go_from_none_to_all_three():
    assert study.PATTERNS == (
        "none",
        "local",
        "intrahepatic",
        "distant",
        "local + intrahepatic",
        "local + distant",
        "intrahepatic + distant",
        "local + intrahepatic + distant",
    )
    assert [*study.SITES.values()] == [LOCAL_CONTROL, INTRAHEPATIC_RFS, DISTANT_MFS]
    assert (LOCAL_CONTROL, OVERALL_SURVIVAL) == MODELLED


def test_table_1_has_every_number_of_table_1():
    rows = (*TABLE_1, *CHARACTERISTICS_IN_TEXT)
    used = {number for _, template in rows for number in placeholders(template)}
    assert used <= IDS
    there = register()["where"].str.contains(r"(?:^|; )Table 1(?:$|;)", regex=True)
    # The head of the table, and what its labels have: the groups of AFP and the BED.
    elsewhere = {"N", "afp.cut"} | {regimen.bed_id for regimen in REGIMENS}
    assert set(register().index[there]) - elsewhere <= used
    labels = [label for label, _ in TABLE_1]
    assert labels[-5:] == [
        "  36 Gy/3fx (80 Gy10) (c)",
        "  45 Gy/3fx (113 Gy10)",
        "  48 Gy/3fx (125 Gy10)",
        "  60 Gy/4fx (150 Gy10)",
        "  60 Gy/3fx (180 Gy10)",
    ]


def test_what_is_compared_is_printed_and_recorded():
    for number, column in SHARES.values():
        assert published(f"{number}.n") and DICTIONARY.entry(column)
    for number, column in QUANTITIES.values():
        limits = ("min", "max") if number in RANGES else ("q1", "q3")
        assert all(f"{number}.{which}" in IDS for which in ("median", *limits))
        assert DICTIONARY.entry(column)
