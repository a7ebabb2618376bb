"""Which documents are duplicates of which: candidates by key and bands, verified on their texts, in threads.

The same verdicts as `dedup.duplicates.find` for documents in reading order. Candidates fall into components
of the graph of shared bands, which have nothing to do with each other: each is a unit of work, and large ones
are judged a slice at a time, with only the shingles of representatives kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.distinct.places import Places, Rows, texts, written
from pipeline.distinct.recipe import Recipe, Workspace
from pipeline.kernels.clusters import Buckets, Representatives, firsts, grouped, roots, unite
from pipeline.kernels.documents import Sketches, rolled
from pipeline.kernels.same import same_bytes
from pipeline.kernels.tokens import KEY_PRIMES, same_words
from pipeline.kernels.unicode import secret_table

#: Bytes of text that a thread has in memory while it compares.
SLICE_BYTES = 4 * 2**20


class Duplicates(NamedTuple):
    """Row `row[i]` is a duplicate of row `kept[i]`, which stays; by row. `capped`: see `dedup.duplicates`."""

    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]
    exact: NDArray[np.bool_]
    capped: int


class Corpus(NamedTuple):
    """All documents in reading order."""

    files: list[Path]
    places: Places
    sketches: Sketches


class _Near(NamedTuple):
    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]
    capped: int


def find(corpus: Corpus, recipe: Recipe, pool: ThreadPoolExecutor, slice_bytes: int = SLICE_BYTES) -> Duplicates:
    """Return the duplicates; of each group of copies the first in reading order stays.

    Documents without a word are nobody's duplicate; those with fewer than `ngram` words are compared exactly
    only. The result does not depend on `slice_bytes` or the number of threads.
    """
    copies, originals = _exact(corpus, pool, slice_bytes)
    alone = np.ones(len(corpus.places.size), dtype=bool)
    alone[copies] = False
    unique = np.flatnonzero(alone & (corpus.sketches.n_words >= recipe.ngram))
    return _resolved(copies, originals, _near(corpus, unique, recipe, pool, slice_bytes))


def _exact(corpus: Corpus, pool: ThreadPoolExecutor, slice_bytes: int) -> tuple[Rows, Rows]:
    """Return (copies, originals): documents whose words are those of one that comes before them."""
    key = corpus.sketches.key
    rows = np.flatnonzero(corpus.sketches.n_words > 0)
    group, n_groups = grouped((key[rows, 0] * KEY_PRIMES[0]) ^ key[rows, 1])
    first = firsts(group, n_groups)
    members = np.flatnonzero(group >= 0)
    members = members[members != first[group[members]]]
    members = members[np.argsort(group[members], kind="stable")]  # an original is read once
    copies, originals = rows[members], rows[first[group[members]]]
    pieces = list(_slices(corpus.places.size[copies], slice_bytes))
    verdicts = pool.map(lambda piece: _same(corpus, copies[piece], originals[piece]), pieces)
    same = np.concatenate([np.zeros(0, bool), *verdicts])
    return copies[same], originals[same]


def _same(corpus: Corpus, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return for each pair whether it is written alike, or else has the same words in the same order."""
    rows, pairs = _paired(left, right)
    places = corpus.places.take(rows)
    same = same_bytes(*written(corpus.files, places), pairs[0], pairs[1])
    same &= places.escaped[pairs[0]] == places.escaped[pairs[1]]
    doubtful = np.flatnonzero(~same)
    if len(doubtful):
        rows, pairs = _paired(left[doubtful], right[doubtful])
        same[doubtful] = same_words(*texts(corpus.files, corpus.places.take(rows)), pairs[0], pairs[1])
    return same


def _paired(left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """Return (distinct rows, pairs): the pairs as places among the rows, shape (2, pairs)."""
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return rows, places.astype(np.int64).reshape(2, -1)


def _near(corpus: Corpus, unique: Rows, recipe: Recipe, pool: ThreadPoolExecutor, slice_bytes: int) -> _Near:
    rows, buckets = _candidates(corpus.sketches.bands, unique, pool)
    order, starts = _components(buckets)
    sizes = corpus.places.size[rows[order]]
    workspace = Workspace(secret_table())

    def judge(task: slice) -> _Near:
        return _judged(corpus, rows, order[task], buckets, recipe, workspace, slice_bytes)

    found = list(pool.map(judge, _tasks(sizes, starts, slice_bytes)))
    columns = [np.concatenate(parts) for parts in zip(*(part[:3] for part in found), strict=True)]
    if not columns:
        return _Near(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), 0)
    return _Near(columns[0], columns[1], columns[2], sum(part.capped for part in found))


def _candidates(bands: NDArray[np.uint64], unique: Rows, pool: ThreadPoolExecutor) -> tuple[Rows, Buckets]:
    """Return (rows, buckets): the documents that share a band with another, and which."""
    found = list(pool.map(lambda band: grouped(bands[unique, band]), range(bands.shape[1])))
    involved = np.zeros(len(unique), dtype=bool)
    for group, _ in found:
        involved |= group >= 0
    bucket = np.empty((bands.shape[1], int(involved.sum())), dtype=np.int32)
    count = 0
    for band, (group, n_groups) in enumerate(found):
        mine = group[involved]
        bucket[band] = np.where(mine >= 0, mine + np.int32(count), mine)
        count += n_groups
    return unique[involved], Buckets(bucket, count)


def _components(buckets: Buckets) -> tuple[Rows, Rows]:
    """Return (order, starts): the items by component, within one in their order; and where components start."""
    parents = np.arange(buckets.bucket.shape[1])
    for bucket in buckets.bucket:
        unite(bucket, parents, len(buckets.head))
    root = roots(parents)
    order = np.argsort(root, kind="stable")
    ends = np.flatnonzero(np.diff(root[order], append=-1)) + 1
    return order, np.concatenate([[0], ends]).astype(np.int64)


def _tasks(sizes: Rows, starts: Rows, slice_bytes: int) -> list[slice]:
    """Return slices of whole components, each of about `slice_bytes` of text, or one component that has more."""
    before = np.concatenate([[0], np.cumsum(sizes)])[starts]
    cuts = [0]
    while cuts[-1] < len(starts) - 1:
        wanted = before[cuts[-1]] + slice_bytes
        cuts.append(max(int(np.searchsorted(before, wanted, "right")) - 1, cuts[-1] + 1))
    return [slice(int(starts[a]), int(starts[b])) for a, b in pairwise(cuts)]


def _judged(
    corpus: Corpus, rows: Rows, items: Rows, buckets: Buckets, recipe: Recipe, workspace: Workspace, slice_bytes: int
) -> _Near:
    """Return the near-duplicates among items, which are whole components in keep order."""
    representatives = Representatives(buckets, recipe.threshold, recipe.cap)
    gone, kept, similar, capped = [], [], [], 0
    for piece in _slices(corpus.places.size[rows[items]], slice_bytes):
        part = items[piece]
        words = workspace.hashes.words(*texts(corpus.files, corpus.places.take(rows[part])))
        leader, similarity, met_cap = representatives.judge(part, *rolled(*words, recipe.ngram))
        removed = leader >= 0
        gone.append(rows[part[removed]])
        kept.append(rows[leader[removed]])
        similar.append(similarity[removed])
        capped += int(met_cap.sum())
    return _Near(np.concatenate(gone), np.concatenate(kept), np.concatenate(similar), capped)


def _slices(sizes: Rows, slice_bytes: int) -> Iterator[slice]:
    """Yield slices of at least one item and about `slice_bytes`."""
    before = np.concatenate([[0], np.cumsum(sizes)])
    first = 0
    while first < len(sizes):
        last = max(int(np.searchsorted(before, before[first] + slice_bytes, "right")) - 1, first + 1)
        yield slice(first, last)
        first = last


def _resolved(copies: Rows, originals: Rows, near: _Near) -> Duplicates:
    """Return all duplicates: a copy of a removed original is as similar to its survivor as that was."""
    n = int(max(originals.max(initial=-1), near.row.max(initial=-1))) + 1
    kept_of, similarity_of = np.full(n, -1, dtype=np.int64), np.ones(n)
    kept_of[near.row], similarity_of[near.row] = near.kept, near.similarity
    removed = kept_of[originals] >= 0
    row = np.concatenate([copies, near.row])
    kept = np.concatenate([np.where(removed, kept_of[originals], originals), near.kept])
    similarity = np.concatenate([similarity_of[originals], near.similarity])
    exact = np.concatenate([~removed, np.zeros(len(near.row), bool)])
    order = np.argsort(row)
    return Duplicates(row[order], kept[order], similarity[order], exact[order], near.capped)
