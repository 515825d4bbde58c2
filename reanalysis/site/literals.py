"""The nested values in scripts and JSON: objects, lists, calls and assignments, however written."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
    r"""|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"""
    r"""|(?P<word>[^\W\d][\w$.-]*)"""
    r"""|(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<sign>[\[\](){}:=,;\n])""",
    re.DOTALL,
)
_OPENING = "[{("
_CLOSING = "]})"
# A script that nests deeper holds no rows.
_DEEPEST = 200


@dataclass
class Holder:
    """A list, an object, a call or a block.

    Attributes
    ----------
    label
        Its own name: the key, the variable or the array that it stands for; empty for none.
    entries
        Each value with its label: a text, or a holder.
    loose
        Whether it is only a bracket in a sentence or an expression.
    """

    label: str = ""
    entries: list[tuple[str, "str | Holder"]] = field(default_factory=list)
    loose: bool = False

    @property
    def values(self) -> list[tuple[str, str]]:
        """The plain values in it, with their labels."""
        return [(label, value) for label, value in self.entries if isinstance(value, str)]

    @property
    def holders(self) -> "list[Holder]":
        """The holders in it."""
        return [value for _, value in self.entries if isinstance(value, Holder)]


def of_json(text: str) -> Holder | None:
    """Read JSON; None for anything else."""
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    root = Holder()
    todo: list[tuple[Holder, Any]] = [(root, value)]
    while todo:
        holder, value = todo.pop()
        items = (
            value.items()
            if isinstance(value, dict)
            else [("", v) for v in value]
            if isinstance(value, list)
            else [("", value)]
        )
        for label, child in items:
            if isinstance(child, dict | list):
                inner = Holder(label)
                holder.entries.append((label, inner))
                todo.append((inner, child))
            else:
                holder.entries.append((label, child if isinstance(child, str) else _plain(child)))
    return root


def _plain(value: object) -> str:
    return "" if value is None else str(value).lower()


def of_script(text: str) -> Holder:
    """Read the literals of a script, in JavaScript or any language that writes them alike.

    Parameters
    ----------
    text
        The script.

    Returns
    -------
    Holder
        Its assignments and literals; what is neither is passed over.
    """
    root = Holder()
    stack = [root]
    label = last = ""
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind == "text":
            token = _unescaped(token[1:-1])
        if kind in ("text", "number", "word"):
            if kind == "word" and label == "":
                last = token
            elif kind != "comment":
                stack[-1].entries.append((label, token))
                last, label = (token if kind == "text" else ""), ""
            continue
        if kind == "comment":
            continue
        if token in ":=":
            label = last.rpartition(".")[2] or last or stack[-1].label
            if stack[-1].entries and stack[-1].entries[-1] == ("", last):
                stack[-1].entries.pop()  # the key was taken for a value
        elif token in _OPENING and len(stack) < _DEEPEST:
            inner = Holder(label or (last if token != "[" else ""))
            before = text[match.start() - 1 : match.start()]
            inner.loose = token == "(" and not (before.isalnum() or before in "_$")
            stack[-1].entries.append((inner.label, inner))
            stack.append(inner)
            label = last = ""
        elif token in _CLOSING:
            if len(stack) > 1:
                stack.pop()
            label = last = ""
        elif token != "\n":
            if last and stack[-1].entries[-1:] != [("", last)]:
                stack[-1].entries.append((label, last))
            label = last = ""
    return root


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text else text
