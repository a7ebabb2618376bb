"""Where the lines of texts lie: without the white space around them, and without those that are blank."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.characters import _length

Ints = NDArray[np.int64]

_LINE_FEED = 10


class Spans(NamedTuple):
    """The lines that are not blank, one after the other."""

    row: Ints  #: the text
    line: Ints  #: number of the line in its text, from 0
    start: Ints  #: first byte that is not white space
    stop: Ints  #: behind the last such byte
    chars: Ints  #: characters between them
    indented: NDArray[np.bool_]  #: begins with a space, a tab, a form feed or a carriage return


def spans(data: NDArray[np.uint8], offsets: Ints) -> Spans:
    """Return the lines of the texts `data[offsets[i]:offsets[i + 1]]` of UTF-8; white space is as of `str.isspace`."""
    feeds = np.flatnonzero(data[offsets[0] : offsets[-1]] == _LINE_FEED) + offsets[0]
    room = len(feeds) + len(offsets) - 1
    numbers = np.empty((5, room), np.int64)
    indented = np.empty(room, bool)
    n = _spans(data, data.view(np.int8), offsets, feeds, numbers, indented)
    row, line, start, stop, chars = numbers[:, :n]
    return Spans(row, line, start, stop, chars, indented[:n])


@njit(nogil=True, cache=True)
def _spans(data, signed, offsets, feeds, numbers, indented):  # type: ignore[no-untyped-def]
    n = feed = 0
    for row in range(len(offsets) - 1):
        begin, line = offsets[row], 0
        while begin <= offsets[row + 1]:
            end = offsets[row + 1]
            if feed < len(feeds) and feeds[feed] < end:
                end = feeds[feed]
                feed += 1
            chars = _length(signed, begin, end)
            start, stop = begin, end
            while start < stop and _space(data, start, stop):
                start += _space(data, start, stop)
                chars -= 1
            while stop > start and _space_before(data, start, stop):
                stop -= _space_before(data, start, stop)
                chars -= 1
            if stop > start:
                numbers[0, n], numbers[1, n], numbers[2, n], numbers[3, n], numbers[4, n] = (
                    row,
                    line,
                    start,
                    stop,
                    chars,
                )
                indented[n] = data[begin] in (9, 12, 13, 32)  # RE2's \\s
                n += 1
            begin, line = end + 1, line + 1
    return n


@njit(nogil=True, cache=True, inline="always")
def _space_before(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the bytes of the white space that ends at `stop`; 0: none does."""
    first = stop - 1
    while first > start and (data[first] & 0xC0) == 0x80:
        first -= 1
    return _space(data, first, stop)


@njit(nogil=True, cache=True)
def _space(data, i, stop):  # type: ignore[no-untyped-def]
    """Return the bytes of the white space that begins at `i`; 0: none does."""
    first = data[i]
    if first < 0x80:
        return 1 if first == 32 or 9 <= first <= 13 or 28 <= first <= 31 else 0
    if first == 0xC2 and i + 1 < stop:
        return 2 if data[i + 1] in (0x85, 0xA0) else 0
    if first not in (0xE1, 0xE2, 0xE3) or i + 2 >= stop:
        return 0
    code = (np.int64(first) & 0xF) << 12 | (np.int64(data[i + 1]) & 0x3F) << 6 | np.int64(data[i + 2]) & 0x3F
    lone = code in (0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    return 3 if lone or 0x2000 <= code <= 0x200A else 0
