from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.steps import extra


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([pa.int64(), pa.int64()], pa.int64()),
        ([pa.int64(), pa.float64()], pa.float64()),
        ([pa.null(), pa.timestamp("us")], pa.timestamp("us")),
        ([pa.null()], pa.null()),
        ([pa.int64(), pa.string()], pa.string()),
        ([pa.list_(pa.int64()), pa.string()], pa.string()),
        ([pa.struct([("a", pa.int64())]), pa.struct([("a", pa.int64())])], pa.struct([("a", pa.int64())])),
        ([pa.bool_(), pa.int64()], pa.string()),
    ],
)
def test_a_type_that_holds_all(types: list[pa.DataType], common: pa.DataType) -> None:
    assert extra.unify([pa.schema([("x", kind)]) for kind in types]).field("x").type == common


def test_values_of_clashing_types_become_text_that_says_them() -> None:
    schema = pa.schema([("x", pa.string())])
    for values, wanted in (([[1, 2]], ["[1, 2]"]), ([7], ["7"]), ([True], ["true"]), ([{"a": None}], ['{"a": null}'])):
        assert extra.conform(pa.table({"x": values}), schema, 1)["x"].to_pylist() == wanted


def test_absent_columns_are_null_even_beside_none() -> None:
    table = extra.conform(pa.table({}), pa.schema([("x", pa.int64())]), 3)
    assert table["x"].to_pylist() == [None, None, None]


def test_names_that_differ_in_case_are_one_column() -> None:
    schema = extra.unify([pa.schema([("URL", pa.string())]), pa.schema([("url", pa.string()), ("n", pa.int64())])])
    assert schema.names == ["URL", "n"]
    assert extra.conform(pa.table({"url": ["a"]}), schema, 1).to_pylist() == [{"URL": "a", "n": None}]


names = st.lists(
    st.sampled_from(["text", "source", "input_source", "doc_id", "title", "site", "copies", "x"]), unique=True
)


@given(names)
def test_no_two_columns_take_one_name_and_none_takes_ours(given_names: list[str]) -> None:
    own = extra.own_names(given_names, ["title"])
    folded = {name.casefold() for name in own.values()}
    assert len(folded) == len(own), "DuckDB and Spark do not tell X from x"
    assert not folded & set(extra.DOCUMENTS.names)
    assert set(given_names) - set(own) <= {"title"}
