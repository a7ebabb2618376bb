"""Who is a duplicate of whom. Bands propose, the texts decide.

The same function judges documents and paragraphs. Items come in keep order, best first; verdicts name
the copy that stays. Equal word sequences are found by key and compared word by word; near-duplicates
are found by bands and compared by the true Jaccard similarity of their shingle sets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.dedup.clusters import Near, Search, near
from pipeline.dedup.exact import copies
from pipeline.dedup.memory import LEAST
from pipeline.dedup.sketches import Rows, Sketches
from pipeline.dedup.texts import Fetch
from pipeline.kernels.unicode import secret_table

#: Bytes that an item takes all the while: its number of words, place, parent, size of its component, order.
BYTES_AN_ITEM = 48


class Duplicates(NamedTuple):
    """Row `row[i]` is a duplicate of row `kept[i]`, which stays."""

    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]
    exact: NDArray[np.bool_]
    #: How many items the cap kept from some comparison; they may stay though they are duplicates.
    capped: int


def find(
    sketches: pa.Table | Sketches,
    keep_order: Rows,
    fetch: Fetch,
    ngram: int,
    threshold: float,
    cap: int,
    memory: int = 2**30,
    folder: Path | None = None,
) -> Duplicates:
    """Return the duplicates among the rows `keep_order` of `sketches`.

    sketches: as `sketch.sketch` returns them, or many of them. keep_order: the rows that take part, the
    one to keep first. cap: see `leaders`. memory: bytes for the search; beyond some 50 bytes an item it
    takes no more, and puts the rest into files in `folder`. The result does not depend on either. Rows
    without a word are nobody's duplicate; rows with fewer than `ngram` words are compared exactly only.
    """
    sketches = Sketches.of(sketches) if isinstance(sketches, pa.Table) else sketches
    kind = np.int32 if len(sketches) < 2**31 else np.int64
    n_words = sketches.column("n_words", kind)
    keep_order = keep_order[n_words[keep_order] > 0]
    left = max(memory - BYTES_AN_ITEM * len(sketches), memory // 4, LEAST, 1)
    place = _places(keep_order, len(sketches), kind)
    row, original = copies(sketches, keep_order, place, n_words, fetch, left)
    place[row] = -1
    place[n_words < ngram] = -1
    search = Search(sketches, n_words, fetch, ngram, threshold, cap, left, folder, secret_table())
    return _resolve(row, original, near(search, keep_order, place))


def _places(keep_order: Rows, n: int, kind: Any) -> NDArray[Any]:
    """Return for each row its place in `keep_order`, -1 for none."""
    place = np.full(n, -1, dtype=kind)
    place[keep_order] = np.arange(len(keep_order), dtype=kind)
    return place


def _resolve(copies: Rows, originals: Rows, near: Near) -> Duplicates:
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
        np.concatenate([~removed, np.zeros(len(near.row), dtype=bool)]),
        near.capped,
    )
