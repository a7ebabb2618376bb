"""What an input says names no place: folders by hostile values lie below OUT, and readers get the values back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from tests.corpora import cleaned, write_jsonl
from tests.hostile.generator import SOUND

VALUES = (
    "..",
    "../../escaped",
    "/tmp/escaped",
    "a/../../escaped",
    "..\\escaped",
    "a\0b",
    "a\nb",
    ".",
    "~root",
    "$(touch escaped)",
    "x=y/z=w",
    "%2e%2e%2fescaped",
    "\u202eescaped",
    "con.",
)


def test_folders_by_hostile_values_lie_below_out(tmp_path: Path) -> None:
    given = [{"id": f"../../{i}", "site": value, "text": f"{SOUND} {i}"} for i, value in enumerate(VALUES)]
    source = write_jsonl(tmp_path / "in.jsonl", given)
    options = (
        "write.partition_by=site",
        "alarms.accept=true",
        "dedup.documents.action=off",
        "dedup.paragraphs.action=off",
    )
    cleaned([source], tmp_path / "out", "boilerplate.enabled=false", *options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out"]
    assert not (tmp_path.parent / "escaped").exists()
    folders = [path for path in (tmp_path / "out" / "documents").iterdir() if path.is_dir()]
    assert len(folders) == len(VALUES) and all(path.name.startswith("site=") for path in folders)
    hive = ds.partitioning(pa.schema([("site", pa.string())]), flavor="hive")
    table = ds.dataset(tmp_path / "out" / "documents", partitioning=hive).to_table(columns=["doc_id", "site"])
    assert {row["doc_id"]: row["site"] for row in table.to_pylist()} == {row["id"]: row["site"] for row in given}
