"""Ids that documents of the past bear already, and columns that they have: what `gather` knows of the batch alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.errors import DuplicateIdError
from pipeline.ingest.index import Index, name_keys
from pipeline.ingest.states import RETIRED
from pipeline.ingest.views import View
from pipeline.settings import Settings
from pipeline.steps import extra
from pipeline.steps.ids import RENAMES
from pipeline.steps.intake import documents
from pipeline.work import Work

Ids = NDArray[np.int64]


def gather(work: Work, own: View, index: Index, settings: Settings, retiring: Ids) -> None:
    """Save `gather` of the work directory: that of the batch (`own`), minding the past.

    Raises DuplicateIdError when a new document bears the id of one that is there, unless
    `read.on_duplicate_id` is suffix.
    """
    taken = _taken(own, index, retiring)
    renames = own.load("gather", 0, "renames")
    if taken.num_rows:
        if settings.read.on_duplicate_id == "error":
            raise _error(taken, index)
        renames = _suffixed(own, index, taken, renames, retiring)
    columns = [index.table("columns", pa.schema([])).schema, own.load("gather", 0, "columns").schema]
    work.save("gather", 0, {"renames": renames, "columns": extra.unify(columns).empty_table()})


def bearers(index: Index, ids: pa.Array, retiring: Ids) -> pa.Table:
    """Return `doc_id`, `source` of documents in the dataset that bear one of these ids."""
    found = index.find(["names"], name_keys("id", ids))
    found = found[~np.isin(found, retiring)]
    found = found[index.states("documents", found).state != RETIRED]
    if not len(found):
        return pa.table({"doc_id": pa.array([], pa.string()), "source": pa.array([], pa.string())})
    there = index.take("documents", found).select(["doc_id", "source"])
    return there.filter(pc.is_in(there["doc_id"], arrow.one_chunk(ids)))


def _taken(own: View, index: Index, retiring: Ids) -> pa.Table:
    """Return (doc, doc_id, source, position) of new documents whose id is taken."""
    parts = []
    for shard in own.shards():
        table = documents(own, shard).select(["doc", "doc_id", "source", "position"])
        there = bearers(index, arrow.one_chunk(table["doc_id"]), retiring)
        parts.append(table.filter(pc.is_in(table["doc_id"], arrow.one_chunk(there["doc_id"]))))
    return pa.concat_tables(parts)


def _error(taken: pa.Table, index: Index) -> DuplicateIdError:
    row = taken.slice(0, 1).to_pylist()[0]
    source = bearers(index, taken["doc_id"].slice(0, 1), np.zeros(0, np.int64))["source"][0].as_py()
    more = f" ({taken.num_rows - 1} more ids are taken)" if taken.num_rows > 1 else ""
    return DuplicateIdError(
        f"the id {row['doc_id']!r} in {row['source']} row {row['position']} is in the dataset already, from {source}"
        f"{more}: name another column with --id-column, or take --on-duplicate-id suffix"
    )


def _suffixed(own: View, index: Index, taken: pa.Table, renames: pa.Table, retiring: Ids) -> pa.Table:
    """Return the renames with those of `taken`: the first of -2, -3 … that neither batch nor dataset has."""
    used = {name for shard in own.shards() for name in documents(own, shard)["doc_id"].to_pylist()}
    new = dict(zip(renames["doc"].to_pylist(), renames["doc_id"].to_pylist(), strict=True))
    for row in taken.to_pylist():
        number = 2
        while (name := f"{row['doc_id']}-{number}") in used or bearers(index, pa.array([name]), retiring).num_rows:
            number += 1
        used.add(name)
        new[row["doc"]] = name
    rows = [{"doc": doc, "doc_id": name} for doc, name in sorted(new.items())]
    return pa.Table.from_pylist(rows, schema=RENAMES)
