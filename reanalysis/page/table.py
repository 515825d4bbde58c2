"""Tables of the book: the paper's numbers beside those of the cohort, and how a table looks."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype

from reanalysis.analysis.regression import RESPONSE_TERMS, TERM_BY_COLUMN, TERMS, Regression, Term
from reanalysis.analysis.survival import Endpoint
from reanalysis.compare.recompute import Recomputation
from reanalysis.core.disclosure import HIDDEN, TooFew, hidden_in_table, smallest_cell
from reanalysis.core.disclosure import note as explain
from reanalysis.core.errors import CannotShow, NotEstimable, NotRecorded
from reanalysis.core.formatting import p_value, with_interval
from reanalysis.paper.register import fill, paper

# Whole numbers in columns of these names are times.
_TIMES = ("month", "months")


class Table:
    """A table for the page: a caption, headers that are headers, and a note below.

    Parameters
    ----------
    frame
        What to show; columns of numbers are set to the right. A name of all columns, as a
        cross table has it, stands above them.
    caption
        What the table shows; it can stand alone.
    note
        Printed below the table.
    decimals
        Decimals of the floating-point numbers in it.
    counts
        Columns that count patients; by default every column of whole numbers but months. In a
        book about patients small counts are hidden in them (see ``reanalysis.core.disclosure``).

    Raises
    ------
    TooFew
        If it has a row per patient, and the book is about patients.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        caption: str,
        note: str = "",
        decimals: int = 2,
        counts: Sequence[str] | None = None,
    ) -> None:
        # A copy is taken now: a frame that could not be made says so here, not when it is shown.
        self.frame = frame.copy()
        if self.frame.empty:
            raise NotEstimable("no patient of this cohort belongs in this table")
        note = " ".join(part for part in (note, *frame.attrs.get("missing", ())) if part)
        self.caption = caption
        self.note = note
        self.decimals = decimals
        if smallest := smallest_cell():
            self.frame = without_small_cells(self.frame, smallest, counts)
            texts = self.frame.select_dtypes(object).astype(str)
            if texts.apply(lambda column: column.str.contains(rf"\b{HIDDEN}\b")).any(axis=None):
                self.note = f"{note} {explain(smallest)}".strip()

    def _repr_html_(self) -> str:
        index = self.frame.index
        levels = 0 if isinstance(index, pd.RangeIndex) else index.nlevels
        labels = [index.get_level_values(i) for i in range(levels)]
        # Long text is set to the left and may wrap.
        css = [' class="text"' if _is_prose(values) else "" for _, values in self.frame.items()]
        head = [f'<th scope="col">{escape(str(level.name or ""))}</th>' for level in labels]
        head += [
            f'<th scope="col"{c}>{escape(str(n))}</th>'
            for n, c in zip(self.frame, css, strict=True)
        ]
        body = ""
        for i, values in enumerate(self.frame.itertuples(index=False)):
            cells = [f'<th scope="row">{_label(level[i])}</th>' for level in labels]
            cells += [f"<td{c}>{self._text(v)}</td>" for v, c in zip(values, css, strict=True)]
            body += f"<tr>{''.join(cells)}</tr>"
        rows = f"<tr>{''.join(head)}</tr>"
        if self.frame.columns.name:
            corner = f'<td colspan="{levels}"></td>' if levels else ""
            group = escape(str(self.frame.columns.name))
            rows = f'<tr>{corner}<th scope="colgroup" colspan="{len(css)}">{group}</th></tr>' + rows
        note = f'<p class="reanalysis-table-note">{escape(self.note)}</p>' if self.note else ""
        # The frame can be scrolled with the keyboard, so it needs a name and a tab stop.
        return (
            f'<div class="reanalysis-table-frame" role="region" tabindex="0" '
            f'aria-label="{escape(self.caption)}"><table class="reanalysis-table">'
            f"<caption>{escape(self.caption)}</caption>"
            f"<thead>{rows}</thead><tbody>{body}</tbody></table></div>{note}"
        )

    def _text(self, value: object) -> str:
        """Give a cell's value as escaped text; a missing one is a dash."""
        if value is None or value is pd.NA or value != value:
            return "–"
        return f"{value:.{self.decimals}f}" if isinstance(value, float) else escape(str(value))

    def __repr__(self) -> str:
        parts = [self.caption, self.frame.to_string(na_rep="–"), self.note]
        return "\n".join(part for part in parts if part)


def without_small_cells(
    frame: pd.DataFrame, smallest: int, counts: Sequence[str] | None = None
) -> pd.DataFrame:
    """Hide the small counts of a table, and what would give them away.

    Parameters
    ----------
    frame
        The table.
    smallest
        Smallest number of patients that is shown.
    counts
        Columns that count patients; by default every column of whole numbers but months. The
        reader is taken to know the totals of their rows and columns.

    Returns
    -------
    pandas.DataFrame
        The same table. A row in which a count is hidden hides its other numbers, too: a rate
        beside it has that count in it.

    Raises
    ------
    TooFew
        If the table has a row per patient.
    """
    if "patient_id" in frame.columns or "patient_id" in frame.index.names:
        raise TooFew(smallest)
    if counts is None:
        whole = [
            str(name)
            for name, values in frame.items()
            if is_integer_dtype(values) and str(name).lower() not in _TIMES
        ]
    else:
        whole = list(counts)
    if not whole or frame.empty:
        return frame
    mask = hidden_in_table(frame[whole].fillna(0).to_numpy(dtype=int), smallest)
    hide = dict(zip(whole, mask.T, strict=True))
    # A rate beside a hidden count has it in itself.
    for name, values in frame.items():
        if is_float_dtype(values) and name not in whole and str(name).lower() not in _TIMES:
            hide[str(name)] = mask.any(axis=1)
    result = frame.copy()
    for name, rows in hide.items():
        if rows.any():
            result[name] = frame[name].astype(object).mask(rows, HIDDEN)
    return result


def _label(value: object) -> str:
    """Give the name of a row as escaped text: 12, not 12.00."""
    return f"{value:g}" if isinstance(value, float) else escape(str(value))


def _is_prose(values: pd.Series) -> bool:
    """Whether a column holds text too long for one line of a narrow column."""
    return any(isinstance(value, str) and len(value) > 24 for value in values)


def compare(rows: Sequence[tuple[str, str]], here: Recomputation) -> pd.DataFrame:
    """Put the paper's numbers beside those of a cohort.

    Parameters
    ----------
    rows
        A label and a template for each row, such as
        ``("Male", "{sex.M.n} ({sex.M.pct})")``; see ``published.fill``. An empty template
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
            "Paper": [fill(template, paper) for _, template in rows],
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
        prefix = f"{endpoint.short}.{model[0]}.{term.published}"
        ratio, p = f"{{{prefix}.HR}} ({{{prefix}.lo}}–{{{prefix}.hi}})", f"{{{prefix}.p}}"
        rows.append(
            {
                "Variable": _name(term),
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
        One row per variable. Columns ``Variable``, ``OR, paper`` (only the row of tumor size
        is printed), ``OR, this cohort`` (with 95 % interval), ``p, paper``,
        ``p, this cohort``; ``–`` where there is no estimate.
    """
    rows = []
    for term in RESPONSE_TERMS:
        model = here.response_models[term.column]
        ratio, p = "–", "–"
        if not isinstance(model, CannotShow):
            estimate = model.table.iloc[0]
            ratio = with_interval(estimate["ratio"], estimate["lower"], estimate["upper"])
            p = p_value(estimate["p"])
        prefix = f"LOGIT.{term.published}"
        rows.append(
            {
                "Variable": _name(term),
                "OR, paper": _printed(f"{{{prefix}.HR}} ({{{prefix}.lo}}–{{{prefix}.hi}})"),
                "OR, this cohort": ratio,
                "p, paper": _printed(f"{{{prefix}.p}}"),
                "p, this cohort": p,
            }
        )
    return pd.DataFrame(rows)


def reasons(models: Mapping[str, Regression | CannotShow]) -> list[str]:
    """Say why variables have no univariable estimate.

    Parameters
    ----------
    models
        By column: the model, or what stands in its way.

    Returns
    -------
    list of str
        One sentence per reason, with the variables that share it; empty where every model was
        fitted.
    """
    absent: dict[str, None] = {}
    labels: dict[str, list[str]] = {}
    for column, model in models.items():
        if isinstance(model, NotRecorded):
            absent |= dict.fromkeys(model.columns)
        elif isinstance(model, CannotShow):
            labels.setdefault(str(model), []).append(TERM_BY_COLUMN[column].label)
    sentences = [f"{NotRecorded(absent)}."] if absent else []
    for reason, variables in labels.items():
        # A reason that is about one variable names it already.
        named = len(variables) == 1 and variables[0] in reason
        sentences.append(f"{reason}." if named else f"{', '.join(variables)}: {reason}.")
    return [sentence[0].upper() + sentence[1:] for sentence in sentences]


def _name(term: Term) -> str:
    if term.levels:
        reference, level = term.levels
        return f"{term.label}: {level} against {reference}"
    return f"{term.label}, per {term.per}"


def _printed(template: str) -> str:
    """Fill from the register; a row that the paper does not print is a dash."""
    try:
        return fill(template, paper)
    except KeyError:
        return "–"


def _recomputed(here: Recomputation, template: str) -> str:
    try:
        return here.text(template)
    except KeyError:
        return "–"


def _same(left: pd.Series, right: pd.Series) -> pd.Series:
    return ((left == right) & (left != "")).map({True: "✓", False: ""})
