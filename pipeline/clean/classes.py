r"""Sequences of character classes, written as simple patterns: `[.,!?…][”»]\pL|\( \pL`.

A pattern has characters, classes (`[a-z…]`, `[^…]`), `\pL`, `\pN`, `\s`, `\n`, and `|` between sequences; no group, no
repetition. A line feed stands for the border of the text, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.errors import SettingsError
from pipeline.kernels.sequences import SIZE, Class, Sequences, held
from pipeline.kernels.unicode import of_category

_PIECE = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\p[LN]|\\.|.", re.DOTALL)
_NAMED = {r"\n": "\n", r"\t": "\t", r"\s": " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"}
_NAMED[r"\s"] += "".join(map(chr, range(0x2000, 0x200B)))
_CATEGORIES = {"L": ("Lu", "Ll", "Lt", "Lm", "Lo"), "N": ("Nd", "Nl", "No")}
#: What a pattern here may not have outside of a class.
_OTHER = frozenset("()*+?{}^$.")


def of(characters: Iterable[str]) -> Class:
    """Return the class of these characters; one beyond the Basic Multilingual Plane stands for all of them."""
    found = np.zeros(SIZE, bool)
    found[[min(ord(char), SIZE - 1) for char in characters]] = True
    return found


def parsed(pattern: str) -> list[list[Class]]:
    """Return the sequences of the pattern. Raises SettingsError for what is not a simple one."""
    found: list[list[Class]] = [[]]
    for piece in _PIECE.findall(pattern):
        if piece == "|":
            found.append([])
        elif piece in _OTHER:
            raise SettingsError(f"{pattern!r} is no simple pattern: {piece} can stand in a class or behind \\ only")
        else:
            found[-1].append(_class(piece))
    return found


def matches(texts: pa.Array, wanted: Sequences) -> NDArray[np.bool_]:
    """Return whether each text (large_string without nulls) holds each sequence, shape (sequences, texts)."""
    data, offsets = arrow.text_view(texts)
    return held(data, offsets[:-1], offsets[1:], wanted)


def _class(piece: str) -> Class:
    if piece.startswith("["):
        return members(piece[1:-1])
    return _category(piece[2]) if piece.startswith(r"\p") else of(_NAMED.get(piece, piece[-1]))


def members(inside: str) -> Class:
    r"""Return the class of what stands between brackets: characters, ranges, `\pL`; `^` first for all others."""
    negated = inside.startswith("^")
    found = np.zeros(SIZE, bool)
    pieces = _PIECE.findall(inside[negated:])
    for at, piece in enumerate(pieces):
        if piece == "-" and 0 < at < len(pieces) - 1:
            found[ord(pieces[at - 1]) : ord(pieces[at + 1])] = True
        else:
            found |= _class(piece)
    return ~found if negated else found


@cache
def _category(major: str) -> Class:
    return np.append(of_category(*_CATEGORIES[major])[: SIZE - 1], True)
