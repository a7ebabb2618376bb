"""What is promised of duplicates whatever the texts, the memory, the cut into shards."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup import clusters, duplicates, memory
from pipeline.dedup.banding import Banding
from pipeline.dedup.duplicates import Duplicates
from pipeline.dedup.sketch import sketch, words
from pipeline.dedup.sketches import Sketches
from pipeline.kernels.minhash import permutations
from tests.dedup import naive_duplicates
from tests.strategies import WORDS

texts = st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=1, max_size=14)
#: Two slots a band: some pairs are candidates, some are not.
BANDING = Banding(24, 2)
NGRAM = 2


def sketched(items: list[str]) -> pa.Table:
    return sketch(words(pa.array(items, pa.large_string())), NGRAM, BANDING, permutations(48, 1))


def bands(table: pa.Table) -> list[list[int]]:
    columns = [table[name].to_pylist() for name in table.column_names if name.startswith("band_")]
    return [list(row) for row in zip(*columns, strict=True)]


def found(
    items: list[str], order: list[int], threshold: float = 0.5, size: int = 2**30, cuts: tuple[int, ...] = ()
) -> Duplicates:
    column, table = pa.array(items, pa.large_string()), sketched(items)
    edges = [0, *sorted(min(cut, len(items)) for cut in cuts), len(items)]
    parts = [table.slice(a, b - a) for a, b in itertools.pairwise(edges)]
    sketches = Sketches(parts)
    fetch = lambda rows: column.take(pa.array(rows))  # noqa: E731
    return duplicates.find(sketches, np.array(order), fetch, NGRAM, threshold, 1000, size)


def as_dict(result: Duplicates) -> dict[int, tuple[int, float]]:
    kept = zip(result.kept.tolist(), result.similarity.tolist(), strict=True)
    return dict(zip(result.row.tolist(), kept, strict=True))


def shuffled(n: int, seed: int) -> list[int]:
    order = list(range(n))
    random.Random(seed).shuffle(order)
    return order


@settings(max_examples=300)
@given(texts, st.integers(0, 99), st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_equals_all_pairs_compared_by_hand(items: list[str], seed: int, threshold: float) -> None:
    order = shuffled(len(items), seed)
    expected = naive_duplicates.find(items, bands(sketched(items)), order, NGRAM, threshold)
    assert as_dict(found(items, order, threshold)) == expected


@settings(max_examples=150)
@given(texts, st.integers(0, 99), st.lists(st.integers(0, 14), max_size=3))
def test_neither_memory_nor_shards_change_anything(items: list[str], seed: int, cuts: list[int]) -> None:
    order = shuffled(len(items), seed)
    whole = as_dict(found(items, order))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "LEAST", 0)
        patch.setattr(duplicates, "LEAST", 0)
        patch.setattr(clusters, "WORDS_AT_ONCE", 3)
        for size in (1, 600, 5000):
            assert as_dict(found(items, order, size=size, cuts=tuple(cuts))) == whole


@settings(max_examples=150)
@given(texts, st.integers(0, 99))
def test_what_a_higher_threshold_removes_was_a_pair_before(items: list[str], seed: int) -> None:
    """Of each (removed, kept) at a higher threshold a lower one, on the same bands, removes at least one."""
    order = shuffled(len(items), seed)
    low, high = as_dict(found(items, order, 0.3)), as_dict(found(items, order, 0.7))
    assert all(row in low or kept in low for row, (kept, _) in high.items())
    assert set(high) | {kept for kept, _ in high.values()} <= set(low) | {kept for kept, _ in low.values()}


def test_a_higher_threshold_may_remove_what_a_lower_one_keeps() -> None:
    """y is like z and like x. At 0.5 z takes y, and x stays; at 0.75 y stays, and takes x."""
    z, y, x = "a b c d e f g", "b c d e f g h i j", "c d e f g h i j"
    assert as_dict(found([z, y, x], [0, 1, 2], 0.5)) == {1: (0, 5 / 9)}
    assert as_dict(found([z, y, x], [0, 1, 2], 0.75)) == {2: (1, 7 / 8)}


def test_a_pair_right_on_the_threshold_goes() -> None:
    """0.55 * 20 is 11.000000000000002 in floating point; 11 / 20 is 0.55 all the same."""
    whole = " ".join(f"w{i}" for i in range(21))
    part = " ".join(f"w{i}" for i in range(12))
    assert as_dict(found([whole, part], [0, 1], 0.55)) == {1: (0, 0.55)}


def test_components_are_the_same_however_hashes_are_parted() -> None:
    items = [f"one {i % 7} two {i % 5} three {i % 3}" for i in range(60)]
    table = Sketches.of(sketched(items))
    place = np.arange(60, dtype=np.int32)
    whole = clusters.linked(table, place, 60, 2**30)
    assert len(set(whole.tolist())) < 60
    for size in (100, 700, 1500):
        assert clusters.linked(table, place, 60, size).tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("wanted", "size"),
    [("2GB", 2 * 10**9), ("512MiB", 2**29), ("1.5 gb", 15 * 10**8), (10**9, 10**9), ("3000000000", 3 * 10**9)],
)
def test_sizes_are_read(wanted: str | int, size: int) -> None:
    assert memory.budget(wanted) == size


def test_no_size_is_a_quarter_of_the_machine_and_nonsense_is_refused() -> None:
    assert memory.budget("") == memory.budget(0) == memory.machine() // 4
    for nonsense in ("much", "2 GBytes", "-1", -5, "GB"):
        with pytest.raises(memory.SettingsError):
            memory.budget(nonsense)


def test_arrays_beyond_the_budget_lie_in_files() -> None:
    space = memory.Space(100, None)
    small, large = space.array((10,), np.int64), space.array((5, 4), np.int64)
    small[:], large[:] = 1, 2
    space.rest()
    assert small.sum() == 10 and large.sum() == 40 and large.shape == (5, 4)


def test_stretches_cover_all_items_in_order() -> None:
    for sizes, at_once in ([[5, 1, 1, 30, 2], 4], [[], 4], [[0, 0, 0], 1]):
        runs = list(memory.stretches(np.array(sizes, dtype=np.int64), at_once))
        assert [i for a, b in runs for i in range(a, b)] == list(range(len(sizes)))


def test_a_hot_bucket_hides_no_duplicate() -> None:
    """400 texts share a long footer, so most are candidates of most; one pair is alike indeed."""
    footer = " ".join(f"footer{i}" for i in range(30))
    items = [" ".join(f"own{i}x{k}" for k in range(12)) + " " + footer for i in range(400)]
    items[333] = items[7].replace("own7x0", "changed")
    for size in (2**30, 1):
        assert set(as_dict(found(items, list(range(400)), 0.8, size=size))) == {333}
    assert len(set(clusters.linked(Sketches.of(sketched(items)), np.arange(400, dtype=np.int32), 400, 1))) < 10
