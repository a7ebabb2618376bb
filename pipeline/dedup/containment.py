"""Texts that lie in another, larger one: an abridged copy, a quotation in an article.

Bands of MinHash cannot find them: where sizes differ much, Jaccard similarity is small although all of
the smaller text is there. So candidates are pairs that share as many sampled shingles as they would if one
lay in the other, and the true sets decide.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.dedup.ahead import THREADS, ahead
from pipeline.dedup.memory import LEAST, Space, stretches
from pipeline.dedup.sketch import Words, words
from pipeline.dedup.sketches import Rows, Sketches
from pipeline.dedup.texts import Fetch
from pipeline.kernels import containment as kernel
from pipeline.kernels.unicode import secret_table

#: Words of a sampled shingle, whatever `ngram` decides: runs of 3 words are shared by chance. Of 45,000 paragraphs
#: of news 340,000 pairs share a sampled run of 3 words, 25,000 one of 5 of twice as many samples.
ANCHOR = 5
#: One shingle in 2 ** BITS is sampled: a byte of sample a word. At 2 a fifteenth more paragraphs are found, and the
#: search takes half as long again.
BITS = 3
#: Of the texts that share a sampled shingle this many, the largest, are looked at as containers.
CONTAINERS = 32
#: Standard deviations below the expected number of shared samples that a pair may have and still be compared: it
#: costs 2 pairs in 100 right on the threshold, next to none above, and saves texts that share no more than a footer.
SPREAD = 2
#: Words whose texts and shingles are in memory together while pairs are compared, some 32 bytes each, in each of
#: three stretches.
WORDS_AT_ONCE = 2_000_000
#: Bytes of a sample while equal ones are put together: its key, twice, in each of three parts, and a group.
BYTES_A_SAMPLE = 3 * 16 + 8


class Contained(NamedTuple):
    """Row `row[i]` lies in row `container[i]` by the share `share[i]` of its distinct shingles."""

    row: Rows
    container: Rows
    share: NDArray[np.float64]
    #: How many rows share a sampled shingle with more than CONTAINERS larger ones, and were not held against all.
    capped: int


class Samples(NamedTuple):
    """Sampled shingles, text after text: row `i` has those from number `starts[i]` to `starts[i + 1]`."""

    shingles: Sketches  # a table or more with the column `shingle`
    starts: Rows


def recall(share: float, words: int, ngram: int, threshold: float, bits: int = BITS) -> float:
    """Return how likely a text of so many words is compared with one that has `share` of its runs of ANCHOR words.

    Of the runs that both have and of the others 1 in 2 ** bits is sampled; enough of the sampled ones must be shared.
    """
    runs = max(words - ANCHOR + 1, 0)
    both = round(share * runs)
    shared, own = _binomial(both, 2.0**-bits), _binomial(runs - both, 2.0**-bits)
    counts = np.add.outer(np.arange(len(shared)), np.arange(len(own))).astype(np.int32)
    enough = np.arange(len(shared))[:, None] >= _need(counts, _anchored(threshold, ngram))
    return float((np.outer(shared, own) * enough).sum())


def _binomial(n: int, p: float) -> NDArray[np.float64]:
    """Return the probabilities of 0 to n hits in n trials."""
    k = np.arange(n + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((n - k[:-1]) / (k[:-1] + 1)))])
    return np.asarray(np.exp(ways + k * np.log(p) + (n - k) * np.log1p(-p)))


def sample(of: Words, bits: int = BITS) -> tuple[pa.Table, NDArray[np.int32]]:
    """Return (`shingle`, uint64, of one text after the other; how many each text has).

    One run of ANCHOR words in 2 ** bits is sampled, the same in all texts. The samples of a document are those of
    its paragraphs.
    """
    shingle, counts = kernel.sample(of.hashes, of.starts, ANCHOR, bits)
    return pa.table({"shingle": shingle}), counts


def contained(
    samples: Samples,
    keep_order: Rows,
    n_words: NDArray[Any],
    fetch: Fetch,
    ngram: int,
    threshold: float,
    memory: int = 2**30,
    folder: Path | None = None,
) -> Contained:
    """Return the rows of `keep_order` of whose shingle set at least `threshold` lies in that of a row that does not.

    A container has more words than what lies in it, or as many and comes first in keep order. Of several the one
    with the greatest share is named, of equal ones the first in keep order. No chaining: what lies in a text that
    lies in a third is only returned when the third, or another that stays, holds it. n_words: of each row.
    memory: bytes for the search, beyond some 40 a row; what does not fit lies in files in `folder`.
    """
    by_size = keep_order[np.argsort(-n_words[keep_order], kind="stable")]
    space = Space(max(memory, LEAST), folder)
    members, bounds, counts = _shared(samples, by_size, max(memory, LEAST), space)
    scratch = space.array(members.shape, np.int32 if len(bounds) < 2**31 else np.int64)
    need, capped = _need(counts, _anchored(threshold, ngram)), np.zeros(len(by_size), dtype=bool)
    found: list[tuple[Rows, Rows, NDArray[np.float64]]] = [(by_size[:0], by_size[:0], np.zeros(0))]
    for smaller, larger in kernel.proposals(members, bounds, need, CONTAINERS, capped, scratch):
        sizes = n_words[by_size[smaller]].astype(np.int64) + n_words[by_size[larger]]
        share = _shares(by_size[smaller], by_size[larger], sizes, fetch, ngram, min(WORDS_AT_ONCE, memory // 192))
        enough = np.flatnonzero(share >= threshold)
        found.append((smaller[enough], larger[enough], share[enough]))
    smaller, larger, share = (np.concatenate(column) for column in zip(*found, strict=True))
    rank = np.empty(len(n_words), dtype=np.int64)
    rank[keep_order] = np.arange(len(keep_order))
    order = np.lexsort((rank[by_size[larger]], -share, smaller))
    chosen = order[kernel.resolve(smaller[order], larger[order], len(by_size))]
    return Contained(by_size[smaller[chosen]], by_size[larger[chosen]], share[chosen], int(capped.sum()))


def _anchored(share: float, ngram: int) -> float:
    """Return the least share of the runs of ANCHOR words that are shared when `share` of those of `ngram` are.

    A changed word takes `ngram` shingles and ANCHOR runs.
    """
    return max(1 - (1 - share) * max(ANCHOR / ngram, 1), 0.0)


def _need(counts: NDArray[np.int32], share: float) -> NDArray[np.int32]:
    """Return how many samples a text of so many must share to be compared, at least one."""
    least = share * counts - SPREAD * np.sqrt(share * (1 - share) * counts)
    at_least = np.clip(counts // 2, 1, 2)  # one sample in common says little of a text that has four
    need: NDArray[np.int32] = np.maximum(np.rint(least), at_least).astype(np.int32)
    return need


def _shared(
    samples: Samples, by_size: Rows, memory: int, space: Space
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int32]]:
    """Return (members, bounds, counts): the texts that share each sampled shingle, how many distinct ones each has.

    Texts are numbered as in `by_size`. Shingles are looked at a range of hashes at a time.
    """
    number = np.full(len(samples.starts) - 1, -1, dtype=np.int32 if len(by_size) < 2**31 else np.int64)
    number[by_size] = np.arange(len(by_size))
    total, counts = int(samples.starts[-1]), np.zeros(len(by_size), dtype=np.int32)
    members, end, sizes = space.array((total,), number.dtype), 0, [by_size[:0]]
    parts = max(THREADS, -(-total * BYTES_A_SAMPLE // memory))
    for keys in ahead(lambda part: _sorted_keys(samples, number, (part, parts)), range(parts)):
        sizes.append(kernel.groups(keys, counts, members[end:]))
        end += int(sizes[-1].sum())
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return members[:end], bounds, counts


def _sorted_keys(samples: Samples, number: NDArray[Any], part: tuple[int, int]) -> NDArray[np.uint64]:
    chunks = samples.shingles.chunks("shingle")
    found = [kernel.keys(shingle, first, samples.starts, number, part) for first, (shingle,) in chunks]
    keys: NDArray[np.uint64] = np.concatenate([np.zeros(0, np.uint64), *found])
    keys.sort()
    return keys


def _shares(left: Rows, right: Rows, sizes: Rows, fetch: Fetch, ngram: int, words_at_once: int) -> NDArray[np.float64]:
    """Return for each pair of rows the true share of the left one's shingles that the right one has."""
    table = secret_table()

    def shares(stretch: tuple[int, int]) -> NDArray[np.float64]:
        begin, end = stretch
        rows, places = np.unique(np.concatenate([left[begin:end], right[begin:end]]), return_inverse=True)
        a, b = places.astype(np.int64).reshape(2, -1)
        return kernel.shares(*words(fetch(rows), table), ngram, a, b)

    return np.concatenate([np.zeros(0), *ahead(shares, stretches(sizes, words_at_once))])
