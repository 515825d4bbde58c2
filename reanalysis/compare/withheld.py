"""Which recomputed numbers a book about patients does not show.

One function per recipe of the register (see ``reanalysis.compare.recompute``): it sees the number with
the others that it stands beside, so that none gives another away. A recipe without a function
shows estimates, which count nobody.
"""

from collections.abc import Callable
from functools import cache

import pandas as pd

from reanalysis.analysis import response
from reanalysis.analysis.survival import ENDPOINTS, event_times
from reanalysis.core.disclosure import hidden, hidden_parts, may_show, may_show_quantile
from reanalysis.paper.register import register


def withheld(cohort: pd.DataFrame, recipe: str, value: float | str, smallest: int) -> bool:
    """Whether a recomputed number must not be shown.

    Parameters
    ----------
    cohort
        The cohort.
    recipe
        How the number is recomputed.
    value
        The number.
    smallest
        Smallest number of patients that is shown.
    """
    name, *arguments = recipe.split()
    rule = _RULES.get(name)
    return rule is not None and rule(cohort, smallest, value, *arguments)


def as_levels(values: pd.Series) -> pd.Series:
    """Spell the values of a column as the register does: an event is 1, not 1.0."""
    if pd.api.types.is_numeric_dtype(values):
        return values.map("{:g}".format)
    return values.astype(str)


Rule = Callable[..., bool]


def _level(cohort: pd.DataFrame, smallest: int, _: float, column: str, level: str) -> bool:
    """Whether the patients of a level may not be counted, all levels and their sum in view."""
    counts = as_levels(cohort[column].dropna()).value_counts()
    if level not in counts.index:
        counts.loc[level] = 0
    if len(counts) == 1:
        return not may_show(int(counts.iloc[0]), smallest=smallest)
    counts = counts.sort_index()
    mask = hidden_parts(list(counts), smallest)
    return mask[list(counts.index).index(level)]


def _regimen(cohort: pd.DataFrame, smallest: int, _: float, dose: str, fractions: str) -> bool:
    known = cohort[["total_dose_gy", "fractions"]].dropna()
    pairs = as_levels(known["total_dose_gy"]) + "/" + as_levels(known["fractions"])
    return _level(pairs.to_frame("regimen"), smallest, 0, "regimen", f"{dose}/{fractions}")


def _at_least(
    cohort: pd.DataFrame, smallest: int, _: float, column: str, threshold: str, __: str
) -> bool:
    known = cohort[column].dropna()
    reached = int((known >= float(threshold)).sum())
    return not may_show(reached, len(known), smallest)


def _quantity(cohort: pd.DataFrame, smallest: int, value: float, column: str, _: str) -> bool:
    if column == "dose_per_fraction":
        values = cohort["total_dose_gy"] / cohort["fractions"]
    else:
        values = cohort[column]
    return not may_show_quantile(values.dropna(), value, smallest)


@cache
def _response_months() -> tuple[float, ...]:
    """List the months by which the paper counts complete responses."""
    recipes = register()["recipe"]
    return tuple(sorted({float(r.split()[1]) for r in recipes if r.startswith("cr_within ")}))


def _cr_within(cohort: pd.DataFrame, smallest: int, _: float, months: str) -> bool:
    times = cohort["complete_response_months"].dropna()
    edges = _response_months()
    so_far = [int((times <= edge).sum()) for edge in edges] + [len(times)]
    parts = [after - before for before, after in zip([0, *so_far], so_far, strict=False)]
    # The counts up to a month are shown, those between two months must not follow from them.
    n = len(parts)
    sums = [(n + i, list(range(i + 1))) for i in range(n)]
    mask = hidden([*parts, *so_far], sums, smallest, public=[2 * n - 1], unpublished=range(n))
    return bool(mask[n + edges.index(float(months))])


def _mean_size(cohort: pd.DataFrame, smallest: int, _: float, which: str) -> bool:
    sizes = cohort[["tumor_size_cm", "any_cr"]].dropna()
    groups = sizes["any_cr"].value_counts()
    wanted = groups if which == "p" else groups[[which]]
    return bool((wanted < smallest).any())


def _isolated(cohort: pd.DataFrame, smallest: int, _: float, which: str) -> bool:
    """Whether the isolated local failures of a kind may not be counted.

    The table of the paper: isolated failures among all failures, those alive after salvage
    among them, by treatment.
    """
    isolated = response.isolated_failures(cohort)
    failures = int((cohort["local_failure"] == 1).sum())
    counts = {"all": len(isolated)}
    if "salvage_treatment" in cohort:
        treatment, dead = isolated["salvage_treatment"].astype(str), isolated["death"] == 1
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


def _hepatic_failure_death(_: pd.DataFrame, smallest: int, __: float) -> bool:
    return smallest > 1  # it is the time of one patient


def _rate(cohort: pd.DataFrame, smallest: int, _: float, endpoint: str, __: str) -> bool:
    return len(event_times(cohort, ENDPOINTS[endpoint])) < smallest


_RULES: dict[str, Rule] = {
    "at_least": _at_least,
    "count": _level,
    "cr_within": _cr_within,
    "hepatic_failure_death": _hepatic_failure_death,
    "isolated": _isolated,
    "mean_size": _mean_size,
    "percent": _level,
    "quantity": _quantity,
    "rate": _rate,
    "regimen_count": _regimen,
    "regimen_percent": _regimen,
}
