"""What a search changed of the past: states before and after, and the ledger rows that say so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow, ledger
from pipeline.ingest.content import Found
from pipeline.ingest.index import Index
from pipeline.ingest.numbering import Numbering, document_states, numbering, paragraph_states
from pipeline.ingest.search import Touched, touched
from pipeline.ingest.states import DUPLICATE, EMPTIED, KEPT, States, look_up, newest
from pipeline.ingest.views import TOUCHED, view
from pipeline.work import Work

Ids = NDArray[np.int64]


def found_of(work: Work, index: Index) -> tuple[Found, Numbering, Touched]:
    """Return what the search found of batch and past, the numbering it went by, and what took part."""
    took = touched(work)
    seen = view(work, [TOUCHED])
    of = numbering(seen, index, took.taking.documents)
    return Found(document_states(seen, of), paragraph_states(seen, of)), of, took


def examined_states(index: Index, found: Found, took: Touched, rows: pa.Table) -> Found:
    """Return the states of the documents that were examined, and of their paragraphs that took part.

    rows: of `documents/`, as `finish` wrote them.
    """
    ids = np.sort(took.taking.documents[: took.examined])
    there = pc.is_in(index.take("documents", ids)["doc_id"], arrow.one_chunk(rows["doc_id"])).to_numpy()
    plain = States.of(ids, KEPT)
    plain.state[~there] = EMPTIED
    own = found.documents.where(np.isin(found.documents.id, ids))
    numbers = np.intersect1d(took.taking.paragraphs, index.paragraphs_of(ids))
    told = found.paragraphs.where(np.isin(found.paragraphs.id, numbers))
    return Found(newest([plain, own]), newest([States.of(numbers), told]))


class Past(NamedTuple):
    """The documents that were examined, before and after."""

    ids: pa.Table  #: `id`, `doc_id`
    paragraphs: pa.Table  #: `id`, `doc_id`, `position` of those that took part
    old: Found
    new: Found


def entries(index: Index, past: Past, written: pa.Table) -> pa.Table:
    """Return ledger rows of what changed. written: those of `finish`, which tell of all that was examined."""
    documents = _changed_documents(past, written)
    paragraphs = _changed_paragraphs(past, written)
    return pa.concat_tables([documents, paragraphs, _restored(index, past)])


def _changed_documents(past: Past, written: pa.Table) -> pa.Table:
    """Return the rows on whole documents that say something new."""
    rows = written.filter(pc.is_null(written["position"]))
    at = pc.index_in(rows["doc_id"], arrow.one_chunk(past.ids["doc_id"]))
    rows, at = rows.filter(pc.is_valid(at)), at.drop_null().to_numpy()
    old, new = past.old.documents, past.new.documents
    news = (old.state != new.state) | (old.kept != new.kept)
    of_copies = np.isin(rows["rule"].to_pylist(), ("exact", "near"))
    rules = np.array(rows["rule"].to_pylist(), dtype=object)
    rules[of_copies & (old.state[at] == KEPT)] = "replaced"
    rows = rows.set_column(rows.schema.get_field_index("rule"), rows.schema.field("rule"), pa.array(rules, pa.string()))
    return rows.filter(pa.array(news[at]))


def _changed_paragraphs(past: Past, written: pa.Table) -> pa.Table:
    """Return the rows on paragraphs that say something new."""
    old, new = past.old.paragraphs, past.new.paragraphs
    news = (old.state != new.state) | (old.kept != new.kept)
    changed = past.paragraphs.filter(pa.array(news))
    rows = written.filter(pc.is_valid(written["position"]))
    back = past.ids.filter(pa.array((past.old.documents.state != KEPT) & (past.new.documents.state == KEPT)))
    empty = past.ids.filter(pa.array((past.old.documents.state == KEPT) & (past.new.documents.state == EMPTIED)))
    whole = pc.is_in(rows["doc_id"], arrow.one_chunk(back["doc_id"]))
    cut = pc.and_(pc.is_in(rows["doc_id"], arrow.one_chunk(empty["doc_id"])), pc.equal(rows["rule"], "too_little_left"))
    copies = pc.and_(_named(rows, changed), pc.is_in(rows["rule"], pa.array(["exact", "near"])))
    return rows.filter(pc.or_(pc.or_(whole, cut), copies))


def _named(rows: pa.Table, among: pa.Table) -> pa.Array:
    """Return which rows are about paragraphs that are among others."""
    return pc.is_in(_spelt(rows), _spelt(among))


def _spelt(table: pa.Table) -> pa.Array:
    position = arrow.one_chunk(table["position"]).cast(pa.string())
    return pc.binary_join_element_wise(position, arrow.one_chunk(table["doc_id"]), " ")


def _restored(index: Index, past: Past) -> pa.Table:
    """Return rows for the documents and paragraphs that were removed and stand again."""
    old, new = past.old.documents, past.new.documents
    back = past.ids.filter(pa.array((old.state != KEPT) & (new.state == KEPT)))
    columns = {"rule": "restored", "doc_id": back["doc_id"]}
    documents = ledger.entries("ingest", "restore", columns, back.num_rows)
    was, stands = past.old.paragraphs, past.new.paragraphs
    owner = index.owners(was.id)
    counted = look_up([old], owner).state != DUPLICATE  # of a document that went as a whole, nothing else was said
    again = past.paragraphs.filter(pa.array((was.state == DUPLICATE) & (stands.state != DUPLICATE) & counted))
    columns = {"rule": "restored", "doc_id": again["doc_id"], "position": again["position"]}
    return pa.concat_tables([documents, ledger.entries("ingest", "restore", columns, again.num_rows)])
