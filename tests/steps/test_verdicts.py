"""What lies in larger texts, quotations, signatures: on whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.dedup import signatures
from pipeline.settings import DedupSettings
from tests import naive
from tests.corpora import cleaned, rows, write_jsonl
from tests.strategies import corpora

laws = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DROP = ("dedup.documents.containment.action=drop", "dedup.paragraphs.containment.action=drop")


def run(place: Path, texts: list[str], *assignments: str, name: str = "out") -> dict[str, Any]:
    file = write_jsonl(place / "in.jsonl", [{"id": f"d{i:03}", "text": text} for i, text in enumerate(texts)])
    return cleaned([file], place / name, "dedup.keep=['lowest_id']", *assignments, overwrite=True)


def lying(out: Path, position: bool) -> dict[str, tuple[str, str, float]]:
    ledger = [row for row in rows(out, "ledger") if row["rule"] == "contained"]
    ledger = [row for row in ledger if (row["position"] is None) != position]
    return {row["doc_id"]: (row["action"], row["kept_doc_id"], row["similarity"]) for row in ledger}


def sentences(count: int, seed: int, words: int = 20) -> list[str]:
    numbers = np.random.default_rng(seed).integers(0, 10**6, (count, words)).tolist()
    return [" ".join(f"w{k}" for k in line) + "." for line in numbers]


@pytest.fixture
def texts() -> list[str]:
    """An article, an abridged copy of it, an article of its own, one whose only paragraph is in the first's."""
    whole = sentences(12, 1)
    long = " ".join(sentences(4, 3))
    inside = " ".join(long.split()[10:60])
    return [
        "\n\n".join([*whole, long]),
        "\n\n".join(whole[:4]),
        "\n\n".join(sentences(9, 2)),
        "\n\n".join([inside, *sentences(5, 4)]),
    ]


OFF = "dedup.paragraphs.action=off"


def test_an_abridged_copy_is_marked_and_stays(tmp_path: Path, texts: list[str]) -> None:
    manifest = run(tmp_path, texts, OFF)
    assert lying(tmp_path / "out", position=False) == {"d001": ("mark", "d000", 1.0)}
    kept = {row["doc_id"]: row for row in rows(tmp_path / "out", "documents")}
    assert len(kept) == 4 and kept["d001"]["is_representative"] and kept["d000"]["n_copies"] == 0
    assert manifest["contained"]["documents"] == {"found": 1, "capped": 0}
    entry = next(row for row in rows(tmp_path / "out", "ledger") if row["rule"] == "contained")
    assert entry["text"] is None  # it stands in documents/


def test_an_abridged_copy_can_go_and_its_survivor_carries_it(tmp_path: Path, texts: list[str]) -> None:
    counts = run(tmp_path, texts, OFF, *DROP)["counts"]
    assert lying(tmp_path / "out", position=False) == {"d001": ("drop", "d000", 1.0)}
    kept = {row["doc_id"]: row for row in rows(tmp_path / "out", "documents")}
    assert sorted(kept) == ["d000", "d002", "d003"] and counts["documents"]["removed"] == 1
    assert [copy["doc_id"] for copy in kept["d000"]["copies"]] == ["d001"]


def test_what_others_name_as_their_survivor_stays(tmp_path: Path, texts: list[str]) -> None:
    run(tmp_path, [*texts, texts[1]], OFF, *DROP)
    assert lying(tmp_path / "out", position=False) == {"d001": ("mark", "d000", 1.0)}
    assert {row["doc_id"] for row in rows(tmp_path / "out", "documents")} == {"d000", "d001", "d002", "d003"}


def test_a_paragraph_inside_another_is_marked_or_dropped(tmp_path: Path, texts: list[str]) -> None:
    run(tmp_path, texts)
    assert lying(tmp_path / "out", position=True) == {"d003": ("mark", "d000", 1.0)}
    counts = run(tmp_path, texts, "dedup.paragraphs.containment.action=drop", name="drop")["counts"]
    assert lying(tmp_path / "drop", position=True) == {"d003": ("drop", "d000", 1.0)}
    [container] = [row for row in rows(tmp_path / "drop", "paragraphs") if row["n_copies"] and row["position"] == 12]
    assert container["doc_id"] == "d000" and counts["paragraphs"]["in"] == 13 + 4 + 9 + 6


def test_off_looks_for_nothing(tmp_path: Path, texts: list[str]) -> None:
    off = ("dedup.documents.containment.action=off", "dedup.paragraphs.containment.action=off")
    manifest = run(tmp_path, texts, *off)
    assert not lying(tmp_path / "out", True) and not lying(tmp_path / "out", False)
    assert manifest["contained"] == {level: {"found": 0, "capped": 0} for level in ("documents", "paragraphs")}


@laws
@given(corpora.filter(bool))
def test_what_is_dropped_lies_in_what_stays(tmp_path: Path, texts: list[str]) -> None:
    low = ("dedup.documents.ngram=2", "dedup.documents.threshold=1", "dedup.paragraphs.action=off")
    run(tmp_path, texts, *low, *DROP)
    kept = {row["doc_id"]: row for row in rows(tmp_path / "out", "documents")}
    copies = {(copy["doc_id"], name) for name, row in kept.items() for copy in row["copies"]}
    gone = [row for row in rows(tmp_path / "out", "ledger") if row["rule"] == "contained" and row["action"] == "drop"]
    for row in gone:
        mine, theirs = (naive.shingles(text, 2) for text in (row["text"], kept[row["kept_doc_id"]]["text"]))
        assert len(mine & theirs) / len(mine) == row["similarity"] >= 0.8
        assert (row["doc_id"], row["kept_doc_id"]) in copies


SPEECH = "“We will rebuild the bridge before the winter comes, and nobody will have to walk,” the mayor said."
PLAIN = "The mayor said that the bridge would be rebuilt before the winter, so that nobody would have to walk."


@pytest.fixture
def quoting() -> list[str]:
    one, two = sentences(4, 1), sentences(4, 2)
    return ["\n\n".join([*one, SPEECH, PLAIN]), "\n\n".join([*two, SPEECH, PLAIN, two[0]])]


def test_speech_that_two_articles_quote_stays_in_both_and_is_marked(tmp_path: Path, quoting: list[str]) -> None:
    run(tmp_path, quoting, "dedup.paragraphs.keep_quotes=true")
    ledger = {row["text"]: row for row in rows(tmp_path / "out", "ledger") if row["stage"] == "dedup.paragraphs"}
    found = {text: (row["rule"], row["action"], row["kept_doc_id"]) for text, row in ledger.items()}
    assert found[SPEECH] == ("kept_quote", "mark", "d000")
    assert found[PLAIN] == ("exact", "drop", "d000")
    said = [row for row in rows(tmp_path / "out", "paragraphs") if row["text"] == SPEECH]
    assert [row["is_representative"] for row in said] == [True, False]
    assert [row["duplicate_of"] for row in said] == [None, "d000"] and said[0]["n_copies"] == 1


def test_speech_goes_when_it_is_not_to_be_kept_or_the_text_lies_in_the_other(
    tmp_path: Path, quoting: list[str]
) -> None:
    run(tmp_path, quoting)
    assert sum(row["text"] == SPEECH for row in rows(tmp_path / "out", "paragraphs")) == 1
    abridged = "\n\n".join([*quoting[0].split("\n\n")[2:5], sentences(1, 9, 6)[0]])
    run(tmp_path, [quoting[0], abridged], "dedup.paragraphs.keep_quotes=true", name="abridged")
    assert "d001" in lying(tmp_path / "abridged", position=False)
    assert sum(row["text"] == SPEECH for row in rows(tmp_path / "abridged", "paragraphs")) == 1


def test_speech_said_twice_in_one_document_goes_once(tmp_path: Path) -> None:
    run(tmp_path, ["\n\n".join([SPEECH, *sentences(3, 1), SPEECH])])
    assert sum(row["text"] == SPEECH for row in rows(tmp_path / "out", "paragraphs")) == 1


def test_signatures_of_what_is_kept_are_written_when_asked_for(tmp_path: Path, texts: list[str]) -> None:
    run(tmp_path, [*texts, texts[0], "too short"])
    assert not (tmp_path / "out" / "signatures").exists()
    run(tmp_path, [*texts, texts[0], "too short"], "write.signatures=true", "run.shard_bytes=1500", name="signed")
    out = tmp_path / "signed"
    for level in signatures.LEVELS:
        parts = [signatures.read(path) for path in sorted((out / "signatures" / level).glob("*.parquet"))]
        assert len(parts) > 1 and {made for *_, made in parts} == {signatures.provenance(DedupSettings(), level)}
        kept = [row for row in rows(out, level) if row["text"] != "too short"]
        names = [tuple(row.values()) for ids, *_ in parts for row in ids.to_pylist()]
        assert sorted(names) == sorted(tuple(row[name] for name in signatures.ID_COLUMNS[level]) for row in kept)
        ids, values, made = parts[0]
        first = next(row["text"] for row in kept if row["doc_id"] == ids["doc_id"][0].as_py())
        assert (signatures.sign(pa.array([first]), made)[0] == values[0]).all()
