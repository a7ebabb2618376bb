"""Which copy stays: a total order over documents, declared as a list of criteria."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.settings import DedupSettings

_SORT = {
    "source_priority": ("priority", "ascending"),
    "earliest": ("date", "ascending"),
    "latest": ("date", "descending"),
    "longest": ("n_chars", "descending"),
    "least_damaged": ("damage", "ascending"),
    "lowest_id": ("doc_id", "ascending"),
}


def order(documents: pa.Table, settings: DedupSettings) -> NDArray[np.int64]:
    """Return the rows of `documents`, the one to keep first; shape (documents,).

    documents: columns `doc_id`, `source`, `date` (timestamp, null: after all dates), `n_chars`,
    `damage` (number of encoding repairs); where there is a `batch`, it goes before all criteria, null: after
    all batches. The id is always the last criterion, so that the order
    depends on nothing but the documents themselves.
    """
    priority = pa.array(_priorities(documents["source"], settings.source_priority), pa.int64())
    keys = [("batch", "ascending")] if "batch" in documents.column_names else []
    keys += [_SORT[criterion] for criterion in (*settings.keep, "lowest_id")]
    table = documents.append_column("priority", priority)
    return np.asarray(pc.sort_indices(table, sort_keys=list(dict.fromkeys(keys))), dtype=np.int64)


def _priorities(sources: pa.ChunkedArray, patterns: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the number of the first pattern that each source matches; none: after all."""
    encoded = pc.dictionary_encode(sources).combine_chunks()
    best = [
        next((i for i, pattern in enumerate(patterns) if fnmatchcase(source, pattern)), len(patterns))
        for source in encoded.dictionary.to_pylist()
    ]
    priorities: NDArray[np.int64] = np.array(best, dtype=np.int64)[encoded.indices.to_numpy()]
    return priorities
