"""Reading labelled duplicates: recognised by their columns, refused with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import CorpusmillError, InputError, RunError
from pipeline.evaluate.dedup_labels import PAIR_COLUMNS, Clusters, Pairs, read

REFUSED = json.loads((Path(__file__).parent.parent / "cases/labelled_duplicates_refused.json").read_text("utf-8"))


def written(folder: Path, rows: list[dict[str, Any]], name: str = "labelled.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", "utf-8")
    return path


def test_clusters(tmp_path: Path) -> None:
    rows = [{"id": 7, "text": "a", "cluster": "x"}, {"text": "b", "cluster": 3}, {"text": "c", "cluster": "x"}]
    found = read([written(tmp_path, rows)])
    assert isinstance(found, Clusters)
    assert found.cluster.tolist() == [0, 1, 0]
    assert found.texts.to_pylist() == ["a", "b", "c"]
    assert found.ids == ["7", f"{tmp_path}/labelled.jsonl line 2", f"{tmp_path}/labelled.jsonl line 3"]


@pytest.mark.parametrize("names", PAIR_COLUMNS, ids="-".join)
def test_pairs_by_any_of_their_names(tmp_path: Path, names: tuple[str, str]) -> None:
    a, b = names
    rows = [{a: "s", b: "t", "label": 1}, {a: "t", b: "u", "label": False}, {a: "s", b: "u", "label": None}]
    found = read([written(tmp_path, rows)])
    assert isinstance(found, Pairs)
    assert found.label.tolist() == [True, False]
    assert [found.texts[int(k)].as_py() for k in (*found.left, *found.right)] == ["s", "t", "t", "u"]
    assert found.skipped == {"label is null": 1}


def test_rows_with_both_are_pairs(tmp_path: Path) -> None:
    rows = [{"a": "s", "b": "t", "label": 1, "cluster": "x", "text": "u"}]
    assert isinstance(read([written(tmp_path, rows)]), Pairs)


def test_rows_are_left_out_by_column(tmp_path: Path) -> None:
    rows = [{"text": str(k), "cluster": k, "weak": k == 1, "unsure": k in (1, 2)} for k in range(5)]
    found = read([written(tmp_path, rows)], skip=["weak", "unsure"], by="cluster")
    assert isinstance(found, Clusters)
    assert found.texts.to_pylist() == ["0", "3", "4"]
    assert found.skipped == {"weak": 1, "unsure": 2}
    assert found.groups == ["0", "3", "4"]


def test_texts_of_pairs_can_lie_elsewhere(tmp_path: Path) -> None:
    texts = written(tmp_path, [{"id": "1", "text": "s"}, {"id": "2", "text": "t"}], "texts.jsonl")
    pairs = written(tmp_path, [{"a": "1", "b": "2", "label": 0}])
    found = read([pairs], texts)
    assert found.texts.to_pylist() == ["s", "t"]
    with pytest.raises(InputError, match=r"names '3' in `b`, which is no id .* check --texts"):
        read([written(tmp_path, [{"a": "1", "b": "3", "label": 0}])], texts)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["label"])
def test_refused(tmp_path: Path, case: dict[str, Any]) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text(case["input"], "utf-8")
    with pytest.raises(CorpusmillError) as caught:
        read([path], skip=case.get("skip", []))
    assert case["expected"] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.jsonl cannot be read \(No such file or directory\)"):
        read([tmp_path / "none.jsonl"])
    with pytest.raises(RunError, match="no file given"):
        read([])
