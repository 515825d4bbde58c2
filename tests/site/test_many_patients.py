"""Among many patients somebody has nearly everything: only what fits better than by chance counts.

Of 100,000 patients with ids from D000001 to D100000 every number is somebody's, and three numbers
of two digits fit a dozen. Whoever stands in full on a page is found all the same.
"""

import numpy as np
import pytest

from reanalysis.site import shipped
from reanalysis.site.contents import Cell
from reanalysis.site.normal import Finder
from reanalysis.site.recognition import is_id
from reanalysis.site.rows import rows
from reanalysis.site.secrets import Match, Said, Secrets

MANY = 100_000
FEW = 300


def recognised(text: str, own: str, among: int) -> bool:
    """Whether an id, forwards or backwards, is taken to stand in a text."""
    plain = own.lower()
    forms = {plain, plain[::-1], f"{plain[0]}{int(plain[1:])}"}
    places = Finder(forms).find(text)
    return any(is_id(place, plain, noise=False, among=among) for place in places)


@pytest.mark.parametrize(
    "text",
    [
        "D004344",
        "patientD004344",
        "id=d004344;",
        "D-004344",
        "d_004344",
        "D 0 0 4 3 4 4",
        "(443400D)",
    ],
)
def test_an_id_is_found_among_many(text: str) -> None:
    assert recognised(text, "D004344", MANY) and recognised(text, "D004344", FEW)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("log partial likelihood,0.04344,-1.456", "D004344"),  # a number with decimals
        ("<td>0.00097</td>", "D000097"),
        ("(mean 0.01909, sd 0.03129)", "D003129"),
    ],
)
def test_a_number_with_decimals_is_no_id(text: str, own: str) -> None:
    assert not recognised(text, own, MANY) and not recognised(text, own, FEW)


@pytest.mark.parametrize(
    ("text", "own"), [("follow-up\n100000\ndeath\n", "D000001"), ("word 4344", "D004344")]
)
def test_what_is_an_id_by_chance_among_many_is_none(text: str, own: str) -> None:
    assert not recognised(text, own, MANY)


def test_a_disguise_has_to_say_more_the_more_ids_there_are() -> None:
    assert recognised("it is D-4344", "D004344", FEW)
    assert not recognised("it is D-4344", "D004344", MANY)


PATIENT = 7


def found(numbers: dict[str, dict[str, float]], patients: int, unit: str = "") -> list[int]:
    """Look for patients in a line of numbers.

    By number the columns in which it stands for somebody, with the share of patients who have it;
    the patient of the test has it in the first of them, and nobody where the share is 0. With a
    unit it stands behind each, and each column has it.
    """
    matches = {
        text: tuple(
            Match(column, np.array([PATIENT + bool(i) * (10 * k + i)]), share)
            for i, (column, share) in enumerate(shares.items())
            if share
        )
        for k, (text, shares) in enumerate(numbers.items())
    }
    columns = frozenset(column for shares in numbers.values() for column in shares)
    names = {unit: columns} if unit else {}
    hidden = Secrets(tuple(range(patients)), numbers=matches, names=names)
    return [row for row, _ in rows(tuple(Cell(text, unit) for text in numbers), hidden)]


def test_a_row_in_full_is_found_among_many() -> None:
    exact = {
        "64": {"age": 0.04, "afp_ng_ml": 0.0002},
        "2.3": {"tumor_size_cm": 0.05, "afp_ng_ml": 0.008, "follow_up_months": 0.002},
        "33.412": {"follow_up_months": 0.00001, "afp_ng_ml": 0.00001},
    }
    assert found(exact, FEW) == found(exact, MANY) == [PATIENT]
    coarser = exact | {"20.5": {"local_failure_months": 0.00025, "follow_up_months": 0.002}}
    assert found(coarser, MANY) == [PATIENT]


def test_three_numbers_that_fit_a_dozen_among_many_are_no_row() -> None:
    # Of a built book: each of them is rare in the column in which it is this patient's own.
    by_chance = {
        "20.5": {"local_failure_months": 0.00025, "follow_up_months": 0.02},
        "58": {"afp_ng_ml": 0.00022, "age": 0.035, "follow_up_months": 0.004},
        "18.1": {"tumor_size_cm": 0.198, "follow_up_months": 0.002},
    }
    assert found(by_chance, MANY) == []
    assert found(by_chance, FEW) == [PATIENT]


CR, FOLLOW_UP, FAILURE, LIVER, DISTANT = (
    "complete_response_months",
    "follow_up_months",
    "local_failure_months",
    "intrahepatic_recurrence_months",
    "distant_metastasis_months",
)


def test_a_unit_is_no_column() -> None:
    """'2.9', '2.8' and '1.3' behind the word months, ratios in a book of 100,000."""
    shares = {
        "2.9": {LIVER: 0.0028, CR: 0.0187, FOLLOW_UP: 0.001, FAILURE: 0.0003, DISTANT: 0.0005},
        "2.8": {CR: 0.0192, FOLLOW_UP: 0.0009, FAILURE: 0.0005, LIVER: 0.0026, DISTANT: 0.0005},
        "1.3": {DISTANT: 0.0005, CR: 0.0138, FOLLOW_UP: 0.001, FAILURE: 0.0004, LIVER: 0.0027},
    }
    assert found(shares, MANY, unit="months") == []
    assert found(shares, FEW, unit="months") == [PATIENT]


def test_what_fits_in_its_rarest_columns_alone_is_no_row() -> None:
    """A ratio beside the range of another, in a book of 100,000."""
    shares = {
        "2.9": {CR: 0.0187, "tumor_size_cm": 0.0219, "afp_ng_ml": 0.0076, LIVER: 0.0045},
        "2.84": {FOLLOW_UP: 0.0132, LIVER: 0.0038, CR: 0.002, DISTANT: 0.0013},
        "9.31": {LIVER: 0.0003, CR: 0.0018, FOLLOW_UP: 0.0001, FAILURE: 0.0002},
    }
    assert found(shares, MANY) == []
    assert found(shares, FEW) == [PATIENT]


@pytest.mark.parametrize("others", [0, 1, 3])
def test_a_row_in_months_is_found_beside_other_months(others: int) -> None:
    """Coarse times of one of 300 patients, with the unit, among other numbers of months."""
    times = {"20.5": {FOLLOW_UP: 0.0066}, "8.4": {LIVER: 0.0066}, "3.1": {CR: 0.013}}
    for text, shares in times.items():
        spare = dict.fromkeys((FOLLOW_UP, LIVER, CR, DISTANT), 0.0066) | {FAILURE: 0.0033}
        times[text] = shares | {column: p for column, p in spare.items() if column not in shares}
    more = {f"{30 + i}.7": {FOLLOW_UP: 0.0} for i in range(others)}
    assert found(times | more, FEW, unit="months") == [PATIENT]


def test_rows_of_one_page_s_tables_stand_together_in_any_book() -> None:
    # Three tables tell of the six made-up patients: the last was 73, and followed for 12 weeks.
    said = Said("", rows=shipped.rows())
    assert said.has_together(["73", "12", "2.76"]) and said.has_together(["66", "17.94", "2.60"])
    assert not said.has_together(["73", "17.94", "2.60"])
