"""Names and days are read off stripped bylines, or left alone where they can be read two ways."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.boilerplate.bylines import byline, published, with_bylines

CASES = json.loads((Path(__file__).parent.parent / "cases" / "bylines.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"])
def test_cases(case: dict[str, Any]) -> None:
    day = published(case["line"])
    assert (byline(case["line"]), day and f"{day:%Y-%m-%d}") == (case["byline"], case["published"]), case["reason"]


@given(st.dates(datetime(1900, 1, 1).date(), datetime(2099, 12, 31).date()))
def test_written_out_days_are_read_back(day: Any) -> None:
    for form in (
        f"{day:%Y-%m-%d}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day}. {day:%b} {day.year}",
        f"{day:%d.%m.%Y}",
    ):
        assert published(f"Updated {form}") == datetime(day.year, day.month, day.day), form


def test_the_first_counts_and_a_given_date_goes_before() -> None:
    dates = pa.array([None, datetime(2020, 1, 2)], pa.timestamp("us"))
    documents = pa.table({"doc_id": ["a", "b"], "date": dates})
    lines = ["By Jane Roe", "May 3, 2021", "By Tom Hale, May 4, 2021", "4 June 2022"]
    found = with_bylines(documents, ["a", "a", "a", "b"], lines)
    assert found["byline"].to_pylist() == ["Jane Roe", None]
    assert found["published"].to_pylist() == [datetime(2021, 5, 3), datetime(2020, 1, 2)]
