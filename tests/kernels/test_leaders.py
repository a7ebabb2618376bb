from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.arrow import text_view
from pipeline.kernels import leaders, shingles, tokens
from tests import naive
from tests.strategies import WORDS

texts = st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=1, max_size=14)


@given(st.lists(st.integers(0, 9), max_size=30))
def test_items_with_equal_hashes_share_a_bucket(band: list[int]) -> None:
    bucket, count = leaders.buckets(np.array(band, dtype=np.uint64) * np.uint64(2**40))
    assert (bucket >= 0).tolist() == [first is not None for first in naive.buckets(band)]
    for i, a in enumerate(band):
        for j, b in enumerate(band):
            assert i == j or (a == b) == (bucket[i] >= 0 and bucket[i] == bucket[j])
    assert set(bucket[bucket >= 0].tolist()) == set(range(count))


def clustered(items: list[str], bands: list[list[int]], threshold: float, cap: int) -> tuple[list[object], int]:
    found, bounds = shingles.shingle_sets(*tokens.tokenise(*text_view(pa.array(items, pa.large_string()))), 2)
    columns, total = [], 0
    for k in range(len(bands[0])):
        bucket, count = leaders.buckets(np.array([band[k] for band in bands], dtype=np.uint64))
        columns.append(np.where(bucket >= 0, bucket + total, -1).astype(np.int32))
        total += count
    leader, similarity, capped = leaders.leaders(np.stack(columns, axis=1), total, found, bounds, threshold, cap)
    pairs = [(None if a < 0 else int(a), float(b)) for a, b in zip(leader, similarity, strict=True)]
    return pairs, int(capped.sum())


@settings(max_examples=300)
@given(texts, st.data(), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_leaders_equal_the_slow_twin(items: list[str], data: st.DataObject, threshold: float) -> None:
    bands = data.draw(
        st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=len(items), max_size=len(items))
    )
    ours, capped = clustered(items, bands, threshold, cap=1000)
    assert ours == naive.leaders(bands, [naive.shingles(text, 2) for text in items], threshold)
    assert capped == 0


def test_the_cap_is_reported_not_hidden() -> None:
    items = [f"alpha{i} beta{i} gamma{i}" for i in range(5)] + ["alpha4 beta4 gamma4"]
    ours, capped = clustered(items, [[7]] * 6, 0.8, cap=2)
    assert capped == 3  # items 3, 4 and 5 would have met more than two representatives
    assert ours[5] == (None, 0.0)
    assert clustered(items, [[7]] * 6, 0.8, cap=9)[0][5] == (4, 1.0)
