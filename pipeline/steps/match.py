"""Match: duplicates among all documents, then among the paragraphs of those that stay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.dedup.duplicates import Duplicates, find
from pipeline.dedup.keep import order
from pipeline.dedup.texts import Texts
from pipeline.settings import DedupSettings, Settings
from pipeline.steps.sketch import left
from pipeline.work import Work

Rows = NDArray[np.int64]


class Corpus(NamedTuple):
    """What is known of all documents and paragraphs without looking at their text."""

    documents: pa.Table  # prepare's facts beside the sketch
    paragraphs: pa.Table  # doc_id, position beside the sketch
    doc_starts: Rows  # first paragraph of each document, and the end
    texts: Texts


def match(work: Work, settings: Settings) -> None:
    """Save the verdicts on all shards.

    `documents`: `doc`, `kept_doc_id`, `similarity`, `rule` (exact or near) of each duplicate;
    `paragraphs`: the same with `position` and `kept_position`; `copies`: per surviving document its
    `doc` and the list of copies (schema.COPY's fields), flat; `paragraph_copies`: `doc`, `position`,
    `n_copies`. The facts tell how many items met the cap of representatives.
    """
    corpus = _corpus(work)
    dedup = settings.dedup
    by_document = order(corpus.documents, dedup)
    documents = _documents(corpus, by_document, dedup)
    paragraphs = _paragraphs(corpus, by_document, documents, dedup)
    tables = {
        "documents": _document_verdicts(corpus, documents),
        "paragraphs": _paragraph_verdicts(corpus, paragraphs),
        "copies": _copies(corpus, documents),
        "paragraph_copies": _paragraph_copies(corpus, paragraphs),
    }
    if not work.has("match", 0):
        work.save("match", 0, tables)
    work.note("match", {"capped_documents": documents.capped, "capped_paragraphs": paragraphs.capped})


def _corpus(work: Work) -> Corpus:
    shards = work.shards()
    documents, paragraphs, texts = [], [], []
    for shard in shards:
        facts, sketches = left(work, shard, "documents"), work.load("sketch", shard, "document_sketches")
        documents.append(_beside(facts, sketches))
        prepared = left(work, shard, "paragraphs")
        owners = prepared.select(["doc", "doc_id", "position"])
        paragraphs.append(_beside(owners, work.load("sketch", shard, "paragraph_sketches")))
        texts.append(prepared["text"])
    all_paragraphs = pa.concat_tables(paragraphs)
    doc_starts = arrow.run_starts(arrow.numbers(all_paragraphs["doc"]))
    return Corpus(pa.concat_tables(documents), all_paragraphs, doc_starts, Texts(texts, doc_starts))


def _beside(left: pa.Table, right: pa.Table) -> pa.Table:
    columns = [*left.columns, *right.columns]
    return pa.Table.from_arrays(columns, names=[*left.column_names, *right.column_names])


def _documents(corpus: Corpus, by_document: Rows, dedup: DedupSettings) -> Duplicates:
    level = dedup.documents
    if level.action == "off":
        return _none()
    cap = dedup.max_representatives
    return find(corpus.documents, by_document, corpus.texts.documents, level.ngram, level.threshold, cap)


def _paragraphs(corpus: Corpus, by_document: Rows, gone: Duplicates, dedup: DedupSettings) -> Duplicates:
    level = dedup.paragraphs
    if level.action == "off":
        return _none()
    rank = np.empty(len(by_document), dtype=np.int64)
    rank[by_document] = np.arange(len(by_document))
    stays = np.ones(len(by_document), dtype=bool)
    stays[gone.row] = False
    owner = _owners(corpus)
    long_enough = arrow.numbers(corpus.paragraphs["n_words"]) >= level.min_words
    rows = np.flatnonzero(stays[owner] & long_enough)
    keep_order = rows[np.argsort(rank[owner[rows]], kind="stable")]
    cap = dedup.max_representatives
    found = find(corpus.paragraphs, keep_order, corpus.texts.paragraphs, level.ngram, level.threshold, cap)
    return _spare(found, owner, corpus.doc_starts, np.unique(gone.kept))


def _spare(found: Duplicates, owner: Rows, doc_starts: Rows, stand_for_others: Rows) -> Duplicates:
    """Return the verdicts without those that would empty a document that stands for removed copies.

    Its copies name it as the one that is kept, so it must be there. None of its paragraphs is a
    representative (all were duplicates), so sparing them touches no other verdict.
    """
    lost = np.bincount(owner[found.row], minlength=len(doc_starts) - 1)
    emptied = np.flatnonzero(lost == np.diff(doc_starts))
    left = ~np.isin(owner[found.row], np.intersect1d(emptied, stand_for_others))
    return Duplicates(found.row[left], found.kept[left], found.similarity[left], found.exact[left], found.capped)


def _owners(corpus: Corpus) -> Rows:
    """Return for each paragraph the row of its document."""
    return np.repeat(np.arange(len(corpus.doc_starts) - 1), np.diff(corpus.doc_starts))


def _none() -> Duplicates:
    rows = np.zeros(0, dtype=np.int64)
    return Duplicates(rows, rows, np.zeros(0), np.zeros(0, dtype=bool), 0)


def _document_verdicts(corpus: Corpus, found: Duplicates) -> pa.Table:
    documents = corpus.documents
    columns = {
        "doc": documents["doc"].take(pa.array(found.row)),
        "kept_doc_id": documents["doc_id"].take(pa.array(found.kept)),
        "similarity": pa.array(found.similarity),
        "rule": _rules(found),
    }
    return pa.table(columns).sort_by("doc")


def _paragraph_verdicts(corpus: Corpus, found: Duplicates) -> pa.Table:
    paragraphs = corpus.paragraphs
    row, kept = pa.array(found.row), pa.array(found.kept)
    columns = {
        "doc": paragraphs["doc"].take(row),
        "position": paragraphs["position"].take(row),
        "kept_doc_id": paragraphs["doc_id"].take(kept),
        "kept_position": paragraphs["position"].take(kept),
        "similarity": pa.array(found.similarity),
        "rule": _rules(found),
    }
    return pa.table(columns).sort_by([("doc", "ascending"), ("position", "ascending")])


def _rules(found: Duplicates) -> pa.Array:
    return pa.array(np.where(found.exact, "exact", "near").tolist(), pa.string())


def _copies(corpus: Corpus, found: Duplicates) -> pa.Table:
    documents, row = corpus.documents, pa.array(found.row)
    columns = {
        "doc": documents["doc"].take(pa.array(found.kept)),
        "doc_id": documents["doc_id"].take(row),
        "source": documents["source"].take(row),
        "similarity": pa.array(found.similarity),
    }
    return pa.table(columns).sort_by([("doc", "ascending"), ("similarity", "descending"), ("doc_id", "ascending")])


def _paragraph_copies(corpus: Corpus, found: Duplicates) -> pa.Table:
    kept, counts = np.unique(found.kept, return_counts=True)
    owners = corpus.paragraphs.select(["doc", "position"]).take(pa.array(kept))
    return owners.append_column("n_copies", pa.array(counts, pa.int32()))
