"""Times rounded for a book that is easier to publish."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.loading import (
    ROUND_VARIABLE,
    keep_loaded,
    load_cohort,
    with_rounded_times,
)
from reanalysis.cohort.policy import policy_of, private_policy
from reanalysis.core import paths
from reanalysis.site import build as book


def test_times_are_rounded_to_whole_steps() -> None:
    months = [0.0, 0.2, 12.44, 12.5, 36.0]
    cohort = pd.DataFrame(
        {"age": [61.5] * 5, "follow_up_months": months, "transplant_months": [np.nan, 0.1, 7, 8, 9]}
    )
    rounded = with_rounded_times(cohort, 1.0)
    assert list(rounded["follow_up_months"]) == [0.0, 1.0, 12.0, 13.0, 36.0]
    assert list(rounded["transplant_months"].dropna()) == [1.0, 7.0, 8.0, 9.0]
    assert list(rounded["age"]) == [61.5] * 5 and list(cohort["follow_up_months"]) == months
    assert list(with_rounded_times(cohort, 3.0)["follow_up_months"]) == [0.0, 3.0, 12.0, 12.0, 36.0]
    with pytest.raises(ValueError, match="above 0"):
        with_rounded_times(cohort, 0.0)


def test_rounding_keeps_events_within_follow_up_and_what_follows_from_them() -> None:
    exact = load_cohort(paths.SYNTHETIC_COHORT)
    rounded = load_cohort(paths.SYNTHETIC_COHORT, round_months=3.0)
    for name in ("local_failure_months", "complete_response_months", "transplant_months"):
        if name in rounded:
            assert not (rounded[name] > rounded["follow_up_months"]).any()
    by_3 = rounded["complete_response_months"] <= 3.0
    assert ((rounded["cr_by_3_months"] == "yes") == by_3).all()
    assert (rounded["follow_up_months"] % 3 == 0).all()
    assert (exact["follow_up_months"] - rounded["follow_up_months"]).abs().max() <= 3.0


def test_the_environment_rounds_the_cohort_of_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROUND_VARIABLE, "6")
    assert (load_cohort()["follow_up_months"] % 6 == 0).all()
    assert not (load_cohort(paths.SYNTHETIC_COHORT)["follow_up_months"] % 6 == 0).all()


def test_the_kernels_are_told(tmp_path) -> None:
    own = book.kernel_environment(tmp_path / "own.csv", base={ROUND_VARIABLE: "9"}, round_months=3)
    assert own[ROUND_VARIABLE] == "3"
    assert ROUND_VARIABLE not in book.kernel_environment(base={ROUND_VARIABLE: "9"})


def test_kernels_get_the_cohort_as_it_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "own.csv"
    text = "patient_id,follow_up_months,death,sex\nA,12.4,1,male\nB,7.1,0,\n"
    source.write_text(text, encoding="utf-8")
    loaded = load_cohort(source, round_months=6)
    for name, value in keep_loaded(loaded, tmp_path / "loaded").items():
        monkeypatch.setenv(name, value)
    source.unlink()
    again = load_cohort()
    pd.testing.assert_frame_equal(again, loaded)
    assert policy_of(again) == policy_of(loaded) == private_policy()
    # Whoever names a file or a rounding is given that.
    assert len(load_cohort(paths.SYNTHETIC_COHORT)) > 2
    assert len(load_cohort(round_months=1)) > 2


def test_the_banner_says_so() -> None:
    config = {"html": {}, "execute": {}}
    banner = book.configuration(config, cohort="a.csv", patients=1, round_months=3, env={})
    assert "fewer than 5 patients, times rounded to 3 months." in banner["html"]["announcement"]


@pytest.mark.parametrize("step", ["0", "-1", "13", "a", "nan"])
def test_a_step_that_makes_no_sense_is_wrong_usage(step: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["book", "--cohort", str(paths.SYNTHETIC_COHORT), "--round-months", step])
    assert stop.value.code == 2


def test_the_synthetic_cohort_is_not_rounded() -> None:
    assert main(["book", "--round-months", "1"]) == 2
