"""Batch after batch into one dataset: what is read, what is said, what is refused."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.dataset import Dataset
from pipeline.errors import DuplicateIdError, OutputError, ProvenanceError, RunError
from pipeline.ingest.run import STEPS, ingest
from tests.corpora import cleaned, rows, settings, tables, write_jsonl

ONE = "run.workers=1"
#: Rules take 0.2 s to load, and most of what is asked here is not about them.
PLAIN = (ONE, "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")
STORY = (
    "The council of Arlen met on Tuesday to discuss the new bridge over the river, which has been closed to heavy "
    "vehicles since the flood of last spring and will cost four million to repair, the mayor said after the session."
)
OTHER = (
    "Farmers in the valley expect a poor harvest this year because the rains came late and the frost came early, and "
    "many of them have begun to plant barley instead of wheat, which needs more water than the wells can give."
)

NAMES = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper"]


def into(folder: Path, path: Path, *assignments: str) -> dict[str, Any]:
    return ingest([str(path)], folder / "out", settings(*PLAIN, *assignments))


def test_the_first_batch_is_a_run_with_an_index(tmp_path: Path) -> None:
    ingest(["seeds"], tmp_path / "out", settings(ONE))
    cleaned(["seeds"], tmp_path / "clean", ONE)
    assert tables(tmp_path / "out") == tables(tmp_path / "clean")
    assert (tmp_path / "out" / "index" / "index.json").is_file()


def test_the_same_batch_twice_adds_nothing(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}])
    first = into(tmp_path, path)
    again = into(tmp_path, path)
    assert (first["version"], again["version"], again["batch"]) == (1, 1, None)
    assert not list(tmp_path.glob(".out*"))


def test_a_late_copy_goes_and_the_ledger_names_the_earlier_one(tmp_path: Path) -> None:
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "old", "date": "2031-05-02", "text": STORY}]))
    manifest = into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "new", "date": "2031-05-01", "text": STORY}]))
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["old"]
    drop = next(row for row in rows(tmp_path / "out", "ledger") if row["action"] == "drop")
    assert (drop["doc_id"], drop["kept_doc_id"], drop["rule"], drop["similarity"]) == ("new", "old", "exact", 1.0)
    assert manifest["counts"]["documents"] == {"in": 2, "kept": 1, "removed": 1, "quarantined": 0, "retired": 0}
    assert manifest["batch"]["counts"]["documents"]["in"] == 1


def test_a_better_copy_replaces_the_old_one_when_it_may(tmp_path: Path) -> None:
    late = "ingest.late_better=replace"
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "old", "date": "2031-05-02", "text": STORY}]), late)
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "new", "date": "2031-05-01", "text": STORY}]), late)
    kept = rows(tmp_path / "out", "documents")
    assert [(row["doc_id"], row["n_copies"]) for row in kept] == [("new", 1)]
    drop = next(row for row in rows(tmp_path / "out", "ledger") if row["action"] == "drop")
    assert (drop["doc_id"], drop["kept_doc_id"], drop["rule"]) == ("old", "new", "replaced")
    assert drop["source"] == (tmp_path / "a.jsonl").as_posix()


def test_an_old_document_that_may_be_replaced_counts_what_comes_late(tmp_path: Path) -> None:
    late = "ingest.late_better=replace"
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "old", "date": "2031-05-01", "text": STORY}]), late)
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "new", "date": "2031-05-02", "text": STORY}]), late)
    [kept] = rows(tmp_path / "out", "documents")
    assert (kept["doc_id"], kept["n_copies"], [copy["doc_id"] for copy in kept["copies"]]) == ("old", 1, ["new"])


def test_what_an_old_document_stood_for_comes_back_when_it_goes(tmp_path: Path) -> None:
    first = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY, "desk": 7}])
    into(tmp_path, first)
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "b", "text": STORY, "desk": 8}]))
    manifest = into(tmp_path, write_jsonl(first, [{"id": "a", "text": OTHER, "desk": 9}]))
    kept = {row["doc_id"]: row for row in rows(tmp_path / "out", "documents")}
    assert {name: (row["desk"], row["n_copies"]) for name, row in kept.items()} == {"a": (9, 0), "b": (8, 0)}
    assert kept["a"]["text"] == OTHER
    said = [(row["doc_id"], row["action"], row["rule"]) for row in rows(tmp_path / "out", "ledger")]
    assert ("a", "drop", "updated") in said and ("b", "restore", "restored") in said
    assert manifest["counts"]["documents"] == {"in": 3, "kept": 2, "removed": 0, "quarantined": 0, "retired": 1}


def test_what_an_input_had_is_retired_once_however_often_it_changes(tmp_path: Path) -> None:
    for name in "abc":
        manifest = into(tmp_path, write_jsonl(tmp_path / "in.jsonl", [{"id": name, "text": f"{STORY} {name}"}]))
    gone = [row for row in rows(tmp_path / "out", "ledger") if row["stage"] == "ingest"]
    assert [(row["doc_id"], row["rule"], row["text"] is not None) for row in gone] == [
        ("a", "retired", True),
        ("b", "retired", True),
    ]
    assert manifest["counts"]["documents"] == {"in": 3, "kept": 1, "removed": 0, "quarantined": 0, "retired": 2}


def test_inputs_that_are_not_named_stay_unless_pruned(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_jsonl(folder / "a.jsonl", [{"id": "a", "text": STORY}])
    write_jsonl(folder / "b.jsonl", [{"id": "b", "text": OTHER}])
    into(tmp_path, folder)
    (folder / "a.jsonl").unlink()
    assert into(tmp_path, folder)["batch"] is None
    manifest = into(tmp_path, folder, "ingest.prune=true")
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["b"]
    assert manifest["counts"]["documents"]["retired"] == 1
    assert manifest["counts"]["paragraphs"] == {"in": 2, "kept": 1, "removed": 0, "quarantined": 0, "retired": 1}
    write_jsonl(folder / "a.jsonl", [{"id": "a", "text": STORY}])
    into(tmp_path, folder)
    assert sorted(row["doc_id"] for row in rows(tmp_path / "out", "documents")) == ["a", "b"]


def test_a_broken_input_is_set_aside_once_and_forgotten_when_it_is_mended(tmp_path: Path) -> None:
    good = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}])
    bad = tmp_path / "b.jsonl"
    bad.write_text('{"id": "b", "text": \n')
    out, set_to = tmp_path / "out", settings(*PLAIN)
    manifest = ingest([str(good), str(bad), str(tmp_path / "gone.jsonl")], out, set_to)
    assert manifest["counts"]["documents"]["quarantined"] == 2
    assert ingest([str(good), str(bad), str(tmp_path / "gone.jsonl")], out, set_to)["batch"] is None
    write_jsonl(bad, [{"id": "b", "text": OTHER}])
    manifest = ingest([str(bad)], out, set_to)
    assert manifest["counts"]["documents"] == {"in": 4, "kept": 2, "removed": 0, "quarantined": 1, "retired": 1}
    assert [row["source"] for row in rows(out, "quarantine")] == [(tmp_path / "gone.jsonl").as_posix()]


def test_a_touched_file_of_the_same_content_is_not_new(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}])
    into(tmp_path, path)
    os.utime(path, (1, 1))
    assert into(tmp_path, path)["batch"] is None


def test_an_id_that_is_taken_is_an_error_or_gets_a_suffix(tmp_path: Path) -> None:
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "x", "text": STORY}, {"id": "x-2", "text": OTHER}]))
    more = write_jsonl(tmp_path / "b.jsonl", [{"id": "x", "text": STORY[::-1]}])
    with pytest.raises(DuplicateIdError, match=r"the id 'x' in .*b\.jsonl row 1 is in the dataset already, from .*a"):
        into(tmp_path, more)
    into(tmp_path, more, "read.on_duplicate_id=suffix")
    assert sorted(row["doc_id"] for row in rows(tmp_path / "out", "documents")) == ["x", "x-2", "x-3"]


def test_columns_that_come_later_are_there_for_all(tmp_path: Path) -> None:
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY, "desk": 7}]))
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "b", "text": OTHER, "desk": "sports", "page": 3}]))
    query = f"SELECT doc_id, desk, page FROM '{tmp_path}/out/documents/*.parquet' ORDER BY doc_id"
    assert duckdb.sql(query).fetchall() == [("a", "7", None), ("b", "sports", 3)]


def test_rules_learned_from_earlier_batches_hold_on(tmp_path: Path) -> None:
    chance = random.Random(7)

    def article(name: str) -> dict[str, str]:
        words = [chance.choice(NAMES) for _ in range(90)]
        text = f"{' '.join(words[:45]).capitalize()}.\n\n{' '.join(words[45:]).capitalize()}.\n\nSubscribe to the Arlen Herald today"
        return {"id": name, "url": f"https://arlenherald.example/{name}", "text": text}

    set_to = (
        "boilerplate.enabled=true",
        "boilerplate.model=false",
        "boilerplate.structure=false",
        "boilerplate.max_site_share=1.0",
    )
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [article(f"a{n}") for n in range(12)]), *set_to)
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [article("b0")]), *set_to)
    texts = [row["text"] for row in rows(tmp_path / "out", "documents")]
    assert len(texts) == 13 and not any("Herald" in text for text in texts)


def test_a_dataset_without_an_index_takes_no_batch(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}])
    cleaned([path], tmp_path / "out", *PLAIN)
    with pytest.raises(OutputError, match="has no index, for it was made by `corpusmill clean`: ingest everything"):
        into(tmp_path, path)


def test_an_index_that_was_made_in_another_way_is_refused_by_name(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}])
    into(tmp_path, path)
    with pytest.raises(ProvenanceError, match=r"documents\.ngram is 5 there and 4 here.*clean everything again"):
        into(tmp_path, path, "dedup.documents.ngram=4")
    with pytest.raises(ProvenanceError, match=r"encoding\.uncurl_quotes is False there and True here"):
        into(tmp_path, path, "encoding.uncurl_quotes=true")
    assert into(tmp_path, path, "dedup.memory=1GB", "ingest.late_better=replace")["batch"] is None


def test_nothing_to_read_is_an_error_only_at_first(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="does not exist"):
        into(tmp_path, tmp_path / "gone.jsonl")
    assert not (tmp_path / "out").exists()
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}]))
    assert into(tmp_path, tmp_path / "gone.jsonl")["counts"]["documents"]["quarantined"] == 1


def test_files_that_keep_their_rows_are_linked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    into(tmp_path, write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}]))
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "b", "text": OTHER}]))
    segment = "index/segments/000001-000001/paragraphs.arrow"
    names = [("documents/000001-00000.parquet", "documents/000002-00000.parquet"), (segment, segment)]
    for before, after in names:
        assert Dataset(out).folder(1).joinpath(before).samefile(Dataset(out).folder(2) / after)


def test_shards_change_no_row(tmp_path: Path) -> None:
    chance = random.Random(3)
    texts = [STORY, OTHER, STORY + " " + OTHER, STORY.replace("bridge", "tunnel")]
    parts = [[{"id": f"{n}-{k}", "text": "\n\n".join(chance.sample(texts, 2))} for k in range(6)] for n in range(3)]
    for name, size in (("one", "1000000"), ("many", "300")):
        for n, part in enumerate(parts):
            path = write_jsonl(tmp_path / f"{n}.jsonl", part)
            ingest([str(path)], tmp_path / name, settings(*PLAIN, f"run.shard_bytes={size}"))
    assert tables(tmp_path / "one") == tables(tmp_path / "many")


@pytest.mark.parametrize("step", STEPS)
def test_a_batch_that_was_broken_off_ends_like_any_other(tmp_path: Path, step: str) -> None:
    late = settings(*PLAIN, "ingest.late_better=replace")
    parts = [
        write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY, "date": "2031-02-02"}]),
        write_jsonl(
            tmp_path / "b.jsonl", [{"id": "b", "text": STORY, "date": "2031-02-01"}, {"id": "c", "text": OTHER}]
        ),
    ]

    def breaks(now: str, done: int, total: int) -> None:
        if now == step and done == total:
            raise KeyboardInterrupt

    for part in parts:
        ingest([str(part)], tmp_path / "whole", late)
    ingest([str(parts[0])], tmp_path / "out", late)
    with pytest.raises(KeyboardInterrupt):
        ingest([str(parts[1])], tmp_path / "out", late, progress=breaks)
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["a"]
    ingest([str(parts[1])], tmp_path / "out", late)
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_removed_names_what_is_removed_now_with_its_columns(tmp_path: Path) -> None:
    late = "ingest.late_better=replace"
    first = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "date": "2031-05-02", "text": STORY, "desk": 7}])
    into(tmp_path, first, late)
    second = [{"id": "b", "date": "2031-05-01", "text": STORY, "shelf": "x"}, {"id": "e", "text": " "}]
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", second), late)
    gone = {row["doc_id"]: (row["desk"], row["shelf"]) for row in rows(tmp_path / "out", "removed")}
    assert gone == {"a": (7, None), "e": (None, None)}
    into(tmp_path, write_jsonl(tmp_path / "b.jsonl", [{"id": "b", "text": OTHER}]), late)
    assert [row["doc_id"] for row in rows(tmp_path / "out", "removed")] == []
    assert {row["doc_id"] for row in rows(tmp_path / "out", "documents")} == {"a", "b"}
