"""The bootstrap: the same seeds give the same numbers, here, in other processes, on a cluster."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reanalysis.analysis.bootstrap import bootstrap, resample
from reanalysis.analysis.regression import cox
from reanalysis.analysis.replicates import BATCH, of_drawn
from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.cluster import SCHEDULER_VARIABLE, scheduler_address
from reanalysis.core.errors import NotEstimable
from reanalysis.paper.study import OVERALL_SURVIVAL, SIZE


def mean_size(cohort: pd.DataFrame) -> float:
    return float(cohort["tumor_size_cm"].mean())


def log_ratio(cohort: pd.DataFrame) -> float:
    return float(cox(cohort, OVERALL_SURVIVAL, [SIZE]).table["coef"].iloc[0])


def seldom(cohort: pd.DataFrame) -> float:
    """Exist in the cohort itself and in few samples."""
    if cohort["patient_id"].nunique() < len(cohort):
        raise NotEstimable("somebody was drawn twice")
    return 1.0


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return draw_cohort(120, seed=6)


def test_the_spread_of_a_mean_is_its_standard_error(drawn: pd.DataFrame) -> None:
    found = bootstrap(drawn, mean_size, 2000, seed=1)
    assert found.estimate[0] == drawn["tumor_size_cm"].mean()
    assert found.replicates.shape == (2000, 1) and found.failed == 0
    error = drawn["tumor_size_cm"].std(ddof=0) / np.sqrt(120)
    assert found.se[0] == pytest.approx(error, rel=0.06)
    lower, upper = found.interval()
    expected = found.estimate[0] + np.array([-1, 1]) * stats.norm.isf(0.025) * error
    np.testing.assert_allclose([lower[0], upper[0]], expected, atol=0.25 * error)


def test_the_seed_decides_and_the_number_of_replicates_does_not(drawn: pd.DataFrame) -> None:
    long = bootstrap(drawn, mean_size, BATCH + 10, seed=1).replicates
    short = bootstrap(drawn, mean_size, 10, seed=1).replicates
    assert (long[:10] == short).all()
    assert (bootstrap(drawn, mean_size, 10, seed=2).replicates != short).any()
    assert len(np.unique(long)) > BATCH


def test_several_processes_give_the_same(drawn: pd.DataFrame) -> None:
    one = bootstrap(drawn, log_ratio, BATCH + 10, seed=3)
    two = bootstrap(drawn, log_ratio, BATCH + 10, seed=3, jobs=2)
    assert (one.replicates == two.replicates).all()


@pytest.mark.slow
def test_drawn_cohorts_are_those_of_their_seeds_in_their_order_in_several_processes() -> None:
    seeds, truth = range(5, 5 + BATCH + 3), {"tumor_size_cm": 0.4}
    found = of_drawn(mean_size, 20, seeds, jobs=2, death=truth)
    expected = [mean_size(draw_cohort(20, seed, death=truth)) for seed in seeds]
    assert found == expected == of_drawn(mean_size, 20, seeds, death=truth)
    assert of_drawn(mean_size, 20, []) == []


@pytest.mark.slow
def test_a_cluster_gives_the_same(drawn: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    one = bootstrap(drawn, log_ratio, BATCH + 10, seed=3)
    options = {"host": "127.0.0.1", "dashboard_address": None, "processes": True}
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:
        named = bootstrap(drawn, log_ratio, BATCH + 10, seed=3, scheduler=cluster.scheduler_address)
        monkeypatch.setenv(SCHEDULER_VARIABLE, cluster.scheduler_address)
        by_environment = bootstrap(drawn, log_ratio, BATCH + 10, seed=3)
        drawn_there = of_drawn(mean_size, 20, range(BATCH + 3), death={"tumor_size_cm": 0.4})
        assert len(cluster.scheduler.workers) == 2
    assert (one.replicates == named.replicates).all()
    assert (one.replicates == by_environment.replicates).all()
    monkeypatch.delenv(SCHEDULER_VARIABLE)
    assert drawn_there == of_drawn(mean_size, 20, range(BATCH + 3), death={"tumor_size_cm": 0.4})


def test_the_environment_names_a_cluster_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SCHEDULER_VARIABLE, raising=False)
    assert scheduler_address() == ""
    monkeypatch.setenv(SCHEDULER_VARIABLE, " tcp://127.0.0.1:8786 ")
    assert scheduler_address() == "tcp://127.0.0.1:8786"


def test_samples_without_a_statistic_are_counted(drawn: pd.DataFrame) -> None:
    with pytest.raises(NotEstimable, match="fewer than half"):
        bootstrap(drawn, seldom, 20, seed=1)
    with pytest.raises(ValueError, match="at least two"):
        bootstrap(drawn, mean_size, 1, seed=1)
    few = drawn.assign(death=[1, 1, 1, 1] + [0] * 116)
    some = bootstrap(few, log_ratio, 60, seed=1)
    assert 0 < some.failed < 30 and len(some.replicates) == 60 - some.failed


def test_a_sample_has_as_many_patients_and_an_index_of_its_own(drawn: pd.DataFrame) -> None:
    sample = resample(drawn, np.random.default_rng(0))
    assert len(sample) == 120 and sample.index.is_unique
    assert sample["patient_id"].nunique() < 100
