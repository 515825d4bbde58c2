"""Every defensible analysis of the same question: a few hundred Cox models that differ in choices.

Steegen, Tuerlinckx, Gelman & Vanpaemel, Perspect Psychol Sci 2016; 11: 702-712; drawn as Simonsohn,
Simmons & Nelson do (Nat Hum Behav 2020; 4: 1208-1214).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtrc

from reanalysis.analysis import engine
from reanalysis.analysis.regression import ESTIMATE
from reanalysis.analysis.spline import basis
from reanalysis.analysis.survival import event_times
from reanalysis.analysis.time_varying import CHANGED, split_at_change
from reanalysis.cohort.columns import require
from reanalysis.core.constants import Z_95
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import rounded
from reanalysis.paper.study import (
    AFP,
    ALPHA,
    ANY_CR,
    BCLC,
    BED,
    CHILD_PUGH,
    CR_MONTHS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    REMOVAL_P,
    SESSIONS,
    SIZE,
    Endpoint,
)

AFP_VALUE = "afp_ng_ml"
LANDMARK = 6.0  # months
PER_BED = 10.0  # Gy10 that a ratio of BED is per
KNOTS = 4  # of the spline of size: three degrees of freedom
SIZES = (2.0, 3.0)  # cm, which a ratio along the spline compares
# In the model whatever is chosen, beside what the choices are about.
ALWAYS = {LOCAL_CONTROL.key: SESSIONS, OVERALL_SURVIVAL.key: CHILD_PUGH}

CHOICES = {
    "ties": ("Efron", "Breslow"),
    "AFP": ("out", "two groups", "two groups, imputed", "logarithm"),
    "BED": ("exact", "as printed"),
    "BCLC": ("in", "out"),
    "size": ("line", "spline"),
    "response": ("anyCR", "landmark", "from its day", "out"),
    "variables": ("all", "eliminated"),
}
# The paper's own, of those: its full models, AFP in that of survival alone.
PAPERS = {
    LOCAL_CONTROL.key: ("Efron", "out", "exact", "in", "line", "anyCR", "all"),
    OVERALL_SURVIVAL.key: ("Efron", "two groups", "exact", "in", "line", "anyCR", "all"),
}

SUMMARY = ("median", "smallest", "largest", "in the model, %", "p < 0.05, %")

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _World:
    """What one way of entering the response leaves to fit: rows, their times, the variable."""

    rows: npt.NDArray[np.int_]  # places in the cohort
    entry: Vector | None
    months: Vector
    event: engine.Flags
    response: Vector | None


def multiverse(cohort: pd.DataFrame, endpoint: Endpoint) -> pd.DataFrame:
    """Fit every combination of the choices.

    Parameters
    ----------
    cohort
        A cohort.
    endpoint
        Local control or overall survival.

    Returns
    -------
    pandas.DataFrame
        One row per combination, in the order of ``CHOICES``: a column for each choice, and of
        ``size`` (per cm, or 3 cm against 2 along the spline) and of ``BED`` (per 10 Gy10)
        ``ratio``, ``lower``, ``upper`` and ``p``, as ``'size ratio'``. Blank where the elimination
        dropped the variable or the model has no estimate; ``fitted`` says which.

    Raises
    ------
    NotRecorded
        If the cohort lacks a column.
    NotEstimable
        If no patient has every variable, there are too few events for any of the models, or too
        few different sizes for a spline.
    """
    columns = [SIZE.column, BED.column, BCLC.column, AFP_VALUE, AFP.column, ANY_CR.column]
    require(cohort, *columns, CR_MONTHS, ALWAYS[endpoint.key].column, endpoint.event)
    times = event_times(cohort, endpoint)
    data = cohort.loc[times.index]
    known = data[[SIZE.column, BED.column, BCLC.column, ALWAYS[endpoint.key].column]].notna()
    data = data[known.all(axis=1) & data[ANY_CR.column].notna()]
    times = times.loc[data.index]
    if times["event"].sum() <= len(CHOICES):
        raise NotEstimable(f"too few patients with {endpoint.event_in_words} for these models")
    blocks, worlds = _blocks(data, endpoint), _worlds(data, times)
    rows = []
    for chosen in product(*CHOICES.values()):
        choice = dict(zip(CHOICES, chosen, strict=True))
        rows.append({**choice, **_fitted(choice, blocks, worlds[choice["response"]])})
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame, variable: str) -> dict[str, float]:
    """Summarize a variable over the combinations.

    Returns
    -------
    dict
        ``median``, ``smallest`` and ``largest`` ratio where it is in the model, and in percent of
        all models ``in the model``, and ``p < 0.05``.
    """
    fitted = table[table["fitted"]]
    ratio, p = fitted[f"{variable} ratio"], fitted[f"{variable} p"]
    return {
        name: float(value)
        for name, value in zip(
            SUMMARY,
            (
                ratio.median(),
                ratio.min(),
                ratio.max(),
                100 * ratio.notna().mean(),
                100 * (p < ALPHA).mean(),
            ),
            strict=True,
        )
    }


def by_choice(table: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Summarize a variable by each option of each choice, the others being anything.

    Returns
    -------
    pandas.DataFrame
        Index ``choice`` and ``option``; columns as ``summary`` has them.
    """
    rows = {
        (choice, option): summary(table[table[choice] == option], variable)
        for choice, options in CHOICES.items()
        for option in options
    }
    result = pd.DataFrame.from_dict(rows, orient="index")
    result.index = pd.MultiIndex.from_tuples(result.index, names=["choice", "option"])
    return result


def is_papers(table: pd.DataFrame, endpoint: Endpoint) -> "pd.Series[bool]":
    """Say which combination is the paper's."""
    return (table[list(CHOICES)] == list(PAPERS[endpoint.key])).all(axis=1)


def _blocks(data: pd.DataFrame, endpoint: Endpoint) -> dict[tuple[str, str], Vector]:
    """Code each option of each variable as columns, by choice and option."""
    always = ALWAYS[endpoint.key].column
    size = data[SIZE.column].to_numpy(float)
    exact = data[BED.column].to_numpy(float)
    printed = np.array([float(rounded(value)) for value in exact])
    group = _codes(data[AFP.column])
    log = np.log(np.maximum(data[AFP_VALUE].to_numpy(float), 1.0))
    knots = np.quantile(size, np.linspace(0, 1, KNOTS))
    if len(np.unique(knots)) < KNOTS:
        raise NotEstimable(f"{SIZE.label} has too few different values for a curve")
    filled = np.where(np.isnan(group), np.nanmedian(group), group)
    return {
        ("always", ""): _codes(data[always])[:, None],
        ("AFP", "two groups"): group[:, None],
        ("AFP", "two groups, imputed"): filled[:, None],
        ("AFP", "logarithm"): log[:, None],
        ("BED", "exact"): exact[:, None] / PER_BED,
        ("BED", "as printed"): printed[:, None] / PER_BED,
        ("BCLC", "in"): _codes(data[BCLC.column])[:, None],
        ("size", "line"): size[:, None],
        ("size", "spline"): basis(size, knots),
        ("size", "contrast"): np.diff(basis(np.array(SIZES), knots), axis=0),
    }


def _codes(values: pd.Series) -> Vector:
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy(float)
        return np.where(codes < 0, np.nan, codes)
    return values.to_numpy(dtype=float, na_value=np.nan)


def _worlds(data: pd.DataFrame, times: pd.DataFrame) -> dict[str, _World]:
    months, event = times["months"].to_numpy(float), times["event"].to_numpy(np.int32)
    at = data[CR_MONTHS].to_numpy(float)
    everybody = np.arange(len(data))
    late = np.flatnonzero(months > LANDMARK)
    split = split_at_change(times, data[CR_MONTHS])
    places = data.index.get_indexer(split.index)
    stop, start = split["stop"].to_numpy(float), split["start"].to_numpy(float)
    waiting = 1 - split[CHANGED].to_numpy(float)
    seen = np.where(at[late] <= LANDMARK, 0.0, 1.0)
    no_cr = _codes(data[ANY_CR.column])
    return {
        "anyCR": _World(everybody, None, months, event, no_cr),
        "landmark": _World(late, None, months[late], event[late], seen),
        "from its day": _World(places, start, stop, split["event"].to_numpy(np.int32), waiting),
        "out": _World(everybody, None, months, event, None),
    }


def _fitted(
    choice: Mapping[str, str], blocks: Mapping[tuple[str, str], Vector], world: _World
) -> dict[str, float]:
    names = ["always", "size", "BED"]
    options = {"always": "", "size": choice["size"], "BED": choice["BED"]}
    for name in ("AFP", "BCLC"):
        if choice[name] != "out":
            names.append(name)
            options[name] = choice[name]
    parts = {name: blocks[name, options[name]][world.rows] for name in names}
    if world.response is not None:
        parts["response"] = world.response[:, None]
    keep = ~np.isnan(np.hstack(list(parts.values()))).any(axis=1)
    # Centred, so that no column is nearly constant.
    parts = {name: part[keep] - part[keep].mean(axis=0) for name, part in parts.items()}
    entry = None if world.entry is None else world.entry[keep]
    blank = {f"{name} {what}": np.nan for name in ("size", "BED") for what in ESTIMATE}
    try:
        found = _model(parts, world.months[keep], world.event[keep], entry, choice)
    except engine.NoFit:
        return blank | {"fitted": False}
    contrast = {"size": np.ones(1), "BED": np.ones(1)}
    if choice["size"] == "spline":
        contrast["size"] = blocks["size", "contrast"][0]
    for name, (coef, covariance) in found.items():
        if name in contrast:
            c = contrast[name]
            log, se = float(c @ coef), float(np.sqrt(c @ covariance @ c))
            ends = np.exp([log, log - Z_95 * se, log + Z_95 * se])
            p = engine.two_sided_p(log / se)
            values = zip(ESTIMATE, (*map(float, ends), p), strict=True)
            blank |= {f"{name} {what}": value for what, value in values}
    return blank | {"fitted": True}


def _model(
    parts: Mapping[str, Vector],
    months: Vector,
    event: engine.Flags,
    entry: Vector | None,
    choice: Mapping[str, str],
) -> dict[str, tuple[Vector, Vector]]:
    """Fit, and eliminate if that is chosen; give coefficients and covariance of what is left."""
    left = dict(parts)
    ties: Literal["efron", "breslow"] = "breslow" if choice["ties"] == "Breslow" else "efron"
    while left:
        fit = engine.cox(months, event, np.hstack(list(left.values())), entry, ties=ties)
        found, start = {}, 0
        for name, part in left.items():
            at = np.arange(start, start + part.shape[1])
            found[name] = fit.coef[at], fit.covariance[np.ix_(at, at)]
            start += part.shape[1]
        p = {name: _wald_p(*estimate) for name, estimate in found.items()}
        weakest = max(p, key=p.__getitem__)
        if choice["variables"] == "all" or p[weakest] < REMOVAL_P:
            return found
        del left[weakest]
    return {}


def _wald_p(coef: Vector, covariance: Vector) -> float:
    """Test that a variable's coefficients, one or several, are all 0."""
    return float(chdtrc(len(coef), coef @ np.linalg.solve(covariance, coef)))
