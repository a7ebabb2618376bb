"""Many short paragraphs, the small version of the run in docs/limits.md: rows reconcile, what was planted is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.plain_run import reconciled, write_short
from tests.corpora import cleaned


def test_short_paragraphs_reconcile_and_all_copies_are_found(tmp_path: Path) -> None:
    planted = write_short(tmp_path / "in.jsonl", 1_200)
    assert planted.total() == 1_200 and min(planted["exact"], planted["near"]) > 0
    cleaned([tmp_path / "in.jsonl"], tmp_path / "out", "run.shard_bytes=300000")
    told = reconciled(tmp_path / "out", planted)
    assert f"'in': {1_200 * 20}" in told
    manifest = tmp_path / "out" / "manifest.json"
    changed = json.loads(manifest.read_text("utf-8"))
    changed["counts"]["paragraphs"]["kept"] -= 1
    manifest.unlink()
    manifest.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(SystemExit, match="paragraphs do not reconcile"):
        reconciled(tmp_path / "out", planted)
