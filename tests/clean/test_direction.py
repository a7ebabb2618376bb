from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import direction

CASES = json.loads((Path(__file__).parents[1] / "cases" / "direction.json").read_text("utf-8"))
CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
nasty = st.text(st.sampled_from(CONTROLS + "ab \nשم5"), max_size=20)


def undirected(*texts: str | None) -> tuple[list[str | None], list[direction.Edit]]:
    there = np.array([row for row, text in enumerate(texts) if text is not None], np.int64)
    out, edits = direction.undirected(pa.array(texts, pa.large_string()), there)
    return out.to_pylist(), edits


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    assert undirected(case["input"])[0] == [case["expected"]], case["reason"]


@given(st.lists(st.one_of(st.none(), nasty), max_size=6))
def test_laws(texts: list[str | None]) -> None:
    out, edits = undirected(*texts)
    assert undirected(*out) == (out, [])
    assert out == [undirected(text)[0][0] for text in texts]
    for before, after in zip(texts, out, strict=True):
        assert (before is None) == (after is None)
        assert re.sub(f"[{CONTROLS}]", "", before or "") == re.sub(f"[{CONTROLS}]", "", after or "")
    for row, line, rule, before, after in edits:
        assert rule == "bidi"
        assert ((texts[row] or "").split("\n")[line], (out[row] or "").split("\n")[line]) == (before, after)


@given(nasty)
def test_what_is_left_is_paired(text: str) -> None:
    for line in (undirected("ש\n" + text)[0][0] or "").split("\n"):
        opening = sum(line.count(char) for char in direction.EMBEDDINGS)
        assert opening == line.count(direction.POP_EMBEDDING)
        assert sum(line.count(char) for char in direction.ISOLATES) == line.count(direction.POP_ISOLATE)
