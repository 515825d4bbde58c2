"""Each member of the ensemble is what the book says of them, by the book's own libraries."""

import io
import zipfile

import pandas as pd
import pytest

from reanalysis.cohort.ensemble import ENSEMBLE
from synthesis.generate import SEEDS, verdict_on

if not ENSEMBLE.exists():
    pytest.skip("the ensemble was not made (`make ensemble`)", allow_module_level=True)
with zipfile.ZipFile(ENSEMBLE) as archive:
    TEXTS = {name: archive.read(name).decode() for name in archive.namelist()}


def some(names: list[str]) -> list[object]:
    """Mark all but each eighth as slow: a landing looks at those, the night at every one."""
    return [
        n if k % 8 == 0 else pytest.param(n, marks=pytest.mark.slow) for k, n in enumerate(names)
    ]


@pytest.mark.parametrize("name", some(sorted(TEXTS)))
def test_a_member_is_believable_and_agrees(name: str) -> None:
    verdict = verdict_on(TEXTS[name])
    assert verdict.believable >= 13
    assert verdict.must
    assert verdict.agree >= 110
    assert verdict.tolerated
    assert verdict.others == ()


def test_members_come_from_seeds_of_their_own() -> None:
    seeds = [int(name.removesuffix(".csv")) for name in TEXTS]
    assert len(seeds) == len(set(seeds))
    assert set(seeds) <= set(SEEDS)


def test_no_two_members_are_kin() -> None:
    """Of cohorts that were searched for from one start nearly all patients' follow-up is shared."""
    tables = [pd.read_csv(io.StringIO(text)) for text in TEXTS.values()]
    courses = [
        set(zip(t["tumor_size_cm"], t["follow_up_months"], t["death"], strict=True)) for t in tables
    ]
    shared = [len(one & other) / len(one) for k, one in enumerate(courses) for other in courses[:k]]
    assert max(shared) < 0.2
