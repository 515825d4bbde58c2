"""A cohort of several centres: the same results as of each by itself, and nothing to take away."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.regression import cox
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.centres import ALL, DIFFERENT, MOST_CURVES, STRATIFIED, UNNAMED, Centres
from reanalysis.compare.differences import compare_hazards, compare_rates
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, TooFew
from reanalysis.core.errors import NotEstimable, NotRecorded
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.figures import LINES
from reanalysis.paper.study import ENDPOINTS, LOCAL_CONTROL, OVERALL_SURVIVAL, SIZE

PRIVATE = Policy(5)


@cache
def cohort(small: int = 60, blank: int = 0) -> pd.DataFrame:
    """The synthetic cohort at three centres, of which the last may be small."""
    table = load_cohort(SYNTHETIC_COHORT)
    names = [""] * blank + ["east"] * small + ["south"] * 90
    names += ["north"] * (len(table) - len(names))
    return table.assign(centre=np.random.default_rng(3).permutation(names))


def test_the_results_of_a_centre_are_those_of_a_book_about_it() -> None:
    centres = Centres(Recomputation(cohort(), MADE_UP))
    assert (len(centres), list(centres.parts)) == (3, ["east", "north", "south"])
    for name in ("east", "north"):
        alone = Recomputation(cohort()[cohort()["centre"] == name], MADE_UP)
        rates = compare_rates(alone).set_index("Rate at 3 years, %")["This cohort"]
        row = centres.rates().loc[name]
        assert [row[e.label] for e in ENDPOINTS.values()] == list(rates)
        ratio = compare_hazards(alone, OVERALL_SURVIVAL, "univariable").loc[SIZE.contrast]
        shown = centres.hazards(OVERALL_SURVIVAL, "univariable").set_index("Variable")
        assert shown.loc[SIZE.contrast, name].startswith(f"{ratio['cohort']:.2f} (")


def test_pooled_is_what_the_book_shows_elsewhere_and_stratified_is_the_model() -> None:
    here = Recomputation(cohort(), MADE_UP)
    centres = Centres(here)
    whole = compare_rates(here).set_index("Rate at 3 years, %")["This cohort"]
    assert list(centres.rates().loc[ALL]) == list(whole)
    table = centres.hazards(OVERALL_SURVIVAL, "univariable").set_index("Variable")
    row = cox(cohort(), OVERALL_SURVIVAL, [SIZE], cohort()["centre"]).table.iloc[0]
    expected = MADE_UP.interval(row["ratio"], row["lower"], row["upper"])
    assert table.loc[SIZE.contrast, STRATIFIED] == expected
    assert 0 < float(table.loc[SIZE.contrast, DIFFERENT]) < 1
    assert float(centres.tests(OVERALL_SURVIVAL).iloc[0][STRATIFIED]) <= 1


def test_sizes_add_up_and_the_unnamed_have_their_row() -> None:
    table = Centres(Recomputation(cohort(blank=7), MADE_UP)).sizes()
    assert list(table.index) == ["east", "north", "south", UNNAMED, ALL]
    for name in ("Patients", "Deaths"):
        counts = [cell.exact for cell in table[name]]
        assert sum(counts[:-1]) == counts[-1]
    assert table.loc[UNNAMED, "Patients"] == 7


@pytest.mark.parametrize(("small", "blank"), [(3, 0), (12, 0), (60, 3), (4, 4), (60, 0)])
def test_of_a_row_of_centres_never_one_alone_is_hidden(small: int, blank: int) -> None:
    centres = Centres(Recomputation(cohort(small, blank), PRIVATE))
    sizes = centres.sizes().drop(ALL)
    for name in ("Patients", "Deaths"):
        hidden = [cell.hidden for cell in sizes[name]]
        exact = [cell.exact for cell in sizes[name]]
        assert all(h for h, k in zip(hidden, exact, strict=True) if 0 < k < 5)
        assert sum(hidden) != 1
    for _, column in centres.rates().drop(ALL).items():
        few = (column == HIDDEN).sum()
        # Alone only beside patients of no centre, who have no rate.
        assert few != 1 or blank
    for endpoint in (LOCAL_CONTROL, OVERALL_SURVIVAL):
        table = centres.hazards(endpoint, "univariable")
        own = table[list(centres.parts)]
        assert ((own == HIDDEN).sum(axis=1) != 1).all() or blank
        some = (own == HIDDEN).any(axis=1)
        assert (table.loc[some, DIFFERENT] == HIDDEN).all()


def test_a_centre_with_one_event_is_hidden_and_not_said_to_have_too_few() -> None:
    # 'Too few patients with death for a model of 1 variable' would say that there was one.
    table = cohort().sort_values("centre")
    few = table["centre"] == "east"
    table["death"] = np.where(few, few & ~few.duplicated(), table["patient_id"].str[-1] < "4")
    table = table.astype({"death": int})
    assert table.loc[few, "death"].sum() == 1
    shown = Centres(Recomputation(table, PRIVATE)).hazards(OVERALL_SURVIVAL, "univariable")
    assert (shown["east"] == HIDDEN).all()
    assert not any("too few" in sentence for sentence in shown.attrs["missing"])


def test_curves_are_those_of_centres_that_may_be_counted() -> None:
    centres = Centres(Recomputation(cohort(3), PRIVATE))
    with pytest.raises(TooFew):
        centres.curves(OVERALL_SURVIVAL)  # of two others one is hidden as well
    assert list(Centres(Recomputation(cohort(3), MADE_UP)).curves(OVERALL_SURVIVAL)) == [
        *("east", "north", "south")
    ]


def test_more_centres_than_lines_have_no_figure() -> None:
    assert len(LINES) == MOST_CURVES
    many = cohort().assign(centre=[f"c{i % 5}" for i in range(len(cohort()))])
    with pytest.raises(NotEstimable, match="5 centres are more curves"):
        Centres(Recomputation(many, MADE_UP)).curves(OVERALL_SURVIVAL)
    assert "c4" in Centres(Recomputation(many, MADE_UP)).hazards(LOCAL_CONTROL, "univariable")


def test_wards_are_no_columns() -> None:
    wards = cohort().assign(centre=[f"w{i % 25:02d}" for i in range(len(cohort()))])
    centres = Centres(Recomputation(wards, MADE_UP))
    table = centres.hazards(OVERALL_SURVIVAL, "univariable")
    assert list(table) == ["Variable", ALL, STRATIFIED, DIFFERENT]
    assert len(centres.sizes()) == 26


def test_a_cohort_of_no_centre_or_of_one_has_none_of_it() -> None:
    with pytest.raises(NotRecorded, match="Centre"):
        Centres(Recomputation(load_cohort(SYNTHETIC_COHORT), MADE_UP))
    with pytest.raises(NotEstimable, match="one centre"):
        Centres(Recomputation(cohort().assign(centre="A"), MADE_UP))


def test_what_is_not_recorded_is_a_reason_and_no_error() -> None:
    least = cohort()[["patient_id", "follow_up_months", "death", "centre"]]
    centres = Centres(Recomputation(least, MADE_UP))
    assert centres.sizes().loc[ALL, "Patients"] == Count(302, MADE_UP)
    rates = centres.rates()
    assert (rates["Local control"] == "–").all() and (rates["Overall survival"] != "–").all()
    assert "Local failure" in " ".join(rates.attrs["missing"])
    with pytest.raises(NotRecorded):
        centres.tests(LOCAL_CONTROL)
