"""Damaged inputs of every form: rows or one clear reason, never an exception, and nothing goes uncounted."""

from __future__ import annotations

import bz2
import gzip
import io
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.read.batches import read
from pipeline.read.inputs import find
from pipeline.settings import ReadSettings
from pipeline.shown import shown
from tests.corpora import cleaned, rows
from tests.hostile.generator import SOUND, lines

ROWS = 30
TABLE = pa.table(
    {"id": [f"d{i}" for i in range(ROWS)], "text": [f"{SOUND} “{i}”" for i in range(ROWS)], "n": list(range(ROWS))}
)


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink, compression="zstd", row_group_size=10)
    return sink.getvalue()


def ipc() -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, TABLE.schema) as file:
        file.write_table(TABLE, max_chunksize=10)
    return bytes(sink.getvalue())


PLAIN = {
    "jsonl": lines(*TABLE.to_pylist()),
    "json": b"[" + b",\n".join(lines(*TABLE.to_pylist()).splitlines()) + b"]",
    "csv": b"id,text,n\n" + "".join(f'd{i},"{SOUND} “{i}”",{i}\n' for i in range(ROWS)).encode(),
    "txt": SOUND.encode() * 20,
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".zst": lambda data: pa.compress(data, "zstd", asbytes=True),
    ".bz2": bz2.compress,
}
WHOLE = (
    PLAIN
    | {f"{form}{suffix}": pack(data) for form, data in PLAIN.items() for suffix, pack in PACK.items()}
    | {"parquet": parquet(), "arrow": ipc()}
)
flips = st.lists(st.tuples(st.integers(0, 2**16), st.integers(1, 255)), max_size=4)


def damaged(data: bytes, at: list[tuple[int, int]], keep: float) -> bytes:
    """Return the data with bytes changed, where they are counted from the end (most metadata is there), and cut off."""
    changed = bytearray(data)
    for place, bits in at:
        changed[-1 - place % len(data)] ^= bits
    return bytes(changed[: int(len(data) * keep)])


@given(st.sampled_from(sorted(WHOLE)), flips, st.sampled_from([1.0, 1.0, 0.99, 0.5, 0.1, 0.0]))
@example("parquet", [(4, 0x80)], 1.0)  # the length of the footer
@example("parquet", [(1351, 8)], 1.0)  # of which thrift says "what type" and the raw byte
@example("arrow", [(74, 128)], 1.0)  # the name of a column is no UTF-8
@example("jsonl", [(0, 0x0A ^ 0x22)], 1.0)  # the last line end becomes a quote
def test_a_damaged_file_gives_rows_or_reasons(form: str, at: list[tuple[int, int]], keep: float) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"in.{form}")
        path.write_bytes(damaged(WHOLE[form], at, keep))
        found, refused = find([str(path)])
        assert refused.num_rows == 0
        batches = list(read(found[0], ReadSettings()))
        given_lines = path.read_bytes()
    kept = [row for batch in batches for row in batch.documents["position"].to_pylist()]
    aside = [row for batch in batches for row in batch.quarantine.to_pylist()]
    assert kept == sorted(set(kept))
    assert all(row["error"] and shown(row["error"]) == row["error"] for row in aside)
    whole = [row for row in aside if row["position"] is None]
    assert len(whole) <= 1 and not (whole and kept)
    if not at and keep == 1.0:
        assert len(kept) == (1 if form.startswith("txt") else ROWS) and not aside
    if form == "jsonl" and not whole:
        there = [number for number, line in enumerate(given_lines.split(b"\n"), 1) if line.strip()]
        assert sorted({*kept, *(row["position"] for row in aside)}) == there


def test_a_run_over_damaged_files_counts_each_row(tmp_path: Path) -> None:
    draw = random.Random(9)
    folder = tmp_path / "in"
    folder.mkdir()
    for number, form in enumerate(sorted(WHOLE) * 4):
        at = [(draw.randrange(2**16), draw.randrange(1, 256)) for _ in range(number % 4)]
        data = damaged(WHOLE[form], at, draw.choice([1.0, 0.9, 0.3]))
        (folder / f"{number:02}.{form}").write_bytes(data)
    manifest = cleaned([folder], tmp_path / "out", "alarms.accept=true", "read.on_duplicate_id=suffix")
    count = manifest["counts"]["documents"]
    seen = [rows(tmp_path / "out", name) for name in ("documents", "removed", "quarantine")]
    assert [len(each) for each in seen] == [count["kept"], count["removed"], count["quarantined"]]
    assert count["in"] == sum(map(len, seen)) and min(map(len, seen)) > 0
    told = Counter(row["source"] for table in seen for row in table)
    assert len(told) == len(list(folder.iterdir()))
