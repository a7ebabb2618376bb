"""The texts of candidates, fetched from the work directory: never the corpus as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import join_runs, one_chunk

#: Between the paragraphs of a document, here and in `documents/`.
SEPARATOR = "\n\n"


class Texts:
    """All paragraphs of the corpus, shard after shard, each shard memory-mapped."""

    def __init__(self, shards: Sequence[pa.ChunkedArray], doc_starts: NDArray[np.int64]) -> None:
        """shards: large_string, one array a shard. doc_starts: first paragraph of each document, and the end."""
        self._shards = [one_chunk(shard) for shard in shards]
        self._ends = np.cumsum([len(shard) for shard in self._shards])
        self._doc_starts = doc_starts

    def paragraphs(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the paragraphs with these numbers, in the order asked for."""
        ascending = np.argsort(rows, kind="stable")
        cuts = np.searchsorted(rows[ascending], self._ends)
        found, first, begin = [], 0, 0
        for shard, end, cut in zip(self._shards, self._ends, cuts, strict=True):
            found.append(shard.take(pa.array(rows[ascending[begin:cut]] - first)))
            first, begin = int(end), int(cut)
        back = np.empty_like(ascending)
        back[ascending] = np.arange(len(rows))
        return pa.concat_arrays(found).take(pa.array(back)) if found else pa.array([], pa.large_string())

    def documents(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the documents with these numbers, paragraphs joined by a blank line."""
        counts = self._doc_starts[rows + 1] - self._doc_starts[rows]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
        return join_runs(self.paragraphs(np.repeat(self._doc_starts[rows], counts) + within), starts, SEPARATOR)
