"""Where patients stand through time: by hand, as R has it, and coarse."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.occupancy import (
    CENSORED,
    STATES,
    coarse_occupancy,
    state_occupancy,
    transitions,
)
from reanalysis.analysis.simulation import draw_cohort
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import NotEstimable, NotRecorded

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "reference_r.json").read_text(encoding="utf-8"))["occupancy"]

# Response, its month, failure, its month, follow-up, death, transplant; then the stays.
PATIENTS = {
    "waits": (("SD", None, 0, None, 9.0, 0, None), [(0, 9, 0, CENSORED)]),
    "responds": (("CR", 3.0, 0, None, 9.0, 0, None), [(0, 3, 0, 1), (3, 9, 1, CENSORED)]),
    "fails": (("SD", None, 1, 4.0, 9.0, 1, None), [(0, 4, 0, 2), (4, 9, 2, 3)]),
    "all three": (("CR", 2.0, 1, 5.0, 9.0, 1, None), [(0, 2, 0, 1), (2, 5, 1, 2), (5, 9, 2, 3)]),
    "CR after failure": (("CR", 6.0, 1, 5.0, 9.0, 0, None), [(0, 5, 0, 2), (5, 9, 2, CENSORED)]),
    "CR at failure": (("CR", 5.0, 1, 5.0, 9.0, 0, None), [(0, 5, 0, 2), (5, 9, 2, CENSORED)]),
    "failure at death": (("SD", None, 1, 9.0, 9.0, 1, None), [(0, 9, 0, 3)]),
    "transplanted": (("CR", 2.0, 0, None, 9.0, 1, 6.0), [(0, 2, 0, 1), (2, 6, 1, CENSORED)]),
    "CR after transplant": (("CR", 7.0, 0, None, 9.0, 0, 6.0), [(0, 6, 0, CENSORED)]),
}


def cohort_of(names: list[str]) -> pd.DataFrame:
    columns = ["best_response", "complete_response_months", "local_failure", "local_failure_months"]
    columns += ["follow_up_months", "death", "transplant_months"]
    table = pd.DataFrame([PATIENTS[name][0] for name in names], names, columns)
    table = table.astype({c: float for c in columns if c.endswith("months")})
    return table.assign(any_cr=table["best_response"].map({"CR": "yes", "SD": "no"}))


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_s_time_is_cut_where_the_state_changes(name: str) -> None:
    stays = transitions(cohort_of([name]))
    assert [tuple(row) for row in stays.drop(columns="patient").to_numpy()] == PATIENTS[name][1]


def test_the_shares_by_hand() -> None:
    shares = state_occupancy(transitions(cohort_of(["responds", "fails", "waits", "all three"])))
    assert shares.index.tolist() == [0, 2, 3, 4, 5, 9]
    expected = {0: (1, 0, 0, 0), 2: (3 / 4, 1 / 4, 0, 0), 3: (1 / 2, 1 / 2, 0, 0)}
    expected |= {4: (1 / 4, 1 / 2, 1 / 4, 0), 5: (1 / 4, 1 / 4, 1 / 2, 0)}
    expected |= {9: (1 / 4, 1 / 4, 0, 1 / 2)}
    for month, row in expected.items():
        assert shares.loc[month].to_numpy() == pytest.approx(row), month


def test_the_shares_are_those_of_r() -> None:
    sixty = load_cohort(DATA / "reference_cohort.csv")
    shares = state_occupancy(transitions(sixty))
    found = shares.reindex(R["times"], method="ffill").to_numpy()
    assert R["states"] == ["(s0)", "CR", "failed", "dead"]
    theirs = np.reshape(R["shares"], (len(STATES), len(R["times"]))).T
    np.testing.assert_allclose(found, theirs, rtol=1e-12, atol=1e-14)


def test_the_shares_add_up_and_without_censoring_they_are_counts() -> None:
    cohort = draw_cohort(150, seed=5)
    shares = state_occupancy(transitions(cohort))
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert (shares.to_numpy() > -1e-12).all()
    stays = transitions(cohort)
    first = stays.loc[stays["next"] == CENSORED, "stop"].min()
    early = shares[shares.index < first]
    responded = stays[(stays["next"] == 1) & (stays["stop"] <= early.index[-1])]
    gone = stays[(stays["state"] == 1) & (stays["next"] > 1) & (stays["stop"] <= early.index[-1])]
    assert early[STATES[1]].iloc[-1] == pytest.approx((len(responded) - len(gone)) / 150)


def test_what_is_not_recorded_is_named_and_nobody_is_no_estimate() -> None:
    with pytest.raises(NotRecorded):
        transitions(cohort_of(["waits"]).drop(columns="local_failure"))
    with pytest.raises(NotEstimable):
        state_occupancy(transitions(cohort_of(["waits"])).head(0))


def test_no_coarse_step_stands_for_few_changes_and_no_share_for_part_of_five() -> None:
    stays = transitions(load_cohort())
    policy = Policy(5)
    shares = coarse_occupancy(stays, policy)
    exact = state_occupancy(stays).reindex(shares.index, method="ffill")
    assert len(shares) > 5 and shares.index[0] == 0
    changes = np.histogram(
        stays.loc[stays["next"] != CENSORED, "stop"] - 1e-9, [0.0, *shares.index[1:], np.inf]
    )[0]
    assert (changes >= 5).all()
    assert (stays.groupby("patient")["stop"].max() >= shares.index[-1]).sum() >= 5
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    for _, row in shares.iterrows():
        rounded = row.drop(row.idxmax())
        pd.testing.assert_series_equal(policy.fraction(rounded, 302), rounded)
    assert (shares - exact).abs().max(axis=None) < 4 * policy.multiple / 302


def test_a_state_of_few_patients_is_not_shown() -> None:
    cohort = load_cohort()
    failed = cohort.index[cohort["local_failure"] == 1][4:]
    few = cohort.assign(local_failure=cohort["local_failure"].mask(cohort.index.isin(failed), 0))
    with pytest.raises(TooFew):
        coarse_occupancy(transitions(few), Policy(5))
    assert len(coarse_occupancy(transitions(few), Policy(4)))
