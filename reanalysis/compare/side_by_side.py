"""The paper's tables, with a column for a cohort beside each of theirs."""

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from reanalysis.analysis.regression import Regression
from reanalysis.compare import rules
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.counts import Count
from reanalysis.core.disclosure import HIDDEN
from reanalysis.core.errors import CannotShow, why
from reanalysis.paper.register import (
    agreement,
    fill,
    placeholders,
    published,
    recipe,
    register,
)
from reanalysis.paper.study import BED, RESPONSE_TERMS, TERMS, Endpoint, Term

UNKNOWN = "  Not known"

# What a column tells of a row: every digit as printed, or the farthest of its numbers.
SAME = "Same"
AGREES, LAST_DIGIT, DIFFERENT = "✓", "last digit", "≠"
THIS_COHORT = "this cohort"
_MARKS = {"agrees": AGREES, "last digit": LAST_DIGIT, "differs": DIFFERENT}
_NUMBER = re.compile(r"<?\d+(?:\.\d+)?")


def side_by_side(
    rows: Sequence[tuple[str, str]], here: Recomputation, unknown: bool = False
) -> pd.DataFrame:
    """Put the paper's numbers beside those of a cohort.

    Parameters
    ----------
    rows
        A label and a template for each row, such as
        ``("Male", "{sex.M.n} ({sex.M.pct})")``; see ``register.fill``. An empty template
        makes a heading.
    here
        The published numbers as the cohort gives them.
    unknown
        Whether a row with the patients whose value is blank follows where a variable of this
        cohort has any: percentages are of the others.

    Returns
    -------
    pandas.DataFrame
        Columns ``Variable``, ``Paper``, ``This cohort``, ``Same`` (see ``mark``).
        ``attrs["missing"]`` says why numbers of this cohort are missing; a ``Table`` prints it
        below.
    """
    lines = [(label, fill(text, published), here.text(text)) for label, text in rows]
    if unknown:
        lines = _with_unknowns(rows, lines, here)
    table = pd.DataFrame(lines, columns=["Variable", "Paper", "This cohort"])
    table[SAME] = list(map(mark, table["Paper"], table["This cohort"]))
    table.attrs["missing"] = here.obstacles([template for _, template in rows])
    return table


def mark(theirs: str, ours: str) -> str:
    """Say how near the numbers of a cohort are to the paper's.

    Parameters
    ----------
    theirs, ours
        The same numbers in two texts, such as ``'231 (76.5)'``.

    Returns
    -------
    str
        ``'✓'`` if the texts are the same, ``'last digit'`` if none of the numbers is more than one
        unit of its last printed digit apart, ``'≠'`` if one is. Empty where either text has no
        number: it is hidden, not recorded, or not printed.
    """
    pairs = _NUMBER.findall(theirs), _NUMBER.findall(ours)
    if not all(pairs):
        return ""
    if theirs == ours:
        return AGREES
    if len(pairs[0]) != len(pairs[1]):
        return DIFFERENT
    found = {agreement(*pair) for pair in zip(*pairs, strict=True)}
    return _MARKS["differs" if "differs" in found else "last digit"]


def compare_regression(here: Recomputation, endpoint: Endpoint, model: str) -> pd.DataFrame:
    """Put a column of Table 2 or 3 beside the same models of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.
    endpoint
        Local control for Table 2, overall survival for Table 3.
    model
        ``'univariable'`` or ``'multivariable'``.

    Returns
    -------
    pandas.DataFrame
        One row per variable that the paper or the cohort's model has: the model of this cohort is
        there whole, whatever of it the paper printed. Columns ``Variable``, ``HR, paper`` (with
        95 % interval), ``p, paper``, ``HR, this cohort``, ``p, this cohort``, ``Same``.
        ``attrs["missing"]`` says why this cohort has no multivariable model.
    """
    fitted = _models(here, endpoint, model)
    rows = []
    for term in TERMS:
        prefix = endpoint.row_id(model, term)
        ratio, p = _own(here, endpoint, fitted[term.column], term)
        rows.append(
            {
                "Variable": term.contrast,
                "HR, paper": _printed(f"{{{prefix}.HR}} ({{{prefix}.lo}}–{{{prefix}.hi}})"),
                "p, paper": _printed(f"{{{prefix}.p}}"),
                "HR, this cohort": ratio,
                "p, this cohort": p,
            }
        )
    table = pd.DataFrame(rows)
    shown = (table[["HR, paper", "HR, this cohort"]] != "–").any(axis=1)
    table = table[shown].reset_index(drop=True)
    theirs = table["HR, paper"] + " " + table["p, paper"]
    ours = table["HR, this cohort"] + " " + table["p, this cohort"]
    table[SAME] = list(map(mark, theirs, ours))
    if model == "multivariable":
        reasons = [("", found) for found in fitted.values() if isinstance(found, CannotShow)]
        table.attrs["missing"] = [f"–: {sentence}." for sentence in why(reasons)]
    return table


def compare_logistic(here: Recomputation) -> pd.DataFrame:
    """Put Suppl. Table 1, logistic models of NOT reaching CR, beside those of a cohort.

    Parameters
    ----------
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        One row per variable. Columns ``Variable``, ``OR, paper`` (only the row of tumour size
        is printed), ``OR, this cohort`` (with 95 % interval), ``p, paper``,
        ``p, this cohort``; ``–`` where there is no estimate.
    """
    rows = []
    for term in RESPONSE_TERMS:
        model = here.response_models[term.column]
        ratio, p = "–", "–"
        if not isinstance(model, CannotShow):
            estimate = model.table.iloc[0]
            limits = (estimate["ratio"], estimate["lower"], estimate["upper"])
            ratio, p = here.policy.interval(*limits), here.policy.p(estimate["p"])
            if rules.odds(here.cohort, here.policy, term.column):
                ratio = p = HIDDEN
        prefix = term.logistic_row_id
        rows.append(
            {
                "Variable": term.contrast,
                "OR, paper": _printed(f"{{{prefix}.HR}} ({{{prefix}.lo}}–{{{prefix}.hi}})"),
                "OR, this cohort": ratio,
                "p, paper": _printed(f"{{{prefix}.p}}"),
                "p, this cohort": p,
            }
        )
    return pd.DataFrame(rows)


def _printed(template: str) -> str:
    """Fill from the register; a row that the paper does not print is a dash."""
    try:
        return fill(template, published)
    except KeyError:
        return "–"


def _models(
    here: Recomputation, endpoint: Endpoint, model: str
) -> dict[str, Regression | CannotShow]:
    """Models of a cohort by column; the multivariable one is the same for every variable."""
    if model == "univariable":
        return here.univariable(endpoint.key)
    full: Regression | CannotShow
    try:
        full = here.multivariable(endpoint.key)
    except CannotShow as reason:
        full = reason
    return {term.column: full for term in TERMS}


def _own(
    here: Recomputation, endpoint: Endpoint, found: Regression | CannotShow, term: Term
) -> tuple[str, str]:
    """Print the ratio with its interval and the p value of a variable, dashes where there is none.

    They are hidden where they would tell of few events of a group.
    """
    if isinstance(found, CannotShow) or term.column not in found.table.index:
        return "–", "–"
    row = found.table.loc[term.column]
    ratio, lower, upper, p = (float(row[part]) for part in ("ratio", "lower", "upper", "p"))
    if rules.few_events(here.cohort, here.policy, endpoint.key, term.column):
        return HIDDEN, HIDDEN
    return here.policy.interval(ratio, lower, upper), here.policy.p(p)


def _with_unknowns(
    rows: Sequence[tuple[str, str]], lines: Sequence[tuple[str, str, str]], here: Recomputation
) -> list[tuple[str, str, str]]:
    """Let a row follow each variable of which values are blank; its levels are indented."""
    result: list[tuple[str, str, str]] = []
    columns: dict[str, None] = {}
    for i, line in enumerate(lines):
        result.append(line)
        columns |= dict.fromkeys(map(_column, placeholders(rows[i][1])))
        if i + 1 < len(rows) and rows[i + 1][0].startswith("  "):
            continue
        recorded = [column for column in columns if column in here.cohort]
        blank = {column: int(here.cohort[column].isna().sum()) for column in recorded}
        if blank and (most := max(blank, key=blank.__getitem__)) and blank[most]:
            unknown = Count(blank[most], here.policy, of=len(here.cohort))
            result.append((UNKNOWN, _printed_blanks(columns), str(unknown)))
        columns = {}
    return result


def _column(number: str) -> str:
    """Give the column that a published number is of."""
    name, *arguments = recipe(number).split()
    return BED.column if name.startswith("regimen") else arguments[0]


def _printed_blanks(columns: Iterable[str]) -> str:
    recipes = register()["recipe"]
    lines = recipes[recipes.isin([f"blank {column}" for column in columns])]
    return published(lines.index[0]) if len(lines) else "–"
