"""Documents in folders, sorted, in files of a wanted size: the rows are those of the plain run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.compact import compact
from pipeline.dataset import Dataset
from pipeline.errors import OutputError, RunError, SettingsError
from pipeline.ingest.run import ingest
from pipeline.result import open_result
from pipeline.steps import layout
from tests.corpora import TABLES, cleaned, rows, settings, write_jsonl

SITES = ["a.org", "b.org/x y", "日本.jp", None, "7"]
CUT = "boilerplate.enabled=false"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = np.random.default_rng(7)
    texts = [
        {
            "id": f"d{i:03}",
            "site": SITES[i % 5],
            "published": f"2024-0{i % 3 + 1}-{i % 28 + 1:02}" if i % 7 else None,
            "n": int(draw.integers(0, 9)) if i % 4 else None,
            "text": " ".join(draw.choice([f"pier{j}" for j in range(5000)], 40)),
        }
        for i in range(120)
    ]
    return write_jsonl(tmp_path_factory.mktemp("layout") / "in.jsonl", texts)


@pytest.fixture(scope="module")
def plain(source: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = tmp_path_factory.mktemp("plain") / "out"
    cleaned([source], out, CUT)
    return rows(out, "documents")


def found(out: Path) -> list[dict[str, Any]]:
    """Return the rows as they lie, file after file, without the columns that only folders have."""
    files = sorted((out / "documents").rglob("*.parquet"), key=lambda path: path.name)
    said = layout.as_of(open_result(out).manifest)
    partitioning = ds.partitioning(said, flavor="hive") if said else None
    where = {"partitioning": partitioning, "partition_base_dir": str(out / "documents")}
    table = ds.dataset([str(file) for file in files], format="parquet", **where).to_table()
    derived = [name for name in table.column_names if name.startswith("published_")]
    return list(table.drop_columns(derived).to_pylist())


def same(given: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    def key(row: dict[str, Any]) -> str:
        return json.dumps(row, default=str, sort_keys=True)

    return sorted(map(key, given)) == sorted(map(key, other))


@pytest.mark.parametrize("shard_bytes", [2000, 10**6])
def test_folders_hold_the_rows_of_the_plain_run(
    source: Path, plain: list[dict[str, Any]], tmp_path: Path, shard_bytes: int
) -> None:
    options = ("write.partition_by=site,published:month", "write.sort_by=n", f"run.shard_bytes={shard_bytes}")
    manifest = cleaned([source], tmp_path / "out", CUT, *options)
    assert manifest["partitions"] == {"site": "string", "published_month": "string"}
    lies = found(tmp_path / "out")
    assert same(lies, plain)
    folders = {
        path.parent.relative_to(tmp_path / "out" / "documents").as_posix()
        for path in (tmp_path / "out" / "documents").rglob("*.parquet")
    }
    assert "site=b.org%2Fx%20y/published_month=2024-02" in folders
    assert f"site={layout.NULL}/published_month={layout.NULL}" in folders
    names = [path.name for path in (tmp_path / "out" / "documents").rglob("*.parquet")]
    assert len(set(names)) == len(names), "a name is used once in a version"
    order = [
        (row["n"] is None, row["n"] or 0, row["doc_id"])
        for row in lies
        if row["site"] == "a.org" and row["published"] and row["published"].month == 2
    ]
    assert order == sorted(order) and len(order) > 3, "nulls last, equals as they were read"
    assert found(tmp_path / "out") == lies
    table = open_result(tmp_path / "out").documents
    assert table.to_table(filter=ds.field("site") == "7").num_rows == sum(row["site"] == "7" for row in plain)


def test_the_order_of_rows_does_not_depend_on_shards(source: Path, tmp_path: Path) -> None:
    seen = []
    for number, shard_bytes in enumerate((1500, 7000, 10**6)):
        options = ("write.sort_by=site,published", f"run.shard_bytes={shard_bytes}", "write.file_size=8KB")
        cleaned([source], tmp_path / str(number), CUT, *options)
        seen.append([row["doc_id"] for row in found(tmp_path / str(number))])
        assert len(list((tmp_path / str(number) / "documents").iterdir())) > 1
    assert seen[0] == seen[1] == seen[2]
    file = pq.ParquetFile(next((tmp_path / "0" / "documents").iterdir()))
    sites = file.schema_arrow.names.index("site")
    assert file.metadata.row_group(0).sorting_columns[0].column_index == sites


def test_files_of_a_wanted_size_are_joined(source: Path, plain: list[dict[str, Any]], tmp_path: Path) -> None:
    cleaned([source], tmp_path / "many", CUT, "run.shard_bytes=1500")
    cleaned([source], tmp_path / "few", CUT, "run.shard_bytes=1500", "write.file_size=1MB")
    for name in ("documents", "paragraphs"):
        assert len(list((tmp_path / "many" / name).iterdir())) > 5
        assert len(list((tmp_path / "few" / name).iterdir())) == 1
        assert rows(tmp_path / "few", name) == rows(tmp_path / "many", name)
    assert rows(tmp_path / "few", "documents") == plain


def test_compact_keeps_folders_and_rows(source: Path, plain: list[dict[str, Any]], tmp_path: Path) -> None:
    options = ("write.partition_by=published:year", "write.file_size=4KB")
    cleaned([source], tmp_path / "out", CUT, *options)
    before = len(list((tmp_path / "out" / "documents").rglob("*.parquet")))
    compact(tmp_path / "out", 10**6)
    files = list((tmp_path / "out" / "documents").rglob("*.parquet"))
    assert len(files) == 2 < before and same(found(tmp_path / "out"), plain)
    data = Dataset(tmp_path / "out")
    assert data.rollback() == 1 and same(found(tmp_path / "out"), plain)


def test_engines_get_the_columns_back(source: Path, plain: list[dict[str, Any]], tmp_path: Path) -> None:
    cleaned([source], tmp_path / "out", CUT, "write.partition_by=site,published:month")
    wanted = sorted((row["doc_id"], row["site"], row["published"] and f"{row['published']:%Y-%m}") for row in plain)
    place = tmp_path / "out" / "documents"
    duckdb = pytest.importorskip("duckdb", reason="dev extra")
    said = "hive_types = {'site': VARCHAR, 'published_month': VARCHAR}"
    query = f"SELECT doc_id, site, published_month FROM read_parquet('{place}/**/*.parquet', hive_partitioning = true, {said})"
    assert sorted(duckdb.sql(query).fetchall()) == wanted
    polars = pytest.importorskip("polars", reason="dev extra")
    types = {"site": polars.String, "published_month": polars.String}
    frame = polars.scan_parquet(f"{place}/**/*.parquet", hive_schema=types).select(["doc_id", *types]).collect()
    assert sorted(frame.rows()) == wanted
    pandas = pytest.importorskip("pandas", reason="dev extra")
    # pandas.read_parquet(place) alone fails where a folder stands for null: PyArrow makes categories of folders.
    hive = ds.partitioning(pa.schema([("site", pa.string()), ("published_month", pa.string())]), flavor="hive")
    read = pandas.read_parquet(place, partitioning=hive, dtype_backend="pyarrow")
    assert sorted(pa.Table.from_pandas(read[["doc_id", "site", "published_month"]]).to_pylist(), key=str) == sorted(
        [dict(zip(("doc_id", "site", "published_month"), row, strict=True)) for row in wanted], key=str
    )


def test_a_delta_table_is_committed_with_each_version(
    source: Path, plain: list[dict[str, Any]], tmp_path: Path
) -> None:
    deltalake = pytest.importorskip("deltalake", reason="pip install -e '.[delta]'")
    place = tmp_path / "out" / "documents"
    cleaned([source], tmp_path / "out", CUT, "write.format=delta", "write.partition_by=site", "write.file_size=3KB")
    for _ in range(2):
        table = deltalake.DeltaTable(str(place))
        assert table.version() == 0 and table.metadata().partition_columns == ["site"]
        assert same(table.to_pyarrow_table().to_pylist(), plain)
        compact(tmp_path / "out", 10**6)
    assert Dataset(tmp_path / "out").number() == 2
    assert len(deltalake.DeltaTable(str(place)).file_uris()) == 5
    Dataset(tmp_path / "out").rollback()
    assert len(deltalake.DeltaTable(str(place)).file_uris()) > 5
    cleaned([source], tmp_path / "plain", CUT, "write.format=delta")
    assert same(deltalake.DeltaTable(str(tmp_path / "plain" / "documents")).to_pyarrow_table().to_pylist(), plain)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("write.partition_by=published:week", "published:week: write year, month or day behind the colon"),
        ("write.partition_by=nowhere", "nowhere: there is no such column; there are doc_id, source, title"),
        ("write.partition_by=site:year", "site:year: column `site` is string, no time"),
        ("write.partition_by=copies", "a folder cannot be named for list<"),
        ("write.partition_by=doc_id", "doc_id: that would be a folder a document"),
        ("write.sort_by=copies", "write.sort_by = copies: rows cannot be sorted by list<"),
        ("write.file_size=big", "write.file_size = 'big' is no size: write it like 2GB"),
    ],
)
def test_what_cannot_be_is_one_sentence(source: Path, tmp_path: Path, setting: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        cleaned([source], tmp_path / "out", setting)
    assert said in str(error.value)
    assert not (tmp_path / "out").exists()


def test_too_many_folders_and_values_that_name_none(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MAX_FOLDERS", 4)
    with pytest.raises(OutputError, match=r"partition_by = site makes 5 folders, more than 4: take something coarser"):
        cleaned([source], tmp_path / "out", CUT, "write.partition_by=site")
    long = write_jsonl(tmp_path / "long.jsonl", [{"topic": "x" * 300, "text": "one"}, {"topic": "", "text": "two"}])
    with pytest.raises(RunError, match=r"a folder cannot be named for the value 'x{40}…': take another column"):
        cleaned([long], tmp_path / "long", CUT, "write.partition_by=topic")


def test_an_ingest_refuses_what_it_would_have_to_write_again(source: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="partition_by is for `corpusmill clean`: `ingest` adds files to what is"):
        ingest([str(source)], tmp_path / "out", settings("write.partition_by=site"))
    cleaned([source], tmp_path / "made", CUT, "write.partition_by=site")
    with pytest.raises(OutputError, match="index"):
        ingest([str(source)], tmp_path / "made", settings(CUT))


def test_documents_that_all_went_leave_one_file(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": "Leave a Reply", "site": "a.org"}])
    options = ("write.partition_by=site", "write.sort_by=published")
    assert cleaned([source], tmp_path / "out", *options)["counts"]["documents"]["kept"] == 0
    result = open_result(tmp_path / "out")
    assert result.documents.count_rows() == 0 and "site" in result.documents.schema.names
    assert {name: len(list((tmp_path / "out" / name).iterdir())) for name in TABLES} == dict.fromkeys(TABLES, 1)
