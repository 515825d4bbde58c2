"""Numbers of patients and events, and what rests on them, as a page prints them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.core.counts import Count, events_within, parts
from reanalysis.core.disclosure import HIDDEN, Policy, hidden_parts
from reanalysis.core.formatting import plain, rounded


def events_of(groups: Mapping[str, SurvivalCurve], policy: Policy) -> dict[str, str]:
    """Print how many patients of each group had the event, such as ``'20 of 288'``.

    Parameters
    ----------
    groups
        Estimates by label. The reader knows how many patients and events there are in all.
    policy
        What may be shown.

    Returns
    -------
    dict of str to str
        By label.
    """
    had, of = events_within({name: (g.events, g.n) for name, g in groups.items()}, policy)
    return {label: f"{had[label]} of {of[label]}" for label in groups}


def counted_columns(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Count the same patients by one variable per column.

    Parameters
    ----------
    table
        Patients by part, a variable per column; the reader knows how many they are.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell: none follows from the others of its column.
        A number that is the same in each column is hidden in all of them or in none.
    """
    mask = pd.DataFrame(
        {name: hidden_parts(list(column), policy.smallest) for name, column in table.items()},
        index=table.index,
    )
    same = table.eq(table.iloc[:, 0], axis=0).all(axis=1)
    mask[same & mask.any(axis=1)] = True
    rows = [
        [Count(number, policy, hidden=bool(hide)) for number, hide in zip(*row, strict=True)]
        for row in zip(table.to_numpy(), mask.to_numpy(), strict=True)
    ]
    return pd.DataFrame(rows, index=table.index, columns=table.columns, dtype=object)


def counted_rates(rates: pd.DataFrame, curve: SurvivalCurve, policy: Policy) -> pd.DataFrame:
    """Count the patients at risk and the events beside the rates of a curve.

    Parameters
    ----------
    rates
        As ``reanalysis.analysis.survival.rates_table`` gives it, in fractions of 1.
    curve
        The curve; the reader knows its patients.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table in percent, with a ``Count`` where patients are counted. A rate is rounded
        as a share of the curve's patients is, and hidden where its events are.
    """
    limits = ["survival", "lower", "upper"]
    result = rates.astype(object)
    shown = 100 * policy.fraction(rates[limits], curve.n)
    if policy.hides:
        shown = shown.map(lambda rate: policy.number(rate, 0), na_action="ignore")
    result[limits] = shown.astype(object)
    for name in ("events", "at risk"):
        counts = [Count(number, policy) for number in rates[name]]
        result[name] = pd.Series(counts, index=rates.index, dtype=object)
    hide = [count.hidden for count in result["events"]]
    result.loc[hide, limits] = HIDDEN
    return result


def counted_states(states: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Count where the patients stand at given months.

    Parameters
    ----------
    states
        As ``reanalysis.analysis.response.response_states`` gives it. The reader knows the number
        of all the patients.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell: no state of a month follows from the others.
    """
    now = ["CR", "died", "lost", "waiting"]
    rows = [
        [*parts(row[now].astype(int), policy).values(), Count(int(row["CR later"]), policy)]
        for _, row in states.iterrows()
    ]
    return pd.DataFrame(rows, index=states.index, columns=[*now, "CR later"], dtype=object)


def counted_landmarks(table: pd.DataFrame, patients: int, policy: Policy) -> pd.DataFrame:
    """Count the patients and the events of a comparison at landmarks.

    Parameters
    ----------
    table
        As ``reanalysis.analysis.landmark.landmark_comparison`` gives it.
    patients
        Of the whole cohort; the reader knows how many.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell that counts patients, p values as text, and
        few digits of each estimate. At no landmark do the patients with the event follow, those
        without, or those who had left before.
    """
    result = policy.estimate(table)
    result["p"] = table["p"].map(policy.p, na_action="ignore")
    groups = [str(name) for name in table.columns if f"events, {name}" in table.columns]
    cells: dict[str, list[object]] = {name: [] for g in groups for name in (g, f"events, {g}")}
    few = []
    for _, row in table.iterrows():
        if row[groups].isna().any():
            had: dict[str, Any] = dict.fromkeys(groups, pd.NA)
            of = had
        else:
            numbers = {name: (int(row[f"events, {name}"]), int(row[name])) for name in groups}
            had, of = events_within(numbers, policy, patients)
        for name in groups:
            cells[name].append(of[name])
            cells[f"events, {name}"].append(had[name])
        few.append(any(isinstance(count, Count) and count.hidden for count in had.values()))
    for name, column in cells.items():
        result[name] = pd.Series(column, index=table.index, dtype=object)
    # The width of an interval tells how many events a group had.
    for name in ("ratio", "lower", "upper", "p"):
        if any(few):
            result[name] = result[name].astype(object).mask(np.array(few), HIDDEN)
    return result


def model_size(model: Regression, curve: SurvivalCurve, policy: Policy) -> tuple[Count, Count]:
    """Count the patients of a model and their events.

    Parameters
    ----------
    model
        The model; patients with a blank are not in it.
    curve
        The curve of the same endpoint; the reader knows its patients and its events.
    policy
        What may be shown.

    Returns
    -------
    tuple of Count
        Patients and events.
    """
    return Count(model.n, policy, curve.n), Count(model.events, policy, curve.events)


def quantile(values: pd.Series, share: float, policy: Policy, decimals: int = 1) -> str:
    """Print a quantile of a variable, or that it is hidden.

    Parameters
    ----------
    values
        One per patient; blanks are left out.
    share
        0 for the smallest value, which is one patient's own, 0.5 for the median, 1 for the largest.
    policy
        What may be shown.
    decimals
        How many are printed at most.

    Returns
    -------
    str
        The value, rounded half up; ``'hidden'`` if it rests on too few patients, and ``'–'`` if
        no value is known.
    """
    known = values.dropna()
    if known.empty:
        return "–"
    value = float(known.quantile(share))
    if not policy.hides:
        return rounded(value, decimals)
    shown = policy.quantile(known, value)
    return plain(shown) if np.isfinite(shown) else HIDDEN
