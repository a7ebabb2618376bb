"""Documents of the past as shards of the work directory, so that `match` and `finish` see them like any other."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow, ledger
from pipeline.dedup.sketch import words
from pipeline.ingest.content import EXTRA_ID
from pipeline.ingest.index import Entry, Index
from pipeline.ingest.known import numbered
from pipeline.schema import QUARANTINE, RAW
from pipeline.settings import DedupSettings
from pipeline.steps.sketch import samples_of
from pipeline.work import Work

Ids = NDArray[np.int64]


class Taking(NamedTuple):
    """Which documents of the past are in a shard, and what of them takes part in the searches."""

    documents: Ids  #: in the order of their `doc` in the work directory; each of the two parts ascends
    judged: Ids  #: documents that may repeat each other
    paragraphs: Ids  #: paragraphs that may


def save_matched(work: Work, number: int, index: Index, taking: Taking, dedup: DedupSettings, *, ranked: bool) -> None:
    """Save the shard as `match` wants it: what does not take part has no words.

    ranked: older batches come before later ones, and all before the new one, in the order of keeping.
    """
    if work.has("prepare", number):
        return
    first = int(work.facts("read")["documents"])
    documents, paragraphs, entry = _tables(index, taking.documents, first)
    if ranked:
        documents = documents.append_column("batch", entry.documents["batch"])
    sizes = entry.document_sketches.append_column("n_chars", entry.documents["n_chars"])
    ids = arrow.numbers(entry.paragraphs["id"])
    texts = arrow.large_strings(paragraphs["text"])
    tables = {
        "ledger": ledger.nothing(),
        "samples": samples_of(words(texts), dedup)[0],
        "document_sketches": _silenced(sizes, np.isin(taking.documents, taking.judged)),
        "paragraph_sketches": _silenced(entry.paragraph_sketches, np.isin(ids, taking.paragraphs)),
    }
    work.save("sketch", number, tables)
    work.save("prepare", number, {"documents": documents, "paragraphs": paragraphs})


def save_written(work: Work, number: int, index: Index, documents: Ids) -> None:
    """Save the shard as `finish` wants it. documents: the first of those that the matched shard has."""
    if work.has("prepare", number):
        return
    table, paragraphs, entry = _tables(index, documents, int(work.facts("read")["documents"]))
    suspect = paragraphs.select(["doc", "position"]).filter(entry.paragraphs["suspect"])
    raw = table.select([name for name in RAW.names if name in table.column_names])
    read = {
        "documents": _raw(raw),
        "extra": entry.extra.drop_columns([EXTRA_ID]),
        "ledger": ledger.nothing(),
        "quarantine": QUARANTINE.empty_table(),
    }
    work.save("read", number, read)
    work.save("sketch", number, {"ledger": ledger.nothing(), "paragraph_sketches": entry.paragraph_sketches})
    work.save(
        "prepare",
        number,
        {
            "documents": table,
            "emptied": table.slice(0, 0),
            "paragraphs": paragraphs,
            "ledger": ledger.nothing(),
            "suspect": suspect,
        },
    )


def _tables(index: Index, documents: Ids, first: int) -> tuple[pa.Table, pa.Table, Entry]:
    """Return (documents, paragraphs, entry) in the given order, which is made of ascending parts."""
    cuts = [0, *(np.flatnonzero(np.diff(documents) < 0) + 1).tolist(), len(documents)]
    tables, entries = [], []
    for begin, end in itertools.pairwise(cuts):
        part = documents[begin:end]
        tables.append(numbered(index, part, first + begin))
        entries.append(index.entry(part))
    documents_table, paragraphs = (pa.concat_tables(column) for column in zip(*tables, strict=True))
    return documents_table, paragraphs, Entry(*(pa.concat_tables(column) for column in zip(*entries, strict=True)))


def _silenced(sketches: pa.Table, taking_part: NDArray[np.bool_]) -> pa.Table:
    words = np.where(taking_part, arrow.numbers(sketches["n_words"]), 0)
    place = sketches.schema.get_field_index("n_words")
    return sketches.set_column(place, "n_words", pa.array(words))


def _raw(table: pa.Table) -> pa.Table:
    n = table.num_rows
    columns = {"position": pa.array(np.zeros(n, np.int64)), "text": pa.nulls(n, pa.large_string())}
    full = {**{name: table[name] for name in table.column_names}, **columns}
    return pa.table([full[name] for name in RAW.names], names=RAW.names).cast(RAW)
