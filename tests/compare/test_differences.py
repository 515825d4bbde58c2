"""A cohort beside the paper: differences with intervals, and why one is missing."""

import numpy as np
import pandas as pd
import pytest
from cohorts import all_censored, minimal, ordinary

from reanalysis.cohort.derived import derive
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.differences import (
    as_text,
    compare_hazards,
    compare_medians,
    compare_rates,
    compare_shares,
    median_interval,
)
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.disclosure import MADE_UP, Policy
from reanalysis.core.errors import NotEstimable
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.figures import plot_forest
from reanalysis.paper.implied import published_coefficients
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL


@pytest.fixture(scope="module")
def synthetic() -> Recomputation:
    return Recomputation(load_cohort(SYNTHETIC_COHORT), MADE_UP)


def test_a_median_lies_between_order_statistics() -> None:
    # R: qbinom(.025, 20, .5) is 6, so that the 6th and the 15th of 20 are the limits.
    assert median_interval(pd.Series(range(1, 21))) == (6.0, 15.0)
    assert median_interval(pd.Series([1.0, 2.0, 3.0])) == (-np.inf, np.inf)


def test_the_synthetic_cohort_is_the_papers_in_every_table(synthetic: Recomputation) -> None:
    for table in (compare_shares(synthetic), compare_rates(synthetic)):
        ours = table["This cohort"].str.partition(" ")[0].astype(float)
        theirs = table["Paper"].str.partition(" ")[0].astype(float)
        assert (ours - theirs).abs().max() < 0.15
        assert table["Difference"].str.contains(" to ").all()
        assert table.attrs["missing"] == []
    assert (
        compare_medians(synthetic).set_index("Median (quartiles)").loc["AFP, ng/mL", "This cohort"]
        == "9.2 (4.1–32.6)"
    )


def test_a_difference_of_shares_has_the_interval_of_newcombe() -> None:
    cohort = pd.DataFrame({"sex": ["male"] * 70})
    table = compare_shares(Recomputation(cohort, MADE_UP)).set_index("Patients, %")
    assert table.loc["Male", "This cohort"] == "100.0 (94.9–100.0)"
    # By hand from the Wilson intervals: 94.8 to 100 % of 70, and 71.4 to 80.9 % of 231 in 302.
    lower = 23.51 - np.hypot(100 - 94.80, 80.93 - 76.49)
    upper = 23.51 + (76.49 - 71.38)
    assert table.loc["Male", "Difference"] == f"+23.5 (+{lower:.1f} to +{upper:.1f})"


def test_a_ratio_of_ratios_carries_both_standard_errors(synthetic: Recomputation) -> None:
    table = compare_hazards(synthetic, OVERALL_SURVIVAL, "multivariable")
    row = table.loc["Child-Pugh class: B against A"]
    width = np.log(row["relative upper"] / row["relative lower"])
    paper = published_coefficients(OVERALL_SURVIVAL).loc["child_pugh_class"]
    parts = [np.log(row["upper"] / row["lower"]), 2 * 1.959963984540054 * paper["se"]]
    assert width == pytest.approx(np.hypot(*parts))
    assert row["relative"] == pytest.approx(row["cohort"] / np.exp(paper["coef"]))
    assert as_text(table)["Paper"].iloc[0] == "3.13 (1.73–5.67)"


def test_what_a_cohort_cannot_give_is_a_dash_with_its_reason() -> None:
    here = Recomputation(minimal(), MADE_UP)
    rates = compare_rates(here).set_index("Rate at 3 years, %")
    assert rates.loc["Local control", "This cohort"] == "–"
    assert rates.loc["Overall survival", "This cohort"] != "–"
    assert "Local failure (local_failure)" in rates.attrs["missing"][0]
    hazards = compare_hazards(here, LOCAL_CONTROL, "multivariable")
    assert hazards["cohort"].isna().all() and hazards.attrs["missing"]
    with pytest.raises(NotEstimable, match="none of these"):
        plot_forest(hazards)


def test_nobody_with_an_event_gives_rates_without_an_interval() -> None:
    rates = compare_rates(Recomputation(derive(all_censored()), MADE_UP))
    assert set(rates["This cohort"]) == {"100.0"}
    assert rates["Difference"].iloc[0] == "+8.8"


def test_few_patients_are_hidden() -> None:
    cohort = derive(ordinary(40)).assign(rib_fracture=[1, 1, *[0] * 38])
    table = compare_shares(Recomputation(cohort, Policy(5))).set_index("Patients, %")
    assert table.loc["Rib fracture", ["This cohort", "Difference"]].tolist() == ["hidden", "hidden"]


def test_where_everybody_died_the_rate_has_no_interval() -> None:
    cohort = minimal().assign(follow_up_months=lambda c: 1.0 + np.arange(len(c)) / 4, death=1)
    rates = compare_rates(Recomputation(cohort, MADE_UP)).set_index("Rate at 3 years, %")
    row = rates.loc["Overall survival"]
    assert (row["This cohort"], row["Difference"]) == ("0.0", "-72.7")
