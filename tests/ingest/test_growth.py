from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.compact import compact
from pipeline.dataset import Dataset
from pipeline.ingest import growth, publishing
from tests.corpora import rows
from tests.ingest.test_laws import ingested, standing, whole

WORDS = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper", "larch", "maple"]


def test_small_segments_become_large_ones_and_nothing_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "FANOUT", 2)
    texts = [" ".join(WORDS[n : n + 6]) for n in range(6)]
    parts = [[{"id": f"d{n}", "date": f"2031-01-{20 - n:02d}", "text": texts[n % 6]}] for n in range(9)]
    ingested(tmp_path, parts, "ingest.late_better=replace")
    names = sorted(path.name for path in (tmp_path / "out" / "index" / "segments").iterdir())
    assert names == ["000001-000008", "000009-000009"]
    assert standing(tmp_path / "out") == standing(whole(tmp_path, []))


def test_small_files_are_joined_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [[{"id": f"d{n}", "text": " ".join(WORDS[2 * n : 2 * n + 6])}] for n in range(4)]
    tables, files = {}, {}
    for many in (100, 3):
        monkeypatch.setattr(publishing, "JOINED", many)
        (tmp_path / str(many)).mkdir()
        ingested(tmp_path / str(many), parts)
        out = tmp_path / str(many) / "out"
        names = ("documents", "paragraphs")
        tables[many] = [pq.read_table(out / name, columns=["doc_id", "text"]) for name in names]
        files[many] = [len(list((out / name).iterdir())) for name in names]
    assert files == {100: [4, 4], 3: [2, 2]}
    assert tables[3] == tables[100]


def test_a_batch_joins_a_dataset_whose_files_were_compacted(tmp_path: Path) -> None:
    late = "ingest.late_better=replace"
    parts = [
        [{"id": f"d{n}", "date": f"2031-01-{20 - n:02d}", "text": " ".join(WORDS[2 * n : 2 * n + 6])}] for n in range(3)
    ]
    ingested(tmp_path, parts, late)
    compact(tmp_path / "out", 2**20)
    assert len(list((Dataset(tmp_path / "out").folder(4) / "documents").iterdir())) == 1
    again = {**parts[0][0], "id": "better", "date": "2031-01-01"}
    ingested(tmp_path, [*parts, [again]], late)
    assert sorted(row["doc_id"] for row in rows(tmp_path / "out", "documents")) == ["better", "d1", "d2"]
    assert standing(tmp_path / "out") == standing(whole(tmp_path, []))
