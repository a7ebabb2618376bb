from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow, language
from pipeline.kernels.function_words import count

CASES = json.loads((Path(__file__).parent / "cases" / "language.json").read_text("utf-8"))
SENTENCES = [case["input"] for case in CASES if case["input"]]

#: Words of several languages and scripts, marks of every width, digits, and bytes at the edges of the tables.
pieces = st.sampled_from(
    [
        *("the", "of", "and", "der", "die", "und", "le", "И", "не", "что", "är", "è", "市", "長", "は", "กา", "É"),
        " ",
        ".",
        "”",
        "« ",
        "\n",
        "ß",
        "7",
        "😀",
        "’",
    ]
)
mixed = st.lists(pieces, max_size=30).map("".join)


def guesses(texts: list[str | None]) -> list[str | None]:
    return language.guess(pa.array(texts, pa.large_string())).to_pylist()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, str | None]) -> None:
    assert guesses([case["input"]]) == [case["expected"]], case["reason"]


def test_words_fit_a_64_bit_number_and_stand_once() -> None:
    content = tomli.loads(language.WORDS.read_text("utf-8"))
    for name, words in content["words"].items():
        split = words.split()
        assert len(split) == len(set(split)), name
        assert [word for word in split if len(word.encode()) > 8 or word != word.lower() or not word.isalpha()] == []


@given(st.lists(st.one_of(st.none(), mixed, st.sampled_from(SENTENCES), st.text(max_size=20)), max_size=12))
def test_a_text_has_the_same_language_in_any_company(texts: list[str | None]) -> None:
    assert guesses(texts) == [guesses([text])[0] for text in texts]


@given(
    st.sampled_from(SENTENCES), st.lists(st.sampled_from(list(' .,”“«»()"\n7')), min_size=1, max_size=4).map("".join)
)
def test_punctuation_and_space_beside_it_do_not_matter(text: str, more: str) -> None:
    """Two laws of typography rest on it: mended twice is mended once, and null stays null."""
    loose = text.replace(" ", f" {more} ")
    for mark in ',.”“«»()"':
        loose = loose.replace(mark, f"{more}{mark}{more}")
    assert guesses([loose]) == guesses([text])


def test_slices_chunks_and_nothing() -> None:
    column = pa.array(SENTENCES, pa.string())
    whole = language.guess(column).to_pylist()
    assert language.guess(column.slice(3, 4)).to_pylist() == whole[3:7]
    assert language.guess(pa.chunked_array([column.slice(0, 2), column.slice(2)])).to_pylist() == whole
    assert language.guess(pa.array([], pa.string())).to_pylist() == []
    assert language.guess(pa.array([None, ""], pa.string())).to_pylist() == [None, None]


@given(st.lists(mixed, min_size=1, max_size=3))
def test_words_are_counted_as_a_plain_loop_would(given_texts: list[str]) -> None:
    """Words are runs of letters; the slow twin splits by `str.isalpha`, which agrees on these pieces."""
    data, offsets = arrow.text_view(pa.array(given_texts, pa.large_string()))
    lists = [set(words.split()) for words in tomli.loads(language.WORDS.read_text("utf-8"))["words"].values()]
    found = count(
        data, offsets, language.SCRIPT, language.vocabulary().words, len(language.SCRIPTS), len(lists), language.WHOLE
    )
    for row, text in enumerate(given_texts):
        letters = [char.isalpha() or char == "😀" or ord(char) in range(0xE00, 0xE80) for char in text]
        words = "".join(char if yes else " " for char, yes in zip(text, letters, strict=True)).lower().split()
        shares = {word: language.WHOLE // max(1, sum(word in some for some in lists)) for word in words}
        weights = [sum(shares[word] for word in words if word in some) for some in lists]
        best = weights.index(max(weights))
        assert found.words[row] == len(words)
        assert found.scripts[row].sum() == sum(letters)
        assert (found.language[row], found.weight[row]) == (best, weights[best])
        assert found.known[row] == sum(word in lists[best] for word in words)
        assert found.runner_up[row] == max(weights[:best] + weights[best + 1 :])
