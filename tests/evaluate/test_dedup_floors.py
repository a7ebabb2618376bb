"""The scores of duplicate search on the labelled texts of the repository, and that nobody lowers their floors."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests import dedup_floors
from tests.evaluate.test_floors import git


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dedup_floors.FILE.read_text("utf-8"))
    return found


def test_no_score_is_below_its_floor(known: dict[str, Any]) -> None:
    reached = dedup_floors.now()
    for name in reached:
        assert known[name]["labelled"] == reached[name]["labelled"], (
            "run python -m tests.dedup_floors: rows have changed"
        )
    assert dedup_floors.lowered(known, reached) == []


def test_no_floor_was_lowered_since_any_commit(known: dict[str, Any]) -> None:
    path = dedup_floors.FILE.relative_to(dedup_floors.FILE.parent.parent).as_posix()
    commits = git("log", "--format=%H", "--diff-filter=AM", "HEAD", "--", path).split()
    if not commits:
        pytest.skip("no earlier floors: there is no git here, or dedup_floors.json was never committed")
    for commit in commits:
        assert dedup_floors.lowered(json.loads(git("show", f"{commit}:{path}")), known) == []


def test_lowered_names_the_floor() -> None:
    before = {"pairs": {"labelled": {"sha256": "a", "documents": 9}, "at_least": {"recall": 0.5}, "at_most": {}}}
    worse = {"pairs": {**before["pairs"], "at_least": {"recall": 0.4}}}
    assert dedup_floors.lowered(before, worse) == ["pairs: recall 0.5 → 0.4"]
    assert dedup_floors.lowered(before, {}) == ["pairs was taken away"]
    assert dedup_floors.lowered(worse, before) == []


def test_the_labelled_texts_are_enough_and_of_many_kinds() -> None:
    clusters, pairs = (
        [json.loads(line) for line in (dedup_floors.CASES / f"labelled_{kind}.jsonl").read_text("utf-8").splitlines()]
        for kind in ("clusters", "pairs")
    )
    assert len({row["id"] for row in clusters}) == len(clusters) >= 60
    assert len({row["text"] for row in clusters}) == len(clusters)
    assert len({row["cluster"] for row in clusters}) >= 20
    assert len({row["id"] for row in pairs}) == len(pairs) >= 60
    labels = Counter(row["label"] for row in pairs)
    assert labels[1] >= 30 and labels[0] >= 30
    for rows in (clusters, pairs):
        assert {"en", "de", "fr", "es", "ru", "tr", "zh", "ja", "ar"} <= {row["lang"] for row in rows}
