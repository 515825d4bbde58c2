"""What the site adds to Jupyter Book's pages, as a Sphinx extension.

A description of each page in its own words and the tags that a shared link shows, the picture for
them, links from terms to the glossary, an entrance at the root, a page for addresses that do not
exist, widgets as pages of one file, and a policy in each page by which it asks no other site for
anything.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx_book_theme.header_buttons.launch import add_launch_buttons

from reanalysis.analysis.survival import event_times, kaplan_meier
from reanalysis.cohort.loading import load_cohort
from reanalysis.core.paths import SYNTHETIC_COHORT
from reanalysis.page.figures import COLOURS, draw_steps
from reanalysis.page.steps import value_at
from reanalysis.paper.study import LOCAL_CONTROL, OVERALL_SURVIVAL, RATE_MONTH
from reanalysis.site import formulas, notes
from reanalysis.site.content_security import protect_site
from reanalysis.site.handout import write_handouts
from reanalysis.site.terms import on_resolved
from reanalysis.site.widget_state import WIDGET_STATE, without_tags

Context = dict[str, Any]
Page = tuple[str, Context, str]

DESCRIPTION_LENGTH = 300  # characters
SENTENCE_END = re.compile(r"(?<=[.?!])(?<!Fig\.)(?<!al\.)\s+(?=[A-Z0-9])")

# What extensions put into every page, and the part of a page that has a use for it.
USES = {
    "togglebutton": r'class="[^"]*\b(toggle|dropdown)\b',
    "toggleHint": r'class="[^"]*\b(toggle|dropdown)\b',
    "toggleOpenOnPrint": r'class="[^"]*\b(toggle|dropdown)\b',
    "design-tabs": "sd-tab-set",
    "sphinx-design": 'class="sd-',
    "clipboard": 'class="highlight',
    "figures.js": 'class="reanalysis-figure"',
    "copybutton": 'class="highlight',
}

# The corner of a table has no text: it is a cell, and no header.
EMPTY_HEADER = re.compile(r"<th(?: scope=\"col\")?((?: class=\"[^\"]*\")?)>(?:\s|<p></p>)*</th>")

# A notebook that a table leads to, as the notebooks themselves know it.
NOTEBOOK = re.compile(r'(<a href="\w+)\.ipynb(?=["#])')

# A cell of code that can be folded, and is the lesson.
LESSON = re.compile(
    r'(<div class="cell [^"]*\btag_lesson\b[^"]*">\s*<details class="[^"]*\babove-input\b[^"]*")'
)

CARD = "social-card.png"
CARD_SIZE = (1200, 630)  # pixels, as the large cards of social networks are
CARD_CURVES = (LOCAL_CONTROL, OVERALL_SURVIVAL)
CARD_ALT = "Curves of local control and overall survival after SBRT in the book's synthetic cohort."


def description(page: nodes.Node) -> str:
    """Describe a page in the whole sentences that it begins with.

    Parameters
    ----------
    page
        The page's document tree.

    Returns
    -------
    str
        The first sentence of its first paragraph, and further ones of the same paragraph as far
        as they fit; empty if the page has no paragraph.
    """
    # A paragraph of the text itself, not of a box or a list, and not a line that code has made.
    paragraphs = (p for p in page.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    first = next(paragraphs, None)
    if first is None:
        return ""
    text, *more = SENTENCE_END.split(" ".join(first.astext().split()))
    for sentence in more:
        if len(text) + 1 + len(sentence) > DESCRIPTION_LENGTH:
            break
        text += " " + sentence
    return text


def draw_card(path: Path, title: str) -> None:
    """Draw the picture that a shared link shows.

    Parameters
    ----------
    path
        PNG file to write.
    title
        Title of the book.
    """
    width, height = CARD_SIZE
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
    figure.text(0.06, 0.86, title, size=40, weight="bold", color="#1f4e6b", family="DejaVu Serif")
    figure.text(0.06, 0.765, "A clinical paper, recomputed number by number", size=23, color="#333")
    axes = figure.add_axes((0.13, 0.16, 0.8, 0.52))
    cohort = load_cohort(SYNTHETIC_COHORT)
    # Each name stands clear of its curve: above the upper, below the lower.
    for endpoint, colour, place in zip(CARD_CURVES, COLOURS, (5, -24), strict=False):
        curve = 100 * kaplan_meier(event_times(cohort, endpoint)).table
        draw_steps(axes, curve, "survival", colour, width=4)
        here = value_at(curve["survival"], RATE_MONTH)
        axes.text(RATE_MONTH, here + place, endpoint.label, size=24, color=colour, weight="bold")
    axes.set(xlim=(0, 60), ylim=(0, 106), xticks=range(0, 61, 12), yticks=(0, 50, 100))
    axes.yaxis.set_major_formatter("{x:.0f} %")
    axes.tick_params(labelsize=18, length=0, pad=8, colors="#555")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("Months from the start of SBRT (synthetic cohort)", size=18, color="#555")
    figure.savefig(path, metadata={"Software": None})


def is_used(resource: Any, body: str) -> bool:
    """Tell whether a page has a use for a script or a style sheet.

    Parameters
    ----------
    resource
        Sphinx' record of a script or style sheet: its file name, or the script itself.
    body
        The page's text as HTML.

    Returns
    -------
    bool
        Whether the page has what the resource is for, or the resource is for every page.
    """
    what = f"{resource.filename} {resource.attributes.get('body', '')}"
    return all(re.search(use, body) for name, use in USES.items() if name in what)


def deferred(script: Any) -> Any:
    """Give a script that waits for its page; Sphinx has one record of it for all pages.

    What does not wait makes the page wait for it, one after the other. The options are set at once
    in the page itself, and the search, which is no page of the book, asks for its index at once.
    """
    if not script.filename or "documentation_options" in script.filename:
        return script
    attributes = script.attributes | {"defer": "defer"}
    return type(script)(script.filename, priority=script.priority, **attributes)


def complete(
    app: Sphinx, pagename: str, templatename: str, context: Context, doctree: nodes.document | None
) -> None:
    """Give a page's template its description and card, and take from it what it does not need."""
    if doctree is not None:
        context["page_description"] = description(doctree)
        launch_first_notebook(app, pagename, templatename, context)
    elif pagename == "search":
        context["page_description"] = f"Search all pages of the book {app.config.html_title!r}."
    base = app.config.html_baseurl
    context["card"] = {
        "image": f"{base}_static/{CARD}" if base else context["pathto"](f"_static/{CARD}", 1),
        "alt": CARD_ALT,
        "width": CARD_SIZE[0],
        "height": CARD_SIZE[1],
    }
    if "body" in context:
        context["body"] = EMPTY_HEADER.sub(r"<td\1></td>", context["body"])
        context["body"] = NOTEBOOK.sub(r"\1.html", context["body"])
        context["body"] = LESSON.sub(r"\1 open", context["body"])
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [one for one in context[kind] if is_used(one, body)]
    if doctree is not None:
        context["script_files"] = [deferred(one) for one in context["script_files"]]
    for script in context["script_files"]:
        if script.attributes.get("type") == WIDGET_STATE:
            script.attributes["body"] = without_tags(script.attributes["body"])


def launch_first_notebook(app: Sphinx, pagename: str, templatename: str, context: Context) -> None:
    """Give a page of prose the launch button of the first notebook: the theme gives it none."""
    suffix = ".ipynb"
    listed = app.env.toctree_includes[app.config.root_doc]
    first = next((p for p in listed if str(app.env.doc2path(p)).endswith(suffix)), None)
    if first is None or str(app.env.doc2path(pagename)).endswith(suffix):
        return
    # The theme asks what it is of the page; the list of buttons is the same.
    notebook = {"pagename": first, "page_source_suffix": suffix, "sourcename": first + suffix}
    add_launch_buttons(app, first, templatename, {**context, **notebook}, None)


def extra_pages(app: Sphinx) -> Iterator[Page]:
    """Give the site an entrance at its root, and a page for addresses that do not exist."""
    root = app.config.root_doc
    titles = {name: title.astext() for name, title in app.env.titles.items()}
    chapters = [(f"{name}.html", titles[name]) for name in app.env.toctree_includes[root]]
    yield (
        "index",
        {
            "target": f"{root}.html",
            "pagetitle": titles[root],
            "page_description": description(app.env.get_doctree(root)),
        },
        "entrance.html",
    )
    # A server shows it at any depth, where a relative link would lead astray.
    base = urlsplit(app.config.html_baseurl).path
    chapters = [(f"{root}.html", titles[root]), *chapters]
    yield "404", {"base": base, "chapters": chapters}, "404.html"


def finish(app: Sphinx, error: Exception | None) -> None:
    """Draw the picture for shared links, write the pages of one file, and protect all pages."""
    if error is None and app.builder.format == "html":
        write_handouts(Path(app.outdir), app.config.html_title)
        draw_card(Path(app.outdir) / "_static" / CARD, app.config.html_title)
        protect_site(Path(app.outdir))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    formulas.setup(app)
    # After all others: it has the last word on the description and on the scripts.
    app.connect("html-page-context", complete, priority=900)
    app.connect("doctree-resolved", notes.on_resolved)
    app.connect("doctree-resolved", on_resolved)
    app.connect("html-collect-pages", extra_pages)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
