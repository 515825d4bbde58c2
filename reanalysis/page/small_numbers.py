"""Numbers of patients in what the cells of a notebook write, in a book about patients.

Tables, figures and the numbers of the register see to it themselves. What is left is what a
cell makes on its own: the f-strings of its sentences, captions and alternative texts, and the
value that it shows at its end. Before a cell runs, those of its f-strings that use the cohort,
or a name that was made from it, are replaced by a call that hides small numbers. Nothing that a
new cell writes about patients can then be forgotten.
"""

import ast
import re
from collections.abc import Iterator
from itertools import combinations
from numbers import Integral, Real
from typing import Any

import pandas as pd

from reanalysis.core.disclosure import HIDDEN, TooFew
from reanalysis.page.table import without_small_cells

TEXT = "_reanalysis_text"
VALUE = "_reanalysis_value"
# Where a cohort comes from, and the name of the one that is everybody's.
_SOURCES = frozenset({"load_cohort", "provenance"})
_SYNTHETIC = "SYNTHETIC_COHORT"
# What pandas calls the ends of a summary.
_EXTREMES = frozenset({"min", "max"})
# Names of numbers that are not of patients; the settings of the explorer are the reader's.
_NO_COUNT = re.compile(r"month|landmark|step|cut|chapter|criteria|^explorer\.", re.IGNORECASE)


class SmallNumbers(ast.NodeTransformer):
    """Replaces what uses the cohort by calls that hide small numbers.

    It is kept for a whole notebook: a name counts as made from the cohort if any of the
    statements that made it used the cohort or such a name.
    """

    def __init__(self) -> None:
        self.from_cohort = set(_SOURCES)

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Replace what uses the cohort in a cell."""
        body = [self._statement(statement) for statement in module.body]
        if body and isinstance(last := body[-1], ast.Expr) and self._uses(last):
            last.value = ast.copy_location(_call(VALUE, [last.value]), last.value)
        module.body = body
        return ast.fix_missing_locations(module)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Replace an f-string by a call of ``text``."""
        parts: list[ast.expr] = []
        for part in node.values:  # noqa: PD011 - no data frame
            if not isinstance(part, ast.FormattedValue) or not self._uses(part.value):
                parts.append(ast.JoinedStr([part]))
                continue
            value = self.visit(part.value)
            converted = ast.FormattedValue(value, part.conversion, None)
            plain = value if part.conversion == -1 else ast.JoinedStr([converted])
            spec = part.format_spec or ast.Constant("")
            counts = ast.Constant(not _NO_COUNT.search(ast.unparse(part.value)))
            parts.append(ast.Tuple([plain, spec, counts], ast.Load()))
        return ast.copy_location(_call(TEXT, parts), node)

    def _statement(self, statement: ast.stmt) -> ast.stmt:
        if not isinstance(statement, ast.Import | ast.ImportFrom) and self._uses(statement):
            self.from_cohort |= set(_made(statement))
            statement = self.visit(statement)
        return statement

    def _uses(self, node: ast.AST) -> bool:
        names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
        return bool(names & self.from_cohort) and _SYNTHETIC not in names


def text(*parts: Any, smallest: int) -> str:
    """Put together what an f-string would, without small numbers of patients.

    A whole number is hidden if it is small, or if it is short of another one in the text by a
    small number: those are the others in 'x of n'. Beside a hidden number nothing with decimals
    is shown.

    Parameters
    ----------
    *parts
        Finished text, or a value with its format and whether it may count patients.
    smallest
        Smallest number of patients that is shown.
    """
    counts = [
        float(part[0]) for part in parts if isinstance(part, tuple) and part[2] and _is_whole(*part)
    ]

    def hides(value: Any) -> bool:
        return any(0 < part < smallest for part in (value, *(n - value for n in counts if value)))

    any_hidden = any(hides(count) for count in counts)
    shown = []
    for part in parts:
        if isinstance(part, str):
            shown.append(part)
            continue
        value, spec, counted = part
        whole = _is_whole(*part)
        number = isinstance(value, Real) and not isinstance(value, bool)
        hide = counted and (hides(float(value)) if whole else number and any_hidden)
        shown.append(HIDDEN if hide else format(value, spec))
    return "".join(shown)


def value(shown: Any, smallest: int) -> Any:
    """Hide the small numbers of what a cell shows at its end.

    Parameters
    ----------
    shown
        Anything; only frames, numbers and collections of them are looked at.
    smallest
        Smallest number of patients that is shown.

    Raises
    ------
    TooFew
        If there is a small number in a collection, or two of a tuple that are so close, or a row
        per patient.
    """
    if isinstance(shown, pd.DataFrame):
        return _without_extremes(without_small_cells(shown, smallest))
    if isinstance(shown, pd.Series):
        return value(shown.to_frame(shown.name or "value"), smallest)
    if any(0 < number < smallest for number in _whole_numbers(shown)):
        raise TooFew(smallest)
    if any(0 < abs(a - b) < smallest for a, b in _pairs(shown)):
        raise TooFew(smallest)  # as of (302, 300): two are left
    return shown


def _without_extremes(frame: pd.DataFrame) -> pd.DataFrame:
    """Hide the smallest and the largest value of a summary: each is one patient's own."""
    rows, columns = ([str(name) in _EXTREMES for name in axis] for axis in frame.axes)
    if not any(rows) and not any(columns):
        return frame
    result = frame.astype(object)
    result.loc[rows] = HIDDEN
    result.loc[:, columns] = HIDDEN
    return result


def _pairs(shown: Any) -> Iterator[tuple[float, float]]:
    """Yield the pairs of whole numbers that stand side by side in a tuple."""
    if isinstance(shown, tuple):
        yield from combinations([n for item in shown for n in _direct(item)], 2)
    items = shown.values() if isinstance(shown, dict) else shown
    if isinstance(shown, dict | list | tuple | set):
        for item in items:
            yield from _pairs(item)


def _direct(item: Any) -> Iterator[float]:
    if isinstance(item, Integral) and not isinstance(item, bool):
        yield float(item)


def _whole_numbers(shown: Any) -> Iterator[float]:
    if isinstance(shown, Integral) and not isinstance(shown, bool):
        yield float(shown)
    elif isinstance(shown, dict):
        yield from _whole_numbers([*shown.values()])
    elif isinstance(shown, list | tuple | set):
        for item in shown:
            yield from _whole_numbers(item)


def _is_whole(value: Any, spec: str, _: bool) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, Integral):
        return True
    return isinstance(value, float) and spec in (".0f", "g") and value.is_integer()


def _made(statement: ast.stmt) -> Iterator[str]:
    """Yield every name that a statement makes, those of its loops and arguments included."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
    # Something stored in a name that was there before: frame["x"] = ..., list.append(...).
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                yield node.id


def _call(name: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), arguments, [])
