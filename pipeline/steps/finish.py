"""Finish one shard: drop what the verdicts name, join paragraphs into documents, write Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow, ledger, write
from pipeline.dedup import signatures
from pipeline.dedup.signatures import LEVELS
from pipeline.dedup.texts import SEPARATOR, Texts
from pipeline.schema import COPY, DOCUMENTS, KEPT_PARAGRAPHS, LEDGER, MARKS, REMOVED
from pipeline.settings import Settings
from pipeline.steps.intake import documents as documents_of
from pipeline.steps.intake import user_columns
from pipeline.steps.sketch import left as left_by_boilerplate
from pipeline.work import Work


class Left(NamedTuple):
    """What is left of a shard, and the ledger rows of what is not, or is marked.

    `documents` has `remaining_share`; both tables have the columns of schema.MARKS.
    """

    documents: pa.Table
    paragraphs: pa.Table  # PARAGRAPHS beside `n_words` and `n_chars`
    entries: list[pa.Table]


def finish(work: Work, settings: Settings, shard: int) -> None:
    """Write the shard's `documents`, `removed`, `paragraphs`, `ledger` and `quarantine` as Parquet files."""
    left = judged(work, settings, shard)
    records = [work.load(step, shard, "ledger") for step in ("read", "prepare", "sketch")]
    tables = {
        "documents": _documents(work, shard, left),
        "removed": _removed(work, shard, left.documents),
        "paragraphs": _paragraphs(work, shard, left.paragraphs),
        "ledger": _with_sources(work, shard, pa.concat_tables([*records, *left.entries])),
        "quarantine": work.load("read", shard, "quarantine"),
    }
    with work.filling("finish", shard) as place:
        for name, table in tables.items():
            write.parquet(place.path / f"{name}.parquet", table, settings.write, work.keys["finish"])
        if settings.write.signatures:
            _write_signatures(place.path / "signatures", tables, settings)


def _write_signatures(folder: Path, tables: dict[str, pa.Table], settings: Settings) -> None:
    """Write the signatures of what is kept, as it is kept: an index of the dataset answers for what stands in it."""
    folder.mkdir()
    for level in LEVELS:
        made, rows = signatures.provenance(settings.dedup, level), tables[level]
        signatures.write(folder / f"{level}.parquet", rows, signatures.sign(rows["text"], made), made)


def _with_sources(work: Work, shard: int, entries: pa.Table) -> pa.Table:
    """Return the shard's ledger in order of documents and positions, each row with its source.

    A row for each quarantined input follows.
    """
    read = documents_of(work, shard)
    at = pc.index_in(entries["doc_id"], value_set=arrow.one_chunk(read["doc_id"]))
    place = entries.schema.get_field_index("source")
    entries = entries.set_column(place, LEDGER.field("source"), read["source"].take(at))
    keys = [pc.fill_null(column, -1).to_numpy() for column in (entries["position"], at)]
    aside = work.load("read", shard, "quarantine")
    columns = {"rule": "unreadable", "source": aside["source"], "text": aside["error"]}
    quarantined = ledger.entries("read", "quarantine", columns, aside.num_rows)
    return pa.concat_tables([entries.take(pa.array(np.lexsort(keys))), quarantined])


def judged(work: Work, settings: Settings, shard: int) -> Left:
    """Apply the verdicts: duplicate documents, then duplicate paragraphs, then what too little is left of.

    Rows are judged without their texts, which are fetched once it is known who needs them: what stays, and the ledger.
    """
    documents, paragraphs, texts = _without_texts(work, shard)
    verdicts = _rows(documents, work.load("match", 0, "documents"), ["doc"])
    verdicts = verdicts.append_column("text", texts.documents(arrow.numbers(verdicts["row"])))
    documents, copies = _applied(documents, "documents", verdicts)
    paragraphs = _of(paragraphs, documents)
    before = _chars(paragraphs, documents)
    verdicts = _rows(paragraphs, work.load("match", 0, "paragraphs"), ["doc", "position"])
    paragraphs, repeats = _applied(paragraphs, "paragraphs", _with_texts(verdicts, paragraphs, texts))
    share = _chars(paragraphs, documents) / np.maximum(before, 1)
    documents = documents.append_column("remaining_share", pa.array(share))
    stumps, rest = _stumps(work, documents, paragraphs, settings.dedup.paragraphs.min_remaining_share)
    documents, emptied = ledger.drop(documents, "dedup.paragraphs", stumps)
    paragraphs, cut = ledger.drop(paragraphs, "dedup.paragraphs", _with_texts(rest, paragraphs, texts))
    kept = texts.paragraphs(arrow.numbers(paragraphs["row"]))
    return Left(documents, paragraphs.append_column("text", kept), [copies, repeats, cut, emptied])


def _without_texts(work: Work, shard: int) -> tuple[pa.Table, pa.Table, Texts]:
    """Return (documents, paragraphs, texts); paragraphs have `n_words`, `n_chars` and their `row` of the texts."""
    documents = left_by_boilerplate(work, shard, "documents")
    paragraphs = left_by_boilerplate(work, shard, "paragraphs")
    column = paragraphs["text"]
    paragraphs = paragraphs.drop_columns(["text"])
    paragraphs = paragraphs.append_column("n_words", work.load("sketch", shard, "paragraph_sketches")["n_words"])
    paragraphs = paragraphs.append_column("n_chars", pa.array(arrow.string_lengths(column)))
    paragraphs = paragraphs.append_column("row", pa.array(np.arange(len(column))))
    return documents, paragraphs, Texts([column], _starts(paragraphs))


def _with_texts(verdicts: pa.Table, paragraphs: pa.Table, texts: Texts) -> pa.Table:
    """Return the verdicts on paragraphs with the `text` of each."""
    rows = arrow.numbers(paragraphs["row"])[arrow.numbers(verdicts["row"])]
    return verdicts.append_column("text", texts.paragraphs(rows))


def _applied(table: pa.Table, level: str, verdicts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Mark or drop the rows that the verdicts name; return (table with schema.MARKS, ledger rows).

    What only lies in a larger one is no copy of it: the ledger alone says so, without its text.
    """
    stage = f"dedup.{level}"
    marked = pc.equal(verdicts["action"], "mark")
    lies = pc.equal(verdicts["rule"], "contained")
    marks, said = verdicts.filter(pc.and_not(marked, lies)), verdicts.filter(pc.and_(marked, lies))
    records = [
        _mark_entries(table, stage, marks),
        _mark_entries(table, stage, said.drop_columns(["text"])),
    ]
    table, dropped = ledger.drop(_marked(table, marks), stage, verdicts.filter(pc.invert(marked)))
    return table, pa.concat_tables([*records, dropped])


def _mark_entries(table: pa.Table, stage: str, verdicts: pa.Table) -> pa.Table:
    """Return ledger rows of what stays, with its id and position."""
    rows = table.select([name for name in ("doc_id", "position") if name in table.column_names])
    rows = rows.take(verdicts["row"])
    columns = {name: verdicts[name] for name in verdicts.column_names if name != "row"}
    columns |= {name: rows[name] for name in rows.column_names}
    return ledger.entries(stage, "mark", columns, verdicts.num_rows)


def _marked(table: pa.Table, verdicts: pa.Table) -> pa.Table:
    rows = arrow.numbers(verdicts["row"])
    at = np.full(table.num_rows, -1)
    at[rows] = np.arange(len(rows))
    taken = pa.array(at, mask=at < 0)
    position = verdicts["kept_position"] if "kept_position" in verdicts.column_names else None
    table = table.append_column("is_representative", pa.array(at < 0))
    table = table.append_column("duplicate_of", verdicts["kept_doc_id"].take(taken))
    table = table.append_column("similarity", verdicts["similarity"].take(taken))
    return table if position is None else table.append_column("duplicate_of_position", position.take(taken))


def _stumps(work: Work, documents: pa.Table, paragraphs: pa.Table, least: float) -> tuple[pa.Table, pa.Table]:
    """Return verdicts on documents of which nothing or too little is left, and on what is left of them.

    One that others repeat stays, whole or in a paragraph: the ledger names it as the copy that is kept.
    """
    docs = arrow.numbers(documents["doc"])
    nothing = ~np.isin(docs, arrow.numbers(paragraphs["doc"]))
    stands = [arrow.numbers(work.load("match", 0, name)["doc"]) for name in ("copies", "paragraph_copies")]
    little = (arrow.numbers(documents["remaining_share"]) < least) & ~np.isin(docs, np.concatenate(stands))
    rules = np.where(nothing, "nothing_left", "too_little_left")
    rows = np.flatnonzero(nothing | little)
    rest = np.flatnonzero(np.isin(arrow.numbers(paragraphs["doc"]), docs[little]))
    named = pa.array(rules[rows].tolist(), pa.string())
    return pa.table({"row": rows, "rule": named}), pa.table(
        {"row": rest, "rule": pa.array(["too_little_left"] * len(rest), pa.string())}
    )


def _starts(paragraphs: pa.Table) -> NDArray[np.int64]:
    return arrow.run_starts(arrow.numbers(paragraphs["doc"]))


def _chars(paragraphs: pa.Table, documents: pa.Table) -> NDArray[np.float64]:
    """Return the characters that the paragraphs of each document have together."""
    owner = np.searchsorted(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    lengths = arrow.numbers(paragraphs["n_chars"])
    return np.bincount(owner, lengths, minlength=documents.num_rows).astype(np.float64)


def _rows(table: pa.Table, verdicts: pa.Table, keys: list[str]) -> pa.Table:
    """Return the verdicts on rows of `table`, with `row` in place of the key columns."""
    key, wanted = _key(table, keys), _key(verdicts, keys)
    row = np.searchsorted(key, wanted)
    here = np.flatnonzero(key[np.minimum(row, len(key) - 1)] == wanted) if len(key) else np.zeros(0, np.int64)
    return verdicts.take(pa.array(here)).drop_columns(keys).add_column(0, "row", pa.array(row[here]))


def _key(table: pa.Table, keys: list[str]) -> NDArray[np.int64]:
    """Return one ascending number a row: doc, or doc and position (31 bits)."""
    key = arrow.numbers(table[keys[0]])
    return key if len(keys) == 1 else (key << np.int64(31)) | arrow.numbers(table[keys[1]])


def _of(paragraphs: pa.Table, documents: pa.Table) -> pa.Table:
    """Return the paragraphs of these documents; those of a dropped document go with its ledger row."""
    return paragraphs.filter(pa.array(np.isin(arrow.numbers(paragraphs["doc"]), arrow.numbers(documents["doc"]))))


def _documents(work: Work, shard: int, left: Left) -> pa.Table:
    documents, paragraphs = left.documents, left.paragraphs
    starts = _starts(paragraphs)
    texts = Texts([paragraphs["text"]], starts).documents(np.arange(documents.num_rows))
    words = np.concatenate([[0], np.cumsum(arrow.numbers(paragraphs["n_words"]))])[starts]
    chars = np.concatenate([[0], np.cumsum(arrow.numbers(paragraphs["n_chars"]))])[starts]
    copies = _copies(work, documents)
    own = {
        "doc_id": documents["doc_id"],
        "source": documents["source"],
        "title": documents["title"],
        "site": documents["site"],
        "language": documents["language"],
        "byline": documents["byline"],
        "published": documents["published"],
        "text": texts,
        "n_paragraphs": np.diff(starts),
        "n_words": np.diff(words),
        "n_chars": np.diff(chars) + len(SEPARATOR) * (np.diff(starts) - 1),
        "encoding_suspect": _suspect(work, shard, left),
        "remaining_share": documents["remaining_share"],
        "n_copies": pc.list_value_length(copies),
        "copies": copies,
        **{field.name: documents[field.name] for field in MARKS},
    }
    table = pa.table({name: own[name] for name in DOCUMENTS.names}).cast(DOCUMENTS)
    return _with_user_columns(work, shard, table, documents)


def _with_user_columns(work: Work, shard: int, table: pa.Table, documents: pa.Table) -> pa.Table:
    theirs = user_columns(work, shard, _first_rows(work, shard, documents))
    for field, column in zip(theirs.schema, theirs.columns, strict=True):
        table = table.append_column(field, column)
    return table


def _removed(work: Work, shard: int, kept: pa.Table) -> pa.Table:
    """Return what is known of the shard's documents that are removed as a whole, beside what the ledger has."""
    all_of_them = [work.load("prepare", shard, name) for name in ("documents", "emptied")]
    read = pa.concat_tables([table.select(["doc", *REMOVED.names]) for table in all_of_them])
    gone = read.filter(pa.array(~np.isin(arrow.numbers(read["doc"]), arrow.numbers(kept["doc"])))).sort_by("doc")
    return _with_user_columns(work, shard, gone.select(REMOVED.names).cast(REMOVED), gone)


def _suspect(work: Work, shard: int, left: Left) -> NDArray[np.bool_]:
    """Return for each document whether a paragraph that it keeps still looks damaged."""
    found = _rows(left.paragraphs, work.load("prepare", shard, "suspect"), ["doc", "position"])
    docs = arrow.numbers(left.paragraphs["doc"])[arrow.numbers(found["row"])]
    return np.isin(arrow.numbers(left.documents["doc"]), docs)


def _first_rows(work: Work, shard: int, documents: pa.Table) -> NDArray[np.int64]:
    """Return for each document its row in the shard as read."""
    if not documents.num_rows:
        return np.zeros(0, np.int64)
    first = work.load("read", shard, "documents")["doc"][0].as_py()
    return arrow.numbers(documents["doc"]) - np.int64(first)


def _copies(work: Work, documents: pa.Table) -> pa.Array:
    """Return for each document the list of copies it stands for."""
    table = work.load("match", 0, "copies")
    docs, owners = arrow.numbers(documents["doc"]), arrow.numbers(table["doc"])
    starts, ends = np.searchsorted(owners, docs), np.searchsorted(owners, docs, side="right")
    counts = ends - starts
    rows = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    taken = table.take(pa.array(rows)) if len(docs) else table.slice(0, 0)
    fields = [arrow.one_chunk(taken[field.name]) for field in COPY]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(fields, fields=list(COPY)))


def _paragraphs(work: Work, shard: int, paragraphs: pa.Table) -> pa.Table:
    counted = _rows(paragraphs, work.load("match", 0, "paragraph_copies"), ["doc", "position"])
    n_copies = np.zeros(paragraphs.num_rows, dtype=np.int32)
    n_copies[arrow.numbers(counted["row"])] = arrow.numbers(counted["n_copies"])
    return paragraphs.append_column("n_copies", pa.array(n_copies)).select(KEPT_PARAGRAPHS.names).cast(KEPT_PARAGRAPHS)
