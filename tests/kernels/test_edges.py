from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import edges

CODES = np.arange(edges.KINDS**edges.DEPTH, dtype=np.uint64)[:, None]
ALL = np.full_like(CODES, 2**64 - 1)


def code(text: str) -> int:
    """The kinds of the first characters as the digits of a number."""
    kinds = [edges.kind(ord(char)) for char in text[: edges.DEPTH]]
    kinds += [edges.NOTHING] * (edges.DEPTH - len(kinds))
    return sum(kind * edges.KINDS**place for place, kind in enumerate(reversed(kinds)))


@given(st.lists(st.text("aZ5 .©é中🙂-", max_size=6), max_size=5))
def test_the_tables_are_asked_for_both_ends(texts: list[str]) -> None:
    data, offsets = arrow.text_view(pa.array(texts, pa.large_string()))
    found = [edges.allowed(data, offsets[:-1], offsets[1:], *tables).ravel() for tables in ((CODES, ALL), (ALL, CODES))]
    assert [each.tolist() for each in found] == [[code(text) for text in texts], [code(text[::-1]) for text in texts]]


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=5))
def test_pairs_are_the_bits_that_are_set(masks: list[tuple[int, int]]) -> None:
    texts, patterns = edges.pairs(np.array(masks, np.uint64).reshape(-1, 2))
    expected = [(text, bit) for text, (a, b) in enumerate(masks) for bit in range(128) if (a | b << 64) >> bit & 1]
    assert list(zip(texts.tolist(), patterns.tolist(), strict=True)) == expected
