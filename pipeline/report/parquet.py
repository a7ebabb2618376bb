"""The files of one table of a dataset, as row groups with a number for each row; single rows, at a bounded price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow.fs import FileSystem

from pipeline.schema import DOCUMENTS

#: The folder of rows without a value.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
#: Rows that are read at once.
BATCH_ROWS = 16_384
#: Row groups that are looked into at once: Arrow decodes without Python's lock.
THREADS = 2
#: Rows that are read at once where only some are wanted: texts behind the last of them are not decoded.
FEW_ROWS = 512


class Group(NamedTuple):
    """A row group of a file."""

    path: Path
    number: int  #: in its file
    first: int  #: its first row, counted over all files
    rows: int
    sizes: dict[str, int]  #: bytes of its columns when they are decoded
    store: FileSystem | None  #: where the file is; None: on this machine


class Rows(NamedTuple):
    """Rows of a table and their numbers, `at`, ascending."""

    table: pa.Table
    at: NDArray[np.int64]


def groups(folder: Path) -> list[Group]:
    """Return the row groups of all Parquet files of the folder, in order of names."""
    return groups_of(sorted(folder.rglob("*.parquet")))


def groups_of(files: Sequence[Path], store: FileSystem | None = None) -> list[Group]:
    """Return the row groups of these Parquet files. store: where they are; None: on this machine."""
    found: list[Group] = []
    first = 0
    for path in files:
        metadata = pq.read_metadata(str(path), filesystem=store)
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            found.append(Group(path, number, first, group.num_rows, _sizes(group), store))
            first += group.num_rows
    return found


def _sizes(group: pq.RowGroupMetaData) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for at in range(group.num_columns):
        column = group.column(at)
        name = column.path_in_schema.split(".")[0]
        sizes[name] = sizes.get(name, 0) + column.total_uncompressed_size
    return sizes


def batches(of: Sequence[Group], columns: Sequence[str], coded: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Yield all rows of these columns; those that are `coded` as dictionaries."""
    for path, store in {group.path: group.store for group in of}.items():
        with pq.ParquetFile(str(path), read_dictionary=list(coded), filesystem=store) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=list(columns)):
                yield _whole(batch, path, columns)


def fetch(of: Sequence[Group], wanted: Sequence[int], columns: Sequence[str], most: int, budget: int) -> Rows:
    """Return at most `most` of the wanted rows, those named first before others, for about `budget` decoded bytes.

    A row costs what stands before it in its row group: Parquet is decoded from the beginning of one.
    """
    firsts = np.array([group.first for group in of], np.int64)
    reach: dict[int, int] = {}
    taken: list[int] = []
    for row in wanted:
        at = int(np.searchsorted(firsts, row, side="right")) - 1
        size = sum(of[at].sizes.get(name, 0) for name in columns)
        more = max(0, row - of[at].first + 1 - reach.get(at, 0)) * size // of[at].rows
        if more <= budget and len(taken) < most:
            budget -= more
            reach[at] = max(reach.get(at, 0), row - of[at].first + 1)
            taken.append(row)
    rows = np.unique(np.array(taken, np.int64))
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(lambda at: _some(of[at], rows, columns), sorted(reach)))
    return Rows(pa.concat_tables(parts) if parts else pa.table({name: [] for name in columns}), rows)


def _some(group: Group, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
    """Return those of the rows that are in the group."""
    inside = rows[(rows >= group.first) & (rows < group.first + group.rows)] - group.first
    parts, start = [], 0
    with pq.ParquetFile(str(group.path), pre_buffer=False, filesystem=group.store) as file:
        for batch in file.iter_batches(FEW_ROWS, row_groups=[group.number], columns=list(columns)):
            here = inside[(inside >= start) & (inside < start + len(batch))]
            if len(here):
                parts.append(_whole(batch.take(pa.array(here - start)), group.path, columns))
            start += len(batch)
            if start > inside[-1]:
                break
    return pa.Table.from_batches(parts)


def _whole(batch: pa.RecordBatch, path: Path, columns: Sequence[str]) -> pa.RecordBatch:
    """Return the batch with those of the columns that only the folders of its file say (`site=example.org`)."""
    if all(name in batch.schema.names for name in columns):
        return batch
    said = dict(part.split("=", 1) for part in path.parts if "=" in part)
    arrays = []
    for name in columns:
        if name in batch.schema.names:
            arrays.append(batch.column(name))
            continue
        value = None if said[name] == NO_VALUE else unquote(said[name])
        arrays.append(pa.repeat(pa.scalar(value, pa.string()).cast(DOCUMENTS.field(name).type), len(batch)))
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
