from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.paragraphs import Split, split
from pipeline.settings import ParagraphSettings

CASES = json.loads((Path(__file__).parent / "cases" / "paragraphs.json").read_text("utf-8"))
MODES = st.sampled_from(["auto", "blank_line", "line"])

LINES = st.sampled_from(
    ["", " ", "short", "Short.", "  indented line of a text that was wrapped at seventy columns or so",
     "the harbour master of Vell had counted the boats every evening for", "thirty years and had never once arrived at the same number twice,",
     "which he blamed on the gulls.", "渡轮今天早上又晚点了港务长站在码头上数着船只", "\u00a0", "\x0b x", "a\u2003b"]
)  # fmt: skip
documents = st.lists(LINES, max_size=12).map("\n".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def cut(*texts: str | None, **settings: Any) -> Split:
    return split(pa.array(texts, pa.large_string()), ParagraphSettings(**settings))


def paragraphs(text: str, **settings: Any) -> list[str]:
    return list(cut(text, **settings).paragraphs["text"].to_pylist())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    assert paragraphs(case["input"]) == case["expected"], case["reason"]
    assert bool(len(cut(case["input"]).unwrapped)) == case["label"].startswith("hard-wrapped")


@given(documents, MODES, st.booleans())
def test_joining_what_was_split_gives_back_the_text_up_to_white_space(text: str, mode: str, unwrap: bool) -> None:
    joined = "\n\n".join(paragraphs(text, split=mode, unwrap=unwrap))
    assert "".join(joined.split()) == "".join(text.split())


@given(documents)
def test_splitting_again_changes_nothing(text: str) -> None:
    once = paragraphs(text)
    assert paragraphs("\n\n".join(once)) == once
    for paragraph in once:
        assert paragraphs(paragraph) == [paragraph]


@given(documents, MODES)
def test_each_paragraph_begins_in_its_line(text: str, mode: str) -> None:
    for row in cut(text, split=mode).paragraphs.to_pylist():
        first = row["text"].split("\n")[0]
        begun = text.split("\n")[row["line"]].strip()
        assert begun and first.startswith(begun)


@given(st.lists(st.none() | documents, max_size=5), MODES)
def test_documents_do_not_touch_each_other(texts: list[str | None], mode: str) -> None:
    together = cut(*texts, split=mode)
    rows = together.paragraphs.to_pylist()
    for i, text in enumerate(texts):
        alone = cut(text, split=mode)
        mine = [{**row, "row": 0} for row in rows if row["row"] == i]
        assert mine == alone.paragraphs.to_pylist()
        assert (i in together.unwrapped) == bool(len(alone.unwrapped))


def test_the_modes_differ() -> None:
    text = "one\ntwo\n\nthree"
    assert paragraphs(text, split="auto") == paragraphs(text, split="line") == ["one", "two", "three"]
    assert paragraphs(text, split="blank_line") == ["one\ntwo", "three"]
    wrapped = CASES[3]["input"]
    assert len(paragraphs(wrapped, split="line")) == len(paragraphs(wrapped, unwrap=False)) == 5
    assert paragraphs(wrapped, split="blank_line") == CASES[3]["expected"]
