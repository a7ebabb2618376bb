"""Bands of groups of rows against the columns they stand in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.dedup.sketches import Sketches


def test_each_group_has_the_bands_of_its_rows_and_each_table_is_read_once() -> None:
    random = np.random.default_rng(3)
    tables = [
        pa.table({f"band_{k}": random.integers(0, 2**64, n, dtype=np.uint64) for k in range(3)}) for n in (5, 0, 9, 1)
    ]
    whole = pa.concat_tables(tables)
    rested = []
    groups = [np.array(rows, np.int64) for rows in ([0, 4, 5, 13, 14], [], [1, 7], [2, 3, 6, 8])]
    out = [np.zeros((len(group), 3), np.uint64) for group in groups]
    sketches = Sketches(tables)
    sketches.part(groups, out, lambda: rested.append(1))
    assert len(rested) == len(tables)
    for group, filled in zip(groups, out, strict=True):
        wanted = [[whole[f"band_{k}"][row].as_py() for k in range(3)] for row in group.tolist()]
        assert filled.tolist() == wanted
        assert sketches.bands_of(group, sketches.bands).T.tolist() == wanted
