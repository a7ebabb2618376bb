"""Compact: fewer files, the same rows in the same order, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline import joined, write
from pipeline.compact import compact
from pipeline.dataset import Dataset
from pipeline.errors import OutputError
from pipeline.settings import WriteSettings
from tests.corpora import TABLES, cleaned, rows, write_jsonl

CUT = ("run.shard_bytes=2000", "boilerplate.enabled=false", "write.row_group_rows=7")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A dataset of many files."""
    words = ["tide", "ferry", "bell", "pier", "harbour", "rain"]
    drawn = np.random.default_rng(3).choice(words, (90, 20))
    texts = [{"id": f"d{i:02}", "text": " ".join(drawn[i - i % 2]), "n": i} for i in range(90)]
    cleaned([write_jsonl(tmp_path / "in.jsonl", texts)], tmp_path / "out", *CUT)
    return tmp_path / "out"


def test_rows_order_and_metadata_stay(out: Path) -> None:
    before = {name: rows(out, name) for name in TABLES}
    schema, files = pq.read_schema(next((out / "documents").iterdir())), len(list((out / "documents").iterdir()))
    manifest = compact(out, 10**6)
    assert files > 3 and len(list((out / "documents").iterdir())) == 1
    assert {name: rows(out, name) for name in TABLES} == before
    [file] = (out / "documents").iterdir()
    found = pq.ParquetFile(file)
    assert found.schema_arrow.equals(schema, check_metadata=True)
    assert found.metadata.metadata[write.RUN_KEY].decode() == manifest["run"]
    assert all(found.metadata.row_group(i).num_rows <= 7 for i in range(found.metadata.num_row_groups))
    assert found.metadata.row_group(0).column(0).compression == "ZSTD"
    assert (manifest["version"], Dataset(out).versions()) == (2, [1, 2])


def test_files_of_the_wanted_size_stay_and_nothing_to_do_makes_no_version(out: Path) -> None:
    sizes = [path.stat().st_size for path in sorted((out / "documents").iterdir())]
    assert compact(out, 1)["version"] == 1
    before = rows(out, "documents")
    manifest = compact(out, 2 * max(sizes))
    assert 1 < len(list((out / "documents").iterdir())) < len(sizes)
    assert rows(out, "documents") == before and manifest["version"] == 2
    assert compact(out, 1)["version"] == 2


def test_files_of_other_columns_or_metadata_are_not_joined_and_all_else_goes_along(tmp_path: Path) -> None:
    tables = [
        pa.table({"a": [1]}),
        pa.table({"a": [2]}),
        pa.table({"b": [3]}),
        pa.table({"b": [4]}).replace_schema_metadata({"k": "v"}),
    ]
    for number, table in enumerate(tables):
        pq.write_table(table, tmp_path / f"{number}.parquet")
    files = sorted(tmp_path.glob("*.parquet"))
    assert [len(group) for group in joined.groups(files, 10**6)] == [2, 1, 1]


def test_a_joined_file_names_the_runs_of_all_and_has_groups_of_the_wanted_size(tmp_path: Path) -> None:
    for number, run in enumerate(("one", "two", "one", "two three")):
        write.parquet(tmp_path / f"{number}.parquet", pa.table({"a": range(10)}), WriteSettings(), run)
    files = sorted(tmp_path.glob("*.parquet"))
    joined.join(files, tmp_path / "joined", WriteSettings(row_group_rows=15))
    found = pq.ParquetFile(tmp_path / "joined")
    assert found.metadata.metadata[write.RUN_KEY] == b"one two three"
    assert found.read()["a"].to_pylist() == [*range(10)] * 4
    assert max(found.metadata.row_group(i).num_rows for i in range(found.metadata.num_row_groups)) <= 15


def test_an_index_goes_along(out: Path) -> None:
    (out / "current" / "index" / "bands").mkdir(parents=True)
    (out / "current" / "index" / "bands" / "x.parquet").write_bytes((next((out / "documents").iterdir())).read_bytes())
    compact(out, 10**6)
    assert (out / "index" / "bands" / "x.parquet").is_file()


def test_what_is_no_dataset_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no dataset"):
        compact(tmp_path / "none", 1)
    assert not (tmp_path / "none").exists()


GROWN = """
import resource, sys
from pathlib import Path
from pipeline import joined
from pipeline.settings import WriteSettings
joined.HELD_BYTES = 4 * 2**20
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
joined.join(sorted(Path(sys.argv[1]).glob("*.parquet")), Path(sys.argv[1]) / "joined", WriteSettings())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_memory_does_not_grow_with_the_dataset(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    for number in range(24):
        texts = pa.array([draw.bytes(4000).hex() for _ in range(1000)])
        write.parquet(tmp_path / f"{number:02}.parquet", pa.table({"text": texts}), WriteSettings(), "run")
    done = subprocess.run([sys.executable, "-c", GROWN, tmp_path], capture_output=True, text=True, check=True)
    assert ds.dataset(tmp_path / "joined").count_rows() == 24_000
    assert int(done.stdout) < 120 * 2**20, "of 192 MB"
