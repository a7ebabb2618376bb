"""Rows of the published files by the ids of their documents: to compare with, and to take out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline import write
from pipeline.settings import WriteSettings
from pipeline.steps import extra


def rows(folder: Path, ids: pa.Array) -> pa.Table:
    """Return the rows of the documents `ids` in all files of a table; row groups that cannot hold them are not read."""
    files = sorted(folder.glob("*.parquet"))
    schema = extra.unify([pq.read_schema(file).remove_metadata() for file in files])
    chosen = [_chosen(file, ids) for file in files] if len(ids) else []
    parts = [extra.conform(table, schema, table.num_rows) for table in chosen if table.num_rows]
    return pa.concat_tables([schema.empty_table(), *parts])


def _chosen(file: Path, ids: pa.Array) -> pa.Table:
    return ds.dataset(file).to_table(filter=pc.is_in(ds.field("doc_id"), ids)).replace_schema_metadata()


def holding(folder: Path, chosen: pc.Expression | None) -> list[Path]:
    """Return the files of a table that have rows that are chosen; None: none are."""
    if chosen is None:
        return []
    return [file for file in sorted(folder.glob("*.parquet")) if ds.dataset(file).count_rows(filter=chosen)]


def without(
    file: Path, chosen: pc.Expression | None, place: Path, settings: WriteSettings, run: str, own: pa.Schema | None
) -> None:
    """Write the rows of `file` that are not chosen to `place`, if there are any.

    own: the columns as they are from now on; those that the file lacks are null. None: as they are.
    """
    table = pq.read_table(file)
    table = table if chosen is None else table.filter(~chosen)
    if own is not None:
        table = extra.conform(table, own, table.num_rows)
    if table.num_rows:
        write.parquet(place, table, settings, run)


def ids_of(tables: Iterable[pa.Table]) -> pa.Array:
    """Return the ids of the documents of the tables, each once."""
    found = [pc.unique(table["doc_id"]) for table in tables]
    return pc.unique(pa.concat_arrays([pa.array([], pa.string()), *found]))
