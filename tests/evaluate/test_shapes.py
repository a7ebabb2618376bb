"""What lines have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.shapes import SAMPLES, form, frequent, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Comments", "0 comments"),
        ("1,204 comments »", "0 comments"),
        ("Mail: desk@courier.example", "mail <mail>"),
        ("See https://courier.example/a?b=1", "see <url>"),
        ("Опубликовано 3.10.2019", "опубликовано 0"),
        ("***", ""),
    ],
)
def test_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Home", "1 word, open, before the article"),
        ("Read more", "2–4 words, open, before the article"),
        ("Are you a member of our club?", "5–9 words, closed, before the article"),
        ("“It holds the record for 2019.”", "5–9 words, closed, figures, before the article"),
        ("一句话。", "1 word, closed, before the article"),
        (" ".join(["word"] * 20), "20 or more words, open, before the article"),
    ],
)
def test_form(text: str, expected: str) -> None:
    assert form(text, "before") == expected


def test_documents_count_before_lines() -> None:
    lines = [("a", "x", "X1"), ("a", "x", "X2"), ("a", "x", "X3"), ("a", "y", "Y"), ("b", "y", "Y")]
    found = frequent(lines)
    assert [(one.shape, one.documents, one.lines) for one in found] == [("y", 2, 2), ("x", 1, 3)]
    assert found[0].samples == ["Y"]


def test_samples_come_from_different_documents() -> None:
    lines = [("a", "x", str(n)) for n in range(5)] + [("b", "x", "from b")]
    assert frequent(lines)[0].samples == ["0", "from b", "1"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.text(max_size=3))))
def test_no_line_is_lost(lines: list[tuple[str, str, str]]) -> None:
    found = frequent(lines)
    assert sum(one.lines for one in found) == len(lines)
    assert all(1 <= len(one.samples) <= SAMPLES for one in found)
