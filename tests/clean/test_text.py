"""All of cleaning together: cases, laws, and every change on record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean.text import clean
from pipeline.settings import EncodingSettings, Settings, TypographySettings
from tests.clean.texts import CASES, nasty, strings

TYPED = st.lists(
    st.sampled_from(["The council", " .", " ,", "said “", "”", "“", "“ ", " ”", "he was.”The", "out,“ he", " »", "«", "a.", "is", "\u202e", "\u200f", "\n"])
).map("".join)  # fmt: skip
anything = nasty | TYPED | st.tuples(nasty, TYPED).map("".join)


def edits_of(*texts: str | None, **encoding: Any) -> list[tuple[Any, ...]]:
    settings = Settings(encoding=EncodingSettings(**encoding))
    return [tuple(row.values()) for row in clean(strings(*texts), settings)[1].to_pylist()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, str]) -> None:
    texts, edits = clean(strings(case["input"]), Settings())
    assert texts.to_pylist() == [case["expected"]], case["reason"]
    assert bool(edits.num_rows) == (case["input"] != case["expected"])


@given(st.lists(anything, min_size=1, max_size=4))
def test_cleaning_twice_is_cleaning_once(texts: list[str]) -> None:
    once = clean(strings(*texts), Settings())[0]
    twice, edits = clean(once, Settings())
    assert twice.to_pylist() == once.to_pylist() and edits.num_rows == 0


@given(st.lists(anything | st.none(), max_size=6), st.integers(0, 6))
def test_borders_of_batches_do_not_matter(texts: list[str | None], cut: int) -> None:
    whole = clean(strings(*texts), Settings())[0].to_pylist()
    parts = [clean(strings(*part), Settings())[0].to_pylist() for part in (texts[:cut], texts[cut:])]
    assert whole == parts[0] + parts[1] and len(whole) == len(texts)


@given(st.lists(anything, max_size=4))
def test_what_changed_is_on_record_and_nothing_else(texts: list[str]) -> None:
    cleaned, edits = clean(strings(*texts), Settings())
    changed = {
        row for row, (before, after) in enumerate(zip(texts, cleaned.to_pylist(), strict=True)) if before != after
    }
    assert set(edits["row"].to_pylist()) >= changed
    places = list(zip(edits["row"].to_pylist(), edits["line"].to_pylist(), strict=True))
    assert places == sorted(places)


def test_edits_name_the_steps_the_line_and_both_texts() -> None:
    text = "clean\nIt wasnâ€™t &amp; is\r\nclean"
    assert edits_of(text) == [
        (0, 1, "encoding", "unescape_html+encode:sloppy-windows-1252+decode:utf-8+fix_line_breaks", "It wasnâ€™t &amp; is\r", "It wasn’t & is")
    ]  # fmt: skip


def test_line_ends_and_white_space_are_one_edit_a_document() -> None:
    assert edits_of("a\r\nb\r\nc\r\n") == [(0, 0, "encoding", "fix_line_breaks", None, None)]
    assert edits_of("a  b\nc \n") == [(0, 0, "encoding", "whitespace", None, None)]
    assert edits_of("x", "so\u00adft\nso\u00adft") == [(1, 0, "encoding", "invisible", "so\u00adft", "soft")]


def test_what_a_step_lays_bare_is_repaired_too() -> None:
    text = "\u00adÃ—â€˜\u00ad and the council met."
    once = "decode_inconsistent_utf8"
    twice = f"{once}+encode:sloppy-windows-1252+decode:utf-8"
    assert [edit[3] for edit in edits_of(text)] == [once, "invisible", twice]


def test_edits_replay() -> None:
    """The line an edit names holds what the edit says it became."""
    for case in CASES:
        lines = (
            clean(strings(case["input"]), Settings(encoding=EncodingSettings(whitespace=False)))[0][0]
            .as_py()
            .split("\n")
        )
        for _, line, _, _, before, after in edits_of(case["input"], whitespace=False):
            if before is not None:
                assert lines[line : line + after.count("\n") + 1] == after.split("\n")


def test_nulls_stay_null_and_off_means_off() -> None:
    texts = strings(None, "itâ€™s  late .", "")
    off = Settings(
        encoding=EncodingSettings(enabled=False, whitespace=False), typography=TypographySettings(enabled=False)
    )
    assert clean(texts, off)[0].equals(texts)
    assert clean(texts, Settings())[0].to_pylist() == [None, "it’s late .", ""]
