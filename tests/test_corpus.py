"""The laws of the house, on whole runs."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import corpus
from pipeline.errors import DuplicateIdError, OutputError, ReconcileError, RunError
from pipeline.pool import workers
from pipeline.settings import RunSettings, Settings
from pipeline.steps import publish
from tests import naive
from tests.corpora import cleaned, rows, tables, write_jsonl
from tests.strategies import corpora

#: A run takes about 0.1 s, so few examples; the corpora are small and dense in duplicates instead.
laws = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

FORM = "Leave a Reply\n\nYour email address will not be published. Required fields are marked *"
#: Documents that meet every stage.
BITS = st.sampled_from([FORM, "", "Source link", "It wasnâ€™t the mayorâ€™s ferry, said the harbour master of Vell."])
damaged = st.lists(st.tuples(corpora, st.lists(BITS, max_size=2)), max_size=4).map(
    lambda drawn: ["\n\n".join([text, *bits]) for texts, bits in drawn for text in texts]
)
LOW = ("dedup.documents.threshold=0.4", "dedup.documents.ngram=2", "dedup.paragraphs.min_words=2")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def run(place: Path, texts: list[str], *assignments: str, name: str = "out", **options: Any) -> dict[str, Any]:
    shutil.rmtree(place / name, ignore_errors=True)
    file = write_jsonl(place / "in.jsonl", [{"id": f"d{i:03}", "text": text} for i, text in enumerate(texts)])
    return cleaned([file], place / name, *LOW, *assignments, **options)


@laws
@given(damaged.filter(bool))
def test_nothing_vanishes_unaccounted(place: Path, texts: list[str]) -> None:
    counts = run(place, texts)["counts"]
    out = place / "out"
    ledger, kept = rows(out, "ledger"), rows(out, "documents")
    gone = [row["doc_id"] for row in ledger if row["action"] == "drop" and row["position"] is None]
    assert sorted([row["doc_id"] for row in kept] + gone) == [f"d{i:03}" for i in range(len(texts))]
    assert counts["documents"]["in"] == len(texts)
    assert all(row["source"].endswith("in.jsonl") for row in ledger)
    paragraphs = rows(out, "paragraphs")
    assert [row["text"] for row in kept] == [
        "\n\n".join(p["text"] for p in paragraphs if p["doc_id"] == row["doc_id"]) for row in kept
    ]
    assert [row["n_words"] for row in kept] == [len(naive.words(row["text"])) for row in kept]


@laws
@given(damaged.filter(bool))
def test_every_drop_names_a_survivor_with_its_similarity(place: Path, texts: list[str]) -> None:
    run(place, texts)
    out = place / "out"
    documents = {row["doc_id"]: row for row in rows(out, "documents")}
    paragraphs = {(row["doc_id"], row["position"]): row for row in rows(out, "paragraphs")}
    copies = [(copy["doc_id"], kept) for kept, row in documents.items() for copy in row["copies"]]
    judged = [row for row in rows(out, "ledger") if row["stage"].startswith("dedup") and row["rule"] != "nothing_left"]
    drops = [row for row in judged if row["action"] == "drop"]
    assert {row["rule"] for row in judged if row["action"] != "drop"} <= {"contained", "kept_quote"}
    for row in drops:
        if row["position"] is None:
            assert (row["doc_id"], row["kept_doc_id"]) in copies
            assert row["similarity"] >= 0.4
            continue
        kept = paragraphs[row["kept_doc_id"], row["kept_position"]]
        true = naive.jaccard(naive.shingles(row["text"], 3), naive.shingles(kept["text"], 3))
        same = naive.words(row["text"]) == naive.words(kept["text"])
        assert same if row["rule"] == "exact" else true == row["similarity"] >= 0.7
    assert len(copies) == sum(row["position"] is None for row in drops)
    repeats = [row for row in judged if row["position"] is not None and row["rule"] != "contained"]
    assert sum(row["n_copies"] for row in paragraphs.values()) == len(repeats)


@laws
@given(damaged.filter(bool))
def test_cleaning_twice_is_cleaning_once(place: Path, texts: list[str]) -> None:
    run(place, texts)
    once = rows(place / "out", "documents")
    if not once:
        return
    shutil.rmtree(place / "again", ignore_errors=True)
    cleaned([place / "out" / "documents"], place / "again", *LOW)
    twice = rows(place / "again", "documents")
    assert [(r["doc_id"], r["title"], r["text"]) for r in twice] == [(r["doc_id"], r["title"], r["text"]) for r in once]
    assert not [row for row in rows(place / "again", "ledger") if row["action"] == "drop"]


@laws
@given(damaged.filter(bool), st.sampled_from([1, 100, 500]))
def test_how_the_corpus_is_cut_into_shards_does_not_matter(place: Path, texts: list[str], shard_bytes: int) -> None:
    run(place, texts)
    run(place, texts, f"run.shard_bytes={shard_bytes}", name="cut")
    assert tables(place / "cut") == tables(place / "out")


def test_workers_do_not_matter_and_shards_spread_over_files(place: Path) -> None:
    texts = [" ".join(f"tide{i}x{j}" for j in range(12)) for i in range(60)]
    run(place, texts)
    with ThreadPoolExecutor(3) as pool:
        run(place, texts, "run.shard_bytes=900", name="threads", executor=pool)
    assert tables(place / "threads") == tables(place / "out")
    assert len(list((place / "threads" / "documents").iterdir())) > 1


def test_processes_do_not_matter(place: Path) -> None:
    texts = [" ".join(f"tide{i // 2}x{j}" for j in range(12)) for i in range(40)]
    run(place, texts)
    with workers(RunSettings(workers=2)) as pool:
        run(place, texts, "run.shard_bytes=900", name="processes", executor=pool)
    assert tables(place / "processes") == tables(place / "out")


def test_a_run_that_was_broken_off_goes_on_where_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"Ferry {i} waited {i} hours for the tide in Vell harbour on Tuesday." for i in range(40)]
    run(place, texts)
    whole = tables(place / "out")
    prepared: list[int] = []

    def breaking(work: Any, chosen: Settings, shard: int) -> None:
        if shard == 2 and not prepared.count(2):
            prepared.append(2)
            raise KeyboardInterrupt
        prepared.append(shard)
        real(work, chosen, shard)

    real = corpus.SHARD_STEPS["prepare"]
    monkeypatch.setitem(corpus.SHARD_STEPS, "prepare", breaking)
    with pytest.raises(KeyboardInterrupt):
        run(place, texts, "run.shard_bytes=600", name="broken")
    assert not (place / "broken").exists()
    run(place, texts, "run.shard_bytes=600", name="broken")
    assert prepared.count(0) == 1 and prepared.count(1) == 1
    assert tables(place / "broken") == whole
    assert [path.name for path in place.iterdir() if path.name.startswith(".broken")] == []


def test_the_same_run_gives_the_same_bytes(place: Path) -> None:
    for name in ("one", "two"):
        run(place, ["The tide was late again on Monday.", "The ferry was not."], name=name)
    for path in sorted((place / "one").rglob("*.parquet")):
        assert path.read_bytes() == (place / "two" / path.relative_to(place / "one")).read_bytes()


@pytest.mark.parametrize("said", [0, 2], ids=["one-is-lost", "one-too-many"])
def test_counts_that_do_not_add_up_publish_nothing(place: Path, monkeypatch: pytest.MonkeyPatch, said: int) -> None:
    monkeypatch.setattr(publish, "_dropped", lambda work, whole: said)
    with pytest.raises(ReconcileError, match="documents do not add up"):
        run(place, ["The tide was late again on Monday."] * 2)
    assert not (place / "out").exists()


def test_an_out_that_holds_something_is_left_alone(place: Path) -> None:
    run(place, ["The tide was late again on Monday."])
    before = tables(place / "out")
    with pytest.raises(OutputError, match="holds another run's data"):
        cleaned([place / "in.jsonl"], place / "out")
    assert tables(place / "out") == before
    write_jsonl(place / "in.jsonl", [{"text": "The ferry came after all, and everyone cheered."}])
    cleaned([place / "in.jsonl"], place / "out", overwrite=True)
    assert [row["text"] for row in rows(place / "out", "documents")] == [
        "The ferry came after all, and everyone cheered."
    ]
    (place / "mine").mkdir()
    (place / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="files that Corpusmill did not write"):
        cleaned([place / "in.jsonl"], place / "mine", overwrite=True)
    with pytest.raises(OutputError, match="is a file"):
        cleaned([place / "in.jsonl"], place / "in.jsonl")
    with pytest.raises(OutputError, match="cannot write /proc/corpusmill/out"):
        cleaned([place / "in.jsonl"], Path("/proc/corpusmill/out"))


def test_disk_that_is_sure_to_be_short_stops_a_run_and_disk_that_may_be_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = ["one two three four five six seven eight"]
    usage = shutil.disk_usage(place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400))
    with pytest.raises(OutputError, match="make room or give --work on another disk"):
        run(place, texts)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1500))
    run(place, texts)
    assert "if a great part of the corpus hangs together" in caplog.text


def test_an_id_given_twice_names_both_places(place: Path) -> None:
    two = [
        {"id": "x", "text": "The tide was late."},
        {"id": "x", "text": "The ferry was not."},
        {"id": "x-2", "text": "Nor I."},
    ]
    file = write_jsonl(place / "in.jsonl", two)
    with pytest.raises(DuplicateIdError, match=r"'x' is given twice, in .*in.jsonl row 1 and .*in.jsonl row 2"):
        cleaned([file], place / "out")
    assert not (place / "out").exists()
    cleaned([file], place / "out", "read.on_duplicate_id=suffix")
    assert [row["doc_id"] for row in rows(place / "out", "documents")] == ["x", "x-3", "x-2"]


def test_the_users_columns_travel_with_their_types(place: Path) -> None:
    user = {
        "id": 7,
        "text": "The tide was late again on Monday.",
        "tags": ["sea"],
        "meta": {"a": 1.5},
        "source": "desk",
    }
    cleaned([write_jsonl(place / "in.jsonl", [user])], place / "out")
    row = rows(place / "out", "documents")[0]
    assert (row["doc_id"], row["id"], row["tags"], row["meta"]) == ("7", 7, ["sea"], {"a": 1.5})
    assert row["input_source"] == "desk" and row["source"].endswith("in.jsonl")


def test_nothing_to_do_says_why(place: Path) -> None:
    with pytest.raises(RunError, match=r"nothing to do: .*none\.txt"):
        cleaned([place / "none.txt"], place / "out")
    (place / "empty.jsonl").touch()
    with pytest.raises(RunError, match="nothing to do: the inputs hold no document"):
        cleaned([place / "empty.jsonl"], place / "out")
    assert not (place / "out").exists()


def test_off_means_off(place: Path) -> None:
    text = "The tide was late again on Monday, said the harbour master of Vell.\n\nSource link"
    off = ("dedup.documents.action=off", "dedup.paragraphs.action=off", "boilerplate.enabled=false")
    run(place, [text, text], *off)
    assert [row["text"] for row in rows(place / "out", "documents")] == [text, text]
    assert rows(place / "out", "ledger") == []


COPIES = [
    "The ferry across the Vell will run at night from May on, the council said on Monday evening in the hall.",
    "A bus will wait at the pier until the last boat is in, and nobody has to walk home along the river again.",
    "Nobody in the town had asked for the bell, but it rings now at six in the morning for those who sleep late.",
    "The baker opens at five for the men of the first boat, and the coffee is free for whoever brings a cup along.",
]


def test_marked_duplicates_stay_and_name_what_they_repeat(place: Path) -> None:
    texts = ["\n\n".join(COPIES), "\n\n".join(COPIES), "\n\n".join([COPIES[0], *(f"{t} Twice." for t in COPIES[::-1])])]
    apart = (
        "dedup.documents.threshold=0.95",
        "dedup.documents.ngram=5",
        "dedup.keep=['lowest_id']",
    )  # the third is no copy as a whole
    run(place, texts, "dedup.documents.action=mark", "dedup.paragraphs.action=mark", *apart)
    first, second, third = sorted(rows(place / "out", "documents"), key=lambda row: row["doc_id"])
    assert (first["is_representative"], first["duplicate_of"], first["n_copies"]) == (True, None, 1)
    assert (second["is_representative"], second["duplicate_of"], second["similarity"]) == (False, first["doc_id"], 1.0)
    assert third["is_representative"] and third["remaining_share"] == 1.0
    kept = rows(place / "out", "paragraphs")
    assert len(kept) == 4 + 4 + 5
    again = [row for row in kept if not row["is_representative"]]
    assert {(row["doc_id"], row["duplicate_of"]) for row in again} == {(third["doc_id"], first["doc_id"])}
    assert (again[0]["duplicate_of_position"], again[0]["similarity"]) == (0, 1.0)
    actions = {row["action"] for row in rows(place / "out", "ledger") if row["stage"].startswith("dedup")}
    assert actions == {"mark"}


def test_what_is_left_of_a_document_is_told_and_stumps_can_go(place: Path) -> None:
    own = "Only this line is new, and it is longer than eight words so that it counts as one."
    texts = ["\n\n".join(COPIES), "\n\n".join([*COPIES[:3], own])]
    run(place, texts, "dedup.documents.action=off")
    shares = [row["remaining_share"] for row in rows(place / "out", "documents")]
    whole = sum(map(len, COPIES[:3])) + len(own)
    assert sorted(shares) == [pytest.approx(len(own) / whole), 1.0]
    manifest = run(
        place, texts, "dedup.documents.action=off", "dedup.paragraphs.min_remaining_share=0.5", name="stumps"
    )
    assert [row["n_paragraphs"] for row in rows(place / "stumps", "documents")] == [4]
    gone = [row["rule"] for row in rows(place / "stumps", "ledger") if row["rule"] == "too_little_left"]
    assert len(gone) == 2 and manifest["counts"]["paragraphs"]["removed"] == 4
