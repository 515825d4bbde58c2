"""The paper's tables, with a column for a cohort beside each of theirs."""

from collections.abc import Sequence

import pandas as pd

from reanalysis.compare import rules
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.disclosure import HIDDEN
from reanalysis.core.errors import CannotShow
from reanalysis.paper.register import fill, published
from reanalysis.paper.study import RESPONSE_TERMS, TERMS, Endpoint


def side_by_side(rows: Sequence[tuple[str, str]], here: Recomputation) -> pd.DataFrame:
    """Put the paper's numbers beside those of a cohort.

    Parameters
    ----------
    rows
        A label and a template for each row, such as
        ``("Male", "{sex.M.n} ({sex.M.pct})")``; see ``register.fill``. An empty template
        makes a heading.
    here
        The published numbers as the cohort gives them.

    Returns
    -------
    pandas.DataFrame
        Columns ``Variable``, ``Paper``, ``This cohort``, ``Same`` (``✓`` where the two texts
        are the same). ``attrs["missing"]`` says why numbers of this cohort are missing; a
        ``Table`` prints it below.
    """
    table = pd.DataFrame(
        {
            "Variable": [label for label, _ in rows],
            "Paper": [fill(template, published) for _, template in rows],
            "This cohort": [here.text(template) for _, template in rows],
        }
    )
    table["Same"] = _same(table["Paper"], table["This cohort"])
    table.attrs["missing"] = here.obstacles([template for _, template in rows])
    return table


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
        One row per variable that the paper or the cohort's model has. Columns ``Variable``,
        ``HR, paper``, ``HR, this cohort`` (with 95 % interval), ``p, paper``,
        ``p, this cohort``, ``Same``.
    """
    rows = []
    for term in TERMS:
        prefix = endpoint.row_id(model, term)
        ratio, p = f"{{{prefix}.HR}} ({{{prefix}.lo}}–{{{prefix}.hi}})", f"{{{prefix}.p}}"
        rows.append(
            {
                "Variable": term.contrast,
                "HR, paper": _printed(ratio),
                "HR, this cohort": _recomputed(here, ratio),
                "p, paper": _printed(p),
                "p, this cohort": _recomputed(here, p),
            }
        )
    table = pd.DataFrame(rows)
    shown = (table[["HR, paper", "HR, this cohort"]] != "–").any(axis=1)
    table = table[shown].reset_index(drop=True)
    same = (table["HR, paper"] == table["HR, this cohort"]) & (
        table["p, paper"] == table["p, this cohort"]
    )
    table["Same"] = same.map({True: "✓", False: ""})
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


def _recomputed(here: Recomputation, template: str) -> str:
    try:
        return here.text(template)
    except KeyError:
        return "–"


def _same(left: pd.Series, right: pd.Series) -> pd.Series:
    return ((left == right) & (left != "")).map({True: "✓", False: ""})
