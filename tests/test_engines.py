"""Each engine reads the same rows of what leaves the house: types, nulls, nested and user columns, empty tables.

The tests of Hugging Face datasets and Spark want `pip install -e '.[engines]'`; that of Spark, which starts a Java
machine for 20 s, and a Java, CORPUSMILL_SLOW=1.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tests.corpora import TABLES, cleaned, rows

Rows = list[dict[str, Any]]
EXTRA = "pip install -e '.[engines]'"
#: One column a type that a user may bring, of three values, and what each engine has of it.
MOMENT = datetime(2024, 2, 29, 12, 30, 15, 250)
BROUGHT: dict[str, tuple[pa.DataType, list[Any]]] = {
    "n": (pa.int64(), [1, None, 2**60]),
    "small": (pa.uint8(), [1, None, 255]),
    "share": (pa.float64(), [0.5, None, 1e300]),
    "half": (pa.float16(), [0.5, None, 2.0]),
    "flag": (pa.bool_(), [True, None, False]),
    "tags": (pa.list_(pa.string()), [["a", None], None, []]),
    "parts": (
        pa.list_(pa.struct([("k", pa.string()), ("v", pa.list_(pa.int64()))])),
        [[{"k": "x", "v": [1]}], None, []],
    ),
    "who": (pa.struct([("name", pa.string()), ("age", pa.int32())]), [{"name": "Ada", "age": None}, None, None]),
    "when": (pa.timestamp("ns"), [MOMENT, None, MOMENT]),
    "seen": (pa.timestamp("us", "UTC"), [MOMENT.replace(tzinfo=timezone.utc), None, None]),
    "day": (pa.date32(), [date(2024, 2, 29), None, None]),
    "cost": (pa.decimal128(9, 2), [Decimal("1.50"), None, None]),
    "raw": (pa.binary(), [b"\xff\x00", None, b""]),
    "nothing": (pa.null(), [None, None, None]),
    "nothings": (pa.list_(pa.null()), [[None], None, []]),
    "kind": (pa.dictionary(pa.int32(), pa.string()), ["a", None, "b"]),
    "viewed": (pa.string_view(), ["a view of more than twelve bytes", None, ""]),
    "vector": (pa.list_(pa.float32(), 2), [[0.5, 1.5], None, [2.5, 3.5]]),
    "counts": (pa.map_(pa.string(), pa.int64()), [[("a", 1)], None, []]),
    "hour": (pa.time64("us"), [MOMENT.time(), None, None]),
    "free": (pa.struct([]), [{}, None, {}]),
    "two words; (and) = 日本": (pa.string(), ["a", None, "b"]),
    "Source": (pa.string(), ["a", None, "b"]),  # `source` is ours, and DuckDB and Spark do not tell them apart
}
#: What is there of a value that changes its type on its way.
WRITTEN: dict[str, list[Any]] = {
    "counts": [[{"key": "a", "value": 1}], None, []],
    "hour": ["12:30:15.000250", None, None],
    "free": ["{}", None, "{}"],
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of several files: three documents with columns of the user, a copy, a file that cannot be read."""
    place = tmp_path_factory.mktemp("engines")
    texts = [" ".join(f"harbour{i}x{j}" for j in range(12)) for i in range(3)]
    columns = {name: pa.array(values, kind) for name, (kind, values) in BROUGHT.items()}
    pq.write_table(
        pa.table({"id": ["d0", "d1", "d2"], "text": texts}), place / "plain.parquet"
    )  # whose columns the user's file lacks
    own = {"id": ["e0", "e1", "e2"], "text": [texts[0], texts[1] + " more", "“ferry” " * 12], **columns}
    with pa.OSFile(str(place / "own.arrow"), "wb") as sink, pa.ipc.new_file(sink, pa.table(own).schema) as writer:
        writer.write_table(pa.table(own))
    (place / "broken.parquet").write_bytes(b"PAR1 and no more")
    given = [place / name for name in ("broken.parquet", "own.arrow", "plain.parquet")]
    cleaned(given, place / "out", "run.shard_bytes=300", "dedup.keep=['lowest_id']", "dedup.documents.threshold=0.6")
    return place / "out"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of which three tables have no rows but in `documents` and `paragraphs`."""
    place = tmp_path_factory.mktemp("bare")
    (place / "one.txt").write_text("Nothing has to be done to this text.")
    cleaned([place / "one.txt"], place / "out")
    return place / "out"


def wanted(out: Path, name: str) -> Rows:
    return ordered([{key: plain(value) for key, value in row.items()} for row in rows(out, name)])


def ordered(found: Sequence[dict[str, Any]]) -> Rows:
    return sorted(found, key=lambda row: [str(row.get(name)) for name in ("doc_id", "position", "stage", "rule")])


def plain(value: Any) -> Any:
    """Return a value as plain Python, times with a zone in UTC."""
    if isinstance(value, datetime):
        moment = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
        return moment.astimezone(timezone.utc).isoformat() if moment.tzinfo else moment.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return bytes(value) if isinstance(value, (bytes, bytearray)) else value


def check(found: dict[str, Rows], out: Path) -> None:
    for name, table in found.items():
        said = ordered([{key: plain(value) for key, value in row.items()} for row in table])
        assert said == wanted(out, name), name


def test_what_the_user_brought_is_there_with_its_types(out: Path) -> None:
    table = ds.dataset(out / "documents").to_table().sort_by("doc_id")
    assert table["doc_id"].to_pylist() == ["d0", "d1", "d2", "e2"], "e0 and e1 are copies of d0 and d1"
    assert table["n_copies"].to_pylist() == [1, 1, 0, 0]
    [copy] = table["copies"][1].as_py()
    assert copy["doc_id"] == "e1" and copy["source"].endswith("own.arrow") and 0.6 < copy["similarity"] < 1
    for name, (_, values) in BROUGHT.items():
        last = WRITTEN.get(name, values)[2]
        assert table["input_Source" if name == "Source" else name].to_pylist() == [None, None, None, last], name
    kept = [name for name in BROUGHT if table.schema.get_field_index(name) >= 0]
    same = {name for name in kept if table.schema.field(name).type == BROUGHT[name][0]}
    changed = {"half", "when", "nothing", "nothings", "viewed", "vector", "counts", "hour", "free"}
    assert set(kept) - same == changed
    assert len(list((out / "documents").iterdir())) > 1
    assert ds.dataset(out / "quarantine").count_rows() == 1


@pytest.mark.parametrize("place", ["out", "bare"])
def test_duckdb(place: str, request: pytest.FixtureRequest) -> None:
    duckdb = pytest.importorskip("duckdb", reason="dev extra")
    out = request.getfixturevalue(place)
    with duckdb.connect() as base:
        base.sql("SET TimeZone = 'UTC'")
        tables = {name: base.sql(f"FROM '{out}/{name}/*.parquet'").to_arrow_table() for name in TABLES}
        check({name: table.to_pylist() for name, table in tables.items()}, out)
        types = dict(
            base.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{out}/documents/*.parquet')").fetchall()
        )
    assert types["copies"].replace('"', "") == "STRUCT(doc_id VARCHAR, source VARCHAR, similarity DOUBLE)[]"
    assert (types["published"], types["n_chars"], types["encoding_suspect"]) == ("TIMESTAMP", "BIGINT", "BOOLEAN")


@pytest.mark.parametrize("place", ["out", "bare"])
def test_polars(place: str, request: pytest.FixtureRequest) -> None:
    polars = pytest.importorskip("polars", reason="dev extra")
    out = request.getfixturevalue(place)
    lazy = {name: polars.scan_parquet(f"{out}/{name}/*.parquet") for name in TABLES}
    check({name: frame.collect().to_dicts() for name, frame in lazy.items()}, out)
    kinds = lazy["documents"].collect_schema()
    assert kinds["copies"] == polars.List(
        polars.Struct({"doc_id": polars.String, "source": polars.String, "similarity": polars.Float64})
    )
    assert kinds["published"] == polars.Datetime("us") and kinds["n_copies"] == polars.Int32


@pytest.mark.parametrize("place", ["out", "bare"])
def test_pandas(place: str, request: pytest.FixtureRequest) -> None:
    pandas = pytest.importorskip("pandas", reason="dev extra")
    out = request.getfixturevalue(place)
    frames = {name: pandas.read_parquet(out / name, dtype_backend="pyarrow") for name in TABLES}
    check({name: pa.Table.from_pandas(frame).to_pylist() for name, frame in frames.items()}, out)
    usual = {name: pandas.read_parquet(out / name) for name in TABLES}
    assert {name: len(frame) for name, frame in usual.items()} == {name: len(wanted(out, name)) for name in TABLES}
    assert usual["documents"].dtypes["published"].kind == "M" and usual["paragraphs"].dtypes["position"].kind == "i"


@pytest.mark.parametrize("place", ["out", "bare"])
def test_hugging_face_datasets(
    place: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason=EXTRA)
    out = request.getfixturevalue(place)
    loaded = {
        name: datasets.load_dataset(
            "parquet", data_files=f"{out}/{name}/*.parquet", split="train", cache_dir=str(tmp_path)
        )
        for name in TABLES
        if rows(out, name)  # a split without rows is an error of theirs, whoever wrote it
    }
    assert set(loaded) >= {"documents", "paragraphs"}
    check({name: table.to_list() for name, table in loaded.items()}, out)


@pytest.mark.skipif(not os.environ.get("CORPUSMILL_SLOW"), reason="starts a Java machine: CORPUSMILL_SLOW=1")
def test_spark(out: Path, bare: Path) -> None:
    sql = pytest.importorskip("pyspark.sql", reason=EXTRA)
    spark = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    try:
        for place in (out, bare):
            tables = {name: spark.read.parquet(str(place / name)) for name in TABLES}
            check(
                {name: [row.asDict(recursive=True) for row in table.collect()] for name, table in tables.items()}, place
            )
        assert (
            dict(tables["documents"].dtypes)["copies"] == "array<struct<doc_id:string,source:string,similarity:double>>"
        )
    finally:
        spark.stop()
