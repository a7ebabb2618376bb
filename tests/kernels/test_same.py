from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.same import same_bytes


@given(st.lists(st.text("ab", max_size=3).map(str.encode), max_size=6))
def test_texts_are_the_same_when_all_their_bytes_are(texts: list[bytes]) -> None:
    data, offsets = np.frombuffer(b"".join([*texts, b"aaa"]), np.uint8), np.cumsum([0, *map(len, texts)])
    pairs = list(itertools.product(range(len(texts)), repeat=2))
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    assert same_bytes(data, offsets, left, right).tolist() == [texts[a] == texts[b] for a, b in pairs]
