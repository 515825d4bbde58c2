"""New cohorts from a generative model whose true coefficients are known.

The synthetic cohort of the book is one fixed table. This module draws as many others as one
likes, to see what chance alone does to an estimate. The model, in the order of drawing:

1. Patient and tumour, with the margins of Table 1 and eligible under the paper's criteria:
   BCLC stage 0 needs a tumour of at most 2 cm, Child-Pugh class A and ECOG 0.
2. Not reaching CR: logistic in tumour size, odds ratio 1.83 per cm, 4.6 % in all.
3. Local failure and death: each with a proportional hazard ``h0(t) exp(b'x)``, ``b`` the middle of
   what prints as the paper's multivariable models. The baseline is that of a Weibull distribution,
   from the day on which the event can first be seen, and set so that the average
   patient-survival at 36 months is the paper's: no cliffs.
4. Intrahepatic recurrence and distant metastasis: hazards that give the paper's rates at 36 months.
   Whoever dies early recurs early, too, by correlated times (a Gaussian copula).
5. End of follow-up, independent of everything else; time to CR, from the first image on, before
   local failure and before the end of follow-up. All times are whole days.
6. What enters no model: earlier treatments, each kind of which takes a session; one tumour at the
   last TACE rather after few sessions; the agent of the last TACE, independent of all else, and
   the response to it, PD rather in those without CR; one of 302 without AFP; salvage of a local
   failure without another recurrence; a transplantation that ends the follow-up of one in a
   hundred; toxicity, of the liver rather in Child-Pugh class B.
7. Every other column of the data dictionary, by what the dictionary says of it and independent of
   all else: levels evenly, an event in one of ten, numbers evenly between the usual medians or
   else the limits, times evenly over the follow-up, and only where the column is filled at all.

The shares of levels are those of the register of published numbers. What the paper does not
print (the shape of the distributions, independence of variables that it never crosses) is chosen
for simplicity, and no conclusion should rest on it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, log_ndtr

from reanalysis.analysis.response import isolated_failures
from reanalysis.cohort.columns import is_level
from reanalysis.cohort.derived import derive
from reanalysis.cohort.policy import with_policy
from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import FOLLOW_UP, PATIENT, Column, load_dictionary
from reanalysis.core.disclosure import MADE_UP
from reanalysis.core.dose import bed_gy
from reanalysis.paper.implied import published_coefficients
from reanalysis.paper.register import published, register
from reanalysis.paper.study import (
    DISTANT_MFS,
    INTRAHEPATIC_RFS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    REGIMENS,
    Endpoint,
)

# Mean and standard deviation of the end of follow-up, for quartiles of about 24, 33 and 42 months.
FOLLOWED = (38.0, 12.5)
# Months until an event can first be seen, and the shape of the Weibull hazard from then on: 1 is
# constant. A local failure is seen at the image after the one that showed a response.
FIRST_SEEN = {
    LOCAL_CONTROL.key: (2.5, 0.95),
    OVERALL_SURVIVAL.key: (1.5, 1.1),
    INTRAHEPATIC_RFS.key: (1.9, 0.9),
    DISTANT_MFS.key: (1.9, 0.9),
}
# Correlation of the time of a recurrence with that of death, on the normal scale.
WITH_DEATH = {INTRAHEPATIC_RFS.key: 0.3, DISTANT_MFS.key: 0.35}
FIRST_RESPONSE = 1.2  # months: the earliest image
PD_WITHOUT_CR = 4.0  # how much more often the last TACE was followed by PD in those without CR
TRANSPLANTED = 0.01  # the paper says that it happened and not how often
SELDOM = 0.1  # share of patients with what nothing is known about
FRAGILE = 5.0  # relative risk of hepatic toxicity, Child-Pugh class B against A


def draw_cohort(
    n: int,
    seed: int,
    *,
    local_failure: Mapping[str, float] | None = None,
    death: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Draw a cohort from the generative model of this module.

    Parameters
    ----------
    n
        Number of patients.
    seed
        The same seed gives the same cohort.
    local_failure, death
        True log hazard ratios by column of the cohort (levels coded 0 for the reference and 1
        for the other); by default those of the paper's multivariable models.

    Returns
    -------
    pandas.DataFrame
        ``n`` rows in all columns of the data dictionary, in its order, and the derived ones.
        Everything may be shown of them: they were made up.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or a column is not among those of the paper's models.
    """
    if n < 1:
        raise ValueError(f"a cohort has at least one patient, not {n}")
    random = np.random.default_rng(seed)
    cohort = _patients(random, n)
    rest = random.spawn(1)[0]  # for what enters no model: what does enter it stays as it is
    cohort = cohort.assign(**_earlier_treatment(rest, cohort))
    covariates = _covariates(cohort)
    last = np.clip(random.normal(*FOLLOWED, n), 3, 75)
    fate = random.normal(size=n)
    death = _coefficients(OVERALL_SURVIVAL, death, covariates)
    dies = _event_times(OVERALL_SURVIVAL, fate, covariates, death)
    failure = _coefficients(LOCAL_CONTROL, local_failure, covariates)
    times = {LOCAL_CONTROL: _event_times(LOCAL_CONTROL, random.normal(size=n), covariates, failure)}
    for endpoint in (INTRAHEPATIC_RFS, DISTANT_MFS):
        together = WITH_DEATH[endpoint.key]
        own = together * fate + np.sqrt(1 - together**2) * random.normal(size=n)
        times[endpoint] = _event_times(endpoint, own, covariates, {})
    follow_up = _whole_days(np.minimum(dies, last))
    cohort["death"] = (dies <= last).astype(int)
    cohort["follow_up_months"] = follow_up
    for endpoint, months in times.items():
        happened = _whole_days(months) <= follow_up
        cohort[endpoint.event] = happened.astype(int)
        cohort[endpoint.months] = np.where(happened, _whole_days(months), np.nan)
    cohort["complete_response_months"] = _response_times(
        random, cohort, np.minimum(times[LOCAL_CONTROL], np.minimum(dies, last))
    )
    without_afp = rest.random(n) < 1 / float(published("N"))
    cohort["afp_ng_ml"] = cohort["afp_ng_ml"].mask(without_afp)
    cohort = cohort.assign(**_afterwards(rest, cohort), **_toxicity(rest, cohort))
    columns = load_dictionary().columns
    for name, column in columns.items():
        if name not in cohort:
            cohort[name] = _by_type(rest, cohort, column)
    return with_policy(derive(cohort[list(columns)]), MADE_UP)


def _printed_share(column: str, level: str) -> float:
    """Return the published share of a level, not a number where none is printed."""
    printed = _by_recipe()
    if (count := f"count {column} {level}") in printed:
        return float(printed[count]) / float(published("N"))
    if (percent := f"percent {column} {level}") in printed:
        return float(printed[percent]) / 100
    return np.nan


@cache
def _by_recipe() -> pd.Series:
    """Return the published numbers by their recipes."""
    return register().drop_duplicates("recipe").set_index("recipe")["printed"]


def _shares(column: str, levels: Iterable[str]) -> np.ndarray:
    """Give the published share of each level; one that is not printed has what is left."""
    shares = pd.Series({level: _printed_share(column, level) for level in levels})
    return shares.fillna(1 - shares.sum()).to_numpy(float)


def _draw_levels(random: np.random.Generator, n: int, column: str) -> pd.Categorical:
    """Draw a column of levels as often as published."""
    levels = load_dictionary().columns[column].levels
    shares = _shares(column, levels)
    return pd.Categorical(random.choice(levels, n, p=shares / shares.sum()), list(levels))


def _happens(random: np.random.Generator, share: float, risk: np.ndarray) -> np.ndarray:
    """Draw 0 or 1 for each patient, from the mean probability and relative risks."""
    probability = share * risk / risk.mean()
    return np.where(random.random(len(risk)) < probability, 1, 0)


def _earlier_treatment(
    random: np.random.Generator, cohort: pd.DataFrame
) -> dict[str, pd.Categorical]:
    """Draw what was done before SBRT, given the number of sessions and the response to come."""
    sessions = cohort["prior_sessions"]
    n = len(sessions)
    treatments = np.array(load_dictionary().columns["prior_treatments"].levels, object)
    shares = _shares("prior_treatments", treatments)
    kinds = np.array([treatment.count("+") + 1 for treatment in treatments])
    prior = np.full(n, "TACE", object)
    # Three kinds of treatment first: two can be had by whoever is left with two sessions.
    for number in (3, 2):
        p = shares * (kinds == number)
        able = (prior == "TACE") & (sessions >= number).to_numpy()
        chosen = able & (random.random(n) < p.sum() * n / max(able.sum(), 1))
        prior[chosen] = random.choice(treatments, chosen.sum(), p=p / p.sum())
    single = _happens(
        random,
        _shares("tumor_multiplicity", ["single"])[0],
        1 / (1 + sessions.to_numpy(float)),
    )
    return {
        "tumor_multiplicity": _level(np.where(single, "single", "multiple"), "single multiple"),
        "prior_treatments": pd.Categorical(prior, list(treatments)),
        "tace_agent": _draw_levels(random, n, "tace_agent"),
        "last_tace_response": _last_tace(random, (cohort["best_response"] != "CR").to_numpy()),
    }


def _last_tace(random: np.random.Generator, no_cr: np.ndarray) -> pd.Categorical:
    """Draw the response to the last TACE: PD more often in those who will not reach CR."""
    levels = load_dictionary().columns["last_tace_response"].levels
    shares = _shares("last_tace_response", levels)
    shares = shares / shares.sum()
    worse = shares * np.where(np.array(levels) == "PD", PD_WITHOUT_CR, 1.0)
    worse /= worse.sum()
    # The others have what is left, so that each level is as often as published in all.
    share = no_cr.mean()
    better = (shares - share * worse).clip(0) / max(1 - share, 1e-9)
    better = better / better.sum() if better.sum() else shares
    drawn = np.where(
        no_cr,
        random.choice(levels, len(no_cr), p=worse),
        random.choice(levels, len(no_cr), p=better),
    )
    return pd.Categorical(drawn, list(levels))


def _afterwards(
    random: np.random.Generator, cohort: pd.DataFrame
) -> dict[str, pd.Series | pd.Categorical]:
    """Draw what followed a failure without another recurrence, and transplantations."""
    isolated = cohort.index.isin(isolated_failures(cohort).index)
    treatments = ["TACE", "resection", "RT"]
    numbers = ["lf.isolated.TACE", "lf.isolated.resection", "lf.isolated.PVTTdied"]
    p = np.array([float(published(number)) for number in numbers])
    salvage = random.choice(treatments, len(cohort), p=p / p.sum())
    able = (cohort["death"] == 0) & (cohort["local_failure"] == 0)
    transplanted = able & (random.random(len(cohort)) < TRANSPLANTED)
    return {
        "transplant_months": cohort["follow_up_months"].where(transplanted),
        "salvage_treatment": _level(np.where(isolated, salvage, ""), "none TACE resection RT"),
    }


def _toxicity(random: np.random.Generator, cohort: pd.DataFrame) -> dict[str, np.ndarray]:
    """Draw toxicity; whoever's Child-Pugh score worsened by 2 had hepatic toxicity, too."""
    n = len(cohort)
    fragile = np.where(cohort["child_pugh_class"] == "B", FRAGILE, 1.0)
    patients, toxic, worse = (float(published(key)) for key in ("N", "tox.enzyme.n", "tox.cp2.n"))
    enzymes = _happens(random, toxic / patients, fragile)
    ones = np.ones(n)
    events = {
        column.name: _happens(random, share, ones)
        for column in load_dictionary().columns.values()
        if column.type == "event" and column.name not in cohort
        if not np.isnan(share := _printed_share(column.name, "1"))
    }
    return {
        "hepatic_toxicity_grade": 2 * enzymes,
        "child_pugh_increase": 2 * enzymes * _happens(random, worse / toxic, ones),
        **events,
    }


def _by_type(random: np.random.Generator, cohort: pd.DataFrame, column: Column) -> pd.Series:
    """Draw a column that no model is about, by what the data dictionary says of it."""
    n = len(cohort)
    if column.type == "level":
        drawn = pd.Series(_draw_levels(random, n, column.name), cohort.index)
    elif column.type == "event":
        drawn = pd.Series(_happens(random, SELDOM, np.ones(n)), cohort.index)
    elif column.within_follow_up:
        drawn = cohort[FOLLOW_UP] * random.random(n)
        if not column.condition:  # nothing says who has it
            drawn = drawn.where(random.random(n) < SELDOM)
    elif column.is_numeric:
        drawn = pd.Series(_numbers(random, n, column), cohort.index)
    else:  # a label is that of the patient, and nothing is made up as free text
        drawn = cohort[PATIENT] if column.type == "id" else pd.Series("", cohort.index)
    if not column.condition:
        return drawn
    other, level = column.condition
    return drawn.where(is_level(cohort[other], level))


def _numbers(random: np.random.Generator, n: int, column: Column) -> np.ndarray:
    """Draw evenly between the usual medians of a column, or else between its limits."""
    least = 0.0 if column.minimum is None else column.minimum
    most = least + 10 if column.maximum is None else column.maximum
    low, high = column.usual_median or (least, most)
    low, high = max(low, least), min(high, most)
    if column.type == "integer":
        return random.integers(int(np.ceil(low)), int(high), n, endpoint=True)
    # Three digits: nobody measures more.
    decimals = max(0, 2 - int(np.floor(np.log10(high - low)))) if high > low else 2
    return np.clip(np.round(random.uniform(low, high, n), decimals), low, high)


def _patients(random: np.random.Generator, n: int) -> pd.DataFrame:
    """Draw what is known before SBRT, and whether CR will be reached."""
    fit = _shares("ecog_group", ["0"])[0]
    # The paper has ECOG 1 and 2 as one; most of them will have had 1.
    ecog = random.choice(["0", "1", "2"], n, p=[fit, 0.75 * (1 - fit), 0.25 * (1 - fit)])
    child_pugh = np.where(random.random(n) < _shares("child_pugh_class", ["B"])[0], "B", "A")
    size = _truncated(n, lambda k: 2.0 * np.exp(random.normal(0, 0.44, k)), 0.7, 6.9)
    size = np.round(size, 1)
    could_be_stage_0 = (size <= 2.0) & (child_pugh == "A") & (ecog == "0")
    given = [float(published(f"{r.patients_id}.n")) for r in REGIMENS]
    regimen = random.choice(len(REGIMENS), n, p=np.array(given) / float(published("N")))
    # Quartiles of 4.1, 9.2 and 32.6: the upper half spreads more than the lower.
    z = random.normal(size=n)
    afp = 9.2 * np.exp(np.where(z < 0, 1.2, 1.88) * z)
    no_cr = random.random(n) < expit(-4.5 + np.log(1.83) * size)
    without = ["PR", "SD", "PD"]
    p = _shares("best_response", without)
    response = np.where(no_cr, random.choice(without, n, p=p / p.sum()), "CR")
    return pd.DataFrame(
        {
            "patient_id": [f"D{i + 1:0{len(str(n))}d}" for i in range(n)],
            "age": _truncated(n, lambda k: random.normal(63, 10, k), 37, 90).round(),
            "sex": _draw_levels(random, n, "sex"),
            "ecog_ps": _level(ecog, "0 1 2"),
            "child_pugh_class": _level(child_pugh, "A B"),
            "etiology": _draw_levels(random, n, "etiology"),
            "bclc_stage": _level(np.where(could_be_stage_0, "0", "A"), "0 A"),
            "tumor_size_cm": size,
            "afp_ng_ml": afp.round(1),
            "prior_sessions": 1 + random.negative_binomial(1.0, 0.3, n),
            "total_dose_gy": np.array([r.total_dose_gy for r in REGIMENS])[regimen],
            "fractions": np.array([r.fractions for r in REGIMENS])[regimen],
            "best_response": _level(response, "CR PR SD PD"),
        }
    )


def _covariates(cohort: pd.DataFrame) -> pd.DataFrame:
    """Code the variables of the models as numbers, 0 for the reference level."""
    return pd.DataFrame(
        {
            "child_pugh_class": (cohort["child_pugh_class"] == "B").astype(float),
            "bclc_stage": (cohort["bclc_stage"] == "A").astype(float),
            "tumor_size_cm": cohort["tumor_size_cm"],
            "afp_group": (cohort["afp_ng_ml"] > 20).astype(float),
            "prior_sessions": cohort["prior_sessions"].astype(float),
            "bed10_gy": bed_gy(cohort["total_dose_gy"], cohort["fractions"]),
            "any_cr": (cohort["best_response"] != "CR").astype(float),
        }
    )


def _coefficients(
    endpoint: Endpoint, given: Mapping[str, float] | None, covariates: pd.DataFrame
) -> Mapping[str, float]:
    if given is None:
        printed = published_coefficients(endpoint)["coef"]
        return {str(column): float(value) for column, value in printed.items()}
    known = [str(column) for column in covariates.columns]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(
            f"no coefficient can be set for {', '.join(unknown)}; only for {', '.join(known)}"
        )
    return given


def _event_times(
    endpoint: Endpoint,
    deviate: np.ndarray,
    covariates: pd.DataFrame,
    coefficients: Mapping[str, float],
) -> np.ndarray:
    """Give months to the event under a Weibull baseline hazard, by a normal deviate each."""
    centred = covariates - covariates.mean()
    relative = np.exp(sum((b * centred[name] for name, b in coefficients.items()), start=0.0))
    relative = np.broadcast_to(np.asarray(relative, dtype=float), len(covariates))
    target = float(published(endpoint.rate_id)) / 100
    first, shape = FIRST_SEEN[endpoint.key]

    def excess(log_hazard: float) -> float:
        survival = np.exp(-np.exp(log_hazard) * (RATE_MONTH - first) ** shape * relative)
        return float(survival.mean() - target)

    baseline = float(np.exp(brentq(excess, -30, 10)))
    months: np.ndarray = first + (-log_ndtr(-deviate) / (baseline * relative)) ** (1 / shape)
    return months


def _whole_days(months: np.ndarray) -> np.ndarray:
    """Give the end of the day on which something happened, in months."""
    days: np.ndarray = np.ceil(months * DAYS_PER_MONTH)
    return days / DAYS_PER_MONTH


def _response_times(
    random: np.random.Generator, cohort: pd.DataFrame, before: np.ndarray
) -> np.ndarray:
    """Draw months to CR, each before the failure and the end of follow-up of its patient.

    From the first image on a Weibull distribution with about the paper's quartiles (1.9, 3.4 and
    4.7 months), drawn by inversion below each patient's bound, a day before.
    """
    shape, scale = 1.15, 3.3
    last = np.asarray(before) - 2 / DAYS_PER_MONTH - FIRST_RESPONSE
    bound = 1 - np.exp(-((last / scale) ** shape))
    after = scale * (-np.log1p(-random.random(len(cohort)) * bound)) ** (1 / shape)
    return np.where(cohort["best_response"] == "CR", _whole_days(FIRST_RESPONSE + after), np.nan)


def _truncated(n: int, draw: Callable[[int], np.ndarray], low: float, high: float) -> np.ndarray:
    """Draw until ``n`` values lie within the limits."""
    values = draw(n)
    while (outside := (values < low) | (values > high)).any():
        values[outside] = draw(int(outside.sum()))
    return values


def _level(values: np.ndarray, levels: str) -> pd.Categorical:
    return pd.Categorical(values, levels.split())
