"""Documents: what the readers of all kinds of input make, a batch of rows in the shape of `schema.RAW`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import ledger
from pipeline.read.columns import Columns
from pipeline.read.inputs import Input
from pipeline.schema import RAW

#: RAW without `doc`, which is counted over the whole corpus.
DOCUMENT = pa.schema([field for field in RAW if field.name != "doc"])


class Batch(NamedTuple):
    """A bounded part of one input, in its order.

    documents: RAW without `doc`. extra: the user's other columns, all but that of the text, in their
    own types, as many rows (for text files no columns). ledger: LEDGER, one "decoded:…" row for each
    document that was not UTF-8. quarantine: QUARANTINE. columns: those taken; None for text files.
    """

    documents: pa.Table
    extra: pa.Table
    ledger: pa.Table
    quarantine: pa.Table
    columns: Columns | None


def documents(item: Input, positions: pa.Array, text: pa.Array, given: Mapping[str, pa.Array]) -> pa.Table:
    """Return the table (DOCUMENT) of rows of one input.

    positions: int64, lines or rows from 1. text: any string type, nulls allowed. given: arrays for
    any of `doc_id`, `title`, `site`, `url` (strings) and `date` (timestamp[us]); what is missing is null.
    Ids that are null or blank are made of the source and the position.
    """
    made = made_ids(item.source, positions)
    columns = {
        "doc_id": pc.coalesce(_filled(given["doc_id"]), made) if "doc_id" in given else made,
        "source": pa.repeat(pa.scalar(item.source), len(positions)),
        "position": positions,
        "text": text.cast(pa.large_string()),
        "date": given.get("date"),
    } | {name: _filled(given[name]) for name in ("title", "site", "url") if name in given}
    arrays = [_or_null(columns.get(field.name), field.type, len(positions)) for field in DOCUMENT]
    return pa.Table.from_arrays(arrays, schema=DOCUMENT)


def made_ids(source: str, positions: pa.Array) -> pa.Array:
    """Return ids for rows that were given none: BLAKE2b of the source (64 bits, hex), "-", the position."""
    prefix = blake2b(source.encode(), digest_size=8).hexdigest()
    return pc.binary_join_element_wise(pa.scalar(prefix), positions.cast(pa.string()), "-")


def decoded(doc_ids: pa.Array, charsets: Sequence[str], evidence: Sequence[str]) -> pa.Table:
    """Return ledger rows for documents that were not UTF-8: one charset, and how it is known, each."""
    rules = pa.array([f"decoded:{charset}" for charset in charsets], pa.string())
    columns = {"rule": rules, "doc_id": doc_ids, "evidence": pa.array(evidence, pa.string())}
    return ledger.entries("read", "edit", columns, len(charsets))


def no_columns(rows: int) -> pa.Table:
    """Return a table of that many rows without columns."""
    return pa.table({"row": pa.nulls(rows)}).select([])


def nothing(quarantine: pa.Table, columns: Columns | None) -> Batch:
    """Return a batch that holds only rows of quarantine."""
    return Batch(DOCUMENT.empty_table(), no_columns(0), ledger.nothing(), quarantine, columns)


def _filled(strings: pa.Array) -> pa.Array:
    """Return the strings, blank ones as null."""
    blank = pc.equal(pc.utf8_trim_whitespace(strings), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), strings.cast(pa.string()))


def _or_null(column: pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    return pa.nulls(rows, kind) if column is None else column
