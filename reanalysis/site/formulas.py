"""Formulas as MathML, written when the site is built.

Every current browser draws MathML by itself and every screen reader reads it, so that a page with
a formula loads no more than one without. JupyterLab shows the same formulas by its own means.
"""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

# What the converter leaves to be said, in this order: plus or minus is an operator; behind a
# bracket a sign belongs to what follows; a function stands apart from its argument.
_MENDED = (
    (re.compile(r"<mi>(&#x000B1;|&#x02213;)</mi>"), r"<mo>\1</mo>"),
    (
        re.compile(r"(&#x00028;</mo>)<mo>(&#x02212;|&#x000B1;)</mo>"),
        r'\1<mo form="prefix">\2</mo>',
    ),
    (re.compile(r"(<mi>(?:log|ln|exp)</mi>)(?=<m(?!o))"), r'\1<mspace width="0.167em" />'),
)


class FormulaError(SphinxError):
    """A formula that cannot be written as MathML."""

    category = "Formula"


def mathml(formula: str, *, block: bool) -> str:
    r"""Write a formula as MathML.

    Parameters
    ----------
    formula
        In LaTeX's mathematics, without dollar signs.
    block
        Whether it stands by itself, on a line of its own.

    Returns
    -------
    str
        A ``math`` element.

    Raises
    ------
    FormulaError
        If a command in it is not known, which the converter would print as it stands.
    """
    try:
        element: str = convert(formula, display="block" if block else "inline")
    except Exception as error:
        raise FormulaError(f"{formula!r} is no formula: {type(error).__name__}") from error
    if unknown := re.search(r"\\\w+", element):
        raise FormulaError(f"no MathML is known for {unknown[0]} in {formula!r}")
    for pattern, mended in _MENDED:
        element = pattern.sub(mended, element)
    return element


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(f'<span class="math">{mathml(node.astext(), block=False)}</span>')
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    number = ""
    if node["number"]:
        number = f'<span class="eqno">({get_node_equation_number(translator, node)})</span>'
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    element = mathml(node.astext(), block=True)
    # What is wider than a phone scrolls, and is reached by keyboard where it does.
    translator.body.append(f'<div class="math"{ids}>{number}{element}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register as the renderer ``mathml``, which ``html_math_renderer`` names."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
