"""The scores on the labelled lines of the repository, and that nobody lowers the floors."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from typing import Any

import pytest

from tests import floors


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(floors.FILE.read_text("utf-8"))
    return found


def test_no_score_is_below_its_floor(known: dict[str, Any]) -> None:
    reached = floors.now()
    assert known["labelled"]["sha256"] == reached["labelled"]["sha256"], (
        "run python -m tests.floors: pages have changed"
    )
    assert floors.lowered(known, reached) == [], "see python -m pipeline.evaluate tests/cases/labelled_lines.jsonl"


def test_no_floor_was_lowered_since_any_commit(known: dict[str, Any]) -> None:
    versions = committed()
    if not versions:
        pytest.skip("no earlier floors: there is no git here, or floors.json was never committed")
    for version in versions:
        assert floors.lowered(version, known) == []


def committed() -> list[dict[str, Any]]:
    """Return floors.json of every commit that is known here and changed it."""
    path = floors.FILE.relative_to(floors.FILE.parent.parent).as_posix()
    commits = git("log", "--format=%H", "--diff-filter=AM", "HEAD", "--", path).split()
    return [json.loads(git("show", f"{commit}:{path}")) for commit in commits]


def git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ("git", *arguments), cwd=floors.FILE.parent.parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout if done.returncode == 0 else ""


FLOORS = {
    "labelled": {"sha256": "a", "documents": 9},
    "at_least": {"precision": 0.9, "recall": 0.5},
    "at_most": {"article_chars_lost": 0.01},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"at_least": {"precision": 0.95, "recall": 0.5}}, []),
        ({"at_least": {"precision": 0.9, "recall": 0.4}}, ["recall 0.5 → 0.4"]),
        ({"at_most": {"article_chars_lost": 0.02}}, ["article_chars_lost 0.01 → 0.02"]),
        ({"at_most": {"article_chars_lost": 0.0}}, []),
        ({"labelled": {"sha256": "b", "documents": 8}}, ["labelled pages were taken away"]),
        ({"labelled": {"sha256": "b", "documents": 10}, "at_least": {"precision": 0.1, "recall": 0.1}}, []),
    ],
)
def test_lowered(change: dict[str, Any], expected: list[str]) -> None:
    assert floors.lowered(FLOORS, {**FLOORS, **change}) == expected


def test_floors_are_rounded_to_the_side_that_holds() -> None:
    assert floors.rounded(0.98765) == 0.987
    assert -floors.rounded(-0.00042) == 0.001
    assert floors.rounded(0.25) == 0.25


def test_the_labelled_lines_are_enough_and_of_many_kinds() -> None:
    rows = [json.loads(line) for line in floors.LABELLED.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) >= 60
    assert sum(len(row["lines"]) for row in rows) >= 1200
    languages = Counter(row["lang"] for row in rows)
    assert len(languages) >= 12
    assert {"de", "fr", "es", "ru", "ar", "zh", "ja", "tr"} <= set(languages)
    assert all(row["url"].split("/")[2].endswith(".example") for row in rows), "invented sites only"
