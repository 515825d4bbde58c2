"""No file and no pipe has the encoding of whoever's computer it is: on Windows that is no UTF-8."""

import ast

import pytest

from reanalysis.core.paths import ROOT

PROGRAMS = sorted(
    path for room in ("reanalysis", "synthesis", "tests") for path in (ROOT / room).rglob("*.py")
)
READS, WRITES, STARTS = ("read_text",), ("write_text",), ("run", "Popen", "check_output")


def without_encoding(program: str) -> list[int]:
    """Give the lines of the calls that leave the encoding to the computer."""
    found = []
    for node in ast.walk(ast.parse(program)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = {keyword.arg for keyword in node.keywords}
        wanted = (
            (name in READS and not node.args)
            or (name in WRITES and len(node.args) < 2)
            or (name == "open" and _is_text(node))
            or (name in STARTS and named & {"text", "universal_newlines"})
        )
        if wanted and "encoding" not in named:
            found.append(node.lineno)
    return found


def _is_text(call: ast.Call) -> bool:
    """Whether a call of ``open`` states a mode, and one of text."""
    place = 1 if isinstance(call.func, ast.Name) else 0  # the file comes first, or has the method
    mode = getattr(call.args[place], "value", None) if len(call.args) > place else None
    return isinstance(mode, str) and set(mode) <= set("rwax+t")


def test_every_file_and_pipe_of_text_names_its_encoding() -> None:
    wrong = {
        str(path.relative_to(ROOT)): lines
        for path in PROGRAMS
        if (lines := without_encoding(path.read_text(encoding="utf-8")))
    }
    assert len(PROGRAMS) > 200 and not wrong


@pytest.mark.parametrize(
    "call", ["p.write_text('a')", "open('a', 'w')", "p.open('r')", "run(a, text=True)"]
)
def test_one_that_does_not_is_found(call: str) -> None:
    assert without_encoding(call) == [1]
    assert without_encoding(call.removesuffix(")") + ", encoding='utf-8')") == []


def test_one_of_bytes_needs_none() -> None:
    for call in ("open('a', 'rb')", "p.open('wb')", "archive.open('part')", "run(['a'])"):
        assert without_encoding(call) == []


def test_line_ends_are_the_same_everywhere() -> None:
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text(encoding="utf-8")
