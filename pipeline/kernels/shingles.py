"""Shingles: every run of n words of a text, as 64-bit hashes; their sets, and how much two sets share."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import mix64

#: Base of the rolling polynomial over word hashes; odd, so that no word's bits are lost.
BASE = np.uint64(0xD6E8FEB86659FD93)


def shingle_sets(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (shingles, bounds): text `i` has the sorted distinct shingles `shingles[bounds[i]:bounds[i + 1]]`.

    hashes, starts: as `tokens.tokenise` returns them. A text of fewer than `n` words has no shingle.
    """
    sizes = np.maximum(np.diff(starts) - n + 1, 0)
    shingles = np.empty(int(sizes.sum()), dtype=np.uint64)
    bounds = np.zeros(len(starts), dtype=np.int64)
    longest = int(sizes.max(initial=1))
    found, places = np.empty(longest, dtype=np.uint64), np.empty(2 * longest + 1, dtype=np.int64)
    _shingle_sets(hashes, starts, n, power(n), shingles, bounds, found, places)
    return shingles[: bounds[-1]], bounds


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """Return |a ∩ b| / |a ∪ b| of two sorted sets; 0.0 when either is empty."""
    return float(_jaccard(a, b))


def power(n: int) -> np.uint64:
    """Return BASE ** (n - 1) modulo 2 ** 64: the weight of the oldest word in a shingle."""
    return np.uint64(pow(int(BASE), n - 1, 2**64))


@njit(nogil=True, cache=True)
def roll(h: np.uint64, oldest: np.uint64, newest: np.uint64, weight: np.uint64) -> np.uint64:
    """Return the polynomial one word further on: `oldest` leaves, `newest` enters."""
    return (h - oldest * weight) * BASE + newest


@njit(nogil=True, cache=True)
def _shingle_sets(hashes, starts, n, weight, shingles, bounds, found, places):  # type: ignore[no-untyped-def]
    end = 0
    for text in range(len(starts) - 1):
        first, last = starts[text], starts[text + 1]
        count = 0
        h = np.uint64(0)
        for i in range(first, last):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            if i - first >= n - 1:
                found[count] = mix64(h)
                count += 1
        end += _ordered(found[:count], places, shingles[end : end + count])
        bounds[text + 1] = end


@njit(nogil=True, cache=True)
def _ordered(found, places, out):  # type: ignore[no-untyped-def]
    """Put the distinct hashes into `out` in order; return how many.

    They are as good as random, so their top bits tell where about each belongs: 3 times as fast as `np.sort`.
    Where they are not, time grows with the square of those that share their top bits; who wrote a text would have to
    try as many hashes to find them, and the search for duplicates has a `secret_table`.
    """
    bits = 1
    while (1 << bits) < len(found):
        bits += 1
    shift = np.uint64(64 - bits)
    places[: (1 << bits) + 1] = 0
    for h in found:
        places[np.int64(h >> shift) + 1] += 1
    for k in range(1 << bits):
        places[k + 1] += places[k]
    for h in found:
        about = np.int64(h >> shift)
        out[places[about]] = h
        places[about] += 1
    count = 0
    for h in out:
        k = count
        while k > 0 and out[k - 1] > h:
            k -= 1
        if k > 0 and out[k - 1] == h:
            continue
        for j in range(count, k, -1):
            out[j] = out[j - 1]
        out[k] = h
        count += 1
    return count


@njit(nogil=True, cache=True)
def _jaccard(a, b):  # type: ignore[no-untyped-def]
    if len(a) == 0 or len(b) == 0:
        return 0.0
    shared = _shared_by(a, b)
    return shared / (len(a) + len(b) - shared)


@njit(nogil=True, cache=True)
def _shared_by(a, b):  # type: ignore[no-untyped-def]
    """Return |a ∩ b| of two sorted sets."""
    i, j, shared = 0, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return shared
