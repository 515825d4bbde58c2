"""What a chapter writes with: it follows the policy of its cohort."""

import numpy as np
import pandas as pd
import pytest

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.analysis.survival import event_times, kaplan_meier, kaplan_meier_by
from reanalysis.cohort.policy import with_policy
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, TooFew
from reanalysis.page.counts import quantile
from reanalysis.page.here import Here
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL

PRIVATE = Policy(5)


def cohort(n: int = 40) -> pd.DataFrame:
    months = np.arange(1.0, n + 1)
    return pd.DataFrame({"follow_up_months": months, "death": (months <= 3).astype(int)})


def test_a_cohort_that_says_nothing_is_taken_for_patients() -> None:
    assert Here(cohort()).policy.hides
    assert not Here(with_policy(cohort(), MADE_UP)).policy.hides


def test_counts_parts_and_cells_follow_the_policy() -> None:
    here, frame = Here(cohort()), cohort()
    assert str(here.count(frame["death"])) == HIDDEN
    assert f"{here.count(frame)} patients" == "40 patients"
    assert str(here.count(6, beside=[here.count(3)])) == HIDDEN
    counts = pd.Series({"A": 30, "B": 7, "C": 3})
    assert [*map(str, here.parts(counts).values())] == ["30", HIDDEN, HIDDEN]
    assert here.cells(counts.to_frame()).astype(str)[0].tolist() == ["30", HIDDEN, HIDDEN]
    made_up = Here(with_policy(frame, MADE_UP))
    assert str(made_up.count(frame["death"])) == "3"


def test_a_table_hides_counts_in_its_cells_and_says_why() -> None:
    here = Here(cohort())
    table = here.table(here.cells(pd.DataFrame({"no": [20, 9], "yes": [3, 8]})), "Deaths")
    assert table.frame.astype(str).eq(HIDDEN).all(axis=None)
    assert "fewer than 5" in table.note
    assert ">hidden<" in table._repr_html_()


def test_a_quantile_is_shown_where_enough_patients_lie_on_both_sides() -> None:
    values = pd.Series([*range(1, 21), np.nan], dtype=float)
    assert quantile(values, 0, PRIVATE) == quantile(values, 1, PRIVATE) == HIDDEN
    assert (quantile(values, 0.5, PRIVATE), quantile(values, 0.5, MADE_UP)) == ("10", "10.5")
    assert quantile(values, 0.25, PRIVATE, decimals=2) == "5"
    assert quantile(values, 0.1, PRIVATE) == HIDDEN
    assert quantile(values, 0, MADE_UP) == "1.0"
    # A value that enough patients share is that of none of them.
    assert quantile(pd.Series([2.0] * 5 + [3.0] * 5), 0, PRIVATE) == "2"
    assert quantile(pd.Series([1.0, 2.0]), 0.5, PRIVATE) == HIDDEN
    assert quantile(pd.Series([np.nan]), 0.5, PRIVATE) == "–"


def test_a_mean_needs_enough_patients() -> None:
    here = Here(cohort())
    values = pd.Series([1.0, 2.0, 3.0, 4.0, np.nan])
    with pytest.raises(TooFew):
        here.enough(values)
    assert len(here.enough(pd.Series([*values, 5.0]))) == 5
    assert here.enough(pd.Series([np.nan])).empty  # nobody stands behind it
    with pytest.raises(TooFew):
        here.enough(cohort().assign(other=[1.0] * 4 + [np.nan] * 36))
    assert len(Here(with_policy(cohort(), MADE_UP)).enough(values)) == 4


def test_curves_need_enough_patients_in_each() -> None:
    here = Here(cohort())
    times = cohort().set_axis(["months", "event"], axis="columns")
    groups = pd.Series(["A"] * 36 + ["B"] * 4)
    curves = kaplan_meier_by(times, groups)
    with pytest.raises(TooFew):
        here.enough_in_each(curves)
    assert here.enough_in_each({"A": curves["A"]}) == {"A": curves["A"]}


def test_a_rate_with_few_events_by_its_month_is_not_given() -> None:
    times = pd.DataFrame({"months": np.arange(1.0, 21), "event": [1] * 3 + [0] * 10 + [1] * 7})
    curve = kaplan_meier(times)
    here = Here(cohort())
    for read in (here.rate, here.survival):
        with pytest.raises(TooFew):
            read(curve, 10)
        assert read(curve, 20) is not None
    assert here.survival(curve, 20)["survival"] == curve.at(20)["survival"]


def test_events_per_variable_are_hidden_with_the_events() -> None:
    drawn = draw_cohort(200, seed=11)
    model = Here(drawn).multivariable("overall_survival")
    variables = len(model.table)
    assert Here(drawn).events_per_variable("overall_survival") == (
        f"This cohort's model: {model.n} patients, {model.events} events, {variables} variables; "
        f"{model.events / variables:.0f} events per variable."
    )
    hiding = Here(with_policy(drawn, Policy(model.events + 1)))
    assert hiding.events_per_variable("overall_survival") == (
        f"This cohort's model: {model.n} patients, hidden events, {variables} variables."
    )


def test_a_curve_s_caption_says_what_became_of_deaths() -> None:
    """In overall survival a death is the event, in every other curve it ends the observation."""
    drawn = draw_cohort(120, seed=3)
    here = Here(drawn)
    for endpoint, exhibit, deaths, ticks in (
        (LOCAL_CONTROL, "Fig. 3A", True, "Ticks are censored patients"),
        (OVERALL_SURVIVAL, "Fig. 3B", False, "Ticks are patients alive at last follow-up"),
    ):
        caption = here.curve_figure(kaplan_meier(event_times(drawn, endpoint)), endpoint).caption
        assert caption.startswith(f"{exhibit}. Kaplan-Meier estimate of {endpoint.label.lower()}")
        assert ("deaths censored" in caption) == deaths
        assert ticks in caption
        groups = {"all": kaplan_meier(event_times(drawn, endpoint))}
        caption = here.curves_figure(groups, endpoint, "by nothing").caption
        assert ("deaths censored" in caption) == deaths
