"""Segments of the index: what one batch, or several that were merged, added to the past. Never changed.

Documents and paragraphs are numbered as they come, over all batches; a segment holds a range of both. What it says of
earlier ones (states, pairs of lookups) goes before what earlier segments say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.ingest import lookups, rows, states
from pipeline.ingest.lookups import Lookup
from pipeline.ingest.rows import Rows
from pipeline.ingest.states import States
from pipeline.steps import extra

Ids = NDArray[np.int64]

#: Stores of a segment, and whether they are compressed. Hashes do not compress.
STORES = {
    "documents": True,
    "extra": True,
    "paragraphs": True,
    "document_sketches": False,
    "paragraph_sketches": False,
}
#: Lookups of a segment. `names`: hashes of ids, sources and sites of documents; `…_standing`: bands and exact keys of
#: representatives, `…_gone` of what repeats them, as things stood when the segment was written.
LOOKUPS = ("names", "documents_standing", "documents_gone", "paragraphs_standing", "paragraphs_gone")
LEVELS = ("documents", "paragraphs")
_FACTS = "segment.json"


@dataclass(frozen=True)
class Extent:
    """Which documents and paragraphs a segment holds, and of how many merges it is the result."""

    first_document: int
    documents: int
    first_paragraph: int
    paragraphs: int
    level: int = 0


@dataclass(frozen=True)
class Content:
    """What a segment is written from. Tables of `stores` are row for row the documents, or the paragraphs."""

    extent: Extent
    stores: Mapping[str, pa.Table]
    starts: Ids  #: number of the first paragraph of each document, and the end
    pairs: Mapping[str, Lookup]  #: of each lookup, in any order
    states: Mapping[str, States]  #: of each level, by id


@dataclass(frozen=True)
class Segment:
    """One segment on disk."""

    path: Path

    @cached_property
    def extent(self) -> Extent:
        """Return which rows it holds."""
        return Extent(**json.loads((self.path / _FACTS).read_text()))

    def store(self, name: str) -> Rows:
        """Return one of STORES."""
        return Rows(self.path / f"{name}.arrow")

    def lookup(self, name: str) -> Lookup:
        """Return one of LOOKUPS."""
        return lookups.open_lookup(self.path, name)

    def states(self, level: str) -> States:
        """Return what it says of documents, or of paragraphs, of any segment."""
        return states.of_table(arrow.read_file(self.path / f"{level}_states.arrow"))

    def starts(self) -> Ids:
        """Return the number of the first paragraph of each of its documents, and the end."""
        return np.load(self.path / "starts.npy", mmap_mode="r")  # type: ignore[no-any-return]


def write(path: Path, content: Content) -> Segment:
    """Write a segment into the new folder `path`."""
    path.mkdir(parents=True)
    for name, compressed in STORES.items():
        table = content.stores[name]
        rows.write(path / f"{name}.arrow", [table], table.schema, compressed=compressed)
    np.save(path / "starts.npy", content.starts)
    for name in LOOKUPS:
        lookups.write(path, name, *content.pairs[name])
    for level in LEVELS:
        arrow.write_file(path / f"{level}_states.arrow", content.states[level].table())
    (path / _FACTS).write_text(json.dumps(asdict(content.extent)))
    return Segment(path)


def merge(segments: Sequence[Segment], path: Path, level: int) -> Segment:
    """Write adjacent segments, oldest first, as one into the new folder `path`, a stretch at a time."""
    path.mkdir(parents=True)
    for name, compressed in STORES.items():
        stores = [segment.store(name) for segment in segments]
        common = schema(name, stores)
        rows.write(path / f"{name}.arrow", _all(stores, common), common, compressed=compressed)
    starts = [np.asarray(segment.starts())[:-1] for segment in segments]
    np.save(path / "starts.npy", np.concatenate([*starts, segments[-1].starts()[-1:]]))
    for name in LOOKUPS:
        lookups.merge([segment.lookup(name) for segment in segments], path, name)
    for which in LEVELS:
        said = states.newest([segment.states(which) for segment in segments])
        arrow.write_file(path / f"{which}_states.arrow", said.table())
    extents = [segment.extent for segment in segments]
    extent = Extent(
        extents[0].first_document,
        sum(each.documents for each in extents),
        extents[0].first_paragraph,
        sum(each.paragraphs for each in extents),
        level,
    )
    (path / _FACTS).write_text(json.dumps(asdict(extent)))
    return Segment(path)


def schema(name: str, stores: Sequence[Rows]) -> pa.Schema:
    """Return the schema of one of STORES in several segments: the user's columns may differ, the others do not."""
    return extra.unify([store.schema for store in stores]) if name == "extra" else stores[0].schema


def _all(stores: Sequence[Rows], schema: pa.Schema) -> Iterator[pa.Table]:
    for store in stores:
        for table in store.tables():
            yield extra.conform(table, schema, table.num_rows)
