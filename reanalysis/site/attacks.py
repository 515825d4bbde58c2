"""Attacks on a built site: what whoever reads it can conclude about single patients.

The audit looks for what is copied. This module computes: it takes nothing but the pages, the
pictures and the widgets' data, undoes what was computed, and states what it believes to know of
the cohort. Only then its claims are compared with the cohort. A claim that holds is a leak: the
site is not fit to publish. What is rounded so far that nothing follows gives no claims.

Each attack was made when it succeeded. One that finds nothing on the sites of today is here so that
it finds something when a protection is taken away.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.rules import few_in_a_group
from reanalysis.compare.side_by_side import UNKNOWN
from reanalysis.core.constants import Z_95
from reanalysis.core.dictionary import FOLLOW_UP
from reanalysis.core.disclosure import DIGITS, HIDDEN, MADE_UP, Policy
from reanalysis.paper.layout import QUANTITIES, TABLE_1
from reanalysis.paper.register import placeholders, published
from reanalysis.paper.study import ENDPOINTS, TERMS, Endpoint, Term
from reanalysis.site.exhibits import Exhibits, Grid, Plot, Widget

Vector = npt.NDArray[np.float64]
Interval = tuple[float, float]
Attack = Callable[[Any], Iterable["Claim"]]

# A curve is taken to be of a column if most of its steps are values of that column.
_MOST, _FEWEST = 0.8, 4
_CLOSE = 0.02  # months or cm, to which a place in a picture can be read


@dataclass(frozen=True)
class Claim:
    """What an attack states about the cohort.

    Attributes
    ----------
    page
        Where it follows from.
    what
        The statement, without its values.
    someone
        What one patient has: by column, between which limits a number lies, or a level.
    several
        Values that several patients have, each of one: column, and a list of intervals.
    events
        A group with at most so many events: endpoint, term, and the number.
    number
        A number of patients: its id in the register, and the number.
    certain
        Whether the statement follows by itself, so that there is nothing to compare.
    """

    page: str
    what: str
    someone: Mapping[str, Interval | str] = field(default_factory=dict)
    several: tuple[str, tuple[Interval, ...]] | None = None
    events: tuple[Endpoint, Term, int] | None = None
    number: tuple[str, int] | None = None
    certain: bool = False

    def __str__(self) -> str:
        return f"{self.page}: {self.what}"


def attack(shown: Exhibits, patients: int | None = None) -> list[Claim]:
    """Try every attack.

    Parameters
    ----------
    shown
        What a site shows.
    patients
        How many patients the cohort has, if whoever attacks knows it from elsewhere.
    """
    claims: list[Claim] = []
    tries: list[tuple[Attack, Any]] = [
        *((attempt, w) for attempt in _ON_WIDGETS for w in shown.widgets),
        *((attempt, p) for attempt in _ON_PLOTS for p in shown.plots),
        *((attempt, t) for attempt in _ON_TABLES for t in shown.tables),
        *((partial(counted_out_of_all, patients=patients), t) for t in shown.tables),
    ]
    for attempt, what in tries:
        # What is not of the book's own form cannot be attacked so.
        with suppress(KeyError, TypeError, ValueError, IndexError, StopIteration, RuntimeError):
            claims += attempt(what)
    return claims


def holds(claim: Claim, cohort: pd.DataFrame, policy: Policy) -> bool:
    """Whether a claim is true of the cohort, and tells more than may be shown.

    Parameters
    ----------
    claim
        The claim.
    cohort
        The cohort, with the derived columns.
    policy
        What may be shown.
    """
    few = max(policy.smallest, 2)
    if claim.certain:
        return True
    if claim.someone:
        alike = _alike(cohort, claim.someone)
        return 0 < alike < few
    if claim.several:
        column, intervals = claim.several
        if column not in cohort:
            return False
        values = cohort[column].dropna().to_numpy(dtype=float)
        found = [((values >= low) & (values <= high)).sum() for low, high in intervals]
        true = sum(1 for number in found if 0 < number < few)
        return len(found) >= _FEWEST and true >= _MOST * len(found)
    if claim.number:
        name, number = claim.number
        return 0 < number < few and Recomputation(cohort, MADE_UP).value(name) == number
    if claim.events:
        endpoint, term, number = claim.events
        known = cohort.reindex(columns=[term.column, endpoint.event]).dropna()
        happened = known[endpoint.event] == 1
        groups = happened.groupby(known[term.column].astype(str)).sum()
        return few_in_a_group(known[term.column], happened, policy) and number in set(groups)
    return False


def leaks(site: Exhibits, cohort: pd.DataFrame, policy: Policy) -> list[Claim]:
    """List the claims about a site that hold.

    Parameters
    ----------
    site
        What it shows.
    cohort
        The cohort that it was built from.
    policy
        What may be shown of it.
    """
    claims = [*attack(site), *attack(site, len(cohort))]
    found = {str(claim): claim for claim in claims if holds(claim, cohort, policy)}
    return list(found.values())


def _alike(cohort: pd.DataFrame, values: Mapping[str, Interval | str]) -> int:
    """Count the patients who have all of these values."""
    alike = pd.Series(True, index=cohort.index)
    for column, value in values.items():
        if column not in cohort:
            return 0
        if isinstance(value, str):
            alike &= cohort[column].astype(str) == value
        else:
            alike &= cohort[column].astype(float).between(*value)
    return int(alike.sum())


def _are_multiples(values: Iterable[float], unit: float) -> bool:
    ratio = np.asarray(list(values), dtype=float) / unit
    return bool(np.all(np.abs(ratio - np.round(ratio)) < 1e-6))


# ---- The explorer's payload ---------------------------------------------------------------------


def leavers(widget: Widget) -> Iterator[Claim]:
    """Find who left the risk set between two event times, from the baseline of a Cox model.

    One over an increment of the hazard is the summed risk of those at risk, and an increment of the
    mean hazard over it their mean. Two neighbours differ by those who left: of a single one the
    covariates follow, and the risk that they give must be the difference that was found.
    """
    for outcome, model in widget.data["models"].get("cohort", {}).items():
        if model["V"] is None or len(model["t"]) < 3:
            continue
        endpoint = next(e for e in ENDPOINTS.values() if e.event == outcome)
        months = np.array(model["t"], dtype=float)
        rise = np.diff(np.array(model["H"], dtype=float), prepend=0.0)
        with np.errstate(all="ignore"):
            risk = 1 / rise
            mean = np.diff(np.array(model["Q"], dtype=float), axis=1, prepend=0.0) / rise
            left = risk[:-1] - risk[1:]
            # Mean hazards are of covariates less the centre.
            values = (mean[:, :-1] * risk[:-1] - mean[:, 1:] * risk[1:]) / left
        names, levels, coef, center = zip(*model["terms"], strict=True)
        with np.errstate(all="ignore"):
            expected = np.exp(np.array(coef) @ values)
        covariates = values + np.array(center)[:, None]
        for k in np.flatnonzero(np.abs(expected / left - 1) < 0.01):
            patient: dict[str, Interval | str] = {
                endpoint.event: (1, 1),
                endpoint.months: (months[k] - _CLOSE, months[k] + _CLOSE),
            }
            for name, level, value in zip(names, levels, covariates[:, k], strict=True):
                if level is None:
                    patient[name] = (value - 0.05, value + 0.05)
                elif abs(value - round(value)) < 0.05:
                    first, second, *_ = (o[0] for o in widget.data["levels"][name]["options"])
                    patient[name] = second if round(value) else first
            yield Claim(widget.page, "the values of who left the risk set", someone=patient)


def events_behind_covariance(widget: Widget) -> Iterator[Claim]:
    """Find the events of a small group from the variance of its coefficient.

    It is at least one over the events of the group plus one over the others, and little more.
    """
    for outcome, model in widget.data["models"].get("cohort", {}).items():
        endpoint = next(e for e in ENDPOINTS.values() if e.event == outcome)
        words = "; ".join(source["basis"] for source in widget.data["sources"])
        said = re.search(rf"{endpoint.label.lower()}, (\d+) events", words)
        variances = np.diag(np.array(model["cov"], dtype=float))
        for (name, level, *_), variance in zip(model["terms"], variances, strict=True):
            term = next(t for t in TERMS if t.column == name)
            number = fewest_events(variance, int(said[1]) if said else 1000)
            if level is not None and number < 5:
                what = f"the events of a level of {term.label}, from the covariance"
                yield Claim(widget.page, what, events=(endpoint, term, number))


def fewest_events(variance: float, events: int) -> int:
    """Find how many events a group had at least, of so many in all, and hardly had more."""
    possible = range(1, max(events // 2, 1) + 1)
    return next((d for d in possible if 1 / d + 1 / max(events - d, 1) <= 1.02 * variance), events)


def one_more(widget: Widget) -> Iterator[Claim]:
    """Find the patients that one model has and the other lacks, from their printed numbers."""
    for source in widget.data["sources"]:
        sizes = [int(n) for n in re.findall(r"events in (\d+) patients", source["basis"])]
        if any(0 < abs(a - b) < 5 for a, b in pairwise(sizes)):
            yield Claim(widget.page, "the two models differ by a few patients", certain=True)


# ---- Cut-points and responses -------------------------------------------------------------------


def between_cuts(widget: Widget) -> Iterator[Claim]:
    """Find who lies between two neighbouring cut-points, from the sizes of the groups."""
    cuts = widget.data["cuts"]
    for below, above in pairwise(cuts):
        for what, key in (("patients", "n"), ("events", "d")):
            moved = above[key][0] - below[key][0]
            if 0 < moved < 5:
                yield Claim(widget.page, f"the {what} between two cut-points", certain=True)


def times_of_steps(widget: Widget) -> Iterator[Claim]:
    """Read the times of events and the last times from the curves of a cut-point explorer."""
    endpoint = next(e for e in ENDPOINTS.values() if e.label == widget.data["title"])
    times = [float(month) for month in widget.data["t"]]
    yield from _times(widget.page, "the times of events", endpoint.months, times)
    ends = [float(month) for cut in widget.data["cuts"] for month in cut["end"]]
    yield from _times(widget.page, "the last times", FOLLOW_UP, sorted(set(ends)), fewest=1)


def counted_responses(widget: Widget) -> Iterator[Claim]:
    """Read single responses from a count that rises by one."""
    counts = [*widget.data["reached"], *widget.data.get("failed", ())]
    if any(0 < b - a < 5 for a, b in pairwise(counts)):
        yield Claim(widget.page, "single responses, from a count that rises by few", certain=True)


def _times(
    page: str, what: str, column: str, months: Sequence[float], fewest: int = _FEWEST
) -> Iterator[Claim]:
    """State times that are no whole months; one that is whole stands for several patients."""
    exact = [month for month in months if not _are_multiples([month], 1)]
    if len(exact) >= max(fewest, _MOST * len(months)):
        near = tuple((month - _CLOSE, month + _CLOSE) for month in exact)
        if len(near) < _FEWEST:
            yield from (Claim(page, what, someone={column: place}) for place in near)
        else:
            yield Claim(page, what, several=(column, near))


# ---- Pictures -----------------------------------------------------------------------------------


def steps_in_picture(plot: Plot) -> Iterator[Claim]:
    """Read times of events from the staircases of a picture, and single values from its ticks."""
    columns = [*dict.fromkeys(e.months for e in ENDPOINTS.values()), "complete_response_months"]
    for line in plot.lines:
        if not np.isfinite(line).all():
            continue
        x, y = np.round(line, 6).T
        flat = np.isclose(np.diff(y), 0, atol=1e-4) | np.isclose(np.diff(x), 0, atol=1e-4)
        # Corners that lie close together are drawn as one.
        if len(x) < 2 * _FEWEST or flat.mean() < 0.9:
            continue
        steps = np.unique(x[1:][~np.isclose(np.diff(y), 0, atol=1e-4)])
        for column in dict.fromkeys(columns):
            yield from _times(plot.page, f"times of {column}, from a curve", column, steps.tolist())


def bars_in_picture(plot: Plot) -> Iterator[Claim]:
    """Read numbers of patients from the lengths of bars, and from where those on top begin."""
    bars = plot.bars[np.isfinite(plot.bars).all(axis=1)]
    if "Patients" not in plot.words or len(bars) < _FEWEST:
        return
    _, _, bottom, top = bars.T
    places = np.concatenate([bottom, top - bottom])
    places = places[places > 0.5]
    whole = np.abs(places - np.round(places)) < 0.02
    # Drawings also hold the frame of a legend; nearly all bars have whole numbers.
    few = whole & (np.round(places) % 5 != 0)
    if len(places) and whole.mean() > _MOST and (few & (places < 4.5)).any():
        yield Claim(plot.page, "numbers of patients, from the bars of a picture", certain=True)


# ---- Tables -------------------------------------------------------------------------------------


def events_behind_intervals(table: Grid) -> Iterator[Claim]:
    """Find the events of a small group from the interval of its hazard ratio."""
    endpoint = next(
        (e for e in ENDPOINTS.values() if f" {e.event_in_words}" in table.caption.lower()), None
    )
    if endpoint is None or not table.rows:
        return
    ours = [i for i, head in enumerate(table.rows[0]) if "this cohort" in head.lower()]
    for row in table.rows[1:]:
        term = next((t for t in TERMS if t.contrast == row[0] and t.levels), None)
        for column in ours if term else ():
            printed = re.fullmatch(r"([\d.]+) \(([\d.]+)–([\d.]+)\)", row[column])
            if printed is None or term is None:
                continue
            low, high = (float(printed[part]) for part in (2, 3))
            if low <= 0:
                continue
            number = fewest_events((np.log(high / low) / (2 * Z_95)) ** 2, events=1000)
            if number < 5:
                what = f"the events of a level of {term.label}, from an interval"
                yield Claim(table.page, what, events=(endpoint, term, number))


def medians_behind_differences(table: Grid) -> Iterator[Claim]:
    """Find a median to more digits than it is printed with, from its difference to the paper's."""
    if not table.rows or table.rows[0][-1:] != ("Difference",):
        return
    for label, *_, printed in (row for row in table.rows[1:] if row[0] in QUANTITIES):
        number, column = QUANTITIES[label]
        theirs = float(published(f"{number}.median"))
        for part in re.findall(r"[+-]?\d+\.\d+", printed.replace("\N{MINUS SIGN}", "-")):
            half = 0.5 * 10.0 ** -len(part.partition(".")[2])
            value = theirs + float(part)
            unit = 10.0 ** (np.floor(np.log10(abs(value) or 1)) - DIGITS + 1)
            if 2 * half > 0.99 * unit or _are_multiples([round(value, 6)], unit):
                continue  # no more than is printed
            near = (value - half - 1e-9, value + half + 1e-9)
            what = f"a value of {column}, from the difference of two medians"
            yield Claim(table.page, what, someone={column: near})


def counted_out(table: Grid) -> Iterator[Claim]:
    """Find hidden numbers of a table with totals, by an integer program."""
    counts = numbers_of(table)
    if counts is None:
        return
    for low, high in hidden_bounds(counts).values():
        if 0 < low == high < 5:
            yield Claim(table.page, f"a hidden number of '{table.caption}'", certain=True)


def counted_out_of_all(table: Grid, patients: int | None) -> Iterator[Claim]:
    """Find hidden levels of Table 1, which together are all patients."""
    if len(table.rows) < 2 or "This cohort" not in table.rows[0]:
        return
    column = table.rows[0].index("This cohort")
    # Its labels, in its order; between them may stand how many are not known.
    rows = [row for row in table.rows[1:] if row[0] != UNKNOWN.strip()]
    if [row[0] for row in rows] != [label.strip() for label, _ in TABLE_1]:
        return
    entries = iter(TABLE_1)
    blocks: list[list[tuple[str, str]]] = [[]]
    for row in table.rows[1:]:
        label, template = (UNKNOWN, "") if row[0] == UNKNOWN.strip() else next(entries)
        number = re.fullmatch(rf"(\d+)( \(.*\))?|{HIDDEN}", row[column])
        if not label.startswith("  ") or not number:
            blocks.append([])
        else:
            name = (*placeholders(template), "")[0]
            blocks[-1].append((name, number[1] or HIDDEN))
    for block in blocks:
        shown = [number for _, number in block]
        if HIDDEN not in shown:
            continue
        said = re.search(r"(\d+) of this cohort", table.caption)
        total = said[1] if said else HIDDEN
        for (_, j), (low, high) in hidden_bounds([[*shown, total]], n=patients).items():
            if j < len(block) and block[j][0] and 0 < low == high < 5:
                what = f"a hidden number of '{table.caption}'"
                yield Claim(table.page, what, number=(block[j][0], low))


def numbers_of(table: Grid) -> list[list[str]] | None:
    """Give the numbers of a table with a row and a column of totals; None of any other."""
    if len(table.rows) < 3 or table.rows[0][-1] != "All" or table.rows[-1][0] != "All":
        return None
    numbers = [list(row[1:]) for row in table.rows[1:]]
    is_number = re.compile(rf"\d+|{HIDDEN}")
    if any(len(row) != len(numbers[0]) for row in numbers):
        return None
    return numbers if all(is_number.fullmatch(n) for row in numbers for n in row) else None


def hidden_bounds(
    shown: Sequence[Sequence[str]], policy: Policy | None = None, n: int | None = None
) -> dict[tuple[int, int], tuple[int, int]]:
    """Find between which numbers the hidden cells of a table lie.

    The adversary solves an integer program: each number that is shown is off by as much as
    rounding makes it, and totals are sums.

    Parameters
    ----------
    shown
        Rows of texts, with a last row and a last column of totals; or a single row, which ends
        with its total.
    policy
        How the numbers were rounded; by default as in the table: exact ones where any is no
        multiple of 5.
    n
        All patients, if the reader knows them.

    Returns
    -------
    dict
        By row and column: the smallest and the largest possible number.
    """
    # It takes a second to load, and most sites have no such table.
    from scipy.optimize import Bounds, LinearConstraint, milp

    high, wide = len(shown), len(shown[0])
    known = [int(number) for row in shown for number in row if number != HIDDEN]
    if policy is None:
        policy = Policy(5, 5) if all(number % 5 == 0 for number in known) else Policy(5, 1)
    off = policy.multiple // 2
    low, top = np.zeros((high, wide)), np.full((high, wide), 100_000.0)
    for i, j in np.ndindex(high, wide):
        if shown[i][j] != HIDDEN:
            number = int(shown[i][j])
            low[i, j] = max(number - off, policy.smallest) if number else 0
            top[i, j] = number + off if number else 0
    if n is not None:
        low[-1, -1] = top[-1, -1] = n
    sums = []
    for i in range(high):
        line = np.zeros((high, wide))
        line[i, :-1], line[i, -1] = 1, -1
        sums.append(line.ravel())
    for j in range(wide if high > 1 else 0):
        line = np.zeros((high, wide))
        line[:-1, j], line[-1, j] = 1, -1
        sums.append(line.ravel())
    constraint = LinearConstraint(np.array(sums), 0, 0)

    def extreme(cell: tuple[int, int], sign: int) -> int:
        aim = np.zeros((high, wide))
        aim[cell] = sign
        found: Any = milp(
            aim.ravel(),
            constraints=constraint,
            bounds=Bounds(low.ravel(), top.ravel()),
            integrality=np.ones(high * wide),
        )
        return round(sign * found.fun) if found.success else (0 if sign > 0 else 100_000)

    hidden = [c for c in np.ndindex(high, wide) if shown[c[0]][c[1]] == HIDDEN]
    return {(i, j): (extreme((i, j), 1), extreme((i, j), -1)) for i, j in hidden}


_ON_WIDGETS: tuple[Attack, ...] = (
    *(leavers, events_behind_covariance, one_more),
    *(between_cuts, times_of_steps, counted_responses),
)
_ON_PLOTS: tuple[Attack, ...] = (steps_in_picture, bars_in_picture)
_ON_TABLES: tuple[Attack, ...] = (
    *(events_behind_intervals, medians_behind_differences),
    counted_out,
)
