"""All that an ingest does to the past: rows to write, ids to take out of the files, ledger rows, states, counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import arrow, ledger
from pipeline.ingest import published
from pipeline.ingest.content import Found
from pipeline.ingest.differences import Past, entries, examined_states, found_of
from pipeline.ingest.index import Index
from pipeline.ingest.states import RETIRED, States, newest
from pipeline.ingest.views import WRITTEN, batch, past, view
from pipeline.schema import LEDGER
from pipeline.steps.intake import documents as documents_of
from pipeline.work import Work

Ids = NDArray[np.int64]
Counts = dict[str, dict[str, int]]


class Outcome(NamedTuple):
    """What is to be done about the past."""

    documents: pa.Table | None  #: rows that are new or other than before
    paragraphs: pa.Table | None
    removed: pa.Table | None  #: of all documents of the past that were looked at and are removed now
    entries: pa.Table  #: of the ledger
    gone: pa.Array  #: ids of documents whose rows are to be taken from the files
    changed: Found  #: states of the past that are new
    found: Found  #: what the search found, of the batch too
    moved: Counts  #: what is to be added to the counts


def outcome(work: Work, index: Index, dataset: Path, retiring: Ids, retired: pa.Table) -> Outcome:
    """Return what is to be done. retiring: documents, retired: inputs (plan.READ) that are gone."""
    found, _, took = found_of(work, index)
    leaving = _leaving(work, index, dataset, retiring)
    away = States.of(retiring, RETIRED)
    if not took.examined:
        nothing = Found(away, States.of(np.zeros(0, np.int64)))
        moved = _moved(leaving, retired, ())
        return Outcome(None, None, None, leaving.entries, leaving.ids, nothing, found, moved)
    finished = view(work).folder("finish", past(work, WRITTEN))
    written = {
        name: pq.read_table(finished / f"{name}.parquet") for name in ("documents", "removed", "paragraphs", "ledger")
    }
    new = examined_states(index, found, took, written["documents"])
    seen = _past(index, new)
    ids = arrow.one_chunk(seen.ids["doc_id"])
    before = {name: published.rows(dataset / name, ids) for name in ("documents", "paragraphs")}
    same = _same(before, written)
    gone = published.ids_of([before["documents"].filter(pc.invert(pc.is_in(before["documents"]["doc_id"], same)))])
    fresh = {name: table.filter(pc.invert(pc.is_in(table["doc_id"], same))) for name, table in written.items()}
    told = _with_sources(index, entries(index, seen, written["ledger"]), new.documents.id)
    return Outcome(
        fresh["documents"],
        fresh["paragraphs"],
        written["removed"],
        pa.concat_tables([leaving.entries, told]),
        pc.unique(pa.concat_arrays([leaving.ids, gone])),
        Found(newest([new.documents, away]), new.paragraphs),
        found,
        _moved(leaving, retired, (before, written)),
    )


class _Leaving(NamedTuple):
    """What retires: ids that are published, their paragraphs, ledger rows."""

    ids: pa.Array
    paragraphs: int
    entries: pa.Table


def _leaving(work: Work, index: Index, dataset: Path, retiring: Ids) -> _Leaving:
    if not len(retiring):
        return _Leaving(pa.array([], pa.string()), 0, ledger.nothing())
    facts = index.take("documents", retiring)
    ids = arrow.one_chunk(facts["doc_id"])
    rows = published.rows(dataset / "documents", ids)
    n_paragraphs = published.rows(dataset / "paragraphs", ids).num_rows
    again = [pc.is_in(ids, arrow.one_chunk(documents_of(work, shard)["doc_id"])) for shard in batch(work)]
    updated = np.any([mask.to_numpy(zero_copy_only=False) for mask in again], axis=0)
    columns = {
        "rule": pa.array(np.where(updated, "updated", "retired").tolist(), pa.string()),
        "doc_id": ids,
        "source": facts["source"],
        "text": rows["text"].take(pc.index_in(ids, arrow.one_chunk(rows["doc_id"]))),
    }
    return _Leaving(published.ids_of([rows]), n_paragraphs, ledger.entries("ingest", "drop", columns, len(ids)))


def _past(index: Index, new: Found) -> Past:
    ids, numbers = new.documents.id, new.paragraphs.id
    facts, texts = index.take("documents", ids), index.take("paragraphs", numbers)
    return Past(
        pa.table({"id": ids, "doc_id": facts["doc_id"]}),
        pa.table({"id": numbers, "doc_id": texts["doc_id"], "position": texts["position"]}),
        Found(index.states("documents", ids), index.states("paragraphs", numbers)),
        new,
    )


def _same(before: dict[str, pa.Table], written: dict[str, pa.Table]) -> pa.Array:
    """Return the ids of documents that are published as they were written anew."""
    old, new = _by_id(before), _by_id(written)
    return pa.array([name for name, row in new.items() if old.get(name) == row], pa.string())


def _by_id(tables: dict[str, pa.Table]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {row["doc_id"]: [row] for row in tables["documents"].to_pylist()}
    for row in tables["paragraphs"].sort_by([("doc_id", "ascending"), ("position", "ascending")]).to_pylist():
        found[row["doc_id"]].append(row)
    return found


def _with_sources(index: Index, rows: pa.Table, ids: Ids) -> pa.Table:
    facts = index.take("documents", ids)
    sources = facts["source"].take(pc.index_in(rows["doc_id"], arrow.one_chunk(facts["doc_id"])))
    return rows.set_column(LEDGER.get_field_index("source"), LEDGER.field("source"), sources)


def _moved(leaving: _Leaving, retired: pa.Table, tables: tuple[dict[str, pa.Table], ...]) -> Counts:
    """Return what the counts of the dataset gain or lose by what became of the past."""
    shown = {"documents": 0, "paragraphs": 0}
    if tables:
        before, written = tables
        shown = {name: written[name].num_rows - before[name].num_rows for name in shown}
    away = {"documents": len(leaving.ids), "paragraphs": leaving.paragraphs}
    given = {name: int(pc.sum(retired[name]).as_py() or 0) for name in ("documents", "paragraphs")}
    aside = int(pc.sum(retired["quarantined"]).as_py() or 0)
    return {
        name: {
            "kept": shown[name] - away[name],
            "removed": -shown[name] - (given[name] - away[name]),
            "quarantined": -aside if name == "documents" else 0,
            "retired": given[name] + (aside if name == "documents" else 0),
        }
        for name in shown
    }
