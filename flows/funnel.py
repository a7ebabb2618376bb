"""What of a dataset was removed by what, and what was repeated most: read from its files, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.dataset import Dataset
from pipeline.stored import Stored
from pipeline.stores import system
from pipeline.target import Data

#: Rules and clusters that are shown.
SHOWN = 10
_COUNTS = ("documents", "paragraphs", "bytes")
#: No removals: a scan that meets no row may yield no batch.
_NOTHING = pa.schema(
    [(name, pa.string()) for name in ("stage", "rule")] + [(name, pa.int64()) for name in (*_COUNTS, "rows")]
).empty_table()
_CLUSTER = ("doc_id", "title", "source", "n_copies")


class Funnel(NamedTuple):
    """All figures are of the whole dataset; bytes are of text, in UTF-8, after repair."""

    kept_bytes: int
    #: By stage: `stage`, `documents`, `paragraphs`, `bytes`; most bytes first.
    stages: list[dict[str, Any]]
    #: The rules that removed most: `stage`, `rule`, `rows`, `bytes`; most rows first.
    rules: list[dict[str, Any]]
    #: The documents that stand for most copies: `doc_id`, `title`, `source`, `n_copies`.
    clusters: list[dict[str, Any]]


def funnel(out: Path | Data) -> Funnel:
    """Return the figures of the dataset at or called `out`."""
    drops = _drops(out)
    order = [("bytes", "descending"), ("stage", "ascending")]
    stages = _summed(drops, ["stage"]).sort_by(order)
    order = [("rows", "descending"), ("stage", "ascending"), ("rule", "ascending")]
    rules = _summed(drops, ["stage", "rule"]).sort_by(order).slice(0, SHOWN)
    kept = sum(pc.sum(batch["bytes"]).as_py() or 0 for batch in _batches(out, "documents", {"bytes": _bytes()}))
    return Funnel(kept, stages.to_pylist(), rules.to_pylist(), _clusters(out))


def _drops(out: Path | Data) -> pa.Table:
    """Return the number of removed documents and paragraphs, and their bytes, by stage and rule."""
    whole = pc.field("position").is_null()
    columns = {
        "stage": pc.field("stage"),
        "rule": pc.field("rule"),
        "documents": whole.cast(pa.int64()),
        "paragraphs": (~whole).cast(pa.int64()),
        "bytes": _bytes(),
    }
    batches = _batches(out, "ledger", columns, pc.field("action") == "drop")
    summed = [_summed(pa.Table.from_batches([batch]), ["stage", "rule"]) for batch in batches]
    return _summed(pa.concat_tables([_NOTHING, *summed], promote_options="default"), ["stage", "rule"])


def _summed(table: pa.Table, keys: list[str]) -> pa.Table:
    """Return the sums by `keys`, and their `rows`: documents and paragraphs together."""
    found = table.group_by(keys).aggregate([(name, "sum") for name in _COUNTS])
    found = found.select([*keys, *(f"{name}_sum" for name in _COUNTS)]).rename_columns([*keys, *_COUNTS])
    return found.append_column("rows", pc.add(found["documents"], found["paragraphs"]))


def _clusters(out: Path | Data) -> list[dict[str, Any]]:
    most: pa.Table | None = None
    for batch in _batches(out, "documents", {name: pc.field(name) for name in _CLUSTER}, pc.field("n_copies") > 0):
        table = pa.Table.from_batches([batch])
        table = table if most is None else pa.concat_tables([most, table])
        most = table.sort_by([("n_copies", "descending"), ("doc_id", "ascending")]).slice(0, SHOWN)
    return [] if most is None else list(most.to_pylist())


def _bytes() -> pc.Expression:
    return pc.coalesce(pc.binary_length(pc.field("text")).cast(pa.int64()), pa.scalar(0, pa.int64()))


def _batches(
    out: Path | Data, name: str, columns: dict[str, pc.Expression], where: pc.Expression | None = None
) -> Iterator[pa.RecordBatch]:
    if isinstance(out, Stored):
        table = ds.dataset(out.files(name), filesystem=system(out.place), format="parquet")
    else:
        table = ds.dataset(((out.root if isinstance(out, Dataset) else out) / name).resolve())
    yield from table.scanner(columns=columns, filter=where).to_batches()
