from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.read import records
from tests.read.whole import read_whole

CASES = json.loads((Path(__file__).parents[1] / "cases" / "read_csv.json").read_text("utf-8"))


def wrote(folder: Path, data: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(tmp_path: Path, case: dict[str, Any]) -> None:
    whole = read_whole(wrote(tmp_path, case["input"].encode(), case["name"]))
    assert whole.texts == case["texts"], case["reason"]
    assert whole.positions == case["positions"]
    assert [row["position"] for row in whole.quarantine] == [position for position, _ in case["quarantine"]]
    for error, (_, said) in zip(whole.errors, case["quarantine"], strict=True):
        assert said in error


def test_all_columns_are_strings(tmp_path: Path) -> None:
    data = b"id,text,zip,date,title\n007,a,01067,2031-05-01, \n,b,,soon,T\n"
    whole = read_whole(wrote(tmp_path, data))
    assert whole.extra[0].to_pydict() == {
        "id": ["007", ""],
        "zip": ["01067", ""],
        "date": ["2031-05-01", "soon"],
        "title": [" ", "T"],
    }
    assert whole.documents[0]["doc_id"] == "007"
    assert whole.documents[1]["doc_id"].endswith("-3")
    assert [row["date"] for row in whole.documents] == [datetime(2031, 5, 1), None]
    assert [row["title"] for row in whole.documents] == [None, "T"]


@pytest.mark.parametrize("refused", [False, True])
def test_nul_does_not_stop_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool) -> None:
    monkeypatch.setattr(records, "_NUL_REFUSED", refused or records._NUL_REFUSED)
    whole = read_whole(wrote(tmp_path, b"text,n\na\0b,1\nc,2\n"))
    assert [(text or "").replace("\0", "") for text in whole.texts] == ["ab", "c"]
    assert whole.errors == []


def test_a_record_that_is_too_long_does_not_become_a_document(tmp_path: Path) -> None:
    data = b'n,text\n1,a\n2,"opened\n' + b"3,c\n" * 2000
    whole = read_whole(wrote(tmp_path, data), max_document_bytes=2000)
    assert whole.texts == ["a"] + ["c"] * 2000
    assert whole.positions == [2, *range(4, 2004)]
    assert "line 3 is not valid CSV (a quote is opened and never closed)" in whole.errors[0]


def test_a_line_that_is_too_long_takes_its_record_with_it(tmp_path: Path) -> None:
    data = b'n,text\n1,a\n2,"opened\n' + b"x" * 3000 + b'\n"\n3,c\n' + b"4," + b"y" * 3000 + b"\n5,d\n"
    whole = read_whole(wrote(tmp_path, data), max_document_bytes=2000)
    assert whole.texts[0] == "a"
    assert whole.texts[-1] == "d"
    assert [row["position"] for row in whole.quarantine][:1] == [3]
    assert "line 3 goes on in line 4, which is longer than 2,000 bytes" in whole.errors[0]
    assert not any("x" in (text or "") for text in whole.texts)


def test_lines_in_another_charset(tmp_path: Path) -> None:
    french = "Le pont a été fermé plus tôt que prévu, et les piétons très fâchés ont dû passer par la rive opposée"
    data = f"n;text\n1;plain\n2;{french}\n".encode("cp1252")
    whole = read_whole(wrote(tmp_path, data))
    assert whole.texts == ["plain", french]
    assert [(row["doc_id"][-2:], row["rule"]) for row in whole.ledger] == [("-3", "decoded:cp1252")]


def test_utf16_with_a_mark(tmp_path: Path) -> None:
    whole = read_whole(wrote(tmp_path, 'n\ttext\n1\t"橋\nč"\n'.encode("utf-16")))
    assert whole.texts == ["橋\nč"]
    assert [row["rule"] for row in whole.ledger] == ["decoded:utf-16-le"]


def test_refused_records_are_not_held_for_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH_ROWS", 10)
    whole = read_whole(wrote(tmp_path, b"text,n\n" + b"a\n" * 100 + b"b,1\n"))
    assert len(whole.extra) > 10
    assert whole.texts == ["b"]
    assert len(whole.errors) == 100


def test_a_field_may_be_longer_than_python_allows_by_default(tmp_path: Path) -> None:
    assert csv.field_size_limit() > 2**30
    text = "word " * 50_000
    assert read_whole(wrote(tmp_path, f"n,text\n1,{text}\n".encode())).texts == [text]
