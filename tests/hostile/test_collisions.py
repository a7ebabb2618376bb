"""Words that have one 64-bit hash are two words all the same.

The pair was found in 20 s of one core: 72 million random words of ten letters, sorted by the state of the hash behind
them; two states that agree but for what one more letter can mend.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.dedup.sketch import words
from pipeline.distinct.run import distinct
from pipeline.kernels.unicode import SINGLE, fold_table, secret_table
from tests.corpora import cleaned, rows, settings, write_jsonl

ONE, OTHER = "ukuhewfuar\uac00", "zkoiaxkcij\ubf50"
SHARED = [f"pier{number}" for number in range(60)]


def text(word: str) -> str:
    """Return a text in which every run of three words, and of five, has the word in it."""
    return " ".join(f"{word} {SHARED[i]} {SHARED[i + 1]}" for i in range(0, len(SHARED), 2))


def test_the_hash_of_the_two_is_one() -> None:
    found = words(pa.array([ONE, OTHER, text(ONE), text(OTHER)], pa.large_string()))
    assert found.hashes[0] == found.hashes[1]
    parts = np.split(found.hashes[2:], 2)
    assert parts[0].tolist() == parts[1].tolist()


@pytest.mark.parametrize("level", ["documents", "paragraphs"])
def test_texts_of_equal_hashes_both_stay(tmp_path: Path, level: str) -> None:
    off = "paragraphs" if level == "documents" else "documents"
    given = [{"id": word, "text": text(word)} for word in (ONE, OTHER)]
    more = [{"id": f"{word}-again", "text": f"{text(word)} again"} for word in (ONE, OTHER)]  # copies, to be found
    source = write_jsonl(tmp_path / "in.jsonl", [*given, *more])
    options = (f"dedup.{off}.action=off", "alarms.accept=true", "boilerplate.enabled=false")
    cleaned([source], tmp_path / "out", *options)
    drops = [row for row in rows(tmp_path / "out", "ledger") if row["action"] == "drop" and row["kept_doc_id"]]
    assert len(drops) == 2
    assert {row["doc_id"][:5] == row["kept_doc_id"][:5] for row in drops} == {True}
    assert all(row["similarity"] < 1 for row in drops)


def test_dedup_keeps_both_too(tmp_path: Path) -> None:
    given = [{"id": f"{word}{end}", "text": text(word) + end} for end in ("", " again") for word in (ONE, OTHER)]
    distinct([str(write_jsonl(tmp_path / "in.jsonl", given))], tmp_path / "out", settings("alarms.accept=true"))
    found = pq.read_table(tmp_path / "out" / "duplicates.parquet").to_pylist()
    assert [(row["doc_id"], row["kept_doc_id"]) for row in found] == [(f"{w} again", w) for w in (ONE, OTHER)]


def test_a_secret_table_tells_apart_what_the_known_one_does() -> None:
    known, secret = fold_table(), secret_table()
    assert ((secret > 0) == (known > 0)).all() and ((secret & np.uint32(SINGLE)) == (known & np.uint32(SINGLE))).all()
    pairs = np.unique(np.stack([known, secret]), axis=1)
    assert pairs.shape[1] == len(np.unique(known)) == len(np.unique(secret))
    assert (secret != secret_table()).any()
