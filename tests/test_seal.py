"""A version is sealed only when each of its tables has the rows that the counts say."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ReconcileError
from pipeline.seal import seal

ROWS = {"documents": 5, "paragraphs": 9, "quarantine": 2, "removed": 3}
COUNTS = {
    "documents": {"in": 10, "kept": 5, "removed": 3, "quarantined": 2},
    "paragraphs": {"in": 9, "kept": 9, "removed": 0, "quarantined": 0},
}


def sealed(folder: Path, rows: dict[str, int]) -> list[dict[str, object]]:
    """Write tables of so many rows, the first of them in a file and a folder of its own; return `files`."""
    for name, n in rows.items():
        for place, some in ((folder / name / "k=1", min(n, 1)), (folder / name, n - min(n, 1))):
            place.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({"x": list(range(some))}), place / "a.parquet")
    (folder / "manifest.json").write_text(json.dumps({"counts": COUNTS}))
    seal(folder / "manifest.json", "versions/000007", {"version": 7})
    return list(json.loads((folder / "manifest.json").read_text())["files"])


def test_files_are_listed_with_their_rows(tmp_path: Path) -> None:
    files = sealed(tmp_path, ROWS)
    assert {file["path"]: file["rows"] for file in files} == {
        f"versions/000007/{name}/{part}a.parquet": n
        for name, rows in ROWS.items()
        for part, n in (("k=1/", 1), ("", rows - 1))
    }


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("more", [-1, 1])
def test_a_row_less_or_more_is_refused(tmp_path: Path, name: str, more: int) -> None:
    with pytest.raises(ReconcileError, match=rf"{name}/ has {ROWS[name] + more} rows and the counts say {ROWS[name]}"):
        sealed(tmp_path, ROWS | {name: ROWS[name] + more})


@pytest.mark.parametrize("name", ["documents", "paragraphs", "quarantine"])
def test_a_table_that_is_not_there_has_no_rows(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReconcileError, match=f"{name}/ has 0 rows"):
        sealed(tmp_path, {other: n for other, n in ROWS.items() if other != name})
