"""The register beside the paper's text: every number in it, and every quotation there.

The text is not part of this repository: the test looks for ``../shared/paper.txt`` beside the
checkout, or in the folder that the environment variable REANALYSIS_INVENTORY names, and is skipped
where there is none.
"""

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from reanalysis.core import paths
from reanalysis.paper.register import places, register

PAPER = Path(os.environ.get("REANALYSIS_INVENTORY", paths.ROOT / "../shared")).resolve()
PAPER = PAPER / "paper.txt"

# How each part begins, in the order of the text; the layout puts tables and captions between.
BEGINNINGS = (
    ("Abstract", "Abstract Background:"),
    ("Background", "Background Liver"),
    ("Methods: Definitions", "Methods Definitions"),
    ("Methods: Patients", "Patients Eligibility"),
    ("Methods: Transarterial chemoembolization", "Transarterial chemoembolization TACE"),
    ("Methods: Radiotherapy", "Radiotherapy The simulation"),
    ("Methods: Evaluation and statistical analysis", "Evaluation and statistical analysis"),
    ("Results: Patient characteristics", "Results Patient characteristics"),
    ("Results: Radiologic response", "Radiologic response During"),
    ("Results: Local control", "Local control, recurrence"),
    ("caption", "Fig. 1 Flow"),
    ("Results: Local control", "higher BED (p = 0.014)"),
    ("Results: Toxicity", "Toxicity All"),
    ("Discussion", "Discussion TACE"),
    ("Table 1", "Table 1 Patient"),
    ("Discussion", "especially in early-stage"),
    ("caption", "Fig. 2 Cumulative"),
    ("Discussion", "SBRT on small HCC"),
    ("caption", "Fig. 3 A Local"),
    ("Discussion", "the consensus on TACE failure had not been well- established and"),
    ("Conclusion", "Conclusion SBRT showed"),
    ("Table 2", "Table 2 Univariate"),
    ("Table 3", "Table 3 Univariate"),
    ("abbreviations", "Abbreviations HCC:"),
)

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER = re.compile(rf"(?<![A-Za-z])\d+(?:\.\d+)*|\b(?i:{'|'.join(WORDS)})\b")

# What is written with digits and is no number of the study: references, numbering, names.
NAMES = {
    "": (r"\[[\d, –]+\]", r"\(\d\)", r"(?:Fig\.|Table) \d[A-D]?", "Gy10"),
    "Methods: Radiotherapy": ("Four-dimensional", "4D", "RT 16", "3-dimensional"),
    "Results: Patient characteristics": (r"(?<=ECOG PS of )0", "45 Gy in three fractions"),
    "Results: Local control": (r"(?<=BCLC stage )0",),
    # Names of rows.
    "Table 1": (r"(?<=status )0", r"1–2(?= 21)", r"(?<=stage )0", r"\d\d Gy/\dfx"),
    "Table 2": (r"\b0(?= Reference)", r"1–2(?= 0\.47)"),
    "Table 3": (r"\b0(?= Reference)", r"1–2(?= 1\.39)"),
}

# Numbers that two places do not print alike.
UNLIKE = {
    "flow.period.start",  # the abstract has the year
    "flow.period.end",
    "qual.embolic",
    "qual.technique",
    "qual.isolated",
}


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    if not PAPER.is_file():
        pytest.skip(f"the paper's text is not at {PAPER}; REANALYSIS_INVENTORY names its folder")
    text = re.sub(r"(?m)^http://.*$", "", PAPER.read_text(encoding="utf-8"))  # of the layout
    text = " ".join(text.split())
    starts, at = [], 0
    for _, beginning in BEGINNINGS:
        at = text.index(beginning, at)
        starts.append(at)
    found: dict[str, str] = {}
    for (name, _), (start, end) in zip(BEGINNINGS, pairwise([*starts, len(text)]), strict=True):
        found[name] = f"{found.get(name, '')} {text[start:end]}".strip()
    return found


def squeezed(text: str) -> str:
    """Leave out spaces and hyphens, which the ends of lines put in and take away."""
    return re.sub(r"[\s\-\u2011]", "", text)


def as_in_the_register(number: str) -> str:
    """Write a number of the paper as the register does: digits, a dash for a range."""
    if number == "No" or number == "no":
        return "0"
    if number.lower() in WORDS:
        return str(WORDS.index(number.lower()) + 1)
    number = re.sub(r"(?<=\d)(?: to | and |-)(?=\d{1,2}$)", "–", number)
    return number.replace("-,", ",").replace("< ", "<")


def section_of(where: str) -> str:
    return where.partition(",")[0]


def in_guillemets(quote: str) -> tuple[str, str, str]:
    before, _, rest = quote.partition("«")
    number, _, after = rest.partition("»")
    return before, number, after


def quoted(section: str, text: str) -> Iterator[tuple[int, int]]:
    """Give where the numbers of the register stand in the squeezed text of a section."""
    whole = squeezed(text)
    for place in places().itertuples():
        if section_of(place.where) == section:
            before, number, after = map(squeezed, in_guillemets(place.quote))
            if (start := whole.find(before + number + after)) >= 0:
                yield start + len(before), start + len(before) + len(number)


def test_every_quotation_is_in_its_section_once(sections: dict[str, str]) -> None:
    absent = [
        (place.id, place.where, place.quote)
        for place in places().itertuples()
        if squeezed(sections.get(section_of(place.where), "")).count(
            squeezed("".join(in_guillemets(place.quote)))
        )
        != 1
    ]
    assert not absent


def test_every_number_of_the_paper_is_in_the_register(sections: dict[str, str]) -> None:
    absent = []
    for section, text in sections.items():
        names = [
            match.span()
            for pattern in (*NAMES[""], *NAMES.get(section, ()))
            for match in re.finditer(pattern, text)
        ]
        known = list(quoted(section, text))
        for match in NUMBER.finditer(text):
            if any(start <= match.start() < end for start, end in names):
                continue
            at = len(squeezed(text[: match.start()]))
            end = at + len(squeezed(match[0]))
            if not any(start <= at and end <= last for start, last in known):
                absent.append((section, text[max(0, match.start() - 30) : match.end() + 20]))
    assert not absent


def test_a_name_that_excuses_a_number_is_there(sections: dict[str, str]) -> None:
    for section, patterns in NAMES.items():
        texts = [sections[section]] if section else sections.values()
        for pattern in patterns:
            assert any(re.search(pattern, text) for text in texts), (section, pattern)


def test_a_place_prints_what_its_quotation_has() -> None:
    recipes = register()["recipe"]
    for place in places().itertuples():
        assert place.quote.count("«") == place.quote.count("»") == 1, place.id
        number = in_guillemets(place.quote)[1]
        if place.id.startswith("qual.") and recipes[place.id].startswith("statement"):
            continue  # said shorter
        if place.id == "LC.u.cp":
            number = number.replace("the ", "")
        assert as_in_the_register(number) == place.printed, place.id


def test_the_places_of_a_number_print_the_same() -> None:
    texts = places().groupby("id")["printed"].nunique()
    assert set(texts.index[texts > 1]) == UNLIKE


def test_each_place_is_there_once_and_the_first_explains() -> None:
    rows = places()
    assert not rows.duplicated(["id", "where", "quote"]).any()
    # The rows of a number follow each other.
    changes = (rows["id"] != rows["id"].shift()).sum()
    assert changes == rows["id"].nunique() == len(register())
