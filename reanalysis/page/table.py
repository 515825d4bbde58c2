"""Tables of the book: how they look, and what of them may be shown."""

from collections.abc import Sequence
from html import escape
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype

from reanalysis.cohort.policy import policy_of
from reanalysis.core.disclosure import HIDDEN, Policy, TooFew, hidden_in_table, in_words
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import plain

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
        Columns that count patients; by default every column of whole numbers but months. Where the
        policy says so counts are hidden or rounded (see ``reanalysis.core.disclosure``), and other
        numbers have few digits.
    policy
        What may be shown; by default what the frame itself carries, and of one that carries
        nothing what may be shown of patients.

    Raises
    ------
    TooFew
        If it has a row per patient, and single patients may not be shown.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        caption: str,
        note: str = "",
        decimals: int = 2,
        counts: Sequence[str] | None = None,
        policy: Policy | None = None,
    ) -> None:
        # A copy is taken now: a frame that could not be made says so here, not when it is shown.
        self.frame = frame.copy()
        if self.frame.empty:
            raise NotEstimable("no patient of this cohort belongs in this table")
        note = " ".join(part for part in (note, *frame.attrs.get("missing", ())) if part)
        self.caption = caption
        self.note = note
        self.decimals = decimals
        policy = policy_of(frame) if policy is None else policy
        if policy.hides:
            self.frame = as_shown(self.frame, policy, counts)
            texts = self.frame.select_dtypes(object).astype(str)
            if texts.apply(lambda column: column.str.contains(rf"\b{HIDDEN}\b")).any(axis=None):
                self.note = in_words(f"{note} {policy.note}".strip())

    def _repr_html_(self) -> str:
        note = f'<p class="reanalysis-table-note">{escape(self.note)}</p>' if self.note else ""
        return html_table(self.frame, self.caption, self.decimals) + note

    def __repr__(self) -> str:
        parts = [self.caption, self.frame.to_string(na_rep="–"), self.note]
        return "\n".join(part for part in parts if part)


def html_table(
    frame: pd.DataFrame,
    caption: str,
    decimals: int = 2,
    *,
    frame_class: str = "reanalysis-table-frame",
    table_class: str = "reanalysis-table",
) -> str:
    """Write a table as HTML: a caption, headers that are headers, in a frame that scrolls.

    Parameters
    ----------
    frame
        What to show. The levels of its index head the rows, unless it is a mere numbering.
    caption
        What the table shows; it can stand alone.
    decimals
        Decimals of the floating-point numbers in it.
    frame_class, table_class
        CSS classes of the frame and of the table in it; empty for none.

    Returns
    -------
    str
        HTML; names and values of the table are text in it.
    """
    index = frame.index
    levels = 0 if isinstance(index, pd.RangeIndex) else index.nlevels
    labels = [index.get_level_values(i) for i in range(levels)]
    # Long text is set to the left and may wrap.
    css = [' class="text"' if _is_prose(values) else "" for _, values in frame.items()]
    head = [f'<th scope="col">{escape(str(level.name or ""))}</th>' for level in labels]
    head += [f'<th scope="col"{c}>{escape(str(n))}</th>' for n, c in zip(frame, css, strict=True)]
    body = ""
    for i, values in enumerate(frame.itertuples(index=False)):
        cells = [f'<th scope="row">{_label(level[i])}</th>' for level in labels]
        cells += [f"<td{c}>{_text(v, decimals)}</td>" for v, c in zip(values, css, strict=True)]
        body += f"<tr>{''.join(cells)}</tr>"
    rows = f"<tr>{''.join(head)}</tr>"
    if frame.columns.name:
        corner = f'<td colspan="{levels}"></td>' if levels else ""
        group = escape(str(frame.columns.name))
        rows = f'<tr>{corner}<th scope="colgroup" colspan="{len(css)}">{group}</th></tr>' + rows
    outer, inner = (f' class="{name}"' if name else "" for name in (frame_class, table_class))
    # The frame can be scrolled with the keyboard, so it needs a name and a tab stop.
    return (
        f'<div{outer} role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table{inner}><caption>{escape(caption)}</caption>"
        f"<thead>{rows}</thead><tbody>{body}</tbody></table></div>"
    )


def as_shown(
    frame: pd.DataFrame, policy: Policy, counts: Sequence[str] | None = None
) -> pd.DataFrame:
    """Hide the small counts of a private table, round the others, and shorten its estimates.

    Parameters
    ----------
    frame
        The table.
    policy
        What may be shown.
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
        raise TooFew(policy.smallest)
    if counts is None:
        whole = [
            str(name)
            for name, values in frame.items()
            if _counts(values) and str(name).lower() not in _TIMES
        ]
    else:
        whole = list(counts)
    numbers = frame[whole].map(lambda value: value if isinstance(value, Real) else 0).fillna(0)
    mask = hidden_in_table(numbers.to_numpy(dtype=int).reshape(len(frame), -1), policy.smallest)
    hide = dict(zip(whole, mask.T, strict=True))
    result = frame.copy()
    for name, values in frame.items():
        if name in whole:
            shown = values.map(
                lambda v: policy.patients(float(v)) if isinstance(v, Real) and v == v else v
            )
            result[name] = shown.astype(object).mask(hide[str(name)], HIDDEN)
        elif is_float_dtype(values):
            shown = values.map(lambda v: plain(policy.estimate(v)), na_action="ignore")
            result[name] = shown.astype(object)
            if str(name).lower() not in _TIMES:
                # A rate beside a hidden count has it in itself.
                result[name] = result[name].mask(np.asarray(mask.any(axis=1)), HIDDEN)
    return result


def _counts(values: pd.Series) -> bool:
    """Whether a column may count patients: its numbers are whole, whatever its type.

    A merge makes decimals of whole numbers, and a dash for what is missing makes objects of them.
    """
    if is_bool_dtype(values):
        return False
    numbers = [v for v in values if isinstance(v, Real) and v == v and not isinstance(v, bool)]
    return bool(numbers) and all(float(number).is_integer() for number in numbers)


def _text(value: object, decimals: int) -> str:
    """Give a cell's value as escaped text; a missing one is a dash."""
    if value is None or value is pd.NA or value != value:
        return "–"
    return f"{value:.{decimals}f}" if isinstance(value, float) else escape(str(value))


def _label(value: object) -> str:
    """Give the name of a row as escaped text: 12, not 12.00."""
    return f"{value:g}" if isinstance(value, float) else escape(str(value))


def _is_prose(values: pd.Series) -> bool:
    """Whether a column holds text too long for one line of a narrow column."""
    return any(isinstance(value, str) and len(value) > 24 for value in values)
