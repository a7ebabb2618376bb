"""Texts that lie in another, larger one: an abridged copy, a quotation in an article.

Bands of MinHash cannot find them: where sizes differ much, Jaccard similarity is small although all of
the smaller text is there. So candidates are pairs that share a sampled shingle, and the true sets decide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import numbers, run_starts
from pipeline.dedup.memory import stretches
from pipeline.dedup.sketch import Words, words
from pipeline.dedup.sketches import Rows
from pipeline.dedup.texts import Fetch
from pipeline.kernels import containment as kernel
from pipeline.kernels.shingles import shingle_sets

#: Words whose texts and shingles are in memory together while pairs are compared, some 32 bytes each.
WORDS_AT_ONCE = 2_000_000


class Contained(NamedTuple):
    """Row `row[i]` lies in row `container[i]` by the share `share[i]` of its distinct shingles."""

    row: Rows
    container: Rows
    share: NDArray[np.float64]
    #: How many sampled shingles stood in more than `cap` texts and proposed no pair.
    hot: int


def recall(share: float, shingles: int, bits: int) -> float:
    """Return the probability that a text of so many distinct shingles, `share` of them in another, is proposed.

    1 - (1 - 2^-bits)^(share * shingles): one shared shingle must be sampled. At a share of 0.8 and 3 bits
    it is 0.986 for 40 shingles and 0.99998 for 100; at 4 bits 0.873 and 0.994. Hot shingles lower it.
    """
    return float(1 - (1 - 2.0**-bits) ** (share * shingles))


def sample(of: Words, ngram: int, bits: int) -> pa.Table:
    """Return the distinct sampled shingles of texts: `text` (int64, ascending), `shingle` (uint64).

    One shingle in 2 ** bits is sampled, the same in all texts.
    """
    text, shingle = kernel.sample(of.hashes, of.starts, ngram, bits)
    return pa.table({"text": text, "shingle": shingle})


def contained(
    samples: pa.Table,
    keep_order: Rows,
    n_words: NDArray[np.int64],
    fetch: Fetch,
    ngram: int,
    threshold: float,
    cap: int,
) -> Contained:
    """Return the rows of `keep_order` of whose shingle set at least `threshold` lies in a larger one's.

    samples: as `sample` returns them, `text` being row numbers of all texts. n_words: of each row. Of
    several containers the one with the greatest share is named, of equal ones the first in keep order. Of
    two sets of one size the row that comes later in keep order lies in the other. cap: a shingle that more
    texts share proposes none of them. Candidate pairs take 16 bytes each, in memory.
    """
    left, right, hot = _candidates(samples, keep_order, len(n_words), cap)
    rank = np.full(len(n_words), len(n_words), dtype=np.int64)
    rank[keep_order] = np.arange(len(keep_order))
    found: list[tuple[Rows, Rows, NDArray[np.float64]]] = [(left[:0], left[:0], np.zeros(0))]
    for begin, end in stretches(n_words[left] + n_words[right], WORDS_AT_ONCE):
        found.append(_verified(left[begin:end], right[begin:end], rank, fetch, ngram, threshold))
    row, container, share = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((rank[container], -share, row))
    first = order[run_starts(row[order])[:-1]]
    return Contained(row[first], container[first], share[first], hot)


def _candidates(samples: pa.Table, keep_order: Rows, n: int, cap: int) -> tuple[Rows, Rows, int]:
    """Return (left, right, hot): distinct pairs of rows taking part that share a sampled shingle."""
    taking_part = np.zeros(n, dtype=bool)
    taking_part[keep_order] = True
    text, shingle = numbers(samples["text"]), numbers(samples["shingle"])
    here = np.flatnonzero(taking_part[text])
    here = here[np.argsort(shingle[here], kind="stable")]
    starts = run_starts(shingle[here])
    sizes = np.diff(starts)
    shared = (sizes > 1) & (sizes <= cap)
    items = text[here][np.repeat(shared, sizes)]
    bounds = np.concatenate([[0], np.cumsum(sizes[shared])]).astype(np.int64)
    left, right = kernel.pairs(items, bounds)
    pair = np.unique(np.minimum(left, right) * n + np.maximum(left, right))
    return pair // max(n, 1), pair % max(n, 1), int((sizes > cap).sum())


def _verified(
    left: Rows, right: Rows, rank: Rows, fetch: Fetch, ngram: int, threshold: float
) -> tuple[Rows, Rows, NDArray[np.float64]]:
    """Return (row, container, share) of the pairs whose true sets reach the threshold."""
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    a, b = places.astype(np.int64).reshape(2, -1)
    shingles, bounds = shingle_sets(*words(fetch(rows)), ngram)
    share = kernel.containment(shingles, bounds, a, b)
    sizes = np.diff(bounds)
    left_in_right = (sizes[a] < sizes[b]) | ((sizes[a] == sizes[b]) & (rank[left] > rank[right]))
    enough = share >= threshold
    row, container = np.where(left_in_right, left, right), np.where(left_in_right, right, left)
    return row[enough], container[enough], share[enough]
