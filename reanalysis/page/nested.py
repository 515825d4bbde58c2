"""Numbers of patients in groups that lie within each other: what is counted month by month.

A count up to one month is part of the count up to the next. Both may be large while few patients
lie between them, so that each of them must be seen beside the others.
"""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import (
    HIDDEN,
    Policy,
    Sum,
    hidden,
    hidden_in_table,
    hidden_parts,
    may_show,
)
from reanalysis.core.formatting import percent


def nested(counts: Mapping[Hashable, int], policy: Policy) -> dict[Hashable, Count]:
    """Count groups of which each lies within the next.

    Parameters
    ----------
    counts
        Patients by group, from the smallest to the largest, which the reader knows.
    policy
        What may be shown.

    Returns
    -------
    dict
        By group, in the same order: neither a count nor the difference of two of them tells of
        fewer patients than may be shown.
    """
    so_far = [int(number) for number in counts.values()]
    n = len(so_far)
    steps = np.diff([0, *so_far]).tolist()
    sums = [(n + i, range(i + 1)) for i in range(n)]
    mask = hidden(
        [*steps, *so_far], sums, policy.smallest, public=[2 * n - 1], unpublished=range(n)
    )
    return {
        group: Count(number, policy, hidden=bool(hide))
        for group, number, hide in zip(counts, so_far, mask[n:], strict=True)
    }


def percent_of(part: Count, whole: Count, decimals: int = 1) -> str:
    """Print a part in percent of a whole, without the sign, or that one of them is hidden."""
    if part.hidden or whole.hidden:
        return HIDDEN
    return percent(part.exact, whole.exact, decimals)


def with_percent(part: Count, whole: Count, decimals: int = 1) -> str:
    """Print a part and its share of a whole, as in ``'48 (77 %)'``, or that it is hidden."""
    shown = percent_of(part, whole, decimals)
    return HIDDEN if shown == HIDDEN else f"{part} ({shown} %)"


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
        As ``reanalysis.analysis.survival.rates_table`` gives it.
    curve
        The curve; the reader knows its patients and its events.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` where patients are counted; neither a count nor the
        difference of two months tells of too few. Where the events are hidden so is the rate.
    """
    result = rates.astype(object)
    events = nested({**rates["events"].to_dict(), "all": curve.events}, policy)
    at_risk = nested({**rates["at risk"][::-1].to_dict(), "all": curve.n}, policy)
    for name, counts in (("events", events), ("at risk", at_risk)):
        column = [counts[month] for month in rates.index]
        result[name] = pd.Series(column, index=rates.index, dtype=object)
    hide = [events[month].hidden for month in rates.index]
    result.loc[hide, ["survival", "lower", "upper"]] = HIDDEN
    return result


def counted_states(states: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Count where the patients stand at given months.

    Parameters
    ----------
    states
        As ``reanalysis.analysis.response.response_states`` gives it, in the order of time. The
        reader knows the number of all the patients.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell. No state follows from the others, nor who
        changed it between two months, nor how many of the waiting never reach CR.
    """
    left = ["CR", "died", "lost"]
    values: list[int] = []
    sums: list[Sum] = []
    unpublished: list[int] = []

    def put(value: int, *, secret: bool = False) -> int:
        values.append(int(value))
        if secret:
            unpublished.append(len(values) - 1)
        return len(values) - 1

    patients = int(states[[*left, "waiting"]].iloc[0].sum())
    everybody = put(patients)
    ever = int(states["CR"].iloc[0] + states["CR later"].iloc[0])
    # Fewer without CR than may be shown: then the number of those with CR is shown nowhere.
    responders = put(ever, secret=not may_show(ever, patients, policy.smallest))
    public = [everybody] + [responders] * (responders not in unpublished)
    never = put(patients - ever, secret=True)
    sums.append((everybody, [responders, never]))
    steps: dict[str, list[int]] = {state: [] for state in left}
    before = dict.fromkeys(left, 0)
    places = {}
    for month, row in states.iterrows():
        at = {state: put(row[state]) for state in states.columns}
        for state in left:
            steps[state].append(put(row[state] - before[state], secret=True))
            sums.append((at[state], list(steps[state])))
        before = {state: int(row[state]) for state in left}
        still = put(row["waiting"] - row["CR later"], secret=True)
        sums.append((everybody, [*(at[state] for state in left), at["waiting"]]))
        sums.append((at["waiting"], [at["CR later"], still]))
        sums.append((responders, [at["CR"], at["CR later"]]))
        places[month] = at
    mask = hidden(values, sums, policy.smallest, public=public, unpublished=unpublished)
    rows = [
        [Count(values[i], policy, hidden=bool(mask[i])) for i in at.values()]
        for at in places.values()
    ]
    return pd.DataFrame(rows, index=states.index, columns=states.columns, dtype=object)


def counted_landmarks(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Count the patients and the events of a comparison at landmarks.

    Parameters
    ----------
    table
        As ``reanalysis.analysis.landmark.landmark_comparison`` gives it.
    policy
        What may be shown.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell that counts patients. Of each landmark by
        itself neither the patients with the event nor those without follow.
    """
    groups = [name for name in table.columns if f"events, {name}" in table.columns]
    names = [name for g in groups for name in (g, f"events, {g}")]
    cells: dict[str, list[object]] = {name: [] for name in names}
    for numbers in table[names].to_numpy(dtype=object):
        if pd.isna(numbers).any():
            hide = [False] * len(groups)
        else:
            parts = np.array([(e, n - e) for n, e in numbers.reshape(-1, 2)], dtype=int)
            # Beside the size of its group, the events and the others are one number.
            hide = [bool(row.any()) for row in hidden_in_table(parts, policy.smallest)]
        for i, (name, number) in enumerate(zip(names, numbers, strict=True)):
            few = i % 2 == 1 and hide[i // 2]
            cells[name].append(pd.NA if pd.isna(number) else Count(number, policy, hidden=few))
    result = table.copy()
    for name, column in cells.items():
        result[name] = pd.Series(column, index=table.index, dtype=object)
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
        Patients and events, of which neither tells of fewer patients than may be shown, in the
        model or left out of it.
    """
    size = Count(model.n, policy, curve.n)
    left_out = None if size.hidden else curve.n - model.n
    shown = policy.may_show(model.events, model.n) and policy.may_show(
        curve.events - model.events, left_out
    )
    return size, Count(model.events, policy, hidden=not shown)
