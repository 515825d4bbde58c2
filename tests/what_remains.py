"""Measure what a private book still tells, for the privacy page: ``python tests/what_remains.py``.

Cohorts are drawn from the generative model, tables of counts at random, always the same ones. What
is printed stands in ``book/privacy.md``; ``tests/site/test_what_remains.py`` compares the two.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from private_cohorts import SIZES, write_private

from reanalysis.analysis.coarse import STEP_MONTHS, grid
from reanalysis.analysis.survival import event_times
from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.policy import private_policy
from reanalysis.compare.differences import compare_hazards
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.constants import Z_95
from reanalysis.core.counts import cells
from reanalysis.core.disclosure import HIDDEN, hidden_parts
from reanalysis.paper.study import ENDPOINTS, OVERALL_SURVIVAL, TERMS
from reanalysis.site.attacks import hidden_bounds

POLICY = private_policy()
TABLES = 300


def steps() -> dict[int, dict[str, tuple[int, int]]]:
    """By size of the cohort and endpoint: events, and the steps at which the site shows them."""
    found: dict[int, dict[str, tuple[int, int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES:
            cohort = load_cohort(write_private(n, Path(folder)))
            found[n] = {}
            for endpoint in ENDPOINTS.values():
                times = event_times(cohort, endpoint)
                shown = len(grid(times, POLICY.smallest))
                found[n][endpoint.short] = (int(times["event"].sum()), shown)
    return found


def random_tables() -> Iterator[np.ndarray]:
    """Cross tables in which at least one number is small."""
    rng = np.random.default_rng(15)
    made = 0
    while made < TABLES:
        shape = rng.integers(2, 4), rng.integers(2, 5)
        table = rng.poisson(rng.choice([2, 8, 30]) * rng.dirichlet(np.ones(shape[1]) * 2, shape[0]))
        if ((table > 0) & (table < POLICY.smallest)).any() and table.sum() >= 20:
            made += 1
            yield table


def narrowed(known: bool) -> list[int]:
    """For each table: how many values the best known of its small numbers may have."""
    fewest = []
    for table in random_tables():
        shown = cells(pd.DataFrame(table), POLICY, "All").astype(str).to_numpy().tolist()
        bounds = hidden_bounds(shown, POLICY, int(table.sum()) if known else None)
        small = [
            high - low + 1
            for (i, j), (low, high) in bounds.items()
            if i < table.shape[0] and j < table.shape[1] and 0 < table[i, j] < POLICY.smallest
        ]
        fewest.append(min(small))
    return fewest


def narrowed_by_the_rule(largest: int = 45, levels: int = 3) -> Counter[int]:
    """The same of one variable, for who also knows all patients and how numbers are hidden.

    Every way to part so many patients is published, and compared with all the others: what may
    stand behind a page is what would have given the same page.

    Returns
    -------
    Counter
        How many small numbers have so many possible values.
    """
    found: Counter[int] = Counter()
    for n in range(10, largest + 1):
        pages: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
        for some in product(range(n + 1), repeat=levels - 1):
            if sum(some) <= n:
                numbers = (*some, n - sum(some))
                hide = hidden_parts(numbers, POLICY.smallest)
                pairs = zip(numbers, hide, strict=True)
                page = tuple(HIDDEN if h else str(POLICY.patients(x)) for x, h in pairs)
                pages.setdefault(page, []).append(numbers)
        for behind in pages.values():
            for place in range(levels):
                values = {numbers[place] for numbers in behind}
                small = sum(0 < numbers[place] < POLICY.smallest for numbers in behind)
                found[len(values)] += small
    return found


def events_from_intervals() -> list[tuple[int, float]]:
    """Deaths of the smaller group of each variable, and what the printed interval says of them."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(5):
            cohort = load_cohort(write_private(302, Path(folder), seed))
            here = Recomputation(cohort)
            shown = compare_hazards(here, OVERALL_SURVIVAL, "univariable")
            deaths = POLICY.patients(int(cohort["death"].sum()))
            for term in TERMS:
                if not term.levels or term.contrast not in shown.index:
                    continue
                low, high = shown.loc[term.contrast, ["lower", "upper"]].astype(float)
                if not np.isfinite([low, high]).all():
                    continue
                variance = (np.log(high / low) / (2 * Z_95)) ** 2
                # 1/d + 1/(deaths - d) = variance
                inside = max(1 - 4 / (deaths * variance), 0.0)
                told = deaths / 2 * (1 - np.sqrt(inside))
                known = cohort[[term.column, "death"]].dropna()
                true = known["death"].groupby(known[term.column].astype(str)).sum().min()
                found.append((int(true), float(told)))
    return found


def figures() -> list[str]:
    """Give every figure, a line each."""
    lines = []
    for n, endpoints in steps().items():
        told = "; ".join(f"{name} {k} steps for {d} events" for name, (d, k) in endpoints.items())
        lines.append(f"{n} patients, steps of {STEP_MONTHS:g} months: {told}")
    for known in (False, True):
        values = np.array(narrowed(known))
        lines.append(
            f"{TABLES} random tables, all patients {'known' if known else 'not known'}: a small "
            f"number has one possible value in {(values == 1).sum()}, two in {(values == 2).sum()},"
            f" three or four in {((values > 2) & (values < 5)).sum()}; "
            f"median {np.median(values):.0f}, fewest {values.min()}"
        )
    rule = narrowed_by_the_rule()
    lines.append(
        "One variable with 3 levels in 10 to 45 patients, all patients and the rule known: of "
        f"{rule.total()} small numbers {rule[1]} have one possible value, {rule[2]} two, "
        f"{rule[3] + rule[4]} three or four"
    )
    pairs = np.array(events_from_intervals())
    off = np.abs(pairs[:, 1] / pairs[:, 0] - 1)
    lines.append(
        f"Deaths of {len(pairs)} groups of 5 or more, from the interval of the hazard ratio: "
        f"median off by {100 * np.median(off):.0f} %, within one death in "
        f"{(np.abs(pairs[:, 1] - pairs[:, 0]) <= 1).sum()}"
    )
    return lines


if __name__ == "__main__":
    print("\n".join(figures()))
