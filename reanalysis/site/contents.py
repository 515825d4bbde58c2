"""What belongs together in a text: the pieces in which a patient's values may stand.

A piece is a row or a column of a table, the items of a list, the plain values of a JSON or script
object with those nested in it, the same place in several lists of one length, a line, the
attributes of an element, or the texts of a drawing that stand in one line. Each value comes with
its label where there is one: the header of its column or row, the key, the name of the array, the
term that is defined.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from reanalysis.site.decode import BREAK, Text
from reanalysis.site.literals import Holder, of_json, of_script
from reanalysis.site.markup import GEOMETRY, Node, parse

IsName = Callable[[str], bool]


class Cell(NamedTuple):
    """A value, as it is printed, and what says which it is; empty if nothing does."""

    value: str
    label: str = ""


Piece = tuple[Cell, ...]


class Words(tuple[Cell, ...]):
    """The words of a line, in which numbers come together more easily than in a table."""


Grid = Sequence[Sequence[str]]
List = tuple[str, list[str]]

_FEWEST = 3
_MOST = 64
# Lists of one length beyond these are read a few at a time, neighbours together.
_MOST_LISTS = 40
_NEIGHBOURS = 12
_LONGEST_LINE = 4000
_WORDS = re.compile(r"[\s,;:=]+")
_DIGIT = re.compile(r"\d")
_PAIR = re.compile(r"[\s*+>•-]*([^\W\d][^:=\t|]{0,59}?)\s*(?:[:=\t|]|\s–\s)\s*(\S.*)")
_SPLITS = (
    re.compile(r"\s*[;|\t]\s*"),
    re.compile(r"\s*[;|\t]\s*|,(?!\d)\s*|\s*,\s+"),
    re.compile(r"\s*[,;|\t]\s*|[^\S\u00a0]+"),
)
_ALONE = re.compile(r"[\w.,:+\u2212-]+")
_PERCENT = re.compile(r"(?<=\d)\s+%")
# A number and its unit are one value, also where a line is split at its blanks.
_OLD = re.compile(r"\b(\d+)[- ]years?[- ]old\b")
_WITH_UNIT = re.compile(r"(?<=\d) (?=(?:cm|mm|c?Gy|ng/mL|years?|months?|weeks?|days?)\b)")
_STATED = re.compile(r"([^\W\d][\w ()/]*?)\s*[:=]\s*(\S.*)")


def pieces(
    text: Text, is_name: IsName = lambda label: False, lists: list[List] | None = None
) -> Iterator[Piece]:
    """Yield the pieces of a text.

    Parameters
    ----------
    text
        The text, of any kind.
    is_name
        Whether a label names a column of the cohort; a table is read along its names.
    lists
        The lists in the text are added to these; see ``together``.

    Yields
    ------
    tuple of Cell
        The values of a piece, in order.
    """
    found: list[List] = []
    if text.kind == "markup":
        yield from _of_markup(text.text, is_name, found)
    elif text.kind in ("json", "script"):
        holder = of_json(text.text) if text.kind == "json" else None
        yield from _of_holder(holder or of_script(text.text), is_name, found)
        if text.kind == "script":
            yield from _of_lines(text.text, is_name, found)
    elif text.kind == "flow":
        for line in dict.fromkeys(text.text.splitlines()):
            yield from _of_sentence(line, is_name)
    elif text.kind == "plain":
        for part in text.text.split(BREAK):
            yield from _of_lines(part, is_name, found)
    yield from together(found, is_name)
    if lists is not None:
        lists += found


def together(lists: list[List], is_name: IsName) -> Iterator[Piece]:
    """Yield what stands at the same place of lists of one length.

    Parameters
    ----------
    lists
        Each with its label.
    is_name
        Whether a label names a column of the cohort.

    Yields
    ------
    tuple of Cell
        A value of each list.
    """
    by_length: dict[int, list[List]] = defaultdict(list)
    for label, values in lists:
        if len(values) > 1 and any(map(_DIGIT.search, values[:50])):
            by_length[len(values)].append((label, values))
    for length, group in by_length.items():
        named = [entry for entry in group if is_name(entry[0])]
        parts = [named] if len(named) >= _FEWEST else []
        if len(group) <= _MOST_LISTS:
            parts.append(group)
        else:
            step = _NEIGHBOURS // 2
            parts += [group[i : i + _NEIGHBOURS] for i in range(0, len(group), step)]
        for part in parts:
            if len(part) >= _FEWEST:
                for i in range(length):
                    yield tuple(Cell(values[i], label) for label, values in part)


# --- tables --------------------------------------------------------------------------------------


def _of_grid(grid: Grid, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    """Yield the rows and columns of a table; its columns are added to ``lists``."""
    width = max(map(len, grid), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in grid]
    named = [sum(map(is_name, row)) for row in rows[:4]]
    at = max(range(len(named)), key=lambda i: named[i], default=0)
    head = rows[at] if named else []
    # A single name may be a value; several of them tell what the rows or columns are.
    if not width:
        return
    side = [row[0] for row in rows]
    across = bool(named) and named[at] > 1
    down = not across and width > 1 and len({text for text in side if is_name(text)}) > 1
    if not across and not down and named and named[at] == 1:
        across = not any(map(_DIGIT.search, head)) and len(rows) > 1
    body = [row for i, row in enumerate(rows) if not across or i != at]
    if _are_counted(side, is_name):
        # The numbers of the rows are nobody's values.
        rows = [["", *row[1:]] for row in rows]
        body = [["", *row[1:]] for row in body]
    if across:
        yield from (tuple(map(Cell, row, head)) for row in body)
    elif down:
        for j in range(1, width):
            yield tuple(Cell(row[j], name) for row, name in zip(rows, side, strict=True))
        for row in rows:
            yield from _beside_names(row, is_name)
    else:
        yield from (tuple(map(Cell, row)) for row in rows)
        for row in rows:
            yield from _beside_names(row, is_name)
        if len(rows) > 1:
            yield from (tuple(Cell(row[j]) for row in rows) for j in range(width))
    if down:
        # A variable is a row: its name, and the values of all patients.
        lists += [(row[0], row[1:]) for row in rows]
    else:
        labels = head if across else [""] * width
        lists += [(labels[j], [row[j] for row in body]) for j in range(width)]


def _are_counted(side: list[str], is_name: IsName) -> bool:
    """Whether the first column only counts the rows."""
    if is_name(side[0]):
        return False
    numbers = [int(text) for text in side if text.isascii() and text.isdigit()]
    steps = {b - a for a, b in pairwise(numbers)}
    return len(numbers) >= max(_FEWEST, len(side) - 3) and steps == {1}


def _beside_names(row: Sequence[str], is_name: IsName) -> Iterator[Piece]:
    """Yield the values of a row in which names and values take turns."""
    cells = []
    label = ""
    for value in row:
        if is_name(value):
            label = value
        else:
            cells.append(Cell(value, label))
            label = ""
    if sum(bool(cell.label) for cell in cells) > 1:
        yield tuple(cells)


# --- markup --------------------------------------------------------------------------------------


def _of_markup(text: str, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    page = parse(text)
    for node in page.nodes:
        yield from _of_attributes(node)
        match node.tag:
            case "table":
                yield from _of_grid(list(_rows(node)), is_name, lists)
            case "dl":
                yield from _of_grid(_definitions(node), is_name, lists)
            case "ul" | "ol":
                items = [child.text for child in node.children]
                yield from _of_items(items, is_name, lists)
            case "svg" | "g":
                yield from _of_drawing(node)
            case "tr" | "thead" | "tbody" | "td" | "th":
                pass
            case _:
                yield from _of_element(node, is_name, lists)


def _of_attributes(node: Node) -> Iterator[Piece]:
    """Yield the attributes of an element, and those of the elements in it together."""
    own = _labelled(node)
    if len(own) >= _FEWEST:
        yield tuple(own)
    below = [cell for child in node.children for cell in _labelled(child)]
    if _FEWEST <= len(own) + len(below) <= _MOST and below:
        yield (*own, *below)
    for cell in own:
        if len(cell.value) < 400 and len(_DIGIT.findall(cell.value)) >= 4:
            yield from _of_line(cell.value)


def _labelled(node: Node) -> list[Cell]:
    return [
        Cell(value, name.removeprefix("data-"))
        for name, value in node.attributes
        if value and name not in GEOMETRY
    ]


def _rows(table: Node) -> Iterator[list[str]]:
    """Yield the rows of a table, without those of a table in it."""
    todo = list(reversed(table.children))
    while todo:
        node = todo.pop()
        if node.tag == "tr":
            row = []
            for cell in node.children:
                if cell.tag in ("td", "th"):
                    span = dict(cell.attributes).get("colspan", "1")
                    extra = int(span) - 1 if span.isascii() and span.isdigit() else 0
                    row += [cell.text, *[""] * min(extra, 50)]
            yield row
        elif node.tag != "table":
            todo += reversed(node.children)


def _definitions(node: Node) -> list[list[str]]:
    """Return the terms of a definition list, each with its definitions."""
    rows: list[list[str]] = []
    todo = list(reversed(node.children))
    while todo:
        child = todo.pop()
        if child.tag == "dt" or (child.tag == "dd" and not rows):
            rows.append([child.text])
        elif child.tag == "dd":
            rows[-1].append(child.text)
        else:
            todo += reversed(child.children)
    return rows


def _of_items(items: list[str], is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    """Yield the items of a list, and pairs of a name and a value among them."""
    pairs = [[m[1], m[2]] for item in items if (m := _PAIR.fullmatch(item))]
    if len(pairs) > 1:
        yield from _of_grid(pairs, is_name, lists)
    if _FEWEST <= len(items) <= _MOST:
        yield tuple(map(Cell, items))
    lists.append(("", items))


def _of_drawing(node: Node) -> Iterator[Piece]:
    """Yield the texts of a drawing that stand in one group, line or column."""
    texts = []
    todo = list(reversed(node.children))
    while todo:
        child = todo.pop()
        if child.tag in ("text", "tspan", "title", "desc") and child.text:
            texts.append(child)
            todo += reversed([c for c in child.children if c.tag == "tspan"])
        else:
            todo += reversed(child.children)
    if _FEWEST <= len(texts) <= _NEIGHBOURS:
        yield tuple(Cell(part.text) for part in texts)
    if node.tag == "svg":
        for axis in (0, 1):
            lines: dict[str, list[str]] = defaultdict(list)
            for part in texts:
                lines[_position(part)[axis]].append(part.text)
            for line in lines.values():
                if _FEWEST <= len(line) <= _MOST:
                    yield tuple(map(Cell, line))


def _position(node: Node) -> tuple[str, str]:
    """Return where a text of a drawing stands, as it is written."""
    given = dict(node.attributes)
    moved = re.search(r"translate\(\s*([-\d.]+)[\s,]+([-\d.]+)", given.get("transform", ""))
    x, y = given.get("x", ""), given.get("y", "")
    return (f"{moved[1]} {x}", f"{moved[2]} {y}") if moved else (x, y)


def _of_element(node: Node, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    """Yield the values in the parts of an element that is no table or list."""
    children = node.children
    if len(children) < 2:
        return
    leaves = _leaves(node, _MOST)
    if leaves is not None and len(leaves) >= _FEWEST:
        yield tuple(leaves)
    direct = [
        " ".join(part.split()) if isinstance(part, str) else part.text for part in node.content
    ]
    direct = [text for text in direct if text]
    if len(direct) <= _MOST:
        if len(direct) >= _FEWEST:
            yield tuple(map(Cell, direct))
        yield from _beside_names(
            [text.rstrip(":= ") if is_name(text.rstrip(":= ")) else text for text in direct],
            is_name,
        )
    # Elements that are rows of a table in all but name.
    rows = [[part.text for part in child.children] for child in children]
    if len({len(row) for row in rows}) == 1 and len(rows) > 1 and len(rows[0]) > 1:
        yield from _of_grid(rows, is_name, lists)
    elif len(children) > 1 and not any(rows):
        items = [child.text for child in children]
        pairs = [[m[1], m[2]] for item in items if (m := _PAIR.fullmatch(item))]
        if len(pairs) > 1:
            yield from _of_grid(pairs, is_name, lists)
        lists.append(("", items))


def _leaves(node: Node, most: int) -> list[Cell] | None:
    """Return the texts in an element with their tags, unless there are too many."""
    found: list[Cell] = []
    todo: list[tuple[Node | str, Node]] = [(part, node) for part in reversed(node.content)]
    while todo:
        part, within = todo.pop()
        if isinstance(part, str):
            if text := " ".join(part.split()):
                named = dict(within.attributes)
                label = named.get("name") or named.get("id") or within.tag
                found.append(Cell(text, label))
        elif part.tag in ("table", "tr", "dl", "ul", "ol", "svg", "script", "style"):
            continue
        else:
            todo += [(inner, part) for inner in reversed(part.content)]
        if len(found) > most:
            return None
    return found


# --- objects -------------------------------------------------------------------------------------


def _of_holder(root: Holder, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    todo = [root]
    while todo:
        holder = todo.pop()
        todo += holder.holders
        values = holder.values
        cells = tuple(Cell(value, label or holder.label) for label, value in values)
        if _FEWEST <= len(cells) <= _MOST:
            yield Words(cells) if holder.loose else cells
        if holder.loose:
            continue
        if all(not label for label, _ in values) and len(values) > 1:
            lists.append((holder.label, [value for _, value in values]))
        elif len(values) > 1:
            # An object that gives the value of each patient under the patient's key.
            lists.append((holder.label, [value for _, value in values]))
        if holder.holders:
            yield from _of_nested(holder, is_name)
        yield from _of_rows(holder, is_name, lists)
        for _, value in values:
            # Only a line of its own: longer texts come as texts of their own.
            if len(value) < 400 and len(_DIGIT.findall(value)) >= 4:
                yield from _of_line(value)


def _of_nested(holder: Holder, is_name: IsName) -> Iterator[Piece]:
    """Yield the named values in an object and in those nested in it, if they are few."""
    found: list[Cell] = []
    todo: list[tuple[str, str | Holder]] = [(holder.label, holder)]
    read = 0
    while todo and read <= 4 * _MOST:
        label, value = todo.pop()
        read += 1
        if isinstance(value, Holder):
            todo += [(inner or label, child) for inner, child in reversed(value.entries)]
        else:
            found.append(Cell(value, label))
    if read > 4 * _MOST:
        return
    named = tuple(cell for cell in found if is_name(cell.label))
    if len({cell.label for cell in named}) >= _FEWEST:
        yield named
    if _FEWEST <= len(found) <= _NEIGHBOURS:
        yield tuple(found)


def _of_rows(holder: Holder, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    """Yield the rows of a table that is written as a list of lists."""
    tables = [holder, *(h for h in holder.holders if h.holders)]
    heads = [[v for _, v in h.values] for h in holder.holders if h.values and not h.holders]
    for table in tables:
        rows = [[value for _, value in row.values] for row in table.holders if not row.holders]
        rows = [row for row in rows if len(row) >= 2]
        if len(rows) < 1:
            continue
        width = len(rows[0])
        if any(len(row) != width for row in rows):
            continue
        head = next((h for h in heads if len(h) == width and sum(map(is_name, h)) > 1), None)
        if head and head not in rows:
            rows = [head, *rows]
        if len(rows) > 1:
            labelled = all(label for row in table.holders for label, _ in row.values)
            if not labelled:
                yield from _of_grid(rows, is_name, lists)


# --- lines ---------------------------------------------------------------------------------------


def _of_lines(text: str, is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    lines = [line.strip() for line in text.splitlines()]
    for line in dict.fromkeys(lines):
        yield from _of_sentence(line, is_name)
    for sign in "\t;|,":
        for count, group in groupby(lines, key=lambda line: line.count(sign)):
            rows = list(group)
            if count and len(rows) > 1:
                yield from _of_grid(_split(rows, sign), is_name, lists)
    yield from _of_aligned(lines, is_name, lists)
    filled = [line for line in lines if line]
    for paired, group in groupby(filled, key=lambda line: _PAIR.fullmatch(line) is not None):
        rows = list(group)
        if paired and len(rows) > 1:
            pairs = [[m[1], m[2]] for line in rows if (m := _PAIR.fullmatch(line))]
            yield from _of_grid(pairs, is_name, lists)
    for single, group in groupby(filled, key=lambda line: bool(_ALONE.fullmatch(line))):
        rows = list(group)
        if single and _FEWEST <= len(rows) <= _MOST:
            yield tuple(map(Cell, rows))
            yield from _beside_names(rows, is_name)


def _split(rows: Iterable[str], sign: str) -> list[list[str]]:
    try:
        read = csv.reader([row.strip("|") for row in rows] if sign == "|" else rows, delimiter=sign)
        return [[cell.strip() for cell in row] for row in read]
    except csv.Error:
        return [row.split(sign) for row in rows]


def _of_aligned(lines: list[str], is_name: IsName, lists: list[List]) -> Iterator[Piece]:
    """Yield the rows of tables whose columns are set apart by blanks."""
    split = [line.split() for line in lines]
    for count, group in groupby(enumerate(split), key=lambda entry: len(entry[1])):
        rows = list(group)
        if count < 2:
            continue
        first = rows[0][0]
        body = [row for _, row in rows]
        before = split[first - 1] if first else []
        if len(before) == count - 1 and any(map(is_name, before)):
            body = [["", *before], *body]  # a column of row numbers has no name
        if len(body) > 1:
            yield from _of_grid(body, is_name, lists)


def _of_sentence(line: str, is_name: IsName) -> Iterator[Piece]:
    """Yield the values of a line, and those that stand behind a name in it."""
    if len(line) < _LONGEST_LINE and _DIGIT.search(line):
        yield from _of_line(line)
        yield from _beside_names(_WORDS.split(line), is_name)


def _of_line(line: str) -> Iterator[Piece]:
    """Yield the values of a line, split in each way that it may be meant."""
    seen = set()
    line = _PERCENT.sub("%", line)
    line = _OLD.sub("\\1\u00a0years", line)
    line = _WITH_UNIT.sub("\u00a0", line)
    for pattern in _SPLITS:
        parts = tuple(part.strip("()[]{}\"'.,;: ") for part in pattern.split(line.strip()))
        if _FEWEST <= len(parts) <= 4 * _MOST and parts not in seen:
            seen.add(parts)
            cells = tuple(_stated(part) for part in parts)
            yield Words(cells) if pattern is _SPLITS[-1] and " " in line else cells


def _stated(part: str) -> Cell:
    """Take a part of a line apart that says itself what it is."""
    match = _STATED.fullmatch(part)
    return Cell(match[2], match[1]) if match else Cell(part)
