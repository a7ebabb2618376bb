from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.dedup.quotes import mostly_quoted

CASES = json.loads((Path(__file__).parents[1] / "cases" / "quotes.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert mostly_quoted(pa.array([case["input"]], pa.large_string())).tolist() == [case["expected"]], case["reason"]


def test_no_text_at_all() -> None:
    assert mostly_quoted(pa.array([], pa.large_string())).tolist() == []
