"""The ensemble that comes with the book: each member possible, believable and as published."""

import zipfile

import pandas as pd
import pytest

from reanalysis.cohort.ensemble import ENSEMBLE, load_ensemble, over_ensemble
from reanalysis.cohort.policy import policy_of
from reanalysis.core.disclosure import MADE_UP

if not ENSEMBLE.exists():
    pytest.skip("the ensemble was not made (`make ensemble`)", allow_module_level=True)
# Read by the tests themselves: every worker collects these, and one of them runs them.
with zipfile.ZipFile(ENSEMBLE) as archive:
    MEMBERS = sorted(name.removesuffix(".csv") for name in archive.namelist())


def test_small_enough_to_ship():
    assert ENSEMBLE.stat().st_size < 3_000_000


def test_read_once_and_not_to_be_changed():
    assert load_ensemble() is load_ensemble()
    with pytest.raises(TypeError):
        load_ensemble()["new"] = pd.DataFrame()  # type: ignore[index]


def test_members_differ_in_what_the_paper_leaves_open():
    deaths = over_ensemble(lambda cohort: int(cohort["death"].sum()))
    assert list(deaths) == MEMBERS
    assert 79 <= min(deaths.values()) < max(deaths.values()) <= 90
    twelve = over_ensemble(lambda c: int(((c["death"] == 1) & (c["follow_up_months"] < 12)).sum()))
    assert len(set(twelve.values())) > 2


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_is_a_cohort_of_which_everything_may_be_shown(name):
    cohort = load_ensemble()[name]
    assert len(cohort) == 302
    assert policy_of(cohort) == MADE_UP
