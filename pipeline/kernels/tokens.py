"""Words of UTF-8 text as 64-bit hashes, and what follows from their order alone."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.unicode import SINGLE, SIZE, fold_table

#: Odd 64-bit multipliers (golden ratio; two primes of xxHash64), and the murmur3 64-bit finaliser.
WORD_SEED = np.uint64(0x27D4EB2F165667C5)
WORD_PRIME = np.uint64(0x9E3779B185EBCA87)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
KEY_PRIMES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))

_SINGLE = np.uint32(SINGLE)
_CODE = np.uint32(SINGLE - 1)


def tokenise(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], table: NDArray[np.uint32] | None = None
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (hashes, starts): text `i` has the words `hashes[starts[i]:starts[i + 1]]`, in order.

    data: valid UTF-8 of all texts. offsets: shape (n + 1,), text `i` is `data[offsets[i]:offsets[i + 1]]`.
    table: `fold_table` or a `secret_table`; None: the former.
    A word's hash is FNV-1a-like over its folded code points with a murmur3 finaliser.
    """
    n = len(offsets) - 1
    # A word takes at least two bytes with its separator, and a one-character token at least three.
    room = (int(offsets[-1] - offsets[0]) + n) // 2 + 1 if n > 0 else 0
    hashes = np.empty(room, dtype=np.uint64)
    starts = np.zeros(n + 1, dtype=np.int64)
    _tokenise(data, offsets, fold_table() if table is None else table, hashes, starts)
    return hashes[: starts[-1]], starts


def keys(hashes: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a 128-bit key of each text's word sequence, shape (n, 2).

    Equal sequences have equal keys; equal keys are only a reason to compare (`same_words`).
    """
    out = np.empty((len(starts) - 1, 2), dtype=np.uint64)
    _keys(hashes, starts, out)
    return out


def same_words(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return for each pair of texts (left[k], right[k]) whether they have the same words in the same order.

    Compares the folded characters themselves, no hash; bytes that are equal need no folding. Texts without
    a word are equal to nothing.
    """
    out = np.empty(len(left), dtype=np.bool_)
    _same_words(data, offsets, left, right, fold_table(), out)
    return out


def text_hashes(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each text's bytes, as they are; shape (n,)."""
    out = np.empty(len(offsets) - 1, dtype=np.uint64)
    _text_hashes(data, offsets, out)
    return out


@njit(nogil=True, cache=True)
def mix64(h: np.uint64) -> np.uint64:
    """Return the murmur3 64-bit finaliser of `h`: a bijection in which every bit moves every other."""
    h = (h ^ (h >> np.uint64(33))) * _MIX_1
    h = (h ^ (h >> np.uint64(33))) * _MIX_2
    return h ^ (h >> np.uint64(33))


@njit(nogil=True, cache=True, inline="always")
def _decode(data, i):  # type: ignore[no-untyped-def]
    """Return (code point at byte `i`, byte after it)."""
    b0 = np.uint32(data[i])
    if b0 < 0x80:
        return b0, i + 1
    if b0 < 0xE0:
        return ((b0 & np.uint32(0x1F)) << np.uint32(6)) | (np.uint32(data[i + 1]) & np.uint32(0x3F)), i + 2
    b1 = np.uint32(data[i + 1]) & np.uint32(0x3F)
    b2 = np.uint32(data[i + 2]) & np.uint32(0x3F)
    if b0 < 0xF0:
        return ((b0 & np.uint32(0x0F)) << np.uint32(12)) | (b1 << np.uint32(6)) | b2, i + 3
    b3 = np.uint32(data[i + 3]) & np.uint32(0x3F)
    high = (b0 & np.uint32(0x07)) << np.uint32(18)
    return high | (b1 << np.uint32(12)) | (b2 << np.uint32(6)) | b3, i + 4


@njit(nogil=True, cache=True, inline="always")
def _entry(table, code):  # type: ignore[no-untyped-def]
    return table[code] if code < SIZE else np.uint32(0)


@njit(nogil=True, cache=True)
def _tokenise(data, offsets, table, hashes, starts):  # type: ignore[no-untyped-def]
    count = np.int64(0)
    for text in range(len(offsets) - 1):
        first = count
        i, end = offsets[text], offsets[text + 1]
        h = WORD_SEED
        inside = np.int64(0)
        while i < end:
            byte = data[np.uint64(i)]
            if byte < 0x80:
                # Without a branch: where words end cannot be predicted. The hash is written always and counts
                # only behind a word.
                entry = table[byte]
                i += 1
                word = np.int64(entry != 0)
                hashes[np.uint64(count)] = h
                count += inside & (1 - word)
                mask = np.uint64(0) - np.uint64(word)
                h = (((h ^ np.uint64(entry)) * WORD_PRIME) & mask) | (WORD_SEED & ~mask)
                inside = word
                continue
            code, i = _decode(data, i)
            entry = table[code] if code < SIZE else np.uint32(0)
            single = entry & _SINGLE
            if inside and (entry == 0 or single):
                hashes[count] = h
                count += 1
                h, inside = WORD_SEED, np.int64(0)
            if entry == 0:
                continue
            h = (h ^ np.uint64(entry & _CODE)) * WORD_PRIME
            if single:
                hashes[count] = h
                count += 1
                h = WORD_SEED
            else:
                inside = np.int64(1)
        if inside:
            hashes[count] = h
            count += 1
        for k in range(first, count):
            hashes[k] = mix64(hashes[k])
        starts[text + 1] = count


@njit(nogil=True, cache=True)
def _text_hashes(data, offsets, out):  # type: ignore[no-untyped-def]
    for text in range(len(out)):
        h = WORD_SEED
        for i in range(offsets[text], offsets[text + 1]):
            h = (h ^ np.uint64(data[i])) * WORD_PRIME
            h ^= h >> np.uint64(32)
        out[text] = mix64(h)


@njit(nogil=True, cache=True)
def _keys(hashes, starts, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts) - 1):
        for half in range(2):
            h = np.uint64(starts[text + 1] - starts[text])
            for i in range(starts[text], starts[text + 1]):
                h = (h ^ hashes[i]) * KEY_PRIMES[half]
                h ^= h >> np.uint64(29)
            out[text, half] = mix64(h)


@njit(nogil=True, cache=True)
def _next(data, i, end, table):  # type: ignore[no-untyped-def]
    """Return (entry, next byte, was there a gap before it); entry 0 at the end."""
    gap = False
    while i < end:
        code, i = _decode(data, i)
        entry = _entry(table, code)
        if entry != 0:
            return entry, i, gap or (entry & _SINGLE) != 0
        gap = True
    return np.uint32(0), i, True


@njit(nogil=True, cache=True)
def _same_bytes(data, i, j, size):  # type: ignore[no-untyped-def]
    # 64 bytes at a time without a branch, which the compiler turns into vector instructions.
    whole = size - size % 64
    for first in range(0, whole, 64):
        different = np.uint8(0)
        for k in range(first, first + 64):
            different |= data[i + k] ^ data[j + k]
        if different:
            return False
    different = np.uint8(0)
    for k in range(whole, size):
        different |= data[i + k] ^ data[j + k]
    return different == 0


@njit(nogil=True, cache=True)
def _same_words(data, offsets, left, right, table, out):  # type: ignore[no-untyped-def]
    for k in range(len(left)):
        i, i_end = offsets[left[k]], offsets[left[k] + 1]
        j, j_end = offsets[right[k]], offsets[right[k] + 1]
        if i_end - i == j_end - j and _same_bytes(data, i, j, i_end - i):
            out[k] = _next(data, i, i_end, table)[0] != 0
            continue
        first, same = True, True
        after_single_a, after_single_b = False, False
        while same:
            a, i, gap_a = _next(data, i, i_end, table)
            b, j, gap_b = _next(data, j, j_end, table)
            gap_a, gap_b = gap_a or after_single_a, gap_b or after_single_b
            same = a == b and (first or gap_a == gap_b)
            if a == 0 or b == 0:
                same = same and not first
                break
            first = False
            after_single_a, after_single_b = (a & _SINGLE) != 0, (b & _SINGLE) != 0
        out[k] = same
