"""Documents of the past that a search may have changed, written anew by `finish` like those of the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.ingest import published
from pipeline.ingest.index import Index
from pipeline.ingest.numbering import places
from pipeline.ingest.past import Taking, save_written
from pipeline.ingest.search import touched
from pipeline.ingest.states import DUPLICATE, QUOTED
from pipeline.ingest.views import TOUCHED, WRITTEN, past, view
from pipeline.settings import Settings
from pipeline.steps.finish import finish
from pipeline.work import Work

Ids = NDArray[np.int64]
Tables = dict[str, pa.Table]


def examine(work: Work, index: Index, settings: Settings, dataset: Path) -> None:
    """Save `finish` of the documents of the past that were examined. dataset: the published version."""
    took = touched(work)
    number = past(work, WRITTEN)
    documents = took.taking.documents[: took.examined]
    if not len(documents):
        return
    save_written(work, number, index, documents)
    seen = view(work, match="-past")
    if not seen.has("match", 0):
        seen.save("match", 0, _verdicts(work, index, settings, documents, took.taking, dataset))
    if not seen.has("finish", number):
        finish(seen, settings, number)


def _verdicts(work: Work, index: Index, settings: Settings, documents: Ids, taking: Taking, dataset: Path) -> Tables:
    """Return what `match` found, and of what took no part what was known before."""
    matched = view(work, [TOUCHED]).folder("match", 0)
    tables = {file.stem: arrow.read_file(file) for file in sorted(matched.glob("*.arrow"))}
    first = int(work.facts("read")["documents"])
    docs = np.arange(first, first + len(documents))
    ids = index.take("documents", np.sort(documents))["doc_id"].take(pa.array(np.argsort(np.argsort(documents))))
    rows = {name: published.rows(dataset / name, arrow.one_chunk(ids)) for name in ("documents", "paragraphs")}
    silent = index.paragraphs_of(np.sort(documents))
    silent = silent[~np.isin(silent, taking.paragraphs)]
    owner = docs[np.argsort(documents)][np.searchsorted(np.sort(documents), index.owners(silent))]
    before = {
        "paragraphs": _repeats(index, silent, owner, settings.dedup.paragraphs.action),
        "paragraph_copies": _counts(index, silent, owner, rows["paragraphs"], docs, ids),
        "copies": _copies(rows["documents"], docs, ids, ~np.isin(documents, taking.judged)),
    }
    for name, table in before.items():
        like = tables[name]
        joined = pa.concat_tables([like, table.select(like.column_names).cast(like.schema)])
        keys = [(key, "ascending") for key in ("doc", "position") if key in like.column_names]
        tables[name] = joined.take(pc.sort_indices(joined, sort_keys=keys))
    return tables


def _repeats(index: Index, silent: Ids, owner: Ids, action: str) -> pa.Table:
    """Return the verdicts on paragraphs that were removed and took no part."""
    told = index.states("paragraphs", silent)
    gone = np.isin(told.state, (DUPLICATE, QUOTED))
    told, owner = told.where(gone), owner[gone]
    quoted = told.state == QUOTED
    kept, at = np.unique(told.kept, return_inverse=True)
    theirs = index.take("paragraphs", kept).select(["doc_id", "position"]).take(pa.array(at))
    return pa.table(
        {
            "doc": owner,
            "position": index.take("paragraphs", told.id)["position"],
            "kept_doc_id": theirs["doc_id"],
            "kept_position": theirs["position"],
            "similarity": told.similarity,
            "rule": pa.array(np.where(quoted, "kept_quote", "near").tolist(), pa.string()),
            "action": pa.array(np.where(quoted, "mark", action).tolist(), pa.string()),
        }
    )


def _counts(index: Index, silent: Ids, owner: Ids, rows: pa.Table, docs: Ids, ids: pa.ChunkedArray) -> pa.Table:
    """Return the copies that published paragraphs which took no part stood for."""
    rows = rows.filter(pc.greater(rows["n_copies"], 0)).select(["doc_id", "position", "n_copies"])
    of = docs[pc.index_in(rows["doc_id"], arrow.one_chunk(ids)).to_numpy()]
    mine = places(owner, arrow.numbers(index.take("paragraphs", silent)["position"]))
    some = np.isin(places(of, arrow.numbers(rows["position"])), mine)
    return rows.select(["position", "n_copies"]).append_column("doc", pa.array(of)).filter(pa.array(some))


def _copies(rows: pa.Table, docs: Ids, ids: pa.ChunkedArray, silent: NDArray[np.bool_]) -> pa.Table:
    """Return the copies that published documents which took no part stood for."""
    at = pc.index_in(rows["doc_id"], arrow.one_chunk(ids)).to_numpy()
    rows, at = rows.filter(pa.array(silent[at])), at[silent[at]]
    copies = arrow.one_chunk(rows["copies"])
    flat = copies.flatten()
    of = docs[at][pc.list_parent_indices(copies).to_numpy()]
    return pa.table({"doc": of, **{name: flat.field(name) for name in ("doc_id", "source", "similarity")}})
