"""Keys of lines in which dates and figures look alike, and of the runs of three words in them.

A skeleton is the sequence of a text's folded words, a run of digits as `0`, a name of a calendar as one
mark whatever it names. It is coarser than `boilerplate.body.masked`: texts of equal mask have equal keys.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import KEY_PRIMES, WORD_PRIME, WORD_SEED, _decode, mix64
from pipeline.kernels.unicode import SIZE, fold, fold_table, not_ideographs, of_category

#: Keys of runs of words that a line gives: the smallest under as many permutations, and the opening.
SLOTS = 3
BUCKETS = SLOTS + 1
#: Words in a run.
RUN = 3

_ODD = np.uint32(1 << 30)
_POINT = np.uint32((1 << 21) - 1)
_DATE = np.uint64(0x5DA7E)
_SIEVE = 1 << 14
#: Upper bits of a key that tell the site, so that a range of keys holds whole sites.
SITE_BITS = 20
_SITE_MASK = np.uint64(((1 << SITE_BITS) - 1) << (64 - SITE_BITS))
#: The lowest bits of a bucket are its slot.
_FREE = ~np.uint64(BUCKETS - 1)
_PERMUTED = np.array([0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0x8CB92BA72F3D8DD7], dtype=np.uint64)


def skeletons(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    wanted: NDArray[np.uint8],
    sites: NDArray[np.uint64],
    calendar: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.bool_]]:
    """Return (keys, buckets, odd) of the texts, which are valid UTF-8.

    wanted: 0: the text is not looked at; 1: its key; 2: its buckets too. sites: a hash of the site of
    each text. calendar: `word_hashes` of the names that stand for dates, sorted.
    keys: shape (n,), 0 for texts without a word. buckets: shape (n, BUCKETS), 0 where there is none; the last
        is that of the opening, and a bucket modulo BUCKETS is its slot.
    odd: the text holds a character whose folding takes more than one character or a neighbour; its key
    is right only when the text was folded before.
    """
    n = len(offsets) - 1
    keys = np.zeros(n, dtype=np.uint64)
    buckets = np.zeros((n, BUCKETS), dtype=np.uint64)
    odd = np.zeros(n, dtype=np.bool_)
    sieve = np.zeros(_SIEVE, dtype=np.bool_)
    sieve[(calendar % np.uint64(_SIEVE)).astype(np.int64)] = True
    _skeletons(data, offsets, wanted, sites, calendar, sieve, skeleton_table(), _PERMUTED, keys, buckets, odd)
    return keys, buckets, odd


def word_hashes(words: list[str]) -> NDArray[np.uint64]:
    """Return the sorted hashes of folded words without digits, as the kernel computes them."""
    table = skeleton_table()
    hashes = []
    for word in words:
        h = int(WORD_SEED)
        for char in word:
            h = ((h ^ int(table[ord(char)] & _POINT)) * int(WORD_PRIME)) % 2**64
        hashes.append(mix64(np.uint64(h)))
    return np.unique(np.array(hashes, dtype=np.uint64))


@cache
def skeleton_table() -> NDArray[np.uint32]:
    """Return `fold_table` with digits as `0`, underscores as separators, and odd characters marked."""
    table = fold_table().copy()
    table[of_category("Nd")] = ord("0")
    table[of_category("Pc")] = 0
    assigned = ~of_category("Cn")
    some = [code for code in not_ideographs(SIZE) if assigned.item(code)]
    table[[code for code in some if _is_odd(chr(code), unicodedata.category(chr(code)))]] |= _ODD
    table.flags.writeable = False
    return table


def _is_odd(char: str, kind: str) -> bool:
    if 0x300 <= ord(char) <= 0x36F or len(char.lower()) > 1:
        return True
    compatible = unicodedata.normalize("NFKC", char)
    if compatible == char or (kind == "Nd" and compatible.isdecimal()):
        return False
    if len(compatible) == 1 and kind[0] in "LN" and fold(compatible) == fold(char):
        return False
    return kind[0] in "LMN" or any(unicodedata.category(part)[0] in "LMN" for part in compatible)


@njit(nogil=True, cache=True, inline="always")
def _is_date(h, calendar, sieve):  # type: ignore[no-untyped-def]
    if not sieve[h % np.uint64(_SIEVE)]:
        return False
    at = np.searchsorted(calendar, h)
    return at < len(calendar) and calendar[at] == h


@njit(nogil=True, cache=True, inline="always")
def _of_site(h, site):  # type: ignore[no-untyped-def]
    return (site & _SITE_MASK) | (mix64(h ^ site) >> np.uint64(SITE_BITS))


@njit(nogil=True, cache=True)
def _skeletons(data, offsets, wanted, sites, calendar, sieve, table, permuted, keys, buckets, odd):  # type: ignore[no-untyped-def]
    low = np.empty(SLOTS, np.uint64)
    for text in range(len(keys)):
        if wanted[text] == 0:
            continue
        i, end = offsets[text], offsets[text + 1]
        low[:] = np.uint64(0xFFFFFFFFFFFFFFFF)
        opening, before, last = np.uint64(0), np.uint64(0), np.uint64(0)
        key, h = np.uint64(0), WORD_SEED
        count, inside, digits = 0, False, False
        marks, entry = np.uint32(0), np.uint32(0)
        while True:
            entry = np.uint32(0)
            over = i >= end
            if not over:
                byte = data[np.uint64(i)]
                if byte < 0x80:
                    entry, i = table[byte], i + 1
                else:
                    code, i = _decode(data, i)
                    entry = table[code] if code < SIZE else np.uint32(0)
            marks |= entry
            point = entry & _POINT
            if point != 0:
                if not inside:
                    h, inside, digits = WORD_SEED, True, False
                if point != 48 or not digits:
                    h = (h ^ np.uint64(point)) * WORD_PRIME
                digits = point == 48
                continue
            if inside:
                word = mix64(h)
                if _is_date(word, calendar, sieve):
                    word = _DATE
                key = (key ^ word) * KEY_PRIMES[0]
                key ^= key >> np.uint64(29)
                count += 1
                if wanted[text] == 2 and count >= RUN:
                    run = mix64(before * KEY_PRIMES[0] + last * KEY_PRIMES[1] + word)
                    if count == RUN:
                        opening = run
                    for k in range(SLOTS):
                        low[k] = min(low[k], mix64(run ^ permuted[k]))
                before, last = last, word
                inside = False
            if over:
                break
        odd[text] = (marks & _ODD) != 0
        if count:
            keys[text] = max(_of_site(key + np.uint64(count), sites[text]), np.uint64(1))
        if wanted[text] == 2 and count >= RUN:
            for k in range(SLOTS):
                buckets[text, k] = (_of_site(low[k], sites[text]) & _FREE) | np.uint64(k)
            buckets[text, SLOTS] = (_of_site(opening, sites[text]) & _FREE) | np.uint64(SLOTS)
