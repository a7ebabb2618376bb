"""What is written adds up, and takes the place of what was there in such a way that nothing is lost in between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.distinct import outcome
from pipeline.distinct.matching import Duplicates
from pipeline.errors import ReconcileError
from pipeline.settings import WriteSettings

DOCUMENTS = pa.table(
    {"doc_id": [f"d{i}" for i in range(5)], "source": pa.array(["s"] * 5).dictionary_encode(), "position": range(5)}
)
FOUND = Duplicates(
    np.array([1, 2, 4]), np.array([0, 0, 3]), np.array([1.0, 0.5, 1.0]), np.array([True, False, True]), 0
)
ASIDE = pa.table({"source": ["t", "u"]})


def test_each_document_is_kept_or_names_the_one_that_is() -> None:
    kept, duplicates = outcome.tables(DOCUMENTS, FOUND)
    assert list(zip(kept["doc_id"].to_pylist(), kept["n_copies"].to_pylist(), strict=True)) == [("d0", 2), ("d3", 1)]
    assert [tuple(row.values()) for row in duplicates.to_pylist()] == [
        ("d1", "d0", 1.0, "exact"),
        ("d2", "d0", 0.5, "near"),
        ("d4", "d3", 1.0, "exact"),
    ]
    count = outcome.counts(5, kept, duplicates, ASIDE)
    assert count == {"in": 7, "kept": 2, "removed": 3, "exact": 2, "near": 1, "quarantined": 2}


def test_what_does_not_add_up_is_not_published() -> None:
    kept, duplicates = outcome.tables(DOCUMENTS, FOUND)
    one_more = kept.set_column(3, kept.schema.field(3), pa.array([2, 2], pa.int32()))
    for given in (
        (6, kept, duplicates),
        (5, kept[:1], duplicates),
        (5, kept, duplicates[:2]),
        (5, one_more, duplicates),
    ):
        with pytest.raises(ReconcileError, match="documents do not add up, so nothing was published"):
            outcome.counts(*given, ASIDE)


def test_a_run_stopped_between_two_renames_leaves_the_old_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, rename = tmp_path / "out", Path.rename

    def published(run: str) -> None:
        outcome.publish(tmp_path / run, out, {"kept": DOCUMENTS}, {"run": run}, WriteSettings())

    def stopped(path: Path, place: Path) -> Path:
        if path == tmp_path / "two":
            raise KeyboardInterrupt
        return rename(path, place)

    published("one")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        published("two")
    monkeypatch.setattr(Path, "rename", rename)
    outcome.check_free(out, overwrite=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    published("three")
    assert '"run": "three"' in (out / "manifest.json").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "two"]
