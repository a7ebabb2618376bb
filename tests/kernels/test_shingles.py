from __future__ import annotations

import itertools

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
