from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError, SettingsError
from pipeline.read import columns, documents, lines, records, streams
from pipeline.read.batches import Batch, read
from pipeline.read.inputs import Input, find
from pipeline.settings import ReadSettings
from tests.read.whole import read_whole
from tests.strategies import texts

# Python's csv module reads a lone CR within quotes, but writers differ on whether they quote it.
CELLS = texts.map(lambda text: text.replace("\0", "").replace("\r", ""))
ROWS = st.lists(st.fixed_dictionaries({"text": CELLS, "note": CELLS, "n": st.integers(-(2**40), 2**40)}), max_size=8)
NOISE = st.binary(max_size=40)
SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def as_csv(rows: list[dict[str, Any]], separator: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["n", "text", "note"], delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    schema = pa.schema([("n", pa.int64()), ("text", pa.string()), ("note", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return sink.getvalue()


WRITERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "jsonl": as_jsonl,
    "json": lambda rows: json.dumps(rows).encode(),
    "csv": as_csv,
    "tsv": lambda rows: as_csv(rows, "\t"),
    "parquet": as_parquet,
}


@SHARED
@given(ROWS, st.sampled_from(sorted(WRITERS)))
def test_rows_come_back(tmp_path: Path, rows: list[dict[str, Any]], form: str) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(WRITERS[form](rows))
    whole = read_whole(path)
    assert whole.texts == [row["text"] for row in rows]
    assert whole.values("note") == [row["note"] for row in rows]
    numbers = whole.values("n")
    assert [int(number) for number in numbers] == [row["n"] for row in rows]
    assert whole.errors == []
    assert whole.ledger == []


@SHARED
@given(ROWS, st.integers(1, 5), st.integers(1, 3000), st.sampled_from(sorted(WRITERS)))
def test_batches_and_blocks_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]], batch: int, block: int, form: str
) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(WRITERS[form](rows))
    whole = read_whole(path)
    with monkeypatch.context() as patch:
        patch.setattr(lines, "BATCH_ROWS", batch)
        patch.setattr(records, "BATCH_ROWS", batch)
        patch.setattr(streams, "BLOCK", block)
        cut = read_whole(path)
    assert cut.documents == whole.documents
    assert cut.quarantine == whole.quarantine
    assert cut.values("n") == whole.values("n")


@SHARED
@given(ROWS.filter(bool), st.sampled_from([*sorted(WRITERS), "txt"]), st.integers(0, 10_000), NOISE, st.data())
def test_no_damage_raises_or_loses_what_came_before(
    tmp_path: Path, rows: list[dict[str, Any]], form: str, at: int, noise: bytes, data: st.DataObject
) -> None:
    sound = WRITERS.get(form, as_jsonl)(rows)
    at %= len(sound) + 1
    end = data.draw(st.sampled_from([at, at + len(noise), len(sound)]))
    path = tmp_path / f"a.{form}"
    path.write_bytes(sound[:at] + noise + sound[end:])
    whole = read_whole(path, max_document_bytes=5000)
    assert whole.positions == sorted(set(whole.positions))
    for row in whole.documents:
        (row["text"] or "").encode()
    for error in whole.errors:
        assert f"a.{form}" in error
    if form == "jsonl":
        before = sound[:at].count(b"\n")
        told = {row["position"] for row in whole.quarantine}
        binary_or_no_text = None in told
        assert binary_or_no_text or set(range(1, before)) <= told | set(whole.positions)


@pytest.mark.parametrize("suffix", sorted(PACKED))
@pytest.mark.parametrize("form", ["jsonl", "csv", "json"])
def test_compressed_is_the_same(tmp_path: Path, suffix: str, form: str) -> None:
    data = WRITERS[form]([{"n": n, "text": f"text {n}", "note": "é"} for n in range(1000)])
    (tmp_path / f"a.{form}").write_bytes(data)
    (tmp_path / f"a.{form}.{suffix}").write_bytes(PACKED[suffix](data))
    plain, packed = read_whole(tmp_path / f"a.{form}"), read_whole(tmp_path / f"a.{form}.{suffix}")
    assert packed.texts == plain.texts
    assert packed.positions == plain.positions
    assert packed.extra[0].equals(plain.extra[0])


@pytest.mark.parametrize("suffix", sorted(PACKED))
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_broken_stream_gives_what_came_before_the_break(tmp_path: Path, suffix: str, form: str) -> None:
    rows = [{"n": n, "text": f"text {n * 7919 % 1000}", "note": "x"} for n in range(100_000)]
    packed = PACKED[suffix](WRITERS[form](rows))
    path = tmp_path / f"a.{form}.{suffix}"
    path.write_bytes(packed[: len(packed) * 2 // 3])
    whole = read_whole(path)
    assert 10_000 < len(whole.texts) < 100_000
    assert whole.texts == [row["text"] for row in rows[: len(whole.texts)]]
    assert "is cut off after line" in whole.errors[-1]
    assert "the lines before it were kept" in whole.errors[-1]


@pytest.mark.parametrize("suffix", sorted(PACKED))
def test_what_is_not_compressed_at_all(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl.{suffix}"
    path.write_bytes(b'{"text": "a"}\n')
    whole = read_whole(path)
    assert whole.documents == []
    assert f"a.jsonl.{suffix} cannot be read (" in whole.errors[0]
    assert whole.quarantine[0]["position"] is None


def test_made_ids_name_source_and_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_bytes(b'{"text": "a"}\n\n{"text": "b"}\n')
    found = [row["doc_id"] for name in ("a.jsonl", "b.jsonl") for row in read_whole(Path(name)).documents]
    assert len(set(found)) == 4
    assert found[1] == documents.made_ids("a.jsonl", pa.array([3]))[0].as_py()
    # Pinned: ids must not change between versions, for users keep them.
    assert documents.made_ids("news/a.txt", pa.array([1])).to_pylist() == ["34fe5d55c4213bfb-1"]


def test_a_file_that_is_gone_by_now_is_a_row_of_quarantine() -> None:
    for kind in ("text", "jsonl", "delimited", "parquet", "arrow"):
        batches = list(read(Input("gone", "gone", kind, ""), ReadSettings()))
        errors = [error for batch in batches for error in batch.quarantine["error"].to_pylist()]
        assert len(errors) == 1
        assert "gone cannot be read (" in errors[0]


def test_a_charset_that_does_not_exist_stops_before_reading() -> None:
    with pytest.raises(SettingsError):
        next(read(Input("a.txt", "a.txt", "text", ""), ReadSettings(charset="utf-9")))


def test_nothing_is_taken_twice_or_unasked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.jsonl").write_text('{"text": "b"}')
    found, refused = find([str(tmp_path), str(tmp_path / "a.txt")])
    batches: list[Batch] = [batch for item in found for batch in read(item, ReadSettings())]
    assert [batch.documents["text"].to_pylist() for batch in batches] == [["a"], ["b"]]
    assert refused.num_rows == 0
    assert [batch.columns for batch in batches] == [None, columns.Columns("text", "", "", "", "", "")]


def test_errors_of_choosing_are_input_errors() -> None:
    with pytest.raises(InputError):
        columns.choose([], ReadSettings())
