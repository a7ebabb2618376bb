"""The ledger by filters: counts and samples are those of a slow look at all rows."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from pipeline.answers.entries import Filter, as_csv, counts, sample
from pipeline.answers.version import opened
from pipeline.cli.main import main
from pipeline.compact import compact
from pipeline.schema import LEDGER
from tests.corpora import cleaned, rows


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    cleaned(["seeds"], folder / "out", "run.shard_bytes=60000")
    return folder / "out"


def test_counts_are_those_of_the_manifest(out: Path) -> None:
    assert counts(opened(out), Filter()) == json.loads((out / "manifest.json").read_text("utf-8"))["rules"]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(stage="boilerplate"),
        Filter(rule="near"),
        Filter(rule="near", stage="dedup.paragraphs"),
        Filter(action="mark"),
        Filter(doc_id="syndicated-copy-3", action="drop"),
        Filter(rule="none"),
    ],
    ids=["stage", "rule", "rule-and-stage", "action", "document", "nothing"],
)
def test_a_filter_takes_what_a_slow_look_takes(out: Path, wanted: Filter) -> None:
    given = {name: value for name, value in wanted._asdict().items() if value}
    slow = [row for row in rows(out, "ledger") if all(row[name] == value for name, value in given.items())]
    assert sum(count["rows"] for count in counts(opened(out), wanted)) == len(slow)
    key = lambda row: json.dumps(row, default=str)  # noqa: E731
    assert sorted(sample(opened(out), wanted, 10**6).to_pylist(), key=key) == sorted(slow, key=key)


def test_a_site_is_that_of_removed_documents_too(out: Path) -> None:
    sites = Counter(row["site"] for row in rows(out, "removed") if row["site"])
    site = sites.most_common(1)[0][0]
    ids = {row["doc_id"] for name in ("documents", "removed") for row in rows(out, name) if row["site"] == site}
    wanted = Counter(row["doc_id"] for row in rows(out, "ledger") if row["doc_id"] in ids)
    found = Counter(sample(opened(out), Filter(site=site), 10**6)["doc_id"].to_pylist())
    assert found == wanted and found


def test_a_sample_does_not_depend_on_files(out: Path, seeds: Path) -> None:
    few = sample(opened(out), Filter(), 7)
    assert few.num_rows == 7 and few.equals(sample(opened(seeds), Filter(), 7))
    compact(out, 10**6)
    assert few.equals(sample(opened(out), Filter(), 7))


def test_csv_holds_no_formula(out: Path) -> None:
    evil = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "fine", "a=1", "＝1"]
    table = pa.Table.from_pylist(
        [{"stage": "s", "rule": "r", "action": "edit", "text": text} for text in evil], schema=LEDGER
    )
    cells = [row["text"] for row in csv.DictReader(list(as_csv(table)))]
    assert cells == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "' =1", "fine", "a=1", "'＝1"]
    output = CliRunner().invoke(main, ["ledger", str(out), "--rule", "title", "--limit", "3", "--csv"]).output
    assert [row["rule"] for row in csv.DictReader(output.splitlines())] == ["title"] * 3


def test_the_command_prints_json_and_lines(out: Path) -> None:
    found = json.loads(
        CliRunner().invoke(main, ["ledger", str(out), "--rule", "near", "--limit", "1", "--json"]).output
    )
    assert len(found["rows"]) == 1 and {count["rule"] for count in found["counts"]} == {"near"}
    assert "46 removed   boilerplate: title" in CliRunner().invoke(main, ["ledger", str(out)]).output
    assert "no row of the ledger is so" in CliRunner().invoke(main, ["ledger", str(out), "--site", "nowhere"]).output
