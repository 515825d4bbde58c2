"""The pages of the conversation as HTML: forms and text, no script, nothing from anywhere else."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from reanalysis.core.dictionary import PATIENT, Column, load_dictionary
from reanalysis.intake.asking import LEAVE, NUMBERED, Question
from reanalysis.intake.check import Report
from reanalysis.intake.conversation import Conversation, Obstacle, Standing
from reanalysis.intake.report_page import as_html, as_list, as_table, details, second_look
from reanalysis.intake.several import Several

# More questions than this are asked in rounds, and more options than these are a list to unfold.
_MOST_QUESTIONS = 40
_MOST_RADIOS = 6
_FIRST_ROWS = 5
_EXAMPLES = 3
_LONGEST = 40

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --soft: #f1f4f6; --line: #6b7780;
        --strong: #0b5c8a; --on-strong: #fff; --warn: #8a4b00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaec; --paper: #14181b; --soft: #20272c;
        --line: #8b98a1; --strong: #7cc4ee; --on-strong: #0c1a22; --warn: #f0b46a } }
* { box-sizing: border-box }
body { font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 52rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25 } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem }
h2:target, section:target > h2 { border-left: .4rem solid var(--strong); padding-left: .6rem }
a { color: var(--strong) }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px }
fieldset, details, .box { border: 1px solid var(--line); border-radius: .4rem; margin: .8rem 0;
       padding: .6rem .9rem; min-width: 0 }
legend { float: left; width: 100%; padding: 0; margin-bottom: .25rem }
legend + * { clear: both }
h3 { font-size: 1rem; margin: .2rem 0 .6rem } .box > fieldset { border: 0; padding: 0 }
legend, summary { font-weight: 600 } .box > h3 ~ fieldset legend { font-weight: 400 }
summary { cursor: pointer; padding: .25rem 0 }
fieldset label { display: block; padding: .25rem 0 }
input[type=radio] { width: 1.15rem; height: 1.15rem; margin: 0 .5rem 0 0; vertical-align: -.2rem }
select, input[type=text] { font: inherit; width: 100%; max-width: 30rem; min-height: 2.4rem;
       color: inherit; background: var(--paper); border: 1px solid var(--line);
       border-radius: .3rem; padding: .2rem .5rem }
input[type=file] { font: inherit; display: block; width: 100%; padding: 2.5rem 1rem;
       border: 2px dashed var(--line); border-radius: .5rem; background: var(--soft) }
button, .button { font: inherit; display: inline-block; color: var(--strong);
       background: var(--paper); border: 1px solid var(--strong); border-radius: .3rem;
       padding: .4rem .9rem; margin: .2rem .4rem .2rem 0; cursor: pointer; text-decoration: none }
button.main, .button.main { background: var(--strong); color: var(--on-strong); font-weight: 600 }
button.small { padding: .15rem .6rem; font-size: .9rem }
form.inline { display: inline }
.box > h2 { margin-top: .2rem }
.notice { border-left: .4rem solid var(--warn); background: var(--soft); padding: .6rem 1rem }
.verdict { border-left: .4rem solid var(--strong); background: var(--soft); padding: .6rem 1rem;
       font-weight: 600 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left;
       vertical-align: top }
th { overflow-wrap: normal }
td.n, th.n { text-align: right; white-space: nowrap }
.scroll td, .scroll th { overflow-wrap: normal; white-space: nowrap }
[role=log] li { white-space: pre-wrap }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .5rem }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

_PRIVATE = (
    "The file stays on this computer. This page is shown by a program on it, talks to nothing else "
    "and writes nothing but what you save. Close it below and everything is forgotten."
)
_KINDS = (
    "One row for each patient: an Excel workbook (.xlsx) or CSV; cBioPortal's text files and "
    "REDCap's exports; and, after <code>make formats</code>, files of SPSS, Stata, SAS, R, "
    "OpenDocument and older Excel."
)
_CENTRES = (
    "Several centres with a file each: give all of them at once. Each is called by the name of its "
    "file."
)


def key_of(place: Sequence[str]) -> str:
    """Give the name of a question's field, whatever its codes are made of."""
    return "q" + hashlib.sha256(json.dumps(list(place)).encode()).hexdigest()[:20]


def document(title: str, body: Iterable[str]) -> str:
    """Give a whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{as_html(title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(body)}</body></html>\n"
    )


def start_page(refusal: Sequence[str] = (), sheet: str = "") -> str:
    """Give the page that asks for a file.

    Parameters
    ----------
    refusal
        Why the last one could not be read, line by line.
    sheet
        The sheet that was asked for.
    """
    return document(
        "Your cohort" if not refusal else "The file could not be read",
        ["<main><h1>The book about your own cohort</h1>", _file_form(refusal, sheet), _end()],
    )


def _refused(refusal: Sequence[str]) -> str:
    if not refusal:
        return ""
    lines = "".join(f"<li>{as_html(line)}</li>" for line in refusal)
    return (
        '<div class="notice" role="alert"><p>The file could not be read. Do what is said here, '
        f"and choose it again.</p><ul>{lines}</ul></div>"
    )


def _file_form(refusal: Sequence[str], sheet: str = "", *, add: bool = False) -> str:
    is_open = " open" if refusal else ""
    further = (
        '<button name="how" value="add">Add to what is here: further centres</button>'
        if add
        else ""
    )
    return (
        f"{_refused(refusal)}<p>{_PRIVATE}</p>"
        '<form method="post" action="file" enctype="multipart/form-data">'
        '<label for="file"><strong>Drop the file here, or choose it</strong></label>'
        '<input type="file" id="file" name="file" multiple required aria-describedby="kinds">'
        f'<div id="kinds"><p>{_KINDS}</p><p>{_CENTRES}</p></div>'
        f"<details{is_open}><summary>The workbook has several sheets</summary>"
        '<label for="sheet">Name or number of the sheet with the patients; empty for the one that '
        f'looks most like it</label><input type="text" id="sheet" name="sheet" maxlength="100" '
        f'value="{as_html(sheet)}"></details>'
        f'<button class="main">Read the file</button>{further}</form>'
    )


def several_page(several: Several, refusal: Sequence[str] = ()) -> str:
    """Give the page about several files, one for each centre.

    Parameters
    ----------
    several
        The conversations about them.
    refusal
        Why a further file could not be read.
    """
    fits = several.fits()
    return document(
        f"{len(several.talks)} files",
        [
            f"<main><h1>{len(several.talks)} files, one for each centre</h1>",
            _refused(refusal),
            "<p>Each file is answered on a page of its own. When all of them fit, the book shows "
            "their patients together and centre by centre.</p>",
            *(_of_a_centre(key, talk) for key, talk in several.talks.items()),
            *(_together(several.report()) if fits else ()),
            "<details><summary>Further files, or others</summary>",
            _file_form((), add=True),
            "</details>",
            _end(),
        ],
    )


def _of_a_centre(key: str, talk: Conversation) -> str:
    """Say where the conversation about one of several files stands."""
    standing = talk.standing()
    count = len(standing.open)
    if count:
        noun = "question is" if count == 1 else "questions are"
        state, todo, where = f"{count:,} {noun} open.", "Answer", "questions"
    else:
        report = talk.report(standing.plan)
        state = report.verdict
        todo, where = ("Look at it", "verdict") if report.fits else ("Mend it", "verdict")
    name = as_html(talk.name)
    return (
        f'<section class="box"><h2>{name}</h2><p>{as_html(state)}</p>'
        f'<form class="inline" method="post" action="leave">{_hidden(key)}'
        f'<a class="button main" href="./?of={key}#{where}" aria-label="{todo}: {name}">{todo}</a>'
        f'<button aria-label="Leave this file out: {name}">Leave this file out</button></form>'
        "</section>"
    )


def _together(report: Report) -> Iterator[str]:
    """Show the cohort of all files, and what can be done with it."""
    yield '<section id="verdict"><h2>All centres</h2>'
    yield f'<p class="verdict">{as_html(report.verdict)}</p>'
    yield as_list("Centre by centre", report.overview.centres)
    yield second_look(report)
    yield (
        '<p><a class="button" href="pooled.zip" download>Save all as one cohort</a></p>'
        "<p>Its labels are new ones. A patient who stands in two files counts twice.</p>"
        '<form method="post" action="build-all"><p>Building takes some minutes, and replaces a '
        'book that was built before.</p><button class="main">Build the book about all of them'
        "</button></form></section>"
    )


def _hidden(key: str) -> str:
    """Say of which file a form is."""
    return f'<input type="hidden" name="of" value="{key}">'


def talk_page(
    talk: Conversation,
    standing: Standing,
    report: Report | None,
    obstacles: Sequence[Obstacle] = (),
    refusal: Sequence[str] = (),
    key: str = "",
    *,
    others: bool = False,
) -> str:
    """Give the page about a file.

    Parameters
    ----------
    talk
        The conversation about it.
    standing
        Where it stands.
    report
        What ``check`` found; None while questions are open.
    obstacles
        Its problems.
    refusal
        Why another file, chosen in the place of this one, could not be read.
    key
        What the conversation is called among several.
    others
        Whether there are others.
    """
    return document(
        f"{talk.name}: {'questions' if standing.open else 'report'}",
        [
            f"<main><h1>{as_html(talk.name)}</h1>",
            '<p><a href="./">All files</a></p>' if others else "",
            *_as_read(talk, standing),
            *(_questions(standing, key) if standing.open else ()),
            *(_report(report, standing, talk, obstacles, key) if report else ()),
            *_said(talk, standing, key),
            *_other_columns(talk, standing, key),
            f"<details{' open' if refusal else ''}><summary>Another file, or those of other "
            "centres</summary>",
            _file_form(refusal, add=True),
            "</details>",
            _end(),
        ],
    )


def _end() -> str:
    return (
        '</main><footer><form method="post" action="stop"><button>Close: stop the program and '
        "forget the file</button></form></footer>"
    )


def _as_read(talk: Conversation, standing: Standing) -> Iterator[str]:
    table = talk.table
    yield (
        f'<section id="read"><h2>What was read</h2><p>{len(table):,} rows and '
        f"{len(table.columns):,} columns.</p>"
    )
    if talk.notes:
        yield f"<ul>{''.join(f'<li>{as_html(note)}</li>' for note in talk.notes)}</ul>"
    header = "".join(f'<th scope="col">{as_html(_cut(str(name)))}</th>' for name in table.columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{as_html(_cut(str(cell)))}</td>' for cell in row)}</tr>"
        for row in table.head(_FIRST_ROWS).itertuples(index=False)
    )
    yield (
        f"<details><summary>The first rows</summary>{_scrolling('The first rows of the file')}"
        f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
    columns = standing.plan.get("columns", {})
    rows = "".join(_recognised(load_dictionary().columns[n], e, talk) for n, e in columns.items())
    yield (
        f"{_scrolling('What the book takes from the file')}<table><caption>What the book takes "
        'from it</caption><thead><tr><th scope="col">in the book</th>'
        '<th scope="col">from the file</th>'
        f'<th scope="col">such as</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _scrolling(label: str) -> str:
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{as_html(label)}">'


def _recognised(column: Column, entry: dict[str, object], talk: Conversation) -> str:
    source = entry.get("from", "")
    names = [str(name) for name in source] if isinstance(source, list) else [str(source)]
    shown = ", ".join(names)
    if since := entry.get("since"):
        shown += f", counted from {since}"
    if entry.get("numbered"):
        shown = "(the rows, numbered)"
    examples: list[str] = []
    if names[0] in talk.table:
        cells = talk.table[names[0]]
        examples = [_cut(str(cell)) for cell in cells[cells != ""].unique()[:_EXAMPLES]]
    return (
        f'<tr><th scope="row">{as_html(column.label)}</th><td>{as_html(shown)}</td>'
        f"<td>{as_html(', '.join(examples))}</td></tr>"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _questions(standing: Standing, key: str) -> Iterator[str]:
    count = len(standing.open)
    noun = "question" if count == 1 else "questions"
    yield (
        f'<section id="questions"><h2>{count:,} {noun} that only you can answer</h2>'
        "<p>What is left open stays a question; an answer can be taken back.</p>"
        f'<form method="post" action="answers">{_hidden(key)}'
    )
    for about, asked in groupby(standing.open[:_MOST_QUESTIONS], lambda q: q.about):
        heading = f"<h3>{as_html(about)}</h3>" if about else ""
        yield f'<div class="box">{heading}{"".join(map(_question, asked))}</div>'
    more = count - _MOST_QUESTIONS
    if more > 0:
        yield f"<p>{more:,} more will follow.</p>"
    yield '<button class="main">Go on with these answers</button></form></section>'


def _question(question: Question) -> str:
    key = key_of(question.place)
    text = as_html(question.what[:1].upper() + question.what[1:])
    options = [as_html(_in_words(question, option)) for option in question.options]
    if len(options) > _MOST_RADIOS:
        listed = "".join(f'<option value="{i}">{shown}</option>' for i, shown in enumerate(options))
        # What it is about stands above for those who see it.
        label = as_html(question.text)
        return (
            f'<p><label for="{key}">{text}</label><select id="{key}" name="{key}" '
            f'aria-label="{label}"><option value="">choose</option>{listed}</select></p>'
        )
    radios = "".join(
        f'<label><input type="radio" name="{key}" value="{i}">{shown}</label>'
        for i, shown in enumerate(options)
    )
    return f"<fieldset><legend>{text}</legend>{radios}</fieldset>"


def _in_words(question: Question, option: str) -> str:
    """Give an option in words, where it is the code of an event."""
    column = load_dictionary().columns.get(question.place[1]) if question.place[1:] else None
    if column is None or column.type != "event" or question.place[2:3] != ("levels",):
        return option
    return {"1": "1: it happened", "0": "0: it did not happen"}.get(option, option)


def _report(
    report: Report,
    standing: Standing,
    talk: Conversation,
    obstacles: Sequence[Obstacle],
    key: str,
) -> Iterator[str]:
    yield (
        '<section id="verdict"><h2>Can it be used?</h2>'
        f'<p class="verdict">{as_html(report.verdict)}</p>'
    )
    for number, obstacle in enumerate(obstacles):
        yield _obstacle(number, obstacle, key)
    # Before there is something to press: a mistake that fits is built as it is.
    yield second_look(report)
    yield from _save(report, key)
    yield "</section>"
    yield as_list("Altogether", report.totals_in_words)
    if report.overview.columns:
        yield (
            "<h2>What each column became</h2><p>Read it once from top to bottom: a value that "
            "became something else than you meant is seen here.</p>"
        )
    for view in report.overview.columns:
        yield f'<div class="box">{as_table(view)}'
        entry = standing.plan.get("columns", {}).get(view.name, {})
        column = load_dictionary().columns[view.name]
        if view.name not in talk.reopened and ("unit" in entry or "since" in entry or view.became):
            yield (
                f'<form method="post" action="again">{_hidden(key)}<button class="small" '
                f'name="column" value="{as_html(view.name)}">Not as I meant it: ask me about '
                f"{as_html(column.label)}</button></form>"
            )
        yield "</div>"
    yield from details(report, in_full=False)


def _obstacle(number: int, obstacle: Obstacle, key: str) -> str:
    problem = obstacle.problem
    values = ", ".join(map(repr, filter(None, obstacle.values[:4])))
    beyond = len(obstacle.values) - 4
    more = f" and {beyond:,} other{'s' * (beyond > 1)}" if beyond > 0 else ""
    found = f" is {values}{more}" if values else ""
    rows = obstacle.rows
    listed = ", ".join(f"{row:,}" for row in rows[:8]) + (", …" if len(rows) > 8 else "")
    where = f" (in {'row' if len(rows) == 1 else f'{len(rows):,} rows:'} {listed})" if rows else ""
    told = (
        f"{problem.column}{found}{where}: expected {problem.expected}"
        if problem.column
        else problem.expected
    )
    if not obstacle.ways:
        advice = f" {problem.hint}." if problem.hint else ""
        return (
            f'<div class="box"><p>{as_html(told)}.{as_html(advice)}</p><p>Change a copy of the '
            "file, or take another column for it below.</p></div>"
        )
    radios = "".join(
        f'<label><input type="radio" name="way" value="{i}" required>{as_html(way)}</label>'
        for i, way in enumerate(obstacle.ways)
    )
    why = f"{problem.column or 'row'}: not {problem.expected}"[:200]
    return (
        f'<form method="post" action="mend">{_hidden(key)}<fieldset>'
        f"<legend>{as_html(told)}</legend>{radios}"
        f'<label for="why{number}">Why? It is shown with the report, and on the book\'s page about '
        f'the cohort, too: name nobody</label><input type="text" id="why{number}" name="why" '
        f'required maxlength="300" value="{as_html(why)}"><input type="hidden" name="obstacle" '
        f'value="{key_of((problem.column, problem.expected))}"><p><button>Go on like this</button>'
        "</p></fieldset></form>"
    )


def _save(report: Report, key: str) -> Iterator[str]:
    of = f"?of={key}"
    yield (
        f'<h2>Save</h2><p><a class="button main" href="mapping.toml{of}" download>Save the mapping'
        f'</a><a class="button" href="report.html{of}" download>Save the report, to print</a>'
    )
    if report.fits:
        yield f'<a class="button" href="copy.zip{of}" download>Save a copy without names</a>'
    yield (
        "</p><p>The mapping is a small text with everything that you answered and no patient: the "
        "same file is read by it again.</p>"
    )
    if report.fits:
        yield (
            f'<h2>Build</h2><form method="post" action="build">{_hidden(key)}'
            "<p>It takes some minutes, and replaces a book that was built before. A copy of the "
            'file is on the disk while it is built.</p><button class="main">Build the book</button>'
            "</form>"
        )


def _said(talk: Conversation, standing: Standing, key: str) -> Iterator[str]:
    """List what was said so far, each with a button that takes it back."""
    items = [
        _taken_back(f"{question.text} {given}", "answer", key_of(question.place))
        for question, given in standing.answered
    ]
    items += [
        _taken_back(f"{chosen.way} ({chosen.why})", "mend", str(number))
        for number, chosen in enumerate(talk.mends)
    ]
    columns = load_dictionary().columns
    items += [
        _taken_back(f"{columns[name].label}: {source}", "source", name)
        for name, source in talk.sources.items()
    ]
    if items:
        yield (
            '<section id="said"><h2>What you have said</h2><form method="post" action="back">'
            f"{_hidden(key)}<ul>"
            f"{''.join(items)}</ul></form></section>"
        )


def _taken_back(told: str, what: str, key: str) -> str:
    # Those who hear the page hear what each button is about.
    return (
        f'<li>{as_html(told)} <button class="small" name="{what}" value="{as_html(key)}" '
        f'aria-label="Take it back: {as_html(told[:100])}">Take it back</button></li>'
    )


def _other_columns(talk: Conversation, standing: Standing, key: str) -> Iterator[str]:
    columns = [str(name) for name in talk.table.columns]
    names = "".join(f'<option value="{i}">{as_html(n)}</option>' for i, n in enumerate(columns))
    taken = standing.plan.get("columns", {})
    yield (
        "<details><summary>Another column of the file is meant, or one was not recognised</summary>"
        "<p>For each column of the book, which column of the file it is made from. What you do not "
        f'touch stays as it is.</p><form method="post" action="sources">{_hidden(key)}'
    )
    for column in load_dictionary().columns.values():
        entry = taken.get(column.name)
        source = (entry or {}).get("from", "(the rows, numbered)" if entry else "(not in the file)")
        now = ", ".join(map(str, source)) if isinstance(source, list) else str(source)
        other = ""
        if column.name == PATIENT:
            other = f'<option value="numbered">{NUMBERED}</option>'
        elif not column.required:
            other = f'<option value="leave">{LEAVE}</option>'
        name = f"c-{column.name}"
        yield (
            f'<p><label for="{name}"><strong>{as_html(column.label)}</strong>: '
            f"{as_html(column.meaning)}</label>"
            f'<select id="{name}" name="{name}"><option value="">as it is: {as_html(_cut(now))}'
            f"</option>{other}{names}</select></p>"
        )
    yield "<button>Take these columns</button></form></details>"
