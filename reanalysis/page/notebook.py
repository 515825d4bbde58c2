"""What makes the notebooks of this book: ``%load_ext reanalysis``.

Loading it sets the style of figures, and lets a notebook run on a cohort that records only
part of the data dictionary: a cell that needs what the cohort does not have shows a note
that names it, in place of its result, and so does every later cell that uses a name which
that cell would have made. Nothing else is caught. In a book about patients it hides small numbers
in what cells write (see ``reanalysis.page.small_numbers``).
"""

import ast
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Markdown

from reanalysis.cohort.columns import obstacle
from reanalysis.cohort.policy import policy_of
from reanalysis.compare.recomputation import Recomputation
from reanalysis.core.disclosure import in_words
from reanalysis.core.errors import CannotShow
from reanalysis.core.formatting import with_minus
from reanalysis.page import figures
from reanalysis.paper.register import fill

# How a note begins, and one that repeats the reason above it: the site says it once in a section.
NOTE = 'class="reanalysis-note" role="note"'
REPEATED = f"{NOTE} data-repeated"

# What Markdown passes on as HTML begins so; p <0.001 does not.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_GUARD = "_reanalysis_note"
_RESULT = "_reanalysis_result"
_CAUGHT = "_reanalysis_reason"
_USE = "_reanalysis_use"
_LAST = "_reanalysis_last_reason"


def say(template: str, source: Recomputation | Callable[[str], str] | None = None) -> Markdown:
    """Return a sentence for the page.

    A tag in it is text: names and values of somebody's file may be part of the sentence.

    Parameters
    ----------
    template
        Markdown without HTML. With a source, ids of published numbers in braces are filled.
    source
        The published numbers as the cohort gives them, ``here``, or as the paper prints them,
        ``published``.
    """
    sentence = template
    if isinstance(source, Recomputation):
        sentence = source.text(template)
    elif source:
        sentence = fill(template, source)
    return Markdown(_TAG.sub("&lt;", with_minus(in_words(sentence))))  # type: ignore[no-untyped-call]


class Note:
    """A note in place of a result.

    Parameters
    ----------
    reason
        What stands in the way of the result.
    repeated
        Whether the reader has just been told so.
    """

    def __init__(self, reason: CannotShow, repeated: bool = False) -> None:
        self.reason = reason
        self.repeated = repeated

    def _repr_html_(self) -> str:
        opening = REPEATED if self.repeated else NOTE
        return f"<p {opening}>{escape(str(self))}</p>"

    def __repr__(self) -> str:
        if self.repeated:
            return "Not shown, for the same reason."
        return f"Not shown: {self.reason}."


class _Unavailable:
    """What a name is bound to whose cell could not run: any use of it says why again."""

    def __init__(self, reason: CannotShow) -> None:
        object.__setattr__(self, "_reason", reason)

    def _raise(self, *_: Any, **__: Any) -> Any:
        raise object.__getattribute__(self, "_reason")

    def __getattribute__(self, name: str) -> Any:
        # IPython looks at the class of a name before it runs a line with it.
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise object.__getattribute__(self, "_reason")

    __setattr__ = __getitem__ = __setitem__ = __call__ = _raise
    __iter__ = __len__ = __bool__ = __float__ = __int__ = __str__ = __format__ = _raise
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __hash__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = _raise
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __and__ = __or__ = __invert__ = _raise
    __abs__ = __round__ = __pos__ = __floordiv__ = __rfloordiv__ = __mod__ = _raise
    __array__ = __repr__ = _raise


class _Guard(ast.NodeTransformer):
    """Wrap a cell so that what cannot be shown becomes a note and its names stay accounted for."""

    def visit_Module(self, module: ast.Module) -> ast.Module:
        if not module.body:
            return module
        names = sorted(set(_assigned(module)))
        body = list(module.body)
        if isinstance(body[-1], ast.Expr):
            # The value of a last expression is the cell's output: keep it as one.
            body[-1] = ast.copy_location(
                ast.Assign(
                    targets=[ast.Name(_RESULT, ast.Store())],
                    value=ast.Call(ast.Name(_USE, ast.Load()), [body[-1].value], []),
                ),
                body[-1],
            )
        else:
            body.append(ast.parse(f"{_RESULT} = None").body[0])
        wrapped = ast.parse(
            f"try:\n    pass\n"
            f"except Exception as {_CAUGHT}:\n"
            f"    {_RESULT} = {_GUARD}({_CAUGHT}, {names!r}, globals())\n"
            f"{_RESULT}"
        )
        attempt = wrapped.body[0]
        assert isinstance(attempt, ast.Try)
        attempt.body = body
        module.body = wrapped.body
        return ast.fix_missing_locations(module)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Set up a notebook; called by ``%load_ext reanalysis``."""
    figures.set_style()
    shell.user_ns[_GUARD] = _note
    shell.user_ns[_USE] = _use
    if not any(isinstance(transformer, _Guard) for transformer in shell.ast_transformers):
        shell.ast_transformers.append(_Guard())


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Undo ``load_ipython_extension``."""
    shell.ast_transformers = [t for t in shell.ast_transformers if not isinstance(t, _Guard)]


def _use(value: Any) -> Any:
    """Return what a cell shows; showing a name that could not be made says why."""
    if type(value) is _Unavailable:
        return _Unavailable._raise(value)
    if isinstance(value, pd.DataFrame | pd.Series) and policy_of(value).hides:
        raise CannotShow("a bare frame may hold small numbers; shown as a table, it hides them")
    return value


def _note(error: Exception, names: list[str], namespace: dict[str, Any]) -> Note:
    """Turn what cannot be shown into a note; raise everything else again."""
    reason = obstacle(error, namespace.get("cohort"))
    if reason is None:
        raise error
    # A figure that was begun would otherwise be shown half drawn, without a caption.
    plt.close("all")
    for name in names:
        namespace[name] = _Unavailable(reason)
    repeated = str(reason) == namespace.get(_LAST)
    namespace[_LAST] = str(reason)
    return Note(reason, repeated)


def _assigned(module: ast.Module) -> Iterator[str]:
    """Yield the names that a cell makes at its top level."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            # A definition needs no data: it is never what could not be shown.
            continue
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                yield child.id
