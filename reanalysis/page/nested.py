"""Numbers of patients in groups that lie within each other: what is counted month by month.

A count up to one month is part of the count up to the next. Both may be large while few patients
lie between them, so that each of them must be seen beside the others.
"""

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd

from reanalysis.analysis.regression import Regression
from reanalysis.analysis.survival import SurvivalCurve
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import (
    HIDDEN,
    Policy,
    hidden_in_table,
    hidden_parts,
    hidden_within,
)
from reanalysis.core.formatting import percent


def nested(
    counts: Mapping[Hashable, int], policy: Policy, first: Iterable[Hashable] = ()
) -> dict[Hashable, Count]:
    """Count groups of which each lies within the next.

    Parameters
    ----------
    counts
        Patients by group, from the smallest to the largest, which the reader knows.
    policy
        What may be shown.
    first
        Groups that are rather shown than the others, the one named first most of all.

    Returns
    -------
    dict
        By group, in the same order: no two of the numbers that are shown differ by fewer patients
        than may be shown.
    """
    groups = list(counts)
    order = [*groups[-1:], *first, *groups]
    hide = hidden_within({group: counts[group] for group in order}, policy.smallest)
    return {group: Count(number, policy, hidden=hide[group]) for group, number in counts.items()}


def percent_of(part: Count, whole: Count, decimals: int = 1, sign: str = "") -> str:
    """Print a part in percent of a whole, or that one of them is hidden.

    Parameters
    ----------
    part, whole
        Numbers of patients.
    decimals
        Digits after the point.
    sign
        What stands behind a number that is shown; a table has it in the head of the column.
    """
    if part.hidden or whole.hidden:
        return HIDDEN
    return f"{percent(part.exact, whole.exact, decimals)}{sign}"


def with_percent(part: Count, whole: Count, decimals: int = 1) -> str:
    """Print a part and its share of a whole, as in ``'48 (77 %)'``, or that it is hidden."""
    if part.hidden or whole.hidden:
        return HIDDEN
    return f"{part} ({percent_of(part, whole, decimals, ' %')})"


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
    first = rates.index[::-1]  # the last month is that of the paper's rates
    events = nested({**rates["events"].to_dict(), "all": curve.events}, policy, first)
    at_risk = nested({**rates["at risk"][::-1].to_dict(), "all": curve.n}, policy, first)
    for name, counts in (("events", events), ("at risk", at_risk)):
        column = [counts[month] for month in rates.index]
        result[name] = pd.Series(column, index=rates.index, dtype=object)
    hide = [events[month].hidden for month in rates.index]
    result.loc[hide, ["survival", "lower", "upper"]] = HIDDEN
    return result


def counted_states(
    states: pd.DataFrame, policy: Policy, first: Iterable[float] = ()
) -> pd.DataFrame:
    """Count where the patients stand at given months.

    Parameters
    ----------
    states
        As ``reanalysis.analysis.response.response_states`` gives it, in the order of time. The
        reader knows the number of all the patients.
    policy
        What may be shown.
    first
        Months whose complete responses are rather shown than those of the others.

    Returns
    -------
    pandas.DataFrame
        The same table, with a ``Count`` in each cell. No state follows from the others, nor who
        changed it between two months, nor how many of the waiting never reach CR.
    """
    patients = int(states[["CR", "died", "lost", "waiting"]].iloc[0].sum())
    ever = int(states["CR"].iloc[0] + states["CR later"].iloc[0])
    reached = nested(
        {**states["CR"].to_dict(), "ever": ever, "all": patients}, policy, ["ever", *first]
    )
    died, lost, left = (
        hidden_within(numbers.to_dict(), policy.smallest)
        for numbers in (states["died"], states["lost"], states["died"] + states["lost"])
    )
    rows = []
    for month, row in states.astype(int).iterrows():
        seen, never = reached[month], patients - ever - row["died"] - row["lost"]
        # From who waits, and who of them reaches CR later, follow those who never do.
        near = left[month] or not policy.may_show(never)
        few = not policy.may_show(row["waiting"])
        gone = near or died[month] or lost[month] or (few and not seen.hidden)
        rows.append(
            [
                seen,
                Count(row["died"], policy, hidden=gone),
                Count(row["lost"], policy, hidden=gone),
                Count(row["waiting"], policy, hidden=near or seen.hidden),
                reached["ever"] - seen,
            ]
        )
    columns = ["CR", "died", "lost", "waiting", "CR later"]
    return pd.DataFrame(rows, index=states.index, columns=columns, dtype=object)


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
        The same table, with a ``Count`` in each cell that counts patients. Of each landmark by
        itself neither the patients with the event follow nor those without, nor those who had left
        before.
    """
    groups = [name for name in table.columns if f"events, {name}" in table.columns]
    names = [name for g in groups for name in (g, f"events, {g}")]
    cells: dict[str, list[object]] = {name: [] for name in names}
    for numbers in table[names].to_numpy(dtype=object):
        if pd.isna(numbers).any():
            hide = [False] * len(names)
        else:
            sizes, events = numbers[::2].tolist(), numbers[1::2].tolist()
            parts = np.array([(e, n - e) for n, e in zip(sizes, events, strict=True)], dtype=int)
            few = hidden_parts([*sizes, patients - sum(sizes)], policy.smallest)
            # Beside the size of its group, the events and the others are one number.
            died = [bool(row.any()) for row in hidden_in_table(parts, policy.smallest)]
            hide = [flag for pair in zip(few[:-1], died, strict=True) for flag in pair]
        for name, number, hidden_too in zip(names, numbers, hide, strict=True):
            cells[name].append(
                pd.NA if pd.isna(number) else Count(number, policy, hidden=hidden_too)
            )
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
