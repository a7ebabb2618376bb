"""Strings of JSON in bytes: copied without escapes, or passed over, and found valid or not."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Bytes that must follow the data in a buffer: blocks are looked at whole, and a line feed ends the last line.
PAD = 64

_BLOCK = 32
_QUOTE, _BACKSLASH = 34, 92


def unescape(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], escaped: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (bytes, offsets) of texts, those that are `escaped` (insides of valid JSON strings) without escapes.

    data: uint8 with PAD bytes behind the last text. Escapes never grow, so `data` is written over and returned.
    """
    out = np.zeros(len(offsets), dtype=np.int64)
    _unescape(data, offsets, escaped, CLASSES, out)
    return data, out


def _classes() -> NDArray[np.uint8]:
    """Return 1 for bytes that end a run of plain ones inside a string: quote, backslash, controls, not ASCII."""
    table = np.zeros(256, dtype=np.uint8)
    table[:32] = table[128:] = 1
    table[[_QUOTE, _BACKSLASH]] = 1
    table.flags.writeable = False
    return table


#: 1 for bytes that end a run of plain ones.
CLASSES = _classes()
#: Every five bits stand once in it, so a power of two times this tells the number of its bit in the upper five.
_DE_BRUIJN = np.uint32(0x077CB531)
_BIT_NUMBERS = np.zeros(32, dtype=np.int64)
_BIT_NUMBERS[[(0x077CB531 << k & 0xFFFFFFFF) >> 27 for k in range(32)]] = np.arange(32)


@njit(nogil=True, cache=True, inline="always")
def _is_tail(byte):  # type: ignore[no-untyped-def]
    return (byte & 0xC0) == 0x80


@njit(nogil=True, cache=True)
def _sequence(data, i):  # type: ignore[no-untyped-def]
    """Return the length of the UTF-8 sequence at `i`, which is above 7F; 0 where it is not valid."""
    b0, b1 = data[i], data[i + 1]
    if not _is_tail(b1) or b0 < 0xC2 or b0 > 0xF4:
        return 0
    if b0 < 0xE0:
        return 2
    if not _is_tail(data[i + 2]):
        return 0
    if b0 < 0xF0:
        if (b0 == 0xE0 and b1 < 0xA0) or (b0 == 0xED and b1 > 0x9F):
            return 0
        return 3
    if not _is_tail(data[i + 3]) or (b0 == 0xF0 and b1 < 0x90) or (b0 == 0xF4 and b1 > 0x8F):
        return 0
    return 4


@njit(nogil=True, cache=True)
def _hex4(data, i):  # type: ignore[no-untyped-def]
    """Return the number that four hexadecimal digits at `i` write; -1 where there are others."""
    value = np.int64(0)
    for k in range(4):
        byte = np.int64(data[i + k])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif 97 <= (byte | 32) <= 102:
            digit = (byte | 32) - 87
        else:
            return -1
        value = value * 16 + digit
    return value


@njit(nogil=True, cache=True)
def _put(code, out, o):  # type: ignore[no-untyped-def]
    """Write the code point as UTF-8 at `o`; return the place behind it."""
    if code < 0x80:
        out[o] = code
        return o + 1
    if code < 0x800:
        out[o], out[o + 1] = 0xC0 | (code >> 6), 0x80 | (code & 0x3F)
        return o + 2
    if code < 0x10000:
        out[o], out[o + 1], out[o + 2] = 0xE0 | (code >> 12), 0x80 | ((code >> 6) & 0x3F), 0x80 | (code & 0x3F)
        return o + 3
    out[o], out[o + 1] = 0xF0 | (code >> 18), 0x80 | ((code >> 12) & 0x3F)
    out[o + 2], out[o + 3] = 0x80 | ((code >> 6) & 0x3F), 0x80 | (code & 0x3F)
    return o + 4


@njit(nogil=True, cache=True)
def _escape(data, i, out, o):  # type: ignore[no-untyped-def]
    """Write what the escape at `i` stands for at `o`; return both places behind; -1 first where it is not valid."""
    byte = data[i + 1]
    if byte == 110:
        out[o] = 10
    elif byte in (_QUOTE, _BACKSLASH, 47):
        out[o] = byte
    elif byte == 116:
        out[o] = 9
    elif byte == 114:
        out[o] = 13
    elif byte == 98:
        out[o] = 8
    elif byte == 102:
        out[o] = 12
    elif byte == 117:
        code = _hex4(data, i + 2)
        if code < 0 or 0xDC00 <= code <= 0xDFFF:
            return -1, o
        if code >= 0xD800:
            if code > 0xDBFF:
                return i + 6, _put(code, out, o)
            low = _hex4(data, i + 8) if data[i + 6] == _BACKSLASH and data[i + 7] == 117 else -1
            if low < 0xDC00 or low > 0xDFFF:
                return -1, o
            return i + 12, _put(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), out, o)
        return i + 6, _put(code, out, o)
    else:
        return -1, o
    return i + 2, o + 1


@njit(nogil=True, cache=True, inline="always")
def _ends_run(data, i):  # type: ignore[no-untyped-def]
    """Return a bit for each of the _BLOCK bytes from `i` on, set where it ends a run of plain ones (`CLASSES`)."""
    # Unsigned, and 32 bits wide: LLVM makes vectors of this, but not of signed indices or narrow flags.
    at = np.uint64(i)
    found = np.uint64(0)
    for k in range(_BLOCK):
        byte = np.uint32(data[at + np.uint64(k)])
        ends = (byte < np.uint32(32)) | (byte > np.uint32(127)) | (byte == np.uint32(34)) | (byte == np.uint32(92))
        found |= np.uint64(ends) << np.uint64(k)
    return np.uint32(found)


@njit(nogil=True, cache=True)
def _copy(data, i, classes, out, o):  # type: ignore[no-untyped-def]
    """Copy the string whose first byte is at `i` to `o`; return (place of its closing quote or -1, place behind it)."""
    while True:
        ends = _ends_run(data, i)
        at, to = np.uint64(i), np.uint64(o)
        for k in range(_BLOCK):
            out[to + np.uint64(k)] = data[at + np.uint64(k)]
        if ends == 0:
            i += _BLOCK
            o += _BLOCK
            continue
        lowest = ends & (~ends + np.uint32(1))
        plain = _BIT_NUMBERS[np.uint32(lowest * _DE_BRUIJN) >> np.uint32(27)]
        i += plain
        o += plain
        byte = data[i]
        if byte == _QUOTE:
            return i, o
        if byte == _BACKSLASH:
            i, o = _escape(data, i, out, o)
            if i < 0:
                return -1, o
            continue
        if byte < 32:
            return -1, o
        while data[i] > 127:  # rarely alone
            length = _sequence(data, i)
            if length == 0:
                return -1, o
            for k in range(length):
                out[o + k] = data[i + k]
            i += length
            o += length


@njit(nogil=True, cache=True)
def _skip(data, i, classes, scratch):  # type: ignore[no-untyped-def]
    """Return the place of the closing quote of the string whose first byte is at `i`, or -1."""
    while True:
        while classes[data[i]] == 0:
            i += 1
        byte = data[i]
        if byte == _QUOTE:
            return i
        if byte == _BACKSLASH:
            i, _ = _escape(data, i, scratch, 0)
            if i < 0:
                return -1
        else:
            length = _sequence(data, i) if byte > 127 else 0
            if length == 0:
                return -1
            i += length


@njit(nogil=True, cache=True)
def _unescape(data, offsets, escaped, classes, out):  # type: ignore[no-untyped-def]
    o = 0
    for text in range(len(escaped)):
        i, end = offsets[text], offsets[text + 1]
        while i < end:
            if escaped[text] and data[i] == _BACKSLASH:
                i, o = _escape(data, i, data, o)
            else:
                data[o] = data[i]
                i += 1
                o += 1
        out[text + 1] = o
