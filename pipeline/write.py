"""Parquet that leaves the house: zstd, statistics, sensible row groups, and who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.settings import WriteSettings

#: Key of the run id in the metadata of every file.
RUN_KEY = b"corpusmill.run"


def parquet(path: Path, table: pa.Table, settings: WriteSettings, run: str) -> None:
    """Write `table` to `path`; `run` goes into the file's key-value metadata."""
    metadata = {**(table.schema.metadata or {}), RUN_KEY: run.encode()}
    with writer(path, table.schema.with_metadata(metadata), settings) as sink:
        sink.write_table(table, settings.row_group_rows)


def parquet_of(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, settings: WriteSettings) -> None:
    """Write tables, sorted by `write.sort_by`, as row groups of `schema`, which says so."""
    by = [(name, "ascending") for name in settings.sort_by if name in schema.names]
    with writer(path, schema, settings, pq.SortingColumn.from_ordering(schema, by) if by else None) as sink:
        for table in tables:
            sink.write_table(table.select(schema.names).cast(schema))


def writer(
    path: Path, schema: pa.Schema, settings: WriteSettings, sorting: Sequence[pq.SortingColumn] | None = None
) -> pq.ParquetWriter:
    """Return a writer of row groups of `schema`, the metadata of which goes into the file."""
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=settings.compression_level,
        write_page_index=True,
        sorting_columns=sorting,
    )


def rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, from its footer."""
    return int(pq.read_metadata(path).num_rows)
