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

    by_end: NDArray[np.int32]  #: the first needle with this hash, -1: none; shape (65536,)
    other: NDArray[np.int32]  #: the next needle with the same hash, -1: none
    data: NDArray[np.uint8]
    offsets: Ints
    masks: Masks  #: what finding each one sets, shape (needles, columns)


def needles(strings: Sequence[bytes], masks: Masks) -> Needles:
    """Return what `held` looks for: `strings` in lower case, at least SHORTEST bytes each, with their masks."""
    by_end, other = np.full(1 << 16, -1, np.int32), np.full(len(strings), -1, np.int32)
    for number, string in enumerate(strings):
        end = _slot(int.from_bytes(string[-3:], "big"))
        by_end[end], other[number] = number, by_end[end]
    data = np.frombuffer(b"".join(strings) or b" ", np.uint8)
    return Needles(by_end, other, data, np.cumsum([0, *map(len, strings)], dtype=np.int64), masks)


def held(data: NDArray[np.uint8], starts: Ints, stops: Ints, wanted: Needles) -> Masks:
    """Return for each text the masks of all needles in it, joined by OR; shape (n, columns)."""
    out = np.zeros((len(starts), wanted.masks.shape[1]), np.uint64)
    _held(data, starts, stops, _LOWER, *wanted, out)
    return out


def _slot(end: int) -> int:
    return (end * int(_PRIME) & int(_LOW)) >> 16


@njit(nogil=True, cache=True)
def _held(data, starts, stops, lower, by_end, other, strings, offsets, masks, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        start = starts[text]
        end = np.uint64(0)
        for i in range(start, stops[text]):
            end = (end << np.uint64(8) | np.uint64(lower[data[i]])) & _THREE
            needle = by_end[(end * _PRIME & _LOW) >> np.uint64(16)]
            while needle >= 0:
                first = i + 1 - (offsets[needle + 1] - offsets[needle])
                if first >= start and _same(data, first, strings, offsets[needle], offsets[needle + 1], lower):
                    for column in range(masks.shape[1]):
                        out[text, column] |= masks[needle, column]
                needle = other[needle]


@njit(nogil=True, cache=True)
def _same(data, i, strings, start, stop, lower):  # type: ignore[no-untyped-def]
    for k in range(stop - start):  # noqa: SIM110 (numba)
        if lower[data[i + k]] != strings[start + k]:
            return False
    return True
