"""A cohort and the paper side by side: rates, medians and hazard ratios, with their differences.

Where the paper prints a count or an interval, a difference carries the uncertainty of both.
Where it prints neither, its number counts as known, and the interval is that of the cohort alone.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from reanalysis.analysis.proportions import exact_interval
from reanalysis.analysis.regression import Regression, cox, univariable
from reanalysis.cohort.columns import require
from reanalysis.compare import rules
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.constants import Z_95
from reanalysis.core.disclosure import HIDDEN, MADE_UP, Policy, TooFew
from reanalysis.core.errors import CannotShow, NotEstimable, why
from reanalysis.paper.implied import feasible
from reanalysis.paper.layout import QUANTITIES, RANGES, SHARES
from reanalysis.paper.register import published
from reanalysis.paper.study import (
    ENDPOINTS,
    MULTIVARIABLE,
    RATE_MONTH,
    TERMS,
    Endpoint,
    Term,
)
from reanalysis.paper.targets import published_rows

_PAPER = ("paper", "paper lower", "paper upper")
_OURS = ("cohort", "lower", "upper")
_APART = ("relative", "relative lower", "relative upper")


def compare_rates(here: Recomputation) -> pd.DataFrame:
    """Put the paper's rates at 36 months beside those of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        One row per endpoint, in percent: ``Rate at 3 years, %``, ``Paper``, ``This cohort``
        with its pointwise 95 % interval (log-log), ``Difference`` in percentage points; the
        paper prints no interval, so its rate counts as known. ``attrs["missing"]`` says why
        a rate is missing.
    """

    def row(endpoint: Endpoint) -> tuple[str, str]:
        rate = rate_in_percent(here, endpoint)
        apart = rate - float(published(endpoint.rate_id))
        value, low, high = (float(apart[part]) for part in ("survival", "lower", "upper"))
        limits = () if has_no_interval(rate["survival"]) else (low, high)
        return print_rate(here.policy, rate), _signed(here.policy, value, *limits)

    return _beside(
        "Rate at 3 years, %",
        {e.label: (published(e.rate_id), partial(row, e)) for e in ENDPOINTS.values()},
    )


def rate_in_percent(here: Recomputation, endpoint: Endpoint) -> "pd.Series[float]":
    """Give the rate of an endpoint at 36 months as it may be shown.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.
    endpoint
        The endpoint.

    Returns
    -------
    pandas.Series
        ``survival``, ``lower``, ``upper`` in percent.

    Raises
    ------
    CannotShow
        If this cohort has no such rate; ``TooFew`` if it may not be shown.
    """
    here(endpoint.rate_id)  # raises if so few events may not be shown
    curve = here.curve(endpoint.key)
    return 100 * here.policy.fraction(curve.at(RATE_MONTH), curve.n)


def has_no_interval(rate: float) -> bool:
    """Whether a rate in percent has none: before the first event and at 0 there is no formula."""
    return rate in (0, 100)


def print_rate(policy: Policy, rate: "pd.Series[float]") -> str:
    """Print what ``rate_in_percent`` gives, with its interval where it has one."""
    value, low, high = (float(rate[part]) for part in ("survival", "lower", "upper"))
    if has_no_interval(value):
        return policy.number(value, 1)
    return policy.interval(value, low, high, decimals=1)


def compare_shares(here: Recomputation) -> pd.DataFrame:
    """Put the paper's shares of patients beside those of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        One row per entry of ``SHARES``, in percent: ``Patients, %``, ``Paper`` and
        ``This cohort`` with exact 95 % intervals, ``Difference`` in percentage points with the
        95 % interval of Newcombe (Stat Med 1998; 17: 873-890, method 10).
    """
    from statsmodels.stats.proportion import confint_proportions_2indep  # loads slowly

    total = int(published("N"))

    def row(number: str, column: str) -> tuple[str, str]:
        here(f"{number}.n")  # raises if so few patients may not be shown
        patients = here.policy.patients
        count = patients(int(here.value(f"{number}.n")))
        known = patients(int(here.cohort[column].notna().sum()))
        theirs = int(published(f"{number}.n"))
        # Imported here: it takes a second, and only one chapter compares cohorts.

        low, high = confint_proportions_2indep(
            count, known, theirs, total, method="newcomb", compare="diff"
        )
        apart = _signed(here.policy, 100 * (count / known - theirs / total), 100 * low, 100 * high)
        return _share(count, known, here.policy), apart

    return _beside(
        "Patients, %",
        {
            label: (_share(int(published(f"{n}.n")), total, MADE_UP), partial(row, n, c))
            for label, (n, c) in SHARES.items()
        },
    )


def compare_medians(here: Recomputation) -> pd.DataFrame:
    """Put the paper's medians beside those of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        One row per entry of ``QUANTITIES``: ``Median (quartiles)``, ``Paper``,
        ``This cohort``, ``Difference`` with the cohort's 95 % interval from order statistics;
        the paper's median counts as known.
    """

    def row(number: str, column: str) -> tuple[str, str]:
        values = require(here.cohort, column)[column].dropna().astype(float)
        if values.empty:
            raise NotEstimable(f"{column} is blank in every patient")
        median, q1, q3 = (float(values.quantile(q)) for q in (0.5, 0.25, 0.75))
        # Differences are those of rounded numbers: their own two digits would tell more.
        shown = (
            here.policy.quantile(values, q) for q in (median, q1, q3, *median_interval(values))
        )
        median, q1, q3, *limits = shown
        if np.isnan([median, q1, q3]).any():
            raise TooFew(here.policy.smallest)
        theirs = float(published(f"{number}.median"))
        low, high = (limit - theirs for limit in limits)
        decimals = len(published(f"{number}.median").partition(".")[2])
        ours = here.policy.interval(median, q1, q3, decimals=decimals)
        return ours, _signed(here.policy, median - theirs, low, high, decimals)

    return _beside(
        "Median (quartiles)",
        {label: (_printed_median(n), partial(row, n, c)) for label, (n, c) in QUANTITIES.items()},
    )


def median_interval(values: pd.Series) -> tuple[float, float]:
    """Limits of a median from order statistics (David & Nagaraja, Order Statistics, section 7.1).

    Parameters
    ----------
    values
        Numbers, at least one.

    Returns
    -------
    tuple of float
        The widest pair of order statistics that covers the median with at least 95 %. Below
        six values no pair does, and both are infinite.
    """
    n = len(values)
    from scipy.stats import binom

    # The k-th smallest lies above the median with probability P(B < k), B binomial (n, 1/2).
    k = int(binom.ppf(0.025, n, 0.5))
    if k < 1:
        return -np.inf, np.inf
    ordered = np.sort(values.to_numpy(dtype=float))
    return float(ordered[k - 1]), float(ordered[n - k])


def compare_hazards(here: Recomputation, endpoint: Endpoint, model: str) -> pd.DataFrame:
    """Put the paper's hazard ratios beside those of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.
    endpoint
        Local control (Table 2) or overall survival (Table 3).
    model
        ``'univariable'``, or ``'multivariable'``: the variables of the paper's model, whatever
        their p values are in this cohort.

    Returns
    -------
    pandas.DataFrame
        Index the variable. ``paper``, ``paper lower``, ``paper upper``, ``cohort``, ``lower``,
        ``upper``: hazard ratios with 95 % Wald limits; ``relative``, ``relative lower``,
        ``relative upper``: the cohort's ratio over the paper's, whose limits carry both standard
        errors. The paper's ratio and standard error in it are the centre of all that print as its
        row. Blank where the cohort has no estimate;
        ``attrs["missing"]`` says why.
    """
    models = fitted(here, endpoint, model)
    paper = {row.key: row for row in published_rows()}
    rows, reasons = {}, []
    for term in TERMS:
        printed = _printed_ratio(endpoint, model, term)
        if printed is None:
            continue
        row = dict(zip(_PAPER, printed, strict=True))
        found = models[term.column]
        few = rules.few_events(here.cohort, here.policy, endpoint.key, term.column)
        if isinstance(found, CannotShow):
            reasons.append(("", found))
        elif few:
            reasons.append((term.contrast, TooFew(here.policy.smallest)))
        else:
            estimate = here.policy.estimate(found.table.loc[term.column])
            ours = [float(estimate[part]) for part in ("ratio", "lower", "upper")]
            row |= dict(zip(_OURS, ours, strict=True))
            coef, se = feasible(paper[endpoint.row_id(model, term)]).centre
            apart = estimate["coef"] - coef
            width = Z_95 * np.hypot(estimate["se"], se)
            limits = [np.exp(apart + side * width) for side in (0, -1, 1)]
            row |= dict(zip(_APART, (here.policy.estimate(float(v)) for v in limits), strict=True))
        rows[term.contrast] = row
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=[*_PAPER, *_OURS, *_APART])
    table.attrs["missing"] = [f"–: {sentence}." for sentence in why(reasons)]
    return table


def as_text(hazards: pd.DataFrame, policy: Policy = MADE_UP) -> pd.DataFrame:
    """Print what ``compare_hazards`` gives.

    Parameters
    ----------
    hazards
        Its result.
    policy
        What may be shown of the cohort.

    Returns
    -------
    pandas.DataFrame
        Columns ``Variable``, ``Paper``, ``This cohort``, ``Cohort over paper``, each ratio with
        its 95 % interval.
    """

    def column(names: tuple[str, ...], policy: Policy) -> list[str]:
        return [policy.interval(*row) for row in hazards[list(names)].to_numpy()]

    table = pd.DataFrame(
        {
            "Variable": hazards.index,
            "Paper": column(_PAPER, MADE_UP),
            "This cohort": column(_OURS, policy),
            "Cohort over paper": column(_APART, policy),
        }
    )
    table.attrs = hazards.attrs
    return table


def fitted(
    here: Recomputation, endpoint: Endpoint, model: str, strata: pd.Series | None = None
) -> Mapping[str, Regression | CannotShow]:
    """Fit the paper's models of an endpoint to a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.
    endpoint
        Local control (Table 2) or overall survival (Table 3).
    model
        ``'univariable'``, or ``'multivariable'``: one model of the variables of the paper's.
    strata
        Groups with a baseline hazard each, such as centres.

    Returns
    -------
    dict
        By column: the model, or what stands in its way. The multivariable one is the same for each
        of its variables.
    """
    if model == "univariable":
        if strata is None:
            return here.univariable(endpoint.key)
        return univariable(here.cohort, endpoint, strata=strata)
    terms = MULTIVARIABLE[endpoint.key]
    full: Regression | CannotShow
    try:
        full = cox(here.cohort, endpoint, terms, strata)
    except CannotShow as reason:
        full = reason
    return {term.column: full for term in terms}


def _printed_ratio(endpoint: Endpoint, model: str, term: Term) -> tuple[float, float, float] | None:
    """Return the paper's hazard ratio with its limits, None where it prints none."""
    number = endpoint.row_id(model, term)
    try:
        ratio, lower, upper = (float(published(f"{number}.{part}")) for part in ("HR", "lo", "hi"))
    except KeyError:
        return None
    return ratio, lower, upper


def _beside(
    what: str, rows: Mapping[str, tuple[str, Callable[[], tuple[str, str]]]]
) -> pd.DataFrame:
    """Make a table of texts; each row has the paper's text and how the cohort's two are made."""
    lines, reasons = [], []
    for label, (printed, make) in rows.items():
        try:
            ours, apart = make()
        except TooFew:
            ours, apart = HIDDEN, HIDDEN
        except CannotShow as reason:
            ours, apart = "–", "–"
            reasons.append(("", reason))
        lines.append((label, printed, ours, apart))
    table = pd.DataFrame(lines, columns=[what, "Paper", "This cohort", "Difference"])
    table.attrs["missing"] = [f"–: {sentence}." for sentence in why(reasons)]
    return table


def _share(count: int, total: int, policy: Policy) -> str:
    low, high = exact_interval(count, total)
    return policy.interval(100 * count / total, 100 * low, 100 * high, decimals=1)


def _signed(
    policy: Policy,
    value: float,
    lower: float = -np.inf,
    upper: float = np.inf,
    decimals: int = 1,
) -> str:
    """Print a difference with its sign, and its limits with 'to', since they may be negative."""

    def text(number: float) -> str:
        # Of rounded numbers a difference has no more digits after the point than they have.
        value = round(number, decimals) + 0.0 if policy.hides else number  # and no -0
        printed = policy.number(value, decimals)
        return f"+{printed}" if number > 0 and printed.strip("0.") else printed

    first, low, high = text(value), text(lower), text(upper)
    return first if not np.isfinite([lower, upper]).all() else f"{first} ({low} to {high})"


def _printed_median(number: str) -> str:
    middle = published(f"{number}.median")
    if number in RANGES:
        return f"{middle} (range {published(f'{number}.min')}–{published(f'{number}.max')})"
    return f"{middle} ({published(f'{number}.q1')}–{published(f'{number}.q3')})"
