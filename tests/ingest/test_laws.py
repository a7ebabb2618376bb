"""Whatever the batches, the dataset ends as one run would have made it."""

from __future__ import annotations

import itertools
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pipeline.ingest.run import ingest
from tests.corpora import cleaned, rows, settings, write_jsonl

PLAIN = (
    "run.workers=1",
    "encoding.enabled=false",
    "typography.enabled=false",
    "boilerplate.enabled=false",
    "dedup.num_perm=32",
    "dedup.documents.ngram=2",
    "dedup.documents.threshold=0.5",
    "dedup.paragraphs.ngram=2",
    "dedup.paragraphs.threshold=0.5",
    "dedup.paragraphs.min_words=3",
)
WORDS = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel"]
Document = dict[str, Any]
#: Each version is brought to the disk; here there need be none.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    """Documents of few paragraphs that are variants of a few stems, so that many repeat each other, or nearly."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    stems = [[rng.choice(WORDS) for _ in range(rng.randint(2, 14))] for _ in range(draw(st.integers(1, 6)))]

    def paragraph() -> str:
        words = list(rng.choice(stems))
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        return " ".join(words)

    n = draw(st.integers(2, 12))
    return [
        {
            "id": f"d{number:02d}",
            "date": f"2031-01-{rng.randint(1, 28):02d}",
            "text": "\n\n".join(paragraph() for _ in range(rng.randint(1, 4))),
        }
        for number in rng.sample(range(100), n)
    ]


def batches_of(documents: Sequence[Document], cuts: Sequence[int]) -> list[list[Document]]:
    bounds = [0, *sorted(cut % (len(documents) + 1) for cut in cuts), len(documents)]
    parts = [list(documents[first:last]) for first, last in itertools.pairwise(bounds)]
    return [part for part in parts if part]


def ingested(folder: Path, parts: Sequence[Sequence[Document]], *assignments: str) -> dict[str, Any]:
    manifest: dict[str, Any] = {}
    for number, part in enumerate(parts):
        path = write_jsonl(folder / f"{number:02d}.jsonl", part)
        manifest = ingest([str(path)], folder / "out", settings(*PLAIN, *assignments))
    return manifest


def standing(out: Path) -> list[tuple[Any, ...]]:
    """Return what `documents/` and `paragraphs/` say that does not depend on how inputs were named."""
    documents = [(row["doc_id"], row["text"]) for row in rows(out, "documents")]
    paragraphs = [(row["doc_id"], str(row["position"]) + row["text"]) for row in rows(out, "paragraphs")]
    return sorted(documents) + sorted(paragraphs)


def check_sound(out: Path, manifest: dict[str, Any]) -> None:
    """Counts reconcile, no id stands twice, and what is removed last named a survivor that is there."""
    kept = [row["doc_id"] for row in rows(out, "documents")]
    assert len(kept) == len(set(kept))
    count = manifest["counts"]["documents"]
    assert count["in"] == count["kept"] + count["removed"] + count["quarantined"] + count["retired"]
    there = {(row["doc_id"], row["position"]) for row in rows(out, "paragraphs")}
    last: dict[tuple[Any, ...], Any] = {}
    for row in rows(out, "ledger"):
        if row["stage"] == "ingest" and row["action"] == "drop":  # what comes under this id from now on is another text
            last = {item: said for item, said in last.items() if item[0] != row["doc_id"]}
        elif row["action"] in ("drop", "restore"):
            last[row["doc_id"], row["position"]] = row
    for (doc_id, position), row in last.items():
        if row["action"] != "drop" or row["kept_doc_id"] is None:
            continue
        if position is None and doc_id not in kept:
            assert row["kept_doc_id"] in kept, row
        if position is not None and doc_id in kept and (doc_id, position) not in there:
            assert (row["kept_doc_id"], row["kept_position"]) in there, row


def whole(folder: Path, order: Sequence[int]) -> Path:
    """Return what one run makes of all batches; order: of the batches, the best first; none where that tells nothing."""
    best = json.dumps([f"*/{number:02d}.jsonl" for number in order])
    cleaned(sorted(folder.glob("*.jsonl")), folder / "whole", *PLAIN, f"dedup.source_priority={best}")
    return folder / "whole"


@hypothesis(max_examples=12)
@given(corpora(), st.lists(st.integers(0, 12), max_size=4))
def test_batches_in_any_order_end_as_one_run_when_the_better_copy_replaces(
    documents: list[Document], cuts: list[int]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        parts = batches_of(documents, cuts)
        note(json.dumps(parts))
        manifest = ingested(folder, parts, "ingest.late_better=replace")
        check_sound(folder / "out", manifest)
        assert standing(folder / "out") == standing(whole(folder, []))


@hypothesis(max_examples=12)
@given(corpora(), st.lists(st.integers(0, 12), max_size=4))
def test_earlier_batches_go_before_later_ones_when_the_old_copy_stays(
    documents: list[Document], cuts: list[int]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        parts = batches_of(documents, cuts)
        note(json.dumps(parts))
        manifest = ingested(folder, parts)
        check_sound(folder / "out", manifest)
        assert standing(folder / "out") == standing(whole(folder, range(len(parts))))


@pytest.mark.parametrize("late", ["keep_old", "replace"])
@hypothesis(max_examples=12)
@given(corpora(), corpora(), st.lists(st.integers(0, 12), max_size=3))
def test_a_changed_input_counts_as_it_is_now(
    late: str, documents: list[Document], others: list[Document], cuts: list[int]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        parts = batches_of(documents, cuts)
        ingested(folder, parts, f"ingest.late_better={late}")
        taken = {row["id"] for part in parts[1:] for row in part}
        changed = [row for row in others if row["id"] not in taken]
        changed = [*changed, {"id": "new", "date": "2031-01-01", "text": "gorse heather iris juniper"}]
        path = write_jsonl(folder / "00.jsonl", changed)
        note(json.dumps([parts, changed]))
        manifest = ingest([str(path)], folder / "out", settings(*PLAIN, f"ingest.late_better={late}"))
        check_sound(folder / "out", manifest)
        assert manifest["counts"]["documents"]["retired"] == len(parts[0])
        order = [*range(1, len(parts)), 0] if late == "keep_old" else []
        assert standing(folder / "out") == standing(whole(folder, order))


def window(start: int, words: int) -> str:
    return " ".join(f"tide{number}" for number in range(start, start + words))


@pytest.mark.parametrize("comes", ["before", "goes"])
@pytest.mark.parametrize("own", [[], ["harbour", "ferry", "pier", "rain"]], ids=["documents", "paragraphs"])
def test_one_that_comes_or_goes_changes_a_whole_chain(tmp_path: Path, comes: str, own: list[str]) -> None:
    """Each text is like its neighbours only, so that every other one stays, counted from the best.

    One better than all, or the best that goes, changes what becomes of all, four steps away.
    """

    def document(number: int) -> Document:
        parts = [window(100 + 8 * number, 66), *(f"{word}{number} " * 12 for word in own)]
        return {"id": f"d{number}", "date": f"2031-01-{number + 1:02d}", "text": "\n\n".join(parts)}

    chain = [document(number) for number in range(1, 7)]
    levels = ("documents", "paragraphs")
    late = ("ingest.late_better=replace", "dedup.num_perm=128", *(f"dedup.{level}.threshold=0.7" for level in levels))
    ingested(tmp_path, [chain[:1], chain[1:]], *late)
    first = document(0) if comes == "before" else {**chain[0], "text": window(5000, 40)}
    path = write_jsonl(tmp_path / ("02.jsonl" if comes == "before" else "00.jsonl"), [first])
    manifest = ingest([str(path)], tmp_path / "out", settings(*PLAIN, *late))
    check_sound(tmp_path / "out", manifest)
    cleaned(sorted(tmp_path.glob("*.jsonl")), tmp_path / "whole", *PLAIN, *late)
    assert standing(tmp_path / "out") == standing(tmp_path / "whole")
    texts = {row["doc_id"]: row["text"] for row in rows(tmp_path / "out", "documents")}
    stay = {name for name, text in texts.items() if "tide1" in text}
    assert stay == ({"d0", "d2", "d4", "d6"} if comes == "before" else {"d2", "d4", "d6"})


@pytest.mark.parametrize("late", ["keep_old", "replace"])
def test_a_document_is_emptied_when_it_stands_for_none_any_more(tmp_path: Path, late: str) -> None:
    """Each paragraph of d2 is in d0 or d1, and it stays only as long as d3 goes as its copy."""
    own = [window(100 * number, 9) for number in range(8)]
    texts = [[own[0], own[2], own[3]], [own[1], own[4], own[5]], own[:2], own[:2]]
    given: list[Document] = [
        {"id": f"d{i}", "date": f"2031-01-0{i + 1}", "text": "\n\n".join(text)} for i, text in enumerate(texts)
    ]
    option, out = f"ingest.late_better={late}", tmp_path / "out"

    def stay(number: int, documents: list[Document]) -> dict[str, str]:
        path = write_jsonl(tmp_path / f"{number:02d}.jsonl", documents)
        check_sound(out, ingest([str(path)], out, settings(*PLAIN, option)))
        return {row["doc_id"]: row["text"] for row in rows(out, "documents")}

    stay(0, given[:1])
    assert stay(1, given[1:3]).keys() == {"d0", "d1"}
    assert stay(2, given[3:]).keys() == {"d0", "d1", "d2"}
    assert stay(2, [{**given[3], "text": own[7]}]).keys() == {"d0", "d1", "d3"}
    assert standing(out) == standing(whole(tmp_path, []))
    assert stay(0, [{**given[0], "text": own[6]}])["d2"] == own[0]
    said = [row for row in rows(out, "ledger") if (row["doc_id"], row["position"]) == ("d2", None)]
    assert sorted(row["action"] for row in said) == ["drop", "drop", "restore", "restore"]


def test_what_is_written_again_keeps_its_copies(tmp_path: Path) -> None:
    """A late document takes one paragraph of many; it is not like the whole, which is written again without it."""
    own = [window(100 * number, 9) for number in range(24)]
    there = {"id": "d0", "date": "2031-01-02", "text": "\n\n".join(own[:12])}
    better = {"id": "d2", "date": "2031-01-01", "text": "\n\n".join([own[0], *own[12:]])}
    ingested(tmp_path, [[there, {**there, "id": "d1"}], [better]], "ingest.late_better=replace")
    kept = {row["doc_id"]: row for row in rows(tmp_path / "out", "documents")}
    assert kept["d0"]["text"] == "\n\n".join(own[1:12])
    assert (kept["d0"]["n_copies"], [copy["doc_id"] for copy in kept["d0"]["copies"]]) == (1, ["d1"])


def test_what_is_said_again_of_a_paragraph_is_what_was_said(tmp_path: Path) -> None:
    """d2 is empty at first; when d0 goes it is there again, but for what is in d1, which nobody looks at."""
    own = [window(100 * number, 9) for number in range(8)]
    nearly = own[1].rsplit(" ", 1)[0] + " else"  # 7 of 9 pairs of words are in both
    first = {"id": "d0", "text": "\n\n".join([own[0], *own[2:4]])}
    others = [{"id": "d1", "text": "\n\n".join([own[1], *own[4:6]])}, {"id": "d2", "text": f"{own[0]}\n\n{nearly}"}]
    ingested(tmp_path, [[first], others])
    path = write_jsonl(tmp_path / "00.jsonl", [{"id": "d0", "text": own[7]}])
    check_sound(tmp_path / "out", ingest([str(path)], tmp_path / "out", settings(*PLAIN)))
    assert {row["doc_id"]: row["text"] for row in rows(tmp_path / "out", "documents")}["d2"] == own[0]
    said = [row for row in rows(tmp_path / "out", "ledger") if (row["doc_id"], row["position"]) == ("d2", 1)]
    assert {(row["rule"], row["kept_doc_id"], row["similarity"]) for row in said} == {("near", "d1", 7 / 9)}
    assert len(said) == 2
    assert [row["action"] for row in rows(tmp_path / "out", "ledger") if row["rule"] == "restored"] == ["restore"] * 2
