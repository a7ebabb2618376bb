"""Shared shingles of pairs against Python sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.pairs import shared
from pipeline.kernels.shingles import jaccard


@given(st.lists(st.sets(st.integers(0, 12), max_size=9), min_size=1, max_size=6))
@settings(deadline=None)
def test_shared_equals_the_size_of_the_intersection(sets: list[set[int]]) -> None:
    shingles = np.array([value for one in sets for value in sorted(one)], dtype=np.uint64)
    bounds = np.cumsum([0, *(len(one) for one in sets)], dtype=np.int64)
    left, right = (side.ravel().astype(np.int64) for side in np.indices((len(sets), len(sets))))
    found = shared(shingles, bounds, left, right).tolist()
    assert found == [len(a & b) for a in sets for b in sets]
    for count, a, b in zip(found, left, right, strict=True):
        one, other = (shingles[bounds[k] : bounds[k + 1]] for k in (a, b))
        union = len(one) + len(other) - count
        assert jaccard(one, other) == (count / union if len(one) and len(other) else 0.0)
