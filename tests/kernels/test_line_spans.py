from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels.gather import slices
from pipeline.kernels.line_spans import spans

SPACES = "".join(chr(code) for code in range(0x10000) if chr(code).isspace())
texts = st.lists(st.sampled_from([*SPACES, *"\n\n\n a", "é", "’", "渡", "😀", "\u180e", "\u200b"]), max_size=15).map(
    "".join
)


def lines(text: str) -> list[tuple[int, str, bool]]:
    """The slow twin: (number, line without the space around it, whether it is indented) of all but blank ones."""
    cut = enumerate(text.split("\n"))
    return [(number, line.strip(), line[0] in " \t\f\r") for number, line in cut if line.strip()]


@given(st.lists(texts, min_size=1, max_size=5))
def test_lines_lie_where_a_plain_loop_finds_them(given_texts: list[str]) -> None:
    data, offsets = arrow.text_view(pa.array(given_texts, pa.large_string()))
    found = spans(data, offsets)
    cut = arrow.of_view(*slices(data, found.start, found.stop)).to_pylist()
    for row, text in enumerate(given_texts):
        mine = np.flatnonzero(found.row == row).tolist()
        assert [(found.line[i], cut[i], found.indented[i]) for i in mine] == lines(text)
        assert [found.chars[i] for i in mine] == [len(cut[i]) for i in mine]


def test_white_space_is_what_python_says() -> None:
    every = [chr(code) for code in range(0x11000) if unicodedata.category(chr(code)) != "Cs" and chr(code) != "\n"]
    data, offsets = arrow.text_view(pa.array([f"{char}x{char}" for char in every], pa.large_string()))
    found = spans(data, offsets)
    trimmed = (found.chars == 1).tolist()
    assert [char for char, is_space in zip(every, trimmed, strict=True) if is_space != char.isspace()] == []
