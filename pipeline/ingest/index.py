"""The index of a dataset: all documents that ever came in, to be found by id, source, site, band and exact key.

index/index.json          provenance, counts, how many batches
index/inputs.arrow        what was read: see plan.py
index/learned.arrow       boilerplate rules learned so far
index/columns.arrow       the user's own columns: a table without rows
index/segments/<first batch>-<last batch>/    see segments.py
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.arrow import text_view
from pipeline.ingest import segments, states
from pipeline.ingest.segments import Segment
from pipeline.ingest.states import States
from pipeline.kernels.tokens import text_hashes
from pipeline.steps import extra

Ids = NDArray[np.int64]
Keys = NDArray[np.uint64]

FOLDER = "index"
FACTS = "index.json"


class Entry(NamedTuple):
    """What the index knows of some documents; `documents` and `extra` row for row."""

    documents: pa.Table
    extra: pa.Table
    paragraphs: pa.Table  #: with `id`, the number of the paragraph, and `suspect`
    document_sketches: pa.Table
    paragraph_sketches: pa.Table


@dataclass(frozen=True)
class Index:
    """An index on disk, or, with `folder` None, the index of nothing."""

    folder: Path | None

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Return index.json."""
        if self.folder is None:
            return {"batches": 0}
        found: dict[str, Any] = json.loads((self.folder / FACTS).read_text())
        return found

    @cached_property
    def segments(self) -> list[Segment]:
        """Return the segments, oldest first."""
        if self.folder is None:
            return []
        return [Segment(path) for path in sorted((self.folder / "segments").iterdir())]

    def table(self, name: str, schema: pa.Schema) -> pa.Table:
        """Return one of the small tables beside the segments."""
        return schema.empty_table() if self.folder is None else arrow.read_file(self.folder / f"{name}.arrow")

    @property
    def n_documents(self) -> int:
        """Return how many documents are numbered."""
        last = self.segments[-1].extent if self.segments else None
        return last.first_document + last.documents if last else 0

    @property
    def n_paragraphs(self) -> int:
        """Return how many paragraphs are numbered."""
        last = self.segments[-1].extent if self.segments else None
        return last.first_paragraph + last.paragraphs if last else 0

    def find(self, names: Sequence[str], keys: Keys) -> Ids:
        """Return the ids, ascending, that one of these lookups has under one of the keys."""
        sought = np.unique(keys)
        found = [segment.lookup(name).find(sought) for segment in self.segments for name in names]
        ids: Ids = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
        return ids

    def newest(self, keys: Keys, most: int) -> Ids:
        """Return of the ids under each key of `names` the last `most`, all ascending."""
        sought, left = np.unique(keys), np.full(len(np.unique(keys)), most, np.int64)
        found: list[Ids] = [np.zeros(0, np.int64)]
        for segment in reversed(self.segments):
            lookup = segment.lookup("names")
            first, last = lookup.ranges(sought)
            first = np.maximum(first, last - left)
            left -= last - first
            found += [np.asarray(lookup.ids[a:b]) for a, b in zip(first.tolist(), last.tolist(), strict=True) if b > a]
        return np.unique(np.concatenate(found))

    def states(self, level: str, ids: Ids) -> States:
        """Return what became of documents, or of paragraphs."""
        return states.look_up([segment.states(level) for segment in self.segments], ids)

    def entry(self, documents: Ids) -> Entry:
        """Return all that is known of these documents, in ascending order of `documents`."""
        numbers = self.paragraphs_of(documents)
        texts = self.take("paragraphs", numbers).append_column("id", pa.array(numbers))
        return Entry(
            self.take("documents", documents),
            self.take("extra", documents),
            texts,
            self.take("document_sketches", documents),
            self.take("paragraph_sketches", numbers),
        )

    def take(self, store: str, ids: Ids) -> pa.Table:
        """Return rows of a store by the numbers of their documents or paragraphs, ascending."""
        paragraphs = store.startswith("paragraph")
        stores = [segment.store(store) for segment in self.segments]
        schema = segments.schema(store, stores)
        parts = [schema.empty_table()]
        for segment, rows in zip(self.segments, stores, strict=True):
            first, n = _range(segment, paragraphs)
            here = ids[(ids >= first) & (ids < first + n)]
            if len(here):
                parts.append(extra.conform(rows.take(here - first), schema, len(here)))
        return pa.concat_tables(parts).combine_chunks()

    def paragraphs_of(self, documents: Ids) -> Ids:
        """Return the numbers of the paragraphs of these documents, in their order."""
        first, last = np.zeros(len(documents), np.int64), np.zeros(len(documents), np.int64)
        for segment in self.segments:
            extent, starts = segment.extent, segment.starts()
            here = (documents >= extent.first_document) & (documents < extent.first_document + extent.documents)
            at = documents[here] - extent.first_document
            first[here], last[here] = starts[at], starts[at + 1]
        sizes = last - first
        return np.repeat(first - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())

    def owners(self, paragraphs: Ids) -> Ids:
        """Return the document of each paragraph."""
        found = np.zeros(len(paragraphs), np.int64)
        for segment in self.segments:
            extent = segment.extent
            here = (paragraphs >= extent.first_paragraph) & (paragraphs < extent.first_paragraph + extent.paragraphs)
            at = np.searchsorted(segment.starts(), paragraphs[here], side="right") - 1
            found[here] = extent.first_document + at
        return found


def _range(segment: Segment, paragraphs: bool) -> tuple[int, int]:
    extent = segment.extent
    if paragraphs:
        return extent.first_paragraph, extent.paragraphs
    return extent.first_document, extent.documents


def name_keys(kind: str, values: pa.Array | pa.ChunkedArray) -> Keys:
    """Return the keys of lookup `names` for ids ("id"), sources ("source") or sites ("site")."""
    salted = pc.binary_join_element_wise(kind, arrow.large_strings(values).cast(pa.string()), "\0")
    return text_hashes(*text_view(arrow.large_strings(salted))).astype(np.uint64)


def sketch_keys(sketches: pa.Table, ngram: int, chosen: NDArray[np.bool_] | None = None) -> tuple[Keys, Ids]:
    """Return (keys, row of each): what rows that share a band or their words share. None for rows without a word.

    sketches: as `dedup.sketch.sketch` returns them. chosen: which rows are looked at, None for all.
    """
    n_words = arrow.numbers(sketches["n_words"])
    some = n_words > 0 if chosen is None else chosen & (n_words > 0)
    words, shingled = np.flatnonzero(some), np.flatnonzero(some & (n_words >= ngram))
    bands = [name for name in sketches.column_names if name.startswith("band_")]
    keys = [arrow.numbers(sketches["key_0"])[words], *(arrow.numbers(sketches[name])[shingled] for name in bands)]
    return np.concatenate(keys), np.concatenate([words, *([shingled] * len(bands))])
