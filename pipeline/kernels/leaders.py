"""Leader clustering: representatives chosen greedily in keep order, every match verified."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.shingles import _jaccard


def buckets(band: NDArray[np.uint64]) -> tuple[NDArray[np.int32], int]:
    """Return (bucket, n_buckets): items with equal band hashes share a bucket number; alone: -1.

    band: uint64, shape (items,). bucket: int32, shape (items,), numbered by first appearance.
    """
    bucket = np.full(len(band), -1, dtype=np.int32)
    slots = np.full(1 << max(4, int(2 * len(band)).bit_length()), -1, dtype=np.int32)
    return bucket, int(_buckets(band, slots, bucket))


def leaders(
    bucket: NDArray[np.int32],
    n_buckets: int,
    shingles: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    threshold: float,
    cap: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return (leader, similarity, capped) of items given in keep order, best first.

    An item is compared with the representatives so far that share a bucket with it. When one is at
    least `threshold` similar (Jaccard of the sets), the item is removed in favour of the most similar,
    of equally similar ones the best; else it becomes a representative. No chaining: a removed item is
    similar to the very item that stays.

    bucket: int32, shape (items, bands), -1 for none. shingles, bounds: `shingles.shingle_sets`.
    cap: most representatives of one bucket that an item is compared with.
    leader: -1 for representatives. capped: per item, whether the cap kept some comparison from it.
    """
    n = len(bucket)
    leader = np.full(n, -1, dtype=np.int64)
    similarity = np.zeros(n, dtype=np.float64)
    capped = np.zeros(n, dtype=np.bool_)
    _leaders(bucket, n_buckets, shingles, bounds, threshold, cap, leader, similarity, capped)
    return leader, similarity, capped


@njit(nogil=True, cache=True)
def _buckets(band, slots, bucket):  # type: ignore[no-untyped-def]
    """Group equal hashes by open addressing; `slots` holds the first item of each hash."""
    mask = np.uint64(len(slots) - 1)
    count = 0
    for item in range(len(band)):
        place = band[item] & mask
        while slots[place] >= 0 and band[slots[place]] != band[item]:
            place = (place + np.uint64(1)) & mask
        first = slots[place]
        if first < 0:
            slots[place] = item
            continue
        if bucket[first] < 0:
            bucket[first] = count
            count += 1
        bucket[item] = bucket[first]
    return count


@njit(nogil=True, cache=True)
def _leaders(bucket, n_buckets, shingles, bounds, threshold, cap, leader, similarity, capped):  # type: ignore[no-untyped-def]
    n, bands = bucket.shape
    # Representatives of a bucket, oldest (best) first, as a linked list over (item, band) entries.
    head = np.full(n_buckets, -1, dtype=np.int64)
    tail = np.full(n_buckets, -1, dtype=np.int64)
    follow = np.full(n * bands, -1, dtype=np.int64)
    seen = np.full(n, -1, dtype=np.int64)
    for item in range(n):
        mine = shingles[bounds[item] : bounds[item + 1]]
        for band in range(bands):
            if bucket[item, band] < 0:
                continue
            entry, met = head[bucket[item, band]], 0
            while entry >= 0:
                if met == cap:
                    capped[item] = True
                    break
                met += 1
                other = entry // bands
                entry = follow[entry]
                if seen[other] == item:
                    continue
                seen[other] = item
                theirs = shingles[bounds[other] : bounds[other + 1]]
                small, large = min(len(mine), len(theirs)), max(len(mine), len(theirs))
                # |A ∩ B| / |A ∪ B| <= small / large: too different in size to be similar.
                if small < threshold * large:
                    continue
                found = _jaccard(mine, theirs)
                better = found > similarity[item] or (found == similarity[item] and other < leader[item])
                if found >= threshold and better:
                    leader[item], similarity[item] = other, found
        if leader[item] >= 0:
            continue
        for band in range(bands):
            place = bucket[item, band]
            if place < 0:
                continue
            entry = item * bands + band
            if head[place] < 0:
                head[place] = entry
            else:
                follow[tail[place]] = entry
            tail[place] = entry
