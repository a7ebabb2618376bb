from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.vocabulary import Words, known_words

lines = st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(1, 40), max_size=8), st.booleans()), max_size=12)
prose = st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(1, 40), max_size=20)), max_size=8)


def words(texts: list[tuple[int, list[int]]]) -> Words:
    hashes = np.array([word for _, text in texts for word in text], np.uint64)
    starts = np.cumsum([0, *(len(text) for _, text in texts)]).astype(np.int64)
    return Words(hashes, starts, np.array([doc for doc, _ in texts], np.int64))


@given(prose, lines)
def test_the_words_of_a_line_that_stand_elsewhere_in_its_documents_prose(
    other: list[tuple[int, list[int]]], given_lines: list[tuple[int, list[int], bool]]
) -> None:
    given_lines.sort(key=lambda line: line[0])
    own = [(doc, text) for doc, text, is_prose in given_lines if is_prose]
    running = sorted([*other, *own], key=lambda text: text[0])
    expected = []
    for doc, text, is_prose in given_lines:
        beside = [word for one, more in running if one == doc for word in more]
        for word in text if is_prose else []:
            beside.remove(word)
        expected.append(sum(word in beside for word in text))
    mask = np.array([is_prose for *_, is_prose in given_lines], bool)
    assert known_words(words(running), words([line[:2] for line in given_lines]), mask).tolist() == expected
