"""White space is what one replacement after the other leaves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.clean.whitespace import tidy
from tests.clean.naive_whitespace import tidied

texts = st.lists(
    st.text(st.sampled_from("a é議😀 \n\t\xa0\xad\u200b\u2003\u3000\ufeff\u200d"), max_size=12), max_size=5
)


@given(texts)
@example([" \u200b ", "a \u200b\n", "a\xa0", "\u200b", "  a  b  \n  ", "a \n", "\xad \n\xad"])
def test_the_outcome_and_the_edits_are_the_twins(values: list[str]) -> None:
    column = pa.array(["first", *values], pa.large_string()).slice(1)
    after, edits = tidy(column, np.arange(len(values)))
    assert after.to_pylist() == [tidied(text)[0] for text in values]
    rules = [[rule for at, _, rule, _, _ in edits if at == row] for row in range(len(values))]
    assert rules == [tidied(text)[1] for text in values]


def test_an_edit_of_what_was_invisible_names_the_first_such_line() -> None:
    _, edits = tidy(pa.array(["a\nb\xadc\nd\u200b"], pa.large_string()), np.array([0]))
    assert edits == [(0, 1, "invisible", "b\xadc", "bc")]


def test_other_texts_stay() -> None:
    column = pa.array([None, "a  b", "c  d"], pa.large_string())
    assert tidy(column, np.array([2]))[0].to_pylist() == [None, "a  b", "c d"]
