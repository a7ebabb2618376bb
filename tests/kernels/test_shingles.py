from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrow import text_view
from pipeline.kernels import shingles, tokens
from tests import naive
from tests.strategies import sentences


def sets_of(texts: list[str], n: int) -> list[list[int]]:
    words = tokens.tokenise(*text_view(pa.array(texts, pa.large_string())))
    found, bounds = shingles.shingle_sets(*words, n)
    return [found[a:b].tolist() for a, b in itertools.pairwise(bounds)]


@given(st.lists(sentences, max_size=4), st.integers(1, 6))
def test_sets_equal_the_slow_twins(texts: list[str], n: int) -> None:
    wanted = [sorted({naive.shingle_hash(s) for s in naive.shingles(text, n)}) for text in texts]
    assert sets_of(texts, n) == wanted


@given(sentences, sentences, st.integers(1, 4))
def test_jaccard_equals_the_slow_twin(a: str, b: str, n: int) -> None:
    words = tokens.tokenise(*text_view(pa.array([a, b], pa.large_string())))
    found, bounds = shingles.shingle_sets(*words, n)
    ours = shingles.jaccard(found[bounds[0] : bounds[1]], found[bounds[1] : bounds[2]])
    assert ours == naive.jaccard(naive.shingles(a, n), naive.shingles(b, n))


@given(st.integers(0, 2**32 - 1), st.integers(0, 3000), st.integers(1, 5000))
def test_large_sets_are_sorted_and_distinct(seed: int, size: int, kinds: int) -> None:
    """Of few distinct words most repeat; of many, hardly any."""
    words = np.random.default_rng(seed).integers(0, kinds, size).astype(np.uint64)
    found, bounds = shingles.shingle_sets(words, np.array([0, 0, size]), 1)
    wanted = sorted({int(tokens.mix64(word)) for word in words})
    assert found.tolist() == wanted
    assert bounds.tolist() == [0, 0, len(wanted)]


def test_hashes_of_one_place_are_put_in_order_too() -> None:
    found = np.array([5, 3, 9, 3, 1, 9, 0, 5], np.uint64)  # all top bits are 0
    out = np.empty(len(found), np.uint64)
    count = shingles._ordered(found, np.empty(2 * len(found) + 1, np.int64), out)
    assert out[:count].tolist() == [0, 1, 3, 5, 9]
