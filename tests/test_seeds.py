"""The sample corpus: what becomes of each document is pinned, and the README speaks of each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import golden_seeds

HOUSE = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)  # sources are paths as typed: seeds/…


def test_what_becomes_of_each_document() -> None:
    assert (
        golden_seeds.written(golden_seeds.outcome()).splitlines() == golden_seeds.GOLDEN.read_text("utf-8").splitlines()
    )


def test_the_readme_speaks_of_every_file_and_document() -> None:
    told = (HOUSE / "seeds" / "README.md").read_text("utf-8")
    golden = json.loads(golden_seeds.GOLDEN.read_text("utf-8"))
    names = {Path(row["source"]).name for row in golden["documents"]}
    names |= {row["doc_id"] for row in golden["documents"] if not re.fullmatch(r"[0-9a-f]{16}-\d+", row["doc_id"])}
    assert [name for name in sorted(names) if name not in told] == []


def test_the_sample_is_as_wide_as_promised() -> None:
    golden = json.loads(golden_seeds.GOLDEN.read_text("utf-8"))
    forms = {"".join(Path(row["source"]).suffixes) for row in golden["documents"]}
    assert forms >= {".txt", ".jsonl", ".csv", ".parquet"}
    assert golden["counts"]["documents"]["in"] >= 40
