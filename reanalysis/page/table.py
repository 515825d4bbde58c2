"""Tables of the book: their markup, and what of them may be shown.

Written here, and not by the package great-tables: see CONTRIBUTING, 'Packages'.
"""

from collections.abc import Mapping, Sequence
from html import escape
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype

from reanalysis.cohort.policy import policy_of
from reanalysis.compare.side_by_side import AGREES, DIFFERENT, LAST_DIGIT, SAME, THIS_COHORT
from reanalysis.core.disclosure import HIDDEN, Policy, TooFew, hidden_in_table, in_words
from reanalysis.core.errors import NotEstimable
from reanalysis.core.formatting import plain
from reanalysis.page.labels import alignment, heading, is_time, printed, row_labels

Decimals = int | Mapping[str, int]

# What stands above a column, and its values as they are printed.
_Column = tuple[str, list[str]]

# The page of the numbers that differ; the site makes of a notebook's address that of its page.
SCORECARD = "scorecard.ipynb"
_MARKS = {
    AGREES: "every printed digit is the same",
    LAST_DIGIT: "no number is farther apart than one unit of its last printed digit",
    DIFFERENT: "a number is farther apart than that",
}


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
        Decimals of the floating-point numbers in it, or those of its columns by name.
    counts
        Columns that count patients; by default every column of whole numbers but months. Where the
        policy says so counts are hidden or rounded (see ``reanalysis.core.disclosure``), and other
        numbers have few digits.
    policy
        What may be shown; by default what the frame itself carries, and of one that carries
        nothing what may be shown of patients.
    verbatim
        Whether its names are those of somebody's file, which stand as they are. Others are printed
        as ``reanalysis.page.labels`` has them.

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
        decimals: Decimals = 2,
        counts: Sequence[str] | None = None,
        policy: Policy | None = None,
        verbatim: bool = False,
    ) -> None:
        # A copy is taken now: a frame that could not be made says so here, not when it is shown.
        self.frame = frame.copy()
        if self.frame.empty:
            raise NotEstimable("no patient of this cohort belongs in this table")
        parts = (note, _said_of_marks(frame), *frame.attrs.get("missing", ()))
        note = " ".join(part for part in parts if part)
        self.caption = caption
        self.note = note
        self.decimals = decimals
        self.verbatim = verbatim
        policy = policy_of(frame) if policy is None else policy
        if policy.hides:
            self.frame = as_shown(self.frame, policy, counts)
            texts = self.frame.select_dtypes(object).astype(str)
            if texts.apply(lambda column: column.str.contains(rf"\b{HIDDEN}\b")).any(axis=None):
                self.note = in_words(f"{note} {policy.note}".strip())

    def _repr_html_(self) -> str:
        note = f'<p class="reanalysis-table-note">{escape(self.note)}</p>' if self.note else ""
        table = html_table(self.frame, self.caption, self.decimals, verbatim=self.verbatim)
        return table + note

    def __repr__(self) -> str:
        labels, columns = _columns(self.frame, self.decimals, self.verbatim)
        rows = zip(*(texts for _, texts in labels + columns), strict=True)
        table = pd.DataFrame(rows, columns=[name for name, _ in labels + columns])
        parts = [self.caption, table.to_string(index=False), self.note]
        return "\n".join(part for part in parts if part)


def html_table(
    frame: pd.DataFrame,
    caption: str,
    decimals: Decimals = 2,
    *,
    verbatim: bool = False,
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
        Decimals of the floating-point numbers in it, or those of its columns by name.
    verbatim
        Whether its names are those of somebody's file, which stand as they are.
    frame_class, table_class
        CSS classes of the frame and of the table in it; empty for none.

    Returns
    -------
    str
        HTML; names and values of the table are text in it.
    """
    labels, columns = _columns(frame, decimals, verbatim)
    kept = _kept([name for name, _ in columns])
    css = [_attribute(alignment(t), k) for (_, t), k in zip(columns, kept, strict=True)]
    head = [f'<th scope="col">{escape(name)}</th>' for name, _ in labels]
    head += [f'<th scope="col"{c}>{escape(n)}</th>' for (n, _), c in zip(columns, css, strict=True)]
    body = ""
    for i in range(len(frame)):
        cells = [f'<th scope="row">{escape(texts[i])}</th>' for _, texts in labels]
        cells += [f"<td{c}>{_cell(t[i])}</td>" for (_, t), c in zip(columns, css, strict=True)]
        body += f"<tr>{''.join(cells)}</tr>"
    rows = f"<tr>{''.join(head)}</tr>"
    if frame.columns.name:
        corner = f'<td colspan="{len(labels)}"></td>' if labels else ""
        group = escape(heading(frame.columns.name))
        rows = f'<tr>{corner}<th scope="colgroup" colspan="{len(css)}">{group}</th></tr>' + rows
    outer, inner = (f' class="{name}"' if name else "" for name in (frame_class, table_class))
    # The frame can be scrolled with the keyboard, so it needs a name and a tab stop.
    return (
        f'<div{outer} role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table{inner}><caption>{escape(caption)}</caption>"
        f"<thead>{rows}</thead><tbody>{body}</tbody></table></div>"
    )


def _columns(
    frame: pd.DataFrame, decimals: Decimals, verbatim: bool
) -> tuple[list[_Column], list[_Column]]:
    """Print the levels of a frame's index and its columns, each with what stands above it."""
    index = frame.index
    levels = 0 if isinstance(index, pd.RangeIndex) else index.nlevels
    labels = [index.get_level_values(i) for i in range(levels)]
    name = str if verbatim else heading
    of = decimals if isinstance(decimals, Mapping) else dict.fromkeys(map(str, frame), decimals)
    return (
        [(name(label.name or ""), row_labels(label)) for label in labels],
        [(name(key), printed(values, key, of.get(str(key), 0))) for key, values in frame.items()],
    )


def _kept(names: list[str]) -> list[str]:
    """Give classes to the columns that a phone keeps in view: a cohort's, where the paper's is."""
    if SAME not in names:
        return [""] * len(names)
    columns = [n for n in names if n == SAME or n.lower().endswith(THIS_COHORT)]
    return [f"kept kept-{columns[::-1].index(n)}" if n in columns else "" for n in names]


def _attribute(*classes: str) -> str:
    both = " ".join(filter(None, classes))
    return f' class="{both}"' if both else ""


def _said_of_marks(frame: pd.DataFrame) -> str:
    """Say what the marks of a comparison mean, where not all are the same."""
    here = [mark for mark in _MARKS if SAME in frame and (frame[SAME] == mark).any()]
    if here in ([], [AGREES]):
        return ""
    return "; ".join(f"{mark}: {_MARKS[mark]}" for mark in here) + "."


def _cell(text: str) -> str:
    """Escape a text; what is not as the paper has it leads to the scorecard."""
    if text in (LAST_DIGIT, DIFFERENT):
        return f'<a href="{SCORECARD}" title="See the scorecard">{escape(text)}</a>'
    return escape(text)


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
            str(name) for name, values in frame.items() if _counts(values) and not is_time(name)
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
            if not is_time(name):
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
