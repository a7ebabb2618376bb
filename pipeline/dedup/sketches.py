"""Sketches of all shards, looked at a column of a shard at a time and never as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import Columns, numbers

Rows = NDArray[np.int64]


class Sketches:
    """The rows of several tables (as `sketch.sketch` returns them) one after the other.

    Tables on disk are mapped a column at a time, and anew for each look: see `arrow.Columns`.
    """

    def __init__(self, tables: Sequence[pa.Table | Columns]) -> None:
        """tables: one a shard."""
        self._tables = tables
        self._ends = np.cumsum([table.num_rows for table in tables], dtype=np.int64)
        names = tables[0].column_names if tables else []
        self.bands = [name for name in names if name.startswith("band_")]

    @classmethod
    def of(cls, table: pa.Table) -> Sketches:
        """Return the sketches of a table that is there already."""
        return cls([table])

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def chunks(self, *names: str) -> Iterator[tuple[int, tuple[NDArray[Any], ...]]]:
        """Yield (number of the first row, columns) of one stretch of rows after the other."""
        first = 0
        for table in self._tables:
            yield first, tuple(numbers(table[name]) for name in names)
            first += table.num_rows

    def column(self, name: str, kind: Any) -> NDArray[Any]:
        """Return a whole column, as `kind`."""
        whole = np.empty(len(self), dtype=kind)
        for first, (part,) in self.chunks(name):
            whole[first : first + len(part)] = part
        return whole

    def bands_of(self, rows: Rows, bands: Sequence[str]) -> NDArray[np.uint64]:
        """Return these bands of these rows, shape (bands, rows)."""
        out = np.empty((len(bands), len(rows)), np.uint64)
        ascending = np.argsort(rows, kind="stable")
        cuts = np.searchsorted(rows[ascending], self._ends)
        first, begin = 0, 0
        for table, end, cut in zip(self._tables, self._ends, cuts, strict=True):
            if cut > begin:
                places = ascending[begin:cut]
                for k, name in enumerate(bands):
                    out[k, places] = numbers(table[name])[rows[places] - first]
            first, begin = int(end), int(cut)
        return out

    def part(self, groups: Sequence[Rows], out: Sequence[NDArray[np.uint64]], rest: Callable[[], None]) -> None:
        """Fill `out[g]`, shape (rows, bands), with the bands of the rows `groups[g]`, which ascend; one group at least.

        Each table is read once, however many groups there are. rest: called after each.
        """
        first = 0
        for table, end in zip(self._tables, self._ends.tolist(), strict=True):
            cuts = [np.searchsorted(group, (first, end)).tolist() for group in groups]
            rows = np.concatenate([group[a:b] for group, (a, b) in zip(groups, cuts, strict=True)]) - first
            bands = np.empty((len(rows), len(self.bands)), np.uint64)
            for k, name in enumerate(self.bands):
                bands[:, k] = numbers(table[name])[rows]
            done = 0
            for (a, b), filled in zip(cuts, out, strict=True):
                filled[a:b] = bands[done : done + b - a]
                done += b - a
            first = end
            rest()
