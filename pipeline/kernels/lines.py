r"""Counts of what a line is made of: characters by class, words by the case of their first letter."""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import _decode
from pipeline.kernels.unicode import SIZE, of_category

#: Classes of characters, as `first` and `end` name them.
OTHER, UPPER, LOWER, LETTER, MARK, DIGIT, SPACE, STOP, ASKS, COMMA, COLON, CLOSER, DASH, SEPARATOR, AT = range(15)

#: Columns of `counts`. Words are runs of characters that are not space; `capitalised`, `small` and `numeric` go
#: by the first letter or digit of a word. `inner_stops`: full stops before a space; `dots`: full stops
#: between letters, as in an address of the web; `joined`: a small letter before a capital inside a word;
#: `clocks`: a colon between digits; `unspaced`: letters of scripts without case. `first`, `end`: class of
#: the first character, and of the last one that is neither space nor closing mark (CLOSER if none).
COLUMNS = (
    "chars", "words", "letters", "upper", "digits", "capitalised", "small", "numeric", "commas", "separators",
    "inner_stops", "dots", "at", "joined", "quotes", "symbols", "unspaced", "dashes", "clocks", "longest",
    "first", "end",
)  # fmt: skip
(_CHARS, _WORDS, _LETTERS, _UPPER, _DIGITS, _CAPITALISED, _SMALL, _NUMERIC, _COMMAS, _SEPARATORS,
 _INNER, _DOTS, _AT, _JOINED, _QUOTES, _SYMBOLS, _UNSPACED, _DASHES, _CLOCKS, _LONGEST, _FIRST, _END,
 ) = range(len(COLUMNS))  # fmt: skip

_CATEGORIES = {
    "Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": LETTER, "Lm": LETTER, "Mn": MARK, "Mc": MARK, "Me": MARK,
    "Nd": DIGIT, "Nl": DIGIT, "No": DIGIT, "Zs": SPACE, "Zl": SPACE, "Zp": SPACE, "Cf": MARK,
    "Pi": CLOSER, "Pf": CLOSER, "Ps": CLOSER, "Pe": CLOSER, "Pd": DASH,
}  # fmt: skip
_SPECIAL = {
    SPACE: "\t\n\r\v\f\x85",
    STOP: ".…。．｡।॥։።۔",
    ASKS: "!?！？؟՞;",
    COMMA: ",;，、；،؛",
    COLON: ":：",
    CLOSER: "\"'",
    SEPARATOR: "|·•›>‹</←→↑↓▶►▸■▪+~\\=",
    AT: "@",
}


@cache
def class_table() -> NDArray[np.uint8]:
    """Return the class of each code point, shape (SIZE,), read-only."""
    table = np.full(SIZE, OTHER, dtype=np.uint8)
    for category, kind in _CATEGORIES.items():
        table[of_category(category)] = kind
    for kind, chars in _SPECIAL.items():
        table[[ord(char) for char in chars]] = kind
    table.flags.writeable = False
    return table


def counts(data: NDArray[np.uint8], offsets: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the COLUMNS of the texts `rows`, int32, shape (len(rows), len(COLUMNS)).

    data, offsets: as in `tokens.tokenise`.
    """
    out = np.zeros((len(rows), len(COLUMNS)), dtype=np.int32)
    _counts(data, offsets, rows, class_table(), out)
    return out


def ends(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the class of each text's last character that is neither space nor closing mark; shape (n,)."""
    out = np.empty(len(offsets) - 1, dtype=np.uint8)
    _ends(data, offsets, class_table(), out)
    return out


def classed(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], known: NDArray[np.uint64], kinds: NDArray[np.uint8], n: int
) -> NDArray[np.int32]:
    """Return how many words of each text are known as of each kind, int32, shape (texts, n).

    hashes, starts: from `tokens.tokenise`. known: a table from `slots`; kinds: the kind in each slot, < n.
    """
    out = np.zeros((len(starts) - 1, n), dtype=np.int32)
    _classed(hashes, starts, known, kinds, out)
    return out


def slots(hashes: NDArray[np.uint64], kinds: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return (keys, kinds) of an open-addressing table; a power of two of slots, at most a quarter full.

    hashes: not 0, which marks a free slot. Of equal hashes the first counts.
    """
    size = 1 << max(4, (4 * len(hashes)).bit_length())
    known, found = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint8)
    for key, kind in zip(hashes.tolist(), kinds.tolist(), strict=True):
        place = key & (size - 1)
        while known[place] not in (0, key):
            place = (place + 1) & (size - 1)
        if known[place] == 0:
            known[place], found[place] = key, kind
    return known, found


@njit(nogil=True, cache=True, inline="always")
def _class(table, code):  # type: ignore[no-untyped-def]
    return table[code] if code < SIZE else np.uint8(OTHER)


@njit(nogil=True, cache=True)
def _counts(data, offsets, rows, table, out):  # type: ignore[no-untyped-def]
    for k in range(len(rows)):
        i, end = offsets[rows[k]], offsets[rows[k] + 1]
        row = out[k]
        row[_FIRST], row[_END] = SPACE, CLOSER
        before, inside, named, length = SPACE, False, False, 0
        older = SPACE
        while i < end:
            code, i = _decode(data, i)
            kind = _class(table, code)
            row[_CHARS] += 1
            if kind == SPACE:
                if before == STOP:
                    row[_INNER] += 1
                inside = False
                older, before = before, SPACE
                continue
            if not inside:
                inside, named, length = True, False, 0
                row[_WORDS] += 1
            length += 1
            row[_LONGEST] = max(row[_LONGEST], length)
            if row[_FIRST] == SPACE:
                row[_FIRST] = kind
            if kind != CLOSER:
                row[_END] = kind
            if kind in (UPPER, LOWER, LETTER):
                row[_LETTERS] += 1
                if kind == UPPER:
                    row[_UPPER] += 1
                    if before == LOWER:
                        row[_JOINED] += 1
                elif kind == LETTER:
                    row[_UNSPACED] += 1
                if before == STOP and older in (LOWER, UPPER) and kind == LOWER:
                    row[_DOTS] += 1
                if not named:
                    named = True
                    if kind == UPPER:
                        row[_CAPITALISED] += 1
                    elif kind == LOWER:
                        row[_SMALL] += 1
            elif kind == DIGIT:
                row[_DIGITS] += 1
                if not named:
                    named = True
                    row[_NUMERIC] += 1
                if before == COLON and older == DIGIT:
                    row[_CLOCKS] += 1
            elif kind == COMMA:
                row[_COMMAS] += 1
            elif kind == SEPARATOR:
                row[_SEPARATORS] += 1
            elif kind == AT:
                row[_AT] += 1
            elif kind == CLOSER:
                row[_QUOTES] += 1
            elif kind == DASH:
                row[_DASHES] += 1
            elif kind == OTHER:
                row[_SYMBOLS] += 1
            older, before = before, kind


@njit(nogil=True, cache=True)
def _ends(data, offsets, table, out):  # type: ignore[no-untyped-def]
    for text in range(len(out)):
        start, i = offsets[text], offsets[text + 1]
        kind = np.uint8(CLOSER)
        while i > start and kind in (CLOSER, SPACE):
            i -= 1
            while i > start and (data[i] & 0xC0) == 0x80:
                i -= 1
            code, _ = _decode(data, i)
            kind = _class(table, code)
        out[text] = np.uint8(CLOSER) if kind == SPACE else kind


@njit(nogil=True, cache=True)
def _classed(hashes, starts, known, kinds, out):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(known) - 1)
    for text in range(len(starts) - 1):
        for i in range(starts[text], starts[text + 1]):
            place = hashes[i] & mask
            while known[place] != 0 and known[place] != hashes[i]:
                place = (place + np.uint64(1)) & mask
            if known[place] != 0:
                out[text, kinds[place]] += 1
