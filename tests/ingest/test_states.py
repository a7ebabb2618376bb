from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pipeline.ingest.states import KEPT, States, look_up, newest, of_table

said = st.dictionaries(st.integers(0, 9), st.integers(0, 4), max_size=6)


def states(of: dict[int, int]) -> States:
    ids = np.array(sorted(of), np.int64)
    return States.of(ids)._replace(state=np.array([of[number] for number in sorted(of)], np.uint8))


@hypothesis(max_examples=60)
@given(st.lists(said, min_size=1, max_size=4), st.lists(st.integers(0, 12)))
def test_the_last_word_counts(parts: list[dict[int, int]], ids: list[int]) -> None:
    last: dict[int, int] = {}
    for part in parts:
        last |= part
    wanted = [last.get(number, KEPT) for number in ids]
    sought = np.array(ids, np.int64)
    assert look_up([states(part) for part in parts], sought).state.tolist() == wanted
    merged = newest([states(part) for part in parts])
    assert look_up([of_table(merged.table())], sought).state.tolist() == wanted
