from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.core import CLOSE, MOST, WIDE, core, cores
from pipeline.boilerplate.live import Live, live_lines
from tests.boilerplate.tables import paragraphs

PROSE = (
    "The river had been rising since noon, and nobody in the lower town of Arlen slept that night, not even the cats."
)
SHORT = "Nobody could say how long the dam above the old town would hold that night, said the miller."
texts = st.lists(
    st.lists(st.sampled_from([PROSE, SHORT, PROSE * 7, "Home", "Share", "3 May"]), max_size=14), max_size=4
)


def lines(documents: list[list[str]], gone: tuple[int, ...] = ()) -> Live:
    table = paragraphs(documents)
    mask = np.zeros(table.num_rows, bool)
    mask[list(gone)] = True
    return live_lines(table, mask)


@pytest.mark.parametrize(
    ("document", "gone", "close", "wide"),
    [
        (["Home", PROSE, "A heading", PROSE, "Share"], (), (1, 3), (1, 3)),
        ([PROSE, PROSE, *["Teaser"] * 3, SHORT], (), (0, 1), (0, 5)),
        ([PROSE, PROSE, "Share", SHORT], (3,), (0, 1), (0, 1)),  # what is gone is not there
        ([PROSE, PROSE, *["Share"] * 4, SHORT], (2, 3, 4, 5), (0, 1), (0, 1)),  # but it keeps apart
        (["Home", "Share"], (), (0, 0), (0, 0)),
        ([PROSE], (), (0, 0), (0, 0)),
    ],
)
def test_where_the_article_is(
    document: list[str], gone: tuple[int, ...], close: tuple[int, int], wide: tuple[int, int]
) -> None:
    live = lines([document], gone)
    for penalty, (first, last) in ((CLOSE, close), (WIDE, wide)):
        found = core(live, penalty)
        assert set(found.first.tolist()) == {first} and set(found.last.tolist()) == {last}


def test_how_a_line_stands_to_the_article() -> None:
    live = lines([["Home", PROSE, "A heading", PROSE, *["Share"] * 4, SHORT]])
    close = core(live, CLOSE)
    found = cores(live, np.array([0, 2, 5, 8]), close)
    assert found["core_steps"].tolist() == [-1, 0, 2, 5]
    assert found["core_place"].tolist() == [-1, 0.5, -1, -1]
    assert found["core_lines"].tolist() == [3] * 4 and found["core_chars"].tolist() == [2 * len(PROSE)] * 4
    assert found["core_between"].tolist() == [0, 0, 0, 0] and found["core_share"][0] < 1
    assert close.outside.tolist() == [True, False, False, False, True, True, True, True, True]


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from([CLOSE, WIDE]))
def test_no_other_stretch_has_a_greater_sum(documents: list[list[str]], penalty: int) -> None:
    live = lines(documents)
    found = core(live, penalty) if len(live.rows) else None
    for start in np.unique(live.start).tolist():
        end = int(live.end[start])
        value = [
            min(length, MOST) if prose else -penalty
            for length, prose in zip(live.chars[start:end].tolist(), live.prose[start:end].tolist(), strict=True)
        ]
        n = end - start
        best = max(sum(value[a : b + 1]) for a in range(n) for b in range(a, n))
        assert found is not None
        first, last = int(found.first[start]) - start, int(found.last[start]) - start
        assert 0 <= first <= last < n and sum(value[first : last + 1]) == best
