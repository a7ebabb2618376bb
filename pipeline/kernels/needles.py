"""Which of many short strings does a text hold? One pass over its bytes, ASCII letters without case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]

#: Bytes of the shortest string that can be looked for.
SHORTEST = 3

_PRIME = np.uint64(0x9E3779B1)
_LOW = np.uint64(0xFFFFFFFF)
_THREE = np.uint64(0xFFFFFF)
_LOWER = np.array([*range(65), *range(97, 123), *range(91, 256)], np.uint8)


class Needles(NamedTuple):
    """Strings of three bytes or more, found by a hash of their last three."""

    ends: Masks  #: bit `h % 64` of word `h // 64`: some needle has the hash `h`; they fit where `by_end` does not
    by_end: NDArray[np.int32]  #: the first needle with this hash, -1: none; shape (65536,)
    other: NDArray[np.int32]  #: the next needle with the same hash, -1: none
    data: NDArray[np.uint8]
    offsets: Ints
    masks: Masks  #: what finding each one sets, shape (needles, columns)


def needles(strings: Sequence[bytes], masks: Masks) -> Needles:
    """Return what `held` looks for: `strings` in lower case, at least SHORTEST bytes each, with their masks."""
    ends = np.zeros((1 << 16) // 64, np.uint64)
    by_end, other = np.full(1 << 16, -1, np.int32), np.full(len(strings), -1, np.int32)
    for number, string in enumerate(strings):
        end = _slot(int.from_bytes(string[-3:], "big"))
        ends[end // 64] |= np.uint64(1 << end % 64)
        by_end[end], other[number] = number, by_end[end]
    data = np.frombuffer(b"".join(strings) or b" ", np.uint8)
    return Needles(ends, by_end, other, data, np.cumsum([0, *map(len, strings)], dtype=np.int64), masks)


def held(data: NDArray[np.uint8], starts: Ints, stops: Ints, wanted: Needles, asked: Masks) -> Masks:
    """Return `asked`, shape (n, columns), without the bits of needles that the texts do not hold.

    Bits that no needle sets stay, and a text with such bits alone is not looked through.
    """
    out = asked.copy()
    of_needles = np.bitwise_or.reduce(wanted.masks, axis=0)
    _held(data, starts, stops, _LOWER, *wanted, of_needles, out)
    return out


def _slot(end: int) -> int:
    return (end * int(_PRIME) & int(_LOW)) >> 16


@njit(nogil=True, cache=True)
def _held(data, starts, stops, lower, ends, by_end, other, strings, offsets, masks, of_needles, out):  # type: ignore[no-untyped-def]
    found = np.zeros_like(of_needles)
    for text in range(len(starts)):
        asked = np.uint64(0)
        for column in range(len(found)):
            asked |= out[text, column] & of_needles[column]
            found[column] = ~of_needles[column]
        if asked == np.uint64(0):
            continue
        end = np.uint64(0)
        for i in range(starts[text], stops[text]):
            end = (end << np.uint64(8) | np.uint64(lower[data[i]])) & _THREE
            slot = (end * _PRIME & _LOW) >> np.uint64(16)
            if (ends[slot >> np.uint64(6)] >> (slot & np.uint64(63))) & np.uint64(1):
                _find(data, starts[text], i + 1, lower, by_end[slot], other, strings, offsets, masks, found)
        for column in range(len(found)):
            out[text, column] &= found[column]


@njit(nogil=True, cache=True)
def _find(data, start, stop, lower, needle, other, strings, offsets, masks, found):  # type: ignore[no-untyped-def]
    """Add the masks of the needles from `needle` on that end at `stop` of a text that begins at `start`."""
    while needle >= 0:
        first = stop - (offsets[needle + 1] - offsets[needle])
        if first >= start and _same(data, first, strings, offsets[needle], offsets[needle + 1], lower):
            for column in range(len(found)):
                found[column] |= masks[needle, column]
        needle = other[needle]


@njit(nogil=True, cache=True)
def _same(data, i, strings, start, stop, lower):  # type: ignore[no-untyped-def]
    for k in range(stop - start):  # noqa: SIM110 (numba)
        if lower[data[i + k]] != strings[start + k]:
            return False
    return True
