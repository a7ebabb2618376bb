"""Marked differences: what is not marked is the same on both sides, and nothing is lost in short texts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.words import COMPARED, differences

WORDS = st.lists(st.sampled_from(["ferry", "quay", "Æther", "港", "口", "12", "—"]), max_size=10).map(" ".join)


def plain(page: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", page))


def unmarked(page: str) -> str:
    return plain(re.sub(r"<(del|ins)>.*?</\1>", "", page, flags=re.DOTALL)).strip()


@given(WORDS, WORDS)
@settings(deadline=None)
def test_both_texts_are_there_and_what_is_unmarked_is_common(before: str, after: str) -> None:
    left, right = differences(before, after)
    assert (plain(left), plain(right)) == (before, after)
    assert unmarked(left).split() == unmarked(right).split()


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("the ferry left", "the barge left", "the <del>ferry</del> left", "the <ins>barge</ins> left"),
        ("no , space", "no, space", "no<del> ,</del> space", "no<ins>,</ins> space"),
        ("港口今天开放", "港口明天开放", "港口<del>今</del>天开放", "港口<ins>明</ins>天开放"),
        ("same", "same", "same", "same"),
    ],
)
def test_differences_are_those_of_words(before: str, after: str, left: str, right: str) -> None:
    assert differences(before, after) == (f"<bdi>{left}</bdi>", f"<bdi>{right}</bdi>")


def test_what_is_equal_is_shown_near_differences_only() -> None:
    words = [f"w{number}" for number in range(2000)]
    left, right = differences(" ".join(words), " ".join([*words[:1000], "new", *words[1000:]]))
    assert plain(right).count("…") == plain(left).count("…") == 2
    assert "<ins>new</ins>" in right and "w999" in right and "w0 " not in right


def test_long_texts_without_anything_in_common_take_little() -> None:
    left, right = differences("a " * 50_000, "b " * 50_000)
    assert plain(left).count("a") == plain(right).count("b") == COMPARED
