"""Every analysis of the multiverse: each is the model that its choices say, by another library."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from statsmodels.duration.hazard_regression import PHReg

from reanalysis.analysis.multiverse import (
    CHOICES,
    SUMMARY,
    by_choice,
    is_papers,
    multiverse,
    summary,
)
from reanalysis.analysis.regression import backward_elimination, cox
from reanalysis.analysis.spline import basis
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.errors import NotEstimable
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.paper.study import (
    BED,
    LOCAL_CONTROL,
    MODELLED,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    SIZE,
)

Endpoint = type(OVERALL_SURVIVAL)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return load_cohort(SYNTHETIC_COHORT)


@pytest.fixture(scope="module")
def worlds(cohort: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {endpoint.key: multiverse(cohort, endpoint) for endpoint in MODELLED}


def row_of(table: pd.DataFrame, *chosen: str) -> "pd.Series[float]":
    return table[(table[list(CHOICES)] == list(chosen)).all(axis=1)].iloc[0]


def same(row: "pd.Series[float]", name: str, coefficient: float, se: float) -> bool:
    ends = np.exp([coefficient, coefficient - 1.959964 * se, coefficient + 1.959964 * se])
    found = [row[f"{name} {part}"] for part in ("ratio", "lower", "upper")]
    return np.allclose(found, ends, rtol=2e-6)


def test_one_row_for_each_combination(worlds: dict[str, pd.DataFrame]) -> None:
    combinations = np.prod([len(options) for options in CHOICES.values()])
    for table in worlds.values():
        assert len(table) == combinations
        assert not table.duplicated(list(CHOICES)).any()


@pytest.mark.parametrize("endpoint", MODELLED, ids=lambda endpoint: endpoint.key)
def test_the_papers_own_is_the_papers_model(
    endpoint: Endpoint, cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]
) -> None:
    table = worlds[endpoint.key]
    own = table[is_papers(table, endpoint)]
    assert len(own) == 1
    full = cox(cohort, endpoint, MULTIVARIABLE[endpoint.key]).table
    assert own["size ratio"].iloc[0] == pytest.approx(full.loc[SIZE.column, "ratio"], rel=1e-9)
    bed = full.loc[BED.column, ["ratio", "lower", "upper"]].astype(float) ** 10
    found = own[["BED ratio", "BED lower", "BED upper"]].iloc[0].to_numpy(float)
    np.testing.assert_allclose(found, bed, rtol=1e-9)
    assert own["BED p"].iloc[0] == pytest.approx(full.loc[BED.column, "p"], rel=1e-7)


@pytest.mark.parametrize("endpoint", MODELLED, ids=lambda endpoint: endpoint.key)
def test_elimination_is_the_books(
    endpoint: Endpoint, cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]
) -> None:
    last = backward_elimination(cohort, endpoint, MULTIVARIABLE[endpoint.key])[-1].table
    table = worlds[endpoint.key]
    own = list(table[is_papers(table, endpoint)][list(CHOICES)].iloc[0])
    row = row_of(table, *own[:-1], "eliminated")
    for name, term, per in (("size", SIZE, 1), ("BED", BED, 10)):
        if term.column in last.index:
            assert row[f"{name} ratio"] == pytest.approx(last.loc[term.column, "ratio"] ** per)
        else:
            assert np.isnan(row[f"{name} ratio"])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_ties_and_a_logarithm(
    ties: str, cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]
) -> None:
    known = cohort[cohort["afp_ng_ml"].notna()]
    printed = np.floor(known["bed10_gy"] + 0.5) / 10  # 112.5 is printed as 113
    design = np.column_stack(
        [
            (known["child_pugh_class"] == "B").astype(float),
            known["tumor_size_cm"],
            printed,
            np.log(np.maximum(known["afp_ng_ml"], 1)),
        ]
    )
    fit = PHReg(known["follow_up_months"], design, status=known["death"], ties=ties).fit()
    row = row_of(
        worlds[OVERALL_SURVIVAL.key],
        *(ties.capitalize(), "logarithm", "as printed", "out", "line", "out", "all"),
    )
    assert same(row, "size", fit.params[1], fit.bse[1])
    assert same(row, "BED", fit.params[2], fit.bse[2])


def test_a_landmark(cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]) -> None:
    late = cohort[cohort["follow_up_months"] > 6]
    design = np.column_stack(
        [
            (late["child_pugh_class"] == "B").astype(float),
            late["tumor_size_cm"],
            late["bed10_gy"] / 10,
            (late["bclc_stage"] == "A").astype(float),
            ~(late["complete_response_months"] <= 6),
        ]
    ).astype(float)
    fit = PHReg(late["follow_up_months"], design, status=late["death"], ties="efron").fit()
    row = row_of(
        worlds[OVERALL_SURVIVAL.key], "Efron", "out", "exact", "in", "line", "landmark", "all"
    )
    assert same(row, "size", fit.params[1], fit.bse[1])
    assert same(row, "BED", fit.params[2], fit.bse[2])


def test_who_leaves_at_the_landmark_is_not_in_it(cohort: pd.DataFrame) -> None:
    """As if that patient had left before it."""
    first = cohort.index[cohort["follow_up_months"].argmax()]
    left = []
    for month in (6.0, 5.5):
        months = cohort["follow_up_months"].where(cohort.index != first, month)
        none = cohort["complete_response_months"].where(cohort.index != first)
        moved = cohort.assign(
            follow_up_months=months, complete_response_months=none, death=cohort["death"]
        )
        left.append(multiverse(moved, OVERALL_SURVIVAL))
    at = [t[t["response"] == "landmark"]["size ratio"].to_numpy(float) for t in left]
    np.testing.assert_array_equal(*at)


def test_a_response_from_its_day(cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]) -> None:
    rows = []
    for _, patient in cohort.iterrows():
        cr, end = patient["complete_response_months"], patient["follow_up_months"]
        fixed = [patient["child_pugh_class"] == "B", patient["tumor_size_cm"]]
        fixed.append(patient["bed10_gy"] / 10)
        if cr < end:
            rows.append([0.0, cr, 0, *fixed, 1])
            rows.append([cr, end, patient["death"], *fixed, 0])
        else:
            rows.append([0.0, end, patient["death"], *fixed, 1])
    names = ["start", "stop", "death", "class B", "size", "BED", "no CR"]
    table = pd.DataFrame(np.array(rows, dtype=float), columns=names)
    fitter = CoxTimeVaryingFitter()
    table["id"] = range(len(table))
    fitter.fit(table, event_col="death", id_col="id")
    row = row_of(
        worlds[OVERALL_SURVIVAL.key], "Efron", "out", "exact", "out", "line", "from its day", "all"
    )
    for name in ("size", "BED"):
        assert same(row, name, fitter.params_[name], fitter.standard_errors_[name])


def test_a_spline_compares_3_cm_with_2(
    cohort: pd.DataFrame, worlds: dict[str, pd.DataFrame]
) -> None:
    knots = np.quantile(cohort["tumor_size_cm"], [0, 1 / 3, 2 / 3, 1])
    curved = basis(cohort["tumor_size_cm"].to_numpy(float), knots)
    # Columns at right angles, which lifelines' steps need to arrive.
    right, triangle = np.linalg.qr(curved - curved.mean(axis=0))
    scale = np.sqrt(len(cohort))
    design = pd.DataFrame(scale * right).add_prefix("size ")
    design["BED"] = cohort["bed10_gy"] / 10
    design["sessions"] = cohort["prior_sessions"]
    times = event_times(cohort, LOCAL_CONTROL)
    fitter = CoxPHFitter()
    fitter.fit(design.join(times), "months", "event", fit_options={"precision": 1e-12})
    apart = np.diff(basis(np.array([2.0, 3.0]), knots), axis=0)[0]
    apart = scale * apart @ np.linalg.inv(triangle)
    size = fitter.params_.index[:3]
    covariance = fitter.variance_matrix_.loc[size, size].to_numpy()
    row = row_of(worlds[LOCAL_CONTROL.key], "Efron", "out", "exact", "out", "spline", "out", "all")
    se = np.sqrt(apart @ covariance @ apart)
    assert same(row, "size", apart @ fitter.params_[size], se)
    assert same(row, "BED", fitter.params_["BED"], fitter.standard_errors_["BED"])


def test_too_few_events_are_refused(cohort: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="too few patients"):
        multiverse(cohort.assign(death=0), OVERALL_SURVIVAL)


def test_too_few_sizes_for_a_spline_are_refused(cohort: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="too few different values"):
        multiverse(cohort.assign(tumor_size_cm=2.0), OVERALL_SURVIVAL)


def test_a_summary_counts(worlds: dict[str, pd.DataFrame]) -> None:
    table = worlds[OVERALL_SURVIVAL.key]
    found = summary(table, "BED")
    assert tuple(found) == SUMMARY
    assert found["median"] == table["BED ratio"].median()
    significant = (table.loc[table["fitted"], "BED p"] < 0.05).mean()
    assert found["p < 0.05, %"] == pytest.approx(100 * significant)
    options = by_choice(table, "BED")
    assert len(options) == sum(map(len, CHOICES.values()))
    assert options.loc[("variables", "all"), "in the model, %"] == 100
