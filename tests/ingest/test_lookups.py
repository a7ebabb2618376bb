from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pipeline.ingest import lookups

Pairs = list[tuple[int, int]]
pairs = st.lists(st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 4), st.integers(0, 50)), max_size=30)


def written(folder: Path, name: str, given: Pairs) -> lookups.Lookup:
    keys = np.array([key for key, _ in given], np.uint64)
    lookups.write(folder, name, keys, np.array([number for _, number in given], np.int64))
    return lookups.open_lookup(folder, name)


@hypothesis(max_examples=40)
@given(pairs, pairs, st.lists(st.integers(0, 4)))
def test_what_was_written_is_found_also_when_merged(one: Pairs, two: Pairs, keys: list[int]) -> None:
    sought = np.unique(np.array(keys, np.uint64))
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(lookups, "PAIRS_AT_ONCE", 7)
        parts = [written(folder, "one", one), written(folder, "two", two)]
        lookups.merge(parts, folder, "both")
        both = lookups.open_lookup(folder, "both")
        wanted = sorted(number for key, number in one + two if key in set(keys))
        assert sorted(both.find(sought).tolist()) == wanted
        assert sorted(np.concatenate([part.find(sought) for part in parts]).tolist()) == wanted
        assert list(zip(both.keys.tolist(), both.ids.tolist(), strict=True)) == sorted(one + two)
