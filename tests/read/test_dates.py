from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.dates import NAIVE, timestamps

CASES = json.loads((Path(__file__).parents[1] / "cases" / "read_dates.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_strings(case: dict[str, Any]) -> None:
    for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        found = timestamps(pa.array([case["input"], None], pa.string()).cast(kind))
        expected = None if case["expected"] is None else datetime.fromisoformat(case["expected"])
        assert found.to_pylist() == [expected, None], case["reason"]
        assert found.type == NAIVE


def test_one_impossible_date_does_not_take_the_others_with_it() -> None:
    found = timestamps(pa.array(["2031-02-30", "2031-02-28", "2031-02-28T25:00Z", "2031-02-28T05:00+05:00"]))
    assert found.to_pylist() == [None, datetime(2031, 2, 28), None, datetime(2031, 2, 28)]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([19_000], pa.date32()), datetime(2022, 1, 8)),
        (pa.array([86_400_000], pa.date64()), datetime(1970, 1, 2)),
        (pa.array([1_500], pa.timestamp("ns")), datetime(1970, 1, 1, 0, 0, 0, 1)),
        (pa.array([3_600], pa.timestamp("s", "Asia/Tokyo")), datetime(1970, 1, 1, 1)),
        (pa.array([2**62], pa.timestamp("s")), None),
        (pa.array([20310501]), None),
        (pa.array([1.5]), None),
        (pa.array([True]), None),
        (pa.array([["2031-05-01"]]), None),
        (pa.nulls(1), None),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_other_types(array: pa.Array, expected: datetime | None) -> None:
    assert timestamps(array).to_pylist() == [expected]


@given(st.lists(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)) | st.none(), max_size=8))
def test_what_isoformat_writes_is_read(moments: list[datetime | None]) -> None:
    written = pa.array([None if moment is None else moment.isoformat() for moment in moments], pa.string())
    assert timestamps(written).to_pylist() == moments
    zoned = pa.array([None if moment is None else f"{moment.isoformat(' ')}Z" for moment in moments], pa.string())
    assert timestamps(zoned).to_pylist() == moments


@given(st.lists(st.text(st.sampled_from("0123456789-:TZ+. "), max_size=30), max_size=6))
def test_no_string_raises(strings: list[str]) -> None:
    assert len(timestamps(pa.array(strings, pa.string()))) == len(strings)
