"""Who is a duplicate of whom. Bands propose, the texts decide.

The same function judges documents and paragraphs. Items come in keep order, best first; verdicts name
the copy that stays. Equal word sequences are found by key and compared word by word; near-duplicates
are found by bands and compared by the true Jaccard similarity of their shingle sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import numbers, text_view
from pipeline.dedup.sketch import words
from pipeline.kernels.leaders import buckets, leaders
from pipeline.kernels.shingles import shingle_sets
from pipeline.kernels.tokens import same_words

#: Pairs whose texts are in memory together while they are compared: 20,000 documents of 4 KB are 80 MB.
PAIRS_AT_ONCE = 10_000

Rows = NDArray[np.int64]
#: Given row numbers, returns their texts (large_string) in that order.
Fetch = Callable[[Rows], pa.Array]


class Duplicates(NamedTuple):
    """Row `row[i]` is a duplicate of row `kept[i]`, which stays."""

    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]
    exact: NDArray[np.bool_]
    #: How many items the cap kept from some comparison; they may stay though they are duplicates.
    capped: int


def find(sketches: pa.Table, keep_order: Rows, fetch: Fetch, ngram: int, threshold: float, cap: int) -> Duplicates:
    """Return the duplicates among the rows `keep_order` of `sketches`.

    sketches: as `sketch.sketch` returns them. keep_order: the rows that take part, the one to keep
    first. cap: see `leaders`. Rows without a word are nobody's duplicate; rows with fewer than `ngram`
    words are compared exactly only.
    """
    n_words = numbers(sketches["n_words"])
    keep_order = keep_order[n_words[keep_order] > 0]
    copies, originals = _exact(sketches, keep_order, fetch)
    unique = keep_order[~np.isin(keep_order, copies)]
    near = _near(sketches, unique[n_words[unique] >= ngram], fetch, ngram, threshold, cap)
    return _resolve(copies, originals, near)


def _exact(sketches: pa.Table, keep_order: Rows, fetch: Fetch) -> tuple[Rows, Rows]:
    """Return (copies, originals): rows whose words are those of a row that comes before them."""
    keys = [numbers(sketches[name])[keep_order] for name in ("key_1", "key_0")]
    by_key = np.lexsort(keys)  # stable: within a key, keep order
    same = np.ones(max(len(by_key) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[by_key][1:] == key[by_key][:-1]
    again = np.flatnonzero(np.concatenate([[False], same])[: len(by_key)])
    starts = np.arange(len(by_key))
    starts[again] = 0
    first = np.maximum.accumulate(starts)[again]
    copies, originals = keep_order[by_key[again]], keep_order[by_key[first]]
    really = _same(copies, originals, fetch)
    return copies[really], originals[really]


def _same(left: Rows, right: Rows, fetch: Fetch) -> NDArray[np.bool_]:
    """Return for each pair of rows whether their texts have the same words in the same order."""
    same = np.zeros(len(left), dtype=bool)
    for first in range(0, len(left), PAIRS_AT_ONCE):
        part = slice(first, first + PAIRS_AT_ONCE)
        rows, places = np.unique(np.concatenate([left[part], right[part]]), return_inverse=True)
        pairs = places.astype(np.int64).reshape(2, -1)
        same[part] = same_words(*text_view(fetch(rows)), pairs[0], pairs[1])
    return same


def _near(sketches: pa.Table, keep_order: Rows, fetch: Fetch, ngram: int, threshold: float, cap: int) -> Duplicates:
    """Return the near-duplicates among rows of at least `ngram` words, none equal to another."""
    bucket, n_buckets = _candidates(sketches, keep_order)
    involved = (bucket >= 0).any(axis=1)
    rows, bucket = keep_order[involved], np.ascontiguousarray(bucket[involved])
    shingles, bounds = shingle_sets(*words(fetch(rows)), ngram)
    leader, similarity, capped = leaders(bucket, n_buckets, shingles, bounds, threshold, cap)
    gone = leader >= 0
    exact = np.zeros(int(gone.sum()), dtype=bool)
    return Duplicates(rows[gone], rows[leader[gone]], similarity[gone], exact, int(capped.sum()))


def _candidates(sketches: pa.Table, keep_order: Rows) -> tuple[NDArray[np.int32], int]:
    """Return (bucket, n_buckets): for each row and band the bucket it shares with others, or -1."""
    names = [name for name in sketches.column_names if name.startswith("band_")]
    bucket = np.full((len(keep_order), len(names)), -1, dtype=np.int32)
    n_buckets = 0
    for k, name in enumerate(names):
        found, count = buckets(numbers(sketches[name])[keep_order])
        bucket[:, k] = np.where(found >= 0, found + np.int32(n_buckets), found)
        n_buckets += count
    return bucket, n_buckets


def _resolve(copies: Rows, originals: Rows, near: Duplicates) -> Duplicates:
    """Return all duplicates: a copy of a removed original is as similar to its survivor as that was."""
    at = np.argsort(near.row)
    place = np.searchsorted(near.row[at], originals)
    place = at[np.minimum(place, len(at) - 1)] if len(at) else np.zeros(len(originals), np.int64)
    removed = near.row[place] == originals if len(at) else np.zeros(len(originals), bool)
    kept, similarity = originals.copy(), np.ones(len(originals))
    kept[removed], similarity[removed] = near.kept[place[removed]], near.similarity[place[removed]]
    return Duplicates(
        np.concatenate([copies, near.row]),
        np.concatenate([kept, near.kept]),
        np.concatenate([similarity, near.similarity]),
        np.concatenate([~removed, near.exact]),
        near.capped,
    )
