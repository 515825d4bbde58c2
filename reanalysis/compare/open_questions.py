"""What a reader might conclude from the synthetic cohort, as statistics with names.

A few are printed by the paper and stand here as a check; the others go beyond it. Pages take from
here the word that they may use of each, and the range that belongs beside it.
"""

from dataclasses import dataclass

import pandas as pd

from reanalysis.analysis.believable import hazard_after
from reanalysis.analysis.competing_risks import cumulative_incidence
from reanalysis.analysis.discrimination import concordance, linear_predictor
from reanalysis.analysis.fine_gray import fine_gray
from reanalysis.analysis.landmark import landmark_comparison
from reanalysis.analysis.proportionality import TOGETHER, proportional_hazards
from reanalysis.analysis.recurrence import sites_of_recurrence
from reanalysis.analysis.regression import backward_elimination, design_matrix
from reanalysis.analysis.response import cumulative_response
from reanalysis.analysis.restricted_mean import restricted_mean, restricted_mean_difference
from reanalysis.analysis.survival import event_times, kaplan_meier, logrank, reverse_kaplan_meier
from reanalysis.analysis.time_varying import cox_with_change
from reanalysis.compare.pinned import Statistic
from reanalysis.paper.study import (
    AFP,
    ALPHA,
    BCLC,
    BED,
    CHILD_PUGH,
    CR_MONTHS,
    DISTANT_MFS,
    INTRAHEPATIC_RFS,
    LOCAL_CONTROL,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    SIZE,
    Endpoint,
    Term,
)

PERCENT, MONTHS, RATIO, P, COUNT = "%", "months", "ratio", "p", "patients"


@dataclass(frozen=True)
class Question:
    """A statistic that a reader might conclude from.

    Attributes
    ----------
    name
        As the page lists it.
    statistic
        A function of a cohort.
    none
        The value that means no difference, if there is one.
    decimals
        With which values are compared and written.
    unit
        What the value is in.
    asked_for
        Whether every member of the ensemble was chosen so that it holds: the paper does not pin it
        down then, however much the members agree.
    """

    name: str
    statistic: Statistic
    none: float | None
    decimals: int
    unit: str
    asked_for: bool = False


def _rate(endpoint: Endpoint, month: float) -> Question:
    return Question(
        f"{endpoint.label} at {month:g} months",
        lambda cohort: 100 * kaplan_meier(event_times(cohort, endpoint)).at(month)["survival"],
        None,
        1,
        PERCENT,
    )


def _deaths(until: float | None) -> Question:
    def count(cohort: pd.DataFrame) -> float:
        died = event_times(cohort, OVERALL_SURVIVAL).query("event == 1")["months"]
        return float(len(died) if until is None else (died <= until).sum())

    when = "" if until is None else f" within {until:g} months"
    return Question(f"Deaths{when}", count, None, 0, COUNT)


def _gap(cohort: pd.DataFrame) -> float:
    times = event_times(cohort, LOCAL_CONTROL)
    incidence = cumulative_incidence(times, cohort[OVERALL_SURVIVAL.event])["event"]
    without = kaplan_meier(times).at(RATE_MONTH)["survival"]
    return float(100 * (1 - without - incidence[incidence.index <= RATE_MONTH].iloc[-1]))


def _difference_by(endpoint: Endpoint, term: Term) -> Question:
    return Question(
        f"{endpoint.label}: restricted mean to {RATE_MONTH} months, {term.label}, difference",
        lambda cohort: (
            restricted_mean_difference(
                event_times(cohort, endpoint), cohort[term.column], RATE_MONTH
            ).months
        ),
        0.0,
        1,
        MONTHS,
    )


def _proportional(endpoint: Endpoint) -> Question:
    def p(cohort: pd.DataFrame) -> float:
        table = proportional_hazards(cohort, endpoint, MULTIVARIABLE[endpoint.key])
        return float(table["p"][TOGETHER])

    name = f"{endpoint.label}: p of the test of proportional hazards, full model"
    return Question(name, p, ALPHA, 3, P, asked_for=True)


def _concordance(endpoint: Endpoint) -> Question:
    def of_model(cohort: pd.DataFrame) -> float:
        risk = linear_predictor(cohort, endpoint, MULTIVARIABLE[endpoint.key])
        return concordance(event_times(cohort, endpoint), risk)[0]

    return Question(f"{endpoint.label}: concordance, full model", of_model, 0.5, 2, RATIO)


def _kept(endpoint: Endpoint, term: Term) -> Question:
    def stays(cohort: pd.DataFrame) -> bool:
        steps = backward_elimination(cohort, endpoint, MULTIVARIABLE[endpoint.key])
        return term.column in steps[-1].table.index

    name = f"{endpoint.label}: {term.label} stays in backward elimination (1: yes)"
    return Question(name, stays, None, 0, "")


def _without_response(endpoint: Endpoint) -> Question:
    def ratio(cohort: pd.DataFrame) -> float:
        return float(cox_with_change(cohort, endpoint, cohort[CR_MONTHS]).table["ratio"].iloc[-1])

    name = f"{endpoint.label}: hazard after a CR over before it, CR as it happens"
    return Question(name, ratio, 1.0, 2, RATIO)


def _at_landmark(endpoint: Endpoint, month: float) -> Question:
    return Question(
        f"{endpoint.label}: hazard without CR at {month:g} months over with it, from then on",
        lambda cohort: landmark_comparison(cohort, endpoint, [month])["ratio"].iloc[0],
        1.0,
        2,
        RATIO,
    )


def _rate_in(term: Term, level: str) -> Question:
    def rate(cohort: pd.DataFrame) -> float:
        group = cohort[cohort[term.column] == level]
        return float(
            100 * kaplan_meier(event_times(group, OVERALL_SURVIVAL)).at(RATE_MONTH)["survival"]
        )

    name = f"{OVERALL_SURVIVAL.label} at {RATE_MONTH} months, {term.label} {level}"
    return Question(name, rate, None, 1, PERCENT)


def _logrank(endpoint: Endpoint, term: Term) -> Question:
    return Question(
        f"{endpoint.label}: log-rank p of {term.label}",
        lambda cohort: logrank(event_times(cohort, endpoint), cohort[term.column]),
        ALPHA,
        3,
        P,
    )


def _death_after(endpoint: Endpoint) -> Question:
    return Question(
        f"Hazard of death after {endpoint.event_in_words} over before it",
        lambda cohort: hazard_after(cohort, endpoint.key),
        1.0,
        2,
        RATIO,
        asked_for=True,
    )


def _mean_size_by_class(cohort: pd.DataFrame) -> float:
    means = cohort.groupby(CHILD_PUGH.column, observed=True)[SIZE.column].mean()
    return float(means["B"] - means["A"])


def _correlation(one: Term, other: Term) -> Question:
    def spearman(cohort: pd.DataFrame) -> float:
        both = design_matrix(cohort, [one, other])
        return float(both[one.column].corr(both[other.column], method="spearman"))

    name = f"Rank correlation of {one.label} and {other.label}"
    return Question(name, spearman, 0.0, 2, "")


def _only_intrahepatic(cohort: pd.DataFrame) -> float:
    patterns = sites_of_recurrence(cohort)["pattern"]
    return float(100 * (patterns == "intrahepatic").mean())


def _responded_by(month: float) -> Question:
    def percent(cohort: pd.DataFrame) -> float:
        curve = cumulative_response(cohort)["percent"]
        return float(curve[curve.index <= month].iloc[-1])

    return Question(
        f"CR seen by {month:g} months, of those who reach it", percent, None, 1, PERCENT
    )


QUESTIONS: tuple[Question, ...] = (
    *(_rate(LOCAL_CONTROL, month) for month in (12, 24, 36, 60)),
    *(_rate(OVERALL_SURVIVAL, month) for month in (12, 24, 36, 60)),
    *(_rate(INTRAHEPATIC_RFS, month) for month in (12, 24)),
    *(_rate(DISTANT_MFS, month) for month in (12, 24)),
    _deaths(None),
    _deaths(12),
    Question(
        "Median survival",
        lambda cohort: kaplan_meier(event_times(cohort, OVERALL_SURVIVAL)).median,
        None,
        1,
        MONTHS,
    ),
    Question(
        "Median follow-up, reverse Kaplan-Meier",
        lambda cohort: reverse_kaplan_meier(event_times(cohort, OVERALL_SURVIVAL)).median,
        None,
        1,
        MONTHS,
    ),
    Question(
        f"{OVERALL_SURVIVAL.label}: restricted mean to {RATE_MONTH} months",
        lambda cohort: restricted_mean(event_times(cohort, OVERALL_SURVIVAL), RATE_MONTH).months,
        None,
        1,
        MONTHS,
    ),
    _difference_by(OVERALL_SURVIVAL, CHILD_PUGH),
    _difference_by(OVERALL_SURVIVAL, BCLC),
    Question(
        f"Local failure by {RATE_MONTH} months: 1 - Kaplan-Meier less cumulative incidence",
        _gap,
        0.0,
        1,
        PERCENT,
    ),
    Question(
        "Local failure: subdistribution hazard ratio per cm",
        lambda cohort: fine_gray(cohort, LOCAL_CONTROL, [SIZE]).table["ratio"].iloc[0],
        1.0,
        2,
        RATIO,
    ),
    _rate_in(CHILD_PUGH, "A"),
    _rate_in(CHILD_PUGH, "B"),
    _logrank(OVERALL_SURVIVAL, CHILD_PUGH),
    _logrank(OVERALL_SURVIVAL, BCLC),
    _logrank(LOCAL_CONTROL, AFP),
    _at_landmark(OVERALL_SURVIVAL, 3),
    _at_landmark(OVERALL_SURVIVAL, 6),
    _without_response(OVERALL_SURVIVAL),
    _concordance(LOCAL_CONTROL),
    _concordance(OVERALL_SURVIVAL),
    *(_kept(OVERALL_SURVIVAL, term) for term in (CHILD_PUGH, BCLC, SIZE, BED)),
    *(_kept(LOCAL_CONTROL, term) for term in (SIZE, BED)),
    _correlation(SIZE, BED),
    Question("Mean size in Child-Pugh class B less that in A", _mean_size_by_class, 0.0, 1, "cm"),
    _responded_by(2),
    _responded_by(6),
    Question("Recurrence in the liver alone", _only_intrahepatic, None, 1, PERCENT),
    _proportional(LOCAL_CONTROL),
    _proportional(OVERALL_SURVIVAL),
    *(_death_after(endpoint) for endpoint in (LOCAL_CONTROL, INTRAHEPATIC_RFS, DISTANT_MFS)),
)


BY_NAME = {question.name: question for question in QUESTIONS}
