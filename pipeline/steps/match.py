"""Match: duplicates among all documents, then among the paragraphs of those that stay."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.dedup.duplicates import Duplicates, find
from pipeline.dedup.keep import order
from pipeline.dedup.memory import budget
from pipeline.dedup.sketches import Sketches
from pipeline.dedup.texts import Fetch, Texts
from pipeline.settings import DedupSettings, DocumentDedup, ParagraphDedup, Settings
from pipeline.steps.sketch import left
from pipeline.work import Work

Rows = NDArray[np.int64]
Level = DocumentDedup | ParagraphDedup


class Corpus(NamedTuple):
    """What is known of all documents and paragraphs without looking at their text."""

    documents: pa.Table  # prepare's facts, and n_chars
    paragraphs: pa.Table  # doc, doc_id, position
    document_sketches: Sketches
    paragraph_sketches: Sketches
    doc_starts: Rows  # first paragraph of each document, and the end
    texts: Texts
    folder: Path  # for what does not fit into memory


def match(work: Work, settings: Settings) -> None:
    """Save the verdicts on all shards.

    `documents`: `doc`, `kept_doc_id`, `similarity`, `rule` (exact or near) of each duplicate;
    `paragraphs`: the same with `position` and `kept_position`; `copies`: per surviving document its
    `doc` and the list of copies (schema.COPY's fields), flat; `paragraph_copies`: `doc`, `position`,
    `n_copies`; `spared`: as `paragraphs`, those that stay lest a document that stands for others be empty.
    The facts tell how many items met the cap of representatives.
    """
    corpus = _corpus(work)
    dedup = settings.dedup
    by_document = order(corpus.documents, dedup)
    documents = _documents(corpus, by_document, dedup)
    paragraphs, spared = _paragraphs(corpus, by_document, documents, dedup)
    tables = {
        "documents": _document_verdicts(corpus, documents),
        "paragraphs": _paragraph_verdicts(corpus, paragraphs),
        "spared": _paragraph_verdicts(corpus, spared),
        "copies": _copies(corpus, documents),
        "paragraph_copies": _paragraph_copies(corpus, paragraphs),
    }
    if not work.has("match", 0):
        work.save("match", 0, tables)
    work.note("match", {"capped_documents": documents.capped, "capped_paragraphs": paragraphs.capped})


def _corpus(work: Work) -> Corpus:
    shards = work.shards()
    documents = [_document_facts(work, shard) for shard in shards]
    owners = [left(work, shard, "paragraphs").select(["doc", "doc_id", "position"]) for shard in shards]
    paragraphs = pa.concat_tables(owners)
    doc_starts = arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    texts = [partial(_texts, work, shard) for shard in shards]
    return Corpus(
        pa.concat_tables(documents, promote_options="default"),  # those of the past have `batch` too, see ingest
        paragraphs,
        Sketches([partial(work.load, "sketch", shard, "document_sketches") for shard in shards]),
        Sketches([partial(work.load, "sketch", shard, "paragraph_sketches") for shard in shards]),
        doc_starts,
        Texts(texts, doc_starts, [owner.num_rows for owner in owners]),
        work.root,
    )


def _document_facts(work: Work, shard: int) -> pa.Table:
    sizes = work.load("sketch", shard, "document_sketches")["n_chars"]
    return left(work, shard, "documents").append_column("n_chars", sizes)


def _texts(work: Work, shard: int) -> pa.ChunkedArray:
    return left(work, shard, "paragraphs")["text"]


def _find(
    sketches: Sketches, keep_order: Rows, fetch: Fetch, level: Level, corpus: Corpus, dedup: DedupSettings
) -> Duplicates:
    cap, memory = dedup.max_representatives, budget(dedup.memory)
    return find(sketches, keep_order, fetch, level.ngram, level.threshold, cap, memory, corpus.folder)


def _documents(corpus: Corpus, by_document: Rows, dedup: DedupSettings) -> Duplicates:
    level = dedup.documents
    if level.action == "off":
        return _none()
    return _find(corpus.document_sketches, by_document, corpus.texts.documents, level, corpus, dedup)


def _paragraphs(
    corpus: Corpus, by_document: Rows, gone: Duplicates, dedup: DedupSettings
) -> tuple[Duplicates, Duplicates]:
    """Return the duplicates that go, and those that `_spare` lets stay."""
    level = dedup.paragraphs
    if level.action == "off":
        return _none(), _none()
    rank = np.empty(len(by_document), dtype=np.int64)
    rank[by_document] = np.arange(len(by_document))
    stays = np.ones(len(by_document), dtype=bool)
    stays[gone.row] = False
    owner = _owners(corpus)
    long_enough = corpus.paragraph_sketches.column("n_words", np.int64) >= level.min_words
    rows = np.flatnonzero(stays[owner] & long_enough)
    keep_order = rows[np.argsort(rank[owner[rows]], kind="stable")]
    found = _find(corpus.paragraph_sketches, keep_order, corpus.texts.paragraphs, level, corpus, dedup)
    return _spare(found, owner, corpus.doc_starts, np.unique(gone.kept))


def _spare(found: Duplicates, owner: Rows, doc_starts: Rows, stand_for_others: Rows) -> tuple[Duplicates, Duplicates]:
    """Return the verdicts without those, and those, that would empty a document that stands for removed copies.

    Its copies name it as the one that is kept, so it must be there. None of its paragraphs is a
    representative (all were duplicates), so sparing them touches no other verdict.
    """
    lost = np.bincount(owner[found.row], minlength=len(doc_starts) - 1)
    emptied = np.flatnonzero(lost == np.diff(doc_starts))
    left = ~np.isin(owner[found.row], np.intersect1d(emptied, stand_for_others))
    return _some(found, left), _some(found, ~left)


def _some(found: Duplicates, chosen: NDArray[np.bool_]) -> Duplicates:
    row, kept, similarity, exact, capped = found
    return Duplicates(row[chosen], kept[chosen], similarity[chosen], exact[chosen], capped)


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
