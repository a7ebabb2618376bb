from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.values import MAX_LEVELS, column, is_deep, sound

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, None], "int64", [1, None]),
        ([1, 2.5], "double", [1.0, 2.5]),
        (["2031-05-01", None], "string", ["2031-05-01", None]),
        (["007"], "string", ["007"]),
        ([True, None], "bool", [True, None]),
        ([None], "null", [None]),
        (["a", 1, [1, 2], {"k": "é"}], "string", ["a", "1", "[1, 2]", '{"k": "é"}']),
        ([True, 1.5], "string", ["true", "1.5"]),
        ([{}], "string", ["{}"]),
        ([[{}]], "string", ["[{}]"]),
        ([{"a": {}}], "string", ['{"a": {}}']),
        ([2**64, 1], "string", ["18446744073709551616", "1"]),
        ([2**53 + 1, 0.5], "string", ["9007199254740993", "0.5"]),
        ([{"a": 1}, {"a": 2}], "struct<a: int64>", [{"a": 1}, {"a": 2}]),
        ([[1], []], "list<item: int64>", [[1], []]),
    ],
)
def test_types(values: list[Any], kind: str, expected: list[Any]) -> None:
    array = column(values)
    assert (str(array.type), array.to_pylist()) == (kind, expected)


def test_an_object_used_as_a_map_becomes_json() -> None:
    values = [{f"word{i}": 1 for i in range(500)}]
    assert column(values).to_pylist() == [json.dumps(values[0])]


@given(st.lists(JSON, max_size=5))
def test_any_json_can_be_written(values: list[Any]) -> None:
    array = column(values)
    assert len(array) == len(values)
    assert [value is None for value in array.to_pylist()] == [value is None for value in values]
    pq.write_table(pa.table({"column": array}), pa.BufferOutputStream())


@given(st.recursive(st.text(st.characters(), max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_sound_strings_can_be_encoded(value: Any) -> None:
    json.dumps(sound(value), ensure_ascii=False).encode()


def test_pairs_of_surrogates_are_joined() -> None:
    assert sound({"\ud800": ["\ud83d\ude00", "a\udc00b", "é", 1]}) == {"\ufffd": ["😀", "a\ufffdb", "é", 1]}


@pytest.mark.parametrize("levels", [0, 1, MAX_LEVELS, MAX_LEVELS + 1])
def test_depth(levels: int) -> None:
    value: Any = 1
    for _ in range(levels):
        value = [value] if levels % 2 else {"k": value}
    assert is_deep(value) == (levels > MAX_LEVELS)
