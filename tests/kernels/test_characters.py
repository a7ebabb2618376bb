"""Lengths in characters are Python's."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import arrow

texts = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=8)


@example(["x" * 200 + "é" * 77, "😀" * 130, "a"], 0, pa.large_string())  # longer than a vector
@given(texts, st.integers(0, 3), st.sampled_from([pa.string(), pa.large_string()]))
def test_lengths_are_pythons(values: list[str | None], skipped: int, kind: pa.DataType) -> None:
    column = pa.array(values, kind).slice(skipped)
    expected = [len(value or "") for value in values[skipped:]]
    assert arrow.string_lengths(column).tolist() == expected
    assert arrow.string_lengths(pa.chunked_array([column, column])).tolist() == expected * 2
