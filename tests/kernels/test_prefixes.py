from __future__ import annotations

import itertools
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import prefixes, tokens
from tests import naive
from tests.strategies import sentences, texts


def view(strings: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data, offsets = arrow.text_view(pa.array(strings, pa.large_string()))
    return data, offsets[:-1], offsets[1:]


def walked(strings: list[str], sequences: list[str]) -> list[tuple[int, int, str, bool]]:
    data, starts, stops = view(strings)
    trie = prefixes.plant(*tokens.tokenise(*arrow.text_view(pa.array(sequences, pa.large_string()))))
    hits = prefixes.walk(data, starts, stops, trie)
    begun = [data[starts[text] : stop].tobytes().decode() for text, stop in zip(hits.texts, hits.stops, strict=True)]
    return list(zip(hits.texts.tolist(), hits.sequences.tolist(), begun, hits.whole.tolist(), strict=True))


def folded(strings: list[str], digits: bool = True) -> list[str]:
    data, offsets = prefixes.fold(*view(strings), digits)
    return [data[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)]


@given(st.lists(sentences, max_size=4), st.lists(sentences, max_size=6))
def test_a_walk_finds_every_sequence_that_the_text_begins_with(strings: list[str], sequences: list[str]) -> None:
    known = [naive.words(sequence) for sequence in sequences]
    expected = []
    for number, text in enumerate(strings):
        words = naive.words(text)
        for length in range(1, len(words) + 1):
            if words[:length] in known:
                expected.append((number, known.index(words[:length]), length == len(words)))
    found = walked(strings, sequences)
    assert [(text, sequence, whole) for text, sequence, _, whole in found] == expected
    assert all(naive.words(begun) == known[sequence] for _, sequence, begun, _ in found)


@pytest.mark.parametrize(
    ("text", "sequence", "begun"),
    [
        ("» Read more: the dam", "read more", "» Read more"),
        ("Read morels", "read more", None),
        ("Read", "read more", None),
        ("分享到微博", "分享", "分享"),
        ("…", "read", None),
        ("", "read", None),
        ("read", "", None),
    ],
)
def test_known_walks(text: str, sequence: str, begun: str | None) -> None:
    assert [hit[2] for hit in walked([text], [sequence])] == ([begun] if begun is not None else [])


def test_more_hits_than_there_was_room_for() -> None:
    assert len(walked(["a b"] * 3000, ["a", "a b"])) == 6000


@given(st.lists(st.one_of(sentences, texts), max_size=5))
def test_folded_texts_are_equal_exactly_when_their_words_are(strings: list[str]) -> None:
    strings = [text for text in strings if all(ord(char) < 0x20000 for char in text)]
    found = folded(strings)
    assert folded(found) == found
    hashes, starts = tokens.tokenise(*arrow.text_view(pa.array([*strings, *found], pa.large_string())))
    rows = [hashes[a:b].tolist() for a, b in itertools.pairwise(starts)]
    assert rows[: len(strings)] == rows[len(strings) :]


@pytest.mark.parametrize(
    ("text", "plain", "without_digits"),
    [
        ("  Don’t STOP, ", "don t stop", "don t stop"),
        ("2021-05-03 at 20h30", "2021 05 03 at 20h30", "0 0 0 at 0h0"),
        ("東京 タワー 2号 x", "東京タワー2号x", "東京タワー0号x"),
        ("Ⱥ ٣٤", "ⱥ ٣٤", "ⱥ 0"),
        ("🙂", "", ""),
    ],
)
def test_known_folds(text: str, plain: str, without_digits: str) -> None:
    assert folded([text]) == [plain]
    assert folded([text], digits=False) == [without_digits]


@given(
    st.lists(st.one_of(sentences, st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"]))), max_size=4)
)
def test_words_are_counted_as_re2_sees_them(strings: list[str]) -> None:
    expected = [
        len(re.findall(r"[^ \t\n\f\r]+", text)) + sum(map(naive.is_single, text)) // prefixes.SINGLES_A_WORD
        for text in strings
    ]
    assert prefixes.count_words(*view(strings)).tolist() == expected


@given(st.lists(texts, max_size=6), st.lists(texts, max_size=3), st.integers(0, 5))
def test_few_words_counts_no_further_than_it_is_asked_to(strings: list[str], others: list[str], most: int) -> None:
    firsts = {re.sub(r"\d+", "0", words[0]) for words in map(naive.words, [*strings[::2], *others]) if words}
    data, offsets = arrow.text_view(pa.array(sorted(firsts), pa.large_string()))
    trie = prefixes.plant(tokens.tokenise(data, offsets)[0], np.arange(len(firsts) + 1))
    expected = []
    for words in map(naive.words, strings):
        known = not words or re.sub(r"\d+", "0", words[0]) in firsts
        expected.append(min(len(words), most + 1) if known else most + 1)
    assert prefixes.few_words(*view(strings), most, trie).tolist() == expected
