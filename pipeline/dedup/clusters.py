"""Near-duplicates within a budget of memory: components of the candidate graph, then leaders in each.

Two items are candidates when a band of theirs is equal. No candidate pair spans two connected components,
so leader clustering a component at a time gives what it would give on all items at once, whatever the
batches. A component that is larger than memory has its tables in files, and is read a stretch of items
after the other in keep order: only the sets of representatives stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.dedup.ahead import ahead
from pipeline.dedup.memory import LEAST, Space, stretches
from pipeline.dedup.sketch import words
from pipeline.dedup.sketches import Rows, Sketches
from pipeline.dedup.texts import Fetch
from pipeline.kernels import components, leaders
from pipeline.kernels.shingles import shingle_sets

#: Bytes a hash of a band takes while equal ones are found: hash and item, in each of three looks.
BYTES_A_HASH = 3 * (8 + 4)
#: Hashes that are put together in one table, which then fits into the cache of a core; and the most ranges that
#: hashes are spread to at once.
HASHES_A_RANGE, RANGES = 2048, 1024
#: Words whose texts, hashes and shingles are in memory together, some 32 bytes each, in each of three stretches.
WORDS_AT_ONCE = 1_000_000


class Near(NamedTuple):
    """Row `row[i]` is near row `kept[i]`. `capped`: how many items the cap kept from some comparison."""

    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]
    capped: int


class Search(NamedTuple):
    """What near-duplicates are looked for in, and how."""

    sketches: Sketches
    n_words: NDArray[Any]  # of each row
    fetch: Fetch
    ngram: int
    threshold: float
    cap: int
    memory: int  # bytes
    folder: Path | None  # where what does not fit lies
    table: NDArray[np.uint32]  # `unicode.secret_table`: bands are of hashes that all know, the verdicts are not


def near(search: Search, keep_order: Rows, place: NDArray[Any]) -> Near:
    """Return the near-duplicates among the rows whose `place` in `keep_order` is not below 0."""
    parent = linked(search.sketches, place, len(keep_order), search.memory)
    batches = [np.sort(keep_order[items]) for items in _batches(search, keep_order, parent)]
    del parent
    spool, found = Space(0, search.folder), []
    for rows, bands in zip(batches, _parted(search, batches, spool), strict=True):
        found.append(_batch(search, rows, place, bands))
        spool.rest()
    nothing = Near(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), 0)
    columns = zip(*(nothing, *found), strict=True)
    row, kept, similarity = (np.concatenate(column) for column in list(columns)[:3])
    return Near(row, kept, similarity, sum(one.capped for one in found))


def linked(sketches: Sketches, place: NDArray[Any], items: int, memory: int) -> NDArray[Any]:
    """Return for each place the first place of its component of the candidate graph; shape (items,)."""
    parent = np.arange(items, dtype=place.dtype)
    taking_part = int((place >= 0).sum())
    parts = max(1, -(-taking_part * BYTES_A_HASH // memory))
    looks = [(band, (part, parts)) for band in sketches.bands for part in range(parts)]
    ranges = max(1, min(taking_part // parts // HASHES_A_RANGE, RANGES))
    for mine, first in ahead(lambda look: _alike(sketches, place, *look, ranges), looks):
        components.unite(mine, first, parent)
    components.roots(parent)
    return parent


def _alike(
    sketches: Sketches, place: NDArray[Any], band: str, part: tuple[int, int], ranges: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (places, first places): what is equal in one part of the hashes of a band."""
    counts = np.zeros(ranges, np.int64)
    for row, (hashes,) in sketches.chunks(band):
        components.sizes(hashes, place[row : row + len(hashes)], part, counts)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    found = np.empty(bounds[-1], np.uint64), np.empty(bounds[-1], place.dtype)
    ends = bounds[:-1].copy()
    for row, (hashes,) in sketches.chunks(band):
        components.spread(hashes, place[row : row + len(hashes)], part, ends, found)
    return components.alike(*found, bounds)


def _batches(search: Search, keep_order: Rows, parent: NDArray[Any]) -> Iterator[Rows]:
    """Yield the items of whole components, in keep order, as many as fit the budget, at least one component."""
    sizes = np.bincount(parent, minlength=len(parent))
    items = np.flatnonzero(sizes[parent] > 1)
    items = items[np.argsort(parent[items], kind="stable")]
    cost = np.cumsum(_cost(search, keep_order[items]))
    ends = np.flatnonzero(np.diff(parent[items], append=-1)) + 1  # of each component
    begin = 0
    while begin < len(items):
        spent = cost[begin - 1] if begin else 0
        fits = int(np.searchsorted(cost[ends - 1], spent + search.memory // 2, side="right"))
        end = int(ends[max(fits - 1, int(np.searchsorted(ends, begin, side="right")))])
        yield np.sort(items[begin:end])
        begin = end


def _cost(search: Search, rows: Rows) -> NDArray[np.int64]:
    """Return the bytes that each row takes in `_batch`: shingles and marks; hash, bucket, entry a band; the rest."""
    bands = len(search.sketches.bands)
    cost: NDArray[np.int64] = 10 * search.n_words[rows].astype(np.int64) + (8 + 4 + 4 + 4) * bands + 96
    return cost


def _parted(search: Search, batches: Sequence[Rows], spool: Space) -> Sequence[NDArray[np.uint64] | None]:
    """Return the bands of each batch, shape (rows, bands), in the spool; None for those to be looked up.

    The rows of a batch lie in all shards: of many batches each would read all sketches of the corpus again.
    """
    n_bands = len(search.sketches.bands)
    fits = [len(batches) > 1 and _at_once(search, len(rows)) == n_bands for rows in batches]
    parted = [rows for rows, fit in zip(batches, fits, strict=True) if fit]
    ends = np.cumsum([len(rows) for rows in parted], dtype=np.int64)
    bands = np.split(spool.array((int(ends[-1]), n_bands), np.uint64), ends[:-1]) if parted else []
    if parted:
        search.sketches.part(parted, bands, spool.rest)
    each = iter(bands)
    return [next(each) if fit else None for fit in fits]


def _at_once(search: Search, rows: int) -> int:
    """Return how many bands of so many rows are in memory at once: all, unless the rows are more than memory."""
    return int(min(max(search.memory // 4 // max(8 * rows, 1), 1), len(search.sketches.bands)))


def _batch(search: Search, rows: Rows, place: NDArray[Any], bands: NDArray[np.uint64] | None) -> Near:
    """Return the near-duplicates among rows that are a union of components. bands: see `_parted`."""
    space = Space(max(search.memory, LEAST), search.folder)
    order = np.argsort(place[rows])
    rows = rows[order]
    bucket, n_buckets = _buckets(search, rows, None if bands is None else bands[order].T, space)
    lengths = search.n_words[rows].astype(np.int64)
    found = leaders.verdicts(len(rows))
    shingles = int(np.maximum(lengths - search.ngram + 1, 0).sum())
    so_far = leaders.state(len(rows), bucket.shape[1], n_buckets, shingles, space.array)

    def sets(stretch: tuple[int, int]) -> tuple[int, NDArray[np.uint64], NDArray[np.int64]]:
        begin, end = stretch
        return begin, *shingle_sets(*words(search.fetch(rows[begin:end]), search.table), search.ngram)

    for begin, shingle, starts in ahead(sets, stretches(lengths, min(WORDS_AT_ONCE, search.memory // 384))):
        leaders.advance(so_far, bucket, begin, shingle, starts, search.threshold, search.cap, found)
        space.rest()
    gone = np.flatnonzero(found.leader >= 0)
    return Near(rows[gone], rows[found.leader[gone]], found.similarity[gone], int(found.capped.sum()))


def _buckets(
    search: Search, rows: Rows, given: NDArray[np.uint64] | None, space: Space
) -> tuple[NDArray[np.int32], int]:
    """Return (bucket, n_buckets): for each row and band the bucket it shares with others, or -1.

    given: the hashes, shape (bands, rows); None: they are looked up.
    """
    bands = search.sketches.bands
    bucket = space.array((len(rows), len(bands)), np.int32)
    slots = np.empty(leaders.n_slots(len(rows)), np.int32)
    at_once = _at_once(search, len(rows))
    n_buckets = 0
    for first in range(0, len(bands), at_once):
        names = bands[first : first + at_once]
        hashes = search.sketches.bands_of(rows, names) if given is None else given[first : first + at_once]
        for k in range(len(names)):
            found, count = leaders.buckets(np.ascontiguousarray(hashes[k]), slots)
            bucket[:, first + k] = np.where(found >= 0, found + np.int32(n_buckets), found)
            n_buckets += count
            space.rest()
    return bucket, n_buckets
