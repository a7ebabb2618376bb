"""Match: duplicates among all documents, then among the paragraphs of those that stay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.dedup.containment import Samples
from pipeline.dedup.exact import WORDS_AT_ONCE
from pipeline.dedup.keep import order
from pipeline.dedup.memory import budget, stretches
from pipeline.dedup.quotes import mostly_quoted
from pipeline.dedup.sketches import Sketches
from pipeline.dedup.texts import Shard, Texts
from pipeline.settings import DedupSettings, Settings
from pipeline.steps.sketch import left, left_in
from pipeline.steps.verdicts import CONTAINED, KEPT_QUOTE, Items, Rows, Verdicts, judged
from pipeline.work import Work

#: Texts, or sketches of a kind, that take at most this part of `dedup.memory` are mapped once and for all; greater ones
#: for each look, for what is mapped counts as memory: that takes the system a quarter of the time of matching 200 MB.
MAPPED = 4


class Corpus(NamedTuple):
    """What is known of all documents and paragraphs without looking at their text."""

    documents: pa.Table  # prepare's facts, and n_chars
    paragraphs: pa.Table  # doc, doc_id, position
    document_sketches: Sketches
    paragraph_sketches: Sketches
    samples: Sketches
    doc_starts: Rows  # first paragraph of each document, and the end
    texts: Texts
    folder: Path  # for what does not fit into memory


def match(work: Work, settings: Settings) -> None:
    """Save the verdicts on all shards.

    `documents`: `doc`, `kept_doc_id`, `similarity`, `rule` (of verdicts.RULES), `action` (drop or mark) of each
    that repeats another or lies in it; `paragraphs`: the same with `position` and `kept_position`; `copies`: per
    surviving document its `doc` and the list of copies (schema.COPY's fields), flat; `paragraph_copies`: `doc`,
    `position`, `n_copies`; `spared`: as `paragraphs`, those that stay lest a document that stands for others be
    empty. The facts tell how many items met a cap, and how many lie in larger ones.
    """
    dedup = settings.dedup
    corpus = _corpus(work, dedup)
    by_document = order(corpus.documents, dedup)
    documents = _documents(corpus, by_document, dedup)
    paragraphs, spared = _paragraphs(corpus, by_document, documents, dedup)
    tables = {
        "documents": _document_verdicts(corpus, documents),
        "paragraphs": _paragraph_verdicts(corpus, paragraphs),
        "spared": _paragraph_verdicts(corpus, spared),
        "copies": _copies(corpus, documents.only(_represented(documents))),
        "paragraph_copies": _paragraph_copies(corpus, paragraphs.only(_represented(paragraphs))),
    }
    if not work.has("match", 0):
        work.save("match", 0, tables)
    found = {"documents": documents, "paragraphs": paragraphs}
    capped = {f"capped_{level}": one.capped for level, one in found.items()}
    work.note("match", {"capped": capped, "contained": {level: _lying(one) for level, one in found.items()}})


def _lying(found: Verdicts) -> dict[str, int]:
    """Return how many items lie in a larger one, and how many were not held against all that share their words."""
    return {"found": int((found.rule == CONTAINED).sum()), "capped": found.contained_capped}


def _corpus(work: Work, dedup: DedupSettings) -> Corpus:
    shards, room = work.shards(), budget(dedup.memory) // MAPPED
    documents = [_document_facts(work, shard) for shard in shards]
    owners = [left(work, shard, "paragraphs").select(["doc", "doc_id", "position"]) for shard in shards]
    paragraphs = pa.concat_tables(owners)
    doc_starts = arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    return Corpus(
        pa.concat_tables(documents, promote_options="default"),  # those of the past have `batch` too, see ingest
        paragraphs,
        _sketches(work, "document_sketches", room),
        _sketches(work, "paragraph_sketches", room),
        _sketches(work, "samples", room),
        doc_starts,
        Texts(_texts(work, room), doc_starts, [owner.num_rows for owner in owners]),
        work.root,
    )


def _sketches(work: Work, name: str, room: int) -> Sketches:
    size = sum((work.folder("sketch", shard) / f"{name}.arrow").stat().st_size for shard in work.shards())
    opened = work.load if size <= room else work.columns
    return Sketches([opened("sketch", shard, name) for shard in work.shards()])


def _texts(work: Work, room: int) -> Sequence[Shard]:
    shards = work.shards()
    mapped = [left(work, shard, "paragraphs")["text"] for shard in shards]
    if sum(texts.nbytes for texts in mapped) <= room:
        return mapped
    return [partial(work.columns(left_in(work, shard), shard, "paragraphs").__getitem__, "text") for shard in shards]


def _document_facts(work: Work, shard: int) -> pa.Table:
    sizes = work.load("sketch", shard, "document_sketches")["n_chars"]
    return left(work, shard, "documents").append_column("n_chars", sizes)


def _documents(corpus: Corpus, by_document: Rows, dedup: DedupSettings) -> Verdicts:
    samples = Samples(corpus.samples, _sample_starts(corpus)[corpus.doc_starts])
    items = Items(dedup.documents, corpus.document_sketches, samples, corpus.texts.documents)
    return judged(items, by_document, dedup, corpus.folder)


def _paragraphs(
    corpus: Corpus, by_document: Rows, documents: Verdicts, dedup: DedupSettings
) -> tuple[Verdicts, Verdicts]:
    """Return the verdicts, and those that `_spare` lets stay."""
    level = dedup.paragraphs
    rank = np.empty(len(by_document), dtype=np.int64)
    rank[by_document] = np.arange(len(by_document))
    gone = documents.only(_represented(documents))
    stays = np.ones(len(by_document), dtype=bool)
    stays[gone.row] = False
    owner = _owners(corpus)
    long_enough = corpus.paragraph_sketches.column("n_words", np.int64) >= level.min_words
    rows = np.flatnonzero(stays[owner] & long_enough)
    keep_order = rows[np.argsort(rank[owner[rows]], kind="stable")]
    samples = Samples(corpus.samples, _sample_starts(corpus))
    items = Items(level, corpus.paragraph_sketches, samples, corpus.texts.paragraphs)
    found = judged(items, keep_order, dedup, corpus.folder)
    if level.keep_quotes:
        found = _with_quotes(found, owner, documents, corpus)
    return _spare(found, owner, corpus.doc_starts, np.unique(gone.kept))


def _represented(found: Verdicts) -> NDArray[np.bool_]:
    """Return which verdicts make one item a copy of another: all but what is only said to lie in a larger one."""
    copies: NDArray[np.bool_] = found.drop | (found.rule != CONTAINED)
    return copies


def _with_quotes(found: Verdicts, owner: Rows, documents: Verdicts, corpus: Corpus) -> Verdicts:
    """Return the verdicts with direct speech that another document has as well marked, not dropped.

    Documents that are near-duplicates take no part here; where one lies in the other, its quotations are copies.
    """
    container = np.full(len(corpus.doc_starts) - 1, -1)
    container[documents.row] = documents.kept
    mine, theirs = owner[found.row], owner[found.kept]
    apart = found.drop & (mine != theirs) & (container[mine] != theirs) & (container[theirs] != mine)
    rows = np.flatnonzero(apart)
    lengths = corpus.paragraph_sketches.column("n_words", np.int64)[found.row[rows]]
    quoted = np.zeros(len(found.row), dtype=bool)
    for begin, end in stretches(lengths, WORDS_AT_ONCE):
        quoted[rows[begin:end]] = mostly_quoted(corpus.texts.paragraphs(found.row[rows[begin:end]]))
    return found._replace(
        rule=np.where(quoted & (found.rule != CONTAINED), KEPT_QUOTE, found.rule).astype(np.int8),
        drop=found.drop & ~quoted,
    )


def _spare(found: Verdicts, owner: Rows, doc_starts: Rows, stand_for_others: Rows) -> tuple[Verdicts, Verdicts]:
    """Return the verdicts without those, and those, that would empty a document that stands for removed copies.

    Its copies name it as the one that is kept, so it must be there. None of its paragraphs is a
    representative (all were duplicates), so sparing them touches no other verdict.
    """
    lost = np.bincount(owner[found.row[found.drop]], minlength=len(doc_starts) - 1)
    emptied = np.flatnonzero(lost == np.diff(doc_starts))
    spared = np.isin(owner[found.row], np.intersect1d(emptied, stand_for_others))
    return found.only(~spared), found.only(spared)


def _sample_starts(corpus: Corpus) -> Rows:
    """Return the number of the first sampled shingle of each paragraph, and the end."""
    counts = corpus.paragraph_sketches.column("n_sampled", np.int32)
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _owners(corpus: Corpus) -> Rows:
    """Return for each paragraph the row of its document."""
    return np.repeat(np.arange(len(corpus.doc_starts) - 1), np.diff(corpus.doc_starts))


def _document_verdicts(corpus: Corpus, found: Verdicts) -> pa.Table:
    documents = corpus.documents
    columns = {
        "doc": documents["doc"].take(pa.array(found.row)),
        "kept_doc_id": documents["doc_id"].take(pa.array(found.kept)),
        **found.named(),
    }
    return pa.table(columns).sort_by("doc")


def _paragraph_verdicts(corpus: Corpus, found: Verdicts) -> pa.Table:
    paragraphs = corpus.paragraphs
    row, kept = pa.array(found.row), pa.array(found.kept)
    columns = {
        "doc": paragraphs["doc"].take(row),
        "position": paragraphs["position"].take(row),
        "kept_doc_id": paragraphs["doc_id"].take(kept),
        "kept_position": paragraphs["position"].take(kept),
        **found.named(),
    }
    return pa.table(columns).sort_by([("doc", "ascending"), ("position", "ascending")])


def _copies(corpus: Corpus, found: Verdicts) -> pa.Table:
    documents, row = corpus.documents, pa.array(found.row)
    columns = {
        "doc": documents["doc"].take(pa.array(found.kept)),
        "doc_id": documents["doc_id"].take(row),
        "source": documents["source"].take(row),
        "similarity": pa.array(found.similarity),
    }
    return pa.table(columns).sort_by([("doc", "ascending"), ("similarity", "descending"), ("doc_id", "ascending")])


def _paragraph_copies(corpus: Corpus, found: Verdicts) -> pa.Table:
    kept, counts = np.unique(found.kept, return_counts=True)
    owners = corpus.paragraphs.select(["doc", "position"]).take(pa.array(kept))
    return owners.append_column("n_copies", pa.array(counts, pa.int32()))
