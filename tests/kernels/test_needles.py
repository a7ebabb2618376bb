from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import needles

STRINGS = st.text("abcé©", min_size=3, max_size=5)


def held(texts: list[str], strings: list[str]) -> list[list[int]]:
    masks = np.zeros((len(strings), 2), np.uint64)
    for number in range(len(strings)):
        masks[number, number % 2] = np.uint64(1 << number)
    wanted = needles.needles([string.encode() for string in strings], masks)
    data, offsets = arrow.text_view(pa.array(texts, pa.large_string()))
    return needles.held(data, offsets[:-1], offsets[1:], wanted).tolist()


@given(st.lists(st.text("aAbBcé©É ", max_size=12), max_size=4), st.lists(STRINGS, max_size=8))
def test_every_string_is_found_where_it_stands_and_nowhere_else(texts: list[str], strings: list[str]) -> None:
    expected = [[0, 0] for _ in texts]
    for row, text in enumerate(texts):
        for number, string in enumerate(strings):
            if string.encode() in text.encode().lower():
                expected[row][number % 2] |= 1 << number
    assert held(texts, strings) == expected


def test_a_string_does_not_begin_in_the_text_before() -> None:
    assert held(["xab", "cxx", "xABCx"], ["abc"]) == [[0, 0], [0, 0], [1, 0]]
