"""The report on a cohort file as one page of HTML, to print or to hand to a statistician.

It holds no row of a patient: texts and levels with their numbers, ranges, totals, and problems with
how many rows they are in. Small numbers stand there as they are, and it says so. It is one file
that asks for no other, and forbids a browser to.
"""

import html
from collections.abc import Iterable, Iterator
from pathlib import Path

from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import printable
from reanalysis.intake.check import Report, grouped
from reanalysis.intake.overview import ColumnView

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border-bottom: 1px solid #999; padding: .2rem .6rem; text-align: left; vertical-align: top;
         overflow-wrap: anywhere }
td.n, th.n { text-align: right; white-space: nowrap }
.notice { border: 2px solid #8a4b00; padding: .6rem 1rem }
@media print { body { margin: 0; font-size: 10pt } table { break-inside: avoid } }
"""


def write_report(report: Report, path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    report
        What ``check`` found.
    path
        The .html file; it is overwritten.
    """
    path.write_text(as_page(report), encoding="utf-8")


def as_page(report: Report) -> str:
    """Give the page as a text; see ``write_report``."""
    name = _text(report.file)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Report on {name}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Report on {name}</h1><p>{_text(report.verdict)}</p>",
        '<p class="notice">This page is for you and your statistician. It holds no row of a '
        "patient, but small numbers and single values of the file as they are: keep it where the "
        "file is kept, and do not publish it.</p>",
        _list("Altogether", report.totals_in_words),
        _list("What stands in the way", _problems(report)),
        _list(
            "Worth a second look",
            (f"{s.column}: {s.message}{_in(len(s.rows))}" for s in report.suspicions),
        ),
        "<h2>What each column became</h2>" if report.overview.columns else "",
        *map(_column, report.overview.columns),
        _list("How it was read", (*report.notes, *report.mapped)),
        _list("What the book will show", map(str, report.sections)),
        _list("What it cannot show of this cohort, and why", report.limits),
        "</main></body></html>\n",
    ]
    return "\n".join(filter(None, parts))


def _problems(report: Report) -> Iterator[str]:
    """Tell each kind of problem with how many rows it is in, and never in which."""
    for problem, values, rows in grouped(report.problems):
        if not problem.column:
            yield problem.expected
            continue
        advice = f"; {problem.hint}" if problem.hint else ""
        several = f" ({len(values):,} different values)" if len(values) > 1 else ""
        yield f"{problem.column}: expected {problem.expected}{_in(len(rows))}{several}{advice}"


def _in(rows: int) -> str:
    return f", in {rows:,} {'row' if rows == 1 else 'rows'}" if rows else ""


def _column(view: ColumnView) -> str:
    column = load_dictionary().columns[view.name]
    source = "" if view.made_from == view.name else f", from {view.made_from}"
    caption = f"{column.label} ({view.name}){source}"
    if view.numbers:
        caption += f": {view.numbers}"
    if not view.became:
        return f"<p><strong>{_text(caption)}</strong></p>"
    rows = "".join(
        f'<tr><td>{_text(b.raw)}</td><td>{_text(b.level)}</td><td class="n">{b.count:,}</td></tr>'
        for b in view.became
    )
    if view.more:
        rows += f'<tr><td colspan="3">and {view.more:,} more</td></tr>'
    return (
        f"<table><caption>{_text(caption)}</caption><thead><tr><th>in the file</th>"
        f'<th>became</th><th class="n">rows</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _list(heading: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f"<h2>{heading}</h2><ul>{items}</ul>" if items else ""


def _text(text: str) -> str:
    return html.escape(printable(text.replace("\n", " ")))
