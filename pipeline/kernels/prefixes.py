"""Which of many word sequences does a text begin with? A trie of hashes, walked word by word.

A walk ends at the first word that goes on no sequence, so its cost depends neither on how many
sequences there are nor on how long the text is: most texts are left after one or two words.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import KEY_PRIMES, WORD_PRIME, WORD_SEED, _decode, _entry, mix64
from pipeline.kernels.unicode import SINGLE, SIZE, fold_table, of_category

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: So many characters of a script without spaces count as a word where words are counted: a Chinese
#: or Japanese word has about 1.7 of them, a Thai word about 4.
SINGLES_A_WORD = 3

_SPACES = np.isin(np.arange(256), list(b"\t\n\f\r ")).astype(np.uint8)
_SINGLE = np.uint32(SINGLE)
_CODE = np.uint32(SINGLE - 1)
_ZERO = np.uint32(ord("0"))
_PRIME = KEY_PRIMES[0]


class Trie(NamedTuple):
    """Hashes of all beginnings of the sequences in an open-addressed table whose size is a power of two."""

    slots: Hashes  #: hash of the first k words; 0: free
    ends: NDArray[np.int64]  #: the first sequence that consists of just these words, else -1


class Hits(NamedTuple):
    """One row for each sequence that a text begins with, ordered by text, shorter sequences first."""

    texts: Ints  #: index of the text
    sequences: Ints  #: index of the sequence, of the first one among equal ones
    stops: Ints  #: where the last of its words ends in `data`
    whole: NDArray[np.bool_]  #: the text has no further word


def plant(hashes: Hashes, starts: Ints) -> Trie:
    """Return the trie of the sequences `hashes[starts[i]:starts[i + 1]]`, as `tokens.tokenise` gives them.

    A sequence without a word is in no trie.
    """
    size = 1 << max(4, int(2 * len(hashes)).bit_length())
    trie = Trie(np.zeros(size, np.uint64), np.full(size, -1, np.int64))
    _plant(hashes, starts, trie.slots, trie.ends)
    return trie


def walk(data: Bytes, starts: Ints, stops: Ints, trie: Trie) -> Hits:
    """Return which sequences of `trie` the texts `data[starts[i]:stops[i]]` begin with, word for word.

    A hit is only a reason to compare: hashes may be equal by chance.
    """
    room = len(starts) // 8 + 1024
    while True:
        out = np.empty((3, room), np.int64)
        whole = np.zeros(room, np.bool_)
        found = _walk(data, starts, stops, fold_table(), trie.slots, trie.ends, out, whole)
        if found <= room:
            return Hits(out[0, :found], out[1, :found], out[2, :found], whole[:found])
        room = found


def fold(data: Bytes, starts: Ints, stops: Ints, digits: bool = True) -> tuple[Bytes, Ints]:
    """Return (bytes, offsets) of the folded words of each text, with a space between two words.

    No space stands beside a character that is a word of its own (Han, Kana, Thai …). Texts have equal
    results exactly when they have the same words in the same order. digits=False: every run of decimal
    digits in a word becomes `0`.
    """
    # Folding makes two bytes three at most (U+023A), and a space replaces a byte at least.
    room = int(np.sum(stops - starts)) * 3 // 2 + 1 if len(starts) else 1
    out = np.empty(room, np.uint8)
    offsets = np.zeros(len(starts) + 1, np.int64)
    _fold(data, starts, stops, fold_table() if digits else _masking_table(), not digits, out, offsets)
    return out[: offsets[-1]], offsets


def is_word(char: str) -> bool:
    """Tell whether the character is part of a word, as the kernels see it."""
    return ord(char) < SIZE and bool(fold_table()[ord(char)])


def count_words(data: Bytes, starts: Ints, stops: Ints) -> Ints:
    r"""Return the words of each text: runs without ASCII white space (RE2's `\S+`).

    In scripts without spaces, SINGLES_A_WORD characters count as one more.
    """
    out = np.empty(len(starts), np.int64)
    _count_words(data, starts, stops, _SPACES, fold_table(), out)
    return out


def few_words(data: Bytes, starts: Ints, stops: Ints, most: int, firsts: Trie) -> Ints:
    """Return how many words, as `tokens.tokenise` finds them, each text has; `most + 1` where it has more.

    Also `most + 1` where the first one is none of `firsts`, in which every run of digits is `0`.
    A text is left at the word that is one too many: most texts are long, and cost no more than short ones.
    """
    out = np.empty(len(starts), np.int64)
    _few_words(data, starts, stops, most, _masking_table(), firsts.slots, out)
    return out


@cache
def _masking_table() -> NDArray[np.uint32]:
    table = fold_table().copy()
    table[of_category("Nd")] = _ZERO
    table.flags.writeable = False
    return table


@njit(nogil=True, cache=True, inline="always")
def _joined(prefix, word):  # type: ignore[no-untyped-def]
    """Return the hash of a sequence with one more word; never 0, which marks a free slot."""
    h = mix64((prefix ^ word) * _PRIME)
    return h if h != np.uint64(0) else np.uint64(1)


@njit(nogil=True, cache=True, inline="always")
def _place(slots, h):  # type: ignore[no-untyped-def]
    """Return the slot of `h`, or the free one where it would stand."""
    mask = np.uint64(len(slots) - 1)
    at = h & mask
    while slots[at] != np.uint64(0) and slots[at] != h:
        at = (at + np.uint64(1)) & mask
    return at


@njit(nogil=True, cache=True)
def _plant(hashes, starts, slots, ends):  # type: ignore[no-untyped-def]
    for sequence in range(len(starts) - 1):
        h = np.uint64(0)
        at = np.uint64(0)
        for i in range(starts[sequence], starts[sequence + 1]):
            h = _joined(h, hashes[i])
            at = _place(slots, h)
            slots[at] = h
        if starts[sequence + 1] > starts[sequence] and ends[at] < 0:
            ends[at] = sequence


@njit(nogil=True, cache=True)
def _walk(data, starts, stops, table, slots, ends, out, whole):  # type: ignore[no-untyped-def]
    found = 0
    for text in range(len(starts)):
        i, stop = starts[text], stops[text]
        prefix, last = np.uint64(0), -1
        while True:
            word, i, after = _word(data, i, stop, table, False)
            if word == np.uint64(0):
                if 0 <= last < len(whole):
                    whole[last] = True
                break
            prefix = _joined(prefix, word)
            at = _place(slots, prefix)
            last = -1
            if slots[at] == np.uint64(0):
                break
            if ends[at] >= 0:
                last = found
                if found < len(whole):
                    out[0, found], out[1, found], out[2, found] = text, ends[at], after
                    whole[found] = False
                found += 1
    return found


@njit(nogil=True, cache=True)
def _word(data, i, stop, table, masking):  # type: ignore[no-untyped-def]
    """Return (hash of the next word as in tokens.tokenise or 0, where to go on, where the word ends)."""
    h = WORD_SEED
    inside = False
    last = np.uint32(0)
    while i < stop:
        code, after = _decode(data, i)
        entry = _entry(table, code)
        single = (entry & _SINGLE) != 0
        if inside and (entry == 0 or single):
            return mix64(h), i, i
        if entry != 0 and not (masking and entry == _ZERO and last == _ZERO):
            h = (h ^ np.uint64(entry & _CODE)) * WORD_PRIME
            if single:
                return mix64(h), after, after
            inside = True
        i, last = after, entry
    return (mix64(h) if inside else np.uint64(0)), i, i


@njit(nogil=True, cache=True)
def _fold(data, starts, stops, table, masking, out, offsets):  # type: ignore[no-untyped-def]
    at = 0
    for text in range(len(starts)):
        i, stop = starts[text], stops[text]
        gap, closed = False, True  # closed: no word before that a space must be set off from
        last = np.uint32(0)
        while i < stop:
            code, i = _decode(data, i)
            entry = _entry(table, code)
            if entry == 0:
                gap, last = True, np.uint32(0)
                continue
            single = (entry & _SINGLE) != 0
            code = entry & _CODE
            if masking and code == _ZERO and last == _ZERO:
                continue
            if gap and not closed and not single:
                out[at] = 32
                at += 1
            at = _encode(code, out, at)
            gap, closed, last = False, single, code
        offsets[text + 1] = at


@njit(nogil=True, cache=True, inline="always")
def _encode(code, out, at):  # type: ignore[no-untyped-def]
    """Write the code point as UTF-8; return where to go on."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> np.uint32(6))
        out[at + 1] = 0x80 | (code & np.uint32(0x3F))
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> np.uint32(12))
        out[at + 1] = 0x80 | ((code >> np.uint32(6)) & np.uint32(0x3F))
        out[at + 2] = 0x80 | (code & np.uint32(0x3F))
        return at + 3
    out[at] = 0xF0 | (code >> np.uint32(18))
    out[at + 1] = 0x80 | ((code >> np.uint32(12)) & np.uint32(0x3F))
    out[at + 2] = 0x80 | ((code >> np.uint32(6)) & np.uint32(0x3F))
    out[at + 3] = 0x80 | (code & np.uint32(0x3F))
    return at + 4


@njit(nogil=True, cache=True)
def _count_words(data, starts, stops, spaces, table, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        words, singles, before = 0, 0, np.uint8(1)
        for i in range(starts[text], stops[text]):
            byte = data[i]
            space = spaces[byte]
            words += before & ~space
            before = space
            if byte >= 0xE0:  # no character of a script without spaces takes less than three bytes
                singles += (_entry(table, _decode(data, i)[0]) & _SINGLE) != 0
        out[text] = words + singles // SINGLES_A_WORD


@njit(nogil=True, cache=True)
def _few_words(data, starts, stops, most, table, firsts, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        i, stop, words = starts[text], stops[text], 0
        while words <= most:
            word, i, _ = _word(data, i, stop, table, True)
            if word == np.uint64(0):
                break
            words += 1
            if words == 1 and firsts[_place(firsts, _joined(np.uint64(0), word))] == np.uint64(0):
                words = most + 1
        out[text] = words
