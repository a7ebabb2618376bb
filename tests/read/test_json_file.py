from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.read.whole import read_whole

ROWS = b'{"text": "a"}\n{"text": "b"}\n'


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (ROWS, ["a", "b"]),
        (b"\xef\xbb\xbf" + ROWS, ["a", "b"]),
        (b'{"text": "a"}', ["a"]),
        (b'[{"text": "a"}, {"text": "b"}]', ["a", "b"]),
        (b'\n [\n{"text": "a"},\n{"text": "b"}\n]\n', ["a", "b"]),
        ('[{"text": "a"}, {"text": "b"}]'.encode("utf-16"), ["a", "b"]),
        (b'{\n  "text": "a",\n  "n": 1\n}\n', ["a"]),
        (b"[]", []),
        (b"", []),
    ],
)
def test_lines_an_array_or_one_object(tmp_path: Path, data: bytes, texts: list[str]) -> None:
    (tmp_path / "a.json").write_bytes(data)
    whole = read_whole(tmp_path / "a.json")
    assert (whole.texts, whole.errors) == (texts, [])
    assert whole.positions == list(range(1, len(texts) + 1))


def test_items_that_are_no_objects_go_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"text": "a"}, 3, {"text": 4}, {"text": "b"}]')
    whole = read_whole(tmp_path / "a.json")
    assert whole.texts == ["a", "b"]
    assert [row["position"] for row in whole.quarantine] == [2, 3]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"text": "a"},', "is neither one JSON array nor one JSON object a line"),
        (b"[" * 100_000, "is neither one JSON array"),
        (b"[" + b'{"text": "a"},' * 9000 + b"]", "is a JSON array of more than 100,000 bytes: turn it into JSON Lines"),
        (b'[{"a": 1}]', "has no column of text; it has `a`"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.json").write_bytes(data)
    whole = read_whole(tmp_path / "a.json", max_document_bytes=100_000)
    assert len(whole.errors) == 1
    assert said in whole.errors[0]


def test_long_files_of_lines_and_broken_streams(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{broken\n" + ROWS * 5000)
    whole = read_whole(tmp_path / "a.json", max_document_bytes=2000)
    assert len(whole.texts) == 10_000
    assert len(whole.errors) == 1
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(b"{broken\n" + ROWS * 50)[:-9])
    whole = read_whole(tmp_path / "b.json.gz")
    assert whole.texts[:2] == ["a", "b"]
    assert "is cut off after line" in whole.errors[-1]
