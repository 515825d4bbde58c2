"""Whether the printed numbers can be true together: arithmetic on the register, and no cohort."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.special import ndtr

from reanalysis.core.constants import Z_95
from reanalysis.core.formatting import counts_behind, p_value, percent
from reanalysis.paper.implied import feasible
from reanalysis.paper.register import places, published, register
from reanalysis.paper.study import MODELLED
from reanalysis.paper.targets import PublishedRow, published_rows


@cache
def interval_checks() -> pd.DataFrame:
    """Hold each printed ratio against the limits and the p value beside it.

    A Wald interval is symmetric about the log ratio, and its width gives the standard error, so
    that three of the four numbers give the fourth, up to rounding.

    Returns
    -------
    pandas.DataFrame
        Index the row's id, such as ``LC.u.size``: ``row`` (its model and variable in words),
        ``printed`` (ratio and limits), ``p, printed``,
        ``ratio from limits`` (their geometric mean), ``p from limits`` (text), and ``possible``:
        whether any unrounded coefficient and standard error print as all four.
    """
    return pd.DataFrame.from_dict(
        {row.key: _interval_check(row) for row in published_rows()}, orient="index"
    ).rename_axis("id")


_MODELS = {
    f"{endpoint.short}.{model[0]}": f"{endpoint.short}, {said}"
    for endpoint in MODELLED
    for model, said in (("univariable", "alone"), ("multivariable", "full model"))
} | {"LOGIT": "No CR, logistic model"}


def _interval_check(row: PublishedRow) -> dict[str, object]:
    low, high = np.log(float(row.lower)), np.log(float(row.upper))
    z = (low + high) / 2 / ((high - low) / (2 * Z_95))
    model, _, _ = row.key.rpartition(".")
    return {
        "row": f"{_MODELS[model]}: {row.variable}",
        "printed": f"{row.ratio} ({row.lower}–{row.upper})",
        "p, printed": row.p,
        "ratio from limits": float(np.exp((low + high) / 2)),
        "p from limits": p_value(float(2 * ndtr(-abs(z)))),
        "possible": feasible(row).agrees,
    }


@cache
def percentage_checks() -> pd.DataFrame:
    """Hold each printed percentage against the number that is printed with it.

    Returns
    -------
    pandas.DataFrame
        Index the id without its ending, such as ``sex.M``: ``meaning``, ``number`` and ``printed``
        (text), ``of all patients`` (the percentage that the number gives), and ``possible wholes``:
        every whole up to all patients of which the number is the printed percentage, as text.
    """
    known = register()
    patients = int(published("N"))
    rows = {}
    for name in known.index[known.index.str.endswith(".pct")]:
        stem = name.removesuffix(".pct")
        if f"{stem}.n" not in known.index:
            continue
        printed, number = published(name), int(published(f"{stem}.n"))
        wholes = [w for w in range(1, patients + 1) if percent(number, w) == printed]
        rows[stem] = {
            "meaning": known.loc[f"{stem}.n", "meaning"],
            "number": number,
            "printed": printed,
            "of all patients": percent(number, patients),
            "possible wholes": _span(wholes),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("percentage")


def _span(wholes: list[int]) -> str:
    if not wholes:
        return "none"
    first, last = wholes[0], wholes[-1]
    return str(first) if first == last else f"{first} to {last}"


def wholes_of(printed: list[str], candidates: list[int]) -> pd.DataFrame:
    """Say which numbers of patients print as percentages, for each whole that could be meant.

    Parameters
    ----------
    printed
        Percentages without their sign.
    candidates
        Numbers of patients.

    Returns
    -------
    pandas.DataFrame
        Index ``of``, one column per percentage: the numbers as text, ``none`` where no whole number
        gives it.
    """
    rows = {
        whole: [", ".join(map(str, counts_behind(p, whole))) or "none" for p in printed]
        for whole in candidates
    }
    columns = [f"{p} %" for p in printed]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("of")


def repeated() -> pd.DataFrame:
    """Say of every number that stands in several places whether they print it alike.

    Returns
    -------
    pandas.DataFrame
        Index the id: ``places`` (how many), ``where``, ``printed`` (each way once, as text) and
        ``alike``.
    """
    groups = places().groupby("id", sort=False)
    table = pd.DataFrame(
        {
            "places": groups.size(),
            "where": groups["where"].agg(lambda texts: "; ".join(dict.fromkeys(texts))),
            "printed": groups["printed"].agg(lambda texts: " / ".join(dict.fromkeys(texts))),
            "alike": groups["printed"].agg(lambda texts: len(dict.fromkeys(texts)) == 1),
        }
    )
    return table[table["places"] > 1]


def contradictions() -> pd.DataFrame:
    """List what the paper itself excludes, with where it is printed and why.

    Returns
    -------
    pandas.DataFrame
        Index the id: ``printed``, ``where``, ``remark``.
    """
    known = register()
    return known.loc[known["status"] == "contradiction", ["printed", "where", "remark"]]
