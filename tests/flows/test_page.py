"""The summary of a run: its figures are those of the files, and titles cannot break it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.funnel import funnel
from flows.page import page, said
from pipeline.dataset import Dataset
from pipeline.report.figures import Summary
from pipeline.report.funnel import funnel as of_nothing
from tests.corpora import cleaned, rows

WORDS = "the harbour ferry left the quay before dawn with lorries and a sleepy crew on board number"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("page") / "out"
    return cleaned(["seeds"], out, "run.shard_bytes=20000"), out


def test_the_figures_are_those_of_the_files(dataset: tuple[dict[str, Any], Path]) -> None:
    manifest, out = dataset
    found = funnel(Dataset(out), manifest)
    assert found.funnel.kept.chars == sum(len(row["text"]) for row in rows(out, "documents"))
    drops = [row for row in rows(out, "ledger") if row["action"] == "drop"]
    assert {(rule.stage, rule.rule): (rule.documents, rule.paragraphs, rule.chars) for rule in found.rules} == {
        pair: naive(row for row in drops if (row["stage"], row["rule"]) == pair)
        for pair in {(row["stage"], row["rule"]) for row in drops}
    }
    copied = [row for row in rows(out, "documents") if row["n_copies"]]
    copied = sorted(copied, key=lambda row: (-row["n_copies"], row["doc_id"]))[:10]
    assert [(row["doc_id"], row["n_copies"]) for row in found.largest] == [
        (row["doc_id"], row["n_copies"]) for row in copied
    ]


def naive(drops: Any) -> tuple[int, int, int]:
    """Return the documents, paragraphs and characters of these rows of the ledger."""
    drops = list(drops)
    whole = sum(row["position"] is None for row in drops)
    return whole, len(drops) - whole, sum(len(row["text"] or "") for row in drops)


def test_a_dataset_without_removals_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(WORDS)
    manifest = cleaned([tmp_path / "one.txt"], tmp_path / "out")
    found = funnel(Dataset(tmp_path / "out"), manifest)
    assert (found.funnel.kept.chars, found.rules, found.largest) == (len(WORDS), [], [])
    text = page(manifest, found, tmp_path / "out")
    assert text.startswith("# 1 of 1 documents kept, 0 removed\n")
    assert "\n## " in text and not any(word in text for word in ("Rules", "clusters", "by stage", "quarantine/"))


def test_the_page_names_what_removed_most_and_where_it_lies(dataset: tuple[dict[str, Any], Path]) -> None:
    manifest, out = dataset
    text = page(manifest, funnel(Dataset(out), manifest), out)
    assert text.startswith("# 81 of 109 documents kept, 21 removed, 7 unreadable\n")
    assert "| paragraphs | 583 | 212 | 0 | 371 | 64\u00a0% |" in text
    assert "| characters | 84.1\u00a0k | 26.5\u00a0k |  | 57.6\u00a0k | 69\u00a0% |" in text
    assert "| `title` | boilerplate | 46 | 2.5\u00a0k |" in text
    assert "| with a removed document | 0 | 103 | 0 |" in text
    assert "| duplicate paragraphs | 2 | 14 | 2.7\u00a0k |" in text
    assert f"documents   {out}/documents/*.parquet" in text


def test_titles_cannot_break_the_tables() -> None:
    bad = {"doc_id": "a|b", "title": "x | <b>y</b>\n# `z` " + "w" * 99, "source": "s_1*", "n_copies": 3}
    counts = {what: {"in": 1, "kept": 1, "removed": 0, "quarantined": 0} for what in ("documents", "paragraphs")}
    text = page({"counts": counts}, Summary(of_nothing(counts, 1, []), [], [bad]), Path("out"))
    assert r"| 3 | a\|b | x \| \<b\>y\</b\> \# \`z\` " in text and r"… | s\_1\* |" in text


def test_a_run_is_said_in_a_phrase() -> None:
    assert said({"documents": {"in": 1200, "kept": 1100, "removed": 100, "quarantined": 0}}) == (
        "1,100 of 1,200 documents kept, 100 removed"
    )
