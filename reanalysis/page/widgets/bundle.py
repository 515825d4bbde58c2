"""Puts ES modules that import each other into one, as an anywidget needs it.

The modules share one scope in the end: a scope for each would add a tenth to what every page with
a widget carries. So a name may be declared at the top level of one of them only, and no import
gives a name another one. A bundler from PyPI would be one more program on every reader's machine,
tens of megabytes large; this one knows the few forms that the scripts use, and refuses others.
"""

import re
from pathlib import Path

_IMPORT = re.compile(
    r'import \{\s*([\w$]+(?:\s*,\s*[\w$]+)*),?\s*\} from "\./([\w.]+)";$', re.MULTILINE
)
_EXPORT = re.compile(r"export (?=(?:async function|function|const|class) ([\w$]+))")
_DEFAULT = re.compile(r"export default\b")
# At the start of a line, where what is at the top level of a module stands.
_STATEMENT = re.compile(r"^(?:import|export)\b", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(?:export )?(?:(?:async )?function\*?|const|let|var|class)\b *([\w$]*)", re.MULTILINE
)


class BundleError(Exception):
    """A script that cannot be bundled; its text names file and line."""


def bundle(entry: Path) -> str:
    """Return a module together with all that it imports, as the text of one ES module.

    Parameters
    ----------
    entry
        A module. It may import names from modules in its own folder, ``import { a, b } from
        "./other.js";``, and export functions, constants and classes where it declares them;
        ``export default`` is for the entry alone.

    Returns
    -------
    str
        The modules, each after those that it imports, without lines of comment and indentation:
        comments are for readers of the source.

    Raises
    ------
    BundleError
        If a file is missing, a name is imported that is not exported, two modules declare the
        same name, modules import each other in a circle, or a module is written in a way that is
        not known here.
    """
    scripts: dict[Path, _Script] = {}
    _collect(entry, (), scripts, str(entry))
    declared: dict[str, str] = {}
    for script in scripts.values():
        for name, place in script.declared:
            if name in declared:
                raise BundleError(f"{place}: {name} is declared already in {declared[name]}")
            declared[name] = place
    return "\n".join(script.body for script in scripts.values())


class _Script:
    """A module, read: its ``body`` without imports, and what it imports, exports and declares."""

    def __init__(self, path: Path, is_entry: bool) -> None:
        self._path, self._text = path, path.read_text(encoding="utf-8")
        self.exports: set[str] = set()
        self.imports: list[tuple[str, list[str], str]] = []
        parts, end = [], 0
        for statement in _STATEMENT.finditer(self._text):
            start = statement.start()
            parts.append(self._text[end:start])
            if found := _IMPORT.match(self._text, start):
                names = [name.strip() for name in found[1].split(",")]
                self.imports.append((found[2], names, self._place(start)))
            elif found := _EXPORT.match(self._text, start):
                self.exports.add(found[1])
                parts.append(found[0] if is_entry else "")
            elif is_entry and (found := _DEFAULT.match(self._text, start)):
                parts.append(found[0])
            else:
                raise self._unknown(start)
            end = found.end()
        parts.append(self._text[end:])
        self.declared = [
            (found[1], self._place(found.start())) for found in _DECLARATION.finditer(self._text)
        ]
        for found in _DECLARATION.finditer(self._text):
            if not found[1]:
                raise self._unknown(found.start())
        lines = [line.strip() for line in "".join(parts).splitlines()]
        self.body = "\n".join(line for line in lines if line and not line.startswith("//"))
        # One over several lines would lose its indentation, and what looks like a comment.
        for number, line in enumerate(self._text.splitlines(), 1):
            if not line.lstrip().startswith("//") and line.count("`") % 2:
                raise BundleError(f"{path}, line {number}: a template has to end on its line")

    def _place(self, offset: int) -> str:
        """Return file and line of an offset into the text."""
        return f"{self._path}, line {self._text.count(chr(10), 0, offset) + 1}"

    def _unknown(self, offset: int) -> BundleError:
        line = self._text[offset:].splitlines()[0]
        return BundleError(f"{self._place(offset)}: not a form that is known here: {line}")


def _collect(path: Path, above: tuple[Path, ...], scripts: dict[Path, _Script], who: str) -> None:
    """Add a module and what it imports to the scripts, in the order in which they have to run."""
    if path in above:
        circle = " imports ".join(p.name for p in (*above[above.index(path) :], path))
        raise BundleError(f"{who}: modules import each other in a circle: {circle}")
    if path in scripts:
        return
    if not path.is_file():
        raise BundleError(f"{who}: there is no {path.name}")
    script = _Script(path, is_entry=not above)
    for name, names, place in script.imports:
        other = path.with_name(name)
        _collect(other, (*above, path), scripts, place)
        for missing in sorted(set(names) - scripts[other].exports):
            raise BundleError(f"{place}: {name} does not export {missing}")
    scripts[path] = script
