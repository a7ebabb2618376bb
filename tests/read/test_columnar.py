from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.read.whole import read_whole

TABLE = pa.table(
    {
        "id": pa.array([1, None, 3]),
        "text": ["a", None, "c"],
        "topic": pa.array(["x", "y", "x"]).dictionary_encode(),
        "when": pa.array([0, 1, None], pa.timestamp("ns", "Europe/Berlin")),
        "date": pa.array([1, None, 3], pa.date32()),
        "tags": [["p", "q"], [], None],
    }
).replace_schema_metadata({"pandas": "{}"})
LONG = pa.table({"text": [f"{n} {random.Random(n).random()}" for n in range(60_000)]})


def wrote(folder: Path, table: pa.Table, form: str, rows: int = 1 << 20) -> Path:
    path = folder / f"a.{'parquet' if form == 'parquet' else 'arrow'}"
    if form == "parquet":
        pq.write_table(table, path, row_group_size=rows)
        return path
    new = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


@pytest.mark.parametrize("form", ["parquet", "file", "stream"])
def test_rows_and_types(tmp_path: Path, form: str) -> None:
    whole = read_whole(wrote(tmp_path, TABLE, form))
    assert whole.texts == ["a", None, "c"]
    assert whole.positions == [1, 2, 3]
    ids = [row["doc_id"] for row in whole.documents]
    assert (ids[0], ids[1][-2:], ids[2]) == ("1", "-2", "3")
    assert [row["date"] for row in whole.documents] == [datetime(1970, 1, 2), None, datetime(1970, 1, 4)]
    extra = pa.concat_tables(whole.extra)
    micro = TABLE["when"].cast(pa.timestamp("us", "Europe/Berlin"), safe=False)  # Spark does not open nanoseconds
    assert extra.equals(TABLE.set_column(3, "when", micro).drop_columns(["text"]).replace_schema_metadata(None))


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.binary_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int8(), pa.large_string()),
    ],
    ids=str,
)
def test_all_types_of_text(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table({"text": pa.array(["a", None, "é"]).cast(kind)})
    assert read_whole(wrote(tmp_path, table, "file")).texts == ["a", None, "é"]


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        (pa.table({"text": [1]}), {}, "column `text` is int64, not text: name another with --text-column"),
        (pa.table({"text": [["a"]]}), {}, "column `text` is list<"),
        (pa.table({"a": [1], "b": [2]}), {}, "has no column of text; it has `a`, `b`"),
        (TABLE, {"url_column": "address"}, "has no column `address`"),
        (pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"]), {}, "has more than one column `text`"),
        (pa.table({"text": pa.array([], pa.int64())}), {}, "column `text` is int64"),
    ],
)
def test_a_file_without_a_column_of_text(tmp_path: Path, table: pa.Table, options: dict[str, str], said: str) -> None:
    for form in ("parquet", "file"):
        whole = read_whole(wrote(tmp_path, table, form), **options)
        assert whole.documents == []
        assert len(whole.errors) == 1
        assert said in whole.errors[0]


def test_rows_that_are_no_utf8_or_too_long_go_alone(tmp_path: Path) -> None:
    offsets = pa.py_buffer(np.array([0, 1, 3, 4], np.int32))
    raw = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xff\xfec")])
    whole = read_whole(wrote(tmp_path, pa.table({"text": raw, "title": raw, "n": [1, 2, 3]}), "parquet"))
    assert whole.texts == ["a", "c"]
    assert whole.values("n") == [1, 3]
    assert "row 2 is not UTF-8" in whole.errors[0]
    assert whole.quarantine[0]["raw"] == b"\xff\xfe"

    table = pa.table({"text": ["a", "b" * 2000, None]})
    whole = read_whole(wrote(tmp_path, table, "file"), max_document_bytes=1024, quarantine_bytes=3)
    assert whole.texts == ["a", None]
    assert whole.positions == [1, 3]
    assert "row 2 is longer than 1,024 bytes" in whole.errors[0]
    assert whole.quarantine[0]["raw"] == b"bbb"


def test_other_columns_that_are_no_utf8_are_repaired(tmp_path: Path) -> None:
    offsets = pa.py_buffer(np.array([0, 2], np.int32))
    raw = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"a\xff")])
    whole = read_whole(wrote(tmp_path, pa.table({"text": ["t"], "title": raw}), "parquet"))
    assert whole.values("title") == ["a\ufffd"]
    assert whole.documents[0]["title"] == "a\ufffd"


def test_a_truncated_parquet_file_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = wrote(tmp_path, LONG, "parquet", 5000)
    path.write_bytes(path.read_bytes()[:-20])
    whole = read_whole(path)
    assert whole.documents == []
    assert "a.parquet cannot be read (" in whole.errors[0]


@pytest.mark.parametrize("form", ["parquet", "file", "stream"])
def test_rows_before_a_break_are_kept(tmp_path: Path, form: str) -> None:
    path = wrote(tmp_path, LONG, form, 5000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    if form == "parquet":
        data[middle : middle + 400] = random.Random(1).randbytes(400)
    else:
        del data[middle:]
    path.write_bytes(bytes(data))
    whole = read_whole(path)
    assert whole.texts == LONG["text"].to_pylist()[: len(whole.texts)]
    assert 20_000 <= len(whole.texts) < 60_000
    assert f"is cut off after row {len(whole.texts)} (" in whole.errors[0]


def test_a_file_that_lost_only_its_footer(tmp_path: Path) -> None:
    path = wrote(tmp_path, TABLE, "file")
    with pa.memory_map(str(path)) as file:
        end = len(file.read()) - int.from_bytes(path.read_bytes()[-10:-6], "little") - 10
    path.write_bytes(path.read_bytes()[:end])
    whole = read_whole(path)
    assert whole.texts == ["a", None, "c"]
    assert "the footer is missing" in whole.errors[0]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("data", [b"", b"PAR1", b"ARROW1\0\0", random.Random(5).randbytes(500)])
def test_no_such_file_at_all(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    whole = read_whole(tmp_path / name)
    assert whole.documents == []
    assert len(whole.errors) == 1
    assert f"{name} cannot be read (" in whole.errors[0]
