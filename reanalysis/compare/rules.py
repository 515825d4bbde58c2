"""When a recomputed number may not be shown: one rule for each kind of published number.

A rule sees the number with the others that it stands beside, so that none gives another away. It is
called with the cohort, the smallest number of patients that is shown, the number itself, and the
arguments of its recipe, and says whether the number is hidden.
"""

import shlex
from collections.abc import Callable, Hashable
from functools import cache

import pandas as pd

from reanalysis.analysis import response
from reanalysis.analysis.survival import event_times
from reanalysis.core.disclosure import (
    hidden,
    hidden_parts,
    hidden_within,
    may_show,
    may_show_quantile,
)
from reanalysis.paper.register import register
from reanalysis.paper.study import (
    ANY_CR,
    CR_MONTHS,
    ENDPOINTS,
    FRACTIONS,
    LOCAL_CONTROL,
    OVERALL_SURVIVAL,
    SALVAGE,
    SIZE,
    TOTAL_DOSE,
)

Rule = Callable[..., bool]


def never(*_: object) -> bool:
    """Hide nothing: the number comes from no patient, or is the size of the cohort."""
    return False


def estimate(*_: object) -> bool:
    """Hide nothing: a ratio, its limits or a p value from a model counts nobody."""
    return False


def blank(cohort: pd.DataFrame, smallest: int, value: float, _: str) -> bool:
    """Whether the patients without a value may not be counted; the reader knows all patients."""
    return not may_show(value, len(cohort), smallest)


def none_in_level(
    cohort: pd.DataFrame, smallest: int, _: object, column: str, level: str, event: str
) -> bool:
    """Whether it may not be said that nobody of a level had an event, or that somebody had."""
    had = cohort.loc[as_levels(cohort[column]) == level, event]
    return not may_show(float((had == 1).sum()), None, smallest)


def shares_by_last_tace(cohort: pd.DataFrame, smallest: int, _: object) -> bool:
    """Whether groups by the response to the last TACE are too small to be compared."""
    counts = response.by_last_tace(cohort)[["CR", "patients"]]
    return not all(may_show(cr, of, smallest) for cr, of in counts.to_numpy())


def as_levels(values: pd.Series) -> pd.Series:
    """Spell the values of a column as the register does: an event is 1, not 1.0."""
    if pd.api.types.is_numeric_dtype(values):
        return values.map("{:g}".format)
    return values.astype(str)


def level(cohort: pd.DataFrame, smallest: int, _: float, column: str, level: str) -> bool:
    """Whether the patients of a level may not be counted, all levels and their sum in view."""
    counts = as_levels(cohort[column].dropna()).value_counts()
    if level not in counts.index:
        counts.loc[level] = 0
    if len(counts) == 1:
        return not may_show(int(counts.iloc[0]), None, smallest)
    counts = counts.sort_index()
    mask = hidden_parts(list(counts), smallest)
    return mask[list(counts.index).index(level)] or (column == "rild" and _by_one(cohort, smallest))


def _by_one(cohort: pd.DataFrame, smallest: int) -> bool:
    """Whether too few patients have both parts of RILD, one of them alone, or neither.

    The paper counts either part and their union, from which all of these follow.
    """
    parts = {"hepatic_toxicity_grade", "child_pugh_increase"}
    known = cohort.reindex(columns=sorted(parts)).dropna() >= 2
    counts = known.groupby(list(known)).size()
    return not all(may_show(int(count), None, smallest) for count in counts)


def regimen(cohort: pd.DataFrame, smallest: int, _: float, dose: str, fractions: str) -> bool:
    """Whether the patients of a regimen may not be counted, all regimens in view."""
    known = cohort[[TOTAL_DOSE, FRACTIONS]].dropna()
    pairs = as_levels(known[TOTAL_DOSE]) + "/" + as_levels(known[FRACTIONS])
    return level(pairs.to_frame("regimen"), smallest, 0, "regimen", f"{dose}/{fractions}")


def at_least(
    cohort: pd.DataFrame, smallest: int, _: float, column: str, threshold: str, __: str
) -> bool:
    """Whether the patients who reach a threshold may not be counted.

    All known patients are in view, and those who reach the column's other thresholds.
    """
    known = cohort[column].dropna()
    counts: dict[Hashable, int] = {"all": len(known)}
    counts |= {edge: int((known >= edge).sum()) for edge in _thresholds(column)}
    counts.setdefault(float(threshold), int((known >= float(threshold)).sum()))
    return hidden_within(counts, smallest)[float(threshold)]


@cache
def _thresholds(column: str) -> tuple[float, ...]:
    """List the thresholds of a column that the paper counts by."""
    recipes = map(shlex.split, register()["recipe"])
    same = [words for words in recipes if words[:2] == ["at_least", column]]
    return tuple(sorted({float(words[2]) for words in same}))


def quantity(cohort: pd.DataFrame, smallest: int, value: float, column: str, _: str) -> bool:
    """Whether a quantile rests on too few patients at it or beyond."""
    if column == "dose_per_fraction":
        values = cohort[TOTAL_DOSE] / cohort[FRACTIONS]
    else:
        values = cohort[column]
    return not may_show_quantile(values.dropna(), value, smallest)


@cache
def _response_months() -> tuple[float, ...]:
    """List the months by which the paper counts complete responses."""
    recipes = register()["recipe"]
    return tuple(sorted({float(r.split()[1]) for r in recipes if r.startswith("cr_within ")}))


def cr_within(cohort: pd.DataFrame, smallest: int, _: float, months: str) -> bool:
    """Whether responses by a month may not be counted, those by the other months in view."""
    times = cohort[CR_MONTHS].dropna()
    any_cr = ANY_CR.column
    all_known = int(cohort[any_cr].notna().sum()) if any_cr in cohort else len(times)
    # A share of those with CR, beside the same patients' share of all, tells how many have none.
    counts: dict[Hashable, int] = {"all": all_known, "ever": len(times)}
    counts |= {edge: int((times <= edge).sum()) for edge in _response_months()}
    hide = hidden_within(counts, smallest)
    return hide["ever"] or hide[float(months)]


def mean_size(cohort: pd.DataFrame, smallest: int, _: float, which: str) -> bool:
    """Whether a mean, or a test of two means, is of too few patients."""
    sizes = cohort[[SIZE.column, ANY_CR.column]].dropna()
    groups = sizes[ANY_CR.column].value_counts()
    wanted = groups if which == "p" else groups[[which]]
    return bool((wanted < smallest).any())


def isolated(cohort: pd.DataFrame, smallest: int, _: float, which: str) -> bool:
    """Whether the isolated local failures of a kind may not be counted.

    The table of the paper: isolated failures among all failures, those alive after salvage
    among them, by treatment.
    """
    isolated = response.isolated_failures(cohort)
    failures = int((cohort[LOCAL_CONTROL.event] == 1).sum())
    counts = {"all": len(isolated)}
    if SALVAGE in cohort:
        treatment, dead = isolated[SALVAGE].astype(str), isolated[OVERALL_SURVIVAL.event] == 1
        counts |= {
            "TACE": int(((treatment == "TACE") & ~dead).sum()),
            "resection": int(((treatment == "resection") & ~dead).sum()),
            "RT": int(((treatment == "RT") & dead).sum()),
        }
        counts["salvaged"] = counts["TACE"] + counts["resection"]
        counts["rest"] = counts["all"] - counts["salvaged"] - counts["RT"]
    counts |= {"others": failures - counts["all"], "failures": failures}
    at = {name: i for i, name in enumerate(counts)}
    sums = [(at["failures"], [at["all"], at["others"]])]
    if "TACE" in at:
        sums.append((at["salvaged"], [at["TACE"], at["resection"]]))
        sums.append((at["all"], [at["salvaged"], at["RT"], at["rest"]]))
    unpublished = [at[name] for name in ("rest", "others") if name in at]
    mask = hidden(list(counts.values()), sums, smallest, unpublished=unpublished)
    return bool(mask[at[which]])


def hepatic_failure_death(_: pd.DataFrame, smallest: int, __: float) -> bool:
    """Hide the time: it is that of one patient."""
    return smallest > 1


def rate(cohort: pd.DataFrame, smallest: int, _: float, endpoint: str, month: str) -> bool:
    """Whether a rate is of too few patients, or has too few events in it."""
    times = event_times(cohort, ENDPOINTS[endpoint])
    events = int(times.loc[times["months"] <= float(month), "event"].sum())
    return len(times) < smallest or not may_show(events, None, smallest)
