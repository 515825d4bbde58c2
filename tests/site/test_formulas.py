"""Formulas as MathML."""

import re
from xml.etree import ElementTree

import nbformat
import pytest

from reanalysis.core.paths import ROOT
from reanalysis.site.build import pages
from reanalysis.site.formulas import FormulaError, mathml

FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\w$\\])\$([^$\n]+)\$", re.DOTALL)


def text(element: str) -> str:
    return "".join(ElementTree.fromstring(element).itertext())


def test_a_formula_has_its_symbols_in_order() -> None:
    assert text(mathml(r"\hat S(t)^{\exp(\pm 1.96\, s)}", block=True)) == "S^(t)exp(±1.96s)"
    fraction = ElementTree.fromstring(mathml(r"\frac{d}{\alpha/\beta}", block=False))
    assert [child.tag.rpartition("}")[2] for child in fraction.iter()][:3] == [
        *("math", "mrow", "mfrac"),
    ]
    assert ["".join(part.itertext()) for part in fraction[0][0]] == ["d", "α/β"]


def test_a_formula_stands_in_its_line_or_by_itself() -> None:
    assert 'display="inline"' in mathml("x", block=False)
    assert 'display="block"' in mathml("x", block=True)


def test_signs_and_functions_are_set_as_what_they_are() -> None:
    assert "<mo>&#x000B1;</mo>" in mathml(r"a \pm b", block=False)
    assert '<mo form="prefix">&#x02212;</mo>' in mathml("(-a)", block=False)
    assert '<mo form="prefix">&#x000B1;</mo>' in mathml(r"(\pm a)", block=False)
    assert '<mi>log</mi><mspace width="0.167em" /><mi>t</mi>' in mathml(r"\log t", block=False)
    assert "mspace" not in mathml(r"\log(t)", block=False)


@pytest.mark.parametrize("formula", [r"\foo x", r"a_"])
def test_what_cannot_be_written_stops_the_build(formula: str) -> None:
    with pytest.raises(FormulaError):
        mathml(formula, block=False)


def test_every_formula_of_the_book_can_be_written() -> None:
    found = []
    for page in (ROOT / name for name in pages() if name.suffix == ".ipynb"):
        notebook = nbformat.read(page, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                found += [block or line for block, line in FORMULA.findall(cell.source)]
    assert len(found) > 50
    for formula in found:
        assert "\\" not in text(mathml(formula, block=True)), formula
