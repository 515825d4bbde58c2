"""What may be shown of a cohort follows from its file, and goes wherever its rows go."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from reanalysis.cohort.loading import COHORT_VARIABLE, load_cohort
from reanalysis.cohort.policy import (
    is_private,
    policy_for,
    policy_of,
    private_policy,
    with_policy,
)
from reanalysis.core import paths
from reanalysis.core.disclosure import MADE_UP, Policy

HIDES = Policy(5)


@pytest.fixture(scope="module")
def synthetic() -> pd.DataFrame:
    return load_cohort(paths.SYNTHETIC_COHORT)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Give a file that might be about patients: it is not the synthetic cohort's own."""
    return Path(shutil.copy(paths.SYNTHETIC_COHORT, tmp_path / "ours.csv"))


def test_every_file_but_the_synthetic_cohort_may_hold_patients(ours: Path) -> None:
    assert is_private(ours) and policy_for(ours) == HIDES
    assert not is_private(paths.SYNTHETIC_COHORT) and policy_for(paths.SYNTHETIC_COHORT) == MADE_UP
    assert not is_private(str(paths.SYNTHETIC_COHORT))
    beside = paths.SYNTHETIC_COHORT.parent / ".." / "data" / paths.SYNTHETIC_COHORT.name
    assert not is_private(beside)  # the same file by another way
    assert is_private(paths.SYNTHETIC_COHORT.with_name("another.csv"))


def test_a_cohort_carries_the_policy_of_its_file(ours: Path, synthetic: pd.DataFrame) -> None:
    assert policy_of(load_cohort(ours)) == HIDES
    assert policy_of(synthetic) == MADE_UP


def test_the_environment_decides_which_file_is_read_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, ours: Path
) -> None:
    monkeypatch.delenv(COHORT_VARIABLE, raising=False)
    assert policy_of(load_cohort()) == MADE_UP
    monkeypatch.setenv(COHORT_VARIABLE, str(ours))
    assert policy_of(load_cohort()) == HIDES
    # A file that is named is taken for what it is, whatever the environment names.
    assert policy_of(load_cohort(paths.SYNTHETIC_COHORT)) == MADE_UP
    monkeypatch.setenv(COHORT_VARIABLE, str(paths.SYNTHETIC_COHORT))
    assert policy_of(load_cohort()) == MADE_UP
    assert policy_of(load_cohort(ours)) == HIDES
    # Changing it later changes no cohort that was read before.
    cohort = load_cohort(ours)
    monkeypatch.delenv(COHORT_VARIABLE)
    assert policy_of(cohort) == HIDES


@pytest.mark.parametrize("policy", [HIDES, MADE_UP], ids=["private", "made up"])
def test_what_is_selected_keeps_the_policy(policy: Policy, synthetic: pd.DataFrame) -> None:
    cohort = with_policy(synthetic, policy)
    old = cohort["age"] > 60
    for selected in (
        cohort[old],
        cohort.loc[old],
        cohort.loc[old, ["age", "death"]],
        cohort.loc[old, "age"],
        cohort.iloc[:3],
        cohort.head(3),
        cohort["age"],
        cohort["age"].dropna(),
        cohort[["age"]],
        cohort.assign(x=1),
        cohort.drop(columns="age"),
        cohort.query("death == 1"),
        cohort.sort_values("age"),
        cohort.reset_index(drop=True),
        cohort.set_index("patient_id"),
        cohort.copy(),
    ):
        assert policy_of(selected) == policy


def test_a_table_without_a_policy_is_taken_for_one_about_patients() -> None:
    frame = pd.DataFrame({"n": [1]})
    assert policy_of(frame) == policy_of(frame["n"]) == HIDES
    frame.attrs["policy"] = 0  # no policy, whatever it is
    assert policy_of(frame) == HIDES


def test_giving_a_policy_changes_no_other_table() -> None:
    frame = pd.DataFrame({"n": [1]})
    frame.attrs["missing"] = ["a reason"]
    cleared = with_policy(frame, MADE_UP)
    assert policy_of(cleared) == MADE_UP and policy_of(frame) == HIDES
    assert cleared.attrs["missing"] == ["a reason"] and cleared.equals(frame)


def test_the_smallest_number_stands_in_the_project_s_file() -> None:
    assert private_policy() == HIDES
    text = paths.PRIVACY.read_text(encoding="utf-8")
    assert "\nsmallest_cell = 5\n" in text and "\nround_to = 5\n" in text


@pytest.mark.parametrize("value", ["-1", "2.5", '"5"', "true"])
def test_a_smallest_number_that_makes_no_sense_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "privacy.toml"
    path.write_text(f"smallest_cell = {value}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"smallest_cell in privacy\.toml"):
        private_policy(path)


@pytest.mark.parametrize("value", ["0", "6", "2.5", '"5"', "true"])
def test_numbers_are_rounded_to_no_more_than_the_smallest(tmp_path: Path, value: str) -> None:
    path = tmp_path / "privacy.toml"
    path.write_text(f"smallest_cell = 5\nround_to = {value}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"round_to in privacy\.toml .* from 1 to smallest_cell"):
        private_policy(path)


def test_zero_shows_every_number(tmp_path: Path) -> None:
    path = tmp_path / "privacy.toml"
    path.write_text("smallest_cell = 0\n", encoding="utf-8")
    assert private_policy(path) == MADE_UP


def test_a_private_file_of_the_synthetic_cohort_s_name_is_private(tmp_path: Path) -> None:
    copy = tmp_path / paths.SYNTHETIC_COHORT.name
    copy.write_bytes(paths.SYNTHETIC_COHORT.read_bytes())
    assert policy_of(load_cohort(copy)).hides
