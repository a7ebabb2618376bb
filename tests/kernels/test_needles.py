from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import needles

STRINGS = st.text("abcé©", min_size=3, max_size=5)


def held(texts: list[str], strings: list[str], asked: list[list[int]]) -> list[list[int]]:
    masks = np.zeros((len(strings), 2), np.uint64)
    for number in range(len(strings)):
        masks[number, number % 2] = np.uint64(1 << number)
    wanted = needles.needles([string.encode() for string in strings], masks)
    data, offsets = arrow.text_view(pa.array(texts, pa.large_string()))
    return needles.held(data, offsets[:-1], offsets[1:], wanted, np.array(asked, np.uint64).reshape(-1, 2)).tolist()


@given(
    st.lists(st.tuples(st.text("aAbBcé©É ", max_size=12), st.integers(0, 1023), st.integers(0, 1023)), max_size=4),
    st.lists(STRINGS, max_size=8),
)
def test_every_string_is_found_where_it_stands_and_nowhere_else(
    rows: list[tuple[str, int, int]], strings: list[str]
) -> None:
    texts, asked = [text for text, *_ in rows], [list(bits) for _, *bits in rows]
    expected = [list(bits) for bits in asked]
    for row, text in enumerate(texts):
        for number, string in enumerate(strings):
            if string.encode() not in text.encode().lower():
                expected[row][number % 2] &= ~(1 << number)
    assert held(texts, strings, asked) == expected


def test_a_string_does_not_begin_in_the_text_before() -> None:
    assert held(["xab", "cxx", "xABCx"], ["abc"], [[3, 1]] * 3) == [[2, 1], [2, 1], [3, 1]]
