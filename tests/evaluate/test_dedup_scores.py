"""Counts of pairs against a twin that goes through all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluate.dedup_scores import Counts, agreement, decisions
from tests.evaluate import naive_dedup

CLUSTERINGS = st.integers(0, 14).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)))
)


@given(CLUSTERINGS)
@settings(deadline=None)
def test_agreement_equals_the_slow_twin(both: tuple[list[int], list[int]]) -> None:
    truth, found = both
    counts = agreement(np.array(truth, np.int64), np.array(found, np.int64))
    assert counts == naive_dedup.counted(truth, found)
    assert counts.rand_adjusted == pytest.approx(naive_dedup.rand_adjusted(truth, found))


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
@settings(deadline=None)
def test_decisions_count_every_pair_once(pairs: list[tuple[bool, bool]]) -> None:
    truth, found = (np.array([pair[k] for pair in pairs], dtype=bool) for k in (0, 1))
    counts = decisions(truth, found)
    assert sum(counts) == len(pairs)
    assert counts.right == sum(a and b for a, b in pairs)
    assert counts.wrong == sum(b and not a for a, b in pairs)


@pytest.mark.parametrize(
    ("truth", "found", "index"),
    [
        ([0, 0, 1, 1], [5, 5, 3, 3], 1.0),
        ([0, 0, 1, 1], [0, 0, 1, 2], 4 / 7),  # the worked example of scikit-learn's documentation
        ([0, 0, 0, 0], [0, 1, 2, 3], 0.0),
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0),
    ],
)
def test_known_values_of_the_adjusted_rand_index(truth: list[int], found: list[int], index: float) -> None:
    counts = agreement(np.array(truth, np.int64), np.array(found, np.int64))
    assert counts.rand_adjusted == pytest.approx(index)


def test_nothing_found_is_precise_and_nothing_there_is_found() -> None:
    assert Counts(0, 0, 3, 1).precision == 1.0
    assert Counts(0, 2, 0, 1).recall == 1.0
    assert Counts(0, 0, 3, 1).f1 == 0.0
    assert Counts(3, 1, 1, 9).f1 == 0.75
