from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.ingest import rows


@pytest.mark.parametrize("compressed", [True, False])
def test_rows_are_fetched_in_the_order_asked_for(tmp_path: Path, compressed: bool) -> None:
    table = pa.table({"n": np.arange(5000), "text": [f"row {n}" for n in range(5000)]})
    cut = [table.slice(0, 7), table.slice(7, 0), table.slice(7, 3000), table.slice(3007)]
    assert rows.write(tmp_path / "a.arrow", cut, table.schema, compressed=compressed) == 5000
    store = rows.Rows(tmp_path / "a.arrow")
    wanted = np.array([4999, 0, 1024, 1023, 0, 2500])
    assert store.take(wanted) == table.take(pa.array(wanted)).combine_chunks()
    assert pa.concat_tables(store.tables()).combine_chunks() == table.combine_chunks()


def test_a_store_may_be_empty(tmp_path: Path) -> None:
    schema = pa.schema([("n", pa.int64())])
    assert rows.write(tmp_path / "a.arrow", [], schema) == 0
    assert rows.Rows(tmp_path / "a.arrow").take(np.zeros(0, np.int64)).num_rows == 0
