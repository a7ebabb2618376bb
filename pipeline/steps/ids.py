"""Ids that two rows share: an error that names both, or a suffix."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.errors import DuplicateIdError
from pipeline.kernels.tokens import text_hashes
from pipeline.schema import RAW
from pipeline.work import Work

RENAMES = pa.schema([pa.field("doc", pa.int64()), pa.field("doc_id", pa.string())])


def renames(work: Work, on_duplicate_id: str) -> pa.Table:
    """Return (doc, doc_id) of the documents that must take another id.

    Raises DuplicateIdError when an id is given twice and `on_duplicate_id` is "error".
    """
    repeated = _repeated(work)
    if not repeated.num_rows:
        return RENAMES.empty_table()
    if on_duplicate_id == "error":
        raise _error(repeated)
    return _suffixed(work, repeated)


def renamed(documents: pa.Table, renames: pa.Table) -> pa.Table:
    """Return `documents` (RAW, consecutive `doc`) with the new ids of those that `renames` names."""
    if not renames.num_rows or not documents.num_rows:
        return documents
    rows = arrow.numbers(renames["doc"]) - documents["doc"][0].as_py()
    here = (rows >= 0) & (rows < documents.num_rows)
    mask = np.zeros(documents.num_rows, dtype=bool)
    mask[rows[here]] = True
    new = arrow.one_chunk(renames["doc_id"].filter(pa.array(here)))
    replaced = pc.replace_with_mask(arrow.one_chunk(documents["doc_id"]), pa.array(mask), new)
    return documents.set_column(RAW.get_field_index("doc_id"), RAW.field("doc_id"), replaced)


def _repeated(work: Work) -> pa.Table:
    """Return (doc, doc_id, source, position) of all rows whose id stands more than once, by doc.

    Eight bytes a document find the few that need a look at the ids themselves.
    """
    hashes = [_hashes(work, shard) for shard in work.shards()]
    values, counts = np.unique(np.concatenate(hashes), return_counts=True)
    suspects = values[counts > 1]
    rows = [_suspicious(work, shard, hashes[shard], suspects) for shard in work.shards()]
    table = pa.concat_tables(rows)
    counted = table.group_by("doc_id").aggregate([("doc", "count")])
    twice = counted.filter(pc.greater(counted["doc_count"], 1))["doc_id"]
    return table.filter(pc.is_in(table["doc_id"], value_set=arrow.one_chunk(twice)))


def _hashes(work: Work, shard: int) -> NDArray[np.uint64]:
    return text_hashes(*arrow.text_view(arrow.large_strings(work.load("read", shard, "documents")["doc_id"])))


def _suspicious(work: Work, shard: int, hashes: NDArray[np.uint64], suspects: NDArray[np.uint64]) -> pa.Table:
    table = work.load("read", shard, "documents").select(["doc", "doc_id", "source", "position"])
    return table.filter(pa.array(np.isin(hashes, suspects)))


def _error(repeated: pa.Table) -> DuplicateIdError:
    first = repeated["doc_id"][0].as_py()
    same = repeated.filter(pc.equal(repeated["doc_id"], first)).slice(0, 2).to_pylist()
    places = " and ".join(f"{row['source']} row {row['position']}" for row in same)
    others = len(pc.unique(repeated["doc_id"])) - 1
    more = f" ({others} more ids are repeated)" if others else ""
    return DuplicateIdError(
        f"the id {first!r} is given twice, in {places}{more}: name another column with --id-column, "
        "or take --on-duplicate-id suffix"
    )


def _suffixed(work: Work, repeated: pa.Table) -> pa.Table:
    """Return renames: in reading order the second bearer of an id takes -2, the third -3, as far as free."""
    wanted = {f"{name}-" for name in pc.unique(repeated["doc_id"]).to_pylist()}
    taken: set[str] = set()
    for shard in work.shards():
        ids = work.load("read", shard, "documents")["doc_id"].to_pylist()
        taken.update(name for name in ids if name[: name.rfind("-") + 1] in wanted)
    met: Counter[str] = Counter()
    rows = []
    for row in repeated.sort_by("doc").select(["doc", "doc_id"]).to_pylist():
        name = row["doc_id"]
        met[name] += 1
        if met[name] == 1:
            continue
        while f"{name}-{met[name]}" in taken:
            met[name] += 1
        rows.append({"doc": row["doc"], "doc_id": f"{name}-{met[name]}"})
        taken.add(rows[-1]["doc_id"])
    return pa.Table.from_pylist(rows, schema=RENAMES)
