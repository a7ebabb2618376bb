from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest

from tests.read.whole import read_whole

TEXT = "The bridge is open.\r\n\r\nAll of it.\n"


def test_one_file_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(TEXT.encode())
    whole = read_whole(path)
    assert len(whole.documents) == 1
    row = whole.documents[0]
    assert (row["text"], row["position"], row["title"], row["source"]) == (TEXT, 1, None, path.as_posix())
    assert row["doc_id"].endswith("-1")
    assert whole.columns is None
    assert whole.extra[0].num_columns == 0


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert read_whole(tmp_path / "a.txt").texts == [""]


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_compressed(tmp_path: Path, suffix: str, pack: object) -> None:
    path = tmp_path / f"a.txt.{suffix}"
    path.write_bytes(pack(TEXT.encode()))  # type: ignore[operator]
    assert read_whole(path).texts == [TEXT]


def test_another_charset_stands_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Die Brücke über den Fluß ist für Fußgänger früher geöffnet worden.".encode("cp1252"))
    whole = read_whole(path)
    assert [(row["stage"], row["action"], row["rule"]) for row in whole.ledger] == [("read", "edit", "decoded:cp1252")]
    assert whole.ledger[0]["doc_id"] == whole.documents[0]["doc_id"]
    assert whole.ledger[0]["text"] is None


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3, "is not text: it looks like binary data (image/png)"),
        ("a.txt", b"x" * 2000, "a.txt is longer than 1,024 bytes: raise read.max_document_bytes"),
        ("a.txt.gz", gzip.compress(TEXT.encode(), mtime=0)[:-4], "cannot be read (the compressed stream ends too early)"),
        ("a.txt.gz", TEXT.encode(), "a.txt.gz cannot be read (zlib"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_row_of_quarantine(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    whole = read_whole(tmp_path / name, max_document_bytes=1024, quarantine_bytes=10)
    assert whole.documents == []
    assert len(whole.errors) == 1
    assert said in whole.errors[0]
    assert whole.quarantine[0]["position"] is None
    assert len(whole.quarantine[0]["raw"]) <= 10
