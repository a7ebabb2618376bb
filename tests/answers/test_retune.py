"""Retune says what a run with the other settings does: the numbers and the rows are those of the run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.answers.chosen import Wish
from pipeline.answers.restore import restore
from pipeline.answers.retune import retune
from pipeline.answers.version import opened
from pipeline.boilerplate.rules import packs
from pipeline.cli.main import main
from pipeline.errors import RunError, SettingsError
from pipeline.ingest.run import ingest
from tests.corpora import cleaned, rows, settings, write_jsonl

PLAIN = ("run.workers=1", "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")


def edited(text: str, share: float, draw: random.Random) -> str:
    return " ".join(f"edit{draw.randrange(99)}" if draw.random() < share else word for word in text.split())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Families of texts that were edited more and more, so that each threshold tells others apart."""
    draw = random.Random(5)
    records = []
    for family in range(12):
        words = [f"w{draw.randrange(400)}" for _ in range(80)]
        text = "\n\n".join(" ".join(words[at : at + 20]) for at in range(0, 80, 20))
        for copy in range(6):
            parts = [edited(part, 0.012 * copy, draw) for part in text.split("\n\n")]
            records.append({"id": f"f{family:02}-{copy}", "text": "\n\n".join(parts), "date": f"2031-0{1 + copy}-01"})
    draw.shuffle(records)
    return write_jsonl(tmp_path_factory.mktemp("retune") / "in.jsonl", records)


@pytest.fixture(scope="module")
def out(file: Path) -> Path:
    cleaned([file], file.parent / "out", *PLAIN)
    return file.parent / "out"


def places(out: Path, name: str) -> set[Any]:
    return {(row["doc_id"], row.get("position")) for row in rows(out, name)}


@pytest.mark.parametrize(
    "assignments",
    [
        ("dedup.documents.threshold=0.6",),
        ("dedup.documents.threshold=0.9", "dedup.paragraphs.threshold=0.95"),
        ("dedup.paragraphs.threshold=0.5", "dedup.documents.ngram=3"),
        ("dedup.paragraphs.min_remaining_share=0.6", "dedup.documents.action=off"),
        ('dedup.keep=["latest"]',),
    ],
    ids=["lower", "higher", "paragraphs", "share-left", "keep"],
)
def test_the_numbers_are_those_of_a_run(file: Path, out: Path, assignments: tuple[str, ...], tmp_path: Path) -> None:
    found = retune(opened(out), assignments, 10**6)
    cleaned([file], tmp_path / "run", *PLAIN, *assignments)
    assert found["exact"] is True and found["unsure"] == []
    for name in ("documents", "paragraphs"):
        now, then = places(out, name), places(tmp_path / "run", name)
        assert (found[name]["come"], found[name]["go"]) == (len(then - now), len(now - then))
        said = [{(row["doc_id"], row["position"]) for row in found["examples"][name][kind]} for kind in ("come", "go")]
        assert said == [then - now, now - then]
    assert found["documents"]["come"] + found["documents"]["go"] > 0


def test_raising_the_threshold_may_take_rows_too(tmp_path: Path) -> None:
    # At 0.7 B goes for A, and C is like B only; at 0.85 B stands, and takes C.
    words = [f"w{n}" for n in range(104)]
    a, b = " ".join(words), " ".join([*words[:90], *(f"x{n}" for n in range(14))])
    c = " ".join([*words[:90], *(f"x{n}" for n in range(14))][7:])
    records = [
        {"id": name, "text": text, "date": f"2031-0{n}-01"}
        for n, (name, text) in enumerate(zip("abc", (a, b, c), strict=True), 1)
    ]
    off = ("dedup.documents.containment.action=off", "dedup.paragraphs.action=off")
    cleaned(
        [write_jsonl(tmp_path / "in.jsonl", records)], tmp_path / "out", *PLAIN, *off, "dedup.documents.threshold=0.7"
    )
    assert {row["doc_id"] for row in rows(tmp_path / "out", "documents")} == {"a", "c"}
    found = retune(opened(tmp_path / "out"), ["dedup.documents.threshold=0.85"])
    assert [row["doc_id"] for row in found["examples"]["documents"]["come"]] == ["b"]
    gone = found["examples"]["documents"]["go"][0]
    assert (gone["doc_id"], gone["kept_doc_id"]) == ("c", "b") and gone["similarity"] >= 0.85


def test_rules_switched_off_bring_their_lines_back(seeds: Path) -> None:
    found = retune(opened(seeds), ['boilerplate.off=["comments"]'])
    family = {rule.id for rule in packs() if rule.family == "comments"}
    wanted = [row for row in rows(seeds, "ledger") if row["rule"] in family]
    assert found["exact"] is True and 0 < found["paragraphs"]["come"] <= len(wanted)
    assert {row["rule"] for row in found["examples"]["paragraphs"]["come"]} <= family
    assert "may be taken by another rule" in found["unsure"][0]


def test_what_stored_facts_do_not_tell_is_refused(seeds: Path, tmp_path: Path) -> None:
    for assignment in ("encoding.enabled=false", "paragraphs.split=line", "boilerplate.model_=1", "dedup.recall=2"):
        with pytest.raises(SettingsError):
            retune(opened(seeds), [assignment])
    done = CliRunner().invoke(main, ["retune", str(seeds), "--set", "encoding.enabled=false"])
    assert done.exit_code == 2 and "a run with --set encoding.enabled=… is needed" in done.output
    grown = write_jsonl(
        tmp_path / "a.jsonl", [{"id": "a", "text": "a tide came in"}, {"id": "b", "text": "a tide came in"}]
    )
    ingest([str(grown)], tmp_path / "grown", settings(*PLAIN))
    with pytest.raises(RunError, match="grew by ingest"):
        retune(opened(tmp_path / "grown"), ["dedup.documents.threshold=0.7"])
    cleaned([grown], tmp_path / "out", *PLAIN)
    restore(tmp_path / "out", Wish(doc_id="b"))
    with pytest.raises(RunError, match="ask the version before it, 1"):
        retune(opened(tmp_path / "out"), ["dedup.documents.threshold=0.7"])
    assert retune(opened(f"{tmp_path / 'out'}@1"), ["dedup.documents.threshold=0.7"])["exact"]


def test_the_command_prints_lines_and_json(seeds: Path) -> None:
    run = CliRunner()
    told = run.invoke(main, ["retune", str(seeds), "--set", "dedup.documents.threshold=0.9"]).output
    assert "setting dedup.documents.threshold: 0.9 instead of 0.8" in told and "1 come, 0 go: 82 instead of 81" in told
    assert "give exactly the rows of the dataset" in told and "is removed by near 9cbe5726b1ac0ed6-1, 0.827" in told
    found = json.loads(
        run.invoke(main, ["retune", str(seeds), "--no-check", "--json", "--set", "dedup.memory=1GB"]).output
    )
    assert found["exact"] is None and found["documents"]["come"] == 0
