"""What the texts that a pattern matches can begin and end with: read off the pattern, never too little.

A pattern is tried on a text only where the first and the last three characters allow a match, and
where a word stands that every match holds. Python's
own parser reads the pattern (RE2's syntax is nearly the same); what it does not know allows everything.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.boilerplate.rules import anchors
from pipeline.kernels.edges import DEPTH, KINDS, NOTHING, OTHER, kind
from pipeline.kernels.needles import SHORTEST, Needles, needles

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

#: More ways to begin than this are not told apart any further.
_MOST = 3000
_ALL = (1 << KINDS) - 1
_ANY = _ALL & ~(1 << NOTHING)
_WORD = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CATEGORIES = {"DIGIT": b"0123456789", "SPACE": b"\t\n\f\r ", "WORD": _WORD}
_KIND_OF = [kind(code) for code in range(128)]


class _Edge(NamedTuple):
    """The outermost characters of a match, each a set of kinds as bits; `open`: anything may come next."""

    kinds: tuple[int, ...]
    open: bool


_Edges = set[_Edge]
_ANYTHING: _Edges = {_Edge((), True)}


def tables(values: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the tables of `kernels.edges.candidates` for patterns: of beginnings, of ends."""
    return _table(values, back=False), _table(values, back=True)


def _table(values: Sequence[str], back: bool) -> npt.NDArray[np.uint64]:
    columns = -(-len(values) // 64)
    # A plane a pattern; its bits are the third kinds.
    planes = np.zeros((columns, 64, KINDS, KINDS), np.uint64)
    for plane, value in zip(planes.reshape(-1, KINDS, KINDS), values, strict=False):
        for begin, end in _merged(edges(value, back)).items():
            kinds = [*begin, end, *[_ALL] * (DEPTH - 1 - len(begin))]
            plane |= _members(kinds[0])[:, None] & _members(kinds[1]) & np.uint64(kinds[2])
    _swap(planes)
    return np.ascontiguousarray(planes.transpose(2, 3, 1, 0)).reshape(KINDS**DEPTH, columns)


def _swap(planes: npt.NDArray[np.uint64]) -> None:
    """Make bit `b` of word `w` bit `w` of word `b`, words along axis 1: halves of halves change places."""
    width, mask = 32, 0xFFFFFFFF
    while width:
        pairs = planes.reshape(len(planes), 32 // width, 2, width, -1)
        low, high = pairs[:, :, 0], pairs[:, :, 1]
        moved = ((low >> np.uint64(width)) ^ high) & np.uint64(mask)
        high ^= moved
        low ^= moved << np.uint64(width)
        width //= 2
        mask ^= mask << width


def words(values: Sequence[str]) -> Needles:
    """Return for `kernels.needles.held` what texts must hold: bit `b` of column `c` is for pattern 64 c + b."""
    by_string: dict[bytes, list[int]] = {}
    for number, value in enumerate(values):
        for string in needed(value):
            by_string.setdefault(string, []).append(number)
    masks = np.zeros((len(by_string), -(-len(values) // 64)), np.uint64)
    for row, numbers in enumerate(by_string.values()):
        for number in numbers:
            masks[row, number // 64] |= np.uint64(1 << number % 64)
    return needles(list(by_string), masks)


def needed(value: str) -> frozenset[bytes]:
    """Return strings of which every match holds one, ASCII letters in lower case; none: nothing is known."""
    tree = _tree(value)
    found = frozenset() if tree is None else _needed(tree, bool(tree.state.flags & re.I))
    return found if min(map(len, found), default=0) >= SHORTEST else frozenset()


def edges(value: str, back: bool) -> set[_Edge]:
    """Return all that a match of the pattern can begin with (back: end with, outermost character first)."""
    part = anchors(value)
    tree = _tree(value)
    if tree is None or not (part.end if back else part.start):
        return _ANYTHING
    found = _follow({_Edge((), False)}, tree, bool(tree.state.flags & re.I), back)
    # A match that ends here is the whole text between the anchors, or is open at the other end.
    whole = part.start and part.end
    return {edge if edge.open or not whole else _Edge((*edge.kinds, 1 << NOTHING)[:DEPTH], True) for edge in found}


@lru_cache(1024)
def _tree(value: str) -> Any:
    """Return the pattern as Python reads it; None where RE2 reads it otherwise: Unicode classes, [[:alpha:]]."""
    if "[[:" in value:
        return None
    try:
        return _parser.parse(anchors(value).body)
    except re.error:
        return None


def _needed(nodes: Any, fold: bool) -> frozenset[bytes]:
    best: frozenset[bytes] = frozenset()
    run = ""
    for name, given in [*nodes, ("END", None)]:
        if str(name) == "LITERAL" and _one_form(chr(given), fold):
            run += chr(given)
            continue
        best, run = _better(best, frozenset([_lower(run)])), ""
        if str(name) == "SUBPATTERN":
            best = _better(best, _needed(given[3], (fold or bool(given[1] & re.I)) and not given[2] & re.I))
        elif str(name) == "BRANCH":
            branches = [_needed(branch, fold) for branch in given[1]]
            best = _better(best, frozenset().union(*branches) if all(branches) else frozenset())
        elif str(name) in ("MAX_REPEAT", "MIN_REPEAT") and given[0] > 0:
            best = _better(best, _needed(given[2], fold))
    return best


def _one_form(char: str, fold: bool) -> bool:
    """Tell whether the character matches itself alone, but for the case of ASCII letters."""
    if not fold:
        return True
    return char not in "kKsS" if char.isascii() else char.lower() == char == char.upper()


def _lower(text: str) -> bytes:
    return text.encode().lower()  # of bytes: ASCII alone


def _better(one: frozenset[bytes], other: frozenset[bytes]) -> frozenset[bytes]:
    """Return the set that lets through less: whose shortest string is longer; below two bytes none."""
    return max(one, other, key=lambda some: (min(map(len, some), default=0), -len(some)))


def _follow(before: _Edges, nodes: Any, fold: bool, back: bool) -> _Edges:
    for name, given in reversed(list(nodes)) if back else nodes:
        if all(edge.open for edge in before):
            break  # what comes next cannot matter any more
        before = _step(before, str(name), given, fold, back)
        if len(before) > _MOST:
            return {_Edge(edge.kinds[:1], True) for edge in before}
    return before


def _step(before: _Edges, name: str, given: Any, fold: bool, back: bool) -> _Edges:
    if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
        return _grown(before, _kinds(name, tuple(given) if name == "IN" else given, fold))
    if name == "BRANCH":
        return set().union(*(_follow(before, branch, fold, back) for branch in given[1]))
    if name == "SUBPATTERN":
        _, adds, removes, nodes = given
        return _follow(before, nodes, (fold or bool(adds & re.I)) and not removes & re.I, back)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeated(before, given, fold, back)
    if name == "AT":  # \b, and anchors that hold for one branch
        return before
    return {_Edge(edge.kinds, True) for edge in before}


def _repeated(before: _Edges, given: Any, fold: bool, back: bool) -> _Edges:
    least, most, nodes = given
    found = set(before) if least == 0 else set()
    now = before
    for times in range(1, min(int(most), DEPTH + 1) + 1):
        now = _follow(now, nodes, fold, back)
        if times >= min(int(least), DEPTH + 1):
            found |= now
    # After DEPTH rounds only repeats of nothing are not open yet; more rounds could add to them.
    return found | ({_Edge(edge.kinds, True) for edge in now} if int(most) > DEPTH else set())


def _grown(before: _Edges, kinds: int) -> _Edges:
    return {edge if edge.open else _Edge((*edge.kinds, kinds), len(edge.kinds) + 1 == DEPTH) for edge in before}


@lru_cache(4096)
def _kinds(name: str, given: Any, fold: bool) -> int:
    if name == "ANY":
        return _ANY
    items = given if name == "IN" else [("LITERAL", given)]
    negated = name == "NOT_LITERAL" or str(items[0][0]) == "NEGATE"
    codes, other = _codes([item for item in items if str(item[0]) != "NEGATE"])
    if negated:
        excluded = codes | set(bytes(codes).swapcase()) if fold else codes
        codes, other = set(range(128)) - excluded, True
    if fold and not negated:
        other = other or bool(codes & set(b"kKsS"))  # U+212A and U+017F fold to k and s
        codes |= set(b"ks") if other else set()
    return sum({1 << _KIND_OF[code] for code in codes}) | (other << OTHER)


def _codes(items: Any) -> tuple[set[int], bool]:
    """Return (ASCII members of a class, may it have others); RE2's classes of digits and words are ASCII."""
    codes: set[int] = set()
    other = False
    for name, given in items:
        if str(name) == "CATEGORY":
            some = set(_CATEGORIES[str(given)[-5:].strip("_")])
            inverse = "_NOT_" in str(given)
            codes |= set(range(128)) - some if inverse else some
            other = other or inverse
            continue
        low, high = given if str(name) == "RANGE" else (given, given)
        codes |= set(range(low, min(high, 127) + 1))
        other = other or high > 127
    return codes, other


def _merged(found: _Edges) -> dict[tuple[int, ...], int]:
    """Return for each way to begin the kinds that may come last: fewer to enter into the tables."""
    ways: dict[tuple[int, ...], int] = {}
    for edge in found:
        *begin, last = edge.kinds or (_ALL,)
        ways[tuple(begin)] = ways.get(tuple(begin), 0) | last
    return ways


@lru_cache(4096)
def _members(kinds: int) -> npt.NDArray[np.uint64]:
    """Return all bits for each kind that is a member, else none; shape (KINDS,)."""
    return np.array([-(kinds >> number & 1) for number in range(KINDS)], np.int64).view(np.uint64)
