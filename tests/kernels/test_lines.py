from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import lines as chars
from pipeline.kernels.tokens import tokenise


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_counts_agree_with_the_slow_way(lines: list[str]) -> None:
    view = arrow.text_view(pa.array(lines, pa.large_string()))
    found = chars.counts(*view, np.arange(len(lines)))
    table = chars.class_table()
    ends = chars.ends(*view)
    for line, row, end in zip(lines, found.tolist(), ends.tolist(), strict=True):
        kinds = [int(table[ord(c)]) if ord(c) < len(table) else chars.OTHER for c in line]
        column = dict(zip(chars.COLUMNS, row, strict=True))
        assert column["chars"] == len(line)
        assert column["letters"] == sum(k in (chars.UPPER, chars.LOWER, chars.LETTER) for k in kinds)
        assert column["digits"] == kinds.count(chars.DIGIT)
        words = "".join(" " if k == chars.SPACE else "x" for k in kinds).split()
        assert (column["words"], column["longest"]) == (len(words), max(map(len, words), default=0))
        open_kinds = [k for k in kinds if k not in (chars.SPACE, chars.CLOSER)]
        assert column["end"] == end == (open_kinds[-1] if open_kinds else chars.CLOSER)


def test_words_of_kinds_are_counted_by_hash() -> None:
    hashes, starts = tokenise(*arrow.text_view(pa.array(["a b a", "", "c d"], pa.large_string())))
    known, kinds = chars.slots(np.array([hashes[0], hashes[3], hashes[0]]), np.array([0, 1, 1], np.uint8))
    assert chars.classed(hashes, starts, known, kinds, 2).tolist() == [[2, 0], [0, 0], [0, 1]]
