from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.read import lines as module
from pipeline.read import streams
from pipeline.read.inputs import Input
from pipeline.read.lines import Line, Lines, batches
from pipeline.read.refusals import Refusals
from pipeline.settings import ReadSettings
from tests.read import naive_lines

PIECES = st.lists(st.sampled_from([b"{a", b"\n", b"\r\n", b"\r", "é".encode(), b"x" * 700, b"y" * 1024]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES.map(b"".join), st.integers(1, 50))
def test_lines_equal_the_slow_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, block: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{" + data)
    monkeypatch.setattr(streams, "BLOCK", block * 97)
    options = ReadSettings(max_document_bytes=1024, quarantine_bytes=30)
    item = Input("a.jsonl", str(path), "jsonl", "")
    if b"\n" in data[: block * 97 - 1] or b"\r" not in data:
        expected = naive_lines.lines(b"{" + data, 1024, 30)
        assert [tuple(line) for line in Lines(item, options)] == expected
        sparse = [tuple(line) for line in Lines(item, options, blank=False)]
        assert [line for line in sparse if line[1]] == [line for line in expected if line[1]]
        assert set(sparse) <= set(expected)


def test_a_file_of_line_ends_is_over_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 50_000_000 + b"{}")
    lines = Lines(Input("a.jsonl", str(path), "jsonl", ""), ReadSettings(), blank=False)
    assert list(lines) == [Line(50_000_001, b"{}", True)]
    assert lines.last == 50_000_001


def test_batches_are_bounded() -> None:
    def many() -> list[Line]:
        return [Line(number, b"x" * 1000, True) for number in range(1, 50_001)]

    sizes = [len(held) for held in batches(many())]
    assert sum(sizes) == 50_000
    assert max(sizes) * 1000 <= module.BATCH_BYTES + 1000
    short = [len(held) for held in batches([Line(1, b"", True)] * 50_000)]
    assert short == [20_000, 20_000, 10_000]


def test_a_break_is_told_once_all_lines_are_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"n": %d}\n' % (n * 7919) for n in range(3000)))[:-1500])
    item = Input("a.jsonl.gz", str(path), "jsonl", "gzip")
    lines = Lines(item, ReadSettings())
    found = list(lines)
    refusals = Refusals(item, 100)
    lines.settle(refusals)
    rows = refusals.flush().to_pylist()
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert len(found) > 100
    assert rows[0]["position"] == len(found)
    assert f"a.jsonl.gz is cut off after line {len(found)} (the compressed stream ends too early)" in rows[0]["error"]


def test_a_runaway_line_stays_out_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "first"}\n{"text": "')
        for _ in range(200):
            file.write(b"a" * 1_000_000)
        file.write(b'"}\n{"text": "last"}\n')
    code = f"""
from tests.read.whole import read_whole
from pathlib import Path
whole = read_whole(Path({str(path)!r}))
assert whole.texts == ["first", "last"] and whole.positions == [1, 3], whole
assert "line 2 is longer than 67,108,864 bytes: raise read.max_document_bytes" in whole.errors[0]
assert len(whole.quarantine[0]["raw"]) == 4096
# Not getrusage: its peak outlives exec, so it would be that of the test run itself.
print(next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path.unlink()
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 500_000
