from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ledger
from pipeline.errors import ReconcileError
from pipeline.schema import LEDGER


@given(st.integers(0, 20), st.data())
def test_nothing_vanishes_but_into_the_ledger(n: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, n - 1), unique=True)) if n else []
    table = pa.table({"doc_id": [f"d{i}" for i in range(n)], "position": range(n), "text": [f"t{i}" for i in range(n)]})
    verdicts = pa.table(
        {
            "row": pa.array(rows, pa.int64()),
            "rule": pa.array([f"r{i}" for i in rows], pa.string()),
            "kept_doc_id": pa.array([f"k{i}" for i in rows], pa.string()),
            "kept_position": pa.array(rows, pa.int32()),
            "similarity": pa.array([i / 32 for i in rows], pa.float64()),
        }
    )
    kept, gone = ledger.drop(table, "stage", verdicts)
    assert gone.schema == LEDGER
    assert sorted(kept["doc_id"].to_pylist() + gone["doc_id"].to_pylist()) == sorted(table["doc_id"].to_pylist())
    assert gone["text"].to_pylist() == [f"t{i}" for i in rows]
    for name in ("rule", "kept_doc_id", "kept_position", "similarity"):
        assert gone[name].to_pylist() == verdicts[name].to_pylist(), name
    assert set(gone["action"].to_pylist()) <= {"drop"}


def test_a_row_named_twice_is_a_bug_and_said_so() -> None:
    table = pa.table({"doc_id": ["a", "b"], "text": ["x", "y"]})
    with pytest.raises(ReconcileError, match="judged one row twice"):
        ledger.drop(table, "stage", pa.table({"row": [1, 1], "rule": ["r", "r"]}))
