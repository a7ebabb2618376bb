"""JSON Lines in bytes: where the id and the text of each line lie, and the text itself without escapes.

Strict: a line that is valid JSON by RFC 8259 and holds nothing out of the way is read here; whatever the
kernel is not sure of (not valid, not UTF-8, a lone surrogate, a key twice, escapes in a key, deep nesting,
a huge exponent, an id that is not plain) is named only, for a full parser to judge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.json_strings import _BACKSLASH, _QUOTE, CLASSES, PAD, _copy, _skip

#: What a line is: blank, an object whose text and id are here, or one for the full parser.
BLANK, READ, UNSURE = 0, 1, 2

_LINE_FEED = 10
_MAX_LEVELS = 60
#: A number of this many characters with an exponent of two digits is finite.
_MAX_NUMBER = 100


class Lines(NamedTuple):
    """Lines of one buffer. `kind[i]` is BLANK, READ or UNSURE; byte ranges are `[begin, end)` of the buffer.

    For READ lines: the text is `texts[text_offsets[k]:text_offsets[k + 1]]`, the id likewise, where k counts the
    READ lines; `raw[k]` is the range of the text as it is written, between its quotes; -1 where it is null or
    missing. An empty id means that there is none.
    """

    kind: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    raw: NDArray[np.int64]
    texts: NDArray[np.uint8]
    text_offsets: NDArray[np.int64]
    ids: NDArray[np.uint8]
    id_offsets: NDArray[np.int64]


class Room:
    """Arrays that are used again for every buffer: fresh ones would cost a page fault each 4 KB."""

    def __init__(self) -> None:
        """Nothing is allocated before it is needed."""
        self._bytes = np.empty((2, 0), dtype=np.uint8)
        self._lines = 0

    def arrays(self, size: int, lines: int) -> tuple[NDArray[np.uint8], Lines]:
        """Return (byte buffers, Lines) with room for `size` bytes and `lines` lines."""
        if self._bytes.shape[1] < size + PAD:
            self._bytes = np.empty((2, size + PAD), dtype=np.uint8)
        if self._lines < lines:
            self._lines = lines
            self._made = Lines(
                np.empty(lines, np.uint8),
                np.empty(lines, np.int64),
                np.empty(lines, np.int64),
                np.empty((lines, 2), np.int64),
                self._bytes[0],
                np.zeros(lines + 1, np.int64),
                self._bytes[1],
                np.zeros(lines + 1, np.int64),
            )
        self._made = self._made._replace(texts=self._bytes[0], ids=self._bytes[1])
        return self._bytes, self._made


def read_lines(data: NDArray[np.uint8], size: int, text_key: bytes, id_key: bytes, longest: int, room: Room) -> Lines:
    """Return the lines of `data[:size]`; the arrays are views of `room`, good until its next use.

    data: uint8, shape (at least size + PAD,), C-contiguous; `data[size]` is overwritten with a line feed.
    text_key, id_key: names of the two members, as UTF-8; an empty `id_key` names none.
    longest: bytes of the longest line that is read here.
    """
    data[size : size + PAD] = _LINE_FEED
    keys = [np.frombuffer(key + b"\0", dtype=np.uint8)[:-1] for key in (text_key, id_key)]
    lines = max(1024, size // 256)
    while True:
        _, out = room.arrays(size, lines)
        found, read = _read_lines(data, size, keys[0], keys[1], longest, CLASSES, *out)
        if found >= 0:
            return out._replace(
                kind=out.kind[:found],
                begin=out.begin[:found],
                end=out.end[:found],
                raw=out.raw[:read],
                text_offsets=out.text_offsets[: read + 1],
                id_offsets=out.id_offsets[: read + 1],
            )
        lines *= 4


@njit(nogil=True, cache=True, inline="always")
def _blank(data, i):  # type: ignore[no-untyped-def]
    """Return the place of the first byte from `i` on that is no white space within a line."""
    while data[i] == 32 or data[i] == 9 or data[i] == 13:
        i += 1
    return i


@njit(nogil=True, cache=True, inline="always")
def _digits(data, i):  # type: ignore[no-untyped-def]
    while 48 <= data[i] <= 57:
        i += 1
    return i


@njit(nogil=True, cache=True)
def _number(data, i):  # type: ignore[no-untyped-def]
    """Return (place behind the number at `i` or -1, is it a plain integer of at most 18 digits)."""
    begin = i
    if data[i] == 45:
        i += 1
    first = i
    i = _digits(data, i)
    if i == first or (data[first] == 48 and i > first + 1):
        return -1, False
    plain = i - first <= 18 and not (data[first] == 48 and first > begin)
    if data[i] == 46:
        plain = False
        first = i + 1
        i = _digits(data, first)
        if i == first:
            return -1, False
    if data[i] | 32 == 101:
        plain = False
        first = i + 1
        if data[first] == 43 or data[first] == 45:
            first += 1
        i = _digits(data, first)
        if i == first or i - first > 2:
            return -1, False
    if i - begin > _MAX_NUMBER:
        return -1, False
    return i, plain


@njit(nogil=True, cache=True)
def _word(data, i):  # type: ignore[no-untyped-def]
    """Return the place behind true, false or null at `i`, or -1."""
    if data[i] == 116 and data[i + 1] == 114 and data[i + 2] == 117 and data[i + 3] == 101:
        return i + 4
    if data[i] == 110 and data[i + 1] == 117 and data[i + 2] == 108 and data[i + 3] == 108:
        return i + 4
    if data[i] == 102 and data[i + 1] == 97 and data[i + 2] == 108 and data[i + 3] == 115 and data[i + 4] == 101:
        return i + 5
    return -1


@njit(nogil=True, cache=True)
def _scalar(data, i, classes, scratch):  # type: ignore[no-untyped-def]
    """Return the place behind the string, number or word at `i`, or -1."""
    byte = data[i]
    if byte == _QUOTE:
        end = _skip(data, i + 1, classes, scratch)
        return end + 1 if end >= 0 else -1
    if byte == 45 or 48 <= byte <= 57:
        return _number(data, i)[0]
    return _word(data, i)


@njit(nogil=True, cache=True)
def _value(data, i, classes, scratch):  # type: ignore[no-untyped-def]
    """Return the place behind the value at `i`, whatever it holds, or -1."""
    objects = np.uint64(0)  # bit k: what is open at level k is an object
    level = 0
    while True:
        byte = data[i]
        if byte == 123 or byte == 91:
            if level == _MAX_LEVELS:
                return -1
            objects = (objects << np.uint64(1)) | np.uint64(byte == 123)
            level += 1
            i = _blank(data, i + 1)
            if data[i] == byte + 2:  # empty
                i += 1
                objects >>= np.uint64(1)
                level -= 1
            elif byte == 123:
                i = _key(data, i, classes, scratch)
                if i < 0:
                    return -1
                continue
            else:
                continue
        else:
            i = _scalar(data, i, classes, scratch)
            if i < 0:
                return -1
        while True:  # behind a value
            if level == 0:
                return i
            i = _blank(data, i)
            inside = (objects & np.uint64(1)) != 0
            byte = data[i]
            if byte == 44:
                i = _blank(data, i + 1)
                if inside:
                    i = _key(data, i, classes, scratch)
                    if i < 0:
                        return -1
                break
            if byte != (125 if inside else 93):
                return -1
            i += 1
            objects >>= np.uint64(1)
            level -= 1


@njit(nogil=True, cache=True)
def _key(data, i, classes, scratch):  # type: ignore[no-untyped-def]
    """Return the place of the value whose key is at `i`, or -1."""
    if data[i] != _QUOTE:
        return -1
    i = _skip(data, i + 1, classes, scratch)
    if i < 0:
        return -1
    i = _blank(data, i + 1)
    return _blank(data, i + 1) if data[i] == 58 else -1


@njit(nogil=True, cache=True)
def _is_key(data, begin, end, key):  # type: ignore[no-untyped-def]
    """Return 1 where the bytes are those of the key, -1 where they hold an escape, else 0."""
    same = end - begin == len(key) and end > begin
    for k in range(end - begin):
        if data[begin + k] == _BACKSLASH:
            return -1
        same = same and data[begin + k] == key[k]
    return 1 if same else 0


@njit(nogil=True, cache=True)
def _id(data, i, classes, ids, o):  # type: ignore[no-untyped-def]
    """Copy the id at `i` to `o`; return (place behind the value or -1, place behind the id)."""
    if data[i] == _QUOTE:
        end, last = _copy(data, i + 1, classes, ids, o)
        if end < 0:
            return -1, o
        plain = False  # what may be blank is for the full parser
        for k in range(o, last):
            plain = plain or 32 < ids[k] < 127
        return (end + 1, last) if plain else (-1, o)
    if data[i] == 110:
        return _word(data, i), o
    end, plain = _number(data, i)
    if end < 0 or not plain:
        return -1, o
    for k in range(end - i):
        ids[o + k] = data[i + k]
    return end, o + end - i


@njit(nogil=True, cache=True)
def _object(data, i, text_key, id_key, classes, texts, t, ids, d, raw):  # type: ignore[no-untyped-def]
    """Read the object at `i`; return (place behind it or -1, place behind the text, place behind the id)."""
    scratch = np.empty(16, dtype=np.uint8)
    has_text = has_id = False
    raw[0] = raw[1] = -1
    i = _blank(data, i + 1)
    if data[i] == 125:
        return i + 1, t, d
    while True:
        if data[i] != _QUOTE:
            return -1, t, d
        begin = i + 1
        end = _skip(data, begin, classes, scratch)
        if end < 0:
            return -1, t, d
        i = _blank(data, end + 1)
        if data[i] != 58:
            return -1, t, d
        i = _blank(data, i + 1)
        of_text, of_id = _is_key(data, begin, end, text_key), _is_key(data, begin, end, id_key)
        if of_text < 0 or (of_text and has_text) or (of_id and has_id):
            return -1, t, d
        if of_text:
            has_text = True
            if data[i] == _QUOTE:
                raw[0] = i + 1
                i, t = _copy(data, i + 1, classes, texts, t)
                if i < 0:
                    return -1, t, d
                raw[1] = i
                i += 1
            else:
                i = _word(data, i) if data[i] == 110 else -1
        elif of_id:
            has_id = True
            i, d = _id(data, i, classes, ids, d)
        else:
            i = _value(data, i, classes, scratch)
        if i < 0:
            return -1, t, d
        i = _blank(data, i)
        if data[i] == 125:
            return i + 1, t, d
        if data[i] != 44:
            return -1, t, d
        i = _blank(data, i + 1)


@njit(nogil=True, cache=True)
def _read_lines(  # type: ignore[no-untyped-def]
    data, size, text_key, id_key, longest, classes, kind, begin, end, raw, texts, text_offsets, ids, id_offsets
):
    """Fill the arrays; return (lines, READ lines), -1 for the first where there is no room for all lines."""
    line = read = 0
    i = 0
    while i < size:
        if line == len(kind):
            return -1, read
        start = i
        i = _blank(data, i)
        t, d = text_offsets[read], id_offsets[read]
        what = UNSURE
        if data[i] == _LINE_FEED:
            what = BLANK
        elif data[i] == 123:
            behind, t, d = _object(data, i, text_key, id_key, classes, texts, t, ids, d, raw[read])
            if behind >= 0:
                i = _blank(data, behind)
                if data[i] == _LINE_FEED and i - start <= longest:
                    what = READ
        while data[i] != _LINE_FEED:
            i += 1
        kind[line], begin[line], end[line] = what, start, i
        if what == READ:
            read += 1
            text_offsets[read], id_offsets[read] = t, d
        line += 1
        i += 1
    return line, read
