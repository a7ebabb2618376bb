"""What is still damaged is marked, what is clean is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean.suspect import marks
from pipeline.clean.text import clean
from pipeline.settings import Settings
from tests.clean.texts import nasty, strings

CASES = json.loads((Path(__file__).parent.parent / "cases" / "encoding_suspect.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    repaired = clean(strings(case["input"]), Settings())[0]
    rules = marks(repaired)["rule"].to_pylist()
    assert rules == ([case["expected"]] if case["expected"] else []), case["reason"]


def test_the_evidence_shows_the_place() -> None:
    text = f"{'The ferry was late. ' * 20}They don?t know.{' It rained.' * 20}"
    assert marks(strings("clean", text)).to_pylist() == [
        {"row": 1, "rule": "lost-letters", "evidence": "he ferry was late. They don?t know. It rained. It rai"}
    ]


@given(st.lists(nasty, max_size=8))
def test_marks_are_ascending_and_say_where(texts: list[str]) -> None:
    found = marks(strings(*texts))
    rows = found["row"].to_pylist()
    assert rows == sorted(set(rows))
    assert all(evidence for evidence in found["evidence"].to_pylist())
    assert {i for i, text in enumerate(texts) if "\ufffd" in text} <= set(rows)
