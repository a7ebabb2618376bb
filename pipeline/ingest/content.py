"""What a shard of the batch, and what changed of the past, add to the index."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.boilerplate.sites import names
from pipeline.ingest.index import Index, name_keys, sketch_keys
from pipeline.ingest.lookups import Lookup
from pipeline.ingest.numbering import places
from pipeline.ingest.segments import LOOKUPS, Content, Extent
from pipeline.ingest.states import DUPLICATE, EMPTIED, KEPT, QUOTED, SPARED, States, look_up, newest
from pipeline.ingest.views import View
from pipeline.schema import RAW
from pipeline.settings import Settings
from pipeline.steps.intake import user_columns
from pipeline.steps.prepare import DOCUMENT
from pipeline.steps.sketch import left

Ids = NDArray[np.int64]

#: Beside the user's columns, for a table without columns has no rows.
EXTRA_ID = "corpusmill.doc"
#: What is kept of a paragraph.
PARAGRAPHS = ["doc", "doc_id", "position", "text", "suspect"]


class Found(NamedTuple):
    """What the search found of documents and of paragraphs, by id."""

    documents: States
    paragraphs: States


def of_shard(own: View, settings: Settings, shard: int, extent: Extent, batch: int, found: Found) -> Content:
    """Return what the shard adds. extent: which numbers its documents and paragraphs take."""
    documents = left(own, shard, "documents")
    paragraphs = left(own, shard, "paragraphs")
    ids = extent.first_document + np.arange(documents.num_rows)
    starts = extent.first_paragraph + arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    stores = _stores(own, shard, documents, paragraphs, ids, starts, batch)
    states = newest([_emptied(own, shard, documents, ids), _range(found.documents, ids)])
    told = _range(found.paragraphs, np.arange(starts[0], starts[-1]))
    pairs = {"names": _names(documents, ids)}
    pairs |= pairs_of_documents(stores["document_sketches"], look_up([states], ids), settings)
    owner = np.repeat(look_up([states], ids).state, np.diff(starts))
    numbers = np.arange(starts[0], starts[-1])
    pairs |= pairs_of_paragraphs(stores["paragraph_sketches"], look_up([told], numbers), owner, settings)
    return Content(extent, stores, starts, pairs, {"documents": states, "paragraphs": told})


def of_changes(index: Index, settings: Settings, end: Extent, found: Found, like: Content) -> Content:
    """Return what changed of the past: states, and pairs of what stands again. like: a content of the same batch."""
    documents = found.documents.where(np.isin(found.documents.state, (KEPT, EMPTIED)))
    paragraphs = found.paragraphs.where(np.isin(found.paragraphs.state, (KEPT,)))
    owner = look_up([found.documents], index.owners(paragraphs.id)).state
    pairs = dict.fromkeys(LOOKUPS, _none())
    if index.n_documents:
        sketches = index.take("document_sketches", documents.id), index.take("paragraph_sketches", paragraphs.id)
        pairs |= pairs_of_documents(sketches[0], documents, settings)
        pairs |= pairs_of_paragraphs(sketches[1], paragraphs, owner, settings)
    stores = {name: table.slice(0, 0) for name, table in like.stores.items()}
    return Content(end, stores, np.array([end.first_paragraph]), pairs, found._asdict())


def pairs_of_documents(sketches: pa.Table, states: States, settings: Settings) -> dict[str, Lookup]:
    """Return the pairs of documents with these sketches and states."""
    level = settings.dedup.documents
    keys, rows = sketch_keys(sketches, level.ngram)
    off = level.action == "off"
    return _pairs("documents", keys, rows, states, off)


def pairs_of_paragraphs(
    sketches: pa.Table, states: States, owners: NDArray[np.uint8], settings: Settings
) -> dict[str, Lookup]:
    """Return the pairs of the paragraphs of documents that are no duplicates; owners: state of each one's document."""
    level = settings.dedup.paragraphs
    chosen = (arrow.numbers(sketches["n_words"]) >= level.min_words) & np.isin(owners, (KEPT, EMPTIED))
    keys, rows = sketch_keys(sketches, level.ngram, chosen)
    return _pairs("paragraphs", keys, rows, states, level.action == "off")


def _pairs(level: str, keys: Any, rows: Ids, states: States, off: bool) -> dict[str, Lookup]:
    if off:
        return {f"{level}_standing": _none(), f"{level}_gone": _none()}
    gone = np.isin(states.state[rows], (DUPLICATE, SPARED, QUOTED))
    return {
        f"{level}_standing": Lookup(keys[~gone], states.id[rows[~gone]]),
        f"{level}_gone": Lookup(keys[gone], states.id[rows[gone]]),
    }


def _none() -> Lookup:
    return Lookup(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def _names(documents: pa.Table, ids: Ids) -> Lookup:
    keys = [name_keys("id", documents["doc_id"]), name_keys("source", documents["source"])]
    keys.append(name_keys("site", names(documents)))
    return Lookup(np.concatenate(keys), np.tile(ids, 3))


def _stores(
    own: View, shard: int, documents: pa.Table, paragraphs: pa.Table, ids: Ids, starts: Ids, batch: int
) -> dict[str, pa.Table]:
    docs = arrow.numbers(documents["doc"])
    sketches = own.load("sketch", shard, "document_sketches")
    first = own.load("read", shard, "documents")["doc"]
    rows = docs - first[0].as_py() if len(docs) else docs
    facts = documents.select(DOCUMENT).set_column(0, RAW.field("doc"), pa.array(ids))
    facts = facts.append_column("n_chars", sketches["n_chars"])
    facts = facts.append_column("batch", pa.repeat(pa.scalar(batch, pa.int32()), len(ids)))
    theirs = user_columns(own, shard, rows)
    numbered = {name: theirs[name] for name in theirs.column_names} | {EXTRA_ID: pa.array(ids)}
    suspect = own.load("prepare", shard, "suspect")
    marked = np.isin(_places(paragraphs), _places(suspect))
    texts = paragraphs.set_column(0, RAW.field("doc"), pa.array(np.repeat(ids, np.diff(starts))))
    texts = texts.append_column("suspect", pa.array(marked)).select(PARAGRAPHS)
    return {
        "documents": facts,
        "extra": pa.table(numbered),
        "paragraphs": texts,
        "document_sketches": sketches.drop_columns(["n_chars"]),
        "paragraph_sketches": own.load("sketch", shard, "paragraph_sketches"),
    }


def _places(table: pa.Table) -> Ids:
    return places(arrow.numbers(table["doc"]), arrow.numbers(table["position"]))


def _emptied(own: View, shard: int, documents: pa.Table, ids: Ids) -> States:
    """Return the documents that `finish` did not write as emptied; duplicates go before."""
    written = pq.read_table(own.folder("finish", shard) / "documents.parquet", columns=["doc_id"])["doc_id"]
    there = pc.is_in(documents["doc_id"], arrow.one_chunk(written)).to_numpy()
    return States.of(ids[~there], EMPTIED)


def _range(states: States, ids: Ids) -> States:
    if not len(ids):
        return states.where(np.zeros(len(states.id), bool))
    return states.where((states.id >= ids[0]) & (states.id <= ids[-1]))
