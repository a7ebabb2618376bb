"""The report says what the manifest and the ledger say; the same dataset gives the same bytes."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compact import compact
from pipeline.dataset import Dataset
from pipeline.ingest.run import ingest
from pipeline.report.documents import EDGES as LENGTHS
from pipeline.report.figures import Figures, figures
from pipeline.report.page import page, write
from pipeline.report.removals import EDGES, SPREAD, Spread
from tests.boilerplate.synthetic_sites import sentence
from tests.corpora import cleaned, rows, settings, write_jsonl

HOUSE = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(HOUSE)
        cleaned(["seeds"], place, "run.shard_bytes=20000")
    return place


@pytest.fixture(scope="module")
def found(out: Path) -> Figures:
    return figures(out / "current")


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_funnel_adds_up(out: Path, found: Figures) -> None:
    counts, told = found.manifest["counts"], found.funnel()
    assert (told.given.documents, told.given.paragraphs) == (counts["documents"]["in"], counts["paragraphs"]["in"])
    for what in ("documents", "paragraphs", "chars"):
        parts = [getattr(loss, what) for loss in (told.kept, *told.losses)]
        assert sum(parts) == getattr(told.given, what) and min(parts) >= 0
    drops = [row for row in rows(out, "ledger") if row["action"] == "drop"]
    assert told.given.chars - told.kept.chars == sum(len(row["text"] or "") for row in drops)
    assert told.kept.chars == sum(len(row["text"]) for row in rows(out, "documents"))
    assert sum(loss.documents for loss in told.losses if loss.stage.kind == "quarantined") == 7


def test_rules_are_those_of_the_ledger(out: Path, found: Figures) -> None:
    entries = rows(out, "ledger")
    count = Counter((row["stage"], row["rule"], row["action"]) for row in entries)
    assert {(rule.stage, rule.rule, rule.action): rule.rows for rule in found.removals.rules} == count
    assert [(r["stage"], r["rule"], r["action"], r["rows"]) for r in found.manifest["rules"]] == [
        (*key, number) for key, number in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]
    for rule in found.removals.rules:
        own = [
            row for row in entries if (row["stage"], row["rule"], row["action"]) == (rule.stage, rule.rule, rule.action)
        ]
        assert rule.chars == sum(len(row["text"] or "") for row in own)
        assert rule.documents == sum(row["position"] is None for row in own)


def test_samples_are_rows_of_the_ledger(out: Path, found: Figures) -> None:
    entries = {tuple(row.values()) for row in rows(out, "ledger")}
    assert {entry[:-1] for entry in found.samples} <= entries
    shown = Counter(entry[:3] for entry in found.samples)
    assert shown == {(rule.stage, rule.rule, rule.action): min(rule.rows, SPREAD) for rule in found.removals.rules}
    sites = {row["doc_id"]: row["site"] for row in rows(out, "documents")}
    assert all(entry.site == sites.get(entry.doc_id or "") for entry in found.samples)


def test_similarities_are_those_of_near_duplicates(out: Path, found: Figures) -> None:
    for level, counts in found.removals.similar.items():
        stage = f"dedup.{level}"
        near = [row["similarity"] for row in rows(out, "ledger") if (row["stage"], row["rule"]) == (stage, "near")]
        assert counts.tolist() == np.histogram(near, EDGES)[0].tolist()
        assert counts[: np.searchsorted(EDGES, found.manifest["recall"][level]["threshold"]) - 1].sum() == 0


def test_lengths_are_before_and_after_single_paragraphs_went(out: Path, found: Figures) -> None:
    lost: Counter[str] = Counter()
    for row in rows(out, "ledger"):
        if row["action"] == "drop" and row["position"] is not None:
            lost[row["doc_id"]] += len(row["text"])
    kept = rows(out, "documents")
    of = found.documents.lengths
    assert of.kept().tolist() == [row["n_chars"] for row in kept]
    assert of.lost().tolist() == [lost[row["doc_id"]] for row in kept]
    assert len(LENGTHS) == len(set(LENGTHS.tolist()))


def test_clusters_are_the_kept_document_and_its_copies(out: Path, found: Figures) -> None:
    kept = {row["doc_id"]: row for row in rows(out, "documents")}
    near = [row for row in rows(out, "ledger") if (row["stage"], row["rule"]) == ("dedup.documents", "near")]
    assert found.clusters and {entry.doc_id for one in found.clusters for entry in one.copies} <= {
        row["doc_id"] for row in near
    }
    for one in found.clusters:
        assert one.kept["text"] == kept[one.kept["doc_id"]]["text"]
        assert {entry.kept_doc_id for entry in one.copies} == {one.kept["doc_id"]}
    paragraphs = {(row["doc_id"], row["position"]): row["text"] for row in rows(out, "paragraphs")}
    assert found.pairs
    for pair in found.pairs:
        assert pair.kept == paragraphs[pair.entry.kept_doc_id, pair.entry.kept_position]
    copies = sorted((row["n_copies"] for row in kept.values() if row["n_copies"]), reverse=True)
    assert [row["n_copies"] for row in found.largest] == copies[:10]


def test_the_run_lists_it_among_its_files_and_the_command_makes_the_same(out: Path, tmp_path: Path) -> None:
    assert (out / "report.html").readlink() == Path("current/report.html")
    listed = {file["path"]: file["bytes"] for file in Dataset(out).manifest()["files"]}
    assert listed["versions/000001/report.html"] == (out / "report.html").stat().st_size < 300_000
    write(out / "current", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (out / "report.html").read_bytes()


def test_the_page_says_the_figures(found: Figures) -> None:
    text = words(page(found))
    assert "109 documents in, 81 kept" in text
    assert "Loss alarms" not in text
    for row in found.manifest["rules"]:
        if row["action"] in ("drop", "edit"):
            assert row["rule"].replace("+", " + ") in text
    assert "Of pairs of documents exactly at the threshold 0.8, 0.2 % are" in text
    assert found.manifest["finished"][:10] in text
    assert str(found.manifest["settings"]["dedup"]["num_perm"]) in text


def test_alarms_that_were_accepted_stand_first(tmp_path: Path) -> None:
    alarm = {
        "group": "site",
        "name": "a.example",
        "stage": "boilerplate",
        "what": "documents",
        "share": 0.9,
        "limit": 0.8,
    }
    (tmp_path / "one.txt").write_text("The harbour ferry left the quay before dawn with a sleepy crew on board.")
    cleaned([tmp_path / "one.txt"], tmp_path / "out")
    found = figures(tmp_path / "out" / "current")
    text = words(page(found._replace(manifest=found.manifest | {"alarms": [alarm]})))
    assert text.index("Loss alarms") < text.index("What became of it")
    assert "site a.example documents 90" in text


def test_a_dataset_without_removals_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The harbour ferry left the quay before dawn with a sleepy crew on board.")
    cleaned([tmp_path / "one.txt"], tmp_path / "out")
    text = words((tmp_path / "out" / "report.html").read_text("utf-8"))
    assert "1 document in, 1 kept, 0 % of the text removed" in text
    assert "Nothing was removed." in text and "All inputs could be read." in text


def test_learned_rules_stand_with_their_evidence(tmp_path: Path) -> None:
    rng = random.Random(5)
    footer = "The Arlen Courier, founded 1801, is printed at arlencourier.example and comes out twice a week"
    given = [
        {
            "id": f"a{number}",
            "url": f"https://arlencourier.example/{number}",
            "text": "\n\n".join([*(" ".join(sentence(rng) for _ in range(5)) for _ in range(4)), footer]),
        }
        for number in range(20)
    ]
    write_jsonl(tmp_path / "in.jsonl", given)
    cleaned([tmp_path / "in.jsonl"], tmp_path / "out")
    found = figures(tmp_path / "out" / "current")
    [rule] = found.rulebook.rules
    assert rule.sites == ["arlencourier.example"] and any("20 of 20" in line for line in rule.evidence)
    assert [row["rule"] for row in rows(tmp_path / "out", "ledger")] == [rule.rule] * 20
    text = words(page(found))
    assert "1 rule learned from what recurs on a site" in text
    assert rule.values[0] in text and all(" ".join(line.split()) in text for line in rule.evidence)


def body(number: int) -> str:
    return " ".join(f"word{number * 31 + at * at}" for at in range(40)) + "."


def test_an_ingest_has_a_report_on_the_whole(tmp_path: Path) -> None:
    for name, start in (("a", 0), ("b", 5)):
        write_jsonl(tmp_path / f"{name}.jsonl", [{"id": f"{name}{n}", "text": body(start + n)} for n in range(10)])
    ingest([str(tmp_path / "a.jsonl")], tmp_path / "out", settings())
    ingest([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")], tmp_path / "out", settings())
    found = figures(tmp_path / "out" / "current")
    told = found.funnel()
    assert (told.given.documents, told.kept.documents) == (20, 15)
    assert sum(loss.documents for loss in told.losses) == 5
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "20 documents in, 15 kept" in words(report) and "batch 2" in report


def test_compacting_keeps_the_report(out: Path, tmp_path: Path) -> None:
    cleaned(["seeds/articles.jsonl", "seeds/weather.csv"], tmp_path / "out", "run.shard_bytes=5000")
    before = (tmp_path / "out" / "report.html").read_bytes()
    compact(tmp_path / "out", 10**8)
    assert (tmp_path / "out" / "report.html").read_bytes() == before
    write(tmp_path / "out" / "current", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == before


def test_samples_are_spread_evenly_however_rows_come() -> None:
    for total in (0, 1, 8, 16, 17, 1000):
        for step in (1, 7, 1000):
            spread = Spread()
            for start in range(0, total, step):
                spread.add(np.arange(start, min(total, start + step)))
            assert len(spread.rows) <= 2 * SPREAD and len(spread.rows) >= min(total, SPREAD)
            assert len(set(np.diff(spread.rows).tolist())) <= 1


def test_a_manifest_without_what_came_later_is_taken(out: Path, tmp_path: Path) -> None:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    old = {name: value for name, value in manifest.items() if name not in ("finished", "losses", "alarms")}
    found = figures(out / "current")._replace(manifest=old)
    assert "What became of it" in page(found)
