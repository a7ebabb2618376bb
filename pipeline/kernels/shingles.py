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
    shingles = np.empty(int(np.maximum(np.diff(starts) - n + 1, 0).sum()), dtype=np.uint64)
    bounds = np.zeros(len(starts), dtype=np.int64)
    _shingle_sets(hashes, starts, n, power(n), shingles, bounds)
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
def _shingle_sets(hashes, starts, n, weight, shingles, bounds):  # type: ignore[no-untyped-def]
    end = 0
    for text in range(len(starts) - 1):
        first, last = starts[text], starts[text + 1]
        begin = end
        h = np.uint64(0)
        for i in range(first, last):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            if i - first >= n - 1:
                shingles[end] = mix64(h)
                end += 1
        found = np.sort(shingles[begin:end])
        end = begin
        for k in range(len(found)):
            if k == 0 or found[k] != found[k - 1]:
                shingles[end] = found[k]
                end += 1
        bounds[text + 1] = end


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
