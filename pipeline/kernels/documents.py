"""Sketches of documents in one pass: word hashes, key of equality, bands; the same numbers as `tokens`, `minhash`.

What `tokens.tokenise`, `tokens.keys`, `minhash.signatures` and `minhash.bands` compute in four passes over
fresh arrays, with the signature kept in registers for several shingles at a time and never stored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.minhash import _BAND_PRIME, EMPTY, _fmix32
from pipeline.kernels.shingles import power, roll
from pipeline.kernels.tokens import KEY_PRIMES, _tokenise, mix64
from pipeline.kernels.unicode import fold_table

#: Shingles that meet the permutations at once: eight values stay in registers beside factor, offset and slot.
_AT_ONCE = 8


class Sketches(NamedTuple):
    """Of each text: `key` (n, 2) uint64, `n_words` (n,) int64, `bands` (n, bands) uint64, each band one stretch."""

    key: NDArray[np.uint64]
    n_words: NDArray[np.int64]
    bands: NDArray[np.uint64]


class Hashes:
    """Word hashes in an array that is used again."""

    def __init__(self, table: NDArray[np.uint32] | None = None) -> None:
        """table: as `tokens.tokenise` takes it. Nothing is allocated before it is needed."""
        self._table = table
        self._hashes = np.empty(0, dtype=np.uint64)

    def words(
        self, data: NDArray[np.uint8], offsets: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return (hashes, starts) as `tokens.tokenise` does; `hashes` is good until the next call."""
        n = len(offsets) - 1
        room = (int(offsets[-1] - offsets[0]) + n) // 2 + 1 if n > 0 else 0
        if len(self._hashes) < room:
            self._hashes = np.empty(room, dtype=np.uint64)
        starts = np.zeros(n + 1, dtype=np.int64)
        _tokenise(data, offsets, fold_table() if self._table is None else self._table, self._hashes, starts)
        return self._hashes[: starts[-1]], starts


def sketches(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int, permuted: NDArray[np.uint32], bands: int, rows: int
) -> Sketches:
    """Return the sketches of texts; bands of a text with fewer than `n` words mean nothing.

    hashes, starts: as `tokens.tokenise` returns them. permuted: `minhash.permutations`.
    """
    texts = len(starts) - 1
    key, band_hashes = np.empty((texts, 2), np.uint64), np.empty((bands, texts), np.uint64)
    used = np.ascontiguousarray(permuted[:, : bands * rows])
    _sketches(hashes, starts, n, power(n), used[0], used[1], rows, key, band_hashes)
    return Sketches(key, np.diff(starts), band_hashes.T)


def rolled(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (shingles, bounds): every `n`-word shingle of each text in its order, unmixed, none left out.

    Two shingles are equal here exactly where they are in `shingles.shingle_sets`, which mixes them by a bijection.
    """
    bounds = np.zeros(len(starts), dtype=np.int64)
    np.cumsum(np.maximum(np.diff(starts) - n + 1, 0), out=bounds[1:])
    shingles = np.empty(int(bounds[-1]), dtype=np.uint64)
    _rolled(hashes, starts, n, power(n), shingles, bounds)
    return shingles, bounds


@njit(nogil=True, cache=True)
def _fold_in(m, a, b, slots):  # type: ignore[no-untyped-def]
    """Lower the slots by eight shingles."""
    m0, m1, m2, m3, m4, m5, m6, m7 = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
    for k in range(len(slots)):
        x, y = a[k], b[k]
        v0 = min(np.uint32(x * m0 + y), np.uint32(x * m1 + y))
        v1 = min(np.uint32(x * m2 + y), np.uint32(x * m3 + y))
        v2 = min(np.uint32(x * m4 + y), np.uint32(x * m5 + y))
        v3 = min(np.uint32(x * m6 + y), np.uint32(x * m7 + y))
        slots[k] = min(slots[k], min(min(v0, v1), min(v2, v3)))


@njit(nogil=True, cache=True)
def _signature(hashes, first, last, n, weight, a, b, met, slots, key):  # type: ignore[no-untyped-def]
    slots[:] = EMPTY
    key_0 = key_1 = np.uint64(last - first)
    h = np.uint64(0)
    held = 0
    for i in range(first, last):
        oldest = hashes[i - n] if i - first >= n else np.uint64(0)
        h = roll(h, oldest, hashes[i], weight)
        key_0 = (key_0 ^ hashes[i]) * KEY_PRIMES[0]
        key_1 = (key_1 ^ hashes[i]) * KEY_PRIMES[1]
        key_0 ^= key_0 >> np.uint64(29)
        key_1 ^= key_1 >> np.uint64(29)
        if i - first < n - 1:
            continue
        met[held] = _fmix32(np.uint32(mix64(h) & np.uint64(0xFFFFFFFF)))
        held += 1
        if held == _AT_ONCE:
            _fold_in(met, a, b, slots)
            held = 0
    if held:
        met[held:] = met[0]  # again: a minimum does not mind
        _fold_in(met, a, b, slots)
    key[0], key[1] = mix64(key_0), mix64(key_1)


@njit(nogil=True, cache=True)
def _sketches(hashes, starts, n, weight, a, b, rows, key, bands):  # type: ignore[no-untyped-def]
    slots = np.empty(len(a), dtype=np.uint32)
    met = np.empty(_AT_ONCE, dtype=np.uint32)
    for text in range(len(starts) - 1):
        first, last = starts[text], starts[text + 1]
        _signature(hashes, first, last, n, weight, a, b, met, slots, key[text])
        for band in range(len(bands)):
            h = np.uint64(band + 1)
            for k in range(band * rows, (band + 1) * rows):
                h = (h ^ np.uint64(slots[k])) * _BAND_PRIME
                h ^= h >> np.uint64(32)
            bands[band, text] = mix64(h)


@njit(nogil=True, cache=True)
def _rolled(hashes, starts, n, weight, shingles, bounds):  # type: ignore[no-untyped-def]
    for text in range(len(starts) - 1):
        first, last = starts[text], starts[text + 1]
        h = np.uint64(0)
        for i in range(first, last):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            if i - first >= n - 1:
                shingles[bounds[text] + i - first - n + 1] = h
