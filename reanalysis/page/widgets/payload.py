"""What the explorer sends to the browser: models, ranges and density, as plain JSON.

No patient's row is in it: coefficients, covariance, baseline, and a density of patients in
classes, of which the lowest is 'fewer than 5'.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.analysis.coarse import STEP_MONTHS, coarse_model
from reanalysis.analysis.prediction import ENDPOINTS, CoxModel, paper_model, refit
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.policy import policy_of
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import Policy, TooFew
from reanalysis.core.errors import CannotShow
from reanalysis.page.widgets.tour import steps_of_a_tour
from reanalysis.page.widgets.words import (
    KNOWN_LATER,
    TIME_AXIS,
    number,
    outcome_words,
    schedule,
)
from reanalysis.paper.layout import CHOICES
from reanalysis.paper.register import published
from reanalysis.paper.study import (
    ALPHA_BETA,
    BED,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    RATE_MONTH,
    RATE_MONTHS,
    REGIMENS,
    SESSIONS,
    SIZE,
    TERMS,
    Term,
)

CAUTION = (
    "These are associations in a retrospective cohort: they do not say what another dose "
    "would have done for the same patient."
)
# What the paper has; a cohort that has more extends it. BED in steps of 10 around 112.5 Gy.
SIZE_RANGE = (float(published("size.min")), float(published("size.max")))
BED_RANGE = (67.5, 187.5)
RANGES: dict[str, tuple[float, float]] = {
    "total_dose_gy": (20.0, 80.0),
    "fractions": (1, 10),
    "alpha_beta": (3.0, 20.0),
}
SESSIONS_RANGE = (1, 20)
SIZE_CELL, BED_CELL = 0.5, 10.0  # of the density, in cm and Gy
BED_STEP = 2.5  # of the slider, in Gy: no two regimens of the paper share one
SIZE_BAR, BED_BAR = 0.25, 2.5  # of the bars below the effects, in cm and Gy
HIGH_BED = 150.0
FEW, SOME = 5, 20  # patients in a cell of the map: a few, some, more


def models(
    cohort: pd.DataFrame, anchor: pd.DataFrame
) -> tuple[dict[str, dict[str, CoxModel]], dict[str, dict[str, str]]]:
    """Every model that the explorer can offer.

    Parameters
    ----------
    cohort
        The cohort to refit the models on.
    anchor
        The cohort that stands for the paper's patients.

    Returns
    -------
    tuple
        Models by source and outcome, and for those that cannot be offered a sentence why. A
        source without any model is not there.
    """
    offered: dict[str, dict[str, CoxModel]] = {"paper": {}, "cohort": {}}
    gaps: dict[str, dict[str, str]] = {"paper": {}, "cohort": {}}
    policy = policy_of(cohort)
    for outcome, endpoint in ENDPOINTS.items():
        offered["paper"][outcome] = paper_model(outcome, anchor)
        try:
            model = refit(cohort, outcome, policy.smallest)
            offered["cohort"][outcome] = _shown(model, cohort, policy)
        except CannotShow as reason:
            label = endpoint.label.lower()
            gaps["cohort"][outcome] = f"No model of {label} was refitted: {reason}."
    return {source: found for source, found in offered.items() if found}, gaps


def payload(cohort: pd.DataFrame, anchor: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything that the explorer needs to run without Python.

    Parameters
    ----------
    cohort
        The cohort to refit the models on, and whose patients the map shows.
    anchor
        The cohort that stands for the paper's patients.

    Returns
    -------
    tuple
        The payload, which is JSON, and the models behind it by source and outcome.
    """
    offered, gaps = models(cohort, anchor)
    policy = policy_of(cohort)
    synthetic, n = cohort.equals(anchor), len(cohort)
    size = _range(cohort, "tumor_size_cm", SIZE_RANGE, 1.0, policy)
    bed = _range(cohort, "bed10_gy", BED_RANGE, BED_CELL, policy)
    result: dict[str, Any] = {
        "n": policy.patients(len(cohort)),
        "caution": CAUTION,
        "regimens": [[regimen.total_dose_gy, regimen.fractions] for regimen in REGIMENS],
        "size": size,
        "bed": bed,
        "bed_step": BED_STEP,
        "keys": {"size": SIZE.column, "bed": BED.column},
        "numbers": {
            SIZE.column: number(size, 0.1, SIZE.column, unit="cm", digits=1),
            **schedule(RANGES),
            SESSIONS.column: number(
                SESSIONS_RANGE,
                1,
                label="Prior sessions",
                counted=("prior session", "prior sessions"),
            ),
        },
        "months": list(RATE_MONTHS),
        "time": TIME_AXIS,
        "alpha_beta": ALPHA_BETA,
        "noun": "a tumour",
        "outcomes": outcome_words(offered.values()),
        "short": {term.column: term.short for term in TERMS if term.short},
        "levels": {
            term.column: {
                "label": label,
                "note": note,
                "options": _options(term),
                "later": KNOWN_LATER.get(term.column),
            }
            for term, (label, note) in CHOICES.items()
        },
        "sources": [
            _paper_source()
            if key == "paper"
            else _cohort_source(found, gaps[key], policy, synthetic, n)
            for key, found in offered.items()
        ],
        "models": {
            source: {outcome: _model(model) for outcome, model in found.items()}
            for source, found in offered.items()
        },
        "gaps": gaps,
        "density": density(cohort, size, bed, policy),
        "rug": rug(cohort, size, bed, policy),
        "map_note": _map_note(cohort, policy),
        "tour": steps_of_a_tour("cohort" in offered),
        "nobody": f"fewer than {policy.smallest} patients" if policy.hides else "no patient",
        "cell": [SIZE_CELL, BED_CELL],
        "classes": _classes(policy),
    }
    result["order"] = {part: list(result[part]) for part in ("numbers", "outcomes", "levels")}
    if "bed10_gy" in cohort:
        high = int((cohort["bed10_gy"] >= HIGH_BED - 1e-9).sum())
        if policy.may_show(high, len(cohort)):
            result["high"] = [HIGH_BED, policy.patients(high)]
    return result, offered


def density(
    cohort: pd.DataFrame,
    size_range: tuple[float, float],
    bed_range: tuple[float, float],
    policy: Policy,
) -> dict[str, Any] | None:
    """Count the patients in cells of tumour size and BED, in classes.

    Parameters
    ----------
    cohort
        A cohort; without doses the cells are of size only, and without sizes there are none.
    size_range, bed_range
        Smallest and largest size in cm and BED in Gy that the cells have to hold.
    policy
        What may be shown: a cell with fewer patients than that is not told from an empty one.

    Returns
    -------
    dict or None
        Edges ``size`` (cm) and ``bed`` (Gy, or None); ``level`` by size and BED: 0 for nobody,
        1 for fewer than 5 patients, 2 for fewer than 20, 3 for more.
    """
    if "tumor_size_cm" not in cohort:
        return None
    sizes = np.arange(0.0, size_range[1] + SIZE_CELL, SIZE_CELL)
    sizes = sizes[sizes > size_range[0] - SIZE_CELL]
    beds = np.arange(bed_range[0], bed_range[1] + BED_CELL / 2, BED_CELL)
    known = cohort[["tumor_size_cm", *(["bed10_gy"] if "bed10_gy" in cohort else [])]].dropna()
    if "bed10_gy" in cohort:
        counts, _, _ = np.histogram2d(known["tumor_size_cm"], known["bed10_gy"], [sizes, beds])
    else:
        counts = np.histogram(known["tumor_size_cm"], sizes)[0][:, None]
    counts = np.where(counts < policy.smallest, 0, counts)
    level = np.digitize(counts, [1, *_classes(policy)])
    return {
        "size": sizes.tolist(),
        "bed": beds.tolist() if "bed10_gy" in cohort else None,
        "level": level.tolist(),
    }


def _classes(policy: Policy) -> tuple[int, int]:
    """Fewest patients of the middle and of the highest class of a cell."""
    return max(FEW, policy.smallest), max(SOME, 2 * policy.smallest)


def bars(values: pd.Series, edges: Sequence[float], policy: Policy) -> list[float]:
    """Tell where a cohort's patients are along one covariate, as heights of bars.

    Parameters
    ----------
    values
        The covariate.
    edges
        Edges of the bars, one more than there are bars; a value on an edge is in the bar above.
    policy
        What may be shown: where small numbers are hidden, a bar tells the class of its count alone,
        and one with too few patients is not told from an empty one.

    Returns
    -------
    list of float
        From 0 to 1, relative to the fullest bar or the highest class.
    """
    # A BED such as 45 (1 + 15 / 10) may lie a rounding error below the edge that it is.
    counts, _ = np.histogram(values.dropna().round(6), edges)
    if policy.hides:
        counts = np.where(counts < policy.smallest, 0, counts)
        heights = np.digitize(counts, [1, *_classes(policy)]) / 3
    else:
        heights = counts / max(counts.max(), 1)
    return [round(float(height), 4) for height in heights]


def rug(
    cohort: pd.DataFrame,
    size_range: tuple[float, float],
    bed_range: tuple[float, float] | None,
    policy: Policy,
) -> dict[str, Any] | None:
    """Tell where the cohort's patients are, below the effects of size and BED.

    Parameters
    ----------
    cohort
        A cohort.
    size_range, bed_range
        Ranges that the bars have to cover, in cm and Gy; None for no bars of the BED.
    policy
        What may be shown.

    Returns
    -------
    dict or None
        ``edges`` and ``share`` of the bars by column, and a ``note`` that explains them; None for a
        cohort without sizes.
    """
    if "tumor_size_cm" not in cohort:
        return None
    # As wide as the cells of the map where classes are shown.
    widths = (SIZE_CELL, BED_CELL) if policy.hides else (SIZE_BAR, BED_BAR)
    ranges = ((SIZE.column, size_range), (BED.column, bed_range))
    result: dict[str, Any] = {
        "note": "Grey bars: where this cohort\N{RIGHT SINGLE QUOTATION MARK}s patients are"
        + (", by class of their number. " if policy.hides else ". ")
        + "The line is dotted where there is none."
    }
    for (column, ends), width in zip(ranges, widths, strict=True):
        if column in cohort and ends is not None:
            low, high = ends
            start = width * math.floor(low / width + 1e-9)
            number_of = math.ceil((high - start) / width + 1e-9)
            edges = [round(start + width * i, 6) for i in range(number_of + 1)]
            result[column] = {"edges": edges, "share": bars(cohort[column], edges, policy)}
    return result


def _map_note(cohort: pd.DataFrame, policy: Policy) -> str:
    """Explain the map."""
    few, some = _classes(policy)
    note = (
        "All else equal, so that the ratio is 1 at the reference (ring). "
        "Dotted: the 95 % interval holds 1. "
    )
    if "tumor_size_cm" in cohort and "bed10_gy" in cohort:
        note += (
            f"Squares, small to large: fewer than {few}, {few} to {some - 1}, {some} or more of "
            f"the cohort\N{RIGHT SINGLE QUOTATION MARK}s patients within {SIZE_CELL:g} cm and "
            f"{BED_CELL:g} Gy. "
        )
    return note + "Click to move this patient."


def _shown(model: CoxModel, cohort: pd.DataFrame, policy: Policy) -> CoxModel:
    """Give a refitted model as it may be published."""
    if not policy.hides:
        return model
    times = event_times(cohort, ENDPOINTS[model.outcome])
    known = cohort[[term.column for term in model.terms]].dropna().index
    times = times[times.index.isin(known)]
    if not policy.may_show(model.events or 0):
        raise TooFew(policy.smallest)
    return coarse_model(model, times, policy.smallest)


def _range(
    cohort: pd.DataFrame, column: str, default: tuple[float, float], step: float, policy: Policy
) -> tuple[float, float]:
    """Widen a range in steps until it holds a cohort's values, but for those of too few."""
    low, high = default
    few = max(policy.smallest, 1)
    if column in cohort and len(values := cohort[column].dropna().sort_values()) >= few:
        low -= step * max(0, math.ceil((low - values.iloc[few - 1]) / step))
        high += step * max(0, math.ceil((values.iloc[-few] - high) / step))
    return max(low, 0.1), high


def _options(term: Term) -> list[list[str]]:
    return [[level, text] for level, text in zip(term.recorded_levels, term.levels, strict=True)]


def _paper_source() -> dict[str, Any]:
    local, overall = (published(e.rate_id) for e in (LOCAL_CONTROL, OVERALL_SURVIVAL))
    return {
        "key": "paper",
        "label": "Paper, Tables 2 and 3",
        "basis": (
            "Hazard ratios are the multivariable columns of the paper's Tables 2 and 3 as printed, "
            "to two decimals: per Gy of BED that is coarse, and over 40 Gy a ratio of 0.97 may "
            "stand for anything from 0.24 to 0.36. Of all ratios and standard errors that print "
            "as a row, with its interval and its p value, those in the middle are used; the "
            "correlations between coefficients are not printed and count as zero. The paper "
            "prints no baseline. The curves take their shape from the synthetic cohort, and "
            "their height is set so that the mean over its patients at "
            f"{RATE_MONTH} months is the paper's {local} % local control and "
            f"{overall} % overall survival. Their bands hold the uncertainty of the "
            "hazard ratios only, on the log(-log) scale; that of the baseline is not known."
        ),
        "course": (
            f"Only the level at month {RATE_MONTH} is set to the paper's rate; the course in time "
            "is that of the synthetic cohort."
        ),
        "largest": SIZE_RANGE[1],
        "beyond": "The paper\N{RIGHT SINGLE QUOTATION MARK}s tumours measured "
        f"{published('size.min')} to {published('size.max')} cm.",
    }


def _cohort_source(
    found: dict[str, CoxModel], gaps: dict[str, str], policy: Policy, synthetic: bool, n: int
) -> dict[str, str]:
    parts = [
        "The paper's multivariable models, refitted on the loaded cohort: "
        + "; ".join(
            f"{ENDPOINTS[outcome].label.lower()}, "
            f"{Count(model.events or 0, policy, of=model.n)} events in "
            f"{Count(model.n or 0, policy, of=n)} patients for {len(model.terms)} covariates"
            for outcome, model in found.items()
        )
        + ". Intervals of hazard ratios are Wald's, from the full covariance. Curves and their "
        "pointwise 95 % bands are what R's survfit(coxph(...), newdata) gives, uncertainty of "
        "baseline and coefficients both, on the log scale (R's default)."
    ]
    if policy.hides:
        parts.append(
            f"So that nobody is recognised, each step stands for {policy.smallest} events or more, "
            f"at the end of {STEP_MONTHS:g} months, and every coefficient has three digits."
        )
    for outcome, model in found.items():
        if model.left_out:
            reasons = "; ".join(
                reason if reason.startswith(label) else f"{label}: {reason}"
                for label, reason in model.left_out.items()
            )
            parts.append(f"Left out of the model of {ENDPOINTS[outcome].label.lower()}: {reasons}.")
    parts += gaps.values()
    if synthetic:
        parts.append(
            "The loaded cohort is the synthetic one. It was built to agree with the paper: where "
            "the two agree, that checks its construction, not the paper."
        )
    label = "Synthetic cohort, refitted" if synthetic else "This cohort, refitted"
    return {"key": "cohort", "label": label, "basis": " ".join(parts)}


def _model(model: CoxModel) -> dict[str, Any]:
    known = not model.variance.any()
    # The browser has to agree to 1e-6: what only the width of a band depends on is shorter.
    return {
        "terms": [
            [
                term.column,
                term.recorded_levels[1] if term.levels else None,
                _short(coef, 10),
                _short(center, 10),
            ]
            for term, coef, center in zip(model.terms, model.coef, model.center, strict=True)
        ],
        "cov": [[_short(value, 9) for value in row] for row in model.cov],
        "t": [int(t) if t.is_integer() else t for t in model.months.tolist()],
        "H": [_short(value, 8) for value in model.hazard],
        "V": None if known else [_short(value, 8) for value in model.variance],
        "Q": None
        if known
        else [[_short(value, 9) for value in row] for row in model.mean_hazard.T],
        "ci": model.interval,
        "end": model.last_month,
    }


def _short(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
