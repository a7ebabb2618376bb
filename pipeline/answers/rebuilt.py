"""Rows of documents and paragraphs as they are when removed text is back, in memory: those that change, no others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.answers.chosen import Chosen, spelt
from pipeline.answers.explain import free
from pipeline.answers.version import Version, among
from pipeline.clean.suspect import marks
from pipeline.dedup.sketch import words
from pipeline.dedup.texts import SEPARATOR
from pipeline.errors import OutputError
from pipeline.schema import KEPT_PARAGRAPHS
from pipeline.steps import extra


class Rebuilt(NamedTuple):
    """What changes.

    documents: rows of `documents/`, by doc_id, of all that gain a paragraph or lose a copy. paragraphs: new rows.
    revived: ids of documents that were removed. fewer: `doc_id`, `position`, `n` of kept paragraphs that stand for so
    many copies less. suspect: `row` of `paragraphs`, `rule`, `evidence` (see clean.suspect.marks).
    """

    documents: pa.Table
    paragraphs: pa.Table
    revived: pa.Array
    fewer: pa.Table
    suspect: pa.Table


def rebuilt(version: Version, chosen: Chosen) -> Rebuilt:
    """Return what changes when the chosen removals are undone. Memory: the documents that change."""
    revived = arrow.one_chunk(chosen.documents["doc_id"]).cast(pa.string())
    new = pa.concat_tables([_rows(chosen.paragraphs), _of_whole(version, chosen.documents)])
    new = new.sort_by([("doc_id", "ascending"), ("position", "ascending")])
    gaining = pc.unique(arrow.one_chunk(new["doc_id"]))
    there = version.rows("paragraphs", among("doc_id", gaining.to_pylist()), KEPT_PARAGRAPHS.names)
    paragraphs = pa.concat_tables([there.cast(KEPT_PARAGRAPHS), new])
    paragraphs = paragraphs.sort_by([("doc_id", "ascending"), ("position", "ascending")])
    losing = pc.unique(arrow.one_chunk(chosen.documents["kept_doc_id"]).drop_null())
    documents = _base(version, revived, pc.unique(pa.concat_arrays([gaining, losing.cast(pa.string())])))
    documents = _without_copies(_counted(version, documents, paragraphs, new), revived)
    return Rebuilt(documents, new, revived, _fewer(chosen.paragraphs), marks(arrow.large_strings(new["text"])))


def _rows(drops: pa.Table) -> pa.Table:
    """Return the paragraphs that ledger rows removed, as rows of `paragraphs/`."""
    n = drops.num_rows
    given = {"doc_id": drops["doc_id"], "position": drops["position"], "text": drops["text"]}
    given |= {"n_copies": pa.repeat(0, n), "is_representative": pa.repeat(True, n)}
    columns = [given[field.name] if field.name in given else pa.nulls(n, field.type) for field in KEPT_PARAGRAPHS]
    return pa.table(columns, names=KEPT_PARAGRAPHS.names).cast(KEPT_PARAGRAPHS)


def _of_whole(version: Version, documents: pa.Table) -> pa.Table:
    """Return the paragraphs that went with their documents; the ledger has them joined, without positions.

    They are where no paragraph was removed before: positions are counted before anything is removed.
    """
    documents = documents.filter(pc.is_valid(documents["text"]))
    ids = documents["doc_id"].to_pylist()
    gone = pc.field("position").is_valid() & (pc.field("action") == "drop") & among("doc_id", ids)
    taken: dict[str, list[int]] = {}
    for row in version.rows("ledger", gone, ["doc_id", "position"]).to_pylist() if ids else ():
        taken.setdefault(row["doc_id"], []).append(row["position"])
    found: dict[str, list[object]] = {"doc_id": [], "position": [], "text": []}
    for doc_id, text in zip(ids, documents["text"].to_pylist(), strict=True):
        texts = text.split(SEPARATOR)
        found["doc_id"] += [doc_id] * len(texts)
        found["position"] += free(taken.get(doc_id, []), len(texts))
        found["text"] += texts
    types = {name: KEPT_PARAGRAPHS.field(name).type for name in found}
    return _rows(pa.table({name: pa.array(column, types[name]) for name, column in found.items()}))


def _base(version: Version, revived: pa.Array, ids: pa.Array) -> pa.Table:
    """Return the rows of these documents as they are, those that come back with what `removed/` knows."""
    there = version.rows("documents", among("doc_id", ids.to_pylist()))
    schema = version.schema("documents").remove_metadata()
    back = (
        version.rows("removed", among("doc_id", revived.to_pylist())) if version.files("removed") else there.slice(0, 0)
    )
    if len(pc.unique(arrow.one_chunk(back["doc_id"]))) < len(revived):
        raise OutputError(
            f"{version.name} does not have the columns of all documents that would come back (it was made before there "
            "was removed/): run again with a setting that keeps them, such as a higher threshold"
        )
    n = back.num_rows
    whole = back.append_column("is_representative", pa.repeat(True, n)).append_column("n_copies", pa.repeat(0, n))
    whole = whole.append_column("copies", pa.array([[]] * n, schema.field("copies").type))
    loose = pa.schema([field.with_nullable(True) for field in schema])
    table = pa.concat_tables([there.replace_schema_metadata().cast(loose), extra.conform(whole, loose, n)])
    return table.sort_by("doc_id")


def _counted(version: Version, documents: pa.Table, paragraphs: pa.Table, new: pa.Table) -> pa.Table:
    """Return the documents with text and counts of these paragraphs, those without any as they are."""
    starts = arrow.run_starts(arrow.one_chunk(paragraphs["doc_id"]).dictionary_encode().indices.to_numpy())
    texts = arrow.large_strings(paragraphs["text"])
    joined = arrow.join_runs(texts, starts, SEPARATOR)
    lengths = np.concatenate([[0], np.cumsum(arrow.string_lengths(texts))])[starts]
    own = arrow.one_chunk(paragraphs["doc_id"]).take(pa.array(starts[:-1]))
    suspect = np.concatenate([[0], np.cumsum(_is_suspect(texts))])[starts]
    n_words = np.concatenate([[0], np.cumsum(np.diff(words(texts).starts))])[starts]
    kept = np.diff(lengths)
    columns = {
        "text": joined,
        "n_paragraphs": np.diff(starts),
        "n_words": np.diff(n_words),
        "n_chars": arrow.string_lengths(joined),
        "encoding_suspect": np.diff(suspect) > 0,
        "remaining_share": kept / np.maximum(kept + _still_gone(version, own, new), 1),
    }
    at = pc.index_in(documents["doc_id"], own)
    for name, column in columns.items():
        place = documents.schema.get_field_index(name)
        field = documents.schema.field(place)
        values = pa.array(column).take(at).cast(field.type)
        documents = documents.set_column(place, field, pc.if_else(pc.is_valid(at), values, documents[name]))
    return documents


def _is_suspect(texts: pa.Array) -> NDArray[np.int64]:
    found = np.zeros(len(texts), np.int64)
    found[arrow.numbers(marks(texts)["row"])] = 1
    return found


def _still_gone(version: Version, ids: pa.Array, new: pa.Table) -> NDArray[np.int64]:
    """Return for each document the characters that duplicate paragraphs took from it and that stay away."""
    gone = (pc.field("stage") == "dedup.paragraphs") & (pc.field("action") == "drop") & among("doc_id", ids.to_pylist())
    drops = version.rows("ledger", gone & pc.field("position").is_valid(), ["doc_id", "position", "text"])
    there = version.rows("paragraphs", among("doc_id", ids.to_pylist()), ["doc_id", "position"])
    back = pa.concat_arrays([spelt(new), spelt(there)])
    drops = drops.filter(pc.invert(pc.is_in(spelt(drops), back)))
    at = pc.index_in(drops["doc_id"], ids).to_numpy()
    sums = np.bincount(at, arrow.string_lengths(arrow.large_strings(drops["text"])), minlength=len(ids))
    return np.asarray(sums, np.int64)


def _without_copies(documents: pa.Table, revived: pa.Array) -> pa.Table:
    """Return the documents without the copies that stand by themselves again."""
    if not len(revived):
        return documents
    back = set(revived.to_pylist())
    copies = [[copy for copy in one if copy["doc_id"] not in back] for one in documents["copies"].to_pylist()]
    for name, column in (("copies", copies), ("n_copies", [len(one) for one in copies])):
        place = documents.schema.get_field_index(name)
        field = documents.schema.field(place)
        documents = documents.set_column(place, field, pa.array(column, field.type))
    return documents


def _fewer(drops: pa.Table) -> pa.Table:
    """Return how many copies less kept paragraphs stand for."""
    named = drops.filter(pc.is_valid(drops["kept_position"]))
    counted = named.group_by(["kept_doc_id", "kept_position"]).aggregate([([], "count_all")])
    return counted.rename_columns(["doc_id", "position", "n"])
