from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.dedup import duplicates
from pipeline.dedup.banding import Banding
from pipeline.dedup.duplicates import Duplicates
from pipeline.dedup.sketch import sketch, words
from pipeline.kernels.minhash import permutations
from tests import naive
from tests.strategies import WORDS

texts = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=12)
#: One slot a band: any two texts that share a minimum are candidates.
BANDING = Banding(64, 1)


def found(items: list[str], order: list[int], ngram: int = 2, threshold: float = 0.5, cap: int = 100) -> Duplicates:
    column = pa.array(items, pa.large_string())
    sketches = sketch(words(column), ngram, BANDING, permutations(64, 1))
    return duplicates.find(sketches, np.array(order), lambda rows: column.take(pa.array(rows)), ngram, threshold, cap)


@settings(max_examples=200)
@given(texts, st.randoms())
def test_every_removal_is_verified_and_nobody_removed_is_kept(items: list[str], random: st.RandomState) -> None:
    order = list(range(len(items)))
    random.shuffle(order)
    result = found(items, order)
    rank = {row: place for place, row in enumerate(order)}
    assert len(set(result.row)) == len(result.row)
    assert not set(result.row) & set(result.kept)
    for row, kept, similarity, exact in zip(result.row, result.kept, result.similarity, result.exact, strict=True):
        assert rank[kept] < rank[row]
        mine, theirs = naive.words(items[row]), naive.words(items[kept])
        if exact:
            assert mine == theirs and similarity == 1.0
        else:
            true = naive.jaccard(naive.shingles(items[row], 2), naive.shingles(items[kept], 2))
            assert similarity == true >= 0.5


@given(texts)
def test_equal_texts_never_both_stay(items: list[str]) -> None:
    result = found(items, list(range(len(items))))
    left = [naive.words(text) for row, text in enumerate(items) if row not in result.row]
    with_words = [tuple(text) for text in left if text]
    assert len(with_words) == len(set(with_words))
    assert sum(not text for text in left) == sum(not naive.words(text) for text in items)


def test_no_chaining() -> None:
    """b is like a and like c, but a and c are not alike: c stays, whatever b says."""
    a, b, c = "k l m n o p", "l m n o p q", "m n o p q r"
    result = found([a, b, c], [0, 1, 2], threshold=0.6)
    assert result.row.tolist() == [1] and result.kept.tolist() == [0]


def test_a_copy_of_a_removed_text_goes_with_it() -> None:
    a, b = "k l m n o p q", "l m n o p q"
    result = found([a, b, b.upper()], [0, 1, 2])
    assert dict(zip(result.row.tolist(), result.kept.tolist(), strict=True)) == {1: 0, 2: 0}
    assert result.similarity.tolist() == [5 / 6, 5 / 6] and not result.exact.any()


def test_short_texts_are_compared_exactly_and_wordless_ones_not_at_all() -> None:
    result = found(["yes", "no", "Yes!", "…", "…", ""], [0, 1, 2, 3, 4, 5])
    assert (result.row.tolist(), result.kept.tolist()) == ([2], [0])


def test_what_the_cap_kept_from_a_comparison_is_counted() -> None:
    """One word of many is in all of them: none is like another, and all share a bucket."""
    items = [" ".join(["tide", *(f"w{i}x{k}" for k in range(4))]) for i in range(6)]
    assert [found(items, [*range(6)], ngram=1, cap=cap).capped for cap in (2, 5, 100)] == [3, 0, 0]


def test_equal_keys_of_unequal_texts_are_not_believed() -> None:
    column = pa.array(["one thing and more", "another thing altogether"], pa.large_string())
    sketches = sketch(words(column), 2, BANDING, permutations(64, 1))
    for name in ("key_0", "key_1"):
        sketches = sketches.set_column(sketches.column_names.index(name), name, pa.array([7, 7], pa.uint64()))

    def fetch(rows: NDArray[np.int64]) -> pa.Array:
        return column.take(pa.array(rows))

    assert not len(duplicates.find(sketches, np.array([0, 1]), fetch, 2, 0.5, 100).row)


def test_only_rows_in_the_keep_order_take_part() -> None:
    assert found(["same words", "same words", "same words"], [2, 1]).row.tolist() == [1]
