"""All candidate pairs of labelled texts with their true similarity: measured once, judged at any threshold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.dedup.banding import Banding
from pipeline.dedup.sketch import Words
from pipeline.errors import RunError
from pipeline.kernels import minhash, tokens
from pipeline.kernels.pairs import shared
from pipeline.kernels.shingles import shingle_sets

Ints = NDArray[np.int64]

#: Candidate pairs that a sweep takes: some 24 bytes each, several times over while they are made distinct.
MOST_PAIRS = 20_000_000


class Shingled(NamedTuple):
    """Texts by their shingles of one size."""

    ngram: int
    n_words: Ints
    keys: NDArray[np.uint64]  #: shape (texts, 2), equal for equal word sequences
    shingles: NDArray[np.uint64]
    bounds: Ints
    signatures: NDArray[np.uint32]

    def bands(self, banding: Banding) -> NDArray[np.uint64]:
        """Return the bands of each text; shape (texts, bands)."""
        return minhash.bands(self.signatures, banding.bands, banding.rows)

    def same(self, left: Ints, right: Ints) -> NDArray[np.bool_]:
        """Return of each pair whether both have the same words, and any."""
        equal = (self.keys[left] == self.keys[right]).all(axis=1)
        return np.asarray(equal & (self.n_words[left] > 0))

    def similarity(self, left: Ints, right: Ints, containment: bool = False) -> NDArray[np.float64]:
        """Return the Jaccard similarity of each pair, or the share of the smaller set found in the larger.

        As `duplicates.find` has it: 1 for the same words, 0 where a text has no shingle.
        """
        count = shared(self.shingles, self.bounds, left, right)
        sizes = np.diff(self.bounds)
        small, both = np.minimum(sizes[left], sizes[right]), sizes[left] + sizes[right]
        whole = small if containment else both - count
        found = np.where(whole > 0, count / np.maximum(whole, 1), 0.0)
        return np.where(self.same(left, right), 1.0, found)

    def meet(self, left: Ints, right: Ints, banding: Banding) -> NDArray[np.bool_]:
        """Return of each pair whether the pipeline compares it: same words, or a band in common."""
        band = self.bands(banding)
        met = self.same(left, right)
        long = (self.n_words[left] >= self.ngram) & (self.n_words[right] >= self.ngram)
        for k in range(banding.bands):
            met |= long & (band[left, k] == band[right, k])
        return met


def shingled(of: Words, ngram: int, permuted: NDArray[np.uint32]) -> Shingled:
    """Return texts by their shingles of `ngram` words; `permuted` as `minhash.permutations` returns it."""
    signatures = minhash.signatures(of.hashes, of.starts, ngram, permuted)
    sets = shingle_sets(of.hashes, of.starts, ngram)
    return Shingled(ngram, np.diff(of.starts), tokens.keys(of.hashes, of.starts), *sets, signatures)


def candidates(of: Shingled, items: Ints, bandings: Iterable[Banding]) -> tuple[Ints, Ints]:
    """Return (left, right) of all pairs of `items` that share a band of one of `bandings`; left < right as items.

    Raises RunError when there are more than MOST_PAIRS.
    """
    n = len(of.n_words)
    codes: Ints = np.zeros(0, np.int64)
    long = items[of.n_words[items] >= of.ngram]
    for banding in sorted(set(bandings), key=lambda banding: -banding.rows):
        band = of.bands(banding)[long]
        for k in range(banding.bands):
            left, right = equal_pairs(band[:, k])
            a, b = long[left], long[right]
            codes = np.union1d(codes, np.minimum(a, b) * n + np.maximum(a, b))
            if len(codes) > MOST_PAIRS:
                raise RunError(
                    f"more than {MOST_PAIRS:,} pairs of {len(items):,} texts are candidates at {of.ngram} words a "
                    "shingle; sweep higher thresholds or larger shingles, or measure fewer texts"
                )
    return codes // n, codes % n


def equal_pairs(values: NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Return (left, right): all pairs of places that hold the same value."""
    order = np.argsort(values, kind="stable").astype(np.int64)
    ordered = values[order]
    left: list[Ints] = [np.zeros(0, np.int64)]
    right: list[Ints] = [np.zeros(0, np.int64)]
    first: Ints = np.arange(len(order))
    for step in range(1, len(order)):
        first = first[first + step < len(order)]
        first = first[ordered[first] == ordered[first + step]]
        if not len(first):
            break
        left.append(order[first])
        right.append(order[first + step])
    return np.concatenate(left), np.concatenate(right)


def leaders(left: Ints, right: Ints, similarity: NDArray[np.float64], place: Ints, same: Ints) -> Ints:
    """Return for each item its representative, itself for representatives: what `duplicates.find` decides.

    left, right, similarity: the pairs that are near. place: of each item in keep order. same: for each item the
    first in keep order that has the same words; copies go the way of that one, and only that one is judged.
    """
    judged = (same[left] == left) & (same[right] == right)
    left, right, similarity = left[judged], right[judged], similarity[judged]
    swap = place[left] > place[right]
    better, worse = np.where(swap, right, left), np.where(swap, left, right)
    order = np.lexsort((place[better], -similarity, place[worse]))
    leader = np.arange(len(place))
    for first, item in zip(better[order].tolist(), worse[order].tolist(), strict=True):
        if leader[item] == item and leader[first] == first:
            leader[item] = first
    return leader[same]
