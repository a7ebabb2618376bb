"""Sorted pairs of a 64-bit key and an id, searched where they lie on disk.

Parquet cannot be searched without being read, nor compressed Arrow; so these are two plain .npy files. Keys
are hashes, so they are spread evenly and a range of them holds about its share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Ids = NDArray[np.int64]

#: Pairs that are sorted in memory together when lookups are merged: 0.3 GB.
PAIRS_AT_ONCE = 8_000_000


class Lookup(NamedTuple):
    """Pairs ordered by key, then id. Memory-mapped."""

    keys: Keys
    ids: Ids

    def find(self, keys: Keys) -> Ids:
        """Return the ids of all pairs with one of these keys (ascending), in no order, some more than once."""
        first, last = self.ranges(keys)
        return self.ids[_runs(first, last)] if len(keys) else np.zeros(0, np.int64)

    def ranges(self, keys: Keys) -> tuple[Ids, Ids]:
        """Return where the pairs of each key begin and end."""
        return np.searchsorted(self.keys, keys), np.searchsorted(self.keys, keys, side="right")


def write(folder: Path, name: str, keys: Keys, ids: Ids) -> None:
    """Write the pairs, in any order, as the lookup `name` of the folder."""
    order = np.lexsort((ids, keys))
    _write(folder / f"{name}.keys.npy", len(keys), np.dtype(np.uint64), iter([keys[order]]))
    _write(folder / f"{name}.ids.npy", len(ids), np.dtype(np.int64), iter([ids[order]]))


def open_lookup(folder: Path, name: str) -> Lookup:
    """Return the lookup `name` of the folder."""
    return Lookup._make([_open(folder / f"{name}.keys.npy"), _open(folder / f"{name}.ids.npy")])


def merge(lookups: Sequence[Lookup], folder: Path, name: str) -> None:
    """Write all pairs of the lookups as the lookup `name` of the folder, a range of keys at a time."""
    n = sum(len(each.keys) for each in lookups)
    _write(folder / f"{name}.keys.npy", n, np.dtype(np.uint64), (part.keys for part in _merged(lookups, n)))
    _write(folder / f"{name}.ids.npy", n, np.dtype(np.int64), (part.ids for part in _merged(lookups, n)))


def _merged(lookups: Sequence[Lookup], n: int) -> Iterator[Lookup]:
    parts = n // PAIRS_AT_ONCE + 1
    cuts = np.array([(part << 64) // parts for part in range(1, parts)], np.uint64)
    bounds = [[0, *np.searchsorted(each.keys, cuts).tolist(), len(each.keys)] for each in lookups]
    for part in range(parts):
        slices = [slice(at[part], at[part + 1]) for at in bounds]
        keys = np.concatenate([each.keys[rows] for each, rows in zip(lookups, slices, strict=True)])
        ids = np.concatenate([each.ids[rows] for each, rows in zip(lookups, slices, strict=True)])
        order = np.lexsort((ids, keys))
        yield Lookup(keys[order], ids[order])


def _runs(first: Ids, last: Ids) -> Ids:
    """Return the numbers `first[i]` up to `last[i]` of all i, one after the other."""
    sizes = last - first
    before = np.cumsum(sizes) - sizes
    return np.repeat(first - before, sizes) + np.arange(sizes.sum())


def _write(path: Path, n: int, kind: np.dtype[np.generic], parts: Iterator[NDArray[np.generic]]) -> None:
    """Write an .npy file as it comes: into a mapped file with holes a full disk would kill the process."""
    with path.open("wb") as file:
        header = {"descr": kind.str, "fortran_order": False, "shape": (n,)}
        np.lib.format.write_array_header_2_0(file, header)  # type: ignore[no-untyped-call]
        for part in parts:
            file.write(np.ascontiguousarray(part).data)


def _open(path: Path) -> NDArray[np.generic]:
    try:
        return np.load(path, mmap_mode="r")  # type: ignore[no-any-return]
    except ValueError:  # nothing to map in a file without rows
        return np.load(path)  # type: ignore[no-any-return]
