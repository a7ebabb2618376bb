"""The counts of a dataset over all its batches, and what becomes of its many small files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ReconcileError
from pipeline.ingest.publishing import JOINED, _joined, counted
from pipeline.settings import WriteSettings

NAMES = ("in", "kept", "removed", "quarantined", "retired")
some = st.tuples(*[st.integers(0, 9)] * 4)


def counts(kept: int, removed: int, quarantined: int, retired: int) -> dict[str, dict[str, int]]:
    one = dict(zip(NAMES, (kept + removed + quarantined + retired, kept, removed, quarantined, retired), strict=True))
    return {"documents": dict(one), "paragraphs": dict(one)}


NONE = counts(0, 0, 0, 0)


@given(some, some, st.sampled_from(["documents", "paragraphs"]), st.sampled_from(NAMES))
def test_all_is_summed_and_one_that_is_lost_is_told(
    one: tuple[int, ...], two: tuple[int, ...], what: str, name: str
) -> None:
    before, batch = counts(*one), counts(*two)
    total = counted(before, batch, NONE)
    assert total == counts(*map(sum, zip(one, two, strict=True))) and counted(None, batch, NONE) == batch
    batch[what][name] += 1
    with pytest.raises(ReconcileError, match=f"{what} do not add up, so nothing was published"):
        counted(before, batch, NONE)


def test_nothing_is_kept_less_than_never() -> None:
    moved = {what: dict.fromkeys(NAMES, 0) | {"kept": -1, "retired": 1} for what in NONE}
    with pytest.raises(ReconcileError, match="do not add up"):
        counted(NONE, NONE, moved)


@pytest.mark.parametrize("other", [pa.table({"b": [1]}), pa.table({"a": [1]}).replace_schema_metadata({"k": "v"})])
def test_only_files_of_one_form_are_joined(tmp_path: Path, other: pa.Table) -> None:
    for number in range(JOINED):
        pq.write_table(pa.table({"a": [number]}).replace_schema_metadata({}), tmp_path / f"{number}.parquet")
    pq.write_table(other, tmp_path / "8.parquet")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert not _joined(tmp_path, WriteSettings())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (tmp_path / "8.parquet").unlink()
    assert _joined(tmp_path, WriteSettings())
    assert [path.name for path in tmp_path.iterdir()] == ["0.parquet"]
    assert ds.dataset(tmp_path).to_table()["a"].to_pylist() == list(range(JOINED))
