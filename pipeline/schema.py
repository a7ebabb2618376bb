"""The tables that rooms hand each other and the tables that leave the house."""

from __future__ import annotations

import pyarrow as pa

#: One input document as read, before any cleaning. `doc` counts documents in reading order
#: over the whole corpus; `position` is the line or row of `source`, from 1.
RAW = pa.schema(
    [
        pa.field("doc", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("site", pa.string()),
        pa.field("url", pa.string()),
        pa.field("date", pa.timestamp("us")),
        pa.field("text", pa.large_string()),
    ]
)

#: One paragraph, ordered by `doc`, then `position` (from 0, counted before anything is removed).
PARAGRAPHS = pa.schema(
    [
        pa.field("doc", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)

#: One change. See `ledger.py`. `source` is filled in when the ledger is written. `evidence` says in words
#: what a rule went by where its name does not: a confidence, counts, the features that spoke.
LEDGER = pa.schema(
    [
        pa.field("stage", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("doc_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("position", pa.int32()),
        pa.field("text", pa.large_string()),
        pa.field("after", pa.large_string()),
        pa.field("kept_doc_id", pa.string()),
        pa.field("kept_position", pa.int32()),
        pa.field("similarity", pa.float64()),
        pa.field("evidence", pa.string()),
    ]
)

#: One input that could not be read. `position` is null where the whole source is concerned.
#: `raw` holds the first bytes of it, at most `read.quarantine_bytes`.
QUARANTINE = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("position", pa.int64()),
        pa.field("error", pa.string(), nullable=False),
        pa.field("raw", pa.binary()),
    ]
)

#: A copy that a kept document stands for.
COPY = pa.struct(
    [
        pa.field("doc_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("similarity", pa.float64()),
    ]
)

#: Where duplicates are marked, not dropped: `duplicate_of` is the doc_id of the copy that they repeat.
MARKS = (
    pa.field("is_representative", pa.bool_(), nullable=False),
    pa.field("duplicate_of", pa.string()),
    pa.field("similarity", pa.float64()),
)

#: The first columns of `documents/`; the user's own columns follow.
DOCUMENTS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("site", pa.string()),
        pa.field("language", pa.string()),
        pa.field("byline", pa.string()),
        pa.field("published", pa.timestamp("us")),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("n_paragraphs", pa.int32(), nullable=False),
        pa.field("n_words", pa.int64(), nullable=False),
        pa.field("n_chars", pa.int64(), nullable=False),
        pa.field("encoding_suspect", pa.bool_(), nullable=False),
        pa.field("remaining_share", pa.float64(), nullable=False),
        pa.field("n_copies", pa.int32(), nullable=False),
        pa.field("copies", pa.list_(COPY), nullable=False),
        *MARKS,
    ]
)

#: The first columns of `removed/`: one document that was removed as a whole; its text is in the ledger. The user's own
#: columns follow.
REMOVED = pa.schema(
    [DOCUMENTS.field(name) for name in ("doc_id", "source", "title", "site", "language", "byline", "published")]
)

#: `paragraphs/`: one kept paragraph.
KEPT_PARAGRAPHS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("n_copies", pa.int32(), nullable=False),
        *MARKS,
        pa.field("duplicate_of_position", pa.int32()),
    ]
)
