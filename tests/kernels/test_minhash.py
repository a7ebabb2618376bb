from __future__ import annotations

import numpy as np
import pyarrow as pa
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrow import text_view
from pipeline.kernels import minhash, tokens
from tests import naive
from tests.strategies import sentences


def test_permutations_are_those_of_datasketch() -> None:
    for num_perm, seed in ((16, 1), (128, 1), (256, 77)):
        theirs = MinHash(num_perm, seed=seed, scheme="affine32").permutations
        assert (minhash.permutations(num_perm, seed) == theirs).all()


@given(st.lists(sentences, min_size=1, max_size=3), st.integers(1, 6), st.integers(0, 5))
def test_signatures_equal_datasketch_on_the_same_shingles(texts: list[str], n: int, seed: int) -> None:
    words = tokens.tokenise(*text_view(pa.array(texts, pa.large_string())))
    ours = minhash.signatures(*words, n, minhash.permutations(64, seed))
    for text, signature in zip(texts, ours, strict=True):
        theirs = MinHash(64, seed=seed, scheme="affine32", hashfunc=lambda s: naive.shingle_hash(s) & 0xFFFFFFFF)
        theirs.update_batch(naive.shingles(text, n))
        assert (signature == theirs.hashvalues).all()


def test_a_text_shorter_than_a_shingle_is_empty() -> None:
    words = tokens.tokenise(*text_view(pa.array(["four words are short", ""], pa.large_string())))
    assert (minhash.signatures(*words, 5, minhash.permutations(16, 1)) == minhash.EMPTY).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_bands_are_equal_exactly_when_their_slots_are(seed: int, rows: int) -> None:
    signature = np.random.default_rng(seed).integers(0, 2, (6, 16), dtype=np.uint32)
    bands = minhash.bands(signature, 16 // rows, rows)
    for k in range(16 // rows):
        part = signature[:, k * rows : (k + 1) * rows]
        for i in range(6):
            for j in range(6):
                assert (bands[i, k] == bands[j, k]) == (part[i] == part[j]).all()
