from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.arrow import text_view
from pipeline.kernels import clusters, documents, leaders, minhash, shingles, tokens
from pipeline.kernels.same import same_bytes
from tests import naive, strategies


@settings(max_examples=200)
@given(st.lists(strategies.sentences | strategies.texts, max_size=6), st.integers(1, 6))
def test_sketches_equal_the_four_passes(texts: list[str], n: int) -> None:
    view = text_view(pa.array(texts, pa.large_string()))
    permuted = minhash.permutations(32, 1)
    hashes, starts = tokens.tokenise(*view)
    mine, at = documents.Hashes().words(*view)
    assert mine.tolist() == hashes.tolist() and at.tolist() == starts.tolist()
    made = documents.sketches(mine, at, n, permuted, 5, 6)
    assert (made.key == tokens.keys(hashes, starts)).all()
    assert (made.n_words == np.diff(starts)).all()
    enough = np.diff(starts) >= n
    wanted = minhash.bands(minhash.signatures(hashes, starts, n, permuted), 5, 6)
    assert (made.bands[enough] == wanted[enough]).all()


@given(st.lists(strategies.sentences, max_size=6), st.integers(1, 6))
def test_rolled_shingles_are_those_of_the_sets(texts: list[str], n: int) -> None:
    words = tokens.tokenise(*text_view(pa.array(texts, pa.large_string())))
    found, bounds = documents.rolled(*words, n)
    sets, set_bounds = shingles.shingle_sets(*words, n)
    for i in range(len(texts)):
        mine = {naive.mix64(int(h)) for h in found[bounds[i] : bounds[i + 1]]}
        assert mine == set(sets[set_bounds[i] : set_bounds[i + 1]].tolist())


items = st.lists(
    st.tuples(
        st.lists(strategies.WORDS, max_size=9).map(" ".join), st.lists(st.integers(0, 3), min_size=2, max_size=2)
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=300)
@given(items, st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(1, 5), st.sampled_from([1, 2, 1000]))
def test_representatives_equal_leaders_however_the_items_are_cut(
    given_items: list[tuple[str, list[int]]], threshold: float, cut: int, cap: int
) -> None:
    words = tokens.tokenise(*text_view(pa.array([text for text, _ in given_items], pa.large_string())))
    bands = np.array([band for _, band in given_items], dtype=np.uint64)
    columns, total = [], 0
    for k in range(2):
        group, count = clusters.grouped(bands[:, k].copy())
        columns.append(np.where(group >= 0, group + total, -1).astype(np.int32))
        total += count
    sets, set_bounds = shingles.shingle_sets(*words, 2)
    wanted = leaders.leaders(np.stack(columns, axis=1), total, sets, set_bounds, threshold, cap)
    buckets = clusters.Buckets(np.stack(columns), total)
    representatives = clusters.Representatives(buckets, threshold, cap)
    found, bounds = documents.rolled(*words, 2)
    parts = [
        representatives.judge(
            np.arange(first, min(first + cut, len(bands))),
            found[bounds[first] : bounds[min(first + cut, len(bands))]],
            bounds[first : min(first + cut, len(bands)) + 1] - bounds[first],
        )
        for first in range(0, len(bands), cut)
    ]
    for mine, other in zip(zip(*parts, strict=True), wanted[:3], strict=True):
        assert np.concatenate(mine).tolist() == other.tolist()


@given(st.lists(st.integers(0, 9), max_size=30))
def test_groups_and_their_first_items(values: list[int]) -> None:
    group, count = clusters.grouped(np.array(values, dtype=np.uint64) * np.uint64(2**40))
    first = naive.buckets(values)
    assert [None if g < 0 else clusters.firsts(group, count)[g] for g in group] == first


@given(st.lists(st.lists(st.integers(-1, 4), min_size=8, max_size=8), max_size=4))
def test_components_are_named_by_their_lowest_item(columns: list[list[int]]) -> None:
    parents = np.arange(8)
    names = list(range(8))
    for column in columns:
        clusters.unite(np.array(column, dtype=np.int32), parents, 5)
        for bucket in set(column) - {-1}:
            together = {names[i] for i in range(8) if column[i] == bucket}
            names = [min(together) if name in together else name for name in names]
    assert clusters.roots(parents).tolist() == names


@pytest.mark.parametrize(
    ("a", "b", "same"), [("", "", True), ("river", "river", True), ("river", "rivet", False), ("a", "ab", False)]
)
def test_same_bytes(a: str, b: str, same: bool) -> None:
    view = text_view(pa.array([a, b], pa.large_string()))
    assert same_bytes(*view, np.array([0]), np.array([1])).tolist() == [same]
