"""Leader clustering a slice at a time: only the shingles of representatives are kept.

The same verdicts as `leaders.leaders`, with shingles as they come (`documents.rolled`) instead of sorted sets:
an item's set lies in a hash table in the processor's cache while its candidates are counted against it.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import KEY_PRIMES

Number = TypeVar("Number", bound=np.generic)


def grouped(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], int]:
    """Return (group, n_groups): items with equal hashes share a number, by first appearance; alone: -1."""
    group = np.full(len(hashes), -1, dtype=np.int32)
    slots = np.full(1 << max(4, int(2 * len(hashes)).bit_length()), -1, dtype=np.int32)
    return group, int(_grouped(hashes, slots, group))


def firsts(group: NDArray[np.int32], n_groups: int) -> NDArray[np.int64]:
    """Return the first item of each group."""
    first = np.empty(n_groups, dtype=np.int64)
    members = np.flatnonzero(group >= 0)[::-1]
    first[group[members]] = members
    return first


def unite(bucket: NDArray[np.int32], parents: NDArray[np.int64], n_buckets: int) -> None:
    """Unite all items of each bucket in the union-find forest `parents`, whose roots are the lowest items.

    bucket: int32, shape (items,), -1 for none.
    """
    first = np.full(n_buckets, -1, dtype=np.int64)
    _unite(bucket, first, parents)


def roots(parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the root of each item."""
    _compress(parents)
    return parents


class Representatives:
    """The representatives so far of some components of the candidate graph, and their shingles."""

    def __init__(self, buckets: Buckets, threshold: float, cap: int) -> None:
        """threshold, cap: see `leaders.leaders`."""
        self._buckets = buckets
        self._threshold = threshold
        self._cap = cap
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._follow: NDArray[np.int32] = np.empty((0, buckets.bucket.shape[0]), dtype=np.int32)
        self._bounds: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._shingles: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
        self._n = 0

    def judge(
        self, rows: NDArray[np.int64], shingles: NDArray[np.uint64], bounds: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        """Return (leader, similarity, capped) of the next items, in keep order: the row of the leader, or -1.

        rows: columns of `Buckets.bucket`. shingles, bounds: `documents.rolled`.
        """
        n = len(rows)
        self._grow(n, int(bounds[-1]))
        leader, similarity = np.full(n, -1, dtype=np.int64), np.zeros(n)
        capped = np.zeros(n, dtype=np.bool_)
        longest = int(np.diff(bounds).max(initial=1))
        table = np.zeros(1 << max((2 * longest).bit_length(), 4), dtype=np.uint64)
        stamps = np.zeros(len(table), dtype=np.int32)
        self._n = _judge(
            rows, shingles, bounds, self._buckets.bucket, self._buckets.head, self._buckets.tail, self._follow,
            self._rows, self._bounds, self._shingles, self._n, self._threshold, self._cap, table, stamps,
            leader, similarity, capped,
        )  # fmt: skip
        return leader, similarity, capped

    def _grow(self, items: int, shingles: int) -> None:
        """Make room for as many more representatives."""
        wanted = self._n + items
        if wanted > len(self._rows):
            self._rows = _longer(self._rows, max(wanted, 2 * self._n))
            self._follow = _longer(self._follow, len(self._rows))
            self._bounds = _longer(self._bounds, len(self._rows) + 1)
        used = int(self._bounds[self._n])
        if used + shingles > len(self._shingles):
            self._shingles = _longer(self._shingles, max(used + shingles, used + used // 2))


class Buckets:
    """Which items share a band, and the representatives of each bucket as linked lists.

    Components of the graph have no bucket in common, so threads may judge different components at once.
    """

    def __init__(self, bucket: NDArray[np.int32], n_buckets: int) -> None:
        """bucket: int32, shape (bands, items), -1 for none, numbered through over all bands."""
        self.bucket = bucket
        self.head = np.full(n_buckets, -1, dtype=np.int32)
        self.tail = np.full(n_buckets, -1, dtype=np.int32)


def _longer(array: NDArray[Number], size: int) -> NDArray[Number]:
    out = np.empty((size, *array.shape[1:]), dtype=array.dtype)
    out[: len(array)] = array
    return out


@njit(nogil=True, cache=True)
def _grouped(hashes, slots, group):  # type: ignore[no-untyped-def]
    """Open addressing; `slots` holds the first item of each hash."""
    mask = np.uint64(len(slots) - 1)
    count = 0
    for item in range(len(hashes)):
        place = hashes[item] & mask
        while slots[place] >= 0 and hashes[slots[place]] != hashes[item]:
            place = (place + np.uint64(1)) & mask
        first = slots[place]
        if first < 0:
            slots[place] = item
            continue
        if group[first] < 0:
            group[first] = count
            count += 1
        group[item] = group[first]
    return count


@njit(nogil=True, cache=True)
def _root(parents, item):  # type: ignore[no-untyped-def]
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = parents[item]
    return item


@njit(nogil=True, cache=True)
def _unite(bucket, first, parents):  # type: ignore[no-untyped-def]
    for item in range(len(bucket)):
        if bucket[item] < 0:
            continue
        if first[bucket[item]] < 0:
            first[bucket[item]] = item
            continue
        a, b = _root(parents, first[bucket[item]]), _root(parents, item)
        parents[max(a, b)] = min(a, b)


@njit(nogil=True, cache=True)
def _compress(parents):  # type: ignore[no-untyped-def]
    for item in range(len(parents)):
        parents[item] = parents[parents[item]]  # parents are lower, and done


@njit(nogil=True, cache=True)
def _fill(mine, shift, table, stamps, stamp, out, end):  # type: ignore[no-untyped-def]
    """Put the shingles into the table, the distinct ones into `out` from `end` on; return the new end."""
    mask = len(table) - 1
    for k in range(len(mine)):
        place = np.int64((mine[k] * KEY_PRIMES[0]) >> shift)
        while stamps[place] == stamp and table[place] != mine[k]:
            place = (place + 1) & mask
        if stamps[place] != stamp:
            stamps[place] = stamp
            table[place] = mine[k]
            out[end] = mine[k]
            end += 1
    return end


@njit(nogil=True, cache=True)
def _shared(theirs, wanted, shift, mask, table, stamps, stamp):  # type: ignore[no-untyped-def]
    """Return how many of the distinct shingles are in the table; less than `wanted` where it cannot be reached."""
    shared = 0
    spare = len(theirs) - wanted  # how many may be missing
    for k in range(len(theirs)):
        place = np.int64((theirs[k] * KEY_PRIMES[0]) >> shift)
        while stamps[place] == stamp and table[place] != theirs[k]:
            place = (place + 1) & mask
        if stamps[place] == stamp:
            shared += 1
        else:
            spare -= 1
            if spare < 0:
                return shared
    return shared


@njit(nogil=True, cache=True)
def _judge(  # type: ignore[no-untyped-def]
    rows, shingles, bounds, bucket, head, tail, follow, rep_rows, rep_bounds, rep_shingles, n_reps,
    threshold, cap, table, stamps, leader, similarity, capped,
):  # fmt: skip
    bands = bucket.shape[0]
    met = np.full(len(rep_rows), -1, dtype=np.int32)
    for item in range(len(rows)):
        row = rows[item]
        mine = shingles[bounds[item] : bounds[item + 1]]
        # The smallest part of the table that stays half empty: a short text should not wander through all of it.
        bits = 4
        while (1 << bits) < 2 * len(mine):
            bits += 1
        shift = np.uint64(64 - bits)
        part, marks = table[: 1 << bits], stamps[: 1 << bits]
        begin = rep_bounds[n_reps]
        end = _fill(mine, shift, part, marks, item + 1, rep_shingles, begin)
        size = end - begin
        best = np.int64(-1)
        for band in range(bands):
            if bucket[band, row] < 0:
                continue
            rep, passed = head[bucket[band, row]], 0
            while rep >= 0:
                if passed == cap:
                    capped[item] = True
                    break
                passed += 1
                other = rep
                rep = follow[rep, band]
                if met[other] == item:
                    continue
                met[other] = item
                theirs = rep_shingles[rep_bounds[other] : rep_bounds[other + 1]]
                if size == 0 or min(size, len(theirs)) < threshold * max(size, len(theirs)):
                    continue
                # |A ∩ B| >= t |A ∪ B| takes |A ∩ B| >= t / (1 + t) (|A| + |B|); one less, for rounding.
                wanted = int(threshold / (1 + threshold) * (size + len(theirs))) - 1
                both = _shared(theirs, wanted, shift, len(part) - 1, part, marks, item + 1)
                found = both / (size + len(theirs) - both)
                if found >= threshold and (found > similarity[item] or (found == similarity[item] and other < best)):
                    best, similarity[item] = other, found
        if best >= 0:
            leader[item] = rep_rows[best]
            continue
        rep_rows[n_reps] = row
        rep_bounds[n_reps + 1] = end
        for band in range(bands):
            place = bucket[band, row]
            if place < 0:
                continue
            follow[n_reps, band] = -1
            if head[place] < 0:
                head[place] = n_reps
            else:
                follow[tail[place], band] = n_reps
            tail[place] = n_reps
        n_reps += 1
    return n_reps
