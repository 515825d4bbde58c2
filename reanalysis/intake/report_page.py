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
    name = as_html(report.file)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Report on {name}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Report on {name}</h1><p>{as_html(report.verdict)}</p>",
        '<p class="notice">This page is for you and your statistician. It holds no row of a '
        "patient, but small numbers and single values of the file as they are: keep it where the "
        "file is kept, and do not publish it.</p>",
        as_list("Altogether", report.totals_in_words),
        as_list("What stands in the way", problem_lines(report)),
        *details(report),
        "</main></body></html>\n",
    ]
    return "\n".join(filter(None, parts))


def second_look(report: Report) -> str:
    """List what fits and looks like a mistake, with how many rows it is in, and never in which."""
    return as_list(
        "Worth a second look",
        (f"{s.column}: {s.message}{_in(len(s.rows))}" for s in report.suspicions),
    )


def details(report: Report, *, in_full: bool = True) -> Iterator[str]:
    """Give what a report says besides its verdict, its totals and its problems, part by part.

    Parameters
    ----------
    report
        What ``check`` found.
    in_full
        Whether with what looks like a mistake, and with what became of the values of each column.

    Yields
    ------
    str
        HTML; empty where there is nothing to say.
    """
    yield as_list("Centre by centre", report.overview.centres)
    if in_full:
        yield second_look(report)
    if report.overview.columns and in_full:
        yield "<h2>What each column became</h2>"
        yield from map(as_table, report.overview.columns)
    yield as_list("How it was read", (*report.notes, *report.mapped))
    yield as_list(report.sections_heading, map(str, report.sections))
    yield as_list("What it cannot show of this cohort, and why", report.limits)


def problem_lines(report: Report) -> Iterator[str]:
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


def as_table(view: ColumnView) -> str:
    """Give what became of the values of a column as a table, or as a line where it has numbers."""
    column = load_dictionary().columns[view.name]
    source = "" if view.made_from == view.name else f", from {view.made_from}"
    caption = f"{column.label} ({view.name}){source}"
    if view.numbers:
        caption += f": {view.numbers}"
    if not view.became:
        return f"<p><strong>{as_html(caption)}</strong></p>"
    rows = "".join(
        f"<tr><td>{as_html(b.raw)}</td><td>{as_html(b.level)}</td>"
        f'<td class="n">{b.count:,}</td></tr>'
        for b in view.became
    )
    if view.more:
        rows += f'<tr><td colspan="3">and {view.more:,} more</td></tr>'
    header = (
        '<th scope="col">in the file</th><th scope="col">became</th>'
        '<th scope="col" class="n">rows</th>'
    )
    return (
        f"<table><caption>{as_html(caption)}</caption><thead><tr>{header}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def as_list(heading: str, lines: Iterable[str]) -> str:
    """Give a heading and its lines; nothing where there is no line."""
    items = "".join(f"<li>{as_html(line)}</li>" for line in lines)
    return f"<h2>{heading}</h2><ul>{items}</ul>" if items else ""


def as_html(text: str) -> str:
    """Give a text of a file as HTML that shows it and does nothing else."""
    return html.escape(printable(text.replace("\n", " ")))
