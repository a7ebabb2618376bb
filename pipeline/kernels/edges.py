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


def allowed(data: NDArray[np.uint8], starts: Ints, stops: Ints, begins: Masks, ends: Masks) -> Masks:
    """Return which patterns each text `data[starts[i]:stops[i]]` may match, shape (n, columns).

    begins, ends: shape (64³, columns): bit `b` of column `c` is set where pattern `64 c + b` may begin or end with
    the DEPTH characters of a code: 6 bits a kind, the outermost one in the highest, NOTHING beyond the text.
    """
    out = np.empty((len(starts), begins.shape[1]), np.uint64)
    _allowed(data, starts, stops, _KINDS, begins, ends, out)
    return out


def pairs(masks: Masks) -> tuple[Ints, NDArray[np.uint16]]:
    """Return (texts, patterns) of all bits that are set, ordered by text."""
    found = _pairs(masks, np.empty(0, np.int64), np.empty(0, np.uint16))
    texts, patterns = np.empty(found, np.int64), np.empty(found, np.uint16)
    _pairs(masks, texts, patterns)
    return texts, patterns


@njit(nogil=True, cache=True)
def _allowed(data, starts, stops, kinds, begins, ends, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        first = _first(data, starts[text], stops[text], kinds)
        last = _last(data, starts[text], stops[text], kinds)
        for column in range(out.shape[1]):
            out[text, column] = begins[first, column] & ends[last, column]


@njit(nogil=True, cache=True, inline="always")
def _first(data, i, stop, kinds):  # type: ignore[no-untyped-def]
    code = 0
    for _ in range(DEPTH):
        code <<= _SHIFT
        if i < stop:
            code |= kinds[data[i]]
            i += 1
            while i < stop and data[i] & 0xC0 == 0x80:
                i += 1
    return code


@njit(nogil=True, cache=True, inline="always")
def _last(data, start, i, kinds):  # type: ignore[no-untyped-def]
    code = 0
    for _ in range(DEPTH):
        code <<= _SHIFT
        if i > start:
            i -= 1
            while i > start and data[i] & 0xC0 == 0x80:
                i -= 1
            code |= kinds[data[i]]
    return code


@njit(nogil=True, cache=True)
def _pairs(masks, texts, patterns):  # type: ignore[no-untyped-def]
    found = 0
    for text in range(len(masks)):
        for column in range(masks.shape[1]):
            bits = masks[text, column]
            pattern = 64 * column
            while bits != np.uint64(0):
                if bits & np.uint64(0xFF) == np.uint64(0):
                    bits >>= np.uint64(8)
                    pattern += 8
                    continue
                if bits & np.uint64(1):
                    if len(texts):
                        texts[found], patterns[found] = text, pattern
                    found += 1
                bits >>= np.uint64(1)
                pattern += 1
    return found
