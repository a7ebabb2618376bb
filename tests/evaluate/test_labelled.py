"""Reading labelled lines, and what is said where they cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, RunError
from pipeline.evaluate.labelled import UNDETERMINED, read
from pipeline.schema import PARAGRAPHS, RAW

CASES = json.loads((Path(__file__).parent.parent / "cases/labelled_refused.json").read_text("utf-8"))


def file_of(folder: Path, *rows: dict[str, Any], name: str = "some.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_blank_lines_are_no_paragraphs_but_count(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"lines": ["", "one", " \t", "two"], "keep": [0, 1, 0, -1]})
    found = read([path])
    assert found.paragraphs["position"].to_pylist() == [1, 3]
    assert found.paragraphs["text"].to_pylist() == ["one", "two"]
    assert found.labels.tolist() == [1, -1]
    assert found.languages == [UNDETERMINED]
    assert found.paragraphs.schema == PARAGRAPHS
    assert found.documents.schema == RAW


def test_rows_of_several_files_are_told_apart(tmp_path: Path) -> None:
    row = {"lines": ["one"], "keep": [1]}
    first = file_of(tmp_path, row, {**row, "id": "a", "lang": "de", "url": "https://a.example", "title": "A"})
    second = file_of(tmp_path, {**row, "doc_id": "b"}, name="other.jsonl")
    found = read([first, second])
    assert found.documents["doc_id"].to_pylist() == [f"{first}:1", "a", "b"]
    assert found.documents["source"].to_pylist() == [str(first), str(first), str(second)]
    assert found.documents["title"].to_pylist() == [None, "A", None]
    assert found.paragraphs["doc"].to_pylist() == [0, 1, 2]
    assert found.languages == [UNDETERMINED, "de", UNDETERMINED]


def test_documents_of_one_id_stay_two(tmp_path: Path) -> None:
    row = {"id": "same", "lines": ["one"], "keep": [1]}
    assert len(set(read([file_of(tmp_path, row, row)]).paragraphs["doc_id"].to_pylist())) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_what_cannot_be_read_is_said_in_a_sentence(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"lines": [], "keep": []}\n\n' + case["input"] + "\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read([path])
    assert str(refused.value).startswith(f"{path} line 3 ")
    assert case["expected"] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b'{"lines": ["\xff"], "keep": [1]}\n')
    with pytest.raises(InputError, match="line 1 is not valid JSON"):
        read([path])


@pytest.mark.parametrize("name", ["missing.jsonl", ""])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read([tmp_path / name])


def test_no_rows_at_all(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"empty\.jsonl"):
        read([file_of(tmp_path, name="empty.jsonl")])
    with pytest.raises(RunError, match="no file given"):
        read([])
