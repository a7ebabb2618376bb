"""Numbers of documents and paragraphs in the index, for the numbers that they have in one work directory."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.ingest.index import Index
from pipeline.ingest.states import DUPLICATE, QUOTED, SPARED, States
from pipeline.ingest.views import View, batch
from pipeline.steps.sketch import left

Ids = NDArray[np.int64]


class Numbering(NamedTuple):
    """Documents and paragraphs that a search saw: those of the batch, then those of the past."""

    doc: Ids  #: in the work directory, ascending
    document: Ids  #: in the index
    doc_ids: pa.Array
    place: Ids  #: doc and position of each paragraph in one number, ascending
    paragraph: Ids  #: in the index

    def documents(self, doc: Ids) -> Ids:
        """Return the numbers in the index of documents of the work directory."""
        return self.document[np.searchsorted(self.doc, doc)]

    def named(self, doc_ids: pa.ChunkedArray) -> Ids:
        """Return `doc` of the documents with these ids."""
        return np.asarray(self.doc[pc.index_in(doc_ids, self.doc_ids).to_numpy()])

    def paragraphs(self, doc: Ids, position: Ids) -> Ids:
        """Return the numbers in the index of paragraphs of the work directory."""
        return self.paragraph[np.searchsorted(self.place, places(doc, position))]


def places(doc: Ids, position: Ids) -> Ids:
    """Return one ascending number a paragraph: doc, and position (31 bits)."""
    return (doc.astype(np.int64) << np.int64(31)) | position.astype(np.int64)


def numbering(seen: View, index: Index, past: Ids) -> Numbering:
    """Return the numbering of the shards seen; past: documents of the shard of the past, in its order."""
    documents = [left(seen, shard, "documents").select(["doc", "doc_id"]) for shard in seen.shards()]
    owned = [left(seen, shard, "paragraphs").select(["doc", "position"]) for shard in seen.shards()]
    table, paragraphs = pa.concat_tables(documents), pa.concat_tables(owned)
    own = sum(each.num_rows for each in documents[: len(batch(seen))])
    rows = sum(each.num_rows for each in owned[: len(batch(seen))])
    of_past = _in_order(index, past)
    return Numbering(
        arrow.numbers(table["doc"]),
        np.concatenate([index.n_documents + np.arange(own), past]),
        arrow.one_chunk(table["doc_id"]),
        places(arrow.numbers(paragraphs["doc"]), arrow.numbers(paragraphs["position"])),
        np.concatenate([index.n_paragraphs + np.arange(rows), of_past]),
    )


def _in_order(index: Index, documents: Ids) -> Ids:
    """Return the paragraphs of documents that are made of ascending parts."""
    cuts = [0, *(np.flatnonzero(np.diff(documents) < 0) + 1).tolist(), len(documents)]
    parts = [index.paragraphs_of(documents[begin:end]) for begin, end in itertools.pairwise(cuts)]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def document_states(seen: View, of: Numbering) -> States:
    """Return what `match` found among documents, by id; what is not named stays."""
    table = _copies(seen.load("match", 0, "documents"))
    ids = of.documents(arrow.numbers(table["doc"]))
    kept = of.documents(of.named(table["kept_doc_id"]))
    return _duplicates(ids, kept, arrow.numbers(table["similarity"]), DUPLICATE)


def paragraph_states(seen: View, of: Numbering) -> States:
    """Return what `match` found among paragraphs, by id; what is not named stays, and is a representative."""
    parts = []
    for name, state in (("paragraphs", DUPLICATE), ("spared", SPARED)):
        table = _copies(seen.load("match", 0, name))
        quoted = pc.equal(table["rule"], "kept_quote").to_numpy()
        ids = of.paragraphs(arrow.numbers(table["doc"]), arrow.numbers(table["position"]))
        kept = of.paragraphs(of.named(table["kept_doc_id"]), arrow.numbers(table["kept_position"]))
        found = _duplicates(ids, kept, arrow.numbers(table["similarity"]), np.where(quoted, QUOTED, state))
        parts.append(found)
    return _sorted(States._make(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _copies(verdicts: pa.Table) -> pa.Table:
    """Return the verdicts by which an item repeats another."""
    return verdicts.filter(pc.is_in(verdicts["rule"], pa.array(["exact", "near", "kept_quote"])))


def _duplicates(ids: Ids, kept: Ids, similarity: NDArray[np.float64], state: NDArray[np.int64] | int) -> States:
    return _sorted(States(ids, np.broadcast_to(np.asarray(state, np.uint8), len(ids)), kept, similarity))


def _sorted(found: States) -> States:
    order = np.argsort(found.id)
    return States._make(column[order] for column in found)
