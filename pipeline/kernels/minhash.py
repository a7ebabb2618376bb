"""MinHash signatures and their LSH bands.

Signatures equal `datasketch.MinHash(num_perm, seed, scheme="affine32", hashfunc=…)` bit for bit on the
same shingles, with the low 32 bits of our shingle hash as hash function.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.shingles import power, roll
from pipeline.kernels.tokens import KEY_PRIMES, mix64

#: The value of a slot that no shingle has touched, as in datasketch.
EMPTY = np.uint32(0xFFFFFFFF)
_BAND_PRIME = KEY_PRIMES[0]


def permutations(num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Return the factors and offsets of `h -> a * h + b mod 2 ** 32`, shape (2, num_perm).

    The same numbers as datasketch 2 draws for scheme "affine32" (a test compares). They are not taken
    from datasketch itself because importing it imports SciPy: 0.5 to 1 s in every worker process.
    """
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return np.array([a, b])


def signatures(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int, permuted: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Return the MinHash signature of each text's `n`-word shingles, shape (texts, num_perm).

    hashes, starts: as `tokens.tokenise` returns them; text boundaries may be coarser than paragraphs
    (documents), since only the order of words matters. A text of fewer than `n` words is all EMPTY.
    """
    out = np.full((len(starts) - 1, permuted.shape[1]), EMPTY, dtype=np.uint32)
    _signatures(hashes, starts, n, power(n), permuted[0], permuted[1], out)
    return out


def bands(signature: NDArray[np.uint32], n_bands: int, rows: int) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each band of `rows` slots, shape (texts, n_bands)."""
    out = np.empty((len(signature), n_bands), dtype=np.uint64)
    _bands(signature, rows, out)
    return out


@njit(nogil=True, cache=True)
def _fmix32(h):  # type: ignore[no-untyped-def]
    h = np.uint32(h ^ (h >> np.uint32(16)))
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@njit(nogil=True, cache=True)
def _signatures(hashes, starts, n, weight, a, b, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts) - 1):
        first, last = starts[text], starts[text + 1]
        slots = out[text]
        h = np.uint64(0)
        for i in range(first, last):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            if i - first < n - 1:
                continue
            mixed = _fmix32(np.uint32(mix64(h) & np.uint64(0xFFFFFFFF)))
            for k in range(len(slots)):
                value = np.uint32(a[k] * mixed + b[k])
                slots[k] = min(slots[k], value)


@njit(nogil=True, cache=True)
def _bands(signature, rows, out):  # type: ignore[no-untyped-def]
    for text in range(out.shape[0]):
        for band in range(out.shape[1]):
            h = np.uint64(band + 1)
            for k in range(band * rows, (band + 1) * rows):
                h = (h ^ np.uint64(signature[text, k])) * _BAND_PRIME
                h ^= h >> np.uint64(32)
            out[text, band] = mix64(h)
