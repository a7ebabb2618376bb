"""Equal hashes and what hangs together by them, against dictionaries and sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels import components

hashes = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2, 2**63, 2**64 - 1]))
rows = st.lists(st.tuples(hashes, st.integers(-1, 50)), max_size=120)


def naive_alike(given_rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (item, first item) of all that take part, but the first of a hash."""
    first: dict[int, int] = {}
    return [(item, first[h]) for h, item in given_rows if item >= 0 and first.setdefault(h, item) != item]


def found(given_rows: list[tuple[int, int]], parts: int, ranges: int) -> list[tuple[int, int]]:
    values = np.array([h for h, _ in given_rows], np.uint64)
    items = np.array([item for _, item in given_rows], np.int32)
    pairs = []
    for part in range(parts):
        counts = np.zeros(ranges, np.int64)
        components.sizes(values, items, (part, parts), counts)
        bounds = np.concatenate([[0], np.cumsum(counts)])
        out = np.zeros(bounds[-1], np.uint64), np.zeros(bounds[-1], np.int32)
        components.spread(values, items, (part, parts), bounds[:-1].copy(), out)
        pairs += list(zip(*(column.tolist() for column in components.alike(*out, bounds)), strict=True))
    return pairs


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(1, 3), st.integers(1, 5))
def test_equal_hashes_are_found_however_they_are_parted(
    given_rows: list[tuple[int, int]], parts: int, ranges: int
) -> None:
    numbered = [(h, at if item >= 0 else -1) for at, (h, item) in enumerate(given_rows)]
    assert sorted(found(numbered, parts, ranges)) == sorted(naive_alike(numbered))


def test_a_table_grows_with_what_it_holds() -> None:
    """1,000 hashes twice, all in one range, the second time the other way round."""
    values = [(7 * k, k) for k in range(1000)]
    again = [(h, 1000 + k) for h, k in reversed(values)]
    assert sorted(found([*values, *again], 1, 1)) == sorted((1000 + k, k) for k in range(1000))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_united_items_have_the_first_of_them_as_root(pairs: list[tuple[int, int]]) -> None:
    sets = [{item} for item in range(20)]
    for a, b in pairs:
        whole = sets[a] | sets[b]
        for item in whole:
            sets[item] = whole
    parent = np.arange(20, dtype=np.int32)
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    components.unite(left, right, parent)
    components.roots(parent)
    assert parent.tolist() == [min(sets[item]) for item in range(20)]
