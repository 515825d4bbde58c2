"""What an oncologist and a statistician would ask of a made-up cohort.

Sixteen questions that do not depend on the paper's digits: whether events come as from a hazard
without cliffs, whether the paper's own models are proportional and straight, whether a recurrence
raises the hazard of death, and whether days, images and tumours look like those of patients. A
cohort can print every published number and fail all of them.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import chi2

from reanalysis.analysis.survival import event_times
from reanalysis.core.constants import DAYS_PER_MONTH
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.paper.study import (
    DISTANT_MFS,
    ENDPOINTS,
    INTRAHEPATIC_RFS,
    LOCAL_CONTROL,
    MULTIVARIABLE,
    OVERALL_SURVIVAL,
)

Floats = npt.NDArray[np.float64]

LEAST_P = 0.05
HALF_YEAR, LAST_MONTH = 6.0, 60.0
LARGEST_JUMP = 3.5  # of the rate of intrahepatic recurrence from one half-year to the next
# Months without a death, at most: while more than 150 are at risk, and while 30 to 150 are.
QUIET, QUIET_LATE = 3.0, 6.0
# The hazard of death after a recurrence, at least and at most, as a ratio.
AFTER: Mapping[str, float] = {
    LOCAL_CONTROL.key: 1.0,
    INTRAHEPATIC_RFS.key: 1.2,
    DISTANT_MFS.key: 1.5,
}
MOST_AFTER = 8.0
FIRST_CR = 1.0  # month of the first complete response, at the earliest
_EXPECTED_EACH = 3.0  # half-years are merged until each expects so many
_SIMULATIONS = 4000


def believable(cohort: pd.DataFrame) -> pd.DataFrame:
    """Ask the sixteen questions of a cohort.

    Parameters
    ----------
    cohort
        A cohort with its derived columns, shape (n, columns).

    Returns
    -------
    pandas.DataFrame
        Index the name of each question; ``figure``, what was found (a p value, a ratio, months, a
        share or a number), ``asked``, in words, and ``ok``.
    """
    times = {key: event_times(cohort, endpoint) for key, endpoint in ENDPOINTS.items()}
    events = {key: endpoint.event_in_words for key, endpoint in ENDPOINTS.items()}
    rows: dict[str, tuple[float, str, bool]] = {}

    def ask(name: str, figure: float, asked: str, ok: bool) -> None:
        rows[name] = (float(figure), asked, bool(ok))

    for key, t in times.items():
        if key == INTRAHEPATIC_RFS.key:
            # It comes early and need not follow a Weibull hazard: its rate must not jump.
            jump = _largest_jump(t)
            asked = f"jumps by at most × {LARGEST_JUMP}"
            ask(f"smooth hazard of {events[key]}", jump, asked, jump <= LARGEST_JUMP)
        else:
            p = smooth_p(t)
            ask(f"smooth hazard of {events[key]}", p, f"p > {LEAST_P}", p > LEAST_P)
    quiet, late = longest_quiet(times[OVERALL_SURVIVAL.key])
    ask(
        "no months without a death",
        max(quiet, late * QUIET / QUIET_LATE),
        f"at most {QUIET:g} months, and twice that while 30 to 150 are at risk",
        quiet <= QUIET and late <= QUIET_LATE,
    )
    for endpoint in (LOCAL_CONTROL, OVERALL_SURVIVAL):
        p = proportional_p(cohort, times[endpoint.key], _model(cohort, endpoint.key)).min()
        ask(f"proportional hazards of {events[endpoint.key]}", p, f"p > {LEAST_P}", p > LEAST_P)
    for words, column, endpoint in (
        ("tumour size", "tumor_size_cm", OVERALL_SURVIVAL),
        ("BED", "bed10_gy", OVERALL_SURVIVAL),
        ("tumour size", "tumor_size_cm", LOCAL_CONTROL),
    ):
        p = straight_p(cohort[column].to_numpy(float), times[endpoint.key])
        question = f"straight effect of {words} on {events[endpoint.key]}"
        ask(question, p, f"p > {LEAST_P}", p > LEAST_P)
    for key, least in AFTER.items():
        ratio = hazard_after(cohort, key)
        asked = f"× {least:g} to {MOST_AFTER:g}"
        ask(f"death after {events[key]}", ratio, asked, least < ratio < MOST_AFTER)
    off = _share_not_whole_days(cohort[FOLLOW_UP])
    ask("whole days", off, "fewer than 2 % are not", off < 0.02)
    first = cohort["complete_response_months"].min()
    ask("first complete response", first, f"at {FIRST_CR:g} month or later", first >= FIRST_CR)
    steps = set((cohort["tumor_size_cm"] * 10).round().astype(int))
    empty = sum(step not in steps for step in range(10, 31))
    ask("sizes from 1 to 3 cm", empty, "no step of 0.1 cm is empty", empty == 0)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["figure", "asked", "ok"])


def events_by_half_year(times: pd.DataFrame) -> pd.DataFrame:
    """Count events by half-year to 60 months, beside what the best Weibull hazard expects.

    Parameters
    ----------
    times
        Columns ``months`` and ``event`` (``event_times``).

    Returns
    -------
    pandas.DataFrame
        Index the last month of each half-year; ``events``, ``expected`` and ``months``, those
        spent at risk by all patients together.
    """
    t = times["months"].to_numpy(float)
    event = times["event"].to_numpy(bool)
    t, event = t[t > 0], event[t > 0]

    def minus_log_likelihood(at: Floats) -> float:
        shape, scale = np.exp(at)
        log_hazard = np.log(shape / scale) + (shape - 1) * np.log(t[event] / scale)
        return float(((t / scale) ** shape).sum() - log_hazard.sum())

    start = np.array([0.0, np.log(t.sum() / max(event.sum(), 1))])
    shape, scale = np.exp(minimize(minus_log_likelihood, start, method="Nelder-Mead").x)
    edges = np.arange(0.0, LAST_MONTH + HALF_YEAR, HALF_YEAR)
    at = np.clip(t[:, None], edges[:-1], edges[1:])
    expected = (((at / scale) ** shape) - (edges[:-1] / scale) ** shape).sum(axis=0)
    # A time at an edge belongs to the half-year that it ends.
    observed = ((t[event, None] > edges[:-1]) & (t[event, None] <= edges[1:])).sum(axis=0)
    return pd.DataFrame(
        {"events": observed, "expected": expected, "months": (at - edges[:-1]).sum(axis=0)},
        index=edges[1:],
    )


def smooth_p(times: pd.DataFrame, seed: int = 1) -> float:
    """Test whether events come as from a Weibull hazard, by simulated counts around it."""
    table = events_by_half_year(times)
    each, events = table["expected"].to_numpy(float), table["events"].to_numpy(float)
    expected, observed = [0.0], [0.0]
    for i in range(len(each)):
        expected[-1] += each[i]
        observed[-1] += events[i]
        if expected[-1] >= _EXPECTED_EACH and each[i + 1 :].sum() >= _EXPECTED_EACH:
            expected.append(0.0)
            observed.append(0.0)
    e, o = np.array(expected), np.array(observed)
    drawn = np.random.default_rng(seed).poisson(e, (_SIMULATIONS, len(e)))
    return float((((drawn - e) ** 2 / e).sum(axis=1) >= ((o - e) ** 2 / e).sum()).mean())


def _largest_jump(times: pd.DataFrame) -> float:
    table = events_by_half_year(times).head(6)
    rate = np.log(((table["events"] + 0.5) / table["months"]).to_numpy(float))
    return float(np.exp(np.abs(np.diff(rate)).max()))


def longest_quiet(times: pd.DataFrame) -> tuple[float, float]:
    """Give the longest months without an event with more than 150 at risk, and with 30 to 150."""
    months = times["months"].to_numpy(float)
    at = np.sort(months[times["event"] == 1])
    at_risk = (months[None, :] >= at[:, None]).sum(axis=1)
    many, some = at[at_risk > 150], at[(at_risk <= 150) & (at_risk > 30)]
    last = many[-1:] if many.size else np.zeros(1)
    late = np.diff(np.concatenate([last, some]))
    return float(np.diff(many, prepend=0.0).max(initial=0.0)), float(late.max(initial=0.0))


def _model(cohort: pd.DataFrame, endpoint: str) -> Floats:
    """Give the covariates of the paper's multivariable model as numbers."""
    high = (cohort["afp_ng_ml"] > 20).astype(float).mask(cohort["afp_ng_ml"].isna())
    coded: dict[str, pd.Series] = {
        "child_pugh_class": cohort["child_pugh_class"] == "B",
        "bclc_stage": cohort["bclc_stage"] == "A",
        "afp_group": high,
        "any_cr": cohort["any_cr"] == "no",
    }
    names = [term.column for term in MULTIVARIABLE[endpoint]]
    return np.array([coded.get(name, cohort[name]).to_numpy(float) for name in names]).T


def cox_fit(
    x: Floats, stop: Floats, event: npt.NDArray[np.bool_], start: Floats | None = None
) -> tuple[Floats, Floats, float]:
    """Fit a Cox model with Breslow's ties by Newton steps.

    Parameters
    ----------
    x
        Covariates, shape (n, d).
    stop, event
        The end of each row's time at risk, and whether the event ended it, shape (n,).
    start
        Where the time at risk begins, shape (n,); 0 by default.

    Returns
    -------
    b, information : numpy.ndarray
        Coefficients and the observed information, shapes (d,) and (d, d).
    log_likelihood : float
        The maximum of the log partial likelihood.
    """
    x = x - x.mean(axis=0)
    at_risk = _risk_sets(stop, event, start)
    b = np.zeros(x.shape[1])
    value = -np.inf
    for _ in range(50):
        before = value
        weight = at_risk * np.exp(x @ b)
        total = weight.sum(axis=1)
        mean = (weight @ x) / total[:, None]
        second = np.einsum("en,na,nb->ab", weight / total[:, None], x, x)
        information = second - mean.T @ mean
        value = float((x[event] @ b - np.log(total)).sum())
        step = np.linalg.solve(information, (x[event] - mean).sum(axis=0))
        b = b + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        # The likelihood has no maximum where all events lie on one side: it only becomes flat.
        if np.abs(step).max() < 1e-9 or abs(value - before) < 1e-12 * abs(value):
            break
    return b, information, value


def _risk_sets(
    stop: Floats, event: npt.NDArray[np.bool_], start: Floats | None
) -> npt.NDArray[np.float64]:
    at = stop[event][:, None]
    inside = stop[None, :] >= at
    if start is not None:
        inside &= start[None, :] < at
    return inside.astype(float)


def proportional_p(cohort: pd.DataFrame, times: pd.DataFrame, x: Floats) -> pd.Series:
    """Test proportional hazards by the score test of slopes over 1 - Kaplan-Meier.

    The test of R's ``cox.zph`` (Grambsch and Therneau, Biometrika 1994; 81: 515-526, in its exact
    form).

    Parameters
    ----------
    cohort
        The cohort; rows with a missing covariate are left out.
    times
        Columns ``months`` and ``event``, the cohort's index.
    x
        Covariates, shape (n, d).

    Returns
    -------
    pandas.Series
        The p value of each covariate by its place, and of all together (``all``).
    """
    known = ~np.isnan(x).any(axis=1)
    x = x[known] - x[known].mean(axis=0)
    stop = times["months"].to_numpy(float)[known]
    event = times["event"].to_numpy(bool)[known]
    b, _, _ = cox_fit(x, stop, event)
    order = np.argsort(stop[event], kind="stable")
    at_risk = _risk_sets(stop, event, None)
    at = np.empty(event.sum())
    survival = 1.0
    for k in order:
        at[k] = 1 - survival
        survival *= 1 - 1 / at_risk[k].sum()
    at -= at.mean()
    weight = at_risk * np.exp(x @ b)
    weight /= weight.sum(axis=1)[:, None]
    mean = weight @ x
    variance = np.einsum("en,na,nb->eab", weight, x, x) - mean[:, :, None] * mean[:, None, :]
    score = (at[:, None] * (x[event] - mean)).sum(axis=0)
    plain, mixed, square = (np.einsum("e,eab->ab", at**power, variance) for power in range(3))
    left = square - mixed @ np.linalg.solve(plain, mixed)
    p = {str(a): chi2.sf(score[a] ** 2 / left[a, a], 1) for a in range(len(score))}
    p["all"] = chi2.sf(score @ np.linalg.solve(left, score), len(score))
    return pd.Series(p)


def straight_p(values: Floats, times: pd.DataFrame) -> float:
    """Test a curve beside the line of one number in a Cox model, by the likelihood ratio.

    A square where there are few different values (dose), a natural cubic spline with knots at the
    quartiles and the 5th and 95th percentiles where there are many.
    """
    stop, event = times["months"].to_numpy(float), times["event"].to_numpy(bool)
    z = (values - values.mean()) / values.std()
    if len(np.unique(values)) < 10:
        curve = z[:, None] ** 2
    else:
        knots = np.unique(np.quantile(z, [0.05, 0.5, 0.95]))
        last, before = knots[-1], knots[-2]

        def part(k: float) -> Floats:
            cubes = np.maximum(z - k, 0) ** 3 - np.maximum(z - last, 0) ** 3
            return np.asarray(cubes / (last - k), float)

        curve = np.array([part(k) - part(before) for k in knots[:-2]]).T
    _, _, straight = cox_fit(z[:, None], stop, event)
    _, _, bent = cox_fit(np.column_stack([z, curve]), stop, event)
    return float(chi2.sf(2 * (bent - straight), curve.shape[1]))


def hazard_after(cohort: pd.DataFrame, endpoint: str) -> float:
    """Give the hazard of death after an event relative to before it, as it comes (time-dependent).

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        Key of the event's endpoint.
    """
    event, month = ENDPOINTS[endpoint].event, ENDPOINTS[endpoint].months
    end = cohort[FOLLOW_UP].to_numpy(float)
    seen = np.where(cohort[event] == 1, cohort[month].astype(float), np.inf)
    after = seen < end
    stop = np.concatenate([np.minimum(seen, end), end[after]])
    start = np.concatenate([np.zeros(len(end)), seen[after]])
    x = np.concatenate([np.zeros(len(end)), np.ones(after.sum())])[:, None]
    dies = cohort["death"].to_numpy(bool)
    died = np.concatenate([dies & ~after, dies[after]])
    b, _, _ = cox_fit(x, stop, died, start)
    return float(np.exp(b[0]))


def _share_not_whole_days(months: pd.Series) -> float:
    days = months.dropna().to_numpy(float) * DAYS_PER_MONTH
    return float((np.abs(days - np.round(days)) > 0.16).mean())
