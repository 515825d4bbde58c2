"""The items of the reporting guidelines: every answer has its place, every quotation is there."""

import re

import pytest
from test_against_the_paper import PAPER

from reanalysis.paper.register import places
from reanalysis.paper.reporting import ANSWERS, GUIDELINES, NOT_FOUND, YES, by_guideline, reporting


def test_every_item_has_an_answer_and_a_place():
    items = reporting()
    assert set(items["guideline"]) == set(GUIDELINES)
    assert set(items["reported"]) <= set(ANSWERS)
    assert not items.duplicated(["guideline", "item"]).any()
    found = items[items["reported"] != NOT_FOUND]
    assert (found["quote"] != "").all()
    assert (items.loc[items["reported"] == NOT_FOUND, "quote"] == "").all()


def test_places_are_spelled_as_in_the_register():
    known = {part for where in places()["where"] for part in where.split("; ")}
    named = set(reporting()["where"]) - {""}
    assert named <= known


def test_what_is_missing_is_asked_for():
    items = reporting()
    assert (items.loc[items["reported"] == NOT_FOUND, "question"] != "").all()


def test_a_fair_count():
    counted = by_guideline()
    assert counted.to_numpy().sum() == len(reporting())
    assert counted.loc["STROBE", YES] >= 6


@pytest.mark.skipif(not PAPER.exists(), reason="the paper's text is not at hand")
def test_every_quotation_is_in_the_paper():
    def plain(text: str) -> str:
        return re.sub(r"[\s\-\u2010\u2011\u2013]+", "", text.replace("\N{NO-BREAK SPACE}", " "))

    paper = plain(PAPER.read_text(encoding="utf-8"))
    assert [q for q in reporting()["quote"] if plain(q) not in paper] == []
