"""The exact join: all pairs of documents whose word n-gram sets have at least a given Jaccard similarity.

Prefix filter of Chaudhuri, Ganti, Kaushik 2006: with shingles ordered by rarity, two sets of similarity t
share one of the first n - ⌈t n⌉ + 1 of each. Every candidate is then compared exactly. Shingles that only
one document has come first, make no candidates, and are only counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from pipeline.arrow import text_view
from pipeline.kernels.shingles import shingle_sets
from pipeline.kernels.tokens import tokenise

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
AT_ONCE = 5000


class Pairs(NamedTuple):
    """`left[k]` < `right[k]` are numbers of documents; every pair once."""

    left: Ints
    right: Ints
    jaccard: NDArray[np.float64]


def of_corpus(path: Path, ngram: int, least: float) -> tuple[list[str], Pairs]:
    """Return (ids, pairs) of a JSONL corpus; the pairs are kept beside it, for the join of 1 GB takes a minute."""
    ids: list[str] = []
    part: list[str] = []
    sets, bounds = _nothing()
    saved = Path(f"{path}.{ngram}-{least}.npz")
    with path.open("rb") as file:
        for line in file:
            row = orjson.loads(line)
            ids.append(row["id"])
            if saved.exists():
                continue
            part.append(row["text"])
            if len(part) == AT_ONCE:
                _add(part, ngram, sets, bounds)
                part = []
    if not saved.exists():
        _add(part, ngram, sets, bounds)
        np.savez(saved, **join(np.concatenate(sets), np.concatenate(bounds), least)._asdict())
    with np.load(saved) as found:
        return ids, Pairs(found["left"], found["right"], found["jaccard"])


def of_texts(texts: list[str], ngram: int, least: float) -> Pairs:
    """Return the pairs among a few texts."""
    sets, bounds = _nothing()
    _add(texts, ngram, sets, bounds)
    return join(np.concatenate(sets), np.concatenate(bounds), least)


def join(shingles: Hashes, bounds: Ints, least: float) -> Pairs:
    """Return all pairs of sets `shingles[bounds[i]:bounds[i + 1]]` of Jaccard similarity ≥ `least`.

    Sets without a shingle are in no pair.
    """
    rank, shared = _ranks(shingles)
    sizes = np.diff(bounds)
    owner = np.repeat(np.arange(len(sizes)), sizes)[rank >= 0]
    rank = rank[rank >= 0]
    rank = rank[np.lexsort((rank, owner))]
    starts = np.searchsorted(owner, np.arange(len(sizes) + 1))
    return Pairs(*_join(rank, starts, owner, sizes, shared, least))


def _nothing() -> tuple[list[Hashes], list[Ints]]:
    return [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]


def _add(texts: list[str], ngram: int, sets: list[Hashes], bounds: list[Ints]) -> None:
    found, ends = shingle_sets(*tokenise(*text_view(pa.array(texts, pa.large_string()))), ngram)
    bounds.append(ends[1:] + bounds[-1][-1])
    sets.append(found)


def _ranks(shingles: Hashes) -> tuple[Ints, int]:
    """Return (rank, n): rank of each shingle among the n that several sets have, rarest first; -1 for the others."""
    order = np.argsort(shingles)
    ordered = shingles[order]
    fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    group = np.cumsum(fresh) - 1
    counts = np.bincount(group) if len(group) else np.empty(0, np.int64)
    places = np.full(len(counts), -1)
    several = np.flatnonzero(counts > 1)
    places[several[np.argsort(counts[several], kind="stable")]] = np.arange(len(several))
    rank = np.empty(len(shingles), np.int64)
    rank[order] = places[group]
    return rank, len(several)


@njit(nogil=True, cache=True)
def _join(rank, starts, owner, sizes, shared, least):  # type: ignore[no-untyped-def]
    head = np.full(shared, -1, np.int64)
    follow = np.full(len(rank), -1, np.int64)
    seen = np.full(len(sizes), -1, np.int64)
    left: Ints = np.empty(1024, np.int64)
    right: Ints = np.empty(1024, np.int64)
    jaccard: NDArray[np.float64] = np.empty(1024, np.float64)
    found = 0
    for doc in range(len(sizes)):
        size = sizes[doc]
        own = size - (starts[doc + 1] - starts[doc])
        # The prefix, less the shingles that nobody else has: they come first.
        reach = size - int(np.ceil(least * size - 1e-9)) + 1 - own
        end = min(starts[doc] + max(reach, 0), starts[doc + 1])
        for entry in range(starts[doc], end):
            at = head[rank[entry]]
            while at >= 0:
                other = owner[at]
                at = follow[at]
                if seen[other] == doc:
                    continue
                seen[other] = doc
                if min(size, sizes[other]) < least * max(size, sizes[other]):
                    continue
                i, j, both = starts[doc], starts[other], 0
                while i < starts[doc + 1] and j < starts[other + 1]:
                    both += rank[i] == rank[j]
                    step = rank[i] <= rank[j]
                    j += rank[i] >= rank[j]
                    i += step
                similar = both / (size + sizes[other] - both)
                if similar < least:
                    continue
                if found == len(left):
                    left = np.concatenate((left, np.empty_like(left)))
                    right = np.concatenate((right, np.empty_like(right)))
                    jaccard = np.concatenate((jaccard, np.empty_like(jaccard)))
                left[found], right[found], jaccard[found] = other, doc, similar
                found += 1
        for entry in range(starts[doc], end):
            follow[entry] = head[rank[entry]]
            head[rank[entry]] = entry
    return left[:found], right[:found], jaccard[:found]
