"""Replay: what dedup would remove under other settings, from the texts that a dataset holds.

The dataset has every paragraph that dedup saw: kept ones in paragraphs/, removed ones in the ledger. So dedup can be
run again, exactly, without an input being read, decoded, repaired, cut or stripped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import arrow
from pipeline.answers.explain import free
from pipeline.answers.version import Version, among
from pipeline.dedup.texts import SEPARATOR
from pipeline.read.dates import timestamps
from pipeline.schema import PARAGRAPHS, REMOVED
from pipeline.settings import Settings
from pipeline.steps.finish import Left, judged
from pipeline.steps.match import match
from pipeline.steps.prepare import DOCUMENT
from pipeline.steps.sketch import sketch_shard
from pipeline.work import Work

_STEPS = ("read", "prepare", "sketch", "match")
_TEXT = ["doc_id", "position", "text"]


def prepare(version: Version, back: pc.Expression | None, folder: Path) -> Work:
    """Save documents and paragraphs as dedup saw them, a shard a file of documents/, and one of removed ones.

    back: ledger rows whose paragraphs dedup is to see beside. folder: for the work directory.
    """
    work = Work(folder, dict.fromkeys(_STEPS, "replay"))
    shards = _shards(version, back)
    first = 0
    for number, (documents, paragraphs) in enumerate(shards):
        facts = _facts(version, documents, first)
        first += facts.num_rows
        work.save("prepare", number, {"documents": facts, "paragraphs": _paragraphs(paragraphs, facts)})
    work.note("read", {"shards": len(shards), "documents": first})
    return work


def replay(work: Work, settings: Settings, name: str) -> list[Left]:
    """Return what dedup leaves of each shard under these settings, with the ledger rows of what it does not.

    name: of this try, for its files.
    """
    own = Work(work.root, {**work.keys, "sketch": name, "match": name})
    plain = settings.model_copy(
        update={"boilerplate": settings.boilerplate.model_copy(update={"enabled": False})}
    )  # it is done
    for shard in own.shards():
        sketch_shard(own, plain, shard)
    match(own, plain)
    return [judged(own, plain, shard) for shard in own.shards()]


def _shards(version: Version, back: pc.Expression | None) -> list[tuple[pa.Table, pa.Table]]:
    """Return (documents, paragraphs) of each shard; paragraphs have _TEXT."""
    gone = pc.is_in(pc.field("stage"), pa.array(["dedup.paragraphs"]))
    wanted = (gone if back is None else gone | back) & (pc.field("action") == "drop")
    drops = version.rows("ledger", wanted & pc.field("position").is_valid(), _TEXT).cast(_schema())
    shards = []
    columns = [name for name in version.schema("documents").names if name not in ("text", "copies")]
    for file in version.files("documents"):
        documents = pq.read_table(file, columns=columns)
        ids = arrow.one_chunk(documents["doc_id"])
        kept = version.rows("paragraphs", pc.is_in(pc.field("doc_id"), ids), _TEXT).cast(_schema())
        shards.append((documents, pa.concat_tables([kept, drops.filter(pc.is_in(drops["doc_id"], ids))])))
    removed, texts = _removed(version, drops)
    return [*shards, (removed, texts)] if removed.num_rows else shards


def _schema() -> pa.Schema:
    return pa.schema([PARAGRAPHS.field(name) for name in _TEXT])


def _removed(version: Version, drops: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return documents that are removed as a whole, and their paragraphs: of copies and of what nothing is left of."""
    removed = version.rows("removed")
    whole = pc.field("position").is_null() & (pc.field("action") == "drop") & (pc.field("stage") == "dedup.documents")
    rows = version.rows("ledger", whole, ["doc_id", "text"])
    ids = rows["doc_id"].to_pylist()
    gone = among("doc_id", ids) & (pc.field("stage") == "boilerplate") & pc.field("position").is_valid()
    taken: dict[str, list[int]] = {doc_id: [] for doc_id in ids}
    for row in version.rows("ledger", gone & (pc.field("action") == "drop"), _TEXT[:2]).to_pylist() if ids else ():
        taken[row["doc_id"]].append(row["position"])
    found: dict[str, list[Any]] = {name: [] for name in _TEXT}
    for doc_id, text in zip(ids, rows["text"].to_pylist(), strict=True):
        texts = text.split(SEPARATOR)
        found["doc_id"] += [doc_id] * len(texts)
        found["position"] += free(taken[doc_id], len(texts))
        found["text"] += texts
    texts = pa.concat_tables(
        [pa.table(found, schema=_schema()), drops.filter(pc.is_in(drops["doc_id"], removed["doc_id"]))]
    )
    return removed.filter(pc.is_in(removed["doc_id"], texts["doc_id"])), texts


def _facts(version: Version, documents: pa.Table, first: int) -> pa.Table:
    """Return what `prepare` says of documents (steps.prepare.DOCUMENT), numbered from `first`."""
    n = documents.num_rows
    given = {name: documents[name] for name in REMOVED.names}
    given |= {"doc": pa.array(np.arange(first, first + n)), "url": pa.nulls(n, pa.string())}
    given |= {"date": _dates(version, documents), "damage": _damage(version, documents)}
    return pa.table([given[name] for name in DOCUMENT], names=DOCUMENT)


def _dates(version: Version, documents: pa.Table) -> pa.Array:
    """Return the dates that the inputs gave: the user's own columns travel along."""
    found = pa.nulls(documents.num_rows, pa.timestamp("us"))
    for source, roles in version.manifest["columns"].items():
        names = [name for name in (roles.get("date"), f"input_{roles.get('date')}") if name in documents.column_names]
        if names:
            own = pc.equal(documents["source"], source)
            # `published` is ours: a column of that name travels as `input_published`.
            column = arrow.one_chunk(documents[names[-1]])
            # Where inputs give dates of several types, those that were no text travel as JSON, in quotation marks.
            column = pc.utf8_trim(column, '"') if pa.types.is_string(column.type) else column
            found = pc.if_else(arrow.one_chunk(own), timestamps(column), found)
    return found


def _damage(version: Version, documents: pa.Table) -> pa.Array:
    """Return the encoding repairs of each document, where `dedup.keep` asks for them."""
    if "least_damaged" not in version.manifest["settings"]["dedup"]["keep"]:
        return pa.repeat(0, documents.num_rows)
    repairs = (pc.field("stage") == "encoding") & (pc.field("action") == "edit") & pc.field("text").is_valid()
    rows = version.rows("ledger", repairs & pc.field("position").is_valid(), ["doc_id"])
    counted = rows.group_by("doc_id").aggregate([([], "count_all")])
    at = pc.index_in(documents["doc_id"], arrow.one_chunk(counted["doc_id"]))
    return arrow.one_chunk(pc.fill_null(counted["count_all"].take(at), 0))


def _paragraphs(texts: pa.Table, documents: pa.Table) -> pa.Table:
    at = pc.index_in(texts["doc_id"], arrow.one_chunk(documents["doc_id"]).cast(pa.string()))
    table = texts.append_column("doc", documents["doc"].take(at)).select(PARAGRAPHS.names)
    return table.sort_by([("doc", "ascending"), ("position", "ascending")]).cast(PARAGRAPHS)
