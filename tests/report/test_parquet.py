"""Rows by their numbers, across files and row groups, for a bounded price."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report.parquet import batches, fetch, groups
from tests.corpora import cleaned, write_jsonl


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30,000 rows in three files, two of them with more than one row group."""
    place, start = tmp_path_factory.mktemp("rows"), 0
    for name, rows in (("a", 2_000), ("b", 25_000), ("c", 3_000)):
        numbers = range(start, start + rows)
        table = pa.table({"number": pa.array(numbers), "text": [f"text {number}" for number in numbers]})
        pq.write_table(table, place / f"{name}.parquet", row_group_size=1_200)
        start += rows
    return place


def test_rows_are_counted_over_all_files(folder: Path) -> None:
    found = groups(folder)
    assert [group.first for group in found[:3]] == [0, 1200, 2000]
    assert sum(group.rows for group in found) == 30_000
    numbers = [number for batch in batches(found, ["number"]) for number in batch["number"].to_pylist()]
    assert numbers == list(range(30_000))


def test_the_wanted_rows_come_in_order(folder: Path) -> None:
    wanted = [29_999, 0, 1_999, 2_000, 2_600, 1_200, 2_000]
    rows = fetch(groups(folder), wanted, ["number"], 99, 10**9)
    assert rows.at.tolist() == rows.table["number"].to_pylist() == sorted(set(wanted))


def test_those_named_first_go_before_where_the_price_is_limited(folder: Path) -> None:
    found = groups(folder)
    far = found[5].first + found[5].rows - 1
    whole = found[5].sizes["text"]
    assert fetch(found, [far, 0, 1], ["text"], 99, whole).at.tolist() == [far]
    assert fetch(found, [0, far, far - 1], ["text"], 99, whole + 100).at.tolist() == [0, far - 1, far]
    assert fetch(found, [5, 7, 9], ["text"], 2, 10**9).at.tolist() == [5, 7]
    assert fetch(found, [], ["text"], 2, 10**9).table.num_rows == 0


def test_what_only_folders_say_is_read_as_if_it_stood_in_the_files(tmp_path: Path) -> None:
    texts = [{"id": f"d{n}", "site": f"paper{n % 2}.org" if n else None, "text": f"tide {n}"} for n in range(5)]
    source = write_jsonl(tmp_path / "in.jsonl", texts)
    found = []
    for name, layout in (("plain", ()), ("folders", ('write.partition_by=["site", "n_words"]',))):
        cleaned([source], tmp_path / name, *layout)
        of = groups(tmp_path / name / "documents")
        table = pa.Table.from_batches(list(batches(of, ["doc_id", "site", "n_words"])))
        rows = fetch(of, range(5), ["doc_id", "site", "n_words"], 5, 10**6).table
        found += [sorted(map(str, table.to_pylist())), sorted(map(str, rows.to_pylist()))]
    assert found[0] == found[1] == found[2] == found[3] and len(found[0]) == 5
