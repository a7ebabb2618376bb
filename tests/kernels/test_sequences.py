from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.clean import classes
from pipeline.kernels import sequences

CHARACTERS = "ab .\nÉ’渡\uffff😀"
sets = st.sets(st.sampled_from(CHARACTERS), min_size=1, max_size=4)
wanted = st.lists(st.lists(sets, min_size=1, max_size=4), min_size=1, max_size=8)
texts = st.lists(st.text(st.sampled_from(CHARACTERS), max_size=12), min_size=1, max_size=4)


def holds(text: str, sequence: list[set[str]]) -> bool:
    """The slow twin: a text with a line feed on either side, looked at from each place."""
    whole = f"\n{text}\n"
    places = range(len(whole) - len(sequence) + 1)
    return any(all(whole[at + k] in some for k, some in enumerate(sequence)) for at in places)


@given(texts, wanted)
def test_a_text_holds_what_a_plain_loop_finds(given_texts: list[str], looked_for: list[list[set[str]]]) -> None:
    data, offsets = arrow.text_view(pa.array(given_texts, pa.large_string()))
    ready = sequences.sequences([[classes.of(some) for some in sequence] for sequence in looked_for])
    found = sequences.held(data, offsets[:-1], offsets[1:], ready)
    assert found.tolist() == [[holds(text, sequence) for text in given_texts] for sequence in looked_for]


def test_all_beyond_the_first_plane_is_one_character() -> None:
    ready = sequences.sequences([[classes.of("😀")]])
    data, offsets = arrow.text_view(pa.array(["a\U00020000", "\uffff"], pa.large_string()))
    assert sequences.held(data, offsets[:-1], offsets[1:], ready).tolist() == [[True, False]]


def test_a_state_is_full_at_64_classes() -> None:
    one = np.ones(sequences.SIZE, bool)
    full = sequences.sequences([[one] * 60, [one] * 4])
    data, offsets = arrow.text_view(pa.array(["a" * 58, "a" * 57, "aa"], pa.large_string()))
    assert sequences.held(data, offsets[:-1], offsets[1:], full).tolist() == [[True, False, False], [True, True, True]]
    with pytest.raises(ValueError, match="64 places"):
        sequences.sequences([[one] * 65])
