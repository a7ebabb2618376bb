"""Sampled shingles, pairs of texts that share some, and how much of the smaller text lies in the larger."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.shingles import _shared_by, power, roll
from pipeline.kernels.tokens import mix64


def sample(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return (text, shingle) of the `n`-word shingles whose hash has `bits` zeros at its low end.

    A shingle is sampled in all texts or in none (FracMinHash: Irber et al., Lightweight compositional
    analysis of metagenomes with FracMinHash, 2022), so shared samples estimate containment whatever the
    sizes. hashes, starts: as `tokens.tokenise` returns them. Text
    numbers ascend; a text's shingles are distinct and sorted.
    """
    text = np.empty(len(hashes), dtype=np.int64)
    shingle = np.empty(len(hashes), dtype=np.uint64)
    count = int(_sample(hashes, starts, n, power(n), np.uint64((1 << bits) - 1), text, shingle))
    return text[:count].copy(), shingle[:count].copy()


def pairs(items: NDArray[np.int64], bounds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (left, right): all pairs of items within each group `items[bounds[g]:bounds[g + 1]]`."""
    sizes = np.diff(bounds)
    total = int((sizes * (sizes - 1) // 2).sum())
    left, right = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    _pairs(items, bounds, left, right)
    return left, right


def containment(
    shingles: NDArray[np.uint64], bounds: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return |A ∩ B| / min(|A|, |B|) for each pair of sets; 0 when one is empty. Sets as `shingle_sets` gives them."""
    out = np.zeros(len(left))
    _containment(shingles, bounds, left, right, out)
    return out


@njit(nogil=True, cache=True)
def _sample(hashes, starts, n, weight, mask, text, shingle):  # type: ignore[no-untyped-def]
    count = 0
    for k in range(len(starts) - 1):
        first, begin = starts[k], count
        h = np.uint64(0)
        for i in range(first, starts[k + 1]):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            if i - first < n - 1:
                continue
            mixed = mix64(h)
            if mixed & mask == 0:
                shingle[count] = mixed
                count += 1
        found = np.sort(shingle[begin:count])
        count = begin
        for j in range(len(found)):
            if j == 0 or found[j] != found[j - 1]:
                text[count], shingle[count] = k, found[j]
                count += 1
    return count


@njit(nogil=True, cache=True)
def _pairs(items, bounds, left, right):  # type: ignore[no-untyped-def]
    count = 0
    for group in range(len(bounds) - 1):
        for i in range(bounds[group], bounds[group + 1]):
            for j in range(i + 1, bounds[group + 1]):
                left[count], right[count] = items[i], items[j]
                count += 1


@njit(nogil=True, cache=True)
def _containment(shingles, bounds, left, right, out):  # type: ignore[no-untyped-def]
    for k in range(len(left)):
        a = shingles[bounds[left[k]] : bounds[left[k] + 1]]
        b = shingles[bounds[right[k]] : bounds[right[k] + 1]]
        smaller = min(len(a), len(b))
        if smaller > 0:
            out[k] = _shared_by(a, b) / smaller
