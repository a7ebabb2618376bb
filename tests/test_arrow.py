from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from tests.strategies import texts


@given(st.lists(st.lists(texts, max_size=4), max_size=5), st.sampled_from(["", "\n\n", "–"]))
def test_join_runs_joins_each_run(runs: list[list[str]], separator: str) -> None:
    flat = pa.array(["left out", *(text for run in runs for text in run)], pa.large_string()).slice(1)
    starts = np.concatenate([[0], np.cumsum([len(run) for run in runs])]).astype(np.int64)
    assert arrow.join_runs(flat, starts, separator).to_pylist() == [separator.join(run) for run in runs]


@given(st.lists(st.integers(0, 3)))
def test_run_starts_cuts_where_values_change(values: list[int]) -> None:
    starts = arrow.run_starts(np.array(values))
    runs = [values[a:b] for a, b in itertools.pairwise(starts)]
    assert [value for run in runs for value in run] == values
    assert all(len(set(run)) == 1 for run in runs)
    assert all(a[-1] != b[0] for a, b in itertools.pairwise(runs))


def test_views_cannot_be_written_to() -> None:
    data, offsets = arrow.text_view(pa.array(["abc"], pa.large_string()))
    for view in (data, offsets, arrow.numbers(pa.array([1, 2]))):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 0


def test_a_lone_chunk_is_not_copied() -> None:
    column = pa.chunked_array([pa.array(["abc"], pa.large_string())])
    assert arrow.one_chunk(column).buffers()[2].address == column.chunk(0).buffers()[2].address


def test_files_come_back_memory_mapped(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2], "text": ["a", None]})
    arrow.write_file(tmp_path / "x.arrow", table)
    before = pa.total_allocated_bytes()
    assert arrow.read_file(tmp_path / "x.arrow").equals(table)
    assert pa.total_allocated_bytes() == before


def test_columns_of_a_file_are_those_of_its_table(tmp_path: Path) -> None:
    whole = pa.table({"n": pa.array([3, 1, 2], pa.uint64()), "s": ["a", None, "ßü"], "t": pa.array(["", "x", "yz"])})
    for table in (whole, whole.slice(0, 0)):
        arrow.write_file(tmp_path / "t.arrow", table)
        columns = arrow.Columns(tmp_path / "t.arrow")
        assert (columns.num_rows, columns.column_names) == (table.num_rows, ["n", "s", "t"])
        for name in table.column_names:
            assert columns[name].type == table[name].type
            assert columns[name].to_pylist() == table[name].to_pylist()
