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


def unite(
    hashes: NDArray[np.uint64],
    items: NDArray[Any],
    part: tuple[int, int],
    seen: Table,
    used: int,
    parent: NDArray[Any],
) -> int:
    """Unite in `parent` all items whose hashes are equal; return how many slots of `seen` are used now.

    hashes, items: the same length; items below 0 take no part. part: (r, n) looks only at the r-th of n
    ranges of the mixed hash. seen, used: what earlier calls for the same range have met. parent: shape
    (all items,), each item's parent, never a greater number than its own; roots are their own.
    Returns -1 when `seen` is too small: start the range again with a larger one, which changes nothing
    about what was united so far.
    """
    return int(_unite(hashes, items, np.uint64(part[0]), np.uint64(part[1]), *seen, used, parent))


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


@njit(nogil=True, cache=True)
def _unite(hashes, items, part, parts, table_hash, table_item, used, parent):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table_item) - 1)
    for k in range(len(hashes)):
        item = items[k]
        if item < 0:
            continue
        mixed = mix64(hashes[k])
        if parts > 1 and _elsewhere(mixed, part, parts):
            continue
        slot = mixed & mask
        while table_item[slot] >= 0 and table_hash[slot] != hashes[k]:
            slot = (slot + np.uint64(1)) & mask
        if table_item[slot] < 0:
            if 4 * used >= 3 * len(table_item):
                return -1
            table_hash[slot], table_item[slot] = hashes[k], item
            used += 1
            continue
        a, b = _root(parent, table_item[slot]), _root(parent, item)
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    return used


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
