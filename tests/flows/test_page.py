"""The summary of a run: its figures are those of the files, and titles cannot break it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.funnel import Funnel, funnel
from flows.page import page, said, size
from tests.corpora import cleaned, rows

WORDS = "the harbour ferry left the quay before dawn with lorries and a sleepy crew on board number"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("page") / "out"
    return cleaned(["seeds"], out, "run.shard_bytes=20000"), out


def test_the_funnel_counts_what_the_files_hold(dataset: tuple[dict[str, Any], Path]) -> None:
    manifest, out = dataset
    found = funnel(out)
    assert found.kept_bytes == sum(len(row["text"].encode()) for row in rows(out, "documents"))
    drops = [row for row in rows(out, "ledger") if row["action"] == "drop"]
    assert found.stages == sorted(
        (
            {"stage": stage, **naive(row for row in drops if row["stage"] == stage)}
            for stage in {r["stage"] for r in drops}
        ),
        key=lambda row: (-row["bytes"], row["stage"]),
    )
    pairs = {(row["stage"], row["rule"]) for row in drops}
    every = [
        {"stage": s, "rule": r, **naive(row for row in drops if (row["stage"], row["rule"]) == (s, r))}
        for s, r in pairs
    ]
    assert found.rules == sorted(every, key=lambda row: (-row["rows"], row["stage"], row["rule"]))[:10]
    documents = sorted(rows(out, "documents"), key=lambda row: (-row["n_copies"], row["doc_id"]))
    copied = [row for row in documents if row["n_copies"]][:10]
    assert [(row["doc_id"], row["n_copies"]) for row in found.clusters] == [
        (row["doc_id"], row["n_copies"]) for row in copied
    ]
    assert manifest["counts"]["documents"]["removed"] == sum(stage["documents"] for stage in found.stages)


def naive(drops: Any) -> dict[str, int]:
    drops = list(drops)
    whole = sum(row["position"] is None for row in drops)
    size = sum(len((row["text"] or "").encode()) for row in drops)
    return {"documents": whole, "paragraphs": len(drops) - whole, "bytes": size, "rows": len(drops)}


def test_a_dataset_without_removals_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(WORDS)
    manifest = cleaned([tmp_path / "one.txt"], tmp_path / "out")
    found = funnel(tmp_path / "out")
    assert found == Funnel(len(WORDS), [], [], [])
    text = page(manifest, found, tmp_path / "out")
    assert text.startswith("# 1 of 1 documents kept, 0 removed\n")
    assert "\n## " in text and not any(word in text for word in ("Rules", "clusters", "by stage", "quarantine/"))


def test_the_page_names_what_removed_most_and_where_it_lies(dataset: tuple[dict[str, Any], Path]) -> None:
    manifest, out = dataset
    text = page(manifest, funnel(out), out)
    assert text.startswith("# 81 of 109 documents kept, 21 removed, 7 unreadable\n")
    assert "| paragraphs | 583 | 212 | 0 | 371 | 63.6% |" in text
    assert "| `title` | boilerplate | 46 |" in text
    assert "| inside removed documents |  | 103 |  |" in text
    assert f"documents   {out}/documents/*.parquet" in text


def test_titles_cannot_break_the_tables() -> None:
    bad = {"doc_id": "a|b", "title": "x | <b>y</b>\n# `z` " + "w" * 99, "source": "s_1*", "n_copies": 3}
    counts = {what: {"in": 1, "kept": 1, "removed": 0, "quarantined": 0} for what in ("documents", "paragraphs")}
    text = page({"counts": counts}, Funnel(1, [], [], [bad]), Path("out"))
    assert r"| 3 | a\|b | x \| \<b\>y\</b\> \# \`z\` " in text and r"… | s\_1\* |" in text


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (23_140, "23.1 kB"), (5_000_000, "5.0 MB"), (10**13, "10.0 TB")],
)
def test_sizes(count: int, told: str) -> None:
    assert size(count) == told


def test_a_run_is_said_in_a_phrase() -> None:
    assert said({"documents": {"in": 1200, "kept": 1100, "removed": 100, "quarantined": 0}}) == (
        "1,100 of 1,200 documents kept, 100 removed"
    )
