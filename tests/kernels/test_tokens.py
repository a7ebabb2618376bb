from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.kernels import tokens, unicode
from tests import naive
from tests.strategies import sentences


def tokenised(texts: list[str]) -> list[list[int]]:
    hashes, starts = tokens.tokenise(*arrow.text_view(pa.array(texts, pa.large_string())))
    return [hashes[a:b].tolist() for a, b in itertools.pairwise(starts)]


def same(a: str, b: str) -> bool:
    view = arrow.text_view(pa.array([a, b], pa.large_string()))
    return bool(tokens.same_words(*view, np.array([0]), np.array([1]))[0])


@given(st.lists(sentences, max_size=4))
def test_words_equal_the_slow_twins(texts: list[str]) -> None:
    assert tokenised(texts) == [[naive.word_hash(word) for word in naive.words(text)] for text in texts]


@given(st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x1FFFF), max_size=40))
def test_any_text_gives_words_without_reading_past_its_end(text: str) -> None:
    assert tokenised([text, "end"])[1] == [naive.word_hash("end")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t stop, O'Neil", ["don", "t", "stop", "o", "neil"]),
        ("STRASSE Straße", ["strasse", "straße"]),
        ("ΣΊΣΥΦΟΣ σίσυφος", ["σίσυφοσ", "σίσυφοσ"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("東京タワー2号", ["東", "京", "タ", "ワ", "ー", "2", "号"]),
        ("กาแฟ", ["ก", "า", "แ", "ฟ"]),
        ("3.5 %", ["3", "5"]),
        ("😀 — …", []),
        ("", []),
    ],
)
def test_words_of_known_texts(text: str, words: list[str]) -> None:
    assert naive.words(text) == words
    assert tokenised([text]) == [[naive.word_hash(word) for word in words]]


@given(sentences, sentences)
def test_same_words_compares_the_words_themselves(a: str, b: str) -> None:
    assert same(a, b) == (naive.words(a) == naive.words(b) != [])


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [("one two", "One, two!", True), ("on etwo", "one two", False), ("市長", "市 長", True), ("a市", "a 市", True),
     ("市a", "市 a", True), ("ab", "a b", False), ("", "", False), ("!!", "??", False), ("a", "a b", False)],
)  # fmt: skip
def test_same_words_of_known_pairs(a: str, b: str, equal: bool) -> None:
    assert same(a, b) is equal


@given(st.lists(sentences, min_size=1, max_size=6))
def test_keys_are_equal_exactly_when_words_are(texts: list[str]) -> None:
    keys = tokens.keys(*tokens.tokenise(*arrow.text_view(pa.array(texts, pa.large_string()))))
    for i, a in enumerate(texts):
        for j, b in enumerate(texts):
            assert (keys[i] == keys[j]).all() == (naive.words(a) == naive.words(b))


def test_a_slice_of_an_array_is_tokenised_as_itself() -> None:
    whole = pa.array(["left out", "taken in"], pa.large_string())
    hashes, _ = tokens.tokenise(*arrow.text_view(whole.slice(1)))
    assert hashes.tolist() == [naive.word_hash("taken"), naive.word_hash("in")]


def test_the_fold_table_agrees_with_the_twin_on_every_character() -> None:
    table = unicode.fold_table()
    for code in range(unicode.SIZE):
        if 0xD800 <= code < 0xE000:
            continue
        assert bool(table[code]) == naive.is_word(chr(code)), hex(code)
