from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.read import lines
from tests.read.whole import read_whole

CASES = json.loads((Path(__file__).parents[1] / "cases" / "read_jsonl.json").read_text("utf-8"))
FRENCH = "Le pont a été fermé plus tôt que prévu, et les piétons ont dû passer par la rive opposée, très fâchés."


def wrote(folder: Path, data: bytes, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(tmp_path: Path, case: dict[str, Any]) -> None:
    whole = read_whole(wrote(tmp_path, case["input"].encode()))
    assert whole.texts == case["texts"], case["reason"]
    assert whole.positions == case["positions"]
    assert [row["position"] for row in whole.quarantine] == [position for position, _ in case["quarantine"]]
    for error, (_, said) in zip(whole.errors, case["quarantine"], strict=True):
        assert said in error
        assert "a.jsonl" in error
    assert whole.ledger == []


def test_roles_and_ids(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "headline": "One", "link": "http://e.example/1", "published": "2031-05-01T12:00+02:00", "body": "a"},
        {"id": "", "headline": 12, "published": 20310501, "body": "b"},
        {"id": None, "headline": {"a": 1}, "body": "c", "site": "Herald"},
        {"id": 2.5, "headline": " ", "body": "d"},
    ]
    path = wrote(tmp_path, "\n".join(map(json.dumps, rows)).encode())
    whole = read_whole(path)
    assert [row["title"] for row in whole.documents] == ["One", "12", None, None]
    assert [row["site"] for row in whole.documents] == [None, None, "Herald", None]
    assert [row["url"] for row in whole.documents] == ["http://e.example/1", None, None, None]
    # Strings and numbers mixed: the column is of strings, and no number is a date.
    assert [row["date"] for row in whole.documents] == [datetime(2031, 5, 1, 10), None, None, None]
    ids = [row["doc_id"] for row in whole.documents]
    assert ids[0] == "7"
    assert ids[3] == "2.5"
    assert ids[1].endswith("-2")
    assert ids[2].endswith("-3")
    assert whole.values("headline") == ["One", "12", '{"a": 1}', " "]
    assert "body" not in whole.extra[0].column_names


def test_extra_columns_keep_their_types(tmp_path: Path) -> None:
    rows = [{"text": "a", "n": 1, "tags": ["x"], "when": "2031-05-01", "o": {"k": 1.5}}, {"text": "b", "late": True}]
    table = read_whole(wrote(tmp_path, "\n".join(map(json.dumps, rows)).encode())).extra[0]
    assert {name: str(table.schema.field(name).type) for name in table.column_names} == {
        "n": "int64",
        "tags": "list<item: string>",
        "when": "string",
        "o": "struct<k: double>",
        "late": "bool",
    }


def test_integers_beyond_64_bits_are_exact(tmp_path: Path) -> None:
    data = b'{"text": "a", "id": 123456789012345678901234567890, "n": 1e300}\n'
    data += b'{"text": "b", "id": 3, "n": 18446744073709551615}'
    whole = read_whole(wrote(tmp_path, data))
    assert [row["doc_id"] for row in whole.documents] == ["123456789012345678901234567890", "3"]
    assert whole.values("id") == ["123456789012345678901234567890", "3"]


def test_lone_surrogates_become_valid_text(tmp_path: Path) -> None:
    whole = read_whole(wrote(tmp_path, rb'{"text": "a\ud83d\ude00b\ud800", "ta\udc00g": ["\udc01"]}'))
    assert whole.texts == ["a😀b\ufffd"]
    assert whole.values("ta\ufffdg") == [["\ufffd"]]


def test_each_line_has_its_own_charset(tmp_path: Path) -> None:
    sound, foreign = json.dumps({"text": FRENCH}, ensure_ascii=False), {"text": f"“{FRENCH}”"}
    data = [
        sound.encode(),
        json.dumps(foreign, ensure_ascii=False).encode("cp1252"),
        sound.encode(),
        sound.encode().replace(b"rive", b"riv\xff"),
    ]
    whole = read_whole(wrote(tmp_path, b"\n".join(data)))
    assert whole.texts == [FRENCH, foreign["text"], FRENCH, FRENCH.replace("rive", "riv\ufffd")]
    assert [(row["doc_id"][-2:], row["rule"]) for row in whole.ledger] == [
        ("-2", "decoded:cp1252"),
        ("-4", "decoded:utf-8-damaged"),
    ]


def test_the_charset_of_the_file_decides_for_short_lines(tmp_path: Path) -> None:
    """Three letters tell nothing by themselves; the other lines that are not UTF-8 do."""
    texts = ["мир", "Мост через реку закрыли раньше, чем обещала городская служба.", "да"]
    data = "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts).encode("koi8-r")
    assert read_whole(wrote(tmp_path, data)).texts == texts


def test_a_named_charset_holds_for_every_line(tmp_path: Path) -> None:
    data = '{"text": "caf\xe9"}'.encode("latin-1") + b'\n{"text": "\xe9\xff"}'
    assert read_whole(wrote(tmp_path, data), charset="latin-1").texts == ["café", "éÿ"]
    whole = read_whole(wrote(tmp_path, data), charset="shift_jis")
    assert "line 1 is not shift_jis" in whole.errors[0]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_charsets(tmp_path: Path, charset: str) -> None:
    data = '{"text": "Brücke"}\n\n{"text": "橋 open again"}\n'.encode(charset)
    whole = read_whole(wrote(tmp_path, data))
    assert whole.texts == ["Brücke", "橋 open again"]
    assert whole.positions == [1, 3]
    assert len(whole.ledger) == 2


def test_binary_data_is_refused_as_a_whole(tmp_path: Path) -> None:
    whole = read_whole(wrote(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40))
    assert len(whole.errors) == 1
    assert "looks like binary data (image/png)" in whole.errors[0]


def test_lines_too_long_or_too_deep_go_alone(tmp_path: Path) -> None:
    deep = "[" * 500 + "]" * 500
    long = "x" * 3000
    data = f'{{"text": "a"}}\n{{"text": "{long}"}}\n{{"text": "b", "x": {deep}}}\n{{"text": "c"}}'
    whole = read_whole(wrote(tmp_path, data.encode()), max_document_bytes=2000, quarantine_bytes=12)
    assert whole.texts == ["a", "c"]
    assert "line 2 is longer than 2,000 bytes: raise read.max_document_bytes" in whole.errors[0]
    assert "line 3 is nested in more than 200 levels" in whole.errors[1]
    assert [row["raw"] for row in whole.quarantine] == [b'{"text": "xx', b'{"text": "b"']


def test_a_column_that_is_named_must_be_there(tmp_path: Path) -> None:
    path = wrote(tmp_path, b'{"text": "a", "raw": "b"}\n')
    assert read_whole(path, text_column="raw").texts == ["b"]
    assert "has no column `nope`; it has `text`, `raw`" in read_whole(path, text_column="nope").errors[0]


def test_later_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BATCH_ROWS", 2)
    rows: list[dict[str, Any]] = [{"n": 1, "text": "a"}, {"text": "b"}, {"n": "x"}, {"other": 1}, {"text": "c"}]
    whole = read_whole(wrote(tmp_path, "\n".join(map(json.dumps, rows)).encode()))
    assert len(whole.extra) == 3
    assert whole.texts == ["a", "b", None, None, "c"]
    assert whole.values("n") == [1, None, "x", None, None]


def test_standard_input() -> None:
    code = (
        "from pipeline.read.batches import read; from pipeline.read.inputs import find;"
        "from pipeline.settings import ReadSettings;"
        "batches = list(read(find(['-'])[0][0], ReadSettings()));"
        "print([batch.documents['text'].to_pylist() for batch in batches]);"
        "print([batch.quarantine['error'].to_pylist() for batch in batches])"
    )
    given = b'{"text": "a"}\n{"text": "caf\xe9 ferm\xe9 tr\xe8s t\xf4t"}\n{\n'
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
    assert b"'a', 'caf" in done.stdout
    assert b"standard input line 3 is not valid JSON" in done.stdout


def test_many_batches_keep_order(tmp_path: Path) -> None:
    whole = read_whole(wrote(tmp_path, b"".join(b'{"text": "%d"}\n' % n for n in range(50_000))))
    assert whole.positions == list(range(1, 50_001))
    assert isinstance(whole.extra[0], pa.Table)
