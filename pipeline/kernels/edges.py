"""The first and last three characters of a text, coarsely: a screen for many anchored patterns at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]

#: Characters at each end, and how many kinds of them there are.
DEPTH = 3
KINDS = 64
#: Kinds beside 1–26 (letters, without case), 27 (digits), 28 (ASCII space and controls), 30–61 (ASCII marks).
NOTHING, OTHER = 0, 29

_SHIFT = 6


def kind(code: int) -> int:
    """Return the kind of a code point: below 128 as above, else OTHER."""
    char = chr(code)
    if code >= 128:
        return OTHER
    if char.isalpha():
        return 1 + ord(char.lower()) - ord("a")
    if char.isdigit():
        return 27
    return 30 + _MARKS.index(char) if char in _MARKS else 28


_MARKS = "".join(char for char in map(chr, range(33, 127)) if not char.isalnum())
_KINDS = np.array([kind(code) for code in range(128)] + [OTHER] * 128, np.int64)


def edges(data: NDArray[np.uint8], starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """Return the code of the first and of the last DEPTH characters of each text `data[starts[i]:stops[i]]`.

    A code has 6 bits a kind: the outermost character in the highest, NOTHING beyond the text.
    """
    first, last = np.empty(len(starts), np.int64), np.empty(len(starts), np.int64)
    _edges(data, starts, stops, _KINDS, first, last)
    return first, last


def candidates(first: Ints, last: Ints, words: Ints, tables: tuple[Masks, Masks], most: Ints) -> tuple[Ints, Ints]:
    """Return (texts, patterns) of all pairs that pass, ordered by text.

    tables: for first and last codes, shape (64³, columns): bit `b` of column `c` is set where pattern
    `64 c + b` may begin or end so. most: the most words a text may have for each pattern.
    """
    nothing = np.empty(0, np.int64)
    found = _candidates(first, last, words, tables[0], tables[1], most, nothing, nothing)
    texts, patterns = np.empty(found, np.int64), np.empty(found, np.int64)
    _candidates(first, last, words, tables[0], tables[1], most, texts, patterns)
    return texts, patterns


@njit(nogil=True, cache=True)
def _edges(data, starts, stops, kinds, first, last):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        i, code = starts[text], 0
        for _ in range(DEPTH):
            code <<= _SHIFT
            if i < stops[text]:
                code |= kinds[data[i]]
                i += 1
                while i < stops[text] and data[i] & 0xC0 == 0x80:
                    i += 1
        first[text] = code
        i, code = stops[text], 0
        for _ in range(DEPTH):
            code <<= _SHIFT
            if i > starts[text]:
                i -= 1
                while i > starts[text] and data[i] & 0xC0 == 0x80:
                    i -= 1
                code |= kinds[data[i]]
        last[text] = code


@njit(nogil=True, cache=True)
def _candidates(first, last, words, begins, ends, most, texts, patterns):  # type: ignore[no-untyped-def]
    found = 0
    for text in range(len(first)):
        for column in range(begins.shape[1]):
            bits = begins[first[text], column] & ends[last[text], column]
            pattern = 64 * column
            while bits != np.uint64(0):
                if bits & np.uint64(0xFF) == np.uint64(0):
                    bits >>= np.uint64(8)
                    pattern += 8
                    continue
                if bits & np.uint64(1) and words[text] <= most[pattern]:
                    if len(texts):
                        texts[found], patterns[found] = text, pattern
                    found += 1
                bits >>= np.uint64(1)
                pattern += 1
    return found
