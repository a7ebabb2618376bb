"""The texts of candidates, fetched from the work directory: never the corpus as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import one_chunk, text_view
from pipeline.kernels.gather import gather, joined_sizes

#: Between the paragraphs of a document, here and in `documents/`.
SEPARATOR = "\n\n"
Rows = NDArray[np.int64]
#: Given row numbers, returns their texts (large_string) in that order.
Fetch = Callable[[Rows], pa.Array]
Shard: TypeAlias = pa.ChunkedArray | Callable[[], pa.Array]


class Texts:
    """All paragraphs of the corpus, shard after shard, each shard memory-mapped."""

    def __init__(self, shards: Sequence[Shard], doc_starts: Rows, sizes: Sequence[int] | None = None) -> None:
        """shards: large_string, one array a shard, or what opens it: then its pages are let go after each fetch.

        doc_starts: first paragraph of each document, and the end; a document lies within one shard. sizes:
        paragraphs of each shard, where that is known without opening it.
        """
        self._shards = shards
        self._ends = np.cumsum(sizes if sizes is not None else [len(_open(shard)) for shard in shards], dtype=np.int64)
        self._doc_starts = doc_starts

    def paragraphs(self, rows: Rows) -> pa.Array:
        """Return the paragraphs with these numbers, in the order asked for."""
        return self._runs(rows, rows + 1)

    def documents(self, rows: Rows) -> pa.Array:
        """Return the documents with these numbers, paragraphs joined by a blank line."""
        return self._runs(self._doc_starts[rows], self._doc_starts[rows + 1])

    def _runs(self, begins: Rows, ends: Rows) -> pa.Array:
        """Return one text a run of paragraphs, joined."""
        separator = np.frombuffer(SEPARATOR.encode(), dtype=np.uint8)
        opened = [(runs, first, text_view(one_chunk(_open(shard)))) for runs, first, shard in self._by_shard(begins)]
        offsets = np.zeros(len(begins) + 1, dtype=np.int64)
        for runs, first, (_, bounds) in opened:
            offsets[runs + 1] = joined_sizes(bounds, begins[runs] - first, ends[runs] - first, len(separator))
        np.cumsum(offsets, out=offsets)
        data = np.empty(int(offsets[-1]), dtype=np.uint8)
        for runs, first, view in opened:
            gather(*view, begins[runs] - first, ends[runs] - first, separator, offsets[runs], data)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.large_string(), len(begins), buffers)

    def _by_shard(self, begins: Rows) -> Iterator[tuple[Rows, int, Shard]]:
        """Yield (runs that lie in a shard, number of its first paragraph, the shard); none for shards without."""
        ascending = np.argsort(begins, kind="stable")
        cuts = np.searchsorted(begins[ascending], self._ends)
        first, begin = 0, 0
        for shard, end, cut in zip(self._shards, self._ends, cuts, strict=True):
            if cut > begin:
                yield ascending[begin:cut], first, shard
            first, begin = int(end), int(cut)


def _open(shard: Shard) -> pa.ChunkedArray | pa.Array:
    return shard() if callable(shard) else shard
