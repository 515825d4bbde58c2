"""The book's estimates held against R's: how many digits agree, on which patients.

R's values are stored beside the cohorts that they are of, with the script that made them; what the
functions of the book give is computed here each time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.analysis import (
    competing_risks,
    discrimination,
    fine_gray,
    firth,
    landmark,
    prediction,
    proportionality,
    regression,
    restricted_mean,
    spline,
    survival,
    time_varying,
)
from reanalysis.cohort.derived import derive
from reanalysis.core.errors import CannotShow
from reanalysis.paper.study import (
    CHILD_PUGH,
    CR_MONTHS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    RATE_MONTHS,
    SESSIONS,
    SIZE,
    Endpoint,
    Term,
)

Values = Mapping[str, float]
MOST_DIGITS = 15.0  # what a float holds
ENOUGH = 11  # below them two machines agree
UNTIL = 24.0  # of restricted means, in months
SYNTHETIC = "synthetic"
# R's maximum was searched for, and the weights differ: of some cohorts only.
_SEARCHED = ("Firth's Cox", "Fine-Gray, cmprsk")

_TERMS = {"class": CHILD_PUGH, "size": SIZE, "sessions": SESSIONS}
_PATIENT: dict[str, float | str] = {"child_pugh_class": "B", "tumor_size_cm": 3.0, "any_cr": "yes"}


@dataclass(frozen=True)
class Estimator:
    """What is held against R.

    Attributes
    ----------
    name
        As R's values are stored by it.
    function
        Where the book has it.
    reference
        The function of R.
    convention
        What is agreed on where there are two, or what differs.
    estimate
        Called with a cohort; gives numbers by the names of R's.
    """

    name: str
    function: str
    reference: str
    convention: str
    estimate: Callable[[pd.DataFrame], Values]


def read_cohorts(path: Path, synthetic: Path) -> dict[str, pd.DataFrame]:
    """Read the cohorts that R's values are of.

    Parameters
    ----------
    path
        A file of several, told apart by its column ``cohort``.
    synthetic
        That of the synthetic cohort, of which the same columns are taken.

    Returns
    -------
    dict
        By name: a cohort with its derived columns, in the order of the file, and then
        ``synthetic``.
    """
    levels = {"child_pugh_class": ["A", "B"], "best_response": ["CR", "PR", "SD", "PD"]}
    table = pd.read_csv(path, float_precision="round_trip")
    own = pd.read_csv(synthetic, float_precision="round_trip").assign(cohort=SYNTHETIC)
    table = pd.concat([table, own[list(table)]])
    for column, names in levels.items():
        table[column] = pd.Categorical(table[column], names)
    return {
        str(name): derive(rows.drop(columns="cohort").reset_index(drop=True))
        for name, rows in table.groupby("cohort", sort=False)
    }


def read_values(folder: Path) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Read R's values and the versions that they were made with.

    Returns
    -------
    values : pandas.DataFrame
        Columns ``cohort``, ``estimator``, ``quantity`` and ``value``.
    versions : pandas.Series
        By package; and the checksum of the synthetic cohort that the values are of.
    """
    values = pd.read_csv(folder / "r_values.csv", float_precision="round_trip")
    versions = pd.read_csv(folder / "r_versions.csv", dtype=str)
    return values, versions.set_index("what")["version"]


def checksum(path: Path) -> str:
    """Return the checksum of a file, as it stands beside R's values."""
    return md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def digits(ours: float, theirs: float) -> float:
    """Count the decimal digits in which two numbers agree.

    Returns
    -------
    float
        At most 15; of numbers below 1e-12 in size the digits after the point. 15 where neither
        number exists, and 0 where one does.
    """
    if np.isnan(ours) or np.isnan(theirs):
        return MOST_DIGITS if np.isnan(ours) and np.isnan(theirs) else 0.0
    if ours == theirs:
        return MOST_DIGITS
    if not np.isfinite([ours, theirs]).all():
        return 0.0
    apart = abs(ours - theirs) / max(abs(theirs), 1e-12)
    return float(np.clip(-np.log10(apart), 0.0, MOST_DIGITS))


def agreement(cohorts: Mapping[str, pd.DataFrame], values: pd.DataFrame) -> pd.DataFrame:
    """Hold every stored value against what the book gives for the same patients.

    Parameters
    ----------
    cohorts
        By name.
    values
        R's, as ``read_values`` gives them; rows of other cohorts are left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``cohort``, ``estimator``, ``quantity``, ``R``, ``book`` (blank where it has no
        estimate) and ``digits``.
    """
    rows = []
    wanted = values[values["cohort"].isin(list(cohorts))]
    for (cohort, name), part in wanted.groupby(["cohort", "estimator"], sort=False):
        estimator = BY_NAME[str(name)]
        try:
            ours = estimator.estimate(cohorts[str(cohort)])
        except CannotShow:
            ours = {}
        for row in part.itertuples():
            value = float(ours.get(str(row.quantity), np.nan))
            theirs = float(str(row.value))
            rows.append((cohort, name, row.quantity, theirs, value, digits(value, theirs)))
    columns = ["cohort", "estimator", "quantity", "R", "book", "digits"]
    return pd.DataFrame(rows, columns=columns)


def refusals(cohorts: Mapping[str, pd.DataFrame], values: pd.DataFrame) -> pd.DataFrame:
    """List what R has no finite value of, and what the book says of it.

    Parameters
    ----------
    cohorts
        By name.
    values
        R's.

    Returns
    -------
    pandas.DataFrame
        Columns ``cohort``, ``estimator`` and ``the book says``: a reason, or nothing where it
        gives an estimate all the same.
    """
    given = set(values[["cohort", "estimator"]].itertuples(index=False, name=None))
    rows = []
    for cohort, table in cohorts.items():
        for estimator in ESTIMATORS:
            if (cohort, estimator.name) in given or estimator.name in _SEARCHED:
                continue
            try:
                estimator.estimate(table)
            except CannotShow as reason:
                rows.append((cohort, estimator.name, str(reason)))
            else:
                rows.append((cohort, estimator.name, ""))
    return pd.DataFrame(rows, columns=["cohort", "estimator", "the book says"])


def digits_by_kind(agreed: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Give the fewest digits of each estimator in each kind of cohort.

    Parameters
    ----------
    agreed
        As ``agreement`` gives it.
    kinds
        By cohort: the kind, which names a column.

    Returns
    -------
    pandas.DataFrame
        Index the estimators; one column per kind, in digits, blank where R has no value.
    """
    kind = agreed["cohort"].map(kinds)
    table = agreed.assign(kind=kind).pivot_table("digits", "estimator", "kind", aggfunc="min")
    order = [name for name in BY_NAME if name in table.index]
    return table.reindex(index=order, columns=list(dict.fromkeys(kinds.values())))


def whole_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Print digits as whole numbers, rounded down.

    Returns
    -------
    pandas.DataFrame
        Texts, ``11+`` from eleven on, where another machine may round otherwise; ``–`` where
        there is none.
    """

    def text(value: float) -> str:
        if np.isnan(value):
            return "–"
        return f"{ENOUGH}+" if value >= ENOUGH else str(int(value))

    return table.map(text)


def _times(cohort: pd.DataFrame, endpoint: Endpoint = OVERALL_SURVIVAL) -> pd.DataFrame:
    return survival.event_times(cohort, endpoint)


def _class(cohort: pd.DataFrame) -> pd.Series:
    return cohort[CHILD_PUGH.column]


def _wald(model: regression.Regression, names: Mapping[str, str]) -> Values:
    table = model.table
    return {
        f"{what} {name}": float(table.loc[column, what])  # type: ignore[arg-type]
        for name, column in names.items()
        for what in ("coef", "se", "p")
    }


def _named(terms: Mapping[str, Term]) -> dict[str, str]:
    return {name: term.column for name, term in terms.items()}


def _at_months(at: Callable[[float], Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for month in RATE_MONTHS:
        try:
            found |= {f"{what} {month}": float(value) for what, value in at(month).items()}
        except CannotShow:
            continue
    return found


def _kaplan_meier(cohort: pd.DataFrame) -> Values:
    table = survival.rates_table(survival.kaplan_meier(_times(cohort)))
    return _at_months(lambda month: table.loc[month])


def _median(cohort: pd.DataFrame) -> Values:
    curve = survival.kaplan_meier(_times(cohort))
    found = {"median": curve.median, "lower": curve.median_lower, "upper": curve.median_upper}
    return {name: value if np.isfinite(value) else np.nan for name, value in found.items()}


def _logrank(cohort: pd.DataFrame) -> Values:
    return {"p": survival.logrank(_times(cohort), _class(cohort))}


def _cox(cohort: pd.DataFrame) -> Values:
    model = regression.cox(cohort, OVERALL_SURVIVAL, list(_TERMS.values()))
    return _wald(model, _named(_TERMS))


def _logrank_stratified(cohort: pd.DataFrame) -> Values:
    return {"p": survival.logrank(_times(cohort), cohort[SESSIONS.column], _class(cohort))}


def _cox_stratified(cohort: pd.DataFrame) -> Values:
    terms = {"size": SIZE, "sessions": SESSIONS}
    model = regression.cox(cohort, OVERALL_SURVIVAL, list(terms.values()), _class(cohort))
    return _wald(model, _named(terms))


def _predicted(cohort: pd.DataFrame) -> Values:
    model = prediction.refit(cohort, OVERALL_SURVIVAL.event)
    return _at_months(lambda month: model.survival_at(_PATIENT, month))


def _landmark(cohort: pd.DataFrame) -> Values:
    row = landmark.landmark_comparison(cohort, OVERALL_SURVIVAL, [3.0]).iloc[0]
    return {"ratio": float(row["ratio"]), "p": float(row["p"])}


def _logistic_parts(cohort: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return cohort, (cohort["any_cr"] == "no").astype(float)


def _logistic(cohort: pd.DataFrame) -> Values:
    row = regression.logistic(*_logistic_parts(cohort), [SIZE]).table.iloc[0]
    return {what: float(row[what]) for what in ("coef", "se", "p")}


def _incidence(cohort: pd.DataFrame) -> Values:
    times = _times(cohort, LOCAL_CONTROL)
    table = competing_risks.incidence_with_limits(times, cohort[OVERALL_SURVIVAL.event])
    last = float(times["months"].max())
    # R leaves the limits of no event out, where the book has 0.
    limits = ["lower", "upper"]
    table[limits] = table[limits].where(table["incidence"] > 0)
    return _at_months(
        lambda month: table[table.index <= month].iloc[-1] if month <= last else table.iloc[:0].T
    )


def _fine_gray(cohort: pd.DataFrame) -> Values:
    model = fine_gray.fine_gray(cohort, LOCAL_CONTROL, [CHILD_PUGH, SIZE])
    return _wald(model, _named({"class": CHILD_PUGH, "size": SIZE}))


def _gray(cohort: pd.DataFrame) -> Values:
    known = cohort.dropna(subset=[CHILD_PUGH.column, SIZE.column])
    times = _times(known, LOCAL_CONTROL)
    statistic, p = fine_gray.grays_test(times, known[OVERALL_SURVIVAL.event], _class(known))
    return {"chi2": statistic, "p": p}


def _proportional(cohort: pd.DataFrame) -> Values:
    table = proportionality.proportional_hazards(cohort, OVERALL_SURVIVAL, list(_TERMS.values()))
    table.index = pd.Index([*_TERMS, "together"])
    return {
        f"{what} {name}": float(table[what][name]) for name in table.index for what in ("chi2", "p")
    }


def _concordance(cohort: pd.DataFrame) -> Values:
    risk = discrimination.linear_predictor(cohort, OVERALL_SURVIVAL, list(_TERMS.values()))
    times = _times(cohort)
    harrell, harrell_se = discrimination.concordance(times, risk)
    uno, uno_se = discrimination.concordance(times, risk, uno=True)
    return {"harrell": harrell, "harrell se": harrell_se, "uno": uno, "uno se": uno_se}


def _restricted(cohort: pd.DataFrame) -> Values:
    mean = restricted_mean.restricted_mean(_times(cohort), UNTIL)
    return {"months": mean.months, "se": mean.se}


def _restricted_difference(cohort: pd.DataFrame) -> Values:
    times, groups = _times(cohort), _class(cohort)
    mean = restricted_mean.restricted_mean_difference(times, groups, UNTIL)
    return {"months": mean.months, "se": mean.se, "p": mean.p}


def _time_varying(cohort: pd.DataFrame) -> Values:
    model = time_varying.cox_with_change(cohort, OVERALL_SURVIVAL, cohort[CR_MONTHS], [SIZE])
    return _wald(model, {"size": SIZE.column, "changed": time_varying.CHANGED})


def _firth_cox(cohort: pd.DataFrame) -> Values:
    row = firth.firth_cox(cohort, OVERALL_SURVIVAL, [SIZE, CHILD_PUGH]).table.iloc[0]
    return {
        "coef size": float(row["coef"]),
        "lower size": float(np.log(row["lower"])),
        "upper size": float(np.log(row["upper"])),
    }


def _firth_logistic(cohort: pd.DataFrame) -> Values:
    row = firth.firth_logistic(*_logistic_parts(cohort), [SIZE]).table.iloc[0]
    return {"coef": float(row["coef"]), "se": float(row["se"])}


def _spline(cohort: pd.DataFrame) -> Values:
    model = spline.spline_cox(cohort, OVERALL_SURVIVAL, SIZE)
    ratio = float(model.ratios(np.array([4.0]), 2.0)["ratio"].iloc[0])
    return {"chi2": model.chi2, "p": model.p, "ratio of 4 to 2 cm": ratio}


ESTIMATORS = (
    Estimator(
        "Kaplan-Meier",
        "kaplan_meier, rates_table",
        'survfit(..., conf.type = "log-log")',
        "Log-log limits; at risk just before a time. Until the first event the book's limits are "
        "1, where R has none; at 0 neither has any.",
        _kaplan_meier,
    ),
    Estimator(
        "median",
        "kaplan_meier",
        "quantile(survfit(...))",
        "The midpoint where the curve stands at exactly one half.",
        _median,
    ),
    Estimator("log-rank", "logrank", "survdiff", "", _logrank),
    Estimator("Cox", "cox", "coxph", "Ties by Efron; lifelines and R have the same default.", _cox),
    Estimator(
        "log-rank, stratified",
        "logrank",
        "survdiff(... + strata(...))",
        "Of several groups, within strata: k - 1 degrees of freedom.",
        _logrank_stratified,
    ),
    Estimator(
        "Cox, stratified",
        "cox",
        "coxph(... + strata(...))",
        "A baseline hazard for each stratum, one ratio for all.",
        _cox_stratified,
    ),
    Estimator(
        "predicted survival",
        "HazardExplorer",
        "survfit(coxph(...), newdata)",
        "Limits on the log scale, R's default.",
        _predicted,
    ),
    Estimator(
        "landmark", "landmark_comparison", "coxph", "Who leaves at the landmark is out.", _landmark
    ),
    Estimator(
        "logistic",
        "logistic",
        "glm(..., binomial)",
        "R's standard errors are those of one step before its last, unless it is begun at the "
        "estimate, as it was here.",
        _logistic,
    ),
    Estimator(
        "cumulative incidence",
        "incidence_with_limits",
        "survfit of a factor",
        "Errors by the infinitesimal jackknife; log-log limits, none at 1.",
        _incidence,
    ),
    Estimator(
        "Fine-Gray",
        "fine_gray",
        "finegray, coxph(..., cluster = patient)",
        "Robust errors by patient; without an id, R takes each row for a patient.",
        _fine_gray,
    ),
    Estimator(
        "Fine-Gray, cmprsk",
        "fine_gray",
        "cmprsk::crr",
        "Breslow's ties there, Efron's here: the digits are those of untied events.",
        _fine_gray,
    ),
    Estimator("Gray's test", "grays_test", "cmprsk::cuminc", "rho = 0", _gray),
    Estimator(
        "proportional hazards",
        "proportional_hazards",
        "cox.zph",
        "The exact score test of its version 3; lifelines has the approximation before it.",
        _proportional,
    ),
    Estimator(
        "concordance",
        "concordance",
        "concordance",
        "Equal risks count one half. Uno's weights by n/G2.",
        _concordance,
    ),
    Estimator("restricted mean", "restricted_mean", "summary(survfit, rmean)", "", _restricted),
    Estimator(
        "restricted mean difference",
        "restricted_mean_difference",
        "summary(survfit, rmean)",
        "The errors of two groups add up as squares.",
        _restricted_difference,
    ),
    Estimator(
        "time-varying",
        "cox_with_change",
        "tmerge, coxph",
        "An interval is open at its beginning: a change at the very event comes after it.",
        _time_varying,
    ),
    Estimator(
        "Firth's Cox",
        "firth_cox",
        "coxph(iter.max = 0) and optim",
        "Efron's ties; R's maximum was searched for, which gives about half of the digits.",
        _firth_cox,
    ),
    Estimator("Firth's logistic", "firth_logistic", "brglm2", "", _firth_logistic),
    Estimator(
        "spline",
        "spline_cox",
        "coxph(ns(x, 3))",
        "Knots at quantiles; another basis of the same curves.",
        _spline,
    ),
)
BY_NAME = {estimator.name: estimator for estimator in ESTIMATORS}
