from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.keep import order
from pipeline.settings import DedupSettings

ROWS = [
    {"doc_id": "b", "source": "blog/x.txt", "date": datetime(2031, 5, 2), "n_chars": 10, "damage": 0},
    {"doc_id": "a", "source": "agency/x.txt", "date": None, "n_chars": 10, "damage": 2},
    {"doc_id": "c", "source": "blog/y.txt", "date": datetime(2031, 5, 1), "n_chars": 30, "damage": 1},
]
SCHEMA = pa.schema(
    [("doc_id", pa.string()), ("source", pa.string()), ("date", pa.timestamp("us")), ("n_chars", pa.int64()),
     ("damage", pa.int64())]
)  # fmt: skip


def kept(rows: list[dict[str, object]], **settings: object) -> str:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    return "".join(str(rows[i]["doc_id"]) for i in order(table, DedupSettings.model_validate(settings)))


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (["earliest"], "cba"),  # no date: after all dates
        (["latest"], "bca"),
        (["longest"], "cab"),
        (["least_damaged"], "bca"),
        (["lowest_id"], "abc"),
        (["source_priority"], "abc"),  # no patterns: all alike, so the id decides
        (["longest", "earliest"], "cba"),
    ],
)
def test_each_criterion(keep: list[str], expected: str) -> None:
    assert kept(ROWS, keep=keep) == expected


def test_sources_are_ranked_by_the_first_pattern_they_match() -> None:
    assert kept(ROWS, keep=["source_priority", "longest"], source_priority=["agency/*", "*/y.txt"]) == "acb"


@given(st.permutations(ROWS), st.lists(st.sampled_from(["earliest", "latest", "longest", "lowest_id"]), max_size=3))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, object]], keep: list[str]) -> None:
    assert kept(rows, keep=keep) == kept(ROWS, keep=keep)
