"""What is taken for a copy, where the keys and the bytes as they are written cannot be trusted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.distinct import matching
from pipeline.distinct.matching import Corpus
from pipeline.distinct.places import Places
from pipeline.kernels.documents import Sketches


def corpus(path: Path, written: list[bytes], escaped: list[bool]) -> Corpus:
    """Return texts that all have one key, as if the hash were broken; `escaped`: as insides of JSON strings."""
    path.write_bytes(b"".join(written))
    size = np.array([len(one) for one in written])
    places = Places(np.zeros(len(written), np.int32), np.cumsum(size) - size, size, np.array(escaped))
    n = len(written)
    return Corpus([path], places, Sketches(np.zeros((n, 2), np.uint64), np.full(n, 2), np.zeros((n, 1), np.uint64)))


@pytest.mark.parametrize("slice_bytes", [1, 30, 1000])
def test_equal_keys_of_unequal_texts_are_not_believed(tmp_path: Path, slice_bytes: int) -> None:
    texts = [b"one two", b"two one", b"One, two!", b"one", b"one two", b"one twos"]
    with ThreadPoolExecutor(2) as pool:
        copies, originals = matching._exact(corpus(tmp_path / "texts", texts, [False] * 6), pool, slice_bytes)
    assert (copies.tolist(), originals.tolist()) == ([2, 4], [0, 0])


def test_what_is_written_alike_is_alike_only_where_it_is_read_alike(tmp_path: Path) -> None:
    """A backslash and n: in a JSON string the end of a line, elsewhere two characters."""
    of = corpus(tmp_path / "texts", [rb"one\ntwo", rb"one\ntwo", rb"one\ntwo", b"one two"], [True, False, True, False])
    left, right = np.array([1, 2, 3, 3]), np.array([0, 0, 0, 1])
    assert matching._same(of, left, right).tolist() == [False, True, True, False]
