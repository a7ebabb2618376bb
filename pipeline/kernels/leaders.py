"""Leader clustering: representatives chosen greedily in keep order, every match verified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Called as (shape, dtype), returns an array of any content: `np.empty`, or one that spills to disk.
Allocate = Callable[[tuple[int, ...], Any], NDArray[Any]]
_M1, _M2 = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_M4, _H01 = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


class Verdicts(NamedTuple):
    """Per item: its representative (-1: is one), their Jaccard similarity, did the cap keep a comparison from it."""

    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]
    capped: NDArray[np.bool_]


class State(NamedTuple):
    """The representatives so far: of each bucket a linked list, of each item its stored set and its bit marks."""

    head: NDArray[Any]  # bucket -> first entry, -1; an entry is item * bands + band
    tail: NDArray[Any]  # bucket -> last entry
    size: NDArray[Any]  # bucket -> representatives in it, those beyond the cap too
    follow: NDArray[Any]  # entry -> next entry of the bucket, -1
    seen: NDArray[Any]  # item -> last item that was compared with it
    begin: NDArray[np.int64]  # item -> where its set begins in `store`
    end: NDArray[np.int64]
    marks: NDArray[np.uint64]  # item -> bits of its shingles
    store: NDArray[np.uint64]  # sets of representatives
    used: NDArray[np.int64]  # one number: how much of `store` is taken


def buckets(band: NDArray[np.uint64], slots: NDArray[np.int32] | None = None) -> tuple[NDArray[np.int32], int]:
    """Return (bucket, n_buckets): items with equal band hashes share a bucket number; alone: -1.

    band: uint64, shape (items,). bucket: int32, shape (items,), numbered by first appearance. slots:
    scratch of `n_slots(items)` numbers, so that one serves all bands.
    """
    bucket = np.full(len(band), -1, dtype=np.int32)
    if slots is None:
        slots = np.empty(n_slots(len(band)), dtype=np.int32)
    slots[:] = -1
    return bucket, int(_buckets(band, slots, bucket))


def n_slots(items: int) -> int:
    """Return how many slots `buckets` wants for so many items: a power of two, at most half of them taken."""
    return 1 << max(4, int(2 * items).bit_length())


def state(items: int, bands: int, n_buckets: int, shingles: int, allocate: Allocate = np.empty) -> State:
    """Return a state without representatives for `items` items that have at most `shingles` shingles in all."""
    kind = np.int32 if items * bands < 2**31 else np.int64
    # Marks twice as many as shingles tell two halves-alike sets apart; 64 words are 10 % of 5,000 shingles.
    words = min(64, 1 << max(0, int(2 * shingles // max(items, 1) // 64).bit_length()))
    found = State(
        head=allocate((n_buckets,), kind),
        tail=allocate((n_buckets,), kind),
        size=allocate((n_buckets,), kind),
        follow=allocate((items * bands,), kind),
        seen=allocate((items,), kind),
        begin=allocate((items,), np.int64),
        end=allocate((items,), np.int64),
        marks=allocate((items, words), np.uint64),
        store=allocate((shingles,), np.uint64),
        used=np.zeros(1, np.int64),
    )
    for array, value in ((found.head, -1), (found.tail, -1), (found.size, 0), (found.seen, -1)):
        array[...] = value
    return found


def advance(
    so_far: State,
    bucket: NDArray[np.int32],
    first: int,
    shingles: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    threshold: float,
    cap: int,
    verdicts: Verdicts,
) -> None:
    """Judge the items `first`, `first + 1` … whose sets are `shingles`, `bounds`; fill their `verdicts`.

    All items before them must have been judged. How items are cut into calls changes nothing.
    """
    _advance(bucket, first, shingles, bounds, threshold, cap, *so_far, *verdicts)


def verdicts(items: int) -> Verdicts:
    """Return verdicts by which every item is a representative."""
    return Verdicts(np.full(items, -1, np.int64), np.zeros(items), np.zeros(items, np.bool_))


def leaders(
    bucket: NDArray[np.int32],
    n_buckets: int,
    shingles: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    threshold: float,
    cap: int,
) -> Verdicts:
    """Return the verdicts on items given in keep order, best first.

    An item is compared with the representatives so far that share a bucket with it. When one is at
    least `threshold` similar (Jaccard of the sets), the item is removed in favour of the most similar,
    of equally similar ones the best; else it becomes a representative. No chaining: a removed item is
    similar to the very item that stays.

    bucket: int32, shape (items, bands), -1 for none. shingles, bounds: `shingles.shingle_sets`.
    cap: most representatives of one bucket that an item is compared with, the best ones.
    """
    found = verdicts(len(bucket))
    so_far = state(len(bucket), bucket.shape[1], n_buckets, len(shingles))
    advance(so_far, bucket, 0, shingles, bounds, threshold, cap, found)
    return found


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


@njit(nogil=True, cache=True, inline="always")
def _ones(x):  # type: ignore[no-untyped-def]
    """Return how many bits are set (LLVM makes one instruction of it)."""
    x = x - ((x >> np.uint64(1)) & _M1)
    x = (x & _M2) + ((x >> np.uint64(2)) & _M2)
    x = (x + (x >> np.uint64(4))) & _M4
    return np.int64((x * _H01) >> np.uint64(56))


@njit(nogil=True, cache=True)
def _most_shared(mine: NDArray[Any], theirs: NDArray[Any], n_mine: int, n_theirs: int) -> int:
    """Return a bound of |A ∩ B|: a bit that only one side has set is at least one shingle only it has."""
    only_mine, only_theirs = 0, 0
    for k in range(len(mine)):
        only_mine += _ones(mine[k] & ~theirs[k])
        only_theirs += _ones(theirs[k] & ~mine[k])
    return min(n_mine - only_mine, n_theirs - only_theirs)


@njit(nogil=True, cache=True)
def _shared(a, b, need):  # type: ignore[no-untyped-def]
    """Return |a ∩ b| of two sorted sets, or -1 as soon as it cannot reach `need`."""
    i, j, shared = 0, 0, 0
    spare_a, spare_b = len(a) - need, len(b) - need
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
            if i - shared > spare_a:
                return -1
        else:
            j += 1
            if j - shared > spare_b:
                return -1
    return shared


@njit(nogil=True, cache=True)
def _similarity(mine, marks, theirs, their_marks, bar):  # type: ignore[no-untyped-def]
    """Return the Jaccard similarity when it is at least `bar` (> 0), else 0.0.

    All tests divide as the last line does: division rounds monotonically, so no pair on the bar is lost.
    """
    n, m = len(mine), len(theirs)
    if n == 0 or m == 0 or n / m < bar or m / n < bar:
        return 0.0
    most: int = _most_shared(marks, their_marks, n, m)
    if most / (n + m - most) < bar:
        return 0.0
    need = int(bar * (n + m) / (1 + bar)) - 1
    while need / (n + m - need) < bar:
        need += 1
    shared = _shared(mine, theirs, need)
    found = shared / (n + m - shared)
    return found if found >= bar else 0.0


@njit(nogil=True, cache=True)
def _advance(  # type: ignore[no-untyped-def]
    bucket, first, shingles, bounds, threshold, cap,
    head, tail, size, follow, seen, begin, end, marks, store, used,
    leader, similarity, capped,
):  # fmt: skip
    bands = bucket.shape[1]
    mask = np.uint64(64 * marks.shape[1] - 1)
    own = np.empty(marks.shape[1], dtype=np.uint64)
    for k in range(len(bounds) - 1):
        item = first + k
        mine = shingles[bounds[k] : bounds[k + 1]]
        own[:] = np.uint64(0)
        for h in mine:
            bit = (h >> np.uint64(20)) & mask
            own[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
        for band in range(bands):
            place = bucket[item, band]
            if place < 0:
                continue
            if size[place] > cap:
                capped[item] = True
            entry = head[place]
            while entry >= 0:
                other = entry // bands
                entry = follow[entry]
                if seen[other] == item:
                    continue
                seen[other] = item
                bar = max(threshold, similarity[item])
                found = _similarity(mine, own, store[begin[other] : end[other]], marks[other], bar)
                better = found > similarity[item] or (found == similarity[item] and other < leader[item])
                if found >= threshold and better:
                    leader[item], similarity[item] = other, found
        if leader[item] >= 0:
            continue
        listed = False
        for band in range(bands):
            place = bucket[item, band]
            if place < 0:
                continue
            size[place] += 1
            if size[place] > cap:
                continue  # nobody will ever be compared with it in this bucket
            listed = True
            entry = item * bands + band
            follow[entry] = -1
            if head[place] < 0:
                head[place] = entry
            else:
                follow[tail[place]] = entry
            tail[place] = entry
        if listed:
            begin[item] = used[0]
            store[used[0] : used[0] + len(mine)] = mine
            used[0] += len(mine)
            end[item] = used[0]
            marks[item] = own
