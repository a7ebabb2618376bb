"""Which items hang together: equal hashes found range by range, united by union-find."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import mix64

#: A hash table of (hash, first item) pairs; items are int32 or int64, -1 marks a free slot.
Table = tuple[NDArray[np.uint64], NDArray[Any]]


def table(items: int, kind: type[np.signedinteger[Any]]) -> Table:
    """Return an empty table with room for `items` hashes, at most half full."""
    slots = 1 << max(4, int(2 * items - 1).bit_length())
    return np.empty(slots, dtype=np.uint64), np.full(slots, -1, dtype=kind)


def sizes(hashes: NDArray[np.uint64], items: NDArray[Any], part: tuple[int, int], counts: NDArray[np.int64]) -> None:
    """Add to `counts[k]` how many of the hashes lie in the k-th of len(counts) ranges of the r-th of n parts.

    hashes: as good as random in their top 32 bits, which choose the range. items: the same length; those below 0 take
    no part. part: (r, n).
    """
    _sizes(hashes, items, *_ranges(part, len(counts)), counts)


def spread(
    hashes: NDArray[np.uint64],
    items: NDArray[Any],
    part: tuple[int, int],
    ends: NDArray[np.int64],
    out: tuple[NDArray[np.uint64], NDArray[Any]],
) -> None:
    """Put the hashes of a part, and their items, range after range into `out`, as `sizes` has counted them.

    ends: where each range goes on; moved on here.
    """
    _spread(hashes, items, *_ranges(part, len(ends)), ends, *out)


def alike(
    hashes: NDArray[np.uint64], items: NDArray[Any], bounds: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (items, firsts): of all but the first item that has a hash, the item and that first one.

    hashes, items: range after range, range `k` from `bounds[k]` to `bounds[k + 1]`, no hash in two of them. Both are
    overwritten. A range at a time is looked at, so that its table stays near the processor: 33 million hashes in one
    table of 400 MB took 8 times as long.
    """
    n = int(_alike(hashes, items, bounds))
    return items[:n].copy(), hashes[:n].astype(items.dtype)


def unite(items: NDArray[Any], others: NDArray[Any], parent: NDArray[Any]) -> None:
    """Unite in `parent` each item with the other one.

    parent: shape (all items,), each item's parent, never a greater number than its own; roots are their own.
    """
    _unite(items, others, parent)


def _ranges(part: tuple[int, int], n: int) -> tuple[np.uint64, np.uint64]:
    """Return (number of the first range of the part, number of all ranges)."""
    return np.uint64(part[0] * n), np.uint64(part[1] * n)


def roots(parent: NDArray[Any]) -> None:
    """Let each item's parent be its root: the first item of its component. In place."""
    _roots(parent)


def first_of_key(
    key: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    items: NDArray[Any],
    part: tuple[int, int],
    seen: tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[Any]],
    used: int,
) -> int:
    """Put the smallest item of each 128-bit key into `seen`; return the slots used, -1 when it is too small.

    key: two halves, each of the length of `items`; `part` as in `unite`.
    """
    return int(_first_of_key(*key, items, np.uint64(part[0]), np.uint64(part[1]), *seen, used))


def look_up(
    key: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    items: NDArray[Any],
    part: tuple[int, int],
    seen: tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[Any]],
    first: NDArray[Any],
) -> None:
    """Write into `first[item]` the smallest item with the same key, for the items of the range."""
    _look_up(*key, items, np.uint64(part[0]), np.uint64(part[1]), *seen, first)


@njit(nogil=True, cache=True, inline="always")
def _elsewhere(mixed, part, parts):  # type: ignore[no-untyped-def]
    """Return whether the top 32 bits of a mixed hash lie in another range than `part`."""
    return ((mixed >> np.uint64(32)) * parts) >> np.uint64(32) != part


@njit(nogil=True, cache=True)
def _root(parent, item):  # type: ignore[no-untyped-def]
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


@njit(nogil=True, cache=True, inline="always")
def _range(h, first, ranges):  # type: ignore[no-untyped-def]
    """Return the range of a hash, counted from `first`; one before it has a great number."""
    return (((h >> np.uint64(32)) * ranges) >> np.uint64(32)) - first


@njit(nogil=True, cache=True)
def _sizes(hashes, items, first, ranges, counts):  # type: ignore[no-untyped-def]
    for k in range(len(hashes)):
        at = _range(hashes[k], first, ranges)
        if items[k] >= 0 and at < np.uint64(len(counts)):
            counts[at] += 1


@njit(nogil=True, cache=True)
def _spread(hashes, items, first, ranges, ends, out_hashes, out_items):  # type: ignore[no-untyped-def]
    for k in range(len(hashes)):
        at = _range(hashes[k], first, ranges)
        if items[k] >= 0 and at < np.uint64(len(ends)):
            out_hashes[ends[at]], out_items[ends[at]] = hashes[k], items[k]
            ends[at] += 1


@njit(nogil=True, cache=True)
def _alike(hashes, items, bounds):  # type: ignore[no-untyped-def]
    table_hash, table_item = np.empty(16, np.uint64), np.empty(16, items.dtype)
    found = 0
    for at in range(len(bounds) - 1):
        table_item[:] = -1
        k, found = _met(hashes, items, bounds[at], bounds[at + 1], found, table_hash, table_item)
        while k < bounds[at + 1]:
            table_hash, table_item = _doubled(table_hash, table_item)
            k, found = _met(hashes, items, k, bounds[at + 1], found, table_hash, table_item)
    return found


@njit(nogil=True, cache=True)
def _met(hashes, items, begin, end, found, table_hash, table_item):  # type: ignore[no-untyped-def]
    """Put hashes into the table, those that are there to the front; return (where it was full, or the end; found)."""
    # A function of its own: where the table is replaced in the loop, counting its references takes 7 times as long.
    free = 3 * len(table_item) // 4
    for k in range(len(table_item)):
        free -= table_item[k] >= 0
    for k in range(begin, end):
        h, item = hashes[k], items[k]
        slot = _slot(table_hash, table_item, h)
        if table_item[slot] >= 0:
            items[found], hashes[found] = item, np.uint64(table_item[slot])
            found += 1
        elif free == 0:
            return k, found
        else:
            table_hash[slot], table_item[slot] = h, item
            free -= 1
    return end, found


@njit(nogil=True, cache=True, inline="always")
def _slot(table_hash, table_item, h):  # type: ignore[no-untyped-def]
    """Return the slot of a hash, or the free one that it is to take."""
    mask = np.uint64(len(table_item) - 1)
    slot = h & mask
    while table_item[slot] >= 0 and table_hash[slot] != h:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit(nogil=True, cache=True)
def _doubled(table_hash, table_item):  # type: ignore[no-untyped-def]
    hashes = np.empty(2 * len(table_hash), table_hash.dtype)
    items = np.full(2 * len(table_item), -1, table_item.dtype)
    for k in range(len(table_item)):
        if table_item[k] >= 0:
            slot = _slot(hashes, items, table_hash[k])
            hashes[slot], items[slot] = table_hash[k], table_item[k]
    return hashes, items


@njit(nogil=True, cache=True)
def _unite(items, others, parent):  # type: ignore[no-untyped-def]
    for k in range(len(items)):
        a, b = _root(parent, items[k]), _root(parent, others[k])
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b


@njit(nogil=True, cache=True)
def _roots(parent):  # type: ignore[no-untyped-def]
    for item in range(len(parent)):
        # Parents come before their children, so the parent's parent is its root already.
        parent[item] = parent[parent[item]]


@njit(nogil=True, cache=True)
def _first_of_key(key_0, key_1, items, part, parts, table_0, table_1, table_item, used):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table_item) - 1)
    for k in range(len(items)):
        if items[k] < 0:
            continue
        mixed = mix64(key_0[k])
        if parts > 1 and _elsewhere(mixed, part, parts):
            continue
        slot = mixed & mask
        while table_item[slot] >= 0 and (table_0[slot] != key_0[k] or table_1[slot] != key_1[k]):
            slot = (slot + np.uint64(1)) & mask
        if table_item[slot] < 0:
            if 4 * used >= 3 * len(table_item):
                return -1
            table_0[slot], table_1[slot], table_item[slot] = key_0[k], key_1[k], items[k]
            used += 1
        elif items[k] < table_item[slot]:
            table_item[slot] = items[k]
    return used


@njit(nogil=True, cache=True)
def _look_up(key_0, key_1, items, part, parts, table_0, table_1, table_item, first):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table_item) - 1)
    for k in range(len(items)):
        if items[k] < 0:
            continue
        mixed = mix64(key_0[k])
        if parts > 1 and _elsewhere(mixed, part, parts):
            continue
        slot = mixed & mask
        while table_0[slot] != key_0[k] or table_1[slot] != key_1[k] or table_item[slot] < 0:
            slot = (slot + np.uint64(1)) & mask
        first[items[k]] = table_item[slot]
