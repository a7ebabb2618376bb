from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.containment import Contained, contained, recall, sample
from pipeline.dedup.sketch import words
from tests import naive
from tests.strategies import WORDS

texts = st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=10)


def found(items: list[str], order: list[int], threshold: float, bits: int = 0, cap: int = 100) -> Contained:
    column = pa.array(items, pa.large_string())
    of = words(column)
    fetch = lambda rows: column.take(pa.array(rows))  # noqa: E731
    return contained(sample(of, 2, bits), np.array(order), np.diff(of.starts), fetch, 2, threshold, cap)


def slow(items: list[str], order: list[int], threshold: float) -> dict[int, tuple[int, float]]:
    sets = [naive.shingles(text, 2) for text in items]
    best: dict[int, tuple[int, float]] = {}
    for row in order:
        for place, other in enumerate(order):
            mine, theirs = sets[row], sets[other]
            larger = len(theirs) > len(mine) or (len(theirs) == len(mine) and place < order.index(row))
            if row == other or not mine or not larger:
                continue
            share = len(mine & theirs) / len(mine)
            if share >= threshold and share > best.get(row, (0, 0.0))[1]:
                best[row] = (other, share)
    return best


@settings(max_examples=200)
@given(texts, st.randoms(), st.sampled_from([0.3, 0.8, 1.0]))
def test_equals_all_pairs_compared_by_hand_when_all_is_sampled(
    items: list[str], random: st.RandomState, threshold: float
) -> None:
    order = list(range(len(items)))
    random.shuffle(order)
    result = found(items, order, threshold)
    pairs = zip(result.container.tolist(), result.share.tolist(), strict=True)
    assert dict(zip(result.row.tolist(), pairs, strict=True)) == slow(items, order, threshold)


def test_a_quotation_is_found_in_the_article() -> None:
    quotation = "nobody here has ever seen the river as high as this"
    article = f"The mayor stood on the pier. {quotation}, she said. " + " ".join(f"word{i}" for i in range(200))
    result = found([article, quotation, "something else altogether"], [0, 1, 2], 0.8)
    assert (result.row.tolist(), result.container.tolist(), result.share.tolist()) == ([1], [0], [1.0])


def test_hot_shingles_are_counted_and_rows_outside_the_order_take_no_part() -> None:
    items = [f"the same words {i}" for i in range(6)]
    assert not len(found(items, list(range(6)), 0.5, cap=3).row)
    assert found(items, list(range(6)), 0.5, cap=3).hot == 2  # "the same", "same words"
    assert set(found(items, [1, 4], 0.5).container.tolist()) == {1}


@pytest.mark.parametrize(("bits", "size"), [(3, 40), (4, 40), (4, 100)])
def test_recall_is_what_is_said(bits: int, size: int) -> None:
    """400 texts that lie in one of twice their size by 0.8: found as often as `recall` says, within 4 sigma."""
    rng, items, n = np.random.default_rng(size + bits), [], 400
    for _ in range(n):
        own = [f"w{k}" for k in rng.integers(0, 10**9, 3 * size)]
        kept = int(0.8 * size) + 1
        items += [" ".join(own[: 2 * size]), " ".join(own[:kept] + own[2 * size : 3 * size - kept + 1])]
    hits = len(found(items, list(range(2 * n)), 0.79, bits).row)
    said = recall(0.8, size, bits)
    assert abs(hits / n - said) <= 4 * np.sqrt(said * (1 - said) / n) + 0.005
