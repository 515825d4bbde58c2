"""Whether something that reads like an id or a text of the cohort is it, or comes about by chance.

The letters and digits of an id may stand anywhere in a site by chance, the more easily the fewer
they are. What speaks for an id is counted in points: four for a letter, eight for one of another
script than Latin, three for a digit. What speaks against it is taken off: letters glued to it,
signs between its parts that it does not have itself, zeros more or less. It is an id at

- 10 points, if it has letters and digits: ``A12`` as a word of its own, ``xHCC_001y`` anywhere;
- 16 points, if it has letters only: ``Kimh`` as a word, seven letters anywhere;
- 15 points and six digits, if it has digits only.

A number is only ever compared with a whole number: ``HCC_001`` is not in ``HCC_0012``, nor in
``HCC,0.01``. In data that is not meant to be read, such as Base64, more is asked for. Among many
ids one is found more easily by chance: an id that is not written as in the file needs a point more
each time that their number doubles, from 300 on.
"""

import math
import re
from itertools import pairwise

from reanalysis.site.normal import Place

MIXED, LETTERS, DIGITS = 10, 16, 15
FEWEST_DIGITS = 6
_IN_NOISE = 28
_FEW_IDS = 300
_LONG_TOKEN = 24
_TOKEN = re.compile(r"[a-z0-9+=]*")
_LONG_RUN = 36
_BASE64 = re.compile(r"[a-z0-9+=/]*")
_HEX_TOKEN = re.compile(r"[0-9a-f]+|[a-z][0-9a-f]{9,}")
_USUAL = frozenset(
    [
        "",
        "-",
        "_",
        ".",
        "/",
        "\\",
        " ",
        "\u2010",
        "\u2011",
        "\u2013",
        "\u2014",
        "\u2212",
        "#",
        "'",
        "\u2019",
        "\u00b7",
    ]
)
_TIGHT = frozenset(["", "-", "_", ".", "/", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212"])
_GROUPING = frozenset(" -_/.'\u2019:")
# What tells that words belong to data, and not to one text.
_STRUCTURE = frozenset('[]{}="')
_APART = frozenset("[]{}\x1f")
_WHOLE = re.compile(r"\.0+(?![0-9])")


def points(what: str) -> int:
    """Count what speaks for a normal id, written alone."""
    return sum(3 if c.isdigit() else 4 if c.isascii() else 8 for c in what)


def needed(what: str) -> int:
    """Return how many points a normal id needs to be taken for one."""
    if what.isdigit():
        return DIGITS if len(what) >= FEWEST_DIGITS else 1000
    return MIXED if any(c.isdigit() for c in what) else LETTERS


def is_id(
    place: Place,
    own: str,
    *,
    noise: bool,
    words: frozenset[str] = frozenset(),
    among: int = 1,
) -> bool:
    """Whether an id stands at a place.

    Parameters
    ----------
    place
        Where its letters and digits were found.
    own
        The id as the file writes it, folded.
    noise
        Whether the text was taken out of binary data.
    words
        Words of the book, with which a number may stand by chance.
    among
        How many ids are looked for.
    """
    what = place.what
    total = points(what)
    before, after = place.before, place.after
    if not _bounded(what, before, after):
        return False
    if noise or _in_long_token(place):
        exact = place.surface == own
        if exact and len(place.text) == len(own):
            return True  # the whole of what was decoded
        as_it_is = exact or not any(place.gaps)
        if _between(place, own, words, glued=True) is None:
            return False
        return as_it_is and (total >= _IN_NOISE or (noise and exact and len(own) >= 6))
    token = _token(place)
    if _HEX_TOKEN.fullmatch(token) and token != place.surface:
        return False  # a part of a hash
    glued = _glued(what, before, after)
    if glued and (place.padded or before.endswith("\\")):
        return False
    cost = _between(place, own, words, glued=glued > 0)
    if cost is None:
        return False
    more = 0.0 if place.surface == own else math.log2(max(among, _FEW_IDS) / _FEW_IDS)
    return total - glued - cost >= needed(what) + more


def is_text(place: Place, own: str = "") -> bool:
    """Whether a free text stands at a place: as whole words, with nothing else in between.

    Parameters
    ----------
    place
        Where its letters and digits were found.
    own
        The text as the file writes it, folded.
    """
    if _STRUCTURE.intersection("".join(place.gaps)) - set(own):
        return False
    if place.before[-1:].isalnum() or place.after[:1].isalnum():
        return False
    longest = max(map(len, place.gaps), default=0)
    return longest <= 12 and "\x1f" not in place.surface and not _in_long_token(place)


def _token(place: Place) -> str:
    """Return the unbroken run of letters and digits around a place."""
    left = _TOKEN.match(place.before[::-1])
    right = _TOKEN.match(place.after)
    return (left[0][::-1] if left else "") + place.surface + (right[0] if right else "")


def _in_long_token(place: Place) -> bool:
    if len(_token(place)) - len(place.surface) > _LONG_TOKEN:
        return True
    # Base64 has a slash now and then, and so have addresses, in which the rest are words.
    left = _BASE64.match(place.before[::-1])
    right = _BASE64.match(place.after)
    run = (left[0] if left else "") + (right[0] if right else "")
    return len(run) > _LONG_RUN


def _bounded(what: str, before: str, after: str) -> bool:
    """Whether the numbers at its ends are whole ones."""
    if what[0].isdigit():
        if before[-1:].isdigit():
            return False
        if before[-1:] in (".", ",") and before[-2:-1].isdigit() and what.isdigit():
            return False
    if what[-1].isdigit():
        if after[:1].isdigit():
            return False
        if after[:1] in (".", ",") and after[1:2].isdigit() and what.isdigit():
            return _WHOLE.match(after) is not None
    return True


def _is_loose(gap: str) -> bool:
    """Whether signs between two letters of a word, or two digits of a number, are too many."""
    return len(gap) > 1 or gap not in _USUAL


def _glued(what: str, before: str, after: str) -> int:
    cost = 0
    for own, next_to in ((what[0], before[-1:]), (what[-1], after[:1])):
        if next_to.isalpha() and not own.isdigit():
            cost += 5
        elif next_to.isalpha():
            cost += 1 if what.isdigit() else 3
        elif next_to.isdigit():
            cost += 2
    if after[:1] in (".", ",") and after[1:2].isdigit() and what[-1].isdigit():
        cost += 0 if what.isdigit() else 3  # a number with decimals
    return cost


def _between(place: Place, own: str, words: frozenset[str], *, glued: bool) -> int | None:
    """Return what the signs between its parts take off; None if they rule it out."""
    what, gaps = place.what, place.gaps
    mine = _own_gaps(what, own)
    dropped = len(what) < sum(map(str.isalnum, own))
    cost = 2 if place.padded or (dropped and not what.isdigit()) else 0
    odd = []
    naturals = [
        (mine is not None and mine[i] != "") or what[i].isdigit() != what[i + 1].isdigit()
        for i in range(len(gaps))
    ]
    # Letter by letter, with the same signs between any two of them.
    between = {gap for gap, natural in zip(gaps, naturals, strict=True) if not natural}
    each = between.pop() if len(between) == 1 else ""
    for i, (gap, natural) in enumerate(zip(gaps, naturals, strict=True)):
        if natural and each and gap.startswith(each) and gap.endswith(each):
            gap = gap[len(each) : max(len(each), len(gap) - len(each))]
        if len(gap) > 8 or not _APART.isdisjoint(gap):
            return None
        if not natural:
            if gap:
                odd.append((i, gap))
            continue
        expected = mine[i] if mine is not None else ""
        common = _is_common(what[: i + 1], what[i + 1 :], words)
        if gap == expected and not (common and glued):
            continue
        if common and (gap not in _USUAL or (gap == "" and dropped) or glued):
            return None  # 'n=12', or words that were put together
        cost += 1 if gap in _USUAL else 5
        if common and gap not in _TIGHT:
            # 'HCC 7' is hardly HCC_007 where the book speaks of HCC, nor 'f 301' F-301.
            cost += 6 if dropped else 3
    if not odd:
        return cost
    kinds = {gap for _, gap in odd}
    if len(odd) == 1 and kinds == {"."} and what[odd[0][0]].isdigit():
        return None  # a number with decimals
    spaced = len(kinds) == 1 and all(gaps)
    if what.isdigit():
        return _grouped(place, kinds, spaced=spaced, cost=cost)
    if any("\n" in gap for gap in kinds) and not spaced:
        return None
    if not spaced and any(map(_is_loose, kinds)):
        return None
    return cost + (2 if spaced else 2 * len(odd) + (3 if len(kinds) > 1 else 0))


def _grouped(place: Place, kinds: set[str], *, spaced: bool, cost: int) -> int | None:
    """Return the cost of a number that is written in groups of digits, all of them its own."""
    gap = next(iter(kinds))
    if len(kinds) > 1 or len(gap) > 2 or "\n" in gap:
        return None
    if place.before.endswith(gap) and place.before[: -len(gap)][-1:].isdigit():
        return None
    if place.after.startswith(gap) and place.after[len(gap) :][:1].isdigit():
        return None
    if spaced:
        return cost + 2 if "," not in gap else None
    if gap == ",":
        thousands = all(len(part) == 3 for part in place.surface.split(",")[1:])
        alone = place.before[-1:] in ("", " ", ">", '"') and place.after[:1] in ("", " ", "<", '"')
        return cost + 2 if thousands and alone else None
    if gap not in _GROUPING:
        return None
    return cost + 4


def _own_gaps(what: str, own: str) -> list[str] | None:
    """Return the signs between the letters of an id as the file writes it."""
    places = [i for i, c in enumerate(own) if c.isalnum()]
    if "".join(own[i] for i in places) != what:
        # Zeros were stripped; the signs stay where they are.
        text = re.sub(r"(?<![0-9])(?<![0-9][.,])0+(?=[0-9])", "", own)
        places = [i for i, c in enumerate(text) if c.isalnum()]
        if "".join(text[i] for i in places) != what:
            return None
        own = text
    return [own[a + 1 : b] for a, b in pairwise(places)]


def _is_common(left: str, right: str, words: frozenset[str]) -> bool:
    """Whether a word of the book stands before a number without leading zeros."""
    return left.isalpha() and right[:1].isdigit() and right[:1] != "0" and left in words
