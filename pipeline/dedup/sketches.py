"""Sketches of all shards, looked at a column of a shard at a time and never as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import numbers

Rows = NDArray[np.int64]


class Sketches:
    """The rows of several tables (as `sketch.sketch` returns them) one after the other.

    Each table is opened anew for each look, so that its mapped pages are let go: what is mapped counts as
    memory of the process as long as it is.
    """

    def __init__(self, tables: Sequence[Callable[[], pa.Table]]) -> None:
        """tables: each returns the table of a shard, memory-mapped or not."""
        self._tables = tables
        self._ends = np.cumsum([table().num_rows for table in tables], dtype=np.int64)
        names = tables[0]().column_names if tables else []
        self.bands = [name for name in names if name.startswith("band_")]

    @classmethod
    def of(cls, table: pa.Table) -> Sketches:
        """Return the sketches of a table that is there already."""
        return cls([lambda: table])

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def chunks(self, *names: str) -> Iterator[tuple[int, tuple[NDArray[Any], ...]]]:
        """Yield (number of the first row, columns) of one stretch of rows after the other."""
        first = 0
        for open_table in self._tables:
            for batch in open_table().select(list(names)).to_batches():
                yield first, tuple(numbers(column) for column in batch.columns)
                first += batch.num_rows

    def column(self, name: str, kind: Any) -> NDArray[Any]:
        """Return a whole column, as `kind`."""
        whole = np.empty(len(self), dtype=kind)
        for first, (part,) in self.chunks(name):
            whole[first : first + len(part)] = part
        return whole

    def bands_of(self, rows: Rows, bands: Sequence[str], out: NDArray[np.uint64]) -> None:
        """Fill `out`, shape (bands, rows), with these bands of these rows."""
        ascending = np.argsort(rows, kind="stable")
        cuts = np.searchsorted(rows[ascending], self._ends)
        first, begin = 0, 0
        for open_table, end, cut in zip(self._tables, self._ends, cuts, strict=True):
            if cut > begin:
                table, places = open_table(), ascending[begin:cut]
                for k, name in enumerate(bands):
                    out[k, places] = numbers(table[name])[rows[places] - first]
            first, begin = int(end), int(cut)
