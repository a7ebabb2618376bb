from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.boilerplate.body import ends_sentence, folded, is_body, masked
from tests import naive
from tests.strategies import sentences

DATES = st.sampled_from(["3", "May", "march", "Montag", "so", "mars", "sun", "segunda", "feira", "the", "may", "12th"])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_nulls_slices_and_types_stay(kind: pa.DataType) -> None:
    text = pa.array(["left out", "Don’t!", None, "May 3", ""], kind).slice(1)
    assert folded(text) == pa.array(["don t", None, "may 3", ""], kind)
    assert masked(text) == pa.array(["don t", None, "month 0", ""], kind)
    assert folded(text.slice(0, 0)) == masked(text.slice(0, 0)) == pa.array([], kind)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Posted on May 3rd, 2021", "posted on month 0rd 0"),
        ("Mon Mar 3 12:30", "day month 0 0 0"),
        ("segunda-feira, 3 de maio de 2021", "day day 0 de month de 0"),
        ("So 5. März 2020", "day 0 month 0"),
        ("lun. 3 mars 2021 à 20h30", "day 0 month 0 à 0h0"),
        ("12 kwietnia 2021, środa", "0 month 0 day"),
        ("am Montag", "am day"),
        ("2021年5月3日", "0年0月0日"),
        ("You may also like", "you may also like"),
        ("the sun may set in march", "the sun may set in march"),
        ("Do it so", "do it so"),
    ],
)
def test_dates_and_numbers_look_alike(text: str, hidden: str) -> None:
    assert masked(pa.array([text])).to_pylist() == [hidden]


@given(st.lists(st.lists(DATES, max_size=7).map(" ".join), max_size=4))
def test_a_mask_is_its_own_mask_and_no_text_sees_its_neighbour(texts: list[str]) -> None:
    hidden = masked(pa.array(texts, pa.string()))
    assert masked(hidden) == hidden
    assert hidden.to_pylist() == [masked(pa.array([text]))[0].as_py() for text in texts]


@given(sentences, sentences)
def test_folded_texts_are_equal_exactly_when_their_words_are(a: str, b: str) -> None:
    left, right = folded(pa.array([a, b])).to_pylist()
    assert (left == right) == (naive.words(a) == naive.words(b))


@given(st.lists(st.text("aÉ7中.!?… ”)_\n-", max_size=9), max_size=8))
def test_an_abbreviation_ends_no_sentence(texts: list[str]) -> None:
    text = pa.array([f"{'so ' * 7}{text}" for text in texts] + texts, pa.string())
    abbreviated = r"(?:^|[^\pL\pN])(?:\pL\.){2,}[”)_ ]*$"

    def expected(stops: str) -> list[bool]:
        ends = pc.match_substring_regex(text, f"[{stops}][”)_ ]*$")
        return pc.and_not(ends, pc.match_substring_regex(text, abbreviated)).to_pylist()

    assert ends_sentence(text).tolist() == expected(".!?…")
    long = pc.greater_equal(pc.utf8_length(text), 20).to_pylist()
    assert is_body(text).tolist() == [one and ends for one, ends in zip(long, expected(".…"), strict=True)]
