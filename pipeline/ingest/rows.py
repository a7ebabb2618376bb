"""Tables on disk of which a few rows can be fetched: Arrow IPC in small record batches of equal length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

#: Rows a record batch. A document is fetched by decompressing one or two batches, 1 to 2 ms each.
BATCH_ROWS = 1024


def write(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, *, compressed: bool = True) -> int:
    """Write `tables` (of `schema`) one below the other; return the number of rows.

    compressed: zstd; without it rows are looked at where they lie, for numbers that do not compress.
    """
    options = pa.ipc.IpcWriteOptions(compression="zstd" if compressed else None)
    rest, n = schema.empty_table(), 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
        for table in tables:
            rest = pa.concat_tables([rest, table.select(schema.names).cast(schema)])
            whole = rest.num_rows - rest.num_rows % BATCH_ROWS
            _write(writer, rest.slice(0, whole))
            rest, n = rest.slice(whole), n + whole
        _write(writer, rest)
    return n + int(rest.num_rows)


def _write(writer: pa.ipc.RecordBatchFileWriter, table: pa.Table) -> None:
    for first in range(0, table.num_rows, BATCH_ROWS):
        writer.write_table(table.slice(first, BATCH_ROWS).combine_chunks())


class Rows:
    """The rows of one file that `write` wrote."""

    def __init__(self, path: Path) -> None:
        """Map the file; nothing is read until it is asked for."""
        self._file = pa.ipc.open_file(pa.memory_map(str(path)))
        self.schema: pa.Schema = self._file.schema

    def take(self, rows: NDArray[np.int64]) -> pa.Table:
        """Return these rows, in the order asked for."""
        order = np.argsort(rows, kind="stable")
        batch_of = rows[order] // BATCH_ROWS
        numbers, firsts = np.unique(batch_of, return_index=True)
        parts = [self.schema.empty_table()]
        spans = pairwise([*firsts.tolist(), len(rows)])
        for number, (first, last) in zip(numbers.tolist(), spans, strict=True):
            batch = pa.Table.from_batches([self._file.get_batch(number)])
            parts.append(batch.take(pa.array(rows[order[first:last]] - number * BATCH_ROWS)))
        back = np.empty(len(rows), np.int64)
        back[order] = np.arange(len(rows))
        return pa.concat_tables(parts).combine_chunks().take(pa.array(back))

    def tables(self) -> Iterator[pa.Table]:
        """Yield all rows, a stretch at a time."""
        for number in range(self._file.num_record_batches):
            yield pa.Table.from_batches([self._file.get_batch(number)])
