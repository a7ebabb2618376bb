from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.arrow import text_view
from pipeline.kernels import clusters, leaders, shingles, tokens
from pipeline.kernels.documents import rolled
from tests.strategies import WORDS

Verdicts = list[list[float]]
texts = st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=1, max_size=14)


@settings(max_examples=200)
@given(texts, st.data(), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.sampled_from([1, 2, 3, 1000]))
def test_the_verdicts_are_those_of_leaders_however_they_are_cut(
    items: list[str], data: st.DataObject, threshold: float, cap: int
) -> None:
    band = st.lists(st.integers(0, 2), min_size=len(items), max_size=len(items))
    grouped = [clusters.grouped(np.array(data.draw(band), np.uint64) << np.uint64(40)) for _ in range(3)]
    shift = np.cumsum([0, *(count for _, count in grouped)])
    bucket = np.stack(
        [np.where(group >= 0, group + shift[k], -1).astype(np.int32) for k, (group, _) in enumerate(grouped)]
    )
    cuts = sorted({0, len(items), *data.draw(st.lists(st.integers(0, len(items)), max_size=3))})
    in_one, in_slices = both(items, bucket, int(shift[-1]), threshold, cap, cuts)
    assert in_one == in_slices


def both(
    items: list[str], bucket: NDArray[np.int32], buckets: int, threshold: float, cap: int, cuts: list[int]
) -> tuple[Verdicts, Verdicts]:
    """Return (leader, similarity, capped) of both kernels on shingles of two words. bucket: shape (bands, items)."""
    words = [tokens.tokenise(*text_view(pa.array([item], pa.large_string()))) for item in items]
    whole = tokens.tokenise(*text_view(pa.array(items, pa.large_string())))
    in_one = leaders.leaders(np.ascontiguousarray(bucket.T), buckets, *shingles.shingle_sets(*whole, 2), threshold, cap)
    representatives = clusters.Representatives(clusters.Buckets(bucket, buckets), threshold, cap)
    found = []
    for begin, end in pairwise(cuts):
        hashes = [np.array(one[0]) for one in words[begin:end]]
        starts = np.cumsum([0, *map(len, hashes)])
        found.append(representatives.judge(np.arange(begin, end), *rolled(np.concatenate(hashes), starts, 2)))
    in_slices = [np.concatenate(column) for column in zip(*found, strict=True)]
    return [one.tolist() for one in in_one], [one.tolist() for one in in_slices]


@pytest.mark.parametrize("bands", [[[0, 0, 0]], [[-1, 0, 0], [1, -1, 1]], [[0, -1, 0], [-1, 1, 1]]])
def test_of_equally_similar_ones_the_best_is_named(bands: list[list[int]]) -> None:
    """The third has 3 of 5 pairs of words with each of the others, which have 1 of 5 in common."""
    items = ["k l m n", "m n o p", "k l m n o p"]
    for found in both(items, np.array(bands, np.int32), 2, 0.3, 9, [0, 3]):
        assert found == [[-1, -1, 0], [0.0, 0.0, 0.6], [False] * 3]


@given(st.lists(st.lists(st.integers(-1, 3), min_size=12, max_size=12), min_size=1, max_size=3))
def test_united_is_what_shares_a_bucket_with_what_is_united(buckets: list[list[int]]) -> None:
    parents = np.arange(12)
    for bucket in buckets:
        clusters.unite(np.array(bucket, np.int32), parents, 4)
    wanted = list(range(12))
    for _ in range(12):
        for bucket in buckets:
            for item, number in enumerate(bucket):
                if number >= 0:
                    wanted[item] = min(wanted[other] for other in range(12) if bucket[other] == number)
    assert clusters.roots(parents).tolist() == wanted
