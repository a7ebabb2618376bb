from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import corpus
from pipeline.dataset import Dataset
from pipeline.errors import LossAlarmError
from pipeline.settings import AlarmSettings, Settings
from pipeline.steps.losses import Alarm, alarms, table

SENTENCE = "The bridge over the river at {0} was closed in the spring, said {1}, and no one in {0} knows for how long."


def record(name: str, documents: int, removed: dict[str, list[int]], group: str = "source") -> dict[str, Any]:
    return {"group": group, "name": name, "documents": documents, "paragraphs": documents * 2, "removed": removed}


def wrote(folder: Path, name: str, texts: list[str]) -> Path:
    path = folder / name
    rows = [
        {"id": f"{name}-{n}", "url": f"https://{name}.example.com/{n}", "text": text} for n, text in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def places(count: int, first: int = 0) -> list[str]:
    return [
        "\n\n".join(SENTENCE.format(f"Ford{n}x{part}", f"warden {n * 7 + part}") for part in range(3))
        for n in range(first, first + count)
    ]


def test_losses_add_up_to_the_counts(tmp_path: Path) -> None:
    one = wrote(tmp_path, "one", [*places(6), *places(2), "Leave a Reply"])
    one.rename(tmp_path / "one.jsonl")
    (tmp_path / "two.jsonl").write_text('{"id": "a", "text": "A line of its own about a mill."}\n{"id"\n', "utf-8")
    made = corpus.clean_corpus([str(tmp_path / "one.jsonl"), str(tmp_path / "two.jsonl")], tmp_path / "out").manifest
    whole = made["losses"][0]
    assert whole["group"] == "corpus"
    assert whole["documents"] == made["counts"]["documents"]["in"] == 11
    removed = [count for counts in whole["removed"].values() for count in [counts[0]]]
    assert sum(removed) == sum(made["counts"]["documents"][what] for what in ("removed", "quarantined"))
    assert whole["removed"]["dedup.documents"] == [2, 0]
    assert whole["removed"]["read"] == [1, 0]
    for group in ("source", "site", "language"):
        parts = [row for row in made["losses"] if row["group"] == group]
        assert sum(row["removed"].get("dedup.documents", [0])[0] for row in parts) == 2
    by_source = {Path(row["name"]).name: row for row in made["losses"] if row["group"] == "source"}
    assert by_source["two.jsonl"]["removed"]["read"] == [1, 0]


@pytest.mark.parametrize(
    ("now", "before", "largest", "expected"),
    [
        ([record("a", 100, {"boilerplate": [50, 0]})], [], 0, []),
        ([record("a", 100, {"boilerplate": [51, 0]})], [], 0, [("a", "boilerplate", "documents")]),
        ([record("a", 100, {"boilerplate": [0, 101]})], [], 0, [("a", "boilerplate", "paragraphs")]),
        ([record("a", 99, {"boilerplate": [99, 0]})], [], 0, []),
        (
            [record("a", 100, {})],
            [record("a", 100, {"near": [31, 0]})],
            0,
            [("a", "near", "documents (31.0% last time)")],
        ),
        ([record("a", 100, {})], [record("a", 100, {"near": [29, 0]})], 0, []),
        ([record("a", 100, {})], [record("a", 20, {"near": [20, 0]})], 0, []),
        ([record("a", 100, {})], [record("b", 100, {"near": [100, 0]})], 0, []),
        ([record("", 400, {}, "corpus")], [], 101, [("", "dedup.documents", "documents in one cluster")]),
        ([record("", 400, {}, "corpus")], [], 100, []),
        ([], [], 0, []),
    ],
)
def test_limits(now: list[Any], before: list[Any], largest: int, expected: list[Any]) -> None:
    limits = AlarmSettings(max_documents=0.5, max_paragraphs=0.5, max_drift=0.3, max_cluster_share=0.25)
    found = alarms(now, before, largest, limits)
    assert [(alarm.name, alarm.stage, alarm.what) for alarm in found] == expected


def test_the_table_says_what_of_what() -> None:
    lines = table([Alarm("site", "news.example", "dedup.documents", "documents", 0.914, 0.8)]).splitlines()
    assert lines[1].split() == ["dedup.documents", "site", "news.example", "documents", "91.4%", "80.0%"]


def test_a_run_over_a_limit_publishes_nothing_and_goes_on_when_it_is_accepted(tmp_path: Path) -> None:
    given, out = str(wrote(tmp_path, "a", places(1) * 5).rename(tmp_path / "a.jsonl")), tmp_path / "out"
    strict = {"min_documents": 5, "max_cluster_share": 0.5}
    with pytest.raises(LossAlarmError, match="documents in one cluster"):
        corpus.clean_corpus([given], out, Settings.model_validate({"alarms": strict}))
    assert Dataset(out).number() is None
    made = corpus.clean_corpus([given], out, Settings.model_validate({"alarms": {**strict, "accept": True}})).manifest
    assert made["counts"]["documents"]["removed"] == 4
    assert [alarm["what"] for alarm in made["alarms"]] == ["documents in one cluster"]


def test_drift_is_told_by_the_version_that_is_replaced(tmp_path: Path) -> None:
    out, settings = tmp_path / "out", Settings.model_validate({"alarms": {"min_documents": 4}})
    path = tmp_path / "a.jsonl"
    wrote(tmp_path, "a", places(4)).rename(path)
    corpus.clean_corpus([str(path)], out, settings)
    wrote(tmp_path, "a", [*places(2), *places(2)]).rename(path)
    with pytest.raises(LossAlarmError, match=r"documents \(0.0% last time\)"):
        corpus.clean_corpus([str(path)], out, settings, overwrite=True)
    assert Dataset(out).number() == 1
    looser = Settings.model_validate({"alarms": {"min_documents": 4}, "dedup": {"documents": {"threshold": 0.7}}})
    assert corpus.clean_corpus([str(path)], out, looser, overwrite=True).manifest["alarms"] == []
